//! Writes: a lost answer leaves the outcome unknown, and nothing is ever sent twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use intermesh::cluster::{ErrorKind, NewPeer, Observe, Operate, Transport, service};

use crate::answers::offsets;
use crate::imp_support::{account, node, soap};
use crate::odd::{GZIP, HTML, XML, axl_error, gzip_bomb, senseless};
use crate::server::{Answer, Hostile, Then, answer};
use crate::site::{LOGIN, Site, ended};

fn taken() -> Answer {
    let body = "<soapDoControlServicesResponse><soapDoControlServicesReturn><ReturnCode>0</ReturnCode><ReasonCode>-1\
                </ReasonCode></soapDoControlServicesReturn></soapDoControlServicesResponse>";
    answer(200, XML, soap(body))
}

fn status() -> Answer {
    let body = "<soapGetServiceStatusResponse><soapGetServiceStatusReturn><ReturnCode>0</ReturnCode><ServiceInfoList><item>\
                <ServiceName>Cisco XCP Router</ServiceName><ServiceStatus>Started</ServiceStatus></item></ServiceInfoList>\
                </soapGetServiceStatusReturn></soapGetServiceStatusResponse>";
    answer(200, XML, soap(body))
}

fn peer() -> NewPeer {
    NewPeer { address: "imp1.new.example.com".into(), account: account(), protocol: Transport::Tcp }
}

fn in_doubt(kind: &ErrorKind) -> bool {
    matches!(kind, ErrorKind::Unknown { .. })
}

#[tokio::test]
async fn a_restart_whose_answer_is_cut_is_unknown() {
    let length = taken().bytes.len();
    for then in [Then::Cut, Then::Close] {
        let offset = Arc::new(AtomicUsize::new(0));
        let at = Arc::clone(&offset);
        let stub = Hostile::up(move |_, _| taken().up_to(at.load(Ordering::SeqCst), then)).await;
        let mut cuts = 0;
        for bytes in offsets(length) {
            offset.store(bytes, Ordering::SeqCst);
            let error = stub.cluster().restart(&node(), service::XCP_ROUTER).await.unwrap_err();
            assert!(in_doubt(&error.kind), "{then:?} after {bytes}: {error}");
            cuts += 1;
        }
        assert_eq!(stub.writes(), cuts, "each was sent once");
        offset.store(length, Ordering::SeqCst);
        stub.cluster().restart(&node(), service::XCP_ROUTER).await.unwrap();
    }
}

#[tokio::test]
async fn a_kept_connection_that_is_cut_repeats_no_write() {
    for bytes in [0, 1, 30] {
        for then in [Then::Cut, Then::Close] {
            let reply = move |write: bool| if write { taken().up_to(bytes, then) } else { status() };
            let stub = Hostile::up(move |asked, _| reply(asked.writes())).await;
            let cluster = stub.cluster();
            cluster.services(&node()).await.unwrap();
            let error = cluster.restart(&node(), service::XCP_ROUTER).await.unwrap_err();
            assert!(in_doubt(&error.kind), "{then:?} after {bytes}: {error}");
            assert_eq!((stub.writes(), stub.hosts().len()), (1, 1), "one connection, one write");
        }
    }
}

#[tokio::test]
async fn a_restart_is_refused_or_unknown_but_never_repeated() {
    let page = |status: u16| answer(status, HTML, format!("<h1>HTTP Status {status}</h1>"));
    let mut replies: Vec<(&str, Answer, bool)> = senseless().into_iter().map(|(what, odd)| (what, odd, true)).collect();
    replies.extend([
        ("stalls", taken().up_to(40, Then::Stall), true),
        ("drips", taken().up_to(taken().bytes.len() - 60, Then::Drip), true),
        ("401", page(401), false),
        ("403", page(403), false),
        ("404", page(404), false),
        ("503", page(503), false),
        ("a fault", answer(500, XML, axl_error(0, "no")), false),
        ("the rate", answer(500, XML, axl_error(0, "Exceeded allowed rate for x")), false),
        ("500 with a page", page(500), true),
        ("502", page(502), true),
        ("504", page(504), true),
        ("599", page(599), true),
        ("a redirect", answer(307, &[("location", "https://evil.example.com/")], ""), false),
        (
            "a redirect to itself",
            answer(308, &[("location", "/controlcenterservice2/services/ControlCenterServices")], ""),
            false,
        ),
    ]);
    for (what, reply, doubt) in replies {
        let stub = Hostile::up(move |_, _| reply.clone()).await;
        let error = stub.cluster().restart(&node(), service::XCP_ROUTER).await.unwrap_err();
        assert_eq!(in_doubt(&error.kind), doubt, "{what}: {error:?}");
        assert_eq!(stub.writes(), 1, "{what}");
        assert!(error.to_string().len() < 600, "{what}: {error}");
    }
}

#[tokio::test]
async fn a_peer_is_saved_at_most_once_whatever_the_answer() {
    let refused = "<html><p>Invalid characters in Peer Address</p></html>";
    for (what, reply) in [
        ("is cut", answer(200, HTML, "x").up_to(0, Then::Cut)),
        ("is cut in its head", answer(302, &[("location", "/cupadmin/list")], "").up_to(20, Then::Cut)),
        ("stalls", answer(200, HTML, "xx").up_to(30, Then::Stall)),
        ("is 20 MB", answer(200, HTML, "x".repeat(20 << 20))),
        ("is a gzip bomb", answer(200, GZIP, gzip_bomb(64))),
        ("is 500", answer(500, HTML, "oops")),
        ("is 503", answer(503, HTML, "busy")),
        ("is a redirect elsewhere", answer(302, &[("location", "https://evil.example.com/")], "")),
        ("sends the form elsewhere", answer(307, &[("location", "https://evil.example.com/")], "")),
        ("sends the form to itself", answer(307, &[("location", "/cupadmin/save")], "")),
        ("sends the form to itself for good", answer(308, &[("location", "/cupadmin/save")], "")),
        ("is the login form", answer(200, HTML, LOGIN)),
        ("is 401", answer(401, HTML, "")),
        ("is a refusal", answer(200, HTML, refused)),
        ("says nothing", answer(200, HTML, "")),
    ] {
        // The node saves first and answers badly then: what is sent again would be saved again.
        let site = Arc::new(Site::default());
        let there = Arc::clone(&site);
        let stub = Hostile::up(move |asked, _| match asked.writes() {
            true => {
                there.save();
                reply.clone()
            }
            false => there.answer(asked),
        })
        .await;
        let outcome = stub.cluster().add_peer(&peer()).await;
        assert_eq!((site.saved(), stub.writes()), (1, 1), "{what}: {outcome:?}");
        assert!(stub.hosts().iter().all(|host| host == "imp1.example.com:8443"), "{what}: {:?}", stub.hosts());
    }
}

#[tokio::test]
async fn a_session_that_ends_in_the_middle_of_a_form_saves_once() {
    let site = Arc::new(Site::default());
    let there = Arc::clone(&site);
    let healthy = Hostile::up(move |asked, _| there.answer(asked)).await;
    healthy.cluster().add_peer(&peer()).await.unwrap();
    assert_eq!(site.saved(), 1);
    for (how, end) in ended() {
        for ends_at in 0..healthy.asked().len() {
            let (site, end) = (Arc::new(Site::default()), end.clone());
            let there = Arc::clone(&site);
            let stub = Hostile::up(move |asked, before| match before == ends_at && asked.head.contains("cookie:") {
                true => end.clone(),
                false => there.answer(asked),
            })
            .await;
            let outcome = stub.cluster().add_peer(&peer()).await;
            let case = format!("the session ended at request {ends_at} with {how}");
            assert!(site.saved() <= 1, "{case}: saved {} times", site.saved());
            match outcome {
                Ok(()) => assert_eq!(site.saved(), 1, "{case}"),
                Err(error) => assert!(matches!(error.kind, ErrorKind::Unauthorized { .. }), "{case}: {error}"),
            }
        }
    }
}

//! Reads over SOAP: whatever comes, it is an answer or an error, and the error says which.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use intermesh::cluster::{ErrorKind, Observe};

use crate::imp_support::{cluster_info, node, version};
use crate::odd::{HTML, XML, axl_error, senseless};
use crate::server::{Answer, Asked, Hostile, Then, answer};

/// The answer to either operation of an identity.
pub fn identity(asked: &Asked) -> Answer {
    answer(200, XML, if asked.body.contains("getCUPVersion") { version() } else { cluster_info() })
}

/// About 200 offsets, evenly spread from the first byte to the one before the last.
pub fn offsets(length: usize) -> impl Iterator<Item = usize> {
    (0..length).step_by((length / 200).max(1))
}

#[tokio::test]
async fn an_answer_that_is_cut_is_no_answer() {
    let length = answer(200, XML, version()).bytes.len();
    for then in [Then::Cut, Then::Close] {
        let offset = Arc::new(AtomicUsize::new(0));
        let at = Arc::clone(&offset);
        let stub = Hostile::up(move |asked, _| match asked.body.contains("getCUPVersion") {
            true => identity(asked).up_to(at.load(Ordering::SeqCst), then),
            false => identity(asked),
        })
        .await;
        let mut cuts = 0;
        for bytes in offsets(length) {
            offset.store(bytes, Ordering::SeqCst);
            let error = stub.cluster().identity().await.unwrap_err();
            assert!(matches!(error.kind, ErrorKind::Unreachable { .. }), "{then:?} after {bytes}: {error}");
            cuts += 1;
        }
        assert!(cuts >= 200, "{cuts}");
        offset.store(length, Ordering::SeqCst);
        assert_eq!(stub.cluster().identity().await.unwrap().version, "14.0.1");
    }
}

#[tokio::test]
async fn a_slow_answer_is_given_up() {
    let whole = answer(200, XML, version());
    let length = whole.bytes.len();
    for (bytes, then) in
        [(0, Then::Stall), (20, Then::Stall), (length - 1, Then::Stall), (0, Then::Drip), (length - 40, Then::Drip)]
    {
        let slow = whole.clone().up_to(bytes, then);
        let stub = Hostile::up(move |_, _| slow.clone()).await;
        let error = stub.cluster().identity().await.unwrap_err();
        let ErrorKind::Unreachable { detail } = &error.kind else { panic!("{then:?} after {bytes}: {error}") };
        let place = detail.contains("getCUPVersion") && detail.contains("imp1.example.com:8443");
        // A drip before the head is complete is no HTTP at all, and ends sooner.
        assert!(place && (detail.contains("400 ms") || bytes == 0), "{then:?} after {bytes}: {detail}");
    }
}

#[tokio::test]
async fn what_cannot_be_understood_is_said_in_a_few_words() {
    for (what, odd) in senseless() {
        let stub = Hostile::up(move |_, _| odd.clone()).await;
        let cluster = stub.patient_cluster();
        let place = node();
        for error in [cluster.identity().await.unwrap_err(), cluster.services(&place).await.unwrap_err()] {
            let text = error.to_string();
            assert!(matches!(error.kind, ErrorKind::Malformed { .. }), "{what}: {text}");
            assert!(text.len() < 600 && !text.contains("root:") && !text.contains("lollol"), "{what}: {text}");
        }
        assert_eq!(stub.asked().len(), 2, "{what}: nothing is fetched for it, and nothing asked again");
    }
}

#[tokio::test]
async fn a_body_that_is_not_what_it_says_is_an_error() {
    for coding in ["gzip", "deflate", "br", "identity, gzip"] {
        let stub = Hostile::up(move |_, _| answer(200, &[("content-encoding", coding)], [7; 300])).await;
        assert!(stub.cluster().identity().await.is_err(), "{coding}");
    }
}

#[tokio::test]
async fn every_status_has_its_meaning() {
    type Is = fn(&ErrorKind) -> bool;
    let unauthorized: Is = |kind| matches!(kind, ErrorKind::Unauthorized { .. });
    let forbidden: Is = |kind| matches!(kind, ErrorKind::Forbidden { .. });
    let unreachable: Is = |kind| matches!(kind, ErrorKind::Unreachable { .. });
    let refused: Is = |kind| *kind == ErrorKind::Refused { message: "Item not valid".to_owned() };
    let malformed: Is = |kind| matches!(kind, ErrorKind::Malformed { .. });
    let throttled: Is = |kind| matches!(kind, ErrorKind::Throttled { .. });
    let page = |status: u16| answer(status, HTML, format!("<h1>HTTP Status {status}</h1>"));
    let fault = |code, words| answer(500, XML, axl_error(code, words));
    for (what, reply, is, times) in [
        ("401", page(401), unauthorized, 1),
        ("403", page(403), forbidden, 1),
        ("404", page(404), unreachable, 1),
        ("500 with an axlError", fault(5007, "Item not valid"), refused, 1),
        ("500 with a page", page(500), malformed, 1),
        ("throttling", fault(-1, "Maximum AXL Memory Allocation Consumed."), throttled, 3),
        ("503 that says nothing", page(503), unreachable, 2),
        ("503 that asks for time", answer(503, &[("retry-after", "0")], ""), throttled, 3),
        ("599 without a list", page(599), malformed, 1),
        ("599 with its own version", answer(599, HTML, "Supported axl versions are 12.5"), malformed, 2),
        ("a status of its own", page(299), unreachable, 1),
        ("999", page(999), unreachable, 1),
    ] {
        let stub = Hostile::up(move |_, _| reply.clone()).await;
        let error = stub.cluster().identity().await.unwrap_err();
        assert!(is(&error.kind), "{what}: {error:?}");
        assert_eq!(stub.asked().len(), times, "{what}");
    }
}

#[tokio::test]
async fn a_redirect_takes_no_password_along() {
    let place = node();
    for status in [301, 302, 303, 307, 308] {
        for to in
            ["https://evil.example.com/axl/", "//evil.example.com/", "http://imp1.example.com:8443/axl/", "/axl/", "::"]
        {
            let stub = Hostile::up(move |_, _| answer(status, &[("location", to)], "")).await;
            let cluster = stub.cluster();
            assert!(cluster.identity().await.is_err() && cluster.services(&place).await.is_err(), "{status} {to}");
            assert_eq!(stub.asked().len(), 2, "{status} {to}: SOAP is never sent anywhere else");
            assert!(stub.hosts().iter().all(|host| host == "imp1.example.com:8443"), "{:?}", stub.hosts());
        }
    }
}

#[tokio::test]
async fn a_session_that_always_expires_is_not_renewed_for_ever() {
    let stub = Hostile::up(|asked, _| {
        let mut reply = identity(asked);
        if asked.head.contains("cookie:") {
            return answer(404, HTML, "gone");
        }
        let at = reply.bytes.windows(2).position(|two| two == b"\r\n").unwrap() + 2;
        reply.bytes.splice(at..at, *b"set-cookie: JSESSIONIDSSO=1; Path=/; Secure\r\n");
        reply
    })
    .await;
    let cluster = stub.cluster();
    cluster.identity().await.unwrap();
    let with_password = stub.asked().iter().filter(|asked| asked.head.contains("authorization:")).count();
    assert_eq!(with_password, 2, "one for each operation");
    assert_eq!(stub.asked().len(), 3);
}

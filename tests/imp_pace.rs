//! How a node is asked: how much at a time, when again, and how often with a password.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

mod client_support;
mod imp_support;
mod lab_support;

use std::time::Duration;

use imp_support::{Node, Reply, Seen, identity, node, soap};
use intermesh::cluster::{Clock, ErrorKind, Observe};
use intermesh::imp::{Fleet, Patience, Target};
use intermesh::lab::Lab;
use intermesh::observe::{self, Observers};

fn services() -> String {
    soap(
        "<soapGetServiceStatusResponse><soapGetServiceStatusReturn><ReturnCode>0</ReturnCode><ServiceInfoList><item>\
         <ServiceName>Cisco XCP Router</ServiceName><ServiceStatus>Started</ServiceStatus><ReasonCode>-1</ReasonCode>\
         <UpTime>7</UpTime></item></ServiceInfoList></soapGetServiceStatusReturn></soapGetServiceStatusResponse>",
    )
}

fn slowly(reply: Reply) -> Reply {
    Reply::After(Duration::from_millis(30), Box::new(reply))
}

fn fault(text: &str) -> Reply {
    Reply::Page(
        500,
        soap(&format!("<e:Fault><faultcode>e:Server</faultcode><faultstring>{text}</faultstring></e:Fault>")),
    )
}

#[tokio::test]
async fn a_node_has_two_requests_at_a_time_and_one_of_axl() {
    let stub =
        Node::up(|_, before| if before == 0 { Reply::ok(services()) } else { slowly(Reply::ok(services())) }).await;
    let (cluster, place) = (stub.cluster(), node());
    cluster.services(&place).await.unwrap();
    for read in futures::future::join_all((0..8).map(|_| cluster.services(&place))).await {
        read.unwrap();
    }
    assert_eq!(stub.most_at_a_time(), 2);

    let stub = Node::up(|seen, _| slowly(identity(seen))).await;
    let cluster = stub.cluster();
    for read in futures::future::join_all((0..8).map(|_| cluster.identity())).await {
        read.unwrap();
    }
    assert_eq!(stub.most_at_a_time(), 1, "queries are not run in parallel (field-notes 3.4)");
}

#[tokio::test]
async fn control_center_is_asked_again_when_its_minute_is_over() {
    let slow = || {
        fault(
            "Exceeded allowed rate for ControlCenter information. Current allowed rate for ControlCenter information is 60 requests per minute.",
        )
    };
    let stub = Node::up(move |_, before| if before < 3 { slow() } else { Reply::ok(services()) }).await;
    stub.cluster().services(&node()).await.unwrap();
    assert_eq!(stub.seen().len(), 4);

    let stub = Node::up(move |_, _| slow()).await;
    let error = stub.cluster().services(&node()).await.unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Throttled { .. }), "{error}");
    assert_eq!(stub.seen().len(), 4, "three times again, as this test's patience is");

    let Patience { pause, repeats, .. } = Patience::default();
    let in_all: Duration = (0..repeats).map(|n| pause * 2_u32.pow(u32::try_from(n).unwrap())).sum();
    assert!(in_all > Duration::from_secs(60), "{in_all:?}");
}

#[tokio::test]
async fn readers_that_were_refused_together_do_not_come_back_together() {
    let stub = Node::up(|_, _| fault("Exceeded allowed rate")).await;
    let waits = futures::future::join_all((0..6).map(|_| async {
        let cluster = stub.cluster();
        let began = std::time::Instant::now();
        cluster.services(&node()).await.unwrap_err();
        began.elapsed()
    }))
    .await;
    let mut distinct: Vec<u128> = waits.iter().map(Duration::as_micros).collect();
    distinct.sort_unstable();
    distinct.dedup();
    assert!(distinct.len() > 1, "{waits:?}");
    assert!(waits.iter().all(|wait| *wait >= Duration::from_millis(1 + 2 + 4)), "{waits:?}");
}

/// What a node answers from then on.
type Then = fn(&Seen) -> Reply;

/// The time between the first two requests where the first is answered with 503 and this header.
async fn asked_again(headers: Vec<(&'static str, String)>, read: &str, then: Then) -> Option<Duration> {
    let stub = Node::up(move |seen, before| match before {
        0 => Reply::With(503, headers.clone(), "Service Unavailable".into()),
        _ => then(seen),
    })
    .await;
    let cluster = stub.cluster();
    let failed = match read {
        "axl" => cluster.identity().await.err(),
        "control center" => cluster.services(&node()).await.err(),
        _ => cluster.peers().await.err(),
    };
    let seen = stub.seen();
    if seen.len() == 1 {
        let kind = failed.unwrap().kind;
        assert!(matches!(kind, ErrorKind::Throttled { .. }), "{kind}");
    }
    Some(seen.get(1)?.at - seen[0].at)
}

#[tokio::test]
async fn a_node_that_says_when_is_not_asked_earlier() {
    let dated = |seconds: i64| {
        let at = |plus: i64| {
            let time = jiff::Timestamp::from_second(1_780_000_000 + plus).unwrap();
            time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
        };
        vec![("date", at(0)), ("retry-after", at(seconds))]
    };
    let seconds = |text: &str| vec![("retry-after", text.to_owned())];
    let replies: [(&str, Then); 3] = [
        ("axl", identity),
        ("control center", |_| Reply::ok(services())),
        ("pages", |_| Reply::ok("<a href=/cupadmin/x>Presence</a>")),
    ];
    let asked = replies.iter().flat_map(|(read, then)| {
        [seconds("1"), dated(1)].map(|headers| async move { (*read, asked_again(headers, read, *then).await) })
    });
    for (read, again) in futures::future::join_all(asked).await {
        assert!(again.unwrap() >= Duration::from_secs(1), "{read}: {again:?}");
    }
    for (read, then) in replies {
        for headers in [seconds("300"), dated(300)] {
            assert_eq!(asked_again(headers, read, then).await, None, "{read}: five minutes are not waited for here");
        }
    }
}

#[tokio::test]
async fn twenty_rounds_with_a_wrong_password_cost_one_failed_login() {
    let lab = Lab::up(lab_support::spec(1, 2)).await.unwrap();
    let wrong = || lab_support::account(lab_support::USER, "not this one");
    let text = "apiVersion: intermesh/v1\nkind: Mesh\nmetadata: {name: two}\ndomain: example.com\n\
        credentials: {axl: {username: meshadmin, password: {env: P}}}\ndefaults: {credentials: {axl: axl}}\n\
        clusters:\n  - {name: c1, publisher: imp1.c1.example.com}\n  - {name: c2, publisher: imp1.c2.example.com}\n";
    let mesh = intermesh::mesh::load_str("mesh.yaml", text, jiff::civil::date(2026, 11, 23)).unwrap().mesh;
    let mut last: Option<Fleet> = None;
    for round in 1..=20 {
        // as every round of `watch` does: the credentials may have been changed since
        let fleet = Fleet::new(client_support::settings(&lab, [("axl", wrong())]));
        let fleet = match &last {
            Some(last) => fleet.remembering(last),
            None => fleet,
        };
        let target =
            |c: &intermesh::mesh::Cluster| Target::new(c.name.clone(), c.publisher.clone(), "axl".into(), "axl".into());
        let observers: Observers = mesh
            .clusters
            .iter()
            .map(|c| (c.name.clone(), std::sync::Arc::new(fleet.reader(&target(c)).unwrap()) as _))
            .collect();
        let now = intermesh::cluster::SystemClock::default().now();
        let snapshot = observe::gather(&mesh, &observers, now, &|_| ()).await;
        assert_eq!(snapshot.unread().len(), 2, "round {round}");
        let failed: Vec<u64> =
            lab.counters().iter().map(|c| c.failed_logins.values().sum()).filter(|n| *n > 0).collect();
        assert_eq!(failed, [1, 1], "round {round}: one for each of the two clusters");
        last = Some(fleet);
    }
    assert!(lab.counters().iter().all(|c| c.failed_logins.keys().all(|account| account == "meshadmin")));
}

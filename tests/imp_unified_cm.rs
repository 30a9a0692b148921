//! The client of the Unified CM publisher's AXL: against the lab, and against a node that a test writes.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

mod client_support;
mod imp_support;
mod lab_support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use client_support::settings;
use imp_support::{Node, Reply, Seen, soap};
use intermesh::cluster::{ErrorKind, Observe, Operate, Walk, service};
use intermesh::imp::{Fleet, Operator, Target, UnifiedCmTarget};
use intermesh::lab::{Lab, Network, TlsVersions};
use lab_support::{PASSWORD, USER, account, spec};

/// Cluster `c1` of a lab; its Unified CM is the one of cluster `c<of>`, if any.
fn cluster(lab: &Lab, of: Option<usize>, credential: &str) -> Operator {
    let accounts = [("all", account(USER, PASSWORD)), ("wrong", account(USER, "not it"))];
    let mut target = Target::new("c1".into(), "imp1.c1.example.com".into(), "all".into(), "all".into());
    target.unified_cm = of.map(|of| UnifiedCmTarget {
        publisher: format!("cucm1.c{of}.example.com").as_str().into(),
        account: credential.into(),
    });
    Fleet::new(settings(lab, accounts)).operator(&target).unwrap()
}

fn writes(lab: &Lab) -> u64 {
    lab.counters().iter().map(|counters| counters.writes).sum()
}

#[tokio::test]
async fn high_availability_is_switched_off_and_on() {
    for (seed, versions) in [(0, TlsVersions::Both), (1, TlsVersions::Only12), (2, TlsVersions::Only13)] {
        let lab = Lab::up_on(Network { tls: versions, ..Network::default() }, spec(seed, 1)).await.unwrap();
        let cluster = cluster(&lab, Some(1), "all");
        for (enabled, orders) in [(true, 0), (false, 1), (false, 1), (true, 2)] {
            cluster.set_high_availability("default", enabled).await.unwrap();
            let groups = cluster.high_availability().await.unwrap();
            assert_eq!((groups.len(), groups[0].enabled, groups[0].nodes.len()), (1, enabled, 2), "seed {seed}");
            assert_eq!(lab.world().lock().unwrap().groups(&"c1".into())[0].enabled, enabled, "seed {seed}");
            assert_eq!(writes(&lab), orders, "an order is given where it changes something");
        }
        let error = cluster.set_high_availability("nowhere", false).await.unwrap_err();
        assert!(error.to_string().contains("no presence redundancy group `nowhere`; it has `default`"), "{error}");
        lab.down().await;
    }
}

#[tokio::test]
async fn an_old_release_is_asked_in_its_own_version() {
    let mut old = spec(1, 1);
    old.clusters[0].version = "11.5.1.12900-25".into();
    let lab = Lab::up(old).await.unwrap();
    let cluster = cluster(&lab, Some(1), "all");
    cluster.set_high_availability("default", false).await.unwrap();
    assert!(!cluster.high_availability().await.unwrap()[0].enabled);
    lab.down().await;
}

#[tokio::test]
async fn the_unified_cm_of_another_cluster_is_left_alone() {
    let lab = Lab::up(spec(1, 2)).await.unwrap();
    let cluster = cluster(&lab, Some(2), "all");
    let error = cluster.set_high_availability("default", false).await.unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Unsupported { .. }), "{error}");
    assert!(error.to_string().contains("does not know the IM and Presence node imp1.c1.example.com"), "{error}");
    assert!(cluster.high_availability().await.is_err());
    assert_eq!(writes(&lab), 0);
    lab.down().await;
}

#[tokio::test]
async fn without_a_unified_cm_the_switch_is_left_and_the_hint_says_how() {
    let lab = Lab::up(spec(1, 1)).await.unwrap();
    let cluster = cluster(&lab, None, "all");
    assert!(cluster.high_availability().await.unwrap()[0].enabled, "IM and Presence says so");
    let error = cluster.set_high_availability("default", false).await.unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Unsupported { .. }), "{error}");
    assert!(error.to_string().contains("`unified_cms`"), "{error}");
    lab.down().await;
}

#[tokio::test]
async fn a_wrong_password_costs_one_failed_login_there_as_well() {
    let lab = Lab::up(spec(1, 1)).await.unwrap();
    let cluster = cluster(&lab, Some(1), "wrong");
    for _ in 0..3 {
        let (read, switched) =
            tokio::join!(cluster.high_availability(), cluster.set_high_availability("default", false));
        for error in [read.unwrap_err(), switched.unwrap_err()] {
            assert!(matches!(error.kind, ErrorKind::Unauthorized { .. }), "{error}");
            assert_eq!(error.place.node, Some("cucm1.c1.example.com".into()));
        }
    }
    let failed: u64 = lab.counters().iter().flat_map(|counters| counters.failed_logins.values()).sum();
    assert_eq!(failed, 1);
    lab.down().await;
}

#[tokio::test]
async fn stored_certificates_are_those_that_nodes_show() {
    for seed in 0..3 {
        let lab = Lab::up(spec(seed, 1)).await.unwrap();
        let stored = cluster(&lab, None, "all").stored_certificates().await.unwrap();
        let subjects: Vec<&str> = stored.iter().map(|certificate| certificate.subject.as_str()).collect();
        assert_eq!(subjects, ["imp1.c1.example.com", "imp2.c1.example.com"], "seed {seed}");
        let whole = |c: &intermesh::cluster::StoredCertificate| c.is_tomcat() && c.key.is_some() && !c.authority;
        assert!(stored.iter().all(whole), "seed {seed}: {stored:?}");
        assert_eq!(stored[0].issuer, "test lab root");
        lab.down().await;
    }
}

/// Whether Unified CM has the parameters of IM and Presence is the seed's: where it has, whole numbers are read and set
/// there; words, and whatever it does not have, on the page.
#[tokio::test]
async fn numbers_are_set_where_unified_cm_has_them_and_on_the_page_elsewhere() {
    const LABEL: &str = "Maximum no. of processes";
    let mut ways = std::collections::BTreeSet::new();
    for seed in 0..6 {
        let lab = Lab::up(spec(seed, 1)).await.unwrap();
        let cluster = cluster(&lab, Some(1), "all");
        let node = "imp2.c1.example.com".into();
        let writes_on = |server: &str| -> u64 {
            lab.counters().iter().filter(|counters| counters.name == server).map(|counters| counters.writes).sum()
        };
        let one = |parameters: Vec<intermesh::cluster::Parameter>, label: &str| {
            parameters.into_iter().find(|parameter| parameter.label == label).unwrap().value
        };
        let before = cluster.parameters(&node, service::SIP_PROXY, &[LABEL]).await.unwrap();
        let by_axl = before.len() == 1;
        assert_eq!(one(before, LABEL), "20", "seed {seed}");
        cluster.set_parameter(&node, service::SIP_PROXY, LABEL, "10").await.unwrap();
        let set = cluster.parameters(&node, service::SIP_PROXY, &[LABEL]).await.unwrap();
        assert_eq!(one(set, LABEL), "10", "seed {seed}");
        let shown = cluster.parameters(&node, service::SIP_PROXY, &[]).await.unwrap();
        assert!(shown.len() > 1 && one(shown, LABEL) == "10", "seed {seed}: the page shows all");
        assert_eq!(writes_on("cucm1.c1.example.com"), u64::from(by_axl), "seed {seed}");

        // twice the same is one order; words are the page's
        cluster.set_parameter(&node, service::SIP_PROXY, LABEL, "10").await.unwrap();
        let words = "Certificate Sync during Inter-Cluster Periodic Sync";
        cluster.set_parameter(&node, service::ICSA, words, "Do not perform certificate sync").await.unwrap();
        assert_eq!(writes_on("cucm1.c1.example.com"), u64::from(by_axl), "seed {seed}");
        ways.insert(by_axl);
        lab.down().await;
    }
    assert_eq!(ways.len(), 2, "no seed of the lab has them, or every one has");
}

#[tokio::test]
async fn a_lost_answer_to_a_parameter_is_read_back_once() {
    for (heeds, expected) in [(true, "ok"), (false, "unknown")] {
        let value = Arc::new(std::sync::atomic::AtomicU32::new(20));
        let node = Node::up(move |seen: &Seen, _| {
            let answer = |operation: &str, rows: &str| {
                Reply::ok(soap(&format!(
                    "<n:{operation}Response xmlns:n='urn:x'><return>{rows}</return></n:{operation}Response>"
                )))
            };
            if seen.body.contains("listProcessNode") {
                let role = "<processNodeRole>CUCM IM and Presence</processNodeRole>";
                return answer("listProcessNode", &format!("<processNode><name>imp1</name>{role}</processNode>"));
            }
            assert!(seen.body.contains("<processNodeName>imp1</processNodeName>"), "its own name: {}", seen.body);
            if seen.body.contains("updateServiceParameter") {
                if heeds {
                    value.store(10, Ordering::SeqCst);
                }
                return Reply::Cut;
            }
            let now = value.load(Ordering::SeqCst);
            answer("getServiceParameter", &format!("<serviceParameter><value>{now}</value></serviceParameter>"))
        })
        .await;
        let mut target = imp_support::target();
        target.unified_cm = Some(UnifiedCmTarget { publisher: imp_support::node(), account: "all".into() });
        let operator = node.fleet().operator(&target).unwrap();
        // what is set here needs no page, and what is set on a page is looked for there
        for (value, here) in [("10", true), ("ten", false)] {
            let (service, label, value) = (service::SIP_PROXY.to_owned(), "Maximum".to_owned(), value.to_owned());
            let walked = operator.walk(&[Walk::Parameter { node: imp_support::node(), service, label, value }]).await;
            assert_eq!(walked.is_ok(), here, "{walked:?}");
        }
        let outcome = operator.set_parameter(&imp_support::node(), service::SIP_PROXY, "Maximum", "10").await;
        let told = match outcome.as_ref().map_err(|error| &error.kind) {
            Ok(()) => "ok",
            Err(ErrorKind::Unknown { .. }) => "unknown",
            Err(_) => "else",
        };
        assert_eq!(told, expected, "{outcome:?}");
        let orders = node.seen().iter().filter(|seen| seen.body.contains("updateServiceParameter")).count();
        assert_eq!(orders, 1, "heeded {heeds}");
    }
}

/// A Unified CM that keeps its switch, and answers an order as a test says.
async fn odd(enabled_before: bool, heeds: bool, answer: impl Fn() -> Reply + Send + Sync + 'static) -> Node {
    let enabled = Arc::new(AtomicBool::new(enabled_before));
    Node::up(move |seen: &Seen, _| {
        let list = |operation: &str, rows: &str| {
            Reply::ok(soap(&format!(
                "<n:{operation}Response xmlns:n='urn:x'><return>{rows}</return></n:{operation}Response>"
            )))
        };
        if seen.body.contains("listProcessNode") {
            let role = "<processNodeRole>CUCM IM and Presence</processNodeRole>";
            return list("listProcessNode", &format!("<processNode><name>imp1.example.com</name>{role}</processNode>"));
        }
        if seen.body.contains("updatePresenceRedundancyGroup") {
            if heeds {
                enabled.store(seen.body.contains("<haEnabled>true"), Ordering::SeqCst);
            }
            return answer();
        }
        let key = "{1A2B3C4D-0000-0000-0000-000000000001}";
        let on = enabled.load(Ordering::SeqCst);
        let row = format!("<name>default</name><haEnabled>{on}</haEnabled>");
        let row = format!("<presenceRedundancyGroup uuid='{key}'>{row}</presenceRedundancyGroup>");
        list("listPresenceRedundancyGroup", &row)
    })
    .await
}

/// What is not known of an order is read back, and the order is never given again.
#[tokio::test]
async fn a_lost_answer_to_the_switch_is_read_back_once() {
    let done = || {
        let body = "<n:updatePresenceRedundancyGroupResponse xmlns:n='urn:x'><return>true</return>\
                    </n:updatePresenceRedundancyGroupResponse>";
        Reply::ok(soap(body))
    };
    let fault = || {
        let fault = "<e:Fault><faultcode>e:Server</faultcode><faultstring>no such thing</faultstring></e:Fault>";
        Reply::Page(500, soap(fault))
    };
    type Makes = fn() -> Reply;
    // what is answered, and how the order ends where it was heeded and where it was not
    let cases: [(&str, Makes, &str, &str); 9] = [
        ("done", done, "ok", "ok"),
        ("cut", || Reply::Cut, "ok", "unknown"),
        ("never", || Reply::Never, "ok", "unknown"),
        ("nonsense", || Reply::ok("<html>what?</html>"), "ok", "unknown"),
        ("502", || Reply::Page(502, "bad gateway".into()), "ok", "unknown"),
        ("a fault", fault, "refused", "refused"),
        ("503", || Reply::Page(503, "busy".into()), "throttled", "throttled"),
        ("403", || Reply::Page(403, "no".into()), "forbidden", "forbidden"),
        ("a redirect", || Reply::to("https://elsewhere.example.com/"), "unsupported", "unsupported"),
    ];
    for (what, answer, heeded, ignored) in cases {
        for (heeds, expected) in [(true, heeded), (false, ignored)] {
            let node = odd(true, heeds, answer).await;
            let mut target = imp_support::target();
            target.unified_cm = Some(UnifiedCmTarget { publisher: imp_support::node(), account: "all".into() });
            let outcome = node.fleet().operator(&target).unwrap().set_high_availability("default", false).await;
            let told = match outcome.as_ref().map_err(|error| &error.kind) {
                Ok(()) => "ok",
                Err(ErrorKind::Unknown { .. }) => "unknown",
                Err(ErrorKind::Refused { .. }) => "refused",
                Err(ErrorKind::Throttled { .. }) => "throttled",
                Err(ErrorKind::Forbidden { .. }) => "forbidden",
                Err(ErrorKind::Unsupported { .. }) => "unsupported",
                Err(_) => "else",
            };
            assert_eq!(told, expected, "{what}, heeded {heeds}: {outcome:?}");
            let orders = node.seen().iter().filter(|seen| seen.body.contains("updatePresenceRedundancyGroup")).count();
            assert_eq!(orders, 1, "{what}, heeded {heeds}");
        }
    }
}

//! The client against a node that misbehaves: connections, certificates, sessions and limits.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

mod imp_support;

use imp_support::{Node, PASSWORD, Reply, Shows, identity, node, soap, target, version};
use intermesh::cluster::{ErrorKind, Observe, Operate, service};

fn taken() -> String {
    soap(
        "<soapDoControlServicesResponse><soapDoControlServicesReturn><ReturnCode>0</ReturnCode><ReasonCode>-1</ReasonCode>\
         </soapDoControlServicesReturn></soapDoControlServicesResponse>",
    )
}

#[tokio::test]
async fn a_refused_account_is_tried_once() {
    let stub = Node::up(|_, _| Reply::Page(401, "<h1>HTTP Status 401</h1>".into())).await;
    let fleet = stub.fleet();
    let readers: Vec<_> = (0..8).map(|_| fleet.reader(&target()).unwrap()).collect();
    let place = node();
    for reader in &readers {
        let (a, b) = tokio::join!(reader.identity(), reader.services(&place));
        for error in [a.err(), b.err()] {
            assert!(matches!(error.unwrap().kind, ErrorKind::Unauthorized { .. }));
        }
    }
    let all = futures::future::join_all(readers.iter().map(|reader| reader.nodes())).await;
    assert!(all.iter().all(Result::is_err));
    assert_eq!(stub.seen().len(), 1);
}

#[tokio::test]
async fn a_session_replaces_the_password_until_it_expires() {
    let stub = Node::up(|seen, before| match (seen.header("cookie"), before) {
        (Some(_), 3) => Reply::Page(404, "gone".into()),
        (Some(_), _) => identity(seen),
        (None, _) => {
            let Reply::Page(_, body) = identity(seen) else { unreachable!() };
            Reply::With(200, vec![("set-cookie", "JSESSIONIDSSO=A1; Path=/; Secure".into())], body)
        }
    })
    .await;
    let cluster = stub.cluster();
    for _ in 0..3 {
        cluster.identity().await.unwrap();
    }
    let with_password: Vec<usize> =
        stub.seen().iter().enumerate().filter(|(_, s)| s.header("authorization").is_some()).map(|(i, _)| i).collect();
    assert_eq!(with_password, [0, 4], "once at the beginning, once after the 404");
    assert!(stub.seen().iter().all(|s| s.header("authorization").is_none() || s.header("cookie").is_none()));
}

#[tokio::test]
async fn the_version_is_negotiated_once() {
    let stub = Node::up(|seen, _| {
        if seen.header("soapaction").unwrap().contains("ver=15.0") {
            return identity(seen);
        }
        let page = "HTTP Status 599 - Incorrect axl version. Supported axl versions are 14.x and 15.0";
        Reply::Page(599, page.into())
    })
    .await;
    let cluster = stub.cluster();
    cluster.identity().await.unwrap();
    cluster.identity().await.unwrap();
    let actions: Vec<String> = stub.seen().iter().map(|s| s.header("soapaction").unwrap().to_owned()).collect();
    assert_eq!(actions[..2], ["\"CUCM:DB ver=12.5 getCUPVersion\"", "\"CUCM:DB ver=15.0 getCUPVersion\""]);
    assert_eq!(actions.len(), 5);
    assert!(stub.seen()[1].body.contains("http://www.cisco.com/AXL/API/15.0"));

    let stubborn = Node::up(|_, _| Reply::Page(599, "Supported axl versions are 14.0".into())).await;
    assert!(matches!(stubborn.cluster().identity().await.unwrap_err().kind, ErrorKind::Malformed { .. }));
    assert_eq!(stubborn.seen().len(), 2);
}

#[tokio::test]
async fn a_large_answer_is_fetched_in_pages() {
    let stub = Node::up(|seen, _| {
        let rows = |rows: &str| {
            Reply::ok(soap(&format!("<n:executeSQLQueryResponse xmlns:n='u'><return>{rows}</return></n:executeSQLQueryResponse>")))
        };
        let row = |name: &str| format!("<row><id>11111111-2222-3333-4444-55555555555{}</id><name>{name}</name></row>", name.len());
        let is = |text: &str| seen.body.contains(text);
        if is("SKIP 0 FIRST 2 ") {
            rows(&(row("a") + &row("bb")))
        } else if is("SKIP 2 FIRST 2 ") {
            rows(&row("ccc"))
        } else if is("executeSQLQuery") {
            // with the code that AXL also gives where it is throttled
            let fault = "<e:Fault><faultcode>e:Server</faultcode><faultstring>Query request too large. Total rows matched: \
                         3 rows. Suggestive Row Fetch: less than 3 rows</faultstring><detail><a:axlError \
                         xmlns:a='http://www.cisco.com/AXL/API/12.5'><axlcode>-1</axlcode><axlmessage>Query request too \
                         large. Total rows matched: 3 rows. Suggestive Row Fetch: less than 3 rows</axlmessage>\
                         </a:axlError></detail></e:Fault>";
            Reply::Page(500, soap(fault))
        } else if is("getSubClusterHAStatus") {
            let found = is("{11111111-2222-3333-4444-555555555553}");
            assert!(found, "{}", seen.body);
            Reply::ok(soap(
                "<n:getSubClusterHAStatusResponse xmlns:n='u'><return><SubClusterInfo><name>ccc</name><isHAEnabled>true\
                 </isHAEnabled></SubClusterInfo></return></n:getSubClusterHAStatusResponse>",
            ))
        } else if is("getClusterNodesAndCriticalServices") {
            Reply::ok(soap(
                "<n:getClusterNodesAndCriticalServicesResponse xmlns:n='u'><return><clusterNodesInfo><return><name>\
                 imp1.example.com</name><assignedSubcluster>ccc</assignedSubcluster><isPublisher>true</isPublisher>\
                 <assignedUserCount>1</assignedUserCount></return></clusterNodesInfo></return>\
                 </n:getClusterNodesAndCriticalServicesResponse>",
            ))
        } else {
            identity(seen)
        }
    })
    .await;
    let groups = stub.cluster().high_availability().await.unwrap();
    assert_eq!((groups.len(), groups[0].name.as_str(), groups[0].enabled), (1, "ccc", true));
}

#[tokio::test]
async fn a_read_waits_when_asked_to_and_a_write_does_not() {
    let stub = Node::up(|seen, before| match before {
        0 | 1 => Reply::With(503, vec![("retry-after", "0".into())], "Service Unavailable".into()),
        _ => identity(seen),
    })
    .await;
    stub.cluster().identity().await.unwrap();
    assert_eq!(stub.seen().len(), 4);

    // A bare 503 may also mean that the service does not run, which no waiting mends.
    let stopped = Node::up(|_, _| Reply::Page(503, "Service Unavailable".into())).await;
    let error = stopped.cluster().identity().await.unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Unreachable { .. }), "{error}");
    assert_eq!(stopped.seen().len(), 2);

    let busy = Node::up(|_, _| Reply::Page(503, "Service Unavailable".into())).await;
    let error = busy.cluster().restart(&node(), service::XCP_ROUTER).await.unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Throttled { .. }), "{error}");
    assert_eq!(busy.seen().len(), 1);
}

#[tokio::test]
async fn a_restart_without_an_answer_is_unknown_and_never_repeated() {
    for reply in [|| Reply::Cut, || Reply::Never, || Reply::Page(200, "<html>odd</html>".into())] {
        let stub = Node::up(move |_, _| reply()).await;
        let error = stub.cluster().restart(&node(), service::XCP_ROUTER).await.unwrap_err();
        assert!(matches!(error.kind, ErrorKind::Unknown { .. }), "{error}");
        assert_eq!(stub.seen().len(), 1);
    }
    let stub = Node::up(|_, _| Reply::ok(taken())).await;
    stub.cluster().restart(&node(), service::XCP_ROUTER).await.unwrap();
}

#[tokio::test]
async fn a_node_that_is_not_there_leaves_nothing_in_doubt() {
    let stub = Node::up(|_, _| Reply::Cut).await;
    let error = stub.cluster().restart(&"elsewhere.example.com".into(), service::XCP_ROUTER).await.unwrap_err();
    let ErrorKind::Unreachable { detail } = error.kind else { panic!("{error}") };
    assert!(detail.contains("elsewhere.example.com:8443") && detail.contains("proxy"), "{detail}");
    assert!(stub.seen().is_empty());
}

#[tokio::test]
async fn a_lost_read_says_what_it_waited_for() {
    let stub = Node::up(|_, _| Reply::Never).await;
    let ErrorKind::Unreachable { detail } = stub.cluster().identity().await.unwrap_err().kind else { panic!() };
    assert!(detail.contains("getCUPVersion") && detail.contains("500 ms"), "{detail}");
    let stub = Node::up(|_, _| Reply::Cut).await;
    let ErrorKind::Unreachable { detail } = stub.cluster().identity().await.unwrap_err().kind else { panic!() };
    assert!(detail.contains("before the answer was complete"), "{detail}");
}

#[tokio::test]
async fn an_untrusted_certificate_gets_nothing() {
    for (shows, words) in
        [(Shows::OtherAuthority, "authority"), (Shows::OtherName, "elsewhere.example.com"), (Shows::Expired, "expired")]
    {
        let stub = Node::showing(shows, |_, _| Reply::ok("")).await;
        let cluster = stub.cluster();
        let order = cluster.restart(&node(), service::XCP_ROUTER).await.unwrap_err();
        for error in [cluster.identity().await.unwrap_err(), cluster.peers().await.unwrap_err(), order] {
            let ErrorKind::Untrusted { detail } = error.kind else { panic!("{error}") };
            assert!(detail.contains(words), "{detail}");
        }
        assert!(stub.seen().is_empty());
    }
}

#[tokio::test]
async fn an_answer_has_a_limit() {
    let stub = Node::up(|_, _| Reply::ok("x".repeat(17 << 20))).await;
    let ErrorKind::Malformed { detail } = stub.cluster().identity().await.unwrap_err().kind else { panic!() };
    assert!(detail.contains("16 MB"), "{detail}");
    let ErrorKind::Malformed { detail } = stub.cluster().peers().await.unwrap_err().kind else { panic!() };
    assert!(detail.contains("8 MB"), "{detail}");
}

#[tokio::test]
async fn answers_that_make_no_sense_are_errors() {
    let long = "<e:Envelope><e:Body><a>".repeat(50);
    for body in ["", "<html>", "<a/>", "\u{0}", long.as_str(), &soap("<getCUPVersionResponse/>"), &soap("<x/>")] {
        let body = body.to_owned();
        let stub = Node::up(move |_, _| Reply::ok(body.clone())).await;
        let kind = stub.cluster().identity().await.unwrap_err().kind;
        assert!(matches!(kind, ErrorKind::Malformed { .. }), "{kind}");
    }
}

#[tokio::test]
async fn another_host_never_gets_a_request() {
    for location in
        ["https://idp.example.com/login", "http://imp1.example.com:8443/x", "https://imp1.example.com.evil.example/"]
    {
        let location = location.to_owned();
        let stub = Node::up(move |_, _| Reply::to(&location)).await;
        let cluster = stub.cluster();
        for kind in [cluster.peers().await.unwrap_err().kind, cluster.identity().await.unwrap_err().kind] {
            assert!(matches!(kind, ErrorKind::Unsupported { .. }), "{kind}");
        }
        assert!(stub.targets().iter().all(|target| target == "imp1.example.com:8443"), "{:?}", stub.targets());
    }
}

#[tokio::test]
async fn no_error_holds_a_password() {
    // A product that repeats what it was sent is no reason to show it.
    let echo = |seen: &imp_support::Seen, _| {
        let fault = format!("<e:Fault><faultstring>no: {}</faultstring></e:Fault>", seen.path);
        if seen.path.starts_with("/axl") { Reply::Page(500, soap(&fault)) } else { Reply::Page(500, String::new()) }
    };
    let stub = Node::up(echo).await;
    let cluster = stub.cluster();
    let order = cluster.start(&node(), "x").await.unwrap_err();
    for error in [cluster.identity().await.unwrap_err(), cluster.peers().await.unwrap_err(), order] {
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains(PASSWORD) && !shown.contains("Basic"), "{shown}");
    }
    assert!(!version().is_empty());
}

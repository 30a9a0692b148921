//! The Unified CM publisher's own AXL in the lab.

#![allow(clippy::unwrap_used, reason = "clippy takes the helpers of these tests for no test")]

mod lab_support;

use intermesh::lab::Lab;
use intermesh::xml::{Element, read};
use lab_support::{PASSWORD, USER, client, spec};

const ALL: &str = "<searchCriteria><name>%</name></searchCriteria>";

/// What an operation of Unified CM's AXL answers: its HTTP status and the SOAP body.
async fn ask(lab: &Lab, operation: &str, content: &str) -> (u16, Element) {
    let body = format!(
        "<soapenv:Envelope xmlns:soapenv='http://schemas.xmlsoap.org/soap/envelope/' \
         xmlns:ns='http://www.cisco.com/AXL/API/12.5'><soapenv:Body><ns:{operation}>{content}</ns:{operation}>\
         </soapenv:Body></soapenv:Envelope>"
    );
    let request = client(lab).post("https://cucm1.c1.example.com:8443/axl/").basic_auth(USER, Some(PASSWORD));
    let answer = request.header("Content-Type", "text/xml").body(body).send().await.unwrap();
    (answer.status().as_u16(), read(&answer.text().await.unwrap()).unwrap())
}

async fn rows(lab: &Lab, operation: &str, content: &str) -> Vec<Vec<(String, String)>> {
    let (status, answer) = ask(lab, operation, content).await;
    assert_eq!(status, 200, "{answer:?}");
    let tags = |row: &Element| row.children.iter().map(|c| (c.name.clone(), c.text.clone())).collect();
    answer.find("return").unwrap().children.iter().map(tags).collect()
}

fn tag<'a>(row: &'a [(String, String)], name: &str) -> &'a str {
    &row.iter().find(|(tag, _)| tag == name).unwrap().1
}

#[tokio::test]
async fn high_availability_is_switched_there_and_seen_everywhere() {
    let lab = Lab::up(spec(1, 1)).await.unwrap();
    let groups = rows(&lab, "listPresenceRedundancyGroup", ALL).await;
    assert_eq!(groups.len(), 1);
    let [group] = groups.as_slice() else { unreachable!() };
    assert_eq!((tag(group, "name"), tag(group, "haEnabled"), tag(group, "numUsers")), ("default", "true", "200"));
    assert_eq!((tag(group, "server1"), tag(group, "server2")), ("imp1.c1.example.com", "imp2.c1.example.com"));

    let off = "<name>default</name><haEnabled>false</haEnabled>";
    assert_eq!(ask(&lab, "updatePresenceRedundancyGroup", off).await.0, 200);
    let group = &rows(&lab, "getPresenceRedundancyGroup", "<name>default</name>").await[0];
    assert_eq!(tag(group, "haEnabled"), "false");
    let enabled = lab.world().lock().unwrap().groups(&"c1".into())[0].enabled;
    assert!(!enabled, "the world has it too");
    let writes: u64 = lab.counters().iter().map(|c| c.writes).sum();
    assert_eq!(writes, 1);
    lab.down().await;
}

#[tokio::test]
async fn nodes_of_both_products_are_listed_with_the_tags_that_were_asked_for() {
    let lab = Lab::up(spec(1, 1)).await.unwrap();
    let asked = format!("{ALL}<returnedTags><name/><processNodeRole/></returnedTags>");
    let nodes = rows(&lab, "listProcessNode", &asked).await;
    let nodes: Vec<_> = nodes.iter().map(|n| (tag(n, "name"), tag(n, "processNodeRole"), n.len())).collect();
    let imp = "CUCM IM and Presence";
    assert_eq!(
        nodes,
        [
            ("cucm1.c1.example.com", "CUCM Voice/Video", 2),
            ("imp1.c1.example.com", imp, 2),
            ("imp2.c1.example.com", imp, 2)
        ]
    );
    let only = "<searchCriteria><name>imp%</name><processNodeRole>CUCM IM%</processNodeRole></searchCriteria>";
    assert_eq!(rows(&lab, "listProcessNode", only).await.len(), 2);
    let servers = rows(&lab, "listAssignedPresenceServers", ALL).await;
    assert_eq!(servers.iter().map(|s| tag(s, "numUsers")).collect::<Vec<_>>(), ["100", "100"]);
    lab.down().await;
}

#[tokio::test]
async fn service_parameters_are_there_or_not_by_the_seed() {
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..6 {
        let lab = Lab::up(spec(seed, 1)).await.unwrap();
        let which = "<processNodeName>imp1.c1.example.com</processNodeName>\
                     <name>Certificate Sync during Inter-Cluster Periodic Sync</name>\
                     <service>Cisco Intercluster Sync Agent</service>";
        let (status, answer) = ask(&lab, "getServiceParameter", which).await;
        seen.insert(status);
        if status == 200 {
            assert_eq!(answer.find("serviceParameter").unwrap().text_of("value"), Some("Perform certificate sync"));
            let other = format!("{which}<value>Do not perform certificate sync</value>");
            assert_eq!(ask(&lab, "updateServiceParameter", &other).await.0, 200);
            let bad = format!("{which}<value>perhaps</value>");
            assert_eq!(ask(&lab, "updateServiceParameter", &bad).await.0, 500);
            let now = rows(&lab, "getServiceParameter", which).await;
            assert_eq!(tag(&now[0], "value"), "Do not perform certificate sync");
        } else {
            assert!(answer.find("axlError").is_some());
        }
        lab.down().await;
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), [200, 500]);
}

#[tokio::test]
async fn what_does_not_fit_is_a_fault() {
    let lab = Lab::up(spec(1, 1)).await.unwrap();
    for (operation, content) in [
        ("getPresenceRedundancyGroup", "<name>nowhere</name>"),
        ("updatePresenceRedundancyGroup", "<name>default</name><newName>x</newName>"),
        ("updatePresenceRedundancyGroup", "<name>default</name><haEnabled>perhaps</haEnabled>"),
        ("listPresenceRedundancyGroup", "<searchCriteria/>"),
        ("getCUPVersion", ""),
        ("addPhone", ""),
    ] {
        let (status, answer) = ask(&lab, operation, content).await;
        assert_eq!(status, 500, "{operation} {content}");
        assert!(answer.find("axlError").is_some_and(|e| e.text_of("axlmessage").is_some()), "{operation}");
    }
    assert!(lab.counters().iter().all(|c| c.writes == 0));
    lab.down().await;
}

//! A record of the lab tells all that passed, and no secret.

#![allow(clippy::unwrap_used, reason = "clippy takes the functions beside the tests for no tests")]

mod lab_support;

use std::path::Path;

use intermesh::lab::Lab;
use intermesh::lab::control::Client;
use intermesh::lab::servers::{Exchange, Interface};
use lab_support::{Browser, PASSWORD, USER, client, spec};

const NODE: &str = "imp1.c1.example.com";
const VERSION: &str = "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"><soapenv:Body>\
                       <ns:getCUPVersion xmlns:ns=\"http://www.cisco.com/AXL/API/12.5\"/></soapenv:Body>\
                       </soapenv:Envelope>";

fn read(file: &Path) -> Vec<Exchange> {
    let text = std::fs::read_to_string(file).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn ask_version(lab: &Lab, host: &str) {
    let request = client(lab).post(format!("https://{host}:8443/axl/")).basic_auth(USER, Some(PASSWORD));
    let request = request.header("SOAPAction", "CUCM:DB ver=12.5 getCUPVersion").header("Content-Type", "text/xml");
    request.body(VERSION).send().await.unwrap();
}

#[tokio::test]
async fn an_exchange_is_told_whole() {
    let lab = Lab::up(spec(1, 1)).await.unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    ask_version(&lab, NODE).await;
    lab.record(file.path()).unwrap();
    ask_version(&lab, NODE).await;
    ask_version(&lab, "cucm1.c1.example.com").await;
    assert_eq!(lab.stop_recording().unwrap(), Some(2), "what came before is not in it");
    ask_version(&lab, NODE).await;
    assert_eq!(lab.stop_recording().unwrap(), None);

    let record = read(file.path());
    assert_eq!(record.iter().map(|e| e.sequence).collect::<Vec<_>>(), [1, 2]);
    let Exchange { interface, host, method, path, query, soap_action, content_type, request, status, .. } = &record[0];
    assert_eq!((interface, host.as_str(), method.as_str()), (&Interface::Axl, NODE, "POST"));
    assert_eq!((path.as_str(), query, content_type.as_deref()), ("/axl/", &None, Some("text/xml")));
    assert_eq!(soap_action.as_deref(), Some("CUCM:DB ver=12.5 getCUPVersion"));
    assert_eq!((request.as_deref(), *status), (Some(VERSION), 200));
    assert!(record[0].answer_content_type.as_deref().unwrap().starts_with("text/xml"));
    assert!(record[0].answer.as_deref().unwrap().contains("<version>14.0.1.12900-6</version>"));
    assert_eq!(record[1].interface, Interface::UnifiedCmAxl);
}

#[tokio::test]
async fn a_record_holds_no_secret() {
    let lab = Lab::up(spec(1, 2)).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("record.jsonl");
    let control = Client::new(&lab.control_url(), lab.control_token()).unwrap();
    assert!(control.record(&folder.path().join("nowhere/record.jsonl")).await.is_err());
    assert!(control.stop_recording().await.is_err(), "nothing is being recorded");
    control.record(&file).await.unwrap();

    let mut browser = Browser::log_in(&lab, NODE, "cupadmin").await;
    browser.follow("Inter-Clustering").await.press("Add New").await;
    let confirm = browser.confirm_label();
    browser.fill("Peer Address", "imp1.c2.example.com").fill("AXL Username", USER);
    browser.fill("AXL Password", PASSWORD).fill(confirm, "m1styped").press("Save").await;
    client(&lab).get(format!("https://{NODE}:8443/cupadmin/?j_password=m1styped")).send().await.unwrap();
    ask_version(&lab, NODE).await;
    let exchanges = control.stop_recording().await.unwrap();

    let text = std::fs::read_to_string(&file).unwrap();
    assert_eq!(read(&file).len() as u64, exchanges);
    assert!(text.contains("j_password=***") && text.contains("imp1.c2.example.com"), "{text}");
    let encoded: String = url::form_urlencoded::byte_serialize(PASSWORD.as_bytes()).collect();
    let basic = "bWVzaGFkbWlu"; // `meshadmin` in Base64
    for secret in [PASSWORD, encoded.as_str(), "m1styped", basic, "JSESSIONIDSSO", "Cookie"] {
        assert!(!text.contains(secret), "`{secret}` is in the record");
    }
}

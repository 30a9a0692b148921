//! The lab's protocols, asked the way a stranger would: DNS, CONNECT, AXL's authentication, Control Center.

#![allow(clippy::unwrap_used, reason = "clippy takes what tests share for no test")]

mod lab_support;

use std::net::{IpAddr, Ipv4Addr};

use hickory_proto::op::{Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::{Name, RData, RecordType};
use intermesh::lab::Lab;
use intermesh::lab::control::Client;
use lab_support::{PASSWORD, USER, client, spec, until};
use reqwest::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

const NODE: &str = "imp1.c1.example.com";

fn control_center(node: &str) -> String {
    format!("https://{node}:8443/controlcenterservice2/services/ControlCenterServices")
}

fn envelope(operation: &str, content: &str) -> String {
    format!(
        "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/' xmlns:n='http://schemas.cisco.com/ast/soap'>\
         <e:Body><n:{operation}>{content}</n:{operation}></e:Body></e:Envelope>"
    )
}

async fn soap(lab: &Lab, node: &str, operation: &str, content: &str) -> (StatusCode, String) {
    let request = client(lab).post(control_center(node)).basic_auth(USER, Some(PASSWORD));
    let answer = request.body(envelope(operation, content)).send().await.unwrap();
    (answer.status(), answer.text().await.unwrap())
}

async fn ask(lab: &Lab, name: &str, kind: RecordType) -> (ResponseCode, Vec<RData>) {
    let mut message = Message::new(7, MessageType::Query, OpCode::Query);
    message.metadata.recursion_desired = true;
    message.add_query(Query::query(Name::from_utf8(name).unwrap(), kind));
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    socket.send_to(&message.to_vec().unwrap(), lab.dns_address()).await.unwrap();
    let mut buffer = [0; 1500];
    let length = socket.recv(&mut buffer).await.unwrap();
    let answer = Message::from_vec(&buffer[..length]).unwrap();
    (answer.metadata.response_code, answer.answers.iter().map(|r| r.data.clone()).collect())
}

#[tokio::test]
async fn names_resolve_forward_and_reverse() {
    let lab = Lab::up(spec(1, 1)).await.unwrap();
    let all = lab.nodes().into_iter().chain(lab.unified_cms());
    for (name, address) in all {
        let IpAddr::V4(address) = address else { panic!("{address}") };
        let host = format!("{name}.").to_uppercase();
        assert_eq!(ask(&lab, &host, RecordType::A).await, (ResponseCode::NoError, vec![RData::A(address.into())]));
        let reverse = Name::from(IpAddr::V4(address)).to_utf8();
        let (code, records) = ask(&lab, &reverse, RecordType::PTR).await;
        assert_eq!(code, ResponseCode::NoError);
        assert_eq!(records.iter().map(ToString::to_string).collect::<Vec<_>>(), [format!("{name}.")]);
        assert_eq!(ask(&lab, &host, RecordType::AAAA).await, (ResponseCode::NoError, vec![]));
    }
    for nothing in ["imp9.c1.example.com.", "example.org.", "127.99.0.1.", "1.0.0.127.in-addr.arpa."] {
        assert_eq!(ask(&lab, nothing, RecordType::A).await.0, ResponseCode::NXDomain, "{nothing}");
    }
}

#[tokio::test]
async fn a_name_that_a_cluster_cannot_resolve_is_not_there() {
    let lab = Lab::up(spec(1, 2)).await.unwrap();
    lab.world().lock().unwrap().set_resolves(&"c2".into(), NODE, false);
    assert_eq!(ask(&lab, &format!("{NODE}."), RecordType::A).await.0, ResponseCode::NXDomain);
    let reverse = Name::from(lab.nodes()[0].1).to_utf8();
    assert_eq!(ask(&lab, &reverse, RecordType::PTR).await.0, ResponseCode::NXDomain);
    assert_eq!(ask(&lab, "imp2.c1.example.com.", RecordType::A).await.0, ResponseCode::NoError);
}

#[tokio::test]
async fn the_name_server_answers_over_tcp_too() {
    let lab = Lab::up(spec(1, 1)).await.unwrap();
    let mut message = Message::new(9, MessageType::Query, OpCode::Query);
    message.add_query(Query::query(Name::from_utf8(format!("{NODE}.")).unwrap(), RecordType::A));
    let bytes = message.to_vec().unwrap();
    let mut stream = TcpStream::connect(lab.dns_address()).await.unwrap();
    stream.write_u16(u16::try_from(bytes.len()).unwrap()).await.unwrap();
    stream.write_all(&bytes).await.unwrap();
    let mut answer = vec![0; usize::from(stream.read_u16().await.unwrap())];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(Message::from_vec(&answer).unwrap().answers.len(), 1);
}

#[tokio::test]
async fn the_proxy_reaches_the_lab_and_nothing_else() {
    let lab = Lab::up(spec(1, 1)).await.unwrap();
    let own = lab.nodes()[0].1;
    for (target, status) in [
        (format!("{NODE}:8443"), "200"),
        (format!("{}.:8443", NODE.to_uppercase()), "200"),
        (format!("{own}:8443"), "200"),
        (format!("{NODE}:7400"), "502"),
        ("example.org:443".into(), "403"),
        ("127.0.0.1:22".into(), "403"),
        (lab.proxy_url().trim_start_matches("http://").to_owned(), "403"),
    ] {
        let mut stream = TcpStream::connect(lab.proxy_url().trim_start_matches("http://")).await.unwrap();
        stream.write_all(format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n").as_bytes()).await.unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer[9..], status.as_bytes(), "{target}");
    }
}

#[tokio::test]
async fn a_node_named_by_an_address_is_reached_by_it_and_has_no_dns_entry() {
    let mut spec = spec(1, 1);
    spec.clusters[0].nodes[0].name = "10.40.0.11".into();
    let lab = Lab::up(spec).await.unwrap();
    let request = client(&lab).get("https://10.40.0.11:8443/axl/").basic_auth(USER, Some(PASSWORD));
    assert_eq!(request.send().await.unwrap().status(), StatusCode::OK, "the certificate holds the address as a SAN");
    assert_eq!(ask(&lab, "11.0.40.10.in-addr.arpa.", RecordType::PTR).await.0, ResponseCode::NXDomain);
    assert_eq!(ask(&lab, "10.40.0.11.", RecordType::A).await.0, ResponseCode::NXDomain);
}

#[tokio::test]
async fn axl_takes_an_account_or_its_session() {
    let lab = Lab::up(spec(1, 1)).await.unwrap();
    let url = format!("https://{NODE}:8443/axl/");
    let get = |user: &'static str, password: &'static str| client(&lab).get(&url).basic_auth(user, Some(password));
    assert_eq!(get(USER, PASSWORD).send().await.unwrap().status(), StatusCode::OK);
    assert_eq!(get("noaxl", PASSWORD).send().await.unwrap().status(), StatusCode::FORBIDDEN);
    let refused = get(USER, "wrong").send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    assert!(refused.text().await.unwrap().contains("HTTP Status 401"));
    assert_eq!(client(&lab).get(&url).send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    assert_eq!(lab.counters()[0].failed_logins.get(USER), Some(&1), "a request without an account is no failed login");

    let http = client(&lab);
    assert_eq!(http.get(&url).basic_auth(USER, Some(PASSWORD)).send().await.unwrap().status(), StatusCode::OK);
    assert_eq!(http.get(&url).send().await.unwrap().status(), StatusCode::OK, "the cookie is enough");
}

#[tokio::test]
async fn a_node_answers_the_probe_that_other_clusters_send() {
    let lab = Lab::up(spec(1, 1)).await.unwrap();
    let body = "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/' \
                xmlns:n='http://www.cisco.com/AXL/API/8.0'><e:Body><n:executeSQLQuery sequence='1'>\
                <sql>SELECT count(*) from processnode WHERE systemnode='f' and tknodeusage= 0</sql>\
                </n:executeSQLQuery></e:Body></e:Envelope>";
    let request = client(&lab).post(format!("https://{NODE}:8443/axl/")).basic_auth(USER, Some(PASSWORD));
    let request = request.header("SOAPAction", "\"CUCM:DB ver=8.0 executeSQLQuery\"").body(body);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(answer.text().await.unwrap().contains("<row><count>2</count></row>"));
}

#[tokio::test]
async fn an_expired_session_is_not_found() {
    let mut spec = spec(1, 1);
    // Half an hour of the product passes in a nanosecond.
    spec.factor = 1e13;
    let lab = Lab::up(spec).await.unwrap();
    let (http, url) = (client(&lab), format!("https://{NODE}:8443/axl/"));
    assert_ne!(
        http.get(&url).basic_auth(USER, Some(PASSWORD)).send().await.unwrap().status(),
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(http.get(&url).send().await.unwrap().status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn control_center_acts_on_the_node_that_is_called() {
    let lab = Lab::up(spec(1, 1)).await.unwrap();
    let other = "imp2.c1.example.com";
    let request = format!(
        "<ControlServiceRequest><NodeName>{NODE}</NodeName><ControlType>Restart</ControlType>\
         <ServiceList><item>Cisco XCP Router</item></ServiceList></ControlServiceRequest>"
    );
    let (status, answer) = soap(&lab, other, "soapDoControlServices", &request).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert!(answer.contains("<ns1:ReturnCode>0</ns1:ReturnCode>"), "{answer}");
    let written = Client::new(&lab.control_url(), lab.control_token()).unwrap().state().await.unwrap().writes;
    let written: Vec<_> = written.iter().map(|w| (w.node.as_ref().unwrap().as_str(), w.what.as_str())).collect();
    assert_eq!(written, [(other, "restart Cisco XCP Router")]);
    until("the router is started again", || async {
        let state = soap(&lab, other, "soapGetServiceStatus", "<ServiceStatus>Cisco XCP Router</ServiceStatus>").await;
        state.1.contains("<ns1:ServiceStatus>Started</ns1:ServiceStatus>")
    })
    .await;
}

#[tokio::test]
async fn control_center_tells_what_it_does_not_know() {
    let lab = Lab::up(spec(1, 1)).await.unwrap();
    let (_, answer) = soap(&lab, NODE, "soapGetServiceStatus", "<ServiceStatus>Cisco Nothing</ServiceStatus>").await;
    assert!(answer.contains("<ns1:ReasonCode>-1010</ns1:ReasonCode>"), "{answer}");
    let (status, answer) = soap(&lab, NODE, "soapDoSomethingElse", "").await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(answer.contains("<faultcode>soapenv:Client</faultcode>"), "{answer}");
    let (_, all) = soap(&lab, NODE, "soapGetServiceStatus", "<ServiceStatus></ServiceStatus>").await;
    assert!(all.contains("Cisco Intercluster Sync Agent") && all.contains("Cisco AXL Web Service"), "{all}");
    let refused = client(&lab).post(control_center(NODE)).basic_auth("axlonly", Some(PASSWORD)).send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn control_center_describes_itself_at_its_own_address() {
    let lab = Lab::up(spec(1, 1)).await.unwrap();
    let request = client(&lab).get(format!("{}?wsdl", control_center(NODE))).basic_auth(USER, Some(PASSWORD));
    let wsdl = request.send().await.unwrap().text().await.unwrap();
    assert!(wsdl.contains(&format!("location=\"{}\"", control_center(NODE))), "{wsdl}");
}

#[tokio::test]
async fn control_center_answers_only_so_often_in_a_minute() {
    let mut spec = spec(1, 1);
    spec.factor = 1.0;
    let lab = Lab::up(spec).await.unwrap();
    let (http, body) =
        (client(&lab), envelope("soapGetServiceStatus", "<ServiceStatus>Cisco XCP Router</ServiceStatus>"));
    for _ in 0..=120 {
        let request = http.post(control_center(NODE)).basic_auth(USER, Some(PASSWORD)).body(body.clone());
        let answer = request.send().await.unwrap();
        if answer.status() == StatusCode::INTERNAL_SERVER_ERROR {
            assert!(answer.text().await.unwrap().contains("Exceeded allowed rate"));
            return;
        }
    }
    panic!("121 requests in a minute were answered");
}

#[tokio::test]
async fn a_lab_is_seen_and_put_back_from_outside() {
    let lab = Lab::up(spec(1, 2)).await.unwrap();
    let control = Client::new(&lab.control_url(), lab.control_token()).unwrap();
    let first = control.state().await.unwrap();
    let request = "<DeploymentServiceRequest><NodeName/><DeployType>UnDeploy</DeployType>\
                   <ServiceList><item>Cisco AXL Web Service</item></ServiceList></DeploymentServiceRequest>";
    let (_, answer) = soap(&lab, NODE, "soapDoServiceDeployment", request).await;
    assert!(answer.contains("<ns1:ReturnCode>0</ns1:ReturnCode>"), "{answer}");
    let changed = control.state().await.unwrap();
    assert_ne!(first.clusters, changed.clusters);
    assert_eq!(changed.writes.len(), 1);
    let counted = &control.counters().await.unwrap()[0];
    assert_eq!((counted.name.as_str(), counted.requests, counted.writes, counted.connections), (NODE, 1, 1, 1));
    assert!(counted.bytes_in > 0 && counted.bytes_out > counted.bytes_in);

    control.reset().await.unwrap();
    let back = control.state().await.unwrap();
    assert_eq!(back.writes, []);
    let services = |state: &intermesh::lab::control::LabState| {
        let all = state.clusters.iter().flat_map(|c| &c.nodes).flat_map(|n| &n.services);
        all.map(|s| (s.name.clone(), s.state)).collect::<Vec<_>>()
    };
    assert_eq!(services(&back), services(&first));
    assert!(control.counters().await.unwrap().iter().all(|c| c.requests == 0 && c.writes == 0));
    assert!(!serde_json::to_string(&back).unwrap().contains("s3cret"), "a password is shown");

    assert!(Client::new(&lab.control_url(), "guess").unwrap().reset().await.is_err());
}

#[tokio::test]
async fn labs_live_side_by_side_and_leave_nothing() {
    let one = Lab::up(spec(1, 2)).await.unwrap();
    let two = Lab::up(spec(1, 2)).await.unwrap();
    let addresses = |lab: &Lab| lab.nodes().into_iter().map(|(_, address)| address).collect::<Vec<_>>();
    assert!(addresses(&one).iter().all(|a| a.is_loopback() && !addresses(&two).contains(a)));
    let left = addresses(&one)[0];
    one.down().await;
    assert!(TcpStream::connect((left, 8443)).await.is_err());
    let request = client(&two).get(format!("https://{NODE}:8443/axl/")).basic_auth(USER, Some(PASSWORD));
    assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn the_largest_mesh_is_up_at_once() {
    let mut spec = spec(1, 30);
    for (n, cluster) in spec.clusters.iter_mut().enumerate() {
        for i in 3..=6 {
            let mut node = cluster.nodes[0].clone();
            node.name = format!("imp{i}.c{}.example.com", n + 1).into();
            node.group = Some(format!("group{}", i / 2 + i % 2));
            cluster.nodes.push(node);
        }
    }
    let begun = std::time::Instant::now();
    let lab = Lab::up(spec).await.unwrap();
    assert!(begun.elapsed().as_secs() < 2, "{:?}", begun.elapsed());
    assert_eq!((lab.nodes().len(), lab.unified_cms().len()), (180, 30));
    let request = client(&lab).get("https://imp6.c30.example.com:8443/axl/").basic_auth(USER, Some(PASSWORD));
    assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
}

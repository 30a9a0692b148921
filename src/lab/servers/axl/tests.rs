use super::*;
use crate::cluster::{Account, service};
use crate::lab::spec::{AccountSpec, ClusterSpec, LabSpec, NodeSpec};
use crate::xml::Element;

fn world(seed: u64, users: u64) -> World {
    let node = |name: &str, users| NodeSpec {
        name: name.into(),
        group: Some("default".to_owned()),
        users,
        stopped: Vec::new(),
    };
    let cluster = ClusterSpec {
        name: "a".into(),
        version: "12.5.1.14900-32".to_owned(),
        domain: "example.com".to_owned(),
        nodes: vec![node("imp1.example.com", users), node("imp2.example.com", 7)],
        unified_cms: vec!["cucm1.example.com".to_owned(), "cucm2.example.com".to_owned()],
        accounts: vec![AccountSpec {
            account: Account { username: "icsa".to_owned(), password: "secret".into() },
            axl: true,
            admin: false,
        }],
        platform: Vec::new(),
        peers: Vec::new(),
        skin: None,
        certificate: Default::default(),
    };
    World::new(LabSpec { name: "test".to_owned(), seed, factor: 1.0, clusters: vec![cluster] })
}

fn ask(world: &World, version: &str, operation: &str, content: &str) -> Answer {
    let body = format!(
        "<soapenv:Envelope xmlns:soapenv='http://schemas.xmlsoap.org/soap/envelope/' \
         xmlns:ns='http://www.cisco.com/AXL/API/{version}'><soapenv:Header/><soapenv:Body>\
         <ns:{operation} sequence='17'>{content}</ns:{operation}></soapenv:Body></soapenv:Envelope>"
    );
    let action = format!("CUCM:DB ver={version} {operation}");
    let request = Request {
        cluster: &"a".into(),
        node: &"imp1.example.com".into(),
        soap_action: Some(&action),
        body: &body,
        certificates: &[],
    };
    answer(world, &request)
}

fn read(answer: &Answer) -> Element {
    crate::xml::read(&answer.body).unwrap()
}

/// The rows of a query, each as its columns.
fn query(world: &World, sql: &str) -> Result<Vec<Vec<(String, String)>>, String> {
    let answer = ask(world, "12.5", "executeSQLQuery", &format!("<sql><![CDATA[{sql}]]></sql>"));
    let root = read(&answer);
    match answer.status {
        200 => {
            let row = |row: &Element| row.children.iter().map(|c| (c.name.clone(), c.text.clone())).collect();
            Ok(root.find("return").unwrap().all("row").map(row).collect())
        }
        500 => Err(root.find("axlError").unwrap().text_of("axlmessage").unwrap().to_owned()),
        other => panic!("HTTP {other}"),
    }
}

fn one(column: &str, value: &str) -> Vec<Vec<(String, String)>> {
    vec![vec![(column.to_owned(), value.to_owned())]]
}

#[test]
fn the_probe_of_icsa_counts_two_publishers() {
    let sql = "SELECT count(*) from processnode WHERE systemnode='f' and tknodeusage= 0";
    assert_eq!(query(&world(1, 10), sql), Ok(one("count", "2")));
    let answer = ask(&world(1, 10), "8.0", "executeSQLQuery", &format!("<sql>{sql}</sql>"));
    let root = read(&answer);
    let response = root.find("executeSQLQueryResponse").unwrap();
    assert_eq!(response.namespace.as_deref(), Some("http://www.cisco.com/AXL/API/8.0"));
    assert_eq!(response.attribute("sequence"), Some("17"));
}

#[test]
fn the_documented_tables_can_be_asked() {
    let world = world(1, 1_000);
    for (sql, column, value) in [
        (
            "select name from processnode where tkprocessnoderole='2'and nodeid>'1' and tknodeusage=0",
            "name",
            "imp1.example.com",
        ),
        ("select paramvalue from processconfig where paramname='ClusterSecurityMode'", "paramvalue", "0"),
        ("select COUNT(*) AS Homed from enduser where primarynodeid is not null", "homed", "1007"),
        (
            "select count(*) from enduser u, enterprisenode n where u.primarynodeid = n.id and n.name = 'IMP2.example.com'",
            "count",
            "7",
        ),
        ("select skip 1005 first 1 userid from enduser order by userid", "userid", "user01006"),
        ("select s.name from enterprisesubcluster s", "name", "default"),
        ("select ccmpublisherip from epassyncagentcfg", "ccmpublisherip", "cucm1.example.com"),
        ("select max(nodeid)+1 from processnode", "expression", "6"),
    ] {
        assert_eq!(query(&world, sql), Ok(one(column, value)), "{sql}");
    }
}

#[test]
fn bad_statements_fault_in_informix_words() {
    let world = world(1, 10);
    for (sql, words) in [
        ("select * from nowhere", "The specified table (nowhere) is not in the database."),
        ("select nowhere from enduser", "Column (nowhere) not found"),
        ("select from", "A syntax error"),
        ("update enduser set status = 0", "A syntax error"),
        ("select frobnicate(1)", "Routine (frobnicate) can not be resolved."),
    ] {
        let fault = query(&world, sql).unwrap_err();
        assert!(fault.contains(words), "{sql}: {fault}");
    }
    assert_eq!(ask(&world, "12.5", "executeSQLUpdate", "<sql>delete from enduser</sql>").status, 500);
    assert_eq!(ask(&world, "12.5", "addInterclusterPeer", "").status, 500);
}

#[test]
fn an_answer_beyond_eight_megabytes_is_refused_with_a_row_count() {
    let world = world(1, 24_993);
    let fault = query(&world, "select * from enduser").unwrap_err();
    let numbers: Vec<u64> = fault.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect();
    assert_eq!(numbers[0], 25_000, "{fault}");
    assert!(numbers[1] > 1_000 && numbers[1] < 25_000, "{fault}");
    let page = query(&world, &format!("select skip 100 first {} * from enduser", numbers[1] - 1)).unwrap();
    assert_eq!(page.len() as u64, numbers[1] - 1);
    assert_eq!(query(&world, "select count(*) from enduser"), Ok(one("count", "25000")));
}

#[test]
fn versions_out_of_range_get_the_599_page() {
    let world = world(1, 10);
    let answer = ask(&world, "15.0", "getCUPVersion", "");
    assert_eq!(answer.status, 599);
    assert!(
        answer.body.contains("HTTP Status 599 - Incorrect axl version. Supported axl versions are 10.x, 11.x and 12.x")
    );
    assert_eq!(ask(&world, "11.5", "getCUPVersion", "").status, 200);
}

#[test]
fn nodes_and_their_state_are_told() {
    for seed in 0..12 {
        let world = world(seed, 10);
        assert!(ask(&world, "12.5", "getCUPVersion", "").body.contains("<version>12.5.1.14900-32</version>"));
        let info = read(&ask(&world, "12.5", "getClusterInfo", ""));
        let servers = |kind: &str| info.find(kind).unwrap().all("servername").count();
        assert_eq!((servers("cupservernames"), servers("cucmservernames")), (2, 2));
        let asked = "<nodeName></nodeName><locale>en_US</locale>";
        let nodes = read(&ask(&world, "12.5", "getClusterNodesAndCriticalServices", asked));
        let nodes = nodes.find("return").unwrap();
        assert_eq!(nodes.children.len(), 2);
        let first = nodes.children[0].child("return").unwrap();
        assert_eq!((first.text_of("isPublisher"), first.text_of("nodeStateString")), (Some("true"), Some("Normal")));
        let asked = "<subClusterName>default</subClusterName><uuid>{}</uuid>";
        let group = read(&ask(&world, "12.5", "getSubClusterHAStatus", asked));
        let group = group.find("SubClusterInfo").unwrap();
        assert_eq!((group.text_of("isHAEnabled"), group.text_of("numUsers")), (Some("true"), Some("17")));
    }
}

#[test]
fn without_the_service_there_is_a_page_of_unknown_status() {
    let statuses: std::collections::BTreeSet<u16> = (0..20)
        .map(|seed| {
            let mut world = world(seed, 10);
            world.stop(&"a".into(), &"imp1.example.com".into(), service::AXL).unwrap();
            ask(&world, "12.5", "getCUPVersion", "").status
        })
        .collect();
    assert!(statuses.len() > 1 && !statuses.contains(&200));
}

#[test]
fn what_is_no_request_is_a_fault() {
    let world = world(1, 10);
    for body in ["", "<a/>", "<Envelope><Body/></Envelope>", "<Envelope><Body><x/></Body></Envelope>", "<!DOCTYPE a>"] {
        let request = Request {
            cluster: &"a".into(),
            node: &"imp1.example.com".into(),
            soap_action: None,
            body,
            certificates: &[],
        };
        let answer = answer(&world, &request);
        assert_eq!((answer.status, answer.content_type), (500, "text/xml;charset=UTF-8"), "{body}");
        assert!(read(&answer).find("axlError").is_some());
    }
}

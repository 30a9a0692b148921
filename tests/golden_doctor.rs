//! What a tired person reads when something is wrong: the diagnosis as text, for damages that really happen.
//! `INSTA_UPDATE=always` rewrites the files under `tests/golden/doctor/`; look at the difference before you commit it.

#![allow(clippy::unwrap_used, reason = "clippy takes the functions beside the tests for no tests")]

mod support;

use insta::assert_snapshot;
use intermesh::cluster::{Clock, service};
use intermesh::lab::{CertificateKind, LabSpec};
use intermesh::mesh::Mesh;
use intermesh::observe::{self, Observers};
use intermesh::plan::doctor::{Diagnosis, Verdict, diagnose};
use intermesh::report;
use support::{Bench, load, mesh_of, with_cli};

/// A seed whose product shows what a doctor can read: the scheme, and times with their zone.
const SEED: u64 = 1;

async fn diagnosis(bench: &Bench) -> Diagnosis {
    let observers: Observers =
        bench.mesh.clusters.iter().map(|c| (c.name.clone(), bench.lab.observer(&c.name))).collect();
    let now = bench.lab.clock().now();
    let snapshot = observe::gather(&bench.mesh, &observers, now, &|_| ()).await;
    let examination = observe::examine(&bench.mesh, &observers, &snapshot, &|_| ()).await;
    let found = diagnose(&bench.mesh, &snapshot, &examination, now);
    for finding in found.findings.iter().filter(|f| matches!(f.verdict, Verdict::Failed | Verdict::Warning)) {
        assert!(finding.fix.as_ref().is_some_and(|fix| fix.contains(' ')), "{finding:?}");
    }
    found
}

fn text(diagnosis: &Diagnosis, all: bool) -> String {
    let text = anstream::adapter::strip_str(&report::doctor(diagnosis, all, 80)).to_string();
    let widest = text.lines().map(|line| line.chars().count()).max().unwrap();
    assert!(widest <= 80, "{widest} columns\n{text}");
    text
}

fn golden(name: &str, text: &str) {
    let name = name.replace(", ", "-").replace(' ', "-");
    insta::with_settings!({snapshot_path => "golden/doctor", prepend_module_to_snapshot => false, omit_expression => true}, {
        assert_snapshot!(name, text);
    });
}

/// A mesh that is peered and well, and then damaged.
async fn damaged(mesh: Mesh, damage: impl FnOnce(&Bench)) -> Bench {
    let mut bench = Bench::new(mesh, SEED, |_| ());
    bench.settle().await;
    damage(&bench);
    bench.lab.clock().wait(std::time::Duration::from_secs(1_200)).await;
    bench.mesh.defaults.release = Some("14".into());
    bench
}

fn fresh(mesh: Mesh, prepare: impl FnOnce(&mut LabSpec)) -> Bench {
    Bench::new(mesh, SEED, prepare)
}

/// The prerequisites that failed, each once.
fn failed(diagnosis: &Diagnosis) -> Vec<&str> {
    let mut failed: Vec<&str> = Vec::new();
    for finding in diagnosis.findings.iter().filter(|f| f.verdict == Verdict::Failed) {
        if !failed.contains(&finding.prerequisite.as_str()) {
            failed.push(&finding.prerequisite);
        }
    }
    failed
}

#[tokio::test(start_paused = true)]
async fn a_mesh_that_is_well_has_no_red_row_whatever_the_product_does_where_nobody_knows() {
    for seed in 0..12 {
        let bench = Bench::new(with_cli(""), seed, |_| ());
        bench.settle().await;
        // the services that were restarted are back, and so are the users
        bench.lab.clock().wait(std::time::Duration::from_secs(1_200)).await;
        let found = diagnosis(&bench).await;
        assert_eq!(failed(&found), [""; 0], "seed {seed}\n{}", text(&found, false));
        assert!(found.counts.ok > 60, "seed {seed}: {:?}", found.counts);
    }
}

#[tokio::test(start_paused = true)]
async fn all_is_well() {
    let found = diagnosis(&damaged(with_cli(""), |_| ()).await).await;
    golden("all is well", &text(&found, false));
    golden("all is well, every row", &text(&found, true));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_peered_and_no_node_can_be_asked() {
    let found = diagnosis(&fresh(mesh_of(3, "", ""), |_| ())).await;
    golden("nothing is peered", &text(&found, false));
}

#[tokio::test(start_paused = true)]
async fn a_firewall_is_closed() {
    let found = diagnosis(
        &damaged(with_cli(""), |bench| {
            let mut world = bench.lab.world();
            world.block(&"apac".into(), &"emea".into(), 7400).unwrap();
            world.block(&"apac".into(), &"emea".into(), 8443).unwrap();
        })
        .await,
    )
    .await;
    golden("a firewall is closed", &text(&found, false));
    let ports = ["Port 8443 (AXL) is open", "Port 7400 (XMPP) is open"];
    assert!(ports.iter().all(|port| failed(&found).contains(port)));
}

/// SIP's port counts where SIP federates, and nowhere else.
#[tokio::test(start_paused = true)]
async fn the_port_of_sip_is_closed() {
    const SIP: &str = "Port 5060 (SIP) is open";
    let closed = |bench: &Bench| bench.lab.world().block(&"apac".into(), &"emea".into(), 5060).unwrap();
    let federating = "policy: {sip_federation: true}\n";
    let asked = |found: &Diagnosis| found.findings.iter().filter(|f| f.prerequisite == SIP).count();
    let open = diagnosis(&damaged(with_cli(federating), |_| ()).await).await;
    assert_eq!((failed(&open).contains(&SIP), asked(&open)), (false, 2));
    let found = diagnosis(&damaged(with_cli(federating), closed).await).await;
    golden("the port of SIP is closed", &text(&found, false));
    assert_eq!(failed(&found), [SIP]);
    let without = diagnosis(&damaged(with_cli(""), closed).await).await;
    assert_eq!((failed(&without), asked(&without)), (vec![], 0));
}

#[tokio::test(start_paused = true)]
async fn a_name_does_not_lead_back() {
    let found = diagnosis(
        &damaged(with_cli(""), |bench| {
            let mut world = bench.lab.world();
            for cluster in ["apac", "emea"] {
                world.set_leads_back(&cluster.into(), "imp2.emea.example.com", false);
                world.set_resolves(&cluster.into(), "cucm1.emea.example.com", false);
            }
        })
        .await,
    )
    .await;
    golden("a name does not lead back", &text(&found, false));
}

#[tokio::test(start_paused = true)]
async fn a_certificate_has_expired_and_another_names_nothing() {
    let found = diagnosis(&fresh(mesh_of(2, "", ""), |spec| {
        spec.clusters[0].certificate = CertificateKind::Expired;
        spec.clusters[1].certificate = CertificateKind::WithoutNames;
    }))
    .await;
    golden("certificates", &text(&found, false));
    assert_eq!(failed(&found), ["The certificate is valid"]);
}

#[tokio::test(start_paused = true)]
async fn the_password_of_a_peer_account_is_wrong() {
    let mut mesh = with_cli("");
    let mut wrong = mesh.credentials[&"icsa".into()].clone();
    wrong.username = "icsa-old".into();
    mesh.credentials.insert("old".into(), wrong);
    mesh.clusters[1].credentials.peer = Some("old".into());
    let found = diagnosis(&fresh(mesh, |spec| {
        for account in &mut spec.clusters[1].accounts {
            if account.account.username == "icsa-old" {
                account.account.password = "another".to_owned().into();
            }
        }
    }))
    .await;
    golden("a wrong peer password", &text(&found, false));
    let expected = ["AXL answers ICSA's probe with `old`", "AXL of emea answers ICSA's probe with `old`"];
    assert_eq!(failed(&found), expected);
}

#[tokio::test(start_paused = true)]
async fn users_are_unassigned() {
    let found = diagnosis(&fresh(mesh_of(2, "", ""), |spec| spec.clusters[0].nodes[1].group = None)).await;
    golden("unassigned users", &text(&found, false));
    for prerequisite in ["No users are unassigned", "No nodes are unassigned"] {
        assert!(failed(&found).contains(&prerequisite));
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_is_stopped() {
    let found = diagnosis(&fresh(mesh_of(2, "", ""), |spec| {
        spec.clusters[0].nodes[1].stopped.push(service::AXL.into());
        spec.clusters[1].nodes[0].stopped.push(service::SYNC_AGENT.into());
    }))
    .await;
    golden("a service is stopped", &text(&found, false));
}

#[tokio::test(start_paused = true)]
async fn the_same_on_many_nodes_is_one_row() {
    let nodes = |cluster: &str| {
        let names: Vec<String> = (1..=5).map(|n| format!("{{name: imp{n}.{cluster}.example.com}}")).collect();
        names.join(", ")
    };
    let mesh = load(&format!(
        "apiVersion: intermesh/v1\nkind: Mesh\nmetadata: {{name: test}}\ndomain: example.com\n\
         credentials:\n  icsa: {{username: icsa, password: {{env: ICSA}}}}\n  admin: {{username: admin, password: {{env: ADMIN}}}}\n\
         defaults: {{credentials: {{axl: icsa, admin: admin}}}}\nclusters:\n  \
         - {{name: apac, publisher: imp1.apac.example.com, nodes: [{}]}}\n  \
         - {{name: emea, publisher: imp1.emea.example.com, nodes: [{}]}}\n",
        nodes("apac"),
        nodes("emea"),
    ));
    let found = diagnosis(&fresh(mesh, |spec| {
        for node in &mut spec.clusters[0].nodes[1..] {
            node.stopped.push(service::AXL.into());
        }
    }))
    .await;
    let at_60 = anstream::adapter::strip_str(&report::fit(&report::doctor(&found, false, 60), 60)).to_string();
    assert!(at_60.lines().all(|line| line.chars().count() <= 60), "{at_60}");
    let wide = text(&found, false);
    assert!(wide.contains("4 nodes: Cisco AXL Web Service runs: Stopped"), "{wide}");
    golden("a row of many nodes", &format!("{wide}\n=== 60 columns\n{at_60}"));
}

#[tokio::test(start_paused = true)]
async fn high_availability_is_not_normal() {
    let bench = fresh(mesh_of(2, "", ""), |_| ());
    let group = {
        let operator = bench.lab.operator(&"c00".into());
        let group = operator.high_availability().await.unwrap()[0].name.clone();
        operator.set_high_availability(&group, true).await.unwrap();
        group
    };
    bench.lab.clock().wait(std::time::Duration::from_secs(600)).await;
    let node = intermesh::mesh::NodeName::from("imp2.c00.example.com");
    bench.lab.world().stop(&"c00".into(), &node, service::XCP_ROUTER).unwrap();
    bench.lab.clock().wait(std::time::Duration::from_secs(600)).await;
    let found = diagnosis(&bench).await;
    golden("High Availability is not Normal", &text(&found, false));
    assert!(failed(&found).contains(&"High Availability is Normal"), "{group}");
}

#[tokio::test(start_paused = true)]
async fn a_cluster_cannot_be_read() {
    let bench = fresh(mesh_of(3, "", ""), |_| ());
    let kind = intermesh::cluster::ErrorKind::Untrusted { detail: "it has expired".into() };
    bench.lab.inject(intermesh::lab::Fault { cluster: "c01".into(), call: "identity", kind, effect: false, times: 1 });
    let found = diagnosis(&bench).await;
    golden("a cluster cannot be read", &text(&found, false));
    assert_eq!(failed(&found), ["The cluster can be read"]);
}

#[tokio::test(start_paused = true)]
async fn a_large_mesh_wants_fewer_processes() {
    let found = diagnosis(&fresh(mesh_of(10, "topology: {shape: hub, hub: c00}\n", ""), |_| ())).await;
    let warned = |label: &str| {
        found.findings.iter().filter(|f| f.verdict == Verdict::Warning && f.prerequisite == label).count()
    };
    assert_eq!((warned("Maximum no. of processes"), warned("Maximum no. of spare processes")), (20, 20));
    let small = diagnosis(&fresh(mesh_of(9, "topology: {shape: hub, hub: c00}\n", ""), |_| ())).await;
    assert!(!small.findings.iter().any(|f| f.prerequisite.starts_with("Maximum")));
}

#[tokio::test(start_paused = true)]
async fn programs_read_the_same() {
    let found = diagnosis(&fresh(mesh_of(2, "", ""), |spec| {
        spec.clusters[0].nodes[1].stopped.push(service::AXL.into());
    }))
    .await;
    let json = serde_json::to_value(&found).unwrap();
    assert_eq!(json["counts"]["failed"], found.counts.failed);
    let row = json["findings"].as_array().unwrap().iter().find(|f| f["verdict"] == "failed").unwrap();
    assert_eq!((row["scope"].as_str(), row["node"].as_str()), (Some("node"), Some("imp2.c00.example.com")));
    let xml = report::junit("doctor", &report::doctor_suites(&found)).unwrap();
    assert!(xml.contains(&format!("tests=\"{}\"", found.findings.len())), "{xml}");
    assert!(xml.contains(&format!("failures=\"{}\"", found.counts.failed)), "{xml}");
}

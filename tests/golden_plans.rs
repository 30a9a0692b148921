//! What a person reads: the plan as text, in real situations of the procedure. `INSTA_UPDATE=always` rewrites the
//! files under `tests/golden/`; look at the difference before you commit it.

#![allow(clippy::unwrap_used, reason = "clippy takes the functions beside the tests for no tests")]

mod support;

use insta::assert_snapshot;
use intermesh::cluster::{ErrorKind, Protocol, service};
use intermesh::lab::{Fault, LabSpec};
use intermesh::mesh::{Mesh, State};
use intermesh::report;
use support::{Bench, mesh_of};

/// The plan's text without colours.
async fn text(bench: &Bench) -> String {
    let plan = bench.plan().await;
    anstream::adapter::strip_str(&report::plan(&plan)).to_string()
}

fn golden(name: &str, text: &str) {
    let name = name.replace(", ", "-").replace(' ', "-");
    insta::with_settings!({snapshot_path => "golden/plan", prepend_module_to_snapshot => false, omit_expression => true}, {
        assert_snapshot!(name, text);
    });
}

async fn fresh(mesh: Mesh, prepare: impl FnOnce(&mut LabSpec)) -> Bench {
    Bench::new(mesh, 1, prepare)
}

fn with_release(mut mesh: Mesh, release: &str) -> Mesh {
    mesh.defaults.release = Some(release.into());
    mesh
}

/// A mesh that was applied, and then another file for it.
async fn applied(before: Mesh, after: impl FnOnce(&mut Mesh)) -> Bench {
    let mut bench = Bench::new(before, 1, |_| ());
    bench.settle().await;
    after(&mut bench.mesh);
    bench
}

#[tokio::test(start_paused = true)]
async fn a_fresh_mesh() {
    let bench = fresh(mesh_of(3, "", ""), |_| ()).await;
    golden("fresh mesh", &text(&bench).await);
    let plan = bench.plan().await;
    golden("fresh mesh, every step", &anstream::adapter::strip_str(&report::steps(&plan)).to_string());
}

#[tokio::test(start_paused = true)]
async fn a_canary_and_thirty_clusters() {
    golden("thirty clusters", &text(&fresh(mesh_of(30, "", ""), |_| ()).await).await);
}

#[tokio::test(start_paused = true)]
async fn nothing_to_do() {
    golden("nothing to do", &text(&applied(mesh_of(3, "", ""), |_| ()).await).await);
}

#[tokio::test(start_paused = true)]
async fn services_are_stopped() {
    let bench = fresh(mesh_of(2, "", ""), |spec| {
        spec.clusters[0].nodes[1].stopped.push(service::AXL.into());
        spec.clusters[1].nodes[0].stopped.push(service::ICSA.into());
        spec.clusters[1].nodes[0].stopped.push(service::SYNC_AGENT.into());
    });
    golden("services are stopped", &text(&bench.await).await);
}

#[tokio::test(start_paused = true)]
async fn axl_is_stopped_on_a_publisher() {
    let bench = fresh(mesh_of(3, "", ""), |spec| spec.clusters[1].nodes[0].stopped.push(service::AXL.into()));
    golden("AXL is stopped on a publisher", &text(&bench.await).await);
}

#[tokio::test(start_paused = true)]
async fn a_cluster_leaves() {
    for (name, release) in [("a cluster leaves before 14", "12.5"), ("a cluster leaves from 14", "14")] {
        let mesh = with_release(mesh_of(3, "", ""), release);
        golden(name, &text(&applied(mesh, |mesh| mesh.clusters[2].state = State::Absent).await).await);
    }
}

#[tokio::test(start_paused = true)]
async fn a_cluster_is_gone() {
    let bench = applied(mesh_of(3, "", ""), |mesh| mesh.clusters[2].state = State::Gone).await;
    golden("a cluster is gone", &text(&bench).await);
}

#[tokio::test(start_paused = true)]
async fn a_link_changes_its_transport() {
    let bench = applied(mesh_of(2, "", ""), |mesh| mesh.defaults.transport = intermesh::mesh::Transport::Tls).await;
    golden("transport to TLS", &text(&bench).await);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_nobody_asked_for() {
    let stranger = |spec: &mut LabSpec| {
        let account = spec.clusters[0].accounts[0].account.clone();
        let peer = |address: &str| intermesh::lab::PeerSpec {
            address: address.into(),
            account: account.clone(),
            protocol: Protocol::Tcp,
        };
        spec.clusters[0].peers = vec![peer("imp1.elsewhere.example.com"), peer("imp1.nowhere.example.com")];
    };
    golden("a peer that nobody asked for", &text(&fresh(mesh_of(2, "", ""), stranger).await).await);
    let strict = mesh_of(2, "", "policy: {unmanaged_peers: delete, max_deletes: 1}\n");
    golden("unmanaged peers are to be deleted", &text(&fresh(strict, stranger).await).await);
}

#[tokio::test(start_paused = true)]
async fn one_side_is_missing() {
    let bench = applied(mesh_of(3, "", ""), |_| ()).await;
    bench.lab.operator(&"c00".into()).delete_peer(&"imp1.c01.example.com".into()).await.unwrap();
    golden("one side is missing", &text(&bench).await);
}

#[tokio::test(start_paused = true)]
async fn a_cluster_cannot_be_read() {
    let bench = fresh(mesh_of(3, "", ""), |_| ()).await;
    let kind = ErrorKind::Unauthorized { username: "icsa".into() };
    bench.lab.inject(Fault { cluster: "c01".into(), call: "*", kind, effect: false, times: 1 });
    golden("a cluster cannot be read", &text(&bench).await);
}

#[tokio::test(start_paused = true)]
async fn the_publisher_has_another_name() {
    let bench = fresh(mesh_of(2, "", ""), |spec| spec.clusters[1].nodes.swap(0, 1)).await;
    golden("the publisher has another name", &text(&bench).await);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_done_yet_is_refused() {
    let extra = "parameters: {Cisco SIP Proxy: {Maximum no. of processes: 10}}\n\
                 policy: {window: {from: \"01:00\", to: \"05:00\", zone: Europe/Berlin}}\n";
    golden("what cannot be done yet", &text(&fresh(mesh_of(2, "", extra), |_| ()).await).await);
}

/// Every example is planned for clusters that were never peered.
#[tokio::test(start_paused = true)]
async fn every_example() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/topologies");
    let mut planned = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text_of_file = std::fs::read_to_string(&path).unwrap();
        let bench = fresh(support::load(&text_of_file), |_| ()).await;
        golden(&format!("example-{}", path.file_stem().unwrap().to_str().unwrap()), &text(&bench).await);
        planned += 1;
    }
    assert!(planned >= 9, "the examples were found");
}

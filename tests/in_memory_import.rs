//! Import on the product in memory: what a walk finds, and the file that it becomes. `INSTA_UPDATE=always` rewrites the
//! files under `tests/golden/import/`; look at the difference before you commit it.

#![allow(clippy::unwrap_used, reason = "clippy takes the functions beside the tests for no tests")]

mod support;
#[path = "support/import.rs"]
mod walked;

use intermesh::cluster::{Clock, ErrorKind, NewPeer, Protocol, Transport, service};
use intermesh::lab::Fault;
use intermesh::mesh::{Mesh, NodeName, Shape};
use intermesh::plan::import::{Given, RemarkKind, import};
use support::{Bench, entry, load, mesh_of};
use walked::{bench_of, found, ways, written};

fn golden(name: &str, text: &str) {
    insta::with_settings!({snapshot_path => "golden/import", prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!(name, text);
    });
}

/// A mesh with something of everything: releases, groups, TLS, parameters.
fn varied() -> Mesh {
    load(
        "apiVersion: intermesh/v1\nkind: Mesh\nmetadata: {name: test}\ndomain: example.com\n\
         credentials:\n  icsa: {username: icsa, password: {env: ICSA}}\n  admin: {username: admin, password: {env: ADMIN}}\n\
         defaults: {release: \"14\", credentials: {axl: icsa, admin: admin}}\n\
         clusters:\n  - {name: apac, publisher: imp1.apac.example.com}\n  - {name: emea, publisher: 10.1.0.11, release: \"12.5\"}\n\
         \x20 - {name: japan, publisher: imp1.japan.example.com}\n  - {name: latam, publisher: imp1.latam.example.com}\n\
         topology: {shape: full, links: [{between: [apac, japan], transport: tls}]}\n\
         parameters: {Cisco SIP Proxy: {Maximum no. of processes: 10, Maximum no. of spare processes: 10}}\n",
    )
}

async fn settled(mesh: Mesh) -> Bench {
    let bench = Bench::new(mesh, 3, |_| ());
    bench.settle().await;
    bench
}

fn add(bench: &Bench, from: &str, address: &str, protocol: Transport) {
    let account = intermesh::cluster::Account { username: "icsa".into(), password: "unknown".to_owned().into() };
    let peer = NewPeer { address: address.into(), account, protocol };
    bench.lab.world().add_peer(&from.into(), &peer).unwrap();
}

fn refuse(bench: &Bench, cluster: &str, kind: ErrorKind) {
    bench.lab.inject(Fault { cluster: cluster.into(), call: "*", kind, effect: false, times: 1_000 });
}

#[tokio::test(start_paused = true)]
async fn a_mesh_is_found_from_any_of_its_clusters() {
    let bench = settled(varied()).await;
    let before = bench.lab.writes().len();
    let mut texts = Vec::new();
    for start in ["imp1.apac.example.com", "10.1.0.11", "imp1.latam.example.com"] {
        let found = found(&ways(&bench, &[]), &[start]).await;
        let (imported, text) = written(&bench.mesh, &found, &["imp1.apac.example.com"]);
        assert_eq!(imported.remarks, [], "{text}");
        assert_eq!(imported.draft.mesh.topology.shape, Shape::Full);
        texts.push(text);
    }
    texts.dedup();
    assert_eq!(texts.len(), 1, "the same mesh, whatever it was found from");
    assert_eq!(bench.lab.writes().len(), before, "nothing was written");
    golden("varied", &texts[0]);
}

/// Two to thirty clusters in every shape: the plan on the imported file is empty, and everything could be read.
#[tokio::test(start_paused = true)]
async fn a_plan_on_an_imported_file_is_empty() {
    for (clusters, topology, shape) in [
        (2, "", Shape::Full),
        (3, "", Shape::Full),
        (5, "topology: {shape: hub, hub: c03}\n", Shape::Hub),
        (
            4,
            "topology: {shape: links, links: [{between: [c00, c01]}, {between: [c01, c02], transport: tls}, {between: [c02, c03]}]}\n",
            Shape::Links,
        ),
        (6, "topology: {shape: full, links: [{between: [c01, c04], transport: tls}]}\n", Shape::Full),
    ] {
        let bench = settled(mesh_of(clusters, topology, "")).await;
        let found = found(&ways(&bench, &[]), &["imp2.c00.example.com"]).await;
        let (imported, text) = written(&bench.mesh, &found, &[]);
        assert_eq!((imported.draft.mesh.topology.shape, imported.remarks.as_slice()), (shape, &[][..]), "{text}");
        let plan = bench_of(&bench, &imported).plan().await;
        assert!(plan.is_empty() && plan.unread.is_empty() && plan.left_alone.is_empty(), "{:#?}\n{text}", plan.changes);
    }
}

/// The largest mesh: every cluster is read once, and the file is the same from either end.
#[tokio::test(start_paused = true)]
async fn thirty_clusters_are_found_from_one() {
    let mesh = mesh_of(30, "", "");
    let bench = Bench::new(mesh, 1, |spec| {
        let publishers: Vec<_> = spec.clusters.iter().map(|c| c.nodes[0].name.clone()).collect();
        let peers = publishers.iter().map(|publisher| entry(spec, publisher.as_str(), None)).collect::<Vec<_>>();
        for cluster in &mut spec.clusters {
            cluster.peers = peers.iter().filter(|peer| peer.address != cluster.nodes[0].name).cloned().collect();
        }
    });
    let one = ways(&bench, &[]);
    let (imported, text) = written(&bench.mesh, &found(&one, &["imp1.c00.example.com"]).await, &[]);
    let (_, again) = written(&bench.mesh, &found(&ways(&bench, &[]), &["imp1.c29.example.com"]).await, &[]);
    assert_eq!((imported.draft.mesh.clusters.len(), imported.draft.mesh.topology.shape), (30, Shape::Full));
    assert_eq!((text, imported.remarks.len()), (again, 0));
    bench.lab.clock().wait(std::time::Duration::from_secs(6 * 3_600)).await;
    let plan = bench_of(&bench, &imported).plan().await;
    assert!(plan.is_empty() && plan.unread.is_empty(), "{:#?}", plan.changes);
    // once to look its name up, once to read it
    assert_eq!(one.opened.lock().unwrap().len(), 60);
}

/// A cluster that several names lead to is one cluster, and an entry by another name than its own is said.
#[tokio::test(start_paused = true)]
async fn a_cluster_with_many_names_is_one() {
    let bench = settled(mesh_of(3, "", "")).await;
    {
        let mut world = bench.lab.world();
        world.delete_peer(&"c00".into(), &"imp1.c01.example.com".into()).unwrap();
        world.delete_peer(&"c02".into(), &"imp1.c01.example.com".into()).unwrap();
    }
    add(&bench, "c00", "imp2.c01.example.com", Transport::Tcp);
    add(&bench, "c02", "10.9.0.1", Transport::Tcp);
    let ways = ways(&bench, &[("10.9.0.1", "imp1.c01.example.com"), ("imp1", "imp1.c01.example.com")]);
    let found = found(&ways, &["imp1", "imp1.c00.example.com"]).await;
    assert_eq!((found.clusters.len(), found.unread.len()), (3, 0));
    let (imported, text) = written(&bench.mesh, &found, &["imp1", "imp1.c00.example.com"]);
    assert_eq!(imported.draft.mesh.topology.shape, Shape::Full);
    golden("many-names", &text);
}

/// One side is missing, an address leads nowhere, a cluster is down, one refuses the account, one shows a certificate that
/// nobody trusts: all of it is said, and a plan makes and deletes nothing.
#[tokio::test(start_paused = true)]
async fn damage_is_said_and_not_decided() {
    let bench = settled(mesh_of(6, "", "")).await;
    bench.lab.world().delete_peer(&"c02".into(), &"imp1.c01.example.com".into()).unwrap();
    add(&bench, "c00", "imp1.elsewhere.example.com", Transport::Tcp);
    {
        let edit = intermesh::cluster::PeerEdit { account: None, protocol: Some(Transport::Tls) };
        bench.lab.world().update_peer(&"c00".into(), &"imp1.c02.example.com".into(), &edit).unwrap();
    }
    refuse(&bench, "c03", ErrorKind::Unreachable { detail: "connection timed out after 10 s".into() });
    refuse(&bench, "c04", ErrorKind::Unauthorized { username: "icsa".into() });
    refuse(&bench, "c05", ErrorKind::Untrusted { detail: "self-signed".into() });
    let start = ["imp1.c00.example.com"];
    let found = found(&ways(&bench, &[]), &start).await;
    let (imported, text) = written(&bench.mesh, &found, &start);
    assert_eq!(imported.remarks.iter().filter(|r| r.kind == RemarkKind::NotRead).count(), 4, "{text}");
    golden("damage", &text);
    let plan = bench_of(&bench, &imported).plan().await;
    assert_eq!((plan.summary.create, plan.summary.delete, plan.summary.replace), (0, 0, 0), "{:#?}", plan.changes);
}

/// The domain is not read, so only a file that led in can tell of two. No mesh file can ask for a link between them: it is
/// said, and left as it is.
#[tokio::test(start_paused = true)]
async fn a_link_across_presence_domains_is_left_out_and_said() {
    let mesh = load(
        "apiVersion: intermesh/v1\nkind: Mesh\nmetadata: {name: test}\ndomain: example.com\n\
         credentials:\n  icsa: {username: icsa, password: {env: ICSA}}\n  admin: {username: admin, password: {env: ADMIN}}\n\
         defaults: {credentials: {axl: icsa, admin: admin}}\n\
         clusters:\n  - {name: apac, publisher: imp1.apac.example.com}\n  - {name: emea, publisher: imp1.emea.example.com}\n\
         \x20 - {name: other, publisher: imp1.other.example.net, domain: example.net}\n\
         topology: {shape: links, links: [{between: [apac, emea]}]}\n",
    );
    let bench = settled(mesh).await;
    add(&bench, "apac", "imp1.other.example.net", Transport::Tcp);
    add(&bench, "other", "imp1.apac.example.com", Transport::Tcp);
    let start = ["imp1.apac.example.com"];
    let found = found(&ways(&bench, &[]), &start).await;
    let begun_at: Vec<_> = start.iter().map(|name| NodeName::from(*name)).collect();
    let given = Given { way: &bench.mesh, name: Some("test"), domain: Some("example.com"), begun_at: &begun_at };
    let imported = import(&found, &given);
    let text = imported.draft.render("mesh.yaml").unwrap();
    let made = load(&text);
    let damage: Vec<String> =
        imported.remarks.iter().filter(|r| r.kind == RemarkKind::Damage).map(|r| r.words()).collect();
    assert!(
        damage[0].starts_with("apac and other are linked across presence domains; no mesh file can ask"),
        "{damage:?}"
    );
    assert_eq!(made.cluster(&"other".into()).unwrap().domain.as_deref(), Some("example.net"), "{text}");
    let links = intermesh::mesh::topology::links(&made);
    assert_eq!(links.len(), 1, "{text}");
    assert!(text.contains("across presence domains"), "{text}");
    let plan = bench_of(&bench, &imported).plan().await;
    assert_eq!((plan.summary.create, plan.summary.delete), (0, 0), "{:#?}", plan.changes);
}

/// Entries store a user whose password nobody gave, and two of them another one.
#[tokio::test(start_paused = true)]
async fn accounts_of_peers_are_to_be_filled_in() {
    let bench = Bench::new(mesh_of(3, "", ""), 5, |spec| {
        let peers: Vec<_> = spec.clusters.iter().map(|c| c.nodes[0].name.clone()).collect();
        let mut entries: Vec<_> = peers.iter().map(|name| entry(spec, name.as_str(), None)).collect();
        entries[1].account.username = "intercluster".into();
        for (at, cluster) in spec.clusters.iter_mut().enumerate() {
            cluster.peers = entries.iter().enumerate().filter(|(to, _)| *to != at).map(|(_, e)| e.clone()).collect();
        }
        spec.clusters[2].peers[0].account.username = "former".into();
    });
    let start = ["imp1.c00.example.com"];
    let found = found(&ways(&bench, &[]), &start).await;
    let (_, text) = written(&bench.mesh, &found, &start);
    golden("accounts", &text);
}

/// AXL is down on a publisher: what the pages tell is in the file.
#[tokio::test(start_paused = true)]
async fn without_axl_the_pages_tell() {
    let bench = settled(mesh_of(3, "", "")).await;
    bench.lab.world().stop(&"c01".into(), &"imp1.c01.example.com".into(), service::AXL).unwrap();
    let start = ["imp1.c00.example.com"];
    let found = found(&ways(&bench, &[]), &start).await;
    let (imported, text) = written(&bench.mesh, &found, &start);
    assert_eq!((imported.draft.mesh.topology.shape, imported.unread.len()), (Shape::Full, 0), "{text}");
    assert_eq!(imported.remarks.len(), 1, "{text}");
    let plan = bench_of(&bench, &imported).plan().await;
    assert_eq!((plan.summary.create, plan.summary.delete, plan.summary.start), (0, 0, 1), "{:#?}", plan.changes);
}

/// A refused account costs one failed login on a cluster, however many names lead there.
#[tokio::test(start_paused = true)]
async fn a_refused_account_is_tried_once_on_a_host() {
    let bench = settled(mesh_of(2, "", "")).await;
    add(&bench, "c00", "10.9.0.1", Transport::Tcp);
    let address = bench.lab.world().resolve(&"c01".into(), "imp1.c01.example.com").unwrap().to_string();
    bench.lab.world().delete_peer(&"c00".into(), &"10.9.0.1".into()).unwrap();
    add(&bench, "c00", &address, Transport::Tcp);
    bench.lab.inject(Fault {
        cluster: "c01".into(),
        call: "identity",
        kind: ErrorKind::Unauthorized { username: "icsa".into() },
        effect: false,
        times: 1,
    });
    let address: &'static str = address.leak();
    let found = found(&ways(&bench, &[(address, "imp1.c01.example.com")]), &["imp1.c00.example.com"]).await;
    // asked a second time it would have answered
    assert_eq!((found.clusters.len(), found.unread.len()), (1, 1));
    assert_eq!(found.unread[0].also.len(), 1);
}

/// Names that would break out of a comment, a text or a terminal.
#[tokio::test(start_paused = true)]
async fn hostile_names_stay_what_they_are() {
    let hostile = "x\n- {name: evil}\u{1b}[2J\u{2028}\u{202e}#: '\"";
    let bench = settled(mesh_of(3, "", "")).await;
    let mut found = found(&ways(&bench, &[]), &["imp1.c00.example.com"]).await;
    for cluster in &mut found.clusters {
        let intermesh::cluster::Fact::Read(peers) = &mut cluster.read.peers else { panic!() };
        peers[0].username = Some(hostile.to_owned());
        peers[0].protocol = Protocol::Other(hostile.to_owned());
        let mut stray = peers[0].clone();
        stray.address = hostile.into();
        peers.push(stray);
        let intermesh::cluster::Fact::Read(nodes) = &mut cluster.read.nodes else { panic!() };
        nodes[1].group = Some(hostile.to_owned());
        for parameters in cluster.read.parameters.values_mut().flat_map(|services| services.values_mut()) {
            let intermesh::cluster::Fact::Read(parameters) = parameters else { panic!() };
            parameters.iter_mut().for_each(|p| p.value = hostile.to_owned());
        }
        cluster.also.push(hostile.into());
    }
    found.not_asked.push(hostile.into());
    let (_, text) = written(&bench.mesh, &found, &[hostile]);
    assert!(!text.contains(['\u{1b}', '\u{202e}', '\u{2028}']), "{text}");
    assert!(!text.lines().any(|line| line.trim_start().starts_with("- {name: evil")), "{text}");
}

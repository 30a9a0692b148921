//! What a person reads: the plan as text, in real situations of the procedure. `INSTA_UPDATE=always` rewrites the
//! files under `tests/golden/`; look at the difference before you commit it.

#![allow(clippy::unwrap_used, reason = "clippy takes the functions beside the tests for no tests")]

mod support;

use insta::assert_snapshot;
use intermesh::cluster::{
    ClusterSnapshot, ErrorKind, Fact, ImAddressScheme, NameLookup, Outcome, Protocol, Snapshot, SyncStatus, service,
};
use intermesh::lab::{Fault, LabSpec};
use intermesh::mesh::{Mesh, State};
use intermesh::plan::{self, Lines, Options};
use intermesh::report;
use support::{Bench, entry, mesh_of, switching_mesh};

fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

async fn steps(bench: &Bench) -> String {
    plain(&report::steps(&bench.plan().await))
}

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
async fn parameters() {
    let extra = "parameters:\n  Cisco SIP Proxy: {Maximum no. of processes: 10}\n  Cisco Intercluster Sync Agent:\n    \
        Certificate Sync during Inter-Cluster Periodic Sync: Do not perform certificate sync\n";
    let mut mesh = mesh_of(2, "", extra);
    // this one does not have the certificate parameter yet
    mesh.clusters[1].release = Some("12.5".into());
    let bench = fresh(mesh, |_| ()).await;
    golden("parameters", &text(&bench).await);
    golden("parameters, every step", &steps(&bench).await);
}

#[tokio::test(start_paused = true)]
async fn high_availability_is_switched_off() {
    let bench = fresh(switching_mesh(2), |_| ()).await;
    bench.lab.world().begin_with_high_availability(&"c01".into(), "group1", false);
    golden("high availability is switched off", &text(&bench).await);
    golden("high availability is switched off, every step", &steps(&bench).await);
}

#[tokio::test(start_paused = true)]
async fn an_entry_has_another_name() {
    for (name, old) in
        [("host name to FQDN", "imp1"), ("a subscriber instead of the publisher", "imp2.c01.example.com")]
    {
        let bench = fresh(mesh_of(2, "", ""), |spec| {
            let (stale, right) = (entry(spec, old, None), entry(spec, "imp1.c00.example.com", None));
            spec.clusters[0].peers = vec![stale];
            spec.clusters[1].peers = vec![right];
        });
        golden(name, &text(&bench.await).await);
    }
    // one old name, and two clusters that it may stand for
    let bench = fresh(mesh_of(3, "", ""), |spec| spec.clusters[0].peers = vec![entry(spec, "imp1", None)]);
    golden("an entry that may be one of two clusters", &text(&bench.await).await);
}

#[tokio::test(start_paused = true)]
async fn certificates_are_out_of_sync() {
    let mut mesh = mesh_of(2, "", "");
    mesh.defaults.transport = intermesh::mesh::Transport::Tls;
    let bench = applied(mesh, |_| ()).await;
    bench.lab.world().regenerate_certificates(&"c01".into()).unwrap();
    golden("certificates are out of sync", &text(&bench).await);
    golden("certificates are out of sync, every step", &steps(&bench).await);
}

#[tokio::test(start_paused = true)]
async fn an_account_does_not_fit() {
    for (name, username) in [("an old password", "icsa"), ("another user name", "former")] {
        let bench = fresh(mesh_of(2, "", ""), |spec| {
            let mut stale = entry(spec, "imp1.c01.example.com", Some("an old one"));
            stale.account.username = username.into();
            let right = entry(spec, "imp1.c00.example.com", None);
            spec.clusters[0].peers = vec![stale];
            spec.clusters[1].peers = vec![right];
        });
        golden(name, &text(&bench.await).await);
    }
    let bench = applied(mesh_of(3, "", ""), |_| ()).await;
    let options = Options { replace_credentials: vec!["c01".into()], ..Options::default() };
    let plan = bench.plan_with(&options).await;
    golden("credentials are replaced", &plain(&report::plan(&plan)));
}

/// Facts that the lab does not show by itself are put into the snapshot.
async fn text_of(bench: &Bench, change: impl FnOnce(&mut Snapshot)) -> String {
    let mut snapshot = bench.plan().await.snapshot;
    change(&mut snapshot);
    let now = snapshot.taken_at;
    let none = |_: &str| None;
    let plan = plan::make(&bench.mesh, "test.yaml", &Lines::new(&none), &snapshot, &Options::default(), now);
    plan::check::check(&plan).unwrap();
    plain(&report::plan(&plan))
}

fn read<'a>(snapshot: &'a mut Snapshot, cluster: &str) -> &'a mut ClusterSnapshot {
    snapshot.clusters.get_mut(&cluster.into()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn prerequisites_are_not_met() {
    let bench = fresh(mesh_of(3, "", ""), |_| ()).await;
    let duplicates = |snapshot: &mut Snapshot| {
        let Fact::Read(checks) = &mut read(snapshot, "c01").troubleshooter else { panic!() };
        let row = checks.iter_mut().find(|c| c.test.contains("unique User ID")).unwrap();
        row.outcome = Outcome::Failed;
        row.problem = "2 user(s) have been identified as having a duplicate User ID. Up to 10 of the impacted users \
            are listed below: asmith, bjones"
            .into();
    };
    golden("duplicate users", &text_of(&bench, duplicates).await);
    let schemes = |snapshot: &mut Snapshot| {
        for (cluster, scheme) in [("c00", "UserID@Default_Domain"), ("c01", "Directory URI"), ("c02", "Directory URI")]
        {
            read(snapshot, cluster).im_address_scheme =
                Fact::Read(ImAddressScheme { place: "IM Address Scheme".into(), value: scheme.into() });
        }
    };
    golden("address schemes differ", &text_of(&bench, schemes).await);
    let names = |snapshot: &mut Snapshot| {
        let lookup = NameLookup {
            name: "cucm1.c01.example.com".into(),
            server: "10.1.0.53".into(),
            addresses: Vec::new(),
            trouble: None,
        };
        read(snapshot, "c01").lookups.insert(lookup.name.clone(), Fact::Read(lookup));
        let Fact::Read(status) = &mut read(snapshot, "c00").high_availability else { panic!() };
        status[0].nodes[1].state = "Failed Over".into();
    };
    golden("a name does not resolve and a node is not normal", &text_of(&bench, names).await);
    let mut own_dns = mesh_of(3, "", "");
    own_dns.clusters[1].dns = Some(intermesh::mesh::Dns { servers: vec!["10.1.0.53".into()] });
    golden("a name does not resolve for the nodes", &text_of(&fresh(own_dns, |_| ()).await, names).await);
}

#[tokio::test(start_paused = true)]
async fn the_sync_agent_has_not_finished() {
    let bench = fresh(mesh_of(2, "", ""), |_| ()).await;
    let working = |snapshot: &mut Snapshot| {
        read(snapshot, "c01").sync_status = Fact::Read(SyncStatus { text: "In progress".into() })
    };
    golden("the Sync Agent has not finished", &text_of(&bench, working).await);
}

/// What could not be read deletes nothing.
#[tokio::test(start_paused = true)]
async fn a_leaver_cannot_be_read() {
    let bench = applied(mesh_of(3, "", ""), |mesh| mesh.clusters[2].state = State::Absent).await;
    let kind = ErrorKind::Unreachable { detail: "no connection in 10 s".into() };
    bench.lab.inject(Fault { cluster: "c02".into(), call: "*", kind, effect: false, times: 100 });
    golden("a leaver cannot be read", &text(&bench).await);
}

#[tokio::test(start_paused = true)]
async fn guards_refuse() {
    let links = "topology: {shape: links, links: [{between: [c00, c01]}]}\n";
    let bench = applied(mesh_of(3, "", ""), |mesh| {
        *mesh = mesh_of(3, links, "policy: {unmanaged_peers: delete, max_deletes: 1, max_restarts: 0}\n");
        mesh.clusters[0].protected = true;
    });
    golden("guards refuse", &text(&bench.await).await);
    let short = "policy: {window: {from: \"01:00\", to: \"01:30\", zone: Europe/Berlin}}\n";
    golden("a window that is too short", &text(&fresh(mesh_of(2, "", short), |_| ()).await).await);
    let ignored = |spec: &mut LabSpec| spec.clusters[0].peers = vec![entry(spec, "imp1.elsewhere.example.com", None)];
    let quiet = mesh_of(2, "", "policy: {unmanaged_peers: ignore}\n");
    golden("a peer is ignored", &text(&fresh(quiet, ignored).await).await);
}

#[tokio::test(start_paused = true)]
async fn a_cluster_joins() {
    let linked = |spec: &mut LabSpec| {
        for own in 0..3 {
            let others = (0..3).filter(|other| *other != own);
            let peers = others.map(|other| entry(spec, &format!("imp1.c{other:02}.example.com"), None));
            spec.clusters[own].peers = peers.collect();
        }
    };
    golden("a cluster joins", &text(&fresh(mesh_of(4, "", ""), linked).await).await);
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

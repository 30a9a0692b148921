//! What a person and a program read: the plan as text, as Markdown and as JSON, in real situations of the procedure.
//! `INSTA_UPDATE=always` rewrites the files under `tests/golden/`; look at the difference before you commit it.

#![allow(clippy::unwrap_used, reason = "clippy takes the functions beside the tests for no tests")]

mod support;

use std::time::Duration;

use insta::assert_snapshot;
use intermesh::cluster::{
    AddressLookup, Clock, ClusterName, ClusterSnapshot, Depth, ErrorKind, Fact, ImAddressScheme, NameLookup, NewPeer,
    Outcome, Parameter, Protocol, Snapshot, SyncStatus, Unread, service,
};
use intermesh::lab::{Fault, InMemory, LabSpec};
use intermesh::mesh::{Mesh, State, Transport};
use intermesh::observe::A_PLANS_TIME;
use intermesh::plan::change::What;
use intermesh::plan::{self, Lines, Options, Plan, drift};
use intermesh::report;
use serde_json::Value;
use support::{Bench, entry, mesh_of, switching_mesh, with_cli};

fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

async fn steps(bench: &Bench) -> String {
    plain(&report::steps(&bench.plan().await))
}

async fn planned(bench: &Bench) -> Plan {
    bench.plan().await
}

/// A situation, in every format.
fn situation(name: &str, plan: &Plan) {
    golden(name, &plain(&report::plan(plan)));
    golden(&format!("{name}, markdown"), &report::markdown(plan));
    golden(&format!("{name}, json"), &json(plan));
}

/// Longer lists are cut: what follows is like what came.
const LONG: usize = 30;

/// The plan's JSON without the mesh and the snapshot that it carries: every value, change and step on a line.
fn json(plan: &Plan) -> String {
    let Value::Object(mut fields) = serde_json::to_value(plan).unwrap() else { panic!("a plan is an object") };
    for carried in ["mesh", "snapshot", "estimate"] {
        fields.remove(carried).unwrap();
    }
    let mut text = String::from("{\n");
    for (field, value) in &fields {
        match value {
            Value::Array(list) if !list.is_empty() => {
                text += &format!("{field:?}: [\n");
                list.iter().take(LONG).for_each(|one| text += &format!("  {one}\n"));
                if list.len() > LONG {
                    text += &format!("  ... {} more\n", list.len() - LONG);
                }
                text += "]\n";
            }
            other => text += &format!("{field:?}: {other}\n"),
        }
    }
    text + "}\n"
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
    situation("fresh mesh", &planned(&bench).await);
    let plan = bench.plan().await;
    golden("fresh mesh, every step", &anstream::adapter::strip_str(&report::steps(&plan)).to_string());
}

#[tokio::test(start_paused = true)]
async fn a_canary_and_thirty_clusters() {
    situation("thirty clusters", &planned(&fresh(mesh_of(30, "", ""), |_| ()).await).await);
}

#[tokio::test(start_paused = true)]
async fn nothing_to_do() {
    situation("nothing to do", &planned(&applied(mesh_of(3, "", ""), |_| ()).await).await);
}

#[tokio::test(start_paused = true)]
async fn services_are_stopped() {
    let bench = fresh(mesh_of(2, "", ""), |spec| {
        spec.clusters[0].nodes[1].stopped.push(service::AXL.into());
        spec.clusters[1].nodes[0].stopped.push(service::ICSA.into());
        spec.clusters[1].nodes[0].stopped.push(service::SYNC_AGENT.into());
    });
    situation("services are stopped", &planned(&bench.await).await);
}

#[tokio::test(start_paused = true)]
async fn axl_is_stopped_on_a_publisher() {
    let bench = fresh(mesh_of(3, "", ""), |spec| spec.clusters[1].nodes[0].stopped.push(service::AXL.into()));
    situation("AXL is stopped on a publisher", &planned(&bench.await).await);
}

#[tokio::test(start_paused = true)]
async fn a_cluster_leaves() {
    for (name, release) in [("a cluster leaves before 14", "12.5"), ("a cluster leaves from 14", "14")] {
        let mesh = with_release(mesh_of(3, "", ""), release);
        situation(name, &planned(&applied(mesh, |mesh| mesh.clusters[2].state = State::Absent).await).await);
    }
}

#[tokio::test(start_paused = true)]
async fn a_cluster_is_gone() {
    let bench = applied(mesh_of(3, "", ""), |mesh| mesh.clusters[2].state = State::Gone).await;
    situation("a cluster is gone", &planned(&bench).await);
}

#[tokio::test(start_paused = true)]
async fn a_link_changes_its_transport() {
    let bench = applied(mesh_of(2, "", ""), |mesh| mesh.defaults.transport = Transport::Tls).await;
    situation("transport to TLS", &planned(&bench).await);
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
    situation("a peer that nobody asked for", &planned(&fresh(mesh_of(2, "", ""), stranger).await).await);
    let strict = mesh_of(2, "", "policy: {unmanaged_peers: delete, max_deletes: 1}\n");
    situation("unmanaged peers are to be deleted", &planned(&fresh(strict, stranger).await).await);
}

#[tokio::test(start_paused = true)]
async fn one_side_is_missing() {
    let bench = applied(mesh_of(3, "", ""), |_| ()).await;
    bench.lab.operator(&"c00".into()).delete_peer(&"imp1.c01.example.com".into()).await.unwrap();
    situation("one side is missing", &planned(&bench).await);
}

/// What an interrupted run leaves: entries on both sides, a sync under way, restarts asked for.
#[tokio::test(start_paused = true)]
async fn a_sync_is_under_way() {
    let bench = fresh(mesh_of(2, "", ""), |_| ()).await;
    for (on, to) in [("c00", "imp1.c01.example.com"), ("c01", "imp1.c00.example.com")] {
        let account = bench.vault.account(&"icsa".into()).await.unwrap();
        let peer = NewPeer { address: to.into(), account, protocol: Transport::Tcp };
        bench.lab.operator(&on.into()).add_peer(&peer).await.unwrap();
    }
    bench.lab.clock().wait(Duration::from_secs(40)).await;
    situation("a sync is under way", &planned(&bench).await);
    golden("a sync is under way, every step", &steps(&bench).await);
}

#[tokio::test(start_paused = true)]
async fn a_cluster_cannot_be_read() {
    let bench = fresh(mesh_of(3, "", ""), |_| ()).await;
    let kind = ErrorKind::Unauthorized { username: "icsa".into() };
    bench.lab.inject(Fault { cluster: "c01".into(), call: "*", kind, effect: false, times: 1 });
    situation("a cluster cannot be read", &planned(&bench).await);
}

#[tokio::test(start_paused = true)]
async fn the_publisher_has_another_name() {
    let bench = fresh(mesh_of(2, "", ""), |spec| spec.clusters[1].nodes.swap(0, 1)).await;
    situation("the publisher has another name", &planned(&bench).await);
}

#[tokio::test(start_paused = true)]
async fn parameters() {
    let extra = "parameters:\n  Cisco SIP Proxy: {Maximum no. of processes: 10}\n  Cisco Intercluster Sync Agent:\n    \
        Certificate Sync during Inter-Cluster Periodic Sync: Do not perform certificate sync\n";
    let mut mesh = mesh_of(2, "", extra);
    // this one does not have the certificate parameter yet
    mesh.clusters[1].release = Some("12.5".into());
    let bench = fresh(mesh, |_| ()).await;
    situation("parameters", &planned(&bench).await);
    golden("parameters, every step", &steps(&bench).await);
}

#[tokio::test(start_paused = true)]
async fn high_availability_is_switched_off() {
    let bench = fresh(switching_mesh(2), |_| ()).await;
    bench.lab.world().begin_with_high_availability(&"c01".into(), "group1", false);
    situation("high availability is switched off", &planned(&bench).await);
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
        situation(name, &planned(&bench.await).await);
    }
    // one old name, and two clusters that it may stand for
    let bench = fresh(mesh_of(3, "", ""), |spec| spec.clusters[0].peers = vec![entry(spec, "imp1", None)]);
    situation("an entry that may be one of two clusters", &planned(&bench.await).await);
}

#[tokio::test(start_paused = true)]
async fn certificates_are_out_of_sync() {
    let mut mesh = mesh_of(2, "", "");
    mesh.defaults.transport = Transport::Tls;
    let bench = applied(mesh, |_| ()).await;
    bench.lab.world().regenerate_certificates(&"c01".into()).unwrap();
    situation("certificates are out of sync", &planned(&bench).await);
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
        situation(name, &planned(&bench.await).await);
    }
    let bench = applied(mesh_of(3, "", ""), |_| ()).await;
    let options = Options { replace_credentials: vec!["c01".into()], ..Options::default() };
    let plan = bench.plan_with(&options).await;
    situation("credentials are replaced", &plan);
}

/// Facts that the lab does not show by itself are put into the snapshot.
async fn plan_of(bench: &Bench, change: impl FnOnce(&mut Snapshot)) -> Plan {
    let mut snapshot = bench.plan().await.snapshot;
    change(&mut snapshot);
    let now = snapshot.taken_at;
    let none = |_: &str| None;
    let plan = plan::make(&bench.mesh, "test.yaml", &Lines::new(&none), snapshot, &Options::default(), now);
    plan::check::check(&plan).unwrap();
    plan
}

fn read<'a>(snapshot: &'a mut Snapshot, cluster: &str) -> &'a mut ClusterSnapshot {
    snapshot.clusters.get_mut(&cluster.into()).unwrap()
}

fn back(address: &str, name: &str) -> AddressLookup {
    AddressLookup { address: address.parse().unwrap(), names: vec![name.to_owned()] }
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
    situation("duplicate users", &plan_of(&bench, duplicates).await);
    let schemes = |snapshot: &mut Snapshot| {
        for (cluster, scheme) in [("c00", "UserID@Default_Domain"), ("c01", "Directory URI"), ("c02", "Directory URI")]
        {
            read(snapshot, cluster).im_address_scheme =
                Fact::Read(ImAddressScheme { place: "IM Address Scheme".into(), value: scheme.into() });
        }
    };
    situation("address schemes differ", &plan_of(&bench, schemes).await);
    let names = |snapshot: &mut Snapshot| {
        let lookup = NameLookup {
            name: "cucm1.c01.example.com".into(),
            server: "10.1.0.53".into(),
            addresses: Vec::new(),
            trouble: None,
            elsewhere: Vec::new(),
        };
        read(snapshot, "c01").lookups.insert(lookup.name.clone(), Fact::Read(lookup));
        let Fact::Read(status) = &mut read(snapshot, "c00").high_availability else { panic!() };
        status[0].nodes[1].state = "Failed Over".into();
    };
    situation("a name does not resolve and a node is not normal", &plan_of(&bench, names).await);
    // of two servers, the second does not know it
    let second = |snapshot: &mut Snapshot| {
        let lookup = |server: &str, leads: bool| NameLookup {
            name: "cucm1.c01.example.com".into(),
            server: server.into(),
            addresses: leads.then(|| back("10.1.0.9", "cucm1.c01.example.com")).into_iter().collect(),
            trouble: None,
            elsewhere: Vec::new(),
        };
        let good = NameLookup { elsewhere: vec![lookup("10.1.0.54", false)], ..lookup("10.1.0.53", true) };
        read(snapshot, "c01").lookups.insert(good.name.clone(), Fact::Read(good));
    };
    let plan = plan_of(&bench, second).await;
    let said: Vec<&str> = plan.concerns.iter().map(|concern| concern.what.as_str()).collect();
    let expected = "cucm1.c01.example.com of c01 does not resolve on 10.1.0.54; its peers' nodes must resolve it";
    assert!(said.contains(&expected), "{said:?}");
    let mut own_dns = mesh_of(3, "", "");
    own_dns.clusters[1].dns = Some(intermesh::mesh::Dns { servers: vec!["10.1.0.53".into()] });
    situation("a name does not resolve for the nodes", &plan_of(&fresh(own_dns, |_| ()).await, names).await);
}

/// How many entries a plan adds, why its links wait, and what it says besides, without what no lab shows.
fn links_of(plan: &Plan) -> (usize, Vec<&str>, Vec<&str>) {
    let waiting = plan.left_alone.iter().map(|left| left.reason.as_str());
    let said = plan.concerns.iter().map(|concern| concern.what.as_str()).filter(|what| !what.contains("scheme"));
    (plan.summary.create, waiting.collect(), said.collect())
}

/// A firewall between two clusters whose nodes can be asked.
#[tokio::test(start_paused = true)]
async fn a_firewall_is_closed() {
    let open = planned(&fresh(with_cli(""), |_| ()).await).await;
    assert_eq!(links_of(&open), (2, vec![], vec![]));
    assert!(!plain(&report::plan(&open)).contains("skipped"), "nothing was");
    let asked = &open.snapshot.clusters[&"apac".into()];
    assert_eq!((asked.ways.len(), asked.node_lookups.iter().any(|l| l.name.starts_with("cucm1"))), (8, true));

    let closed = async |mesh: Mesh, ports: &[u16]| {
        let bench = fresh(mesh, |_| ()).await;
        ports.iter().for_each(|port| bench.lab.world().block(&"apac".into(), &"emea".into(), *port).unwrap());
        planned(&bench).await
    };
    let plan = closed(with_cli(""), &[8443, 7400]).await;
    situation("a firewall is closed", &plan);
    assert_eq!((plan.summary.create, plan.summary.held_back), (0, 1));
    // a pipeline is not told that all is well
    let checks = report::results::Results::of_plan(&plan, 2).checks;
    let xml = report::junit("plan", &checks).unwrap();
    assert!(xml.contains("tests=\"1\"") && xml.contains("failures=\"1\""), "{xml}");
    // without AXL there is no link; what else is closed is said
    let xmpp = closed(with_cli(""), &[7400]).await;
    let (created, waiting, said) = links_of(&xmpp);
    assert_eq!((created, waiting, said.len()), (2, vec![], 1));
    assert!(said[0].starts_with("port 7400 (XMPP) of emea is closed to the nodes of apac"), "{said:?}");
    // SIP counts where it federates
    assert_eq!(links_of(&closed(with_cli(""), &[5060]).await), (2, vec![], vec![]));
    let sip = closed(with_cli("policy: {sip_federation: true}\n"), &[5060]).await;
    assert!(links_of(&sip).2[0].starts_with("port 5060 (SIP) of emea is closed"), "{:?}", links_of(&sip));
}

/// A new cluster behind a firewall that answers nothing has many peers, and a node waits a minute for each: a plan does
/// not, and says what it did not wait for.
#[tokio::test(start_paused = true)]
async fn a_plan_does_not_wait_for_every_closed_port() {
    let more: String = (1..=8).map(|n| format!("  - {{name: c{n}, publisher: imp1.c{n}.example.com}}\n")).collect();
    let bench = Bench::made(with_cli(&more), 1, InMemory::in_the_runtimes_time, |_| ());
    let others = bench.mesh.clusters.iter().map(|c| c.name.clone()).filter(|name| *name != "apac".into());
    let others: Vec<ClusterName> = others.collect();
    for other in &others {
        for port in [8443, 7400] {
            bench.lab.world().block(&"apac".into(), other, port).unwrap();
        }
    }
    let began = tokio::time::Instant::now();
    let plan = planned(&bench).await;
    assert!(began.elapsed() <= 2 * A_PLANS_TIME, "{:?}", began.elapsed());
    let ways = &plan.snapshot.clusters[&"apac".into()].ways;
    let not_asked = ways.iter().filter(|way| way.found == Fact::Unread(Unread::NotAsked)).count();
    assert!(not_asked > 0 && not_asked < ways.len(), "{not_asked} of {}", ways.len());
    // one closed way to a port is enough to hold a link back, and nobody says of the rest that it is open
    let said = links_of(&plan).2;
    assert!(said.iter().any(|what| what.contains("(not asked); `intermesh doctor` tells more")), "{said:?}");
    assert!(plan.summary.held_back > 0 && plan.summary.held_back < others.len(), "{}", plan.summary.held_back);
}

/// What the nodes of a cluster are not told by their own DNS servers.
#[tokio::test(start_paused = true)]
async fn a_node_does_not_resolve_a_name() {
    let bench = fresh(with_cli(""), |_| ()).await;
    bench.lab.world().set_resolves(&"apac".into(), "cucm1.emea.example.com", false);
    let plan = planned(&bench).await;
    let (created, waiting, _) = links_of(&plan);
    assert_eq!((created, waiting.len()), (0, 1));
    let nodes = "imp1.apac.example.com, imp2.apac.example.com";
    let expected = format!("cucm1.emea.example.com of emea does not resolve on {nodes}; ");
    assert!(waiting[0].contains(&expected), "{waiting:?}");
    let bench = fresh(with_cli(""), |_| ()).await;
    bench.lab.world().set_leads_back(&"apac".into(), "imp2.emea.example.com", false);
    let plan = planned(&bench).await;
    let (created, _, said) = links_of(&plan);
    assert_eq!((created, said.len()), (2, 1));
    assert!(said[0].contains("imp2.emea.example.com of emea leads back to no name on"), "{said:?}");
}

/// A link that is there is none of a plan's questions; what was not asked, or not answered, is said and never good.
#[tokio::test(start_paused = true)]
async fn what_the_nodes_did_not_tell() {
    let unasked = plan_of(&fresh(with_cli(""), |_| ()).await, |snapshot| {
        read(snapshot, "emea").ways.clear();
    })
    .await;
    let (created, _, said) = links_of(&unasked);
    assert_eq!((created, said.len()), (2, 1));
    assert!(said[0].starts_with("its nodes were not asked whether they reach the ports"), "{said:?}");

    let bench = fresh(with_cli(""), |_| ()).await;
    for call in ["reaches", "node_resolves"] {
        let kind = ErrorKind::Unreachable { detail: "no connection in 10 s".into() };
        bench.lab.inject(Fault { cluster: "apac".into(), call, kind, effect: false, times: 1 });
    }
    let plan = planned(&bench).await;
    let (created, _, said) = links_of(&plan);
    assert_eq!((created, said.len(), plan.unread.len()), (2, 2, 0));
    assert!(said[0].starts_with("it is not known whether its nodes reach the ports 8443/7400 of emea ("), "{said:?}");
    assert!(said[1].starts_with("it is not known whether its nodes resolve the names of emea ("), "{said:?}");

    bench.settle().await;
    let linked = planned(&bench).await;
    let asked = |read: &ClusterSnapshot| read.ways.len() + read.node_lookups.len();
    assert_eq!(linked.snapshot.clusters.values().map(asked).sum::<usize>(), 0);
}

/// A label that two parameters of a service have: nothing is set, and nothing is said to be as it should be.
#[tokio::test(start_paused = true)]
async fn a_parameter_is_not_told_by_its_label() {
    let label = "Maximum no. of processes";
    let bench = fresh(mesh_of(2, "", &format!("parameters: {{Cisco SIP Proxy: {{{label}: \"10\"}}}}\n")), |_| ()).await;
    let node = "imp1.c01.example.com";
    let twice = |first: &'static str, second: &'static str| {
        move |snapshot: &mut Snapshot| {
            let services = read(snapshot, "c01").parameters.get_mut(&node.into()).unwrap();
            let shown =
                |value: &str, group: &str| Parameter { group: Some(group.into()), ..Parameter::new(label, value) };
            let both = vec![shown(first, "General Proxy Parameters"), shown(second, "Advanced")];
            services.insert(service::SIP_PROXY.into(), Fact::Read(both));
        }
    };
    let set = |plan: &Plan| {
        let set = plan
            .changes
            .iter()
            .filter(|change| matches!(&change.what, What::SetParameter { node: n, .. } if *n == node.into()));
        set.count()
    };
    for (first, second, told) in [("10", "20", false), ("20", "10", false), ("20", "20", false), ("10", "10", true)] {
        let plan = plan_of(&bench, twice(first, second)).await;
        assert_eq!(set(&plan), 0, "{first} and {second}");
        assert_eq!(plan.left_alone.is_empty(), told, "{first} and {second}: {:#?}", plan.left_alone);
        let judging = drift::Judging {
            depth: Depth::Full,
            lines: &Lines::new(&|_| None),
            last: None,
            now: plan.snapshot.taken_at,
            today: jiff::civil::date(2026, 11, 22),
        };
        let drift = drift::drift(&bench.mesh, &plan.snapshot, &judging);
        let of_node = drift.findings.iter().filter(|f| f.place.parameter.is_some() && f.what.contains(node));
        assert_eq!(of_node.count(), 0, "{first} and {second}: {:#?}", drift.findings);
        assert_eq!(drift.unread.is_empty(), told, "{first} and {second}: {:#?}", drift.unread);
    }
    situation("a parameter is not told by its label", &plan_of(&bench, twice("10", "20")).await);
}

#[tokio::test(start_paused = true)]
async fn the_sync_agent_has_not_finished() {
    let bench = fresh(mesh_of(2, "", ""), |_| ()).await;
    let working = |snapshot: &mut Snapshot| {
        read(snapshot, "c01").sync_status = Fact::Read(SyncStatus { text: "In progress".into() })
    };
    situation("the Sync Agent has not finished", &plan_of(&bench, working).await);
}

/// What could not be read deletes nothing.
#[tokio::test(start_paused = true)]
async fn a_leaver_cannot_be_read() {
    let bench = applied(mesh_of(3, "", ""), |mesh| mesh.clusters[2].state = State::Absent).await;
    let kind = ErrorKind::Unreachable { detail: "no connection in 10 s".into() };
    bench.lab.inject(Fault { cluster: "c02".into(), call: "*", kind, effect: false, times: 100 });
    situation("a leaver cannot be read", &planned(&bench).await);
}

#[tokio::test(start_paused = true)]
async fn guards_refuse() {
    let links = "topology: {shape: links, links: [{between: [c00, c01]}]}\n";
    let bench = applied(mesh_of(3, "", ""), |mesh| {
        *mesh = mesh_of(3, links, "policy: {unmanaged_peers: delete, max_deletes: 1, max_restarts: 0}\n");
        mesh.clusters[0].protected = true;
    });
    situation("guards refuse", &planned(&bench.await).await);
    let short = "policy: {window: {from: \"01:00\", to: \"01:30\", zone: Europe/Berlin}}\n";
    situation("a window that is too short", &planned(&fresh(mesh_of(2, "", short), |_| ()).await).await);
    let ignored = |spec: &mut LabSpec| spec.clusters[0].peers = vec![entry(spec, "imp1.elsewhere.example.com", None)];
    let quiet = mesh_of(2, "", "policy: {unmanaged_peers: ignore}\n");
    situation("a peer is ignored", &planned(&fresh(quiet, ignored).await).await);
}

/// A file that asks for no link, as one that came out of its template without them.
#[tokio::test(start_paused = true)]
async fn the_topology_is_empty() {
    let nothing = "topology: {shape: links, links: []}\n";
    let bench = applied(mesh_of(3, "", ""), |mesh| {
        *mesh = mesh_of(3, nothing, "policy: {unmanaged_peers: delete, max_deletes: 6}\n");
    });
    let bench = bench.await;
    situation("the topology is empty", &planned(&bench).await);
    let everybody = Options { allow_isolated: ["c00", "c01", "c02"].map(Into::into).to_vec(), ..Options::default() };
    let refused: Vec<String> = bench.plan_with(&everybody).await.refusals.into_iter().map(|r| r.guard).collect();
    assert_eq!(refused, ["empty"]);
    let meant = Options { allow_empty: true, ..everybody };
    assert_eq!(bench.plan_with(&meant).await.refusals, []);
    // where the file says itself that a cluster leaves, and nobody is left to link with, it says enough
    let leaving = applied(mesh_of(2, "", ""), |mesh| mesh.clusters[1].state = State::Absent).await;
    assert_eq!(planned(&leaving).await.refusals, []);
    let all_leave = applied(mesh_of(2, "", ""), |mesh| mesh.clusters.iter_mut().for_each(|c| c.state = State::Absent));
    let refused: Vec<String> = planned(&all_leave.await).await.refusals.into_iter().map(|r| r.guard).collect();
    assert_eq!(refused, ["empty"]);
}

/// The file's clusters are as many as the vendor supports, and one sees another that nobody asked for.
#[tokio::test(start_paused = true)]
async fn more_clusters_than_the_vendor_supports() {
    let stranger = |spec: &mut LabSpec| spec.clusters[0].peers = vec![entry(spec, "imp1.elsewhere.example.com", None)];
    let bench = fresh(mesh_of(30, "", ""), stranger).await;
    situation("more clusters than the vendor supports", &planned(&bench).await);
    let deleted = mesh_of(30, "", "policy: {unmanaged_peers: delete, max_deletes: 1}\n");
    assert_eq!(planned(&fresh(deleted, stranger).await).await.refusals, []);
}

#[tokio::test(start_paused = true)]
async fn protected_clusters_keep_their_peers() {
    let bench = applied(mesh_of(3, "", ""), |mesh| {
        mesh.clusters[2].state = State::Absent;
        mesh.clusters[0].protected = true;
        mesh.clusters[2].protected = true;
    });
    let bench = bench.await;
    situation("clusters are protected", &planned(&bench).await);
    let options = Options { allow_protected: vec!["c00".into(), "c02".into()], ..Options::default() };
    assert_eq!(bench.plan_with(&options).await.refusals, []);
}

#[tokio::test(start_paused = true)]
async fn releases_differ() {
    let mut mesh = mesh_of(3, "", "");
    mesh.clusters[0].release = Some("12.5".into());
    mesh.clusters[1].release = Some("11.5".into());
    mesh.clusters[2].release = Some("14".into());
    let bench = applied(mesh, |mesh| mesh.clusters[2].state = State::Absent).await;
    situation("mixed releases", &planned(&bench).await);
}

#[tokio::test(start_paused = true)]
async fn a_node_is_down() {
    let bench = applied(mesh_of(3, "", ""), |mesh| mesh.defaults.transport = Transport::Tls).await;
    let kind = ErrorKind::Unreachable { detail: "no connection in 10 s".into() };
    bench.lab.inject(Fault { cluster: "c01".into(), call: "services", kind, effect: false, times: 1 });
    situation("a node is down", &planned(&bench).await);
}

/// Every link restarts the routers of its clusters, as the guide has it.
#[tokio::test(start_paused = true)]
async fn to_the_letter_of_the_guide() {
    let letter = mesh_of(3, "", "policy: {xcp_restart: {batch: per-link}}\n");
    situation("to the letter of the guide", &planned(&fresh(letter, |_| ()).await).await);
    let canary = mesh_of(4, "", "policy: {canary_above: 2}\n");
    situation("a canary", &planned(&fresh(canary, |_| ()).await).await);
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
    situation("a cluster joins", &planned(&fresh(mesh_of(4, "", ""), linked).await).await);
}

/// Every example is planned for clusters that were never peered.
#[tokio::test(start_paused = true)]
async fn every_example() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/topologies");
    let mut examples = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text_of_file = std::fs::read_to_string(&path).unwrap();
        let bench = fresh(support::load(&text_of_file), |_| ()).await;
        situation(&format!("example-{}", path.file_stem().unwrap().to_str().unwrap()), &planned(&bench).await);
        examples += 1;
    }
    assert!(examples >= 9, "the examples were found");
}

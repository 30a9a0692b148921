//! Runs are taken back, on the product in memory: what they did and nothing else, by a plan like any other.

#![allow(clippy::unwrap_used, reason = "clippy takes the functions beside the tests for no tests")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use insta::assert_snapshot;
use intermesh::apply::{Account, Event};
use intermesh::cluster::{Clock, ErrorKind, Snapshot};
use intermesh::lab::{Fault, LabSpec};
use intermesh::mesh::{Mesh, State, Transport};
use intermesh::observe::{self, Observers};
use intermesh::plan::change::{Kind, Left};
use intermesh::plan::{self, Options, Plan, Undoing};
use intermesh::report;
use support::{Bench, entry, mesh_of};

const RUN: &str = "2026-11-22T12-07-05Z-3f2a";

async fn snapshot(bench: &Bench) -> Snapshot {
    let observers: Observers =
        bench.mesh.clusters.iter().map(|c| (c.name.clone(), bench.lab.observer(&c.name))).collect();
    observe::gather(&bench.mesh, &observers, bench.lab.clock().now(), &|_| ()).await
}

/// What a rollback promises to bring back: every entry with its protocol and user name, every service parameter.
fn promised(snapshot: &Snapshot) -> BTreeMap<String, String> {
    let mut facts = BTreeMap::new();
    for (name, read) in &snapshot.clusters {
        for peer in read.peers.read().unwrap() {
            facts.insert(format!("{name} peer {}", peer.address), format!("{:?} {:?}", peer.protocol, peer.username));
        }
        for (node, services) in &read.parameters {
            for parameter in services.values().flat_map(|read| read.read().unwrap()) {
                facts.insert(format!("{node} {}", parameter.label), parameter.value.clone());
            }
        }
    }
    facts
}

/// The plan that takes a run back; it keeps every rule of plans, also when it was saved.
async fn back(bench: &Bench, plan: &Plan, account: &Account, options: &Options) -> Plan {
    let steps = |which: &dyn Fn(&intermesh::apply::Outcome) -> bool| -> BTreeSet<_> {
        account.steps.iter().filter(|(_, outcome)| which(outcome)).map(|(id, _)| id.clone()).collect()
    };
    let (acted, wrote) = (steps(&|o| o.is_done() || o.wrote()), steps(&|o| o.wrote()));
    let undoing = Undoing { run: RUN, plan, acted: &acted, wrote: &wrote };
    let now = snapshot(bench).await;
    let made = plan::rollback(&undoing, &now, options, bench.lab.clock().now());
    plan::check::check(&made).unwrap();
    assert_eq!(plan::read(&plan::write(&made).unwrap()).unwrap(), made, "a saved one is as good");
    assert_eq!(plan::rollback(&undoing, &now, options, made.made_at), made, "pure");
    made
}

async fn back_to(bench: &Bench, plan: &Plan, account: &Account) -> Plan {
    back(bench, plan, account, &Options::default()).await
}

fn golden(name: &str, plan: &Plan) {
    let text = anstream::adapter::strip_str(&report::plan(plan)).to_string();
    insta::with_settings!({snapshot_path => "golden/rollback", prepend_module_to_snapshot => false, omit_expression => true}, {
        assert_snapshot!(name, text);
    });
}

/// A mesh that was applied, another file for it, and a run of that.
struct Scene {
    name: &'static str,
    before: fn() -> Mesh,
    prepare: fn(&mut LabSpec),
    /// Whether the first file was applied before the run.
    settled: bool,
    after: fn(&mut Mesh),
    /// Whether all that the run did can be taken back.
    whole: bool,
}

const PARAMETERS: &str = "parameters:\n  Cisco SIP Proxy: {Maximum no. of processes: 10}\n";

fn scenes() -> Vec<Scene> {
    fn full() -> Mesh {
        mesh_of(3, "", "")
    }
    fn without_the_last() -> Mesh {
        let mut mesh = full();
        mesh.clusters[2].state = State::Absent;
        mesh
    }
    fn tls(mesh: &mut Mesh) {
        mesh.defaults.transport = Transport::Tls;
    }
    fn parameters(mesh: &mut Mesh) {
        mesh.parameters = mesh_of(2, "", PARAMETERS).parameters;
    }
    fn stale(spec: &mut LabSpec) {
        let (old, right) = (entry(spec, "imp1", None), entry(spec, "imp1.c00.example.com", None));
        spec.clusters[0].peers = vec![old];
        spec.clusters[1].peers = vec![right];
    }
    let scene = |name, before, after| Scene { name, before, prepare: |_| (), settled: true, after, whole: true };
    vec![
        scene("join", without_the_last, |mesh| mesh.clusters[2].state = State::Present),
        scene("leave", full, |mesh| mesh.clusters[2].state = State::Absent),
        scene("tls", full, tls),
        scene("parameters", || mesh_of(2, "", PARAMETERS), parameters),
        // an entry that never worked is not made again
        Scene {
            name: "replace",
            before: || mesh_of(2, "", ""),
            prepare: stale,
            settled: false,
            after: |_| (),
            whole: false,
        },
    ]
}

impl Scene {
    async fn bench(&self, seed: u64) -> Bench {
        let mut bench = Bench::new((self.before)(), seed, self.prepare);
        if self.name == "parameters" {
            // they are read where the file names them, and set by this run
            return bench;
        }
        if self.settled {
            bench.settle().await;
        }
        (self.after)(&mut bench.mesh);
        bench
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_run_did_is_taken_back() {
    for scene in scenes() {
        for seed in 0..6 {
            let at = format!("{}, seed {seed}", scene.name);
            let bench = scene.bench(seed).await;
            let before = promised(&snapshot(&bench).await);
            let plan = bench.plan().await;
            let account = bench.apply(&plan).await;
            assert!(account.complete(), "{at}: {}", report::account(&plan, &account));
            assert_ne!(promised(&snapshot(&bench).await), before, "{at}: the run did something");
            let taking_back = back_to(&bench, &plan, &account).await;
            assert!(taking_back.refusals.is_empty(), "{at}: {:?}", taking_back.refusals);
            if seed == 1 {
                golden(scene.name, &taking_back);
            }
            if !scene.whole {
                assert_eq!(taking_back.changes, [], "{at}");
                assert!(taking_back.left_alone.iter().any(|left| matches!(left.what, Left::Peer { .. })), "{at}");
                continue;
            }
            let taken = bench.apply(&taking_back).await;
            assert!(taken.complete(), "{at}: {}", report::account(&taking_back, &taken));
            assert_eq!(promised(&snapshot(&bench).await), before, "{at}");
            assert!(back_to(&bench, &plan, &account).await.changes.is_empty(), "{at}: nothing is left to take back");
            // a rollback is a run, and is taken back like one
            let again = back_to(&bench, &taking_back, &taken).await;
            let forth = bench.apply(&again).await;
            assert!(forth.complete(), "{at}: {}", report::account(&again, &forth));
            assert!(bench.plan().await.changes.iter().all(|c| c.what.kind() == Kind::Restart), "{at}");
        }
    }
}

/// Whatever step the run ends after: what it did by then is taken back.
#[tokio::test(start_paused = true)]
async fn a_run_that_was_cut_off_is_taken_back_as_far_as_it_came() {
    let mut cuts = 0;
    for scene in scenes().into_iter().filter(|scene| scene.whole) {
        let steps = scene.bench(1).await.plan().await.steps.len();
        for cut in 0..steps {
            let bench = scene.bench(1).await;
            let before = promised(&snapshot(&bench).await);
            let plan = bench.plan().await;
            let ended = std::sync::atomic::AtomicUsize::new(0);
            let stops = |event: &Event| {
                let one = usize::from(matches!(event, Event::Ended { .. }));
                ended.fetch_add(one, std::sync::atomic::Ordering::Relaxed) + one > cut
            };
            let account = bench.apply_until(&plan, stops).await;
            // a router that was restarting is up by then
            bench.lab.clock().wait(std::time::Duration::from_secs(600)).await;
            let taking_back = back_to(&bench, &plan, &account).await;
            let taken = bench.apply(&taking_back).await;
            let at = format!("{} after {cut} steps", scene.name);
            assert!(taken.complete(), "{at}: {}", report::account(&taking_back, &taken));
            assert_eq!(promised(&snapshot(&bench).await), before, "{at}: {}", report::plan(&taking_back));
            cuts += 1;
        }
    }
    assert!(cuts > 40, "{cuts} cuts");
}

/// An entry that worked under its former name is pointed back, by all the steps that such an entry takes.
#[tokio::test(start_paused = true)]
async fn an_entry_that_worked_is_pointed_back() {
    let scene = scenes().into_iter().find(|scene| scene.name == "replace").unwrap();
    let bench = scene.bench(1).await;
    let mut plan = bench.plan().await;
    let account = bench.apply(&plan).await;
    assert!(account.complete());
    let now = snapshot(&bench).await;
    let well = now.clusters[&"c00".into()].peer_status[&"imp1.c01.example.com".into()].clone();
    // the lab knows no second name of a publisher, so the status is lent to it
    plan.snapshot.clusters.get_mut(&"c00".into()).unwrap().peer_status.insert("imp1".into(), well);
    let taking_back = back_to(&bench, &plan, &account).await;
    golden("replace-what-worked", &taking_back);
    let steps = anstream::adapter::strip_str(&report::steps(&taking_back)).to_string();
    for step in [
        "delete peer imp1.c01.example.com",
        "add peer imp1 (c01)",
        "initial sync with imp1 (c01)",
        "verify peer imp1 (c01)",
    ] {
        assert!(steps.contains(step), "{step}: {steps}");
    }
}

/// What somebody did after the run is not the run's, and stays.
#[tokio::test(start_paused = true)]
async fn what_came_after_the_run_stays() {
    let bench = Bench::new(mesh_of(2, "", PARAMETERS), 1, |_| ());
    let plan = bench.plan().await;
    let account = bench.apply(&plan).await;
    assert!(account.complete());
    let here = bench.lab.operator(&"c00".into());
    let (node, other): (intermesh::mesh::NodeName, _) = ("imp1.c00.example.com".into(), "imp1.c01.example.com".into());
    here.set_parameter(&node, "Cisco SIP Proxy", "Maximum no. of processes", "15").await.unwrap();
    let tls = intermesh::cluster::PeerEdit { account: None, protocol: Some(Transport::Tls) };
    here.update_peer(&other, &tls).await.unwrap();
    let taking_back = back_to(&bench, &plan, &account).await;
    golden("changed-since", &taking_back);
    let touched = |c: &plan::change::Change| c.cluster.as_str() == "c00" && c.what.kind() == Kind::Delete;
    assert!(!taking_back.changes.iter().any(touched), "{:#?}", taking_back.changes);
    assert!(bench.apply(&taking_back).await.complete());
    let now = promised(&snapshot(&bench).await);
    assert_eq!(now["imp1.c00.example.com Maximum no. of processes"], "15");
    assert!(now["c00 peer imp1.c01.example.com"].starts_with("Tls"), "{now:#?}");
}

/// What nobody can bring back is said, one by one.
#[tokio::test(start_paused = true)]
async fn what_cannot_be_brought_back_is_said() {
    let mut mesh = mesh_of(3, "", "");
    let bench = Bench::new(mesh.clone(), 1, |spec| {
        spec.clusters[0].peers = vec![entry(spec, "imp1.elsewhere.example.com", None)];
    });
    bench.settle().await;
    mesh.policy = mesh_of(2, "", "policy: {unmanaged_peers: delete, max_deletes: 5}\n").policy;
    mesh.clusters[2].state = State::Gone;
    bench
        .lab
        .world()
        .disturb(&intermesh::lab::Disturbance::StopService {
            node: "imp2.c01.example.com".into(),
            service: "Cisco AXL Web Service".into(),
        })
        .unwrap();
    bench.lab.clock().wait(std::time::Duration::from_secs(600)).await;
    let bench = Bench { mesh, lab: bench.lab, vault: bench.vault };
    let options = Options { replace_credentials: vec!["c01".into()], ..Options::default() };
    let plan = bench.plan_with(&options).await;
    let account = bench.apply(&plan).await;
    assert!(account.complete(), "{}", report::account(&plan, &account));
    let taking_back = back_to(&bench, &plan, &account).await;
    golden("what-stays", &taking_back);
    assert_eq!(taking_back.changes, [], "nothing of it can be taken back");
    let said = |which: fn(&Left) -> bool| taking_back.left_alone.iter().filter(|left| which(&left.what)).count();
    assert_eq!(said(|left| matches!(left, Left::UnmanagedPeer { .. })), 1, "of no cluster of the file");
    assert_eq!(said(|left| matches!(left, Left::Peer { .. })), 2, "a cluster that is gone");
    assert_eq!(said(|left| matches!(left, Left::Account { .. })), 1);
    assert_eq!(said(|left| matches!(left, Left::Service { .. })), 1);
}

/// Guards hold for a rollback as for any plan, but that it deletes what its run added is what was asked for.
#[tokio::test(start_paused = true)]
async fn protected_clusters_stay_protected() {
    let mut mesh = mesh_of(2, "", "policy: {max_restarts: 4}\n");
    mesh.clusters[1].protected = true;
    let bench = Bench::new(mesh, 1, |_| ());
    let plan = bench.plan().await;
    let account = bench.apply(&plan).await;
    assert!(account.complete());
    let guards = |plan: &Plan| plan.refusals.iter().map(|r| r.guard.clone()).collect::<Vec<_>>();
    let refused = back_to(&bench, &plan, &account).await;
    assert_eq!(guards(&refused), ["protected"], "max_deletes is 0, and each cluster loses its only peer");
    assert_eq!(refused.changes.iter().filter(|c| c.what.kind() == Kind::Delete).count(), 2);
    let options = Options { allow_protected: vec!["c01".into()], ..Options::default() };
    assert_eq!(guards(&back(&bench, &plan, &account, &options).await), [""; 0]);
    // the same deletions, with no run that made what they delete
    let mut unlinked = bench.mesh.clone();
    unlinked.topology = mesh_of(2, "topology: {shape: links}\n", "").topology;
    unlinked.policy.unmanaged_peers = intermesh::mesh::UnmanagedPeers::Delete;
    let bench = Bench { mesh: unlinked, ..bench };
    assert!(guards(&bench.plan_with(&options).await).contains(&"policy.max_deletes".to_owned()));
}

/// A cluster that cannot be read is not taken for one that has nothing.
#[tokio::test(start_paused = true)]
async fn nothing_is_taken_back_on_the_strength_of_a_failed_read() {
    let bench = Bench::new(mesh_of(3, "", ""), 1, |_| ());
    let plan = bench.plan().await;
    let account = bench.apply(&plan).await;
    let kind = ErrorKind::Unauthorized { username: "icsa".into() };
    bench.lab.inject(Fault { cluster: "c01".into(), call: "*", kind, effect: false, times: 1 });
    let taking_back = back_to(&bench, &plan, &account).await;
    assert_eq!(taking_back.unread.len(), 1);
    assert!(taking_back.changes.iter().all(|c| c.cluster.as_str() != "c01"), "{:#?}", taking_back.changes);
    let unread = taking_back.left_alone.iter().filter(|left| left.reason.contains("could not be read"));
    assert_eq!(unread.count(), 2, "{:#?}", taking_back.left_alone);
}

//! Planner and executor on the product in memory, for every kind of change besides a new link: it is applied, then
//! the plan is empty and every link is healthy, whatever the product does where nobody knows.

#![allow(clippy::unwrap_used, reason = "clippy takes the functions beside the tests for no tests")]

mod support;

use std::collections::BTreeMap;
use std::time::Duration;

use intermesh::apply::{Event, Outcome};
use intermesh::cluster::{Clock, ErrorKind, service};
use intermesh::lab::Fault;
use intermesh::lab::world::Effect;
use intermesh::mesh::{ClusterName, Transport};
use intermesh::plan::Options;
use intermesh::plan::change::{AccountReason, Kind, Left, What};
use support::{Bench, entry, load, mesh_of, switching_mesh};

fn kinds(plan: &intermesh::plan::Plan) -> Vec<Kind> {
    let mut kinds: Vec<Kind> = plan.changes.iter().map(|c| c.what.kind()).collect();
    kinds.dedup();
    kinds
}

#[tokio::test(start_paused = true)]
async fn parameters_are_set_and_what_they_need_restarts_after_them() {
    let extra = "parameters:\n  Cisco SIP Proxy: {Maximum no. of processes: 10, maximum no. of spare processes: 10}\n  \
        Cisco Intercluster Sync Agent:\n    Enable Auto Recovery for Inter-cluster Peer Periodic Syncing Failure: Disabled\n";
    for seed in 0..6 {
        let mut mesh = mesh_of(2, "", extra);
        // one node of one cluster has a value of its own
        mesh.clusters[0].nodes = load(NODES).clusters[0].nodes.clone();
        let bench = Bench::new(mesh, seed, |_| ());
        let plan = bench.plan().await;
        assert_eq!(plan.summary.set, 12, "three parameters on four nodes");
        bench.settle().await;
        bench.verify_clean().await;
        let writes = bench.lab.writes();
        let last_set =
            writes.iter().rposition(|w| matches!(w.effect, Effect::SetParameter { service: service::SIP_PROXY, .. }));
        let restart = |name| writes.iter().filter(|w| w.effect == Effect::Restart(name)).count();
        assert_eq!([service::SIP_PROXY, service::RECOVERY_MANAGER, service::ICSA].map(restart), [4, 4, 4]);
        for node in ["imp1.c01.example.com", "imp2.c01.example.com"] {
            let of = |effect: &dyn Fn(&Effect) -> bool| {
                writes
                    .iter()
                    .position(|w| w.node.as_ref().is_some_and(|n| n.as_str() == node) && effect(&w.effect))
                    .unwrap()
            };
            let set = of(&|e| matches!(e, Effect::SetParameter { service: service::SIP_PROXY, .. }));
            assert!(set < of(&|e| *e == Effect::Restart(service::SIP_PROXY)), "{node}");
        }
        assert!(last_set.is_some());
        let value = bench.lab.world().parameters(&"c00".into(), &"imp2.c00.example.com".into(), service::SIP_PROXY);
        assert_eq!(
            value.iter().map(|p| p.value.as_str()).collect::<Vec<_>>(),
            ["12", "10"],
            "the node outranks the mesh"
        );
    }
}

const NODES: &str = "apiVersion: intermesh/v1\nkind: Mesh\nmetadata: {name: m}\ndomain: example.com\n\
    credentials: {icsa: {username: icsa, password: {env: P}}}\ndefaults: {credentials: {axl: icsa}}\nclusters:\n  \
    - name: c00\n    publisher: imp1.c00.example.com\n    nodes:\n      - {name: imp1.c00.example.com}\n      \
    - name: imp2.c00.example.com\n        parameters: {Cisco SIP Proxy: {Maximum no. of processes: 12}}\n  \
    - {name: c01, publisher: imp1.c01.example.com}\n";

/// In every lab where a router restarts, its group was switched off before and is on at the end.
#[tokio::test(start_paused = true)]
async fn high_availability_is_off_while_routers_restart_and_on_afterwards() {
    let mut restarted = 0;
    for seed in 0..8 {
        let bench = Bench::new(switching_mesh(3), seed, |_| ());
        bench.settle().await;
        bench.verify_clean().await;
        let mut off: BTreeMap<ClusterName, bool> = BTreeMap::new();
        for write in bench.lab.writes() {
            match write.effect {
                Effect::SetHighAvailability { enabled, .. } => {
                    off.insert(write.cluster.clone(), !enabled);
                }
                Effect::Restart(service::XCP_ROUTER) => {
                    restarted += 1;
                    assert_eq!(off.get(&write.cluster), Some(&true), "{write:?} (seed {seed})");
                }
                _ => {}
            }
        }
        all_on(&bench, seed);
    }
    assert!(restarted > 0, "no seed asked for a restart");
}

fn all_on(bench: &Bench, seed: u64) {
    for cluster in &bench.mesh.clusters {
        for group in bench.lab.world().groups(&cluster.name) {
            assert!(group.enabled, "{} is off on {} (seed {seed})", group.name, cluster.name);
        }
    }
}

/// A seed whose product asks for restarts after a peer was added.
const ASKS: u64 = 1;

#[tokio::test(start_paused = true)]
async fn high_availability_is_on_again_after_a_failure() {
    for (call, effect) in [("restart", false), ("restart", true), ("set_high_availability", true)] {
        let bench = Bench::new(switching_mesh(2), ASKS, |_| ());
        let kind = if effect {
            ErrorKind::Unknown { detail: "the answer did not come".into() }
        } else {
            ErrorKind::Refused { message: "Operation is pending".into() }
        };
        bench.lab.inject(Fault { cluster: "c00".into(), call, kind, effect, times: 1 });
        let plan = bench.plan().await;
        let account = bench.apply(&plan).await;
        assert!(effect || !account.complete(), "{call}");
        all_on(&bench, ASKS);
        bench.settle().await;
        bench.verify_clean().await;
    }
}

/// With `--stop-on-error` nothing begins after the failure but what takes back what was prepared.
#[tokio::test(start_paused = true)]
async fn high_availability_is_on_again_where_the_first_failure_is_the_last() {
    for (call, cluster) in [("restart", "c00"), ("restart", "c01"), ("set_high_availability", "c01")] {
        let bench = Bench::new(switching_mesh(3), ASKS, |_| ());
        let kind = ErrorKind::Refused { message: "Operation is pending".into() };
        bench.lab.inject(Fault { cluster: cluster.into(), call, kind, effect: false, times: 1 });
        let plan = bench.plan().await;
        let account = bench.apply_strictly(&plan).await;
        let stopped_at = account.stopped_at.clone().unwrap();
        assert!(plan.step(&stopped_at).is_some_and(|step| step.cluster.as_str() == cluster), "{stopped_at}");
        assert!(account.totals().not_tried > 0, "{call}: {:?}", account.totals());
        let began: Vec<_> = account.steps.iter().filter(|(id, o)| id.0.starts_with("ha-off/") && o.wrote()).collect();
        for (off, _) in &began {
            let on = plan.steps.iter().find(|step| step.finalizes.as_ref() == Some(off)).unwrap();
            let ended = account.steps.iter().find(|(id, _)| *id == on.id).map(|(_, outcome)| outcome);
            assert!(ended.is_some_and(Outcome::is_done), "{call}: {}: {ended:?}", on.id);
        }
        assert!(call != "restart" || !began.is_empty(), "{call}: nothing was switched off");
        all_on(&bench, ASKS);
        bench.settle().await;
        bench.verify_clean().await;
    }
}

#[tokio::test(start_paused = true)]
async fn high_availability_is_on_again_after_an_interruption() {
    let bench = Bench::new(switching_mesh(2), ASKS, |_| ());
    let plan = bench.plan().await;
    let restarts = |event: &Event| matches!(event, Event::Started { step } if step.0.starts_with("restart/"));
    let account = bench.apply_until(&plan, restarts).await;
    assert!(account.interrupted);
    let writes = bench.lab.writes();
    let switched = |on: bool| {
        writes
            .iter()
            .filter(|w| matches!(w.effect, Effect::SetHighAvailability { enabled, .. } if enabled == on))
            .count()
    };
    assert_eq!((switched(false), switched(true)), (1, 1), "{writes:#?}");
    let finalizer = account.steps.iter().find(|(id, o)| id.0.starts_with("ha-on/") && o.wrote());
    assert!(matches!(finalizer, Some((_, Outcome::Done { .. }))), "{finalizer:?}");
    all_on(&bench, ASKS);
    bench.settle().await;
    bench.verify_clean().await;
}

/// A group that was off before the plan stays off, and its nodes restart all the same.
#[tokio::test(start_paused = true)]
async fn what_was_off_before_stays_off() {
    let bench = Bench::new(switching_mesh(2), ASKS, |_| ());
    bench.lab.world().begin_with_high_availability(&"c00".into(), "group1", false);
    let plan = bench.plan().await;
    assert!(plan.left_alone.iter().any(|l| matches!(&l.what, Left::HighAvailability { group } if group == "group1")));
    bench.settle().await;
    assert!(!bench.lab.world().groups(&"c00".into())[0].enabled);
    assert!(bench.lab.world().groups(&"c01".into())[0].enabled);
}

/// The window of the lab's first night is 22:00 to 23:10: nothing begins that may not end in it, and the next night
/// does the rest.
#[tokio::test(start_paused = true)]
async fn nothing_begins_that_may_not_end_in_the_window() {
    let extra = "policy: {canary_above: 100, window: {from: \"22:00\", to: \"23:10\", zone: UTC}}\n";
    let bench = Bench::new(mesh_of(4, "", extra), ASKS, |_| ());
    let plan = bench.plan().await;
    assert_eq!(plan.refusals, []);
    let account = bench.apply(&plan).await;
    assert!(account.closed && !account.complete(), "{:#?}", account.totals());
    let length = Duration::from_secs(70 * 60);
    for write in bench.lab.writes() {
        assert!(write.at <= length, "{write:?} is outside");
    }
    let restarted = bench.lab.writes().iter().filter(|w| matches!(w.effect, Effect::Restart(_))).count();
    for night in 1..10 {
        let opens = Duration::from_secs(night * 86_400);
        let clock = bench.lab.clock();
        clock.wait(opens.saturating_sub(clock.elapsed())).await;
        let plan = bench.plan().await;
        if plan.is_empty() {
            assert!(night > 1, "the first night was too short");
            bench.verify_clean().await;
            let all = bench.lab.writes().iter().filter(|w| matches!(w.effect, Effect::Restart(_))).count();
            assert!(all > restarted);
            return;
        }
        bench.apply(&plan).await;
    }
    panic!("nine nights were not enough");
}

#[tokio::test(start_paused = true)]
async fn nothing_begins_while_the_window_is_closed() {
    let extra = "policy: {window: {from: \"02:00\", to: \"06:00\", zone: UTC}}\n";
    let bench = Bench::new(mesh_of(2, "", extra), ASKS, |_| ());
    let plan = bench.plan().await;
    let account = bench.apply(&plan).await;
    assert!(account.closed && !account.wrote());
    assert_eq!(bench.lab.writes().len(), 0);
}

/// A host name where the file has an FQDN, and a subscriber instead of the publisher.
#[tokio::test(start_paused = true)]
async fn an_entry_under_another_name_is_replaced() {
    for seed in 0..6 {
        for old in ["imp1", "imp2.c01.example.com"] {
            for release in ["12.5", "14"] {
                let mut mesh = mesh_of(2, "", "");
                mesh.defaults.release = Some(release.into());
                let bench = Bench::new(mesh, seed, |spec| {
                    let (stale, right) = (entry(spec, old, None), entry(spec, "imp1.c00.example.com", None));
                    spec.clusters[0].peers = vec![stale];
                    spec.clusters[1].peers = vec![right];
                });
                let plan = bench.plan().await;
                assert_eq!(kinds(&plan), [Kind::Replace], "{:#?}", plan.changes);
                bench.settle().await;
                bench.verify_clean().await;
                let peers = bench.lab.world().peers(&"c00".into());
                assert_eq!(peers.iter().map(|p| p.address.as_str()).collect::<Vec<_>>(), ["imp1.c01.example.com"]);
            }
        }
    }
}

/// New tomcat certificates on one side: the others are synced anew, with a restart of ICSA where that is not enough.
#[tokio::test(start_paused = true)]
async fn certificates_that_are_out_of_sync_are_synced() {
    let mut agents = 0;
    for seed in 0..12 {
        let mut mesh = mesh_of(3, "", "");
        mesh.defaults.transport = Transport::Tls;
        let bench = Bench::new(mesh, seed, |_| ());
        bench.settle().await;
        bench.lab.world().regenerate_certificates(&"c01".into()).unwrap();
        let before = bench.lab.writes().len();
        let plan = bench.plan().await;
        assert_eq!(kinds(&plan), [Kind::Resync], "{:#?}", plan.changes);
        assert_eq!((plan.summary.resync, plan.summary.restarts_at_most), (2, 0));
        let account = bench.apply(&plan).await;
        assert!(account.complete(), "{}", intermesh::report::account(&plan, &account));
        assert!(bench.plan().await.is_empty());
        bench.verify_clean().await;
        let after = bench.lab.writes().split_off(before);
        agents += after.iter().filter(|w| w.effect == Effect::Restart(service::ICSA)).count();
        let forced =
            |w: &&intermesh::lab::world::Write| matches!(w.effect, Effect::ForceSync { resync_certificates: true, .. });
        assert!(after.iter().filter(forced).count() >= 2);
    }
    assert!(agents > 0, "no seed needed a restart of the agent");
}

/// A stored password that is an old one shows only in the connectivity test; a user name can be compared.
#[tokio::test(start_paused = true)]
async fn an_account_that_does_not_fit_is_written_again() {
    for seed in 0..6 {
        for (username, why) in [(None, AccountReason::NotReachable), (Some("old"), AccountReason::OtherUser)] {
            let bench = Bench::new(mesh_of(2, "", ""), seed, |spec| {
                let mut stale = entry(spec, "imp1.c01.example.com", Some("an old one"));
                if let Some(username) = username {
                    stale.account.username = username.into();
                }
                let right = entry(spec, "imp1.c00.example.com", None);
                spec.clusters[0].peers = vec![stale];
                spec.clusters[1].peers = vec![right];
            });
            let plan = bench.plan().await;
            let account = |c: &intermesh::plan::change::Change| match &c.what {
                What::ChangePeer { account: Some(account), .. } if c.cluster.as_str() == "c00" => Some(account.why),
                _ => None,
            };
            assert_eq!(plan.changes.iter().find_map(account), Some(why), "{:#?}", plan.changes);
            bench.settle().await;
            bench.verify_clean().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn credentials_are_replaced_everywhere_when_somebody_asks() {
    let bench = Bench::new(mesh_of(3, "", ""), 1, |_| ());
    bench.settle().await;
    let options = Options { replace_credentials: vec!["c01".into()], ..Options::default() };
    let plan = bench.plan_with(&options).await;
    let on: Vec<&str> = plan.changes.iter().map(|c| c.cluster.as_str()).collect();
    assert_eq!((kinds(&plan), on), (vec![Kind::Change], vec!["c00", "c02"]));
    let before = bench.lab.writes().len();
    let account = bench.apply(&plan).await;
    assert!(account.complete());
    let after = bench.lab.writes().split_off(before);
    let updates = after.iter().filter(|w| matches!(w.effect, Effect::UpdatePeer { .. })).count();
    assert_eq!(updates, 2, "each entry once, though its page looks the same before and after");
    bench.settle().await;
    bench.verify_clean().await;
}

/// A prerequisite that is not met keeps a link from being made, and is said; the others are made.
#[tokio::test(start_paused = true)]
async fn a_link_waits_for_its_prerequisites() {
    let bench = Bench::new(mesh_of(3, "", ""), 1, |spec| spec.clusters[1].nodes[1].group = None);
    let plan = bench.plan().await;
    assert_eq!((plan.summary.create, plan.summary.held_back), (2, 2));
    let reasons: Vec<&str> =
        (plan.left_alone.iter()).filter(|l| matches!(l.what, Left::Link { .. })).map(|l| l.reason.as_str()).collect();
    assert!(reasons.iter().all(|r| r.starts_with("c01 has 1 unassigned node;")), "{reasons:?}");
    let account = bench.apply(&plan).await;
    assert!(account.complete());
    assert_eq!(bench.lab.world().peers(&"c01".into()).len(), 0);
}

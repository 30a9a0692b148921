//! The laws of plan and apply, on the in-memory product in virtual time.

mod support;

use intermesh::apply::Outcome;
use intermesh::cluster::{ErrorKind, service};
use intermesh::lab::Fault;
use intermesh::lab::world::Effect;
use intermesh::{mesh, plan};
use support::{Bench, mesh_of};

#[tokio::test(start_paused = true)]
async fn apply_then_the_plan_is_empty_whatever_the_product_does_where_nobody_knows() {
    for seed in 0..20 {
        for (clusters, topology) in [
            (2, "topology: {shape: full}\n"),
            (4, "topology: {shape: full}\n"),
            (4, "topology: {shape: hub, hub: c01}\n"),
        ] {
            let bench = Bench::new(mesh_of(clusters, topology, ""), seed, |_| ());
            bench.settle().await;
            bench.verify_clean().await;
            let before = bench.lab.writes().len();
            bench.settle().await;
            assert_eq!(bench.lab.writes().len(), before, "a second apply writes nothing (seed {seed})");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_stopped_axl_web_service_makes_two_stages() {
    for seed in 0..5 {
        let bench = Bench::new(mesh_of(3, "", ""), seed, |spec| {
            spec.clusters[1].nodes[0].stopped.push(service::AXL.into());
        });
        let plans = bench.settle().await;
        assert!(!plans[0].stage.last, "{:#?}", plans[0].stage);
        assert_eq!(plans[0].steps.len(), 1, "stage one repairs and nothing else can be planned for c01 yet");
        assert!(plans[1].stage.last);
        bench.verify_clean().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_is_absent_loses_its_peers_on_both_sides() {
    let full = mesh_of(3, "", "");
    let bench = Bench::new(full.clone(), 3, |_| ());
    bench.settle().await;
    let mut leaving = full;
    leaving.clusters[2].state = mesh::State::Absent;
    let bench = Bench { mesh: leaving, lab: bench.lab, vault: bench.vault };
    let plans = bench.settle().await;
    assert_eq!((plans[0].summary.delete, plans[0].summary.create), (4, 0));
    bench.verify_clean().await;
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let make = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let bench = Bench::new(mesh_of(5, "", ""), 9, |_| ());
            let mut plan = bench.plan().await;
            plan.made_at = jiff::Timestamp::UNIX_EPOCH;
            plan.snapshot.taken_at = jiff::Timestamp::UNIX_EPOCH;
            plan::write(&plan).unwrap()
        })
    };
    let text = make();
    assert_eq!(text, make());
    let read = plan::read(&text).unwrap();
    assert_eq!(plan::write(&read).unwrap(), text);
    let edited = text.replacen("\"within_seconds\":300", "\"within_seconds\":3", 1);
    assert_ne!(edited, text);
    assert_eq!(plan::read(&edited).unwrap_err(), plan::FileError::Edited);
}

fn lost(cluster: &str, call: &'static str, effect: bool) -> Fault {
    let kind = ErrorKind::Unknown { detail: "the answer did not come".into() };
    Fault { cluster: cluster.into(), call, kind, effect, times: 1 }
}

/// The answer to a write is lost, once after it took effect and once before: read back, and never written twice.
#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_read_back() {
    for effect in [true, false] {
        for call in ["add_peer", "restart"] {
            let bench = Bench::new(mesh_of(2, "", ""), 4, |_| ());
            bench.lab.inject(lost("c00", call, effect));
            let plan = bench.plan().await;
            let account = bench.apply(&plan).await;
            let unknown = account.totals().unknown;
            // a restart that left no trace is not ordered again: nobody knows whether it will still come
            assert_eq!(unknown, usize::from(call == "restart" && !effect), "{call}, effect {effect}");
            let added = bench.lab.writes().iter().filter(|w| matches!(w.effect, Effect::AddPeer { .. })).count();
            assert_eq!(added, 2, "{call}, effect {effect}: one entry a side");
            bench.settle().await;
            bench.verify_clean().await;
        }
    }
}

/// A restart that no notification asked for: only the service itself can show that it was done.
#[tokio::test(start_paused = true)]
async fn a_lost_answer_to_a_restart_is_settled_by_the_up_time() {
    for effect in [true, false] {
        let full = mesh_of(3, "", "policy: {xcp_restart: {after_delete: always}}\n");
        let bench = Bench::new(full.clone(), 3, |_| ());
        bench.settle().await;
        let mut leaving = full;
        leaving.clusters[2].state = mesh::State::Absent;
        let bench = Bench { mesh: leaving, lab: bench.lab, vault: bench.vault };
        let restarts = || bench.lab.writes().iter().filter(|w| matches!(w.effect, Effect::Restart(_))).count();
        let before = restarts();
        bench.lab.inject(lost("c00", "restart", effect));
        let plan = bench.plan().await;
        let account = bench.apply(&plan).await;
        let first = account.steps.iter().find(|(id, _)| id.0.starts_with("restart/c00/")).map(|(_, outcome)| outcome);
        match (effect, first) {
            (true, Some(Outcome::Done { wrote: true, note: Some(note) })) => {
                assert!(note.contains("read back"), "{note}")
            }
            (false, Some(Outcome::Unknown { why })) => assert!(why.to_string().contains("is started, up for"), "{why}"),
            (_, other) => panic!("effect {effect}: {other:?}"),
        }
        assert_eq!(account.totals().unknown, usize::from(!effect));
        // two nodes of three clusters; an order that got lost is not given again, and the second node of its cluster
        // is left alone: nobody knows whether the first is about to go down
        assert_eq!(restarts() - before, if effect { 6 } else { 4 });
    }
}

/// An order that the product puts off was not carried out, and is given again: as often as its minute may need.
#[tokio::test(start_paused = true)]
async fn an_order_that_is_put_off_is_given_again() {
    for (call, step) in [("add_peer", "add-peer/c00/c01"), ("restart", "restart/c00/")] {
        for (times, done) in [(2, true), (7, false)] {
            let bench = Bench::new(mesh_of(2, "", ""), 2, |_| ());
            let kind = ErrorKind::Throttled { retry_after: None, message: "Exceeded allowed rate".into() };
            bench.lab.inject(Fault { cluster: "c00".into(), call, kind, effect: false, times });
            let plan = bench.plan().await;
            let account = bench.apply(&plan).await;
            let mut orders = account.steps.iter().filter(|(id, _)| id.0.starts_with(step)).map(|(_, outcome)| outcome);
            match orders.next().unwrap() {
                Outcome::Done { wrote: true, .. } => assert!(done, "{call} {times}"),
                Outcome::Failed { why, wrote: false } => {
                    assert!(!done && why.to_string().contains("Exceeded"), "{call} {times}: {why}")
                }
                other => panic!("{call} {times}: {other:?}"),
            }
            let writes = bench.lab.writes();
            let added =
                writes.iter().filter(|w| w.cluster == "c00".into() && matches!(w.effect, Effect::AddPeer { .. }));
            assert_eq!(added.count(), usize::from(done || call == "restart"), "{call} {times}");
        }
    }
}

/// What fails stops what needs it, and nothing else.
#[tokio::test(start_paused = true)]
async fn a_failed_step_stops_its_dependants_only() {
    let bench = Bench::new(
        mesh_of(4, "topology: {shape: links, links: [{between: [c00, c01]}, {between: [c02, c03]}]}\n", ""),
        2,
        |_| (),
    );
    let kind = ErrorKind::Refused { message: "Invalid characters in Peer Address".into() };
    bench.lab.inject(Fault { cluster: "c00".into(), call: "add_peer", kind, effect: false, times: 1 });
    let plan = bench.plan().await;
    let account = bench.apply(&plan).await;
    let totals = account.totals();
    let of_plan =
        totals.done + totals.nothing_to_do + totals.failed + totals.unknown + totals.skipped + totals.not_tried;
    assert_eq!(of_plan, plan.steps.len(), "the account adds up to the plan");
    assert_eq!((totals.failed, totals.unknown, totals.not_tried), (1, 0, 0));
    for (id, outcome) in &account.steps {
        let other_link = id.0.contains("c02") || id.0.contains("c03");
        assert!(!other_link || outcome.is_done(), "{id}: {outcome:?}");
        if *id.0 == *"add-peer/c01/c00" {
            assert!(
                matches!(outcome, Outcome::Skipped { because } if *because.0 == *"add-peer/c00/c01"),
                "{outcome:?}"
            );
        }
    }
    bench.settle().await;
    bench.verify_clean().await;
}

/// A refused account is not tried again, and nothing is planned on the strength of it.
#[tokio::test(start_paused = true)]
async fn a_cluster_that_cannot_be_read_is_unread_and_not_empty() {
    let bench = Bench::new(mesh_of(3, "", ""), 2, |_| ());
    let kind = ErrorKind::Unauthorized { username: "icsa".into() };
    bench.lab.inject(Fault { cluster: "c01".into(), call: "*", kind, effect: false, times: 1 });
    let plan = bench.plan().await;
    assert_eq!(plan.unread.len(), 1);
    assert!(plan.changes.iter().all(|c| c.cluster.as_str() != "c01"), "{:#?}", plan.changes);
    assert_eq!(bench.lab.writes().len(), 0);
}

/// The routers of one cluster restart one after another, and of one cluster at a time.
#[tokio::test(start_paused = true)]
async fn routers_restart_one_after_another() {
    let mut asked = 0;
    for seed in 0..10 {
        // without a canary, which would have its two clusters restarted once more
        let bench = Bench::new(mesh_of(4, "", "policy: {canary_above: 100}\n"), seed, |_| ());
        bench.settle().await;
        let restarts: Vec<_> = bench
            .lab
            .writes()
            .into_iter()
            .filter(|w| matches!(w.effect, Effect::Restart(_)))
            .map(|w| (w.at, w.cluster, w.node))
            .collect();
        // a product may ask for none (field-notes 1.9); where it asks, it asks on every node
        assert!([0, 8].contains(&restarts.len()), "each router once (seed {seed}): {restarts:#?}");
        asked += usize::from(!restarts.is_empty());
        for pair in restarts.windows(2) {
            // a router needs more than half a minute to come up: the next one cannot have begun before
            assert!(pair[1].0 - pair[0].0 >= std::time::Duration::from_secs(30), "{pair:#?}");
        }
    }
    assert!(asked > 0, "no seed asked for a restart");
}

/// `batch: per-link` is the guide's letter: every link is finished before the next begins.
#[tokio::test(start_paused = true)]
async fn a_link_at_a_time_when_the_file_asks_for_it() {
    let mesh = mesh_of(3, "", "policy: {xcp_restart: {batch: per-link}}\n");
    let bench = Bench::new(mesh, 5, |_| ());
    let plan = bench.plan().await;
    assert_eq!(plan.summary.restarts_at_most, plan.summary.restarts_by_hand, "as many as by hand");
    bench.settle().await;
    bench.verify_clean().await;
}

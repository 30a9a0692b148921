//! How long an apply of the largest mesh takes, beside what its plan says and beside the bound that no order of the syncs can
//! beat: a cluster syncs one link after another, so as many syncs long as a cluster has links.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use intermesh::apply::{Event, Operators, Run, carry_out};
use intermesh::lab::InMemory;
use intermesh::plan::step::{Action, StepId};

use crate::support::{Bench, mesh_of};

const CLUSTERS: usize = 30;
/// What a plan takes a sync for.
const SYNC: Duration = Duration::from_secs(600);

/// The seconds from the first entry to the last first sync; of the whole; those that the plan states; and the longest that any
/// cluster syncs, which is the least that all of them can take.
struct Times {
    syncing: u64,
    whole: u64,
    stated: u64,
    bound: u64,
}

fn carried_out(equal: Option<Duration>) -> Times {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let mesh = mesh_of(CLUSTERS, "", "policy: {canary_above: 1000, max_restarts: 1000}\n");
        let bench = Bench::made(mesh, 1, InMemory::in_the_runtimes_time, |_| ());
        bench.lab.world().equal_syncs(equal);
        let plan = bench.plan().await;
        let operators: Operators =
            bench.mesh.clusters.iter().map(|c| (c.name.clone(), bench.lab.operator(&c.name))).collect();
        let (clock, stop) = (bench.lab.clock(), AtomicBool::new(false));
        let began = clock.elapsed().as_secs();
        let times: RefCell<BTreeMap<StepId, (u64, u64)>> = RefCell::default();
        let tell = |event: &Event| {
            let now = clock.elapsed().as_secs() - began;
            match event {
                Event::Started { step } => drop(times.borrow_mut().insert(step.clone(), (now, now))),
                Event::Ended { step, .. } => times.borrow_mut().get_mut(step).unwrap().1 = now,
                _ => {}
            }
        };
        let run = Run::new(&operators, &bench.vault, &clock, &stop, &tell);
        let account = carry_out(&plan, &run).await;
        assert!(account.complete(), "{}", intermesh::report::account(&plan, &account));
        let times = times.borrow();
        let (mut first, mut last) = (u64::MAX, 0);
        // both halves of a link sync at the same time: the longer one counts
        let mut links: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        for step in &plan.steps {
            let (from, to) = times[&step.id];
            match &step.action {
                Action::AddPeer { .. } => first = first.min(from),
                Action::AwaitSync { to: there, .. } => {
                    last = last.max(to);
                    let (a, b) = (step.cluster.as_str(), there.as_str());
                    let longest = links.entry((a.min(b), a.max(b))).or_default();
                    *longest = (*longest).max(to - from);
                }
                _ => {}
            }
        }
        let mut of_cluster: BTreeMap<&str, u64> = BTreeMap::new();
        for ((a, b), lasts) in links {
            let lasts = equal.map_or(lasts, |equal| equal.as_secs());
            *of_cluster.entry(a).or_default() += lasts;
            *of_cluster.entry(b).or_default() += lasts;
        }
        let whole = times.values().map(|(_, to)| *to).max().unwrap();
        let bound = of_cluster.into_values().max().unwrap();
        Times { syncing: last - first, whole, stated: plan.estimate.seconds, bound }
    })
}

fn told(what: &str, times: &Times) -> (f64, f64) {
    let Times { syncing, whole, stated, bound } = times;
    let (by_bound, by_plan) = (*syncing as f64 / *bound as f64, *whole as f64 / *stated as f64);
    println!("{CLUSTERS} clusters, {what}: syncs {syncing} s, {by_bound:.3} of the bound {bound} s");
    println!("{CLUSTERS} clusters, {what}: all {whole} s, {by_plan:.3} of the {stated} s that the plan states");
    (by_bound, by_plan)
}

#[test]
fn with_equal_syncs_thirty_clusters_take_what_the_plan_says() {
    let times = carried_out(Some(SYNC));
    assert_eq!(times.bound, (CLUSTERS as u64 - 1) * SYNC.as_secs(), "every cluster syncs with every other");
    let (by_bound, by_plan) = told("equal syncs", &times);
    assert!((1.0..=1.1).contains(&by_bound) && by_plan <= 1.1);
}

#[test]
fn with_unequal_syncs_the_ratio_is_printed() {
    let (by_bound, _) = told("unequal syncs", &carried_out(None));
    assert!(by_bound >= 1.0, "nothing beats the bound: {by_bound}");
}

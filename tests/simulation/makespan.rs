//! How long an apply of the largest mesh takes, beside what its plan says and beside the bound that no order of its links can
//! beat: a cluster works on one link after another, so all take as long as the links of any one cluster.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use intermesh::apply::{Event, Operators, Run, carry_out};
use intermesh::lab::InMemory;
use intermesh::mesh::ClusterName;
use intermesh::mesh::topology::Pair;
use intermesh::plan::step::{Action, StepId};

use crate::support::{Bench, mesh_of};

const CLUSTERS: usize = 30;
/// What a plan takes a sync for.
const SYNC: Duration = Duration::from_secs(600);

/// Seconds.
struct Times {
    /// From the first entry to the end of the last first sync.
    linking: u64,
    /// Of everything.
    whole: u64,
    /// Of everything, as the plan states it.
    stated: u64,
    /// The longest that the links of one cluster take, each from its first entry to the end of its syncs.
    bound: u64,
    /// The same by the syncs alone, where they are equal.
    syncs: Option<u64>,
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
        let mut links: BTreeMap<Pair, (u64, u64)> = BTreeMap::new();
        for step in &plan.steps {
            let (from, until) = times[&step.id];
            if let Action::AddPeer { to, .. } | Action::AwaitSync { to, .. } = &step.action {
                let link = links.entry(Pair::new(&step.cluster, to)).or_insert((u64::MAX, 0));
                *link = (link.0.min(from), link.1.max(until));
            }
        }
        let of_cluster = |name: &ClusterName| {
            let own = links.iter().filter(|(pair, _)| pair.has(name));
            own.map(|(_, (from, until))| until - from).sum::<u64>()
        };
        Times {
            linking: links.values().map(|l| l.1).max().unwrap() - links.values().map(|l| l.0).min().unwrap(),
            whole: times.values().map(|(_, until)| *until).max().unwrap(),
            stated: plan.estimate.seconds,
            bound: bench.mesh.clusters.iter().map(|c| of_cluster(&c.name)).max().unwrap(),
            syncs: equal.map(|sync| sync.as_secs() * (CLUSTERS as u64 - 1)),
        }
    })
}

fn told(what: &str, times: &Times) -> (f64, f64) {
    let Times { linking, whole, stated, bound, syncs } = times;
    let (by_bound, by_plan) = (*linking as f64 / *bound as f64, *whole as f64 / *stated as f64);
    println!("{CLUSTERS} clusters, {what}: all links {linking} s, {by_bound:.3} of their bound {bound} s");
    if let Some(syncs) = syncs {
        // an entry that is alone tries again only after a while, which the product decides
        println!("{CLUSTERS} clusters, {what}: {:.3} of {syncs} s, the syncs alone", *linking as f64 / *syncs as f64);
    }
    println!("{CLUSTERS} clusters, {what}: all {whole} s, {by_plan:.3} of the {stated} s that the plan states");
    (by_bound, by_plan)
}

#[test]
fn with_equal_syncs_thirty_clusters_take_what_the_plan_says() {
    let (by_bound, by_plan) = told("equal syncs", &carried_out(Some(SYNC)));
    assert!((1.0..=1.1).contains(&by_bound), "{by_bound}");
    assert!(by_plan <= 1.1, "{by_plan}");
}

#[test]
fn with_unequal_syncs_the_ratio_is_printed() {
    let (by_bound, _) = told("unequal syncs", &carried_out(None));
    assert!(by_bound >= 1.0, "nothing beats the bound: {by_bound}");
}

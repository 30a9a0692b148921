//! The laws of plan and apply, for random meshes whose clusters are damaged in random ways.
//!
//! - **On the product in memory** ([`world`]): the real executor carries the plan out in another order, and the world is
//!   looked at before every order. Carried out to the end, all stages, the clusters are as the file says and the plan is
//!   empty. 600 cases of 2 to 7 clusters, about 26 ms each.
//! - **On nothing** ([`replay`]): 10,000 plans of 2 to 30 clusters, replayed in a random order, several steps at once. The
//!   checker takes every plan, the same input gives the same bytes, and every prefix keeps the laws. About 10 ms each.
//!
//! Budget: 60 seconds on two cores, not optimised, which is why not all 10,000 cases are carried out on the product. They
//! can be: `CARGO_PROFILE_TEST_OPT_LEVEL=1 INTERMESH_LAWS=5000 cargo test --test laws` runs 10,000 of each kind, four times
//! as fast, after a build that takes longer than is won for fewer. A case that fails is printed as the smallest that does.

#![allow(clippy::unwrap_used, reason = "clippy takes the functions beside the tests for no tests")]

#[path = "../support/mod.rs"]
mod support;
#[path = "../support/import.rs"]
mod walked;

mod case;
mod found;
mod import;
mod order;
mod replay;
mod watch;
mod world;

use std::collections::{BTreeMap, BTreeSet};

use intermesh::mesh::ClusterName;
use intermesh::plan::{self, Plan};
use proptest::prelude::*;

use case::Case;
use order::Dice;

/// Cases on the product in memory, in each of two tests: one for a core.
const WORLDS: u32 = 300;
/// Cases of a mesh that is imported, in each of two tests.
const IMPORTS: u32 = 60;
/// Cases on nothing, in each of two tests.
const PLANS: u32 = 5_000;

fn cases(default: u32) -> ProptestConfig {
    let given = std::env::var("INTERMESH_LAWS").ok().and_then(|text| text.parse().ok());
    ProptestConfig { cases: given.unwrap_or(default), failure_persistence: None, ..ProptestConfig::default() }
}

/// The laws of a plan by itself.
fn plan_keeps_the_laws(case: &Case) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let bench = case.bench();
    // it is checked where it is made
    let plan = runtime.block_on(bench.plan_with(&world::options(&bench)));
    let text = plan::write(&plan).unwrap();
    let again = plan::make(
        &bench.mesh,
        "test.yaml",
        &plan::Lines::new(&|_| None),
        &plan.snapshot,
        &world::options(&bench),
        plan.made_at,
    );
    assert_eq!(text, plan::write(&again).unwrap(), "the same input, other bytes");
    rounds_are_few(&plan);
    let mut dice = Dice::new(case.order);
    for _ in 0..3 {
        replay::replay(&plan, &mut dice).unwrap_or_else(|broken| panic!("{broken}"));
    }
}

/// A round is a matching, and there is at most one round more than the most links of a cluster (Vizing's theorem, by the
/// construction of Misra and Gries); a full mesh takes exactly the fewest (a 1-factorisation by the circle method).
fn rounds_are_few(plan: &Plan) {
    let mut degree: BTreeMap<&ClusterName, usize> = BTreeMap::new();
    let links: Vec<_> = plan.rounds.iter().flatten().collect();
    for name in links.iter().flat_map(|pair| [pair.a(), pair.b()]) {
        *degree.entry(name).or_default() += 1;
    }
    for round in &plan.rounds {
        let touched: BTreeSet<&ClusterName> = round.iter().flat_map(|pair| [pair.a(), pair.b()]).collect();
        assert_eq!(touched.len(), 2 * round.len(), "a cluster twice in {round:?}");
    }
    let most = degree.values().max().copied().unwrap_or(0);
    assert!(plan.rounds.len() <= most + 1, "{} rounds for {most} links of a cluster", plan.rounds.len());
    let n = degree.len();
    if n >= 2 && links.len() == n * (n - 1) / 2 {
        assert_eq!(plan.rounds.len(), if n.is_multiple_of(2) { n - 1 } else { n }, "the fewest rounds of {n} clusters");
    }
}

proptest! {
    #![proptest_config(cases(PLANS))]

    #[test]
    fn every_prefix_of_a_plan_keeps_the_laws(case in case::any_size()) {
        plan_keeps_the_laws(&case);
    }

    #[test]
    fn every_prefix_of_a_plan_of_another_half_keeps_the_laws(case in case::any_size()) {
        plan_keeps_the_laws(&case);
    }
}

proptest! {
    #![proptest_config(cases(WORLDS))]

    #[test]
    fn applied_in_any_order_the_clusters_are_as_the_file_says(case in case::small()) {
        world::any_order_leads_to_what_the_file_says(&case);
    }

    #[test]
    fn applied_in_any_other_order_the_clusters_are_as_the_file_says(case in case::small()) {
        world::any_order_leads_to_what_the_file_says(&case);
    }
}

proptest! {
    #![proptest_config(cases(IMPORTS))]

    #[test]
    fn a_plan_on_an_imported_mesh_is_empty(case in case::small()) {
        import::a_plan_on_a_healthy_import_is_empty(&case);
    }

    #[test]
    fn an_import_of_damage_decides_nothing(case in case::small()) {
        import::an_import_of_damage_decides_nothing(&case);
    }
}

//! Deterministic simulation of whole applies: the real planner, executor, journal and lease, on the product in memory and an
//! object store in memory, in one virtual time, and everything else from one seed: the mesh and its damage (those of
//! `tests/laws`), lost requests, answers lost after the order took effect, orders that arrive late, throttling, sessions that
//! end, nodes that restart, services that hang, an administrator's hands, syncs that stick, a clock that is set, full disks,
//! torn records, a store that is out of reach while somebody else wants the same mesh, kills and interruptions at any moment, and processes that go on.
//!
//! After every story: the plan's promises held at every order ([`watch`]), every account and journal adds up, nothing that
//! does harm was done twice, every order was announced durably before it left, no secret is in any object or text, and once
//! nothing goes wrong any more the clusters are as the file says ([`judge`], [`play`]).
//!
//! `INTERMESH_SIM_SEEDS=20000` plays so many, on all cores; `INTERMESH_SIM_FROM` is the first seed; `INTERMESH_SIM_SEED=7`
//! plays that one alone and prints what happened. `tests/simulation/run.sh` plays 20,000.

#![allow(clippy::unwrap_used, reason = "clippy takes the functions beside the tests for no tests")]
#![allow(clippy::print_stdout, reason = "the numbers are a result, and the trace of a seed is asked for")]

#[path = "../support/mod.rs"]
mod support;

#[path = "../laws/case.rs"]
#[allow(dead_code, reason = "the other test uses a part of it")]
mod case;
#[path = "../laws/order.rs"]
#[allow(dead_code, reason = "the other test uses a part of it")]
mod order;
#[path = "../laws/watch.rs"]
mod watch;
#[path = "../laws/world.rs"]
#[allow(dead_code, reason = "the other test uses a part of it")]
mod world;

mod accidents;
mod judge;
mod makespan;
mod objects;
mod play;
mod scenario;
mod seam;
mod stage;
mod trace;

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use play::{Story, play};
use scenario::Scenario;

/// Stories that every `cargo test` plays.
const STORIES: u64 = 400;

/// A bug that is planted, so that it is seen that the judge finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutant {
    /// A restart of which the answer was lost is ordered again.
    RestartsAgain,
    /// What a step is about to do is not written down.
    ForgetsStarted,
    /// What cannot be written down is done all the same.
    ActsUnwritten,
    /// A journal's note holds a password.
    TellsSecrets,
    /// What happens beside the processes panics.
    AccidentPanics,
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

/// What was broken in the story of a seed; a panic breaks it too.
fn tried(seed: u64, mutant: Option<Mutant>, keeps_lines: bool) -> Result<Story, String> {
    match catch_unwind(AssertUnwindSafe(|| play(seed, mutant, keeps_lines))) {
        Ok(story) if story.broken.is_empty() => Ok(story),
        Ok(story) => Err(story.lines.join("\n") + "\n" + &story.broken.join("\n")),
        Err(panic) => Err(words_of(&*panic)),
    }
}

/// What a panic says.
fn words_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|t| (*t).to_owned())).unwrap_or_default()
}

/// What all stories together came to.
#[derive(Debug, Default)]
struct Sum {
    sittings: usize,
    events: usize,
    faults: BTreeMap<&'static str, usize>,
}

#[test]
fn whatever_goes_wrong_nothing_is_lost_and_nothing_done_twice() {
    if let Some(seed) = number("INTERMESH_SIM_SEED") {
        println!("{:#?}", Scenario::of(seed));
        let story = play(seed, None, true);
        println!("{}", story.lines.join("\n"));
        assert!(story.broken.is_empty(), "seed {seed}:\n{}", story.broken.join("\n"));
        return;
    }
    let (from, stories) = (number("INTERMESH_SIM_FROM").unwrap_or(0), number("INTERMESH_SIM_SEEDS").unwrap_or(STORIES));
    let (next, failed, sum) = (AtomicU64::new(from), Mutex::new(BTreeMap::new()), Mutex::new(Sum::default()));
    let began = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= from + stories || failed.lock().unwrap().len() >= 10 {
                        break;
                    }
                    match tried(seed, None, false) {
                        Ok(story) => {
                            let mut sum = sum.lock().unwrap();
                            sum.sittings += story.sittings;
                            sum.events += story.events;
                            for (fault, times) in story.faults {
                                *sum.faults.entry(fault).or_default() += times;
                            }
                        }
                        Err(why) => {
                            failed.lock().unwrap().insert(seed, why);
                        }
                    }
                }
            });
        }
    });
    let (failed, sum) = (failed.into_inner().unwrap(), sum.into_inner().unwrap());
    println!(
        "{stories} stories in {:.1} s: {} sittings, {} events",
        began.elapsed().as_secs_f64(),
        sum.sittings,
        sum.events
    );
    println!("what went wrong in them: {:?}", sum.faults);
    for (seed, why) in &failed {
        println!(
            "seed {seed}: {why}\n  repeat it: INTERMESH_SIM_SEED={seed} cargo test --test simulation -- --nocapture\n"
        );
    }
    assert!(failed.is_empty(), "{} of {stories} stories are broken: seeds {:?}", failed.len(), failed.keys());
    // each kind of fault is met, or the stories prove nothing
    assert!(stories < STORIES || sum.faults.len() >= 18, "{:?}", sum.faults);
}

#[test]
fn the_same_seed_is_the_same_story() {
    let mut numbers = std::collections::BTreeSet::new();
    for seed in 0..24 {
        let (first, second) = (play(seed, None, true), play(seed, None, true));
        let differ = first.lines.iter().zip(&second.lines).find(|(a, b)| a != b);
        assert_eq!(first.trace, second.trace, "seed {seed}: {differ:?}");
        numbers.insert(first.trace);
    }
    // where there is nothing to do, two may be alike
    assert!(numbers.len() >= 18, "{} stories of 24 seeds", numbers.len());
}

/// The judge finds what is planted, within as few stories as a `cargo test` plays.
fn finds(mutant: Mutant, words: &str) {
    let found = (0..STORIES).find_map(|seed| tried(seed, Some(mutant), false).err().filter(|why| why.contains(words)));
    assert!(found.is_some(), "{mutant:?} is not found");
}

#[test]
fn a_restart_that_is_ordered_again_is_found() {
    finds(Mutant::RestartsAgain, "took effect 2 times");
}

#[test]
fn an_order_that_was_not_announced_is_found() {
    finds(Mutant::ForgetsStarted, "no durable record says that it would be");
}

#[test]
fn what_is_done_although_it_cannot_be_written_down_is_found() {
    finds(Mutant::ActsUnwritten, "no durable record says that it would be");
}

#[test]
fn a_secret_that_is_told_is_found() {
    finds(Mutant::TellsSecrets, "a secret is in");
}

#[test]
fn an_accident_that_panics_is_found() {
    finds(Mutant::AccidentPanics, "an accident that is planted");
}

//! What commands say of High Availability that a run left off: `lock show` by the journals alone, `plan`, `apply` and
//! `verify` where the cluster does not show that it is on again.

use super::Printer;
use super::store::StoreChoice;
use crate::cluster::Snapshot;
use crate::plan::Plan;
use crate::plan::change::{Concern, Weight};
use crate::plan::verify::ClusterProblem;
use crate::report::{off_since, switch_on};
use crate::store::{Store, SwitchedOff};

/// What the journals of a mesh tell. Where they cannot be read, that is said, and nothing else stops for it.
pub async fn of_mesh(store: &Store, mesh: &str, printer: &Printer) -> Vec<SwitchedOff> {
    store.switched_off(mesh).await.unwrap_or_else(|error| {
        printer.note(&format!("warning: whether a run left High Availability switched off is not known: {error}"));
        Vec::new()
    })
}

/// The same, in the store that the command line means.
pub async fn of_choice(choice: &StoreChoice, mesh: &str, printer: &Printer) -> Vec<SwitchedOff> {
    match choice.look() {
        Ok(store) => of_mesh(&store, mesh, printer).await,
        Err(failure) => {
            let why = failure.message;
            printer.note(&format!("warning: whether a run left High Availability switched off is not known: {why}"));
            Vec::new()
        }
    }
}

/// Adds what the clusters do not contradict to what a plan says.
pub fn concern(plan: &mut Plan, groups: &[SwitchedOff]) {
    let concerns = still(groups, &plan.snapshot).into_iter();
    plan.concerns.extend(concerns.map(|(off, weight)| Concern {
        cluster: off.cluster.clone(),
        weight,
        what: words(off),
    }));
}

/// What the clusters do not contradict, as problems of verification.
pub fn problems(groups: &[SwitchedOff], snapshot: &Snapshot) -> Vec<ClusterProblem> {
    let problem = |(off, _): (&SwitchedOff, Weight)| ClusterProblem { cluster: off.cluster.clone(), what: words(off) };
    still(groups, snapshot).into_iter().map(problem).collect()
}

/// What the clusters do not contradict, as warnings.
pub fn warnings(groups: &[SwitchedOff], snapshot: &Snapshot) -> Vec<String> {
    let warning = |(off, _): (&SwitchedOff, Weight)| format!("warning: {}: {}", off.cluster, words(off));
    still(groups, snapshot).into_iter().map(warning).collect()
}

fn words(off: &SwitchedOff) -> String {
    format!("{}; {}", off_since(off), switch_on(off))
}

/// The groups that are off, and those of which nobody knows.
fn still<'a>(groups: &'a [SwitchedOff], snapshot: &Snapshot) -> Vec<(&'a SwitchedOff, Weight)> {
    let weight = |off: &SwitchedOff| {
        let read = snapshot.clusters.get(&off.cluster).and_then(|read| read.high_availability.read());
        let group = read.and_then(|groups| groups.iter().find(|group| group.name == off.group));
        match group.map(|group| group.enabled) {
            Some(true) => None,
            Some(false) => Some(Weight::Warning),
            None => Some(Weight::Unknown),
        }
    };
    groups.iter().filter_map(|off| Some((off, weight(off)?))).collect()
}

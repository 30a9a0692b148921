//! High Availability that a run switched off and has not switched on again, by what its journal tells.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::error::StoreError;
use super::place::Store;
use super::record::{End, Outcome};
use super::run::RunId;
use super::state::{Stage, State};
use crate::mesh::ClusterName;
use crate::plan::Plan;
use crate::plan::step::{Action, Step};

/// A redundancy group that is without High Availability because of a run, as far as journals tell. Whether it still is
/// so, only its cluster knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SwitchedOff {
    /// The run.
    pub run: RunId,
    /// Whether the run can be gone on with: then it is switched on again by that.
    pub unfinished: bool,
    /// The cluster.
    pub cluster: ClusterName,
    /// The redundancy group.
    pub group: String,
    /// When it was switched off.
    pub since: Timestamp,
    /// Whether it is written down that it was; otherwise the run ended in the middle of it, or the answer was lost.
    pub certain: bool,
}

/// The groups that a run switched off, or may have, and did not switch on again.
pub fn switched_off(plan: &Plan, state: &State) -> Vec<SwitchedOff> {
    let mut off = BTreeMap::new();
    tell(plan, state, &mut off);
    off.into_values().collect()
}

type Groups = BTreeMap<(ClusterName, String), SwitchedOff>;

/// Brings what is known of groups up to where a run stands.
fn tell(plan: &Plan, state: &State, groups: &mut Groups) {
    let pairs: Vec<(&Step, &Step, &String)> = plan.steps.iter().filter_map(|on| switch(plan, on)).collect();
    for (off, on, group) in pairs {
        let key = (off.cluster.clone(), group.clone());
        let Some((since, certain)) = state.step(&off.id).and_then(took_effect) else { continue };
        let back = state.step(&on.id);
        if back.is_some_and(|stage| matches!(stage, Stage::Ended { outcome, .. } if outcome.is_done())) {
            groups.remove(&key);
            continue;
        }
        // it may have been switched on again, and only the word of it be missing
        let certain = certain && back.and_then(took_effect).is_none();
        let (run, unfinished) = (state.run.id.clone(), !state.is_finished());
        let (cluster, group) = key.clone();
        groups.insert(key, SwitchedOff { run, unfinished, cluster, group, since, certain });
    }
}

/// The step that switches a group off, the finalizer that switches it on, and the group.
fn switch<'a>(plan: &'a Plan, on: &'a Step) -> Option<(&'a Step, &'a Step, &'a String)> {
    let Action::SetHighAvailability { group, enabled: true } = &on.action else { return None };
    Some((plan.step(on.finalizes.as_ref()?)?, on, group))
}

/// When a step acted, and whether that is certain; none where it never did.
fn took_effect(stage: &Stage) -> Option<(Timestamp, bool)> {
    match stage {
        Stage::Started { at, sitting: _ } => Some((*at, false)),
        Stage::Ended { started, at: _, outcome } => match (started, outcome) {
            // it was off before, or no router had to restart
            (None, _) => None,
            // also where a later sitting found it done
            (Some(at), Outcome::Done { .. }) => Some((*at, true)),
            (Some(at), Outcome::Unknown { .. } | Outcome::Failed { wrote: true, .. }) => Some((*at, false)),
            (Some(_), Outcome::Failed { wrote: false, .. } | Outcome::Skipped { .. }) => None,
        },
    }
}

impl Store {
    /// The groups that runs of a mesh switched off, or may have, and that none has switched on again.
    ///
    /// # Errors
    /// The store cannot be read, or a journal or a plan cannot: then nobody can tell.
    pub async fn switched_off(&self, mesh: &str) -> Result<Vec<SwitchedOff>, StoreError> {
        let mut groups = Groups::new();
        for (_, overview) in self.runs(mesh).await? {
            let overview = overview?;
            // a run that did all of its steps left nothing off, and its plan need not be read
            if matches!(overview.end, Some((_, End::Done))) && groups.is_empty() {
                continue;
            }
            let plan = self.plan_of(&overview.run).await?;
            // whoever planned to switch a group off had read that it was on
            let was_on = plan.steps.iter().filter_map(|on| switch(&plan, on));
            was_on.for_each(|(off, _, group)| {
                groups.remove(&(off.cluster.clone(), group.clone()));
            });
            tell(&plan, &self.run(mesh, &overview.run.id).await?, &mut groups);
        }
        Ok(groups.into_values().collect())
    }
}

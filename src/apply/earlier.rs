//! What the journal of an earlier sitting says of a plan's steps: which are done, and which may have acted.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::outcome::{Outcome, Why};
use crate::plan::Plan;
use crate::plan::step::StepId;
use crate::store::{self, Stage, State};

/// Where a run stood when it was gone on with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Earlier {
    /// Steps that are not tried again, and how they ended.
    ended: BTreeMap<StepId, Outcome>,
    /// Steps that acted or may have, and were not done; and when they began to.
    in_doubt: BTreeMap<StepId, Timestamp>,
    /// Those among them of whose end nothing was written down.
    open: BTreeSet<StepId>,
    /// Steps that cannot be tried any more, as what was prepared for them was taken back.
    closed: usize,
}

impl Earlier {
    /// What a journal says of a plan.
    pub fn of(plan: &Plan, state: &State) -> Earlier {
        let mut earlier = Earlier::default();
        for (id, stage) in &state.steps {
            match stage {
                Stage::Started { at, sitting: _ } => {
                    earlier.in_doubt.insert(id.clone(), *at);
                    earlier.open.insert(id.clone());
                }
                Stage::Ended { outcome, .. } if outcome.is_done() => {
                    earlier.ended.insert(id.clone(), told(outcome));
                }
                Stage::Ended { started: Some(at), outcome, .. } if may_have_written(outcome) => {
                    earlier.in_doubt.insert(id.clone(), *at);
                }
                Stage::Ended { .. } => {}
            }
        }
        earlier.close(plan, state);
        earlier
    }

    /// Steps that were done.
    pub fn done(&self) -> usize {
        self.ended.values().filter(|outcome| outcome.is_done()).count()
    }

    /// Steps that may have acted, and of which it must be read what came of it.
    pub fn in_doubt(&self) -> usize {
        self.in_doubt.len()
    }

    /// Steps that need a new plan, as what was prepared for them was taken back, such as High Availability that was
    /// switched off for a restart.
    pub fn closed(&self) -> usize {
        self.closed
    }

    /// Whether a step was begun in an earlier sitting, or ended.
    pub(super) fn touched(&self, id: &StepId) -> bool {
        self.ended.contains_key(id) || self.in_doubt.contains_key(id)
    }

    /// How a step ended that is not tried again.
    pub(super) fn ended(&self, id: &StepId) -> Option<&Outcome> {
        self.ended.get(id)
    }

    /// When a step began that may have acted.
    pub(super) fn began(&self, id: &StepId) -> Option<Timestamp> {
        self.in_doubt.get(id).copied()
    }

    /// Whether nothing was written down of the end of a step that began.
    pub(super) fn is_open(&self, id: &StepId) -> bool {
        self.open.contains(id)
    }

    /// What a finalizer took back, or may have, and what was between the two: what was not done by then is not tried again.
    /// What was prepared for it is gone, and who prepares it once more finds nobody to take it back.
    fn close(&mut self, plan: &Plan, state: &State) {
        for finalizer in &plan.steps {
            let Some(partner) = &finalizer.finalizes else { continue };
            let done = self.ended.get(&finalizer.id).is_some_and(Outcome::is_done);
            // one that is in doubt may have acted, and is seen through
            if !done && !self.in_doubt.contains_key(&finalizer.id) {
                continue;
            }
            let before = ancestors(plan, &finalizer.id);
            for step in &plan.steps {
                let inside =
                    step.id == *partner || before.contains(&step.id) && ancestors(plan, &step.id).contains(partner);
                if !inside || self.ended.contains_key(&step.id) {
                    continue;
                }
                let outcome = match state.step(&step.id) {
                    Some(Stage::Ended { outcome, .. }) => told(outcome),
                    Some(Stage::Started { .. }) => {
                        Outcome::Unknown { why: Why::Recorded("the run ended while it was in hand".into()) }
                    }
                    None => Outcome::Skipped { because: finalizer.id.clone() },
                };
                self.in_doubt.remove(&step.id);
                self.open.remove(&step.id);
                self.ended.insert(step.id.clone(), outcome);
                self.closed += 1;
            }
        }
    }
}

fn may_have_written(outcome: &store::Outcome) -> bool {
    matches!(outcome, store::Outcome::Failed { wrote: true, .. } | store::Outcome::Unknown { .. })
}

/// An outcome as a journal kept it.
pub(super) fn told(outcome: &store::Outcome) -> Outcome {
    match outcome.clone() {
        store::Outcome::Done { wrote, note } => Outcome::Done { wrote, note },
        store::Outcome::Failed { why, wrote } => Outcome::Failed { why: Why::Recorded(why), wrote },
        store::Outcome::Unknown { why } => Outcome::Unknown { why: Why::Recorded(why) },
        store::Outcome::Skipped { because } => Outcome::Skipped { because },
    }
}

/// All steps before a step.
fn ancestors(plan: &Plan, id: &StepId) -> BTreeSet<StepId> {
    let steps = plan.by_id();
    let mut found = BTreeSet::new();
    let mut open = vec![id];
    while let Some(step) = open.pop().and_then(|id| steps.get(id)) {
        for after in &step.after {
            if found.insert(after.step.clone()) {
                open.push(&after.step);
            }
        }
    }
    found
}

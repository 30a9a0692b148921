//! What a run has come to at any moment, by its events: a report is written also of a run that was cut short.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::Event;
use super::earlier::Earlier;
use super::outcome::{Account, Outcome, Why};
use crate::plan::Plan;
use crate::plan::step::StepId;

/// What is known of a run that goes on, or went on until somebody ended it.
#[derive(Clone, Debug, Default)]
pub struct SoFar {
    earlier: Earlier,
    began: BTreeMap<StepId, Timestamp>,
    acted: BTreeSet<StepId>,
    ended: BTreeMap<StepId, (Timestamp, Outcome)>,
}

impl SoFar {
    /// A run that begins, or goes on after what was done earlier.
    pub fn new(earlier: Earlier) -> SoFar {
        SoFar { earlier, ..SoFar::default() }
    }

    /// Takes note of an event, and when it was.
    pub fn hear(&mut self, event: &Event, at: Timestamp) {
        match event {
            Event::Started { step } => {
                self.began.insert(step.clone(), at);
            }
            Event::Acting { step } => {
                self.acted.insert(step.clone());
            }
            Event::Ended { step, outcome } => {
                self.ended.insert(step.clone(), (at, outcome.clone()));
            }
            Event::Waiting { .. } | Event::ByHand { .. } => {}
        }
    }

    /// The account of a run that was ended at once, whatever was in hand.
    pub fn account(&self, plan: &Plan) -> Account {
        let outcome = |id: &StepId| {
            let heard = self.ended.get(id).map(|(_, outcome)| outcome.clone());
            heard.or_else(|| self.earlier.ended(id).cloned()).unwrap_or_else(|| {
                if self.acted.contains(id) || self.earlier.began(id).is_some() {
                    Outcome::Unknown { why: Why::Recorded("the run was ended while it was in hand".into()) }
                } else {
                    Outcome::NotTried
                }
            })
        };
        let steps = plan.steps.iter().map(|step| (step.id.clone(), outcome(&step.id))).collect();
        Account { steps, interrupted: true, done_before: self.earlier.done(), ..Account::untouched(plan) }
    }

    /// How long a step took, with its waits; none where it did not begin and end in this sitting.
    pub fn took(&self, step: &StepId) -> Option<SignedDuration> {
        let ((ended, _), began) = (self.ended.get(step)?, self.began.get(step)?);
        Some(ended.duration_since(*began))
    }
}

//! What a journal comes to: its records folded, one after another, by rules that no good journal breaks.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::owner::Owner;
use super::record::{End, Entry, Outcome, Record, Totals};
use super::run::Run;
use crate::plan::Plan;
use crate::plan::step::StepId;

/// Where a run stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// The run.
    pub run: Run,
    /// Every spell of work on it, in order: the beginning and each time that it was gone on with.
    pub sittings: Vec<Sitting>,
    /// Steps of which anything is recorded; all others were not tried.
    pub steps: BTreeMap<StepId, Stage>,
    /// How it came to its end, when it did, and nobody went on with it since.
    pub end: Option<(Timestamp, End)>,
    /// Who took it away from whom it belonged to, when nobody went on with it since.
    pub broken: Option<Broken>,
    /// The last record's number where it was torn and does not count.
    pub torn: Option<u64>,
    /// When its last record was written.
    pub last_at: Timestamp,
}

/// One spell of work on a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sitting {
    /// Who.
    pub by: Owner,
    /// The version of intermesh.
    pub made_by: String,
    /// From when on.
    pub at: Timestamp,
}

/// Where a step stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It was about to act, and nothing is recorded of its end: what came of it must be read on the cluster.
    Started {
        /// When.
        at: Timestamp,
        /// In which sitting, counted from 0.
        sitting: usize,
    },
    /// It ended.
    Ended {
        /// When it began to act; none where it never did.
        started: Option<Timestamp>,
        /// When it ended.
        at: Timestamp,
        /// How.
        outcome: Outcome,
    },
}

/// How a run was taken away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Owner,
    /// Why.
    pub reason: String,
}

impl State {
    /// The state of a journal whose first record this is.
    pub(super) fn begin(entry: Entry) -> Result<State, String> {
        let Entry { at, record: Record::RunStarted { run } } = entry else {
            return Err("the first record does not say what run it is".into());
        };
        let first = Sitting { by: run.by.clone(), made_by: run.made_by.clone(), at };
        Ok(State {
            run,
            sittings: vec![first],
            steps: BTreeMap::new(),
            end: None,
            broken: None,
            torn: None,
            last_at: at,
        })
    }

    /// Whether the next record fits what was recorded before; says what does not.
    pub(super) fn fits(&self, record: &Record) -> Result<(), String> {
        match record {
            Record::RunStarted { .. } => Err("the run began before".into()),
            Record::Resumed { .. } | Record::Broken { .. } if self.is_finished() => {
                Err("the run has come to its end before".into())
            }
            Record::Resumed { .. } | Record::Broken { .. } => Ok(()),
            _ if self.end.is_some() || self.broken.is_some() => {
                Err("the run is over, and nobody has gone on with it".into())
            }
            Record::StepStarted { step } => self.may_start(step),
            Record::StepEnded { step, outcome } => self.may_end(step, outcome),
            Record::RunEnded { totals, .. } if *totals != self.totals() => {
                Err("its numbers are not those of the journal".into())
            }
            Record::RunEnded { end: End::Done, totals } if totals.done + totals.nothing_to_do != self.run.steps => {
                Err("it says that every step was done, and not every one was".into())
            }
            Record::RunEnded { .. } => Ok(()),
        }
    }

    fn may_start(&self, step: &StepId) -> Result<(), String> {
        match self.steps.get(step) {
            Some(Stage::Ended { outcome, .. }) if outcome.is_done() => Err(format!("step `{step}` was done before")),
            Some(Stage::Started { sitting, .. }) if *sitting == self.sitting() => {
                Err(format!("step `{step}` began twice"))
            }
            None if self.steps.len() == self.run.steps => Err(format!("step `{step}` is not of the plan")),
            _ => Ok(()),
        }
    }

    fn may_end(&self, step: &StepId, outcome: &Outcome) -> Result<(), String> {
        match self.steps.get(step) {
            Some(Stage::Started { .. }) => Ok(()),
            Some(Stage::Ended { outcome, .. }) if outcome.is_done() => Err(format!("step `{step}` was done before")),
            None if self.steps.len() == self.run.steps => Err(format!("step `{step}` is not of the plan")),
            _ if matches!(outcome, Outcome::Done { wrote: true, .. }) => {
                Err(format!("step `{step}` wrote, and nothing said before that it would"))
            }
            Some(Stage::Ended { .. }) | None => Ok(()),
        }
    }

    fn sitting(&self) -> usize {
        self.sittings.len().saturating_sub(1)
    }

    /// Folds the next record in. What does not fit changes nothing.
    pub(super) fn fold(&mut self, entry: Entry) -> Result<(), String> {
        let Entry { at, record } = entry;
        self.fits(&record)?;
        match record {
            Record::RunStarted { .. } => {}
            Record::Resumed { by, made_by, dropped: _ } => {
                self.sittings.push(Sitting { by, made_by, at });
                (self.end, self.broken) = (None, None);
            }
            Record::Broken { by, reason, dropped: _ } => self.broken = Some(Broken { at, by, reason }),
            Record::StepStarted { step } => {
                let sitting = self.sitting();
                self.steps.insert(step, Stage::Started { at, sitting });
            }
            Record::StepEnded { step, outcome } => {
                let started = match self.steps.get(&step) {
                    Some(Stage::Started { at, .. }) => Some(*at),
                    // looked at again by a later sitting, which did not act: what was in doubt stays so
                    Some(Stage::Ended { started, .. }) => *started,
                    None => None,
                };
                self.steps.insert(step, Stage::Ended { started, at, outcome });
            }
            Record::RunEnded { end, totals: _ } => self.end = Some((at, end)),
        }
        self.last_at = at;
        Ok(())
    }

    /// Where a step stands; none when it was not tried.
    pub fn step(&self, id: &StepId) -> Option<&Stage> {
        self.steps.get(id)
    }

    /// Steps that were done, by the run or found done by it, and those that may have been.
    pub fn acted(&self) -> BTreeSet<StepId> {
        self.steps_where(|outcome| match outcome {
            Outcome::Done { .. } | Outcome::Failed { wrote: true, .. } | Outcome::Unknown { .. } => true,
            Outcome::Failed { wrote: false, .. } | Outcome::Skipped { .. } => false,
        })
    }

    /// Steps that wrote something on a cluster, or may have.
    pub fn wrote(&self) -> BTreeSet<StepId> {
        self.steps_where(|outcome| match outcome {
            Outcome::Done { wrote, .. } | Outcome::Failed { wrote, .. } => *wrote,
            Outcome::Unknown { .. } => true,
            Outcome::Skipped { .. } => false,
        })
    }

    fn steps_where(&self, holds: impl Fn(&Outcome) -> bool) -> BTreeSet<StepId> {
        let taken = |stage: &Stage| match stage {
            Stage::Started { .. } => true,
            Stage::Ended { outcome, .. } => holds(outcome),
        };
        self.steps.iter().filter(|(_, stage)| taken(stage)).map(|(id, _)| id.clone()).collect()
    }

    /// Steps that are recorded here and are not of the plan: a journal beside a plan that is not its own.
    pub fn strangers<'a>(&'a self, plan: &Plan) -> Vec<&'a StepId> {
        let of_plan = plan.by_id();
        self.steps.keys().filter(|id| !of_plan.contains_key(id)).collect()
    }

    /// The numbers; they add up to the plan.
    pub fn totals(&self) -> Totals {
        let mut totals = Totals { not_tried: self.run.steps.saturating_sub(self.steps.len()), ..Totals::default() };
        for stage in self.steps.values() {
            *match stage {
                Stage::Started { .. } => &mut totals.begun,
                Stage::Ended { outcome: Outcome::Done { wrote: true, .. }, .. } => &mut totals.done,
                Stage::Ended { outcome: Outcome::Done { wrote: false, .. }, .. } => &mut totals.nothing_to_do,
                Stage::Ended { outcome: Outcome::Failed { .. }, .. } => &mut totals.failed,
                Stage::Ended { outcome: Outcome::Unknown { .. }, .. } => &mut totals.unknown,
                Stage::Ended { outcome: Outcome::Skipped { .. }, .. } => &mut totals.skipped,
            } += 1;
        }
        totals
    }

    /// Whether it came to an end from which nobody goes on.
    pub fn is_finished(&self) -> bool {
        matches!(self.end, Some((_, End::Done | End::Partly)))
    }

    /// What a list tells of it.
    pub fn overview(&self) -> Overview {
        Overview {
            run: self.run.clone(),
            totals: self.totals(),
            end: self.end,
            broken: self.broken.clone(),
            last_at: self.last_at,
        }
    }
}

/// What a list tells of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overview {
    /// The run.
    pub run: Run,
    /// The numbers; they add up to the plan.
    pub totals: Totals,
    /// How it came to its end, when it did.
    pub end: Option<(Timestamp, End)>,
    /// How it was taken away, when nobody went on with it since.
    pub broken: Option<Broken>,
    /// When its last record was written.
    pub last_at: Timestamp,
}

impl Overview {
    /// Whether it can be gone on with.
    pub fn is_unfinished(&self) -> bool {
        !matches!(self.end, Some((_, End::Done | End::Partly)))
    }
}

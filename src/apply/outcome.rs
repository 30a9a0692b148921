//! How steps end, and the account of a run: every step once, and the numbers add up to the plan.

use serde::Serialize;

use super::earlier::told;
use crate::cluster::Error;
use crate::plan::Plan;
use crate::plan::step::StepId;
use crate::store::{self, Stage, State};

/// How a step ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It was done.
    Done {
        /// Something was written on the cluster; otherwise it was so already, or was not asked for.
        wrote: bool,
        /// What there is to say, such as "not asked for".
        note: Option<String>,
    },
    /// It failed.
    Failed {
        /// Why.
        why: Why,
        /// Something was written, or may have been.
        wrote: bool,
    },
    /// Its outcome is not known: it was ordered, and what came of it could not be read.
    Unknown {
        /// Why.
        why: Why,
    },
    /// A step that it needs was not done.
    Skipped {
        /// That step.
        because: StepId,
    },
    /// The run ended before its turn.
    NotTried,
}

/// Why a step did not succeed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// An error of the cluster.
    Error(Error),
    /// A condition did not come true in time.
    NotInTime {
        /// The condition.
        condition: String,
        /// What stood in the way at last.
        because: String,
        /// How long was waited, in seconds of the product's time.
        seconds: u64,
    },
    /// The run was interrupted while it waited.
    Interrupted,
    /// The run may not write any more: its journal or its lease is gone.
    Halted(String),
    /// What an earlier sitting of the run wrote down.
    Recorded(String),
}

impl Outcome {
    /// Whether the step was done.
    pub fn is_done(&self) -> bool {
        matches!(self, Outcome::Done { .. })
    }

    /// Whether something was written, or may have been.
    pub fn wrote(&self) -> bool {
        match self {
            Outcome::Done { wrote, .. } | Outcome::Failed { wrote, .. } => *wrote,
            Outcome::Unknown { .. } => true,
            Outcome::Skipped { .. } | Outcome::NotTried => false,
        }
    }
}

impl std::fmt::Display for Why {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Why::Error(error) => write!(f, "{error}"),
            Why::NotInTime { condition, because, seconds } => {
                write!(f, "waited {} for: {condition}; at last: {because}", minutes(*seconds))
            }
            Why::Interrupted => f.write_str("interrupted while it waited"),
            Why::Halted(why) | Why::Recorded(why) => f.write_str(why),
        }
    }
}

fn minutes(seconds: u64) -> String {
    if seconds >= 120 { format!("{} min", seconds / 60) } else { format!("{seconds} s") }
}

/// The account of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Account {
    /// Every step of the plan, in its order, and how it ended.
    pub steps: Vec<(StepId, Outcome)>,
    /// The run was interrupted.
    pub interrupted: bool,
    /// Steps were not tried because the maintenance window left no time for them.
    pub closed: bool,
    /// Why the run stopped by itself: it could not be written down, or its lease was lost.
    pub halted: Option<String>,
    /// The failure after which no step began, where the first one was to end the run.
    pub stopped_at: Option<StepId>,
    /// Steps that were done in earlier sittings of the run.
    pub done_before: usize,
}

/// The numbers of an account; they add up to the steps of the plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Steps that were done and wrote something.
    pub done: usize,
    /// Steps that were done and had nothing to write.
    pub nothing_to_do: usize,
    /// Steps that failed.
    pub failed: usize,
    /// Steps whose outcome is not known.
    pub unknown: usize,
    /// Steps that were skipped.
    pub skipped: usize,
    /// Steps that were not tried.
    pub not_tried: usize,
}

impl Totals {
    /// The numbers as a journal has them.
    pub fn kept(self) -> store::Totals {
        let Totals { done, nothing_to_do, failed, unknown, skipped, not_tried } = self;
        store::Totals { done, nothing_to_do, failed, unknown, begun: 0, skipped, not_tried }
    }
}

impl Account {
    /// The numbers.
    pub fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for (_, outcome) in &self.steps {
            *match outcome {
                Outcome::Done { wrote: true, .. } => &mut totals.done,
                Outcome::Done { wrote: false, .. } => &mut totals.nothing_to_do,
                Outcome::Failed { .. } => &mut totals.failed,
                Outcome::Unknown { .. } => &mut totals.unknown,
                Outcome::Skipped { .. } => &mut totals.skipped,
                Outcome::NotTried => &mut totals.not_tried,
            } += 1;
        }
        totals
    }

    /// Whether every step was done.
    pub fn complete(&self) -> bool {
        self.steps.iter().all(|(_, outcome)| outcome.is_done())
    }

    /// Whether anything was written, or may have been.
    pub fn wrote(&self) -> bool {
        self.steps.iter().any(|(_, outcome)| outcome.wrote())
    }

    /// The account of a plan of which nothing was tried.
    pub fn untouched(plan: &Plan) -> Account {
        let steps = plan.steps.iter().map(|s| (s.id.clone(), Outcome::NotTried)).collect();
        Account { steps, interrupted: false, closed: false, halted: None, stopped_at: None, done_before: 0 }
    }

    /// The account that a journal gives of its run. What it says nothing of was not tried.
    pub fn recorded(plan: &Plan, state: &State) -> Account {
        let outcome = |id: &StepId| match state.step(id) {
            None => Outcome::NotTried,
            Some(Stage::Started { .. }) => {
                Outcome::Unknown { why: Why::Recorded("nobody wrote down how it ended".into()) }
            }
            Some(Stage::Ended { outcome, .. }) => told(outcome),
        };
        let steps = plan.steps.iter().map(|s| (s.id.clone(), outcome(&s.id))).collect();
        Account { steps, ..Account::untouched(plan) }
    }
}

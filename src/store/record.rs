//! What a journal's records say.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::object::Kind;
use super::owner::Owner;
use super::run::Run;
use crate::plan::step::StepId;

/// The format of journals that this version writes. A new kind of record, or of outcome, raises it: a version that does
/// not know it must not go on with the run.
pub(super) const KIND: Kind = Kind { word: "journal", format: 1 };

/// One record and its time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When it was written.
    pub at: Timestamp,
    /// What it says.
    pub record: Record,
}

/// What happened. No record holds a secret: errors are texts that hold none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Record {
    /// The run began.
    RunStarted {
        /// The run.
        run: Run,
    },
    /// Somebody goes on with the run.
    Resumed {
        /// Who.
        by: Owner,
        /// The version of intermesh that goes on.
        made_by: String,
        /// The record before this one, where it was torn and does not count.
        dropped: Option<u64>,
    },
    /// A step is about to act. Durable before it does.
    StepStarted {
        /// The step.
        step: StepId,
    },
    /// A step ended.
    StepEnded {
        /// The step.
        step: StepId,
        /// How.
        outcome: Outcome,
    },
    /// The run was taken away from whoever was at it: its lease was broken or had expired. What that process still
    /// wants to write collides with this record.
    Broken {
        /// By whom.
        by: Owner,
        /// Why.
        reason: String,
        /// The record before this one, where it was torn and does not count.
        dropped: Option<u64>,
    },
    /// The run came to an end.
    RunEnded {
        /// How.
        end: End,
        /// The numbers, which add up to the plan.
        totals: Totals,
    },
}

/// How a step ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
        /// Why, without anything secret.
        why: String,
        /// Something was written, or may have been.
        wrote: bool,
    },
    /// It was ordered, and what came of it could not be read.
    Unknown {
        /// Why, without anything secret.
        why: String,
    },
    /// A step that it needs was not done.
    Skipped {
        /// That step.
        because: StepId,
    },
}

/// How a run came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// Every step was done.
    Done,
    /// It went as far as it could; what is left needs a new plan.
    Partly,
    /// It stopped before its end: interrupted, the window closed, or it waits for a person. `--resume` goes on.
    Paused,
}

/// The numbers of a run; they add up to the steps of its plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Totals {
    /// Steps that were done and wrote something.
    pub done: usize,
    /// Steps that were done and had nothing to write.
    pub nothing_to_do: usize,
    /// Steps that failed.
    pub failed: usize,
    /// Steps whose outcome is not known.
    pub unknown: usize,
    /// Steps that began, and of whose end nothing is recorded: in hand while the run goes on, in doubt afterwards.
    pub begun: usize,
    /// Steps that were skipped.
    pub skipped: usize,
    /// Steps that were not tried.
    pub not_tried: usize,
}

impl Totals {
    /// The number of steps.
    pub fn sum(&self) -> usize {
        let Totals { done, nothing_to_do, failed, unknown, begun, skipped, not_tried } = *self;
        done + nothing_to_do + failed + unknown + begun + skipped + not_tried
    }
}

impl Outcome {
    /// Whether the step was done.
    pub fn is_done(&self) -> bool {
        matches!(self, Outcome::Done { .. })
    }
}

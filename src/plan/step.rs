//! A step: one action on one cluster, with all that the executor needs to know. It decides nothing: what it might
//! have to decide is a condition here.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::mesh::ClusterName;

pub use super::action::{Action, SettleFor, When};
pub use super::condition::Condition;

/// A step's name, unique in its plan and readable: `add-peer/emea/apac`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(transparent)]
pub struct StepId(pub Arc<str>);

impl fmt::Display for StepId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// One action on one cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The step's name.
    pub id: StepId,
    /// The cluster that it acts on.
    pub cluster: ClusterName,
    /// What is done.
    pub action: Action,
    /// The steps before it.
    pub after: Vec<After>,
    /// Where all of these hold, the step is not needed. None at all never hold.
    pub unless: Vec<Condition>,
    /// What must hold before the action; waited for.
    pub gates: Vec<Condition>,
    /// What must hold afterwards; waited for. Where it holds already, an action whose effect can be read is not needed.
    pub until: Vec<Condition>,
    /// The longest wait for the gates and again for what must hold afterwards, in seconds of the product's time.
    pub within_seconds: u64,
    /// What it means when that time passes.
    pub late: Late,
    /// The time that must be left in the maintenance window for the step to begin, in seconds: its own longest time,
    /// and that of the steps that must not be left undone after it. 0 for what writes nothing, and for finalizers.
    pub room_seconds: u64,
    /// The step that this one takes back: a finalizer. It runs once that one was tried, also after a failure, an
    /// interruption, or the end of the window.
    pub finalizes: Option<StepId>,
    /// The round of its link, counted from 1.
    pub round: Option<u32>,
    /// Why.
    pub reason: String,
    /// The line of the mesh file that asks for it, counted from 1.
    pub line: Option<usize>,
    /// How it is taken back, or why it cannot be.
    pub undo: String,
    /// What a person does where the step fails, when the vendor names it.
    pub by_hand: Option<String>,
}

impl Step {
    /// A step that waits for nothing.
    pub fn new(id: StepId, cluster: &ClusterName, action: Action, reason: impl Into<String>) -> Step {
        Step {
            id,
            cluster: cluster.clone(),
            action,
            after: Vec::new(),
            unless: Vec::new(),
            gates: Vec::new(),
            until: Vec::new(),
            within_seconds: 0,
            late: Late::Fails,
            room_seconds: 0,
            finalizes: None,
            round: None,
            reason: reason.into(),
            line: None,
            undo: "nothing to take back".into(),
            by_hand: None,
        }
    }
}

/// What it means when what a step waits for does not come in its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Late {
    /// The step failed.
    Fails,
    /// The step is done, and a later one, or the next plan, looks again.
    GoesOn,
}

/// A step that comes before another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct After {
    /// The step before.
    pub step: StepId,
    /// How it must have ended.
    pub need: Need,
}

/// How a step must have ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    /// It was done; otherwise the step that waits for it is skipped.
    Done,
    /// It has ended, in whatever way: order only.
    Ended,
}

//! What a rehearsal found: how long a plan would take, what users would notice, and whether it ends as planned.

use serde::Serialize;

use super::outcome::{Account, Totals};
use crate::mesh::{ClusterName, NodeName};
use crate::plan::step::StepId;

/// A plan that was carried out on simulated clusters. Times are seconds of the product's time since the beginning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rehearsal {
    /// Decides what the product does where nobody knows, and where faults strike.
    pub seed: u64,
    /// What was made to go wrong.
    pub faults: Vec<Struck>,
    /// The runs: the plan itself, then one for each time it had to be planned again.
    pub runs: Vec<RehearsedRun>,
    /// From the first step to the last.
    pub seconds: u64,
    /// Restarts of XCP Routers.
    pub restarts: Vec<RouterRestart>,
    /// Times in which users of a cluster were without presence.
    pub outages: Vec<Outage>,
    /// What is not as the file says at the end; empty when all is.
    pub left: Vec<String>,
}

/// A fault that was made to happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Struck {
    /// Its name on the command line.
    pub fault: String,
    /// When.
    pub at: u64,
    /// What it was.
    pub what: String,
}

/// A run in a rehearsal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RehearsedRun {
    /// How the steps ended.
    pub account: Account,
    /// The numbers of the account.
    pub totals: Totals,
    /// When each step began and ended.
    pub steps: Vec<(StepId, u64, u64)>,
}

/// A restart of the XCP Router.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RouterRestart {
    /// The cluster.
    pub cluster: ClusterName,
    /// The node.
    pub node: NodeName,
    /// When it was ordered.
    pub at: u64,
    /// The users who are assigned to the node.
    pub users: u64,
}

/// A time in which users were without presence, as far as the model goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outage {
    /// The cluster.
    pub cluster: ClusterName,
    /// When it began.
    pub from: u64,
    /// When all were back.
    pub to: u64,
    /// How many at most.
    pub users: u64,
}

impl Rehearsal {
    /// Whether the plan did all that it says, in one go, and left nothing to do.
    pub fn as_planned(&self) -> bool {
        self.left.is_empty() && self.runs.len() == 1 && self.runs.iter().all(|run| run.account.complete())
    }

    /// Whether the clusters are as the file says at the end, however many runs it took.
    pub fn ends_in_sync(&self) -> bool {
        self.left.is_empty()
    }
}

//! Where a run is written down as it goes: before a step acts, and when it ended.

use std::sync::Arc;

use async_trait::async_trait;

use super::outcome::{Outcome, Why};
use crate::cluster::Clock;
use crate::plan::step::StepId;
use crate::store::{self, Journal, Lease};

/// The log of a run. What it says is durable when it returns; an error ends the run: what cannot be written down is not
/// done.
#[async_trait]
pub trait Log: Send + Sync {
    /// A step is about to act.
    ///
    /// # Errors
    /// It is not sure to be written, so the step must not act.
    async fn started(&self, step: &StepId) -> Result<(), String>;

    /// A step ended.
    ///
    /// # Errors
    /// It is not sure to be written.
    async fn ended(&self, step: &StepId, outcome: &Outcome) -> Result<(), String>;

    /// Whether a write may be started now.
    ///
    /// # Errors
    /// Why not: somebody else may be at work.
    fn may_write(&self) -> Result<(), String>;
}

/// The journal of a run in the store, under the mesh's lease.
pub struct Journaled<'a> {
    /// The journal.
    pub journal: &'a Journal,
    /// The lease.
    pub lease: &'a Lease,
    /// The clock that the lease goes by.
    pub clock: Arc<dyn Clock>,
}

#[async_trait]
impl Log for Journaled<'_> {
    async fn started(&self, step: &StepId) -> Result<(), String> {
        self.may_write()?;
        self.journal.step_started(step).await.map_err(|e| e.to_string())
    }

    async fn ended(&self, step: &StepId, outcome: &Outcome) -> Result<(), String> {
        match recorded(outcome) {
            Some(outcome) => self.journal.step_ended(step, outcome).await.map_err(|e| e.to_string()),
            None => Ok(()),
        }
    }

    fn may_write(&self) -> Result<(), String> {
        self.lease.lost(self.clock.now()).map_or(Ok(()), |lost| Err(lost.to_string()))
    }
}

/// An outcome as the journal keeps it; none for a step that was not tried.
pub(super) fn recorded(outcome: &Outcome) -> Option<store::Outcome> {
    let why = |why: &Why| why.to_string();
    Some(match outcome {
        Outcome::Done { wrote, note } => store::Outcome::Done { wrote: *wrote, note: note.clone() },
        Outcome::Failed { why: reason, wrote } => store::Outcome::Failed { why: why(reason), wrote: *wrote },
        Outcome::Unknown { why: reason } => store::Outcome::Unknown { why: why(reason) },
        Outcome::Skipped { because } => store::Outcome::Skipped { because: because.clone() },
        Outcome::NotTried => return None,
    })
}

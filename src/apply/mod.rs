//! Carries a plan out. Dumb on purpose: what might have to be decided is a condition in the plan.
//!
//! Every step: is it done already? Do its gates hold? Act; wait until what it promises holds. What is not known
//! after a lost answer is read back, never repeated blindly. A failed step stops what depends on it, nothing else.
//! With a [`Log`], what a step is about to do is durable before it does it; [`Earlier`] is what such a log says when a
//! run is gone on with.

mod act;
mod condition;
mod earlier;
pub mod events;
mod executor;
mod log;
mod outcome;
mod rehearsal;
mod restart;
mod so_far;
mod walk;

use serde::Serialize;

use crate::plan::step::StepId;

pub use condition::{Held, Operators, holds};
pub use earlier::Earlier;
pub use executor::{Run, carry_out};
pub use log::{Journaled, Log};
pub use outcome::{Account, Outcome, Totals, Why};
pub use rehearsal::{Outage, Rehearsal, RehearsedRun, RouterRestart, Struck};
pub use so_far::SoFar;
pub use walk::walk;

/// What happens in a run, as it happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// A step began.
    Started {
        /// The step.
        step: StepId,
    },
    /// A step is about to act on its cluster; where a run is kept, that is written down.
    Acting {
        /// The step.
        step: StepId,
    },
    /// A step waits.
    Waiting {
        /// The step.
        step: StepId,
        /// What for, and what stands in the way.
        what: String,
    },
    /// A step has to be done by a person.
    ByHand {
        /// The step.
        step: StepId,
        /// Every click, in order.
        clicks: Vec<String>,
        /// What stands in the way of doing it otherwise.
        because: String,
    },
    /// A step ended.
    Ended {
        /// The step.
        step: StepId,
        /// How.
        outcome: Outcome,
    },
}

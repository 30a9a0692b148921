//! What outlives a process: runs with their plans and journals, the lease of a mesh, what was last applied.
//!
//! One scheme for every kind of store, a local folder or S3, GCS, Azure Blob: numbered objects, each of which is
//! written once, by whoever is first. A journal's records, a lease's generations and last-applied facts are rows of
//! such objects (`row.rs`). An object carries its format and a checksum (`object.rs`). A run goes like this:
//!
//! ```no_run
//! # use std::sync::Arc;
//! # use intermesh::cluster::{Clock, SystemClock};
//! # use intermesh::plan::Plan;
//! # use intermesh::store::*;
//! # async fn run(plan: &Plan) -> Result<(), Box<dyn std::error::Error>> {
//! let (store, owner) = (Store::open(".intermesh")?, Owner::of_this_process()?);
//! let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
//! let id = RunId::new(clock.now(), &owner);
//! let lease = store.acquire(&Wanted::of(&plan.mesh, id.clone()), &owner, clock.clone(), Terms::default()).await?;
//! let journal = Journal::begin(&store, id, plan, &owner, clock.clone()).await?;
//! for step in &plan.steps {
//!     journal.step_started(&step.id).await?;
//!     if let Some(lost) = lease.lost(clock.now()) {
//!         return Err(lost.into());
//!     }
//!     // here it acts
//!     journal.step_ended(&step.id, Outcome::Done { wrote: true, note: None }).await?;
//! }
//! journal.end(End::Done).await?;
//! lease.release().await?;
//! # Ok(())
//! # }
//! ```
//!
//! Nothing here prints or decides; times come from the [`Clock`](crate::cluster::Clock), those of leases too, which
//! are real ones: no lab scales them.

mod applied;
mod connect;
mod error;
mod held;
mod journal;
mod lease;
mod moments;
mod names;
mod object;
mod owner;
mod place;
mod prune;
mod record;
mod row;
mod run;
mod state;
mod switched;

pub use applied::{Applied, AppliedFact};
pub use connect::tls as system_tls;
pub use error::StoreError;
pub use held::Lease;
pub use journal::Journal;
pub use lease::{Claim, Standing, Terms, Wanted};
pub use moments::{Did, Moment};
pub use owner::{Owner, in_ci, job};
pub use place::Store;
pub use prune::{Pruned, Pruning};
pub use record::{End, Entry, Outcome, Record, Totals};
pub use run::{NoRunId, Run, RunId};
pub use state::{Broken, Overview, Sitting, Stage, State};
pub use switched::{SwitchedOff, switched_off};

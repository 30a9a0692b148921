//! Plans, runs, drift and verification, for people: text with colours that the printer removes where they cannot
//! be shown. Every line is readable without them.

mod account;
mod drift;
mod lock;
mod plan;
mod rehearsal;
mod runs;
mod verification;
mod words;

pub use account::{account, event};
pub use drift::drift;
pub use lock::lock;
pub use plan::{change, plan, steps};
pub use rehearsal::{rehearsal, rehearsal_markdown};
pub use runs::{Status, pruned, run, runs};
pub use verification::verification;
pub use words::{BAD, DIM, EMPHASIS, GOOD, NOTE, counted};

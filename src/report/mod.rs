//! Plans, runs, drift and verification, for people: text with colours that the printer removes where they cannot
//! be shown. Every line is readable without them.

mod account;
mod brief;
mod doctor;
mod drift;
mod fit;
pub mod graph;
mod junit;
mod lines;
mod lock;
mod markdown;
mod page;
pub mod picture;
mod plan;
mod rehearsal;
pub mod results;
mod runs;
mod steps;
pub mod timeline;
mod verification;
mod words;

pub use account::{SAY_AGAIN, account, event, replay};
pub use brief::window_words as window;
pub use doctor::{doctor, doctor_suites};
pub use drift::drift;
pub use fit::fit;
pub use junit::{Case, CaseResult, Suite, junit};
pub use lines::change;
pub use lock::{lock, off_since, switch_on, switched_off};
pub use markdown::markdown;
pub use page::{own_page, page, page_of_picture};
pub use plan::{plan, plan_to, plan_verbose};
pub use rehearsal::{rehearsal, rehearsal_markdown};
pub use runs::{Status, pruned, run, runs};
pub use steps::steps;
pub use verification::{missing, verification};
pub use words::{BAD, DIM, EMPHASIS, GOOD, NOTE, ago, counted, when};

//! The mesh file: what it says, where it says it, and what is wrong with it.
//!
//! [`load()`] reads a file: text -> a tree that knows its bytes -> the schema -> the [`model`](Mesh) -> the rules. What
//! is wrong is a [`Finding`] with a code, a place and a way out; all of a file at once.

mod accept;
mod credentials;
pub mod diagnostics;
pub mod diff;
mod draft;
mod drift_code;
pub mod edit;
mod finding;
mod format;
mod load;
mod locations;
mod meant;
mod model;
mod names;
mod parameters;
mod place;
mod refusal;
mod release;
mod report;
mod rules;
mod scalars;
mod schema;
mod secrets;
mod shape;
mod source;
mod template;
pub mod topology;
mod tree;

pub use accept::Accepted;
pub use credentials::{Account, CredentialError, Vault};
pub use draft::Draft;
pub use drift_code::{DriftCode, DriftSeverity};
pub use finding::{Finding, Findings, Related, Severity};
pub use format::{FormatError, format};
pub use load::{Loaded, load, load_str};
pub use locations::Locations;
pub use model::*;
pub use names::{ClusterName, CredentialName, NodeName};
pub use parameters::WantedParameter;
pub use release::Release;
pub(crate) use report::is_invisible;
pub use rules::{Rule, check, rule, rules};
pub(crate) use rules::{is_domain, is_group_name};
pub use schema::schema;
pub use source::{MAX_BYTES, Position, Source, read as read_text};
pub use template::{Beginning, variable};

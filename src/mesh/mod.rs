//! The mesh file: what it says, where it says it, and what is wrong with it.

mod credentials;
mod model;
mod names;
pub mod topology;

pub use credentials::{Account, CredentialError, Vault};
pub use model::*;
pub use names::{ClusterName, CredentialName, NodeName};

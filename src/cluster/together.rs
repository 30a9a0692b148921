//! What is read together, because one answer of the product tells all of it. Each part may fail by itself.

use super::Result;
use super::facts::{ImAddressScheme, Node, SyncStatus, TopologyFacts};

/// Who belongs to a cluster.
#[derive(Clone, Debug)]
pub struct Members {
    /// The IM and Presence nodes.
    pub nodes: Result<Vec<Node>>,
    /// The users that are homed on the cluster.
    pub users: Result<u64>,
}

/// What the topology page and the dashboard tell.
#[derive(Clone, Debug)]
pub struct Provisioning {
    /// Assigned and unassigned users and nodes.
    pub topology: Result<TopologyFacts>,
    /// What the dashboard says of the Sync Agent.
    pub sync_status: Result<SyncStatus>,
    /// The scheme of IM addresses.
    pub im_address_scheme: Result<ImAddressScheme>,
}

//! What a walk along the peers found: clusters that no file names yet.

use super::error::Error;
use super::snapshot::ClusterSnapshot;
use crate::mesh::{NodeName, Roles};

/// What was found, and what was not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Discovery {
    /// The clusters of which something was read, each once, however many names lead to it.
    pub clusters: Vec<Discovered>,
    /// The addresses that were asked and told nothing.
    pub unread: Vec<NotRead>,
    /// The addresses that were not asked, because there were too many.
    pub not_asked: Vec<NodeName>,
}

/// A cluster of which something was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discovered {
    /// Its database publisher, by its node name.
    pub publisher: NodeName,
    /// Other names that lead to it: those of subscribers, host names, addresses.
    pub also: Vec<NodeName>,
    /// The credentials that it was read with.
    pub login: Roles,
    /// What was read: identity, nodes, peers, and the parameters that belong to peering. The rest was not asked.
    pub read: ClusterSnapshot,
}

/// An address that told nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotRead {
    /// The address, as a peer entry has it, or as it was given.
    pub address: NodeName,
    /// Other names that lead to it.
    pub also: Vec<NodeName>,
    /// The credentials that were tried.
    pub login: Roles,
    /// Why.
    pub error: Error,
    /// Whether there is a cluster for certain: it was named by whoever asked, something answered there, or a cluster that
    /// has a peer for it says that it is connected with it.
    pub exists: bool,
}

impl Discovered {
    /// The nodes, as far as they are known: over AXL, else from Presence Topology.
    pub fn nodes(&self) -> Vec<NodeName> {
        self.read.known_nodes(&self.publisher, &[])
    }

    /// Whether a name means this cluster: its publisher, another of its nodes, or another name of theirs.
    pub fn is(&self, name: &NodeName) -> bool {
        self.also.iter().any(|other| other.same(name)) || self.nodes().iter().any(|node| node.same(name))
    }
}

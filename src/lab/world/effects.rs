//! What was done to a lab: the log by which a test sees that a second run writes nothing.

use std::time::Duration;

use crate::cluster::{ClusterName, NodeName};

/// An order that the product took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// The product's time since the start.
    pub at: Duration,
    /// The cluster.
    pub cluster: ClusterName,
    /// The node, where one was ordered.
    pub node: Option<NodeName>,
    /// What was ordered. Holds no secret.
    pub effect: Effect,
}

/// What was ordered.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants are the orders of `World`, where each is described")]
pub enum Effect {
    AddPeer { address: NodeName },
    UpdatePeer { address: NodeName },
    DeletePeer { address: NodeName },
    ForceSync { address: NodeName, resync_certificates: bool },
    Activate(&'static str),
    Deactivate(&'static str),
    Start(&'static str),
    Stop(&'static str),
    Restart(&'static str),
    SetParameter { service: &'static str, label: &'static str, value: String },
    SetHighAvailability { group: String, enabled: bool },
}

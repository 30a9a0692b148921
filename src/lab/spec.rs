//! What a lab is made of: its own description, so that the model of the product owes nothing to the client.

use crate::cluster::{Account, ClusterName, NodeName, Protocol};

/// A simulated deployment.
#[derive(Clone, Debug)]
pub struct LabSpec {
    /// What the deployment is called.
    pub name: String,
    /// Decides everything about the product that public material does not tell (field-notes: inferred, unknown).
    pub seed: u64,
    /// How many times as fast as a real clock the product's time runs.
    pub factor: f64,
    /// The clusters.
    pub clusters: Vec<ClusterSpec>,
}

/// A simulated cluster.
#[derive(Clone, Debug)]
pub struct ClusterSpec {
    /// The cluster's name.
    pub name: ClusterName,
    /// The full version, such as `14.0.1.12900-6`.
    pub version: String,
    /// The presence domain.
    pub domain: String,
    /// The IM and Presence nodes, the database publisher first.
    pub nodes: Vec<NodeSpec>,
    /// The Unified CM server names, their publisher first.
    pub unified_cms: Vec<String>,
    /// The accounts that may log in, and for what.
    pub accounts: Vec<AccountSpec>,
    /// The OS administration accounts, which may log in to the platform CLI.
    pub platform: Vec<Account>,
    /// The intercluster peers at the beginning.
    pub peers: Vec<PeerSpec>,
}

/// A simulated node.
#[derive(Clone, Debug)]
pub struct NodeSpec {
    /// The node name.
    pub name: NodeName,
    /// The presence redundancy group; none leaves the node unassigned.
    pub group: Option<String>,
    /// Users homed on the node.
    pub users: u64,
    /// Services that are stopped at the beginning.
    pub stopped: Vec<String>,
}

/// An account of a simulated cluster.
#[derive(Clone, Debug)]
pub struct AccountSpec {
    /// User name and password.
    pub account: Account,
    /// May use AXL.
    pub axl: bool,
    /// May use the administration pages and Control Center.
    pub admin: bool,
}

/// A peer of a simulated cluster.
#[derive(Clone, Debug)]
pub struct PeerSpec {
    /// `Peer Address`.
    pub address: NodeName,
    /// `AXL Username` and `AXL Password`.
    pub account: Account,
    /// `Protocol`.
    pub protocol: Protocol,
}

//! A step: one action on one cluster, with all that the executor needs to know. It decides nothing: what it might
//! have to decide is a condition here.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::cluster::Protocol;
use crate::mesh::{ClusterName, CredentialName, NodeName, Transport};

/// A step's name, unique in its plan and readable: `add-peer/emea/apac`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StepId(pub String);

impl fmt::Display for StepId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// One action on one cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The step's name.
    pub id: StepId,
    /// The cluster that it acts on.
    pub cluster: ClusterName,
    /// What is done.
    pub action: Action,
    /// The steps before it.
    pub after: Vec<After>,
    /// What must hold before the action; waited for.
    pub gates: Vec<Condition>,
    /// What must hold afterwards; waited for. Where it holds already, the action is not needed.
    pub until: Vec<Condition>,
    /// The longest wait for the gates and again for what must hold afterwards, in seconds of the product's time.
    pub within_seconds: u64,
    /// The round of its link, counted from 1.
    pub round: Option<u32>,
    /// Why.
    pub reason: String,
    /// The line of the mesh file that asks for it, counted from 1.
    pub line: Option<usize>,
    /// How it is taken back, or why it cannot be.
    pub undo: String,
}

/// A step that comes before another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct After {
    /// The step before.
    pub step: StepId,
    /// How it must have ended.
    pub need: Need,
}

/// How a step must have ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    /// It was done; otherwise the step that waits for it is skipped.
    Done,
    /// It has ended, in whatever way: order only.
    Ended,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Action {
    /// Activates a feature service.
    Activate {
        /// The node.
        node: NodeName,
        /// The service.
        service: String,
    },
    /// Starts a service.
    Start {
        /// The node.
        node: NodeName,
        /// The service.
        service: String,
    },
    /// Adds a peer.
    AddPeer {
        /// `Peer Address`.
        address: NodeName,
        /// The cluster that it points to.
        to: ClusterName,
        /// The credential that the entry stores.
        account: CredentialName,
        /// `Protocol`.
        protocol: Transport,
    },
    /// Sets a peer's `Protocol`.
    SetProtocol {
        /// `Peer Address`.
        address: NodeName,
        /// The cluster that it points to.
        to: ClusterName,
        /// `Protocol`.
        protocol: Transport,
    },
    /// Deletes a peer.
    DeletePeer {
        /// `Peer Address`.
        address: NodeName,
    },
    /// Waits for the initial sync of a peer.
    AwaitSync {
        /// `Peer Address`.
        address: NodeName,
        /// The cluster that it points to.
        to: ClusterName,
    },
    /// Waits until the product has had time to raise its notifications.
    Settle {
        /// The time, in seconds of the product's time.
        seconds: u64,
    },
    /// Restarts a service where the condition holds; elsewhere nothing is done.
    Restart {
        /// The node.
        node: NodeName,
        /// The service.
        service: String,
        /// When.
        when: When,
    },
    /// Verifies a peer.
    Verify {
        /// `Peer Address`.
        address: NodeName,
        /// The cluster that it points to.
        to: ClusterName,
    },
}

impl Action {
    /// Whether the action changes anything on the cluster.
    pub fn writes(&self) -> bool {
        match self {
            Action::Activate { .. }
            | Action::Start { .. }
            | Action::AddPeer { .. }
            | Action::SetProtocol { .. }
            | Action::DeletePeer { .. }
            | Action::Restart { .. } => true,
            Action::AwaitSync { .. } | Action::Settle { .. } | Action::Verify { .. } => false,
        }
    }
}

/// When a service is restarted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// Where a notification asks for it.
    Asked,
    /// In any case.
    Always,
}

/// Something that can be read of a cluster and holds or does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Condition {
    /// A service is started.
    Started {
        /// The cluster.
        cluster: ClusterName,
        /// The node.
        node: NodeName,
        /// The service.
        service: String,
    },
    /// The Sync Agent's `Sync Status` is `Completed`.
    SyncAgentCompleted {
        /// The cluster.
        cluster: ClusterName,
    },
    /// The cluster's AXL answers ICSA's probe with the account that is to be stored for it.
    ProbeAnswered {
        /// The cluster.
        cluster: ClusterName,
        /// The account.
        account: CredentialName,
    },
    /// The cluster has a peer with this protocol.
    PeerIs {
        /// The cluster.
        cluster: ClusterName,
        /// `Peer Address`.
        address: NodeName,
        /// `Protocol`.
        protocol: Protocol,
    },
    /// The cluster has no such peer.
    PeerAbsent {
        /// The cluster.
        cluster: ClusterName,
        /// `Peer Address`.
        address: NodeName,
    },
    /// The cluster knows as many users of a peer as the other side has.
    Synced {
        /// The cluster.
        cluster: ClusterName,
        /// `Peer Address`.
        address: NodeName,
        /// The other side.
        to: ClusterName,
    },
    /// Every entry of the peer's status panel is checked, and the users are as many as the other side has.
    Healthy {
        /// The cluster.
        cluster: ClusterName,
        /// `Peer Address`.
        address: NodeName,
        /// The other side.
        to: ClusterName,
    },
    /// No notification asks for a restart of the service on the node.
    NoRestartAsked {
        /// The cluster.
        cluster: ClusterName,
        /// The node.
        node: NodeName,
        /// The service.
        service: String,
    },
    /// Every node of a redundancy group with High Availability is `Normal`.
    NodesNormal {
        /// The cluster.
        cluster: ClusterName,
    },
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Action::Activate { node, service } => write!(f, "activate {service} on {node}"),
            Action::Start { node, service } => write!(f, "start {service} on {node}"),
            Action::AddPeer { address, to, account, protocol } => {
                write!(f, "add peer {address} ({to}) with {protocol} and credential {account}")
            }
            Action::SetProtocol { address, to, protocol } => {
                write!(f, "set Protocol of peer {address} ({to}) to {protocol}")
            }
            Action::DeletePeer { address } => write!(f, "delete peer {address}"),
            Action::AwaitSync { address, to } => write!(f, "wait for the initial sync with {address} ({to})"),
            Action::Settle { seconds } => write!(f, "wait {seconds} s for notifications"),
            Action::Restart { node, service, when: When::Asked } => {
                write!(f, "restart {service} on {node} if a notification asks for it")
            }
            Action::Restart { node, service, when: When::Always } => write!(f, "restart {service} on {node}"),
            Action::Verify { address, to } => write!(f, "verify peer {address} ({to})"),
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Condition::Started { cluster, node, service } => write!(f, "{service} started on {node} of {cluster}"),
            Condition::SyncAgentCompleted { cluster } => write!(f, "Sync Status of {cluster} Completed"),
            Condition::ProbeAnswered { cluster, account } => {
                write!(f, "AXL of {cluster} answers credential {account}")
            }
            Condition::PeerIs { cluster, address, protocol } => {
                write!(f, "{cluster} has peer {address} with {}", protocol.word())
            }
            Condition::PeerAbsent { cluster, address } => write!(f, "{cluster} has no peer {address}"),
            Condition::Synced { cluster, address, to } => {
                write!(f, "Associated Users of {address} on {cluster} = the users of {to}")
            }
            Condition::Healthy { cluster, address, .. } => {
                write!(f, "every entry of the peer status of {address} on {cluster} checked")
            }
            Condition::NoRestartAsked { cluster, node, service } => {
                write!(f, "no notification on {cluster} asks to restart {service} on {node}")
            }
            Condition::NodesNormal { cluster } => {
                write!(f, "every node of {cluster} Normal where it has High Availability")
            }
        }
    }
}

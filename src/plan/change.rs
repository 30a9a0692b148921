//! A change: one difference between the file and the world that is to be closed, as data.

use serde::{Deserialize, Serialize};

use crate::cluster::Protocol;
use crate::mesh::{ClusterName, NodeName};

/// A difference to close on one cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The cluster that is changed.
    pub cluster: ClusterName,
    /// What is changed, from what, to what.
    pub what: What,
    /// Why.
    pub reason: String,
    /// The line of the mesh file that asks for it, counted from 1.
    pub line: Option<usize>,
}

/// What is changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum What {
    /// A peer is added.
    CreatePeer {
        /// `Peer Address`.
        address: NodeName,
        /// The cluster that it points to.
        to: ClusterName,
        /// `Protocol`.
        protocol: Protocol,
    },
    /// A peer gets another `Protocol`.
    ChangePeer {
        /// `Peer Address`.
        address: NodeName,
        /// The cluster that it points to.
        to: ClusterName,
        /// The `Protocol` that was read.
        before: Protocol,
        /// The `Protocol` that the file asks for.
        after: Protocol,
    },
    /// A peer is deleted.
    DeletePeer {
        /// `Peer Address`.
        address: NodeName,
        /// The cluster of the mesh that it points to, if it is one.
        to: Option<ClusterName>,
        /// The `Protocol` that was read.
        protocol: Protocol,
    },
    /// A service is activated.
    Activate {
        /// The node.
        node: NodeName,
        /// The service.
        service: String,
    },
    /// A service is started.
    Start {
        /// The node.
        node: NodeName,
        /// The service.
        service: String,
        /// What the product says of it now.
        before: String,
    },
    /// XCP Routers restart that a notification asks for already.
    Restart {
        /// The nodes.
        nodes: Vec<NodeName>,
    },
}

/// The kinds of change, for counting and for marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Something is added.
    Create,
    /// Something gets another value.
    Change,
    /// Something is deleted.
    Delete,
    /// A service is activated.
    Activate,
    /// A service is started.
    Start,
    /// A service restarts.
    Restart,
}

impl What {
    /// The kind of the change.
    pub fn kind(&self) -> Kind {
        match self {
            What::CreatePeer { .. } => Kind::Create,
            What::ChangePeer { .. } => Kind::Change,
            What::DeletePeer { .. } => Kind::Delete,
            What::Activate { .. } => Kind::Activate,
            What::Start { .. } => Kind::Start,
            What::Restart { .. } => Kind::Restart,
        }
    }
}

impl Kind {
    /// The mark of the kind at the beginning of a line; readable without colour.
    pub fn mark(self) -> &'static str {
        match self {
            Kind::Create => "+",
            Kind::Change => "~",
            Kind::Delete => "-",
            Kind::Activate | Kind::Start => ">",
            Kind::Restart => "@",
        }
    }
}

/// Something that was seen and is left alone, with the reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftAlone {
    /// The cluster.
    pub cluster: ClusterName,
    /// What was seen.
    pub what: Left,
    /// Why it is left alone, and what would change that.
    pub reason: String,
}

/// What is left alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Left {
    /// A peer that the file does not ask for.
    UnmanagedPeer {
        /// `Peer Address`.
        address: NodeName,
        /// `Protocol`.
        protocol: Protocol,
    },
    /// A link, because the other cluster could not be read.
    Link {
        /// The other cluster.
        to: ClusterName,
    },
    /// A service whose state is not known.
    Service {
        /// The node.
        node: NodeName,
        /// The service.
        service: String,
    },
}

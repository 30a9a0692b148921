//! What must hold before or after a step, as data: something that can be read and holds or does not.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::cluster::Protocol;
use crate::mesh::{ClusterName, CredentialName, NodeName};

/// Something that can be read of a cluster and holds or does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
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
    /// The cluster has a peer with this protocol, and with this user name where one is given and the page shows it.
    PeerIs {
        /// The cluster.
        cluster: ClusterName,
        /// `Peer Address`.
        address: NodeName,
        /// `Protocol`.
        protocol: Protocol,
        /// `AXL Username`.
        username: Option<String>,
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
    /// The peer's `Certificate Status` is checked.
    Secure {
        /// The cluster.
        cluster: ClusterName,
        /// `Peer Address`.
        address: NodeName,
    },
    /// A service parameter has this value.
    ParameterIs {
        /// The cluster.
        cluster: ClusterName,
        /// The node.
        node: NodeName,
        /// The service.
        service: String,
        /// The label.
        label: String,
        /// The value.
        value: String,
    },
    /// High Availability of a redundancy group is switched on, or off.
    HighAvailabilityIs {
        /// The cluster.
        cluster: ClusterName,
        /// The group.
        group: String,
        /// On or off.
        enabled: bool,
    },
    /// The sessions on a node are as many as the users that are assigned to it: they have come back.
    UsersBack {
        /// The cluster.
        cluster: ClusterName,
        /// The node.
        node: NodeName,
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

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Condition::Started { cluster, node, service } => write!(f, "{service} started on {node} of {cluster}"),
            Condition::SyncAgentCompleted { cluster } => write!(f, "Sync Status of {cluster} Completed"),
            Condition::ProbeAnswered { cluster, account } => {
                write!(f, "AXL of {cluster} answers credential {account}")
            }
            Condition::PeerIs { cluster, address, protocol, username: None } => {
                write!(f, "{cluster} has peer {address} with {}", protocol.word())
            }
            Condition::PeerIs { cluster, address, protocol, username: Some(username) } => {
                write!(f, "{cluster} has peer {address} with {} and user {username}", protocol.word())
            }
            Condition::PeerAbsent { cluster, address } => write!(f, "{cluster} has no peer {address}"),
            Condition::Synced { cluster, address, to } => {
                write!(f, "Associated Users of {address} on {cluster} = the users of {to}")
            }
            Condition::Healthy { cluster, address, .. } => {
                write!(f, "every entry of the peer status of {address} on {cluster} checked")
            }
            Condition::Secure { cluster, address } => {
                write!(f, "Certificate Status of {address} on {cluster} checked")
            }
            Condition::ParameterIs { cluster, node, service, label, value } => {
                write!(f, "`{label}` of {service} on {node} of {cluster} is {value}")
            }
            Condition::HighAvailabilityIs { cluster, group, enabled } => {
                write!(f, "High Availability of {group} of {cluster} is {}", if *enabled { "on" } else { "off" })
            }
            Condition::UsersBack { cluster, node } => {
                write!(f, "as many sessions on {node} of {cluster} as users are assigned to it")
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

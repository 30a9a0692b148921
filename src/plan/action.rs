//! What a step does: one order, or a wait.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::mesh::{ClusterName, CredentialName, NodeName, Transport};

/// What a step does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
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
    /// Changes a peer: what is none stays.
    EditPeer {
        /// `Peer Address`.
        address: NodeName,
        /// The cluster that it points to.
        to: ClusterName,
        /// `Protocol`.
        protocol: Option<Transport>,
        /// The credential that the entry stores.
        account: Option<CredentialName>,
    },
    /// Deletes a peer.
    DeletePeer {
        /// `Peer Address`.
        address: NodeName,
    },
    /// Forces a sync of a peer.
    ForceSync {
        /// `Peer Address`.
        address: NodeName,
        /// The cluster that it points to.
        to: ClusterName,
        /// With `Also resync peer's Tomcat certificates`.
        certificates: bool,
    },
    /// Sets a service parameter.
    SetParameter {
        /// The node.
        node: NodeName,
        /// The service.
        service: String,
        /// The label on System > Service Parameters.
        label: String,
        /// The value.
        value: String,
    },
    /// Switches High Availability of a redundancy group, on Unified CM's publisher.
    SetHighAvailability {
        /// The group.
        group: String,
        /// On or off.
        enabled: bool,
    },
    /// Waits for the initial sync of a peer.
    AwaitSync {
        /// `Peer Address`.
        address: NodeName,
        /// The cluster that it points to.
        to: ClusterName,
    },
    /// Waits a fixed time, in which the product does something that cannot be read.
    Settle {
        /// The time, in seconds of the product's time.
        seconds: u64,
        /// What for.
        what: SettleFor,
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
            | Action::EditPeer { .. }
            | Action::ForceSync { .. }
            | Action::SetParameter { .. }
            | Action::SetHighAvailability { .. }
            | Action::DeletePeer { .. }
            | Action::Restart { .. } => true,
            Action::AwaitSync { .. } | Action::Settle { .. } | Action::Verify { .. } => false,
        }
    }

    /// What is done, in a word.
    pub fn word(&self) -> &'static str {
        match self {
            Action::Activate { .. } => "activate",
            Action::Start { .. } => "start",
            Action::AddPeer { .. } => "add-peer",
            Action::EditPeer { .. } => "edit-peer",
            Action::DeletePeer { .. } => "delete-peer",
            Action::ForceSync { .. } => "force-sync",
            Action::SetParameter { .. } => "set-parameter",
            Action::SetHighAvailability { .. } => "set-high-availability",
            Action::AwaitSync { .. } => "await-sync",
            Action::Settle { .. } => "settle",
            Action::Restart { .. } => "restart",
            Action::Verify { .. } => "verify",
        }
    }

    /// The node that it acts on, where it is one of the cluster's and not the cluster as a whole.
    pub fn node(&self) -> Option<&NodeName> {
        match self {
            Action::Activate { node, .. }
            | Action::Start { node, .. }
            | Action::SetParameter { node, .. }
            | Action::Restart { node, .. } => Some(node),
            Action::AddPeer { .. }
            | Action::EditPeer { .. }
            | Action::DeletePeer { .. }
            | Action::ForceSync { .. }
            | Action::SetHighAvailability { .. }
            | Action::AwaitSync { .. }
            | Action::Settle { .. }
            | Action::Verify { .. } => None,
        }
    }

    /// Whether it can be read afterwards that the action was taken. A password that was written, a sync that was
    /// forced and a restart that is due in any case leave nothing to read.
    pub fn leaves_a_trace(&self) -> bool {
        match self {
            Action::EditPeer { account, .. } => account.is_none(),
            Action::ForceSync { .. } | Action::Restart { when: When::Always, .. } => false,
            Action::Activate { .. }
            | Action::Start { .. }
            | Action::AddPeer { .. }
            | Action::DeletePeer { .. }
            | Action::SetParameter { .. }
            | Action::SetHighAvailability { .. }
            | Action::AwaitSync { .. }
            | Action::Settle { .. }
            | Action::Restart { .. }
            | Action::Verify { .. } => true,
        }
    }
}

/// What a fixed time is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SettleFor {
    /// Notifications are raised.
    Notifications,
    /// High Availability was switched off and takes effect.
    HighAvailability,
}

/// When a service is restarted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// Where a notification asks for it.
    Asked,
    /// In any case.
    Always,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Action::Activate { node, service } => write!(f, "activate {service} on {node}"),
            Action::Start { node, service } => write!(f, "start {service} on {node}"),
            Action::AddPeer { address, to, account, protocol } => {
                write!(f, "add peer {address} ({to}) with {protocol} and credential {account}")
            }
            Action::EditPeer { address, to, protocol, account } => {
                write!(f, "set ")?;
                if let Some(protocol) = protocol {
                    write!(f, "Protocol to {protocol}")?;
                }
                if protocol.is_some() && account.is_some() {
                    write!(f, " and ")?;
                }
                if let Some(account) = account {
                    write!(f, "the account to credential {account}")?;
                }
                write!(f, " of peer {address} ({to})")
            }
            Action::ForceSync { address, to, certificates: false } => {
                write!(f, "force a sync with {address} ({to})")
            }
            Action::ForceSync { address, to, certificates: true } => {
                write!(f, "force a sync with {address} ({to}), its Tomcat certificates too")
            }
            Action::SetParameter { node, service, label, value } => {
                write!(f, "set `{label}` of {service} on {node} to {value}")
            }
            Action::SetHighAvailability { group, enabled: true } => {
                write!(f, "switch High Availability of {group} on")
            }
            Action::SetHighAvailability { group, enabled: false } => {
                write!(f, "switch High Availability of {group} off")
            }
            Action::DeletePeer { address } => write!(f, "delete peer {address}"),
            Action::AwaitSync { address, to } => write!(f, "wait for the initial sync with {address} ({to})"),
            Action::Settle { seconds, what: SettleFor::Notifications } => {
                write!(f, "wait {seconds} s for notifications")
            }
            Action::Settle { seconds, what: SettleFor::HighAvailability } => {
                write!(f, "wait {seconds} s after High Availability was switched off")
            }
            Action::Restart { node, service, when: When::Asked } => {
                write!(f, "restart {service} on {node} if a notification asks for it")
            }
            Action::Restart { node, service, when: When::Always } => write!(f, "restart {service} on {node}"),
            Action::Verify { address, to } => write!(f, "verify peer {address} ({to})"),
        }
    }
}

//! A change: one difference between the file and the world that is to be closed, as data.

use serde::{Deserialize, Serialize};

use crate::cluster::Protocol;
use crate::mesh::{ClusterName, CredentialName, NodeName};

/// A difference to close on one cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
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
    /// A peer gets another `Protocol`, another account, or both.
    ChangePeer {
        /// `Peer Address`.
        address: NodeName,
        /// The cluster that it points to.
        to: ClusterName,
        /// `Protocol`, where it differs.
        protocol: Option<ProtocolChange>,
        /// `AXL Username` and `AXL Password`, where they are written.
        account: Option<AccountChange>,
    },
    /// A peer points to another node name of the cluster than the file: it is deleted, added and synced anew, because
    /// the address of an entry cannot be changed.
    ReplacePeer {
        /// The `Peer Address` that was read.
        before: NodeName,
        /// The `Peer Address` that the file asks for.
        after: NodeName,
        /// The cluster that both point to.
        to: ClusterName,
        /// The `Protocol` that was read.
        protocol_before: Protocol,
        /// The `Protocol` that the file asks for.
        protocol: Protocol,
    },
    /// A peer's certificates are out of sync: a forced sync takes them along.
    Resync {
        /// `Peer Address`.
        address: NodeName,
        /// The cluster that it points to.
        to: ClusterName,
        /// What the status panel says of them.
        status: String,
    },
    /// A service parameter gets another value.
    SetParameter {
        /// The node.
        node: NodeName,
        /// The service.
        service: String,
        /// The label on System > Service Parameters.
        label: String,
        /// The value that was read.
        before: String,
        /// The value that the file asks for.
        after: String,
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

/// A peer's `Protocol`, before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProtocolChange {
    /// What was read.
    pub before: Protocol,
    /// What the file asks for.
    pub after: Protocol,
}

/// A peer's account, before and after. The password cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountChange {
    /// The `AXL Username` that was read, if the page shows it.
    pub before: Option<String>,
    /// The user name that is written.
    pub after: String,
    /// The credential of the mesh file.
    pub credential: CredentialName,
    /// Why it is written.
    pub why: AccountReason,
}

/// Why a peer's account is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AccountReason {
    /// The entry has another user name than the file.
    OtherUser,
    /// The connectivity test fails, and the file's account is answered: the stored password may be an old one.
    NotReachable,
    /// `--replace-credentials` asks for it. Whether the stored password differs cannot be known.
    Asked,
}

/// The kinds of change, for counting and for marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Something is added.
    Create,
    /// Something gets another value.
    Change,
    /// A peer is deleted and added with another address.
    Replace,
    /// Something is deleted.
    Delete,
    /// A peer's certificates are synced anew.
    Resync,
    /// A service parameter is set.
    Set,
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
            What::ReplacePeer { .. } => Kind::Replace,
            What::DeletePeer { .. } => Kind::Delete,
            What::Resync { .. } => Kind::Resync,
            What::SetParameter { .. } => Kind::Set,
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
            Kind::Replace => "±",
            Kind::Delete => "-",
            Kind::Resync => "*",
            Kind::Set => "=",
            Kind::Activate | Kind::Start => ">",
            Kind::Restart => "@",
        }
    }
}

/// Something that was seen and is left alone, with the reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Left {
    /// A peer that the file does not ask for.
    UnmanagedPeer {
        /// `Peer Address`.
        address: NodeName,
        /// `Protocol`.
        protocol: Protocol,
    },
    /// A link that cannot be made yet: the other cluster could not be read, or a prerequisite is not met.
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
    /// A service parameter that the page does not show, that could not be read, or whose label another one has too.
    Parameter {
        /// The node.
        node: NodeName,
        /// The service.
        service: String,
        /// The label.
        label: String,
        /// The value that the file asks for.
        value: String,
    },
    /// An entry that a rollback cannot bring back to what it was.
    Peer {
        /// `Peer Address`.
        address: NodeName,
        /// The cluster that it points to.
        to: ClusterName,
    },
    /// The account of an entry, which a rollback cannot bring back.
    Account {
        /// `Peer Address`.
        address: NodeName,
        /// The cluster that it points to.
        to: ClusterName,
    },
    /// Certificates that were synced, which a rollback cannot take back.
    Certificates {
        /// `Peer Address`.
        address: NodeName,
        /// The cluster that it points to.
        to: ClusterName,
    },
    /// Restarts, which a rollback cannot take back.
    Restarts {
        /// The services that were restarted.
        services: Vec<String>,
    },
    /// A redundancy group whose High Availability is off already: it is never switched on by a plan.
    HighAvailability {
        /// The group.
        group: String,
    },
}

/// What a prerequisite of the procedure says about a cluster and that holds nothing back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Concern {
    /// The cluster.
    pub cluster: ClusterName,
    /// How sure it is.
    pub weight: Weight,
    /// What there is to say, in a sentence without its full stop.
    pub what: String,
}

/// How sure a concern is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// It was read, and it is not as it should be.
    Warning,
    /// It could not be read: look at it yourself.
    Unknown,
}

//! What can be read of a cluster, and what can be written to it, as plain values.

use serde::{Deserialize, Serialize};

use crate::mesh::{Account, NodeName, Transport};

/// Who a cluster is (AXL `getCUPVersion`, `getClusterInfo`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Identity {
    /// The version of the database publisher, as it says, such as `14.0.1.12900-6`.
    pub version: String,
    /// The IM and Presence server names.
    pub servers: Vec<String>,
    /// The Unified CM server names of the same cluster.
    pub unified_cm_servers: Vec<String>,
}

/// An IM and Presence node (AXL `getClusterNodesAndCriticalServices`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Node {
    /// The node name.
    pub name: NodeName,
    /// Whether it is the database publisher.
    pub publisher: bool,
    /// The presence redundancy group; none when the node is not assigned.
    pub group: Option<String>,
    /// Users assigned to the node.
    pub assigned_users: u64,
    /// The High Availability state in the product's words, such as `Normal`.
    pub state: String,
}

/// A service of a node (Control Center Services).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Service {
    /// The service's name in the product's spelling.
    pub name: String,
    /// Its state.
    pub state: ServiceState,
    /// The product's words for why it is not started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Seconds since it started, when the product says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_seconds: Option<u64>,
}

/// The state of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceState {
    /// It runs.
    Started,
    /// It does not run.
    Stopped,
    /// It is on its way up.
    Starting,
    /// It is on its way down.
    Stopping,
    /// A feature service that was never activated.
    NotActivated,
    /// The product says that it does not know.
    Unknown,
}

impl ServiceState {
    /// Whether the service runs or is on its way up.
    pub fn runs(self) -> bool {
        matches!(self, ServiceState::Started | ServiceState::Starting)
    }

    /// The product's word.
    pub fn word(self) -> &'static str {
        match self {
            ServiceState::Started => "Started",
            ServiceState::Stopped => "Stopped",
            ServiceState::Starting => "Starting",
            ServiceState::Stopping => "Stopping",
            ServiceState::NotActivated => "Not activated",
            ServiceState::Unknown => "Unknown",
        }
    }
}

/// What the dashboard says of the Sync Agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct SyncStatus {
    /// The product's words, such as `Completed 2020-05-10 17:18:03`.
    pub text: String,
}

impl SyncStatus {
    /// Whether the Sync Agent has finished its user sync (field-notes 1.6).
    pub fn completed(&self) -> bool {
        self.text.trim_start().starts_with("Completed")
    }
}

/// The `Protocol` of a peer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// `TCP`
    Tcp,
    /// `TLS`
    Tls,
    /// Any other text that the page shows.
    Other(String),
}

impl From<Transport> for Protocol {
    fn from(transport: Transport) -> Self {
        match transport {
            Transport::Tcp => Protocol::Tcp,
            Transport::Tls => Protocol::Tls,
        }
    }
}

impl Protocol {
    /// Reads the page's text.
    pub fn read(text: &str) -> Protocol {
        match text.trim().to_ascii_uppercase().as_str() {
            "TCP" => Protocol::Tcp,
            "TLS" => Protocol::Tls,
            _ => Protocol::Other(text.trim().to_owned()),
        }
    }

    /// The page's text.
    pub fn word(&self) -> &str {
        match self {
            Protocol::Tcp => "TCP",
            Protocol::Tls => "TLS",
            Protocol::Other(text) => text,
        }
    }
}

/// An intercluster peer: one cluster's entry that points to another cluster's database publisher.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Peer {
    /// `Peer Address`.
    pub address: NodeName,
    /// `AXL Username`, when the page shows it.
    pub username: Option<String>,
    /// `Protocol`.
    pub protocol: Protocol,
}

/// An intercluster peer to add. Holds a secret; has no `Serialize`.
#[derive(Clone, Debug)]
pub struct NewPeer {
    /// `Peer Address`: the other cluster's database publisher, by its node name.
    pub address: NodeName,
    /// `AXL Username` and `AXL Password`.
    pub account: Account,
    /// `Protocol`.
    pub protocol: Transport,
}

/// What to change of a peer; what is none stays. Holds a secret; has no `Serialize`.
#[derive(Clone, Debug, Default)]
pub struct PeerEdit {
    /// `AXL Username` and `AXL Password`.
    pub account: Option<Account>,
    /// `Protocol`.
    pub protocol: Option<Transport>,
}

/// An edit of a page, as far as going to its button needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Walk {
    /// To `Save` of a new peer.
    Add(NodeName),
    /// To `Save` of a peer.
    Update(NodeName),
    /// To `Delete` of a peer.
    Delete(NodeName),
    /// To the button that forces a sync.
    Sync(NodeName),
    /// To `Save` of a node's service parameters, by way of the field and the value that is to be chosen in it.
    Parameter {
        /// The node.
        node: NodeName,
        /// The service.
        service: String,
        /// The label.
        label: String,
        /// The value.
        value: String,
    },
}

/// A notification of the administration pages (field-notes 1.8).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Notification {
    /// `Information`, `Warning`, `Error`, or what else the page says.
    pub severity: String,
    /// The product's words.
    pub text: String,
    /// The node, when the page names one in its own column.
    pub node: Option<NodeName>,
}

impl Notification {
    /// Whether it asks for a restart of a service on a node. The wording is unknown (field-notes 1.8), so the
    /// service's name and the word "restart" decide; the node is the one of its column or else one that the text
    /// names, and a notification that names none of the cluster's `nodes` counts for each of them.
    pub fn asks_restart(&self, service: &str, node: &NodeName, nodes: &[NodeName]) -> bool {
        let text = self.text.to_ascii_lowercase();
        let short = service.trim_start_matches("Cisco ").to_ascii_lowercase();
        if !text.contains("restart") || !text.contains(&short) {
            return false;
        }
        if let Some(named) = &self.node
            && nodes.iter().any(|n| n.same(named))
        {
            return named.same(node);
        }
        let names = |n: &NodeName| contains_word(&text, &n.normal());
        if nodes.iter().any(names) { names(node) } else { true }
    }
}

/// Whether `text` holds `word` with no part of a longer host name around it.
fn contains_word(text: &str, word: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let mut after = text[at + word.len()..].chars();
        let ends = match after.next() {
            Some('.') => !after.next().is_some_and(inner),
            next => !next.is_some_and(inner),
        };
        ends && !before.is_some_and(|c| inner(c) || c == '.')
    })
}

/// What System > Presence Topology and the dashboard say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct TopologyFacts {
    /// The node names, exactly as the page shows them.
    pub nodes: Vec<NodeName>,
    /// Nodes that are in no redundancy group.
    pub unassigned_nodes: u64,
    /// Users that are assigned to a node.
    pub assigned_users: u64,
    /// Users that are assigned to no node.
    pub unassigned_users: u64,
}

/// The scheme by which IM addresses are made; it must be the same on all clusters (field-notes 2.2).
///
/// Where the product shows it is not published, and neither is how it is written: values from the same place can be
/// compared, values from different places cannot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ImAddressScheme {
    /// Where it was found: a label of a page, or the name of a setting in the database.
    pub place: String,
    /// The value, as it stands there.
    pub value: String,
}

/// A presence redundancy group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Group {
    /// The group's name.
    pub name: String,
    /// Whether High Availability is enabled.
    pub enabled: bool,
    /// The group's nodes and their High Availability states, in the product's words.
    pub nodes: Vec<Activity>,
}

/// A node in its redundancy group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Activity {
    /// The node.
    pub node: NodeName,
    /// Its state, such as `Normal`.
    pub state: String,
    /// Users that are active on it now.
    pub active_users: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(text: &str, column: Option<&str>, node: &str) -> bool {
        let nodes: Vec<NodeName> =
            ["imp1.example.com", "imp11.example.com", "imp2.example.com"].map(NodeName::from).into();
        let notification =
            Notification { severity: "Warning".into(), text: text.into(), node: column.map(NodeName::from) };
        notification.asks_restart(super::super::service::XCP_ROUTER, &node.into(), &nodes)
    }

    #[test]
    fn a_notification_is_for_the_node_that_it_names() {
        let text = "Restart the Cisco XCP Router on imp1.example.com.";
        assert!(asks(text, None, "imp1.example.com"));
        assert!(asks(text, None, "IMP1.example.com."));
        assert!(!asks(text, None, "imp2.example.com"));
        assert!(!asks("Restart the Cisco XCP Router on imp11.example.com", None, "imp1.example.com"));
    }

    #[test]
    fn the_column_outranks_the_text() {
        assert!(asks("XCP Router must be restarted", Some("imp2.example.com"), "imp2.example.com"));
        assert!(!asks("XCP Router must be restarted", Some("imp2.example.com"), "imp1.example.com"));
    }

    #[test]
    fn a_notification_without_a_node_counts_for_each() {
        assert!(asks("The XCP Router needs a restart", None, "imp1.example.com"));
        assert!(asks("The XCP Router needs a restart", Some("elsewhere"), "imp2.example.com"));
        assert!(!asks("Database replication is not complete", None, "imp1.example.com"));
    }
}

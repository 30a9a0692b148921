//! What the product shows of itself, as plain values: what a page, a SOAP answer or the CLI is made of.

use std::fmt;
use std::net::Ipv4Addr;
use std::time::Duration;

use crate::cluster::{NodeName, Protocol, ServiceState};

/// Why the product refused an order, in its own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The Control Center `ReasonCode` (field-notes 4.3), where a service was ordered about.
    pub code: Option<i32>,
    /// The text of the message area, or the `ReasonCodeString`.
    pub message: String,
}

impl Refusal {
    /// A refusal of a page: a text without a code.
    pub(super) fn page(message: impl Into<String>) -> Refusal {
        Refusal { code: None, message: message.into() }
    }

    /// A lab has nothing of that name.
    pub(in crate::lab) fn unknown(what: &str, name: &str) -> Refusal {
        Refusal { code: None, message: format!("the lab has no {what} `{name}`") }
    }

    /// A refusal of Control Center: a reason code with its text.
    pub(super) fn service(reason: super::catalogue::Reason) -> Refusal {
        Refusal { code: Some(reason.0), message: reason.1.to_owned() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// What an account may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rights {
    /// May use AXL (`Standard AXL API Access`); 403 otherwise.
    pub axl: bool,
    /// May use the administration pages and Control Center.
    pub admin: bool,
}

/// A node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeView {
    /// The node name, as System > Presence Topology shows it.
    pub name: NodeName,
    /// The node's database key (`processnode.pkid`), lower case without braces.
    pub key: String,
    /// An address of the node: the name itself when it is one, else made up.
    pub address: Ipv4Addr,
    /// Whether it is the IM&P database publisher.
    pub publisher: bool,
    /// The presence redundancy group; none when the node is not assigned.
    pub group: Option<String>,
    /// Users assigned to the node.
    pub assigned_users: u64,
    /// Users active on it now.
    pub active_users: u64,
    /// The High Availability state, such as `Normal` (field-notes 3.2).
    pub state: &'static str,
    /// The reason for that state, such as `High Availability Not Enabled`.
    pub reason: &'static str,
}

/// Where the IM address scheme is to be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchemeView {
    /// A row of `processconfig`: its name and its value.
    Parameter(&'static str, &'static str),
    /// System > Presence Topology shows it.
    Topology(&'static str),
    /// Nothing that a client reads tells it.
    Nowhere,
}

/// Which Control Center page lists a service (field-notes 4.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceKind {
    /// `Control Center - Network Services`: always activated.
    Network,
    /// `Control Center - Feature Services`: to be activated first.
    Feature,
}

/// A service of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceView {
    /// The name in the product's spelling.
    pub name: &'static str,
    /// Network or feature service.
    pub kind: ServiceKind,
    /// The group it is listed in, such as `IM and Presence Services`.
    pub group: &'static str,
    /// Its state; [`ServiceState::NotActivated`] is `Stopped` with reason -1068 in SOAP.
    pub state: ServiceState,
    /// `ReasonCode` (field-notes 4.3); -1 when there is nothing to say.
    pub reason_code: i32,
    /// `ReasonCodeString`; empty when there is nothing to say.
    pub reason: &'static str,
    /// How long it has been started.
    pub up: Option<Duration>,
    /// Whether SRM counts it as critical.
    pub critical: bool,
}

/// A row of Presence > Inter-Clustering.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerView {
    /// The row's database key, lower case without braces.
    pub key: String,
    /// `Peer Address`.
    pub address: NodeName,
    /// `AXL Username`.
    pub username: String,
    /// `Protocol`.
    pub protocol: Protocol,
    /// `Associated Users`.
    pub associated_users: u64,
}

/// A notification of the administration pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotificationView {
    /// Its number, unique in a lab.
    pub id: u64,
    /// `Information`, `Warning` or `Error`.
    pub severity: &'static str,
    /// The product's words.
    pub text: String,
    /// The node in its own column; none where the text names it.
    pub node: Option<NodeName>,
    /// When it was raised, in product time since the start.
    pub raised: Duration,
}

/// How a service parameter is entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A drop-down with these values.
    Choice(&'static [&'static str]),
    /// A number from and to, both allowed.
    Number(u32, u32),
}

/// A service parameter of System > Service Parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterView {
    /// The group heading, such as `General Inter Cluster Sync Agent Parameters`.
    pub group: &'static str,
    /// The label on the page.
    pub label: &'static str,
    /// The value, as shown.
    pub value: String,
    /// The suggested value.
    pub default: &'static str,
    /// How it is entered.
    pub entry: Entry,
}

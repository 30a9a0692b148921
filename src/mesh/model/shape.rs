//! Which clusters the file wants linked, and how.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::read::given;
use crate::mesh::names::ClusterName;

/// Which clusters are linked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Topology {
    /// The mesh's shape. Presence does not pass through a third cluster: users see each other only where their two
    /// clusters are linked, so anything but `full` leaves pairs that do not.
    #[serde(default)]
    pub shape: Shape,
    /// The name of the cluster that every other is linked with, for `shape: hub`.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub hub: Option<ClusterName>,
    /// With `shape: links` all links; with another shape those that differ from the defaults, or come on top.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<LinkEntry>,
}

/// The mesh's shape.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// Every cluster is linked with every other.
    #[default]
    Full,
    /// Every cluster is linked with the hub.
    Hub,
    /// The links that are listed, no other.
    Links,
}

/// A link between two clusters, as the file lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkEntry {
    /// The names of the two clusters, in any order.
    pub between: [ClusterName; 2],
    /// The link's transport, where it differs from the defaults.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub transport: Option<Transport>,
}

/// How peers speak SIP with each other (`Protocol` on the peer's page).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// TCP, the default and the vendor's recommendation.
    #[default]
    Tcp,
    /// TLS; certificates are exchanged between the clusters.
    Tls,
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Transport::Tcp => "TCP",
            Transport::Tls => "TLS",
        })
    }
}

//! A cluster of the mesh, and what is said of its nodes.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::Dns;
use super::access::{Roles, Tls};
use super::read::{given, given_count};
use crate::mesh::names::{ClusterName, NodeName};

/// A cluster of the mesh.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cluster {
    /// The cluster's name in this file: letters, digits, `.`, `_` and `-`. The product does not know it.
    pub name: ClusterName,
    /// The node name of the IM and Presence *database publisher*, exactly as System > Presence Topology shows it: IP
    /// address, host name or FQDN. The other clusters use it as Peer Address.
    pub publisher: NodeName,
    /// Whether the cluster is in the mesh.
    #[serde(default)]
    pub state: State,
    /// The presence domain, where it is not the mesh's. A link across domains is refused.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// The release that the cluster is expected to run, such as `"14"`, in quotes.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
    /// The IM and Presence nodes, the publisher included: up to six. They are read from the cluster; when given here,
    /// they are checked against it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nodes: Vec<Node>,
    /// The Unified CM cluster that this one belongs to: a key of `unified_cms`. Two clusters cannot share one.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub unified_cm: Option<String>,
    /// What the cluster runs on.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
    /// `true`: nothing is deleted on the cluster without `--allow-protected` and its name.
    #[serde(default)]
    pub protected: bool,
    /// Which credential is used for what, where it differs from `defaults`.
    #[serde(default)]
    pub credentials: Roles,
    /// What TLS certificates are trusted, where it differs from `defaults`.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub tls: Option<Tls>,
    /// DNS servers that the cluster's own nodes use.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub dns: Option<Dns>,
    /// How the administration pages are driven, where it differs from `defaults`.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub pages: Option<Pages>,
    /// Service parameters of this cluster; they outrank those of the mesh.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: Parameters,
}

/// Whether a cluster is in the mesh.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It is linked as the topology says.
    #[default]
    Present,
    /// Every link to it is removed, on both sides.
    Absent,
    /// It no longer exists: entries for it are removed on the others, it is never contacted.
    Gone,
}

/// A node of a cluster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Node {
    /// The node's name, exactly as System > Presence Topology shows it: IP address, host name or FQDN.
    pub name: NodeName,
    /// The presence redundancy group that the node is in; a group has one or two nodes.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Service parameters of this node; they outrank those of the cluster.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: Parameters,
}

/// What a cluster runs on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Platform {
    /// The number of users that the OVA template is sized for. Intercluster peering needs 15000 or more.
    #[serde(default, deserialize_with = "given_count", skip_serializing_if = "Option::is_none")]
    pub ova_users: Option<u32>,
    /// Whether it is a Business Edition 6000. Intercluster peering is not supported there.
    #[serde(default)]
    pub business_edition_6000: bool,
}

/// How the administration pages are driven.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Pages {
    /// By HTTP where a page allows it, by a browser where it needs script.
    #[default]
    Auto,
    /// By HTTP only.
    Http,
    /// By a browser only.
    Browser,
}

/// Service parameters: by service, then by the label on System > Service Parameters.
pub type Parameters = BTreeMap<String, BTreeMap<String, ParameterValue>>;

/// A service parameter's value, as the page shows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct ParameterValue(pub String);

impl<'de> Deserialize<'de> for ParameterValue {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = ParameterValue;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a whole number")
            }
            fn visit_str<E>(self, v: &str) -> Result<ParameterValue, E> {
                Ok(ParameterValue(v.to_owned()))
            }
            fn visit_u64<E>(self, v: u64) -> Result<ParameterValue, E> {
                Ok(ParameterValue(v.to_string()))
            }
            fn visit_i64<E>(self, v: i64) -> Result<ParameterValue, E> {
                Ok(ParameterValue(v.to_string()))
            }
            fn visit_f64<E: serde::de::Error>(self, v: f64) -> Result<ParameterValue, E> {
                // JSON Schema takes `5.0` for a whole number, and so must this
                if v.fract() == 0.0 { Ok(ParameterValue(format!("{v:.0}"))) } else { Err(E::custom("not whole")) }
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for ParameterValue {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "ParameterValue".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "The value as the page shows it: a text such as `Enabled`, or a whole number.",
            "type": ["string", "integer"]
        })
    }
}

//! The mesh file's model: every key of it, as the file says it. Nothing is resolved or defaulted across
//! levels here; [`super::topology`] and the accessors below do that.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::names::{ClusterName, CredentialName, NodeName};

/// The version of the mesh file format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ApiVersion {
    /// The first version.
    #[serde(rename = "intermesh/v1")]
    V1,
}

/// What a file describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Kind {
    /// A mesh of clusters.
    Mesh,
}

/// The whole mesh file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mesh {
    /// The version of this file format.
    #[serde(rename = "apiVersion")]
    pub api_version: ApiVersion,
    /// What the file describes.
    pub kind: Kind,
    /// What the mesh is called.
    pub metadata: Metadata,
    /// The presence domain of all clusters that do not name their own.
    pub domain: String,
    /// DNS servers to ask instead of the system's resolver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dns: Option<Dns>,
    /// An HTTP CONNECT proxy for HTTPS and SSH; proxies of the environment are ignored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
    /// Accounts by reference; a literal password is an error.
    #[serde(default)]
    pub credentials: BTreeMap<CredentialName, Credential>,
    /// Unified CM clusters, for the High Availability switch and service parameters.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unified_cms: BTreeMap<String, UnifiedCm>,
    /// What holds for every cluster and link that does not say otherwise.
    #[serde(default)]
    pub defaults: Defaults,
    /// The clusters of the mesh.
    pub clusters: Vec<Cluster>,
    /// Which clusters are linked.
    #[serde(default)]
    pub topology: Topology,
    /// Service parameters by service and the label on the page, for every cluster.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: Parameters,
    /// What a plan may do, and how.
    #[serde(default)]
    pub policy: Policy,
    /// Findings and drift that are known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accept: Vec<Acceptance>,
}

/// Service parameters: service, label on the page, value.
pub type Parameters = BTreeMap<String, BTreeMap<String, ParameterValue>>;

/// What the mesh is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Metadata {
    /// The mesh's name.
    pub name: String,
}

/// DNS servers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dns {
    /// IP addresses of DNS servers.
    #[serde(default)]
    pub servers: Vec<String>,
}

/// An account: its user name, and where its password is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Credential {
    /// The account's user name.
    pub username: String,
    /// Where the password is: exactly one of `env`, `file`, `exec`.
    pub password: PasswordSource,
}

/// Where a password is. Exactly one of the three is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordSource {
    /// The environment variable that holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub env: Option<String>,
    /// The file that holds it; a file that others can read is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The program, with its arguments, that prints it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exec: Option<Vec<String>>,
}

/// A Unified CM cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnifiedCm {
    /// The Unified CM publisher's name.
    pub publisher: NodeName,
    /// The name of the credential for its AXL.
    pub credentials: CredentialName,
}

/// What holds for every cluster and link that does not say otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Defaults {
    /// How peers speak SIP with each other; the vendor recommends TCP.
    #[serde(default)]
    pub transport: Transport,
    /// The release that clusters are expected to run; checked against what they say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
    /// Which credential is used for what.
    #[serde(default)]
    pub credentials: Roles,
    /// What TLS certificates are trusted.
    #[serde(default)]
    pub tls: Tls,
    /// How the administration pages are driven.
    #[serde(default)]
    pub pages: Pages,
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

/// Which credential is used for what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Roles {
    /// intermesh logs in to AXL with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub axl: Option<CredentialName>,
    /// What the other clusters store in their entry for this one; `axl` when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<CredentialName>,
    /// Administration pages and Control Center; `axl` when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admin: Option<CredentialName>,
    /// Platform CLI over SSH; without it the checks that need it are skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cli: Option<CredentialName>,
}

/// What TLS certificates are trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// A PEM file of certificate authorities, relative to the mesh file; the system's otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<String>,
    /// A file of public key fingerprints, written by `intermesh trust`, relative to the mesh file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pins_file: Option<String>,
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

/// A cluster of the mesh.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cluster {
    /// The cluster's name in this file.
    pub name: ClusterName,
    /// The database publisher's node name, exactly as System > Presence Topology shows it.
    pub publisher: NodeName,
    /// Whether the cluster is in the mesh.
    #[serde(default)]
    pub state: State,
    /// The presence domain, where it is not the mesh's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// The release that the cluster is expected to run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
    /// The nodes; read from the cluster, and checked when given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nodes: Vec<Node>,
    /// The Unified CM cluster that this one belongs to: a key of `unified_cms`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unified_cm: Option<String>,
    /// What the cluster runs on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
    /// Nothing is deleted on the cluster without `--allow-protected`.
    #[serde(default)]
    pub protected: bool,
    /// Which credential is used for what, where it differs from the defaults.
    #[serde(default)]
    pub credentials: Roles,
    /// What TLS certificates are trusted, where it differs from the defaults.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<Tls>,
    /// DNS servers that the cluster's nodes use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dns: Option<Dns>,
    /// How the administration pages are driven, where it differs from the defaults.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pages: Option<Pages>,
    /// Service parameters of this cluster.
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
    /// The node's name, as System > Presence Topology shows it.
    pub name: NodeName,
    /// The presence redundancy group that the node is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Service parameters of this node.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: Parameters,
}

/// What a cluster runs on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Platform {
    /// The users that the OVA template is sized for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ova_users: Option<u32>,
    /// Whether it is a Business Edition 6000; intercluster peering is not supported there.
    #[serde(default)]
    pub business_edition_6000: bool,
}

/// Which clusters are linked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Topology {
    /// The mesh's shape.
    #[serde(default)]
    pub shape: Shape,
    /// The hub's name, for `shape: hub`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hub: Option<ClusterName>,
    /// Links: all of them for `shape: links`, those that differ from the defaults otherwise.
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
    /// The two clusters.
    pub between: [ClusterName; 2],
    /// The link's transport, where it differs from the defaults.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transport: Option<Transport>,
}

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
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for ParameterValue {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ParameterValue".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": ["string", "integer"]})
    }
}

/// What a plan may do, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// What to do with peers that the file does not ask for.
    pub unmanaged_peers: UnmanagedPeers,
    /// Peer entries that may be deleted though no `state: absent` or `gone` asks for it.
    pub max_deletes: u32,
    /// The most XCP Router restarts that a plan may hold, counted as an upper bound.
    pub max_restarts: u32,
    /// Initial syncs at once on one cluster; the vendor asks for staggered peers.
    pub concurrent_syncs_per_cluster: u32,
    /// With more new links than this, one link is finished and verified before the rest.
    pub canary_above: u32,
    /// How XCP Routers are restarted.
    pub xcp_restart: XcpRestart,
    /// When steps may run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// SIP federation is used: port 5060 is checked too.
    pub sip_federation: bool,
    /// The clusters must survive the loss of DNS: node names must be IP addresses.
    pub survive_dns_loss: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Policy {
            unmanaged_peers: UnmanagedPeers::default(),
            max_deletes: 0,
            // a 30-cluster mesh of six nodes each restarts 180 routers once
            max_restarts: 200,
            concurrent_syncs_per_cluster: 1,
            canary_above: 5,
            xcp_restart: XcpRestart::default(),
            window: None,
            sip_federation: false,
            survive_dns_loss: false,
        }
    }
}

/// What to do with peers that the file does not ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum UnmanagedPeers {
    /// Leave them and say so.
    #[default]
    Report,
    /// Delete them, within `max_deletes`.
    Delete,
    /// Leave them.
    Ignore,
}

/// How XCP Routers are restarted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct XcpRestart {
    /// Once per node after the cluster's last change, or after every link.
    pub batch: Batch,
    /// Whether the deletion of a peer is followed by restarts.
    pub after_delete: AfterDelete,
    /// What happens to High Availability around restarts.
    pub high_availability: HighAvailability,
    /// Clusters whose routers restart at the same time.
    pub max_clusters_at_once: u32,
}

impl Default for XcpRestart {
    fn default() -> Self {
        XcpRestart {
            batch: Batch::default(),
            after_delete: AfterDelete::default(),
            high_availability: HighAvailability::default(),
            max_clusters_at_once: 1,
        }
    }
}

/// When routers restart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Batch {
    /// Once per node, after the cluster's last change.
    #[default]
    Once,
    /// After every link, the guide's letter.
    PerLink,
}

/// Whether the deletion of a peer is followed by restarts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AfterDelete {
    /// Before release 14 the publisher and every node that a notification names; from 14 only the latter.
    #[default]
    ByRelease,
    /// Always, on every node.
    Always,
    /// Never.
    Never,
}

/// What happens to High Availability around restarts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HighAvailability {
    /// It is left as it is.
    #[default]
    Leave,
    /// It is switched off before and on after, the documented procedure; needs `unified_cms`.
    SwitchOff,
}

/// When steps may run: no step starts that may not end in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// The days on which it opens; every day when not given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<Day>,
    /// The time of day at which it opens, `HH:MM`.
    pub from: String,
    /// The time of day at which it closes, `HH:MM`; before `from` it closes on the next day.
    pub to: String,
    /// The time zone, by its IANA name.
    pub zone: String,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Day {
    /// Monday
    Mon,
    /// Tuesday
    Tue,
    /// Wednesday
    Wed,
    /// Thursday
    Thu,
    /// Friday
    Fri,
    /// Saturday
    Sat,
    /// Sunday
    Sun,
}

/// A finding, or drift, that is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Acceptance {
    /// The rule whose finding is accepted.
    pub rule: String,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The last day on which it holds, `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

impl Mesh {
    /// The cluster of that name.
    pub fn cluster(&self, name: &ClusterName) -> Option<&Cluster> {
        self.clusters.iter().find(|c| c.name == *name)
    }

    /// The presence domain of a cluster.
    pub fn domain_of<'a>(&'a self, cluster: &'a Cluster) -> &'a str {
        cluster.domain.as_deref().unwrap_or(&self.domain)
    }

    /// The credential with which intermesh logs in to a cluster's AXL.
    pub fn axl_account<'a>(&'a self, cluster: &'a Cluster) -> Option<&'a CredentialName> {
        cluster.credentials.axl.as_ref().or(self.defaults.credentials.axl.as_ref())
    }

    /// The credential that other clusters store in their entry for this one; the `axl` one by default.
    pub fn peer_account<'a>(&'a self, cluster: &'a Cluster) -> Option<&'a CredentialName> {
        let roles = &cluster.credentials;
        (roles.peer.as_ref().or(roles.axl.as_ref())).or(self.defaults.credentials.peer.as_ref()).or(self
            .defaults
            .credentials
            .axl
            .as_ref())
    }

    /// The credential for a cluster's administration pages and Control Center; the `axl` one by default.
    pub fn admin_account<'a>(&'a self, cluster: &'a Cluster) -> Option<&'a CredentialName> {
        let roles = &cluster.credentials;
        (roles.admin.as_ref()).or(self.defaults.credentials.admin.as_ref()).or_else(|| self.axl_account(cluster))
    }
}

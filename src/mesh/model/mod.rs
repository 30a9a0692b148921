//! The mesh file's model: every key of it, as the file says it. Nothing is resolved or defaulted across
//! levels here; [`super::topology`] and the accessors below do that.
//!
//! The documentation of a field is what an editor shows when the pointer rests on its key: it comes from here into
//! `schemas/mesh.v1.json`. No key takes a null: a key that has no value is left out.

mod access;
mod cluster;
mod policy;
mod read;
mod shape;

use std::collections::BTreeMap;

pub use access::{Credential, PasswordSource, Roles, Tls, UnifiedCm};
pub use cluster::{Cluster, Node, Pages, ParameterValue, Parameters, Platform, State};
pub use policy::{Acceptance, AfterDelete, Batch, Day, HighAvailability, Policy, UnmanagedPeers, Window, XcpRestart};
use read::given;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
pub use shape::{LinkEntry, Shape, Topology, Transport};

use super::names::{ClusterName, CredentialName};

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

/// A mesh of Cisco IM and Presence Service clusters, the way it should be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "intermesh mesh file")]
pub struct Mesh {
    /// The version of this file format: `intermesh/v1`.
    #[serde(rename = "apiVersion")]
    pub api_version: ApiVersion,
    /// What the file describes: `Mesh`.
    pub kind: Kind,
    /// What the mesh is called.
    pub metadata: Metadata,
    /// The presence domain of all clusters that do not name their own, such as `example.com`. Clusters of different
    /// domains cannot be linked: the product refuses the peer.
    pub domain: String,
    /// DNS servers that intermesh asks; the system's resolver when not given.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub dns: Option<Dns>,
    /// An HTTP CONNECT proxy for HTTPS and SSH, such as `http://jump.example.com:3128`. Proxies of the environment are
    /// ignored, so that a plan means the same on every machine.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
    /// Accounts by a name of your choice, each with a reference to its password. A literal password is an error.
    #[serde(default)]
    pub credentials: BTreeMap<CredentialName, Credential>,
    /// Unified CM clusters by a name of your choice. Needed to switch High Availability off around restarts, and used
    /// for service parameters where their AXL has them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unified_cms: BTreeMap<String, UnifiedCm>,
    /// What holds for every cluster and link that does not say otherwise.
    #[serde(default)]
    pub defaults: Defaults,
    /// The clusters: up to 30, the vendor's limit.
    pub clusters: Vec<Cluster>,
    /// Which clusters are linked. A full mesh when not given.
    #[serde(default)]
    pub topology: Topology,
    /// Service parameters of every cluster: by service, then by the label on System > Service Parameters.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: Parameters,
    /// What a plan may do, how fast, and when.
    #[serde(default)]
    pub policy: Policy,
    /// Findings and drift that are known, each with who accepts it, why and until when.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accept: Vec<Acceptance>,
}

/// What the mesh is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Metadata {
    /// The mesh's name; it stands in reports, and in the store it tells the runs of one mesh from those of another.
    pub name: String,
}

/// DNS servers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dns {
    /// IP addresses of DNS servers, asked in this order.
    #[serde(default)]
    pub servers: Vec<String>,
}

/// What holds for every cluster and link that does not say otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Defaults {
    /// How peers speak SIP with each other: the `Protocol` of the peer's page. The vendor recommends `tcp`; with `tls`
    /// the clusters exchange certificates, and a link is up only when its certificate status is good.
    #[serde(default)]
    pub transport: Transport,
    /// The release that clusters are expected to run, such as `"14"` or `"12.5(1)SU4"`, in quotes. It is checked
    /// against what each cluster says.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
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

impl Mesh {
    /// The cluster of that name.
    pub fn cluster(&self, name: &ClusterName) -> Option<&Cluster> {
        self.clusters.iter().find(|c| c.name == *name)
    }

    /// The presence domain of a cluster.
    pub fn domain_of<'a>(&'a self, cluster: &'a Cluster) -> &'a str {
        cluster.domain.as_deref().unwrap_or(&self.domain)
    }

    /// The release that a cluster is expected to run, where the file says one.
    pub fn release_of<'a>(&'a self, cluster: &'a Cluster) -> Option<&'a str> {
        cluster.release.as_deref().or(self.defaults.release.as_deref())
    }

    /// The credential with which intermesh logs in to a cluster's AXL.
    pub fn axl_account<'a>(&'a self, cluster: &'a Cluster) -> Option<&'a CredentialName> {
        cluster.credentials.axl.as_ref().or(self.defaults.credentials.axl.as_ref())
    }

    /// The credential that other clusters store in their entry for this one; the `axl` one by default.
    pub fn peer_account<'a>(&'a self, cluster: &'a Cluster) -> Option<&'a CredentialName> {
        let (own, defaults) = (&cluster.credentials, &self.defaults.credentials);
        [&own.peer, &own.axl, &defaults.peer, &defaults.axl].into_iter().find_map(Option::as_ref)
    }

    /// The credential for a cluster's administration pages and Control Center; the `axl` one by default.
    pub fn admin_account<'a>(&'a self, cluster: &'a Cluster) -> Option<&'a CredentialName> {
        let own = cluster.credentials.admin.as_ref();
        own.or(self.defaults.credentials.admin.as_ref()).or_else(|| self.axl_account(cluster))
    }

    /// The credential for a cluster's platform CLI over SSH, where there is one.
    pub fn cli_account<'a>(&'a self, cluster: &'a Cluster) -> Option<&'a CredentialName> {
        cluster.credentials.cli.as_ref().or(self.defaults.credentials.cli.as_ref())
    }
}

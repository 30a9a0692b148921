//! What was read of a whole mesh at one time. A fact that could not be read is unread, never absent.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::Error;
use super::examination::{NodeLookup, Way};
use super::facts::{Group, Identity, ImAddressScheme, Node, Notification, Peer, Service, SyncStatus, TopologyFacts};
use super::parameter::{Labelled, Parameter};
use super::reach::{Certificate, NameLookup};
use super::status::{Check, PeerStatus, same_label};
use crate::mesh::{ClusterName, NodeName};

/// A fact that was read, or why it was not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Fact<T> {
    /// It was read.
    Read(T),
    /// It was not read: nothing is known of it.
    Unread(Unread),
}

/// Why a fact was not read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Unread {
    /// It was not asked for.
    NotAsked,
    /// It was asked for, and this came back.
    Failed(Error),
}

impl<T> Default for Fact<T> {
    fn default() -> Self {
        Fact::Unread(Unread::NotAsked)
    }
}

impl<T> Fact<T> {
    /// The fact, if it was read.
    pub fn read(&self) -> Option<&T> {
        match self {
            Fact::Read(fact) => Some(fact),
            Fact::Unread(_) => None,
        }
    }

    /// The error of a failed read.
    pub fn failure(&self) -> Option<&Error> {
        match self {
            Fact::Unread(Unread::Failed(error)) => Some(error),
            _ => None,
        }
    }
}

impl<T> From<super::Result<T>> for Fact<T> {
    fn from(result: super::Result<T>) -> Self {
        match result {
            Ok(fact) => Fact::Read(fact),
            Err(error) => Fact::Unread(Unread::Failed(error)),
        }
    }
}

/// How much of a mesh is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Depth {
    /// Nodes, services, peers and what the cluster says of them: status panels, notifications, High Availability. No
    /// certificates, DNS, parameters, troubleshooter or provisioning.
    Quick,
    /// Everything.
    #[default]
    Full,
}

/// What was read of a mesh.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Snapshot {
    /// `Snapshot`
    pub kind: SnapshotKind,
    /// The version of this format.
    pub format: u32,
    /// The mesh's name.
    pub mesh: String,
    /// When reading began.
    pub taken_at: Timestamp,
    /// What was read of each cluster. Clusters with `state: gone` are not in it.
    pub clusters: BTreeMap<ClusterName, ClusterSnapshot>,
}

/// What a file holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub enum SnapshotKind {
    /// A snapshot.
    #[default]
    Snapshot,
}

impl Snapshot {
    /// The format that this version writes.
    pub const FORMAT: u32 = 1;

    /// What was read of a mesh.
    pub fn new(mesh: &str, taken_at: Timestamp, clusters: BTreeMap<ClusterName, ClusterSnapshot>) -> Snapshot {
        let kind = SnapshotKind::Snapshot;
        Snapshot { kind, format: Snapshot::FORMAT, mesh: mesh.to_owned(), taken_at, clusters }
    }
}

/// What was read of one cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ClusterSnapshot {
    /// Version and names.
    pub identity: Fact<Identity>,
    /// The nodes.
    pub nodes: Fact<Vec<Node>>,
    /// The services of each node that is known.
    pub services: BTreeMap<NodeName, Fact<Vec<Service>>>,
    /// The Sync Agent's state.
    pub sync_status: Fact<SyncStatus>,
    /// The intercluster peers.
    pub peers: Fact<Vec<Peer>>,
    /// The status panel of each peer that is known.
    pub peer_status: BTreeMap<NodeName, Fact<PeerStatus>>,
    /// The active notifications.
    pub notifications: Fact<Vec<Notification>>,
    /// Assigned and unassigned users and nodes.
    pub topology: Fact<TopologyFacts>,
    /// The System Troubleshooter.
    pub troubleshooter: Fact<Vec<Check>>,
    /// The parameters that the mesh names, by node and service.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<NodeName, BTreeMap<String, Fact<Vec<Parameter>>>>,
    /// The users homed on the cluster.
    pub users: Fact<u64>,
    /// The redundancy groups.
    pub high_availability: Fact<Vec<Group>>,
    /// What AXL answered to ICSA's probe with the account that the other clusters store for this one.
    pub probe: Fact<()>,
    /// The certificate of each node that is known.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub certificates: BTreeMap<NodeName, Fact<Certificate>>,
    /// How the names of the certificates and of the nodes resolve, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lookups: BTreeMap<String, Fact<NameLookup>>,
    /// The scheme of IM addresses.
    #[serde(default)]
    pub im_address_scheme: Fact<ImAddressScheme>,
    /// Whether its nodes reach the ports of the clusters that it is yet to be linked with; empty without a `cli` account.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ways: Vec<Way>,
    /// How its nodes resolve the names of these clusters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub node_lookups: Vec<NodeLookup>,
}

impl ClusterSnapshot {
    /// A cluster of which nothing was read.
    pub fn unread(why: &Unread) -> ClusterSnapshot {
        fn no<T>(why: &Unread) -> Fact<T> {
            Fact::Unread(why.clone())
        }
        ClusterSnapshot {
            identity: no(why),
            nodes: no(why),
            services: BTreeMap::new(),
            sync_status: no(why),
            peers: no(why),
            peer_status: BTreeMap::new(),
            notifications: no(why),
            topology: no(why),
            troubleshooter: no(why),
            parameters: BTreeMap::new(),
            users: no(why),
            high_availability: no(why),
            probe: no(why),
            certificates: BTreeMap::new(),
            lookups: BTreeMap::new(),
            im_address_scheme: no(why),
            ways: Vec::new(),
            node_lookups: Vec::new(),
        }
    }
}

impl Snapshot {
    /// Why facts could not be read, each reason once per place.
    pub fn unread(&self) -> Vec<(&ClusterName, &Error)> {
        let mut found: Vec<(&ClusterName, &Error)> = Vec::new();
        for (name, cluster) in &self.clusters {
            for error in cluster.failures() {
                if !found.iter().any(|(n, e)| *n == name && e.kind == error.kind && e.place == error.place) {
                    found.push((name, error));
                }
            }
        }
        found
    }
}

impl ClusterSnapshot {
    /// The nodes by the best source that could be read: AXL, else the Presence Topology page, else those `given` in
    /// the mesh file. The publisher is always among them.
    pub fn known_nodes(&self, publisher: &NodeName, given: &[NodeName]) -> Vec<NodeName> {
        let by_axl = self.nodes.read().map(|nodes| nodes.iter().map(|n| n.name.clone()).collect::<Vec<_>>());
        let by_page = || self.topology.read().map(|topology| topology.nodes.clone());
        let mut nodes = by_axl.or_else(by_page).unwrap_or_else(|| given.to_vec());
        if !nodes.iter().any(|n| n.same(publisher)) {
            nodes.insert(0, publisher.clone());
        }
        nodes
    }

    /// A service parameter of a node by its label, where it was read, is there and no other has the label.
    pub fn parameter(&self, node: &NodeName, service: &str, label: &str) -> Option<&Parameter> {
        self.labelled(node, service, label)?.one()
    }

    /// What a label means among the parameters of a service of a node; none where they were not read.
    pub fn labelled(&self, node: &NodeName, service: &str, label: &str) -> Option<Labelled<'_>> {
        Some(Parameter::find(self.parameters_of(node, service)?, label))
    }

    fn parameters_of(&self, node: &NodeName, service: &str) -> Option<&Vec<Parameter>> {
        let services = self.parameters.iter().find(|(name, _)| name.same(node)).map(|(_, services)| services)?;
        services.iter().find(|(name, _)| same_label(name, service)).and_then(|(_, read)| read.read())
    }

    /// Why facts could not be read.
    pub fn failures(&self) -> Vec<&Error> {
        // destructured without `..`, so that a new fact does not compile until it is looked at
        let ClusterSnapshot {
            identity,
            nodes,
            services,
            sync_status,
            peers,
            peer_status,
            notifications,
            topology,
            troubleshooter,
            parameters,
            users,
            high_availability,
            probe,
            certificates,
            lookups,
            // where it is shown is not published, so not finding it is no failure
            im_address_scheme: _,
            // nothing of the cluster is less known for it; a plan says which it misses
            ways: _,
            node_lookups: _,
        } = self;
        let mut failures = vec![
            identity.failure(),
            nodes.failure(),
            sync_status.failure(),
            peers.failure(),
            notifications.failure(),
            topology.failure(),
            troubleshooter.failure(),
            users.failure(),
            high_availability.failure(),
            probe.failure(),
        ];
        failures.extend(services.values().map(Fact::failure));
        failures.extend(peer_status.values().map(Fact::failure));
        failures.extend(certificates.values().map(Fact::failure));
        failures.extend(lookups.values().map(Fact::failure));
        failures.extend(parameters.values().flat_map(BTreeMap::values).map(Fact::failure));
        failures.into_iter().flatten().collect()
    }
}

//! A world as plain data, to be shown and compared. No password is in it.

use serde::{Deserialize, Serialize};

use super::world::{Effect, World, Write};
use crate::cluster::{ClusterName, NodeName, Notification, PeerStatus, Protocol, Service};

/// All clusters of a lab.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabState {
    /// The product's time since the start, in seconds.
    pub product_seconds: u64,
    /// The clusters, in the spec's order.
    pub clusters: Vec<ClusterState>,
    /// Every order that the product took, oldest first.
    pub writes: Vec<WriteState>,
}

/// An order that the product took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WriteState {
    /// The product's time since the start, in seconds.
    pub at_seconds: u64,
    /// The cluster.
    pub cluster: ClusterName,
    /// The node, where one was ordered.
    pub node: Option<NodeName>,
    /// What was ordered.
    pub what: String,
}

/// A cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterState {
    /// Its name.
    pub name: ClusterName,
    /// Its full version.
    pub version: String,
    /// The presence domain.
    pub domain: String,
    /// `Sync Status` of the dashboard.
    pub sync_status: String,
    /// The users homed on it.
    pub users: u64,
    /// Its nodes, the publisher first.
    pub nodes: Vec<NodeState>,
    /// Its peers.
    pub peers: Vec<PeerState>,
    /// Its active notifications.
    pub notifications: Vec<Notification>,
}

/// A node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeState {
    /// Its name.
    pub name: NodeName,
    /// Whether it is the database publisher.
    pub publisher: bool,
    /// Its redundancy group.
    pub group: Option<String>,
    /// The High Availability state.
    pub state: String,
    /// Users assigned to it.
    pub assigned_users: u64,
    /// Users active on it.
    pub active_users: u64,
    /// Its services.
    pub services: Vec<Service>,
}

/// A peer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerState {
    /// `Peer Address`.
    pub address: NodeName,
    /// `AXL Username`.
    pub username: String,
    /// `Protocol`.
    pub protocol: Protocol,
    /// `Associated Users`.
    pub associated_users: u64,
    /// The status panel.
    pub status: Option<PeerStatus>,
}

impl LabState {
    /// What a world shows now.
    pub fn of(world: &World) -> LabState {
        LabState {
            product_seconds: world.now().as_secs(),
            clusters: world.clusters().map(|name| cluster(world, name)).collect(),
            writes: world.writes().iter().map(write).collect(),
        }
    }
}

fn write(write: &Write) -> WriteState {
    let what = match &write.effect {
        Effect::AddPeer { address } => format!("add peer {address}"),
        Effect::UpdatePeer { address } => format!("update peer {address}"),
        Effect::DeletePeer { address } => format!("delete peer {address}"),
        Effect::ForceSync { address, resync_certificates: false } => format!("force sync with {address}"),
        Effect::ForceSync { address, resync_certificates: true } => {
            format!("force sync with {address}, resync certificates")
        }
        Effect::Activate(service) => format!("activate {service}"),
        Effect::Deactivate(service) => format!("deactivate {service}"),
        Effect::Start(service) => format!("start {service}"),
        Effect::Stop(service) => format!("stop {service}"),
        Effect::Restart(service) => format!("restart {service}"),
        Effect::SetParameter { service, label, value } => format!("set {service}: {label} = {value}"),
        Effect::SetHighAvailability { group, enabled } => {
            format!("high availability of {group} {}", if *enabled { "on" } else { "off" })
        }
    };
    WriteState { at_seconds: write.at.as_secs(), cluster: write.cluster.clone(), node: write.node.clone(), what }
}

fn cluster(world: &World, name: &ClusterName) -> ClusterState {
    let nodes = world.nodes(name).into_iter().map(|node| NodeState {
        services: world
            .services(name, &node.name)
            .into_iter()
            .map(|s| Service {
                name: s.name.to_owned(),
                state: s.state,
                reason: (!s.reason.is_empty()).then(|| s.reason.to_owned()),
                up_seconds: s.up.map(|up| up.as_secs()),
            })
            .collect(),
        name: node.name,
        publisher: node.publisher,
        group: node.group,
        state: node.state.to_owned(),
        assigned_users: node.assigned_users,
        active_users: node.active_users,
    });
    let peers = world.peers(name).into_iter().map(|peer| PeerState {
        status: world.peer_status(name, &peer.address),
        address: peer.address,
        username: peer.username,
        protocol: peer.protocol,
        associated_users: peer.associated_users,
    });
    let notifications = world.notifications(name).into_iter().map(|n| Notification {
        severity: n.severity.to_owned(),
        text: n.text,
        node: n.node,
    });
    ClusterState {
        name: name.clone(),
        version: world.version(name).unwrap_or_default().to_owned(),
        domain: world.domain(name).unwrap_or_default().to_owned(),
        sync_status: world.sync_status(name),
        users: world.users(name),
        nodes: nodes.collect(),
        peers: peers.collect(),
        notifications: notifications.collect(),
    }
}

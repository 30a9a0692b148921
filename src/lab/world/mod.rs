//! The product, simulated: a pure, deterministic model of a deployment of IM and Presence clusters.
//!
//! A [`World`] holds all clusters of a lab. It has no I/O and no clock of its own: whoever holds it moves the
//! product's time with [`World::advance`] before asking. The same spec with the same calls at the same times gives
//! the same states. What public material leaves open is decided by the spec's seed (`quirks`), so that no client
//! can lean on a guess; `lab::behaviours` lists every behaviour with its mark.

mod views;

use std::time::Duration;

use jiff::Timestamp;

use super::spec::LabSpec;
use crate::cluster::{Check, ClusterName, Group, NewPeer, NodeName, PeerEdit, PeerStatus, TopologyFacts};
pub use views::{
    Entry, NodeView, NotificationView, ParameterView, PeerView, Refusal, Rights, ServiceKind, ServiceView,
};

/// A simulated deployment at one instant of the product's time.
#[derive(Debug)]
pub struct World {
    spec: LabSpec,
    now: Duration,
}

/// Time, and who is there.
impl World {
    /// A deployment in its first state, at product time zero.
    pub fn new(spec: LabSpec) -> World {
        World { spec, now: Duration::ZERO }
    }

    /// Puts everything back to the first state, at product time zero.
    pub fn reset(&mut self) {
        *self = World::new(self.spec.clone());
    }

    /// Moves the product's time to `to`, counted from the start; an earlier time changes nothing.
    pub fn advance(&mut self, to: Duration) {
        self.now = self.now.max(to);
    }

    /// The product's time since the start.
    pub fn now(&self) -> Duration {
        self.now
    }

    /// The product's time of day.
    pub fn time_of_day(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    /// What the lab was made of.
    pub fn spec(&self) -> &LabSpec {
        &self.spec
    }

    /// The names of the clusters, in the spec's order.
    pub fn clusters(&self) -> impl Iterator<Item = &ClusterName> {
        self.spec.clusters.iter().map(|c| &c.name)
    }

    /// The cluster and the node that a name means, letter case and a trailing dot aside.
    pub fn find_node(&self, name: &NodeName) -> Option<(&ClusterName, &NodeName)> {
        let _ = name;
        None
    }

    /// What an account may do on a cluster; none when the user name or the password is wrong.
    pub fn check_account(&self, cluster: &ClusterName, username: &str, password: &str) -> Option<Rights> {
        let _ = (cluster, username, password);
        None
    }
}

/// What the product shows. A cluster or a node that does not exist shows nothing.
impl World {
    /// The full version, such as `14.0.1.12900-6`.
    pub fn version(&self, cluster: &ClusterName) -> Option<&str> {
        let _ = cluster;
        None
    }

    /// The presence domain.
    pub fn domain(&self, cluster: &ClusterName) -> Option<&str> {
        let _ = cluster;
        None
    }

    /// The Unified CM server names, their publisher first.
    pub fn unified_cms(&self, cluster: &ClusterName) -> &[String] {
        let _ = cluster;
        &[]
    }

    /// The nodes, the database publisher first.
    pub fn nodes(&self, cluster: &ClusterName) -> Vec<NodeView> {
        let _ = cluster;
        Vec::new()
    }

    /// The services of a node.
    pub fn services(&self, cluster: &ClusterName, node: &NodeName) -> Vec<ServiceView> {
        let _ = (cluster, node);
        Vec::new()
    }

    /// Whether AXL answers on a node: `Cisco AXL Web Service` is started there.
    pub fn axl_answers(&self, cluster: &ClusterName, node: &NodeName) -> bool {
        let _ = (cluster, node);
        false
    }

    /// The HTTP status of `/axl/` while AXL is down on the node (unknown, varies by seed).
    pub fn axl_down_status(&self) -> u16 {
        503
    }

    /// `Sync Status` on the dashboard, such as `Completed 2020-05-10 17:18:03` (field-notes 1.6).
    pub fn sync_status(&self, cluster: &ClusterName) -> String {
        let _ = cluster;
        String::new()
    }

    /// Assigned and unassigned nodes and users.
    pub fn topology(&self, cluster: &ClusterName) -> TopologyFacts {
        let _ = cluster;
        TopologyFacts { nodes: Vec::new(), unassigned_nodes: 0, assigned_users: 0, unassigned_users: 0 }
    }

    /// The users homed on the cluster.
    pub fn users(&self, cluster: &ClusterName) -> u64 {
        let _ = cluster;
        0
    }

    /// The rows of Presence > Inter-Clustering.
    pub fn peers(&self, cluster: &ClusterName) -> Vec<PeerView> {
        let _ = cluster;
        Vec::new()
    }

    /// The `Inter-cluster Peer Status` panel of a peer; none when there is no such peer.
    pub fn peer_status(&self, cluster: &ClusterName, address: &NodeName) -> Option<PeerStatus> {
        let _ = (cluster, address);
        None
    }

    /// The active notifications of a cluster, oldest first.
    pub fn notifications(&self, cluster: &ClusterName) -> Vec<NotificationView> {
        let _ = cluster;
        Vec::new()
    }

    /// The rows of the System Troubleshooter, in the order of their sections.
    pub fn troubleshooter(&self, cluster: &ClusterName) -> Vec<Check> {
        let _ = cluster;
        Vec::new()
    }

    /// The services that have parameters on the page, in its order.
    pub fn services_with_parameters(&self, cluster: &ClusterName) -> Vec<&'static str> {
        let _ = cluster;
        Vec::new()
    }

    /// The parameters of a service on a node.
    pub fn parameters(&self, cluster: &ClusterName, node: &NodeName, service: &str) -> Vec<ParameterView> {
        let _ = (cluster, node, service);
        Vec::new()
    }

    /// The presence redundancy groups with their High Availability.
    pub fn groups(&self, cluster: &ClusterName) -> Vec<Group> {
        let _ = cluster;
        Vec::new()
    }
}

/// What can be done by hand. Each order takes effect over the product's time, and fails with the product's words.
impl World {
    /// Adds a peer: `Add New` and `Save` on Presence > Inter-Clustering.
    pub fn add_peer(&mut self, cluster: &ClusterName, peer: &NewPeer) -> Result<(), Refusal> {
        let _ = (cluster, peer);
        Ok(())
    }

    /// Changes a peer's account or protocol: `Save` on the peer's page.
    pub fn update_peer(&mut self, cluster: &ClusterName, address: &NodeName, edit: &PeerEdit) -> Result<(), Refusal> {
        let _ = (cluster, address, edit);
        Ok(())
    }

    /// Deletes a peer.
    pub fn delete_peer(&mut self, cluster: &ClusterName, address: &NodeName) -> Result<(), Refusal> {
        let _ = (cluster, address);
        Ok(())
    }

    /// `Force Manual Sync`, on wish with `Also resync peer's Tomcat certificates`.
    pub fn force_sync(
        &mut self,
        cluster: &ClusterName,
        address: &NodeName,
        resync_certificates: bool,
    ) -> Result<(), Refusal> {
        let _ = (cluster, address, resync_certificates);
        Ok(())
    }

    /// Activates a feature service; it starts on its own.
    pub fn activate(&mut self, cluster: &ClusterName, node: &NodeName, service: &str) -> Result<(), Refusal> {
        let _ = (cluster, node, service);
        Ok(())
    }

    /// Deactivates a feature service.
    pub fn deactivate(&mut self, cluster: &ClusterName, node: &NodeName, service: &str) -> Result<(), Refusal> {
        let _ = (cluster, node, service);
        Ok(())
    }

    /// Starts a service.
    pub fn start(&mut self, cluster: &ClusterName, node: &NodeName, service: &str) -> Result<(), Refusal> {
        let _ = (cluster, node, service);
        Ok(())
    }

    /// Stops a service. What depends on it goes down with it and stays down.
    pub fn stop(&mut self, cluster: &ClusterName, node: &NodeName, service: &str) -> Result<(), Refusal> {
        let _ = (cluster, node, service);
        Ok(())
    }

    /// Restarts a service. What depends on it comes back with it.
    pub fn restart(&mut self, cluster: &ClusterName, node: &NodeName, service: &str) -> Result<(), Refusal> {
        let _ = (cluster, node, service);
        Ok(())
    }

    /// Sets a service parameter by its label.
    pub fn set_parameter(
        &mut self,
        cluster: &ClusterName,
        node: &NodeName,
        service: &str,
        label: &str,
        value: &str,
    ) -> Result<(), Refusal> {
        let _ = (cluster, node, service, label, value);
        Ok(())
    }

    /// Switches High Availability of a presence redundancy group.
    pub fn set_high_availability(&mut self, cluster: &ClusterName, group: &str, enabled: bool) -> Result<(), Refusal> {
        let _ = (cluster, group, enabled);
        Ok(())
    }

    /// Deletes a notification by its number, as an administrator may (field-notes 1.8).
    pub fn dismiss(&mut self, cluster: &ClusterName, id: u64) -> Result<(), Refusal> {
        let _ = (cluster, id);
        Ok(())
    }

    /// Makes new tomcat certificates on a cluster: what its peers hold of them is out of date (field-notes 6).
    pub fn regenerate_certificates(&mut self, cluster: &ClusterName) -> Result<(), Refusal> {
        let _ = cluster;
        Ok(())
    }
}

//! Notifications (field-notes 1.8): the XCP Config Manager asks for router restarts and takes note of them.

use std::time::Duration;

use super::World;
use super::agenda::{Event, Site};
use super::catalogue::CONFIG_MANAGER;
use super::views::{NotificationView, Refusal};
use crate::cluster::ClusterName;

/// An active notification of a cluster.
#[derive(Debug)]
pub(super) struct Notice {
    pub(super) id: u64,
    pub(super) raised: Duration,
    pub(super) about: About,
}

/// What a notification is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// The XCP Router of the node of that place has to be restarted.
    Router(usize),
    /// Database replication is not complete; nothing to do with peers.
    Replication(usize),
}

impl World {
    /// The active notifications of a cluster, oldest first.
    pub fn notifications(&self, cluster: &ClusterName) -> Vec<NotificationView> {
        let Some((_, cluster)) = self.cluster(cluster) else { return Vec::new() };
        let view = |notice: &Notice| {
            let (node, severity, wording) = match notice.about {
                About::Router(node) => (node, "Warning", self.quirks.restart_wording),
                About::Replication(node) => (
                    node,
                    "Information",
                    "Database replication and the Cisco Sync Agent user sync are not complete on {node}.",
                ),
            };
            let node = &cluster.nodes[node].name;
            let own_column = self.quirks.node_column;
            let in_text = if own_column { "this node" } else { node.as_str() };
            NotificationView {
                id: notice.id,
                severity,
                text: wording.replace("{node}", in_text),
                node: own_column.then(|| node.clone()),
                raised: notice.raised,
            }
        };
        cluster.notices.iter().map(view).collect()
    }

    /// Deletes a notification by its number, as an administrator may (field-notes 1.8).
    ///
    /// # Errors
    /// There is no such notification.
    pub fn dismiss(&mut self, cluster: &ClusterName, id: u64) -> Result<(), Refusal> {
        let (at, _) = self.cluster(cluster).ok_or_else(|| Refusal::page("No such cluster."))?;
        let notices = &mut self.clusters[at].notices;
        let before = notices.len();
        notices.retain(|n| n.id != id);
        if notices.len() == before { Err(Refusal::page("No such notification.")) } else { Ok(()) }
    }

    /// The configuration of a cluster's peers has changed: its nodes, or its publisher only, will ask for a restart
    /// of their router.
    pub(super) fn peers_changed(&mut self, cluster: usize, all_nodes: bool) {
        let nodes = self.clusters[cluster].nodes.len().min(if all_nodes { usize::MAX } else { 1 });
        for node in 0..nodes {
            let site = Site { cluster, node };
            let name = self.clusters[cluster].nodes[node].name.as_str();
            let delay = self.chance.between(5, 30, &[name, "notification"]);
            self.agenda.enter(self.now + Duration::from_secs(delay), Event::RestartNeeded { site });
        }
    }

    pub(super) fn restart_needed(&mut self, site: Site) {
        if !self.clusters[site.cluster].nodes[site.node].runs(CONFIG_MANAGER) {
            // It finds the change when it is started again.
            self.agenda.enter(self.now + Duration::from_secs(30), Event::RestartNeeded { site });
            return;
        }
        self.raise(site.cluster, About::Router(site.node));
    }

    pub(super) fn raise(&mut self, cluster: usize, about: About) {
        self.last_id += 1;
        let (id, raised) = (self.last_id, self.now);
        let notices = &mut self.clusters[cluster].notices;
        match notices.iter_mut().find(|n| n.about == about) {
            // One per node; a later change keeps it until a later restart.
            Some(notice) => notice.raised = raised,
            None => notices.push(Notice { id, raised, about }),
        }
    }

    pub(super) fn router_going_down(&mut self, site: Site) {
        self.clusters[site.cluster].nodes[site.node].router_down = self.now;
    }

    /// The router has come up: the Config Manager will take note of it.
    pub(super) fn router_restarted(&mut self, site: Site) {
        let node = &self.clusters[site.cluster].nodes[site.node];
        let delay = self.chance.between(3, 20, &[node.name.as_str(), "note restart"]);
        let event = Event::RestartNoted { site, down: node.router_down };
        self.agenda.enter(self.now + Duration::from_secs(delay), event);
    }

    /// Clears what was asked before the router went down; what came later needs another restart.
    pub(super) fn restart_noted(&mut self, site: Site, down: Duration) {
        let cluster = &mut self.clusters[site.cluster];
        if cluster.nodes[site.node].runs(CONFIG_MANAGER) {
            cluster.notices.retain(|n| n.about != About::Router(site.node) || n.raised > down);
        }
    }

    /// The Config Manager has come up and sees restarts that it missed.
    pub(super) fn config_manager_up(&mut self, site: Site) {
        let node = &self.clusters[site.cluster].nodes[site.node];
        if node.router_up.is_some_and(|up| up > node.router_down) {
            self.router_restarted(site);
        }
    }
}

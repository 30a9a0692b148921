//! System > Presence Topology and the dashboard (field-notes 1.6): who a cluster is, and what it is made of.

use super::World;
use super::agenda::Site;
use super::cluster::{Copied, Node};
use super::views::{NodeView, SchemeView};
use crate::cluster::{ClusterName, TopologyFacts, service};
use crate::lab::spec::CertificateKind;

/// The scheme that every cluster of a lab has; it is the one that all releases know (field-notes 1.9).
const DEFAULT_SCHEME: &str = "UserID@Default_Domain";

/// What the product shows of a cluster. One that does not exist shows nothing.
impl World {
    /// The full version, such as `14.0.1.12900-6`.
    pub fn version(&self, cluster: &ClusterName) -> Option<&str> {
        self.cluster(cluster).map(|(_, c)| c.spec.version.as_str())
    }

    /// What kind of certificates the servers show.
    pub fn certificate_kind(&self, cluster: &ClusterName) -> CertificateKind {
        self.cluster(cluster).map_or_else(CertificateKind::default, |(_, c)| c.spec.certificate)
    }

    /// The presence domain.
    pub fn domain(&self, cluster: &ClusterName) -> Option<&str> {
        self.cluster(cluster).map(|(_, c)| c.spec.domain.as_str())
    }

    /// The Unified CM server names, their publisher first.
    pub fn unified_cms(&self, cluster: &ClusterName) -> &[String] {
        self.cluster(cluster).map_or(&[], |(_, c)| &c.spec.unified_cms)
    }

    /// The nodes, the database publisher first.
    pub fn nodes(&self, cluster: &ClusterName) -> Vec<NodeView> {
        let Some((at, cluster)) = self.cluster(cluster) else { return Vec::new() };
        let view = |(place, node): (usize, &Node)| {
            let (state, reason) = node.ha.words(self.quirks.state_without_ha);
            NodeView {
                name: node.name.clone(),
                key: node.key.clone(),
                address: node.address,
                publisher: place == 0,
                group: node.group.map(|g| cluster.groups[g].name.clone()),
                assigned_users: if node.group.is_some() { node.users } else { 0 },
                active_users: self.active_users(Site { cluster: at, node: place }),
                state,
                reason,
            }
        };
        cluster.nodes.iter().enumerate().map(view).collect()
    }

    /// The HTTP status of `/axl/` while AXL is down on the node (unknown, varies by seed).
    pub fn axl_down_status(&self) -> u16 {
        self.quirks.axl_down_status
    }

    /// `Sync Status` on the dashboard, such as `Completed 2020-05-10 17:18:03` (field-notes 1.6).
    pub fn sync_status(&self, cluster: &ClusterName) -> String {
        let Some((_, cluster)) = self.cluster(cluster) else { return String::new() };
        let at = match cluster.users_copied {
            _ if !cluster.publisher_runs(service::SYNC_AGENT) => return self.quirks.sync_stopped.to_owned(),
            None => return self.quirks.sync_running.to_owned(),
            Some(Copied::Before(before)) => self.time_before(before),
            Some(Copied::At(at)) => self.time_at(at),
        };
        at.strftime("Completed %Y-%m-%d %H:%M:%S").to_string()
    }

    /// Assigned and unassigned nodes and users.
    pub fn topology(&self, cluster: &ClusterName) -> TopologyFacts {
        let nodes = self.cluster(cluster).map_or(&[][..], |(_, c)| &c.nodes);
        let users = |assigned: bool| nodes.iter().filter(|n| n.group.is_some() == assigned).map(|n| n.users).sum();
        TopologyFacts {
            nodes: nodes.iter().map(|n| n.name.clone()).collect(),
            unassigned_nodes: nodes.iter().filter(|n| n.group.is_none()).count() as u64,
            assigned_users: users(true),
            unassigned_users: users(false),
        }
    }

    /// Where the IM address scheme is to be seen, and how it is written (unknown, varies by seed).
    pub fn im_address_scheme(&self) -> SchemeView {
        let ways = [
            SchemeView::Parameter("IMAddressScheme", "0"),
            SchemeView::Parameter("ImAddressSchemeType", DEFAULT_SCHEME),
            SchemeView::Topology(DEFAULT_SCHEME),
            SchemeView::Nowhere,
        ];
        ways[self.decide("where the IM address scheme is", ways.len())]
    }

    /// The users homed on the cluster.
    pub fn users(&self, cluster: &ClusterName) -> u64 {
        self.cluster(cluster).map_or(0, |(_, c)| c.homed_users())
    }
}

//! What happens to a deployment that nobody ordered: for tests, and for the lab's verbs that disturb it.

use std::time::Duration;

use super::World;
use crate::cluster::{ClusterName, NodeName};

/// Disturbances. A cluster or a node that does not exist is not disturbed.
impl World {
    /// Whether the nodes of a cluster can resolve a host name.
    pub fn resolves(&self, cluster: &ClusterName, name: &str) -> bool {
        self.cluster(cluster).is_none_or(|(_, c)| !c.unresolved.iter().any(|u| u.eq_ignore_ascii_case(name)))
    }

    /// Breaks or mends a host name for the nodes of a cluster: ICSA does not connect to a peer with such a name in
    /// its tomcat certificate (field-notes 2.2).
    pub fn set_resolves(&mut self, cluster: &ClusterName, name: &str, resolves: bool) {
        if let Some((at, _)) = self.cluster(cluster) {
            let unresolved = &mut self.clusters[at].unresolved;
            unresolved.retain(|u| !u.eq_ignore_ascii_case(name));
            if !resolves {
                unresolved.push(name.to_owned());
            }
            self.look_for_losses();
        }
    }

    /// Whether the address of a host name leads back to it, as the nodes of a cluster ask.
    pub fn leads_back(&self, cluster: &ClusterName, name: &str) -> bool {
        self.cluster(cluster).is_none_or(|(_, c)| !c.one_way.iter().any(|n| n.eq_ignore_ascii_case(name)))
    }

    /// Breaks or mends the way back from a host name's address, for the nodes of a cluster: a record of the reverse
    /// zone is missing (field-notes 2.2).
    pub fn set_leads_back(&mut self, cluster: &ClusterName, name: &str, leads_back: bool) {
        if let Some((at, _)) = self.cluster(cluster) {
            let one_way = &mut self.clusters[at].one_way;
            one_way.retain(|n| !n.eq_ignore_ascii_case(name));
            if !leads_back {
                one_way.push(name.to_owned());
            }
            self.look_for_losses();
        }
    }

    /// Makes every sync take so many times as long: a slow line between countries.
    pub fn slow_syncs(&mut self, times: u64) {
        self.slowness = times.max(1);
    }

    /// Makes every first sync take this long, whatever the users: for what is compared with a bound. None gives each its own
    /// time again.
    pub fn equal_syncs(&mut self, lasts: Option<Duration>) {
        self.equal_syncs = lasts;
    }

    /// Says how High Availability of a group was set before the lab began.
    pub fn begin_with_high_availability(&mut self, cluster: &ClusterName, group: &str, enabled: bool) {
        let Some((at, found)) = self.cluster(cluster) else { return };
        if let Some(group) = found.groups.iter().position(|g| g.name == group) {
            self.clusters[at].first_ha(group, enabled);
        }
    }

    /// Changes the number of users homed on a node: the world moves while nobody looks.
    pub fn set_users(&mut self, cluster: &ClusterName, node: &NodeName, users: u64) {
        if let Some(site) = self.site(cluster, node) {
            self.clusters[site.cluster].nodes[site.node].users = users;
        }
    }
}

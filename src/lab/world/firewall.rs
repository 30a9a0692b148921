//! What lies between the clusters: a firewall that may block a port from one cluster to another (field-notes 2.3),
//! and what listens behind it.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use super::World;
use super::agenda::Site;
use super::catalogue::SIP_PROXY;
use super::views::Refusal;
use crate::cluster::{ClusterName, service};

/// The port that peers read each other through: AXL.
pub(super) const AXL_PORT: u16 = 8443;
const XMPP_PORT: u16 = 7400;
const SIP_PORT: u16 = 5060;
const SSH_PORT: u16 = 22;

/// Blocked ways: from a cluster, to a cluster, at a port. All others are open, so that a lab works at once.
#[derive(Clone, Debug, Default)]
pub(super) struct Firewall(BTreeSet<(usize, usize, u16)>);

/// What comes of a connection to a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Something listens and answers.
    Open(Ipv4Addr),
    /// The host is there, but nothing listens.
    Closed(Ipv4Addr),
    /// Nothing comes back: a firewall is in between, or nobody has the address.
    Silent,
    /// The name does not resolve.
    NoSuchName,
}

/// Ports between clusters.
impl World {
    /// Blocks a TCP port from the nodes of one cluster to those of another. The other direction stays as it is.
    ///
    /// # Errors
    /// There is no such cluster.
    pub fn block(&mut self, from: &ClusterName, to: &ClusterName, port: u16) -> Result<(), Refusal> {
        let way = (self.named(from)?, self.named(to)?, port);
        self.firewall.0.insert(way);
        self.look_for_losses();
        Ok(())
    }

    /// Opens a TCP port that was blocked.
    ///
    /// # Errors
    /// There is no such cluster.
    pub fn unblock(&mut self, from: &ClusterName, to: &ClusterName, port: u16) -> Result<(), Refusal> {
        let way = (self.named(from)?, self.named(to)?, port);
        self.firewall.0.remove(&way);
        Ok(())
    }

    /// What a node of a cluster meets at a port of a host, given by name or address.
    pub fn reach(&self, from: &ClusterName, host: &str, port: u16) -> Reach {
        let Some(address) = self.resolve(from, host) else { return Reach::NoSuchName };
        let Some((here, _)) = self.cluster(from) else { return Reach::Silent };
        let Some(there) = self.cluster_at(address) else { return Reach::Silent };
        if self.blocks(here, there, port) {
            return Reach::Silent;
        }
        if self.listens(address, port) { Reach::Open(address) } else { Reach::Closed(address) }
    }

    /// Whether a way is blocked.
    pub(super) fn blocks(&self, from: usize, to: usize, port: u16) -> bool {
        self.firewall.0.contains(&(from, to, port))
    }

    fn named(&self, cluster: &ClusterName) -> Result<usize, Refusal> {
        self.cluster(cluster).map(|(at, _)| at).ok_or_else(|| Refusal::unknown("cluster", cluster.as_str()))
    }

    /// The ports of field-notes 2.3. A web server always answers at 8443, whatever becomes of AXL behind it.
    fn listens(&self, address: Ipv4Addr, port: u16) -> bool {
        let runs = |service: &str| self.presence_at(address).is_some_and(|site| self.node_runs(site, service));
        match port {
            AXL_PORT | SSH_PORT => true,
            XMPP_PORT => runs(service::XCP_ROUTER),
            SIP_PORT => runs(SIP_PROXY),
            _ => false,
        }
    }

    fn presence_at(&self, address: Ipv4Addr) -> Option<Site> {
        let at = |cluster: usize| self.clusters[cluster].nodes.iter().position(|n| n.address == address);
        (0..self.clusters.len()).find_map(|cluster| Some(Site { cluster, node: at(cluster)? }))
    }

    fn node_runs(&self, site: Site, service: &str) -> bool {
        self.clusters[site.cluster].nodes[site.node].runs(service)
    }
}

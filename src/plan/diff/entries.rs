//! The entries of one cluster beside what the file asks of it, looked through once for all of its links.

use std::collections::{HashMap, HashSet};

use super::Compared;
use crate::cluster::Peer;
use crate::mesh::topology::Link;
use crate::mesh::{Cluster, ClusterName, NodeName};

/// The entries of a cluster, and the links that the file asks of it.
pub(in crate::plan) struct Entries<'a, 'p> {
    /// The cluster.
    pub(in crate::plan) cluster: &'a Cluster,
    /// Its links, and the cluster at their other end.
    pub(in crate::plan) wanted: Vec<(&'a Cluster, &'a Link)>,
    by_address: HashMap<String, &'p Peer>,
    /// Entries that are no cluster's publisher.
    pub(super) strangers: Vec<&'p Peer>,
    /// The clusters at the other end that have no entry by their own name.
    pub(super) missing: Vec<&'a Cluster>,
    missing_names: HashSet<&'a ClusterName>,
    wanted_addresses: HashSet<String>,
}

impl<'a, 'p> Entries<'a, 'p> {
    pub(in crate::plan) fn new(compared: &'a Compared<'_>, cluster: &'a Cluster, peers: &'p [Peer]) -> Self {
        let wanted = compared.wanted(&cluster.name);
        let mut by_address = HashMap::with_capacity(peers.len());
        for peer in peers {
            by_address.entry(peer.address.normal()).or_insert(peer);
        }
        let strangers = peers.iter().filter(|peer| !compared.publishers.contains(&peer.address.normal())).collect();
        let others = || wanted.iter().map(|(other, _)| *other);
        let has = |other: &&Cluster| by_address.contains_key(&other.publisher.normal());
        let missing: Vec<&Cluster> = others().filter(|other| !has(other)).collect();
        let missing_names = missing.iter().map(|other| &other.name).collect();
        let wanted_addresses = others().map(|other| other.publisher.normal()).collect();
        Entries { cluster, by_address, strangers, missing, missing_names, wanted_addresses, wanted }
    }

    /// The entry of that address.
    pub(in crate::plan) fn at(&self, address: &NodeName) -> Option<&'p Peer> {
        self.by_address.get(&address.normal()).copied()
    }

    /// Whether a link of the file asks for the entry.
    pub(in crate::plan) fn is_wanted(&self, peer: &Peer) -> bool {
        self.wanted_addresses.contains(&peer.address.normal())
    }

    pub(super) fn is_missing(&self, other: &Cluster) -> bool {
        self.missing_names.contains(&other.name)
    }
}

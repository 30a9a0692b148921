//! An entry that points to a cluster by another name than its database publisher's: a subscriber, a host name where
//! the file has an FQDN or the other way round, an address where it has a name. Such an entry is replaced: the product
//! does not take a second one for the same cluster.

use std::net::IpAddr;

use super::entries::Entries;
use super::{Compared, nodes_of};
use crate::cluster::{ClusterSnapshot, Peer};
use crate::mesh::{Cluster, NodeName, State};

/// Whether an entry stands for a cluster under another name.
pub(in crate::plan) enum Alias<'a> {
    /// None does.
    None,
    /// This one does, and how that is known.
    Is(&'a Peer, String),
    /// This one may, and may stand for another cluster as well.
    MayBe(&'a Peer),
}

impl Compared<'_> {
    /// The entry that stands for a cluster that has none by its own name: the product takes one entry a cluster, so no
    /// other can be meant. One that is some cluster's publisher is no alias.
    pub(in crate::plan) fn alias<'p>(&self, other: &Cluster, entries: &Entries<'_, 'p>) -> Alias<'p> {
        if !entries.is_missing(other) {
            return Alias::None;
        }
        for &peer in &entries.strangers {
            let Some(how) = self.how(&peer.address, other) else { continue };
            let rival = |c: &&&Cluster| c.name != other.name && c.name != entries.cluster.name;
            let others = entries.missing.iter().filter(rival).any(|c| self.how(&peer.address, c).is_some());
            return if others { Alias::MayBe(peer) } else { Alias::Is(peer, how) };
        }
        Alias::None
    }

    /// How an address is known to mean a node of a cluster.
    fn how(&self, address: &NodeName, cluster: &Cluster) -> Option<String> {
        if cluster.state == State::Gone {
            return None;
        }
        let read = self.snapshot.clusters.get(&cluster.name);
        let mut nodes = read.map(|read| nodes_of(cluster, read)).unwrap_or_default();
        nodes.extend(cluster.nodes.iter().map(|n| n.name.clone()));
        let servers = read.and_then(|read| read.identity.read()).map(|identity| identity.servers.as_slice());
        nodes.extend(servers.into_iter().flatten().map(|name| NodeName::from(name.as_str())));
        if nodes.iter().any(|node| node.same(address)) {
            return Some(format!("{address} is a subscriber of {}", cluster.name));
        }
        let short = nodes.iter().chain([&cluster.publisher]).find(|node| node.is_short_or_long_for(address));
        if let Some(node) = short {
            return Some(match address.as_str().contains('.') {
                true => format!("{address} is the full name of {node} of {}", cluster.name),
                false => format!("{address} is the host name of {node}"),
            });
        }
        self.looked_up(address, cluster, read?)
    }

    fn looked_up(&self, address: &NodeName, cluster: &Cluster, read: &ClusterSnapshot) -> Option<String> {
        let ip = |name: &NodeName| name.as_str().parse::<IpAddr>().ok();
        let leads = |name: &NodeName, to: IpAddr| {
            let lookup = read.lookups.iter().find(|(known, _)| name.same(&NodeName::from(known.as_str())))?.1.read()?;
            lookup.addresses.iter().any(|a| a.address == to).then_some(())
        };
        match (ip(address), ip(&cluster.publisher)) {
            (Some(found), None) => leads(&cluster.publisher, found)?,
            (None, Some(publisher)) => leads(address, publisher)?,
            _ => return None,
        }
        Some(format!("{address} and {} are the same host by DNS", cluster.publisher))
    }
}

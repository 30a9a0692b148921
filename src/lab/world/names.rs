//! Host names and addresses as the nodes of a cluster see them: every server of the lab has one of each, and a
//! cluster may be unable to resolve some (field-notes 2.2, 7).

use std::net::Ipv4Addr;

use super::World;
use super::chance::Chance;
use super::cluster::Cluster;
use crate::cluster::{ClusterName, NodeName};

/// A server of a cluster, of either product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The host name, or the address where the server is known by one.
    pub name: String,
    /// The address.
    pub address: Ipv4Addr,
    /// Whether it is an IM and Presence node; otherwise it is a Unified CM server.
    pub presence: bool,
    /// Whether it is the database publisher of its product.
    pub publisher: bool,
}

/// Names and addresses.
impl World {
    /// The servers of a cluster, Unified CM first, each product's publisher first.
    pub fn members(&self, cluster: &ClusterName) -> Vec<Member> {
        self.cluster(cluster).map_or_else(Vec::new, |(_, c)| members(c, self.chance))
    }

    /// The address of a host name, as a cluster's nodes resolve it. An address stands for itself.
    pub fn resolve(&self, cluster: &ClusterName, host: &str) -> Option<Ipv4Addr> {
        if let Ok(address) = host.parse() {
            return Some(address);
        }
        let wanted = NodeName::from(host);
        let found = self.everyone().find(|m| wanted.same(&NodeName::from(m.name.as_str())))?;
        self.resolves(cluster, &found.name).then_some(found.address)
    }

    /// The host name of an address, as a cluster's nodes look it up; none where only the address is known.
    pub fn reverse(&self, cluster: &ClusterName, address: Ipv4Addr) -> Option<String> {
        let found = self.everyone().find(|m| m.address == address && m.name.parse::<Ipv4Addr>().is_err())?;
        (self.resolves(cluster, &found.name) && self.leads_back(cluster, &found.name)).then_some(found.name)
    }

    /// The cluster whose server has an address.
    pub(super) fn cluster_at(&self, address: Ipv4Addr) -> Option<usize> {
        self.clusters.iter().position(|c| members(c, self.chance).iter().any(|m| m.address == address))
    }

    fn everyone(&self) -> impl Iterator<Item = Member> {
        self.clusters.iter().flat_map(|c| members(c, self.chance))
    }
}

fn members(cluster: &Cluster, chance: Chance) -> Vec<Member> {
    let of = cluster.spec.name.as_str();
    let unified_cm = |(at, name): (usize, &String)| Member {
        address: made_up(name, chance, &[of, name, "address"]),
        name: name.clone(),
        presence: false,
        publisher: at == 0,
    };
    let node = |(at, node): (usize, &super::cluster::Node)| Member {
        name: node.name.to_string(),
        address: node.address,
        presence: true,
        publisher: at == 0,
    };
    let unified_cms = cluster.spec.unified_cms.iter().enumerate().map(unified_cm);
    unified_cms.chain(cluster.nodes.iter().enumerate().map(node)).collect()
}

/// An address for a name that is none itself.
pub(super) fn made_up(name: &str, chance: Chance, key: &[&str]) -> Ipv4Addr {
    let [a, b, c] = {
        let decided = chance.of(key);
        [decided >> 16, decided >> 8, decided].map(|n| (n & 0xff) as u8)
    };
    name.parse().unwrap_or_else(|_| Ipv4Addr::new(10, a, b, c.clamp(1, 254)))
}

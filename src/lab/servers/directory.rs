//! Who is where: every server of the lab by name and by address.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::LabError;
use super::block::Block;
use crate::cluster::NodeName;
use crate::lab::LabSpec;

/// What a server of the lab is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A node of the IM and Presence Service.
    Presence,
    /// A server of Unified CM.
    UnifiedCm,
}

/// A server of the lab.
#[derive(Clone, Debug)]
pub(super) struct Server {
    /// The position of its cluster in the spec.
    pub(super) cluster: usize,
    /// What it is.
    pub(super) role: Role,
    /// Its name.
    pub(super) name: NodeName,
    /// Its loopback address.
    pub(super) address: IpAddr,
}

/// All servers of a lab.
#[derive(Debug)]
pub(super) struct Directory {
    servers: Vec<Server>,
    by_name: BTreeMap<String, usize>,
    by_address: BTreeMap<IpAddr, usize>,
}

impl Directory {
    /// How many addresses a lab needs, its own one not counted.
    pub(super) fn size(spec: &LabSpec) -> usize {
        spec.clusters.iter().map(|c| c.nodes.len() + c.unified_cms.len()).sum()
    }

    /// Gives every server its address: the nodes first, cluster by cluster.
    pub(super) fn new(spec: &LabSpec, block: &Block) -> Result<Directory, LabError> {
        let mut directory = Directory { servers: Vec::new(), by_name: BTreeMap::new(), by_address: BTreeMap::new() };
        for (cluster, of) in spec.clusters.iter().enumerate() {
            for node in &of.nodes {
                directory.add(cluster, Role::Presence, node.name.clone(), block)?;
            }
        }
        for (cluster, of) in spec.clusters.iter().enumerate() {
            for name in &of.unified_cms {
                directory.add(cluster, Role::UnifiedCm, name.as_str().into(), block)?;
            }
        }
        Ok(directory)
    }

    fn add(&mut self, cluster: usize, role: Role, name: NodeName, block: &Block) -> Result<(), LabError> {
        let index = self.servers.len();
        let address = block.node(index).ok_or(LabError::NoBlock)?;
        if self.by_name.insert(name.normal(), index).is_some() {
            return Err(LabError::SameName { name });
        }
        self.by_address.insert(address, index);
        self.servers.push(Server { cluster, role, name, address });
        Ok(())
    }

    /// All servers: the nodes first, the first cluster's publisher at the top.
    pub(super) fn servers(&self) -> &[Server] {
        &self.servers
    }

    /// The server that a name means, or its own address.
    pub(super) fn find(&self, host: &str) -> Option<&Server> {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let by_name = self.by_name.get(&NodeName::from(host).normal());
        let index = by_name.or_else(|| self.by_address.get(&host.parse().ok()?))?;
        self.servers.get(*index)
    }

    /// The server at a loopback address.
    pub(super) fn at(&self, address: IpAddr) -> Option<&Server> {
        self.servers.get(*self.by_address.get(&address)?)
    }
}

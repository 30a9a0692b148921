//! Acting in memory.

use async_trait::async_trait;

use super::{Handle, has_platform, refused};
use crate::cluster::{ClusterName, NewPeer, NodeName, Operate, PeerEdit, Result};
use crate::lab::world::{Refusal, World};

#[async_trait]
impl Operate for Handle {
    async fn activate(&self, node: &NodeName, service: &str) -> Result<()> {
        self.call("activate", Some(node), &format!("activate {service}"), |world| {
            world.activate(&self.cluster, node, service).map_err(refused)
        })
    }

    async fn start(&self, node: &NodeName, service: &str) -> Result<()> {
        self.call("start", Some(node), &format!("start {service}"), |world| {
            world.start(&self.cluster, node, service).map_err(refused)
        })
    }

    async fn restart(&self, node: &NodeName, service: &str) -> Result<()> {
        self.call("restart", Some(node), &format!("restart {service}"), |world| {
            let ordered = world.restart_by_soap(&self.cluster, node, service);
            ordered.or_else(|refusal| by_platform(world, &self.cluster, node, service, refusal)).map_err(refused)
        })
    }

    async fn set_parameter(&self, node: &NodeName, service: &str, label: &str, value: &str) -> Result<()> {
        self.call("set_parameter", Some(node), &format!("set `{label}`"), |world| {
            world.set_parameter(&self.cluster, node, service, label, value).map_err(refused)
        })
    }

    async fn add_peer(&self, peer: &NewPeer) -> Result<()> {
        self.call("add_peer", None, &format!("add the peer {}", peer.address), |world| {
            world.add_peer(&self.cluster, peer).map_err(refused)
        })
    }

    async fn update_peer(&self, address: &NodeName, edit: &PeerEdit) -> Result<()> {
        self.call("update_peer", None, &format!("change the peer {address}"), |world| {
            world.update_peer(&self.cluster, address, edit).map_err(refused)
        })
    }

    async fn delete_peer(&self, address: &NodeName) -> Result<()> {
        self.call("delete_peer", None, &format!("delete the peer {address}"), |world| {
            world.delete_peer(&self.cluster, address).map_err(refused)
        })
    }

    async fn force_sync(&self, address: &NodeName, resync_certificates: bool) -> Result<()> {
        self.call("force_sync", None, &format!("force a sync with {address}"), |world| {
            world.force_sync(&self.cluster, address, resync_certificates).map_err(refused)
        })
    }

    async fn set_high_availability(&self, group: &str, enabled: bool) -> Result<()> {
        self.call("set_high_availability", None, &format!("switch High Availability of {group}"), |world| {
            world.set_high_availability(&self.cluster, group, enabled).map_err(refused)
        })
    }
}

/// What SOAP refused can still be ordered on the platform CLI, where somebody may log in to it.
fn by_platform(
    world: &mut World,
    cluster: &ClusterName,
    node: &NodeName,
    service: &str,
    refusal: Refusal,
) -> std::result::Result<(), Refusal> {
    if has_platform(world, cluster) { world.restart(cluster, node, service) } else { Err(refusal) }
}

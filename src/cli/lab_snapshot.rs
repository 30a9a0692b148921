//! A lab for a saved plan: the clusters as the plan's own snapshot saw them.

use sha2::{Digest, Sha256};

use super::lab_spec::{LabMesh, lab_for};
use crate::cluster::{Account, ClusterSnapshot, Peer, ServiceState};
use crate::lab::world::World;
use crate::lab::{ClusterSpec, NodeSpec, PeerSpec};
use crate::mesh::Mesh;
use crate::plan::Plan;

/// A lab that begins where the plan begins. What the snapshot does not tell is as in any lab for the mesh.
pub fn lab_of(plan: &Plan, seed: u64) -> (World, LabMesh) {
    let entropy = Sha256::new().chain_update(&plan.transition.now).chain_update(seed.to_be_bytes()).finalize();
    let mut made = lab_for(&plan.mesh, seed, 1.0, &entropy);
    for spec in &mut made.spec.clusters {
        if let Some(read) = plan.snapshot.clusters.get(&spec.name) {
            let accounts = |name: &_| made.accounts.get(name).cloned();
            as_read(spec, read, &plan.mesh, &accounts);
        }
    }
    let mut world = World::new(made.spec.clone());
    for (name, read) in &plan.snapshot.clusters {
        for group in read.high_availability.read().into_iter().flatten() {
            world.begin_with_high_availability(name, &group.name, group.enabled);
        }
        for (node, services) in &read.services {
            let services = services.read().into_iter().flatten();
            for service in services.filter(|s| s.state == ServiceState::NotActivated) {
                // a service that the model does not know is not missed by it
                let _ = world.deactivate(name, node, &service.name);
            }
        }
        for (node, services) in &read.parameters {
            for (service, parameters) in services {
                for parameter in parameters.read().into_iter().flatten() {
                    // one that the model does not know has its default there
                    let _ = world.set_parameter(name, node, service, &parameter.label, &parameter.value);
                }
            }
        }
    }
    (world, made)
}

fn as_read(
    spec: &mut ClusterSpec,
    read: &ClusterSnapshot,
    mesh: &Mesh,
    accounts: &dyn Fn(&crate::mesh::CredentialName) -> Option<Account>,
) {
    if let Some(identity) = read.identity.read() {
        spec.version.clone_from(&identity.version);
        if !identity.unified_cm_servers.is_empty() {
            spec.unified_cms.clone_from(&identity.unified_cm_servers);
        }
    }
    if let Some(nodes) = read.nodes.read().filter(|nodes| !nodes.is_empty()) {
        let mut nodes: Vec<_> = nodes.iter().collect();
        nodes.sort_by_key(|node| !node.publisher);
        let stopped = |node: &crate::cluster::Node| -> Vec<String> {
            let services = read.services.get(&node.name).and_then(|services| services.read());
            let down = services.into_iter().flatten().filter(|s| s.state == ServiceState::Stopped);
            down.map(|s| s.name.clone()).collect()
        };
        spec.nodes = (nodes.into_iter())
            .map(|node| NodeSpec {
                name: node.name.clone(),
                group: node.group.clone(),
                users: node.assigned_users,
                stopped: stopped(node),
            })
            .collect();
    }
    if let Some(peers) = read.peers.read() {
        spec.peers = peers.iter().map(|peer| entry(peer, mesh, accounts)).collect();
    }
}

/// An entry as it was read. Its password is not known: it is taken for the right one where the user name is the file's.
fn entry(peer: &Peer, mesh: &Mesh, accounts: &dyn Fn(&crate::mesh::CredentialName) -> Option<Account>) -> PeerSpec {
    let to = mesh.clusters.iter().find(|c| c.publisher.same(&peer.address));
    let wanted = to.and_then(|to| mesh.peer_account(to)).and_then(accounts);
    let username = peer.username.clone();
    let other = || Account { username: username.clone().unwrap_or_default(), password: "not known".into() };
    let same = |account: &Account| username.as_ref().is_none_or(|name| *name == account.username);
    PeerSpec {
        address: peer.address.clone(),
        account: wanted.filter(same).unwrap_or_else(other),
        protocol: peer.protocol.clone(),
    }
}

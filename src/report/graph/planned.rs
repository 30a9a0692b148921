//! A plan's mesh: as it was read, and what becomes of it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Edge, Fate, Graph, Shows, Side, Stranger, Vertex};
use crate::cluster::{Protocol, service};
use crate::mesh::topology::{Pair, links};
use crate::mesh::{Cluster, ClusterName, Mesh, NodeName};
use crate::plan::Plan;
use crate::plan::change::What;
use crate::plan::step::Action;

impl Graph {
    /// The mesh as it is, and what the plan changes.
    pub fn of_plan(plan: &Plan) -> Graph {
        let found = Found::in_plan(plan);
        let wanted: BTreeSet<Pair> = links(&plan.mesh).into_iter().map(|link| link.pair).collect();
        // links that the file does not ask for are there as well
        let there = found.sides.keys().map(|(from, to)| Pair::new(from, to));
        let pairs: BTreeSet<Pair> = there.chain(wanted.iter().cloned()).collect();
        let rounds: BTreeMap<&Pair, u32> =
            plan.rounds.iter().zip(1..).flat_map(|(round, n)| round.iter().map(move |pair| (pair, n))).collect();
        let edge = |pair: Pair| {
            let sides = pair.directions().map(|(from, to)| found.side(from, to));
            Edge { sides, round: rounds.get(&pair).copied(), pair }
        };
        Graph {
            name: plan.mesh.metadata.name.clone(),
            shows: Shows::Plan,
            clusters: plan.mesh.clusters.iter().map(|c| vertex(plan, c)).collect(),
            links: pairs.into_iter().map(edge).collect(),
            strangers: found.strangers,
        }
    }
}

/// Every peer entry that is there or is to be.
struct Found {
    /// By the cluster that has it and the cluster that it points to.
    sides: BTreeMap<(ClusterName, ClusterName), Side>,
    /// Those that point to no cluster of the file.
    strangers: Vec<Stranger>,
    /// The clusters whose peers were read.
    read: BTreeSet<ClusterName>,
}

impl Found {
    fn in_plan(plan: &Plan) -> Found {
        let publishers = publishers(&plan.mesh);
        let mut found = Found { sides: BTreeMap::new(), strangers: Vec::new(), read: BTreeSet::new() };
        for (cluster, read) in &plan.snapshot.clusters {
            let Some(peers) = read.peers.read() else { continue };
            found.read.insert(cluster.clone());
            for peer in peers {
                let protocol = Some(peer.protocol.word().to_owned());
                let side = Side { fate: Fate::Kept, before: protocol.clone(), after: protocol };
                found.put(cluster, publishers.get(&peer.address.normal()).copied(), &peer.address, side);
            }
        }
        for change in &plan.changes {
            let cluster = &change.cluster;
            let word = |protocol: &Protocol| Some(protocol.word().to_owned());
            match &change.what {
                What::CreatePeer { address, to, protocol } => {
                    let side = Side { fate: Fate::Added, before: None, after: word(protocol) };
                    found.put(cluster, Some(to), address, side);
                }
                What::ChangePeer { address, to, protocol, account: _ } => {
                    // where only the account changes, the protocol is as it was read
                    let mut side = found.side(cluster, to);
                    side.fate = Fate::Changed;
                    if let Some(change) = protocol {
                        (side.before, side.after) = (word(&change.before), word(&change.after));
                    }
                    found.put(cluster, Some(to), address, side);
                }
                What::ReplacePeer { before, after, to, protocol_before, protocol } => {
                    // the old address may be one that the file does not know
                    found.strangers.retain(|s| s.cluster != *cluster || !s.address.same(before));
                    let side = Side { fate: Fate::Replaced, before: word(protocol_before), after: word(protocol) };
                    found.put(cluster, Some(to), after, side);
                }
                What::Resync { address, to, status: _ } => {
                    let mut side = found.side(cluster, to);
                    if side.fate == Fate::Kept {
                        side.fate = Fate::Resynced;
                    }
                    found.put(cluster, Some(to), address, side);
                }
                What::DeletePeer { address, to, protocol } => {
                    let side = Side { fate: Fate::Deleted, before: word(protocol), after: None };
                    found.put(cluster, to.as_ref(), address, side);
                }
                What::SetParameter { .. } | What::Activate { .. } | What::Start { .. } | What::Restart { .. } => {}
            }
        }
        found
    }

    fn put(&mut self, cluster: &ClusterName, to: Option<&ClusterName>, address: &NodeName, side: Side) {
        if let Some(to) = to.filter(|to| *to != cluster) {
            self.sides.insert((cluster.clone(), to.clone()), side);
            return;
        }
        let known = self.strangers.iter_mut().find(|s| s.cluster == *cluster && s.address.same(address));
        match known {
            Some(known) => known.fate = side.fate,
            None => {
                self.strangers.push(Stranger { cluster: cluster.clone(), address: address.clone(), fate: side.fate });
            }
        }
    }

    /// The entry of one cluster for another; where there is none, whether that is known.
    fn side(&self, from: &ClusterName, to: &ClusterName) -> Side {
        let none = || {
            let fate = if self.read.contains(from) { Fate::Missing } else { Fate::Unknown };
            Side { fate, before: None, after: None }
        };
        self.sides.get(&(from.clone(), to.clone())).cloned().unwrap_or_else(none)
    }
}

fn publishers(mesh: &Mesh) -> BTreeMap<String, &ClusterName> {
    mesh.clusters.iter().map(|c| (c.publisher.normal(), &c.name)).collect()
}

fn vertex(plan: &Plan, cluster: &Cluster) -> Vertex {
    let read = plan.snapshot.clusters.get(&cluster.name);
    let given = (!cluster.nodes.is_empty()).then_some(cluster.nodes.len());
    let restarts =
        |action: &Action| matches!(action, Action::Restart { service, .. } if service == service::XCP_ROUTER);
    let of_peer = |what: &What| match what {
        What::CreatePeer { .. }
        | What::ChangePeer { .. }
        | What::ReplacePeer { .. }
        | What::Resync { .. }
        | What::DeletePeer { .. } => true,
        What::SetParameter { .. } | What::Activate { .. } | What::Start { .. } | What::Restart { .. } => false,
    };
    Vertex {
        name: cluster.name.clone(),
        state: cluster.state,
        unread: plan.unread.iter().any(|unread| unread.cluster == cluster.name),
        nodes: read.and_then(|read| read.nodes.read()).map(Vec::len).or(given),
        users: read.and_then(|read| read.users.read()).copied(),
        restarts: plan.steps.iter().filter(|s| s.cluster == cluster.name && restarts(&s.action)).count(),
        other_changes: plan.changes.iter().filter(|c| c.cluster == cluster.name && !of_peer(&c.what)).count(),
    }
}

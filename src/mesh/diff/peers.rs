//! What changed links mean on each publisher: a link is two entries, one each way.

use std::collections::BTreeMap;

use super::{LinkChange, Peer, PeerChanges};
use crate::mesh::model::{Cluster, Mesh, State, UnmanagedPeers};
use crate::mesh::names::ClusterName;
use crate::mesh::topology;

/// What is done with an entry.
enum Doing {
    Add,
    Delete,
    Replace,
    Update,
    Leave,
}

pub(super) fn changes(old: &Mesh, new: &Mesh, links: &[LinkChange]) -> Vec<PeerChanges> {
    let (before, after) = (by_name(old), by_name(new));
    let mut changes = Changes { clusters: &after, changes: BTreeMap::new() };
    for LinkChange { pair, from, to } in links {
        for (holder, target) in pair.directions() {
            match (from, to) {
                (None, _) => changes.note(holder, after.get(target).copied(), Doing::Add, "the link is new"),
                (Some(_), Some(_)) => {
                    changes.note(holder, after.get(target).copied(), Doing::Update, "the transport changes");
                }
                (Some(_), None) => {
                    let (doing, why) = removal(new, after.get(holder).copied(), after.get(target).copied());
                    // the entry has the address that it got when the link was there
                    changes.note(holder, before.get(target).copied(), doing, why);
                }
            }
        }
    }
    let stays = topology::links(new).into_iter().filter(|link| !links.iter().any(|l| l.pair == link.pair));
    for link in stays {
        for (holder, target) in link.pair.directions() {
            let (Some(earlier), Some(now)) = (before.get(target), after.get(target)) else { continue };
            if !earlier.publisher.same(&now.publisher) {
                changes.note(holder, Some(now), Doing::Replace, "the publisher's name changes");
            } else if old.peer_account(earlier) != new.peer_account(now) {
                changes.note(holder, Some(now), Doing::Update, "the credential for peers changes");
            }
        }
    }
    changes.finish()
}

/// What becomes of an entry whose link goes.
fn removal(new: &Mesh, holder: Option<&Cluster>, target: Option<&Cluster>) -> (Doing, &'static str) {
    let state = |cluster: Option<&Cluster>| cluster.map(|c| c.state);
    match (state(holder), state(target)) {
        (None, _) => (Doing::Leave, "the file no longer names the cluster it is on"),
        (Some(State::Gone), _) => (Doing::Leave, "the cluster it is on is gone"),
        (_, Some(State::Gone)) => (Doing::Delete, "`state: gone`"),
        (Some(State::Absent), _) | (_, Some(State::Absent)) => (Doing::Delete, "`state: absent`"),
        _ => match new.policy.unmanaged_peers {
            UnmanagedPeers::Delete => (Doing::Delete, "`unmanaged_peers: delete`"),
            UnmanagedPeers::Report => (Doing::Leave, "`unmanaged_peers: report`"),
            UnmanagedPeers::Ignore => (Doing::Leave, "`unmanaged_peers: ignore`"),
        },
    }
}

fn by_name(mesh: &Mesh) -> BTreeMap<&ClusterName, &Cluster> {
    mesh.clusters.iter().map(|c| (&c.name, c)).collect()
}

struct Changes<'a> {
    clusters: &'a BTreeMap<&'a ClusterName, &'a Cluster>,
    changes: BTreeMap<ClusterName, PeerChanges>,
}

impl Changes<'_> {
    fn note(&mut self, holder: &ClusterName, target: Option<&Cluster>, doing: Doing, why: &'static str) {
        // on a cluster that the file no longer names nothing is done, and nothing is known of it
        let (Some(holder), Some(target)) = (self.clusters.get(holder), target) else { return };
        let of = self.changes.entry(holder.name.clone()).or_insert_with(|| PeerChanges {
            cluster: holder.name.clone(),
            publisher: holder.publisher.clone(),
            add: Vec::new(),
            delete: Vec::new(),
            replace: Vec::new(),
            update: Vec::new(),
            leave: Vec::new(),
        });
        let peer = Peer { cluster: target.name.clone(), address: target.publisher.clone(), why };
        match doing {
            Doing::Add => of.add.push(peer),
            Doing::Delete => of.delete.push(peer),
            Doing::Replace => of.replace.push(peer),
            Doing::Update => of.update.push(peer),
            Doing::Leave => of.leave.push(peer),
        }
    }

    fn finish(self) -> Vec<PeerChanges> {
        let mut changes: Vec<PeerChanges> = self.changes.into_values().collect();
        for PeerChanges { cluster: _, publisher: _, add, delete, replace, update, leave } in &mut changes {
            [add, delete, replace, update, leave].into_iter().for_each(|list| list.sort());
        }
        changes
    }
}

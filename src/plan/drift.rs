//! Drift: where the clusters are not as the file says, by link and with both ends named. Read only: it is made of a
//! mesh and a snapshot, and nothing here could act.

use serde::Serialize;

use super::Options;
use super::change::{Change, Left, LeftAlone, What};
use super::diff::diff;
use super::lines::Lines;
use super::verify::{ClusterProblem, Problem, Side, Verification, verify};
use crate::cluster::Snapshot;
use crate::mesh::topology::{Pair, links};
use crate::mesh::{ClusterName, Mesh, NodeName};

/// Where the clusters are not as the file says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Drift {
    /// Links that are not as they should be.
    pub links: Vec<LinkDrift>,
    /// Peers that should not be there.
    pub peers: Vec<PeerDrift>,
    /// What concerns a cluster and no single link.
    pub clusters: Vec<ClusterProblem>,
}

/// A link that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LinkDrift {
    /// The two clusters.
    pub between: Pair,
    /// Both ends; a healthy one has no problems.
    pub ends: Vec<End>,
    /// The line of the mesh file that asks for the link, counted from 1.
    pub line: Option<usize>,
}

/// One end of a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct End {
    /// The cluster.
    pub cluster: ClusterName,
    /// The address of the entry that it has or should have.
    pub address: NodeName,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

/// A peer that should not be there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PeerDrift {
    /// The cluster.
    pub cluster: ClusterName,
    /// `Peer Address`.
    pub address: NodeName,
    /// Why it should not be there.
    pub reason: String,
    /// The line of the mesh file that speaks of it, counted from 1.
    pub line: Option<usize>,
}

impl Drift {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.links.is_empty() && self.peers.is_empty() && self.clusters.is_empty()
    }
}

/// Finds drift.
pub fn drift(mesh: &Mesh, snapshot: &Snapshot, lines: &Lines<'_>) -> Drift {
    let Verification { sides, clusters } = verify(mesh, snapshot);
    let mut drift = Drift { clusters, ..Drift::default() };
    for link in links(mesh) {
        let of_link = |side: &&Side| Pair::new(&side.cluster, &side.to) == link.pair;
        let ends: Vec<End> = sides.iter().filter(of_link).map(|side| end(mesh, side)).collect();
        if ends.iter().any(|end| !end.problems.is_empty()) {
            drift.links.push(LinkDrift { between: link.pair, ends, line: lines.line(&link.pointer) });
        }
    }
    let found = diff(mesh, snapshot, lines, &Options::default());
    for change in found.changes {
        match change.what {
            What::DeletePeer { address, .. } | What::ReplacePeer { before: address, .. } => {
                let Change { cluster, reason, line, .. } = change;
                drift.peers.push(PeerDrift { cluster, address, reason, line });
            }
            What::SetParameter { node, service, label, before, after } => drift.clusters.push(ClusterProblem {
                cluster: change.cluster,
                what: format!("`{label}` of {service} on {node} is {before}, the file asks for {after}"),
            }),
            // verification says what is wrong with an entry, a service or a router
            What::CreatePeer { .. }
            | What::ChangePeer { .. }
            | What::Resync { .. }
            | What::Activate { .. }
            | What::Start { .. }
            | What::Restart { .. } => {}
        }
    }
    for LeftAlone { cluster, what, reason } in found.left {
        if let Left::UnmanagedPeer { address, .. } = what {
            drift.peers.push(PeerDrift { cluster, address, reason, line: None });
        }
    }
    drift
}

fn end(mesh: &Mesh, side: &Side) -> End {
    let address = mesh.cluster(&side.to).map(|c| c.publisher.clone()).unwrap_or_default();
    End { cluster: side.cluster.clone(), address, problems: side.problems.clone() }
}

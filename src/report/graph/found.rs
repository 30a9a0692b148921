//! A mesh as it was found: which sides of which links are healthy, and which are not.

use std::collections::BTreeMap;

use super::{Fate, Graph, Shows, Stranger};
use crate::cluster::Snapshot;
use crate::mesh::{ClusterName, DriftSeverity, Mesh};
use crate::plan::drift::{Drift, Other};

impl Graph {
    /// The mesh that a file asks for, with what drift says of each side.
    pub fn of_drift(mesh: &Mesh, snapshot: &Snapshot, drift: &Drift) -> Graph {
        let mut graph = Graph { shows: Shows::World, ..Graph::of_mesh(mesh) };
        let unread = |name: &ClusterName| drift.unread.iter().any(|unread| unread.cluster == *name);
        let mut worst: BTreeMap<(&ClusterName, &ClusterName), DriftSeverity> = BTreeMap::new();
        for finding in &drift.findings {
            let from = &finding.place.cluster;
            match &finding.place.peer {
                Some(Other { cluster: Some(to), .. }) => {
                    let side = worst.entry((from, to)).or_insert(finding.severity);
                    *side = (*side).max(finding.severity);
                }
                Some(Other { cluster: None, address }) => {
                    graph.strangers.push(Stranger {
                        cluster: from.clone(),
                        address: address.clone(),
                        fate: Fate::Kept,
                    });
                }
                None => {}
            }
        }
        for link in &mut graph.links {
            for (side, (from, to)) in link.sides.iter_mut().zip(link.pair.directions()) {
                side.fate = match worst.get(&(from, to)) {
                    Some(DriftSeverity::Error) => Fate::Broken,
                    Some(DriftSeverity::Warning | DriftSeverity::Note) => Fate::Odd,
                    None if unread(from) => Fate::Unknown,
                    None => Fate::Kept,
                };
            }
        }
        for vertex in &mut graph.clusters {
            vertex.unread = unread(&vertex.name);
            let Some(read) = snapshot.clusters.get(&vertex.name) else { continue };
            vertex.nodes = read.nodes.read().map(Vec::len).or(vertex.nodes);
            vertex.users = read.users.read().copied();
        }
        graph
    }
}

//! Which pairs of clusters are linked, and with what transport.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::model::{Mesh, Shape, State, Transport};
use super::names::ClusterName;

/// A pair of clusters, in the order of their names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Pair(ClusterName, ClusterName);

impl Pair {
    /// The pair of these two, in whichever order they are given.
    pub fn new(a: &ClusterName, b: &ClusterName) -> Pair {
        if a <= b { Pair(a.clone(), b.clone()) } else { Pair(b.clone(), a.clone()) }
    }

    /// The first of the two by name.
    pub fn a(&self) -> &ClusterName {
        &self.0
    }

    /// The second of the two by name.
    pub fn b(&self) -> &ClusterName {
        &self.1
    }

    /// Both directions: who holds the entry, and whom it points to.
    pub fn directions(&self) -> [(&ClusterName, &ClusterName); 2] {
        [(&self.0, &self.1), (&self.1, &self.0)]
    }

    /// Whether the cluster is one of the two.
    pub fn has(&self, cluster: &ClusterName) -> bool {
        self.0 == *cluster || self.1 == *cluster
    }
}

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} <-> {}", self.0, self.1)
    }
}

/// A link that the mesh file asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Link {
    /// The two clusters.
    pub pair: Pair,
    /// The transport of both entries.
    pub transport: Transport,
    /// The JSON pointer of the place in the mesh file that asks for the link.
    pub pointer: String,
}

/// The links that the mesh asks for, in the order of their pairs. Only clusters with `state: present` are linked.
pub fn links(mesh: &Mesh) -> Vec<Link> {
    let present: Vec<&ClusterName> =
        mesh.clusters.iter().filter(|c| c.state == State::Present).map(|c| &c.name).collect();
    let known: HashSet<&ClusterName> = present.iter().copied().collect();
    let mut links = BTreeMap::new();
    let mut ask = |a: &ClusterName, b: &ClusterName, transport: Transport, pointer: String| {
        if a != b && known.contains(&a) && known.contains(&b) {
            links.insert(Pair::new(a, b), (transport, pointer));
        }
    };
    match mesh.topology.shape {
        Shape::Full => {
            for (i, a) in present.iter().enumerate() {
                for b in &present[i + 1..] {
                    ask(a, b, mesh.defaults.transport, "/topology".into());
                }
            }
        }
        Shape::Hub => {
            if let Some(hub) = &mesh.topology.hub {
                for other in &present {
                    ask(hub, other, mesh.defaults.transport, "/topology".into());
                }
            }
        }
        Shape::Links => {}
    }
    for (i, entry) in mesh.topology.links.iter().enumerate() {
        let transport = entry.transport.unwrap_or(mesh.defaults.transport);
        ask(&entry.between[0], &entry.between[1], transport, format!("/topology/links/{i}"));
    }
    links.into_iter().map(|(pair, (transport, pointer))| Link { pair, transport, pointer }).collect()
}

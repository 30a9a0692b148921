//! A mesh that was never peered, as a file and as what is read of it.

use intermesh::cli::lab_spec::lab_for;
use intermesh::cluster::{Clock, Snapshot};
use intermesh::lab::InMemory;
use intermesh::mesh::{self, Mesh};
use intermesh::observe::{self, Observers};

/// The clusters of the largest mesh that the vendor supports.
pub const LARGEST: usize = 30;

/// The file of a full mesh of clusters of six nodes.
pub fn text(clusters: usize) -> String {
    let mut text = String::from(
        "apiVersion: intermesh/v1\nkind: Mesh\nmetadata: {name: bench}\ndomain: example.com\n\
         credentials: {axl: {username: icsa, password: {env: AXL}}}\ndefaults: {credentials: {axl: axl}}\nclusters:\n",
    );
    for cluster in 0..clusters {
        text += &format!("  - name: c{cluster}\n    publisher: imp1.c{cluster}.example.com\n    nodes:\n");
        for node in 1..=6 {
            text += &format!("      - {{name: imp{node}.c{cluster}.example.com, group: g{}}}\n", (node - 1) / 2);
        }
    }
    text
}

/// What is read of a mesh that was never peered.
pub fn snapshot(mesh: &Mesh) -> Snapshot {
    let made = lab_for(mesh, 1, 1.0, b"bench");
    let lab = InMemory::new(made.spec, made.accounts);
    let observers: Observers = mesh.clusters.iter().map(|c| (c.name.clone(), lab.observer(&c.name))).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(observe::gather(mesh, &observers, lab.clock().now(), &|_| ()))
}

/// The mesh with more clusters, or with fewer. More than 30 are refused in a file.
pub fn grown(mesh: &Mesh, clusters: usize) -> Mesh {
    let mut grown = mesh.clone();
    grown.clusters.truncate(clusters);
    for at in grown.clusters.len()..clusters {
        let mut cluster = mesh.clusters[0].clone();
        let renamed = |name: &mesh::NodeName| name.as_str().replace(".c0.", &format!(".c{at}.")).as_str().into();
        cluster.name = format!("c{at}").into();
        cluster.publisher = renamed(&cluster.publisher);
        for node in &mut cluster.nodes {
            node.name = renamed(&node.name);
        }
        grown.clusters.push(cluster);
    }
    grown
}

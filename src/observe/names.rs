//! The names that must resolve: those of every certificate and of every node, forward and back.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use futures::stream::{self, StreamExt};

use super::Observers;
use crate::cluster::ClusterSnapshot;
use crate::mesh::topology::{Pair, links};
use crate::mesh::{ClusterName, Mesh};

/// Names that are asked at the same time, over all clusters: DNS servers are made for many questions, and a whole mesh
/// has hundreds.
const NAMES_AT_ONCE: usize = 32;

/// The clusters that each cluster is linked with.
pub(super) fn peers(mesh: &Mesh) -> BTreeMap<ClusterName, BTreeSet<ClusterName>> {
    let mut peers: BTreeMap<ClusterName, BTreeSet<ClusterName>> = BTreeMap::new();
    for (from, to) in links(mesh).iter().flat_map(|link| Pair::directions(&link.pair)) {
        peers.entry(from.clone()).or_default().insert(to.clone());
    }
    peers
}

/// The names that a cluster's peers must be able to resolve: its nodes and what their certificates name, addresses
/// aside (field-notes 2.2).
pub(super) fn of(read: &ClusterSnapshot) -> BTreeSet<String> {
    let nodes = read.nodes.read().into_iter().flatten().map(|node| node.name.as_str());
    let certificates = read.certificates.values().filter_map(|certificate| certificate.read());
    let named = certificates.flat_map(|certificate| &certificate.names).map(String::as_str);
    let is_name = |name: &&str| name.parse::<IpAddr>().is_err() && !name.contains('*');
    nodes.chain(named).filter(is_name).map(str::to_lowercase).collect()
}

/// Looks up what each linked cluster must be able to resolve. A cluster that has DNS servers of its own is asked for
/// its peers' names, too; elsewhere the peer's own lookups say the same.
pub(super) async fn look_up(mesh: &Mesh, observers: &Observers, clusters: &mut BTreeMap<ClusterName, ClusterSnapshot>) {
    let names: BTreeMap<&ClusterName, BTreeSet<String>> =
        clusters.iter().map(|(name, read)| (name, of(read))).collect();
    let mut questions = Vec::new();
    for (cluster, peers) in &peers(mesh) {
        let own_servers = mesh.cluster(cluster).is_some_and(|c| c.dns.is_some());
        let others = peers.iter().filter(|_| own_servers);
        let wanted: BTreeSet<&String> =
            std::iter::once(cluster).chain(others).filter_map(|of| names.get(of)).flatten().collect();
        questions.extend(wanted.into_iter().map(|name| (cluster.clone(), name.clone())));
    }
    let mut answers = stream::iter(questions)
        .map(|(cluster, name)| async move {
            let answer = match observers.get(&cluster) {
                Some(observer) => Some(observer.resolve(&name).await),
                None => None,
            };
            (cluster, name, answer)
        })
        .buffer_unordered(NAMES_AT_ONCE);
    while let Some((cluster, name, answer)) = answers.next().await {
        if let (Some(read), Some(answer)) = (clusters.get_mut(&cluster), answer) {
            read.lookups.insert(name, answer.into());
        }
    }
}

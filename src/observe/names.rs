//! The names that must resolve: those of every certificate and of every node, forward and back.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use futures::future::join_all;
use tokio::sync::Semaphore;

use super::Observers;
use crate::cluster::{Certificate, ClusterSnapshot, Fact, NameLookup, Node, Observe};
use crate::mesh::topology::{Pair, links};
use crate::mesh::{ClusterName, Mesh, NodeName};

/// Names that are asked at the same time, over all clusters: DNS servers are made for many questions, and a whole mesh
/// has hundreds.
const NAMES_AT_ONCE: usize = 32;

/// Who asks for names: no more at a time than [`NAMES_AT_ONCE`].
pub(super) struct Desk {
    permits: Semaphore,
    /// The clusters whose names are asked for, and those whose peers they are.
    peers: BTreeMap<ClusterName, BTreeSet<ClusterName>>,
}

impl Desk {
    pub(super) fn new(mesh: &Mesh) -> Desk {
        Desk { permits: Semaphore::new(NAMES_AT_ONCE), peers: peers(mesh) }
    }

    /// What these names of a cluster resolve to for the cluster itself; nothing where no link needs them.
    pub(super) async fn own(
        &self,
        cluster: &ClusterName,
        observer: &dyn Observe,
        names: BTreeSet<String>,
    ) -> BTreeMap<String, Fact<NameLookup>> {
        if !self.peers.contains_key(cluster) {
            return BTreeMap::new();
        }
        let asked = names.into_iter().map(|name| async {
            let answer = self.ask(observer, &name).await;
            (name, answer)
        });
        join_all(asked).await.into_iter().collect()
    }

    async fn ask(&self, observer: &dyn Observe, name: &str) -> Fact<NameLookup> {
        // it is never closed
        let _permit = self.permits.acquire().await.ok();
        observer.resolve(name).await.into()
    }
}

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
    named(read.nodes.read().into_iter().flatten(), &read.certificates)
}

/// The names of these nodes and certificates.
pub(super) fn named<'a>(
    nodes: impl Iterator<Item = &'a Node>,
    certificates: &BTreeMap<NodeName, Fact<Certificate>>,
) -> BTreeSet<String> {
    let nodes = nodes.map(|node| node.name.as_str());
    let certificates = certificates.values().filter_map(|certificate| certificate.read());
    let named = certificates.flat_map(|certificate| &certificate.names).map(String::as_str);
    let is_name = |name: &&str| name.parse::<IpAddr>().is_err() && !name.contains('*');
    nodes.chain(named).filter(is_name).map(str::to_lowercase).collect()
}

/// Looks up what each linked cluster must be able to resolve and was not looked up yet. A cluster that has DNS servers of
/// its own is asked for its peers' names, too; elsewhere the peer's own lookups say the same.
pub(super) async fn look_up(
    desk: &Desk,
    mesh: &Mesh,
    observers: &Observers,
    clusters: &mut BTreeMap<ClusterName, ClusterSnapshot>,
) {
    let names: BTreeMap<&ClusterName, BTreeSet<String>> =
        clusters.iter().map(|(name, read)| (name, of(read))).collect();
    let mut questions = Vec::new();
    for (cluster, peers) in &desk.peers {
        let own_servers = mesh.cluster(cluster).is_some_and(|c| c.dns.is_some());
        let others = peers.iter().filter(|_| own_servers);
        let wanted: BTreeSet<&String> =
            std::iter::once(cluster).chain(others).filter_map(|of| names.get(of)).flatten().collect();
        let known = |name: &&String| clusters.get(cluster).is_some_and(|read| read.lookups.contains_key(*name));
        let Some(observer) = observers.get(cluster) else { continue };
        let new = wanted.into_iter().filter(|name| !known(name));
        questions.extend(new.map(|name| (cluster.clone(), observer, name.clone())));
    }
    let asked = questions.into_iter().map(|(cluster, observer, name)| async move {
        let answer = desk.ask(observer.as_ref(), &name).await;
        (cluster, name, answer)
    });
    for (cluster, name, answer) in join_all(asked).await {
        if let Some(read) = clusters.get_mut(&cluster) {
            read.lookups.insert(name, answer);
        }
    }
}

//! What the nodes themselves say of their peers: the ports that they reach and the names that they resolve. It takes a
//! `cli` account, an SSH session to each node and a command for each question, so only what needs it asks: a doctor for
//! every link, a plan for the links that are yet to be made.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::future::join_all;
use futures::stream::{self, StreamExt};
use tokio::time::Instant;

use super::examine::Examining;
use super::{CLUSTERS_AT_ONCE, Observers, given, names};
use crate::cluster::{ClusterSnapshot, Fact, NodeLookup, Observe, Reachability, Snapshot, Unread, Way};
use crate::mesh::topology::{Pair, links};
use crate::mesh::{Cluster, ClusterName, Mesh, NodeName};

/// The ports that peers reach each other at: AXL and XMPP (procedure: prerequisites; field-notes 2.3).
const PORTS: [u16; 2] = [8443, 7400];
/// The port of SIP, which only SIP federation needs.
const SIP: u16 = 5060;
/// What a plan gives a node to answer: behind a firewall that drops what it does not like, every test takes its minute,
/// and a new cluster has many peers. A doctor waits for all of them.
pub const A_PLANS_TIME: Duration = Duration::from_secs(120);

/// Asks the nodes about the links that have yet to be made, and adds what they say to the snapshot. `wanted` limits the
/// links. Only clusters with a `cli` account are asked, and only about links whose sides were both read. Never fails:
/// what a node does not tell is unread, and so is what it has not told in [`A_PLANS_TIME`].
pub async fn ask_nodes(
    mesh: &Mesh,
    observers: &Observers,
    snapshot: &mut Snapshot,
    wanted: &(dyn Fn(&Pair) -> bool + Sync),
    tell: &(dyn Fn(Examining<'_>) + Sync),
) {
    let mut peers: BTreeMap<ClusterName, BTreeSet<ClusterName>> = BTreeMap::new();
    for link in links(mesh).iter().filter(|link| wanted(&link.pair) && is_new(mesh, snapshot, &link.pair)) {
        for (from, to) in link.pair.directions() {
            peers.entry(from.clone()).or_default().insert(to.clone());
        }
    }
    let mut orders = Vec::new();
    for (name, peers) in &peers {
        let (Some(cluster), Some(observer)) = (mesh.cluster(name), observers.get(name)) else { continue };
        let Some(read) = snapshot.clusters.get(name) else { continue };
        let others = peers.iter().filter_map(|peer| Some((mesh.cluster(peer)?, snapshot.clusters.get(peer)?)));
        let questions = Questions::new(mesh, cluster, read, others);
        orders.push((name.clone(), observer.as_ref(), questions));
    }
    let of = orders.iter().map(|(.., questions)| questions.count()).sum();
    let done = AtomicUsize::new(0);
    let asked = stream::iter(&orders).map(|(cluster, observer, questions)| {
        let tell = || {
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            tell(Examining { cluster, done, of });
        };
        async move { (cluster.clone(), questions.ask(*observer, Some(A_PLANS_TIME), &tell).await) }
    });
    let said: Vec<_> = asked.buffer_unordered(CLUSTERS_AT_ONCE).collect().await;
    for (cluster, (ways, lookups)) in said {
        if let Some(read) = snapshot.clusters.get_mut(&cluster) {
            (read.ways, read.node_lookups) = (ways, lookups);
        }
    }
}

/// Whether a link lacks an entry, by what both sides say: of a side that could not be read nothing is planned.
fn is_new(mesh: &Mesh, snapshot: &Snapshot, pair: &Pair) -> bool {
    let entry = |from: &ClusterName, to: &ClusterName| {
        let read = snapshot.clusters.get(from).filter(|read| read.identity.read().is_some())?;
        let (_, peers) = (read.nodes.read()?, read.peers.read()?);
        let publisher = &mesh.cluster(to)?.publisher;
        Some(peers.iter().any(|peer| peer.address.same(publisher)))
    };
    match (entry(pair.a(), pair.b()), entry(pair.b(), pair.a())) {
        (Some(here), Some(there)) => !here || !there,
        _ => false,
    }
}

/// What the nodes of a cluster are asked.
pub(super) struct Questions {
    nodes: Vec<NodeName>,
    ways: Vec<(ClusterName, NodeName, u16)>,
    names: Vec<(ClusterName, String)>,
}

impl Questions {
    /// The questions about these peers; none without a `cli` account.
    pub(super) fn new<'a>(
        mesh: &Mesh,
        cluster: &Cluster,
        read: &ClusterSnapshot,
        peers: impl Iterator<Item = (&'a Cluster, &'a ClusterSnapshot)>,
    ) -> Questions {
        let has_cli = mesh.cli_account(cluster).is_some();
        let ports = PORTS.into_iter().chain(mesh.policy.sip_federation.then_some(SIP));
        let (mut ways, mut names) = (Vec::new(), Vec::new());
        for (peer, there) in peers.filter(|_| has_cli) {
            for host in there.known_nodes(&peer.publisher, &given(peer)) {
                ways.extend(ports.clone().map(|port| (peer.name.clone(), host.clone(), port)));
            }
            names.extend(names::of(there).into_iter().map(|name| (peer.name.clone(), name)));
        }
        Questions { nodes: read.known_nodes(&cluster.publisher, &given(cluster)), ways, names }
    }

    /// How many commands that is.
    pub(super) fn count(&self) -> usize {
        self.nodes.len() * (self.ways.len() + self.names.len())
    }

    /// Asks: a test may wait a minute for nothing, so the nodes are asked side by side, each one thing at a time. With a
    /// limit nothing is asked of a node after it, nor of other ways to a cluster's port that it found closed.
    pub(super) async fn ask(
        &self,
        observer: &dyn Observe,
        limit: Option<Duration>,
        tell: &(dyn Fn() + Sync),
    ) -> (Vec<Way>, Vec<NodeLookup>) {
        let (mut ways, mut lookups) = (Vec::new(), Vec::new());
        for said in join_all(self.nodes.iter().map(|node| self.ask_one(observer, node, limit, tell))).await {
            ways.extend(said.0);
            lookups.extend(said.1);
        }
        (ways, lookups)
    }

    async fn ask_one(
        &self,
        observer: &dyn Observe,
        node: &NodeName,
        limit: Option<Duration>,
        tell: &(dyn Fn() + Sync),
    ) -> (Vec<Way>, Vec<NodeLookup>) {
        let (mut ways, mut lookups) = (Vec::new(), Vec::new());
        let (began, mut closed) = (Instant::now(), BTreeSet::new());
        let is_late = || limit.is_some_and(|limit| began.elapsed() >= limit);
        for (to, host, port) in &self.ways {
            if limit.is_some() && closed.contains(&(to, *port)) {
                tell();
                continue;
            }
            let found = match is_late() {
                true => Fact::Unread(Unread::NotAsked),
                false => observer.reaches(node, host.as_str(), *port).await.into(),
            };
            if let Fact::Read(Reachability::Closed(_)) = found {
                closed.insert((to, *port));
            }
            ways.push(Way { from: node.clone(), to: to.clone(), host: host.clone(), port: *port, found });
            tell();
        }
        for (to, name) in &self.names {
            let found = match is_late() {
                true => Fact::Unread(Unread::NotAsked),
                false => observer.node_resolves(node, name).await.into(),
            };
            lookups.push(NodeLookup { from: node.clone(), to: to.clone(), name: name.clone(), found });
            tell();
        }
        (ways, lookups)
    }
}

//! Reads what only a doctor wants to know: what the nodes themselves reach and resolve, parameters, stored
//! certificates. It takes long, so it tells how far it is.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures::stream::{self, StreamExt};

use super::nodes::Questions;
use super::{CLUSTERS_AT_ONCE, Observers, given, names};
use crate::cluster::{ClusterExamination, ClusterSnapshot, Examination, Observe, Snapshot, service};
use crate::mesh::{Cluster, ClusterName, Mesh, NodeName};

/// The service whose process parameters are lowered in large meshes.
const SIP_PROXY: &str = "Cisco SIP Proxy";

/// How far the examination has come.
#[derive(Clone, Debug)]
pub struct Examining<'a> {
    /// The cluster that something was read of just now.
    pub cluster: &'a ClusterName,
    /// Questions answered so far.
    pub done: usize,
    /// Questions to ask.
    pub of: usize,
}

/// Examines every cluster that is linked and that could be read. Never fails: what could not be read is marked so.
pub async fn examine(
    mesh: &Mesh,
    observers: &Observers,
    snapshot: &Snapshot,
    tell: &(dyn Fn(Examining<'_>) + Sync),
) -> Examination {
    let mut orders = Vec::new();
    for (name, peers) in names::peers(mesh) {
        let (Some(cluster), Some(observer)) = (mesh.cluster(&name), observers.get(&name)) else { continue };
        let Some(read) = snapshot.clusters.get(&name).filter(|read| is_there(read)) else { continue };
        let others = peers.iter().filter_map(|peer| Some((mesh.cluster(peer)?, snapshot.clusters.get(peer)?)));
        orders.push(Order::new(mesh, cluster, read, others, observer.as_ref()));
    }
    let done = AtomicUsize::new(0);
    let of = orders.iter().map(Order::questions).sum();
    let tell = |cluster: &ClusterName| {
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        tell(Examining { cluster, done, of });
    };
    let tell = &tell;
    let found = stream::iter(&orders).map(|order| order.carry_out(tell)).buffer_unordered(CLUSTERS_AT_ONCE);
    Examination { clusters: found.collect().await }
}

/// Whether anything was read of a cluster: one that is down would answer nothing, each time after its patience.
fn is_there(read: &ClusterSnapshot) -> bool {
    read.identity.read().is_some() || read.topology.read().is_some()
}

/// What to ask of one cluster.
struct Order<'a> {
    cluster: &'a Cluster,
    observer: &'a dyn Observe,
    nodes: Vec<NodeName>,
    /// Nodes are asked themselves, which takes a `cli` account.
    has_cli: bool,
    questions: Questions,
}

impl<'a> Order<'a> {
    fn new(
        mesh: &Mesh,
        cluster: &'a Cluster,
        read: &ClusterSnapshot,
        peers: impl Iterator<Item = (&'a Cluster, &'a ClusterSnapshot)>,
        observer: &'a dyn Observe,
    ) -> Order<'a> {
        let questions = Questions::new(mesh, cluster, read, peers);
        let nodes = read.known_nodes(&cluster.publisher, &given(cluster));
        Order { cluster, observer, nodes, has_cli: mesh.cli_account(cluster).is_some(), questions }
    }

    fn questions(&self) -> usize {
        2 + 2 * self.nodes.len() + usize::from(self.has_cli) + self.questions.count()
    }

    async fn carry_out(&self, tell: &(dyn Fn(&ClusterName) + Sync)) -> (ClusterName, ClusterExamination) {
        let name = &self.cluster.name;
        // first, as close as can be to when the status panels were read
        let time = self.observer.time().await.into();
        tell(name);
        let mut found = ClusterExamination {
            time,
            stored_certificates: self.observer.stored_certificates().await.into(),
            ..ClusterExamination::default()
        };
        tell(name);
        for node in &self.nodes {
            for service in [service::ICSA, SIP_PROXY] {
                let parameters = self.observer.parameters(node, service, &[]).await;
                found.parameters.entry(node.clone()).or_default().insert(service.to_owned(), parameters.into());
                tell(name);
            }
        }
        if self.has_cli {
            found.servers = self.observer.platform_cluster(&self.cluster.publisher).await.into();
            tell(name);
            (found.ways, found.lookups) = self.questions.ask(self.observer, None, &|| tell(name)).await;
        }
        (name.clone(), found)
    }
}

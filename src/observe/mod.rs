//! Gathers a snapshot: everything that plan and verification rely on, many clusters at once, read only.
//!
//! The functions here are handed [`Observe`], so they could not change a cluster if they wanted to:
//!
//! ```compile_fail,E0599
//! async fn tempted(observers: &intermesh::observe::Observers, name: &intermesh::mesh::ClusterName) {
//!     let cluster = &observers[name];
//!     let _ = cluster.delete_peer(&"imp1.example.com".into()).await;
//! }
//! ```
//!
//! ```
//! async fn only_reads(observers: &intermesh::observe::Observers, name: &intermesh::mesh::ClusterName) {
//!     let cluster = &observers[name];
//!     let _ = cluster.peers().await;
//! }
//! ```

mod examine;
mod names;
mod walk;

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::stream::{self, StreamExt};
use jiff::Timestamp;

use crate::cluster::{ClusterSnapshot, Depth, Fact, Observe, Snapshot, Unread, same_label};
use crate::mesh::{Cluster, ClusterName, Mesh, NodeName, State};

pub use examine::{Examining, examine};
pub use walk::{Door, Found, Opened, Walking, walk};

/// The clusters of a mesh, to be read.
pub type Observers = BTreeMap<ClusterName, Arc<dyn Observe>>;

/// Clusters that are read at the same time: enough that 30 clusters do not queue behind a slow one, few enough for
/// a jump host's proxy.
const CLUSTERS_AT_ONCE: usize = 12;

/// How far the reading has come.
#[derive(Clone, Debug)]
pub struct Progress<'a> {
    /// The cluster that was read just now.
    pub cluster: &'a ClusterName,
    /// Clusters read so far.
    pub done: usize,
    /// Clusters to read.
    pub of: usize,
}

/// Reads every cluster of the mesh that still exists; `state: gone` is never contacted. A cluster without an
/// observer is unread. Never fails: what could not be read is marked so, with the reason.
pub async fn gather(
    mesh: &Mesh,
    observers: &Observers,
    now: Timestamp,
    tell: &(dyn Fn(Progress<'_>) + Sync),
) -> Snapshot {
    gather_to(mesh, observers, Depth::Full, now, tell).await
}

/// The same, as deep as is asked for. What is not read at a depth is unread, and was not asked for.
pub async fn gather_to(
    mesh: &Mesh,
    observers: &Observers,
    depth: Depth,
    now: Timestamp,
    tell: &(dyn Fn(Progress<'_>) + Sync),
) -> Snapshot {
    let alive: Vec<&Cluster> = mesh.clusters.iter().filter(|c| c.state != State::Gone).collect();
    let of = alive.len();
    let mut reads = stream::iter(alive)
        .map(|cluster| async move {
            let read = match observers.get(&cluster.name) {
                Some(observer) => read_cluster(mesh, cluster, observer.as_ref(), depth).await,
                None => ClusterSnapshot::unread(&Unread::NotAsked),
            };
            (&cluster.name, read)
        })
        .buffer_unordered(CLUSTERS_AT_ONCE);
    let mut clusters = BTreeMap::new();
    while let Some((name, read)) = reads.next().await {
        clusters.insert(name.clone(), read);
        tell(Progress { cluster: name, done: clusters.len(), of });
    }
    if depth == Depth::Full {
        names::look_up(mesh, observers, &mut clusters).await;
    }
    Snapshot::new(&mesh.metadata.name, now, clusters)
}

/// Reads one cluster. Its interfaces are asked one after another: the vendor asks not to run queries in parallel
/// (field-notes 3.4).
async fn read_cluster(mesh: &Mesh, cluster: &Cluster, observer: &dyn Observe, depth: Depth) -> ClusterSnapshot {
    let mut read = ClusterSnapshot::unread(&Unread::NotAsked);
    read.identity = observer.identity().await.into();
    if let Some(error) = read.identity.failure()
        && ends_reading(error)
    {
        let mut unread = ClusterSnapshot::unread(&Unread::Failed(error.clone()));
        // what is wrong with a certificate that is not trusted, it tells itself; nothing is sent for that
        if matches!(error.kind, crate::cluster::ErrorKind::Untrusted { .. }) {
            let nodes = unread.known_nodes(&cluster.publisher, &given(cluster));
            read_certificates(observer, &nodes, &mut unread).await;
        }
        return unread;
    }
    // without AXL, the page tells the nodes, and whether anything answers at all
    if depth == Depth::Full || read.identity.failure().is_some() {
        read.topology = observer.topology().await.into();
    }
    if let (Some(error), Some(also)) = (read.identity.failure(), read.topology.failure())
        && also.kind.is_transient()
    {
        // neither AXL nor the pages: it is the node, and waiting for each further read would only take time
        return ClusterSnapshot::unread(&Unread::Failed(error.clone()));
    }
    // what else is read over AXL would fail alike, each time after the patience that a slow appliance needs
    let axl_down = read.identity.failure().cloned();
    if let Some(error) = &axl_down {
        read.nodes = Fact::Unread(Unread::Failed(error.clone()));
        read.users = Fact::Unread(Unread::Failed(error.clone()));
        read.high_availability = Fact::Unread(Unread::Failed(error.clone()));
        read.probe = Fact::Unread(Unread::Failed(error.clone()));
    } else {
        read.nodes = observer.nodes().await.into();
        read.users = observer.users().await.into();
        read.high_availability = observer.high_availability().await.into();
        if let Some(account) = mesh.peer_account(cluster).filter(|_| depth == Depth::Full) {
            read.probe = observer.answers_probe(account).await.into();
        }
    }
    let nodes = read.known_nodes(&cluster.publisher, &given(cluster));
    for node in &nodes {
        let services = observer.services(node).await;
        read.services.insert(node.clone(), services.into());
    }
    for node in &nodes {
        let mut services: Vec<&str> = mesh.parameters_of(cluster, node).iter().map(|w| w.service).collect();
        services.dedup_by(|a, b| same_label(a, b));
        for service in services.into_iter().filter(|_| depth == Depth::Full) {
            let parameters = observer.parameters(node, service).await.into();
            read.parameters.entry(node.clone()).or_default().insert(service.to_owned(), parameters);
        }
    }
    // after the services: the connections that there are tell the certificates
    if depth == Depth::Full {
        read_certificates(observer, &nodes, &mut read).await;
    }
    read.sync_status = observer.sync_status().await.into();
    read.peers = observer.peers().await.into();
    for peer in read.peers.read().into_iter().flatten() {
        let status = observer.peer_status(&peer.address).await;
        read.peer_status.insert(peer.address.clone(), status.into());
    }
    read.notifications = observer.notifications().await.into();
    if depth == Depth::Full {
        read.troubleshooter = observer.troubleshooter().await.into();
        read.im_address_scheme = observer.im_address_scheme().await.into();
    }
    read
}

async fn read_certificates(observer: &dyn Observe, nodes: &[NodeName], read: &mut ClusterSnapshot) {
    for node in nodes {
        let certificate = observer.certificate(node).await;
        read.certificates.insert(node.clone(), certificate.into());
    }
}

fn given(cluster: &Cluster) -> Vec<NodeName> {
    cluster.nodes.iter().map(|n| n.name.clone()).collect()
}

/// Whether everything else would fail like this: a certificate that is not trusted, an account that is refused and
/// must not be tried again. What a stopped AXL Web Service answers is unknown (field-notes 3.3), so no other kind
/// counts.
fn ends_reading(error: &crate::cluster::Error) -> bool {
    use crate::cluster::ErrorKind::{NoCredential, Unauthorized, Untrusted};
    matches!(error.kind, Untrusted { .. } | Unauthorized { .. } | NoCredential { .. })
}

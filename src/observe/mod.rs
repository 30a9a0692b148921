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
mod nodes;
mod walk;

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::{Either, FusedFuture, join, join_all, select};
use jiff::Timestamp;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::cluster::{
    Certificate, Check, ClusterSnapshot, Depth, Fact, Group, Identity, Members, NameLookup, Node, Notification,
    Observe, Peer, PeerStatus, Provisioning, Result, Service, Snapshot, SyncStatus, Unread, is_whole_number,
    same_label,
};
use crate::mesh::{Cluster, ClusterName, Mesh, NodeName, State};

use names::Desk;

pub use examine::{Examining, examine};
pub use nodes::{A_PLANS_TIME, ask_nodes};
pub use walk::{Door, Found, Opened, Walking, walk};

/// The clusters of a mesh, to be read.
pub type Observers = BTreeMap<ClusterName, Arc<dyn Observe>>;

/// Clusters that are read at the same time: as many as a mesh may have (field-notes 2.1), so that none waits for another.
/// What a node is asked at a time does not depend on it.
const CLUSTERS_AT_ONCE: usize = 30;

/// Nodes that are asked for their services at the same time, over all clusters: a mesh has hundreds, and each begins with
/// a handshake.
const NODES_AT_ONCE: usize = 30;

/// What the readings of all clusters share.
struct Shared {
    mesh: Mesh,
    desk: Desk,
    nodes: Semaphore,
}

impl Shared {
    fn new(mesh: &Mesh) -> Shared {
        Shared { mesh: mesh.clone(), desk: Desk::new(mesh), nodes: Semaphore::new(NODES_AT_ONCE) }
    }
}

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
    // Pages are long, and a mesh has a thousand of them: every cluster is a task, so that all processors read them.
    let shared = Arc::new(Shared::new(mesh));
    let alive = mesh.clusters.iter().filter(|c| c.state != State::Gone);
    let of = alive.clone().count();
    let mut waiting = alive.map(|cluster| {
        let (shared, cluster) = (Arc::clone(&shared), cluster.clone());
        let observer = observers.get(&cluster.name).cloned();
        async move {
            let read = match observer {
                Some(observer) => read_cluster(&shared, &cluster, observer.as_ref(), depth).await,
                None => ClusterSnapshot::unread(&Unread::NotAsked),
            };
            (cluster.name, read)
        }
    });
    // dropped with this future, they end
    let mut reads = JoinSet::new();
    waiting.by_ref().take(CLUSTERS_AT_ONCE).for_each(|read| drop(reads.spawn(read)));
    let mut clusters = BTreeMap::new();
    while let Some(ended) = reads.join_next().await {
        let (name, read) = match ended {
            Ok(ended) => ended,
            // nobody ends them while they are waited for, so it is a panic, and it is ours
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        };
        if let Some(next) = waiting.next() {
            reads.spawn(next);
        }
        clusters.insert(name.clone(), read);
        tell(Progress { cluster: &name, done: clusters.len(), of });
    }
    if depth == Depth::Full {
        names::look_up(&shared.desk, mesh, observers, &mut clusters).await;
    }
    Snapshot::new(&mesh.metadata.name, now, clusters)
}

/// Reads one cluster. AXL is asked one thing after another, as the vendor asks for (field-notes 3.4), and so are the
/// administration pages; these two go on beside each other, and every node is asked for its own services.
async fn read_cluster(shared: &Shared, cluster: &Cluster, observer: &dyn Observe, depth: Depth) -> ClusterSnapshot {
    let mut read = ClusterSnapshot::unread(&Unread::NotAsked);
    // before any password but this one is sent: what is wrong with the node or the account, one request tells
    let mut approach = observer.approach().fuse();
    let identity = match select(observer.identity(), &mut approach).await {
        Either::Left((identity, _)) => identity,
        Either::Right(((), identity)) => identity.await,
    };
    if let Some(error) = identity.as_ref().err().filter(|error| ends_reading(error)) {
        let mut unread = ClusterSnapshot::unread(&Unread::Failed(error.clone()));
        // what is wrong with a certificate that is not trusted, it tells itself; nothing is sent for that
        if matches!(error.kind, crate::cluster::ErrorKind::Untrusted { .. }) {
            let nodes = unread.known_nodes(&cluster.publisher, &given(cluster));
            unread.certificates = read_certificates(observer, &nodes).await;
        }
        return unread;
    }
    match &identity {
        Ok(identity) => {
            let of_axl = read_axl(shared, cluster, observer, depth, identity);
            let of_pages = async {
                if !approach.is_terminated() {
                    approach.await;
                }
                read_pages(observer, depth).await
            };
            let (of_pages, of_axl) = join(of_pages, of_axl).await;
            (read.nodes, read.users, read.high_availability) = of_axl.members;
            (read.probe, read.services) = (of_axl.probe, of_axl.services);
            (read.certificates, read.lookups) = (of_axl.certificates, of_axl.lookups);
            of_pages.into_snapshot(&mut read);
        }
        // without AXL, the page tells the nodes, and whether anything answers at all
        Err(error) => {
            // half way, it holds what the pages need, and a login that is cut off leaves its session behind
            if !approach.is_terminated() {
                approach.await;
            }
            let topology = observer.topology().await;
            if topology.as_ref().is_err_and(|also| also.kind.is_transient()) {
                // neither AXL nor the pages: it is the node, and waiting for each further read would only take time
                return ClusterSnapshot::unread(&Unread::Failed(error.clone()));
            }
            // what else is read over AXL would fail alike, each time after the patience that a slow appliance needs
            read.nodes = Fact::Unread(Unread::Failed(error.clone()));
            read.users = Fact::Unread(Unread::Failed(error.clone()));
            read.high_availability = Fact::Unread(Unread::Failed(error.clone()));
            read.probe = Fact::Unread(Unread::Failed(error.clone()));
            read_pages(observer, depth).await.into_snapshot(&mut read);
            read.topology = topology.into();
        }
    }
    read.identity = identity.into();
    let nodes = read.known_nodes(&cluster.publisher, &given(cluster));
    let more: Vec<NodeName> = nodes.iter().filter(|node| !read.services.contains_key(*node)).cloned().collect();
    read.services.extend(read_services(shared, observer, &more).await);
    for node in &nodes {
        let wanted = shared.mesh.parameters_of(cluster, node);
        let of_services = wanted.chunk_by(|a, b| same_label(a.service, b.service)).filter(|_| depth == Depth::Full);
        for wanted in of_services {
            let are_numbers = wanted.iter().all(|w| is_whole_number(w.value));
            let numbers: Vec<&str> = wanted.iter().filter(|_| are_numbers).map(|w| w.label).collect();
            let service = wanted[0].service;
            let parameters = observer.parameters(node, service, &numbers).await.into();
            read.parameters.entry(node.clone()).or_default().insert(service.to_owned(), parameters);
        }
    }
    // after the services: the connections that there are tell the certificates
    if depth == Depth::Full {
        let more: Vec<NodeName> = nodes.into_iter().filter(|node| !read.certificates.contains_key(node)).collect();
        read.certificates.extend(read_certificates(observer, &more).await);
    }
    read
}

/// What AXL tells, and what the nodes tell that it knows of.
struct OfAxl {
    members: (Fact<Vec<Node>>, Fact<u64>, Fact<Vec<Group>>),
    probe: Fact<()>,
    services: BTreeMap<NodeName, Fact<Vec<Service>>>,
    certificates: BTreeMap<NodeName, Fact<Certificate>>,
    lookups: BTreeMap<String, Fact<NameLookup>>,
}

async fn read_axl(
    shared: &Shared,
    cluster: &Cluster,
    observer: &dyn Observe,
    depth: Depth,
    identity: &Identity,
) -> OfAxl {
    let full = depth == Depth::Full;
    let Members { nodes, users } = observer.members(identity).await;
    let names: Vec<NodeName> = nodes.iter().flatten().map(|node| node.name.clone()).collect();
    let (publisher, others): (Vec<NodeName>, Vec<NodeName>) =
        names.iter().cloned().partition(|name| name.same(&cluster.publisher));
    let of_publisher = async {
        let groups = match &nodes {
            Ok(nodes) => observer.groups_of(nodes).await,
            Err(error) => Err(error.clone()),
        };
        let probe = match shared.mesh.peer_account(cluster).filter(|_| full) {
            Some(account) => observer.answers_probe(account).await.into(),
            None => Fact::default(),
        };
        // its pages wait for each other, so it is asked this when it is asked nothing else beside them
        (groups, probe, read_services(shared, observer, &publisher).await)
    };
    let of_others = async {
        let services = read_services(shared, observer, &others).await;
        if !full {
            return (services, BTreeMap::new(), BTreeMap::new());
        }
        // the connections that there are now tell the certificates
        let certificates = read_certificates(observer, &names).await;
        let names = names::named(nodes.iter().flatten(), &certificates);
        let lookups = shared.desk.own(&cluster.name, observer, names).await;
        (services, certificates, lookups)
    };
    let ((groups, probe, mut services), (more, certificates, lookups)) = join(of_publisher, of_others).await;
    services.extend(more);
    OfAxl { members: (nodes.into(), users.into(), groups.into()), probe, services, certificates, lookups }
}

/// The services, asked of every node itself, at the same time.
async fn read_services(
    shared: &Shared,
    observer: &dyn Observe,
    nodes: &[NodeName],
) -> BTreeMap<NodeName, Fact<Vec<Service>>> {
    let asked = nodes.iter().map(|node| async move {
        // it is never closed
        let _permit = shared.nodes.acquire().await.ok();
        (node.clone(), observer.services(node).await.into())
    });
    join_all(asked).await.into_iter().collect()
}

/// What the administration pages tell.
struct OfPages {
    provisioning: Option<Provisioning>,
    sync_status: Option<Result<SyncStatus>>,
    peers: Result<Vec<(Peer, Result<PeerStatus>)>>,
    notifications: Result<Vec<Notification>>,
    troubleshooter: Option<Result<Vec<Check>>>,
}

async fn read_pages(observer: &dyn Observe, depth: Depth) -> OfPages {
    let full = depth == Depth::Full;
    // first, as the page after the login tells how many there are
    let notifications = observer.notifications().await;
    OfPages {
        provisioning: if full { Some(observer.provisioning().await) } else { None },
        sync_status: if full { None } else { Some(observer.sync_status().await) },
        peers: observer.peers_with_status().await,
        notifications,
        troubleshooter: if full { Some(observer.troubleshooter().await) } else { None },
    }
}

impl OfPages {
    fn into_snapshot(self, read: &mut ClusterSnapshot) {
        let OfPages { provisioning, sync_status, peers, notifications, troubleshooter } = self;
        if let Some(Provisioning { topology, sync_status, im_address_scheme }) = provisioning {
            read.topology = topology.into();
            read.sync_status = sync_status.into();
            read.im_address_scheme = im_address_scheme.into();
        }
        if let Some(status) = sync_status {
            read.sync_status = status.into();
        }
        read.peers = match peers {
            Ok(peers) => {
                let split = peers.into_iter().map(|(peer, status)| {
                    read.peer_status.insert(peer.address.clone(), status.into());
                    peer
                });
                Fact::Read(split.collect())
            }
            Err(error) => Fact::Unread(Unread::Failed(error)),
        };
        read.notifications = notifications.into();
        if let Some(checks) = troubleshooter {
            read.troubleshooter = checks.into();
        }
    }
}

async fn read_certificates(observer: &dyn Observe, nodes: &[NodeName]) -> BTreeMap<NodeName, Fact<Certificate>> {
    let mut certificates = BTreeMap::new();
    for node in nodes {
        certificates.insert(node.clone(), observer.certificate(node).await.into());
    }
    certificates
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

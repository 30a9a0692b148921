//! Operators that look at the world before every order and at every read: what must never be so is written down, whatever
//! the plan says of itself.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use intermesh::apply::Operators;
use intermesh::cluster::{
    Check, Clock, ClusterName, CredentialName, Group, Identity, NewPeer, Node, NodeName, Notification, Observe,
    Operate, Parameter, Peer, PeerEdit, PeerStatus, Result, Service, ServiceState, SyncStatus, TopologyFacts, service,
};
use intermesh::lab::InMemory;
use intermesh::lab::world::World;
use intermesh::mesh::Window;
use intermesh::mesh::topology::Pair;
use intermesh::plan::window::open_until;

use crate::case::Case;
use crate::support::Bench;

/// What is watched while a plan is carried out.
#[derive(Default)]
struct Seen {
    /// Links whose entries were written in this run.
    written: BTreeSet<Pair>,
    /// Routers that were restarted in this run.
    restarted: BTreeSet<(ClusterName, NodeName)>,
    broken: Vec<String>,
}

/// The laws of a run.
pub struct Watch {
    seen: Arc<Mutex<Seen>>,
    /// Groups whose High Availability was on before.
    on: Vec<(ClusterName, String)>,
}

struct Watched {
    inner: Arc<dyn Operate>,
    lab: InMemory,
    seen: Arc<Mutex<Seen>>,
    switch_off: bool,
    syncs: usize,
    restarting: usize,
    /// Groups that must be off while their routers restart.
    on: Vec<(ClusterName, String)>,
    window: Option<Window>,
}

impl Watch {
    /// The operators of a mesh, watched.
    pub fn over(bench: &Bench, case: &Case) -> (Watch, Operators) {
        let seen = Arc::<Mutex<Seen>>::default();
        let on = on(bench);
        let watched = |name: &ClusterName| -> Arc<dyn Operate> {
            Arc::new(Watched {
                inner: bench.lab.operator(name),
                lab: bench.lab.clone(),
                seen: seen.clone(),
                switch_off: case.policy.switch_off,
                // an entry whose other half failed may sync while the next link begins
                syncs: if case.fault.is_some() { usize::MAX } else { case.policy.syncs as usize },
                restarting: case.policy.restarting as usize,
                on: on.clone(),
                window: bench.mesh.policy.window.clone(),
            })
        };
        let operators = bench.mesh.clusters.iter().map(|c| (c.name.clone(), watched(&c.name))).collect();
        (Watch { seen, on }, operators)
    }

    /// What was broken, now that the run has ended.
    pub fn broken(&self, bench: &Bench) -> Vec<String> {
        let mut broken = self.seen.lock().unwrap().broken.clone();
        let still = on(bench);
        let left = self.on.iter().filter(|group| !still.contains(group));
        broken.extend(left.map(|(cluster, group)| format!("High Availability of {group} of {cluster} is left off")));
        broken
    }
}

fn on(bench: &Bench) -> Vec<(ClusterName, String)> {
    let world = bench.lab.world();
    let of = |name: &ClusterName| {
        let groups = world.groups(name).into_iter().filter(|g| g.enabled);
        groups.map(|g| (name.clone(), g.name)).collect::<Vec<_>>()
    };
    bench.mesh.clusters.iter().flat_map(|c| of(&c.name)).collect()
}

fn runs(world: &World, cluster: &ClusterName, node: &NodeName, service: &str) -> bool {
    world.services(cluster, node).iter().any(|s| s.name == service && s.state == ServiceState::Started)
}

impl Watched {
    fn broken(&self, what: String) {
        self.seen.lock().unwrap().broken.push(what);
    }

    /// Nothing is ordered outside the window.
    fn order(&self, what: &str) {
        let now = self.lab.clock().now();
        if self.window.as_ref().is_some_and(|window| open_until(now, window).is_none()) {
            self.broken(format!("{} of {} at {now}, when the window is closed", what, self.cluster()));
        }
    }

    /// No more links of the cluster learn their users for the first time than the policy allows.
    fn look(&self) {
        let syncing: Vec<Pair> = {
            let world = self.lab.world();
            world.first_syncs(self.cluster()).into_iter().map(|other| Pair::new(self.cluster(), other)).collect()
        };
        let written = syncing.iter().filter(|pair| self.seen.lock().unwrap().written.contains(pair)).count();
        if written > self.syncs {
            self.broken(format!("{} syncs {syncing:?} at once, {} are allowed", self.cluster(), self.syncs));
        }
    }

    /// Both sides are ready for an entry: AXL answers on all nodes, and the Sync Agent has copied the users.
    fn entry(&self, address: &NodeName) {
        let world = self.lab.world();
        let there = world.find_node(address).map(|(cluster, _)| cluster.clone());
        let sides: Vec<ClusterName> = [Some(self.cluster().clone()), there].into_iter().flatten().collect();
        for cluster in &sides {
            for node in world.nodes(cluster) {
                if !world.axl_answers(cluster, &node.name) {
                    self.broken(format!("{} writes {address}: AXL of {} is down", self.cluster(), node.name));
                }
            }
            if !world.sync_status(cluster).starts_with("Completed") {
                self.broken(format!("{} writes {address}: {cluster} has not copied its users", self.cluster()));
            }
        }
        if let [here, there] = sides.as_slice() {
            self.seen.lock().unwrap().written.insert(Pair::new(here, there));
        }
    }

    /// A router goes down: the others of its group run, its group is switched off where that is the rule, and no more
    /// clusters restart than the policy allows.
    fn router(&self, node: &NodeName) {
        let world = self.lab.world();
        let nodes = world.nodes(self.cluster());
        let Some(own) = nodes.iter().find(|n| n.name.same(node)) else { return };
        for other in nodes.iter().filter(|n| n.name != own.name && n.group == own.group && n.group.is_some()) {
            if !runs(&world, self.cluster(), &other.name, service::XCP_ROUTER) {
                self.broken(format!("{node} goes down while {} is down", other.name));
            }
        }
        if let Some(name) = &own.group {
            let group = (self.cluster().clone(), name.clone());
            let is_on = world.groups(self.cluster()).iter().any(|g| g.name == *name && g.enabled && g.nodes.len() > 1);
            if self.switch_off && is_on && self.on.contains(&group) {
                self.broken(format!("{node} goes down while High Availability of {name} is on"));
            }
        }
        let mut seen = self.seen.lock().unwrap();
        seen.restarted.insert((self.cluster().clone(), node.clone()));
        let down =
            seen.restarted.iter().filter(|(c, n)| c == self.cluster() || !runs(&world, c, n, service::XCP_ROUTER));
        let clusters: BTreeSet<&ClusterName> = down.map(|(cluster, _)| cluster).collect();
        if clusters.len() > self.restarting {
            let what = format!("routers of {clusters:?} are down at once");
            seen.broken.push(what);
        }
    }
}

#[async_trait]
impl Observe for Watched {
    fn cluster(&self) -> &ClusterName {
        self.inner.cluster()
    }
    async fn identity(&self) -> Result<Identity> {
        self.inner.identity().await
    }
    async fn nodes(&self) -> Result<Vec<Node>> {
        self.inner.nodes().await
    }
    async fn services(&self, node: &NodeName) -> Result<Vec<Service>> {
        self.look();
        self.inner.services(node).await
    }
    async fn sync_status(&self) -> Result<SyncStatus> {
        self.inner.sync_status().await
    }
    async fn peers(&self) -> Result<Vec<Peer>> {
        self.look();
        self.inner.peers().await
    }
    async fn peer_status(&self, address: &NodeName) -> Result<PeerStatus> {
        self.look();
        self.inner.peer_status(address).await
    }
    async fn notifications(&self) -> Result<Vec<Notification>> {
        self.inner.notifications().await
    }
    async fn topology(&self) -> Result<TopologyFacts> {
        self.inner.topology().await
    }
    async fn troubleshooter(&self) -> Result<Vec<Check>> {
        self.inner.troubleshooter().await
    }
    async fn parameters(&self, node: &NodeName, service: &str, numbers: &[&str]) -> Result<Vec<Parameter>> {
        self.inner.parameters(node, service, numbers).await
    }
    async fn users(&self) -> Result<u64> {
        self.inner.users().await
    }
    async fn high_availability(&self) -> Result<Vec<Group>> {
        self.inner.high_availability().await
    }
    async fn answers_probe(&self, account: &CredentialName) -> Result<()> {
        self.inner.answers_probe(account).await
    }
    async fn sessions(&self, node: &NodeName) -> Result<u64> {
        self.inner.sessions(node).await
    }
}

#[async_trait]
impl Operate for Watched {
    async fn activate(&self, node: &NodeName, service: &str) -> Result<()> {
        self.order("activate");
        self.inner.activate(node, service).await
    }
    async fn start(&self, node: &NodeName, service: &str) -> Result<()> {
        self.order("start");
        self.inner.start(node, service).await
    }
    async fn restart(&self, node: &NodeName, service: &str) -> Result<()> {
        self.order("restart");
        if service == service::XCP_ROUTER {
            self.router(node);
        }
        self.inner.restart(node, service).await
    }
    async fn set_parameter(&self, node: &NodeName, service: &str, label: &str, value: &str) -> Result<()> {
        self.order("set_parameter");
        self.inner.set_parameter(node, service, label, value).await
    }
    async fn add_peer(&self, peer: &NewPeer) -> Result<()> {
        self.order("add_peer");
        self.entry(&peer.address);
        self.inner.add_peer(peer).await
    }
    async fn update_peer(&self, address: &NodeName, edit: &PeerEdit) -> Result<()> {
        self.order("update_peer");
        self.entry(address);
        self.inner.update_peer(address, edit).await
    }
    async fn delete_peer(&self, address: &NodeName) -> Result<()> {
        self.order("delete_peer");
        self.inner.delete_peer(address).await
    }
    async fn force_sync(&self, address: &NodeName, resync_certificates: bool) -> Result<()> {
        self.order("force_sync");
        self.look();
        self.inner.force_sync(address, resync_certificates).await
    }
    async fn set_high_availability(&self, group: &str, enabled: bool) -> Result<()> {
        // what was switched off is switched on again, whatever the time is
        if !enabled {
            self.order("set_high_availability");
        }
        self.inner.set_high_availability(group, enabled).await
    }
}

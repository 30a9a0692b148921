//! What the executor itself costs for each step, beside what it costs to make a record durable on this machine's disk.
//!
//! `cargo bench --bench executor` carries out a thousand orders of thirty clusters that answer at once: without a journal, with
//! one in memory, and with one in a folder, where every record waits for the disk. With `INTERMESH_BENCH_STRICT` it fails where
//! a step's own cost is over a millisecond; that is for an idle machine.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a bench is a program for its authors")]

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use intermesh::apply::{Journaled, Log, Operators, Run, carry_out};
use intermesh::cli::lab_spec::lab_for;
use intermesh::cluster::{
    Check, Clock, ClusterName, CredentialName, Group, Identity, NewPeer, Node, NodeName, Notification, Observe,
    Operate, Parameter, Peer, PeerEdit, PeerStatus, Result, Service, SyncStatus, SystemClock, TopologyFacts,
};
use intermesh::mesh::{self, Vault};
use intermesh::observe::{self, Observers};
use intermesh::plan::step::{Action, After, Need, Step, StepId};
use intermesh::plan::{self, Lines, Options, Plan};
use intermesh::store::{Journal, Owner, RunId, Store, Terms, Wanted};

/// The clusters of the largest mesh that the vendor supports, and the orders of each, one after another.
const CLUSTERS: usize = 30;
const ORDERS: usize = 34;
/// The most that a step may cost by itself.
const MOST: Duration = Duration::from_millis(1);

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let plan = runtime.block_on(orders());
    let steps = plan.steps.len() as u32;
    let folder = tempfile::tempdir().unwrap();
    let alone = median(9, || runtime.block_on(carry(&plan, None))) / steps;
    let journaled = median(5, || runtime.block_on(carry(&plan, Some(Store::in_memory())))) / steps;
    let mut n = 0;
    let durable = median(3, || {
        n += 1;
        let store = Store::folder(&folder.path().join(n.to_string())).unwrap();
        runtime.block_on(carry(&plan, Some(store)))
    }) / steps;
    let fsync = fsync(folder.path());
    println!("{steps} steps of {CLUSTERS} clusters, each an order that is answered at once");
    println!("executor alone               {alone:>10.1?} a step");
    println!("with a journal in memory     {journaled:>10.1?} a step, two records");
    println!("with a journal in a folder   {durable:>10.1?} a step, two durable records");
    println!("of that, the disk            {:>10.1?} a step", durable.saturating_sub(journaled));
    println!("an fsync of this disk        {fsync:>10.1?}");
    if std::env::var_os("INTERMESH_BENCH_STRICT").is_some() {
        assert!(journaled < MOST, "a step costs {journaled:?}, {MOST:?} are allowed");
    }
}

fn median(times: usize, mut work: impl FnMut() -> Duration) -> Duration {
    let mut all: Vec<Duration> = (0..times).map(|_| work()).collect();
    all.sort();
    all[times / 2]
}

/// A file as large as a record, written and made durable.
fn fsync(folder: &Path) -> Duration {
    median(21, || {
        let path = folder.join("record");
        let began = Instant::now();
        let mut file = std::fs::File::create(&path).unwrap();
        file.write_all(&[b'x'; 300]).unwrap();
        file.sync_all().unwrap();
        began.elapsed()
    })
}

/// A plan of orders that leave no trace, so that nothing is read: what is left is the executor.
async fn orders() -> Plan {
    let mut text = String::from(
        "apiVersion: intermesh/v1\nkind: Mesh\nmetadata: {name: bench}\ndomain: example.com\n\
         credentials: {icsa: {username: icsa, password: {env: ICSA}}}\ndefaults: {credentials: {axl: icsa}}\nclusters:\n",
    );
    for i in 0..CLUSTERS {
        text += &format!("  - {{name: c{i:02}, publisher: imp1.c{i:02}.example.com}}\n");
    }
    let mesh = mesh::load_str("mesh.yaml", &text, jiff::civil::date(2026, 11, 22)).unwrap().mesh;
    let made = lab_for(&mesh, 1, 1.0, b"bench");
    let lab = intermesh::lab::InMemory::new(made.spec, made.accounts);
    let observers: Observers = mesh.clusters.iter().map(|c| (c.name.clone(), lab.observer(&c.name))).collect();
    let now = lab.clock().now();
    let snapshot = observe::gather(&mesh, &observers, now, &|_| ()).await;
    let lines = Lines::new(&|_| None);
    let mut plan = plan::make(&mesh, "mesh.yaml", &lines, snapshot, &Options::default(), now);
    (plan.holds, plan.tokens, plan.steps) = (Vec::new(), Vec::new(), Vec::new());
    for order in 0..ORDERS {
        for (at, cluster) in mesh.clusters.iter().enumerate() {
            let other = &mesh.clusters[(at + 1) % CLUSTERS];
            let (address, to) = (other.publisher.clone(), other.name.clone());
            let id = |order: usize| StepId(format!("order-{order}/{}", cluster.name).into());
            let mut step =
                Step::new(id(order), &cluster.name, Action::ForceSync { address, to, certificates: false }, "a bench");
            step.after.extend(order.checked_sub(1).map(|before| After { step: id(before), need: Need::Done }));
            step.within_seconds = 60;
            plan.steps.push(step);
        }
    }
    plan
}

async fn carry(plan: &Plan, store: Option<Store>) -> Duration {
    let clusters = plan.mesh.clusters.iter().map(|c| c.name.clone());
    let operators: Operators =
        clusters.map(|name| (name.clone(), Arc::new(AtOnce(name)) as Arc<dyn Operate>)).collect();
    let vault = Vault::new(&plan.mesh, Path::new("."), Default::default());
    let (clock, stop) = (SystemClock::default(), AtomicBool::new(false));
    let shared: Arc<dyn Clock> = Arc::new(clock);
    let nobody = |_: &_| ();
    let mut run = Run::new(&operators, &vault, &clock, &stop, &nobody);
    let kept = match store {
        Some(store) => {
            let owner = Owner::of_this_process().unwrap();
            let id = RunId::new(clock.now(), &owner);
            let wanted = Wanted { mesh: "bench".into(), publishers: Vec::new(), run: id.clone() };
            let lease = store.acquire(&wanted, &owner, shared.clone(), Terms::default()).await.unwrap();
            Some((lease, Journal::begin(&store, id, plan, &owner, shared.clone()).await.unwrap()))
        }
        None => None,
    };
    let log = kept.as_ref().map(|(lease, journal)| Journaled { journal, lease, clock: shared });
    run.log = log.as_ref().map(|log| log as &dyn Log);
    let began = Instant::now();
    let account = carry_out(plan, &run).await;
    let took = began.elapsed();
    assert!(account.complete());
    took
}

/// A cluster that answers at once.
struct AtOnce(ClusterName);

#[async_trait]
impl Observe for AtOnce {
    fn cluster(&self) -> &ClusterName {
        &self.0
    }
    async fn identity(&self) -> Result<Identity> {
        Err(self.unsupported(None, "read"))
    }
    async fn nodes(&self) -> Result<Vec<Node>> {
        Ok(Vec::new())
    }
    async fn services(&self, _: &NodeName) -> Result<Vec<Service>> {
        Ok(Vec::new())
    }
    async fn sync_status(&self) -> Result<SyncStatus> {
        Err(self.unsupported(None, "read"))
    }
    async fn peers(&self) -> Result<Vec<Peer>> {
        Ok(Vec::new())
    }
    async fn peer_status(&self, _: &NodeName) -> Result<PeerStatus> {
        Err(self.unsupported(None, "read"))
    }
    async fn notifications(&self) -> Result<Vec<Notification>> {
        Ok(Vec::new())
    }
    async fn topology(&self) -> Result<TopologyFacts> {
        Err(self.unsupported(None, "read"))
    }
    async fn troubleshooter(&self) -> Result<Vec<Check>> {
        Ok(Vec::new())
    }
    async fn parameters(&self, _: &NodeName, _: &str, _: &[&str]) -> Result<Vec<Parameter>> {
        Ok(Vec::new())
    }
    async fn users(&self) -> Result<u64> {
        Ok(0)
    }
    async fn high_availability(&self) -> Result<Vec<Group>> {
        Ok(Vec::new())
    }
    async fn answers_probe(&self, _: &CredentialName) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl Operate for AtOnce {
    async fn activate(&self, _: &NodeName, _: &str) -> Result<()> {
        Ok(())
    }
    async fn start(&self, _: &NodeName, _: &str) -> Result<()> {
        Ok(())
    }
    async fn restart(&self, _: &NodeName, _: &str) -> Result<()> {
        Ok(())
    }
    async fn set_parameter(&self, _: &NodeName, _: &str, _: &str, _: &str) -> Result<()> {
        Ok(())
    }
    async fn add_peer(&self, _: &NewPeer) -> Result<()> {
        Ok(())
    }
    async fn update_peer(&self, _: &NodeName, _: &PeerEdit) -> Result<()> {
        Ok(())
    }
    async fn delete_peer(&self, _: &NodeName) -> Result<()> {
        Ok(())
    }
    async fn force_sync(&self, _: &NodeName, _: bool) -> Result<()> {
        Ok(())
    }
    async fn set_high_availability(&self, _: &str, _: bool) -> Result<()> {
        Ok(())
    }
}

//! The laws of plan and apply, on the in-memory product in virtual time.

use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use intermesh::apply::{Account, Event, Operators, Run, carry_out};
use intermesh::cli::lab_spec::lab_for;
use intermesh::cluster::{Clock, service};
use intermesh::lab::{InMemory, LabSpec};
use intermesh::mesh::{self, Mesh, Vault};
use intermesh::observe::{self, Observers};
use intermesh::plan::verify::verify;
use intermesh::plan::{self, Lines, Options, Plan};

/// A mesh and a product in memory for it.
struct Bench {
    mesh: Mesh,
    lab: InMemory,
    vault: Vault,
}

fn mesh_of(clusters: usize, topology: &str, extra: &str) -> Mesh {
    let mut text = String::from(
        "apiVersion: intermesh/v1\nkind: Mesh\nmetadata: {name: test}\ndomain: example.com\n\
         credentials:\n  icsa: {username: icsa, password: {env: ICSA}}\n  admin: {username: admin, password: {env: ADMIN}}\n\
         defaults: {credentials: {axl: icsa, admin: admin}}\nclusters:\n",
    );
    for i in 0..clusters {
        text += &format!("  - {{name: c{i:02}, publisher: imp1.c{i:02}.example.com}}\n");
    }
    text += topology;
    text += extra;
    load(&text)
}

fn load(text: &str) -> Mesh {
    mesh::load_str("test.yaml", text, jiff::civil::date(2026, 11, 22)).unwrap_or_else(|f| panic!("{f:?}")).mesh
}

impl Bench {
    fn new(mesh: Mesh, seed: u64, prepare: impl FnOnce(&mut LabSpec)) -> Bench {
        let mut made = lab_for(&mesh, seed, 1.0, b"test");
        prepare(&mut made.spec);
        let vault = Vault::new(&mesh, made.accounts.clone());
        Bench { mesh, lab: InMemory::new(made.spec, made.accounts), vault }
    }

    async fn plan(&self) -> Plan {
        let observers: Observers =
            self.mesh.clusters.iter().map(|c| (c.name.clone(), self.lab.observer(&c.name))).collect();
        let now = self.lab.clock().now();
        let snapshot = observe::gather(&self.mesh, &observers, now, &|_| ()).await;
        let none = |_: &str| None;
        let plan = plan::make(&self.mesh, "test.yaml", &Lines::new(&none), &snapshot, &Options::default(), now);
        plan::check::check(&plan).unwrap();
        plan
    }

    async fn apply(&self, plan: &Plan) -> Account {
        let operators: Operators =
            self.mesh.clusters.iter().map(|c| (c.name.clone(), self.lab.operator(&c.name))).collect();
        let events = Mutex::new(Vec::new());
        let tell = |event: &Event| events.lock().unwrap().push(event.clone());
        let clock = self.lab.clock();
        let stop = AtomicBool::new(false);
        let run = Run::new(&operators, &self.vault, &clock, &stop, &tell);
        carry_out(plan, &run).await
    }

    /// Applies until nothing is left to do; returns the plans.
    async fn settle(&self) -> Vec<Plan> {
        let mut plans = Vec::new();
        for _ in 0..4 {
            let plan = self.plan().await;
            assert!(plan.unread.is_empty(), "{:#?}", plan.unread);
            if plan.is_empty() {
                return plans;
            }
            let account = self.apply(&plan).await;
            assert!(account.complete(), "{}\n{:#?}", intermesh::report::account(&plan, &account), self.lab.writes());
            plans.push(plan);
        }
        panic!("still something to do: {:#?}", self.plan().await.changes);
    }

    async fn verify_clean(&self) {
        let plan = self.plan().await;
        let found = verify(&self.mesh, &plan.snapshot);
        assert!(found.is_clean(), "{found:#?}");
    }
}

#[tokio::test(start_paused = true)]
async fn apply_then_the_plan_is_empty_whatever_the_product_does_where_nobody_knows() {
    for seed in 0..20 {
        for (clusters, topology) in [
            (2, "topology: {shape: full}\n"),
            (4, "topology: {shape: full}\n"),
            (4, "topology: {shape: hub, hub: c01}\n"),
        ] {
            let bench = Bench::new(mesh_of(clusters, topology, ""), seed, |_| ());
            bench.settle().await;
            bench.verify_clean().await;
            let before = bench.lab.writes().len();
            bench.settle().await;
            assert_eq!(bench.lab.writes().len(), before, "a second apply writes nothing (seed {seed})");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_stopped_axl_web_service_makes_two_stages() {
    for seed in 0..5 {
        let bench = Bench::new(mesh_of(3, "", ""), seed, |spec| {
            spec.clusters[1].nodes[0].stopped.push(service::AXL.into());
        });
        let plans = bench.settle().await;
        assert!(!plans[0].stage.last, "{:#?}", plans[0].stage);
        assert_eq!(plans[0].steps.len(), 1, "stage one repairs and nothing else can be planned for c01 yet");
        assert!(plans[1].stage.last);
        bench.verify_clean().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_is_absent_loses_its_peers_on_both_sides() {
    let full = mesh_of(3, "", "");
    let bench = Bench::new(full.clone(), 3, |_| ());
    bench.settle().await;
    let mut leaving = full;
    leaving.clusters[2].state = mesh::State::Absent;
    let bench = Bench { mesh: leaving, lab: bench.lab, vault: bench.vault };
    let plans = bench.settle().await;
    assert_eq!((plans[0].summary.delete, plans[0].summary.create), (4, 0));
    bench.verify_clean().await;
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let make = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let bench = Bench::new(mesh_of(5, "", ""), 9, |_| ());
            let mut plan = bench.plan().await;
            plan.made_at = jiff::Timestamp::UNIX_EPOCH;
            plan.snapshot.taken_at = jiff::Timestamp::UNIX_EPOCH;
            plan::write(&plan).unwrap()
        })
    };
    let text = make();
    assert_eq!(text, make());
    let read = plan::read(&text).unwrap();
    assert_eq!(plan::write(&read).unwrap(), text);
    let edited = text.replacen("\"within_seconds\": 300", "\"within_seconds\": 3", 1);
    assert_eq!(plan::read(&edited).unwrap_err(), plan::FileError::Edited);
}

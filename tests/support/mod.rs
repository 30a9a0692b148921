//! A mesh, and a product in memory for it, in virtual time.

#![allow(clippy::unwrap_used, reason = "clippy takes this for no test, but it only serves tests")]
#![allow(dead_code, reason = "every test file uses a part of it")]

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use intermesh::apply::{Account, Event, Operators, Run, carry_out};
use intermesh::cli::lab_spec::lab_for;
use intermesh::cluster::{Clock, CredentialName, Protocol};
use intermesh::lab::{InMemory, LabSpec, PeerSpec};
use intermesh::mesh::{self, Mesh, Vault};
use intermesh::observe::{self, Observers};
use intermesh::plan::verify::verify;
use intermesh::plan::{self, Lines, Options, Plan};

/// A mesh and a product in memory for it.
pub struct Bench {
    pub mesh: Mesh,
    pub lab: InMemory,
    pub vault: Vault,
}

/// Makes the product of a bench.
pub type Make = fn(LabSpec, BTreeMap<CredentialName, intermesh::cluster::Account>) -> InMemory;

pub fn mesh_of(clusters: usize, topology: &str, extra: &str) -> Mesh {
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

/// Two clusters whose nodes can be asked.
pub fn with_cli(extra: &str) -> Mesh {
    load(&format!(
        "apiVersion: intermesh/v1\nkind: Mesh\nmetadata: {{name: test}}\ndomain: example.com\n\
         credentials:\n  icsa: {{username: icsa, password: {{env: ICSA}}}}\n  \
         admin: {{username: admin, password: {{env: ADMIN}}}}\n  os: {{username: os, password: {{env: OS}}}}\n\
         defaults: {{credentials: {{axl: icsa, admin: admin, cli: os}}}}\nclusters:\n  \
         - {{name: apac, publisher: imp1.apac.example.com}}\n  - {{name: emea, publisher: imp1.emea.example.com}}\n{extra}"
    ))
}

pub fn load(text: &str) -> Mesh {
    mesh::load_str("test.yaml", text, jiff::civil::date(2026, 11, 22)).unwrap_or_else(|f| panic!("{f:?}")).mesh
}

/// A mesh whose clusters name their Unified CM clusters, so that High Availability can be switched.
pub fn switching_mesh(clusters: usize) -> Mesh {
    let mut text = String::from(
        "apiVersion: intermesh/v1\nkind: Mesh\nmetadata: {name: test}\ndomain: example.com\n\
         credentials:\n  icsa: {username: icsa, password: {env: ICSA}}\n  cucm: {username: axlsvc, password: {env: CUCM}}\n\
         defaults: {credentials: {axl: icsa}}\n\
         policy: {canary_above: 100, xcp_restart: {high_availability: switch-off}}\nunified_cms:\n",
    );
    for i in 0..clusters {
        text += &format!("  u{i:02}: {{publisher: cucm1.c{i:02}.example.com, credentials: cucm}}\n");
    }
    text += "clusters:\n";
    for i in 0..clusters {
        text += &format!("  - {{name: c{i:02}, publisher: imp1.c{i:02}.example.com, unified_cm: u{i:02}}}\n");
    }
    load(&text)
}

/// An entry that exists before the lab begins, with the account that the other clusters use.
pub fn entry(spec: &LabSpec, address: &str, password: Option<&str>) -> PeerSpec {
    let mut account = spec.clusters[0].accounts[0].account.clone();
    if let Some(password) = password {
        account.password = password.into();
    }
    PeerSpec { address: address.into(), account, protocol: Protocol::Tcp }
}

impl Bench {
    pub fn new(mesh: Mesh, seed: u64, prepare: impl FnOnce(&mut LabSpec)) -> Bench {
        Bench::made(mesh, seed, InMemory::new, prepare)
    }

    /// A bench whose product is made in another way, such as in the runtime's time.
    pub fn made(mesh: Mesh, seed: u64, make: Make, prepare: impl FnOnce(&mut LabSpec)) -> Bench {
        let mut made = lab_for(&mesh, seed, 1.0, b"test");
        prepare(&mut made.spec);
        let vault = Vault::new(&mesh, std::path::Path::new("."), made.accounts.clone());
        Bench { mesh, lab: make(made.spec, made.accounts), vault }
    }

    pub async fn plan(&self) -> Plan {
        self.plan_with(&Options::default()).await
    }

    pub async fn plan_with(&self, options: &Options) -> Plan {
        let observers: Observers =
            self.mesh.clusters.iter().map(|c| (c.name.clone(), self.lab.observer(&c.name))).collect();
        let now = self.lab.clock().now();
        let mut snapshot = observe::gather(&self.mesh, &observers, now, &|_| ()).await;
        observe::ask_nodes(&self.mesh, &observers, &mut snapshot, &|pair| options.takes(pair), &|_| ()).await;
        let none = |_: &str| None;
        let plan = plan::make(&self.mesh, "test.yaml", &Lines::new(&none), snapshot, options, now);
        plan::check::check(&plan).unwrap();
        plan
    }

    pub async fn apply(&self, plan: &Plan) -> Account {
        self.apply_until(plan, |_| false).await
    }

    /// Applies, and asks the run to stop at the first event for which that holds.
    pub async fn apply_until(&self, plan: &Plan, stops: impl Fn(&Event) -> bool) -> Account {
        self.apply_as(plan, stops, false).await
    }

    /// Applies; the first failure is the last.
    pub async fn apply_strictly(&self, plan: &Plan) -> Account {
        self.apply_as(plan, |_| false, true).await
    }

    async fn apply_as(&self, plan: &Plan, stops: impl Fn(&Event) -> bool, stop_on_error: bool) -> Account {
        let operators: Operators =
            self.mesh.clusters.iter().map(|c| (c.name.clone(), self.lab.operator(&c.name))).collect();
        let events = Mutex::new(Vec::new());
        let stop = AtomicBool::new(false);
        let tell = |event: &Event| {
            events.lock().unwrap().push(event.clone());
            stop.fetch_or(stops(event), std::sync::atomic::Ordering::Relaxed);
        };
        let clock = self.lab.clock();
        let mut run = Run::new(&operators, &self.vault, &clock, &stop, &tell);
        run.stop_on_error = stop_on_error;
        carry_out(plan, &run).await
    }

    /// Applies until nothing is left to do; returns the plans.
    pub async fn settle(&self) -> Vec<Plan> {
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

    pub async fn verify_clean(&self) {
        let plan = self.plan().await;
        let found = verify(&self.mesh, &plan.snapshot);
        assert!(found.is_clean(), "{found:#?}");
    }
}

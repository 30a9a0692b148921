//! Three clusters that were peered and are well, with one link over TLS, DNS servers of their own and a parameter; and what
//! the runs that peered them left behind.

use std::time::Duration;

use intermesh::cluster::{Clock, Depth, Snapshot};
use intermesh::lab::world::{Refusal, World};
use intermesh::mesh::{Loaded, Mesh, load_str};
use intermesh::observe::{Observers, gather_to};
use intermesh::plan::drift::{Before, Drift, Finding, Judging, Last, LastFact, drift};
use intermesh::plan::{Lines, Plan};

use crate::support::Bench;

pub const FILE: &str = "\
apiVersion: intermesh/v1
kind: Mesh
metadata: {name: acme}
domain: example.com
credentials:
  icsa: {username: icsa, password: {env: ICSA}}   # every cluster has it
  peering: {username: peering, password: {env: PEERING}}
  admin: {username: admin, password: {env: ADMIN}}
defaults:
  release: \"14\"
  credentials: {axl: icsa, peer: peering, admin: admin}
clusters:
  - name: emea
    publisher: imp1.emea.example.com
    dns: {servers: [10.1.0.53]}
    nodes:                       # as System > Presence Topology shows them
      - {name: imp1.emea.example.com, group: default}
      - {name: imp2.emea.example.com, group: default}
  - {name: amer, publisher: imp1.amer.example.com, dns: {servers: [10.2.0.53]}}
  - name: apac
    publisher: imp1.apac.example.com
    dns: {servers: [10.3.0.53]}
topology:
  shape: full
  links:
    - {between: [emea, apac], transport: tls}   # audited
parameters:
  Cisco SIP Proxy:
    Maximum no. of processes: 20   # the default, held
  Cisco Intercluster Sync Agent:
    Certificate Sync during Inter-Cluster Periodic Sync: Do not perform certificate sync
";

pub fn day() -> jiff::civil::Date {
    jiff::civil::date(2026, 3, 2)
}

pub fn loaded(text: &str) -> Loaded {
    load_str("mesh.yaml", text, day()).unwrap_or_else(|findings| panic!("{findings:#?}\n{text}"))
}

/// The mesh in a lab, and what is known of the last run.
pub struct Scene {
    pub bench: Bench,
    pub file: Loaded,
    pub last: Option<Last>,
}

impl Scene {
    /// The file as it is, applied.
    pub async fn applied(seed: u64) -> Scene {
        Scene::applied_as(FILE, seed).await
    }

    /// A file, applied.
    pub async fn applied_as(text: &str, seed: u64) -> Scene {
        let file = loaded(text);
        let bench = Bench::new(file.mesh.clone(), seed, |_| ());
        let plans = bench.settle().await;
        // services that were restarted are back, users have logged in again, the panels have refreshed
        bench.lab.clock().wait(Duration::from_secs(1_800)).await;
        let last = last_of(&plans, bench.lab.clock().now());
        Scene { bench, file, last: Some(last) }
    }

    /// Somebody or something does this to the clusters, and an hour goes by.
    /// Whether the pages took it.
    pub async fn disturb(&self, disturb: impl FnOnce(&mut World) -> Result<(), Refusal>) -> bool {
        let taken = disturb(&mut self.bench.lab.world()).is_ok();
        self.bench.lab.clock().wait(Duration::from_secs(3_600)).await;
        taken
    }

    pub async fn read(&self, depth: Depth) -> Snapshot {
        read(&self.bench, &self.file.mesh, depth).await
    }

    pub async fn drift(&self) -> Drift {
        self.drift_to(Depth::Full).await
    }

    pub async fn drift_to(&self, depth: Depth) -> Drift {
        let snapshot = self.read(depth).await;
        self.judge(&self.file, &snapshot, depth)
    }

    pub fn judge(&self, file: &Loaded, snapshot: &Snapshot, depth: Depth) -> Drift {
        let find = |pointer: &str| file.locations.line(pointer);
        let lines = Lines::new(&find);
        let now = snapshot.taken_at;
        drift(&file.mesh, snapshot, &Judging { depth, lines: &lines, last: self.last.as_ref(), now, today: day() })
    }
}

pub async fn read(bench: &Bench, mesh: &Mesh, depth: Depth) -> Snapshot {
    let observers: Observers = mesh.clusters.iter().map(|c| (c.name.clone(), bench.lab.observer(&c.name))).collect();
    gather_to(mesh, &observers, depth, bench.lab.clock().now(), &|_| ()).await
}

/// What runs leave in a store.
pub fn last_of(plans: &[Plan], at: jiff::Timestamp) -> Last {
    let facts = plans.iter().flat_map(|plan| &plan.transition.facts);
    let fact = |f: &intermesh::plan::Reliance| LastFact {
        cluster: f.cluster.clone(),
        about: f.about.clone(),
        value: f.then.clone(),
    };
    let before = plans.last().map(|plan| Before { mesh: plan.mesh.clone(), snapshot: plan.snapshot.clone() });
    Last { run: "2026-03-02T22-00-00Z-0a1b".into(), at, facts: facts.map(fact).collect(), before }
}

/// A finding in a line: `error DR001 drifted emea -> apac`.
pub fn line(finding: &Finding) -> String {
    let label = finding.label.map_or("-", |label| label.word());
    format!("{} {} {label} {}", finding.severity, finding.code, finding.place.words())
}

pub fn lines(drift: &Drift) -> Vec<String> {
    drift.findings.iter().map(line).collect()
}

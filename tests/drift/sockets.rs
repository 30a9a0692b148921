//! The same over real sockets: hands work in the pages of a running lab, and what they did is read by the client.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use intermesh::cli::lab_spec::lab_for;
use intermesh::cluster::{Account, CredentialName, Depth, Protocol, Snapshot, service};
use intermesh::imp::{Fleet, Target};
use intermesh::lab::world::World;
use intermesh::lab::{AccountSpec, Lab, PeerSpec, Skin};
use intermesh::mesh::Loaded;
use intermesh::observe::{Observers, gather_to};
use intermesh::plan::Lines;
use intermesh::plan::drift::{Before, Drift, Judging, Last, drift};

use crate::client_support::settings;
use crate::lab_support::{Browser, PASSWORD, USER, account, until};
use crate::scene::{FILE, day, lines, loaded};

/// The lab's product time runs so much faster.
const FACTOR: f64 = 600.0;
/// A seed whose pages save what does not answer, and whose panels tell the sides of a link apart.
const SEED: u64 = 0;

struct Bench {
    lab: Lab,
    file: Loaded,
    accounts: BTreeMap<CredentialName, Account>,
    last: Option<Last>,
}

impl Bench {
    /// A lab whose clusters have been peered as the file says since before it began.
    async fn up() -> Bench {
        // one name server knows all names here, so no cluster has its own
        let text: Vec<&str> = FILE.lines().filter(|line| !line.trim_start().starts_with("dns:")).collect();
        let text = text.join("\n").replace(", dns: {servers: [10.2.0.53]}", "") + "\n";
        let file = loaded(&text);
        let mut made = lab_for(&file.mesh, SEED, FACTOR, b"test");
        let peering = made.accounts[&CredentialName::from("peering")].clone();
        let publishers: Vec<_> = file.mesh.clusters.iter().map(|c| (c.name.clone(), c.publisher.clone())).collect();
        for cluster in &mut made.spec.clusters {
            let others = publishers.iter().filter(|(name, _)| *name != cluster.name);
            let tls = |other: &str| [cluster.name.as_str(), other].iter().all(|name| *name != "amer");
            let peer = |(name, address): &(_, intermesh::mesh::NodeName)| PeerSpec {
                address: address.clone(),
                account: peering.clone(),
                protocol: if tls(intermesh::mesh::ClusterName::as_str(name)) { Protocol::Tls } else { Protocol::Tcp },
            };
            cluster.peers = others.map(peer).collect();
            cluster.accounts.push(AccountSpec { account: account(USER, PASSWORD), axl: true, admin: true });
            cluster.skin = Some(Skin::Classic);
        }
        let lab = Lab::up(made.spec).await.unwrap();
        let mut bench = Bench { lab, file, accounts: made.accounts, last: None };
        bench.put_back();
        let snapshot = bench.read(Depth::Full).await;
        let before = Some(Before { mesh: bench.file.mesh.clone(), snapshot });
        bench.last = Some(Last { run: "before".into(), at: jiff::Timestamp::UNIX_EPOCH, facts: Vec::new(), before });
        bench
    }

    /// The first state, with what the file asks for beside the peers.
    fn put_back(&self) {
        self.lab.reset();
        let world = self.lab.world();
        let mut world = world.lock().unwrap();
        let names: Vec<_> = world.clusters().cloned().collect();
        for name in names {
            let nodes: Vec<_> = world.nodes(&name).into_iter().map(|node| node.name).collect();
            for node in nodes {
                let label = "Certificate Sync during Inter-Cluster Periodic Sync";
                world.set_parameter(&name, &node, service::ICSA, label, "Do not perform certificate sync").unwrap();
            }
        }
    }

    /// A client that knows nothing from before.
    fn fleet(&self) -> Fleet {
        let mut settings = settings(&self.lab, self.accounts.clone());
        settings.patience.pause = settings.patience.pause.div_f64(FACTOR);
        Fleet::new(settings)
    }

    async fn read(&self, depth: Depth) -> Snapshot {
        let (fleet, mesh) = (self.fleet(), &self.file.mesh);
        let mut observers = Observers::new();
        for cluster in &mesh.clusters {
            let (axl, admin) = (mesh.axl_account(cluster).unwrap(), mesh.admin_account(cluster).unwrap());
            let target = Target::new(cluster.name.clone(), cluster.publisher.clone(), axl.clone(), admin.clone());
            observers.insert(cluster.name.clone(), Arc::new(fleet.reader(&target).unwrap()));
        }
        let now = self.lab.world().lock().unwrap().time_of_day();
        gather_to(mesh, &observers, depth, now, &|_| ()).await
    }

    async fn drift(&self, depth: Depth) -> Drift {
        let snapshot = self.read(depth).await;
        let find = |pointer: &str| self.file.locations.line(pointer);
        let lines = Lines::new(&find);
        let now = snapshot.taken_at;
        drift(
            &self.file.mesh,
            &snapshot,
            &Judging { depth, lines: &lines, last: self.last.as_ref(), now, today: day() },
        )
    }

    /// Lets so much of the product's time go by.
    async fn pass(&self, time: Duration) {
        let now = || {
            self.lab.advance();
            self.lab.world().lock().unwrap().now()
        };
        let end = now() + time;
        until("the product's time goes by", || async { now() >= end }).await;
    }

    fn world(&self, does: impl FnOnce(&mut World)) {
        self.lab.advance();
        does(&mut self.lab.world().lock().unwrap());
    }

    async fn pages(&self, node: &str) -> Browser {
        Browser::log_in(&self.lab, node, "cupadmin").await
    }

    async fn peer(&self, on: &str, address: &str) -> Browser {
        let mut browser = self.pages(on).await;
        browser.follow("Inter-Clustering").await.press("Find").await.follow(address).await;
        browser
    }
}

const EMEA: &str = "imp1.emea.example.com";
const AMER: &str = "imp1.amer.example.com";
const APAC: &str = "imp1.apac.example.com";
const SECOND: &str = "imp2.amer.example.com";

/// What a hand or an accident does, by its name.
async fn disturb(bench: &Bench, what: &str) {
    match what {
        "delete" => _ = bench.peer(AMER, EMEA).await.press("Delete").await,
        "mistype" => {
            let mut browser = bench.peer(EMEA, AMER).await;
            let confirm = browser.confirm_label();
            browser.fill("AXL Password", "m1styped").fill(confirm, "m1styped").press("Save").await;
        }
        "protocol" => _ = bench.peer(AMER, EMEA).await.choose("Protocol", "TLS").press("Save").await,
        "add" => {
            let mut browser = bench.pages(EMEA).await;
            browser.follow("Inter-Clustering").await.press("Add New").await;
            let confirm = browser.confirm_label();
            browser.fill("Peer Address", "imp1.lab.example.com").fill("AXL Username", "x");
            browser.fill("AXL Password", "x").fill(confirm, "x").choose("Protocol", "TCP").press("Save").await;
        }
        "parameter" => {
            let mut browser = bench.pages(EMEA).await;
            browser.follow("Service Parameters").await;
            browser.choose("Server", EMEA).choose("Service", "Cisco SIP Proxy").press("Go").await;
            browser.fill("Maximum no. of processes", "10").press("Save").await;
        }
        "username" => bench.world(|w| {
            let account = Some(Account { username: "icsa-old".into(), password: "old".to_owned().into() });
            let edit = intermesh::cluster::PeerEdit { account, protocol: None };
            w.update_peer(&"emea".into(), &AMER.into(), &edit).unwrap();
        }),
        "axl" => bench.world(|w| w.stop(&"amer".into(), &AMER.into(), service::AXL).unwrap()),
        "icsa" => bench.world(|w| w.stop(&"apac".into(), &APAC.into(), service::ICSA).unwrap()),
        "sync agent" => bench.world(|w| w.stop(&"emea".into(), &EMEA.into(), service::SYNC_AGENT).unwrap()),
        "router" => bench.world(|w| w.stop(&"amer".into(), &SECOND.into(), service::XCP_ROUTER).unwrap()),
        "engine" => bench.world(|w| w.stop(&"apac".into(), &APAC.into(), "Cisco Presence Engine").unwrap()),
        "deactivate" => bench.world(|w| w.deactivate(&"amer".into(), &SECOND.into(), service::AXL).unwrap()),
        "expire" => bench.world(|w| w.expire_certificates(&"amer".into()).unwrap()),
        "regenerate" => bench.world(|w| w.regenerate_certificates(&"apac".into()).unwrap()),
        "dns" => bench.world(|w| w.set_resolves(&"amer".into(), AMER, false)),
        "reverse" => bench.world(|w| w.set_leads_back(&"amer".into(), SECOND, false)),
        "subscriber" => bench.world(|w| w.power_off(&SECOND.into()).unwrap()),
        "publisher" => bench.world(|w| w.power_off(&AMER.into()).unwrap()),
        "availability" => bench.world(|w| {
            let group = w.groups(&"apac".into())[0].name.clone();
            w.set_high_availability(&"apac".into(), &group, false).unwrap();
        }),
        "duplicates" => bench.world(|w| w.duplicate_users(&"amer".into(), 2).unwrap()),
        "role" => bench.world(|w| w.take_axl_role(&"apac".into(), "peering").unwrap()),
        "firewall" => bench.world(|w| w.block(&"amer".into(), &"apac".into(), 8443).unwrap()),
        "release" => bench.world(|w| w.install(&"apac".into(), "15.0.1.10000-1").unwrap()),
        other => panic!("{other}"),
    }
}

const EXPECTED: &[(&str, &str)] = &[
    ("delete", "error DR001 drifted amer -> emea"),
    ("mistype", "error DR006 drifted emea -> amer"),
    ("protocol", "error DR004 drifted amer -> emea"),
    ("add", "warning DR002 drifted emea -> imp1.lab.example.com"),
    ("parameter", "warning DR090 drifted emea: imp1.emea.example.com: Maximum no. of processes"),
    ("username", "error DR005 drifted emea -> amer"),
    ("axl", "error DR020 drifted amer: imp1.amer.example.com: Cisco AXL Web Service"),
    ("icsa", "error DR020 drifted apac: imp1.apac.example.com: Cisco Intercluster Sync Agent"),
    ("sync agent", "error DR020 drifted emea: imp1.emea.example.com: Cisco Sync Agent"),
    ("router", "error DR020 drifted amer: imp2.amer.example.com: Cisco XCP Router"),
    ("engine", "warning DR052 drifted apac"),
    ("deactivate", "warning DR021 drifted amer: imp2.amer.example.com: Cisco AXL Web Service"),
    ("expire", "error DR070 drifted amer: imp1.amer.example.com"),
    ("regenerate", "error DR007 drifted emea -> apac"),
    ("dns", "error DR080 drifted amer"),
    ("reverse", "warning DR081 drifted amer"),
    ("subscriber", "error DR030 drifted amer: imp2.amer.example.com"),
    ("publisher", "error DR030 drifted amer: imp1.amer.example.com"),
    ("availability", "warning DR040 drifted apac"),
    ("duplicates", "error DR051 drifted emea"),
    ("role", "error DR060 drifted apac"),
    ("firewall", "error DR006 drifted amer -> apac"),
    ("release", "warning DR034 drifted apac"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_disturbance_of_a_running_lab_is_named_and_nothing_else() {
    let bench = Bench::up().await;
    let mut wrong = Vec::new();
    for (what, expected) in EXPECTED {
        bench.put_back();
        disturb(&bench, what).await;
        // a router that is down is failed over after a while, a save is noticed, a panel refreshes
        bench.pass(Duration::from_secs(300)).await;
        let found = bench.drift(Depth::Full).await;
        if lines(&found) != [*expected] {
            wrong.push(format!("{what}: wanted {expected}\n{found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
    bench.lab.down().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_rounds_find_nothing_and_quick_ones_ask_less() {
    let bench = Bench::up().await;
    let mut asked = BTreeMap::new();
    for round in 0..20 {
        let depth = if round % 2 == 0 { Depth::Full } else { Depth::Quick };
        let before: u64 = bench.lab.counters().iter().map(|c| c.requests).sum();
        let found = bench.drift(depth).await;
        let after: u64 = bench.lab.counters().iter().map(|c| c.requests).sum();
        assert!(found.is_empty() && found.unread.is_empty(), "round {round}: {found:#?}");
        asked.insert(round % 2, after - before);
        bench.pass(Duration::from_secs(300)).await;
    }
    let writes: u64 = bench.lab.counters().iter().map(|c| c.writes).sum();
    assert_eq!(writes, 0, "drift writes nothing");
    let (full, quick) = (asked[&0], asked[&1]);
    assert!(quick * 4 <= full * 3, "full asks {full} times, quick {quick}");
    bench.lab.down().await;
}

//! The platform CLI through the fleet: what a mesh's clusters are asked over SSH, with one session per node, pinned host
//! keys, and one failed login for a wrong password.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

mod client_support;
mod command;
mod lab_support;

use std::net::SocketAddr;
use std::path::Path;

use client_support::settings;
use intermesh::cluster::{ClusterServer, CredentialName, ErrorKind, NodeName, Observe, Operate, Reachability, service};
use intermesh::imp::{Fleet, Operator, Pins, Target};
use intermesh::lab::{Disturbance, Lab};
use lab_support::{PASSWORD, PLATFORM_USER, USER, account, spec};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const SEEDS: std::ops::Range<u64> = 0..8;

struct Bench {
    lab: Lab,
    fleet: Fleet,
}

impl Bench {
    async fn up(seed: u64) -> Bench {
        let lab = Lab::up(spec(seed, 2)).await.unwrap();
        let proxy = lab.proxy_url().parse().unwrap();
        Bench::through(lab, proxy)
    }

    /// A bench whose connections end as soon as a cluster was written to, before anything is told of it.
    async fn cut_after_a_write(seed: u64) -> Bench {
        let lab = Lab::up(spec(seed, 2)).await.unwrap();
        let proxy = cut_after_a_write(&lab).await;
        Bench::through(lab, format!("http://{proxy}").parse().unwrap())
    }

    fn through(lab: Lab, proxy: reqwest::Url) -> Bench {
        let accounts = [
            ("admin", account(USER, PASSWORD)),
            ("platform", account(PLATFORM_USER, PASSWORD)),
            ("wrong", account(PLATFORM_USER, "hunter2&no")),
        ];
        let mut settings = settings(&lab, accounts);
        settings.proxy = Some(proxy);
        Bench { lab, fleet: Fleet::new(settings) }
    }

    /// The first cluster, with a `cli` credential and the pins of all nodes.
    fn target(&self, cli: Option<&str>) -> Target {
        let mut target = Target::new("c1".into(), node(1, 1), "admin".into(), "admin".into());
        target.cli = cli.map(CredentialName::from);
        for (node, keys) in self.lab.host_keys() {
            target.pins.entry(node).ssh.clone_from(keys);
        }
        target
    }

    fn cluster(&self, cli: Option<&str>) -> Operator {
        self.fleet.operator(&self.target(cli)).unwrap()
    }

    fn disturb(&self, disturbance: &Disturbance) {
        self.lab.world().lock().unwrap().disturb(disturbance).unwrap();
    }

    /// SSH connections, commands and failed logins of all nodes.
    fn counts(&self) -> (u64, u64, u64) {
        let counters = self.lab.counters();
        let failed = counters.iter().flat_map(|c| c.failed_logins.values()).sum();
        (counters.iter().map(|c| c.ssh_connections).sum(), counters.iter().map(|c| c.commands).sum(), failed)
    }
}

/// Stands before the lab's proxy, and lets nothing back once a cluster was written to.
async fn cut_after_a_write(lab: &Lab) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (proxy, world) = (lab.proxy_url().trim_start_matches("http://").to_owned(), lab.world());
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let (server, world) = (TcpStream::connect(&proxy).await.unwrap(), world.clone());
            tokio::spawn(async move {
                let ((mut from_client, mut to_client), (mut from_server, mut to_server)) =
                    (client.into_split(), server.into_split());
                let there = tokio::spawn(async move { tokio::io::copy(&mut from_client, &mut to_server).await });
                let mut bytes = [0; 4096];
                while let Ok(n @ 1..) = from_server.read(&mut bytes).await {
                    if !world.lock().unwrap().writes().is_empty() || to_client.write_all(&bytes[..n]).await.is_err() {
                        break;
                    }
                }
                there.abort();
            });
        }
    });
    address
}

fn node(n: usize, of: usize) -> NodeName {
    format!("imp{n}.c{of}.example.com").into()
}

#[tokio::test]
async fn a_node_tells_what_it_reaches_and_what_a_firewall_blocks() {
    let mut told = 0;
    for seed in SEEDS {
        let bench = Bench::up(seed).await;
        let cluster = bench.cluster(Some("platform"));
        let (from, host) = (node(2, 1), node(1, 2));
        let open = cluster.reaches(&from, host.as_str(), 8443).await.unwrap();
        assert!(matches!(open, Reachability::Open | Reachability::Unclear(_)), "seed {seed}: {open:?}");
        told += u32::from(open == Reachability::Open);
        bench.disturb(&Disturbance::BlockPort { from: "c1".into(), to: "c2".into(), port: 8443 });
        let blocked = cluster.reaches(&from, host.as_str(), 8443).await.unwrap();
        assert!(matches!(blocked, Reachability::Closed(_)), "seed {seed}: {blocked:?}");
        assert_eq!(bench.counts().0, 1, "one session serves all questions");
        bench.lab.down().await;
    }
    assert!(told > 0, "no seed uses the documented words");
}

#[tokio::test]
async fn names_servers_and_sessions_are_read_for_every_seed() {
    for seed in SEEDS {
        let bench = Bench::up(seed).await;
        let cluster = bench.cluster(Some("platform"));
        let (asked, name) = (node(1, 1), "imp1.c2.example.com");
        let found = cluster.node_resolves(&asked, name).await.unwrap();
        let addresses: Vec<_> = found.addresses.iter().map(|a| a.names.as_slice()).collect();
        assert_eq!((addresses, &found.trouble), (vec![&[name.to_owned()][..]], &None), "seed {seed}");
        // the other way round, from the address
        let back = cluster.node_resolves(&asked, &found.addresses[0].address.to_string()).await.unwrap();
        assert_eq!(back.addresses, found.addresses, "seed {seed}");
        bench.disturb(&Disturbance::ForgetName { cluster: "c1".into(), name: name.into() });
        let lost = cluster.node_resolves(&asked, name).await.unwrap();
        assert!(lost.addresses.is_empty() && lost.trouble.is_none(), "seed {seed}: {lost:?}");

        let servers = cluster.platform_cluster(&asked).await.unwrap();
        let publisher = |s: &&ClusterServer| s.presence && s.database_publisher;
        assert_eq!(servers.iter().find(publisher).unwrap().name, asked.as_str(), "seed {seed}");
        assert_eq!(servers.len(), 3, "seed {seed}: {servers:?}");
        assert_eq!(cluster.sessions(&asked).await.unwrap(), 100, "seed {seed}");
        bench.lab.down().await;
    }
}

#[tokio::test]
async fn many_questions_share_a_session_per_node() {
    let bench = Bench::up(1).await;
    let cluster = bench.cluster(Some("platform"));
    let (first, second) = (node(1, 1), node(2, 1));
    let asked = (0..8).map(|i| cluster.sessions(if i % 2 == 0 { &first } else { &second }));
    for count in futures::future::join_all(asked).await {
        assert_eq!(count.unwrap(), 100);
    }
    assert_eq!(bench.counts().0, 2);
    // a question that nobody waits for any more leaves no session in the middle of a command
    bench.disturb(&Disturbance::BlockPort { from: "c1".into(), to: "c2".into(), port: 8443 });
    let impatient = cluster.reaches(&first, "imp1.c2.example.com", 8443);
    assert!(tokio::time::timeout(std::time::Duration::from_millis(40), impatient).await.is_err());
    assert_eq!(cluster.sessions(&first).await.unwrap(), 100);
    assert_eq!(bench.counts().0, 3, "a new session");
}

#[tokio::test]
async fn nothing_is_sent_to_a_node_whose_key_is_not_pinned() {
    let bench = Bench::up(1).await;
    let mut none = bench.target(Some("wrong"));
    none.pins = Pins::default();
    let mut other = bench.target(Some("wrong"));
    other.pins.entry(&node(1, 1)).ssh = other.pins.of(&node(2, 1)).unwrap().ssh.clone();
    let mut broken = bench.target(Some("wrong"));
    broken.pins.entry(&node(1, 1)).ssh = vec!["SHA256:what".into()];
    let key = &bench.lab.host_keys().iter().find(|(name, _)| name.same(&node(1, 1))).unwrap().1;
    for (target, says) in [(none, "none is pinned"), (other, "not a pinned one"), (broken, "SHA256:what")] {
        let error = bench.fleet.reader(&target).unwrap().sessions(&node(1, 1)).await.unwrap_err();
        let ErrorKind::UntrustedHostKey { detail } = &error.kind else { panic!("{error}") };
        assert!(detail.contains(says), "{error}");
        assert!(says.contains("SHA256") || key.iter().any(|key| detail.contains(key)), "{error}");
        assert!(error.kind.hint().unwrap().contains("intermesh trust MESH"));
    }
    let (_, commands, failed) = bench.counts();
    assert_eq!((commands, failed), (0, 0));
}

#[tokio::test]
async fn a_wrong_password_is_one_failed_login_for_all_nodes() {
    for seed in [1, 2, 3] {
        let bench = Bench::up(seed).await;
        let cluster = bench.cluster(Some("wrong"));
        let nodes = [node(1, 1), node(2, 1)];
        let asked = (0..10).map(|i| cluster.sessions(&nodes[i % 2]));
        for answer in futures::future::join_all(asked).await {
            let error = answer.unwrap_err();
            assert_eq!(error.kind, ErrorKind::Unauthorized { username: PLATFORM_USER.to_owned() }, "seed {seed}");
            assert!(!format!("{error:?}{error}").contains("hunter2"));
        }
        // a new target remembers it, too
        assert!(bench.cluster(Some("wrong")).sessions(&nodes[1]).await.is_err());
        assert_eq!(bench.counts().2, 1, "seed {seed}");
        // and the right one is not held back by it
        assert_eq!(bench.cluster(Some("platform")).sessions(&nodes[1]).await.unwrap(), 100, "seed {seed}");
        bench.lab.down().await;
    }
}

#[tokio::test]
async fn without_a_credential_no_node_is_asked() {
    let bench = Bench::up(1).await;
    let cluster = bench.cluster(None);
    let nodes = node(1, 1);
    for kind in [
        cluster.reaches(&nodes, "imp1.c2.example.com", 8443).await.unwrap_err().kind,
        cluster.node_resolves(&nodes, "imp1.c2.example.com").await.unwrap_err().kind,
        cluster.sessions(&nodes).await.unwrap_err().kind,
        cluster.platform_cluster(&nodes).await.unwrap_err().kind,
    ] {
        let detail = "no `cli` credential is given for the cluster".to_owned();
        assert_eq!(kind, ErrorKind::Unsupported { detail });
    }
    assert_eq!(bench.counts().0, 0);
}

#[tokio::test]
async fn what_soap_refuses_to_restart_is_restarted_over_ssh() {
    for seed in SEEDS {
        let bench = Bench::up(seed).await;
        bench.disturb(&Disturbance::RefuseNetworkRestart { cluster: "c1".into() });
        let error = bench.cluster(None).restart(&node(2, 1), service::ICSA).await.unwrap_err();
        let ErrorKind::Refused { message } = &error.kind else { panic!("seed {seed}: {error}") };
        assert!(message.contains("with a `cli` credential"), "{error}");
        assert!(bench.lab.world().lock().unwrap().writes().is_empty());
        let error = bench.cluster(Some("wrong")).restart(&node(2, 1), service::ICSA).await.unwrap_err();
        assert!(error.to_string().contains("over SSH, as Control Center refused to"), "{error}");

        let cluster = bench.cluster(Some("platform"));
        cluster.restart(&node(2, 1), service::ICSA).await.unwrap();
        assert_eq!(bench.lab.world().lock().unwrap().writes().len(), 1, "seed {seed}");
        // a feature service is none of the CLI's business: SOAP takes it
        let commands = bench.counts().1;
        cluster.restart(&node(2, 1), service::AXL).await.unwrap();
        assert_eq!(bench.counts().1, commands);
        bench.lab.down().await;
    }
}

/// The order was sent and the connection is gone: nobody knows what came of it, and it is not sent again.
#[tokio::test]
async fn a_restart_whose_answer_is_lost_is_in_doubt_and_not_repeated() {
    for seed in SEEDS {
        let bench = Bench::cut_after_a_write(seed).await;
        bench.disturb(&Disturbance::RefuseNetworkRestart { cluster: "c1".into() });
        let error = bench.cluster(Some("platform")).restart(&node(2, 1), service::ICSA).await.unwrap_err();
        let ErrorKind::Unknown { detail } = &error.kind else { panic!("seed {seed}: {error}") };
        assert!(detail.contains("imp2.c1.example.com:22 ended"), "seed {seed}: {detail}");
        assert_eq!(bench.lab.world().lock().unwrap().writes().len(), 1, "seed {seed}");
        let (connections, commands, _) = bench.counts();
        assert_eq!((connections, commands), (1, 1), "seed {seed}");
        bench.lab.down().await;
    }
}

/// `apply` finishes through SSH where SOAP refuses, and says without `cli` what would have helped.
#[test]
fn apply_restarts_routers_over_ssh() {
    let mesh = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/openssh/mesh.yaml");
    let folder = tempfile::tempdir().unwrap();
    let without = folder.path().join("without.yaml");
    let text = std::fs::read_to_string(&mesh).unwrap();
    assert!(text.contains(", cli: platform"));
    std::fs::write(&without, text.replace(", cli: platform", "")).unwrap();
    let (im, m) = (command::intermesh().display().to_string(), mesh.display());
    let refuse = format!("\"{im}\" lab fault refuse-network-restart emea");
    let script = format!(
        "{refuse}; \"{im}\" plan {m}; [ $? = 2 ] && echo == && \"{im}\" lab counters --json && echo == &&
         \"{im}\" apply --yes {m} && \"{im}\" plan {m} && \"{im}\" verify {m} && \"{im}\" drift {m} && echo == &&
         \"{im}\" lab counters --json"
    );
    let ended = command::lab(&mesh, 1, &["sh", "-c", &script]);
    assert_eq!(ended.code, 0, "{ended}");
    let parts: Vec<&str> = ended.out.split("\n==\n").collect();
    let counted = |part: &str| serde_json::from_str::<Vec<intermesh::lab::Counters>>(part).unwrap();
    let (first, last) = (counted(parts[1]), counted(parts[3]));
    let of = |counters: &[intermesh::lab::Counters], name: &str| {
        let node = counters.iter().find(|c| c.name == name).unwrap();
        (node.commands, node.ssh_connections)
    };
    for name in ["imp1.emea.example.com", "imp2.emea.example.com", "10.40.0.11"] {
        // a plan asks in one session about the new link: two nodes, two ports each, and their names
        let ((asked, sessions), (in_all, _)) = (of(&first, name), of(&last, name));
        assert!(asked >= 4 && sessions == 1, "{name}: {asked} commands in {sessions} sessions\n{ended}");
        // apply plans once more; then the link is there, and neither plan, verify nor drift asks anything
        match name {
            // where SOAP does it, nobody restarts over SSH
            "10.40.0.11" => assert_eq!(in_all, 2 * asked, "{ended}"),
            _ => assert!(in_all > 2 * asked, "{name}: {in_all} commands\n{ended}"),
        }
    }

    let w = without.display();
    let ended = command::lab(&without, 1, &["sh", "-c", &format!("{refuse} && \"{im}\" apply --yes {w}")]);
    assert_eq!(ended.code, 5, "{ended}");
    assert!(ended.out.contains("with a `cli` credential") || ended.err.contains("with a `cli` credential"), "{ended}");
}

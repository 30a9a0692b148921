//! The client of the platform CLI against the lab: whatever a seed makes of texts and habits that nobody has
//! published, the client ends at a prompt and claims nothing that it was not told.

#![allow(clippy::unwrap_used, reason = "clippy takes what tests share for no test")]

mod lab_support;

use std::time::Duration;

use intermesh::cluster::{Account, ErrorKind, Reachability};
use intermesh::imp::{HostKeyPin, PlatformCli, PlatformSettings};
use intermesh::lab::Lab;
use lab_support::{PASSWORD, PLATFORM_USER, account, spec};
use russh::keys::PublicKey;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const NODE: &str = "imp1.c1.example.com";
const OTHER: &str = "imp1.c2.example.com";
const SEEDS: std::ops::Range<u64> = 0..12;

/// The host keys of a node, as the lab tells them.
fn pins(lab: &Lab, node: &str) -> Vec<HostKeyPin> {
    let lines = lab.known_hosts().lines().filter(|line| line.starts_with(&format!("{node},")));
    let key = |line: &str| PublicKey::from_openssh(line.split_once(' ').unwrap().1).unwrap();
    lines.map(|line| HostKeyPin::from(&key(line))).collect()
}

fn settings(lab: &Lab) -> PlatformSettings {
    let mut settings = PlatformSettings::new(NODE.into());
    settings.proxy = Some(lab.proxy_url().parse().unwrap());
    settings.host_keys = pins(lab, NODE);
    settings.prompt = Duration::from_secs(20);
    settings.long = Duration::from_secs(20);
    settings
}

fn operator() -> Account {
    account(PLATFORM_USER, PASSWORD)
}

fn failed_logins(lab: &Lab) -> u64 {
    lab.counters().iter().flat_map(|c| c.failed_logins.values()).sum()
}

/// What a node says first, in clear: the algorithms that it knows.
async fn offered(lab: &Lab) -> String {
    let mut node = TcpStream::connect(lab.proxy_url().trim_start_matches("http://")).await.unwrap();
    node.write_all(format!("CONNECT {NODE}:22 HTTP/1.1\r\nHost: {NODE}:22\r\n\r\n").as_bytes()).await.unwrap();
    node.write_all(b"SSH-2.0-test\r\n").await.unwrap();
    let mut said = Vec::new();
    // the last name of the last list that is not empty
    while !said.windows(4).any(|bytes| bytes == b"none") {
        assert!(node.read_buf(&mut said).await.unwrap() > 0, "{}", String::from_utf8_lossy(&said));
    }
    String::from_utf8_lossy(&said).into_owned()
}

/// Appliances that are old: with algorithms that nobody offers any more, and with RSA keys that sign by SHA-1.
#[tokio::test]
async fn old_appliances_are_among_the_seeds_and_are_logged_in_to() {
    let (mut old, mut rsa, mut by_sha_1) = (0, 0, 0);
    for seed in SEEDS {
        let lab = Lab::up(spec(seed, 1)).await.unwrap();
        let offered = offered(&lab).await;
        let is_old = !offered.contains("curve25519") && offered.contains("diffie-hellman-group1-sha1");
        let is_rsa = lab.known_hosts().lines().all(|line| line.contains(" ssh-rsa "));
        assert_eq!(is_rsa, !offered.contains("ssh-ed25519") && !offered.contains("ecdsa-sha2"), "seed {seed}");
        old += u32::from(is_old);
        rsa += u32::from(is_rsa);
        by_sha_1 += u32::from(is_rsa && !offered.contains("rsa-sha2"));
        let mut cli = PlatformCli::log_in(settings(&lab), &operator()).await.unwrap();
        assert_eq!(cli.cluster().await.unwrap().len(), 3, "seed {seed}");
        lab.down().await;
    }
    assert!(old >= 2 && rsa > by_sha_1 && by_sha_1 >= 1, "{old} old, {rsa} with RSA, {by_sha_1} by SHA-1");
}

#[tokio::test]
async fn a_port_is_reached_only_where_it_is_open() {
    let mut told = 0;
    for seed in SEEDS {
        let lab = Lab::up(spec(seed, 2)).await.unwrap();
        let mut cli = PlatformCli::log_in(settings(&lab), &operator()).await.unwrap();
        let open = cli.connectivity(OTHER, 8443).await.unwrap();
        assert!(matches!(open, Reachability::Open | Reachability::Unclear(_)), "seed {seed}: {open:?}");
        told += u32::from(open == Reachability::Open);
        lab.world().lock().unwrap().block(&"c1".into(), &"c2".into(), 8443).unwrap();
        let blocked = cli.connectivity(OTHER, 8443).await.unwrap();
        assert!(matches!(blocked, Reachability::Closed(_)), "seed {seed}: {blocked:?}");
        let again = cli.connectivity(OTHER, 7400).await.unwrap();
        assert_eq!(again == Reachability::Open, open == Reachability::Open, "seed {seed}: {again:?}");
        lab.down().await;
    }
    assert!(told > 0, "no seed uses the documented words");
}

#[tokio::test]
async fn names_servers_and_a_restart_are_read_for_every_seed() {
    for seed in SEEDS {
        let lab = Lab::up(spec(seed, 2)).await.unwrap();
        let mut cli = PlatformCli::log_in(settings(&lab), &operator()).await.unwrap();
        assert!(cli.lookup(OTHER).await.unwrap().is_resolved(), "seed {seed}");
        lab.world().lock().unwrap().set_resolves(&"c1".into(), OTHER, false);
        assert!(!cli.lookup(OTHER).await.unwrap().is_resolved(), "seed {seed}");
        let servers = cli.cluster().await.unwrap();
        let publisher = servers.iter().find(|s| s.presence && s.database_publisher).unwrap();
        assert_eq!((publisher.name.as_str(), servers.len()), (NODE, 3), "seed {seed}");
        let state = cli.restart("Cisco Intercluster Sync Agent").await.unwrap();
        assert!(state.runs(), "seed {seed}: {state:?}");
        assert_eq!(lab.world().lock().unwrap().writes().len(), 1, "seed {seed}");
        lab.down().await;
    }
}

#[tokio::test]
async fn a_host_key_is_never_learned_silently() {
    let lab = Lab::up(spec(1, 1)).await.unwrap();
    for pinned in [Vec::new(), pins(&lab, "imp2.c1.example.com")] {
        let settings = PlatformSettings { host_keys: pinned, ..settings(&lab) };
        let Err(ErrorKind::UntrustedHostKey { detail }) =
            PlatformCli::log_in(settings, &account("nobody", "wrong")).await
        else {
            panic!("the key was taken");
        };
        assert!(pins(&lab, NODE).iter().any(|pin| detail.contains(&pin.to_string())), "{detail}");
    }
    assert_eq!(failed_logins(&lab), 0, "nothing is sent to a node that is not trusted");
}

#[tokio::test]
async fn a_wrong_password_is_one_failed_login_and_no_secret() {
    for seed in SEEDS {
        let lab = Lab::up(spec(seed, 1)).await.unwrap();
        let wrong = account(PLATFORM_USER, "hunter2");
        let error = PlatformCli::log_in(settings(&lab), &wrong).await.err().unwrap();
        assert_eq!(error, ErrorKind::Unauthorized { username: PLATFORM_USER.to_owned() }, "seed {seed}");
        assert!(!format!("{error:?}{error}").contains("hunter2"));
        assert_eq!(failed_logins(&lab), 1, "seed {seed}");
        lab.down().await;
    }
}

#[tokio::test]
async fn what_does_not_answer_is_named() {
    let lab = Lab::up(spec(1, 1)).await.unwrap();
    let mut settings = settings(&lab);
    settings.node = "imp9.c1.example.com".into();
    let Err(ErrorKind::Unreachable { detail }) = PlatformCli::log_in(settings, &operator()).await else {
        panic!("there is no such node");
    };
    assert!(detail.contains("imp9.c1.example.com:22 through the proxy http://127."), "{detail}");
    assert!(detail.contains("403"), "{detail}");
}

#[tokio::test]
async fn without_a_proxy_the_given_servers_resolve_the_node() {
    let lab = Lab::up(spec(1, 1)).await.unwrap();
    let straight = |node: &str| PlatformSettings {
        node: node.into(),
        proxy: None,
        dns: vec![lab.dns_address()],
        ..settings(&lab)
    };
    // this machine's own resolver knows no such name; port 22 itself may be the machine's, or not to be had
    match PlatformCli::log_in(straight(NODE), &operator()).await {
        Ok(mut cli) => assert_eq!(cli.cluster().await.unwrap().len(), 3),
        Err(ErrorKind::Unreachable { detail }) => assert!(detail.contains("refused"), "{detail}"),
        Err(ErrorKind::UntrustedHostKey { .. }) => {}
        Err(other) => panic!("{other}"),
    }
    let Err(ErrorKind::Unreachable { detail }) =
        PlatformCli::log_in(straight("imp9.c1.example.com"), &operator()).await
    else {
        panic!("there is no such node");
    };
    assert!(detail.contains("imp9.c1.example.com:22") && !detail.contains("refused"), "{detail}");
}

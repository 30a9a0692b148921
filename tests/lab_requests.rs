//! What a plan asks of the nodes, request by request, with the real command on real sockets: nothing twice, and no more
//! than is known to be needed. These are production systems.

#![allow(clippy::unwrap_used, reason = "clippy takes the functions beside the tests for no tests")]

mod command;

use std::collections::BTreeMap;

use command::{Ended, intermesh, run};
use intermesh::lab::servers::{Exchange, Interface};

/// Clusters of four nodes in two redundancy groups.
const CLUSTERS: usize = 4;
const NODES: usize = 4;
const GROUPS: usize = 2;

fn mesh(clusters: usize, nodes: usize) -> String {
    let mut text = "apiVersion: intermesh/v1\nkind: Mesh\nmetadata: {name: full}\ndomain: example.com\n\
        credentials:\n  axl: {username: icsa, password: {env: AXL_PASSWORD}}\n  admin: {username: meshadmin, password: {env: ADMIN_PASSWORD}}\n\
        defaults: {release: \"14\", credentials: {axl: axl, admin: admin}}\ntopology: {shape: full}\nclusters:\n"
        .to_owned();
    for cluster in 1..=clusters {
        text += &format!("  - name: c{cluster}\n    publisher: imp1.c{cluster}.example.com\n    nodes:\n");
        for node in 1..=nodes {
            text += &format!("      - {{name: imp{node}.c{cluster}.example.com, group: g{}}}\n", node.div_ceil(2));
        }
    }
    text
}

/// Runs a command in a lab that has all peers but one, and tells what its nodes were asked meanwhile.
fn recorded(mesh: &str, lab: &[&str], inside: &[&str]) -> (Ended, Vec<Exchange>) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mesh.yaml"), mesh).unwrap();
    let mut command = std::process::Command::new(intermesh());
    command.args(["lab", "run", "--speed", "1", "--missing-peers", "1"]).args(lab);
    command.args(["--record", "record.jsonl", "mesh.yaml", "--"]).args(inside);
    let ended = run(command.current_dir(folder.path()));
    let record = std::fs::read_to_string(folder.path().join("record.jsonl")).unwrap();
    (ended, record.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

/// What a plan of a mesh asks.
fn exchanges(mesh: &str, seed: &str, skin: &str) -> Vec<Exchange> {
    let program = intermesh();
    let inside = [program.to_str().unwrap(), "plan", "mesh.yaml"];
    let (ended, exchanges) = recorded(mesh, &["--seed", seed, "--skin", skin], &inside);
    assert_eq!(ended.code, 2, "seed {seed}, {skin}: {ended}");
    assert!(ended.out.contains("1 peer to add"), "seed {seed}, {skin}: {ended}");
    exchanges
}

/// A request as the node sees it.
fn request(exchange: &Exchange) -> (String, String, String, String, String) {
    let Exchange { host, method, path, query, request, .. } = exchange;
    let (query, body) = (query.clone().unwrap_or_default(), request.clone().unwrap_or_default());
    (host.clone(), method.clone(), path.clone(), query, body)
}

fn check(seed: &str, skin: &str) {
    let all = exchanges(&mesh(CLUSTERS, NODES), seed, skin);
    let mut times: BTreeMap<_, usize> = BTreeMap::new();
    for exchange in &all {
        *times.entry(request(exchange)).or_default() += 1;
    }
    let twice: Vec<_> = times.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "seed {seed}, {skin}: asked more than once: {twice:#?}");

    // Of AXL: version, servers, nodes, groups' keys, each group, and the probe; the scheme of IM addresses where no page
    // shows it.
    let axl = 4 + GROUPS + 1;
    let peers = CLUSTERS - 1;
    for cluster in 1..=CLUSTERS {
        for node in 1..=NODES {
            let name = format!("imp{node}.c{cluster}.example.com");
            let of = |interface| all.iter().filter(|e| e.host == name && e.interface == interface).count();
            assert_eq!(of(Interface::ControlCenter), 1, "seed {seed}, {skin}: {name}");
            let (asked, pages) = (of(Interface::Axl), of(Interface::Pages));
            if node > 1 {
                assert_eq!((asked, pages), (0, 0), "seed {seed}, {skin}: {name}");
                continue;
            }
            assert!((axl..=axl + 2).contains(&asked), "seed {seed}, {skin}: {name}: {asked} requests to AXL");
            // a login takes up to five, and there are five pages beside the list, which is opened and searched; one
            // logs out; frames come each by itself
            let most = (5 + 5 + 2 + peers + 1) * if skin == "frames" { 3 } else { 1 };
            assert!((5 + peers..=most).contains(&pages), "seed {seed}, {skin}: {name}: {pages} pages");
        }
    }
}

#[test]
fn a_plan_asks_nothing_twice() {
    for (seed, skin) in [("1", "classic"), ("2", "tables"), ("3", "frames"), ("4", "classic"), ("5", "tables")] {
        check(seed, skin);
    }
}

/// Runs a script with the program as `$0`; tells how often each node was logged in to, and out of.
fn logins(clusters: usize, lab: &[&str], script: &str) -> (Ended, BTreeMap<String, (usize, usize)>) {
    let program = intermesh();
    let inside = ["sh", "-c", script, program.to_str().unwrap()];
    let (ended, exchanges) = recorded(&mesh(clusters, 1), &[&["--skin", "classic"], lab].concat(), &inside);
    let mut times: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for exchange in exchanges {
        let (logins, logouts) = times.entry(exchange.host).or_default();
        *logins += usize::from(exchange.path.ends_with("/j_security_check"));
        *logouts += usize::from(exchange.path.ends_with("/logout.do"));
    }
    (ended, times)
}

#[test]
fn a_plan_leaves_nobody_logged_in() {
    let plans = |clusters, sessions, plans: usize| {
        let script = format!("for run in $(seq {plans}); do \"$0\" -q plan mesh.yaml; [ $? -eq 2 ] || exit 1; done");
        let (ended, times) = logins(clusters, &["--web-sessions", sessions], &script);
        assert_eq!(ended.code, 0, "{clusters} clusters, {sessions} sessions: {ended}");
        assert_eq!(
            ended.out.matches("1 peer to add").count(),
            plans,
            "{clusters} clusters, {sessions} sessions: {ended}"
        );
        times
    };
    // as little as Enhanced Security Mode allows, and less: more plans than there may be sessions
    let short = plans(3, "1", 3);
    assert!(short.len() == 3 && short.values().all(|times| *times == (3, 3)), "{short:?}");
    // twelve peers are worth a second login; where it is one too many, the first reads them all
    let long = plans(14, "3", 3);
    assert!(long.len() == 14 && long.values().any(|times| *times == (6, 6)), "{long:?}");
    assert!(long.values().all(|(logins, logouts)| logins == logouts), "{long:?}");
    let full = plans(14, "1", 2);
    assert!(full.values().any(|times| *times == (4, 2)), "{full:?}");
}

#[cfg(unix)]
#[test]
fn whoever_is_interrupted_logs_out_first() {
    // seven requests are AXL's, and four log in
    let script = "\"$0\" -q plan mesh.yaml & plan=$!
        asked() { \"$0\" -q lab counters | awk '$1 == \"imp1.c1.example.com\" { print $2 }'; }
        until [ \"$(asked)\" -ge 12 ]; do :; done
        kill -TERM $plan; wait $plan; [ $? -ne 2 ]";
    let (ended, times) = logins(3, &["--round-trip", "100"], script);
    assert_eq!(ended.code, 0, "it was not interrupted: {ended}");
    assert_eq!(times["imp1.c1.example.com"], (1, 1), "{times:?}");
}

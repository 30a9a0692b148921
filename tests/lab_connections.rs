//! What a plan costs a node in connections, and that all works in each version of TLS, with the real command on real
//! sockets.

#![allow(clippy::unwrap_used, reason = "clippy takes the functions beside the tests for no tests")]

mod command;

use std::collections::BTreeMap;
use std::path::Path;

use command::{intermesh, run};

/// The most connections to one node for a whole plan.
const MOST: u64 = 3;

/// Three clusters of two nodes, whose peers speak TLS; the Unified CM publishers are asked as well.
const MESH: &str = "apiVersion: intermesh/v1\nkind: Mesh\nmetadata: {name: three}\ndomain: example.com\n\
    credentials:\n  axl: {username: icsa, password: {env: AXL_PASSWORD}}\n  cucm: {username: axlsvc, password: {env: CUCM_PASSWORD}}\n\
    unified_cms:\n  cucm-a: {publisher: cucm1.a.example.com, credentials: cucm}\n  cucm-b: {publisher: cucm1.b.example.com, credentials: cucm}\n\
    defaults: {transport: tls, release: \"14\", credentials: {axl: axl}}\n\
    clusters:\n  - {name: a, publisher: imp1.a.example.com, unified_cm: cucm-a}\n  - {name: b, publisher: imp1.b.example.com, unified_cm: cucm-b}\n  - {name: c, publisher: imp1.c.example.com}\n\
    topology: {shape: full}\n\
    accept:\n  - {rule: IM014, reason: TLS is what this is about, owner: tests}\n";

/// The connections to every server, after each of the commands.
fn counted(file: &Path) -> BTreeMap<String, u64> {
    let text = std::fs::read_to_string(file).unwrap();
    let counters: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    let count = |c: &serde_json::Value| (c["name"].as_str().unwrap().to_owned(), c["connections"].as_u64().unwrap());
    counters.iter().map(count).collect()
}

fn check(version: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    std::fs::write(file("mesh.yaml"), MESH).unwrap();
    let script = "set -e; { \"$IM\" plan mesh.yaml > plan.txt; code=$?; } || test $code = 2\n\
        \"$IM\" lab counters --json > planned.json\n\"$IM\" apply --yes mesh.yaml > applied.txt\n\
        \"$IM\" lab counters --json > applied.json\n\"$IM\" verify mesh.yaml > verified.txt\n\
        \"$IM\" lab counters --json > verified.json\n\"$IM\" plan mesh.yaml\n";
    let mut command = std::process::Command::new(intermesh());
    command.args(["lab", "run", "--tls", version, "mesh.yaml", "--", "sh", "-c", script]);
    let ended = run(command.env("IM", intermesh()).current_dir(folder.path()));
    assert_eq!(ended.code, 0, "TLS {version}: {ended}");

    let mut before = BTreeMap::new();
    for command in ["planned", "applied", "verified"] {
        let now = counted(&file(&format!("{command}.json")));
        assert_eq!(now.len(), 9, "six nodes and three Unified CM servers");
        for (server, connections) in &now {
            let opened = connections - before.get(server).copied().unwrap_or(0);
            assert!(opened <= MOST, "TLS {version}: {server}, {command}: {opened} connections");
            // the Unified CM of `c` is named nowhere, so nobody asks it
            let asked = server != "cucm1.c.example.com";
            assert_eq!(opened > 0, asked, "TLS {version}: {server}, {command}: {opened} connections");
        }
        before = now;
    }
}

#[test]
fn a_plan_opens_few_connections_over_tls_1_2() {
    check("1.2");
}

#[test]
fn a_plan_opens_few_connections_over_tls_1_3() {
    check("1.3");
}

//! What public material leaves open varies by the lab's seed; what the client does must not. The real command on real
//! sockets, with ten seeds.

#![allow(clippy::unwrap_used, reason = "clippy takes the functions beside the tests for no tests")]

mod command;

use std::collections::BTreeSet;

use command::{Ended, intermesh, run};
use serde_json::Value;

const SEEDS: u64 = 10;
/// Labs that run at the same time: they wait more than they work.
const AT_ONCE: usize = 5;

/// Two clusters, one of which has its Unified CM named, and one a release that still restarts after deletions.
const MESH: &str = "apiVersion: intermesh/v1\nkind: Mesh\nmetadata: {name: two}\ndomain: example.com\n\
    credentials:\n  axl: {username: icsa, password: {env: AXL_PASSWORD}}\n  admin: {username: meshadmin, password: {env: ADMIN_PASSWORD}}\n  cucm: {username: axlsvc, password: {env: CUCM_PASSWORD}}\n\
    unified_cms:\n  cucm-a: {publisher: cucm1.a.example.com, credentials: cucm}\n\
    defaults: {credentials: {axl: axl, admin: admin}}\n\
    clusters:\n  - {name: a, publisher: imp1.a.example.com, release: \"14\", unified_cm: cucm-a}\n  - {name: b, publisher: imp1.b.example.com, release: \"12.5\"}\n";

/// What a seed's run comes to.
#[derive(Debug, PartialEq)]
struct Story {
    /// The exit codes of plan, apply, plan, verify and a second apply.
    codes: Vec<i32>,
    changes: Value,
    steps: Value,
    /// What the product wrote, router restarts aside: whether a notification asks for them is the seed's.
    written: BTreeSet<String>,
    /// What a second apply wrote.
    written_again: usize,
}

fn story(seed: u64) -> (Story, usize) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mesh.yaml"), MESH).unwrap();
    let script = "for command in 'plan --out plan.json' 'apply --yes' plan verify; do\n\
        \"$IM\" $command mesh.yaml; echo $? >> codes\ndone\n\"$IM\" lab show > once.json\n\
        \"$IM\" apply --yes mesh.yaml; echo $? >> codes\n\"$IM\" lab show > twice.json\n";
    let mut command = std::process::Command::new(intermesh());
    command.args(["lab", "run", "--seed", &seed.to_string(), "mesh.yaml", "--", "sh", "-c", script]);
    let ended: Ended = run(command.env("IM", intermesh()).current_dir(folder.path()));
    assert_eq!(ended.code, 0, "seed {seed}: {ended}");
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let json = |name: &str| serde_json::from_str::<Value>(&read(name)).unwrap();
    let writes = |name: &str| {
        let write = |w: &Value| format!("{} {} {}", w["cluster"], w["node"], w["what"]);
        json(name)["writes"].as_array().unwrap().iter().map(write).collect::<Vec<_>>()
    };
    let (once, twice, plan) = (writes("once.json"), writes("twice.json"), json("plan.json"));
    let restarts = once.iter().filter(|write| write.contains("restart")).count();
    let story = Story {
        codes: read("codes").lines().map(|code| code.parse().unwrap()).collect(),
        changes: plan["changes"].clone(),
        steps: plan["steps"].clone(),
        written: once.iter().filter(|write| !write.contains("restart")).cloned().collect(),
        written_again: twice.len() - once.len(),
    };
    (story, restarts)
}

#[test]
fn the_client_does_the_same_whatever_the_seed_decides() {
    let mut told: Vec<(u64, Story, usize)> = Vec::new();
    for first in (0..SEEDS).step_by(AT_ONCE) {
        let running: Vec<_> =
            (first..).take(AT_ONCE).map(|seed| (seed, std::thread::spawn(move || story(seed)))).collect();
        for (seed, running) in running {
            let (story, restarts) = running.join().unwrap();
            told.push((seed, story, restarts));
        }
    }
    let (_, expected, _) = &told[0];
    assert_eq!(expected.codes, [2, 0, 0, 0, 0], "plan finds differences; all that follows is in sync");
    assert_eq!((expected.changes.as_array().unwrap().len(), expected.written.len()), (2, 2), "{expected:?}");
    assert_eq!(expected.written_again, 0);
    for (seed, story, _) in &told {
        assert_eq!(story, expected, "seed {seed}");
    }
    let restarts: BTreeSet<usize> = told.iter().map(|(.., restarts)| *restarts).collect();
    assert!(restarts.len() > 1, "the seeds do differ: {restarts:?}");
}

//! A saved plan, rehearsed on simulated clusters by the real command.

#![allow(clippy::unwrap_used, reason = "clippy takes the functions beside the tests for no tests")]

mod command;

use std::path::{Path, PathBuf};

use command::{example, im, intermesh, lab};

/// Plans an example in a lab and keeps the plan.
fn saved(folder: &Path, name: &str) -> PathBuf {
    let (mesh, plan) = (example(name), folder.join("plan.json"));
    let script =
        format!("'{}' plan '{}' --out '{}'; test $? = 2", intermesh().display(), mesh.display(), plan.display());
    let ended = lab(&mesh, 1, &["sh", "-c", &script]);
    assert_eq!(ended.code, 0, "{ended}");
    plan
}

/// Whatever the product does where nobody knows, the plan ends as planned, and the same seed tells the same.
#[test]
fn a_plan_ends_as_planned_with_every_seed() {
    let folder = tempfile::tempdir().unwrap();
    let plan = saved(folder.path(), "three-full.yaml").display().to_string();
    let rehearse = |seed: &str| im(&["rehearse", &plan, "--seed", seed, "--json"]);
    let mut told = Vec::new();
    for seed in ["1", "2", "3"] {
        let ended = rehearse(seed);
        assert_eq!(ended.code, 0, "seed {seed}: {ended}");
        let found: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
        assert_eq!(found["left"], serde_json::json!([]), "seed {seed}");
        assert!(found["seconds"].as_u64().unwrap() > 60, "a sync takes minutes: {found}");
        told.push(ended.out);
    }
    assert_eq!(rehearse("1").out, told[0], "the same seed tells the same");
    assert!(told[1] != told[0] || told[2] != told[0], "seeds differ");
}

/// Faults strike, are told, and the clusters are as the file says all the same.
#[test]
fn faults_strike_and_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let plan = saved(folder.path(), "three-full.yaml").display().to_string();
    let report = folder.path().join("report.md");
    let faults = "node-loss,slow-sync,throttling,lost-answer,other-hands";
    let ended = im(&[
        "rehearse",
        &plan,
        "--faults",
        faults,
        "--seed",
        "7",
        "--output",
        &format!("markdown={}", report.display()),
    ]);
    assert_eq!(ended.code, 2, "somebody else's delete takes a second run: {ended}");
    let markdown = std::fs::read_to_string(&report).unwrap();
    for fault in faults.split(',') {
        assert!(ended.out.contains(fault) && markdown.contains(fault), "{fault}: {ended}");
    }
    assert!(ended.out.contains("ends in sync, but not in one go"), "{ended}");
    assert!(markdown.contains("Plan fingerprint"), "{markdown}");
}

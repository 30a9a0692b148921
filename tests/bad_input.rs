//! What goes wrong before anything is done: a clear error that names the cluster and the node, the right exit code,
//! and nothing written.

#![allow(clippy::unwrap_used, reason = "clippy takes the functions beside the tests for no tests")]

mod command;

use std::path::{Path, PathBuf};
use std::process::Command;

use command::{Ended, example, im, intermesh, run};
use serde_json::Value;

/// A mesh file, changed, in a folder of its own.
fn changed(folder: &Path, change: impl FnOnce(String) -> String) -> PathBuf {
    let text = std::fs::read_to_string(example("two-clusters.yaml")).unwrap();
    let changed = change(text.clone());
    assert_ne!(changed, text, "the change changes something");
    let path = folder.join("mesh.yaml");
    std::fs::write(&path, changed).unwrap();
    path
}

/// The mesh, with an account for one cluster that the lab does not hand out.
fn other_account(folder: &Path, password: &str) -> PathBuf {
    let credential = format!("\ncredentials:\n  other: {{username: icsa, password: {password}}}\n");
    changed(folder, |text| {
        text.replacen("\ncredentials:\n", &credential, 1).replacen(
            "credentials: {axl: apac-axl}",
            "credentials: {axl: other}",
            1,
        )
    })
}

/// Runs a script in a lab for the unchanged mesh; `$IM` is the command, `$MESH` the changed file, `$FOLDER` a folder.
fn in_lab(folder: &Path, mesh: &Path, script: &str) -> Ended {
    let mut command = Command::new(intermesh());
    command.args(["lab", "run"]).arg(example("two-clusters.yaml")).args(["--", "sh", "-c", script]);
    command.env("IM", intermesh()).env("MESH", mesh).env("FOLDER", folder).env("WRONG_PASSWORD", "not the password");
    run(&mut command)
}

fn json(folder: &Path, name: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(folder.join(name)).unwrap()).unwrap()
}

fn failed_logins(counters: &Value) -> u64 {
    let servers = counters.as_array().unwrap().iter();
    servers.flat_map(|s| s["failed_logins"].as_object().unwrap().values()).map(|n| n.as_u64().unwrap()).sum()
}

const ASK_LAB: &str = "\"$IM\" lab counters --json > \"$FOLDER/counters\"; \"$IM\" lab show > \"$FOLDER/state\"";

fn nothing_written(folder: &Path) {
    assert_eq!(json(folder, "state")["writes"].as_array().unwrap().len(), 0);
}

fn says(ended: &Ended, code: i32, words: &[&str]) {
    assert_eq!(ended.code, code, "{ended}");
    // long lines are wrapped
    let told = [&ended.err, &ended.out].map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
    for word in words {
        assert!(told.iter().any(|text| text.contains(word)), "`{word}` is missing: {ended}");
    }
    for never in ["panicked", "RUST_BACKTRACE", "Lab&<", "not the password"] {
        assert!(!ended.err.contains(never) && !ended.out.contains(never), "`{never}`: {ended}");
    }
}

#[test]
fn a_file_that_is_missing_or_wrong() {
    let folder = tempfile::tempdir().unwrap();
    for command in ["validate", "plan", "apply", "verify", "drift"] {
        says(&im(&[command, "nowhere.yaml"]), 3, &["nowhere.yaml"]);
    }
    let unclosed = changed(folder.path(), |text| text + "\nclusters: [");
    says(&im(&["plan", unclosed.to_str().unwrap()]), 3, &["mesh.yaml"]);
    let unknown = changed(folder.path(), |text| text.replacen("domain:", "domian:", 1));
    says(&im(&["plan", unknown.to_str().unwrap()]), 3, &["domian", "domain"]);
}

#[test]
fn a_wrong_command_line() {
    assert_eq!(im(&["plna", "mesh.yaml"]).code, 64);
    assert_eq!(im(&["plan"]).code, 64);
    assert_eq!(im(&["lab", "show"]).code, 1, "no lab runs here");
}

#[test]
fn a_wrong_password_costs_one_failed_login() {
    let folder = tempfile::tempdir().unwrap();
    let mesh = other_account(folder.path(), "{env: WRONG_PASSWORD}");
    for command in ["plan", "apply --yes", "verify", "drift"] {
        let script = format!("\"$IM\" {command} \"$MESH\"; code=$?; {ASK_LAB}; exit $code");
        let ended = in_lab(folder.path(), &mesh, &script);
        says(&ended, 6, &["user `icsa` was refused", "imp1."]);
        let counters = json(folder.path(), "counters");
        assert_eq!(failed_logins(&counters), 1, "{command}: {counters:#}");
        nothing_written(folder.path());
    }
}

#[test]
fn a_node_that_cannot_be_reached() {
    let folder = tempfile::tempdir().unwrap();
    let mesh = changed(folder.path(), |text| text.replace("imp1.", "imp9."));
    for command in ["plan", "apply --yes", "verify", "drift"] {
        let script = format!("\"$IM\" {command} \"$MESH\"; code=$?; {ASK_LAB}; exit $code");
        let ended = in_lab(folder.path(), &mesh, &script);
        says(&ended, 6, &["imp9.", "not reachable"]);
        nothing_written(folder.path());
    }
}

/// Without the lab's certificate authority its nodes are strangers: nothing is sent to them, no password above all.
#[test]
fn a_certificate_that_is_not_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let mesh = changed(folder.path(), |text| text.replacen("\ndomain:", "\nproxy: PROXY\ndomain:", 1));
    let script = format!(
        "sed -i \"s|PROXY|$INTERMESH_LAB_PROXY|\" \"$MESH\"; \
         for name in $(grep -o 'env: [A-Z_]*' \"$MESH\" | cut -c6-); do export $name=secret; done; \
         (unset INTERMESH_OVERLAY; \"$IM\" apply --yes \"$MESH\"); code=$?; {ASK_LAB}; exit $code"
    );
    let ended = in_lab(folder.path(), &mesh, &script);
    says(&ended, 6, &["the certificate is not trusted", "imp1.", "ca_file"]);
    nothing_written(folder.path());
    let requests: u64 =
        json(folder.path(), "counters").as_array().unwrap().iter().map(|s| s["requests"].as_u64().unwrap()).sum();
    assert_eq!(requests, 0, "no request reached a node whose certificate is not trusted");
}

/// A credential that leads to no password is an error of its own, and costs no login.
#[test]
fn a_credential_without_a_password() {
    let folder = tempfile::tempdir().unwrap();
    let mesh = other_account(folder.path(), "{env: SURELY_NOT_SET}");
    let script = format!("\"$IM\" plan \"$MESH\"; code=$?; {ASK_LAB}; exit $code");
    let ended = in_lab(folder.path(), &mesh, &script);
    says(&ended, 6, &["SURELY_NOT_SET"]);
    assert_eq!(failed_logins(&json(folder.path(), "counters")), 0);
}

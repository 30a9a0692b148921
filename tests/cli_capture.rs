//! `--capture`: the pages of a whole run are kept, and nothing in them gives access.

#![allow(clippy::unwrap_used, reason = "clippy takes the functions beside the tests for no tests")]

mod command;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use command::{Ended, example, intermesh, run};
use serde_json::Value;

/// Applies the mesh in a lab with this skin; keeps the pages, the lab's record and its accounts in the folder.
fn apply(folder: &Path, skin: &str) -> Ended {
    let mut command = Command::new(intermesh());
    command
        .args(["lab", "run", "--skin", skin, "--record"])
        .arg(folder.join("record"))
        .arg(example("two-clusters.yaml"));
    command.args([
        "--",
        "sh",
        "-c",
        "cp $INTERMESH_OVERLAY $FOLDER/overlay; $IM -q apply --yes --capture $FOLDER/pages $MESH",
    ]);
    command.env("IM", intermesh()).env("MESH", example("two-clusters.yaml")).env("FOLDER", folder);
    run(&mut command)
}

/// The passwords of the lab's accounts.
fn passwords(folder: &Path) -> BTreeSet<String> {
    let overlay: Value = serde_json::from_str(&std::fs::read_to_string(folder.join("overlay")).unwrap()).unwrap();
    let accounts = overlay["credentials"].as_object().unwrap().values();
    accounts.map(|account| account["password"].as_str().unwrap().to_owned()).collect()
}

/// What the lab put into hidden fields, and what it was asked with: tokens, and keys of peers.
fn tokens(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for line in std::fs::read_to_string(folder.join("record")).unwrap().lines() {
        let exchange: Value = serde_json::from_str(line).unwrap();
        if exchange["interface"] != "pages" {
            continue;
        }
        let query = exchange["query"].as_str().unwrap_or_default();
        found.extend(query.split('&').filter_map(|pair| pair.split_once('=')).map(|(_, value)| value.to_owned()));
        for tag in exchange["answer"].as_str().unwrap_or_default().split('<').filter(|tag| tag.contains("hidden")) {
            let value = tag.split_once("value=\"").and_then(|(_, rest)| rest.split_once('"'));
            found.extend(value.map(|(value, _)| value.to_owned()));
        }
    }
    // words such as `cupadmin` and `content` are in every page
    found.retain(|value| value.len() > 8 && value.contains(|c: char| c.is_ascii_digit()));
    found
}

#[test]
fn no_secret_is_in_any_page_that_was_kept() {
    // a skin that is driven by script cannot be written to without a browser, but it is read
    for (skin, written) in [("classic", true), ("tables", true), ("frames", true), ("script", false)] {
        let folder = tempfile::tempdir().unwrap();
        let ended = apply(folder.path(), skin);
        assert_eq!(ended.code == 0, written, "{skin}: {ended}");
        let (passwords, tokens) = (passwords(folder.path()), tokens(folder.path()));
        assert!(!passwords.is_empty() && tokens.len() >= 2, "{skin}: the test knows what to look for");
        let pages: Vec<_> =
            std::fs::read_dir(folder.path().join("pages")).unwrap().map(|p| p.unwrap().path()).collect();
        assert!(pages.len() > 10, "{skin}: {} pages", pages.len());
        let mut with_labels = 0;
        for path in pages {
            let page = std::fs::read_to_string(&path).unwrap();
            with_labels += usize::from(page.contains("Inter-Clustering"));
            for secret in passwords.iter().chain(&tokens) {
                assert!(!page.contains(secret.as_str()), "{skin}: `{secret}` is in {}", path.display());
            }
            let hex = page.split(|c: char| !c.is_ascii_hexdigit()).find(|word| word.len() >= 16);
            assert_eq!(hex, None, "{skin}: a session or a token is in {}", path.display());
        }
        assert!(with_labels > 10, "{skin}: the labels are what the pages are kept for");
    }
}

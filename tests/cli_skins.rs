//! The lab's pages made in four ways in one mesh, and the real command on them: each cluster is driven by what its own
//! pages are.

#![allow(clippy::unwrap_used, reason = "clippy takes the functions beside the tests for no tests")]

mod command;

use std::process::Command;

use command::{Ended, intermesh, run};

const SKINS: [&str; 7] = ["--skin", "classic", "--skin", "c2=tables", "--skin", "c3=frames", "--skin"];

/// A full mesh of four clusters.
fn mesh() -> String {
    let mut text = "apiVersion: intermesh/v1\nkind: Mesh\nmetadata: {name: four}\ndomain: example.com\n\
        credentials: {icsa: {username: icsa, password: {env: UNUSED}}}\ndefaults: {release: \"14\", credentials: \
        {axl: icsa}}\ntopology: {shape: full}\nclusters:\n"
        .to_owned();
    for n in 1..=4 {
        text += &format!("  - {{name: c{n}, publisher: imp1.c{n}.example.com}}\n");
    }
    text
}

fn in_lab(skin: &str, command: &[&str]) -> Ended {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mesh.yaml"), mesh()).unwrap();
    let mut lab = Command::new(intermesh());
    lab.args(["lab", "run", "mesh.yaml", "--seed", "1"]).args(SKINS).arg(skin).arg("--").args(command);
    run(lab.current_dir(folder.path()))
}

#[test]
fn four_skins_stand_in_one_mesh_and_only_the_scripted_one_asks_for_a_browser() {
    let im = intermesh();
    let apply = [im.to_str().unwrap(), "apply", "--yes", "mesh.yaml"];
    let ended = in_lab("c4=script", &apply);
    if cfg!(feature = "browser") {
        assert_eq!(ended.code, 0, "{ended}");
        return;
    }
    assert_ne!(ended.code, 0, "{ended}");
    let said = format!("{}{}", ended.out, ended.err);
    let complaints: Vec<&str> = said.lines().filter(|line| line.contains("needs a browser")).collect();
    assert!(!complaints.is_empty(), "{ended}");
    assert!(complaints.iter().all(|line| line.contains("c4 (imp1.c4.example.com)")), "{ended}");
    // the other three are driven as they are
    assert_eq!(in_lab("c4=classic", &apply).code, 0);
}

#[test]
fn a_skin_is_one_of_four_and_its_cluster_one_of_the_mesh() {
    for (skin, said) in [
        ("c4=shiny", "one of classic, tables, frames, script is wanted"),
        ("shiny", "one of classic, tables, frames, script is wanted"),
        ("c9=tables", "the mesh has no cluster `c9`"),
    ] {
        let ended = in_lab(skin, &["true"]);
        assert_eq!(ended.code, 64, "{skin}: {ended}");
        assert!(ended.err.contains(said), "{skin}: {ended}");
    }
}

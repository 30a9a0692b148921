//! `intermesh doctor` as a user runs it, against a running lab: what goes wrong there is found, and said with its fix.

#![allow(clippy::unwrap_used, reason = "clippy takes the functions beside the tests for no tests")]

mod command;

use command::{Ended, example, intermesh, lab};

/// Runs a script in a lab, with `im` for the binary and `$MESH` for the mesh.
fn script(name: &str, lines: &str) -> Ended {
    let mesh = example(name);
    let text = format!("im() {{ '{}' \"$@\"; }}\nMESH='{}'\n{lines}", intermesh().display(), mesh.display());
    lab(&mesh, 1, &["sh", "-c", &text])
}

#[test]
fn a_fresh_lab_is_well() {
    let ended = script("two-clusters.yaml", "im doctor \"$MESH\"");
    assert_eq!(ended.code, 0, "{ended}");
    assert!(ended.out.starts_with("mesh two-clusters: none of "), "{ended}");
    assert!(!ended.out.contains('\u{1b}'), "no colours in a pipe: {ended}");
    assert!(ended.out.lines().all(|line| line.chars().count() <= 100), "{ended}");
}

#[test]
fn a_sync_in_a_lab_is_as_old_as_the_lab_s_own_clock_says() {
    // the lab's clock begins in March 2026, whatever this machine's says; the seed shows the time with its zone
    let ended = script("two-clusters.yaml", "im -q apply --yes \"$MESH\" && im doctor \"$MESH\" --all");
    assert_eq!(ended.code, 0, "{ended}");
    assert_eq!(ended.out.matches("ok       The last sync is recent: ").count(), 2, "{ended}");
    assert!(ended.out.contains("Mar 02") || ended.out.contains("2026-03-02"), "{ended}");
}

#[test]
fn what_a_lab_is_made_to_suffer_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let (xml, json) = (folder.path().join("doctor.xml"), folder.path().join("doctor.json"));
    let ended = script(
        "two-clusters.yaml",
        &format!(
            "im lab fault forget-address emea imp2.apac.example.com &&\n\
             im lab fault forget-name emea imp2.emea.example.com &&\n\
             im lab fault stop-service imp2.emea.example.com 'Cisco AXL Web Service' &&\n\
             im doctor \"$MESH\" --output 'junit={}' --output 'json={}'",
            xml.display(),
            json.display()
        ),
    );
    assert_eq!(ended.code, 2, "{ended}");
    for expected in [
        "imp2.emea.example.com: Cisco AXL Web Service runs: Stopped",
        "imp2.emea.example.com resolves forward and back: 127.",
        "leads back to no name: ICSA of its peers will not connect",
        "knows no address of it: ICSA of its peers will not connect",
    ] {
        let flat = ended.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(expected), "{expected}\n{ended}");
    }
    let json: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(json).unwrap()).unwrap();
    let failed = json["counts"]["failed"].as_u64().unwrap();
    assert!(failed >= 3, "{json}");
    assert!(std::fs::read_to_string(xml).unwrap().contains(&format!("failures=\"{failed}\"")));
}

#[test]
fn a_platform_account_looks_with_the_eyes_of_the_nodes() {
    let ended = script("three-tls.yaml", "im lab fault block-port london singapore 7400 && im doctor \"$MESH\"");
    assert_eq!(ended.code, 2, "{ended}");
    let flat = ended.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("Port 7400 (XMPP) is open: all 4 ways tried: "), "{ended}");
    assert!(flat.contains("Open TCP 7400 from the nodes of london to those of singapore"), "{ended}");
    assert!(!flat.contains("no `cli`"), "{ended}");
}

#[test]
fn a_format_that_is_not_known_is_refused_before_anything_is_read() {
    let ended = command::im(&["doctor", "nothing.yaml", "--output", "pdf=x"]);
    assert_eq!(ended.code, 64, "{ended}");
    assert!(ended.err.contains("text, json, markdown, junit"), "{ended}");
}

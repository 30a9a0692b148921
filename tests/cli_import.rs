//! `intermesh import` as a user runs it, against labs whose clusters are peered already. That every example is imported
//! as it was applied is `lab_story`'s.

#![allow(clippy::unwrap_used, reason = "clippy takes the functions beside the tests for no tests")]

mod command;

use std::path::Path;
use std::process::{Command, Stdio};

use command::{Ended, example, im, intermesh, read_off, run, terminal};

/// Runs a script in a lab for an example. `$IM` is the command, `$MESH` the mesh file, `$F` a folder; `code` prints the
/// exit code of what is before it.
fn in_lab(mesh: &str, options: &[&str], folder: &Path, script: &str) -> Ended {
    run(&mut lab_command(mesh, options, folder, script))
}

fn lab_command(mesh: &str, options: &[&str], folder: &Path, script: &str) -> Command {
    let mut command = Command::new(intermesh());
    command.args(["lab", "run"]).arg(example(mesh)).args(options);
    command.args(["--", "sh", "-c", &format!("code() {{ echo EXIT $?; }}\n{script}")]);
    command.env("IM", intermesh()).env("MESH", example(mesh)).env("F", folder);
    command
}

/// The exit codes that a script printed.
fn codes(ended: &Ended) -> Vec<i32> {
    ended.out.lines().filter_map(|line| line.strip_prefix("EXIT ")?.parse().ok()).collect()
}

fn read(folder: &Path, file: &str) -> String {
    std::fs::read_to_string(folder.join(file)).unwrap()
}

/// One name, and the accounts of the lab.
#[test]
fn a_mesh_is_imported_from_one_name() {
    let folder = tempfile::tempdir().unwrap();
    let ended = in_lab(
        "two-clusters.yaml",
        &[],
        folder.path(),
        "$IM -q apply --yes $MESH; code
         $IM import --publisher imp2.apac.example.com -o $F/mesh.yaml; code
         $IM plan $F/mesh.yaml; code
         $IM fmt --check $F/mesh.yaml; code
         $IM import --publisher imp2.apac.example.com -o $F/mesh.yaml; code
         $IM import --publisher imp2.apac.example.com > $F/stdout.yaml; code
         cmp $F/mesh.yaml $F/stdout.yaml; code
         $IM import --publisher imp2.apac.example.com --json > $F/found.json; code
         cp $INTERMESH_OVERLAY $F/overlay.json",
    );
    assert_eq!(codes(&ended), [0, 0, 0, 0, 4, 0, 0, 0], "{ended}");
    assert!(ended.err.contains("is there already"), "{ended}");
    let found: serde_json::Value = serde_json::from_str(&read(folder.path(), "found.json")).unwrap();
    assert_eq!((found["links"].as_u64(), found["clusters"][1]["read"].as_bool()), (Some(1), Some(true)));
    // no password of the lab is in anything that was written or said
    let overlay: serde_json::Value = serde_json::from_str(&read(folder.path(), "overlay.json")).unwrap();
    let passwords: Vec<&str> =
        overlay["credentials"].as_object().unwrap().values().map(|a| a["password"].as_str().unwrap()).collect();
    assert_eq!(passwords.len(), 2);
    for password in passwords {
        for text in [read(folder.path(), "mesh.yaml"), read(folder.path(), "found.json"), ended.to_string()] {
            assert!(!text.contains(password));
        }
    }
}

/// One side is deleted, and AXL is down on a publisher: the file can be used, and says both.
#[test]
fn damage_is_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let ended = in_lab(
        "three-full.yaml",
        &[],
        folder.path(),
        "$IM -q apply --yes $MESH; code
         $IM lab fault delete-peer amer imp1.emea.example.com
         $IM lab fault stop-service imp1.apac.example.com 'Cisco AXL Web Service'
         $IM import --publisher imp1.emea.example.com -o $F/mesh.yaml; code
         $IM validate $F/mesh.yaml; code
         $IM plan $F/mesh.yaml; code
         $IM lab show > $F/state.json",
    );
    // the warning that the mesh is not full is none that ends with an error; the plan starts AXL and nothing else
    assert_eq!(codes(&ended), [0, 6, 0, 2], "{ended}");
    let text = read(folder.path(), "mesh.yaml");
    for said in ["emea has a peer for amer, and amer has none for emea", "version and nodes of apac"] {
        assert!(text.contains(said), "{text}");
    }
    assert!(
        ended.says("1 to start") || ended.says("start 1") || ended.out.contains("Cisco AXL Web Service"),
        "{ended}"
    );
}

/// A cluster that refuses the account is asked once, by the import and by every plan after it.
#[test]
fn a_refused_account_is_tried_once() {
    let folder = tempfile::tempdir().unwrap();
    let ended = in_lab(
        "centralized.yaml",
        &[],
        folder.path(),
        "$IM -q apply --yes $MESH; code
         $IM import --publisher imp1.central.example.com -o $F/mesh.yaml; code
         $IM validate $F/mesh.yaml; code
         $IM plan $F/mesh.yaml; code
         $IM import --from $F/mesh.yaml -o $F/again.yaml; code
         $IM lab counters --json > $F/counters.json",
    );
    assert_eq!(codes(&ended), [0, 6, 0, 6, 6], "{ended}");
    let text = read(folder.path(), "mesh.yaml");
    assert!(text.contains("east-axl: {username: icsa, password: {env: EAST_AXL_PASSWORD}}"), "{text}");
    assert!(text.contains("hub: central"), "{text}");
    let counters: serde_json::Value = serde_json::from_str(&read(folder.path(), "counters.json")).unwrap();
    for server in counters.as_array().unwrap() {
        let failed = server["failed_logins"].as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum::<u64>();
        let name = server["name"].as_str().unwrap();
        let refused = ["imp1.east.example.com", "imp1.west.example.com"].contains(&name);
        assert_eq!(failed, u64::from(refused), "{name}: {ended}");
    }
}

/// As on real clusters: no overlay, self-signed certificates, an account that is not the one that peers store.
#[test]
fn from_the_first_key_to_an_empty_plan() {
    let folder = tempfile::tempdir().unwrap();
    let ended = in_lab(
        "two-clusters.yaml",
        &["--certificates", "self-signed"],
        folder.path(),
        "$IM -q trust --yes $MESH > /dev/null; $IM -q apply --yes $MESH > /dev/null; code
         of() { sed -n \"/\\\"$1-axl\\\"/,/}/s/.*\\\"password\\\": \\\"\\(.*\\)\\\".*/\\1/p\" $INTERMESH_OVERLAY; }
         export EMEA_PEER_PASSWORD=$(of emea) APAC_PEER_PASSWORD=$(of apac)
         unset INTERMESH_OVERLAY INTERMESH_CA_FILE
         cd $F
         login=\"--username $INTERMESH_LAB_USERNAME --password-env INTERMESH_LAB_PASSWORD --proxy $INTERMESH_LAB_PROXY\"
         $IM import --publisher imp1.emea.example.com $login -o mesh.yaml; code
         test -e mesh.yaml; code
         $IM trust --yes --publisher imp1.emea.example.com --pins-file pins.json --proxy $INTERMESH_LAB_PROXY; code
         $IM import --publisher imp1.emea.example.com --pins-file pins.json $login -o mesh.yaml; code
         $IM trust --yes mesh.yaml > /dev/null; code
         $IM import --from mesh.yaml -o mesh.yaml; code
         $IM import --from mesh.yaml -o mesh.yaml --force; code
         $IM trust --yes mesh.yaml > /dev/null; code
         $IM credentials check mesh.yaml; code
         $IM plan mesh.yaml; code
         cat mesh.yaml",
    );
    // applied; nothing is trusted, and nothing written; the first key; the other cluster is not trusted; its key; there
    // already; read; the other nodes' keys; all passwords are there; nothing to do
    assert_eq!(codes(&ended), [0, 6, 1, 0, 6, 0, 4, 0, 0, 0, 0], "{ended}");
    assert!(ended.err.contains("intermesh trust --publisher imp1.emea.example.com"), "{ended}");
    assert!(ended.out.contains("apac-peer: {username: icsa, password: {env: APAC_PEER_PASSWORD}}"), "{ended}");
    assert!(!ended.to_string().contains("Lab&<"), "a password: {ended}");
}

/// A password that is asked for is not shown, not written, and used.
#[test]
fn a_password_is_asked_for_at_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let (terminal, seat) = terminal();
    let mut command = lab_command(
        "two-clusters.yaml",
        &[],
        folder.path(),
        "$IM -q apply --yes $MESH > /dev/null
         printf '%s' \"$INTERMESH_LAB_PASSWORD\" > $F/word
         $IM import --publisher imp1.emea.example.com --username $INTERMESH_LAB_USERNAME -o $F/mesh.yaml; code",
    );
    command.env_remove("INTERMESH_OVERLAY").env_remove("INTERMESH_STORE").env("TERM", "xterm");
    let child = command.stdin(seat.try_clone().unwrap()).stderr(seat).stdout(Stdio::piped()).spawn().unwrap();
    drop(command);
    let word = folder.path().join("word");
    let screen = read_off(terminal, move |screen| {
        let asked = screen.contains("Password of `lab` (it is not shown, and not written anywhere):");
        asked.then(|| std::fs::read_to_string(&word).unwrap() + "\n")
    });
    let ended = child.wait_with_output().unwrap();
    let (screen, out) = (screen.join().unwrap(), String::from_utf8(ended.stdout).unwrap());
    let (word, text) = (read(folder.path(), "word"), read(folder.path(), "mesh.yaml"));
    assert!(out.ends_with("EXIT 0\n"), "{out}\n{screen}");
    assert!(text.contains("axl: {username: lab, password: {env: AXL_PASSWORD}}"), "{text}");
    assert!(word.len() > 8 && ![&screen, &out, &text].iter().any(|shown| shown.contains(&word)), "{screen}");
}

/// Where an account of its own is needed for the pages, it is tried there and nowhere else.
#[test]
fn the_pages_can_have_an_account_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(example("two-clusters.yaml")).unwrap();
    let mesh = folder.path().join("lab.yaml");
    let text = text.replace("\ncredentials:\n", "\ncredentials:\n  boss: {username: boss, password: {env: BOSS}}\n");
    let with_boss = text.replace("\ndefaults:\n", "\ndefaults:\n  credentials: {admin: boss}\n");
    assert_ne!(with_boss, text);
    std::fs::write(&mesh, with_boss).unwrap();
    let ended = in_lab(
        mesh.to_str().unwrap(),
        &[],
        folder.path(),
        "$IM -q apply --yes $MESH > /dev/null; code
         of() { sed -n \"/\\\"$1\\\"/,/}/s/.*\\\"password\\\": \\\"\\(.*\\)\\\".*/\\1/p\" $INTERMESH_OVERLAY; }
         export EMEA_AXL_PASSWORD=$(of emea-axl) APAC_AXL_PASSWORD=$(of apac-axl) BOSS=$(of boss)
         as=\"--username icsa --password-env EMEA_AXL_PASSWORD\"
         $IM import --publisher imp1.emea.example.com $as --admin-username boss --admin-password-env BOSS -o $F/mesh.yaml; code
         $IM lab counters --json > $F/counters.json",
    );
    // each cluster has a password of its own: the other one refuses the first one's, and is filled in
    assert_eq!(codes(&ended), [0, 6], "{ended}");
    let text = read(folder.path(), "mesh.yaml");
    assert!(text.contains("admin: {username: boss, password: {env: BOSS}}") && text.contains("admin: admin"), "{text}");
    assert!(!ended.says("needs the role"), "{ended}");
    let counters: serde_json::Value = serde_json::from_str(&read(folder.path(), "counters.json")).unwrap();
    for server in counters.as_array().unwrap().iter().filter(|s| s["name"] == "imp1.emea.example.com") {
        let failed = server["failed_logins"].as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum::<u64>();
        assert_eq!(failed, 0, "{server}");
    }
}

/// What is missing on the command line is found out before anything is contacted.
#[test]
fn wrong_usage_is_told() {
    for (arguments, code, said) in [
        (&["import"][..], 64, "--publisher"),
        (&["import", "--publisher", "imp1.example.com"], 64, "there is no account"),
        (&["import", "--publisher", "imp1.example.com", "--username", "icsa"], 64, "--password-env"),
        (
            &["import", "--publisher", "imp1.example.com", "--username", "icsa", "--password-env", "NO_SUCH_VARIABLE"],
            1,
            "NO_SUCH_VARIABLE",
        ),
        (
            &["import", "--publisher", "imp1", "--proxy", "http://u:hunter2@p", "--username", "icsa"],
            64,
            "proxy cannot be",
        ),
        (&["import", "--publisher", "imp_1", "--username", "icsa", "--password-env", "PATH"], 64, "host name"),
        (
            &["import", "--publisher", "imp1", "--domain", "x y", "--username", "icsa", "--password-env", "PATH"],
            64,
            "domain",
        ),
        (&["import", "--publisher", "imp1", "--username", "icsa", "--password", "hunter2"], 64, "unexpected argument"),
    ] {
        let ended = im(arguments);
        assert_eq!(ended.code, code, "{arguments:?} {ended}");
        assert!(ended.err.contains(said), "{arguments:?} {ended}");
        assert!(!ended.err.contains("hunter2@"), "{ended}");
    }
}

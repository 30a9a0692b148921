//! `intermesh trust` as a user runs it, against a lab whose appliances show the certificates that appliances show.

#![allow(clippy::unwrap_used, reason = "clippy takes the functions beside the tests for no tests")]

mod command;

use std::path::Path;
use std::process::{Command, Stdio};

use command::{Ended, example, im, intermesh, read_off, run, terminal};

/// Runs a script in a lab whose servers show these certificates. `$IM` is the command, `$MESH` the mesh file, `$FOLDER`
/// a folder.
fn in_lab(certificates: &[&str], folder: &Path, script: &str) -> Ended {
    run(&mut lab_command(certificates, folder, script))
}

fn lab_command(certificates: &[&str], folder: &Path, script: &str) -> Command {
    let mut command = Command::new(intermesh());
    command.args(["lab", "run"]).arg(example("two-clusters.yaml"));
    for given in certificates {
        command.args(["--certificates", given]);
    }
    command.args(["--", "sh", "-c", script]);
    command.env("IM", intermesh()).env("MESH", example("two-clusters.yaml")).env("FOLDER", folder);
    command
}

/// Runs a script at a terminal in a lab of self-signed certificates, with `$FOLDER/mesh.yaml` for a mesh that keeps its
/// pins beside it. `typed` is asked what is typed once `trust` asks. What was printed, and the screen.
fn at_terminal(folder: &Path, script: &str, typed: impl Fn() -> Option<String> + Send + 'static) -> (String, String) {
    let (terminal, seat) = terminal();
    let mesh = "unset INTERMESH_OVERLAY
        sed 's/^defaults:/defaults:\\n  tls: {pins_file: pins.json}/' $MESH | grep -v '^proxy' > $FOLDER/mesh.yaml
        echo \"proxy: $INTERMESH_LAB_PROXY\" >> $FOLDER/mesh.yaml
        sed -i \"s/username: icsa/username: $INTERMESH_LAB_USERNAME/\" $FOLDER/mesh.yaml
        export EMEA_AXL_PASSWORD=$INTERMESH_LAB_PASSWORD APAC_AXL_PASSWORD=$INTERMESH_LAB_PASSWORD\n";
    let mut command = lab_command(&["self-signed"], folder, &(mesh.to_owned() + script));
    command.env_remove("INTERMESH_OVERLAY").env_remove("INTERMESH_STORE").env("TERM", "xterm");
    let child = command.stdin(seat.try_clone().unwrap()).stderr(seat).stdout(Stdio::piped()).spawn().unwrap();
    drop(command);
    let screen = read_off(terminal, move |screen| {
        let asked = screen.contains("from now on? Only `yes` is taken as one:");
        asked.then(&typed).flatten()
    });
    let ended = child.wait_with_output().unwrap();
    (String::from_utf8(ended.stdout).unwrap(), screen.join().unwrap())
}

/// The nodes that are pinned in a folder.
fn pinned(folder: &Path) -> usize {
    let Ok(text) = std::fs::read_to_string(folder.join("pins.json")) else { return 0 };
    serde_json::from_str::<serde_json::Value>(&text).unwrap()["nodes"].as_object().unwrap().len()
}

/// The exit codes that a script printed as `EXIT n`.
fn codes(ended: &Ended) -> Vec<i32> {
    ended.out.lines().filter_map(|line| line.strip_prefix("EXIT ")?.parse().ok()).collect()
}

#[test]
fn self_signed_certificates_are_pinned_and_then_everything_works() {
    let folder = tempfile::tempdir().unwrap();
    let ended = in_lab(
        &["self-signed"],
        folder.path(),
        "code() { echo EXIT $?; }
         $IM plan $MESH; code
         $IM lab counters --json > $FOLDER/before.json
         $IM trust --check $MESH; code
         $IM trust $MESH </dev/null; code
         $IM plan $MESH; code
         $IM trust --yes $MESH; code
         $IM trust --check $MESH; code
         $IM -q apply --yes $MESH; code
         $IM lab fault regenerate-certificates emea
         $IM plan $MESH; code
         $IM trust --check $MESH; code
         $IM trust --yes $MESH; code
         $IM verify $MESH; code",
    );
    // not trusted, looked at, nobody to ask, still nothing, pinned, nothing to do, applied; changed, seen, pinned anew
    assert_eq!(codes(&ended)[..9], [6, 2, 4, 6, 0, 0, 0, 6, 2], "{ended}");
    // the peers hold the old certificates, but are spoken with
    assert_eq!(codes(&ended)[9], 0, "{ended}");
    assert_ne!(codes(&ended)[10], 6, "{ended}");
    assert!(ended.out.contains("4 keys of 4 nodes: 2 trusted, 2 CHANGED"), "{ended}");
    assert!(ended.says("the pinned key is sha256/"), "{ended}");
    let before: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(folder.path().join("before.json")).unwrap()).unwrap();
    let requests = before.as_array().unwrap().iter().map(|server| server["requests"].as_u64().unwrap());
    assert_eq!(requests.sum::<u64>(), 0, "nothing was sent to a node that is not trusted");
}

/// Where the file names no other nodes, the publishers are asked about first, and then the nodes that they tell of.
#[test]
fn what_is_typed_decides() {
    for (named, typed, code, pins, said) in [
        (true, "yes\n", 0, 4, "4 pins written to"),
        (true, "no\n", 4, 0, "not trusted; nothing was written"),
        (true, "y\n", 4, 0, "not trusted; nothing was written"),
        (true, "\n", 4, 0, "not trusted; nothing was written"),
        (false, "yes\nyes\n", 0, 4, "2 pins written to"),
        (false, "yes\nno\n", 4, 2, "not trusted; nothing more was written"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let unnamed = if named { "" } else { "sed -i '/nodes:/,/imp2/d' $FOLDER/mesh.yaml\n" };
        let script = format!("{unnamed}$IM trust $FOLDER/mesh.yaml; echo EXIT $?");
        let (out, screen) = at_terminal(folder.path(), &script, move || Some(typed.to_owned()));
        assert!(out.ends_with(&format!("EXIT {code}\n")), "{typed:?}: {out}\n{screen}");
        assert!(screen.contains(said), "{typed:?}: {out}\n{screen}");
        assert_eq!(pinned(folder.path()), pins, "{typed:?}");
    }
}

#[test]
fn ctrl_c_at_the_question_ends_it() {
    let folder = tempfile::tempdir().unwrap();
    let script = "exec 3<&0; $IM trust $FOLDER/mesh.yaml <&3 & pid=$!
        until [ -e $FOLDER/asked ]; do sleep 0.05; done
        kill -INT $pid; wait $pid; echo EXIT $?";
    let asked = folder.path().join("asked");
    let (out, screen) = at_terminal(folder.path(), script, move || {
        std::fs::write(&asked, "").unwrap();
        None
    });
    assert!(out.ends_with("EXIT 130\n"), "{out}\n{screen}");
    assert!(screen.contains("interrupted; nothing was written"), "{screen}");
    assert_eq!(pinned(folder.path()), 0);
}

#[test]
fn an_expired_certificate_is_not_pinned() {
    let folder = tempfile::tempdir().unwrap();
    let script = "$IM trust --yes $MESH; echo EXIT $?; $IM plan $MESH; echo EXIT $?";
    let ended = in_lab(&["issued", "apac=expired"], folder.path(), script);
    assert_eq!(codes(&ended), [2, 6], "{ended}");
    assert!(ended.out.contains("4 keys of 4 nodes: 2 trusted, 2 not to be trusted"), "{ended}");
}

/// Without the lab's overlay, through its proxy, as real clusters are reached: the pins go where the mesh file says.
#[test]
fn pins_are_kept_beside_the_mesh_file_and_only_what_was_asked_is_changed() {
    let folder = tempfile::tempdir().unwrap();
    let kept = r#"{"format": 1, "nodes": {"imp9.example.com": {"https": ["sha256/kept"]}}}"#;
    std::fs::write(folder.path().join("pins.json"), kept).unwrap();
    let ended = in_lab(
        &["without-names"],
        folder.path(),
        "unset INTERMESH_OVERLAY
         mesh() { grep -v '^proxy' $MESH; echo \"proxy: $INTERMESH_LAB_PROXY\"; }
         mesh > $FOLDER/none.yaml
         sed 's/^defaults:/defaults:\\n  tls: {pins_file: pins.json}/' $FOLDER/none.yaml > $FOLDER/mesh.yaml
         sed 's/pins.json/more.json/' $FOLDER/mesh.yaml > $FOLDER/more.yaml
         $IM trust --yes $FOLDER/none.yaml; echo EXIT $?
         $IM trust --yes $FOLDER/more.yaml; echo EXIT $?
         $IM trust --yes $FOLDER/mesh.yaml; echo EXIT $?
         $IM trust --check --json $FOLDER/mesh.yaml > $FOLDER/found.json; echo EXIT $?",
    );
    assert_eq!(codes(&ended), [3, 0, 0, 0], "{ended}");
    assert!(ended.err.contains("names no pins file"), "{ended}");
    let read = |name: &str| -> serde_json::Value {
        serde_json::from_str(&std::fs::read_to_string(folder.path().join(name)).unwrap()).unwrap()
    };
    let (pins, more, found) = (read("pins.json"), read("more.json"), read("found.json"));
    assert_eq!(pins["nodes"]["imp9.example.com"]["https"][0], "sha256/kept");
    assert_eq!(pins["nodes"].as_object().unwrap().len(), 5);
    assert_eq!(more["nodes"].as_object().unwrap().len(), 4);
    for node in found["nodes"].as_array().unwrap() {
        assert_eq!(node["https"]["standing"]["is"], "pinned");
        assert_eq!(pins["nodes"][node["node"].as_str().unwrap()]["https"][0], node["https"]["certificate"]["pin"]);
    }
}

#[test]
fn what_is_shown_fits_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let script = "$IM trust --check $MESH; $IM trust --yes $MESH >/dev/null; $IM lab fault regenerate-certificates \
                  emea; $IM trust --check $MESH";
    let ended = in_lab(&["self-signed", "apac=without-names"], folder.path(), script);
    insta::assert_snapshot!(without_keys(&ended.out));
}

/// What is another one in every lab: keys, and where the lab listens.
fn without_keys(text: &str) -> String {
    let word = |word: &str| match word {
        word if word.starts_with("sha256/") && word.len() == 51 => "sha256/(key)".to_owned(),
        word if word.len() == 64 && word.chars().all(|c| c.is_ascii_hexdigit()) => "(fingerprint)".to_owned(),
        word if word.starts_with("127.") => "(address)".to_owned(),
        word if word.contains(',') && word.chars().all(|c| c.is_ascii_digit() || c == ',') => "(days)".to_owned(),
        word => word.to_owned(),
    };
    let line = |line: &str| line.split(' ').map(word).collect::<Vec<_>>().join(" ");
    text.lines().map(|l| line(l) + "\n").collect()
}

#[test]
fn a_pins_file_that_is_missing_or_broken_is_said_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let mesh = folder.path().join("mesh.yaml");
    let text = std::fs::read_to_string(example("two-clusters.yaml")).unwrap();
    std::fs::write(&mesh, text.replacen("defaults:\n", "defaults:\n  tls: {pins_file: pins.json}\n", 1)).unwrap();
    let mesh = mesh.to_str().unwrap();
    let missing = im(&["plan", mesh]);
    assert_eq!(missing.code, 3, "{missing}");
    assert!(missing.err.contains("does not exist") && missing.err.contains("intermesh trust"), "{missing}");
    std::fs::write(folder.path().join("pins.json"), "{\"format\": 1,\n  \"hosts\": {}}").unwrap();
    for command in ["plan", "drift", "trust"] {
        let broken = im(&[command, mesh]);
        assert_eq!(broken.code, 3, "{broken}");
        assert!(broken.err.contains("pins.json:2:9: it is no pins file"), "{broken}");
    }
}

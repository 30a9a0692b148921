//! The main job with the real command on real sockets: every example mesh is applied in a lab of its own.

#![allow(clippy::unwrap_used, reason = "clippy takes the functions beside the tests for no tests")]

mod command;

use std::path::{Path, PathBuf};

use command::{intermesh, lab, topologies};

/// The example that is not applied here: thirty clusters take minutes.
const TOO_LARGE: &str = "thirty-clusters.yaml";

/// A copy of an example without its maintenance window: a window follows the real clock, in a lab too.
fn without_window(example: &Path, folder: &Path) -> PathBuf {
    let text = std::fs::read_to_string(example).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("window:")).collect();
    let copy = folder.join(example.file_name().unwrap());
    std::fs::write(&copy, lines.join("\n") + "\n").unwrap();
    copy
}

/// What a user types, and what it ends with.
#[test]
fn every_example_is_applied_and_then_in_sync() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).display().to_string();
    let (before, after) = (file("before.json"), file("after.json"));
    let examples = topologies();
    assert!(examples.iter().any(|example| example.ends_with(TOO_LARGE)));
    for example in examples.iter().filter(|example| !example.ends_with(TOO_LARGE)) {
        let mesh = without_window(example, folder.path());
        let (im, m) = (intermesh().display().to_string(), mesh.display());
        // what is there now is found from the first cluster alone, and is what the plan wants
        let begin = &intermesh::mesh::load(&mesh, jiff::Zoned::now().date()).unwrap().mesh.clusters[0].publisher;
        let found = file("found.yaml");
        let script = format!(
            "set -e; \"{im}\" apply --yes {m}; \"{im}\" plan {m}; \"{im}\" verify {m}; \
             \"{im}\" lab show > {before}; \"{im}\" apply --yes {m}; \"{im}\" lab show > {after}; \
             \"{im}\" import --force --from {m} --publisher {begin} -o {found}; \"{im}\" plan {found}; \
             \"{im}\" fmt --check {found}"
        );
        let ended = lab(&mesh, 1, &["sh", "-c", &script]);
        assert_eq!(ended.code, 0, "{}: {ended}", mesh.display());
        let writes = |file: &str| {
            let state: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
            state["writes"].as_array().unwrap().len()
        };
        assert!(writes(&before) > 0);
        assert_eq!(writes(&before), writes(&after), "a second apply writes nothing: {}", mesh.display());
    }
}

/// Outside of its window an apply is refused, and nothing is written.
#[test]
fn outside_of_its_window_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let mesh = folder.path().join("mesh.yaml");
    // three days away, whatever the zone
    let day = jiff::Zoned::now().checked_add(jiff::Span::new().days(3)).unwrap().strftime("%a").to_string();
    let window = format!("window: {{days: [{}], from: \"01:00\", to: \"05:00\", zone: UTC}}", day.to_lowercase());
    let text = std::fs::read_to_string(command::example("two-clusters.yaml")).unwrap();
    assert!(!text.contains("\npolicy:"));
    std::fs::write(&mesh, format!("{text}\npolicy:\n  {window}\n")).unwrap();
    let (im, m) = (intermesh().display().to_string(), mesh.display());
    let script = format!("\"{im}\" apply --yes {m}; code=$?; \"{im}\" lab show; exit $code");
    let ended = lab(&mesh, 1, &["sh", "-c", &script]);
    assert_eq!(ended.code, 4, "{ended}");
    assert!(ended.err.contains("window") && ended.out.contains("\"writes\": []"), "{ended}");
}

/// The lab ends with the exit code of its command.
#[test]
fn a_lab_hands_on_the_exit_code() {
    let mesh = &topologies()[0];
    assert_eq!(lab(mesh, 1, &["sh", "-c", "exit 7"]).code, 7);
    assert_eq!(lab(mesh, 1, &["sh", "-c", "kill -9 $$"]).code, 137);
    assert_eq!(lab(mesh, 1, &["/nonexistent"]).code, 1);
}

/// With the AXL Web Service stopped on a publisher, `apply MESH` starts it and goes on.
#[test]
fn a_stopped_axl_web_service_is_started_first() {
    let mesh = command::example("three-full.yaml");
    let im = intermesh().display().to_string();
    let m = mesh.display();
    let script = format!(
        "\"{im}\" lab fault stop-service imp1.apac.example.com 'Cisco AXL Web Service' && \
         {{ \"{im}\" plan {m}; test $? = 2; }} && \"{im}\" apply --yes {m} && \"{im}\" plan {m} && \"{im}\" verify {m}"
    );
    let ended = lab(&mesh, 1, &["sh", "-c", &script]);
    assert_eq!(ended.code, 0, "{ended}");
    assert!(ended.out.contains("stage one only"), "{ended}");
}

/// A saved plan is applied as it was reviewed; once the world has moved, it is refused and nothing is written.
#[test]
fn a_saved_plan_is_applied_once() {
    let folder = tempfile::tempdir().unwrap();
    let plan = folder.path().join("plan.json");
    let mesh = folder.path().join("mesh.yaml");
    std::fs::copy(command::example("two-clusters.yaml"), &mesh).unwrap();
    let (im, m, p) = (intermesh().display().to_string(), mesh.display(), plan.display());
    let script = format!(
        "\"{im}\" plan {m} --out {p}; test $? = 2 && mv {m} {m}.away && \"{im}\" apply --yes {p} && mv {m}.away {m} && \
         \"{im}\" plan {m} && \"{im}\" apply --yes {p}"
    );
    let ended = lab(&mesh, 1, &["sh", "-c", &script]);
    // a plan carries its mesh; what is done already is found done
    assert_eq!(ended.code, 0, "{ended}");
    // an edited plan, or half of one, is none
    let text = std::fs::read_to_string(&plan).unwrap();
    for secret in ["Lab&", "password\": \""] {
        assert!(!text.contains(secret), "a plan holds references only");
    }
    let edited = text.replacen("\"protocol\":\"tcp\"", "\"protocol\":\"tls\"", 1);
    assert_ne!(edited, text);
    std::fs::write(&plan, edited).unwrap();
    let ended = lab(&mesh, 1, &[&im, "apply", "--yes", &p.to_string()]);
    assert_eq!(ended.code, 4, "{ended}");
    std::fs::write(&plan, &text[..text.len() / 2]).unwrap();
    let ended = lab(&mesh, 1, &[&im, "apply", "--yes", &p.to_string()]);
    assert_eq!(ended.code, 4, "{ended}");
}

/// Once the world has moved, a saved plan is refused with what it saw, what it wants and what is there.
#[test]
fn a_stale_plan_is_refused() {
    let mesh = command::example("two-clusters.yaml");
    let folder = tempfile::tempdir().unwrap();
    let (im, m) = (intermesh().display().to_string(), mesh.display());
    let (p, state) = (folder.path().join("plan.json"), folder.path().join("state.json"));
    let script = format!(
        "\"{im}\" apply --yes {m} && \"{im}\" lab fault delete-peer emea imp1.apac.example.com && \
         \"{im}\" plan {m} --out {p}; test $? = 2 && sed 's/tcp$/tls/; s/^defaults:/defaults:\\n  transport: tls/' {m} > {t} && \
         \"{im}\" apply --yes {t} && \"{im}\" lab show > {s} && \"{im}\" apply --yes {p}",
        p = p.display(),
        t = folder.path().join("tls.yaml").display(),
        s = state.display(),
    );
    let ended = lab(&mesh, 1, &["sh", "-c", &script]);
    assert_eq!(ended.code, 4, "{ended}");
    assert!(ended.err.contains("the plan saw absent, wants TCP, now it is TLS"), "{ended}");
}

/// Two labs run side by side, on addresses of their own.
#[test]
fn labs_run_side_by_side() {
    let mesh = command::example("two-clusters.yaml");
    let im = intermesh();
    let labs: Vec<_> = (0..3)
        .map(|seed| {
            let (mesh, im) = (mesh.clone(), im.clone());
            std::thread::spawn(move || {
                let apply = [im.to_str().unwrap(), "apply", "--yes", mesh.to_str().unwrap()];
                lab(&mesh, seed, &apply)
            })
        })
        .collect();
    for running in labs {
        let ended = running.join().unwrap();
        assert_eq!(ended.code, 0, "{ended}");
    }
}

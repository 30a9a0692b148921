//! The main job with the real command on real sockets: every example mesh is applied in a lab of its own.

mod command;

use command::{intermesh, lab, topologies};

/// What a user types, and what it ends with.
#[test]
fn every_example_is_applied_and_then_in_sync() {
    for mesh in topologies() {
        // a mesh with clusters that leave has nothing to apply in a fresh lab; the rest is the same
        let script = format!(
            "set -e; m='{mesh}'; im='{im}'; \
             \"$im\" apply --yes \"$m\"; \"$im\" plan \"$m\"; \"$im\" verify \"$m\"; \
             before=$(\"$im\" lab counters --json); \
             \"$im\" apply --yes \"$m\"; \
             after=$(\"$im\" lab counters --json); \
             writes() {{ printf '%s' \"$1\" | tr ',' '\\n' | grep -o '\"writes\": *[0-9]*' | tr -dc '0-9\\n' | paste -sd+ | sed 's/$/\\n/' | bc; }}; \
             test \"$(echo \"$before\" | grep '\"writes\"')\" = \"$(echo \"$after\" | grep '\"writes\"')\"",
            mesh = mesh.display(),
            im = intermesh().display(),
        );
        let ended = lab(&mesh, 1, &["sh", "-c", &script]);
        assert_eq!(ended.code, 0, "{}: {ended}", mesh.display());
    }
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
        "\"{im}\" lab stop 'Cisco AXL Web Service' imp1.apac.example.com && \
         {{ \"{im}\" plan {m}; test $? = 2; }} && \"{im}\" apply --yes {m} && \"{im}\" plan {m} && \"{im}\" verify {m}"
    );
    let ended = lab(&mesh, 1, &["sh", "-c", &script]);
    assert_eq!(ended.code, 0, "{ended}");
    assert!(ended.out.contains("stage one only"), "{ended}");
}

/// A saved plan is applied as it was reviewed; once the world has moved, it is refused and nothing is written.
#[test]
fn a_saved_plan_is_applied_once() {
    let mesh = command::example("two-clusters.yaml");
    let folder = tempfile::tempdir().unwrap();
    let plan = folder.path().join("plan.json");
    let (im, m, p) = (intermesh().display().to_string(), mesh.display(), plan.display());
    let script = format!(
        "\"{im}\" plan {m} --out {p}; test $? = 2 && \"{im}\" apply --yes {p} && \"{im}\" plan {m} && \"{im}\" apply --yes {p}"
    );
    let ended = lab(&mesh, 1, &["sh", "-c", &script]);
    assert_eq!(ended.code, 0, "what is done already is found done: {ended}");
    // in another lab the same plan finds nothing peered and fits again; an edited one never fits
    let text = std::fs::read_to_string(&plan).unwrap();
    for secret in ["Lab&", "password\": \""] {
        assert!(!text.contains(secret), "a plan holds references only");
    }
    std::fs::write(&plan, text.replacen("\"protocol\": \"tcp\"", "\"protocol\": \"tls\"", 1)).unwrap();
    let ended = lab(&mesh, 1, &[&im, "apply", "--yes", &p.to_string()]);
    assert_eq!(ended.code, 4, "{ended}");
    std::fs::write(&plan, &text[..text.len() / 2]).unwrap();
    let ended = lab(&mesh, 1, &[&im, "apply", "--yes", &p.to_string()]);
    assert_eq!(ended.code, 4, "{ended}");
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

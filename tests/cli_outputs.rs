//! Files for pipelines, `--output FORMAT=FILE`: what they say, and that they are there when a command fails.

#![allow(clippy::unwrap_used, reason = "clippy takes the functions beside the tests for no tests")]

mod command;

use std::path::Path;

use command::{example, im, intermesh, lab};

const FORMATS: [(&str, &str); 8] = [
    ("text", "txt"),
    ("json", "json"),
    ("markdown", "md"),
    ("junit", "xml"),
    ("sarif", "sarif"),
    ("github", "log"),
    ("gitlab", "gitlab.json"),
    ("prometheus", "prom"),
];

/// A command with a file in every format, as a script for the lab.
fn asking(command: &str, mesh: &str, folder: &Path) -> String {
    let outputs = FORMATS.map(|(format, ending)| format!("--output {format}={}/{ending}", folder.display()));
    format!("'{}' {command} {mesh} {}", intermesh().display(), outputs.join(" "))
}

/// The files, without what is another one in every run.
fn files(folder: &Path, wide: bool) -> String {
    let mut text = String::new();
    for (format, ending) in FORMATS {
        // the plan itself has its own goldens
        if wide || !["json", "text", "markdown"].contains(&format) {
            let file = std::fs::read_to_string(folder.join(ending)).unwrap();
            text += &format!("=== {format}\n{}\n", steady(&file));
        }
    }
    text
}

fn steady(file: &str) -> String {
    let line = |line: &str| match line.split_once(' ') {
        Some((name, _)) if name.starts_with("intermesh_last_run_timestamp_seconds{") => format!("{name} (time)"),
        _ if line.trim_start().starts_with("<testsuites ") => {
            line.split(" uuid=").next().unwrap_or(line).split(" timestamp=").next().unwrap_or(line).to_owned()
        }
        // it holds the folder
        _ if line.contains("\"fingerprint\": ") => "    \"fingerprint\": (digest),".to_owned(),
        _ if line.contains("\"at\": ") => "  \"at\": (time),".to_owned(),
        _ => line.to_owned(),
    };
    let folder = example("").display().to_string();
    let lines =
        file.lines().map(|l| line(l).replace(&folder, "").replace(env!("CARGO_PKG_VERSION"), "(version)") + "\n");
    lines.collect()
}

fn golden(name: &str, text: &str) {
    insta::with_settings!({ snapshot_path => "golden/outputs", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, text);
    });
}

#[test]
fn one_plan_gives_a_file_of_every_format() {
    let folder = tempfile::tempdir().unwrap();
    let mesh = example("two-clusters.yaml");
    let ended = lab(&mesh, 1, &["sh", "-c", &asking("plan", mesh.to_str().unwrap(), folder.path())]);
    assert_eq!(ended.code, 2, "{ended}");
    golden("plan", &files(folder.path(), false));
}

#[test]
fn what_is_in_sync_passes() {
    let folder = tempfile::tempdir().unwrap();
    let mesh = example("two-clusters.yaml");
    let path = mesh.to_str().unwrap();
    let script =
        format!("'{}' -q apply --yes {path} && {}", intermesh().display(), asking("plan", path, folder.path()));
    let ended = lab(&mesh, 1, &["sh", "-c", &script]);
    assert_eq!(ended.code, 0, "{ended}");
    let read = |ending: &str| std::fs::read_to_string(folder.path().join(ending)).unwrap();
    assert!(read("xml").contains("tests=\"1\" skipped=\"0\" errors=\"0\" failures=\"0\""), "{}", read("xml"));
    assert!(read("prom").contains("intermesh_plan_changes{mesh=\"two-clusters\",kind=\"create\"} 0.0"));
    assert_eq!(read("gitlab.json"), "[]\n");
    assert_eq!(read("log"), "");
}

#[test]
fn a_command_that_fails_writes_them_too() {
    let folder = tempfile::tempdir().unwrap();
    let mesh = folder.path().join("mesh.yaml");
    let text = std::fs::read_to_string(example("two-clusters.yaml")).unwrap();
    std::fs::write(&mesh, text.replace("publisher: imp1.apac", "publischer: imp1.apac")).unwrap();
    for command in ["plan", "doctor"] {
        let out = folder.path().join(command);
        std::fs::create_dir(&out).unwrap();
        let ended = command::run(
            std::process::Command::new("sh").args(["-c", &asking(command, "mesh.yaml", &out)]).current_dir(&folder),
        );
        assert_eq!(ended.code, 3, "{ended}");
        if command == "plan" {
            golden("mesh-wrong", &files(&out, true));
        }
        for (format, ending) in FORMATS {
            let said = std::fs::read_to_string(out.join(ending)).unwrap();
            assert!(said.contains("publischer") || format == "prometheus", "{command} {format}: {said}");
        }
    }
}

#[test]
fn a_file_that_cannot_be_written_does_not_hide_why_the_command_failed() {
    let ended = im(&["plan", "none.yaml", "--output", "junit=no/such/folder/plan.xml"]);
    assert_eq!(ended.code, 3, "{ended}");
    assert!(ended.err.contains("none.yaml") && ended.err.contains("no/such/folder/plan.xml"), "{ended}");
}

#[test]
fn annotations_go_to_standard_output_with_a_dash() {
    let ended = im(&["plan", "none.yaml", "--output", "github=-"]);
    assert_eq!(ended.code, 3, "{ended}");
    assert!(ended.out.starts_with("::error file=none.yaml"), "{ended}");
}

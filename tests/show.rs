//! `plan --output`, `show` and `graph`, as a user runs them.

#![allow(clippy::unwrap_used, reason = "clippy takes the functions beside the tests for no tests")]

mod command;

use std::path::Path;

use command::{example, im, intermesh, lab};

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn begins(file: &Path, with: &str) {
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.starts_with(with), "{}: {}", file.display(), text.chars().take(80).collect::<String>());
}

#[test]
fn one_run_writes_every_format_and_a_saved_plan_is_shown_anywhere() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let mesh = example("two-clusters.yaml");
    let output = |format: &str, name: &str| format!("--output={format}={}", path(&at(name)));
    let (binary, saved) = (intermesh(), at("plan.json"));
    let mut arguments = vec![path(&binary).to_owned(), "plan".into(), path(&mesh).into()];
    arguments.push(format!("--out={}", path(&saved)));
    arguments.extend([output("json", "b.json"), output("markdown", "b.md"), output("html", "b.html")]);
    arguments.push(output("svg", "b.svg"));
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let ended = lab(&mesh, 1, &arguments);
    assert_eq!(ended.code, 2, "{ended}");
    let beginnings = [("json", "{"), ("md", "### Plan for mesh"), ("html", "<!DOCTYPE html>"), ("svg", "<svg ")];
    for (ending, beginning) in beginnings {
        begins(&at(&format!("b.{ending}")), beginning);
        // the same again from the saved plan, without the lab
        let out = at(&format!("c.{ending}"));
        let ended = im(&["show", path(&saved), "--out", path(&out)]);
        assert_eq!(ended.code, 0, "{ended}");
        let (first, second) = (at(&format!("b.{ending}")), out);
        assert_eq!(std::fs::read(first).unwrap(), std::fs::read(second).unwrap(), "{ending}");
    }
    let shown = im(&["show", path(&saved)]);
    assert!(ended.out.contains(shown.out.trim_end()), "{ended}\n{shown}");
    assert!(!shown.out.contains('\u{1b}'), "no colours in a pipe");
    let every = im(&["show", path(&saved), "-v"]);
    assert!(every.out.contains("undo: delete the peer"), "{every}");
    let timeline = im(&["graph", path(&saved), "--what", "timeline"]);
    assert!(timeline.code == 0 && timeline.out.starts_with("<svg "), "{timeline}");
    let steps = im(&["graph", path(&saved), "--what", "steps"]);
    assert!(steps.code == 0 && steps.out.starts_with("digraph steps"), "{steps}");

    let text = std::fs::read_to_string(&saved).unwrap();
    std::fs::write(&saved, text.replacen("\"round\":1", "\"round\":2", 1)).unwrap();
    for command in ["show", "graph"] {
        let ended = im(&[command, path(&saved)]);
        assert!(ended.code == 4 && ended.err.contains("it was edited"), "{ended}");
    }
}

#[test]
fn a_mesh_file_is_drawn_without_any_cluster() {
    let folder = tempfile::tempdir().unwrap();
    let mesh = example("six-regions.yaml");
    let formats = [("svg", "<svg "), ("dot", "graph mesh {"), ("mmd", "flowchart LR"), ("html", "<!DOCTYPE html>")];
    for (ending, beginning) in formats {
        let out = folder.path().join(format!("mesh.{ending}"));
        let ended = im(&["graph", path(&mesh), "-o", path(&out)]);
        assert_eq!(ended.code, 0, "{ended}");
        begins(&out, beginning);
    }
    let mermaid = im(&["graph", path(&mesh), "--format", "mermaid"]);
    assert!(mermaid.out.contains("emea"), "{mermaid}");
}

#[test]
fn what_cannot_be_drawn_is_said() {
    let mesh = example("two-clusters.yaml");
    let check = |arguments: &[&str], code: i32, says: &str| {
        let ended = im(arguments);
        assert!(ended.code == code && ended.err.contains(says), "{arguments:?}: {ended}");
    };
    let mesh = path(&mesh);
    check(&["graph", mesh, "--what", "timeline"], 64, "a mesh file has no steps and no time");
    check(&["graph", mesh, "--what", "steps", "--format", "mermaid"], 64, "the steps can be written as dot only");
    check(&["show", mesh], 4, "it is not a saved plan");
    check(&["show", "no-such-plan.json"], 4, "failed to read the plan");
    check(
        &["plan", mesh, "--output", "pdf=x"],
        64,
        "there is no format `pdf`; formats are text, json, markdown, html, svg, ",
    );
    check(&["plan", mesh, "--output", "x"], 64, "it is not FORMAT=FILE");
}

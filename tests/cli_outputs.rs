//! Files for pipelines, `--output FORMAT=FILE`: what they say, and that they are there when a command fails.

#![allow(clippy::unwrap_used, reason = "clippy takes the functions beside the tests for no tests")]

mod command;

use std::path::Path;

use command::{example, im, in_lab, intermesh, lab, run, script};

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

/// The options for a file in every format, in the folder of a script.
fn outputs() -> String {
    FORMATS.map(|(format, ending)| format!("--output {format}=\"$d/{ending}\"")).join(" ")
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
    let timed = ["intermesh_last_run_timestamp_seconds{", "intermesh_apply_seconds{"];
    let line = |line: &str| match line.split_once(' ') {
        Some((name, _)) if timed.iter().any(|metric| name.starts_with(metric)) => format!("{name} (time)"),
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
    let text: String = lines.collect();
    // runs are named after the moment of their beginning, and steps take what they take
    let text = masked(&text, "time=\"", "\"", "(time)");
    let text = masked(&text, " of run ", "<", "(run)");
    let text = masked(&text, "run=\"", "\"", "(run)");
    text.lines().map(|line| without_time(line) + "\n").collect()
}

/// A text with another word wherever something stands between these two.
fn masked(text: &str, from: &str, to: &str, word: &str) -> String {
    let mut parts = text.split(from);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |before, part| {
        let rest = part.find(to).map_or("", |at| &part[at..]);
        format!("{before}{from}{word}{rest}")
    })
}

/// A row of the table of steps without the time that it took.
fn without_time(line: &str) -> String {
    let mut cells: Vec<&str> = line.split(" | ").collect();
    if cells.len() >= 5 && cells[0].starts_with("| ") && !cells[3].is_empty() {
        cells[3] = "(time)";
    }
    cells.join(" | ")
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
        let ended = run(std::process::Command::new("sh")
            .args(["-c", &asking(command, "mesh.yaml", &out)])
            .current_dir(&folder));
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

#[test]
fn an_apply_is_told_step_by_step() {
    let folder = tempfile::tempdir().unwrap();
    let mesh = example("two-clusters.yaml");
    let text = format!("\"$im\" -q apply --yes \"$m\" {}", outputs());
    let ended = script(&mesh, folder.path(), &["--seed", "1"], &text);
    assert_eq!(ended.code, 0, "{ended}");
    golden("apply", &files(folder.path(), false));
    let read = |ending: &str| std::fs::read_to_string(folder.path().join(ending)).unwrap();
    golden("apply-text", &(steady(&read("txt")) + &steady(&read("md"))));
    let account: serde_json::Value = serde_json::from_str(&read("json")).unwrap();
    assert_eq!((&account["exit"], account["stages"].as_array().unwrap().len()), (&0.into(), 1), "{account:#}");
}

#[test]
fn an_apply_that_fails_in_part_tells_what_and_where() {
    let folder = tempfile::tempdir().unwrap();
    let mesh = example("two-clusters.yaml");
    let text =
        format!("\"$im\" lab fault refuse-network-restart emea >&2 && \"$im\" -q apply --yes \"$m\" {}", outputs());
    let ended = script(&mesh, folder.path(), &["--seed", "1"], &text);
    assert_eq!(ended.code, 5, "{ended}");
    golden("apply-failed", &files(folder.path(), false));
    let read = |ending: &str| std::fs::read_to_string(folder.path().join(ending)).unwrap();
    golden("apply-failed-text", &(steady(&read("txt")) + &steady(&read("md"))));
}

#[test]
fn an_apply_that_is_refused_has_its_files_and_no_green_report() {
    let folder = tempfile::tempdir().unwrap();
    let mesh = example("two-clusters.yaml");
    // nobody can be asked
    let text = format!("\"$im\" -q apply \"$m\" {} </dev/null", outputs());
    let ended = script(&mesh, folder.path(), &["--seed", "1"], &text);
    assert_eq!(ended.code, 4, "{ended}");
    let read = |ending: &str| std::fs::read_to_string(folder.path().join(ending)).unwrap();
    for (format, ending) in FORMATS {
        let said = read(ending);
        assert!(said.contains("nobody can be asked here") || ["prometheus"].contains(&format), "{format}: {said}");
    }
    let junit = read("xml");
    assert!(junit.contains("skipped=\"12\"") && junit.contains("failures=\"1\""), "{junit}");
    assert!(read("prom").contains("intermesh_apply_steps{mesh=\"two-clusters\",outcome=\"not-tried\"} 12.0"));
    assert!(read("prom").contains("intermesh_last_run_exit_code{mesh=\"two-clusters\",command=\"apply\"} 4.0"));
}

#[test]
fn an_apply_that_is_ended_at_once_says_what_was_in_hand() {
    let folder = tempfile::tempdir().unwrap();
    let mesh = example("two-clusters.yaml");
    let text = format!(
        "\"$im\" apply --yes \"$m\" --events events {} 2>err & pid=$!; said step-waiting events 1; kill -INT $pid\n\
         said 'ending: no new step begins' err 1; kill -INT $pid; wait $pid",
        outputs()
    );
    // slow enough that a sync does not end before the second signal
    let ended = run(&mut in_lab(&mesh, folder.path(), &["--seed", "1", "--speed", "20"], &text));
    assert_eq!(ended.code, 130, "{ended}");
    let read = |ending: &str| std::fs::read_to_string(folder.path().join(ending)).unwrap();
    let junit = read("xml");
    assert!(junit.contains("tests=\"12\"") && junit.contains("not tried"), "{junit}");
    assert!(junit.contains("the run was ended while it was in hand") || junit.contains("failures=\"1\""), "{junit}");
    let account: serde_json::Value = serde_json::from_str(&read("json")).unwrap();
    let totals = account["stages"][0]["totals"].as_object().unwrap();
    assert_eq!(totals.values().map(|n| n.as_u64().unwrap()).sum::<u64>(), 12, "{account:#}");
    assert_eq!(account["exit"], 130);
    assert!(read("prom").contains("command=\"apply\"} 130.0"), "{}", read("prom"));
}

#[test]
fn a_read_that_is_interrupted_writes_them_too() {
    let folder = tempfile::tempdir().unwrap();
    let mesh = example("two-clusters.yaml");
    for command in ["plan", "drift", "doctor", "verify"] {
        let text = format!(
            "\"$im\" {command} \"$m\" {} >log 2>&1 & said simulated log 1; kill -TERM $!; wait $!; code=$?; cat log; exit $code",
            outputs()
        );
        // an answer takes longer than a signal
        let ended = run(&mut in_lab(&mesh, folder.path(), &["--seed", "1", "--round-trip", "3000"], &text));
        assert_eq!(ended.code, 130, "{command}: {ended}");
        assert!(ended.out.ends_with("interrupted; nothing was written\n"), "{command}: {ended}");
        for (format, ending) in FORMATS {
            let path = folder.path().join(ending);
            let said = std::fs::read_to_string(&path).unwrap();
            assert!(
                said.contains("interrupted") || format == "prometheus" && said.contains(" 130.0"),
                "{command}: {said}"
            );
            std::fs::remove_file(path).unwrap();
        }
    }
}

#[test]
fn an_apply_makes_sure_of_its_reports_before_it_begins() {
    let mesh = example("two-clusters.yaml");
    let ended = im(&["apply", "--yes", mesh.to_str().unwrap(), "--output", "junit=no/such/folder/apply.xml"]);
    assert_eq!(ended.code, 1, "{ended}");
    assert!(ended.err.contains("there is no folder `no/such/folder`") && ended.err.contains("Nothing was contacted"));
}

#[test]
fn an_import_tells_its_findings_and_a_rehearsal_its_steps() {
    let folder = tempfile::tempdir().unwrap();
    let mesh = example("two-clusters.yaml");
    let text = format!(
        "\"$im\" -q apply --yes \"$m\" && \"$im\" lab fault delete-peer emea imp1.apac.example.com >&2\n\
         mkdir import rehearse; d=\"$d/import\"; \"$im\" -q import --from \"$m\" -o now.yaml {outputs}; echo \"exit $?\"\n\
         \"$im\" -q plan \"$m\" --out plan.json >&2; d=\"$d/../rehearse\"; \"$im\" -q rehearse plan.json {outputs} >&2; echo \"exit $?\"",
        outputs = outputs()
    );
    let ended = script(&mesh, folder.path(), &["--seed", "1"], &text);
    assert!(ended.out.ends_with("exit 0\n"), "{ended}");
    golden("import", &files(&folder.path().join("import"), false));
    // how users come and go in it hangs on the moment at which the plan was made
    let read = |ending: &str| std::fs::read_to_string(folder.path().join("rehearse").join(ending)).unwrap();
    let steps = read("xml").matches("classname=\"rehearse\"").count();
    assert!(steps > 5 && read("xml").contains("name=\"it ends as planned\""), "{}", read("xml"));
    assert!(!read("xml").contains("<failure") && read("json").contains("\"outages\""), "{}", read("xml"));
    assert!(read("prom").contains("intermesh_rehearsal_steps{mesh=\"two-clusters\",outcome=\"failed\"} 0.0"));
    assert!(read("md").starts_with("## Rehearsal of mesh") && read("txt").contains("ends as planned"));
    for (format, ending) in FORMATS {
        assert!(folder.path().join("rehearse").join(ending).exists(), "{format}");
    }
}

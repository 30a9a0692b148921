//! The commands around a mesh file, as a user runs them.

use std::path::{Path, PathBuf};
use std::process::Command;

use intermesh::mesh;

use crate::golden::golden;

struct Ended {
    code: i32,
    out: String,
    err: String,
}

fn run(folder: &Path, arguments: &[&str]) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_intermesh"));
    command.args(arguments).current_dir(folder).env_remove("INTERMESH_OVERLAY").env("NO_COLOR", "1");
    let output = command.stdin(std::process::Stdio::null()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn bad_fixtures_of_all_rules_exit_3_and_good_ones_0() {
    for rule in mesh::rules() {
        let folder = root().join("tests/golden/rules").join(rule.code);
        let bad = run(&folder, &["validate", "--strict", "bad.yaml"]);
        assert_eq!(bad.code, 3, "{}: {}{}", rule.code, bad.out, bad.err);
        let expected = std::fs::read_to_string(folder.join("report.txt")).unwrap().replace("mesh.yaml", "bad.yaml");
        // `mesh.yaml` and `bad.yaml` differ in length, which moves nothing but the frame's first line
        assert_eq!(bad.out, expected, "{}", rule.code);
        let good = run(&folder, &["validate", "--strict", "good.yaml"]);
        assert_eq!((good.code, good.err.as_str()), (0, ""), "{}: {}", rule.code, good.out);
        let lenient = run(&folder, &["validate", "bad.yaml"]);
        assert_eq!(lenient.code, if rule.severity == mesh::Severity::Error { 3 } else { 0 }, "{}", rule.code);
    }
}

#[test]
fn validate_writes_its_formats_to_standard_output() {
    let folder = root().join("tests/golden/rules/IM012");
    for (format, beginning) in [
        ("json", "{\n  \"format_version\""),
        ("sarif", "{\n  \"$schema\""),
        ("github", "::error file=bad.yaml"),
        ("gitlab", "[\n"),
    ] {
        let ended = run(&folder, &["validate", "--format", format, "bad.yaml"]);
        assert_eq!((ended.code, ended.err.as_str()), (3, ""), "{format}");
        assert!(ended.out.starts_with(beginning), "{format}: {}", ended.out);
    }
    let missing = run(&folder, &["validate", "missing.yaml"]);
    assert_eq!(missing.code, 3);
    assert!(missing.out.contains("there is no such file"), "{}", missing.out);
}

#[test]
fn explain_tells_rules_and_refuses_others() {
    let ended = run(&root(), &["explain", "im012"]);
    assert!(ended.code == 0 && ended.out.starts_with("IM012 an OVA template"), "{}", ended.out);
    assert_eq!(
        run(&root(), &["explain", "--list"]).out.lines().count(),
        mesh::rules().len() + mesh::DriftCode::all().count()
    );
    let ended = run(&root(), &["explain", "dr006"]);
    assert!(ended.code == 0 && ended.out.starts_with("DR006 a peer does not connect (error)"), "{}", ended.out);
    assert_eq!(run(&root(), &["explain", "IM999"]).code, 64);
    assert_eq!(run(&root(), &["explain"]).code, 64);
}

#[test]
fn init_writes_what_validates_and_never_over_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = [
        "init",
        "new.yaml",
        "--name",
        "acme",
        "--domain",
        "example.com",
        "--cluster",
        "emea=imp1.emea.example.com",
        "--cluster",
        "apac=10.40.0.11",
        "--release",
        "14",
    ];
    let ended = run(folder.path(), &arguments);
    assert_eq!(ended.code, 0, "{}", ended.err);
    golden("init.yaml", &std::fs::read_to_string(folder.path().join("new.yaml")).unwrap());
    assert_eq!(run(folder.path(), &["validate", "--strict", "new.yaml"]).code, 0);
    assert_eq!(run(folder.path(), &["fmt", "--check", "new.yaml"]).code, 0);
    assert_eq!(run(folder.path(), &arguments).code, 4, "it is there already");
    assert_eq!(run(folder.path(), &[&arguments[..], &["--force"]].concat()).code, 0);
    assert_eq!(run(folder.path(), &["init", "other.yaml"]).code, 64, "nobody can be asked");
    assert_eq!(run(folder.path(), &["init", "-", "--name", "a b", "--domain", "x", "--cluster", "a=b"]).code, 3);
    assert!(!folder.path().join("other.yaml").exists());
}

#[test]
fn fmt_checks_and_rewrites() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mesh.yaml");
    std::fs::write(&path, "kind:   Mesh # what\napiVersion: intermesh/v1\n").unwrap();
    let check = run(folder.path(), &["fmt", "--check", "mesh.yaml"]);
    assert_eq!(check.code, 2);
    assert!(check.out.contains("-kind:   Mesh # what"), "{}", check.out);
    assert_eq!(run(folder.path(), &["fmt", "mesh.yaml"]).code, 0);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "apiVersion: intermesh/v1\nkind: Mesh # what\n");
    assert_eq!(run(folder.path(), &["fmt", "--check", "mesh.yaml"]).code, 0);
    std::fs::write(&path, "a: [").unwrap();
    assert_eq!(run(folder.path(), &["fmt", "mesh.yaml"]).code, 3);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "a: [", "left as it is");
}

#[test]
fn the_examples_are_formatted() {
    let examples = crate::examples::examples();
    let paths: Vec<&str> = examples.iter().map(|p| p.to_str().unwrap()).collect();
    let ended = run(&root(), &[&["fmt", "--check"], paths.as_slice()].concat());
    assert_eq!(ended.code, 0, "{}{}", ended.out, ended.err);
}

#[test]
fn diff_tells_what_a_change_means() {
    let folder = root().join("examples/topologies");
    let folder_of_tests = tempfile::tempdir().unwrap();
    let old = std::fs::read_to_string(folder.join("leaving.yaml")).unwrap();
    let path = |name: &str, text: &str| {
        std::fs::write(folder_of_tests.path().join(name), text).unwrap();
    };
    path("old.yaml", &old.replace(", state: absent", "").replace(", state: gone", ""));
    path("new.yaml", &old.replace("max_restarts: 20", "max_restarts: 30"));
    for (format, name) in [("text", "leaving.txt"), ("markdown", "leaving.md"), ("json", "leaving.json")] {
        let ended = run(folder_of_tests.path(), &["diff", "--format", format, "old.yaml", "new.yaml"]);
        assert_eq!(ended.code, 0, "{}", ended.err);
        golden(&format!("diff/{name}"), &ended.out);
    }
    assert_eq!(run(folder_of_tests.path(), &["diff", "old.yaml", "missing.yaml"]).code, 3);
}

#[test]
fn credentials_check_tells_without_showing() {
    let folder = tempfile::tempdir().unwrap();
    let mesh = crate::fixture::with(
        "credentials:\n  axl: {username: icsa, password: {exec: [sh, -c, 'echo hunter2']}}\n  peer: {username: icsa, password: {exec: [sh, -c, 'echo hunter2; exit 3']}}\ndefaults:\n  credentials: {axl: axl, peer: peer}\n",
    );
    std::fs::write(folder.path().join("mesh.yaml"), mesh).unwrap();
    let ended = run(folder.path(), &["credentials", "check", "mesh.yaml"]);
    assert_eq!(ended.code, 1);
    assert_eq!(
        ended.out,
        "axl   ok      user `icsa`, program `sh`\npeer  failed  the program `sh` ended with exit code 3 and said nothing\n"
    );
    assert!(!ended.err.contains("hunter2"));
    // a pull request's runner has no secrets, and validate asks for none
    assert_eq!(run(folder.path(), &["validate", "mesh.yaml"]).code, 0);
}

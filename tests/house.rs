//! Who may know whom: the house's walls, checked by reading the imports.

#![allow(clippy::unwrap_used, reason = "clippy takes the functions beside the tests for no tests")]

use std::path::{Path, PathBuf};

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found
}

/// The modules of the crate that the files of a module name, comments aside.
fn imports(module: &str) -> Vec<(PathBuf, String)> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    for file in files(&source.join(module)) {
        let text = std::fs::read_to_string(&file).unwrap();
        let code: String =
            text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
        for (at, _) in code.match_indices("crate::") {
            let rest = &code[at + "crate::".len()..];
            if let Some(group) = rest.strip_prefix('{') {
                let end = group.find('}').unwrap_or(0);
                let names = group[..end].split(',').map(|n| n.trim().split("::").next().unwrap_or("").to_owned());
                found.extend(names.map(|name| (file.clone(), name)));
            } else {
                let name = rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or("");
                found.push((file.clone(), name.to_owned()));
            }
        }
    }
    found
}

#[test]
fn every_module_knows_only_what_is_below_it() {
    let allowed: [(&str, &[&str]); 12] = [
        ("xml", &[]),
        ("formats", &[]),
        ("mesh", &["mesh", "formats"]),
        ("cluster", &["mesh"]),
        ("imp", &["cluster", "xml"]),
        ("lab", &["cluster", "xml"]),
        ("observe", &["mesh", "cluster"]),
        ("plan", &["mesh", "cluster"]),
        ("store", &["plan", "cluster", "mesh"]),
        ("apply", &["plan", "cluster", "mesh", "store"]),
        ("report", &["plan", "apply", "mesh", "cluster", "store", "formats"]),
        ("watch", &["observe", "plan", "store", "report", "mesh", "cluster"]),
    ];
    for (module, others) in allowed {
        let named = imports(module);
        assert!(
            !named.is_empty() || ["xml", "formats"].contains(&module),
            "the reader of imports finds nothing in {module}"
        );
        for (file, name) in named {
            assert!(name == module || others.contains(&name.as_str()), "{}: `{module}` names `{name}`", file.display());
        }
    }
}

#[test]
fn only_what_acts_asks_for_operators() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli");
    for file in files(&source) {
        let text = std::fs::read_to_string(&file).unwrap();
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        if text.contains(".operators()") || text.contains("dyn Operate") {
            assert!(["apply.rs", "demo.rs"].contains(&name.as_str()), "{name} acts on clusters");
        }
    }
}

#[test]
fn no_file_lets_unsafe_code_in() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for root in ["lib.rs", "main.rs"] {
        let text = std::fs::read_to_string(source.join(root)).unwrap();
        assert!(text.contains("#![forbid(unsafe_code)]"), "{root}");
    }
}

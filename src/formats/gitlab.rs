//! A code quality report of GitLab.

use std::collections::HashMap;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Level;

/// An entry of the report.
pub struct Entry<'a> {
    /// What kind of finding it is.
    pub code: &'a str,
    /// How grave.
    pub level: Level,
    /// What was found, and what to do.
    pub description: String,
    /// What makes it the same finding as in another report; not its line, so that a finding that moves stays the same.
    pub identity: String,
    /// The lines of the file, such as `{"begin": 3}`.
    pub lines: Value,
}

/// The report on a file.
pub fn report<'a>(file: &str, entries: impl Iterator<Item = Entry<'a>>) -> String {
    let path = file.trim_start_matches("./");
    let mut seen: HashMap<String, usize> = HashMap::new();
    let entry = |Entry { code, level, description, identity, lines }: Entry<'a>| {
        // numbered where two would be equal
        let identity = format!("{path}\n{identity}");
        let number = seen.entry(identity.clone()).or_default();
        *number += 1;
        let digest = Sha256::digest(format!("{identity}\n{number}"));
        json!({
            "description": description,
            "check_name": code,
            "fingerprint": digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>(),
            "severity": match level {
                Level::Error => "critical",
                Level::Warning => "minor",
                Level::Note => "info",
            },
            "location": {"path": path, "lines": lines},
        })
    };
    format!("{:#}\n", Value::Array(entries.map(entry).collect()))
}

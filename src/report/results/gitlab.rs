//! A code quality report of GitLab.

use std::collections::HashMap;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Results, Severity};

pub(super) fn render(results: &Results) -> String {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let path = results.file.trim_start_matches("./");
    let mut entries = Vec::new();
    for finding in &results.findings {
        // numbered where two would be equal
        let identity = format!("{path}\n{}", finding.identity());
        let number = seen.entry(identity.clone()).or_default();
        *number += 1;
        let digest = Sha256::digest(format!("{identity}\n{number}"));
        entries.push(json!({
            "description": finding.told(),
            "check_name": finding.code,
            "fingerprint": digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>(),
            "severity": match finding.severity {
                Severity::Error => "critical",
                Severity::Warning => "minor",
                Severity::Note => "info",
            },
            "location": {"path": path, "lines": {"begin": finding.line.unwrap_or(1)}},
        }));
    }
    format!("{:#}\n", Value::Array(entries))
}

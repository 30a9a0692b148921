//! The report for GitLab: a code quality report.

use std::collections::HashMap;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Diagnosis;
use crate::mesh::finding::Severity;

pub(super) fn render(diagnosis: &Diagnosis<'_>) -> String {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let path = diagnosis.source.name().trim_start_matches("./");
    let report: Vec<Value> = diagnosis
        .findings
        .iter()
        .map(|finding| {
            // without the line, so that a finding that moves stays the same one; numbered where two would be equal
            let identity = format!("{path}\n{}\n{}\n{}", finding.code, finding.pointer, finding.message);
            let number = seen.entry(identity.clone()).or_default();
            *number += 1;
            let digest = Sha256::digest(format!("{identity}\n{number}"));
            let description = match &finding.help {
                Some(help) => format!("{}; {help}", finding.message),
                None => finding.message.clone(),
            };
            json!({
                "description": description,
                "check_name": finding.code,
                "fingerprint": digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>(),
                "severity": match finding.severity {
                    Severity::Error => "critical",
                    Severity::Warning => "minor",
                    Severity::Advice => "info",
                },
                "location": {"path": path, "lines": {"begin": finding.start.line, "end": finding.end.line}},
            })
        })
        .collect();
    format!("{:#}\n", Value::Array(report))
}

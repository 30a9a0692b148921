//! A code quality report of GitLab.

use serde_json::json;

use super::Results;
use crate::formats::gitlab::{Entry, report};

pub(super) fn render(results: &Results) -> String {
    let entries = results.findings.iter().map(|finding| Entry {
        code: &finding.code,
        level: finding.severity.level(),
        description: finding.told(),
        identity: finding.identity(),
        lines: json!({"begin": finding.line.unwrap_or(1)}),
    });
    report(&results.file, entries)
}

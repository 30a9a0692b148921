//! The report for GitLab: a code quality report.

use serde_json::json;

use super::Diagnosis;
use crate::formats::gitlab::{Entry, report};

pub(super) fn render(diagnosis: &Diagnosis<'_>) -> String {
    let entries = diagnosis.findings.iter().map(|finding| Entry {
        code: finding.code,
        level: finding.severity.level(),
        description: match &finding.help {
            Some(help) => format!("{}; {help}", finding.message),
            None => finding.message.clone(),
        },
        identity: format!("{}\n{}\n{}", finding.code, finding.pointer, finding.message),
        lines: json!({"begin": finding.start.line, "end": finding.end.line}),
    });
    report(diagnosis.source.name(), entries)
}

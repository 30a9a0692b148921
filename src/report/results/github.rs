//! Workflow commands of GitHub Actions, which become annotations of a pull request.

use super::{Results, Severity};
use crate::mesh::diagnostics::{data, property};

pub(super) fn render(results: &Results) -> String {
    let mut report = String::new();
    for finding in &results.findings {
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let line = finding.line.map_or(String::new(), |line| format!(",line={line}"));
        let (file, title) = (property(&results.file), property(&format!("{}: {}", finding.code, finding.title)));
        report += &format!("::{command} file={file}{line},title={title}::{}\n", data(&finding.told()));
    }
    report
}

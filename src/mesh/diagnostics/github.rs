//! The report for GitHub Actions: workflow commands.

use super::Diagnosis;
use crate::mesh::finding::Severity;
use crate::mesh::rules;

pub(super) fn render(diagnosis: &Diagnosis<'_>) -> String {
    let mut report = String::new();
    for finding in diagnosis.findings {
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Advice => "notice",
        };
        let title = rules::rule(finding.code).map_or("", |rule| rule.title);
        // a range over lines takes no columns
        let columns = if finding.start.line == finding.end.line {
            format!(",col={},endColumn={}", finding.start.column, finding.end.column)
        } else {
            String::new()
        };
        let text = match &finding.help {
            Some(help) => format!("{}\nhelp: {help}", finding.message),
            None => finding.message.clone(),
        };
        report += &format!(
            "::{command} file={},line={},endLine={}{columns},title={}::{}\n",
            property(diagnosis.source.name()),
            finding.start.line,
            finding.end.line,
            property(&format!("{}: {title}", finding.code)),
            data(&text),
        );
    }
    report
}

/// A text as the message of a workflow command.
pub fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A text as a property of a workflow command.
pub fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

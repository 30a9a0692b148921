//! The report for GitHub Actions: workflow commands.

use super::Diagnosis;
use crate::formats::github::annotation;
use crate::mesh::rules;

pub(super) fn render(diagnosis: &Diagnosis<'_>) -> String {
    let annotations = diagnosis.findings.iter().map(|finding| {
        let title = rules::rule(finding.code).map_or("", |rule| rule.title);
        let (start, end) = (finding.start, finding.end);
        let mut place = format!(",line={},endLine={}", start.line, end.line);
        if start.line == end.line {
            // a range over lines takes no columns
            place += &format!(",col={},endColumn={}", start.column, end.column);
        }
        let text = match &finding.help {
            Some(help) => format!("{}\nhelp: {help}", finding.message),
            None => finding.message.clone(),
        };
        let title = format!("{}: {title}", finding.code);
        annotation(finding.severity.level(), diagnosis.source.name(), &place, &title, &text)
    });
    annotations.collect()
}

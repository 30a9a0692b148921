//! Annotations of GitHub Actions.

use super::Results;
use crate::formats::github::annotation;

pub(super) fn render(results: &Results) -> String {
    let annotations = results.findings.iter().map(|finding| {
        let line = finding.line.map_or(String::new(), |line| format!(",line={line}"));
        let title = format!("{}: {}", finding.code, finding.title);
        annotation(finding.severity.level(), &results.file, &line, &title, &finding.told())
    });
    annotations.collect()
}

//! Results of drift.

use super::{Finding, Number, Results, Severity};
use crate::mesh::DriftSeverity;
use crate::plan::drift::{self, Accepted, Drift, Label, Unread};
use crate::report::drift::{sum, who};
use crate::report::junit::{Case, CaseResult, Suite};

impl Results {
    /// Drift. What is accepted is checked and passes, with its reason.
    pub fn of_drift(found: &Drift, file: &str, exit: u8) -> Results {
        let unread = found.unread.iter().map(|Unread { cluster, error }| Finding {
            code: "cluster.unread".to_owned(),
            title: "a cluster could not be read".to_owned(),
            severity: Severity::Error,
            about: cluster.to_string(),
            message: error.to_string(),
            help: error.kind.hint().map(str::to_owned),
            line: None,
        });
        let mut findings: Vec<Finding> = found.findings.iter().map(told).collect();
        findings.extend(unread);
        findings.sort_by_key(|finding| finding.severity);
        let words = anstream::adapter::strip_str(&sum(&found.counts, &found.findings, &found.unread)).to_string();
        Results {
            command: "drift",
            mesh: Some(found.mesh.clone()),
            file: file.to_owned(),
            at: found.at,
            exit,
            words,
            checks: checks(found, &findings),
            findings,
            numbers: numbers(found),
        }
    }
}

fn told(finding: &drift::Finding) -> Finding {
    let drift::Finding { code, severity, label, place, what, since, line, fix, affects, seen_as: _ } = finding;
    let label = label.map(|label| format!(" ({})", label.word())).unwrap_or_default();
    let since = since.as_ref().map(|since| format!("; since: {since}")).unwrap_or_default();
    let affects = if affects.is_empty() { String::new() } else { format!("; affects {}", who(affects)) };
    Finding {
        code: code.to_string(),
        title: code.title().to_owned(),
        severity: match severity {
            DriftSeverity::Error => Severity::Error,
            DriftSeverity::Warning => Severity::Warning,
            DriftSeverity::Note => Severity::Note,
        },
        about: place.words(),
        message: format!("{what}{label}{affects}{since}"),
        help: Some(fix.clone()),
        line: *line,
    }
}

fn checks(found: &Drift, findings: &[Finding]) -> Vec<Suite> {
    let accepted = |Accepted { finding, reason, owner: _, until: _, line: _ }: &Accepted| {
        let note = format!("accepted: {}\n{reason}", finding.what);
        Case::new(format!("{}: {}", finding.place.words(), finding.code.title()), CaseResult::Passed { note })
    };
    let mut cases: Vec<Case> = findings.iter().map(Finding::failed_case).collect();
    cases.extend(found.accepted.iter().map(accepted));
    if findings.is_empty() {
        let passed = CaseResult::Passed { note: String::new() };
        cases.insert(0, Case::new("the clusters are as the file says", passed));
    }
    vec![Suite { name: "drift".to_owned(), cases }]
}

fn numbers(found: &Drift) -> Vec<Number> {
    let counts = &found.counts;
    let by_severity = [("error", counts.error), ("warning", counts.warning), ("note", counts.note)];
    let severity = by_severity.into_iter().map(|(severity, value)| Number {
        name: "drift_findings",
        help: "Findings of drift by their severity, accepted ones aside",
        labels: vec![("severity", severity.to_owned())],
        value: value as f64,
    });
    let labelled = |label: Option<Label>| found.findings.iter().filter(|f| f.label == label).count();
    let by_label = [Some(Label::Pending), Some(Label::Drifted), Some(Label::Both), None].map(|label| Number {
        name: "drift_moved",
        help: "Findings of drift by who moved: the file, the world, both; or it is not known",
        labels: vec![("label", label.map_or("unknown", Label::word).to_owned())],
        value: labelled(label) as f64,
    });
    let plain = |name, help, value: usize| Number { name, help, labels: Vec::new(), value: value as f64 };
    severity
        .chain(by_label)
        .chain([
            plain("drift_accepted", "Findings of drift that the mesh file accepts", counts.accepted),
            plain("drift_unread", "Facts that could not be read", found.unread.len()),
        ])
        .collect()
}

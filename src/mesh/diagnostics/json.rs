//! The report for other programs, in the shape of `terraform validate -json`.

use serde_json::{Value, json};

use super::Diagnosis;
use crate::mesh::finding::{Finding, Severity};
use crate::mesh::rules;
use crate::mesh::source::Position;

pub(super) fn render(diagnosis: &Diagnosis<'_>) -> String {
    let shown = diagnosis.shown();
    let findings: Vec<Value> = diagnosis.findings.iter().map(|f| one(diagnosis, &shown, f)).collect();
    let accepted: Vec<Value> = diagnosis
        .accepted
        .iter()
        .map(|a| {
            let reason = diagnosis.reasons.get(a.acceptance);
            let mut value = one(diagnosis, &shown, &a.finding);
            value["accepted"] = json!({
                "reason": reason.map(|r| &r.reason), "owner": reason.and_then(|r| r.owner.as_ref()),
                "until": reason.and_then(|r| r.until.as_ref())
            });
            value
        })
        .collect();
    let report = json!({
        "format_version": "1.0",
        "file": diagnosis.source.name(),
        "valid": diagnosis.count(Severity::Error) == 0,
        "error_count": diagnosis.count(Severity::Error),
        "warning_count": diagnosis.count(Severity::Warning),
        "advice_count": diagnosis.count(Severity::Advice),
        "diagnostics": findings,
        "accepted": accepted,
    });
    format!("{report:#}\n")
}

fn one(diagnosis: &Diagnosis<'_>, shown: &str, finding: &Finding) -> Value {
    let rule = rules::rule(finding.code);
    let code = diagnosis.lines(shown, finding);
    let line_start = diagnosis.source.line_range(finding.start.line).start;
    json!({
        "code": finding.code,
        "severity": finding.severity,
        "summary": finding.message,
        "detail": finding.help,
        "procedure": rule.and_then(|r| r.procedure),
        "pointer": finding.pointer,
        "range": {
            "filename": diagnosis.source.name(),
            "start": position(finding.start, finding.span.start),
            "end": position(finding.end, finding.span.end),
        },
        "snippet": {
            "code": code,
            "start_line": finding.start.line,
            // bytes, as in the range
            "highlight_start_offset": finding.span.start.saturating_sub(line_start),
            "highlight_end_offset": finding.span.end.saturating_sub(line_start),
        },
        "related": finding.related.iter().map(|r| json!({
            "label": r.label, "start": position(r.start, r.span.start),
        })).collect::<Vec<_>>(),
    })
}

fn position(position: Position, byte: usize) -> Value {
    json!({"line": position.line, "column": position.column, "byte": byte})
}

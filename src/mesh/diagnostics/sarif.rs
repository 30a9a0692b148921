//! The report for code scanning: SARIF 2.1.0.

use serde_json::{Value, json};

use super::Diagnosis;
use crate::mesh::finding::{Finding, Severity};
use crate::mesh::rules::{self, Rule};
use crate::mesh::source::Position;

pub(super) fn render(diagnosis: &Diagnosis<'_>) -> String {
    let shown = diagnosis.shown();
    let mut results: Vec<Value> = diagnosis.findings.iter().map(|f| result(diagnosis, &shown, f)).collect();
    for accepted in diagnosis.accepted {
        let mut value = result(diagnosis, &shown, &accepted.finding);
        let reason = diagnosis.reasons.get(accepted.acceptance).map(|a| a.reason.as_str());
        value["suppressions"] = json!([{"kind": "inSource", "status": "accepted", "justification": reason}]);
        results.push(value);
    }
    let report = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "intermesh",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules::rules().iter().map(rule).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{report:#}\n")
}

fn rule(rule: &Rule) -> Value {
    let mut help = rule.explanation.to_owned();
    if let Some(procedure) = rule.procedure {
        help += &format!("\n\nDocumented: {procedure} ({})", rule.source);
    }
    json!({
        "id": rule.code,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.explanation},
        "help": {"text": help},
        "defaultConfiguration": {"level": level(rule.severity)},
    })
}

fn result(diagnosis: &Diagnosis<'_>, shown: &str, finding: &Finding) -> Value {
    let index = rules::rules().iter().position(|rule| rule.code == finding.code);
    let text = match &finding.help {
        Some(help) => format!("{}. Help: {help}.", finding.message),
        None => format!("{}.", finding.message),
    };
    let uri = uri(diagnosis.source.name());
    let place = |start: Position, end: Position| json!({"startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column});
    let mut region = place(finding.start, finding.end);
    region["snippet"] = json!({"text": diagnosis.lines(shown, finding)});
    let related: Vec<Value> = finding
        .related
        .iter()
        .enumerate()
        .map(|(id, r)| {
            let region = place(r.start, diagnosis.source.position(r.span.end));
            json!({
                "id": id + 1,
                "message": {"text": r.label},
                "physicalLocation": {"artifactLocation": {"uri": uri}, "region": region},
            })
        })
        .collect();
    let mut result = json!({
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": level(finding.severity),
        "message": {"text": text},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}],
        "partialFingerprints": {"intermesh/v1": format!("{}:{}", finding.code, finding.pointer)},
    });
    if !related.is_empty() {
        result["relatedLocations"] = Value::Array(related);
    }
    result
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Advice => "note",
    }
}

/// A path as a relative reference: with slashes, and with everything escaped that a reference may not hold.
pub fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.replace('\\', "/").bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            _ => uri += &format!("%{byte:02X}"),
        }
    }
    uri
}

//! The report for code scanning: SARIF 2.1.0.

use serde_json::{Value, json};

use super::Diagnosis;
use crate::formats::sarif;
use crate::mesh::finding::Finding;
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
    sarif::report(None, rules::rules().iter().map(rule).collect(), results)
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
        "defaultConfiguration": {"level": sarif::level(rule.severity.level())},
    })
}

fn result(diagnosis: &Diagnosis<'_>, shown: &str, finding: &Finding) -> Value {
    let index = rules::rules().iter().position(|rule| rule.code == finding.code);
    let text = match &finding.help {
        Some(help) => format!("{}. Help: {help}.", finding.message),
        None => format!("{}.", finding.message),
    };
    let name = diagnosis.source.name();
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
                "physicalLocation": {"artifactLocation": {"uri": sarif::uri(name)}, "region": region},
            })
        })
        .collect();
    let identity = format!("{}:{}", finding.code, finding.pointer);
    let mut result = sarif::result(finding.code, finding.severity.level(), &text, (name, region), &identity);
    result["ruleIndex"] = json!(index);
    if !related.is_empty() {
        result["relatedLocations"] = Value::Array(related);
    }
    result
}

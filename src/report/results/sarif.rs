//! SARIF 2.1.0, for code scanning: findings at the lines of the mesh file that ask for what is not so.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Finding, Results, Severity};
use crate::mesh::diagnostics::uri;

pub(super) fn render(results: &Results) -> String {
    let rules: BTreeMap<&str, &str> = results.findings.iter().map(|f| (f.code.as_str(), f.title.as_str())).collect();
    let rules: Vec<Value> =
        rules.into_iter().map(|(id, title)| json!({"id": id, "shortDescription": {"text": title}})).collect();
    let report = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "intermesh",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules,
            }},
            "automationDetails": {"id": format!("intermesh/{}/", results.command)},
            "results": results.findings.iter().map(|finding| result(results, finding)).collect::<Vec<_>>(),
        }],
    });
    format!("{report:#}\n")
}

fn result(results: &Results, finding: &Finding) -> Value {
    let region = json!({"startLine": finding.line.unwrap_or(1)});
    json!({
        "ruleId": finding.code,
        "level": match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        },
        "message": {"text": finding.told()},
        "locations": [{
            "physicalLocation": {"artifactLocation": {"uri": uri(&results.file)}, "region": region},
            "logicalLocations": [{"fullyQualifiedName": finding.about}],
        }],
        "partialFingerprints": {"intermesh/v1": finding.identity().replace('\n', ":")},
    })
}

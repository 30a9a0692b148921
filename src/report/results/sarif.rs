//! SARIF 2.1.0, for code scanning: findings at the lines of the mesh file that ask for what is not so.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Finding, Results};
use crate::formats::sarif;

pub(super) fn render(results: &Results) -> String {
    let rules: BTreeMap<&str, &str> = results.findings.iter().map(|f| (f.code.as_str(), f.title.as_str())).collect();
    let rules = rules.into_iter().map(|(id, title)| json!({"id": id, "shortDescription": {"text": title}}));
    let told = results.findings.iter().map(|finding| result(results, finding));
    sarif::report(Some(results.command), rules.collect(), told.collect())
}

fn result(results: &Results, finding: &Finding) -> Value {
    let place = (results.file.as_str(), json!({"startLine": finding.line.unwrap_or(1)}));
    let identity = finding.identity().replace('\n', ":");
    let mut result = sarif::result(&finding.code, finding.severity.level(), &finding.told(), place, &identity);
    result["locations"][0]["logicalLocations"] = json!([{"fullyQualifiedName": finding.about}]);
    result
}

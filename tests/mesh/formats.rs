//! The same findings in every format, whole, as golden files.

use intermesh::mesh::diagnostics::{Diagnosis, Look};
use serde_json::Value;

use crate::fixture;
use crate::golden::golden;

/// Every severity, two places, a line that is long, and something accepted.
fn text() -> String {
    fixture::with(
        "defaults:\n  transport: tls\n  credentials: {axl: axl}\ntopology:\n  shape: ful\n  links:\n    - {between: [emea, apac]}\n    - {between: [apac, emea], transport: tls}\n",
    )
}

fn accepted() -> String {
    text().replace("shape: ful", "shape: full").replace("    - {between: [apac, emea], transport: tls}\n", "")
        + "policy: {max_deletes: 3}\naccept:\n  - {rule: IM014, reason: 'TLS required by audit, 100%', owner: uc-team}\n"
}

fn all(diagnosis: Diagnosis<'_>) -> [(&'static str, String); 5] {
    [
        ("text.txt", diagnosis.graphical(Look { color: false, width: 80 })),
        ("json.json", diagnosis.json()),
        ("sarif.json", diagnosis.sarif()),
        ("github.txt", diagnosis.github()),
        ("gitlab.json", diagnosis.gitlab()),
    ]
}

#[test]
fn every_format_is_as_reviewed() {
    let findings = fixture::load(&text().replace("shape: ful\n", "shape: full\n")).unwrap_err();
    for (name, report) in all(Diagnosis::from(&findings)) {
        golden(&format!("formats/wrong/{name}"), &report);
    }
    let loaded = fixture::load(&accepted()).unwrap();
    for (name, report) in all(Diagnosis::from(&loaded)) {
        golden(&format!("formats/accepted/{name}"), &report);
    }
}

#[test]
fn colours_change_nothing_but_colours() {
    let findings = fixture::load(&text()).unwrap_err();
    let diagnosis = Diagnosis::from(&findings);
    let colored = diagnosis.graphical(Look { color: true, width: 80 });
    assert!(colored.contains('\u{1b}'));
    let plain = anstream::adapter::strip_str(&colored).to_string();
    let without_code_style = |text: &str| text.replace(['\u{2500}', '\u{252c}'], "");
    assert_eq!(without_code_style(&plain), without_code_style(&diagnosis.graphical(Look { color: false, width: 80 })));
}

#[test]
fn sarif_keeps_to_its_schema_where_uploads_fail_otherwise() {
    let loaded = fixture::load(&accepted()).unwrap();
    let sarif: Value = serde_json::from_str(&Diagnosis::from(&loaded).sarif()).unwrap();
    let run = &sarif["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for result in run["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        let region = &result["locations"][0]["physicalLocation"]["region"];
        assert!(region["startLine"].as_u64().unwrap() >= 1 && region["startColumn"].as_u64().unwrap() >= 1);
        assert!(!region["snippet"]["text"].as_str().unwrap().is_empty());
    }
    assert_eq!(run["results"].as_array().unwrap().iter().filter(|r| r.get("suppressions").is_some()).count(), 1);
}

#[test]
fn gitlab_fingerprints_are_of_the_finding_and_not_of_its_line() {
    let fingerprints = |text: &str| -> Vec<String> {
        let findings = fixture::load(text).unwrap_err();
        let report: Value = serde_json::from_str(&Diagnosis::from(&findings).gitlab()).unwrap();
        report.as_array().unwrap().iter().map(|f| f["fingerprint"].as_str().unwrap().to_owned()).collect()
    };
    let before = fingerprints(&text());
    assert_eq!(before, fingerprints(&format!("# a comment\n\n{}", text())));
    let mut unique = before.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), before.len());
}

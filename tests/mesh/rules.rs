//! Every rule's bad example breaks it at the right place, and its good example breaks none. The whole files stand in
//! `tests/golden/rules/CODE/`, with the report of the bad one.

use intermesh::mesh::diagnostics::{Diagnosis, Look, explain, list};
use intermesh::mesh::{self, Finding, Rule, Severity};

use crate::fixture;
use crate::golden::golden;

const LOOK: Look = Look { color: false, width: 100 };

fn findings(text: &str) -> Vec<Finding> {
    match fixture::load(text) {
        Ok(loaded) => loaded.warnings,
        Err(findings) => findings.findings,
    }
}

fn report(text: &str) -> String {
    match fixture::load(text) {
        Ok(loaded) => Diagnosis::from(&loaded).graphical(LOOK),
        Err(findings) => Diagnosis::from(&findings).graphical(LOOK),
    }
}

#[test]
fn bad_examples_break_their_rule_and_good_ones_break_none() {
    let mut wrong = Vec::new();
    for rule in mesh::rules() {
        let (bad, good) = (fixture::with(rule.bad), fixture::with(rule.good));
        let folder = format!("rules/{}", rule.code);
        golden(&format!("{folder}/bad.yaml"), &bad);
        golden(&format!("{folder}/good.yaml"), &good);
        golden(&format!("{folder}/report.txt"), &report(&bad));
        golden(&format!("{folder}/explain.txt"), &explain(rule, 100));
        let found = findings(&bad);
        if !found.iter().any(|f| f.code == rule.code && f.severity == rule.severity) {
            wrong.push(format!("{} bad: {found:#?}", rule.code));
        }
        let found = findings(&good);
        if !found.is_empty() {
            wrong.push(format!("{} good: {found:#?}", rule.code));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    golden("rules/list.txt", &list());
}

#[test]
fn every_rule_says_what_it_needs_to_say() {
    let mut codes: Vec<&str> = mesh::rules().iter().map(|r| r.code).collect();
    assert!(codes.iter().all(|c| c.len() == 5 && c.starts_with("IM")));
    codes.dedup();
    assert_eq!(codes.len(), mesh::rules().len(), "each code once, in order");
    for Rule { code, title, severity: _, procedure, source, explanation, bad, good } in mesh::rules() {
        assert!(explanation.ends_with('.') && explanation.len() > 100, "{code}: explain it");
        assert!(!title.ends_with('.') && title.len() < 80, "{code}: {title}");
        assert!(procedure.is_none_or(|p| p.ends_with('.')), "{code}");
        assert!(procedure.is_none() || *source != "intermesh's own", "{code}: a sentence has a source");
        assert_ne!(bad, good, "{code}");
    }
}

#[test]
fn the_codes_that_are_promised_mean_what_was_promised() {
    let rule = |code| mesh::rule(code).unwrap();
    assert_eq!(rule("IM014").severity, Severity::Advice);
    assert!(rule("im012").title.contains("15,000"));
    assert!(mesh::rule("IM999").is_none());
}

#[test]
fn findings_are_in_the_order_of_the_text() {
    for rule in mesh::rules() {
        let found = findings(&fixture::with(rule.bad));
        assert!(found.is_sorted_by_key(|f| f.span.start), "{}", rule.code);
    }
}

//! Every rule's bad example breaks it at the right place, and its good example breaks none.

use intermesh::mesh::{self, Finding};

use crate::fixture;

fn findings(text: &str) -> Vec<Finding> {
    match fixture::load(text) {
        Ok(loaded) => loaded.warnings,
        Err(findings) => findings.findings,
    }
}

#[test]
fn bad_examples_break_their_rule_and_good_ones_break_none() {
    let mut wrong = Vec::new();
    for rule in mesh::rules() {
        let bad = findings(&fixture::with(rule.bad));
        if !bad.iter().any(|f| f.code == rule.code && f.severity == rule.severity) {
            wrong.push(format!("{} bad: {bad:#?}", rule.code));
        }
        for f in &bad {
            eprintln!(
                "{}: {}:{} {} {} | {}",
                rule.code,
                f.line(),
                f.column(),
                f.code,
                f.message,
                f.help.as_deref().unwrap_or("")
            );
        }
        let good = findings(&fixture::with(rule.good));
        if !good.is_empty() {
            wrong.push(format!("{} good: {good:#?}", rule.code));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

//! A rule or a kind of drift at length, and all of them in a list.

use crate::mesh::drift_code::{DriftCode, DriftSeverity};
use crate::mesh::rules::{Rule, rules};

/// A rule at length: what it wants, why, where that comes from, and how it looks wrong and right.
pub fn explain(rule: &Rule, width: usize) -> String {
    let width = width.clamp(40, 100);
    let mut text = format!("{} {} ({})\n\n{}\n", rule.code, rule.title, rule.severity, wrap(rule.explanation, width));
    if let Some(procedure) = rule.procedure {
        text += &format!("\n{}\n", wrap(&format!("Documented: {procedure}"), width));
    }
    text += &format!("{}\n", wrap(&format!("Source: {}.", rule.source), width));
    text += &format!("\nWrong:\n\n{}\nRight:\n\n{}", indented(rule.bad), indented(rule.good));
    text
}

/// A kind of drift at length: how bad it is, by which rule, and how it is accepted where it is meant to be so.
pub fn explain_drift(drift: DriftCode, width: usize) -> String {
    let width = width.clamp(40, 100);
    let mut text = format!("{drift} {} ({})\n\n{}\n", drift.title(), drift.severity(), wrap(drift.rule(), width));
    if drift != DriftCode::AcceptanceRanOut {
        let how = "Where it is meant to be so, the mesh file says who accepts it, why and until when; `cluster`, `peer`, \
                   `node`, `service` and `parameter` say where:";
        text += &format!(
            "\n{}\n\n    accept:\n      - {{rule: {drift}, cluster: NAME, reason: WHY, owner: WHO, until: 2027-06-30}}\n",
            wrap(how, width)
        );
    }
    text
}

/// All rules, and all kinds of drift, one line each.
pub fn list() -> String {
    let rules = rules().iter().map(|rule| format!("{}  {:<7}  {}\n", rule.code, rule.severity, rule.title));
    let severity = |drift: DriftCode| DriftSeverity::word(drift.severity());
    let drift = DriftCode::all().map(|drift| format!("{drift}  {:<7}  {}\n", severity(drift), drift.title()));
    rules.chain(drift).collect()
}

/// Lines of an example that are shown; the thirty-one clusters of IM010 need not be.
const SHOWN: usize = 20;

fn indented(example: &str) -> String {
    let count = example.lines().count();
    let mut text: String = example.lines().take(SHOWN).map(|line| format!("    {line}\n")).collect();
    if count > SHOWN {
        text += &format!("    # and {} lines more\n", count - SHOWN);
    }
    text
}

fn wrap(text: &str, width: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}

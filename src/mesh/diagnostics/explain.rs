//! A rule at length, and all rules in a list.

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

/// All rules, one line each.
pub fn list() -> String {
    rules().iter().map(|rule| format!("{}  {:<7}  {}\n", rule.code, rule.severity, rule.title)).collect()
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

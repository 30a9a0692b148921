//! The results as Markdown, for a comment or a step's summary.

use std::fmt::Write;

use super::{Results, Severity};
use crate::report::markdown::inert;

/// Longer comments are refused by GitHub; a table that would pass it is cut, and says so.
pub(super) const LIMIT: usize = 60_000;

pub(super) fn render(results: &Results) -> String {
    let mesh = results.mesh.as_deref().unwrap_or(&results.file);
    let mut out = format!("### intermesh {}: {}\n\n{}\n", results.command, inert(mesh), inert(&results.words));
    if results.findings.is_empty() {
        return out;
    }
    out += "\n| | where | what | what to do |\n|---|---|---|---|\n";
    for (told, finding) in results.findings.iter().enumerate() {
        let mark = match finding.severity {
            Severity::Error => "\u{274c} error",
            Severity::Warning => "\u{26a0}\u{fe0f} warning",
            Severity::Note => "\u{2139}\u{fe0f} note",
        };
        let line = finding.line.map_or(String::new(), |line| format!(", line {line}"));
        let help = finding.help.as_deref().map(inert).unwrap_or_default();
        let row = format!(
            "| {mark} | {}{line} | {} (`{}`) | {help} |\n",
            inert(&finding.about),
            inert(&finding.message),
            finding.code
        );
        if out.len() + row.len() > LIMIT {
            // writing to a string does not fail
            let _ = writeln!(out, "\n... and {} more", results.findings.len() - told);
            break;
        }
        out += &row;
    }
    out
}

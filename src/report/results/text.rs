//! The results as plain lines, for a log or a mail.

use std::fmt::Write;

use super::Results;
use crate::report::words::plain;

pub(super) fn render(results: &Results) -> String {
    let mut out = format!("{}\n", plain(&results.words));
    for finding in &results.findings {
        let line = finding.line.map_or(String::new(), |line| format!(" ({}:{line})", results.file));
        // writing to a string does not fail
        let _ = writeln!(
            out,
            "{:<7} {}: {}{line}",
            finding.severity.word(),
            plain(&finding.about),
            plain(&finding.message)
        );
        if let Some(help) = &finding.help {
            let _ = writeln!(out, "{:<7} {}", "", plain(help));
        }
    }
    out
}

//! Findings as texts: for people at a terminal, for CI systems, for other programs. What is secret is masked before
//! any of them sees the file.

mod explain;
mod github;
mod gitlab;
mod graphical;
mod json;
mod sarif;

use std::ops::Range;

pub use explain::{explain, explain_drift, list};

use super::accept::Accepted;
use super::finding::{Finding, Findings, Severity};
use super::load::Loaded;
use super::meant::counted;
use super::report::is_invisible;
use super::secrets;
use super::source::Source;

/// Everything that was found in one file.
#[derive(Clone, Copy, Debug)]
pub struct Diagnosis<'a> {
    source: &'a Source,
    findings: &'a [Finding],
    accepted: &'a [Accepted],
    reasons: &'a [super::model::Acceptance],
    secrets: &'a [Range<usize>],
}

impl<'a> From<&'a Findings> for Diagnosis<'a> {
    fn from(findings: &'a Findings) -> Self {
        Diagnosis {
            source: &findings.source,
            findings: &findings.findings,
            accepted: &[],
            reasons: &[],
            secrets: &findings.secrets,
        }
    }
}

impl<'a> From<&'a Loaded> for Diagnosis<'a> {
    fn from(loaded: &'a Loaded) -> Self {
        Diagnosis {
            source: &loaded.source,
            findings: &loaded.warnings,
            accepted: &loaded.accepted,
            reasons: &loaded.mesh.accept,
            secrets: &loaded.secrets,
        }
    }
}

/// How findings are drawn at a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// With colours.
    pub color: bool,
    /// The width of the terminal, in columns.
    pub width: usize,
}

impl Diagnosis<'_> {
    /// For people: every finding with the text that it is about, and a line that counts them.
    pub fn graphical(&self, look: Look) -> String {
        graphical::render(self, look)
    }

    /// For programs: JSON in the shape of `terraform validate -json`, which many can read.
    pub fn json(&self) -> String {
        json::render(self)
    }

    /// For code scanning: SARIF 2.1.0, with all rules and the findings that are accepted as suppressed ones.
    pub fn sarif(&self) -> String {
        sarif::render(self)
    }

    /// For GitHub Actions: workflow commands, which become annotations of a pull request.
    pub fn github(&self) -> String {
        github::render(self)
    }

    /// For GitLab: a code quality report.
    pub fn gitlab(&self) -> String {
        gitlab::render(self)
    }

    /// How many findings of a severity there are.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|f| f.severity == severity).count()
    }

    /// "2 errors, 1 warning", or nothing when there is none.
    pub fn tally(&self) -> Option<String> {
        let counts = [(Severity::Error, "error"), (Severity::Warning, "warning")];
        let mut parts: Vec<String> = counts
            .iter()
            .filter_map(|(severity, noun)| Some(self.count(*severity)).filter(|n| *n > 0).map(|n| counted(n, noun)))
            .collect();
        match self.count(Severity::Advice) {
            0 => {}
            1 => parts.push("1 piece of advice".to_owned()),
            n => parts.push(format!("{n} pieces of advice")),
        }
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// The text with its secrets masked: the only one that a report may quote.
    fn shown(&self) -> String {
        visible(&secrets::masked(self.source.text(), self.secrets))
    }

    /// The lines of a finding in a text that is shown, whole.
    fn lines<'t>(&self, shown: &'t str, finding: &Finding) -> &'t str {
        let (first, last) = (self.source.line_range(finding.start.line), self.source.line_range(finding.end.line));
        shown.get(first.start..last.end.max(first.start)).unwrap_or_default()
    }
}

/// A text without what would do something to a terminal; as many bytes as before, so that places stay what they are.
fn visible(text: &str) -> String {
    let stand_in = |character: char| match character {
        '\n' | '\t' => None,
        c if !is_invisible(c) => None,
        c => Some(if c.len_utf8() == 3 { "\u{fffd}" } else { &"??"[..c.len_utf8()] }),
    };
    let mut visible = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        // alone, a carriage return takes the cursor back over what was printed
        let ends_line = character == '\r' && characters.peek() == Some(&'\n');
        match stand_in(character).filter(|_| !ends_line) {
            Some(other) => visible.push_str(other),
            None => visible.push(character),
        }
    }
    visible
}

//! What is wrong with a mesh file, or could be better, and where.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::source::{Position, Source};
use crate::formats::Level;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It works, and the vendor recommends otherwise.
    Advice,
    /// It loads, and will probably not do what is wanted.
    Warning,
    /// The file cannot be used.
    Error,
}

impl Severity {
    /// As the formats of CI systems know it.
    pub(super) fn level(self) -> Level {
        match self {
            Severity::Advice => Level::Note,
            Severity::Warning => Level::Warning,
            Severity::Error => Level::Error,
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Severity::Advice => "advice",
            Severity::Warning => "warning",
            Severity::Error => "error",
        })
    }
}

/// One thing that is wrong with a mesh file, or could be better.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule, such as `IM012`; `intermesh explain` tells it at length.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The JSON pointer of the value that it is about.
    pub pointer: String,
    /// The bytes of the text that it is about.
    pub span: Range<usize>,
    /// Where the span begins.
    pub start: Position,
    /// Where the span ends.
    pub end: Position,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What stands under the marked text.
    pub label: String,
    /// What to do.
    pub help: Option<String>,
    /// Other places that belong to it.
    pub related: Vec<Related>,
}

/// Another place that belongs to a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// The bytes of the text.
    pub span: Range<usize>,
    /// Where they begin.
    pub start: Position,
    /// What stands under the marked text.
    pub label: String,
}

impl Finding {
    /// The rule in a few words.
    pub fn title(&self) -> &'static str {
        super::rules::rule(self.code).map_or("", |rule| rule.title)
    }

    /// The line on which it begins, counted from 1.
    pub fn line(&self) -> usize {
        self.start.line
    }

    /// The column at which it begins, counted from 1 in characters.
    pub fn column(&self) -> usize {
        self.start.column
    }

    /// Where findings stand in a report: by position, and at one place the worst first.
    pub(super) fn order(&self) -> (usize, std::cmp::Reverse<Severity>, &'static str, usize) {
        (self.span.start, std::cmp::Reverse(self.severity), self.code, self.span.end)
    }
}

/// A mesh file that cannot be used: all that is wrong with it, in the order of the text, warnings included.
#[derive(Clone, Debug)]
pub struct Findings {
    /// The text.
    pub source: Arc<Source>,
    /// What is wrong. At least one is an error.
    pub findings: Vec<Finding>,
    /// The parts of the text that no report may show.
    pub secrets: Vec<Range<usize>>,
}

impl std::error::Error for Findings {}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let errors: Vec<&Finding> = self.findings.iter().filter(|f| f.severity == Severity::Error).collect();
        let Some(first) = errors.first() else {
            return write!(f, "{}: nothing is wrong", self.source.name());
        };
        write!(f, "{}:{}:{}: {}", self.source.name(), first.line(), first.column(), first.message)?;
        match errors.len() {
            1 => Ok(()),
            2 => f.write_str(" (and one more error)"),
            n => write!(f, " (and {} more errors)", n - 1),
        }
    }
}

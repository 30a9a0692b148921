//! What a command found, in the terms that the formats of pipelines share: findings with places in the mesh file,
//! checks that passed or failed, and numbers. Each format is a function of it.

mod github;
mod gitlab;
mod markdown;
mod of;
mod of_drift;
mod of_import;
mod of_rehearsal;
mod of_run;
mod of_verification;
mod prometheus;
mod sarif;
mod text;

use jiff::Timestamp;
use serde::Serialize;

pub use of::{of_mesh_finding, readable};
pub use of_run::{Carried, runs_markdown};

use super::junit::{self, Case, CaseResult, Suite};
use crate::formats::Level;

/// What a command found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Results {
    /// The command, such as `drift`.
    pub command: &'static str,
    /// The mesh's name; none where its file could not be read.
    pub mesh: Option<String>,
    /// The path of the mesh file as it was given.
    pub file: String,
    /// When it was judged.
    pub at: Timestamp,
    /// The exit code that the command ends with.
    pub exit: u8,
    /// What it came to, in a line.
    pub words: String,
    /// What was found, the gravest first.
    pub findings: Vec<Finding>,
    /// What was checked, good or not; where there is none, the findings stand for it.
    #[serde(skip)]
    pub checks: Vec<Suite>,
    /// What can be counted, besides the findings.
    pub numbers: Vec<Number>,
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What kind of finding it is: the same for the same thing in every run, such as `IM012` or `plan.create`.
    pub code: String,
    /// The kind in a few words.
    pub title: String,
    /// How grave it is.
    pub severity: Severity,
    /// The cluster, link or node.
    pub about: String,
    /// What was found.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// The line of the mesh file, counted from 1.
    pub line: Option<usize>,
}

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Something is wrong, or could not be looked at.
    Error,
    /// Something will go wrong, or needs a look.
    Warning,
    /// Something to know.
    Note,
}

/// A number with the labels that tell it from others of its name.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Number {
    /// The name of the metric, without `intermesh_`.
    pub name: &'static str,
    /// What is counted, and in which unit.
    pub help: &'static str,
    /// Names and values.
    pub labels: Vec<(&'static str, String)>,
    /// The value.
    pub value: f64,
}

/// The formats of [`Results`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people, without colours.
    Text,
    /// For programs.
    Json,
    /// A table for a comment or a step's summary.
    Markdown,
    /// JUnit XML.
    Junit,
    /// SARIF 2.1.0.
    Sarif,
    /// Workflow commands of GitHub Actions.
    Github,
    /// A code quality report of GitLab.
    Gitlab,
    /// A file for the textfile collector of Prometheus' node exporter.
    Prometheus,
}

impl Format {
    /// The names of all formats.
    pub const NAMES: &'static [&'static str] =
        &["text", "json", "markdown", "junit", "sarif", "github", "gitlab", "prometheus"];

    /// The format of that name.
    pub fn of_name(name: &str) -> Option<Format> {
        Some(match name {
            "text" => Format::Text,
            "json" => Format::Json,
            "markdown" => Format::Markdown,
            "junit" => Format::Junit,
            "sarif" => Format::Sarif,
            "github" => Format::Github,
            "gitlab" => Format::Gitlab,
            "prometheus" => Format::Prometheus,
            _ => return None,
        })
    }
}

impl Severity {
    fn level(self) -> Level {
        match self {
            Severity::Error => Level::Error,
            Severity::Warning => Level::Warning,
            Severity::Note => Level::Note,
        }
    }

    /// The word of it.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

impl Results {
    /// The results in a format.
    ///
    /// # Errors
    /// They cannot be written in it, which is a bug.
    pub fn render(&self, format: Format) -> Result<String, String> {
        Ok(match format {
            Format::Text => text::render(self),
            Format::Json => format!("{}\n", serde_json::to_string_pretty(self).map_err(|e| e.to_string())?),
            Format::Markdown => markdown::render(self),
            Format::Junit => {
                let title = format!("intermesh {}", self.command);
                junit::junit(&title, &self.suites()).map_err(|e| e.to_string())?
            }
            Format::Sarif => sarif::render(self),
            Format::Github => github::render(self),
            Format::Gitlab => gitlab::render(self),
            Format::Prometheus => prometheus::render(self).map_err(|e| e.to_string())?,
        })
    }

    /// How many findings are that grave.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    /// The checks; the findings where none were listed, so that a run that failed is never an empty, green report.
    fn suites(&self) -> Vec<Suite> {
        if !self.checks.is_empty() {
            return self.checks.clone();
        }
        let case = |finding: &Finding| match finding.severity {
            Severity::Error | Severity::Warning => finding.failed_case(),
            Severity::Note => Case::new(finding.case_name(), CaseResult::Passed { note: finding.message.clone() }),
        };
        let mut cases: Vec<Case> = self.findings.iter().map(case).collect();
        if cases.is_empty() {
            let result = match self.exit {
                0 => CaseResult::Passed { note: self.words.clone() },
                _ => CaseResult::Failed { message: self.words.clone(), detail: String::new() },
            };
            cases.push(Case::new("outcome", result));
        }
        vec![Suite { name: self.command.to_owned(), cases }]
    }
}

impl Finding {
    /// Its name among the checks.
    fn case_name(&self) -> String {
        format!("{}: {}", self.about, self.title)
    }

    /// The finding as a check that failed.
    fn failed_case(&self) -> Case {
        let detail = self.help.clone().unwrap_or_default();
        Case::new(self.case_name(), CaseResult::Failed { message: self.message.clone(), detail })
    }

    /// What was found and what to do, in one text.
    fn told(&self) -> String {
        match &self.help {
            Some(help) => format!("{}: {}\nhelp: {help}", self.about, self.message),
            None => format!("{}: {}", self.about, self.message),
        }
    }

    /// What makes it the same finding as in another run, wherever it stands in the file.
    fn identity(&self) -> String {
        format!("{}\n{}", self.code, self.about)
    }
}

//! `intermesh show`: a saved plan in any format, anywhere: it needs no mesh file and no network.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::{Exit, Failure, Printer, files};
use crate::plan::{self, Plan};
use crate::report;

/// Show a saved plan: as text, Markdown, a page, JSON or a picture; contacts nothing
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  intermesh show plan.json\n  intermesh show plan.json --format markdown > comment.md\n  \
                        intermesh show plan.json --out plan.html\n\n\
                        Exit codes: 0 shown, 4 the file is no plan that can be used"
)]
pub struct ShowCommand {
    /// A plan that `intermesh plan --out` saved
    #[arg(value_name = "PLAN")]
    plan: PathBuf,
    /// How it is written; the ending of the output file decides where it is not given, and otherwise text
    #[arg(long, value_enum)]
    format: Option<PlanFormat>,
    /// The same as `--format json`
    #[arg(long)]
    json: bool,
    /// Write to a file instead of printing
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Show every change and every step, what it waits for, and how it is taken back
    #[arg(short, long)]
    verbose: bool,
}

/// How a plan is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PlanFormat {
    /// For people at a terminal
    Text,
    /// For a comment on a pull request, of at most 65,535 characters
    Markdown,
    /// A page that needs nothing besides itself
    Html,
    /// For programs
    Json,
    /// A picture of the mesh and what changes
    Svg,
}

impl PlanFormat {
    /// The names of the formats for `--output FORMAT=FILE`.
    pub const FILES: &[&str] =
        &["text", "json", "markdown", "html", "svg", "junit", "sarif", "github", "gitlab", "prometheus"];

    /// The format of that name.
    pub fn of_name(name: &str) -> Option<PlanFormat> {
        <PlanFormat as ValueEnum>::from_str(name, false).ok()
    }

    /// The format that a file's ending stands for.
    fn of_file(path: &Path) -> Option<PlanFormat> {
        match path.extension()?.to_str()? {
            "txt" => Some(PlanFormat::Text),
            "md" | "markdown" => Some(PlanFormat::Markdown),
            "html" | "htm" => Some(PlanFormat::Html),
            "json" => Some(PlanFormat::Json),
            "svg" => Some(PlanFormat::Svg),
            _ => None,
        }
    }

    /// Writes the plan.
    ///
    /// # Errors
    /// The plan cannot be written in this format, which is a bug.
    pub fn render(self, plan: &Plan, verbose: bool) -> Result<String, Failure> {
        let failed = |e: String| Failure::new(Exit::Failed, format!("failed to write the plan: {e}"));
        match self {
            PlanFormat::Text if verbose => Ok(report::plan_verbose(plan)),
            PlanFormat::Text => Ok(report::plan(plan)),
            PlanFormat::Markdown => Ok(report::markdown(plan)),
            PlanFormat::Html => report::page(plan).map_err(|e| failed(e.to_string())),
            PlanFormat::Json => plan::write(plan).map_err(|e| failed(e.to_string())),
            PlanFormat::Svg => {
                let graph = report::graph::Graph::of_plan(plan);
                Ok(report::picture::mesh(&graph, report::picture::Style::for_graph(&graph)))
            }
        }
    }
}

impl PlanFormat {
    /// The plan as text for whoever is at a terminal.
    pub fn for_terminal(plan: &Plan, verbose: bool, printer: &Printer) -> String {
        if verbose { report::plan_verbose(plan) } else { report::plan_to(plan, printer.width()) }
    }
}

impl ShowCommand {
    pub(super) fn run(self, printer: &Printer) -> Result<Exit, Failure> {
        let plan = read_plan(&self.plan)?;
        let by_ending = || self.out.as_deref().and_then(PlanFormat::of_file);
        let asked = if self.json { Some(PlanFormat::Json) } else { self.format };
        let format = asked.or_else(by_ending).unwrap_or(PlanFormat::Text);
        match &self.out {
            Some(path) => {
                let text = format.render(&plan, self.verbose)?;
                files::save("plan", path, &anstream::adapter::strip_str(&text).to_string())?;
            }
            None if format == PlanFormat::Text => {
                printer.report(&PlanFormat::for_terminal(&plan, self.verbose, printer));
            }
            None => printer.out(&format.render(&plan, self.verbose)?),
        }
        Ok(Exit::Done)
    }
}

/// Reads a saved plan.
///
/// # Errors
/// The file cannot be read, or holds no plan of a known format, or was edited.
pub fn read_plan(path: &Path) -> Result<Plan, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|e| Failure::new(Exit::Refused, format!("failed to read the plan `{}`: {e}", path.display())))?;
    plan::read(&text).map_err(|e| {
        Failure::new(Exit::Refused, format!("failed to use the plan `{}`: {e}", path.display()))
            .hint("Make it again with `intermesh plan MESH --out FILE`.")
    })
}

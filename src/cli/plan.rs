//! `intermesh plan`: what would be done? Reads the clusters and changes nothing.

use std::path::{Path, PathBuf};

use clap::Args;

use super::output::{OutputFile, write_file};
use super::session::Session;
use super::show::PlanFormat;
use super::{Exit, Failure, Printer, json};
use crate::cluster::Clock;
use crate::mesh::ClusterName;
use crate::plan::{self, Options, Plan};

/// Show what must be done so that the clusters are as the mesh file says; changes nothing
///
/// Reads every cluster, compares it with the file, and shows the difference as ordered steps. With `--out` the plan
/// is saved, to be reviewed and then applied as it is.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  intermesh plan mesh.yaml\n  intermesh plan mesh.yaml --out plan.json\n\n\
                        Exit codes: 0 nothing to do, 2 something to do, 6 a cluster could not be read")]
pub struct PlanCommand {
    /// The mesh file
    #[arg(value_name = "MESH")]
    mesh: PathBuf,
    /// Save the plan, for `intermesh apply FILE`
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    choices: Choices,
    /// Also write a file, such as `html=plan.html`; formats are json, markdown, html and svg (can be given more than once)
    #[arg(long, value_name = "FORMAT=FILE", value_parser = OutputFile::parser(PlanFormat::FILES))]
    output: Vec<OutputFile>,
    /// Show every step, what it waits for, and how it is taken back
    #[arg(short, long)]
    verbose: bool,
    /// Print the plan as JSON
    #[arg(long)]
    json: bool,
}

/// What a plan depends on besides file and clusters.
#[derive(Debug, Args)]
pub struct Choices {
    /// Let peers be deleted on this cluster though it is protected (can be given more than once)
    #[arg(long, value_name = "CLUSTER")]
    allow_protected: Vec<String>,
}

impl Choices {
    pub(super) fn options(&self) -> Options {
        Options { allow_protected: self.allow_protected.iter().map(|c| ClusterName::from(c.as_str())).collect() }
    }
}

impl PlanCommand {
    pub(super) async fn run(self, printer: &Printer) -> Result<Exit, Failure> {
        let session = Session::open(&self.mesh, printer)?;
        let plan = make(&session, &self.choices.options(), printer).await?;
        if let Some(out) = &self.out {
            save(&plan, out)?;
        }
        for OutputFile { format, path } in &self.output {
            let format = PlanFormat::of_name(format).unwrap_or(PlanFormat::Json);
            write_file(path, "the plan", &format.render(&plan, self.verbose)?)?;
        }
        if self.json {
            printer.out(&json(&plan)?);
        } else {
            printer.out(&PlanFormat::Text.render(&plan, self.verbose)?);
            if let Some(out) = &self.out {
                printer.note(&format!("saved to {}; apply it with `intermesh apply {0}`", out.display()));
            }
        }
        Ok(exit(&plan))
    }
}

/// The exit code that a plan stands for.
pub fn exit(plan: &Plan) -> Exit {
    if !plan.unread.is_empty() {
        Exit::Unread
    } else if plan.is_empty() {
        Exit::Done
    } else {
        Exit::Differences
    }
}

/// Reads the clusters and makes the plan.
pub async fn make(session: &Session, options: &Options, printer: &Printer) -> Result<Plan, Failure> {
    let observers = session.observers()?;
    let snapshot = session.snapshot(&observers, printer).await;
    let now = session.clock.now();
    let plan = session.with_lines(|lines| plan::make(&session.mesh, &session.file, lines, &snapshot, options, now));
    plan::check::check(&plan).map_err(|problems| {
        Failure::new(Exit::Failed, format!("the plan breaks its own rules: {}", problems.join("; ")))
            .hint("This is a bug in intermesh; nothing was written.")
    })?;
    Ok(plan)
}

/// Saves a plan; a file that is there already is replaced as a whole or not at all.
pub fn save(plan: &Plan, out: &Path) -> Result<(), Failure> {
    let text = plan::write(plan).map_err(|e| Failure::new(Exit::Failed, format!("failed to write the plan: {e}")))?;
    write_file(out, "the plan", &text)
}

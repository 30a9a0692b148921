//! Where a plan goes: the terminal, a file to apply, files for everybody else who must see it.

use std::path::{Path, PathBuf};

use clap::Args;

use super::output::OutputFile;
use super::show::PlanFormat;
use super::{Exit, Failure, Printer, files, json};
use crate::plan::{self, Plan};

/// How a plan is shown and saved.
#[derive(Debug, Args)]
pub struct PlanOutput {
    /// Save the plan, for `intermesh apply FILE`
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Also write a file, such as `html=plan.html`; formats are json, markdown, html and svg (can be given more than
    /// once)
    #[arg(long, value_name = "FORMAT=FILE", value_parser = OutputFile::parser(PlanFormat::FILES))]
    output: Vec<OutputFile>,
    /// Show every step, what it waits for, and how it is taken back
    #[arg(short, long)]
    verbose: bool,
    /// Print the requests that the plan would send, to the letter, in place of the plan; nothing is sent
    #[arg(long, conflicts_with = "json")]
    wire: bool,
    /// Print the plan as JSON
    #[arg(long)]
    json: bool,
}

impl PlanOutput {
    /// Writes the files, and prints the plan.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn write(&self, plan: &Plan, printer: &Printer) -> Result<(), Failure> {
        if let Some(out) = &self.out {
            save(plan, out)?;
        }
        for OutputFile { format, path } in &self.output {
            let format = PlanFormat::of_name(format).unwrap_or(PlanFormat::Json);
            files::save("plan", path, &format.render(plan, self.verbose)?)?;
        }
        if self.json {
            printer.out(&json(plan)?);
        } else if self.wire {
            printer.out(&super::wire::wire(plan));
        } else {
            printer.out(&PlanFormat::Text.render(plan, self.verbose)?);
            if let Some(out) = &self.out {
                printer.note(&format!("saved to {}; apply it with `intermesh apply {0}`", out.display()));
            }
        }
        Ok(())
    }
}

/// Saves a plan; a file that is there already is replaced as a whole or not at all.
///
/// # Errors
/// It cannot be written; what was there before is untouched.
pub fn save(plan: &Plan, out: &Path) -> Result<(), Failure> {
    let text = plan::write(plan)
        .map_err(|e| Failure::new(Exit::Failed, format!("failed to save the plan `{}`: {e}", out.display())))?;
    files::save("plan", out, &text)
}

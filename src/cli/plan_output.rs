//! Where a plan goes: the terminal, a file to apply, files for everybody else who must see it.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use clap::Args;

use super::output::{Ended, OutputFile};
use super::show::PlanFormat;
use super::{Exit, Failure, Printer, files};
use crate::plan::{self, Plan};
use crate::report::results::Results;

/// How a plan is shown and saved.
#[derive(Debug, Args)]
pub struct PlanOutput {
    /// Save the plan, for `intermesh apply FILE`
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Also write a file, such as `html=plan.html`; formats are text, json, markdown, html, svg, junit, sarif, github,
    /// gitlab and prometheus; `-` is standard output (can be given more than once)
    #[arg(long, value_name = "FORMAT=FILE", value_parser = OutputFile::parser(PlanFormat::FILES))]
    pub output: Vec<OutputFile>,
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
    /// Saves and prints a plan; what it came to is for its other files.
    ///
    /// # Errors
    /// It cannot be saved.
    pub fn show(&self, command: &'static str, plan: Plan, exit: Exit, printer: &Printer) -> Result<Ended<'_>, Failure> {
        if let Some(out) = &self.out {
            save(&plan, out)?;
        }
        if self.json {
            printer.out(&PlanFormat::Json.render(&plan, self.verbose)?);
        } else if self.wire {
            printer.out(&super::wire::wire(&plan));
        } else {
            printer.report(&PlanFormat::for_terminal(&plan, self.verbose, printer));
            if let Some(out) = &self.out {
                printer.note(&format!("saved to {}; apply it with `intermesh apply {0}`", out.display()));
            }
        }
        let plan = Rc::new(plan);
        let results = {
            let plan = Rc::clone(&plan);
            move || Results { command, ..Results::of_plan(&plan, exit.code()) }
        };
        let own = move |format: &str| {
            let text = PlanFormat::of_name(format)?.render(&plan, self.verbose);
            Some(text.map(|text| anstream::adapter::strip_str(&text).to_string()))
        };
        Ok(Ended { exit, results: Box::new(results), own: Box::new(own) })
    }
}

/// Saves a plan; a file that is there already is replaced as a whole or not at all.
///
/// # Errors
/// It cannot be written; what was there before is untouched.
pub fn save(plan: &Plan, out: &Path) -> Result<(), Failure> {
    files::save_with("plan", out, |file| Ok(plan::write_to(plan, file)?))
}

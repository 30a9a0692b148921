//! `intermesh approve`: agree to a saved plan. Writes a small file beside it.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{Exit, Failure, Printer, files};
use crate::cluster::{Clock, SystemClock};
use crate::plan::{self, Approval, Plan};
use crate::report;

/// Agree to a saved plan: shows it, and writes who and when into a small file beside it
///
/// `intermesh apply --require-approval` demands that file. It binds the approval to the transition, from what the plan
/// saw to what it makes of it, not to the plan's bytes: a later plan of the same transition is covered too, any other is
/// not. The name is a claim and nothing is signed; keep the file where only approvers can write, such as a protected
/// branch.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  intermesh plan mesh.yaml --out plan.json\n  intermesh approve plan.json --by jane\n  \
                        intermesh apply plan.json --require-approval\n\nExit codes: 0 approved, 4 the plan cannot be \
                        approved"
)]
pub struct ApproveCommand {
    /// A plan that `intermesh plan --out` saved
    #[arg(value_name = "PLAN")]
    plan: PathBuf,
    /// Who approves
    #[arg(long, env = "INTERMESH_APPROVER", value_name = "NAME")]
    by: Option<String>,
    /// Where to write the approval; PLAN with `.approval.json` when not given
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl ApproveCommand {
    pub(super) fn run(self, printer: &Printer) -> Result<Exit, Failure> {
        let plan = saved(&self.plan)?;
        printer.report(&report::plan_to(&plan, printer.width()));
        let refuse = |why: &str| {
            Failure::new(Exit::Refused, format!("`{}` cannot be approved: {why}", self.plan.display()))
                .hint("Make it again with `intermesh plan MESH --out FILE`.")
        };
        if !plan.refusals.is_empty() {
            return Err(refuse("it is refused by a guard"));
        }
        if !plan.unread.is_empty() {
            return Err(refuse("it was made without all facts"));
        }
        if plan.is_empty() {
            return Err(refuse("there is nothing to do in it"));
        }
        let by = self
            .by
            .or_else(login)
            .ok_or_else(|| Failure::new(Exit::Usage, "nobody is named as the approver").hint("Give `--by NAME`."))?;
        let approval = Approval::of(&plan, &by, SystemClock::default().now());
        let text = approval.write().map_err(|e| Failure::new(Exit::Failed, e.to_string()))?;
        let out = self.out.unwrap_or_else(|| beside(&self.plan));
        files::save("approval", &out, &text)?;
        printer.note(&format!("approved by {by}; saved to {}", out.display()));
        Ok(Exit::Done)
    }
}

/// The user's own name on this machine.
fn login() -> Option<String> {
    ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| std::env::var(name).ok().filter(|user| !user.is_empty()))
}

/// Where the approval of a plan is kept.
pub fn beside(plan: &Path) -> PathBuf {
    let mut name = plan.file_stem().unwrap_or_default().to_owned();
    name.push(".approval.json");
    plan.with_file_name(name)
}

/// A saved plan.
///
/// # Errors
/// The file cannot be read, or is no plan that can be used.
pub fn saved(file: &Path) -> Result<Plan, Failure> {
    let refuse = |why: &dyn std::fmt::Display| {
        Failure::new(Exit::Refused, format!("failed to use the plan `{}`: {why}", file.display()))
            .hint("Make it again with `intermesh plan MESH --out FILE`.")
    };
    let text = std::fs::read_to_string(file).map_err(|e| refuse(&e))?;
    plan::read(&text).map_err(|e| refuse(&e))
}

/// Makes sure that what the plan does was approved.
///
/// # Errors
/// There is no approval in the file, or one of something else: nothing may be written then.
pub fn demand(plan: &Plan, file: &Path, printer: &Printer) -> Result<(), Failure> {
    let refuse = |why: &dyn std::fmt::Display| {
        Failure::new(Exit::Refused, format!("the approval `{}` does not count: {why}", file.display()))
            .hint("Save the plan with `plan --out`, have it read, and approve it with `intermesh approve`.")
    };
    let text = std::fs::read_to_string(file).map_err(|e| refuse(&e))?;
    let approval = Approval::read(&text).map_err(|e| refuse(&e))?;
    approval.covers(plan).map_err(|e| refuse(&e))?;
    printer.note(&format!("approved by {} at {:.0}", approval.by, approval.at));
    Ok(())
}

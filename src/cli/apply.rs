//! `intermesh apply`: make the clusters as the file says. Plans, shows, asks, acts, and writes the account.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;
use serde::Serialize;

use super::capture::Capture;
use super::plan::Choices;
use super::session::{Session, unread_lines};
use super::view::View;
use super::{Exit, Failure, Printer, approve, json};
use crate::apply::{Account, Event, Outcome, Run, Why, carry_out};
use crate::cluster::{Clock, ErrorKind};
use crate::plan::change::Kind;
use crate::plan::window::{open_until, opens_next};
use crate::plan::{self, Options, Plan};
use crate::report;

/// Carry out a mesh file, or a saved plan
///
/// With a mesh file: reads the clusters, shows the plan, asks, and carries it out; where services must start before
/// everything can be read, it plans again and goes on. With a saved plan: makes sure that nothing has moved since,
/// and carries it out as it was reviewed.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  intermesh apply mesh.yaml\n  intermesh plan mesh.yaml --out plan.json && \
                        intermesh apply plan.json\n\n\
                        Ctrl-C once: the steps in hand are finished, then it ends. Twice: it ends at once.\n\n\
                        Exit codes: 0 done, 1 failed and nothing written, 4 refused, 5 applied in part,\n\
                        6 a cluster could not be read and nothing was written, 130 interrupted")]
pub struct ApplyCommand {
    /// The mesh file, or a plan that `intermesh plan --out` saved
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    choices: Choices,
    #[command(flatten)]
    capture: Capture,
    /// Demand an approval that `intermesh approve` wrote; the one beside a saved plan when no FILE is given
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    require_approval: Option<Option<PathBuf>>,
    /// The most that a saved plan may be old, such as `24h` or `90m`
    #[arg(long, value_name = "TIME", default_value = "24h")]
    max_age: jiff::SignedDuration,
    /// Print the account as JSON
    #[arg(long)]
    json: bool,
}

/// More rounds of planning than any repair needs: services, then links, then what a notification asks for late.
const MAX_STAGES: usize = 5;

/// What to do before anything is written.
#[derive(Clone, Debug)]
pub struct Manner {
    /// Do not ask.
    pub yes: bool,
    /// Print the account as JSON.
    pub json: bool,
    /// The first plan was shown before.
    pub shown: bool,
    /// Where the approval is that every plan needs.
    pub approval: Option<PathBuf>,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Printed<'a> {
    stages: Vec<PrintedStage<'a>>,
}

#[derive(Serialize)]
struct PrintedStage<'a> {
    summary: &'a plan::Summary,
    totals: crate::apply::Totals,
    account: &'a Account,
}

impl ApplyCommand {
    pub(super) async fn run(self, printer: &Printer) -> Result<Exit, Failure> {
        let text = saved_plan(&self.file)?;
        let approval = match self.require_approval {
            Some(Some(file)) => Some(file),
            Some(None) if text.is_some() => Some(approve::beside(&self.file)),
            Some(None) => {
                return Err(Failure::new(Exit::Usage, "a mesh file has no approval beside it")
                    .hint("Give `--require-approval=FILE`, or apply a saved plan."));
            }
            None => None,
        };
        let manner = Manner { yes: self.yes, json: self.json, shown: false, approval };
        if let Some(text) = text {
            if !self.choices.is_empty() {
                return Err(Failure::new(Exit::Usage, "a saved plan is carried out as it was reviewed")
                    .hint("Give `--target` and `--allow-protected` to `intermesh plan --out`."));
            }
            return apply_saved(&self.file, &text, self.max_age, &self.capture, &manner, printer).await;
        }
        let mut session = Session::open(&self.file, printer)?;
        self.capture.begin(&mut session, printer)?;
        apply_mesh(&session, &self.choices.options(&session.mesh)?, &manner, printer).await
    }
}

/// Plans and applies until the clusters are as the file says.
pub async fn apply_mesh(
    session: &Session,
    options: &Options,
    manner: &Manner,
    printer: &Printer,
) -> Result<Exit, Failure> {
    let mut stages: Vec<(Plan, Account)> = Vec::new();
    let mut options = options.clone();
    let exit = loop {
        let plan = super::plan::make(session, &options, printer).await?;
        if !plan.unread.is_empty() {
            printer.err(&report::plan(&plan));
            break if stages.iter().any(|(_, a)| a.wrote()) { Exit::Partly } else { Exit::Unread };
        }
        if plan.is_empty() {
            if stages.is_empty() || plan.summary.held_back > 0 {
                show(&plan, manner, printer);
            }
            break match (plan.summary.held_back, stages.iter().any(|(_, a)| a.wrote())) {
                (0, _) => Exit::Done,
                (_, true) => Exit::Partly,
                (_, false) => Exit::Refused,
            };
        }
        let stuck = stages.last().is_some_and(|(before, _)| !goes_on(before, &plan)) || stages.len() == MAX_STAGES;
        if stuck {
            show(&plan, manner, printer);
            printer.err("the clusters are still not as the file says; apply again when you have looked at it");
            break Exit::Partly;
        }
        if !(manner.shown && stages.is_empty()) {
            show(&plan, manner, printer);
        }
        refuse(&plan)?;
        in_window(&plan, session.clock.now())?;
        approved(&plan, manner, printer)?;
        ask(&plan, manner, printer)?;
        let account = match execute(session, &plan, manner, printer).await {
            Err(failure) if failure.exit == Exit::Failed && stages.iter().any(|(_, a)| a.wrote()) => {
                return Err(Failure { exit: Exit::Partly, ..failure });
            }
            account => account?,
        };
        let exit = exit(&account);
        if plan.stage.last {
            // once is enough: that they were written cannot be read
            options.replace_credentials.clear();
        }
        stages.push((plan, account));
        if exit != Exit::Done {
            break exit;
        }
    };
    print_json(&stages, manner, printer)?;
    Ok(exit)
}

/// Whether a plan follows from the one before by itself: a repair was made so that more could be read, or the
/// product asked late for a restart.
fn goes_on(before: &Plan, next: &Plan) -> bool {
    !before.stage.last || next.changes.iter().all(|c| c.what.kind() == Kind::Restart)
}

async fn apply_saved(
    file: &Path,
    text: &str,
    max_age: jiff::SignedDuration,
    capture: &Capture,
    manner: &Manner,
    printer: &Printer,
) -> Result<Exit, Failure> {
    let plan = plan::read(text).map_err(|e| {
        Failure::new(Exit::Refused, format!("failed to use the plan `{}`: {e}", file.display()))
            .hint("Make it again with `intermesh plan MESH --out FILE`.")
    })?;
    let mut session = Session::of_plan(&plan, printer)?;
    capture.begin(&mut session, printer)?;
    show(&plan, manner, printer);
    refuse(&plan)?;
    fresh(&plan, max_age, session.clock.now())?;
    in_window(&plan, session.clock.now())?;
    if plan.is_empty() {
        return Ok(Exit::Done);
    }
    approved(&plan, manner, printer)?;
    let observers = session.observers()?;
    let snapshot = session.snapshot(&observers, printer).await;
    let moved = plan.transition.moved(&snapshot);
    if moved.iter().any(|m| m.found.is_none()) {
        printer.err(&unread_lines(&snapshot).join("\n"));
        return Err(Failure::new(Exit::Unread, "not all that the plan relies on could be read; nothing was written"));
    }
    if !moved.is_empty() {
        return Err(stale(&moved));
    }
    ask(&plan, manner, printer)?;
    let account = execute(&session, &plan, manner, printer).await?;
    let exit = exit(&account);
    if !plan.stage.last && exit == Exit::Done {
        printer.note("this was stage one: what it repaired can be read now; plan again for the rest");
    }
    print_json(&[(plan, account)], manner, printer)?;
    Ok(exit)
}

/// A plan that no longer fits, fact by fact: what it saw, what it makes of it, what is there now.
fn stale(moved: &[plan::Moved<'_>]) -> Failure {
    let mut message = String::from("the clusters have moved since the plan was made; nothing was written");
    for plan::Moved { fact, found } in moved {
        let found = found.as_deref().unwrap_or("not read");
        let about = fact.about.words();
        message += &format!(
            "\n  {}: {about}: the plan saw {}, wants {}, now it is {found}",
            fact.cluster, fact.now, fact.then
        );
    }
    Failure::new(Exit::Refused, message).hint("Plan again, and have the new plan reviewed.")
}

/// The text of the file if it is a saved plan; none if it is taken for a mesh file.
fn saved_plan(file: &Path) -> Result<Option<String>, Failure> {
    if file.extension().is_some_and(|e| e == "yaml" || e == "yml") {
        return Ok(None);
    }
    let text = std::fs::read_to_string(file).map_err(|e| {
        Failure::new(Exit::MeshWrong, format!("failed to read `{}`: {e}", file.display()))
            .hint("Give a mesh file, or a plan that `intermesh plan --out` saved.")
    })?;
    Ok(text.trim_start().starts_with('{').then_some(text))
}

fn show(plan: &Plan, manner: &Manner, printer: &Printer) {
    let text = report::plan(plan);
    if manner.json { printer.note(&text) } else { printer.out(&text) }
}

fn refuse(plan: &Plan) -> Result<(), Failure> {
    match plan.refusals.first() {
        Some(first) => Err(Failure::new(Exit::Refused, format!("refused by {}: {}", first.guard, first.why))
            .hint(format!("{}; nothing was written.", first.how))),
        None => Ok(()),
    }
}

fn approved(plan: &Plan, manner: &Manner, printer: &Printer) -> Result<(), Failure> {
    manner.approval.as_ref().map_or(Ok(()), |file| approve::demand(plan, file, printer))
}

fn ask(plan: &Plan, manner: &Manner, printer: &Printer) -> Result<(), Failure> {
    if manner.yes {
        return Ok(());
    }
    if !printer.can_ask() {
        return Err(Failure::new(Exit::Refused, "nobody can be asked here; nothing was written")
            .hint("Give `--yes` when the plan has been reviewed."));
    }
    let question = format!("Carry out {}? Only `yes` is taken as one: ", report::counted(plan.steps.len(), "step"));
    if printer.confirm(&question)? {
        Ok(())
    } else {
        Err(Failure::new(Exit::Refused, "not carried out; nothing was written"))
    }
}

async fn execute(session: &Session, plan: &Plan, manner: &Manner, printer: &Printer) -> Result<Account, Failure> {
    let operators = session.operators()?;
    walk_first(plan, &operators, printer).await?;
    let stop = AtomicBool::new(false);
    let view = View::new(plan, printer);
    let tell = |event: &Event| view.show(event);
    let mut run = Run::new(&operators, &session.vault, &session.clock, &stop, &tell);
    run.attended = printer.can_ask();
    let work = carry_out(plan, &run);
    tokio::pin!(work);
    let account = loop {
        tokio::select! {
            account = &mut work => break account,
            signal = super::interrupted() => {
                signal?;
                if stop.swap(true, Ordering::Relaxed) {
                    printer.err("ended at once; what was in hand may or may not have taken effect");
                    return Err(Failure::told(Exit::Interrupted));
                }
                printer.err("ending: no new step begins, steps in hand are finished; again to end at once");
            }
        }
    };
    view.end();
    let text = report::account(plan, &account);
    if manner.json {
        printer.note(&text)
    } else {
        printer.out(&text)
    }
    Ok(account)
}

/// Looks at the pages up to their buttons before anything is written, so that no link is made by half.
async fn walk_first(plan: &Plan, operators: &crate::apply::Operators, printer: &Printer) -> Result<(), Failure> {
    let mut blocked = false;
    for error in crate::apply::walk(plan, operators).await {
        let by_hand = matches!(error.kind, ErrorKind::ByHand { .. });
        blocked |= !by_hand;
        if by_hand {
            printer.note(&error.to_string())
        } else {
            printer.err(&error.to_string())
        }
        if let Some(hint) = error.kind.hint() {
            printer.err(&format!("  {hint}"));
        }
    }
    if blocked {
        let message = "the pages do not lead to what the plan writes; of this plan nothing was written";
        return Err(Failure::new(Exit::Failed, message));
    }
    Ok(())
}

fn exit(account: &Account) -> Exit {
    if account.complete() {
        Exit::Done
    } else if account.interrupted {
        Exit::Interrupted
    } else if account.wrote() || account.steps.iter().any(|(_, outcome)| is_by_hand(outcome)) {
        Exit::Partly
    } else if account.closed {
        Exit::Refused
    } else {
        Exit::Failed
    }
}

/// What is left for a person is no failure: the plan goes on when it is done.
fn is_by_hand(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Failed { why: Why::Error(error), .. } if matches!(error.kind, ErrorKind::ByHand { .. }))
}

/// Refuses to begin while the maintenance window is closed.
fn in_window(plan: &Plan, now: jiff::Timestamp) -> Result<(), Failure> {
    let Some(window) = &plan.mesh.policy.window else { return Ok(()) };
    if open_until(now, window).is_some() {
        return Ok(());
    }
    let message = "refused by policy.window: it is closed; nothing was written";
    let zone = jiff::tz::TimeZone::get(&window.zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let next = opens_next(now, window).map(|at| at.to_zoned(zone).strftime("%A %Y-%m-%d %H:%M %Z").to_string());
    Err(Failure::new(Exit::Refused, message).hint(match next {
        Some(next) => format!("It opens next on {next}; or remove the window from the file."),
        None => "It does not open in the next two weeks.".to_owned(),
    }))
}

/// Refuses a saved plan that is too old: what is not bound by its facts moves too.
fn fresh(plan: &Plan, most: jiff::SignedDuration, now: jiff::Timestamp) -> Result<(), Failure> {
    let age = now.duration_since(plan.made_at);
    if age <= most {
        return Ok(());
    }
    let hours = |d: jiff::SignedDuration| format!("{} h", d.as_hours());
    let message = format!("refused by --max-age: it is {}, the plan is {} old", hours(most), hours(age));
    Err(Failure::new(Exit::Refused, message).hint("Plan again, or give a longer `--max-age`; nothing was contacted."))
}

fn print_json(stages: &[(Plan, Account)], manner: &Manner, printer: &Printer) -> Result<(), Failure> {
    if manner.json {
        let stages = (stages.iter())
            .map(|(plan, account)| PrintedStage { summary: &plan.summary, totals: account.totals(), account })
            .collect();
        printer.out(&json(&Printed { stages })?);
    }
    Ok(())
}

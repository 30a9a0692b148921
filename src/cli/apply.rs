//! `intermesh apply`: make the clusters as the file says. Plans, shows, asks, acts, and writes the account.

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;

use super::admission::{admit, approved, ask, fresh, in_window, refuse, still_fits};
use super::capture::Capture;
use super::event_file::{EventFile, STDOUT};
use super::ledger::Ledger;
use super::output::{self, OutputFile};
use super::plan::Choices;
use super::resume::resume;
use super::session::Session;
use super::sitting::{Keeping, Locked, Sitting};
use super::store::StoreChoice;
use super::view::View;
use super::{Exit, Failure, Printer, approve, switched_off};
use crate::apply::events::{self, Told};
use crate::apply::{Account, Event, Log, Outcome, Run, SoFar, Why, carry_out};
use crate::cluster::{Clock, ErrorKind};
use crate::plan::change::Kind;
use crate::plan::{self, Options, Plan};
use crate::report;
use crate::report::results::{Finding, Format};
use crate::store::{RunId, SwitchedOff};

/// Carry out a mesh file, or a saved plan
///
/// With a mesh file: reads the clusters, shows the plan, asks, and carries it out; where services must start before
/// everything can be read, it plans again and goes on. With a saved plan: makes sure that nothing has moved since,
/// and carries it out as it was reviewed.
///
/// One apply at a time works on a mesh: it holds the mesh's lock. What every step is about to do is written to a journal
/// before it does it, so that `--resume` can go on after anything.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  intermesh apply mesh.yaml\n  intermesh plan mesh.yaml --out plan.json && \
                        intermesh apply plan.json\n  \
                        intermesh apply --resume mesh.yaml\n  \
                        intermesh apply plan.json --yes --output junit=apply.xml\n\n\
                        Ctrl-C once: the steps in hand are finished, then it ends. Twice: it ends at once.\n\n\
                        Exit codes: 0 done, 1 failed and nothing written, 4 refused, or somebody else is at work,\n\
                        5 applied in part, 6 a cluster could not be read and nothing was written, 130 interrupted")]
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
    #[command(flatten)]
    store: StoreChoice,
    /// Go on with the last run of this mesh that did not come to its end, with the plan that it had; where there is
    /// none, say so
    #[arg(long, conflicts_with = "target")]
    resume: bool,
    /// The run to go on with, as `intermesh runs list` names it
    #[arg(long, value_name = "RUN", requires = "resume")]
    run: Option<RunId>,
    /// Demand an approval that `intermesh approve` wrote; the one beside a saved plan when no FILE is given
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    require_approval: Option<Option<PathBuf>>,
    /// The most that a saved plan may be old, such as `24h` or `90m`
    #[arg(long, value_name = "TIME", default_value = "24h")]
    max_age: jiff::SignedDuration,
    /// The first failure is the last: no step begins after it, but those that must run after a failure
    #[arg(long)]
    stop_on_error: bool,
    /// Write what happens as JSON lines, one for every transition of a step; `-` for standard output, with all else on
    /// standard error. Their schema is schemas/events.v1.json
    #[arg(long, value_name = "FILE|-")]
    events: Option<String>,
    /// Print the account as JSON
    #[arg(long)]
    json: bool,
    /// Also write a file, such as `junit=apply.xml`, however it ends; formats are text, json, markdown, junit, sarif,
    /// github, gitlab and prometheus (can be given more than once)
    #[arg(long, value_name = "FORMAT=FILE", value_parser = OutputFile::parser(Format::NAMES))]
    output: Vec<OutputFile>,
}

/// More rounds of planning than any repair needs: services, then links, then what a notification asks for late.
const MAX_STAGES: usize = 5;

/// How a plan is carried out, besides what it says itself.
#[derive(Clone, Debug, Default)]
pub struct Manner {
    /// Do not ask.
    pub yes: bool,
    /// Print the account as JSON.
    pub json: bool,
    /// The first plan was shown before.
    pub shown: bool,
    /// Where the approval is that every plan needs.
    pub approval: Option<PathBuf>,
    /// The first failure is the last.
    pub stop_on_error: bool,
    /// Where events are written.
    pub events: Option<EventFile>,
    /// What was done so far.
    pub ledger: Ledger,
}

impl ApplyCommand {
    pub(super) async fn run(mut self, printer: &Printer) -> Result<Exit, Failure> {
        let outputs = std::mem::take(&mut self.output);
        let file = self.file.clone();
        let shown = file.display().to_string();
        let ledger = Ledger::default();
        let told = |exit, failure: Option<(&Failure, Vec<Finding>)>| ledger.told(&shown, exit, failure);
        output::written_of_account(&outputs, "apply", &file, printer, told, self.carry(ledger.clone(), printer)).await
    }

    async fn carry(self, ledger: Ledger, printer: &Printer) -> Result<Exit, Failure> {
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
        let aside = self.events.as_deref() == Some(STDOUT);
        if aside && self.json {
            return Err(Failure::new(Exit::Usage, "`--events -` and `--json` both want standard output")
                .hint("Give `--events FILE`."));
        }
        let printer = &if aside { printer.aside() } else { printer.clone() };
        let events = self.events.as_deref().map(EventFile::open).transpose()?;
        let stop_on_error = self.stop_on_error;
        let manner = Manner { yes: self.yes, json: self.json, shown: false, approval, stop_on_error, events, ledger };
        let keeping = Keeping::open(&self.store, printer)?;
        if self.resume {
            if text.is_some() {
                return Err(Failure::new(Exit::Usage, "`--resume` goes by the mesh; a run has its plan in the store")
                    .hint("Give the mesh file."));
            }
            return resume(&self.file, self.run, &self.capture, &manner, &keeping, printer).await;
        }
        if let Some(text) = text {
            if !self.choices.is_empty() {
                return Err(Failure::new(Exit::Usage, "a saved plan is carried out as it was reviewed")
                    .hint("Give `--target` and `--allow-protected` to `intermesh plan --out`."));
            }
            return apply_saved(&self.file, &text, self.max_age, &self.capture, &manner, &keeping, printer).await;
        }
        let mut session = Session::open(&self.file, printer)?;
        self.capture.begin(&mut session, printer)?;
        apply_mesh(&session, &self.choices.options(&session.mesh)?, &manner, Some(&keeping), printer).await
    }
}

/// Plans and applies until the clusters are as the file says. Each round is a run of its own, under the mesh's lease from
/// before the clusters are read until its end; without a place to keep runs, as in a demo, there is neither.
pub async fn apply_mesh(
    session: &Session,
    options: &Options,
    manner: &Manner,
    keeping: Option<&Keeping>,
    printer: &Printer,
) -> Result<Exit, Failure> {
    let (off, stages) = (Vec::new(), Vec::new());
    let mut rounds = Rounds { session, options: options.clone(), manner, printer, off, stages };
    let exit = loop {
        // a run that the round before took the place of is gone on with no more
        if let Some(keeping) = keeping {
            rounds.off = switched_off::of_mesh(&keeping.store, &session.mesh.metadata.name, printer).await;
        }
        let locked = match keeping {
            Some(keeping) => Some(unless_interrupted(keeping.lock(&session.mesh, printer), printer).await?),
            None => None,
        };
        let round = rounds.next(locked.as_ref()).await;
        if let Some(locked) = locked {
            locked.release(printer).await;
        }
        if let Some(exit) = round? {
            break exit;
        }
    };
    print_json(exit, manner, printer)?;
    Ok(exit)
}

/// Where `apply` of a mesh stands.
struct Rounds<'a> {
    session: &'a Session,
    options: Options,
    manner: &'a Manner,
    printer: &'a Printer,
    /// High Availability that earlier runs left off.
    off: Vec<SwitchedOff>,
    stages: Vec<(Rc<Plan>, Account)>,
}

/// What a round comes to before anything is written.
enum Prepared {
    /// There is nothing to carry out.
    Nothing(Exit),
    /// This is to be carried out.
    Plan(Rc<Plan>),
}

impl Rounds<'_> {
    /// One round; the exit where it was the last.
    async fn next(&mut self, locked: Option<&Locked<'_>>) -> Result<Option<Exit>, Failure> {
        let plan = match unless_interrupted(self.prepare(), self.printer).await? {
            Prepared::Nothing(exit) => return Ok(Some(exit)),
            Prepared::Plan(plan) => plan,
        };
        let account = match execute(self.session, &plan, self.manner, locked.map(Begin::New), self.printer).await {
            Err(failure) if failure.exit == Exit::Failed && self.wrote() => {
                return Err(Failure { exit: Exit::Partly, ..failure });
            }
            account => account?,
        };
        let exit = exit(&account);
        if plan.stage.last {
            // once is enough: that they were written cannot be read
            self.options.replace_credentials.clear();
        }
        self.stages.push((plan, account));
        Ok((exit != Exit::Done).then_some(exit))
    }

    fn wrote(&self) -> bool {
        self.stages.iter().any(|(_, account)| account.wrote())
    }

    async fn prepare(&self) -> Result<Prepared, Failure> {
        let Rounds { session, options, manner, printer, off, stages } = self;
        let mut plan = super::plan::make(session, options, printer).await?;
        switched_off::concern(&mut plan, off);
        let plan = Rc::new(plan);
        manner.ledger.planned(&plan);
        if !plan.unread.is_empty() {
            printer.err(&report::plan_to(&plan, printer.width()));
            return Ok(Prepared::Nothing(if self.wrote() { Exit::Partly } else { Exit::Unread }));
        }
        if plan.is_empty() {
            if stages.is_empty() || plan.summary.held_back > 0 {
                show(&plan, manner, printer);
            } else {
                // nobody reads the plan again, in which it stands
                switched_off::warnings(off, &plan.snapshot).iter().for_each(|warning| printer.err(warning));
            }
            return Ok(Prepared::Nothing(match (plan.summary.held_back, self.wrote()) {
                (0, _) => Exit::Done,
                (_, true) => Exit::Partly,
                (_, false) => Exit::Refused,
            }));
        }
        let stuck = stages.last().is_some_and(|(before, _)| !goes_on(before, &plan)) || stages.len() == MAX_STAGES;
        if stuck {
            show(&plan, manner, printer);
            printer.err("the clusters are still not as the file says; apply again when you have looked at it");
            return Ok(Prepared::Nothing(Exit::Partly));
        }
        if !(manner.shown && stages.is_empty()) {
            show(&plan, manner, printer);
        }
        admit(&plan, session, manner, printer)?;
        ask(&plan, manner, printer).await?;
        Ok(Prepared::Plan(plan))
    }
}

/// What comes before the first write. Interrupted, nothing was written, and the lock is given back.
pub(super) async fn unless_interrupted<T>(
    work: impl Future<Output = Result<T, Failure>>,
    printer: &Printer,
) -> Result<T, Failure> {
    tokio::select! {
        done = work => done,
        signal = super::interrupted() => {
            signal?;
            printer.err("interrupted; nothing was written");
            Err(Failure::told(Exit::Interrupted))
        }
    }
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
    keeping: &Keeping,
    printer: &Printer,
) -> Result<Exit, Failure> {
    let plan = plan::read(text).map_err(|e| {
        Failure::new(Exit::Refused, format!("failed to use the plan `{}`: {e}", file.display()))
            .hint("Make it again with `intermesh plan MESH --out FILE`.")
    })?;
    let plan = Rc::new(plan);
    manner.ledger.planned(&plan);
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
    let locked = unless_interrupted(keeping.lock(&plan.mesh, printer), printer).await?;
    let account = match unless_interrupted(still_fits(&plan, &session, manner, printer), printer).await {
        Ok(()) => execute(&session, &plan, manner, Some(Begin::New(&locked)), printer).await,
        Err(failure) => Err(failure),
    };
    locked.release(printer).await;
    let account = account?;
    let exit = exit(&account);
    if !plan.stage.last && exit == Exit::Done {
        printer.note("this was stage one: what it repaired can be read now; plan again for the rest");
    }
    print_json(exit, manner, printer)?;
    Ok(exit)
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
    let text = report::plan_to(plan, printer.width());
    if manner.json { printer.note(&text) } else { printer.report(&text) }
}

/// How a run that is written down begins.
pub(super) enum Begin<'a> {
    /// It is new.
    New(&'a Locked<'a>),
    /// It is gone on with.
    Again(Box<Sitting<'a>>),
}

/// Carries a plan out, and writes down what is done where that is asked for.
pub(super) async fn execute(
    session: &Session,
    plan: &Plan,
    manner: &Manner,
    begin: Option<Begin<'_>>,
    printer: &Printer,
) -> Result<Account, Failure> {
    let operators = session.operators()?;
    unless_interrupted(walk_first(plan, &operators, printer), printer).await?;
    let is_new = !matches!(begin, Some(Begin::Again(_)));
    let sitting = match begin {
        Some(Begin::New(locked)) => Some(locked.begin(plan, printer).await?),
        Some(Begin::Again(sitting)) => Some(*sitting),
        None => None,
    };
    let log = sitting.as_ref().map(Sitting::log);
    let stop = AtomicBool::new(false);
    let earlier = sitting.as_ref().map(|sitting| sitting.earlier.clone()).unwrap_or_default();
    let run_id = sitting.as_ref().map(|sitting| sitting.run().clone());
    manner.ledger.begun(run_id.clone(), SoFar::new(earlier.clone()));
    let view = View::new(plan, run_id, earlier.done(), manner.events.clone(), printer);
    let by = sitting.as_ref().map(Sitting::owner);
    let head = events::head(plan, env!("CARGO_PKG_VERSION"), by, earlier.done());
    view.say(if is_new { Told::RunStarted(head) } else { Told::RunResumed(head) });
    let tell = |event: &Event| {
        manner.ledger.hear(event);
        view.show(event);
    };
    let mut run = Run::new(&operators, &session.vault, &session.clock, &stop, &tell);
    run.attended = printer.can_ask();
    run.log = log.as_ref().map(|log| log as &dyn Log);
    run.earlier = earlier;
    run.stop_on_error = manner.stop_on_error;
    let work = carry_out(plan, &run);
    let keeping = async {
        match &sitting {
            Some(sitting) => sitting.keep_what_is_shown(&view).await,
            None => std::future::pending().await,
        }
    };
    tokio::pin!(work, keeping);
    let account = loop {
        tokio::select! {
            account = &mut work => break account,
            never = &mut keeping => match never {},
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
    manner.ledger.ended(&account);
    if let Some(why) = &account.halted {
        view.say(Told::RunHalted { words: why.clone() });
    }
    let text = report::account(plan, &account);
    if manner.json {
        printer.note(&text)
    } else {
        printer.report(&text)
    }
    if let Some(sitting) = &sitting {
        sitting.keep_the_rest(&view, printer).await;
        let left_to_people = account.steps.iter().any(|(_, outcome)| is_by_hand(outcome));
        if let Some(end) = sitting.end(plan, &account, left_to_people, printer).await {
            view.say(Told::RunEnded { end, totals: account.totals().kept() });
        }
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

/// The exit code that an account comes to.
pub(super) fn exit(account: &Account) -> Exit {
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

/// Prints the account where JSON is asked for.
pub(super) fn print_json(exit: Exit, manner: &Manner, printer: &Printer) -> Result<(), Failure> {
    if manner.json {
        printer.out(&manner.ledger.json(exit, None)?);
    }
    Ok(())
}

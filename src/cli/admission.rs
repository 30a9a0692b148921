//! What a plan must pass before it is carried out: guards, its age, the window, the clusters as they are, an approval,
//! and a yes.

use super::apply::Manner;
use super::session::{Session, unread_lines};
use super::{Exit, Failure, Printer, approve};
use crate::cluster::Clock;
use crate::plan::window::{open_until, opens_next};
use crate::plan::{self, Plan};
use crate::report;

/// What a plan must pass before anybody is asked.
pub(super) fn admit(plan: &Plan, session: &Session, manner: &Manner, printer: &Printer) -> Result<(), Failure> {
    refuse(plan)?;
    in_window(plan, session.clock.now())?;
    approved(plan, manner, printer)
}

/// Makes sure that nothing has moved that a saved plan relies on, and asks.
pub(super) async fn still_fits(
    plan: &Plan,
    session: &Session,
    manner: &Manner,
    printer: &Printer,
) -> Result<(), Failure> {
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
    ask(plan, manner, printer).await
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

/// Refuses what a guard refuses.
pub(super) fn refuse(plan: &Plan) -> Result<(), Failure> {
    match plan.refusals.first() {
        Some(first) => Err(Failure::new(Exit::Refused, format!("refused by {}: {}", first.guard, first.why))
            .hint(format!("{}; nothing was written.", first.how))),
        None => Ok(()),
    }
}

/// Makes sure of an approval, where one is demanded.
pub(super) fn approved(plan: &Plan, manner: &Manner, printer: &Printer) -> Result<(), Failure> {
    manner.approval.as_ref().map_or(Ok(()), |file| approve::demand(plan, file, printer))
}

/// Asks for a `yes`, where nobody has said it yet.
pub(super) async fn ask(plan: &Plan, manner: &Manner, printer: &Printer) -> Result<(), Failure> {
    if manner.yes {
        return Ok(());
    }
    if !printer.can_ask() {
        return Err(Failure::new(Exit::Refused, "nobody can be asked here; nothing was written")
            .hint("Give `--yes` when the plan has been reviewed."));
    }
    let question = format!("Carry out {}? Only `yes` is taken as one: ", report::counted(plan.steps.len(), "step"));
    let said = printer.ask(question).await?;
    said.then_some(()).ok_or_else(|| Failure::new(Exit::Refused, "not carried out; nothing was written"))
}

/// Refuses to begin while the maintenance window is closed.
pub(super) fn in_window(plan: &Plan, now: jiff::Timestamp) -> Result<(), Failure> {
    let Some(window) = &plan.mesh.policy.window else { return Ok(()) };
    if open_until(now, window).is_some() {
        return Ok(());
    }
    let message =
        format!("refused by policy.window: it is {}, and closed now; nothing was written", report::window(window));
    let zone = jiff::tz::TimeZone::get(&window.zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let next = opens_next(now, window).map(|at| at.to_zoned(zone).strftime("%A %Y-%m-%d %H:%M %Z").to_string());
    Err(Failure::new(Exit::Refused, message).hint(match next {
        Some(next) => format!("It opens next on {next}; or remove the window from the file."),
        None => "It does not open in the next two weeks.".to_owned(),
    }))
}

/// Refuses a saved plan that is too old: what is not bound by its facts moves too.
pub(super) fn fresh(plan: &Plan, most: jiff::SignedDuration, now: jiff::Timestamp) -> Result<(), Failure> {
    // a plan on a kept snapshot is as old as what was read
    let age = now.duration_since(plan.made_at.min(plan.snapshot.taken_at));
    if age <= most {
        return Ok(());
    }
    let hours = |d: jiff::SignedDuration| format!("{} h", d.as_hours());
    let message = format!("refused by --max-age: it is {}, the plan is {} old", hours(most), hours(age));
    Err(Failure::new(Exit::Refused, message).hint("Plan again, or give a longer `--max-age`; nothing was contacted."))
}

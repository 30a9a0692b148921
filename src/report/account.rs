//! A run as text: its events as they come, and its account at the end.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use jiff::Timestamp;

use super::words::{BAD, DIM, EMPHASIS, GOOD, NOTE, counted};
use crate::apply::events::{Head, Line, Told, Word};
use crate::apply::{Account, Outcome, Totals};
use crate::cluster::ErrorKind;
use crate::plan::Plan;
use crate::plan::step::StepId;
use crate::store::End;

/// One line of a run for a terminal; none for what only a machine wants to know.
pub fn event(line: &Line) -> Option<String> {
    let step = |mark: &str, rest: &str| {
        let about = line.told.about()?;
        Some(format!("{mark} {}: {}{rest}", about.cluster, about.action))
    };
    match &line.told {
        Told::StepStarted(about) if about.writes => step(&format!("{DIM}..{DIM:#}"), ""),
        Told::StepWaiting { about: _, words } => step(&format!("{DIM}..{DIM:#}"), &format!(": waiting: {words}")),
        Told::StepByHand { about: _, clicks, words } => {
            step(&format!("{NOTE}by hand{NOTE:#}"), &format!(": {words}\n{}", click_lines(clicks)))
        }
        Told::StepEnded { about: _, outcome, wrote: _, words } => {
            let (style, mark) = match outcome {
                Word::Done => (GOOD, "ok"),
                Word::Failed => (BAD, "failed"),
                Word::Unknown => (BAD, "unknown"),
                Word::Skipped => (NOTE, "skipped"),
            };
            let rest = match (outcome, words) {
                (_, None) => String::new(),
                (Word::Done, Some(note)) => format!(" {DIM}({note}){DIM:#}"),
                (_, Some(words)) => format!(": {words}"),
            };
            step(&format!("{style}{mark}{style:#}"), &rest)
        }
        Told::StepStarted(_)
        | Told::StepActing(_)
        | Told::RunStarted(_)
        | Told::RunHalted { .. }
        | Told::RunEnded { .. } => None,
        Told::RunResumed(Head { by, done_before, steps, .. }) => {
            let by = by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
            Some(format!("{NOTE}resumed{NOTE:#}{by}: {done_before} of {} done before", counted(*steps, "step")))
        }
        Told::RunTakenAway { by, words } => Some(format!("{NOTE}taken away{NOTE:#} by {by}: {words}")),
    }
}

/// Where lines stay, a step that waits says so at most this often: an hour's sync is sixty of them.
pub const SAY_AGAIN: Duration = Duration::from_secs(60);

/// A run that is over, shown again as it was shown then: its lines with the time of day, and its account.
pub fn replay(plan: &Plan, lines: &[Line], account: &Account) -> String {
    let mut out = String::new();
    let mut said: BTreeMap<&StepId, Timestamp> = BTreeMap::new();
    for line in lines {
        if let Told::StepWaiting { about, words: _ } = &line.told {
            let lately = |at: &Timestamp| line.at.duration_since(*at).unsigned_abs() < SAY_AGAIN;
            if said.get(&about.step).is_some_and(lately) {
                continue;
            }
            said.insert(&about.step, line.at);
        }
        if let Some(text) = event(line) {
            let _ = writeln!(out, "{DIM}{}{DIM:#} {text}", line.at.strftime("%H:%M:%SZ"));
        }
    }
    out += &self::account(plan, account);
    if let Some(Told::RunEnded { end: End::Paused, .. }) = lines.last().map(|line| &line.told) {
        let _ = writeln!(out, "{NOTE}paused{NOTE:#}: `intermesh apply --resume MESH` goes on with it");
    }
    out
}

/// Every click on a line of its own.
fn click_lines(clicks: &[String]) -> String {
    clicks.iter().enumerate().map(|(n, click)| format!("    {}. {click}", n + 1)).collect::<Vec<_>>().join("\n")
}

fn outcome_words(outcome: &Outcome) -> (String, String) {
    match outcome {
        Outcome::Done { note: Some(note), .. } => (format!("{GOOD}ok{GOOD:#}"), format!(" {DIM}({note}){DIM:#}")),
        Outcome::Done { note: None, .. } => (format!("{GOOD}ok{GOOD:#}"), String::new()),
        Outcome::Failed { why, .. } => (format!("{BAD}failed{BAD:#}"), format!(": {why}")),
        Outcome::Unknown { why } => (format!("{BAD}unknown{BAD:#}"), format!(": {why}")),
        Outcome::Skipped { because } => (format!("{NOTE}skipped{NOTE:#}"), format!(": it needs {because}")),
        Outcome::NotTried => (format!("{NOTE}not tried{NOTE:#}"), String::new()),
    }
}

/// The account: the numbers, which add up to the plan, and what did not succeed.
pub fn account(plan: &Plan, account: &Account) -> String {
    let mut out = String::new();
    let Totals { done, nothing_to_do, failed, unknown, skipped, not_tried } = account.totals();
    let _ = writeln!(
        out,
        "{EMPHASIS}{}{EMPHASIS:#}: {done} done, {nothing_to_do} needed nothing, {failed} failed, {unknown} unknown, \
         {skipped} skipped, {not_tried} not tried",
        counted(account.steps.len(), "step"),
    );
    if account.done_before > 0 {
        let _ = writeln!(out, "{} of them were done before it was gone on with", account.done_before);
    }
    let steps = plan.by_id();
    for (id, outcome) in &account.steps {
        let Some(step) = steps.get(id) else { continue };
        if matches!(outcome, Outcome::Failed { .. } | Outcome::Unknown { .. } | Outcome::Skipped { .. }) {
            let (mark, rest) = outcome_words(outcome);
            let _ = writeln!(out, "  {mark} {}: {}{rest}", step.cluster, step.action);
            let Outcome::Failed { why: crate::apply::Why::Error(error), .. } = outcome else { continue };
            if let ErrorKind::ByHand { clicks, .. } = &error.kind {
                let _ = writeln!(out, "{}", click_lines(clicks));
            }
            if let Some(hint) = error.kind.hint() {
                let _ = writeln!(out, "    {DIM}{hint}{DIM:#}");
            }
            if let (Outcome::Failed { .. }, Some(by_hand)) = (outcome, &step.by_hand) {
                let _ = writeln!(out, "    by hand: {by_hand}");
            }
        }
    }
    if account.closed {
        let _ = writeln!(out, "{NOTE}the window closed{NOTE:#}: apply again when it opens; what is done is found done");
    }
    if let Some(step) = &account.stopped_at {
        let _ = writeln!(
            out,
            "{NOTE}stopped on error{NOTE:#}: no step began after {step}; `apply --resume` tries it again and goes on"
        );
    }
    if let Some(why) = &account.halted {
        let _ = writeln!(out, "{BAD}stopped{BAD:#}: no step begins and nothing is written any more: {why}");
    }
    if account.interrupted {
        let _ = writeln!(out, "{NOTE}interrupted{NOTE:#}: apply again to go on; what is done is found done");
    }
    out
}

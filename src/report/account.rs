//! A run as text: its events as they come, and its account at the end.

use std::fmt::Write;

use super::words::{BAD, DIM, EMPHASIS, GOOD, NOTE, counted};
use crate::apply::{Account, Event, Outcome, Totals};
use crate::cluster::ErrorKind;
use crate::plan::Plan;

/// One line for an event; none for what only a bar shows.
pub fn event(plan: &Plan, event: &Event) -> Option<String> {
    let (step, mark, rest) = match event {
        Event::Started { step } if plan.step(step)?.action.writes() => (step, format!("{DIM}..{DIM:#}"), String::new()),
        Event::Started { .. } => return None,
        Event::Waiting { step, what } => (step, format!("{DIM}..{DIM:#}"), format!(": waiting: {what}")),
        Event::ByHand { step, clicks, because } => {
            (step, format!("{NOTE}by hand{NOTE:#}"), format!(": {because}\n{}", click_lines(clicks)))
        }
        Event::Ended { step, outcome } => {
            let (mark, rest) = outcome_words(outcome);
            (step, mark, rest)
        }
    };
    let step = plan.step(step)?;
    Some(format!("{mark} {}: {}{rest}", step.cluster, step.action))
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
    if let Some(why) = &account.halted {
        let _ = writeln!(out, "{BAD}stopped{BAD:#}: no step begins and nothing is written any more: {why}");
    }
    if account.interrupted {
        let _ = writeln!(out, "{NOTE}interrupted{NOTE:#}: apply again to go on; what is done is found done");
    }
    out
}

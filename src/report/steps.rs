//! The steps of a plan as text, with what each waits for.

use std::collections::HashMap;
use std::fmt::Write;

use super::words::{DIM, EMPHASIS, duration, plain};
use crate::plan::Plan;
use crate::plan::step::{After, Late, Need, Step, StepId};

/// The steps, with what each waits for.
pub fn steps(plan: &Plan) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{EMPHASIS}steps{EMPHASIS:#}");
    let numbers: HashMap<&StepId, usize> = plan.steps.iter().zip(1..).map(|(step, n)| (&step.id, n)).collect();
    for (step, n) in plan.steps.iter().zip(1..) {
        let Step { id: _, cluster, action, round, line, .. } = step;
        let round = round.map(|r| format!(", round {r}")).unwrap_or_default();
        let line = line.map(|line| format!(", {}:{line}", plan.mesh_file)).unwrap_or_default();
        let action = plain(&action.to_string());
        let _ = writeln!(out, "  {n:>3}. {cluster}: {action}{DIM}{round}{}{DIM:#}", plain(&line));
        for detail in details(step, &numbers) {
            let _ = writeln!(out, "       {DIM}{}{DIM:#}", plain(&detail));
        }
    }
    out
}

/// What there is to say of a step besides what it does: what it waits for, why, and how it is taken back.
pub(super) fn details(step: &Step, numbers: &HashMap<&StepId, usize>) -> Vec<String> {
    let Step {
        id: _,
        cluster: _,
        action: _,
        after,
        unless,
        gates,
        until,
        within_seconds,
        late,
        room_seconds: _,
        finalizes,
        round: _,
        reason,
        line: _,
        undo,
        by_hand,
    } = step;
    let mut details = Vec::new();
    if let Some(of) = finalizes {
        details.push(format!("always once {} was tried, also after a failure", numbers.get(of).copied().unwrap_or(0)));
    }
    if !after.is_empty() {
        let after: Vec<String> = after.iter().map(|after| waits(after, numbers)).collect();
        details.push(format!("after {}", after.join(", ")));
    }
    if !unless.is_empty() {
        let unless: Vec<String> = unless.iter().map(ToString::to_string).collect();
        details.push(format!("not needed where {}", unless.join(" and ")));
    }
    details.extend(gates.iter().map(|gate| format!("when {gate}")));
    details.extend(until.iter().map(|until| format!("until {until}")));
    if !gates.is_empty() || !until.is_empty() {
        let then = match late {
            Late::Fails => "",
            Late::GoesOn => ", then it goes on all the same",
        };
        details.push(format!("within {}{then}", duration(*within_seconds as f64)));
    }
    details.push(reason.clone());
    details.push(format!("undo: {undo}"));
    details.extend(by_hand.iter().map(|what| format!("where it fails: {what}")));
    details
}

/// What a step waits for, by its number.
fn waits(after: &After, numbers: &HashMap<&StepId, usize>) -> String {
    let After { step, need } = after;
    let number = numbers.get(step).copied().unwrap_or(0);
    match need {
        Need::Done => format!("{number} is done"),
        Need::Ended => format!("{number} has ended"),
    }
}

//! The steps of a plan as text, with what each waits for.

use std::collections::HashMap;
use std::fmt::Write;

use super::words::{DIM, EMPHASIS};
use crate::plan::Plan;
use crate::plan::step::{After, Need, Step, StepId};

/// The steps, with what each waits for.
pub fn steps(plan: &Plan) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{EMPHASIS}steps{EMPHASIS:#}");
    let numbers: HashMap<&StepId, usize> = plan.steps.iter().zip(1..).map(|(step, n)| (&step.id, n)).collect();
    for (step, n) in plan.steps.iter().zip(1..) {
        let Step { id: _, cluster, action, after, gates, until, within_seconds: _, round, reason, line, undo } = step;
        let round = round.map(|r| format!(", round {r}")).unwrap_or_default();
        let line = line.map(|line| format!(", {}:{line}", plan.mesh_file)).unwrap_or_default();
        let _ = writeln!(out, "  {n:>3}. {cluster}: {action}{DIM}{round}{line}{DIM:#}");
        let after: Vec<String> = after.iter().map(|after| waits(after, &numbers)).collect();
        if !after.is_empty() {
            let _ = writeln!(out, "       {DIM}after {}{DIM:#}", after.join(", "));
        }
        for gate in gates {
            let _ = writeln!(out, "       {DIM}when {gate}{DIM:#}");
        }
        for until in until {
            let _ = writeln!(out, "       {DIM}until {until}{DIM:#}");
        }
        let _ = writeln!(out, "       {DIM}{reason}; undo: {undo}{DIM:#}");
    }
    out
}

/// What a step waits for, by its number.
pub(super) fn waits(after: &After, numbers: &HashMap<&StepId, usize>) -> String {
    let After { step, need } = after;
    let number = numbers.get(step).copied().unwrap_or(0);
    match need {
        Need::Done => format!("{number} is done"),
        Need::Ended => format!("{number} has ended"),
    }
}

//! Results of runs: what became of every step, and what did not succeed at the line of the mesh file that asks for it.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::markdown::LIMIT;
use super::of::unread_finding;
use super::{Finding, Number, Results, Severity};
use crate::apply::{Account, Outcome, Totals, Why};
use crate::cluster::ErrorKind;
use crate::plan::Plan;
use crate::plan::step::{Step, StepId};
use crate::report::junit::{Case, CaseResult, Suite};
use crate::report::markdown::inert;
use crate::report::words::duration;
use crate::report::{brief, counted};

const COMMAND: &str = "apply";

/// A plan, and how far it was carried out.
pub struct Carried<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The run's name; none where nothing of it began, or runs are not kept.
    pub run: Option<String>,
    /// What became of its steps.
    pub account: Account,
    /// How long steps took, with their waits.
    pub took: BTreeMap<StepId, Duration>,
}

impl Results {
    /// Runs, one after another, of which each but the last made it possible to plan the next. `failed` is what ended
    /// them before their end, where something did.
    pub fn of_runs(
        file: &str,
        runs: &[Carried<'_>],
        failed: Vec<Finding>,
        (began, at): (Timestamp, Timestamp),
        exit: u8,
    ) -> Results {
        let mut findings: Vec<Finding> = runs.iter().flat_map(|run| not_done(run)).collect();
        let last = runs.last();
        let unread = last.iter().flat_map(|run| &run.plan.unread);
        findings.extend(unread.map(|unread| unread_finding(unread.cluster.as_str(), &unread.error)));
        let told: Vec<String> = failed.iter().map(|finding| finding.message.clone()).collect();
        findings.extend(failed);
        if findings.is_empty() && exit != 0 {
            findings.extend(last.map(|run| stopped(run)));
        }
        findings.sort_by_key(|finding| finding.severity);
        let done = runs.iter().map(|run| run.account.totals()).fold(Totals::default(), added);
        let words = told.into_iter().chain(sum(done, last.map(|run| run.plan))).collect::<Vec<_>>().join("; ");
        Results {
            command: COMMAND,
            mesh: last.map(|run| run.plan.mesh.metadata.name.clone()),
            file: last.map_or_else(|| file.to_owned(), |run| run.plan.mesh_file.clone()),
            at,
            exit,
            words,
            checks: suites(runs, &findings, exit),
            numbers: numbers(runs, done, at.duration_since(began)),
            findings,
        }
    }
}

/// Runs as Markdown, for a step's summary: what did not succeed in the open, every step beneath it.
pub fn runs_markdown(results: &Results, runs: &[Carried<'_>]) -> String {
    let mut out = super::markdown::render(results);
    let with_steps = runs.iter().filter(|run| !run.plan.steps.is_empty());
    for run in with_steps {
        let of = run.run.as_ref().map(|run| format!(" of run {run}")).unwrap_or_default();
        let steps = counted(run.plan.steps.len(), "step");
        out += &format!("\n<details><summary>{steps}{}</summary>\n\n", inert(&of));
        out += "| | cluster | step | took | |\n|---|---|---|---|---|\n";
        let by_id = run.plan.by_id();
        for (told, (id, outcome)) in run.account.steps.iter().enumerate() {
            let Some(step) = by_id.get(id) else { continue };
            let (mark, words) = marked(outcome);
            let took = run.took.get(id).map(|took| match took.as_secs() {
                0 => "under 1 s".to_owned(),
                seconds => duration(seconds as f64),
            });
            let took = took.unwrap_or_default();
            let (cluster, action) = (inert(step.cluster.as_str()), inert(&step.action.to_string()));
            let row = format!("| {mark} | {cluster} | {action} | {took} | {} |\n", inert(&words));
            if out.len() + row.len() > LIMIT {
                out += &format!("\n... and {} more\n", run.account.steps.len() - told);
                break;
            }
            out += &row;
        }
        out += "\n</details>\n";
    }
    out
}

/// A step's outcome as a mark with a word, and what there is to say of it.
fn marked(outcome: &Outcome) -> (&'static str, String) {
    match outcome {
        Outcome::Done { wrote: true, note } => ("\u{2705} done", note.clone().unwrap_or_default()),
        Outcome::Done { wrote: false, note } => ("\u{2705} needed nothing", note.clone().unwrap_or_default()),
        Outcome::Failed { why, .. } if clicks(why).is_some() => ("\u{270b} by hand", why.to_string()),
        Outcome::Failed { why, .. } => ("\u{274c} failed", why.to_string()),
        Outcome::Unknown { why } => ("\u{2753} unknown", why.to_string()),
        Outcome::Skipped { because } => ("\u{23ed}\u{fe0f} skipped", format!("it needs {because}")),
        Outcome::NotTried => ("\u{2796} not tried", String::new()),
    }
}

/// What is said of a step that did not succeed. What depends on it is not said again.
fn not_done<'a>(run: &'a Carried<'_>) -> impl Iterator<Item = Finding> + 'a {
    let steps = run.plan.by_id();
    run.account.steps.iter().filter_map(move |(id, outcome)| {
        let step = *steps.get(id)?;
        let (kind, title, severity, why) = match outcome {
            Outcome::Failed { why, .. } if clicks(why).is_some() => {
                ("by-hand", "a step is left to a person", Severity::Warning, why)
            }
            Outcome::Failed { why, .. } => ("failed", "a step failed", Severity::Error, why),
            Outcome::Unknown { why } => ("unknown", "what came of a step is not known", Severity::Error, why),
            Outcome::Done { .. } | Outcome::Skipped { .. } | Outcome::NotTried => return None,
        };
        Some(Finding {
            code: format!("{COMMAND}.{kind}"),
            title: title.to_owned(),
            severity,
            // its name tells it from the cluster's other steps, in every run
            about: id.to_string(),
            message: format!("{}: {why}", step.action),
            help: help(step, why),
            line: step.line.or_else(|| asked_for(run.plan, step)),
        })
    })
}

/// The line that asks for the first change of a step's cluster: a restart follows from it, and has no line of its own.
fn asked_for(plan: &Plan, step: &Step) -> Option<usize> {
    plan.changes.iter().filter(|change| change.cluster == step.cluster).find_map(|change| change.line)
}

/// What to do about a step that did not succeed.
fn help(step: &Step, why: &Why) -> Option<String> {
    let hint = match why {
        Why::Error(error) => error.kind.hint().map(str::to_owned),
        Why::NotInTime { .. } | Why::Interrupted | Why::Halted(_) | Why::Recorded(_) => None,
    };
    let by_hand = step.by_hand.as_ref().map(|by_hand| format!("by hand: {by_hand}"));
    let told: Vec<String> = clicks(why).into_iter().chain(hint).chain(by_hand).collect();
    (!told.is_empty()).then(|| told.join("; "))
}

/// Every click, where a person has to do it.
fn clicks(why: &Why) -> Option<String> {
    let Why::Error(error) = why else { return None };
    let ErrorKind::ByHand { clicks, .. } = &error.kind else { return None };
    Some(clicks.iter().zip(1..).map(|(click, n)| format!("{n}. {click}")).collect::<Vec<_>>().join(" "))
}

/// A run that did not come to its end though no step went wrong.
fn stopped(run: &Carried<'_>) -> Finding {
    let account = &run.account;
    let (severity, message) = match (&account.halted, account.interrupted, account.closed) {
        (Some(why), _, _) => (Severity::Error, format!("no step begins and nothing is written any more: {why}")),
        (None, true, _) => (Severity::Warning, "interrupted; what is done is found done".to_owned()),
        (None, false, true) => (Severity::Warning, "the maintenance window left no time for the rest".to_owned()),
        (None, false, false) => (Severity::Error, "the clusters are still not as the file says".to_owned()),
    };
    Finding {
        code: format!("{COMMAND}.stopped"),
        title: "it did not come to its end".to_owned(),
        severity,
        about: run.plan.mesh.metadata.name.clone(),
        message,
        help: Some("apply again to go on".to_owned()),
        line: None,
    }
}

fn added(a: Totals, b: Totals) -> Totals {
    let Totals { done, nothing_to_do, failed, unknown, skipped, not_tried } = b;
    Totals {
        done: a.done + done,
        nothing_to_do: a.nothing_to_do + nothing_to_do,
        failed: a.failed + failed,
        unknown: a.unknown + unknown,
        skipped: a.skipped + skipped,
        not_tried: a.not_tried + not_tried,
    }
}

/// The numbers by their words, as they are said and counted.
fn by_outcome(totals: Totals) -> [(&'static str, &'static str, usize); 6] {
    let Totals { done, nothing_to_do, failed, unknown, skipped, not_tried } = totals;
    [
        ("done", "done", done),
        ("nothing-to-do", "needed nothing", nothing_to_do),
        ("failed", "failed", failed),
        ("unknown", "unknown", unknown),
        ("skipped", "skipped", skipped),
        ("not-tried", "not tried", not_tried),
    ]
}

fn sum(totals: Totals, plan: Option<&Plan>) -> Option<String> {
    let by_outcome = by_outcome(totals);
    let all: usize = by_outcome.iter().map(|(_, _, n)| n).sum();
    if all == 0 {
        return plan.filter(|plan| plan.unread.is_empty()).and_then(brief::nothing).map(str::to_owned);
    }
    let parts = by_outcome.into_iter().filter(|(_, _, n)| *n > 0).map(|(_, said, n)| format!("{n} {said}"));
    Some(format!("{}: {}", counted(all, "step"), parts.collect::<Vec<_>>().join(", ")))
}

/// A case for every step. What is wrong besides the steps is a case of its own, so that a run that ended early is never
/// a green report.
fn suites(runs: &[Carried<'_>], findings: &[Finding], exit: u8) -> Vec<Suite> {
    let with_steps: Vec<&Carried<'_>> = runs.iter().filter(|run| !run.plan.steps.is_empty()).collect();
    let steps = |(run, n): (&&Carried<'_>, usize)| Suite {
        name: if n == 1 { COMMAND.to_owned() } else { format!("{COMMAND}, stage {n}") },
        cases: cases(run),
    };
    let mut suites: Vec<Suite> = with_steps.iter().zip(1..).map(steps).collect();
    let of_steps = [".failed", ".unknown", ".by-hand"].map(|kind| format!("{COMMAND}{kind}"));
    let others = findings.iter().filter(|finding| !of_steps.contains(&finding.code));
    let mut outcome: Vec<Case> = others.map(Finding::failed_case).collect();
    if exit == 0 && suites.is_empty() {
        let note = "nothing to do".to_owned();
        outcome.push(Case::new("the clusters are as the file says", CaseResult::Passed { note }));
    }
    if !outcome.is_empty() {
        suites.push(Suite { name: format!("{COMMAND}, outcome"), cases: outcome });
    }
    suites
}

/// A case for every step.
pub(super) fn cases(run: &Carried<'_>) -> Vec<Case> {
    let steps = run.plan.by_id();
    let case = |(id, outcome): &(StepId, Outcome)| {
        let step = *steps.get(id)?;
        let failed = |why: &Why| (why.to_string(), help(step, why).unwrap_or_default());
        let result = match outcome {
            Outcome::Done { wrote, note } => {
                let wrote = if *wrote { "written" } else { "nothing to write" };
                let note = note.as_ref().map_or(wrote.to_owned(), |note| format!("{wrote}: {note}"));
                CaseResult::Passed { note }
            }
            Outcome::Failed { why, .. } => {
                let (message, detail) = failed(why);
                CaseResult::Failed { message, detail }
            }
            Outcome::Unknown { why } => {
                let (message, detail) = failed(why);
                CaseResult::Unknown { message, detail }
            }
            Outcome::Skipped { because } => CaseResult::Skipped { message: format!("it needs {because}") },
            Outcome::NotTried => CaseResult::Skipped { message: "not tried".to_owned() },
        };
        // the step's name is the only one that no other step has
        Some(Case { took: run.took.get(id).copied(), ..Case::new(format!("{id}: {}", step.action), result) })
    };
    run.account.steps.iter().filter_map(case).collect()
}

fn numbers(runs: &[Carried<'_>], totals: Totals, took: SignedDuration) -> Vec<Number> {
    let mut numbers = counts("apply_steps", totals);
    numbers.push(Number {
        name: "apply_seconds",
        help: "How long the last apply took, from its first look to its end, in seconds",
        labels: Vec::new(),
        value: took.as_millis() as f64 / 1000.0,
    });
    numbers.extend(runs.iter().filter_map(|run| run.run.as_ref()).map(|run| Number {
        name: "apply_run_info",
        help: "The runs of the last apply, as `intermesh runs show` knows them",
        labels: vec![("run", run.clone())],
        value: 1.0,
    }));
    numbers
}

/// Steps by what became of them.
pub(super) fn counts(name: &'static str, totals: Totals) -> Vec<Number> {
    let of = |(outcome, _, value): (&str, &str, usize)| Number {
        name,
        help: "Steps by what became of them",
        labels: vec![("outcome", outcome.to_owned())],
        value: value as f64,
    };
    by_outcome(totals).into_iter().map(of).collect()
}

//! Results of a rehearsal: the steps of its first run, and how it ended.

use std::time::Duration;

use super::of_run::{Carried, cases, counts};
use super::{Finding, Number, Results, Severity};
use crate::apply::{Outage, Rehearsal, Totals};
use crate::plan::Plan;
use crate::report::counted;
use crate::report::junit::{Case, CaseResult, Suite};
use crate::report::rehearsal::{failures, span, verdict};

impl Results {
    /// A rehearsal of a plan. Times are the product's.
    pub fn of_rehearsal(plan: &Plan, rehearsal: &Rehearsal, at: jiff::Timestamp, exit: u8) -> Results {
        let finding = |kind: &str, title: &str, severity, about: String, message: String| Finding {
            code: format!("rehearse.{kind}"),
            title: title.to_owned(),
            severity,
            about,
            message,
            help: None,
            line: None,
        };
        let mesh = &plan.mesh.metadata.name;
        let left = rehearsal.left.iter();
        let left = left.map(|left| {
            finding("left", "it is not so at the end", Severity::Error, mesh.clone(), format!("at the end: {left}"))
        });
        let failed = failures(plan, rehearsal);
        let failed = failed
            .map(|failed| finding("step", "a step does not succeed at first", Severity::Warning, mesh.clone(), failed));
        let without = rehearsal.outages.iter().map(|found| {
            let Outage { cluster, from, to, users } = found;
            let words = format!("up to {users} users for {}, {} after the beginning", span(to - from), span(*from));
            finding("outage", "users are without presence", Severity::Note, cluster.to_string(), words)
        });
        let findings: Vec<Finding> = left.chain(failed).chain(without).collect();
        let (runs, took) = (counted(rehearsal.runs.len(), "run"), span(rehearsal.seconds));
        let words = format!("{} after {took}, in {runs}", verdict(rehearsal));
        Results {
            command: "rehearse",
            mesh: Some(mesh.clone()),
            file: plan.mesh_file.clone(),
            at,
            exit,
            checks: suites(plan, rehearsal, &words),
            words,
            findings,
            numbers: numbers(rehearsal),
        }
    }
}

fn suites(plan: &Plan, rehearsal: &Rehearsal, words: &str) -> Vec<Suite> {
    let first = rehearsal.runs.first();
    let steps = first.into_iter().flat_map(|run| {
        let took = run.steps.iter().map(|(id, from, to)| (id.clone(), Duration::from_secs(to - from)));
        cases(&Carried { plan, run: None, account: run.account.clone(), took: took.collect() })
    });
    let result = match rehearsal.as_planned() {
        true => CaseResult::Passed { note: words.to_owned() },
        false => CaseResult::Failed { message: words.to_owned(), detail: rehearsal.left.join("\n") },
    };
    let outcome = Suite { name: "rehearse, outcome".to_owned(), cases: vec![Case::new("it ends as planned", result)] };
    vec![Suite { name: "rehearse".to_owned(), cases: steps.collect() }, outcome]
}

fn numbers(rehearsal: &Rehearsal) -> Vec<Number> {
    let plain = |name, help, value: u64| Number { name, help, labels: Vec::new(), value: value as f64 };
    let totals = rehearsal.runs.first().map_or_else(Totals::default, |run| run.totals);
    let minutes = |Outage { cluster: _, from, to, users }: &Outage| users * (to - from) / 60;
    let mut numbers = counts("rehearsal_steps", totals);
    numbers.extend([
        plain("rehearsal_seconds", "How long it would take, in seconds of a model's time", rehearsal.seconds),
        plain("rehearsal_runs", "How often it was planned until nothing was left", rehearsal.runs.len() as u64),
        plain("rehearsal_restarts", "Restarts of XCP Routers", rehearsal.restarts.len() as u64),
        plain(
            "rehearsal_user_minutes_without_presence",
            "Minutes that users would be without presence, summed over users",
            rehearsal.outages.iter().map(minutes).sum(),
        ),
    ]);
    numbers
}

//! What `apply` has done so far, kept while it goes on: its files tell it however it ends.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use serde::Serialize;

use super::output::Ended;
use super::{Exit, Failure, json};
use crate::apply::{Account, Event, SoFar, Totals};
use crate::cluster::{Clock, SystemClock};
use crate::plan::{Plan, Summary};
use crate::report;
use crate::report::results::{Carried, Finding, Results, runs_markdown};
use crate::store::RunId;

/// The plans of an `apply`, and what became of each.
#[derive(Clone, Debug)]
pub struct Ledger {
    began: jiff::Timestamp,
    rounds: Rc<RefCell<Vec<Round>>>,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Printed<'a> {
    exit: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<&'a str>,
    stages: Vec<PrintedStage<'a>>,
}

#[derive(Serialize)]
struct PrintedStage<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<&'a str>,
    summary: &'a Summary,
    totals: Totals,
    account: &'a Account,
}

#[derive(Debug)]
struct Round {
    plan: Rc<Plan>,
    run: Option<RunId>,
    so_far: Option<SoFar>,
    account: Option<Account>,
}

impl Default for Ledger {
    fn default() -> Ledger {
        Ledger { began: SystemClock::default().now(), rounds: Rc::default() }
    }
}

impl Ledger {
    /// A plan was made or read.
    pub fn planned(&self, plan: &Rc<Plan>) {
        let round = Round { plan: Rc::clone(plan), run: None, so_far: None, account: None };
        self.rounds.borrow_mut().push(round);
    }

    /// The last plan begins to be carried out, or is gone on with.
    pub fn begun(&self, run: Option<RunId>, so_far: SoFar) {
        if let Some(round) = self.rounds.borrow_mut().last_mut() {
            (round.run, round.so_far) = (run, Some(so_far));
        }
    }

    /// Something happened to a step of it.
    pub fn hear(&self, event: &Event) {
        if let Some(so_far) = self.rounds.borrow_mut().last_mut().and_then(|round| round.so_far.as_mut()) {
            so_far.hear(event, SystemClock::default().now());
        }
    }

    /// It came to its end.
    pub fn ended(&self, account: &Account) {
        if let Some(round) = self.rounds.borrow_mut().last_mut() {
            round.account = Some(account.clone());
        }
    }

    /// The account as JSON.
    ///
    /// # Errors
    /// It cannot be written as JSON, which is a bug.
    pub fn json(&self, exit: Exit, failure: Option<&Failure>) -> Result<String, Failure> {
        let rounds = self.rounds.borrow();
        let carried: Vec<Carried<'_>> = rounds.iter().map(Round::carried).collect();
        let with_steps = carried.iter().filter(|run| !run.plan.steps.is_empty());
        let stages = with_steps.map(|run| PrintedStage {
            run: run.run.as_deref(),
            summary: &run.plan.summary,
            totals: run.account.totals(),
            account: &run.account,
        });
        let failure = failure.map(|failure| failure.message.as_str()).filter(|message| !message.is_empty());
        json(&Printed { exit: exit.code(), failure, stages: stages.collect() })
    }

    /// What there is for files. `failure` is what ended the command early, with what is said of it.
    pub fn told(&self, file: &str, exit: Exit, failure: Option<(&Failure, Vec<Finding>)>) -> Ended<'static> {
        let rounds = self.rounds.borrow();
        let runs: Vec<Carried<'_>> = rounds.iter().map(Round::carried).collect();
        let (failure, findings) = failure.unzip();
        let times = (self.began, SystemClock::default().now());
        let results = Results::of_runs(file, &runs, findings.unwrap_or_default(), times, exit.code());
        let mut texts = BTreeMap::from([
            ("markdown", Ok(runs_markdown(&results, &runs))),
            ("json", self.json(exit, failure).map(|json| json + "\n")),
        ]);
        // a plan with nothing to do, and a failure before any plan, have no account
        if runs.iter().any(|run| !run.plan.steps.is_empty()) {
            let accounts = runs.iter().filter(|run| !run.plan.steps.is_empty());
            let accounts = accounts.map(|run| report::account(run.plan, &run.account));
            let ended = failure.iter().map(|failure| format!("{}\n", failure.message));
            let text: String = accounts.chain(ended).collect();
            texts.insert("text", Ok(anstream::adapter::strip_str(&text).to_string()));
        }
        let texts = RefCell::new(texts);
        Ended::new(exit, results, Box::new(move |format| texts.borrow_mut().remove(format)))
    }
}

impl Round {
    fn carried(&self) -> Carried<'_> {
        let Round { plan, run, so_far, account } = self;
        let cut_short = || so_far.as_ref().map(|so_far| so_far.account(plan));
        let account = account.clone().or_else(cut_short).unwrap_or_else(|| Account::untouched(plan));
        let took = |step: &crate::plan::step::Step| {
            let took = so_far.as_ref()?.took(&step.id)?;
            Some((step.id.clone(), took.unsigned_abs()))
        };
        let run = run.as_ref().map(ToString::to_string);
        Carried { plan, run, account, took: plan.steps.iter().filter_map(took).collect() }
    }
}

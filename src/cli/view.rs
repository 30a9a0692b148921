//! A run as it happens: a bar on a terminal, plain lines in a pipe, and the same as JSON lines where they are asked for.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use indicatif::ProgressBar;

use super::Printer;
use super::event_file::EventFile;
use super::session::bar;
use crate::apply::Event;
use crate::apply::events::{Line, Teller, Told};
use crate::cluster::{Clock, SystemClock};
use crate::plan::Plan;
use crate::plan::step::StepId;
use crate::report;
use crate::store::{Moment, RunId};

/// In a pipe, a step that waits says so at most this often: an hour's sync is sixty lines in a job's log.
const SAY_AGAIN: Duration = report::SAY_AGAIN;

/// Shows a run.
pub struct View<'a> {
    teller: Teller<'a>,
    events: Option<EventFile>,
    printer: &'a Printer,
    bar: ProgressBar,
    waiting: RefCell<BTreeMap<StepId, Instant>>,
    /// What its journal does not keep of the run, and nobody has kept yet.
    moments: RefCell<Vec<Moment>>,
    is_kept: bool,
}

impl<'a> View<'a> {
    /// A view of a run that begins, or goes on after so many steps that were done before.
    pub fn new(
        plan: &'a Plan,
        run: Option<RunId>,
        done_before: usize,
        events: Option<EventFile>,
        printer: &'a Printer,
    ) -> View<'a> {
        let bar = bar(printer, plan.steps.len() as u64, "applying");
        bar.set_position(done_before as u64);
        if done_before > 0 {
            bar.set_prefix(format!("applying, {done_before} before"));
        }
        let is_kept = run.is_some();
        View {
            teller: Teller::new(plan, run),
            events,
            printer,
            bar,
            waiting: RefCell::default(),
            moments: RefCell::default(),
            is_kept,
        }
    }

    /// Shows an event of the executor.
    pub fn show(&self, event: &Event) {
        if let Some(line) = self.teller.tell(event, now()) {
            self.line(&line);
        }
    }

    /// Shows what is not about a step.
    pub fn say(&self, told: Told) {
        let line = self.teller.line(now(), told);
        // a terminal has been told in other words
        if let Some(events) = &self.events {
            events.write(&line, self.printer);
        }
    }

    /// What was shown and is not kept yet.
    pub fn moments(&self) -> Vec<Moment> {
        self.moments.borrow().clone()
    }

    /// So many of them are kept.
    pub fn kept(&self, moments: usize) {
        self.moments.borrow_mut().drain(..moments);
    }

    fn line(&self, line: &Line) {
        self.moments.borrow_mut().extend(line.moment().filter(|_| self.is_kept));
        if let Some(events) = &self.events {
            events.write(line, self.printer);
        }
        if let Told::StepEnded { .. } = &line.told {
            self.bar.inc(1);
        }
        let Some(text) = report::event(line) else { return };
        match &line.told {
            Told::StepStarted(_) | Told::StepWaiting { .. } if !self.bar.is_hidden() => self.bar.set_message(text),
            Told::StepWaiting { about, .. } if !self.is_due(&about.step) => {}
            _ => self.bar.suspend(|| self.printer.note(&text)),
        }
    }

    /// Takes the bar away.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }

    fn is_due(&self, step: &StepId) -> bool {
        let mut waiting = self.waiting.borrow_mut();
        let due = waiting.get(step).is_none_or(|said| said.elapsed() >= SAY_AGAIN);
        if due {
            waiting.insert(step.clone(), Instant::now());
        }
        due
    }
}

/// Real time, in a lab too: events are read beside other logs.
fn now() -> jiff::Timestamp {
    SystemClock::default().now()
}

//! A run as it happens: a bar on a terminal, plain lines in a pipe.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use indicatif::ProgressBar;

use super::Printer;
use super::session::bar;
use crate::apply::Event;
use crate::plan::Plan;
use crate::plan::step::StepId;
use crate::report;

/// In a pipe, a step that waits says so at most this often: an hour's sync is sixty lines in a job's log.
const SAY_AGAIN: Duration = Duration::from_secs(60);

/// Shows a run.
pub struct View<'a> {
    plan: &'a Plan,
    printer: &'a Printer,
    bar: ProgressBar,
    waiting: RefCell<BTreeMap<StepId, Instant>>,
}

impl<'a> View<'a> {
    /// A view of a run that begins.
    pub fn new(plan: &'a Plan, printer: &'a Printer) -> View<'a> {
        let bar = bar(printer, plan.steps.len() as u64, "applying");
        View { plan, printer, bar, waiting: RefCell::default() }
    }

    /// Shows an event.
    pub fn show(&self, event: &Event) {
        if let Event::Ended { .. } = event {
            self.bar.inc(1);
        }
        let Some(line) = report::event(self.plan, event) else { return };
        match event {
            Event::Started { .. } | Event::Waiting { .. } if !self.bar.is_hidden() => self.bar.set_message(line),
            Event::Waiting { step, .. } if !self.is_due(step) => {}
            _ => self.bar.suspend(|| self.printer.note(&line)),
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

//! Whether a restart whose answer was lost was done: told by the service's state and up time (field-notes 4.1, 4.2),
//! never by ordering it again.

use std::time::Duration;

use jiff::Timestamp;

use super::act::{POLL, READ_BACK};
use super::condition::operator;
use super::executor::Run;
use crate::cluster::{Deadline, Result, Service, ServiceState};
use crate::plan::step::{Action, Step};
use crate::store::Terms;

/// As much as the clocks of two sittings may differ, as leases allow for it: when a step began is told by the clock of another
/// process.
fn clocks_differ() -> Duration {
    let terms = Terms::default();
    terms.margin + terms.skew
}

/// A restart that is about to be ordered.
pub(super) struct Restart<'a> {
    run: &'a Run<'a>,
    step: &'a Step,
    /// The service as it was before, where it could be read.
    before: Option<Service>,
    /// The product's time since then.
    since: Deadline,
}

impl<'a> Restart<'a> {
    /// Looks at the service before the order; none when the step is no restart.
    pub(super) async fn about_to(run: &'a Run<'a>, step: &'a Step) -> Option<Restart<'a>> {
        let since = Deadline::after(Duration::from_secs(step.within_seconds));
        let before = read(run, step).await?;
        // Where it cannot be read, the order is given all the same: only a lost answer would need it.
        Some(Restart { run, step, before: before.ok().flatten(), since })
    }

    /// Waits until it is seen that the service was restarted, or that nothing shows it. `Ok` means that it was.
    ///
    /// # Errors
    /// What was seen instead.
    pub(super) async fn settle(mut self) -> std::result::Result<(), String> {
        let ordered = self.since.elapsed();
        let mut left = false;
        loop {
            let seen = match read(self.run, self.step).await {
                Some(Ok(Some(now))) => {
                    // It left `Started` after the order, so the order arrived.
                    left |= now.state != ServiceState::Started && self.before.as_ref().is_some_and(was_started);
                    if now.state == ServiceState::Started && (left || self.is_younger(&now)) {
                        return Ok(());
                    }
                    describe(&now)
                }
                Some(Ok(None)) => "the node does not list it".to_owned(),
                Some(Err(error)) => error.to_string(),
                None => "it is no restart".to_owned(),
            };
            // A service that is on its way gets the whole time of its step.
            let in_vain = !left && self.since.elapsed().saturating_sub(ordered) >= READ_BACK;
            if in_vain || self.run.stopping() || !self.since.wait(self.run.clock, POLL).await {
                return Err(seen);
            }
        }
    }

    /// Whether the service came up after the order: it is up for less time than before, or than has passed since then.
    fn is_younger(&self, now: &Service) -> bool {
        let Some(up) = now.up_seconds else { return false };
        let before = self.before.as_ref().and_then(|before| before.up_seconds);
        before.is_some_and(|before| up < before) || Duration::from_secs(up) < self.since.elapsed()
    }
}

/// What came of a restart that an earlier sitting of the run may have ordered.
pub(super) enum Came {
    /// The service came up since.
    Restarted,
    /// It is up for longer, and what was sent would have arrived by now.
    Not,
    /// Nothing shows it; what was seen.
    Unclear(String),
}

/// Tells by the service's state and up time what came of a restart that began at that time and may have been ordered.
pub(super) async fn settle_earlier(run: &Run<'_>, step: &Step, began: Timestamp) -> Came {
    let mut deadline = Deadline::after(Duration::from_secs(step.within_seconds).max(READ_BACK));
    let mut left = false;
    loop {
        let since = run.clock.since(began);
        let seen = match read(run, step).await {
            Some(Ok(Some(now))) if was_started(&now) => match now.up_seconds {
                // whole seconds on both sides: one that was up before is never taken for younger
                Some(up) if up < since.as_secs() => return Came::Restarted,
                _ if left => return Came::Restarted,
                Some(up) if since >= READ_BACK && up > (since + clocks_differ()).as_secs() => return Came::Not,
                // nobody knows, or it came up about when it was ordered and a clock is wrong
                _ if since >= READ_BACK => return Came::Unclear(describe(&now)),
                _ => describe(&now),
            },
            Some(Ok(Some(now))) => {
                left = true;
                describe(&now)
            }
            Some(Ok(None)) => "the node does not list it".to_owned(),
            Some(Err(error)) if error.kind.is_transient() => error.to_string(),
            Some(Err(error)) => return Came::Unclear(error.to_string()),
            None => return Came::Not,
        };
        if run.stops(step) || !deadline.wait(run.clock, POLL).await {
            return Came::Unclear(seen);
        }
    }
}

fn was_started(service: &Service) -> bool {
    service.state == ServiceState::Started
}

fn describe(service: &Service) -> String {
    match service.up_seconds {
        Some(up) => format!("{} is {}, up for {up} s", service.name, service.state.word().to_lowercase()),
        None => format!("{} is {}", service.name, service.state.word().to_lowercase()),
    }
}

/// The service of a restart, read from its node; none when the step is no restart.
async fn read(run: &Run<'_>, step: &Step) -> Option<Result<Option<Service>>> {
    let Action::Restart { node, service, .. } = &step.action else { return None };
    let services = async { operator(run.operators, &step.cluster)?.services(node).await };
    let found = services.await;
    Some(found.map(|all| all.into_iter().find(|found| found.name.eq_ignore_ascii_case(service))))
}

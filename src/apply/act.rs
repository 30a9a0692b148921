//! One step, from "is it done already?" to its outcome.

use std::time::Duration;

use super::Event;
use super::condition::{Held, asked, holds, operator};
use super::executor::Run;
use super::outcome::{Outcome, Why};
use super::restart::{Came, Restart, settle_earlier};
use crate::cluster::{Account, CredentialName, Deadline, Error, ErrorKind, NewPeer, PeerEdit, Place, Result, service};
use crate::plan::step::{Action, Condition, Late, SettleFor, Step, When};

/// Between two reads while a condition is waited for. The vendor's own sample polls every 5 seconds (field-notes 4.2).
pub(super) const POLL: Duration = Duration::from_secs(5);
/// The longest wait between two orders where the product asks to slow down and does not say for how long.
const THROTTLE: Duration = Duration::from_secs(10);
/// Orders that are given again because the product asked to slow down.
const MAX_THROTTLED: u32 = 6;
/// How long the effect of an order is looked for when its answer was lost, before the order is given once more.
pub(super) const READ_BACK: Duration = Duration::from_secs(120);

/// Said of a step whose answer did not come, and whose effect was seen.
const READ_BACK_NOTE: &str = "its answer was lost; read back";

/// Said of a step of which an earlier sitting of the run did not see the end, and whose effect was seen in this one.
const EARLIER_NOTE: &str = "begun before the run was gone on with; read back";

/// How a wait ended.
enum Waited {
    Held,
    Not(Why),
}

pub(super) async fn step(run: &Run<'_>, step: &Step) -> Outcome {
    if let Some(outcome) = begun_before(run, step).await {
        return outcome;
    }
    if !step.unless.is_empty() {
        match needed(run, step).await {
            Ok(true) => {}
            Ok(false) => return Outcome::Done { wrote: false, note: Some("it is not needed".into()) },
            Err(why) => return Outcome::Failed { why, wrote: false },
        }
    }
    match &step.action {
        Action::Settle { seconds, what } => return settle(run, step, Duration::from_secs(*seconds), *what).await,
        Action::Restart { node, service, when: When::Asked } => {
            let limit = Duration::from_secs(step.within_seconds);
            match patiently(run, step, limit, async || asked(run.operators, &step.cluster, service).await).await {
                Ok(nodes) if !nodes.iter().any(|n| n.same(node)) => {
                    return Outcome::Done { wrote: false, note: Some("no notification asks for it".into()) };
                }
                Ok(_) => {}
                Err(why) => return Outcome::Failed { why, wrote: false },
            }
        }
        // nothing shows whether it was done
        action if !action.leaves_a_trace() => {}
        _ => match all_hold(run, &step.until).await {
            Ok(Held::Yes) => return Outcome::Done { wrote: false, note: Some("it is so already".into()) },
            Ok(Held::No(_)) => {}
            Err(error) if error.kind.is_transient() => {}
            Err(error) => return Outcome::Failed { why: Why::Error(error), wrote: false },
        },
    }
    let limit = Duration::from_secs(step.within_seconds);
    if let Waited::Not(why) = wait(run, step, &step.gates, limit).await {
        return Outcome::Failed { why, wrote: false };
    }
    if !step.action.writes() {
        return match wait(run, step, &step.until, limit).await {
            Waited::Held => Outcome::Done { wrote: false, note: None },
            Waited::Not(why) => goes_on(step, &why, false).unwrap_or(Outcome::Failed { why, wrote: false }),
        };
    }
    write(run, step, limit).await
}

/// What came of a step that may have acted in an earlier sitting of the run; none where it is to be tried as if it had
/// not: it is seen that it left no trace, or it does no harm to do it twice.
async fn begun_before(run: &Run<'_>, step: &Step) -> Option<Outcome> {
    let began = run.earlier.began(&step.id)?;
    let limit = Duration::from_secs(step.within_seconds);
    let done = |wrote| Outcome::Done { wrote, note: Some(EARLIER_NOTE.to_owned()) };
    match &step.action {
        Action::Restart { when, .. } => match settle_earlier(run, step, began).await {
            Came::Restarted => {
                Some(after_write(run, step, limit, Some(EARLIER_NOTE.to_owned()), run.earlier.is_open(&step.id)).await)
            }
            Came::Not => None,
            // the product itself says that it was done, or that it was never asked for
            Came::Unclear(_) if *when == When::Asked && matches!(all_hold(run, &step.until).await, Ok(Held::Yes)) => {
                Some(done(run.earlier.is_open(&step.id)))
            }
            Came::Unclear(_) if run.stops(step) => Some(Outcome::Unknown { why: Why::Interrupted }),
            Came::Unclear(seen) => {
                let detail = format!("it was in hand when the run ended; nothing shows whether it was done; {seen}");
                Some(Outcome::Unknown { why: Why::Recorded(detail) })
            }
        },
        action if action.leaves_a_trace() => {
            // what was sent right before the end may still arrive
            let left = READ_BACK.saturating_sub(run.clock.since(began));
            match wait(run, step, &step.until, left).await {
                Waited::Held => Some(done(run.earlier.is_open(&step.id))),
                Waited::Not(Why::Interrupted) => Some(Outcome::Unknown { why: Why::Interrupted }),
                Waited::Not(_) => None,
            }
        }
        _ => None,
    }
}

/// Acts, and waits for the effect. One writer per cluster at a time.
async fn write(run: &Run<'_>, step: &Step, limit: Duration) -> Outcome {
    let writer = run.writer(&step.cluster).lock().await;
    if let Err(why) = run.log_started(step).await {
        return Outcome::Failed { why, wrote: false };
    }
    let restart = Restart::about_to(run, step).await;
    let mut answer = act(run, step).await;
    let mut note = None;
    let in_doubt = matches!(&answer, Err(Why::Error(Error { kind: ErrorKind::Unknown { .. }, .. })));
    if in_doubt {
        // the order may have arrived: read, and give it once more only where it left no trace
        let read_back = || Some(READ_BACK_NOTE.to_owned());
        match restart {
            Some(restart) => match restart.settle().await {
                Ok(()) => (answer, note) = (Ok(()), read_back()),
                // nobody knows whether a restart without a trace will still come
                Err(seen) => return restart_in_doubt(run, step, answer, &seen).await,
            },
            None => match wait(run, step, &step.until, READ_BACK).await {
                // what holds says nothing of this order: to give it twice does no harm
                Waited::Held if !step.action.leaves_a_trace() => answer = act(run, step).await,
                Waited::Held => return Outcome::Done { wrote: true, note: read_back() },
                Waited::Not(_) => answer = act(run, step).await,
            },
        }
    }
    drop(writer);
    match answer {
        Ok(()) => after_write(run, step, limit, note, true).await,
        Err(Why::Error(error)) if !matches!(error.kind, ErrorKind::Unknown { .. }) => {
            by_hand(run, step, error, limit).await
        }
        Err(why @ Why::Error(_)) => Outcome::Unknown { why },
        // the order that was not given would have been the second
        Err(why) if in_doubt => Outcome::Unknown { why },
        Err(why) => Outcome::Failed { why, wrote: false },
    }
}

/// Waits for the effect of what was written.
async fn after_write(run: &Run<'_>, step: &Step, limit: Duration, note: Option<String>, wrote: bool) -> Outcome {
    match wait(run, step, &step.until, limit).await {
        Waited::Held => Outcome::Done { wrote, note },
        Waited::Not(Why::Interrupted) => Outcome::Unknown { why: Why::Interrupted },
        Waited::Not(why) => goes_on(step, &why, wrote).unwrap_or(Outcome::Failed { why, wrote: true }),
    }
}

/// What did not come in time is no failure where the plan says that it is looked at again.
fn goes_on(step: &Step, why: &Why, wrote: bool) -> Option<Outcome> {
    match why {
        Why::NotInTime { because, .. } if step.late == Late::GoesOn => {
            Some(Outcome::Done { wrote, note: Some(format!("{because}; it is looked at again")) })
        }
        _ => None,
    }
}

/// What only a person can do is told, and its effect waited for where someone is there to do it.
async fn by_hand(run: &Run<'_>, step: &Step, error: Error, limit: Duration) -> Outcome {
    let ErrorKind::ByHand { clicks, because } = &error.kind else {
        return Outcome::Failed { why: Why::Error(error), wrote: false };
    };
    if !run.attended {
        return Outcome::Failed { why: Why::Error(error), wrote: false };
    }
    run.tell(&Event::ByHand { step: step.id.clone(), clicks: clicks.clone(), because: because.clone() });
    match wait(run, step, &step.until, limit).await {
        Waited::Held => Outcome::Done { wrote: true, note: Some("done by hand".into()) },
        Waited::Not(why) => Outcome::Failed { why, wrote: false },
    }
}

/// A restart whose answer was lost and which the service's state and up time do not show. Where a notification had asked
/// for it and does no more, the product itself says that it was done.
async fn restart_in_doubt(run: &Run<'_>, step: &Step, answer: std::result::Result<(), Why>, seen: &str) -> Outcome {
    let was_asked = matches!(step.action, Action::Restart { when: When::Asked, .. });
    if was_asked && matches!(all_hold(run, &step.until).await, Ok(Held::Yes)) {
        return Outcome::Done { wrote: true, note: Some(READ_BACK_NOTE.to_owned()) };
    }
    match answer {
        Err(Why::Error(Error { place, doing, kind: ErrorKind::Unknown { detail } })) => {
            let kind = ErrorKind::Unknown { detail: format!("{detail}; afterwards {seen}") };
            Outcome::Unknown { why: Why::Error(Error { place, doing, kind }) }
        }
        Err(why) => Outcome::Unknown { why },
        Ok(()) => Outcome::Done { wrote: true, note: None },
    }
}

/// Gives the order; again where the product asks to slow down.
async fn act(run: &Run<'_>, step: &Step) -> std::result::Result<(), Why> {
    let mut throttled = 0;
    loop {
        run.may_write()?;
        match order(run, step).await {
            Err(Error { kind: ErrorKind::Throttled { retry_after, .. }, .. }) if throttled < MAX_THROTTLED => {
                throttled += 1;
                run.clock.wait(retry_after.unwrap_or(THROTTLE)).await;
            }
            answer => return answer.map_err(Why::Error),
        }
    }
}

async fn order(run: &Run<'_>, step: &Step) -> Result<()> {
    let on = operator(run.operators, &step.cluster)?;
    match &step.action {
        Action::Activate { node, service } => on.activate(node, service).await,
        Action::Start { node, service } => on.start(node, service).await,
        Action::Restart { node, service, .. } => on.restart(node, service).await,
        Action::AddPeer { address, account, protocol, .. } => {
            let account = account_of(run, step, account, "add the peer").await?;
            on.add_peer(&NewPeer { address: address.clone(), account, protocol: *protocol }).await
        }
        Action::EditPeer { address, protocol, account, .. } => {
            let account = match account {
                Some(account) => Some(account_of(run, step, account, "change the peer").await?),
                None => None,
            };
            on.update_peer(address, &PeerEdit { account, protocol: *protocol }).await
        }
        Action::ForceSync { address, certificates, .. } => on.force_sync(address, *certificates).await,
        Action::SetParameter { node, service, label, value } => on.set_parameter(node, service, label, value).await,
        Action::SetHighAvailability { group, enabled } => on.set_high_availability(group, *enabled).await,
        Action::DeletePeer { address } => on.delete_peer(address).await,
        Action::AwaitSync { .. } | Action::Settle { .. } | Action::Verify { .. } => Ok(()),
    }
}

async fn account_of(run: &Run<'_>, step: &Step, name: &CredentialName, doing: &str) -> Result<Account> {
    run.accounts.account(name).await.map_err(|error| Error {
        place: Place { cluster: step.cluster.clone(), node: None },
        doing: doing.into(),
        kind: ErrorKind::NoCredential { credential: error.name.to_string(), detail: error.why },
    })
}

/// Waits through the whole time in which notifications appear. One that is there already says nothing about the
/// last change: it may be from an earlier one, and a restart before the last one is raised would not count for it.
async fn settle(run: &Run<'_>, step: &Step, limit: Duration, what: SettleFor) -> Outcome {
    let mut deadline = Deadline::after(limit);
    while deadline.wait(run.clock, POLL).await {
        if run.stopping() {
            return Outcome::Failed { why: Why::Interrupted, wrote: false };
        }
    }
    if what == SettleFor::HighAvailability {
        return Outcome::Done { wrote: false, note: None };
    }
    let asked = asked(run.operators, &step.cluster, service::XCP_ROUTER).await;
    let note = asked.ok().map(|nodes| match nodes.len() {
        0 => "no notification asks for a restart".to_owned(),
        n => format!("notifications ask to restart {n} of the XCP Routers"),
    });
    Outcome::Done { wrote: false, note }
}

/// Whether what makes the step needless does not hold; asked again while it cannot be read.
async fn needed(run: &Run<'_>, step: &Step) -> std::result::Result<bool, Why> {
    let mut deadline = Deadline::after(Duration::from_secs(step.within_seconds));
    loop {
        match all_hold(run, &step.unless).await {
            Ok(held) => return Ok(held != Held::Yes),
            Err(error) if error.kind.is_transient() => {
                if run.stops(step) {
                    return Err(Why::Interrupted);
                }
                if !deadline.wait(run.clock, POLL).await {
                    return Err(Why::Error(error));
                }
            }
            Err(error) => return Err(Why::Error(error)),
        }
    }
}

async fn all_hold(run: &Run<'_>, conditions: &[Condition]) -> Result<Held> {
    for condition in conditions {
        if let Held::No(why) = holds(run.operators, condition).await? {
            return Ok(Held::No(why));
        }
    }
    Ok(Held::Yes)
}

/// Reads, again and again while the cluster does not answer or asks to slow down: a read that fails once says nothing.
async fn patiently<T>(
    run: &Run<'_>,
    step: &Step,
    limit: Duration,
    read: impl AsyncFn() -> Result<T>,
) -> std::result::Result<T, Why> {
    let mut deadline = Deadline::after(limit);
    loop {
        let error = match read().await {
            Ok(found) => return Ok(found),
            Err(error) if error.kind.is_transient() => error,
            Err(error) => return Err(Why::Error(error)),
        };
        run.tell(&Event::Waiting { step: step.id.clone(), what: error.to_string() });
        if run.stopping() {
            return Err(Why::Interrupted);
        }
        if !deadline.wait(run.clock, POLL).await {
            return Err(Why::Error(error));
        }
    }
}

/// Waits until all conditions hold together. That no notification asks for a restart need be seen but once: one that comes
/// later is of what happened later, such as another link's first sync, and is for a later restart.
async fn wait(run: &Run<'_>, step: &Step, conditions: &[Condition], limit: Duration) -> Waited {
    let mut deadline = Deadline::after(limit);
    let mut said = String::new();
    let mut seen = Vec::new();
    loop {
        let mut open = None;
        for condition in conditions {
            if seen.contains(&condition) {
                continue;
            }
            match holds(run.operators, condition).await {
                Ok(Held::Yes) if matches!(condition, Condition::NoRestartAsked { .. }) => seen.push(condition),
                Ok(Held::Yes) => {}
                Ok(Held::No(because)) => {
                    open = Some((condition, because));
                    break;
                }
                // a service that restarts may not answer for a while
                Err(error) if error.kind.is_transient() => {
                    open = Some((condition, error.to_string()));
                    break;
                }
                Err(error) => return Waited::Not(Why::Error(error)),
            }
        }
        let Some((condition, because)) = open else { return Waited::Held };
        if said != because {
            run.tell(&Event::Waiting { step: step.id.clone(), what: because.clone() });
            said.clone_from(&because);
        }
        if run.stops(step) {
            return Waited::Not(Why::Interrupted);
        }
        if !deadline.wait(run.clock, POLL).await {
            let seconds = deadline.elapsed().as_secs();
            return Waited::Not(Why::NotInTime { condition: condition.to_string(), because, seconds });
        }
    }
}

//! One step, from "is it done already?" to its outcome.

use std::time::Duration;

use super::Event;
use super::condition::{Held, asked, holds, operator};
use super::executor::Run;
use super::outcome::{Outcome, Why};
use crate::cluster::{Deadline, Error, ErrorKind, NewPeer, PeerEdit, Place, Result, service};
use crate::plan::step::{Action, Condition, Step, When};

/// Between two reads while a condition is waited for. The vendor's own sample polls every 5 seconds (field-notes 4.2).
const POLL: Duration = Duration::from_secs(5);
/// The longest wait between two orders where the product asks to slow down and does not say for how long.
const THROTTLE: Duration = Duration::from_secs(10);
/// Orders that are given again because the product asked to slow down.
const MAX_THROTTLED: u32 = 6;
/// How long the effect of an order is looked for when its answer was lost, before the order is given once more.
const READ_BACK: Duration = Duration::from_secs(120);

/// How a wait ended.
enum Waited {
    Held,
    Not(Why),
}

pub(super) async fn step(run: &Run<'_>, step: &Step) -> Outcome {
    match &step.action {
        Action::Settle { seconds } => return settle(run, step, Duration::from_secs(*seconds)).await,
        Action::Restart { node, service, when: When::Asked } => {
            match asked(run.operators, &step.cluster, service).await {
                Ok(nodes) if !nodes.iter().any(|n| n.same(node)) => {
                    return Outcome::Done { wrote: false, note: Some("no notification asks for it".into()) };
                }
                Ok(_) => {}
                Err(error) => return Outcome::Failed { why: Why::Error(error), wrote: false },
            }
        }
        // a restart that is due in any case has nothing to show that it was done
        Action::Restart { when: When::Always, .. } => {}
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
            Waited::Not(why) => Outcome::Failed { why, wrote: false },
        };
    }
    write(run, step, limit).await
}

/// Acts, and waits for the effect. One writer per cluster at a time.
async fn write(run: &Run<'_>, step: &Step, limit: Duration) -> Outcome {
    let writer = run.writer(&step.cluster).lock().await;
    let mut answer = act(run, step).await;
    if let Err(Error { kind: ErrorKind::Unknown { .. }, .. }) = answer {
        // the order may have arrived: read, and give it once more only where it left no trace
        match wait(run, step, &step.until, READ_BACK).await {
            Waited::Held => return Outcome::Done { wrote: true, note: Some("its answer was lost; read back".into()) },
            Waited::Not(why) if !repeatable(&step.action) => return Outcome::Unknown { why },
            Waited::Not(_) => answer = act(run, step).await,
        }
    }
    drop(writer);
    match answer {
        Ok(()) => match wait(run, step, &step.until, limit).await {
            Waited::Held => Outcome::Done { wrote: true, note: None },
            Waited::Not(Why::Interrupted) => Outcome::Unknown { why: Why::Interrupted },
            Waited::Not(why) => Outcome::Failed { why, wrote: true },
        },
        Err(error) if matches!(error.kind, ErrorKind::Unknown { .. }) => Outcome::Unknown { why: Why::Error(error) },
        Err(error) => by_hand(run, step, error, limit).await,
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

/// Whether giving the order twice has the effect of giving it once. A restart has not.
fn repeatable(action: &Action) -> bool {
    !matches!(action, Action::Restart { .. })
}

/// Gives the order; again where the product asks to slow down.
async fn act(run: &Run<'_>, step: &Step) -> Result<()> {
    let mut throttled = 0;
    loop {
        match order(run, step).await {
            Err(Error { kind: ErrorKind::Throttled { retry_after, .. }, .. }) if throttled < MAX_THROTTLED => {
                throttled += 1;
                run.clock.wait(retry_after.unwrap_or(THROTTLE)).await;
            }
            answer => return answer,
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
            let account = run.accounts.account(account).await.map_err(|error| Error {
                place: Place { cluster: step.cluster.clone(), node: None },
                doing: "add the peer".into(),
                kind: ErrorKind::NoCredential { credential: error.name.to_string(), detail: error.why },
            })?;
            on.add_peer(&NewPeer { address: address.clone(), account, protocol: *protocol }).await
        }
        Action::SetProtocol { address, protocol, .. } => {
            on.update_peer(address, &PeerEdit { account: None, protocol: Some(*protocol) }).await
        }
        Action::DeletePeer { address } => on.delete_peer(address).await,
        Action::AwaitSync { .. } | Action::Settle { .. } | Action::Verify { .. } => Ok(()),
    }
}

/// Waits through the whole time in which notifications appear. One that is there already says nothing about the
/// last change: it may be from an earlier one, and a restart before the last one is raised would not count for it.
async fn settle(run: &Run<'_>, step: &Step, limit: Duration) -> Outcome {
    let mut deadline = Deadline::after(limit);
    while deadline.wait(run.clock, POLL).await {
        if run.stopping() {
            return Outcome::Failed { why: Why::Interrupted, wrote: false };
        }
    }
    let asked = asked(run.operators, &step.cluster, service::XCP_ROUTER).await;
    let note = asked.ok().map(|nodes| match nodes.len() {
        0 => "no notification asks for a restart".to_owned(),
        n => format!("notifications ask to restart {n} of the XCP Routers"),
    });
    Outcome::Done { wrote: false, note }
}

async fn all_hold(run: &Run<'_>, conditions: &[Condition]) -> Result<Held> {
    for condition in conditions {
        if let Held::No(why) = holds(run.operators, condition).await? {
            return Ok(Held::No(why));
        }
    }
    Ok(Held::Yes)
}

/// Waits until all conditions hold together.
async fn wait(run: &Run<'_>, step: &Step, conditions: &[Condition], limit: Duration) -> Waited {
    let mut deadline = Deadline::after(limit);
    let mut said = String::new();
    loop {
        let mut open = None;
        for condition in conditions {
            match holds(run.operators, condition).await {
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
        if run.stopping() {
            return Waited::Not(Why::Interrupted);
        }
        if !deadline.wait(run.clock, POLL).await {
            let seconds = deadline.elapsed().as_secs();
            return Waited::Not(Why::NotInTime { condition: condition.to_string(), because, seconds });
        }
    }
}

//! Walks the plan's graph: starts what is ready, keeps to the tokens, and writes the account.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::FutureExt;
use futures::future::LocalBoxFuture;
use futures::stream::{FuturesUnordered, StreamExt};
use jiff::SignedDuration;
use tokio::sync::Mutex;

use super::condition::Operators;
use super::earlier::Earlier;
use super::log::Log;
use super::outcome::{Account, Outcome, Why};
use super::{Event, act};
use crate::cluster::Clock;
use crate::mesh::{ClusterName, Vault};
use crate::plan::Plan;
use crate::plan::step::{Need, Step, StepId};
use crate::plan::window::open_until;

/// What a run has at hand.
pub struct Run<'a> {
    /// The clusters.
    pub operators: &'a Operators,
    /// The accounts that peers store.
    pub accounts: &'a Vault,
    /// The time.
    pub clock: &'a dyn Clock,
    /// Set when the run is to stop: no step begins any more but finalizers, and waits end.
    pub stop: &'a AtomicBool,
    /// Whether someone is there who can do by hand what nothing else can.
    pub attended: bool,
    /// The first failure is the last: no step begins after it but finalizers.
    pub stop_on_error: bool,
    /// Told of every event.
    pub events: &'a dyn Fn(&Event),
    /// Where it is written down what is done; nothing is done that cannot be.
    pub log: Option<&'a dyn Log>,
    /// Where the run stood, when it is gone on with.
    pub earlier: Earlier,
    /// Why no more is begun, and nothing more written.
    halted: OnceLock<String>,
    writers: BTreeMap<ClusterName, Mutex<()>>,
    /// For steps on clusters without an operator; they fail before they write.
    nobody: Mutex<()>,
}

impl<'a> Run<'a> {
    /// A run over these clusters.
    pub fn new(
        operators: &'a Operators,
        accounts: &'a Vault,
        clock: &'a dyn Clock,
        stop: &'a AtomicBool,
        events: &'a dyn Fn(&Event),
    ) -> Run<'a> {
        let writers = operators.keys().map(|name| (name.clone(), Mutex::new(()))).collect();
        Run {
            operators,
            accounts,
            clock,
            stop,
            attended: false,
            stop_on_error: false,
            events,
            log: None,
            earlier: Earlier::default(),
            halted: OnceLock::new(),
            writers,
            nobody: Mutex::new(()),
        }
    }

    pub(super) fn stopping(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || self.is_halted()
    }

    /// Whether a wait of this step ends because the run is to stop. A finalizer is seen through, as long as it may write.
    pub(super) fn stops(&self, step: &Step) -> bool {
        self.is_halted() || (self.stopping() && step.finalizes.is_none())
    }

    fn is_halted(&self) -> bool {
        self.halted.get().is_some()
    }

    /// Nothing more is begun or written. The first reason counts.
    fn halt(&self, why: String) -> Why {
        Why::Halted(self.halted.get_or_init(|| why).clone())
    }

    /// Writes down that a step is about to act.
    pub(super) async fn log_started(&self, step: &Step) -> Result<(), Why> {
        self.may_write()?;
        if let Some(log) = self.log {
            log.started(&step.id).await.map_err(|why| self.halt(why))?;
        }
        self.tell(&Event::Acting { step: step.id.clone() });
        Ok(())
    }

    async fn log_ended(&self, step: &StepId, outcome: &Outcome) {
        if let Some(log) = self.log.filter(|_| !self.is_halted())
            && let Err(why) = log.ended(step, outcome).await
        {
            self.halt(why);
        }
    }

    /// Whether a write may be started now. Asked right before each.
    pub(super) fn may_write(&self) -> Result<(), Why> {
        if let Some(why) = self.halted.get() {
            return Err(Why::Halted(why.clone()));
        }
        self.log.map_or(Ok(()), Log::may_write).map_err(|why| self.halt(why))
    }

    /// Whether the window leaves enough time for a step. Windows are never scaled: they close for people.
    fn fits(&self, plan: &Plan, step: &Step) -> bool {
        let Some(window) = plan.mesh.policy.window.as_ref().filter(|_| step.room_seconds > 0) else { return true };
        let now = self.clock.now();
        let room = SignedDuration::from_secs(i64::try_from(step.room_seconds).unwrap_or(i64::MAX));
        let end = now.checked_add(room);
        open_until(now, window).zip(end.ok()).is_some_and(|(closes, end)| end <= closes)
    }

    pub(super) fn tell(&self, event: &Event) {
        (self.events)(event);
    }

    pub(super) fn writer(&self, cluster: &ClusterName) -> &Mutex<()> {
        self.writers.get(cluster).unwrap_or(&self.nobody)
    }
}

/// Carries the plan out and returns the account. Never fails as a whole: what did not succeed is in the account.
pub async fn carry_out(plan: &Plan, run: &Run<'_>) -> Account {
    let mut walk = Walk::new(plan, &run.earlier);
    let mut running: Running<'_> = FuturesUnordered::new();
    let mut ended: Vec<(usize, Outcome)> = Vec::new();
    let mut stopped_at: Option<StepId> = None;
    loop {
        // a step that is skipped can be what one before it in the list waits for
        loop {
            for (i, outcome) in ended.drain(..) {
                if run.stop_on_error && stopped_at.is_none() && !outcome.is_done() {
                    stopped_at = Some(plan.steps[i].id.clone());
                }
                walk.end(i, outcome, run);
            }
            let skipped = walk.skip_what_cannot_be(run);
            for i in &skipped {
                if let Some(outcome) = &walk.ended[*i] {
                    meanwhile(run.log_ended(&plan.steps[*i].id, outcome), &mut running, &mut ended).await;
                }
            }
            if skipped.is_empty() && ended.is_empty() {
                break;
            }
        }
        let ends = run.stopping() || stopped_at.is_some();
        let mut begin = if ends { Vec::new() } else { walk.begin(&|step| run.fits(plan, step)) };
        if !run.is_halted() && (ends || (begin.is_empty() && running.is_empty())) {
            begin.extend(walk.begin_finalizers());
        }
        for i in begin {
            let step = &plan.steps[i];
            run.tell(&Event::Started { step: step.id.clone() });
            running.push(Box::pin(async move {
                let outcome = act::step(run, step).await;
                // before any step that needs this one begins
                run.log_ended(&step.id, &outcome).await;
                (i, outcome)
            }));
        }
        let Some(end) = running.next().await else { break };
        ended.push(end);
        // what ends with it gives its tokens back first: of links that take the same time, a whole round follows on a round
        while let Some(Some(end)) = running.next().now_or_never() {
            ended.push(end);
        }
    }
    let halted = run.halted.get().cloned();
    let interrupted = run.stopping() && halted.is_none();
    let closed = !run.stopping() && stopped_at.is_none() && walk.ended.iter().any(Option::is_none);
    let outcomes = walk.ended.into_iter().map(|outcome| outcome.unwrap_or(Outcome::NotTried));
    let steps = plan.steps.iter().map(|s| s.id.clone()).zip(outcomes).collect();
    Account { steps, interrupted, closed, halted, stopped_at, done_before: run.earlier.done() }
}

/// The steps that are being carried out.
type Running<'a> = FuturesUnordered<LocalBoxFuture<'a, (usize, Outcome)>>;

/// Does something while the steps go on. Whoever waits beside steps that nobody polls can wait for what one of them holds,
/// such as the journal, for ever.
async fn meanwhile<T>(
    work: impl Future<Output = T>,
    running: &mut Running<'_>,
    ended: &mut Vec<(usize, Outcome)>,
) -> T {
    tokio::pin!(work);
    loop {
        tokio::select! {
            biased;
            done = &mut work => return done,
            Some(end) = running.next(), if !running.is_empty() => ended.push(end),
        }
    }
}

/// Where the walk stands.
struct Walk<'a> {
    steps: &'a [Step],
    index: BTreeMap<&'a StepId, usize>,
    begun: Vec<bool>,
    ended: Vec<Option<Outcome>>,
    /// The hold of each step.
    hold_of: BTreeMap<usize, usize>,
    holds: Vec<HoldState<'a>>,
    /// Permits that are left, by token.
    free: BTreeMap<&'a str, u32>,
}

struct HoldState<'a> {
    tokens: &'a [String],
    open: BTreeSet<usize>,
    taken: bool,
}

impl<'a> Walk<'a> {
    fn new(plan: &'a Plan, earlier: &Earlier) -> Walk<'a> {
        let index: BTreeMap<&StepId, usize> = plan.steps.iter().enumerate().map(|(i, s)| (&s.id, i)).collect();
        let mut hold_of = BTreeMap::new();
        let mut holds = Vec::new();
        let mut begun = Vec::new();
        for hold in &plan.holds {
            let left = hold.steps.iter().filter(|id| earlier.ended(id).is_none());
            let open: BTreeSet<usize> = left.filter_map(|id| index.get(id).copied()).collect();
            hold_of.extend(open.iter().map(|i| (*i, holds.len())));
            if let Some(first) = open.first().filter(|_| hold.steps.iter().any(|id| earlier.touched(id))) {
                begun.push(*first);
            }
            holds.push(HoldState { tokens: &hold.tokens, open, taken: false });
        }
        let mut walk = Walk {
            steps: &plan.steps,
            index,
            begun: vec![false; plan.steps.len()],
            ended: plan.steps.iter().map(|s| earlier.ended(&s.id).cloned()).collect(),
            hold_of,
            holds,
            free: plan.tokens.iter().map(|t| (t.name.as_str(), t.count)).collect(),
        };
        // what an earlier sitting began goes on meanwhile, such as a sync: it has its tokens before anything else begins
        for step in begun {
            walk.take(step);
        }
        walk
    }

    /// Ends the steps that need a step that was not done, and those that need them; returns them.
    fn skip_what_cannot_be(&mut self, run: &Run<'_>) -> Vec<usize> {
        let mut skipped = Vec::new();
        for i in 0..self.steps.len() {
            if self.begun[i] || self.ended[i].is_some() {
                continue;
            }
            let failed = |need: &Need, outcome: &Outcome| {
                // what was not tried because the run stops is not tried further on either
                *need == Need::Done && !outcome.is_done() && *outcome != Outcome::NotTried
            };
            let blocker = self.steps[i].after.iter().find(|after| {
                let before = self.index.get(&after.step).and_then(|i| self.ended[*i].as_ref());
                before.is_some_and(|outcome| failed(&after.need, outcome))
            });
            if let Some(after) = blocker {
                self.end(i, Outcome::Skipped { because: after.step.clone() }, run);
                skipped.push(i);
            } else if let (Some(false), Some(partner)) = (self.undoes(i), self.steps[i].finalizes.clone()) {
                self.end(i, Outcome::Skipped { because: partner }, run);
                skipped.push(i);
            }
        }
        skipped
    }

    /// The steps that begin now, in the plan's order; their tokens are taken. A step that does not fit waits.
    fn begin(&mut self, fits: &dyn Fn(&Step) -> bool) -> Vec<usize> {
        let mut begin = Vec::new();
        for i in 0..self.steps.len() {
            let waits = !self.begun[i] && self.ended[i].is_none();
            if waits && self.ready(i) && fits(&self.steps[i]) && self.take(i) {
                self.begun[i] = true;
                begin.push(i);
            }
        }
        begin
    }

    /// The finalizers of what was done, when nothing else begins any more: they wait only for what is running.
    fn begin_finalizers(&mut self) -> Vec<usize> {
        let mut begin = Vec::new();
        for i in 0..self.steps.len() {
            let due = !self.begun[i]
                && self.ended[i].is_none()
                && self.undoes(i) == Some(true)
                && self.steps[i].after.iter().filter_map(|a| self.index.get(&a.step)).all(|b| self.is_not_running(*b));
            if due {
                self.begun[i] = true;
                begin.push(i);
            }
        }
        begin
    }

    fn is_not_running(&self, i: usize) -> bool {
        !self.begun[i] || self.ended[i].is_some()
    }

    /// Whether a finalizer has something to take back: its partner was done, or may have been. None where that is not
    /// known yet, or the step is no finalizer.
    fn undoes(&self, i: usize) -> Option<bool> {
        let partner = self.index.get(self.steps[i].finalizes.as_ref()?)?;
        let outcome = self.ended[*partner].as_ref()?;
        Some(outcome.is_done() || outcome.wrote())
    }

    fn ready(&self, i: usize) -> bool {
        self.steps[i].after.iter().all(|after| {
            let before = self.index.get(&after.step).and_then(|i| self.ended[*i].as_ref());
            before.is_some_and(|outcome| after.need == Need::Ended || outcome.is_done())
        })
    }

    /// Takes all tokens of the step's hold at once, or none: two links never wait for each other.
    fn take(&mut self, i: usize) -> bool {
        let Some(hold) = self.hold_of.get(&i).map(|h| &mut self.holds[*h]) else { return true };
        if hold.taken {
            return true;
        }
        if !hold.tokens.iter().all(|token| self.free.get(token.as_str()).is_some_and(|n| *n > 0)) {
            return false;
        }
        for token in hold.tokens {
            if let Some(n) = self.free.get_mut(token.as_str()) {
                *n -= 1;
            }
        }
        hold.taken = true;
        true
    }

    fn end(&mut self, i: usize, outcome: Outcome, run: &Run<'_>) {
        run.tell(&Event::Ended { step: self.steps[i].id.clone(), outcome: outcome.clone() });
        self.ended[i] = Some(outcome);
        let Some(hold) = self.hold_of.get(&i).map(|h| &mut self.holds[*h]) else { return };
        hold.open.remove(&i);
        if hold.open.is_empty() && hold.taken {
            hold.taken = false;
            for token in hold.tokens {
                if let Some(n) = self.free.get_mut(token.as_str()) {
                    *n += 1;
                }
            }
        }
    }
}

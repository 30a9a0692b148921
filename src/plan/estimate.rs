//! How long a plan takes: every step from and to, when all goes as expected, by the same rules as the executor's:
//! what waits for what, and the tokens. The vendor publishes few durations, so most are assumptions; they decide
//! nothing but what a person reads.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::hold::{Hold, Token};
use super::step::{Action, Condition, Step, StepId};
use crate::cluster::{Snapshot, service};
use crate::mesh::topology::Pair;
use crate::mesh::{ClusterName, NodeName};

/// How long a plan takes, and whom its restarts touch. All times are seconds of the product's time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Estimate {
    /// When each step runs, counted from the beginning, when every restart that may be asked for is.
    pub steps: BTreeMap<StepId, Timed>,
    /// When the last step has ended.
    pub seconds: u64,
    /// When the last step has ended if every wait takes as long as it may.
    pub worst_seconds: u64,
    /// The same links and restarts by hand: one link after another, its restarts after each.
    pub by_hand_seconds: u64,
}

/// When a step runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Timed {
    /// From.
    pub start: u64,
    /// To.
    pub end: u64,
    /// The users of the node whose XCP Router restarts, where they were read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub users: Option<u64>,
}

/// A service that starts: the vendor's own sample polls every 5 seconds (field-notes 4.2); a minute is an assumption.
const START: u64 = 60;
/// A page that is found, filled in and saved: an assumption.
const PAGE: u64 = 30;
/// The status panel refreshes every 60 seconds (field-notes 2.5).
const PANEL: u64 = 60;
/// An initial sync: an assumption; up to an hour is documented (field-notes 2.5).
const SYNC: u64 = 600;
/// A router restart until its notification is cleared: an assumption.
const ROUTER: u64 = 180;
/// A router restart until all sessions are back (field-notes 2.4: should take 15 minutes or less).
const ROUTER_WITH_SESSIONS: u64 = 900;
/// A redundancy group that settles after its switch was turned: an assumption.
const SWITCH: u64 = 60;

/// Estimates a plan. `restarting` are the links among `links` after which routers may have to restart.
pub(super) fn estimate(
    snapshot: &Snapshot,
    steps: &[Step],
    holds: &[Hold],
    tokens: &[Token],
    links: &[Vec<Pair>],
    restarting: &HashSet<Pair>,
    nodes: &BTreeMap<ClusterName, Vec<NodeName>>,
) -> Estimate {
    let begin = Schedule::new(steps, holds, tokens);
    let expected = schedule(steps, begin.clone(), &expected);
    let worst = schedule(steps, begin, &worst);
    let timed = |(step, (start, end)): (&Step, &(u64, u64))| {
        (step.id.clone(), Timed { start: *start, end: *end, users: users_touched(snapshot, step) })
    };
    let end = |times: &[(u64, u64)]| times.iter().map(|(_, end)| *end).max().unwrap_or(0);
    let of = |cluster: &ClusterName| nodes.get(cluster).map_or(0, Vec::len) as u64;
    let by_hand = |pair: &Pair| match restarting.contains(pair) {
        true => 2 * PAGE + SYNC + (of(pair.a()) + of(pair.b())) * ROUTER + 2 * PANEL,
        // a forced sync on each side
        false => 2 * PANEL,
    };
    Estimate {
        steps: steps.iter().zip(&expected).map(timed).collect(),
        seconds: end(&expected),
        worst_seconds: end(&worst),
        by_hand_seconds: links.iter().flatten().map(by_hand).sum(),
    }
}

/// The users that are assigned to the node whose router a step restarts, where they were read.
fn users_touched(snapshot: &Snapshot, step: &Step) -> Option<u64> {
    let Action::Restart { node, service, .. } = &step.action else { return None };
    if service != service::XCP_ROUTER {
        return None;
    }
    let nodes = snapshot.clusters.get(&step.cluster)?.nodes.read()?;
    nodes.iter().find(|n| n.name.same(node)).map(|n| n.assigned_users)
}

/// How long a step takes when all goes well.
fn expected(step: &Step) -> u64 {
    if step.unless.iter().any(|c| matches!(c, Condition::Secure { .. })) {
        // the second try of a resync, which is rarely needed
        return 0;
    }
    match &step.action {
        Action::Activate { .. } | Action::Start { .. } => START,
        Action::AddPeer { .. } | Action::EditPeer { .. } | Action::DeletePeer { .. } | Action::SetParameter { .. } => {
            PAGE
        }
        Action::ForceSync { .. } | Action::Verify { .. } => PANEL,
        Action::AwaitSync { .. } => SYNC,
        Action::SetHighAvailability { .. } => SWITCH,
        Action::Settle { seconds, .. } => *seconds,
        Action::Restart { service, .. } if service != service::XCP_ROUTER => START,
        Action::Restart { .. } => {
            let sessions = step.until.iter().any(|c| matches!(c, Condition::UsersBack { .. }));
            if sessions { ROUTER_WITH_SESSIONS } else { ROUTER }
        }
    }
}

/// The longest that a step may take: the wait for its gates, and the wait for what must hold afterwards.
pub(super) fn worst(step: &Step) -> u64 {
    if let Action::Settle { seconds, .. } = step.action {
        return seconds;
    }
    let gates = if step.gates.is_empty() { 0 } else { step.within_seconds };
    gates + step.within_seconds
}

/// When each step begins and ends: whatever is ready begins, in the plan's order, as far as there are tokens.
fn schedule(steps: &[Step], mut state: Schedule, duration: &dyn Fn(&Step) -> u64) -> Vec<(u64, u64)> {
    let mut times = vec![(0, 0); steps.len()];
    let mut running: BinaryHeap<Reverse<(u64, usize)>> = BinaryHeap::new();
    let mut now = 0;
    let mut begin: BTreeSet<usize> = BTreeSet::new();
    for i in (0..steps.len()).filter(|i| steps[*i].after.is_empty()) {
        begin.extend(state.ready(i));
    }
    loop {
        for i in std::mem::take(&mut begin) {
            times[i] = (now, now + duration(&steps[i]));
            running.push(Reverse((times[i].1, i)));
        }
        let Some(Reverse((at, first))) = running.pop() else { return times };
        now = at;
        let mut ended = vec![first];
        while let Some(Reverse((at, i))) = running.peek().copied()
            && at == now
        {
            running.pop();
            ended.push(i);
        }
        begin = state.ended(&ended);
    }
}

/// What is still waited for.
#[derive(Clone)]
struct Schedule {
    /// How many steps each waits for.
    before: Vec<usize>,
    /// The steps that wait for each.
    next: Vec<Vec<usize>>,
    hold_of: Vec<Option<usize>>,
    holds: Vec<Held>,
    free: Vec<u32>,
    /// The holds that could not have all of their tokens, each by one of those that are not free: it need not be looked
    /// at again before.
    queues: Vec<BTreeSet<usize>>,
}

#[derive(Clone)]
struct Held {
    tokens: Vec<usize>,
    open: usize,
    taken: bool,
    queued: bool,
    /// Steps that are ready and wait for the tokens.
    ready: Vec<usize>,
}

impl Schedule {
    fn new(steps: &[Step], holds: &[Hold], tokens: &[Token]) -> Schedule {
        let index: HashMap<&str, usize> = steps.iter().enumerate().map(|(i, s)| (&*s.id.0, i)).collect();
        let mut next = vec![Vec::new(); steps.len()];
        let mut before = vec![0; steps.len()];
        for (i, step) in steps.iter().enumerate() {
            for at in step.after.iter().filter_map(|after| index.get(&*after.step.0)) {
                next[*at].push(i);
                before[i] += 1;
            }
        }
        let token: HashMap<&str, usize> = tokens.iter().enumerate().map(|(i, t)| (t.name.as_str(), i)).collect();
        let mut hold_of = vec![None; steps.len()];
        let mut held = Vec::new();
        for (h, hold) in holds.iter().enumerate() {
            let members: Vec<usize> = hold.steps.iter().filter_map(|id| index.get(&*id.0).copied()).collect();
            for i in &members {
                hold_of[*i] = Some(h);
            }
            let tokens = hold.tokens.iter().filter_map(|name| token.get(name.as_str()).copied()).collect();
            held.push(Held { tokens, open: members.len(), taken: false, queued: false, ready: Vec::new() });
        }
        let free = tokens.iter().map(|t| t.count.max(1)).collect();
        Schedule { before, next, hold_of, holds: held, free, queues: vec![BTreeSet::new(); tokens.len()] }
    }

    /// A step waits for no other any more: it begins, and whatever waited with it for the tokens, or it queues.
    fn ready(&mut self, i: usize) -> Vec<usize> {
        let Some(h) = self.hold_of[i] else { return vec![i] };
        if self.holds[h].taken {
            return vec![i];
        }
        self.holds[h].ready.push(i);
        if self.holds[h].queued { Vec::new() } else { self.take(h) }
    }

    /// Takes all tokens of a hold, or none and queues; returns the steps that begin.
    fn take(&mut self, h: usize) -> Vec<usize> {
        let hold = &mut self.holds[h];
        if let Some(t) = hold.tokens.iter().find(|t| self.free[**t] == 0) {
            hold.queued = self.queues[*t].insert(h);
            return Vec::new();
        }
        for t in &hold.tokens {
            self.free[*t] -= 1;
        }
        (hold.taken, hold.queued) = (true, false);
        std::mem::take(&mut hold.ready)
    }

    /// Steps have ended, all at the same time; returns the steps that begin.
    fn ended(&mut self, steps: &[usize]) -> BTreeSet<usize> {
        let mut begin = BTreeSet::new();
        let mut freed = BTreeSet::new();
        for i in steps {
            for at in std::mem::take(&mut self.next[*i]) {
                self.before[at] -= 1;
                if self.before[at] == 0 {
                    begin.extend(self.ready(at));
                }
            }
        }
        for h in steps.iter().filter_map(|i| self.hold_of[*i]) {
            let hold = &mut self.holds[h];
            hold.open -= 1;
            if hold.open == 0 {
                for t in &hold.tokens {
                    self.free[*t] += 1;
                    freed.insert(*t);
                }
            }
        }
        // the holds that wait for them, in the plan's order
        let mut first: BinaryHeap<Reverse<(usize, usize)>> =
            freed.into_iter().filter_map(|t| Some(Reverse((*self.queues[t].first()?, t)))).collect();
        while let Some(Reverse((h, t))) = first.pop() {
            if self.free[t] > 0 {
                self.queues[t].remove(&h);
                begin.extend(self.take(h));
                first.extend(self.queues[t].range(h + 1..).next().map(|next| Reverse((*next, t))));
            }
        }
        begin
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::step::{After, Need};

    fn step(id: &str, seconds: u64, after: &[&str]) -> Step {
        let action = Action::Settle { seconds, what: crate::plan::step::SettleFor::Notifications };
        Step {
            after: after.iter().map(|id| After { step: StepId((*id).into()), need: Need::Done }).collect(),
            ..Step::new(StepId(id.into()), &"a".into(), action, "test")
        }
    }

    fn check(steps: &[Step], holds: &[(&[&str], &[&str])], expected: &[(u64, u64)]) {
        let tokens = ["x", "y"].map(|name| Token { name: name.into(), count: 1 });
        let hold = |(tokens, steps): &(&[&str], &[&str])| Hold {
            tokens: tokens.iter().map(|t| (*t).to_owned()).collect(),
            steps: steps.iter().map(|s| StepId((*s).into())).collect(),
        };
        let holds: Vec<Hold> = holds.iter().map(hold).collect();
        assert_eq!(schedule(steps, Schedule::new(steps, &holds, &tokens), &worst), expected);
    }

    #[test]
    fn steps_run_when_what_they_wait_for_has_ended() {
        let steps = [step("a", 10, &[]), step("b", 5, &[]), step("c", 1, &["a", "b"])];
        check(&steps, &[], &[(0, 10), (0, 5), (10, 11)]);
    }

    #[test]
    fn a_token_is_held_from_the_first_step_to_the_last() {
        let steps = [step("a", 10, &[]), step("b", 5, &["a"]), step("c", 1, &[])];
        check(&steps, &[(&["x"], &["a", "b"]), (&["x"], &["c"])], &[(0, 10), (10, 15), (15, 16)]);
    }

    #[test]
    fn what_needs_another_token_goes_ahead() {
        let steps = [step("a", 10, &[]), step("b", 5, &[]), step("c", 7, &[])];
        let holds: [(&[&str], &[&str]); 3] = [(&["x"], &["a"]), (&["x", "y"], &["b"]), (&["y"], &["c"])];
        // `b` cannot have both, and takes none meanwhile
        check(&steps, &holds, &[(0, 10), (10, 15), (0, 7)]);
    }
}

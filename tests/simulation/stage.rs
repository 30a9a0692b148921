//! What all parts of a simulated story share: the trace, what goes wrong next, and what is known to be durable.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use futures::FutureExt;
use intermesh::plan::Plan;
use intermesh::plan::step::{Action, StepId};
use intermesh::store::RunId;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::order::Dice;
use crate::scenario::{Ending, Scenario};
use crate::trace::Trace;

/// Shared by its clones.
#[derive(Clone, Debug)]
pub struct Stage {
    inner: Arc<Mutex<Inner>>,
    /// Told when the process dies.
    pub death: Arc<Notify>,
    began: Instant,
    /// Whose part this is: the other process's, which does not end as the story wants it for the first.
    rival: bool,
}

#[derive(Debug)]
pub struct Inner {
    pub trace: Trace,
    pub dice: Dice,
    /// Nothing goes wrong any more.
    pub quiet: bool,
    /// Calls to clusters, and writes to the store, that may still go wrong.
    pub seam: (usize, usize),
    pub store: (usize, usize),
    /// How the sitting is to end.
    pub ending: Option<Ending>,
    /// The process of this sitting has died: nothing that it still had in hand goes on.
    pub dead: bool,
    /// The other process goes on with the run: the first has lost it, and may not know yet.
    pub taken: bool,
    /// The first process does not reach the store until then.
    pub cut_until: Duration,
    /// Objects written and orders given in this sitting.
    pub objects: usize,
    pub orders: usize,
    /// The run in hand, its plan, and its steps whose beginning is durable and whose end is not.
    pub run: Option<RunId>,
    pub keys: BTreeMap<StepId, String>,
    pub open: BTreeSet<StepId>,
    /// Until when the store takes no writes.
    pub full_until: Duration,
    /// Until when a node's services are shown as `Starting`.
    pub hanging: BTreeMap<String, Duration>,
    /// Names of clusters and nodes that an accident hit.
    pub touched: BTreeSet<String>,
    /// Orders of accidents, by their place in the world's log.
    pub accidents: BTreeSet<usize>,
    /// Laws that were broken.
    pub broken: Vec<String>,
    /// How often each kind of thing went wrong.
    pub faults: BTreeMap<&'static str, usize>,
}

impl Stage {
    pub fn new(scenario: &Scenario, keeps_lines: bool) -> Stage {
        let inner = Inner {
            trace: Trace::new(keeps_lines),
            dice: Dice::new(scenario.dice),
            quiet: false,
            seam: scenario.seam,
            store: scenario.store,
            ending: None,
            dead: false,
            taken: false,
            cut_until: Duration::ZERO,
            objects: 0,
            orders: 0,
            run: None,
            keys: BTreeMap::new(),
            open: BTreeSet::new(),
            full_until: Duration::ZERO,
            hanging: BTreeMap::new(),
            touched: BTreeSet::new(),
            accidents: BTreeSet::new(),
            broken: Vec::new(),
            faults: BTreeMap::new(),
        };
        Stage { inner: Arc::new(Mutex::new(inner)), death: Arc::default(), began: Instant::now(), rival: false }
    }

    /// The same story, for the other process.
    pub fn of_rival(&self) -> Stage {
        Stage { rival: true, ..self.clone() }
    }

    /// Lets something happen beside the processes. A panic in it breaks the story; by itself it would end its task alone.
    pub fn beside(&self, what: impl Future<Output = ()> + Send + 'static) {
        let stage = self.clone();
        tokio::spawn(async move {
            if let Err(panic) = AssertUnwindSafe(what).catch_unwind().await {
                stage.broken(format!("an accident panicked: {}", crate::words_of(&*panic)));
            }
        });
    }

    pub fn now(&self) -> Duration {
        self.began.elapsed()
    }

    pub fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    pub fn tell(&self, what: impl std::fmt::Display) {
        self.lock().trace.add(self.now(), what);
    }

    pub fn broken(&self, what: String) {
        self.tell(format_args!("BROKEN {what}"));
        self.lock().broken.push(what);
    }

    /// The process dies here.
    pub async fn die(&self) {
        self.tell("the process dies");
        self.lock().dead = true;
        self.death.notify_one();
        std::future::pending::<()>().await;
    }

    /// What a dead process still had in hand does not go on.
    pub async fn alive(&self) {
        if !self.rival && self.lock().dead {
            std::future::pending::<()>().await;
        }
    }

    /// Another object is about to be written: how the sitting is to end, and how many were before.
    pub fn object(&self) -> (Option<Ending>, usize) {
        if self.rival {
            return (None, 0);
        }
        let mut inner = self.lock();
        inner.objects += 1;
        (inner.ending, inner.objects - 1)
    }

    /// Another order is about to leave: how the sitting is to end, and how many were before. None may leave a process that
    /// has lost its run.
    pub fn order(&self, key: &str) -> (Option<Ending>, usize) {
        self.ordered(key);
        if self.rival {
            return (None, 0);
        }
        if self.lock().taken {
            self.broken(format!("`{key}` is ordered by a process that has lost the run"));
        }
        let mut inner = self.lock();
        inner.orders += 1;
        (inner.ending, inner.orders - 1)
    }

    /// Whether the store cannot be reached from here.
    pub fn cut_off(&self) -> bool {
        !self.rival && self.now() < self.lock().cut_until
    }

    /// An object of the journal in hand was written: the other process has the run from its first one on.
    pub fn recorded(&self, path: &str) {
        let mut inner = self.lock();
        if self.rival {
            inner.taken = true;
        } else if inner.taken {
            drop(inner);
            self.broken(format!("{path} is written by a process that has lost the run"));
        }
    }

    /// A plan is about to be carried out in this run.
    pub fn works_at(&self, run: &RunId, plan: &Plan, again: bool) {
        let mut inner = self.lock();
        inner.run = Some(run.clone());
        if !again {
            inner.open.clear();
        }
        inner.keys =
            plan.steps.iter().filter_map(|s| Some((s.id.clone(), key(s.cluster.as_str(), &s.action)?))).collect();
    }

    /// An order leaves: that it would must be durable.
    fn ordered(&self, key: &str) {
        let announced = {
            let inner = self.lock();
            inner.open.iter().any(|id| inner.keys.get(id).is_some_and(|known| known == key))
        };
        if !announced {
            self.broken(format!("`{key}` is ordered, and no durable record says that it would be"));
        }
    }
}

impl Inner {
    /// Whether a call to a cluster goes wrong now. An order counts for several reads: there are few of them.
    pub fn seam_fails(&mut self, counts_for: usize) -> bool {
        let (rate, left) = self.seam;
        let fails = !self.quiet && left > 0 && self.dice.below(1000) < rate * counts_for;
        self.seam.1 -= usize::from(fails);
        fails
    }

    /// Whether a write to the store goes wrong now.
    pub fn store_fails(&mut self) -> bool {
        let (rate, left) = self.store;
        let fails = !self.quiet && left > 0 && self.dice.below(1000) < rate;
        self.store.1 -= usize::from(fails);
        fails
    }

    pub fn count(&mut self, fault: &'static str) {
        *self.faults.entry(fault).or_default() += 1;
    }
}

/// What a step orders, in words that are the same for the plan, the seam and the world's log; none where it orders nothing.
fn key(cluster: &str, action: &Action) -> Option<String> {
    Some(match action {
        Action::Activate { node, service } => format!("activate {service} on {node}"),
        Action::Start { node, service } => format!("start {service} on {node}"),
        Action::Restart { node, service, .. } => format!("restart {service} on {node}"),
        Action::AddPeer { address, .. } => format!("add {address} on {cluster}"),
        Action::EditPeer { address, .. } => format!("update {address} on {cluster}"),
        Action::ForceSync { address, .. } => format!("sync {address} on {cluster}"),
        Action::SetParameter { node, label, .. } => format!("set {label} on {node}"),
        Action::SetHighAvailability { group, enabled, .. } => format!("switch {group} on {cluster} {enabled}"),
        Action::DeletePeer { address } => format!("delete {address} on {cluster}"),
        Action::AwaitSync { .. } | Action::Settle { .. } | Action::Verify { .. } => return None,
    })
}

//! A run under the mesh's lease, with its journal: what `apply` does around the executor.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use super::store::{StoreChoice, failure, owner};
use super::view::View;
use super::{Exit, Failure, Printer};
use crate::apply::{Account, Earlier, Journaled};
use crate::cluster::{Clock, SystemClock};
use crate::mesh::Mesh;
use crate::plan::Plan;
use crate::report::counted;
use crate::store::{AppliedFact, End, Journal, Lease, Owner, RunId, State, Store, StoreError, Terms, Wanted};

/// How long a store may take to be told of the end, where everything is over but this.
const LAST_WORDS: Duration = Duration::from_secs(10);
/// How often what is shown is kept beside the journal: a killed run is shown again up to its last minute.
const KEPT_EVERY: Duration = Duration::from_secs(60);

/// Where runs are kept, and by whom.
pub struct Keeping {
    /// The store.
    pub store: Store,
    owner: Owner,
    /// Real time, in a lab too: leases are renewed by it, and journals are read by people.
    clock: Arc<dyn Clock>,
}

/// The mesh's lease, for one run.
pub struct Locked<'a> {
    keeping: &'a Keeping,
    lease: Lease,
    run: RunId,
    /// An unfinished run that a new one takes the place of.
    replaces: Option<RunId>,
}

/// A run that is written down as it goes.
pub struct Sitting<'a> {
    locked: &'a Locked<'a>,
    journal: Journal,
    mesh: String,
    /// Where the run stood, when it is gone on with.
    pub earlier: Earlier,
}

impl Keeping {
    /// The store that the command line means.
    ///
    /// # Errors
    /// It cannot be used.
    pub fn open(choice: &StoreChoice, printer: &Printer) -> Result<Keeping, Failure> {
        let clock = Arc::new(SystemClock::default());
        Ok(Keeping { store: choice.open(printer)?, owner: owner()?, clock })
    }

    /// Takes the mesh's lease for a new run. Says so where an earlier one is unfinished.
    ///
    /// # Errors
    /// Somebody has it, or the store fails.
    pub async fn lock(&self, mesh: &Mesh, printer: &Printer) -> Result<Locked<'_>, Failure> {
        let mut locked = self.lock_for(mesh, RunId::new(self.clock.now(), &self.owner)).await?;
        match self.store.last_unfinished(&mesh.metadata.name).await {
            Ok(None) => {}
            Ok(Some(run)) => {
                printer.note(&format!(
                    "run {run} is unfinished: `intermesh apply --resume MESH` goes on with it; this makes a new plan, \
                     and what is done is found done"
                ));
                locked.replaces = Some(run);
            }
            // the new run does not need it
            Err(error) => printer.note(&format!("warning: an earlier run cannot be read: {error}")),
        }
        Ok(locked)
    }

    /// Takes the mesh's lease for this run.
    ///
    /// # Errors
    /// Somebody has it, or the store fails.
    pub async fn lock_for(&self, mesh: &Mesh, run: RunId) -> Result<Locked<'_>, Failure> {
        let wanted = Wanted::of(mesh, run.clone());
        let clock = Arc::clone(&self.clock);
        let lease = self.store.acquire(&wanted, &self.owner, clock, Terms::default()).await.map_err(failure)?;
        Ok(Locked { keeping: self, lease, run, replaces: None })
    }
}

impl Locked<'_> {
    /// Begins the run. An unfinished one that it takes the place of can be gone on with no more: its plan is old.
    ///
    /// # Errors
    /// The store fails.
    pub async fn begin(&self, plan: &Plan, printer: &Printer) -> Result<Sitting<'_>, Failure> {
        let Keeping { store, owner, clock } = self.keeping;
        if let Some(old) = &self.replaces
            && let Err(error) = self.put_aside(&plan.mesh.metadata.name, old).await
        {
            printer.note(&format!("warning: run {old} stays unfinished: {}", error.message));
        }
        let journal = Journal::begin(store, self.run.clone(), plan, owner, Arc::clone(clock)).await.map_err(failure)?;
        printer.note(&format!("run {}, kept in `{}`", self.run, store.place()));
        let mesh = plan.mesh.metadata.name.clone();
        Ok(Sitting { locked: self, journal, mesh, earlier: Earlier::default() })
    }

    async fn put_aside(&self, mesh: &str, old: &RunId) -> Result<(), Failure> {
        let Keeping { store, owner, clock } = self.keeping;
        let resumed = Journal::resume(store, mesh, old, owner, Arc::clone(clock)).await;
        let (journal, _, _) = resumed.map_err(failure)?;
        journal.end(End::Partly).await.map_err(failure)
    }

    /// Where the run stands, now that nobody else can be at it.
    ///
    /// # Errors
    /// There is no such run, it has come to its end, or the store fails.
    pub async fn stands(&self, mesh: &str) -> Result<State, Failure> {
        let state = self.keeping.store.run(mesh, &self.run).await.map_err(failure)?;
        if state.is_finished() { Err(finished(&self.run)) } else { Ok(state) }
    }

    /// Goes on with the run.
    ///
    /// # Errors
    /// There is no such run, it has come to its end, or the store fails.
    pub async fn resume(&self, mesh: &str) -> Result<Sitting<'_>, Failure> {
        let Keeping { store, owner, clock } = self.keeping;
        let resumed = Journal::resume(store, mesh, &self.run, owner, Arc::clone(clock)).await;
        let (journal, plan, stood) = resumed.map_err(failure)?;
        let earlier = Earlier::of(&plan, &stood);
        Ok(Sitting { locked: self, journal, mesh: mesh.to_owned(), earlier })
    }

    /// Gives the lease back. What cannot be given back ends by itself.
    pub async fn release(self, printer: &Printer) {
        let released = tokio::time::timeout(LAST_WORDS, self.lease.release()).await;
        if !matches!(released, Ok(Ok(()))) {
            printer.note("the lock could not be given back; it ends by itself within two minutes");
        }
    }
}

impl Sitting<'_> {
    /// The run's name.
    pub fn run(&self) -> &RunId {
        &self.locked.run
    }

    /// Who is at it.
    pub fn owner(&self) -> &Owner {
        &self.locked.keeping.owner
    }

    /// Where the executor writes down what it does.
    pub fn log(&self) -> Journaled<'_> {
        let Locked { keeping, lease, .. } = self.locked;
        Journaled { journal: &self.journal, lease, clock: Arc::clone(&keeping.clock) }
    }

    /// Keeps what the journal does not of what is shown, now and then, until it is not waited for any more: nothing hangs
    /// on it.
    pub async fn keep_what_is_shown(&self, view: &View<'_>) -> Infallible {
        loop {
            tokio::time::sleep(KEPT_EVERY).await;
            // what cannot be kept now is tried again with what comes
            let _ = self.keep_shown(view).await;
        }
    }

    /// Keeps the rest of it. What cannot be kept is only told.
    pub async fn keep_the_rest(&self, view: &View<'_>, printer: &Printer) {
        let kept = tokio::time::timeout(LAST_WORDS, self.keep_shown(view)).await;
        if !matches!(kept, Ok(Ok(()))) {
            printer.note("what steps waited for could not be kept: `intermesh runs show --replay` shows less");
        }
    }

    async fn keep_shown(&self, view: &View<'_>) -> Result<(), StoreError> {
        let moments = view.moments();
        if moments.is_empty() {
            return Ok(());
        }
        let (store, mesh) = (&self.locked.keeping.store, &self.mesh);
        store.keep_moments(mesh, self.run(), &self.owner().nonce, &moments).await?;
        view.kept(moments.len());
        Ok(())
    }

    /// Writes the end of the run, and what it made of the clusters. The work is done by now, so what goes wrong here
    /// is only told. Returns how it ended; none where it can no more be written down.
    pub async fn end(&self, plan: &Plan, account: &Account, left_to_people: bool, printer: &Printer) -> Option<End> {
        if account.halted.is_some() {
            printer.note("`intermesh apply --resume MESH` goes on with it");
            return None;
        }
        let end = self.how(account, left_to_people);
        let written = tokio::time::timeout(LAST_WORDS, async {
            self.journal.end(end).await?;
            if end == End::Done { self.keep_facts(plan).await } else { Ok(()) }
        });
        match written.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => printer.err(&format!("the end of the run could not be written down: {error}")),
            Err(_) => printer.err("the end of the run could not be written down: the store does not answer"),
        }
        if end == End::Paused {
            printer.note(&format!("run {} can be gone on with: `intermesh apply --resume MESH`", self.locked.run));
        } else if self.earlier.closed() > 0 {
            printer.note(&format!(
                "{} can be done by a new plan only, as what was prepared for it was taken back: `intermesh apply MESH`",
                counted(self.earlier.closed(), "step")
            ));
        }
        Some(end)
    }

    fn how(&self, account: &Account, left_to_people: bool) -> End {
        let stopped = account.interrupted || account.closed || account.stopped_at.is_some() || left_to_people;
        if account.complete() {
            End::Done
        } else if stopped && self.earlier.closed() == 0 {
            End::Paused
        } else {
            End::Partly
        }
    }

    async fn keep_facts(&self, plan: &Plan) -> Result<(), StoreError> {
        let Keeping { store, owner, clock } = self.locked.keeping;
        let facts = plan.transition.facts.iter().map(|fact| AppliedFact {
            cluster: fact.cluster.clone(),
            about: fact.about.clone(),
            value: fact.then.clone(),
        });
        let mesh = &plan.mesh.metadata.name;
        store.keep_applied(mesh, &self.locked.run, facts.collect(), owner, clock.now()).await
    }
}

/// A run that cannot be gone on with, for the user.
pub fn finished(run: &RunId) -> Failure {
    Failure::new(Exit::Refused, format!("run {run} has come to its end; nothing was done"))
        .hint("`intermesh apply MESH` makes a new plan for what is left.")
}

//! The journal of a run: what was about to be done, and how it ended, in numbered records that nobody changes.
//!
//! A record is durable when [`Journal::append`] returns. One that could not be written closes the journal: nobody
//! knows whether it is there, so the process must not act on it, and the next one that resumes reads what is there.
//! A number that somebody else took means that the run was taken away.

use std::sync::Arc;

use tokio::sync::Mutex;

use super::error::StoreError;
use super::names::Layout;
use super::object::checksum;
use super::owner::Owner;
use super::place::{Created, Store};
use super::record::{self, End, Entry, Outcome, Record};
use super::row::Row;
use super::run::{Run, RunId};
use super::state::{Overview, State};
use crate::cluster::Clock;
use crate::plan::step::StepId;
use crate::plan::{self, Plan};

/// The journal of a run that this process is at.
pub struct Journal {
    row: Row,
    id: RunId,
    writer: String,
    clock: Arc<dyn Clock>,
    inner: Mutex<Inner>,
}

struct Inner {
    next: u64,
    state: State,
    /// Why no more is written.
    closed: Option<String>,
}

impl Journal {
    /// Begins a run: keeps its plan, and writes the first record. The lease comes before.
    ///
    /// # Errors
    /// The store cannot be written, or somebody took the run away already.
    pub async fn begin(
        store: &Store,
        id: RunId,
        plan: &Plan,
        by: &Owner,
        clock: Arc<dyn Clock>,
    ) -> Result<Journal, StoreError> {
        let mesh = &plan.mesh.metadata.name;
        let path = store.layout.plan(mesh, &id);
        let text = plan::write(plan).map_err(|e| StoreError::Failed {
            doing: "write",
            path: path.to_string(),
            why: e.to_string(),
        })?;
        let run = Run {
            id: id.clone(),
            mesh: mesh.clone(),
            started_at: clock.now(),
            by: by.clone(),
            made_by: env!("CARGO_PKG_VERSION").to_owned(),
            steps: plan.steps.len(),
            plan_sha256: checksum(text.as_bytes()),
        };
        let row = row(store, mesh, &id);
        // the plan is first: a run that began has one
        if store.create(&path, text.into_bytes()).await? == Created::Taken {
            return Err(StoreError::Collision { path: path.to_string() });
        }
        let entry = Entry { at: run.started_at, record: Record::RunStarted { run } };
        match row.create(1, &by.nonce, &entry).await {
            Err(StoreError::Collision { .. }) => return Err(taken_away(&row, &id, 1).await),
            written => written?,
        }
        let state = misfit(State::begin(entry), &id, 1)?;
        Ok(Journal::at(row, id, by, clock, 2, state))
    }

    /// Goes on with a run: reads where it stands, and takes the next number, so that whoever was at it before cannot
    /// write any more. The lease comes before. Returns the journal, the plan, and where the run stood.
    ///
    /// # Errors
    /// There is no such run, it has come to its end, its journal cannot be read, or the store cannot be written.
    pub async fn resume(
        store: &Store,
        mesh: &str,
        id: &RunId,
        by: &Owner,
        clock: Arc<dyn Clock>,
    ) -> Result<(Journal, Plan, State), StoreError> {
        let row = row(store, mesh, id);
        let mut tries = 0;
        loop {
            tries += 1;
            let (mut state, next) = read(&row, mesh, id).await?;
            let plan = store.plan_of(&state.run).await?;
            if let Some(stranger) = state.strangers(&plan).first() {
                let why = format!("step `{stranger}` is not of the run's plan");
                return Err(StoreError::Misfit { run: id.clone(), number: next - 1, why });
            }
            let stood = state.clone();
            let record = Record::Resumed {
                by: by.clone(),
                made_by: env!("CARGO_PKG_VERSION").to_owned(),
                dropped: state.torn.take(),
            };
            let entry = Entry { at: clock.now(), record };
            misfit(state.fold(entry.clone()), id, next)?;
            match row.create(next, &by.nonce, &entry).await {
                // a record of the process before came in late: it is read, and counts
                Err(StoreError::Collision { .. }) if tries < TRIES => {}
                Err(error) => return Err(error),
                Ok(()) => {
                    let journal = Journal::at(row, id.clone(), by, clock, next + 1, state);
                    return Ok((journal, plan, stood));
                }
            }
        }
    }

    fn at(row: Row, id: RunId, by: &Owner, clock: Arc<dyn Clock>, next: u64, state: State) -> Journal {
        let inner = Mutex::new(Inner { next, state, closed: None });
        Journal { row, id, writer: by.nonce.clone(), clock, inner }
    }

    /// The run's name.
    pub fn id(&self) -> &RunId {
        &self.id
    }

    /// Says that a step is about to act. It may when this has returned, and the lease still stands.
    ///
    /// # Errors
    /// As for every record: it is not sure to be written, and the step must not act.
    pub async fn step_started(&self, step: &StepId) -> Result<(), StoreError> {
        self.append(Record::StepStarted { step: step.clone() }).await
    }

    /// Says how a step ended.
    ///
    /// # Errors
    /// The record is not sure to be written.
    pub async fn step_ended(&self, step: &StepId, outcome: Outcome) -> Result<(), StoreError> {
        self.append(Record::StepEnded { step: step.clone(), outcome }).await
    }

    /// Says that the run came to an end; the numbers are the journal's own.
    ///
    /// # Errors
    /// The record is not sure to be written.
    pub async fn end(&self, end: End) -> Result<(), StoreError> {
        let mut inner = self.inner.lock().await;
        let totals = inner.state.totals();
        self.write(&mut inner, Record::RunEnded { end, totals }).await
    }

    /// Writes a record; durable when it returns.
    ///
    /// # Errors
    /// The record does not fit, the run was taken away, or the store cannot be written.
    pub async fn append(&self, record: Record) -> Result<(), StoreError> {
        let mut inner = self.inner.lock().await;
        self.write(&mut inner, record).await
    }

    /// Where the run stands by what is written.
    pub async fn state(&self) -> State {
        self.inner.lock().await.state.clone()
    }

    async fn write(&self, inner: &mut Inner, record: Record) -> Result<(), StoreError> {
        if let Some(why) = &inner.closed {
            return Err(StoreError::JournalClosed { run: self.id.clone(), why: why.clone() });
        }
        let number = inner.next;
        let entry = Entry { at: self.clock.now(), record };
        misfit(inner.state.fits(&entry.record), &self.id, number)?;
        // who drops this future half-way leaves a journal of which nobody knows the end
        inner.closed = Some("it was given up while it was written".into());
        let error = match self.row.create(number, &self.writer, &entry).await {
            Ok(()) => {
                (inner.next, inner.closed) = (number + 1, None);
                return misfit(inner.state.fold(entry), &self.id, number);
            }
            Err(StoreError::Collision { .. }) => taken_away(&self.row, &self.id, number).await,
            Err(error) => error,
        };
        inner.closed = Some(error.to_string());
        Err(error)
    }
}

/// More collisions than a process that is at its end can cause.
const TRIES: usize = 20;

/// Takes the next number of a run's journal, so that whoever is at it cannot write any more. Nothing is done where it
/// has come to its end, or was fenced before.
pub(super) async fn fence(
    store: &Store,
    mesh: &str,
    id: &RunId,
    by: &Owner,
    reason: &str,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    let row = row(store, mesh, id);
    let mut tries = 0;
    loop {
        tries += 1;
        let last = row.last().await?;
        let dropped = match last {
            0 => None,
            number => match row.read::<Entry>(number).await {
                Ok(Entry { record: Record::Broken { .. } | Record::RunEnded { .. }, .. }) => return Ok(()),
                Ok(_) => None,
                Err(StoreError::Damaged { .. }) => Some(number),
                Err(error) => return Err(error),
            },
        };
        let record = Record::Broken { by: by.clone(), reason: reason.to_owned(), dropped };
        match row.create(last + 1, &by.nonce, &Entry { at: clock.now(), record }).await {
            Err(StoreError::Collision { .. }) if tries < TRIES => {}
            written => return written,
        }
    }
}

/// What the journal of a run tells.
pub(super) async fn state(store: &Store, mesh: &str, id: &RunId) -> Result<State, StoreError> {
    Ok(read(&row(store, mesh, id), mesh, id).await?.0)
}

/// The records of a run's journal, all that can be read.
pub(super) async fn entries(store: &Store, mesh: &str, id: &RunId) -> Result<Vec<Entry>, StoreError> {
    let row = row(store, mesh, id);
    let numbers = row.numbers().await?;
    Ok(row.read_all(&numbers).await.into_iter().filter_map(|(_, entry)| entry.ok()).collect())
}

/// What a list tells of a run: two objects are enough where it has come to its end.
pub(super) async fn overview(store: &Store, mesh: &str, id: &RunId) -> Result<Overview, StoreError> {
    let row = row(store, mesh, id);
    let last = row.last().await?;
    if last > 1
        && let Ok(Entry { at, record: Record::RunEnded { end, totals } }) = row.read(last).await
    {
        let first: Entry = row.read(1).await?;
        if let Record::RunStarted { run } = first.record {
            return Ok(Overview { run, totals, end: Some((at, end)), broken: None, last_at: at });
        }
    }
    Ok(read(&row, mesh, id).await?.0.overview())
}

fn row(store: &Store, mesh: &str, id: &RunId) -> Row {
    let layout: &Layout = &store.layout;
    Row::new(store, layout.journal(mesh, id), record::KIND)
}

/// Reads a journal: where the run stands, and the next number.
async fn read(row: &Row, mesh: &str, id: &RunId) -> Result<(State, u64), StoreError> {
    let none = || StoreError::NoRun { mesh: mesh.to_owned(), run: id.clone() };
    let numbers = row.numbers().await?;
    // without its first record a run never began, or was pruned
    if numbers.first() != Some(&1) {
        return Err(none());
    }
    let last = numbers.len() as u64;
    if let Some((expected, _)) = (1..).zip(&numbers).find(|(expected, number)| expected != *number) {
        return Err(StoreError::Missing { path: row.path(expected).to_string() });
    }
    let mut entries = row.read_all::<Entry>(&numbers).await.into_iter().peekable();
    let mut state: Option<State> = None;
    while let Some((number, entry)) = entries.next() {
        match (entry, &mut state) {
            // torn as the only record once, and broken since: the run never began
            (Ok(Entry { record: Record::Broken { .. }, .. }), None) => return Err(none()),
            (Ok(entry), None) => state = Some(misfit(State::begin(entry), id, number)?),
            (Ok(entry), Some(state)) => misfit(state.fold(entry), id, number)?,
            (Err(error @ StoreError::Damaged { .. }), state) => {
                // who went on after a torn record may have died at its own first one
                let mut torn = number;
                while let Some((next, _)) = entries.next_if(|(_, e)| matches!(e, Err(StoreError::Damaged { .. }))) {
                    torn = next;
                }
                if let Some(state) = state.as_mut().filter(|_| torn == last) {
                    state.torn = Some(torn);
                } else if torn != last && !entries.peek().is_some_and(|(_, next)| drops(next, torn)) {
                    // it was not torn as the last one, or the one after it would say so
                    return Err(error);
                }
            }
            (Err(error), _) => return Err(error),
        }
    }
    Ok((state.ok_or_else(none)?, last + 1))
}

fn drops(entry: &Result<Entry, StoreError>, number: u64) -> bool {
    let Ok(Entry { record: Record::Resumed { dropped, .. } | Record::Broken { dropped, .. }, .. }) = entry else {
        return false;
    };
    *dropped == Some(number)
}

fn misfit<T>(folded: Result<T, String>, id: &RunId, number: u64) -> Result<T, StoreError> {
    folded.map_err(|why| StoreError::Misfit { run: id.clone(), number, why })
}

/// Who took the run away, by the record that was there first.
async fn taken_away(row: &Row, id: &RunId, number: u64) -> StoreError {
    let by = match row.read::<Entry>(number).await {
        Ok(Entry { record: Record::Broken { by, reason, .. }, .. }) => format!("{by}: {reason}"),
        Ok(Entry { record: Record::Resumed { by, .. } | Record::RunStarted { run: Run { by, .. } }, .. }) => {
            format!("{by} goes on with it")
        }
        Ok(_) => "another process goes on with it".to_owned(),
        Err(error) => format!("record {number} is not this process's ({error})"),
    };
    StoreError::TakenAway { run: id.clone(), by }
}

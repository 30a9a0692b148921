//! What the store still knows of the last run, for the labels of drift. Without it the labels are missing, and nothing
//! else.

use super::Printer;
use super::store::StoreChoice;
use crate::plan::drift::{Before, Last, LastFact};
use crate::store::{Store, StoreError};

/// The last run that was applied as a whole; none where none is known. A store that fails costs the labels, and a remark
/// says so.
pub async fn last_run(choice: &StoreChoice, mesh: &str, printer: &Printer) -> Option<Last> {
    let store = match choice.open(printer) {
        Ok(store) => store,
        Err(failure) => {
            printer.note(&format!("warning: {}; no finding says who moved", failure.message));
            return None;
        }
    };
    match read(&store, mesh).await {
        Ok(last) => last,
        Err(error) => {
            printer.note(&format!("warning: the last run cannot be read: {error}; no finding says who moved"));
            None
        }
    }
}

async fn read(store: &Store, mesh: &str) -> Result<Option<Last>, StoreError> {
    let Some(applied) = store.applied(mesh).await? else { return Ok(None) };
    // a run that was pruned takes its plan along; what it made is still known
    let before = match store.run(mesh, &applied.run).await {
        Ok(state) => store.plan_of(&state.run).await.ok(),
        Err(_) => None,
    };
    let before = before.map(|plan| Before { mesh: plan.mesh, snapshot: plan.snapshot });
    let fact =
        |fact: crate::store::AppliedFact| LastFact { cluster: fact.cluster, about: fact.about, value: fact.value };
    let facts = applied.facts.into_iter().map(fact).collect();
    Ok(Some(Last { run: applied.run.to_string(), at: applied.at, facts, before }))
}

//! Old runs are removed when somebody asks for it, never by themselves.

use std::time::Duration;

use jiff::Timestamp;

use super::error::StoreError;
use super::lease::{Terms, earlier};
use super::place::Store;
use super::run::RunId;

/// Which runs go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruning {
    /// This many of the newest stay.
    pub keep: usize,
    /// Those that are younger stay.
    pub older_than: Option<Duration>,
    /// Also runs that could be gone on with, and those whose journal cannot be read.
    pub unfinished: bool,
}

/// What pruning comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Runs that go, oldest first.
    pub removed: Vec<RunId>,
    /// Runs that would go, but can be gone on with or cannot be read.
    pub unfinished: Vec<RunId>,
    /// The number of runs that stay for any other reason.
    pub kept: usize,
}

impl Store {
    /// Which runs of a mesh go. Never the one that is going on.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn prunable(&self, mesh: &str, pruning: Pruning, now: Timestamp) -> Result<Pruned, StoreError> {
        let standing = self.lease(mesh, now, &Terms::default()).await?;
        let at_work = standing.holder().map(|claim| &claim.run);
        let runs = self.runs(mesh).await?;
        let old = runs.len().saturating_sub(pruning.keep);
        let mut pruned = Pruned { kept: runs.len() - old, ..Pruned::default() };
        for (id, overview) in runs.into_iter().take(old) {
            let young = |at: Timestamp| pruning.older_than.is_some_and(|age| at > earlier(now, age));
            let (stays, unfinished) = match &overview {
                Ok(overview) => (young(overview.last_at), overview.is_unfinished()),
                // its age is not known
                Err(_) => (false, true),
            };
            if stays || at_work == Some(&id) {
                pruned.kept += 1;
            } else if unfinished && !pruning.unfinished {
                pruned.unfinished.push(id);
            } else {
                pruned.removed.push(id);
            }
        }
        Ok(pruned)
    }

    /// Removes runs with their plans and journals.
    ///
    /// # Errors
    /// The store fails; what was removed until then is.
    pub async fn remove(&self, mesh: &str, runs: &[RunId]) -> Result<(), StoreError> {
        for id in runs {
            // the first record goes first: without it, what is left counts as no run
            for folder in [self.layout.journal(mesh, id), self.layout.moments(mesh, id)] {
                for name in self.list(&folder).await? {
                    self.delete(&folder.clone().join(name)).await?;
                }
            }
            self.delete(&self.layout.plan(mesh, id)).await?;
            self.sweep(&self.layout.run(mesh, id));
        }
        Ok(())
    }
}

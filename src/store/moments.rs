//! What a journal does not keep of a run, because nothing hangs on it: that a step began to look around, what it waited
//! for, what a person was asked to do. It lies beside the journal, many moments an object, so that a run can be shown
//! again as it was shown then. What is lost of it is lost.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::object::Kind;
use super::place::Store;
use super::row::Row;
use super::run::RunId;
use crate::plan::step::StepId;

/// The format of moments that this version writes.
const KIND: Kind = Kind { word: "moments", format: 1 };
/// Numbers that somebody else may take first: another process at the same run.
const TRIES: usize = 4;

/// A moment of a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// The step.
    pub step: StepId,
    /// What it did then.
    pub did: Did,
}

/// What a step did at a moment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Did {
    /// It began: it looked whether it was done already.
    Begin,
    /// It waited.
    Wait {
        /// What for, and what stood in the way.
        words: String,
    },
    /// It asked a person.
    Ask {
        /// Every click, in order.
        clicks: Vec<String>,
        /// What stood in the way of doing it otherwise.
        words: String,
    },
}

impl Store {
    /// Keeps moments of a run, after those that are kept already.
    ///
    /// # Errors
    /// The store cannot be written.
    pub async fn keep_moments(
        &self,
        mesh: &str,
        run: &RunId,
        writer: &str,
        moments: &[Moment],
    ) -> Result<(), StoreError> {
        let row = self.moments_of(mesh, run);
        let mut tries = 0;
        loop {
            tries += 1;
            match row.create(row.last().await? + 1, writer, &moments).await {
                Err(StoreError::Collision { .. }) if tries < TRIES => {}
                written => return written,
            }
        }
    }

    /// The moments of a run that were kept and can be read, in their order.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn moments(&self, mesh: &str, run: &RunId) -> Result<Vec<Moment>, StoreError> {
        let row = self.moments_of(mesh, run);
        let kept = row.read_all::<Vec<Moment>>(&row.numbers().await?).await;
        let mut all: Vec<Moment> = kept.into_iter().flat_map(|(_, moments)| moments.unwrap_or_default()).collect();
        // where an answer was lost they were kept twice
        let mut seen = BTreeSet::new();
        all.retain(|moment| seen.insert(moment.clone()));
        Ok(all)
    }

    fn moments_of(&self, mesh: &str, run: &RunId) -> Row {
        Row::new(self, self.layout.moments(mesh, run), KIND)
    }
}

//! What was last applied, fact by fact: tells a file that moved from a world that moved. Losing it costs that label,
//! and nothing else.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::object::Kind;
use super::owner::Owner;
use super::place::Store;
use super::row::Row;
use super::run::RunId;
use crate::mesh::ClusterName;
use crate::plan::About;

const KIND: Kind = Kind { word: "applied", format: 1 };
/// Older ones are of no use but to look at.
const KEPT: usize = 20;
/// More runs of one mesh than can end at the same time.
const TRIES: usize = 20;

/// What was last applied on a mesh.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// When.
    pub at: Timestamp,
    /// By which run.
    pub run: RunId,
    /// Every fact that this or an earlier run made.
    pub facts: Vec<AppliedFact>,
}

/// A fact as a run left it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppliedFact {
    /// The cluster.
    pub cluster: ClusterName,
    /// What the fact is about.
    pub about: About,
    /// Its value, in the words of a plan's transition.
    pub value: String,
}

impl Applied {
    /// The value of a fact; none where no run made it.
    pub fn value(&self, cluster: &ClusterName, about: &About) -> Option<&str> {
        let fact = self.facts.iter().find(|fact| fact.cluster == *cluster && fact.about == *about)?;
        Some(&fact.value)
    }
}

impl Store {
    /// What was last applied on a mesh; none where nothing was, or none of it can be read any more.
    ///
    /// # Errors
    /// The store cannot be read, or a newer intermesh wrote it.
    pub async fn applied(&self, mesh: &str) -> Result<Option<Applied>, StoreError> {
        let row = Row::new(self, self.layout.applied(mesh), KIND);
        for number in row.numbers().await?.into_iter().rev() {
            match row.read(number).await {
                Ok(applied) => return Ok(Some(applied)),
                Err(StoreError::Damaged { .. } | StoreError::Missing { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Keeps the facts that a run made, over those of earlier runs.
    ///
    /// # Errors
    /// The store cannot be read or written.
    pub async fn keep_applied(
        &self,
        mesh: &str,
        run: &RunId,
        facts: Vec<AppliedFact>,
        by: &Owner,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let row = Row::new(self, self.layout.applied(mesh), KIND);
        let mut tries = 0;
        loop {
            tries += 1;
            let number = row.last().await?;
            let earlier = self.applied(mesh).await?.map(|applied| applied.facts).unwrap_or_default();
            let key = |fact: &AppliedFact| (fact.cluster.clone(), fact.about.words());
            let merged: BTreeMap<_, _> = earlier.into_iter().chain(facts.clone()).map(|f| (key(&f), f)).collect();
            let applied = Applied { at, run: run.clone(), facts: merged.into_values().collect() };
            match row.create_last(number + 1, &by.nonce, &applied).await {
                Err(StoreError::Collision { .. }) if tries < TRIES => {}
                written => break written?,
            }
        }
        row.forget(KEPT).await;
        Ok(())
    }
}

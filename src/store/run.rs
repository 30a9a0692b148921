//! A run: one execution of a plan, by somebody, from somewhere.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::journal;
use super::object::checksum;
use super::owner::Owner;
use super::place::Store;
use super::record::Entry;
use super::state::{Overview, State};
use crate::plan::{self, Plan};

/// A run's name: when it began, in UTC, and four digits that tell it from one of the same second:
/// `2026-11-22T12-07-05Z-3f2a`. Sorts by time, and is a file name everywhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RunId(String);

impl RunId {
    /// The name of a run that begins now, by this owner.
    pub fn new(now: Timestamp, owner: &Owner) -> RunId {
        let time = now.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H-%M-%SZ").to_string();
        let digits: String = checksum(format!("{} {now}", owner.nonce).as_bytes()).chars().take(4).collect();
        RunId(format!("{time}-{digits}"))
    }

    /// The name as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A text that is no run's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no run's name, such as 2026-11-22T12-07-05Z-3f2a")]
pub struct NoRunId(String);

impl FromStr for RunId {
    type Err = NoRunId;

    fn from_str(text: &str) -> Result<RunId, NoRunId> {
        const PATTERN: &[u8] = b"0000-00-00T00-00-00Z-xxxx";
        let fits = |(at, pattern): (u8, u8)| match pattern {
            b'0' => at.is_ascii_digit(),
            b'x' => matches!(at, b'0'..=b'9' | b'a'..=b'f'),
            other => at == other,
        };
        let like = text.len() == PATTERN.len() && text.bytes().zip(PATTERN.iter().copied()).all(fits);
        like.then(|| RunId(text.to_owned())).ok_or_else(|| NoRunId(text.to_owned()))
    }
}

impl TryFrom<String> for RunId {
    type Error = NoRunId;

    fn try_from(text: String) -> Result<RunId, NoRunId> {
        text.parse()
    }
}

impl From<RunId> for String {
    fn from(id: RunId) -> String {
        id.0
    }
}

/// What is known of a run from its beginning.
///
/// A run is gone on with by every later version, so what is kept of it stays readable for ever: in [`Run`], in the
/// journal's records and in the plan a new field has a `#[serde(default)]`, and none is renamed or taken away. What
/// cannot be said so raises the format of its object, and the older one is still read. `tests/golden/kept` holds runs of
/// earlier versions that `tests/kept_runs.rs` goes on with.
/// Its plan is beside it, with the mesh and the snapshot from before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Its name.
    pub id: RunId,
    /// The mesh's name.
    pub mesh: String,
    /// When it began.
    pub started_at: Timestamp,
    /// Who began it, and from where.
    pub by: Owner,
    /// The version of intermesh that began it.
    pub made_by: String,
    /// The number of steps of its plan.
    pub steps: usize,
    /// The checksum of its plan, SHA-256 in hexadecimal.
    pub plan_sha256: String,
}

impl Store {
    /// The names of the meshes that anything is kept of.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn meshes(&self) -> Result<Vec<String>, StoreError> {
        let names = self.list(&self.layout.meshes()).await?;
        let mut names: Vec<String> = names.iter().filter_map(|name| super::names::unescape(name)).collect();
        names.sort();
        Ok(names)
    }

    /// The runs of a mesh, oldest first; also those that were cut off before they began.
    pub(super) async fn run_ids(&self, mesh: &str) -> Result<Vec<RunId>, StoreError> {
        let names = self.list(&self.layout.runs(mesh)).await?;
        Ok(names.iter().filter_map(|name| name.parse().ok()).collect())
    }

    /// The runs of a mesh, oldest first. One whose journal cannot be read keeps no other from being listed.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn runs(&self, mesh: &str) -> Result<Vec<(RunId, Result<Overview, StoreError>)>, StoreError> {
        let mut runs = Vec::new();
        for id in self.run_ids(mesh).await? {
            match journal::overview(self, mesh, &id).await {
                Err(StoreError::NoRun { .. }) => {}
                found => runs.push((id, found)),
            }
        }
        Ok(runs)
    }

    /// The mesh's last run that can be gone on with; none where every run has come to an end.
    ///
    /// # Errors
    /// The store cannot be read, or the last journal cannot.
    pub async fn last_unfinished(&self, mesh: &str) -> Result<Option<RunId>, StoreError> {
        for id in self.run_ids(mesh).await?.into_iter().rev() {
            match journal::overview(self, mesh, &id).await {
                Ok(overview) if overview.is_unfinished() => return Ok(Some(id)),
                Ok(_) | Err(StoreError::NoRun { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// What the journal of a run tells.
    ///
    /// # Errors
    /// There is no such run, or its journal cannot be read.
    pub async fn run(&self, mesh: &str, id: &RunId) -> Result<State, StoreError> {
        journal::state(self, mesh, id).await
    }

    /// The records of a run's journal as they were written, those that can be read.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn entries(&self, mesh: &str, id: &RunId) -> Result<Vec<Entry>, StoreError> {
        journal::entries(self, mesh, id).await
    }

    /// The plan of a run, as it was when the run began.
    ///
    /// # Errors
    /// It is not there, or is not what the run began with.
    pub async fn plan_of(&self, run: &Run) -> Result<Plan, StoreError> {
        let path = self.layout.plan(&run.mesh, &run.id);
        let damaged = |why: String| StoreError::Damaged { path: path.to_string(), why };
        let bytes = self.get(&path).await?.ok_or_else(|| StoreError::Missing { path: path.to_string() })?;
        if checksum(&bytes) != run.plan_sha256 {
            return Err(damaged("it is not the plan that the run began with".into()));
        }
        let value: serde_json::Value = serde_json::from_slice(&bytes).map_err(|e| damaged(e.to_string()))?;
        let format = value.get("format").and_then(serde_json::Value::as_u64).unwrap_or(0);
        let found = u32::try_from(format).unwrap_or(u32::MAX);
        if found > Plan::FORMAT {
            return Err(StoreError::Newer { path: path.to_string(), found, known: Plan::FORMAT });
        }
        // The checksum proves that nobody edited it. That its steps are those which this version would make of it is not
        // asked: a run goes on with the steps that it began with, also after an upgrade.
        let plan: Plan = serde_json::from_value(value).map_err(|e| StoreError::NotKnown {
            path: path.to_string(),
            made_by: Some(run.made_by.clone()),
            why: e.to_string(),
        })?;
        plan::check::check(&plan).map_err(|problems| damaged(problems.join("; ")))?;
        Ok(plan)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_runs() {
        for (text, fits) in [
            ("2026-11-22T12-07-05Z-3f2a", true),
            ("2026-11-22T12-07-05Z-3F2A", false),
            ("2026-11-22T12-07-05Z-3f2", false),
            ("2026-11-22T12:07:05Z-3f2a", false),
            ("../../../../etc/passwd-000", false),
            ("", false),
        ] {
            assert_eq!(text.parse::<RunId>().is_ok(), fits, "{text}");
        }
    }

    fn owner(nonce: &str) -> Owner {
        Owner { user: "jane".into(), host: "ops1".into(), pid: 4711, job: None, nonce: nonce.into() }
    }

    #[test]
    fn a_new_name_reads_as_one_and_sorts_by_time() {
        let at = |seconds, nonce| RunId::new(Timestamp::from_second(seconds).unwrap(), &owner(nonce));
        let (first, second) = (at(1_795_349_225, "1"), at(1_795_349_226, "1"));
        assert!(first < second);
        assert_eq!(first.as_str().parse(), Ok(first.clone()));
        assert!(first.as_str().starts_with("2026-11-22T12-07-05Z-"), "{first}");
        assert_ne!(first, at(1_795_349_225, "2"), "two runners in one second");
    }
}

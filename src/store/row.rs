//! A row of numbered objects. Each number is written once, by whoever is first: that is all the concurrency control
//! there is, and every kind of store has it.

use futures::StreamExt;
use object_store::path::Path;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::StoreError;
use super::object::{self, Kind, Unusable};
use super::place::{Created, Store};

/// A row of numbered objects of one kind, counted from 1.
#[derive(Clone, Debug)]
pub(super) struct Row {
    store: Store,
    folder: Path,
    kind: Kind,
}

/// Requests that are under way at once while a row is read.
const AT_ONCE: usize = 16;

impl Row {
    pub(super) fn new(store: &Store, folder: Path, kind: Kind) -> Row {
        Row { store: store.clone(), folder, kind }
    }

    pub(super) fn path(&self, number: u64) -> Path {
        self.folder.clone().join(format!("{number:06}.json"))
    }

    /// The numbers that are there, in order.
    pub(super) async fn numbers(&self) -> Result<Vec<u64>, StoreError> {
        let names = self.store.list(&self.folder).await?;
        let number = |name: &String| name.strip_suffix(".json")?.parse::<u64>().ok();
        let mut numbers: Vec<u64> = names.iter().filter_map(number).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// The last number; 0 where there is none.
    pub(super) async fn last(&self) -> Result<u64, StoreError> {
        Ok(self.numbers().await?.last().copied().unwrap_or(0))
    }

    pub(super) async fn read<T: DeserializeOwned>(&self, number: u64) -> Result<T, StoreError> {
        let path = self.path(number);
        let bytes = self.store.get(&path).await?.ok_or_else(|| StoreError::Missing { path: path.to_string() })?;
        object::open(self.kind, number, &bytes).map_err(|why| match why {
            Unusable::Damaged(why) => StoreError::Damaged { path: path.to_string(), why },
            Unusable::NotKnown(why) => StoreError::NotKnown { path: path.to_string(), made_by: None, why },
            Unusable::Newer(found) => StoreError::Newer { path: path.to_string(), found, known: self.kind.format },
        })
    }

    /// Reads these, in their order.
    pub(super) async fn read_all<T: DeserializeOwned>(&self, numbers: &[u64]) -> Vec<(u64, Result<T, StoreError>)> {
        let one = |number: u64| async move { (number, self.read(number).await) };
        futures::stream::iter(numbers.iter().copied()).map(one).buffered(AT_ONCE).collect().await
    }

    /// Writes the object of this number.
    ///
    /// # Errors
    /// [`StoreError::Collision`] when somebody else wrote it first.
    pub(super) async fn create(&self, number: u64, writer: &str, body: &impl Serialize) -> Result<(), StoreError> {
        let path = self.path(number);
        let bytes = object::seal(self.kind, number, writer, body).map_err(|e| StoreError::Failed {
            doing: "write",
            path: path.to_string(),
            why: e.to_string(),
        })?;
        match self.store.create(&path, bytes).await? {
            Created::Ours => Ok(()),
            Created::Taken => Err(StoreError::Collision { path: path.to_string() }),
        }
    }

    /// Writes the object of this number in a row whose old numbers are deleted: it counts only where nothing higher
    /// is there, because a number that was deleted long ago can be written again by a runner that slept.
    pub(super) async fn create_last(&self, number: u64, writer: &str, body: &impl Serialize) -> Result<(), StoreError> {
        self.create(number, writer, body).await?;
        if self.last().await? > number {
            return Err(StoreError::Collision { path: self.path(number).to_string() });
        }
        Ok(())
    }

    /// Deletes all but the newest `keep`. What cannot be deleted stays, which harms nobody.
    pub(super) async fn forget(&self, keep: usize) {
        let Ok(numbers) = self.numbers().await else { return };
        for number in &numbers[..numbers.len().saturating_sub(keep)] {
            let _ = self.delete(*number).await;
        }
    }

    pub(super) async fn delete(&self, number: u64) -> Result<(), StoreError> {
        self.store.delete(&self.path(number)).await
    }
}

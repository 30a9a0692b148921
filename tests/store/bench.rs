//! What every test of the store begins with: runners, a clock that follows the virtual time, a plan.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use intermesh::cluster::Clock;
use intermesh::plan::Plan;
use intermesh::store::{Owner, RunId, Store, Terms, Wanted};
use jiff::{SignedDuration, Timestamp};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use tokio::time::Instant;

use super::support::{Bench, mesh_of};

pub fn owner(user: &str) -> Owner {
    Owner { user: user.into(), host: "ops1".into(), pid: 4711, job: None, nonce: format!("nonce-of-{user}") }
}

/// A clock that follows tokio's, and may be wrong.
pub struct Wrong {
    began: Instant,
    milliseconds: AtomicI64,
}

impl Wrong {
    pub fn by(milliseconds: i64) -> Arc<Wrong> {
        Arc::new(Wrong { began: Instant::now(), milliseconds: AtomicI64::new(milliseconds) })
    }

    /// Somebody sets it, or the machine slept.
    pub fn set(&self, milliseconds: i64) {
        self.milliseconds.store(milliseconds, Ordering::Relaxed);
    }
}

#[async_trait]
impl Clock for Wrong {
    fn now(&self) -> Timestamp {
        let began: Timestamp = "2026-11-22T12:07:05Z".parse().unwrap();
        let passed = SignedDuration::try_from(self.began.elapsed()).unwrap();
        began + passed + SignedDuration::from_millis(self.milliseconds.load(Ordering::Relaxed))
    }

    async fn wait(&self, product: Duration) {
        tokio::time::sleep(product).await;
    }
}

pub const TERMS: Terms = Terms {
    lasts: Duration::from_secs(90),
    renewed_every: Duration::from_secs(15),
    margin: Duration::from_secs(15),
    skew: Duration::from_secs(30),
};

/// A plan that links two clusters.
pub async fn plan() -> Plan {
    Bench::new(mesh_of(2, "", ""), 1, |_| ()).plan().await
}

/// A store in memory, and its objects.
pub fn memory() -> (Store, Arc<InMemory>) {
    let objects = Arc::new(InMemory::new());
    (Store::over(objects.clone(), "memory"), objects)
}

pub fn wanted(mesh: &str, run: &RunId) -> Wanted {
    Wanted { mesh: mesh.into(), publishers: Vec::new(), run: run.clone() }
}

pub fn record_path(run: &RunId, number: u64) -> Path {
    Path::from(format!("meshes/test/runs/{run}/journal/{number:06}.json"))
}

pub async fn read(objects: &InMemory, path: &Path) -> Vec<u8> {
    objects.get(path).await.unwrap().bytes().await.unwrap().to_vec()
}

pub async fn write(objects: &InMemory, path: &Path, bytes: Vec<u8>) {
    objects.put(path, bytes.into()).await.unwrap();
}

/// Every object, in the order of their paths.
pub async fn all(objects: &InMemory) -> Vec<(Path, Vec<u8>)> {
    use futures::TryStreamExt;
    let metas: Vec<_> = objects.list(None).try_collect().await.unwrap();
    let mut found = Vec::new();
    for meta in metas {
        found.push((meta.location.clone(), read(objects, &meta.location).await));
    }
    found.sort();
    found
}

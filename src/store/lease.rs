//! The lease of a mesh: one run at a time. Generations are numbered objects; the last one tells who holds it.
//!
//! A runner renews its lease while it lives, and starts no write when less than a margin of it is left. Another one
//! takes over when it has been over for a while. So the clocks of two runners may differ by `margin + skew` before
//! both could write at once. Whoever breaks a lease or takes over an old one takes the next number of the run's
//! journal too, and what the old runner still wants to record collides with it. What no lease can prevent: an act
//! that was under way on a cluster while the lease was broken. `resume` reads on the cluster what came of it.
//!
//! Where meshes share a store, a run also claims the publisher of every cluster that it has. A claim names the mesh
//! and the run, and stands as long as the mesh's lease does: only that one is renewed.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::error::{StoreError, second};
use super::held::Lease;
use super::journal;
use super::object::Kind;
use super::owner::Owner;
use super::place::Store;
use super::row::Row;
use super::run::RunId;
use crate::cluster::Clock;
use crate::mesh::{ClusterName, Mesh, NodeName, State};

/// The format of leases that this version writes.
const KIND: Kind = Kind { word: "lease", format: 1 };
/// The format of claims on publishers that this version writes.
const CLAIM: Kind = Kind { word: "publisher", format: 1 };

/// How long things take. All are real times, also in a lab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// How long a lease lasts from its last renewal.
    pub lasts: Duration,
    /// How often it is renewed.
    pub renewed_every: Duration,
    /// How long before its end no write is started any more: longer than a write takes to be sent.
    pub margin: Duration,
    /// How long after its end another runner waits, because its clock may be ahead.
    pub skew: Duration,
}

impl Default for Terms {
    /// A killed runner blocks the next for two minutes at most; four renewals in a row may be lost.
    fn default() -> Self {
        Terms {
            lasts: Duration::from_secs(90),
            renewed_every: Duration::from_secs(15),
            margin: Duration::from_secs(15),
            skew: Duration::from_secs(30),
        }
    }
}

/// Who holds a lease.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The runner.
    pub owner: Owner,
    /// Its run.
    pub run: RunId,
    /// Since when.
    pub since: Timestamp,
    /// When it was last renewed: the runner lived then.
    pub renewed_at: Timestamp,
    /// When it ends unless it is renewed.
    pub expires_at: Timestamp,
}

/// One generation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Generation {
    /// Taken or renewed.
    Held(Claim),
    /// Given back.
    Released {
        /// What was held.
        claim: Claim,
        /// When.
        at: Timestamp,
    },
    /// Taken away.
    Broken {
        /// What was held.
        claim: Claim,
        /// By whom.
        by: Owner,
        /// When.
        at: Timestamp,
        /// Why.
        reason: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct PublisherClaim {
    mesh: String,
    run: RunId,
    at: Timestamp,
}

/// How a lease stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nobody ever held it.
    Never,
    /// Somebody holds it.
    Held(Claim),
    /// Nobody renewed it in time: whoever held it is dead, or cannot reach the store.
    Expired(Claim),
    /// It was given back.
    Released {
        /// What was held.
        claim: Claim,
        /// When.
        at: Timestamp,
    },
    /// It was taken away.
    Broken {
        /// What was held.
        claim: Claim,
        /// By whom.
        by: Owner,
        /// When.
        at: Timestamp,
        /// Why.
        reason: String,
    },
}

impl Generation {
    fn standing(self, now: Timestamp, terms: &Terms) -> Standing {
        match self {
            Generation::Held(claim) if now > later(claim.expires_at, terms.skew) => Standing::Expired(claim),
            Generation::Held(claim) => Standing::Held(claim),
            Generation::Released { claim, at } => Standing::Released { claim, at },
            Generation::Broken { claim, by, at, reason } => Standing::Broken { claim, by, at, reason },
        }
    }
}

impl Standing {
    /// Who holds it now.
    pub fn holder(&self) -> Option<&Claim> {
        match self {
            Standing::Held(claim) => Some(claim),
            Standing::Never | Standing::Expired(_) | Standing::Released { .. } | Standing::Broken { .. } => None,
        }
    }
}

/// What a run is to have for itself.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The mesh.
    pub mesh: String,
    /// Its clusters and their publishers.
    pub publishers: Vec<(ClusterName, NodeName)>,
    /// The run that is to have it: a new one, or the one that is gone on with.
    pub run: RunId,
}

impl Wanted {
    /// A mesh, and the publishers of all its clusters that are still there.
    pub fn of(mesh: &Mesh, run: RunId) -> Wanted {
        let there = mesh.clusters.iter().filter(|cluster| cluster.state != State::Gone);
        let publishers = there.map(|cluster| (cluster.name.clone(), cluster.publisher.clone())).collect();
        Wanted { mesh: mesh.metadata.name.clone(), publishers, run }
    }
}

/// How often a number may be lost to others before it is said to be: each time somebody else got on.
const TRIES: usize = 20;
/// Generations that are kept: more than a runner can sleep through and still believe in its lease.
pub(super) const KEPT: usize = 100;

impl Store {
    /// How the lease of a mesh stands.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn lease(&self, mesh: &str, now: Timestamp, terms: &Terms) -> Result<Standing, StoreError> {
        let (_, last) = last::<Generation>(&row(self, mesh)).await?;
        Ok(last.map_or(Standing::Never, |generation| generation.standing(now, terms)))
    }

    /// Takes the lease of a mesh and claims its publishers; it is renewed from now on, until it is released or
    /// dropped. Takes over from a runner whose lease has been over for a while.
    ///
    /// # Errors
    /// [`StoreError::Held`] when somebody has it, or another mesh has one of the clusters; or the store fails.
    pub async fn acquire(
        &self,
        wanted: &Wanted,
        owner: &Owner,
        clock: Arc<dyn Clock>,
        terms: Terms,
    ) -> Result<Lease, StoreError> {
        let row = row(self, &wanted.mesh);
        let mut tries = 0;
        let (number, claim) = loop {
            tries += 1;
            let now = clock.now();
            let (number, generation) = last::<Generation>(&row).await?;
            match generation.map_or(Standing::Never, |generation| generation.standing(now, &terms)) {
                Standing::Held(claim) => {
                    let (mesh, claim) = (wanted.mesh.clone(), Box::new(claim));
                    return Err(StoreError::Held { mesh, claim, publisher: None });
                }
                Standing::Expired(claim) => {
                    let why = format!("taken over, as its lease had ended at {}", second(claim.expires_at));
                    journal::fence(self, &wanted.mesh, &claim.run, owner, &why, &*clock).await?;
                }
                // whoever broke it may have died before the journal was closed
                Standing::Broken { claim, reason, .. } => {
                    journal::fence(self, &wanted.mesh, &claim.run, owner, &reason, &*clock).await?;
                }
                Standing::Never | Standing::Released { .. } => {}
            }
            let claim = Claim {
                owner: owner.clone(),
                run: wanted.run.clone(),
                since: now,
                renewed_at: now,
                expires_at: later(now, terms.lasts),
            };
            match row.create_last(number + 1, &owner.nonce, &Generation::Held(claim.clone())).await {
                Err(StoreError::Collision { .. }) if tries < TRIES => {}
                Err(error) => return Err(error),
                Ok(()) => break (number + 1, claim),
            }
        };
        row.forget(KEPT).await;
        let lease = Lease::hold(row, &wanted.mesh, number, claim, Arc::clone(&clock), terms);
        match self.claim_publishers(wanted, owner, &*clock, &terms).await {
            Ok(()) => Ok(lease),
            Err(error) => {
                // the reason why it was not to be had matters more than whether it could be given back
                let _ = lease.release().await;
                Err(error)
            }
        }
    }

    /// Takes a lease away from whoever holds it, and closes the journal of its run to that runner. Returns what was
    /// held; none where nobody held it.
    ///
    /// # Errors
    /// The store fails.
    pub async fn break_lease(
        &self,
        mesh: &str,
        by: &Owner,
        reason: &str,
        clock: &dyn Clock,
    ) -> Result<Option<Claim>, StoreError> {
        let row = row(self, mesh);
        let mut tries = 0;
        loop {
            tries += 1;
            let (number, generation) = last::<Generation>(&row).await?;
            let claim = match generation {
                Some(Generation::Held(claim)) => claim,
                None | Some(Generation::Released { .. } | Generation::Broken { .. }) => return Ok(None),
            };
            let (by_whom, at, reason) = (by.clone(), clock.now(), reason.to_owned());
            let broken = Generation::Broken { claim: claim.clone(), by: by_whom, at, reason: reason.clone() };
            match row.create_last(number + 1, &by.nonce, &broken).await {
                // it was renewed in between
                Err(StoreError::Collision { .. }) if tries < TRIES => {}
                Err(error) => return Err(error),
                Ok(()) => {
                    journal::fence(self, mesh, &claim.run, by, &reason, clock).await?;
                    return Ok(Some(claim));
                }
            }
        }
    }

    /// In the order of their names, so that of two meshes that want the same clusters at the same time one gets them.
    async fn claim_publishers(
        &self,
        wanted: &Wanted,
        owner: &Owner,
        clock: &dyn Clock,
        terms: &Terms,
    ) -> Result<(), StoreError> {
        let mut publishers: Vec<&(ClusterName, NodeName)> = wanted.publishers.iter().collect();
        publishers.sort_by_key(|(_, node)| node.normal());
        for (cluster, node) in publishers {
            let row = Row::new(self, self.layout.publisher(node), CLAIM);
            let mut tries = 0;
            loop {
                tries += 1;
                let (number, claimed) = last::<PublisherClaim>(&row).await?;
                if let Some(claimed) = claimed {
                    self.give_way(&claimed, wanted, cluster, owner, clock, terms).await?;
                }
                let claim = PublisherClaim { mesh: wanted.mesh.clone(), run: wanted.run.clone(), at: clock.now() };
                match row.create_last(number + 1, &owner.nonce, &claim).await {
                    Err(StoreError::Collision { .. }) if tries < TRIES => {}
                    written => break written?,
                }
            }
            row.forget(KEPT).await;
        }
        Ok(())
    }

    /// Fails where another mesh has the publisher; ends that mesh's lease where it has been over for a while.
    async fn give_way(
        &self,
        claimed: &PublisherClaim,
        wanted: &Wanted,
        cluster: &ClusterName,
        owner: &Owner,
        clock: &dyn Clock,
        terms: &Terms,
    ) -> Result<(), StoreError> {
        if claimed.mesh == wanted.mesh {
            return Ok(());
        }
        match self.lease(&claimed.mesh, clock.now(), terms).await? {
            Standing::Held(claim) if claim.run == claimed.run => {
                let (mesh, claim) = (claimed.mesh.clone(), Box::new(claim));
                Err(StoreError::Held { mesh, claim, publisher: Some(cluster.clone()) })
            }
            Standing::Expired(claim) if claim.run == claimed.run => {
                let why = format!("mesh `{}` took over a cluster that both have, as the lease had ended", wanted.mesh);
                self.break_lease(&claimed.mesh, owner, &why, clock).await.map(drop)
            }
            _ => Ok(()),
        }
    }
}

fn row(store: &Store, mesh: &str) -> Row {
    Row::new(store, store.layout.lease(mesh), KIND)
}

/// The last generation, or claim, and the last number that was used; 0 where none was.
async fn last<T: DeserializeOwned>(row: &Row) -> Result<(u64, Option<T>), StoreError> {
    let mut tries = 0;
    loop {
        tries += 1;
        let numbers = row.numbers().await?;
        let newest = numbers.last().copied().unwrap_or(0);
        // whoever wrote a torn one never held it; who held it before is what counts, and the next number is taken
        let mut forgotten = false;
        for number in numbers.into_iter().rev() {
            match row.read(number).await {
                Ok(generation) => return Ok((newest, Some(generation))),
                Err(StoreError::Damaged { .. }) => {}
                // forgotten since it was listed
                Err(StoreError::Missing { .. }) if tries < TRIES => {
                    forgotten = true;
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        if !forgotten {
            return Ok((newest, None));
        }
    }
}

/// A time later by this much; the latest there is where it would be beyond that.
pub(super) fn later(at: Timestamp, by: Duration) -> Timestamp {
    SignedDuration::try_from(by).ok().and_then(|by| at.checked_add(by).ok()).unwrap_or(Timestamp::MAX)
}

/// A time earlier by this much.
pub(super) fn earlier(at: Timestamp, by: Duration) -> Timestamp {
    SignedDuration::try_from(by).ok().and_then(|by| at.checked_sub(by).ok()).unwrap_or(Timestamp::MIN)
}

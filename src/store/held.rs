//! A lease that this process holds, and the heartbeat that keeps it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::error::{StoreError, second};
use super::lease::{Claim, Generation, Terms, earlier, later};
use super::row::Row;
use crate::cluster::Clock;

/// A lease that this process holds. Renewed in the background until it is released, lost or dropped; dropped, it ends
/// by itself when nobody renews it.
#[must_use = "a lease that is dropped is not renewed"]
pub struct Lease {
    held: Arc<Held>,
    heartbeat: JoinHandle<()>,
}

struct Held {
    row: Row,
    mesh: String,
    clock: Arc<dyn Clock>,
    terms: Terms,
    now: Mutex<Now>,
    /// One renewal or release at a time.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Clone)]
struct Now {
    number: u64,
    claim: Claim,
    /// When it ends by a clock that nobody can set; the time of day can be wrong or set back.
    ends: Instant,
    lost: Option<String>,
}

impl Lease {
    pub(super) fn hold(row: Row, mesh: &str, number: u64, claim: Claim, clock: Arc<dyn Clock>, terms: Terms) -> Lease {
        // counted from before the lease was written would be right; what has passed since is taken off
        let passed = Duration::try_from(clock.now().duration_since(claim.renewed_at)).unwrap_or_default();
        let ends = Instant::now() + terms.lasts.saturating_sub(passed);
        let now = Mutex::new(Now { number, claim, ends, lost: None });
        let held =
            Arc::new(Held { row, mesh: mesh.to_owned(), clock, terms, now, turn: tokio::sync::Mutex::default() });
        let heartbeat = tokio::spawn(heartbeat(Arc::clone(&held)));
        Lease { held, heartbeat }
    }

    /// Who holds it, in which run, and until when.
    pub fn claim(&self) -> Claim {
        self.held.now().claim
    }

    /// Whether a write may be started now: the lease was not lost, and more than the margin of it is left.
    pub fn may_write(&self, now: Timestamp) -> bool {
        self.lost(now).is_none()
    }

    /// Why no write may be started any more; none when one may.
    pub fn lost(&self, now: Timestamp) -> Option<StoreError> {
        let held = self.held.now();
        let margin = self.held.terms.margin;
        let over = now >= earlier(held.claim.expires_at, margin) || Instant::now() + margin >= held.ends;
        let ended = || format!("it could not be renewed, and ends at {}", second(held.claim.expires_at));
        let why = held.lost.clone().or_else(|| over.then(ended))?;
        Some(StoreError::Lost { mesh: self.held.mesh.clone(), why })
    }

    /// Renews it now; the heartbeat does so by itself.
    ///
    /// # Errors
    /// [`StoreError::Lost`] when somebody else has it, or it ended before; otherwise the store failed, and it may be
    /// tried again.
    pub async fn renew(&self) -> Result<(), StoreError> {
        self.held.renew().await
    }

    /// Gives it back.
    ///
    /// # Errors
    /// It was lost before, or the store failed: then it ends by itself.
    pub async fn release(self) -> Result<(), StoreError> {
        self.heartbeat.abort();
        self.held.release().await
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.heartbeat.abort();
    }
}

/// Renews while the lease can be renewed.
async fn heartbeat(held: Arc<Held>) {
    let every = held.terms.renewed_every;
    // a store that failed is asked again soon
    let again = every / 5;
    let mut pause = every;
    loop {
        tokio::time::sleep(pause).await;
        pause = match held.renew().await {
            Ok(()) => every,
            Err(StoreError::Lost { .. }) => return,
            Err(error) => {
                tracing::warn!(mesh = held.mesh, %error, "failed to renew the lease");
                again
            }
        };
    }
}

impl Held {
    fn now(&self) -> Now {
        self.now.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, change: impl FnOnce(&mut Now)) {
        change(&mut self.now.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn lose(&self, why: String) -> StoreError {
        self.set(|now| now.lost = Some(why.clone()));
        StoreError::Lost { mesh: self.mesh.clone(), why }
    }

    async fn renew(&self) -> Result<(), StoreError> {
        let _turn = self.turn.lock().await;
        let asked = Instant::now();
        let at = self.clock.now();
        let Now { claim, ends, lost, .. } = self.now();
        if let Some(why) = lost {
            return Err(StoreError::Lost { mesh: self.mesh.clone(), why });
        }
        if at >= claim.expires_at || asked >= ends {
            return Err(self.lose(format!("it ended at {} before it could be renewed", second(claim.expires_at))));
        }
        let renewed = Claim { renewed_at: at, expires_at: later(at, self.terms.lasts), ..claim };
        let number = self.write(&Generation::Held(renewed.clone())).await?;
        self.set(|now| {
            (now.number, now.claim) = (number, renewed);
            now.ends = asked + self.terms.lasts;
        });
        if let Some(old) = number.checked_sub(super::lease::KEPT as u64).filter(|old| *old > 0) {
            // one that stays is forgotten by the next run
            let _ = self.row.delete(old).await;
        }
        Ok(())
    }

    async fn release(&self) -> Result<(), StoreError> {
        let _turn = self.turn.lock().await;
        let Now { claim, lost, .. } = self.now();
        if let Some(why) = lost {
            return Err(StoreError::Lost { mesh: self.mesh.clone(), why });
        }
        let at = self.clock.now();
        self.write(&Generation::Released { claim, at }).await?;
        self.set(|now| now.lost = Some("it was given back".into()));
        Ok(())
    }

    /// Writes the next generation and returns its number.
    async fn write(&self, generation: &Generation) -> Result<u64, StoreError> {
        let Now { number, claim, .. } = self.now();
        let mut next = number + 1;
        loop {
            match self.row.create(next, &claim.owner.nonce, generation).await {
                Err(StoreError::Collision { .. }) => {}
                written => return written.map(|()| next),
            }
            // an earlier renewal of which the answer was lost is this process's own
            match self.row.read::<Generation>(next).await? {
                Generation::Held(there) if there.owner == claim.owner && there.run == claim.run => next += 1,
                Generation::Held(there) => return Err(self.lose(format!("{} has it now", there.owner))),
                Generation::Broken { by, reason, .. } => return Err(self.lose(format!("{by} broke it: {reason}"))),
                Generation::Released { .. } => return Err(self.lose("it was given back".into())),
            }
        }
    }
}

//! Accounts lock: one attempt per account and cluster, shared by AXL, Control Center and the pages.
//!
//! The first use of an account on a cluster is serialised, so that many readers at once find out together whether
//! it is accepted, and again after some time, in which the password may have been changed; a refusal is remembered for
//! the life of the process and never tried again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use tokio::sync::OwnedMutexGuard;
use tokio::time::{Duration, Instant};

use crate::cluster::{Account, ClusterName, ErrorKind};

/// An account on a cluster. A changed password is another key, so it gets its own attempt.
type Key = (ClusterName, String, [u8; 32]);

/// What is known of every account that was used.
#[derive(Default)]
pub(super) struct Accounts {
    gates: Mutex<HashMap<Key, Arc<Gate>>>,
}

/// How long an accepted password is sent by many at once before one goes ahead again.
const FRESH: Duration = Duration::from_secs(10);
/// How long it counts as taken where nothing depends on it but haste: the pages in between may be slow.
const LATELY: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Untried,
    Accepted(Instant),
    Refused,
}

struct Gate {
    username: String,
    standing: Mutex<Standing>,
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl Gate {
    fn standing(&self) -> Standing {
        *self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether one has to find out before others may send the password.
    fn is_open(&self) -> bool {
        match self.standing() {
            Standing::Untried => true,
            Standing::Accepted(at) => at.elapsed() >= FRESH,
            Standing::Refused => false,
        }
    }

    fn set(&self, standing: Standing) {
        *self.standing.lock().unwrap_or_else(PoisonError::into_inner) = standing;
    }

    fn refusal(&self) -> ErrorKind {
        ErrorKind::Unauthorized { username: self.username.clone() }
    }
}

/// The right to send an account's password once. While nobody knows whether it is taken, only one pass exists at a time;
/// a pass that is dropped without a verdict (the node was not reachable, say) leaves that open.
pub(super) struct Pass {
    gate: Arc<Gate>,
    turn: Option<OwnedMutexGuard<()>>,
}

impl Accounts {
    /// Waits for the right to send the account's password.
    ///
    /// # Errors
    /// [`ErrorKind::Unauthorized`] when the account was refused before; nothing is to be sent then.
    pub(super) async fn enter(&self, cluster: &ClusterName, account: &Account) -> Result<Pass, ErrorKind> {
        let gate = self.gate(cluster, account);
        if gate.is_open() {
            let turn = Arc::clone(&gate.turn).lock_owned().await;
            if gate.is_open() {
                return Ok(Pass { gate, turn: Some(turn) });
            }
        }
        match gate.standing() {
            Standing::Refused => Err(gate.refusal()),
            Standing::Accepted(_) | Standing::Untried => Ok(Pass { gate, turn: None }),
        }
    }

    /// Whether a password was taken lately. It waits for whoever is finding out; nobody does so for this.
    pub(super) async fn was_taken(&self, cluster: &ClusterName, account: &Account) -> bool {
        let gate = self.gate(cluster, account);
        if gate.is_open() && gate.turn.try_lock().is_err() {
            drop(gate.turn.lock().await);
        }
        matches!(gate.standing(), Standing::Accepted(at) if at.elapsed() < LATELY)
    }

    fn gate(&self, cluster: &ClusterName, account: &Account) -> Arc<Gate> {
        let digest = Sha256::digest(account.password.expose_secret().as_bytes()).into();
        let key = (cluster.clone(), account.username.clone(), digest);
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        let gate = gates.entry(key).or_insert_with(|| {
            Arc::new(Gate {
                username: account.username.clone(),
                standing: Mutex::new(Standing::Untried),
                turn: Arc::default(),
            })
        });
        Arc::clone(gate)
    }
}

impl Pass {
    /// The product took the password; others need not wait any more.
    pub(super) fn accepted(&mut self) {
        if self.gate.standing() != Standing::Refused {
            self.gate.set(Standing::Accepted(Instant::now()));
        }
        self.turn = None;
    }

    /// The product refused the password: nobody tries it again.
    pub(super) fn refused(self) -> ErrorKind {
        self.gate.set(Standing::Refused);
        self.gate.refusal()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn account(password: &str) -> Account {
        Account { username: "icsa".into(), password: password.to_owned().into() }
    }

    #[tokio::test]
    async fn many_readers_cost_one_attempt() {
        let accounts = Arc::new(Accounts::default());
        let attempts = Arc::new(AtomicUsize::new(0));
        let readers = (0..20).map(|_| {
            let (accounts, attempts) = (Arc::clone(&accounts), Arc::clone(&attempts));
            tokio::spawn(async move {
                let pass = accounts.enter(&"emea".into(), &account("wrong")).await?;
                attempts.fetch_add(1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                Err::<(), _>(pass.refused())
            })
        });
        for reader in futures::future::join_all(readers).await {
            assert_eq!(reader.unwrap(), Err(ErrorKind::Unauthorized { username: "icsa".into() }));
        }
        assert_eq!(attempts.load(Ordering::SeqCst), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_password_that_was_changed_meanwhile_costs_one_attempt() {
        let accounts = Arc::new(Accounts::default());
        accounts.enter(&"emea".into(), &account("old")).await.unwrap().accepted();
        tokio::time::advance(FRESH).await;
        let attempts = Arc::new(AtomicUsize::new(0));
        let readers = (0..6).map(|_| {
            let (accounts, attempts) = (Arc::clone(&accounts), Arc::clone(&attempts));
            tokio::spawn(async move {
                let pass = accounts.enter(&"emea".into(), &account("old")).await?;
                attempts.fetch_add(1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(50)).await;
                Err::<(), _>(pass.refused())
            })
        });
        for reader in futures::future::join_all(readers).await {
            assert!(reader.unwrap().is_err());
        }
        assert_eq!(attempts.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_refusal_belongs_to_one_cluster_and_one_password() {
        let accounts = Accounts::default();
        accounts.enter(&"emea".into(), &account("wrong")).await.map(Pass::refused).unwrap();
        assert!(accounts.enter(&"emea".into(), &account("wrong")).await.is_err());
        assert!(accounts.enter(&"emea".into(), &account("right")).await.is_ok());
        assert!(accounts.enter(&"apac".into(), &account("wrong")).await.is_ok());
    }

    #[tokio::test]
    async fn an_accepted_account_is_used_at_the_same_time() {
        let accounts = Accounts::default();
        accounts.enter(&"emea".into(), &account("right")).await.unwrap().accepted();
        let first = accounts.enter(&"emea".into(), &account("right")).await.unwrap();
        let second = accounts.enter(&"emea".into(), &account("right")).await.unwrap();
        drop((first, second));
    }

    #[tokio::test]
    async fn a_pass_without_a_verdict_leaves_the_account_untried() {
        let accounts = Accounts::default();
        drop(accounts.enter(&"emea".into(), &account("right")).await.unwrap());
        assert!(accounts.enter(&"emea".into(), &account("right")).await.unwrap().turn.is_some());
    }
}

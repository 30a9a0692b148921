//! Drift on a schedule: rounds that only read, what they found over time, and a page that shows it.
//!
//! Read only by type: a round is handed what [`Look`] gives, and that is made of an `Observe`. Nothing here could act.

mod board;
mod kept;
mod notify;
mod page;
mod server;
mod told;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use jiff::Timestamp;

use crate::plan::drift::Drift;
use crate::report::graph::Graph;

pub use board::{Board, Happened, Happening, Open, Round, Silent};
pub use kept::Kept;
pub use notify::{Hook, Notice, Secret, deliver, web_client};
pub use server::{Door, router};
pub use told::numbers;

/// What one round saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// What was found.
    pub drift: Drift,
    /// The mesh as it was found.
    pub graph: Graph,
    /// The path of the mesh file.
    pub file: String,
}

/// Looks at the clusters of a mesh; it cannot act on them.
pub trait Look {
    /// One look.
    ///
    /// # Errors
    /// Nothing could be looked at, such as when the mesh file is wrong; in words for people.
    fn look(&mut self) -> impl Future<Output = Result<Seen, String>>;

    /// The time.
    fn now(&self) -> Timestamp;
}

/// What the page, the metrics and the rounds share.
#[derive(Clone)]
pub struct Watch(Arc<RwLock<State>>);

/// What is known at a moment.
#[derive(Clone)]
pub(crate) struct State {
    /// What was found over time.
    pub board: Board,
    /// The last round that saw anything.
    pub seen: Option<Arc<Seen>>,
    /// Why what is known could not be kept on disk at last.
    pub unkept: Option<String>,
    /// Notices that could not be delivered.
    pub undelivered: u64,
    /// The time between the beginnings of two rounds.
    pub every: Duration,
}

impl Watch {
    /// A watch that goes on with what was kept.
    pub fn new(board: Board, every: Duration) -> Watch {
        Watch(Arc::new(RwLock::new(State { board, seen: None, unkept: None, undelivered: 0, every })))
    }

    pub(crate) fn read<T>(&self, f: impl FnOnce(&State) -> T) -> T {
        f(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn write<T>(&self, f: impl FnOnce(&mut State) -> T) -> T {
        f(&mut self.0.write().unwrap_or_else(PoisonError::into_inner))
    }

    /// What was found over time.
    pub fn board(&self) -> Board {
        self.read(|state| state.board.clone())
    }

    /// A notice was given up.
    pub fn count_undelivered(&self) {
        self.write(|state| state.undelivered += 1);
    }

    /// One round: looks, and writes down what is new. Returns what happened since the round before.
    pub async fn round(&self, look: &mut impl Look, kept: Option<&Kept>) -> Vec<Happening> {
        let (began, clock) = (look.now(), tokio::time::Instant::now());
        let result = look.look().await;
        let took = clock.elapsed();
        let (happened, board) = self.write(|state| {
            let happened = match result {
                Ok(seen) => {
                    let happened = state.board.take(&seen.drift, began, took);
                    state.seen = Some(Arc::new(seen));
                    happened
                }
                Err(why) => state.board.fail(&why, began, took),
            };
            (happened, kept.is_some().then(|| state.board.clone()))
        });
        if let (Some(kept), Some(board)) = (kept, board) {
            // a full disk costs the memory over a restart, and nothing else
            let unkept = kept.write(&board).err();
            self.write(|state| state.unkept = unkept);
        }
        happened
    }

    /// Rounds, one after another, until there were `rounds` of them, or for ever. A round that takes longer than the
    /// pace delays the next, and none is made up for.
    pub async fn rounds(
        &self,
        look: &mut impl Look,
        kept: Option<&Kept>,
        rounds: Option<u64>,
        tell: &mut impl FnMut(&Board, &[Happening]),
    ) {
        let mut pace = tokio::time::interval(self.read(|state| state.every));
        pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut made = 0;
        while rounds.is_none_or(|rounds| made < rounds) {
            pace.tick().await;
            let happened = self.round(look, kept).await;
            made += 1;
            tell(&self.board(), &happened);
        }
    }
}

//! The wait of `verify --wait`: looks again until all is well, the time is over, or somebody ends it.

use std::cell::RefCell;
use std::time::Duration;

use super::session::unread_lines;
use super::{Exit, Signal};
use crate::cluster::{Clock, Deadline, Snapshot};
use crate::plan::verify::Verification;
use crate::report;

/// The panel refreshes itself this often (field-notes 1.3): to look more often would show nothing new.
const POLL: Duration = Duration::from_secs(60);

/// What one look found.
pub struct Look {
    /// What verification says of it.
    pub found: Verification,
    /// What was read.
    pub snapshot: Snapshot,
}

impl Look {
    /// What is still not well, or not known.
    pub fn missing(&self) -> Vec<String> {
        let mut missing = report::missing(&self.found);
        missing.extend(unread_lines(&self.snapshot));
        missing
    }

    /// The sides of links that are healthy.
    pub fn healthy(&self) -> usize {
        self.found.sides.iter().filter(|side| side.problems.is_empty()).count()
    }

    /// How a command ends that found this.
    pub fn exit(&self) -> Exit {
        match (self.snapshot.unread().is_empty(), self.found.is_clean()) {
            (false, _) => Exit::Unread,
            (true, true) => Exit::Done,
            (true, false) => Exit::Differences,
        }
    }
}

/// How a wait ended.
pub enum Waited {
    /// All is well, or the time is over: the last look.
    Over(Box<Look>),
    /// Somebody ended it: what was missing at the last look.
    Interrupted(Vec<String>),
}

impl Waited {
    /// How a command ends that waited so.
    pub fn exit(&self) -> Exit {
        match self {
            Waited::Over(look) => look.exit(),
            Waited::Interrupted(_) => Exit::Interrupted,
        }
    }
}

/// Looks at least once, and again every minute of the product's time until all is well or `limit` is over. `tell` hears
/// of every look that is not the last: whether something else is missing than before, and how long it has waited.
///
/// # Errors
/// The process cannot listen for signals.
pub async fn until_well(
    clock: &dyn Clock,
    limit: Duration,
    look: impl AsyncFn() -> Look,
    tell: &dyn Fn(&Look, bool, Duration),
    interrupted: impl Future<Output = std::io::Result<Signal>>,
) -> std::io::Result<Waited> {
    let missing: RefCell<Vec<String>> = RefCell::default();
    let looks = async {
        let mut deadline = Deadline::after(limit);
        loop {
            let found = look().await;
            let now = found.missing();
            if now.is_empty() || deadline.is_over() {
                return found;
            }
            tell(&found, *missing.borrow() != now, deadline.elapsed());
            *missing.borrow_mut() = now;
            deadline.wait(clock, POLL).await;
        }
    };
    tokio::select! {
        found = looks => Ok(Waited::Over(Box::new(found))),
        signal = interrupted => {
            signal?;
            Ok(Waited::Interrupted(missing.take()))
        }
    }
}

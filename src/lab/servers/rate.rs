//! How often a server may be asked in a minute of the product's time (field-notes 4.2).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

/// The requests that every server had in its current minute.
#[derive(Debug, Default)]
pub(super) struct Rates {
    minutes: Mutex<HashMap<usize, (Duration, u32)>>,
}

impl Rates {
    /// Counts a request to a server; false when it is one too many.
    pub(super) fn allows(&self, server: usize, limit: u32, now: Duration) -> bool {
        let mut minutes = self.minutes.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, count) = minutes.entry(server).or_insert((now, 0));
        if now.saturating_sub(*since) >= MINUTE {
            (*since, *count) = (now, 0);
        }
        *count += 1;
        *count <= limit
    }

    /// Forgets all.
    pub(super) fn clear(&self) {
        self.minutes.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_holds_the_limit_and_no_more() {
        let rates = Rates::default();
        assert!((0..3).all(|_| rates.allows(0, 3, Duration::ZERO)));
        assert!(!rates.allows(0, 3, Duration::from_secs(59)));
        assert!(rates.allows(1, 3, Duration::from_secs(59)), "every server has a minute of its own");
        assert!(rates.allows(0, 3, MINUTE));
    }
}

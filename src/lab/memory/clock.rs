//! A clock that jumps: whoever waits is woken in the order of the deadlines, and nobody really waits.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::time::Instant;

use crate::cluster::Clock;

/// Virtual time, shared by its clones.
///
/// It moves only when every task that uses it waits: then it jumps to the nearest deadline. Whether a task still
/// works is told by its calls: between two of them there may be file I/O, so a waiter gives the others one
/// millisecond of real time before it lets the clock jump (none under tokio's paused time).
#[derive(Clone, Debug)]
pub struct VirtualClock {
    epoch: Timestamp,
    state: Arc<Mutex<State>>,
    /// Where the runtime's time is the product's: when it began.
    began: Option<Instant>,
}

#[derive(Debug, Default)]
struct State {
    now: Duration,
    waiting: BTreeSet<(Duration, u64)>,
    calls: u64,
}

impl VirtualClock {
    /// A clock that begins at that time of day.
    pub fn starting_at(epoch: Timestamp) -> VirtualClock {
        VirtualClock { epoch, state: Arc::default(), began: None }
    }

    /// A clock that begins now at that time of day, and goes as tokio's does: where that one is paused, leases and the
    /// product share one virtual time.
    pub fn of_the_runtime(epoch: Timestamp) -> VirtualClock {
        VirtualClock { epoch, state: Arc::default(), began: Some(Instant::now()) }
    }

    /// The time since the beginning.
    pub fn elapsed(&self) -> Duration {
        self.began.map_or_else(|| self.state().now, |began| began.elapsed())
    }

    /// Tells the clock that a task works, so that it does not jump yet; returns the time since the beginning.
    pub(super) fn call(&self) -> Duration {
        if let Some(began) = self.began {
            return began.elapsed();
        }
        let mut state = self.state();
        state.calls += 1;
        state.now
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // The state is whole between any two statements, so a panic elsewhere spoils nothing.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place in the queue, given back even when the wait is cancelled.
struct Waiting<'a> {
    clock: &'a VirtualClock,
    key: (Duration, u64),
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.clock.state().waiting.remove(&self.key);
    }
}

#[async_trait]
impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        self.epoch.checked_add(self.elapsed()).unwrap_or(Timestamp::MAX)
    }

    async fn wait(&self, product: Duration) {
        if self.began.is_some() {
            return tokio::time::sleep(product).await;
        }
        let key = {
            let mut state = self.state();
            state.calls += 1;
            let key = (state.now.saturating_add(product), state.calls);
            state.waiting.insert(key);
            key
        };
        let place = Waiting { clock: self, key };
        loop {
            let before = self.state().calls;
            tokio::time::sleep(Duration::from_millis(1)).await;
            let mut state = self.state();
            let quiet = state.calls == before && state.waiting.first() == Some(&place.key);
            if quiet {
                state.now = state.now.max(key.0);
            }
            if state.now >= key.0 {
                // The one that is woken will call next: the others let it.
                state.calls += 1;
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn waits_end_in_the_order_of_their_deadlines() {
        let clock = VirtualClock::starting_at(Timestamp::UNIX_EPOCH);
        let order = Arc::new(Mutex::new(Vec::new()));
        let tasks = [("hour", 3_600), ("day", 86_400), ("minute", 60)].map(|(what, seconds)| {
            let (clock, order) = (clock.clone(), order.clone());
            tokio::spawn(async move {
                clock.wait(Duration::from_secs(seconds)).await;
                order.lock().unwrap().push((what, clock.elapsed().as_secs()));
            })
        });
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(*order.lock().unwrap(), [("minute", 60), ("hour", 3_600), ("day", 86_400)]);
        assert_eq!(clock.now(), Timestamp::UNIX_EPOCH + Duration::from_secs(86_400));
    }

    #[tokio::test(start_paused = true)]
    async fn two_tasks_that_poll_share_one_time() {
        let clock = VirtualClock::starting_at(Timestamp::UNIX_EPOCH);
        let poll = |every: u64, times: u32| {
            let clock = clock.clone();
            async move {
                for _ in 0..times {
                    clock.wait(Duration::from_secs(every)).await;
                }
                clock.elapsed().as_secs()
            }
        };
        assert_eq!(tokio::join!(poll(10, 6), poll(30, 3)), (60, 90));
    }

    #[tokio::test(start_paused = true)]
    async fn the_runtime_and_the_product_share_one_time() {
        let clock = VirtualClock::of_the_runtime(Timestamp::UNIX_EPOCH);
        tokio::time::sleep(Duration::from_secs(60)).await;
        clock.wait(Duration::from_secs(3_600)).await;
        assert_eq!((clock.elapsed(), clock.call()), (Duration::from_secs(3_660), clock.elapsed()));
        assert_eq!(clock.now(), Timestamp::UNIX_EPOCH + Duration::from_secs(3_660));
    }

    #[tokio::test(start_paused = true)]
    async fn a_cancelled_wait_holds_nobody_up() {
        let clock = VirtualClock::starting_at(Timestamp::UNIX_EPOCH);
        let mut first = Box::pin(clock.wait(Duration::from_secs(5)));
        assert!(futures::poll!(first.as_mut()).is_pending());
        drop(first);
        clock.wait(Duration::from_secs(60)).await;
        assert_eq!(clock.elapsed().as_secs(), 60);
    }
}

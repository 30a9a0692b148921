//! Time. The product's own deadlines (a sync, a restart, a panel's refresh) can be scaled, so that a lab runs
//! hours in seconds; network time-outs, leases and windows never are.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::time::Instant;

/// Tells the time and waits.
#[async_trait]
pub trait Clock: Send + Sync {
    /// The time of day.
    fn now(&self) -> Timestamp;

    /// Waits for the product: `product` is a time of its own, which a lab shortens.
    async fn wait(&self, product: Duration);

    /// How much of the product's time has passed since a time of day; none where that is still to come.
    fn since(&self, then: Timestamp) -> Duration {
        self.now().duration_since(then).try_into().unwrap_or_default()
    }
}

/// The system's clock, with the product's time running `factor` times as fast.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    factor: f64,
}

impl Default for SystemClock {
    fn default() -> Self {
        SystemClock { factor: 1.0 }
    }
}

impl SystemClock {
    /// A clock for a product whose time runs `factor` times as fast; factors below 1 count as 1.
    pub fn scaled(factor: f64) -> SystemClock {
        SystemClock { factor: if factor.is_finite() { factor.max(1.0) } else { 1.0 } }
    }
}

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    async fn wait(&self, product: Duration) {
        tokio::time::sleep(product.div_f64(self.factor)).await;
    }

    fn since(&self, then: Timestamp) -> Duration {
        let passed: Duration = self.now().duration_since(then).try_into().unwrap_or_default();
        Duration::try_from_secs_f64(passed.as_secs_f64() * self.factor).unwrap_or(Duration::MAX)
    }
}

/// A deadline of the product, for a loop that reads, waits and reads again.
///
/// The waits count by the product's time, what passes between them by the real one: a slow read never looks like
/// a scaled hour.
#[derive(Debug)]
pub struct Deadline {
    limit: Duration,
    waited: Duration,
    reading: Duration,
    since: Instant,
}

impl Deadline {
    /// A deadline that begins now.
    pub fn after(limit: Duration) -> Deadline {
        Deadline { limit, waited: Duration::ZERO, reading: Duration::ZERO, since: Instant::now() }
    }

    /// Waits one interval, or as much of it as is left; false when the deadline has passed.
    pub async fn wait(&mut self, clock: &dyn Clock, interval: Duration) -> bool {
        self.reading += self.since.elapsed();
        let left = self.limit.saturating_sub(self.elapsed());
        if left.is_zero() {
            return false;
        }
        let interval = interval.min(left);
        clock.wait(interval).await;
        self.waited += interval;
        self.since = Instant::now();
        true
    }

    /// Whether it has passed.
    pub fn is_over(&self) -> bool {
        self.elapsed() + self.since.elapsed() >= self.limit
    }

    /// The product's time since the beginning, as far as it was waited through.
    pub fn elapsed(&self) -> Duration {
        self.waited + self.reading
    }
}

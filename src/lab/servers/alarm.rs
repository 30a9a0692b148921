//! Waits to some ten microseconds, where the system can: the runtime's own timers count in whole milliseconds, rounded up,
//! and a near network's round trip is hardly more.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::time::{Instant, Sleep};

/// What waits until an instant.
pub(super) enum Alarm {
    /// A timer of the system's.
    #[cfg(target_os = "linux")]
    Exact(exact::Timer),
    /// One of the runtime's.
    Rough(Pin<Box<Sleep>>),
}

impl Alarm {
    /// As exact as the system allows.
    pub(super) fn new() -> Alarm {
        exact().unwrap_or_else(|_| Alarm::rough())
    }

    /// In the runtime's time, which tests can stop.
    pub(super) fn rough() -> Alarm {
        Alarm::Rough(Box::pin(tokio::time::sleep_until(Instant::now())))
    }

    /// Ready from the instant on.
    pub(super) fn poll_until(&mut self, at: Instant, cx: &mut Context<'_>) -> Poll<()> {
        if Instant::now() >= at {
            return Poll::Ready(());
        }
        match self {
            #[cfg(target_os = "linux")]
            Alarm::Exact(timer) => timer.poll_until(at, cx),
            Alarm::Rough(sleep) => {
                sleep.as_mut().reset(at);
                sleep.as_mut().poll(cx)
            }
        }
    }
}

#[cfg(target_os = "linux")]
fn exact() -> io::Result<Alarm> {
    exact::Timer::new().map(Alarm::Exact)
}

#[cfg(not(target_os = "linux"))]
fn exact() -> io::Result<Alarm> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(target_os = "linux")]
mod exact {
    use std::io;
    use std::pin::Pin;
    use std::task::{Context, Poll, ready};

    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
    };
    use tokio::io::{AsyncRead, ReadBuf};
    use tokio::net::unix::pipe::Receiver;
    use tokio::time::Instant;

    /// A timer that can be read from, as from a pipe, once its time has come.
    pub(in super::super) struct Timer {
        timer: Receiver,
        set: Option<Instant>,
    }

    impl Timer {
        pub(super) fn new() -> io::Result<Timer> {
            let timer = timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK)?;
            Ok(Timer { timer: Receiver::from_owned_fd_unchecked(timer)?, set: None })
        }

        /// Ready from the instant on.
        pub(super) fn poll_until(&mut self, at: Instant, cx: &mut Context<'_>) -> Poll<()> {
            loop {
                let left = at.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return Poll::Ready(());
                }
                if self.set != Some(at) {
                    let seconds = left.as_secs().try_into().unwrap_or(i64::MAX);
                    let once = Itimerspec {
                        it_interval: Timespec { tv_sec: 0, tv_nsec: 0 },
                        it_value: Timespec { tv_sec: seconds, tv_nsec: left.subsec_nanos().into() },
                    };
                    // it fails for a wrong descriptor or a wrong time only
                    let _ = timerfd_settime(&self.timer, TimerfdTimerFlags::empty(), &once);
                    self.set = Some(at);
                }
                let mut times = [0; size_of::<u64>()];
                // an error means that the runtime ends, and with it whoever waits
                let Ok(()) = ready!(Pin::new(&mut self.timer).poll_read(cx, &mut ReadBuf::new(&mut times))) else {
                    return Poll::Pending;
                };
                self.set = None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::time::Duration;

    use futures::future::join_all;

    use super::*;

    #[tokio::test]
    async fn nobody_is_woken_early_and_everybody_in_the_end() {
        for alarm in [Alarm::new, Alarm::rough] {
            let began = Instant::now();
            let waits = (1..50_u64).map(|number| {
                let mut alarm = alarm();
                async move {
                    // one after another, each with the same alarm, and the same instant twice
                    for at in [number * 10, number * 10, number * 40, 0].map(Duration::from_micros) {
                        poll_fn(|cx| alarm.poll_until(began + at, cx)).await;
                        assert!(began.elapsed() >= at);
                    }
                }
            });
            join_all(waits).await;
        }
    }
}

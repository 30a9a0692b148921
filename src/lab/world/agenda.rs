//! What is going to happen: events in the order of the product's time.

use std::collections::BTreeMap;
use std::time::Duration;

/// A node, by its cluster's place and its own in the spec.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Site {
    pub(super) cluster: usize,
    pub(super) node: usize,
}

/// An event. Those of a service carry the change they follow from: an order in between makes them void.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// A service has gone down.
    ServiceDown { site: Site, service: usize, change: u64 },
    /// A service has come up.
    ServiceUp { site: Site, service: usize, change: u64 },
    /// The Sync Agent of a cluster's publisher has copied the users; void when it was started again since.
    UsersCopied { cluster: usize, change: u64 },
    /// The Config Manager notes that a node needs a router restart.
    RestartNeeded { site: Site },
    /// The Config Manager notes that a node's router was restarted; `down` is when it went down.
    RestartNoted { site: Site, down: Duration },
    /// A redundancy group has settled after its switch was turned.
    GroupSettled { cluster: usize, group: usize, change: u64 },
    /// SRM's patience with a critical service is over.
    FailoverDue { site: Site, service: usize, change: u64 },
    /// Automatic fallback is due.
    FallbackDue { site: Site },
    /// ICSA synchronizes a peer again.
    PeriodicSync { cluster: usize, peer: u64 },
}

/// The events to come.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    events: BTreeMap<(Duration, u64), Event>,
    entered: u64,
}

impl Agenda {
    /// Enters an event; of two at the same time, the one entered first comes first.
    pub(super) fn enter(&mut self, at: Duration, event: Event) {
        self.entered += 1;
        self.events.insert((at, self.entered), event);
    }

    /// When the next event is.
    pub(super) fn next(&self) -> Option<Duration> {
        self.events.keys().next().map(|(at, _)| *at)
    }

    /// Takes the next event, if it is not after `until`.
    pub(super) fn take(&mut self, until: Duration) -> Option<(Duration, Event)> {
        let entry = self.events.first_entry()?;
        let at = entry.key().0;
        (at <= until).then(|| (at, entry.remove()))
    }
}

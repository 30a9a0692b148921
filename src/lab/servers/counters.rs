//! What the lab counts of every server, for tests that bound how much a client may ask.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// The running counts of one server.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) requests: Count,
    pub(super) connections: Count,
    pub(super) ssh_connections: Count,
    pub(super) commands: Count,
    pub(super) bytes_in: Count,
    pub(super) bytes_out: Count,
    pub(super) writes: Count,
    pub(super) answering_us: Count,
    failed_logins: Mutex<BTreeMap<String, u64>>,
}

/// A number that only grows, until it is zeroed.
#[derive(Debug, Default)]
pub(super) struct Count(AtomicU64);

impl Count {
    /// Adds to it.
    pub(super) fn add(&self, n: u64) {
        // The counts order nothing, so they need no ordering.
        self.0.fetch_add(n, Ordering::Relaxed);
    }
}

/// What one server was asked since the lab started, or since its last reset.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// The server's name.
    pub name: String,
    /// HTTP requests.
    pub requests: u64,
    /// HTTPS connections that were accepted.
    pub connections: u64,
    /// SSH connections that were accepted.
    pub ssh_connections: u64,
    /// Commands of the platform CLI.
    pub commands: u64,
    /// Bytes received over HTTPS, TLS included.
    pub bytes_in: u64,
    /// Bytes sent over HTTPS, TLS included.
    pub bytes_out: u64,
    /// Requests that changed something.
    pub writes: u64,
    /// Microseconds from requests to answers, on the lab's side: without TLS, and without the network's round trip.
    pub answering_us: u64,
    /// Logins that failed, by user name; of AXL, Control Center, the pages and the platform CLI alike.
    pub failed_logins: BTreeMap<String, u64>,
}

impl Tally {
    /// Counts a login that failed.
    pub(super) fn failed_login(&self, username: &str) {
        let mut logins = self.failed_logins.lock().unwrap_or_else(PoisonError::into_inner);
        *logins.entry(username.to_owned()).or_default() += 1;
    }

    /// The counts now.
    pub(super) fn read(&self, name: &str) -> Counters {
        let of = |count: &Count| count.0.load(Ordering::Relaxed);
        Counters {
            name: name.to_owned(),
            requests: of(&self.requests),
            connections: of(&self.connections),
            ssh_connections: of(&self.ssh_connections),
            commands: of(&self.commands),
            bytes_in: of(&self.bytes_in),
            bytes_out: of(&self.bytes_out),
            writes: of(&self.writes),
            answering_us: of(&self.answering_us),
            failed_logins: self.failed_logins.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }

    /// Back to nothing.
    pub(super) fn zero(&self) {
        let Tally {
            requests,
            connections,
            ssh_connections,
            commands,
            bytes_in,
            bytes_out,
            writes,
            answering_us,
            failed_logins,
        } = self;
        let counts = [requests, connections, ssh_connections, commands, bytes_in, bytes_out, writes, answering_us];
        for count in counts {
            count.0.store(0, Ordering::Relaxed);
        }
        failed_logins.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

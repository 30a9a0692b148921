//! The `Inter-cluster Peer Status` panel of a peer (field-notes 1.3), computed from what is the case now.

use super::World;
use super::agenda::Site;
use super::peer::{Entry, Obstacle, Phase, Synced};
use super::quirks::OneSided;
use crate::cluster::{ClusterName, NodeName, Outcome, PeerStatus, Protocol, StatusEntry};

const NOT_REACHABLE: &str = "Not reachable (Check peer address is valid, AXL is running on peer and AXL \
    username/password credentials are valid)";

impl World {
    /// The `Inter-cluster Peer Status` panel of a peer; none when there is no such peer.
    pub fn peer_status(&self, cluster: &ClusterName, address: &NodeName) -> Option<PeerStatus> {
        let (at, found) = self.cluster(cluster)?;
        let entry = found.peers.iter().find(|p| p.address.same(address))?;
        let obstacle = self.obstacle(at, entry);
        let target = entry.target;
        let mut entries = vec![self.connectivity(obstacle), self.associated_users(entry, target, obstacle)];
        entries.push(self.overall(entry, obstacle));
        entries.extend(self.certificate_status(at, entry, target));
        if found.release.has_last_synchronized() {
            entries.push(self.last_synchronized(entry));
        }
        if self.quirks.extra_entries {
            let there = target.map(|t| &self.clusters[t.cluster].spec);
            let known = entry.last_synced.is_some();
            let value = |v: Option<&str>| v.filter(|_| known).unwrap_or("Unknown").to_owned();
            entries.push(line("Peer SIP Proxy Domain", value(there.map(|t| t.domain.as_str())), known));
            entries.push(line("Peer Version", value(there.map(|t| t.version.as_str())), known));
        }
        Some(PeerStatus { entries })
    }

    /// Whether the certificates of a TLS peer are exchanged and in use.
    pub(super) fn is_secure(&self, at: usize, entry: &Entry) -> bool {
        let Some(target) = entry.target else { return false };
        let there = &self.clusters[target.cluster];
        let home = Site { cluster: at, node: 0 };
        let back = there.peers.iter().find(|p| p.target == Some(home));
        let both = self.quirks.mixed_is_secure || back.is_some_and(|b| b.protocol == entry.protocol);
        both && !entry.certificates_stick && entry.certificates == Some(there.certificates)
    }

    fn connectivity(&self, obstacle: Option<Obstacle>) -> StatusEntry {
        let good = match obstacle {
            Some(Obstacle::NotReachable | Obstacle::AgentDown) => false,
            Some(Obstacle::OneSided) => self.quirks.one_sided != OneSided::NotReachable,
            _ => true,
        };
        line("Peer Connectivity Test", if good { self.quirks.reachable } else { NOT_REACHABLE }, good)
    }

    fn associated_users(&self, entry: &Entry, target: Option<Site>, obstacle: Option<Obstacle>) -> StatusEntry {
        let homed = target.map(|t| self.clusters[t.cluster].homed_users());
        let complete = entry.last_synced.is_some() && homed == Some(entry.learned);
        let good = complete && obstacle.is_none_or(|o| o == Obstacle::OneSided);
        line("Associated Users", entry.learned.to_string(), good)
    }

    fn overall(&self, entry: &Entry, obstacle: Option<Obstacle>) -> StatusEntry {
        let (text, good) = match (obstacle, entry.phase) {
            (Some(_), _) => ("Failed", false),
            (None, Phase::Synced) => (self.quirks.overall_good, true),
            // A forced or repeated sync does not spoil what is there.
            (None, _) if entry.last_synced.is_some() => (self.quirks.overall_good, true),
            (None, _) => (self.quirks.overall_busy, false),
        };
        line(self.quirks.overall_label, text, good)
    }

    fn certificate_status(&self, at: usize, entry: &Entry, target: Option<Site>) -> Option<StatusEntry> {
        const LABEL: &str = "Certificate Status";
        if entry.protocol != Protocol::Tls {
            return self.quirks.certificate_tcp.map(|text| line(LABEL, text, true));
        }
        let secure = target.is_some() && self.is_secure(at, entry);
        Some(line(LABEL, if secure { "Connection is secure" } else { self.quirks.certificate_pending }, secure))
    }

    fn last_synchronized(&self, entry: &Entry) -> StatusEntry {
        let at = match entry.last_synced {
            None => return line("Last Synchronized Time", self.quirks.never, false),
            // Some time before the lab began: the last periodic sync.
            Some(Synced::Before) => self.time_before(self.quirks.periodic / 2),
            Some(Synced::At(at)) => self.time_at(at),
        };
        line("Last Synchronized Time", at.strftime(self.quirks.time_format).to_string(), true)
    }
}

fn line(label: &str, value: impl Into<String>, good: bool) -> StatusEntry {
    let outcome = if good { Outcome::Passed } else { Outcome::Failed };
    StatusEntry { label: label.to_owned(), value: value.into(), outcome }
}

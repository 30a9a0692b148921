//! ICSA's work: peers connect, learn each other's users and certificates, and are synchronized again from time to
//! time (field-notes 1.3, 2.2, 2.5). Two clusters that sync with several at once do so more slowly.

use std::collections::BTreeSet;
use std::time::Duration;

use super::agenda::{Event, Site};
use super::parameters::{CERTIFICATE_SYNC, PERFORM_CERTIFICATE_SYNC};
use super::peer::{Entry, Obstacle, Phase, Synced};
use super::views::Refusal;
use super::{Effect, World};
use crate::cluster::{ClusterName, NodeName, service};

/// The step in which work progresses; it lies on multiples of itself, so that the questions asked do not matter.
pub(super) const TICK: Duration = Duration::from_secs(5);

impl World {
    /// `Force Manual Sync`, on wish with `Also resync peer's Tomcat certificates`.
    ///
    /// # Errors
    /// There is no such peer.
    pub fn force_sync(
        &mut self,
        cluster: &ClusterName,
        address: &NodeName,
        resync_certificates: bool,
    ) -> Result<(), Refusal> {
        let (at, found) = self.cluster(cluster).ok_or_else(|| Refusal::page("No such cluster."))?;
        let ready = found.users_copied.is_some();
        let place = self.peer_place(at, address)?;
        let now = self.now;
        let entry = &mut self.clusters[at].peers[place];
        entry.early &= !ready;
        entry.resync |= resync_certificates;
        if !matches!(entry.phase, Phase::Syncing { .. }) {
            entry.phase = Phase::Waiting { attempt: now };
        }
        self.record(at, None, Effect::ForceSync { address: address.clone(), resync_certificates });
        Ok(())
    }

    /// Makes new tomcat certificates on a cluster: what its peers hold of them is out of date (field-notes 6).
    ///
    /// # Errors
    /// There is no such cluster.
    pub fn regenerate_certificates(&mut self, cluster: &ClusterName) -> Result<(), Refusal> {
        let (at, _) = self.cluster(cluster).ok_or_else(|| Refusal::page("No such cluster."))?;
        self.clusters[at].certificates += 1;
        Ok(())
    }

    /// How often a cluster's tomcat certificates were regenerated.
    pub fn certificates_regenerated(&self, cluster: &ClusterName) -> u32 {
        self.cluster(cluster).map_or(0, |(_, known)| known.certificates)
    }

    /// The clusters with whose links a cluster's agent, or theirs, learns users for the first time now: the initial syncs,
    /// which the vendor asks to have one after another (field-notes 2.5).
    pub fn first_syncs(&self, cluster: &ClusterName) -> Vec<&ClusterName> {
        let Some((at, _)) = self.cluster(cluster) else { return Vec::new() };
        let first = |from: usize, to: usize| {
            let learns = |p: &Entry| matches!(p.phase, Phase::Syncing { .. }) && p.last_synced.is_none();
            self.clusters[from].peers.iter().any(|p| p.target.is_some_and(|t| t.cluster == to) && learns(p))
        };
        let others = (0..self.clusters.len()).filter(|other| *other != at);
        others.filter(|o| first(at, *o) || first(*o, at)).map(|other| &self.clusters[other].spec.name).collect()
    }

    /// When an agent has work to do next: a step ahead while something syncs, else when the next attempt is due.
    pub(super) fn next_work(&self) -> Option<Duration> {
        let step = TICK.as_secs();
        let ahead = |at: Duration| Duration::from_secs((at.as_secs() / step + 1) * step);
        let due = |entry: &Entry| match entry.phase {
            Phase::Synced => None,
            Phase::Syncing { .. } => Some(ahead(self.now)),
            Phase::Waiting { attempt } => Some(ahead(self.now.max(attempt))),
        };
        self.clusters.iter().flat_map(|c| &c.peers).filter_map(due).min()
    }

    /// One step of work on all clusters.
    pub(super) fn work(&mut self) {
        for at in 0..self.clusters.len() {
            for place in 0..self.clusters[at].peers.len() {
                self.connect(at, place);
            }
        }
        let load = self.load();
        for at in 0..self.clusters.len() {
            for place in 0..self.clusters[at].peers.len() {
                self.progress(at, place, &load);
            }
        }
    }

    /// An attempt to connect, when it is due.
    fn connect(&mut self, at: usize, place: usize) {
        let entry = &self.clusters[at].peers[place];
        let Phase::Waiting { attempt } = entry.phase else { return };
        if attempt > self.now {
            return;
        }
        let stopped = self.obstacle(at, entry).filter(|o| self.stops_sync(*o));
        let phase = match stopped {
            Some(_) => Phase::Waiting { attempt: self.now + self.quirks.retry },
            None => Phase::Syncing { done: 0, work: self.amount(at, entry) },
        };
        let recovers = stopped == Some(Obstacle::Early) && self.quirks.early_recovers;
        let ready = self.clusters[at].users_copied.is_some();
        let entry = &mut self.clusters[at].peers[place];
        entry.phase = phase;
        if recovers && ready {
            entry.early = false;
        }
    }

    /// The work of a sync in milliseconds: 90 to 180 seconds by seed, and one more for every 500 users; a third
    /// of it once the users are known.
    fn amount(&self, at: usize, entry: &Entry) -> u64 {
        let here = self.clusters[at].spec.name.as_str();
        let base = self.chance.between(90, 180, &[here, &entry.address.normal(), "sync"]);
        let users = entry.target.map_or(0, |t| self.clusters[t.cluster].homed_users());
        let own = (base + users / 500).saturating_mul(1_000).saturating_mul(self.slowness);
        let all = self.equal_syncs.map_or(own, |lasts| u64::try_from(lasts.as_millis()).unwrap_or(u64::MAX));
        if entry.last_synced.is_some() { all / 3 } else { all }
    }

    /// How many links of each cluster sync now; both directions of a link count as one.
    fn load(&self) -> Vec<u64> {
        let mut links = BTreeSet::new();
        for (at, cluster) in self.clusters.iter().enumerate() {
            let syncing = cluster.peers.iter().filter(|p| matches!(p.phase, Phase::Syncing { .. }));
            links.extend(syncing.filter_map(|p| p.target).map(|t| (at.min(t.cluster), at.max(t.cluster))));
        }
        let mut load = vec![0; self.clusters.len()];
        for (a, b) in links {
            load[a] += 1;
            load[b] += 1;
        }
        load
    }

    fn progress(&mut self, at: usize, place: usize, load: &[u64]) {
        let entry = &self.clusters[at].peers[place];
        let Phase::Syncing { done, work } = entry.phase else { return };
        let Some(target) = entry.target else { return };
        let done = done + TICK.as_millis() as u64 / load[at].max(load[target.cluster]).max(1);
        let users = self.clusters[target.cluster].homed_users();
        if done >= work {
            self.synced(at, place, target);
            return;
        }
        let entry = &mut self.clusters[at].peers[place];
        entry.phase = Phase::Syncing { done, work };
        entry.learned = entry.learned.max(users.saturating_mul(done) / work.max(1)).min(users);
    }

    fn synced(&mut self, at: usize, place: usize, target: Site) {
        let there = &self.clusters[target.cluster];
        let (users, certificates) = (there.homed_users(), there.certificates);
        let now = self.now;
        let sticks = self.quirks.resync_sticks;
        let entry = &mut self.clusters[at].peers[place];
        let first = entry.last_synced.is_none();
        entry.phase = Phase::Synced;
        entry.learned = users;
        entry.last_synced = Some(Synced::At(now));
        if entry.certificates.is_none() {
            entry.certificates = Some(certificates);
        } else if std::mem::take(&mut entry.resync) && entry.certificates != Some(certificates) {
            entry.certificates = Some(certificates);
            entry.certificates_stick = sticks;
        }
        if first && self.quirks.notifies_on_add {
            // The peer's nodes and routes came with the sync (field-notes 1.8).
            self.peers_changed(at, true);
        }
    }

    pub(super) fn plan_periodic(&mut self, cluster: usize, peer: u64) {
        self.agenda.enter(self.now + self.quirks.periodic, Event::PeriodicSync { cluster, peer });
    }

    /// A periodic sync brings users and, where the parameter says so, certificates up to date.
    pub(super) fn periodic_sync(&mut self, cluster: usize, peer: u64) {
        let Some(place) = self.clusters[cluster].peers.iter().position(|p| p.id == peer) else { return };
        let entry = &self.clusters[cluster].peers[place];
        let reached = entry.phase == Phase::Synced && self.obstacle(cluster, entry).is_none();
        if let (true, Some(target)) = (reached, entry.target) {
            let there = &self.clusters[target.cluster];
            let (users, certificates) = (there.homed_users(), there.certificates);
            let site = Site { cluster, node: 0 };
            let renew = self.parameter_is(site, service::ICSA, CERTIFICATE_SYNC, PERFORM_CERTIFICATE_SYNC);
            let now = self.now;
            let entry = &mut self.clusters[cluster].peers[place];
            entry.learned = users;
            entry.last_synced = Some(Synced::At(now));
            if renew {
                entry.certificates = Some(certificates);
            }
        }
        self.plan_periodic(cluster, peer);
    }

    /// ICSA was started on the publisher: certificates that stuck are put to use, and waiting entries try at once.
    pub(super) fn agent_restarted(&mut self, cluster: usize) {
        let now = self.now;
        for entry in &mut self.clusters[cluster].peers {
            entry.certificates_stick = false;
            if matches!(entry.phase, Phase::Waiting { .. }) {
                entry.phase = Phase::Waiting { attempt: now };
            }
        }
    }

    /// Something went down or away: syncs that it stops, and entries that lose their partner by it, fall back to
    /// waiting, so that they connect anew.
    pub(super) fn look_for_losses(&mut self) {
        let attempt = self.now + self.quirks.retry;
        for at in 0..self.clusters.len() {
            for place in 0..self.clusters[at].peers.len() {
                let entry = &self.clusters[at].peers[place];
                let obstacle = self.obstacle(at, entry);
                let lost = match entry.phase {
                    Phase::Waiting { .. } => false,
                    Phase::Syncing { .. } => obstacle.is_some_and(|o| self.stops_sync(o)),
                    Phase::Synced => matches!(obstacle, Some(Obstacle::OneSided | Obstacle::NotReachable)),
                };
                if lost {
                    self.clusters[at].peers[place].phase = Phase::Waiting { attempt };
                }
            }
        }
    }
}

//! An intercluster peer: one cluster's entry that points to another cluster's database publisher.

use std::time::Duration;

use secrecy::ExposeSecret;

use super::World;
use super::agenda::Site;
use super::firewall::AXL_PORT;
use super::quirks::OneSided;
use super::views::PeerView;
use crate::cluster::{Account, ClusterName, NodeName, Protocol, service};

/// An entry.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) id: u64,
    pub(super) key: String,
    pub(super) address: NodeName,
    /// The node of that name, if there is one.
    pub(super) target: Option<Site>,
    pub(super) account: Account,
    pub(super) protocol: Protocol,
    pub(super) phase: Phase,
    /// Users of the other side that this side has learned.
    pub(super) learned: u64,
    /// The last sync that succeeded.
    pub(super) last_synced: Option<Synced>,
    /// Saved before the Sync Agent had finished, which shows as `Failed` (field-notes 1.3).
    pub(super) early: bool,
    /// The set of the other side's tomcat certificates that this side holds.
    pub(super) certificates: Option<u32>,
    /// Certificates arrived that only a restart of ICSA puts to use (field-notes 1.3).
    pub(super) certificates_stick: bool,
    /// A forced sync was told to take the certificates along.
    pub(super) resync: bool,
}

/// When a sync succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Synced {
    /// Before the lab began.
    Before,
    /// So long after the lab began.
    At(Duration),
}

/// Where an entry's sync is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// The next attempt to connect is due then.
    Waiting { attempt: Duration },
    /// So many milliseconds of work are done, of so many.
    Syncing { done: u64, work: u64 },
    /// In sync, kept so by periodic syncs.
    Synced,
}

/// What keeps an entry from being healthy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Obstacle {
    /// ICSA does not run on this side's publisher.
    AgentDown,
    /// No node of that name, or none that answers: wrong name, DNS, AXL down, or a refused account.
    NotReachable,
    /// The address is a node, but not a database publisher.
    NotPublisher,
    /// ICSA or the Sync Agent of the other side is down, or has not finished.
    OtherSideNotReady,
    /// The presence domains differ.
    OtherDomain,
    /// The other side has no entry that points back here, or one with a wrong account.
    OneSided,
    /// This side's Sync Agent had not finished when the entry was saved.
    Early,
}

impl World {
    /// The rows of Presence > Inter-Clustering.
    pub fn peers(&self, cluster: &ClusterName) -> Vec<PeerView> {
        let Some((_, cluster)) = self.cluster(cluster) else { return Vec::new() };
        let view = |entry: &Entry| PeerView {
            key: entry.key.clone(),
            address: entry.address.clone(),
            username: entry.account.username.clone(),
            protocol: entry.protocol.clone(),
            associated_users: entry.learned,
        };
        cluster.peers.iter().map(view).collect()
    }

    /// The cluster that an address points to, with the place of the node.
    pub(super) fn target(&self, address: &NodeName) -> Option<Site> {
        self.clusters.iter().enumerate().find_map(|(cluster, c)| {
            let node = c.nodes.iter().position(|n| n.name.same(address))?;
            Some(Site { cluster, node })
        })
    }

    /// What keeps an entry of a cluster from being healthy; none when nothing does. First what is nearest.
    pub(super) fn obstacle(&self, cluster: usize, entry: &Entry) -> Option<Obstacle> {
        let here = &self.clusters[cluster];
        if !here.publisher_runs(service::ICSA) {
            return Some(Obstacle::AgentDown);
        }
        let Some(target) = entry.target else { return Some(Obstacle::NotReachable) };
        let there = &self.clusters[target.cluster];
        if !self.connects(cluster, target, entry) {
            return Some(Obstacle::NotReachable);
        }
        if target.node != 0 {
            return Some(Obstacle::NotPublisher);
        }
        if !here.spec.domain.eq_ignore_ascii_case(&there.spec.domain) {
            return Some(Obstacle::OtherDomain);
        }
        if entry.early {
            return Some(Obstacle::Early);
        }
        if !there.publisher_runs(service::ICSA) || there.users_copied.is_none() {
            return Some(Obstacle::OtherSideNotReady);
        }
        let home = Site { cluster, node: 0 };
        match there.peers.iter().find(|back| back.target == Some(home)) {
            Some(back) if self.connects(target.cluster, home, back) => None,
            _ => Some(Obstacle::OneSided),
        }
    }

    /// Whether an obstacle keeps users from being learned, too.
    pub(super) fn stops_sync(&self, obstacle: Obstacle) -> bool {
        obstacle != Obstacle::OneSided || self.quirks.one_sided != OneSided::UsersOnly
    }

    /// ICSA's own probe: the names resolve, the port is open, AXL answers on the node, and the account may use it.
    fn connects(&self, from: usize, target: Site, entry: &Entry) -> bool {
        let there = &self.clusters[target.cluster];
        let node = &there.nodes[target.node];
        // ICSA resolves every name in the peer's tomcat certificate (field-notes 2.2).
        let here = &self.clusters[from];
        let holds = |names: &[String], name: &str| names.iter().any(|n| n.eq_ignore_ascii_case(name));
        let both_ways = self.decide("ICSA looks addresses up, too", 2) == 1;
        let resolves = |name: &str| !(holds(&here.unresolved, name) || both_ways && holds(&here.one_way, name));
        let names_resolve =
            there.nodes.iter().all(|n| resolves(n.name.as_str())) && there.spec.unified_cms.iter().all(|n| resolves(n));
        let password = entry.account.password.expose_secret();
        let rights = self.check_account(&there.spec.name, &entry.account.username, password);
        let open = !self.blocks(from, target.cluster, AXL_PORT);
        open && names_resolve && node.runs(service::AXL) && rights.is_some_and(|r| r.axl)
    }
}

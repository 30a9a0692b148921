//! The product, simulated: a pure, deterministic model of a deployment of IM and Presence clusters.
//!
//! A [`World`] holds all clusters of a lab. It has no I/O and no clock of its own: whoever holds it moves the
//! product's time with [`World::advance`] before asking. The same spec with the same calls at the same times gives
//! the same states. What public material leaves open is decided by the spec's seed (`quirks`), so that no client
//! can lean on a guess; `lab::behaviours` lists every behaviour with its mark.
//!
//! The orders are where their effects are told: services in `control`, peers in `save` and `sync`, High
//! Availability in `ha`, service parameters in `parameters`, notifications in `notify`. `lab::memory` puts the
//! client's seam in front of a world, without sockets.

mod accidents;
mod agenda;
mod catalogue;
mod chance;
mod cluster;
mod control;
mod disturb;
mod effects;
mod firewall;
mod ha;
mod names;
mod notify;
mod overview;
mod panel;
mod parameters;
mod peer;
mod quirks;
mod release;
mod save;
mod sync;
mod troubleshoot;
mod views;

use std::time::Duration;

use jiff::Timestamp;
use secrecy::ExposeSecret;

use self::agenda::{Agenda, Event, Site};
use self::chance::Chance;
use self::cluster::Cluster;
use self::firewall::Firewall;
use self::quirks::Quirks;
use super::spec::LabSpec;
use crate::cluster::{ClusterName, NodeName};
pub use effects::{Effect, Write};
pub use firewall::Reach;
pub use names::Member;
pub use views::{
    Entry, NodeView, NotificationView, ParameterView, PeerView, Refusal, Rights, SchemeView, ServiceKind, ServiceView,
};

/// The time of day at which a lab begins, unless it is told another: 2026-03-02 22:00 UTC, a Monday night.
const EPOCH: Timestamp = Timestamp::constant(1_772_488_800, 0);

/// A simulated deployment at one instant of the product's time.
#[derive(Debug)]
pub struct World {
    spec: LabSpec,
    epoch: Timestamp,
    chance: Chance,
    quirks: Quirks,
    now: Duration,
    clusters: Vec<Cluster>,
    firewall: Firewall,
    agenda: Agenda,
    /// How many times as long every sync takes.
    slowness: u64,
    /// How long every first sync takes, where it is not its own matter.
    equal_syncs: Option<Duration>,
    last_id: u64,
    writes: Vec<Write>,
}

/// Time, and who is there.
impl World {
    /// A deployment in its first state, at product time zero.
    pub fn new(spec: LabSpec) -> World {
        World::starting_at(spec, EPOCH)
    }

    /// A deployment in its first state, where product time zero is that time of day.
    pub fn starting_at(spec: LabSpec, epoch: Timestamp) -> World {
        let chance = Chance::new(spec.seed);
        let mut world = World {
            epoch,
            chance,
            quirks: Quirks::new(chance),
            now: Duration::ZERO,
            clusters: spec.clusters.iter().map(|c| Cluster::new(c, chance)).collect(),
            firewall: Firewall::default(),
            agenda: Agenda::default(),
            slowness: 1,
            equal_syncs: None,
            last_id: 0,
            writes: Vec::new(),
            spec,
        };
        world.first_peers();
        if world.quirks.unrelated_notification {
            for cluster in 0..world.clusters.len() {
                if let Some(last) = world.clusters[cluster].nodes.len().checked_sub(1) {
                    world.raise(cluster, notify::About::Replication(last));
                }
            }
        }
        world
    }

    /// Puts everything back to the first state, at product time zero.
    pub fn reset(&mut self) {
        *self = World::starting_at(self.spec.clone(), self.epoch);
    }

    /// Moves the product's time to `to`, counted from the start; an earlier time changes nothing.
    pub fn advance(&mut self, to: Duration) {
        loop {
            let (event, work) = (self.agenda.next(), self.next_work());
            let Some(next) = event.into_iter().chain(work).min().filter(|next| *next <= to) else { break };
            self.now = self.now.max(next);
            while let Some((_, event)) = self.agenda.take(self.now) {
                self.happen(event);
            }
            if work == Some(next) {
                self.work();
            }
        }
        self.now = self.now.max(to);
    }

    /// The product's time since the start.
    pub fn now(&self) -> Duration {
        self.now
    }

    /// The time of day of product time zero.
    pub fn epoch(&self) -> Timestamp {
        self.epoch
    }

    /// The product's time of day.
    pub fn time_of_day(&self) -> Timestamp {
        self.time_at(self.now)
    }

    /// What the lab was made of.
    pub fn spec(&self) -> &LabSpec {
        &self.spec
    }

    /// The names of the clusters, in the spec's order.
    pub fn clusters(&self) -> impl Iterator<Item = &ClusterName> {
        self.spec.clusters.iter().map(|c| &c.name)
    }

    /// The cluster and the node that a name means, letter case and a trailing dot aside.
    pub fn find_node(&self, name: &NodeName) -> Option<(&ClusterName, &NodeName)> {
        let site = self.target(name)?;
        let cluster = &self.clusters[site.cluster];
        Some((&cluster.spec.name, &cluster.nodes[site.node].name))
    }

    /// What an account may do on a cluster; none when the user name or the password is wrong.
    pub fn check_account(&self, cluster: &ClusterName, username: &str, password: &str) -> Option<Rights> {
        let (_, found) = self.cluster(cluster)?;
        let account = found.spec.accounts.iter().find(|a| {
            a.account.username.eq_ignore_ascii_case(username) && a.account.password.expose_secret() == password
        })?;
        Some(Rights { axl: account.axl, admin: account.admin })
    }

    /// Whether an OS administration account may log in to the platform CLI of a cluster's nodes. User names of the
    /// platform are those of an operating system: letter case counts.
    pub fn check_platform_account(&self, cluster: &ClusterName, username: &str, password: &str) -> bool {
        let known = self.cluster(cluster).map_or(&[][..], |(_, c)| &c.spec.platform);
        known.iter().any(|a| a.username == username && a.password.expose_secret() == password)
    }

    /// What the seed decides of something that is unknown: one of so many ways, counted from zero. For what the
    /// servers add to the model.
    pub fn decide(&self, what: &str, ways: usize) -> usize {
        self.chance.between(0, ways.saturating_sub(1) as u64, &["decide", what]) as usize
    }

    /// A database key for something that has none in the model, lower case without braces.
    pub fn key(&self, of: &[&str]) -> String {
        self.chance.uuid(of)
    }

    /// The database key of a presence redundancy group.
    pub fn group_key(&self, cluster: &ClusterName, group: &str) -> Option<String> {
        let (_, found) = self.cluster(cluster)?;
        let group = found.groups.iter().find(|g| g.name == group)?;
        Some(self.chance.uuid(&[cluster.as_str(), &group.name, "group"]))
    }

    /// Every order that was taken, oldest first.
    pub fn writes(&self) -> &[Write] {
        &self.writes
    }

    /// The time of day so long after product time zero, or the last one that there is.
    fn time_at(&self, after: Duration) -> Timestamp {
        self.epoch.checked_add(after).unwrap_or(Timestamp::MAX)
    }

    /// The time of day so long before product time zero.
    fn time_before(&self, before: Duration) -> Timestamp {
        self.epoch.checked_sub(before).unwrap_or(Timestamp::MIN)
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::ServiceDown { site, service, change } => self.service_down(site, service, change),
            Event::ServiceUp { site, service, change } => self.service_up(site, service, change),
            Event::UsersCopied { cluster, change } => self.users_copied(cluster, change),
            Event::RestartNeeded { site } => self.restart_needed(site),
            Event::RestartNoted { site, down } => self.restart_noted(site, down),
            Event::GroupSettled { cluster, group, change } => self.group_settled(cluster, group, change),
            Event::FailoverDue { site, service, change } => self.failover_due(site, service, change),
            Event::FallbackDue { site } => self.fallback_due(site),
            Event::PeriodicSync { cluster, peer } => self.periodic_sync(cluster, peer),
        }
    }

    fn record(&mut self, cluster: usize, node: Option<usize>, effect: Effect) {
        let found = &self.clusters[cluster];
        let write = Write {
            at: self.now,
            cluster: found.spec.name.clone(),
            node: node.map(|n| found.nodes[n].name.clone()),
            effect,
        };
        self.writes.push(write);
    }

    fn cluster(&self, name: &ClusterName) -> Option<(usize, &Cluster)> {
        self.clusters.iter().enumerate().find(|(_, c)| &c.spec.name == name)
    }

    fn site(&self, cluster: &ClusterName, node: &NodeName) -> Option<Site> {
        let (at, found) = self.cluster(cluster)?;
        let node = found.nodes.iter().position(|n| n.name.same(node))?;
        Some(Site { cluster: at, node })
    }
}

#[cfg(test)]
mod tests;

//! High Availability of presence redundancy groups (field-notes 2.4, 3.2): the switch, the states it leads to, and
//! the failover when a critical service stays down.

use std::time::Duration;

use super::agenda::{Event, Site};
use super::catalogue::place;
use super::cluster::Cluster;
use super::views::Refusal;
use super::{Effect, World};
use crate::cluster::{Activity, ClusterName, Group, service};

/// Where a node stands in its redundancy group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum HaState {
    /// High Availability is off, or the node is alone.
    #[default]
    Off,
    /// It was just switched on.
    Initializing,
    Normal,
    /// It serves the users of its partner.
    Backup,
    /// Its users are on its partner, and its critical service is still down.
    FailedOverDown,
    /// Its users are on its partner.
    FailedOver,
}

impl HaState {
    /// The states and reasons in the product's words. What a node without High Availability shows is unknown.
    pub(super) fn words(self, without: &'static str) -> (&'static str, &'static str) {
        match self {
            HaState::Off => (without, "High Availability Not Enabled"),
            HaState::Initializing => ("Initializing", "Initialization"),
            HaState::Normal => ("Normal", "Normal"),
            HaState::Backup => ("Running in Backup Mode", "Peer Down"),
            HaState::FailedOverDown => ("Failed Over with Critical Services not Running", "Critical Service Down"),
            HaState::FailedOver => ("Failed Over", "Critical Service Down"),
        }
    }

    /// In these states ICSA may not come up (CSCvj09515 and CSCvq63308, field-notes 2.4).
    pub(super) fn blocks_icsa(self) -> bool {
        matches!(self, HaState::FailedOver | HaState::FailedOverDown)
    }
}

/// How long a group needs to settle after its switch was turned: less than the two minutes of the procedure.
const SETTLE: (u64, u64) = (30, 110);

impl Cluster {
    /// Two-node groups begin with High Availability on, as the planning guide recommends.
    pub(super) fn first_ha_states(&mut self) {
        for group in 0..self.groups.len() {
            let members: Vec<usize> = self.members(group).collect();
            self.first_ha(group, members.len() == 2);
        }
    }

    /// How a group is before the lab begins.
    pub(super) fn first_ha(&mut self, group: usize, on: bool) {
        let members: Vec<usize> = self.members(group).collect();
        self.groups[group].enabled = on;
        for node in members {
            self.nodes[node].ha = if on { HaState::Normal } else { HaState::Off };
        }
    }
}

impl World {
    /// The presence redundancy groups with their High Availability.
    pub fn groups(&self, cluster: &ClusterName) -> Vec<Group> {
        let Some((at, cluster)) = self.cluster(cluster) else { return Vec::new() };
        let activity = |node: usize| Activity {
            node: cluster.nodes[node].name.clone(),
            state: cluster.nodes[node].ha.words(self.quirks.state_without_ha).0.to_owned(),
            active_users: self.active_users(Site { cluster: at, node }),
        };
        cluster
            .groups
            .iter()
            .enumerate()
            .map(|(group, g)| Group {
                name: g.name.clone(),
                enabled: g.enabled,
                nodes: cluster.members(group).map(activity).collect(),
            })
            .collect()
    }

    /// Switches High Availability of a presence redundancy group.
    ///
    /// # Errors
    /// There is no such group, or it has not two nodes.
    pub fn set_high_availability(&mut self, cluster: &ClusterName, group: &str, enabled: bool) -> Result<(), Refusal> {
        let (at, found) = self.cluster(cluster).ok_or_else(|| Refusal::page("No such cluster."))?;
        let place = found.groups.iter().position(|g| g.name == group);
        let place = place.ok_or_else(|| Refusal::page(format!("Presence redundancy group {group} does not exist.")))?;
        if enabled && found.members(place).count() != 2 {
            return Err(Refusal::page("High Availability needs two nodes in the presence redundancy group."));
        }
        let settle = self.chance.between(SETTLE.0, SETTLE.1, &[cluster.as_str(), group, "settle"]);
        let due = self.now + Duration::from_secs(settle);
        let group_now = &mut self.clusters[at].groups[place];
        if group_now.enabled != enabled {
            group_now.enabled = enabled;
            group_now.change += 1;
            let change = group_now.change;
            self.agenda.enter(due, Event::GroupSettled { cluster: at, group: place, change });
            if enabled {
                self.set_states(at, place, HaState::Initializing);
            }
        }
        self.record(at, None, Effect::SetHighAvailability { group: group.to_owned(), enabled });
        Ok(())
    }

    pub(super) fn group_settled(&mut self, cluster: usize, group: usize, change: u64) {
        let settled = &self.clusters[cluster].groups[group];
        if settled.change != change {
            return;
        }
        let state = if settled.enabled { HaState::Normal } else { HaState::Off };
        self.set_states(cluster, group, state);
        let members: Vec<usize> = self.clusters[cluster].members(group).collect();
        for node in members {
            self.watch_router(Site { cluster, node });
        }
    }

    fn set_states(&mut self, cluster: usize, group: usize, state: HaState) {
        let members: Vec<usize> = self.clusters[cluster].members(group).collect();
        for node in members {
            self.clusters[cluster].nodes[node].ha = state;
        }
    }

    /// SRM begins to count when the router is down: `Critical Service Delay` seconds until it fails over.
    pub(super) fn watch_router(&mut self, site: Site) {
        let node = &self.clusters[site.cluster].nodes[site.node];
        let Some(router) = place(service::XCP_ROUTER) else { return };
        if node.ha != HaState::Normal || node.services[router].is_started() {
            return;
        }
        let change = node.services[router].change;
        let delay = self.seconds_parameter(site, "Critical Service Delay", 90);
        self.agenda.enter(self.now + delay, Event::FailoverDue { site, service: router, change });
    }

    /// The delay is over: the users move to the partner, unless the service is up again. A restart is one outage,
    /// however many changes it makes, so what counts is whether the router came up since `change`.
    pub(super) fn failover_due(&mut self, site: Site, service: usize, change: u64) {
        let node = &self.clusters[site.cluster].nodes[site.node];
        let router = &node.services[service];
        // Within one restart: down is one change, on its way up is the next.
        let same_outage = router.change <= change + 1;
        if node.ha != HaState::Normal || router.is_started() || !same_outage {
            return;
        }
        let Some(group) = node.group else { return };
        let members: Vec<usize> = self.clusters[site.cluster].members(group).collect();
        for other in members {
            let state = if other == site.node { HaState::FailedOverDown } else { HaState::Backup };
            self.clusters[site.cluster].nodes[other].ha = state;
        }
    }

    /// The router is up: a node that had failed over stays so, and falls back 30 minutes later only where
    /// `Enable Automatic Fallback` says so.
    pub(super) fn router_recovered(&mut self, site: Site) {
        let node = &mut self.clusters[site.cluster].nodes[site.node];
        if node.ha != HaState::FailedOverDown {
            return;
        }
        node.ha = HaState::FailedOver;
        if self.parameter_is(site, super::catalogue::RECOVERY_MANAGER, "Enable Automatic Fallback", "True") {
            self.agenda.enter(self.now + Duration::from_secs(1_800), Event::FallbackDue { site });
        }
    }

    pub(super) fn fallback_due(&mut self, site: Site) {
        let node = &self.clusters[site.cluster].nodes[site.node];
        if let (HaState::FailedOver, Some(group)) = (node.ha, node.group) {
            self.set_states(site.cluster, group, HaState::Normal);
        }
    }

    /// Users active on a node: none while its router is down; after it came up they log in again over some
    /// minutes (the procedure allows 15), and those of a partner that failed over come on top.
    pub(super) fn active_users(&self, site: Site) -> u64 {
        let cluster = &self.clusters[site.cluster];
        let node = &cluster.nodes[site.node];
        if !node.runs(service::XCP_ROUTER) || node.group.is_none() {
            return 0;
        }
        let guests: u64 = match (node.ha, node.group) {
            (HaState::Backup, Some(group)) => {
                cluster.members(group).filter(|m| *m != site.node).map(|m| cluster.nodes[m].users).sum()
            }
            _ => 0,
        };
        let own = if node.ha == HaState::FailedOver { 0 } else { node.users };
        let Some(up) = node.router_up else { return own + guests };
        let ramp = self.chance.between(120, 720, &[node.name.as_str(), "log in again"]) * 1_000;
        let since = (self.now.saturating_sub(up).as_millis() as u64).min(ramp);
        own.saturating_mul(since) / ramp + guests
    }
}

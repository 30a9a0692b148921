//! The documented way around a router restart (field-notes 2.4): High Availability of the group off, two minutes,
//! the restarts until all sessions are back, High Availability on. Group by group, so that no more users than needed
//! are without it.

use super::preparation::start_id;
use super::{Builder, done, ended};
use crate::cluster::{Group, ServiceState, service};
use crate::mesh::{ClusterName, HighAvailability, NodeName};
use crate::plan::change::{Change, What};
use crate::plan::step::{Action, After, Condition, SettleFor, Step, StepId};

/// The switch is on Unified CM and takes effect in less than the two minutes that are waited; 10 minutes without
/// effect are a failure.
const SWITCH_SECONDS: u64 = 600;
/// The vendor's wait after High Availability was switched off (field-notes 2.4).
const OFF_SECONDS: u64 = 120;

/// Nodes that restart one after another.
pub(super) struct Together {
    /// The group, where its High Availability is switched off around the restarts.
    pub(super) group: Option<String>,
    /// The nodes.
    pub(super) nodes: Vec<NodeName>,
}

/// The steps before the restarts of a group.
pub(super) struct Off {
    pub(super) off: StepId,
    pub(super) settled: StepId,
}

impl Builder<'_> {
    /// The nodes of a cluster in the order of their restarts. Nodes of a group whose High Availability is on and is to
    /// be switched off come together; all others as they are.
    pub(super) fn together(&self, cluster: &ClusterName) -> Vec<Together> {
        let mut nodes = self.nodes.get(cluster).cloned().unwrap_or_default();
        nodes.retain(|node| !self.stays_down(cluster, node));
        if self.mesh.policy.xcp_restart.high_availability == HighAvailability::Leave {
            return vec![Together { group: None, nodes }];
        }
        let groups = self.snapshot.clusters.get(cluster).and_then(|read| read.high_availability.read());
        let on: Vec<&Group> = groups.into_iter().flatten().filter(|g| g.enabled && g.nodes.len() > 1).collect();
        let mut together: Vec<Together> = Vec::new();
        for node in nodes {
            let group = on.iter().find(|g| g.nodes.iter().any(|n| n.node.same(&node))).map(|g| g.name.clone());
            match together.iter_mut().find(|t| t.group == group && group.is_some()) {
                Some(known) => known.nodes.push(node),
                None => together.push(Together { group, nodes: vec![node] }),
            }
        }
        together
    }

    /// Whether the router of a node does not run, and nothing in the plan starts it: there is nothing to restart.
    fn stays_down(&self, cluster: &ClusterName, node: &NodeName) -> bool {
        let services = self.snapshot.clusters.get(cluster).and_then(|read| read.services.get(node)?.read());
        let router = services.and_then(|known| known.iter().find(|s| s.name == service::XCP_ROUTER));
        let down = |state| matches!(state, ServiceState::Stopped | ServiceState::Stopping | ServiceState::NotActivated);
        let starts = |change: &Change| match &change.what {
            What::Start { node: on, service, .. } | What::Activate { node: on, service } => {
                change.cluster == *cluster && on.same(node) && service == service::XCP_ROUTER
            }
            _ => false,
        };
        router.is_some_and(|router| down(router.state)) && !self.changes.iter().any(starts)
    }

    /// The nodes whose routers are down already and that share a group with this one, or may: it must not go down too.
    pub(super) fn down_beside(&self, cluster: &ClusterName, node: &NodeName) -> Vec<NodeName> {
        let beside = self.beside(cluster, node).into_iter();
        beside.filter(|other| self.stays_down(cluster, other)).cloned().collect()
    }

    /// The steps that start routers beside this one: where one of them fails, it must not go down too.
    pub(super) fn starting_beside(&self, cluster: &ClusterName, node: &NodeName) -> Vec<StepId> {
        let known = self.services.get(cluster);
        let starts = self.beside(cluster, node).into_iter().map(|other| start_id(cluster, other, service::XCP_ROUTER));
        starts.filter(|id| known.is_some_and(|known| known.contains(id))).collect()
    }

    /// The other nodes of a node's group, and those of which nobody knows that they are of another.
    fn beside(&self, cluster: &ClusterName, node: &NodeName) -> Vec<&NodeName> {
        let groups = self.snapshot.clusters.get(cluster).and_then(|read| read.high_availability.read());
        let group = |of: &NodeName| groups?.iter().position(|g| g.nodes.iter().any(|n| n.node.same(of)));
        let apart = |other: &NodeName| group(node).zip(group(other)).is_some_and(|(a, b)| a != b);
        let nodes = self.nodes.get(cluster).into_iter().flatten();
        nodes.filter(|other| !other.same(node) && !apart(other)).collect()
    }

    /// Switches a group off, unless none of its routers has to restart.
    pub(super) fn switch_off(
        &mut self,
        cluster: &ClusterName,
        group: &str,
        asked: Option<&[NodeName]>,
        after: Vec<After>,
        suffix: &str,
    ) -> Off {
        let unless = asked.unwrap_or_default().iter().map(|node| Condition::NoRestartAsked {
            cluster: cluster.clone(),
            node: node.clone(),
            service: service::XCP_ROUTER.into(),
        });
        let action = Action::SetHighAvailability { group: group.to_owned(), enabled: false };
        let reason = "high_availability: switch-off; a restart must not look like a failure";
        let off = self.push(Step {
            after,
            unless: unless.collect(),
            gates: vec![Condition::NodesNormal { cluster: cluster.clone() }],
            until: vec![is(cluster, group, false)],
            within_seconds: SWITCH_SECONDS,
            undo: format!("switch High Availability of {group} on"),
            ..Step::new(StepId(format!("ha-off/{cluster}/{group}{suffix}").into()), cluster, action, reason)
        });
        let action = Action::Settle { seconds: OFF_SECONDS, what: SettleFor::HighAvailability };
        let reason = "the vendor asks for two minutes after High Availability was switched off";
        let settled = self.push(Step {
            after: vec![done(&off)],
            unless: vec![is(cluster, group, true)],
            within_seconds: OFF_SECONDS,
            ..Step::new(StepId(format!("ha-settle/{cluster}/{group}{suffix}").into()), cluster, action, reason)
        });
        Off { off, settled }
    }

    /// Switches a group on again, whatever came of the restarts.
    pub(super) fn switch_on(
        &mut self,
        cluster: &ClusterName,
        group: &str,
        off: &Off,
        restarts: &[StepId],
        suffix: &str,
    ) -> StepId {
        let action = Action::SetHighAvailability { group: group.to_owned(), enabled: true };
        let reason = "High Availability is switched on again, whatever came of the restarts";
        self.push(Step {
            after: [&off.off, &off.settled].into_iter().chain(restarts).map(ended).collect(),
            until: vec![is(cluster, group, true), Condition::NodesNormal { cluster: cluster.clone() }],
            within_seconds: SWITCH_SECONDS,
            finalizes: Some(off.off.clone()),
            undo: "none: this takes a step back".into(),
            ..Step::new(StepId(format!("ha-on/{cluster}/{group}{suffix}").into()), cluster, action, reason)
        })
    }
}

/// High Availability of a group is on, or off.
pub(super) fn is(cluster: &ClusterName, group: &str, enabled: bool) -> Condition {
    Condition::HighAvailabilityIs { cluster: cluster.clone(), group: group.to_owned(), enabled }
}

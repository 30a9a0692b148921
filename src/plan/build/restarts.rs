//! Router restarts: after a cluster's last change, where a notification asks for them, one node after another.

use std::collections::BTreeMap;

use super::{Builder, RESTART_TOKEN, ended};
use crate::cluster::service;
use crate::mesh::{AfterDelete, ClusterName};
use crate::plan::change::{Change, What};
use crate::plan::hold::Hold;
use crate::plan::release::Release;
use crate::plan::step::{Action, Condition, SettleFor, Step, StepId, When};

/// The panel refreshes every 60 seconds (field-notes 2.5); notifications are given twice that time.
const SETTLE_SECONDS: u64 = 120;
/// A router's restart, until its sessions and its redundancy group are back: 30 minutes without recovery is the
/// documented point of intervention (field-notes 2.4).
const RESTART_SECONDS: u64 = 1800;

/// Which routers restart after a deletion.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rule {
    None,
    OnlyAsked,
    Publisher,
    Always,
}

fn is_restart(change: &Change) -> bool {
    matches!(change.what, What::Restart { .. })
}

impl Builder<'_> {
    /// Router restarts of every cluster that something was changed on, its nodes one after another: the two nodes
    /// of a redundancy group are never down together. Deletions and what a notification asked for before the plan
    /// are part of the first batch.
    pub(super) fn restarts(
        &mut self,
        synced: &BTreeMap<ClusterName, Vec<StepId>>,
        batch: usize,
    ) -> BTreeMap<ClusterName, Vec<StepId>> {
        let first = batch == 0;
        let mut restarts = BTreeMap::new();
        let clusters: Vec<ClusterName> = self.mesh.clusters.iter().map(|c| c.name.clone()).collect();
        for cluster in clusters {
            let deletions = if first { self.deletions.get(&cluster).cloned().unwrap_or_default() } else { Vec::new() };
            let linked = synced.get(&cluster);
            let asked = first && self.changes.iter().any(|c| c.cluster == cluster && is_restart(c));
            let rule = if deletions.is_empty() { Rule::OnlyAsked } else { self.rule_after_delete(&cluster) };
            if linked.is_none() && !asked && (deletions.is_empty() || rule == Rule::None) {
                continue;
            }
            let changed: Vec<StepId> = linked.into_iter().flatten().cloned().chain(deletions).collect();
            let steps = self.restarts_of(&cluster, batch, &changed, rule);
            restarts.insert(cluster, steps);
        }
        restarts
    }

    fn restarts_of(&mut self, cluster: &ClusterName, batch: usize, changed: &[StepId], rule: Rule) -> Vec<StepId> {
        let suffix = if batch == 0 { String::new() } else { format!("/{}", batch + 1) };
        let mut previous = (!changed.is_empty()).then(|| {
            let action = Action::Settle { seconds: SETTLE_SECONDS, what: SettleFor::Notifications };
            let reason = "the product raises its notifications some time after the last change";
            self.push(Step {
                after: changed.iter().map(ended).collect(),
                within_seconds: SETTLE_SECONDS,
                ..Step::new(StepId(format!("settle/{cluster}{suffix}")), cluster, action, reason)
            })
        });
        let mut restarts = Vec::new();
        for node in self.nodes.get(cluster).cloned().unwrap_or_default() {
            let publisher = self.publisher(cluster).is_some_and(|p| p.same(&node));
            let always = rule == Rule::Always || (rule == Rule::Publisher && publisher);
            let (on, router) = (cluster.clone(), service::XCP_ROUTER.to_owned());
            let until = vec![
                Condition::Started { cluster: on.clone(), node: node.clone(), service: router.clone() },
                Condition::NodesNormal { cluster: on.clone() },
                Condition::NoRestartAsked { cluster: on, node: node.clone(), service: router },
            ];
            let action = Action::Restart {
                node: node.clone(),
                service: service::XCP_ROUTER.into(),
                when: if always { When::Always } else { When::Asked },
            };
            let reason = match always {
                true => "before release 14 the deletion of a peer needs it",
                false => "restart only where a notification asks for it",
            };
            let id = self.push(Step {
                after: previous.iter().map(ended).collect(),
                gates: vec![Condition::NodesNormal { cluster: cluster.clone() }],
                until,
                within_seconds: RESTART_SECONDS,
                undo: "none: a restart cannot be taken back".into(),
                ..Step::new(StepId(format!("restart/{cluster}/{node}{suffix}")), cluster, action, reason)
            });
            previous = Some(id.clone());
            restarts.push(id);
        }
        self.built.holds.push(Hold { tokens: vec![RESTART_TOKEN.into()], steps: restarts.clone() });
        restarts
    }

    fn rule_after_delete(&self, cluster: &ClusterName) -> Rule {
        let version = self.snapshot.clusters.get(cluster).and_then(|c| c.identity.read());
        let release = version.and_then(|identity| Release::read(&identity.version));
        match self.mesh.policy.xcp_restart.after_delete {
            AfterDelete::Always => Rule::Always,
            AfterDelete::Never => Rule::None,
            AfterDelete::ByRelease => match release {
                Some(release) if release >= Release::DELETE_WITHOUT_RESTART => Rule::OnlyAsked,
                _ => Rule::Publisher,
            },
        }
    }
}

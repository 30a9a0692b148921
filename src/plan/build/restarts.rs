//! Router restarts: after a cluster's last change, where a notification asks for them, one node after another.

use std::collections::{BTreeMap, BTreeSet};

use super::links::await_sync;
use super::switch::{self, Off, Together};
use super::{Builder, RESTART_TOKEN, done, ended};
use crate::cluster::{CONNECTIVITY, StatusEntry, service};
use crate::mesh::topology::Pair;
use crate::mesh::{AfterDelete, ClusterName, NodeName};
use crate::plan::change::{Change, What};
use crate::plan::hold::Hold;
use crate::plan::release::Release;
use crate::plan::step::{Action, After, Condition, Late, SettleFor, Step, StepId, When};

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
    /// are part of the cluster's first batch.
    pub(super) fn restarts(
        &mut self,
        linked: &BTreeMap<ClusterName, Vec<StepId>>,
        replaced: &BTreeSet<ClusterName>,
        batch: usize,
    ) -> BTreeMap<ClusterName, Vec<StepId>> {
        let mut restarts = BTreeMap::new();
        // of a cluster that is linked later, all restarts wait for that: no link may change while a router restarts
        let is_first = |name: &ClusterName| self.first_batch.get(name).copied().unwrap_or(0) == batch;
        let clusters: Vec<(ClusterName, bool)> = (self.mesh.clusters.iter())
            .map(|c| (c.name.clone(), is_first(&c.name)))
            .filter(|(name, first)| *first || linked.contains_key(name))
            .collect();
        let asked_on: BTreeSet<&ClusterName> =
            self.changes.iter().filter(|c| is_restart(c)).map(|c| &c.cluster).collect();
        for (cluster, first) in clusters {
            let deletions = if first { self.deletions.get(&cluster).cloned().unwrap_or_default() } else { Vec::new() };
            let deletes = !deletions.is_empty() || replaced.contains(&cluster);
            let linked = linked.get(&cluster);
            let asked = first && asked_on.contains(&cluster);
            let rule = if deletes { self.rule_after_delete(&cluster) } else { Rule::OnlyAsked };
            if linked.is_none() && !asked && (deletions.is_empty() || rule == Rule::None) {
                continue;
            }
            let mut changed: Vec<StepId> = linked.into_iter().flatten().cloned().chain(deletions).collect();
            if first {
                changed.extend(self.syncs_under_way(&cluster));
            }
            let steps = self.restarts_of(&cluster, batch, (&changed, linked.is_some()), rule);
            restarts.insert(cluster, steps);
        }
        restarts
    }

    /// Waits for the syncs of this cluster that were under way before the plan: where they end, they ask for a restart once
    /// more.
    fn syncs_under_way(&mut self, cluster: &ClusterName) -> Vec<StepId> {
        let sides: Vec<(ClusterName, ClusterName)> =
            self.under_way.iter().filter(|(from, to)| [from, to].contains(&cluster)).cloned().collect();
        let mut waits = Vec::new();
        for (from, to) in sides {
            let Some(address) = self.publisher(&to) else { continue };
            let reason = "it was under way before the plan; its end asks for a restart";
            let step = Step { late: Late::GoesOn, ..await_sync(&from, &to, address, reason) };
            waits.push(step.id.clone());
            // both of its clusters may wait for it
            if !self.built.steps.iter().any(|there| there.id == step.id) {
                self.push(step);
            }
        }
        waits
    }

    /// The sides of links that this plan does not touch, such as those that an interrupted run added, which reach the
    /// other side and have not learned all of its users yet.
    pub(super) fn find_syncs_under_way(&mut self) {
        let untouched = |pair: &&Pair| !pair.directions().iter().any(|side| self.of_link.contains_key(side));
        let sides = self.transports.keys().filter(untouched).flat_map(Pair::directions);
        let found = sides.filter(|(from, to)| self.is_under_way(from, to) && !self.is_taken_back(from, to));
        self.under_way = found.map(|(from, to)| (from.clone(), to.clone())).collect();
    }

    /// Whether an entry of the link is deleted, as by a rollback of a run that added it.
    fn is_taken_back(&self, a: &ClusterName, b: &ClusterName) -> bool {
        self.changes.iter().any(|change| match &change.what {
            What::DeletePeer { to: Some(to), .. } => [(a, b), (b, a)].contains(&(&change.cluster, to)),
            _ => false,
        })
    }

    /// Whether the panel of a side shows that the other is reached, and fewer users than there are.
    fn is_under_way(&self, from: &ClusterName, to: &ClusterName) -> bool {
        let clusters = &self.snapshot.clusters;
        let wanted = clusters.get(to).and_then(|there| there.users.read());
        let panel = self.clusters.get(to).and_then(|to| {
            let mut panels = clusters.get(from)?.peer_status.iter();
            panels.find(|(name, _)| name.same(&to.publisher))?.1.read()
        });
        panel.zip(wanted).is_some_and(|(panel, wanted)| {
            panel.entry(CONNECTIVITY).is_some_and(StatusEntry::is_good)
                && panel.associated_users().is_some_and(|found| found < *wanted)
        })
    }

    fn restarts_of(
        &mut self,
        cluster: &ClusterName,
        batch: usize,
        (changed, linked): (&[StepId], bool),
        rule: Rule,
    ) -> Vec<StepId> {
        let suffix = if batch == 0 { String::new() } else { format!("/{}", batch + 1) };
        let tuned = self.tuned.get(cluster).into_iter().flatten().chain(self.restarted.get(cluster));
        // links wait for the services themselves
        let started = self.services.get(cluster).filter(|_| !linked);
        let earlier = tuned.chain(started.into_iter().flatten());
        let before = earlier.map(ended);
        // Where nothing is changed here, something may have been a moment ago: a restart does not count for what is asked for
        // after it.
        let action = Action::Settle { seconds: SETTLE_SECONDS, what: SettleFor::Notifications };
        let reason = "the product raises its notifications some time after the last change";
        let settled = self.push(Step {
            after: changed.iter().map(ended).chain(before).collect(),
            within_seconds: SETTLE_SECONDS,
            ..Step::new(StepId(format!("settle/{cluster}{suffix}").into()), cluster, action, reason)
        });
        let mut before = vec![ended(&settled)];
        let publisher = self.publisher(cluster);
        let always = |node: &NodeName| {
            rule == Rule::Always || (rule == Rule::Publisher && publisher.as_ref().is_some_and(|p| p.same(node)))
        };
        let mut steps = Vec::new();
        for Together { group, nodes } in self.together(cluster) {
            let off = group.as_ref().map(|group| {
                let asked = (!nodes.iter().any(always)).then_some(nodes.as_slice());
                self.switch_off(cluster, group, asked, before.clone(), &suffix)
            });
            if let Some(Off { off, settled }) = &off {
                steps.extend([off.clone(), settled.clone()]);
                before = vec![done(settled)];
            }
            let mut restarts = Vec::new();
            for node in &nodes {
                let id = self.restart(cluster, node, always(node), group.as_deref(), before, &suffix);
                // the next one waits for a router that is well: a group must not lose both
                before = vec![done(&id)];
                restarts.push(id);
            }
            steps.extend(restarts.iter().cloned());
            if let (Some(group), Some(off)) = (&group, &off) {
                let on = self.switch_on(cluster, group, off, &restarts, &suffix);
                before = vec![ended(&on)];
                steps.push(on);
            }
        }
        if let Some(last) = steps.last() {
            self.restarted.insert(cluster.clone(), last.clone());
        }
        self.built.holds.push(Hold { tokens: vec![RESTART_TOKEN.into()], steps: steps.clone() });
        steps
    }

    /// One router. Where its group's High Availability was switched off, its sessions must come back before the next.
    fn restart(
        &mut self,
        cluster: &ClusterName,
        node: &NodeName,
        always: bool,
        group: Option<&str>,
        mut after: Vec<After>,
        suffix: &str,
    ) -> StepId {
        let beside = self.starting_beside(cluster, node);
        after.retain(|after| !beside.contains(&after.step));
        after.extend(beside.iter().map(done));
        let (on, router) = (cluster.clone(), service::XCP_ROUTER.to_owned());
        let mut until = vec![
            Condition::Started { cluster: on.clone(), node: node.clone(), service: router.clone() },
            Condition::NodesNormal { cluster: on.clone() },
            Condition::NoRestartAsked { cluster: on.clone(), node: node.clone(), service: router.clone() },
        ];
        if group.is_some() {
            until.push(Condition::UsersBack { cluster: on, node: node.clone() });
        }
        let when = if always { When::Always } else { When::Asked };
        let action = Action::Restart { node: node.clone(), service: router, when };
        let reason = match always {
            true => "before release 14 the deletion of a peer needs it",
            false => "restart only where a notification asks for it",
        };
        // what was not asked for when the group was looked at is found by the next plan
        let still_on = group.filter(|_| !always).map(|group| switch::is(cluster, group, true));
        let mut gates = vec![Condition::NodesNormal { cluster: cluster.clone() }];
        gates.extend(self.down_beside(cluster, node).into_iter().map(|node| Condition::Started {
            cluster: cluster.clone(),
            node,
            service: service::XCP_ROUTER.into(),
        }));
        self.push(Step {
            after,
            unless: still_on.into_iter().collect(),
            gates,
            until,
            within_seconds: RESTART_SECONDS,
            undo: "none: a restart cannot be taken back".into(),
            ..Step::new(StepId(format!("restart/{cluster}/{node}{suffix}").into()), cluster, action, reason)
        })
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

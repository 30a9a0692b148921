//! A plan carried out on nothing: steps begin and end in a random order that the graph and the tokens allow, several at
//! the same time, and after each the laws are looked at by what the steps do, not by what the plan says of itself.

use std::collections::{BTreeMap, BTreeSet};

use intermesh::cluster::service;
use intermesh::mesh::topology::Pair;
use intermesh::mesh::{ClusterName, NodeName};
use intermesh::plan::Plan;
use intermesh::plan::step::{Action, Step, StepId};

use crate::order::Dice;

struct Replay<'a> {
    plan: &'a Plan,
    index: BTreeMap<&'a StepId, usize>,
    waits: Vec<usize>,
    next: Vec<Vec<usize>>,
    hold_of: Vec<Option<usize>>,
    /// Steps of each hold that have not ended, and whether its tokens are taken.
    holds: Vec<(usize, bool)>,
    free: BTreeMap<&'a str, u32>,
    running: Vec<usize>,
    ended: Vec<bool>,
    /// Directions of a link that wait for their sync, by link that has begun.
    open: BTreeMap<Pair, usize>,
    /// Groups whose High Availability is off.
    off: BTreeSet<(&'a ClusterName, &'a str)>,
}

/// Replays the plan in the order of the dice.
///
/// # Errors
/// The first law that a prefix breaks.
pub fn replay(plan: &Plan, dice: &mut Dice) -> Result<(), String> {
    let mut replay = Replay::new(plan);
    let mut ready: Vec<usize> = (0..plan.steps.len()).filter(|i| replay.waits[*i] == 0).collect();
    let mut left = plan.steps.len();
    while left > 0 {
        let able: Vec<usize> = (0..ready.len()).filter(|at| replay.may_begin(ready[*at])).collect();
        let ways = able.len() + replay.running.len();
        if ways == 0 {
            return Err(format!("{left} steps wait for tokens that nobody gives back"));
        }
        let way = dice.below(ways);
        if way < able.len() {
            let i = ready.swap_remove(able[way]);
            replay.begin(i)?;
        } else {
            let i = replay.running.swap_remove(way - able.len());
            ready.extend(replay.end(i));
            left -= 1;
        }
    }
    match replay.off.first() {
        Some((cluster, group)) => Err(format!("High Availability of {group} of {cluster} is left off")),
        None => Ok(()),
    }
}

impl<'a> Replay<'a> {
    fn new(plan: &'a Plan) -> Replay<'a> {
        let index: BTreeMap<&StepId, usize> = plan.steps.iter().enumerate().map(|(i, s)| (&s.id, i)).collect();
        let mut next = vec![Vec::new(); plan.steps.len()];
        for (i, step) in plan.steps.iter().enumerate() {
            for after in &step.after {
                next[index[&after.step]].push(i);
            }
        }
        let mut hold_of = vec![None; plan.steps.len()];
        for (h, hold) in plan.holds.iter().enumerate() {
            for id in &hold.steps {
                hold_of[index[id]] = Some(h);
            }
        }
        Replay {
            plan,
            waits: plan.steps.iter().map(|s| s.after.len()).collect(),
            next,
            hold_of,
            holds: plan.holds.iter().map(|h| (h.steps.len(), false)).collect(),
            free: plan.tokens.iter().map(|t| (t.name.as_str(), t.count)).collect(),
            running: Vec::new(),
            ended: vec![false; plan.steps.len()],
            open: BTreeMap::new(),
            off: BTreeSet::new(),
            index,
        }
    }

    fn may_begin(&self, i: usize) -> bool {
        self.hold_of[i].is_none_or(|h| {
            self.holds[h].1
                || self.plan.holds[h].tokens.iter().all(|t| self.free.get(t.as_str()).is_some_and(|n| *n > 0))
        })
    }

    fn begin(&mut self, i: usize) -> Result<(), String> {
        if let Some(h) = self.hold_of[i].filter(|h| !self.holds[*h].1) {
            self.holds[h].1 = true;
            for token in &self.plan.holds[h].tokens {
                *self.free.get_mut(token.as_str()).ok_or("an unknown token")? -= 1;
            }
        }
        let step = &self.plan.steps[i];
        self.look(step)?;
        self.running.push(i);
        Ok(())
    }

    /// The laws of a step that begins.
    fn look(&mut self, step: &'a Step) -> Result<(), String> {
        match &step.action {
            Action::AddPeer { to, .. } | Action::EditPeer { to, .. } => {
                self.services_run(step, to)?;
                self.link_begins(step, to)
            }
            Action::ForceSync { to, .. } => self.link_begins(step, to),
            Action::Restart { node, service, .. } if service == service::XCP_ROUTER => self.router(step, node),
            Action::SetHighAvailability { group, enabled: false } => {
                self.off.insert((&step.cluster, group));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Services that the plan starts run on both sides before an entry is written.
    fn services_run(&self, step: &Step, to: &ClusterName) -> Result<(), String> {
        let starts = |s: &&Step| matches!(s.action, Action::Start { .. } | Action::Activate { .. });
        let of_link = |s: &&Step| s.cluster == step.cluster || s.cluster == *to;
        let late = self.plan.steps.iter().filter(starts).filter(of_link).find(|s| !self.ended[self.index[&s.id]]);
        late.map_or(Ok(()), |late| Err(format!("{} begins before {} has ended", step.id, late.id)))
    }

    /// No cluster syncs more links at once than the policy allows.
    fn link_begins(&mut self, step: &Step, to: &ClusterName) -> Result<(), String> {
        self.open.entry(Pair::new(&step.cluster, to)).or_insert(2);
        let allowed = self.plan.mesh.policy.concurrent_syncs_per_cluster as usize;
        for cluster in [&step.cluster, to] {
            let syncing = self.open.iter().filter(|(pair, open)| **open > 0 && pair.has(cluster)).count();
            if syncing > allowed {
                return Err(format!("{}: {cluster} syncs {syncing} links at once, {allowed} are allowed", step.id));
            }
        }
        Ok(())
    }

    /// No two routers of a cluster restart at once, and of no more clusters than the policy allows.
    fn router(&self, step: &Step, node: &NodeName) -> Result<(), String> {
        let restarting = self.running.iter().map(|i| &self.plan.steps[*i]).filter(|s| is_router(s));
        let mut clusters: BTreeSet<&ClusterName> = restarting.map(|s| &s.cluster).collect();
        if !clusters.insert(&step.cluster) {
            return Err(format!("{} while another router of {} restarts", step.id, step.cluster));
        }
        let allowed = self.plan.mesh.policy.xcp_restart.max_clusters_at_once as usize;
        if clusters.len() > allowed {
            return Err(format!("{}: routers of {} clusters restart at once", step.id, clusters.len()));
        }
        let off = self.plan.mesh.policy.xcp_restart.high_availability == intermesh::mesh::HighAvailability::SwitchOff;
        let read = self.plan.snapshot.clusters[&step.cluster].high_availability.read();
        let of_node = |g: &&intermesh::cluster::Group| {
            g.enabled && g.nodes.len() > 1 && g.nodes.iter().any(|n| n.node.same(node))
        };
        let group = read.into_iter().flatten().find(of_node);
        match group {
            Some(group) if off && !self.off.contains(&(&step.cluster, group.name.as_str())) => {
                Err(format!("{} while High Availability of {} is on", step.id, group.name))
            }
            _ => Ok(()),
        }
    }

    /// A step has ended; returns those that it makes ready.
    fn end(&mut self, i: usize) -> Vec<usize> {
        self.ended[i] = true;
        let step = &self.plan.steps[i];
        match &step.action {
            Action::AwaitSync { to, .. } => {
                if let Some(open) = self.open.get_mut(&Pair::new(&step.cluster, to)) {
                    *open -= 1;
                }
            }
            Action::SetHighAvailability { group, enabled: true } => {
                self.off.remove(&(&step.cluster, group.as_str()));
            }
            _ => {}
        }
        if let Some(h) = self.hold_of[i] {
            self.holds[h].0 -= 1;
            if self.holds[h].0 == 0 {
                for token in &self.plan.holds[h].tokens {
                    self.free.entry(token).and_modify(|n| *n += 1);
                }
            }
        }
        let next = std::mem::take(&mut self.next[i]);
        next.into_iter()
            .filter(|n| {
                self.waits[*n] -= 1;
                self.waits[*n] == 0
            })
            .collect()
    }
}

fn is_router(step: &Step) -> bool {
    matches!(&step.action, Action::Restart { service, .. } if service == service::XCP_ROUTER)
}

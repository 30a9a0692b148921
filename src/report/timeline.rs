//! When a plan does what, as far as it can be estimated: a lane for every cluster, a band for every round.

use std::collections::BTreeMap;

use crate::mesh::ClusterName;
use crate::plan::Plan;
use crate::plan::step::{Action, Step, When};

/// The time that a plan takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeline {
    /// The mesh's name.
    pub name: String,
    /// The clusters that do something, in the file's order.
    pub lanes: Vec<Lane>,
    /// The rounds, in their order.
    pub rounds: Vec<Band>,
    /// When the last step ends, in seconds.
    pub total: f64,
    /// When it ends if every step takes as long as it may, in seconds.
    pub worst: f64,
}

/// What one cluster does.
#[derive(Clone, Debug, PartialEq)]
pub struct Lane {
    /// The cluster.
    pub cluster: ClusterName,
    /// What it does, in the order of the plan.
    pub bars: Vec<Bar>,
}

/// A step in time.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// What it is.
    pub what: Doing,
    /// When it begins, in seconds from the beginning of the plan.
    pub start: f64,
    /// When it ends.
    pub end: f64,
    /// How many steps of this kind run in exactly this time.
    pub count: usize,
    /// The first of them in words.
    pub words: String,
}

/// A round of links in time.
#[derive(Clone, Debug, PartialEq)]
pub struct Band {
    /// Its number, counted from 1.
    pub number: u32,
    /// When its first step begins, in seconds.
    pub start: f64,
    /// When its last sync ends, in seconds.
    pub end: f64,
}

/// The kinds of steps that a timeline tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doing {
    /// A peer, a service or a parameter is written.
    Write,
    /// The initial sync is waited for.
    Sync,
    /// Notifications are waited for.
    Settle,
    /// A service restarts in any case.
    Restart,
    /// A service restarts where a notification asks for it.
    RestartIfAsked,
    /// Something is verified.
    Verify,
    /// High Availability is off.
    Away,
}

impl Doing {
    /// All of them, in the order of a legend.
    pub const ALL: [Doing; 7] =
        [Doing::Write, Doing::Sync, Doing::Settle, Doing::Restart, Doing::RestartIfAsked, Doing::Verify, Doing::Away];

    /// What it means, for a legend.
    pub fn word(self) -> &'static str {
        match self {
            Doing::Write => "write",
            Doing::Sync => "initial sync",
            Doing::Settle => "wait",
            Doing::Restart => "restart",
            Doing::RestartIfAsked => "restart, if asked for",
            Doing::Verify => "verify",
            Doing::Away => "High Availability off",
        }
    }

    fn of(action: &Action) -> Doing {
        match action {
            Action::Activate { .. }
            | Action::Start { .. }
            | Action::AddPeer { .. }
            | Action::SetProtocol { .. }
            | Action::DeletePeer { .. } => Doing::Write,
            Action::AwaitSync { .. } => Doing::Sync,
            Action::Settle { .. } => Doing::Settle,
            Action::Restart { when: When::Always, .. } => Doing::Restart,
            Action::Restart { when: When::Asked, .. } => Doing::RestartIfAsked,
            Action::Verify { .. } => Doing::Verify,
        }
    }
}

impl Timeline {
    /// The timeline of a plan.
    pub fn of(plan: &Plan) -> Timeline {
        let times = provisional(plan);
        let mut lanes: BTreeMap<&ClusterName, Vec<Bar>> = BTreeMap::new();
        let mut rounds: BTreeMap<u32, Band> = BTreeMap::new();
        for (step, (start, end)) in plan.steps.iter().zip(&times) {
            let what = Doing::of(&step.action);
            let bar = Bar { what, start: *start, end: *end, count: 1, words: step.action.to_string() };
            let lane = lanes.entry(&step.cluster).or_default();
            match lane.iter_mut().find(|other| (other.what, other.start, other.end) == (what, bar.start, bar.end)) {
                Some(other) => other.count += 1,
                None => lane.push(bar),
            }
            if let Some(number) = step.round.filter(|_| what != Doing::Verify) {
                let band = rounds.entry(number).or_insert(Band { number, start: *start, end: *end });
                band.start = band.start.min(*start);
                band.end = band.end.max(*end);
            }
        }
        let lane = |name: &ClusterName| lanes.remove(name).map(|bars| Lane { cluster: name.clone(), bars });
        Timeline {
            name: plan.mesh.metadata.name.clone(),
            lanes: plan.mesh.clusters.iter().map(|c| &c.name).filter_map(lane).collect(),
            rounds: rounds.into_values().collect(),
            total: times.iter().map(|(_, end)| *end).fold(0.0, f64::max),
            worst: 0.0,
        }
    }
}

fn provisional(plan: &Plan) -> Vec<(f64, f64)> {
    let mut ends: BTreeMap<&str, f64> = BTreeMap::new();
    let mut free: BTreeMap<String, f64> = BTreeMap::new();
    let mut out = Vec::new();
    let secs = |s: &Step| match Doing::of(&s.action) {
        Doing::Write => 20.0,
        Doing::Sync => 600.0,
        Doing::Settle => 120.0,
        Doing::Restart | Doing::RestartIfAsked => 300.0,
        Doing::Verify => 30.0,
        Doing::Away => 0.0,
    };
    for step in &plan.steps {
        let mut start =
            step.after.iter().map(|a| ends.get(a.step.0.as_str()).copied().unwrap_or(0.0)).fold(0.0, f64::max);
        let hold = plan.holds.iter().find(|h| h.steps.contains(&step.id));
        if let Some(hold) = hold {
            for t in &hold.tokens {
                if hold.steps[0] == step.id {
                    start = start.max(free.get(t).copied().unwrap_or(0.0));
                }
            }
        }
        let end = start + secs(step);
        if let Some(hold) = hold {
            for t in &hold.tokens {
                let f = free.entry(t.clone()).or_default();
                *f = f.max(end);
            }
        }
        ends.insert(&step.id.0, end);
        out.push((start, end));
    }
    out
}

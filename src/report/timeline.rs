//! When a plan does what, as far as it can be estimated: a lane for every cluster, a band for every round.

use std::collections::BTreeMap;

use super::words::counted;
use crate::mesh::ClusterName;
use crate::plan::step::{Action, Step, When};
use crate::plan::{Estimate, Plan, Timed};

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
    /// Its number, counted from 1; several where rounds overlap.
    pub numbers: Vec<u32>,
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
            | Action::EditPeer { .. }
            | Action::ForceSync { .. }
            | Action::SetParameter { .. }
            | Action::SetHighAvailability { .. }
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
        let Estimate { steps: times, seconds, worst_seconds, by_hand_seconds: _ } = &plan.estimate;
        let mut lanes: BTreeMap<&ClusterName, Vec<Bar>> = BTreeMap::new();
        let mut rounds: BTreeMap<u32, Band> = BTreeMap::new();
        for step in &plan.steps {
            let Some(time) = times.get(&step.id) else { continue };
            let (start, end) = (time.start as f64, time.end as f64);
            let what = Doing::of(&step.action);
            let bar = Bar { what, start, end, count: 1, words: words(step, time) };
            let lane = lanes.entry(&step.cluster).or_default();
            lane.extend(away(plan, step));
            match lane.iter_mut().find(|other| (other.what, other.start, other.end) == (what, start, end)) {
                Some(other) => other.count += 1,
                None => lane.push(bar),
            }
            if let Some(number) = step.round.filter(|_| what != Doing::Verify) {
                let band = rounds.entry(number).or_insert(Band { numbers: vec![number], start, end });
                band.start = band.start.min(start);
                band.end = band.end.max(end);
            }
        }
        let lane = |name: &ClusterName| lanes.remove(name).map(|bars| Lane { cluster: name.clone(), bars });
        Timeline {
            name: plan.mesh.metadata.name.clone(),
            lanes: plan.mesh.clusters.iter().map(|c| &c.name).filter_map(lane).collect(),
            rounds: apart(rounds.into_values().collect()),
            total: *seconds as f64,
            worst: *worst_seconds as f64,
        }
    }
}

fn words(step: &Step, time: &Timed) -> String {
    let Timed { start: _, end: _, users } = time;
    let users = users.map(|n| format!(", {}", counted(usize::try_from(n).unwrap_or(usize::MAX), "user")));
    let round = step.round.map(|n| format!(", round {n}"));
    let what = match &step.action {
        Action::AwaitSync { address: _, to } => format!("initial sync with {to}"),
        action => action.to_string(),
    };
    format!("{what}{}{}", users.unwrap_or_default(), round.unwrap_or_default())
}

/// The time in which High Availability is off, for the step that switches it off: until its finalizer has ended.
fn away(plan: &Plan, step: &Step) -> Option<Bar> {
    let Action::SetHighAvailability { group, enabled: false } = &step.action else { return None };
    let back = plan.steps.iter().find(|s| s.finalizes.as_ref() == Some(&step.id))?;
    let (from, to) = (plan.estimate.steps.get(&step.id)?, plan.estimate.steps.get(&back.id)?);
    let words = format!("High Availability of {group} is off");
    Some(Bar { what: Doing::Away, start: from.start as f64, end: to.end as f64, count: 1, words })
}

/// Rounds that run at the same time become one band: a cluster that is ready does not wait for others.
fn apart(mut rounds: Vec<Band>) -> Vec<Band> {
    rounds.sort_by(|a, b| a.start.total_cmp(&b.start));
    let mut bands: Vec<Band> = Vec::new();
    for round in rounds {
        match bands.last_mut().filter(|last| last.end > round.start) {
            Some(last) => {
                last.numbers.extend(round.numbers);
                last.end = last.end.max(round.end);
            }
            None => bands.push(round),
        }
    }
    for band in &mut bands {
        band.numbers.sort_unstable();
    }
    bands
}

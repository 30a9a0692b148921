//! The plan: what must be done so that the clusters are as the file says, in order, with reasons.
//!
//! Pure: plan = f(mesh, snapshot, options, now), byte for byte; nothing here does I/O. [`diff`] finds the
//! differences, `build` turns them into steps, [`guard`] and [`check`] say what must not be, [`verify`] judges a
//! mesh as it is.

mod action;
mod approval;
mod build;
pub mod change;
pub mod check;
mod condition;
pub mod diff;
pub mod doctor;
pub mod drift;
mod estimate;
mod facts;
mod file;
mod gates;
pub mod guard;
mod hold;
mod identity;
pub mod import;
mod lines;
mod release;
mod rollback;
mod rounds;
mod schema;
mod skipped;
pub mod step;
mod target;
mod told;
pub mod verify;
mod ways;
pub mod window;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::cluster::{Error, Snapshot, service};
use crate::mesh::topology::{Pair, links};
use crate::mesh::{ClusterName, Mesh, NodeName};
use change::{Change, Concern, Kind, Left, LeftAlone, What};
use guard::Refusal;
use step::{Action, Step, StepId, When};

pub use approval::{Approval, ApprovalError};
pub use estimate::{Estimate, Timed};
pub use facts::{About, Moved, Reliance, Transition};
pub use file::{FileError, read, write, write_to};
pub use hold::{Hold, Token};
pub use lines::Lines;
pub use release::{Release, numbers};
pub use rollback::{Rollback, Undoing, rollback};
pub use rounds::rounds;
pub use schema::schema;
pub use skipped::{NodeCheck, Skipped, skipped_checks};
pub use target::{LeftOut, Target};

/// What a plan depends on besides mesh and snapshot.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Protected clusters on which peers may be deleted all the same.
    pub allow_protected: Vec<ClusterName>,
    /// Clusters whose account is written again in every peer that points to them: passwords cannot be compared.
    pub replace_credentials: Vec<ClusterName>,
    /// Clusters that may be left without any peer though the file does not say that they leave.
    pub allow_isolated: Vec<ClusterName>,
    /// Whether a file that asks for no link at all may have the peers deleted.
    pub allow_empty: bool,
    /// What the plan is limited to; everything when empty.
    pub targets: Vec<Target>,
}

impl Options {
    /// Whether a link belongs to what the plan is limited to.
    pub fn takes(&self, pair: &Pair) -> bool {
        self.targets.is_empty() || self.targets.iter().any(|target| target.takes_link(pair))
    }
}

/// A plan: changes, the steps that make them, and all that a reader or the executor needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// `Plan`
    pub kind: FileKind,
    /// The version of this format.
    pub format: u32,
    /// The version of intermesh that made it.
    pub made_by: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// Where the mesh file was.
    pub mesh_file: String,
    /// Whether more follows that could not be planned yet.
    pub stage: Stage,
    /// What it comes to.
    pub summary: Summary,
    /// The differences to close.
    pub changes: Vec<Change>,
    /// What was seen and is left alone.
    pub left_alone: Vec<LeftAlone>,
    /// What the prerequisites say that holds nothing back.
    pub concerns: Vec<Concern>,
    /// Why it may not be applied.
    pub refusals: Vec<Refusal>,
    /// What could not be read, and does not come right by the plan's own repairs.
    pub unread: Vec<UnreadCluster>,
    /// What its targets leave out; none when it is for the whole mesh.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_out: Option<LeftOut>,
    /// What it takes back; none for a plan that leads to the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback: Option<Rollback>,
    /// The links that are worked on at the same time.
    pub rounds: Vec<Vec<Pair>>,
    /// The steps, each after those that it waits for.
    pub steps: Vec<Step>,
    /// Steps that hold tokens together.
    pub holds: Vec<Hold>,
    /// The tokens.
    pub tokens: Vec<Token>,
    /// How long it takes.
    pub estimate: Estimate,
    /// The facts that the plan relies on.
    pub transition: Transition,
    /// The mesh, with references to credentials only.
    pub mesh: Mesh,
    /// What was read.
    pub snapshot: Snapshot,
}

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub enum FileKind {
    /// A plan.
    Plan,
}

/// Whether more follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// This plan is all there is to do.
    pub last: bool,
    /// The clusters that this stage repairs, so that they can be read.
    pub repairs: Vec<ClusterName>,
    /// Changes that are known already and wait for these repairs.
    pub waiting: usize,
}

/// A cluster of which something could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnreadCluster {
    /// The cluster.
    pub cluster: ClusterName,
    /// Why.
    pub error: Error,
}

/// What a plan comes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// Clusters that are in the mesh.
    pub clusters: usize,
    /// Links that the file asks for.
    pub links: usize,
    /// Peers that are added.
    pub create: usize,
    /// Peers that are changed.
    pub change: usize,
    /// Peers that are deleted and added with another address.
    pub replace: usize,
    /// Peers that are deleted.
    pub delete: usize,
    /// Peers whose certificates are synced anew.
    pub resync: usize,
    /// Service parameters that are set.
    pub set: usize,
    /// Links that the file asks for and that cannot be made yet.
    pub held_back: usize,
    /// Peers that the file does not ask for and that `unmanaged_peers: ignore` leaves without a word.
    pub ignored: usize,
    /// Services that are started or activated.
    pub start: usize,
    /// Rounds of links.
    pub rounds: usize,
    /// XCP Router restarts, as an upper bound: where no notification asks, none happens.
    pub restarts_at_most: usize,
    /// Those among them that happen in any case.
    pub restarts_certain: usize,
    /// XCP Router restarts when every link is made by hand, one after another: an upper bound too.
    pub restarts_by_hand: usize,
    /// The users of the nodes whose routers restart, as an upper bound; a node that restarts twice counts twice.
    pub users_touched_at_most: u64,
}

impl Plan {
    /// The format that this version writes. A new field has a `#[serde(default)]`, so that a run that an earlier version
    /// began is gone on with; what cannot have one raises the format, and the older one is still read where runs are.
    pub const FORMAT: u32 = 1;

    /// Whether there is nothing to do, and nothing in the way of finding that out.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.refusals.is_empty()
    }

    /// The link that is finished alone, restarts and verification included, before the rest; none where all go together.
    pub fn canary(&self) -> Option<&Pair> {
        build::canary(&self.mesh, &self.rounds)
    }

    /// Routers that may restart more than once: those of the canary's clusters, after it and after the rest.
    pub fn restarts_again(&self) -> usize {
        let restarts = self.steps.iter().filter_map(|step| match &step.action {
            Action::Restart { node, service, .. } if service == service::XCP_ROUTER => Some((&step.cluster, node)),
            _ => None,
        });
        let all: Vec<(&ClusterName, &NodeName)> = restarts.collect();
        let routers: BTreeSet<&(&ClusterName, &NodeName)> = all.iter().collect();
        all.len() - routers.len()
    }

    /// The step of that name: looks at every step. Whoever asks for many takes [`Plan::by_id`].
    pub fn step(&self, id: &StepId) -> Option<&Step> {
        self.steps.iter().find(|s| s.id == *id)
    }

    /// The steps by name.
    pub fn by_id(&self) -> HashMap<&StepId, &Step> {
        self.steps.iter().map(|step| (&step.id, step)).collect()
    }
}

/// Makes the plan that turns what the snapshot shows into what the mesh asks for.
pub fn make(
    mesh: &Mesh,
    mesh_file: &str,
    lines: &Lines<'_>,
    snapshot: Snapshot,
    options: &Options,
    now: Timestamp,
) -> Plan {
    let diff = diff::diff(mesh, &snapshot, lines, options);
    assemble((mesh, mesh_file), snapshot, options, now, diff, None)
}

/// Makes a plan of its changes: its steps, what it comes to, and what keeps it from being applied.
fn assemble(
    (mesh, mesh_file): (&Mesh, &str),
    snapshot: Snapshot,
    options: &Options,
    now: Timestamp,
    diff: diff::Diff,
    rollback: Option<Rollback>,
) -> Plan {
    let diff::Diff { mut changes, left, repairs_first, waiting, ignored, concerns } = diff;
    let left_out = target::limit(&mut changes, &options.targets);
    let build::Built { steps, holds, tokens, rounds } = build::build(mesh, &snapshot, &changes);
    let nodes = diff::nodes_by_cluster(mesh, &snapshot);
    let restarting: HashSet<Pair> = changes.iter().filter_map(restarting).collect();
    let estimate = estimate::estimate(&snapshot, &steps, &holds, &tokens, &rounds, &restarting, &nodes);
    let held_back = held_back(&left);
    let summary =
        Summary { held_back, ignored, ..summarize(mesh, &nodes, &changes, &steps, &rounds, &restarting, &estimate) };
    let guarded = guard::Guarded {
        mesh,
        snapshot: &snapshot,
        changes: &changes,
        steps: &steps,
        summary: &summary,
        options,
        is_rollback: rollback.is_some(),
    };
    let refusals = guard::guards(&guarded);
    let unread = (snapshot.unread().into_iter())
        .filter(|(cluster, _)| !repairs_first.contains(cluster))
        .map(|(cluster, error)| UnreadCluster { cluster: cluster.clone(), error: error.clone() })
        .collect();
    Plan {
        kind: FileKind::Plan,
        format: Plan::FORMAT,
        made_by: env!("CARGO_PKG_VERSION").to_owned(),
        made_at: now,
        mesh_file: mesh_file.to_owned(),
        stage: Stage { last: repairs_first.is_empty(), repairs: repairs_first, waiting },
        summary,
        transition: facts::transition(&changes),
        changes,
        left_alone: left,
        concerns,
        refusals,
        unread,
        left_out,
        rollback,
        rounds,
        steps,
        holds,
        tokens,
        estimate,
        mesh: mesh.clone(),
        snapshot,
    }
}

/// The link that a change works on, where routers may have to restart after it.
fn restarting(change: &Change) -> Option<Pair> {
    match &change.what {
        What::CreatePeer { to, .. } | What::ChangePeer { to, .. } | What::ReplacePeer { to, .. } => {
            Some(Pair::new(&change.cluster, to))
        }
        _ => None,
    }
}

/// How many links cannot be made yet.
fn held_back(left: &[LeftAlone]) -> usize {
    let link = |left: &LeftAlone| match &left.what {
        Left::Link { to } => Some(Pair::new(&left.cluster, to)),
        _ => None,
    };
    left.iter().filter_map(link).collect::<BTreeSet<_>>().len()
}

fn summarize(
    mesh: &Mesh,
    nodes: &BTreeMap<ClusterName, Vec<NodeName>>,
    changes: &[Change],
    steps: &[Step],
    rounds: &[Vec<Pair>],
    restarting: &HashSet<Pair>,
    estimate: &Estimate,
) -> Summary {
    let mut kinds: BTreeMap<Kind, usize> = BTreeMap::new();
    for change in changes {
        *kinds.entry(change.what.kind()).or_default() += 1;
    }
    let count = |kind| kinds.get(&kind).copied().unwrap_or(0);
    let nodes_of = |cluster: &ClusterName| nodes.get(cluster).map_or(0, Vec::len);
    let by_links: usize = restarting.iter().map(|pair| nodes_of(pair.a()) + nodes_of(pair.b())).sum();
    let restarts = |which: &[When]| steps.iter().filter(|s| restarts_router(s, which)).count();
    Summary {
        clusters: mesh.clusters.iter().filter(|c| c.state == crate::mesh::State::Present).count(),
        links: links(mesh).len(),
        create: count(Kind::Create),
        change: count(Kind::Change),
        replace: count(Kind::Replace),
        delete: count(Kind::Delete),
        resync: count(Kind::Resync),
        set: count(Kind::Set),
        held_back: 0,
        ignored: 0,
        start: count(Kind::Start) + count(Kind::Activate),
        rounds: rounds.len(),
        restarts_at_most: restarts(&[When::Asked, When::Always]),
        restarts_certain: restarts(&[When::Always]),
        restarts_by_hand: by_links,
        users_touched_at_most: estimate.steps.values().filter_map(|timed| timed.users).sum(),
    }
}

/// Whether a step restarts an XCP Router, in one of these cases.
fn restarts_router(step: &Step, cases: &[When]) -> bool {
    matches!(&step.action, Action::Restart { service, when, .. } if service == service::XCP_ROUTER && cases.contains(when))
}

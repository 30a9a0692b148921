//! What a change of the mesh file means, told offline: links, peers, restarts, rules. What the clusters are now is
//! not known here; `intermesh plan` reads them.

mod markdown;
mod peers;
mod restarts;
mod settings;
mod text;

use std::collections::BTreeMap;

use serde::Serialize;

use super::finding::{Finding, Severity};
use super::load::Loaded;
use super::model::{Cluster, Mesh, State, Transport};
use super::names::{ClusterName, NodeName};
use super::topology::{self, Pair};

pub(crate) use markdown::inert;

/// What changes from one mesh file to another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// The file before.
    pub old: String,
    /// The file after.
    pub new: String,
    /// Clusters that come, go, or change their state or publisher.
    pub clusters: Vec<ClusterChange>,
    /// Links that come, go, or change their transport.
    pub links: Vec<LinkChange>,
    /// What that means on each publisher.
    pub peers: Vec<PeerChanges>,
    /// What restarts to expect, as an upper bound.
    pub restarts: Vec<Restarts>,
    /// All other keys whose values change.
    pub settings: Vec<Setting>,
    /// Findings that the new file has and the old one has not.
    pub started: Vec<RuleChange>,
    /// Findings that the old file has and the new one has not.
    pub stopped: Vec<RuleChange>,
}

/// A cluster that comes, goes, or changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "change")]
pub enum ClusterChange {
    /// The file names it now.
    Named {
        /// The cluster.
        cluster: ClusterName,
        /// Its state.
        state: State,
    },
    /// The file no longer names it: nothing on it is touched, and entries for it become unmanaged.
    Dropped {
        /// The cluster.
        cluster: ClusterName,
    },
    /// Its state changes.
    State {
        /// The cluster.
        cluster: ClusterName,
        /// Before.
        from: State,
        /// After.
        to: State,
    },
    /// Its publisher changes.
    Publisher {
        /// The cluster.
        cluster: ClusterName,
        /// Before.
        from: NodeName,
        /// After.
        to: NodeName,
    },
}

/// A link that comes, goes, or changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LinkChange {
    /// The two clusters.
    pub pair: Pair,
    /// The transport before; none for a link that comes.
    pub from: Option<Transport>,
    /// The transport after; none for a link that goes.
    pub to: Option<Transport>,
}

/// What is to be done with entries on one cluster's publisher.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PeerChanges {
    /// The cluster.
    pub cluster: ClusterName,
    /// Its publisher, where the entries are.
    pub publisher: NodeName,
    /// Entries that are added.
    pub add: Vec<Peer>,
    /// Entries that are deleted.
    pub delete: Vec<Peer>,
    /// Entries that are deleted and added again, because the address changes.
    pub replace: Vec<Peer>,
    /// Entries of which something else changes.
    pub update: Vec<Peer>,
    /// Entries that the file no longer asks for and that stay where they are.
    pub leave: Vec<Peer>,
}

/// An entry, by whom it points to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Peer {
    /// The cluster that it points to.
    pub cluster: ClusterName,
    /// The peer address.
    pub address: NodeName,
    /// Why.
    pub why: &'static str,
}

/// The restarts to expect on a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Restarts {
    /// The cluster.
    pub cluster: ClusterName,
    /// The nodes that the file lists; none if it lists none.
    pub nodes: Option<usize>,
    /// The most XCP Router restarts.
    pub at_most: usize,
    /// Why, and on what it depends.
    pub why: String,
}

/// A key whose value changes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Setting {
    /// Where it stands: `policy.max_deletes`, `clusters.emea.protected`.
    pub place: String,
    /// The value before; nothing if it was not given. Not shown below `credentials`.
    pub old: Option<String>,
    /// The value after; nothing if it is not given.
    pub new: Option<String>,
}

/// A finding that comes or goes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct RuleChange {
    /// The rule.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What it says.
    pub message: String,
    /// Whether the file accepts it.
    pub accepted: bool,
}

impl Difference {
    /// Compares two mesh files.
    pub fn between(old: &Loaded, new: &Loaded) -> Difference {
        let links = link_changes(&old.mesh, &new.mesh);
        let peers = peers::changes(&old.mesh, &new.mesh, &links);
        let (before, after) = (findings(old), findings(new));
        Difference {
            old: old.source.name().to_owned(),
            new: new.source.name().to_owned(),
            clusters: cluster_changes(&old.mesh, &new.mesh),
            restarts: restarts::expected(&new.mesh, &peers),
            links,
            peers,
            settings: settings::changes(&old.mesh, &new.mesh),
            started: after.iter().filter(|f| !before.contains(f)).cloned().collect(),
            stopped: before.iter().filter(|f| !after.contains(f)).cloned().collect(),
        }
    }

    /// Whether both files mean the same.
    pub fn is_empty(&self) -> bool {
        let Difference { old: _, new: _, clusters, links, peers, restarts, settings, started, stopped } = self;
        clusters.is_empty()
            && links.is_empty()
            && peers.is_empty()
            && restarts.is_empty()
            && settings.is_empty()
            && started.is_empty()
            && stopped.is_empty()
    }

    /// For people at a terminal.
    pub fn text(&self) -> String {
        text::render(self)
    }

    /// For a comment on a pull request: at most 65,535 characters, the summary first, every deletion in the open.
    pub fn markdown(&self) -> String {
        markdown::render(self)
    }
}

fn cluster_changes(old: &Mesh, new: &Mesh) -> Vec<ClusterChange> {
    let mut changes = Vec::new();
    let before: BTreeMap<&ClusterName, &Cluster> = old.clusters.iter().map(|c| (&c.name, c)).collect();
    for Cluster { name, publisher, state, .. } in &new.clusters {
        let Some(earlier) = before.get(name) else {
            changes.push(ClusterChange::Named { cluster: name.clone(), state: *state });
            continue;
        };
        if earlier.state != *state {
            changes.push(ClusterChange::State { cluster: name.clone(), from: earlier.state, to: *state });
        }
        if !earlier.publisher.same(publisher) {
            let (from, to) = (earlier.publisher.clone(), publisher.clone());
            changes.push(ClusterChange::Publisher { cluster: name.clone(), from, to });
        }
    }
    let dropped = old.clusters.iter().filter(|c| new.cluster(&c.name).is_none());
    changes.extend(dropped.map(|c| ClusterChange::Dropped { cluster: c.name.clone() }));
    changes
}

fn link_changes(old: &Mesh, new: &Mesh) -> Vec<LinkChange> {
    let links = |mesh| topology::links(mesh).into_iter().map(|l| (l.pair, l.transport)).collect::<BTreeMap<_, _>>();
    let (before, after) = (links(old), links(new));
    let mut changes: BTreeMap<&Pair, LinkChange> = BTreeMap::new();
    for pair in before.keys().chain(after.keys()) {
        let (from, to) = (before.get(pair).copied(), after.get(pair).copied());
        if from != to {
            changes.insert(pair, LinkChange { pair: pair.clone(), from, to });
        }
    }
    changes.into_values().collect()
}

fn findings(loaded: &Loaded) -> Vec<RuleChange> {
    let one = |finding: &Finding, accepted| RuleChange {
        code: finding.code,
        severity: finding.severity,
        message: finding.message.clone(),
        accepted,
    };
    let open = loaded.warnings.iter().map(|finding| one(finding, false));
    let mut all: Vec<RuleChange> = open.chain(loaded.accepted.iter().map(|a| one(&a.finding, true))).collect();
    all.sort();
    all
}

#[cfg(test)]
mod tests;

//! Guards: what a plan must not do unless somebody says so. A refusal names the guard, its value, the plan's value,
//! and how to raise it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::change::{Change, Kind, What};
use super::identity::{Mismatch, mismatches};
use super::step::{Action, Step};
use super::window::length_seconds;
use super::{Options, Summary};
use crate::cluster::{Snapshot, service};
use crate::mesh::topology::links;
use crate::mesh::{Cluster, ClusterName, HighAvailability, Mesh, State};

/// Why a plan may not be applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// The guard, such as `policy.max_restarts`.
    pub guard: String,
    /// What the guard allows, what the plan holds.
    pub why: String,
    /// What to do.
    pub how: String,
}

/// Clusters in a mesh: the vendor's limit (field-notes 2.1).
const MAX_CLUSTERS: usize = 30;

/// What the guards look at.
pub(super) struct Guarded<'a> {
    pub(super) mesh: &'a Mesh,
    pub(super) snapshot: &'a Snapshot,
    pub(super) changes: &'a [Change],
    pub(super) steps: &'a [Step],
    pub(super) summary: &'a Summary,
    pub(super) options: &'a Options,
    pub(super) is_rollback: bool,
}

/// The guards that the plan breaks.
pub(super) fn guards(guarded: &Guarded<'_>) -> Vec<Refusal> {
    let mut refusals = guarded.publishers();
    refusals.extend(guarded.empty());
    refusals.extend(guarded.deletes());
    refusals.extend(guarded.protected());
    refusals.extend(guarded.isolated());
    refusals.extend(guarded.too_many());
    refusals.extend(guarded.restarts());
    refusals.extend(guarded.high_availability());
    refusals.extend(guarded.window());
    refusals
}

fn refusal(guard: &str, why: String, how: impl Into<String>) -> Refusal {
    Refusal { guard: guard.into(), why, how: how.into() }
}

fn peers(n: usize) -> String {
    if n == 1 { "1 peer".to_owned() } else { format!("{n} peers") }
}

impl<'a> Guarded<'a> {
    /// Every cluster must be the one that the file means.
    fn publishers(&self) -> Vec<Refusal> {
        let present = self.mesh.clusters.iter().filter(|c| c.state == State::Present);
        let read = present.filter_map(|c| Some((c, self.snapshot.clusters.get(&c.name)?)));
        let wrong = read.flat_map(|(cluster, read)| mismatches(self.mesh, cluster, read));
        wrong
            .filter_map(|mismatch| match mismatch {
                Mismatch::Publisher(words) => {
                    Some(refusal("publisher", words, "give the name that System > Presence Topology shows"))
                }
                Mismatch::Nodes(_) | Mismatch::Release(_) => None,
            })
            .collect()
    }

    fn leaves(&self, name: &ClusterName) -> bool {
        self.mesh.cluster(name).is_some_and(|c| c.state != State::Present)
    }

    /// Deletions that nobody asks for: no cluster's state, and no rollback, which deletes what its run added and nothing
    /// else.
    fn undeclared(&self) -> impl Iterator<Item = &Change> {
        let declared = |change: &Change, to: &Option<ClusterName>| {
            self.leaves(&change.cluster) || to.as_ref().is_some_and(|to| self.leaves(to))
        };
        self.changes.iter().filter(move |change| match &change.what {
            What::DeletePeer { to, .. } => !self.is_rollback && !declared(change, to),
            _ => false,
        })
    }

    /// A file that asks for no link, as one does that came out of its template empty, must not take a mesh down. Where
    /// the file says itself of every peer's cluster that it leaves, and somebody stays, it says enough.
    fn empty(&self) -> Option<Refusal> {
        let deletes = self.changes.iter().filter(|c| matches!(c.what, What::DeletePeer { .. })).count();
        let stays = self.mesh.clusters.iter().any(|c| c.state == State::Present);
        let meant = stays && self.undeclared().next().is_none();
        if self.options.allow_empty || deletes == 0 || meant || !links(self.mesh).is_empty() {
            return None;
        }
        let why = format!("the file asks for no link, and the plan deletes {}", peers(deletes));
        Some(refusal("empty", why, "look at `clusters` and `topology`; if the mesh is to end, give `--allow-empty`"))
    }

    fn deletes(&self) -> Option<Refusal> {
        let (allowed, found) = (self.mesh.policy.max_deletes as usize, self.undeclared().count());
        let why = format!("it allows {allowed}, the plan deletes {} that no cluster's state asks for", peers(found));
        let how = "raise `policy.max_deletes`, or add the clusters to the file";
        (found > allowed).then(|| refusal("policy.max_deletes", why, how))
    }

    fn protected(&self) -> Vec<Refusal> {
        let guarded = |c: &&Cluster| c.protected && !self.options.allow_protected.contains(&c.name);
        let of = |name: &ClusterName, kind| {
            self.changes.iter().filter(|c| c.cluster == *name && c.what.kind() == kind).count()
        };
        let refused = |cluster: &Cluster| {
            let (name, deleted, replaced) =
                (&cluster.name, of(&cluster.name, Kind::Delete), of(&cluster.name, Kind::Replace));
            let what = match (deleted, replaced) {
                (0, 0) => return None,
                (n, 0) => format!("deletes {} on it", peers(n)),
                (0, n) => format!("replaces {} on it, which deletes the old entries", peers(n)),
                (n, m) => {
                    format!("deletes {} on it and replaces {}, which deletes the old entries", peers(n), peers(m))
                }
            };
            let why = format!("`{name}` is `protected: true`, and the plan {what}");
            Some(refusal("protected", why, format!("give `--allow-protected {name}`")))
        };
        self.mesh.clusters.iter().filter(guarded).filter_map(refused).collect()
    }

    /// A cluster that would lose its last peer though nothing in the file says that anybody leaves.
    fn isolated(&self) -> Vec<Refusal> {
        let mut names: Vec<&ClusterName> = self.undeclared().map(|c| &c.cluster).collect();
        names.dedup();
        let after = self.peers_after();
        let isolated = names.into_iter().filter(|name| {
            let loses_all = self.peers_before(name) > 0 && after.get(name) == Some(&0);
            loses_all && !self.options.allow_isolated.contains(name)
        });
        isolated
            .map(|name| {
                let before = match self.peers_before(name) {
                    1 => "the only peer".to_owned(),
                    n => format!("all {n} peers"),
                };
                let why = format!("the plan deletes {before} of `{name}`, and no `state` says that it leaves");
                refusal("isolated", why, format!("say `state: absent`, or give `--allow-isolated {name}`"))
            })
            .collect()
    }

    fn peers_before(&self, cluster: &ClusterName) -> usize {
        let read = self.snapshot.clusters.get(cluster).and_then(|read| read.peers.read());
        read.map_or(0, Vec::len)
    }

    /// How many entries a cluster has after the plan.
    fn peers_after(&self) -> BTreeMap<&'a ClusterName, usize> {
        let mut moves: BTreeMap<&'a ClusterName, (usize, usize)> = BTreeMap::new();
        for change in self.changes {
            let (added, deleted) = moves.entry(&change.cluster).or_default();
            *added += usize::from(change.what.kind() == Kind::Create);
            *deleted += usize::from(change.what.kind() == Kind::Delete);
        }
        let after = |(name, (added, deleted)): (&'a ClusterName, (usize, usize))| {
            (name, (self.peers_before(name) + added).saturating_sub(deleted))
        };
        moves.into_iter().map(after).collect()
    }

    /// The peers of a cluster and itself are its mesh, those that the file does not know included.
    fn too_many(&self) -> Vec<Refusal> {
        let creates: BTreeSet<&ClusterName> = (self.changes.iter())
            .filter(|c| matches!(c.what, What::CreatePeer { .. }))
            .map(|change| &change.cluster)
            .collect();
        (self.peers_after().into_iter())
            .filter(|(name, _)| creates.contains(name) && self.snapshot.clusters.contains_key(*name))
            .map(|(name, peers)| (name, peers + 1))
            .filter(|(_, size)| *size > MAX_CLUSTERS)
            .map(|(name, size)| {
                let why = format!("the vendor supports {MAX_CLUSTERS} clusters, `{name}` would see {size}");
                let how = "delete peers that nobody needs, or link fewer clusters; there is no way around it";
                refusal("clusters", why, how)
            })
            .collect()
    }

    fn restarts(&self) -> Option<Refusal> {
        let (allowed, found) = (self.mesh.policy.max_restarts as usize, self.summary.restarts_at_most);
        let why = format!("it allows {allowed}, the plan may restart up to {found} XCP Routers");
        (found > allowed).then(|| refusal("policy.max_restarts", why, "raise `policy.max_restarts`"))
    }

    /// High Availability can only be switched off around restarts where it is known how it is.
    fn high_availability(&self) -> Vec<Refusal> {
        if self.mesh.policy.xcp_restart.high_availability == HighAvailability::Leave {
            return Vec::new();
        }
        let mut clusters: Vec<&ClusterName> = (self.steps.iter())
            .filter(|s| matches!(&s.action, Action::Restart { service, .. } if service == service::XCP_ROUTER))
            .map(|s| &s.cluster)
            .collect();
        clusters.dedup();
        let known = |name: &ClusterName| {
            self.snapshot.clusters.get(name).is_some_and(|read| read.high_availability.read().is_some())
        };
        clusters
            .into_iter()
            .filter(|name| !known(name))
            .map(|name| {
                let why = format!("`switch-off`, and the redundancy groups of `{name}` could not be read");
                let how = "make them readable, or use `high_availability: leave`";
                refusal("policy.xcp_restart.high_availability", why, how)
            })
            .collect()
    }

    /// A step that no window is long enough for would never begin.
    fn window(&self) -> Option<Refusal> {
        let length = length_seconds(self.mesh.policy.window.as_ref()?)?;
        let longest = self.steps.iter().max_by_key(|step| step.room_seconds)?;
        let minutes = |seconds: u64| seconds.div_ceil(60);
        let why = format!(
            "it is {} min long, and `{}` may take {} min with what must follow it",
            minutes(length),
            longest.id,
            minutes(longest.room_seconds)
        );
        let how = "lengthen `policy.window`, or remove it and watch over the apply yourself";
        (longest.room_seconds > length).then(|| refusal("policy.window", why, how))
    }
}

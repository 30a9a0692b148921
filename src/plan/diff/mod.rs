//! What differs between the file and the world, per cluster and per peer. Peers that the file does not ask for are
//! kept by construction: only a declared departure or the policy turns one into a deletion.

mod accounts;
pub(super) mod aliases;
mod certificates;
pub(super) mod entries;
mod parameters;
mod peers;
mod services;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::Options;
use super::change::{Change, Concern, Kind, Left, LeftAlone, What};
use super::gates;
use super::lines::Lines;
use super::told::Told;
use crate::cluster::{ClusterSnapshot, Fact, Snapshot};
use crate::mesh::topology::{Link, Pair, links};
use crate::mesh::{Cluster, ClusterName, HighAvailability, Mesh, NodeName, State};

/// The differences, what is left alone, and what must be repaired before more can be read.
#[derive(Debug, Default)]
pub struct Diff {
    /// Differences to close, by cluster in the file's order.
    pub changes: Vec<Change>,
    /// What was seen and is left alone.
    pub left: Vec<LeftAlone>,
    /// Clusters whose services must start before their other facts can be read.
    pub repairs_first: Vec<ClusterName>,
    /// Differences that are known and wait for these repairs.
    pub waiting: usize,
    /// Peers that the file does not ask for and that the policy leaves without a word.
    pub ignored: usize,
    /// What the prerequisites say that holds nothing back.
    pub concerns: Vec<Concern>,
}

/// What is compared with what.
pub(super) struct Compared<'a> {
    mesh: &'a Mesh,
    snapshot: &'a Snapshot,
    lines: &'a Lines<'a>,
    options: &'a Options,
    links: Vec<Link>,
    /// The links of each cluster, as places in `links`.
    links_of: HashMap<&'a ClusterName, Vec<usize>>,
    /// The place of each cluster in the file.
    places: HashMap<&'a ClusterName, usize>,
    /// The clusters' database publishers, as names are compared.
    publishers: HashSet<String>,
}

/// Compares the mesh with the snapshot.
pub fn diff(mesh: &Mesh, snapshot: &Snapshot, lines: &Lines<'_>, options: &Options) -> Diff {
    let compared = Compared::new(mesh, snapshot, lines, options);
    let mut diff = Diff::default();
    for (i, cluster) in mesh.clusters.iter().enumerate() {
        let Some(read) = snapshot.clusters.get(&cluster.name) else { continue };
        if compared.is_linked(&cluster.name) {
            services::services(&mut diff, cluster, read, lines.line(&format!("/clusters/{i}")));
        }
    }
    for (i, cluster) in mesh.clusters.iter().enumerate() {
        let Some(read) = snapshot.clusters.get(&cluster.name) else { continue };
        let linked = compared.is_linked(&cluster.name);
        if cluster.state == State::Present {
            compared.parameters(&mut diff, cluster, read);
        }
        if !linked || can_be_linked(read) {
            compared.peers(&mut diff, cluster, read);
        } else if diff.changes.iter().any(|c| c.cluster == cluster.name && is_repair(c)) {
            diff.repairs_first.push(cluster.name.clone());
        }
        if linked {
            services::restarts(&mut diff, cluster, read, lines.line(&format!("/clusters/{i}")));
        }
    }
    whole_links(&mut diff);
    // an entry with an old password keeps the other side's from being secure: the password comes first
    compared.accounts(&mut diff);
    compared.certificates(&mut diff);
    compared.gates(&mut diff);
    compared.high_availability(&mut diff);
    diff.changes.sort_by_key(|change| compared.places.get(&change.cluster));
    hold_back(&mut diff);
    diff
}

/// Adds what changes need that are not made by comparing: services of the clusters that are linked, what a prerequisite
/// holds back, and what there is to say.
pub fn ready(mesh: &Mesh, snapshot: &Snapshot, options: &Options, diff: &mut Diff) {
    let nowhere = |_: &str| None;
    let lines = Lines::new(&nowhere);
    let compared = Compared::new(mesh, snapshot, &lines, options);
    let linked: BTreeSet<ClusterName> = (diff.changes.iter())
        .filter(|change| matches!(change.what.kind(), Kind::Create | Kind::Change | Kind::Replace))
        .flat_map(|change| [Some(&change.cluster), change.what.to()])
        .flatten()
        .cloned()
        .collect();
    for cluster in mesh.clusters.iter().filter(|cluster| linked.contains(&cluster.name)) {
        if let Some(read) = snapshot.clusters.get(&cluster.name) {
            services::services(diff, cluster, read, None);
        }
    }
    compared.gates(diff);
    compared.high_availability(diff);
    diff.changes.sort_by_key(|change| compared.places.get(&change.cluster));
}

/// Whether all was read that a link of the cluster depends on.
pub(super) fn can_be_linked(read: &ClusterSnapshot) -> bool {
    read.identity.read().is_some() && read.nodes.read().is_some() && read.peers.read().is_some()
}

fn is_repair(change: &Change) -> bool {
    matches!(change.what.kind(), Kind::Start | Kind::Activate)
}

/// Half a link is worse than none: where one side cannot be made, the other is not begun either.
fn whole_links(diff: &mut Diff) {
    let pair = |left: &LeftAlone| match &left.what {
        Left::Link { to } => Some(Pair::new(&left.cluster, to)),
        _ => None,
    };
    let held: BTreeSet<Pair> = diff.left.iter().filter_map(pair).collect();
    if !held.is_empty() {
        diff.changes.retain(|change| begun(change).is_none_or(|pair| !held.contains(&pair)));
    }
}

/// The link that a change begins.
fn begun(change: &Change) -> Option<Pair> {
    match &change.what {
        What::CreatePeer { to, .. } => Some(Pair::new(&change.cluster, to)),
        _ => None,
    }
}

impl<'a> Compared<'a> {
    pub(super) fn new(
        mesh: &'a Mesh,
        snapshot: &'a Snapshot,
        lines: &'a Lines<'a>,
        options: &'a Options,
    ) -> Compared<'a> {
        let links = links(mesh);
        let mut links_of: HashMap<&ClusterName, Vec<usize>> =
            mesh.clusters.iter().map(|c| (&c.name, Vec::new())).collect();
        for (at, link) in links.iter().enumerate() {
            for name in [link.pair.a(), link.pair.b()] {
                if let Some(of_cluster) = links_of.get_mut(name) {
                    of_cluster.push(at);
                }
            }
        }
        let places = mesh.clusters.iter().enumerate().map(|(at, c)| (&c.name, at)).collect();
        let publishers = mesh.clusters.iter().map(|c| c.publisher.normal()).collect();
        Compared { mesh, snapshot, lines, options, links, links_of, places, publishers }
    }

    /// A cluster of the file, without a look at every other.
    fn cluster(&self, name: &ClusterName) -> Option<&'a Cluster> {
        self.mesh.clusters.get(*self.places.get(name)?)
    }

    fn is_linked(&self, cluster: &ClusterName) -> bool {
        self.links_of.get(cluster).is_some_and(|links| !links.is_empty())
    }

    /// The links that no change works on yet, by themselves or by a service of one of their clusters.
    fn untouched(&self, changes: &[Change]) -> Vec<&Link> {
        let mut pairs = BTreeSet::new();
        let mut clusters = BTreeSet::new();
        for change in changes {
            match (&change.what, change.what.to()) {
                (What::Restart { .. } | What::SetParameter { .. }, _) => {}
                (_, Some(to)) => _ = pairs.insert(Pair::new(&change.cluster, to)),
                (_, None) => _ = clusters.insert(&change.cluster),
            }
        }
        let touched = |pair: &Pair| pairs.contains(pair) || clusters.contains(pair.a()) || clusters.contains(pair.b());
        self.links.iter().filter(|link| !touched(&link.pair)).collect()
    }

    /// Links that a prerequisite of the procedure forbids are not begun. One that has an entry already is mended all
    /// the same, and what stands against it is said.
    fn gates(&self, diff: &mut Diff) {
        let Compared { mesh, snapshot, .. } = *self;
        let mut sides: BTreeMap<Pair, usize> = BTreeMap::new();
        for pair in diff.changes.iter().filter_map(begun) {
            *sides.entry(pair).or_default() += 1;
        }
        let mut concerned: BTreeSet<usize> = BTreeSet::new();
        let mut held: BTreeSet<&Pair> = BTreeSet::new();
        let mut told = Told::default();
        for (pair, sides) in &sides {
            concerned.extend([pair.a(), pair.b()].into_iter().filter_map(|name| self.places.get(name)));
            let [Some(a), Some(b)] = [pair.a(), pair.b()].map(|name| self.cluster(name)) else { continue };
            let mut obstacles = gates::obstacles(snapshot, [a, b]);
            // of what the plan is not for, no node was asked
            if self.options.takes(pair) {
                obstacles.extend(told.obstacles(mesh, snapshot, [a, b]));
            }
            if obstacles.is_empty() {
                continue;
            }
            if *sides < 2 {
                diff.concerns.extend(obstacles);
                continue;
            }
            held.insert(pair);
            let reason = obstacles.iter().map(|o| o.what.as_str()).collect::<Vec<_>>().join("; ");
            let what = Left::Link { to: pair.b().clone() };
            diff.left.push(LeftAlone { cluster: pair.a().clone(), what, reason });
        }
        diff.changes.retain(|change| begun(change).is_none_or(|pair| !held.contains(&pair)));
        let concerned: Vec<&Cluster> = concerned.into_iter().map(|at| &mesh.clusters[at]).collect();
        for cluster in &concerned {
            diff.concerns.extend(gates::concerns(mesh, snapshot, cluster));
        }
        diff.concerns.extend(gates::unread_schemes(snapshot, &concerned));
        diff.concerns.extend(told.concerns(mesh));
        diff.concerns.sort_by(|a, b| (a.weight, &a.cluster, &a.what).cmp(&(b.weight, &b.cluster, &b.what)));
        diff.concerns.dedup();
    }

    /// Redundancy groups whose High Availability is off already, where it would be switched off around restarts.
    fn high_availability(&self, diff: &mut Diff) {
        if self.mesh.policy.xcp_restart.high_availability != HighAvailability::SwitchOff {
            return;
        }
        let restarting: BTreeSet<ClusterName> =
            diff.changes.iter().filter(|c| may_restart_routers(&c.what)).map(|c| c.cluster.clone()).collect();
        for cluster in &self.mesh.clusters {
            let groups = self.snapshot.clusters.get(&cluster.name).and_then(|read| read.high_availability.read());
            for group in groups.into_iter().flatten().filter(|g| !g.enabled && g.nodes.len() > 1) {
                if restarting.contains(&cluster.name) {
                    diff.left.push(LeftAlone {
                        cluster: cluster.name.clone(),
                        what: Left::HighAvailability { group: group.name.clone() },
                        reason: "it is off already, and a plan switches on only what it switched off".into(),
                    });
                }
            }
        }
    }
}

/// Whether a change may lead to restarts of the cluster's routers.
fn may_restart_routers(what: &What) -> bool {
    matches!(what.kind(), Kind::Create | Kind::Change | Kind::Replace | Kind::Delete | Kind::Restart)
}

/// Keeps only the repairs where something must be repaired first. The rest is planned again after it, as a whole: a
/// link that could be made now would cost its clusters' users a router restart of its own.
fn hold_back(diff: &mut Diff) {
    if !diff.repairs_first.is_empty() {
        let before = diff.changes.len();
        diff.changes.retain(is_repair);
        diff.waiting = before - diff.changes.len();
        // what waits for the repairs is not left alone
        diff.left.retain(|left| !matches!(left.what, Left::Link { .. }));
    }
}

/// The nodes of a cluster, as far as they are known.
pub(super) fn nodes_of(cluster: &Cluster, read: &ClusterSnapshot) -> Vec<NodeName> {
    let given: Vec<NodeName> = cluster.nodes.iter().map(|n| n.name.clone()).collect();
    read.known_nodes(&cluster.publisher, &given)
}

/// The nodes of each cluster, as far as they are known.
pub fn nodes_by_cluster(mesh: &Mesh, snapshot: &Snapshot) -> BTreeMap<ClusterName, Vec<NodeName>> {
    let nodes = |c: &Cluster| Some((c.name.clone(), nodes_of(c, snapshot.clusters.get(&c.name)?)));
    mesh.clusters.iter().filter_map(nodes).collect()
}

/// The peers of a cluster, where they were read.
fn peers_of<'a>(snapshot: &'a Snapshot, cluster: &ClusterName) -> Option<&'a [crate::cluster::Peer]> {
    match snapshot.clusters.get(cluster)?.peers {
        Fact::Read(ref peers) => Some(peers),
        Fact::Unread(_) => None,
    }
}

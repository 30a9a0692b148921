//! From differences to steps: what is done in which order, and what must hold before and after.
//!
//! The order follows the procedure "Configure Intercluster Peers": services, peers on both sides, initial sync,
//! XCP Routers where a notification asks for it, verification. ICSA is started with the other services, because
//! nothing syncs without it; parameters are set before anything syncs, because some of them restart it.

mod links;
mod parameters;
mod preparation;
mod restarts;
mod room;
mod switch;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::cluster::{Protocol, Snapshot};
use crate::mesh::topology::{Pair, links};
use crate::mesh::{Batch, Cluster, ClusterName, Mesh, NodeName, Transport};
use crate::plan::change::{Change, Kind, What};
use crate::plan::diff::nodes_by_cluster;
use crate::plan::hold::{Hold, Token};
use crate::plan::rounds::rounds;
use crate::plan::step::{After, Need, Step, StepId};

/// A page that was saved shows the change at once; the list may lag behind a busy database.
const PEER_SECONDS: u64 = 300;
/// Changes can need up to 60 minutes to reach all nodes of other clusters (field-notes 2.5).
const SYNC_SECONDS: u64 = 3600;

/// The steps of a plan, and what they hold while they run.
#[derive(Debug, Default)]
pub struct Built {
    /// The steps, each after those that it waits for.
    pub steps: Vec<Step>,
    /// Steps that hold tokens together.
    pub holds: Vec<Hold>,
    /// The tokens.
    pub tokens: Vec<Token>,
    /// The links that are worked on at the same time, for people.
    pub rounds: Vec<Vec<Pair>>,
}

/// Builds the steps for these changes.
pub fn build(mesh: &Mesh, snapshot: &Snapshot, changes: &[Change]) -> Built {
    let mut builder = Builder {
        mesh,
        nodes: nodes_by_cluster(mesh, snapshot),
        clusters: mesh.clusters.iter().map(|c| (&c.name, c)).collect(),
        snapshot,
        changes,
        built: Built::default(),
        of_link: changes.iter().filter_map(|c| Some(((&c.cluster, linked_to(c)?), c))).collect(),
        transports: links(mesh).into_iter().map(|link| (link.pair, link.transport)).collect(),
        services: BTreeMap::new(),
        tuned: BTreeMap::new(),
        deletions: BTreeMap::new(),
        first_batch: BTreeMap::new(),
        restarted: BTreeMap::new(),
        under_way: Vec::new(),
    };
    builder.find_syncs_under_way();
    builder.services();
    builder.parameters();
    builder.deletions();
    let links: BTreeSet<Pair> = changes.iter().filter_map(linked).collect();
    builder.built.rounds = rounds(&links);
    builder.tokens(&links);
    let mut before = Vec::new();
    let batches = batches(mesh, &builder.built.rounds);
    for (i, batch) in batches.iter().enumerate() {
        for name in batch.iter().flat_map(|(pair, _)| [pair.a(), pair.b()]) {
            builder.first_batch.entry(name.clone()).or_insert(i);
        }
    }
    for (i, batch) in batches.iter().enumerate() {
        before = builder.batch(batch, i, &before);
    }
    if batches.is_empty() {
        builder.restarts(&BTreeMap::new(), &BTreeSet::new(), 0);
    }
    room::measure(&mut builder.built);
    builder.built
}

/// The link that a change works on.
fn linked(change: &Change) -> Option<Pair> {
    linked_to(change).map(|to| Pair::new(&change.cluster, to))
}

/// The other side of the link that a change works on.
fn linked_to(change: &Change) -> Option<&ClusterName> {
    match &change.what {
        What::CreatePeer { to, .. }
        | What::ChangePeer { to, .. }
        | What::ReplacePeer { to, .. }
        | What::Resync { to, .. } => Some(to),
        _ => None,
    }
}

/// Links with their rounds, in groups of which each is finished, restarts and verification included, before the
/// next begins: all at once, or first one alone (the canary), or each by itself (the guide's letter).
fn batches(mesh: &Mesh, rounds: &[Vec<Pair>]) -> Vec<Vec<(Pair, u32)>> {
    let links: Vec<(Pair, u32)> =
        rounds.iter().zip(1..).flat_map(|(round, n)| round.iter().map(move |pair| (pair.clone(), n))).collect();
    match mesh.policy.xcp_restart.batch {
        Batch::PerLink => links.into_iter().map(|link| vec![link]).collect(),
        Batch::Once if canary(mesh, rounds).is_some() => vec![links[..1].to_vec(), links[1..].to_vec()],
        Batch::Once if links.is_empty() => Vec::new(),
        Batch::Once => vec![links],
    }
}

/// The link that is finished alone before the rest: the first, where there are more than the policy lets go together.
pub fn canary<'a>(mesh: &Mesh, rounds: &'a [Vec<Pair>]) -> Option<&'a Pair> {
    let links: usize = rounds.iter().map(Vec::len).sum();
    let alone = mesh.policy.xcp_restart.batch == Batch::Once && links > mesh.policy.canary_above as usize && links > 1;
    rounds.iter().flatten().next().filter(|_| alone)
}

struct Builder<'a> {
    mesh: &'a Mesh,
    snapshot: &'a Snapshot,
    changes: &'a [Change],
    nodes: BTreeMap<ClusterName, Vec<NodeName>>,
    clusters: HashMap<&'a ClusterName, &'a Cluster>,
    /// The change of an entry, by the cluster that holds it and the one that it points to.
    of_link: HashMap<(&'a ClusterName, &'a ClusterName), &'a Change>,
    transports: BTreeMap<Pair, Transport>,
    built: Built,
    /// The steps that start services, by cluster.
    services: BTreeMap<ClusterName, Vec<StepId>>,
    /// The steps that set parameters and restart what they need, by cluster.
    tuned: BTreeMap<ClusterName, Vec<StepId>>,
    /// The steps that delete peers, by cluster.
    deletions: BTreeMap<ClusterName, Vec<StepId>>,
    /// The first batch in which a cluster is linked.
    first_batch: BTreeMap<ClusterName, usize>,
    /// The last restart of each cluster so far.
    restarted: BTreeMap<ClusterName, StepId>,
    /// Syncs that were under way before the plan, by the side that learns users.
    under_way: Vec<(ClusterName, ClusterName)>,
}

fn done(step: &StepId) -> After {
    After { step: step.clone(), need: Need::Done }
}

fn ended(step: &StepId) -> After {
    After { step: step.clone(), need: Need::Ended }
}

impl Builder<'_> {
    fn push(&mut self, step: Step) -> StepId {
        let id = step.id.clone();
        self.built.steps.push(step);
        id
    }

    fn tokens(&mut self, links: &BTreeSet<Pair>) {
        let syncing: BTreeSet<&ClusterName> = links.iter().flat_map(|pair| [pair.a(), pair.b()]).collect();
        let at_once = self.mesh.policy.concurrent_syncs_per_cluster.max(1);
        self.built.tokens = syncing.into_iter().map(|c| Token { name: sync_token(c), count: at_once }).collect();
        let clusters = self.mesh.policy.xcp_restart.max_clusters_at_once.max(1);
        self.built.tokens.push(Token { name: RESTART_TOKEN.into(), count: clusters });
    }

    /// The steps of links that are finished together; returns the steps that the next batch waits for.
    fn batch(&mut self, links: &[(Pair, u32)], number: usize, before: &[StepId]) -> Vec<StepId> {
        let mut changed: BTreeMap<ClusterName, Vec<StepId>> = BTreeMap::new();
        let mut replaced: BTreeSet<ClusterName> = BTreeSet::new();
        let mut waits: Vec<(Pair, u32, Vec<StepId>)> = Vec::new();
        for (pair, round) in links {
            let awaited = self.link(pair, *round, before);
            let of_pair = pair.directions().map(|(from, to)| self.of_link.get(&(from, to)).copied());
            let kinds: Vec<Kind> = of_pair.into_iter().flatten().map(|c| c.what.kind()).collect();
            for (cluster, change) in [pair.a(), pair.b()].into_iter().zip(of_pair) {
                // certificates ask for no router restart
                if kinds.iter().any(|kind| *kind != Kind::Resync) {
                    changed.entry(cluster.clone()).or_default().extend(awaited.iter().cloned());
                }
                if change.is_some_and(|c| c.what.kind() == Kind::Replace) {
                    replaced.insert(cluster.clone());
                }
            }
            waits.push((pair.clone(), *round, awaited));
        }
        let restarts = self.restarts(&changed, &replaced, number);
        waits.iter().flat_map(|(pair, round, awaited)| self.verify(pair, *round, awaited, &restarts)).collect()
    }

    fn publisher(&self, cluster: &ClusterName) -> Option<NodeName> {
        self.clusters.get(cluster).map(|cluster| cluster.publisher.clone())
    }
}

/// The token that clusters hold while their routers restart.
const RESTART_TOKEN: &str = "restart";

fn sync_token(cluster: &ClusterName) -> String {
    format!("sync {cluster}")
}

fn transport(protocol: &Protocol) -> Transport {
    if *protocol == Protocol::Tls { Transport::Tls } else { Transport::Tcp }
}

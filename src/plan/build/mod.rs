//! From differences to steps: what is done in which order, and what must hold before and after.
//!
//! The order follows the procedure "Configure Intercluster Peers": services, peers on both sides, initial sync,
//! XCP Routers where a notification asks for it, verification. ICSA is started with the other services, because
//! nothing syncs without it.

mod preparation;
mod restarts;

use std::collections::{BTreeMap, BTreeSet};

use crate::cluster::{Protocol, Snapshot};
use crate::mesh::topology::Pair;
use crate::mesh::{Batch, ClusterName, Mesh, NodeName, Transport};
use crate::plan::change::{Change, ProtocolChange, What};
use crate::plan::diff::nodes_by_cluster;
use crate::plan::hold::{Hold, Token};
use crate::plan::rounds::rounds;
use crate::plan::step::{Action, After, Condition, Need, Step, StepId};

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
        snapshot,
        changes,
        built: Built::default(),
        services: BTreeMap::new(),
        deletions: BTreeMap::new(),
    };
    builder.services();
    builder.deletions();
    let links: BTreeSet<Pair> = changes.iter().filter_map(linked).collect();
    builder.built.rounds = rounds(&links);
    builder.tokens(&links);
    let mut before = Vec::new();
    let batches = batches(mesh, &builder.built.rounds);
    for (i, batch) in batches.iter().enumerate() {
        before = builder.batch(batch, i, &before);
    }
    if batches.is_empty() {
        builder.restarts(&BTreeMap::new(), 0);
    }
    builder.built
}

/// The link that a change works on.
fn linked(change: &Change) -> Option<Pair> {
    match &change.what {
        What::CreatePeer { to, .. } | What::ChangePeer { to, .. } => Some(Pair::new(&change.cluster, to)),
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
        Batch::Once if links.len() > mesh.policy.canary_above as usize && links.len() > 1 => {
            vec![links[..1].to_vec(), links[1..].to_vec()]
        }
        Batch::Once if links.is_empty() => Vec::new(),
        Batch::Once => vec![links],
    }
}

struct Builder<'a> {
    mesh: &'a Mesh,
    snapshot: &'a Snapshot,
    changes: &'a [Change],
    nodes: BTreeMap<ClusterName, Vec<NodeName>>,
    built: Built,
    /// The steps that start services, by cluster.
    services: BTreeMap<ClusterName, Vec<StepId>>,
    /// The steps that delete peers, by cluster.
    deletions: BTreeMap<ClusterName, Vec<StepId>>,
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
        let mut synced: BTreeMap<ClusterName, Vec<StepId>> = BTreeMap::new();
        let mut waits: Vec<(Pair, u32, Vec<StepId>)> = Vec::new();
        for (pair, round) in links {
            let awaited = self.link(pair, *round, before);
            for cluster in [pair.a(), pair.b()] {
                synced.entry(cluster.clone()).or_default().extend(awaited.iter().cloned());
            }
            waits.push((pair.clone(), *round, awaited));
        }
        let restarts = self.restarts(&synced, number);
        waits.iter().flat_map(|(pair, round, awaited)| self.verify(pair, *round, awaited, &restarts)).collect()
    }

    /// The peers of one link, one side after the other, and the initial sync of both sides.
    fn link(&mut self, pair: &Pair, round: u32, before: &[StepId]) -> Vec<StepId> {
        let mut held = Vec::new();
        let mut previous: Option<StepId> = None;
        for (from, to) in pair.directions() {
            if let Some(id) = self.peer(from, to, pair, round, before, previous.as_ref()) {
                held.push(id.clone());
                previous = Some(id);
            }
        }
        let mut awaited = Vec::new();
        for (from, to) in pair.directions() {
            let Some(address) = self.publisher(to) else { continue };
            let synced = Condition::Synced { cluster: from.clone(), address: address.clone(), to: to.clone() };
            let action = Action::AwaitSync { address, to: to.clone() };
            let reason = "the initial sync is heavy: the next link of the cluster waits for it";
            let id = self.push(Step {
                after: held.iter().map(done).collect(),
                until: vec![synced],
                within_seconds: SYNC_SECONDS,
                round: Some(round),
                ..Step::new(StepId(format!("await-sync/{from}/{to}")), from, action, reason)
            });
            awaited.push(id);
        }
        held.extend(awaited.iter().cloned());
        let tokens = vec![sync_token(pair.a()), sync_token(pair.b())];
        self.built.holds.push(Hold { tokens, steps: held });
        awaited
    }

    /// The step that writes one side's entry, where that side has a change.
    fn peer(
        &mut self,
        from: &ClusterName,
        to: &ClusterName,
        pair: &Pair,
        round: u32,
        before: &[StepId],
        previous: Option<&StepId>,
    ) -> Option<StepId> {
        let of_link = |c: &&Change| c.cluster == *from && linked(c).as_ref() == Some(pair);
        let change = self.changes.iter().find(of_link)?;
        let mut after: Vec<After> = before.iter().map(done).collect();
        for cluster in [pair.a(), pair.b()] {
            after.extend(self.services.get(cluster).into_iter().flatten().map(done));
            after.extend(self.deletions.get(cluster).into_iter().flatten().map(ended));
        }
        after.extend(previous.map(done));
        let account = self.mesh.cluster(to).and_then(|c| self.mesh.peer_account(c)).cloned();
        let (action, name, protocol, address, undo) = match &change.what {
            What::CreatePeer { address, to, protocol } => {
                let action = Action::AddPeer {
                    address: address.clone(),
                    to: to.clone(),
                    account: account.clone().unwrap_or_default(),
                    protocol: transport(protocol),
                };
                (action, "add-peer", protocol, address, "delete the peer".to_owned())
            }
            What::ChangePeer { address, to, protocol: Some(ProtocolChange { before, after }), .. } => {
                let protocol = Some(transport(after));
                let action = Action::EditPeer { address: address.clone(), to: to.clone(), protocol, account: None };
                (action, "edit-peer", after, address, format!("set Protocol to {} again", before.word()))
            }
            _ => return None,
        };
        let mut gates: Vec<Condition> =
            [pair.a(), pair.b()].map(|cluster| Condition::SyncAgentCompleted { cluster: cluster.clone() }).into();
        if let (Action::AddPeer { .. }, Some(account)) = (&action, account) {
            gates.push(Condition::ProbeAnswered { cluster: to.clone(), account });
        }
        let peer_is = Condition::PeerIs {
            cluster: from.clone(),
            address: address.clone(),
            protocol: protocol.clone(),
            username: None,
        };
        Some(self.push(Step {
            after,
            gates,
            until: vec![peer_is],
            within_seconds: PEER_SECONDS,
            round: Some(round),
            line: change.line,
            undo,
            ..Step::new(StepId(format!("{name}/{from}/{to}")), from, action, &change.reason)
        }))
    }

    fn verify(
        &mut self,
        pair: &Pair,
        round: u32,
        awaited: &[StepId],
        restarts: &BTreeMap<ClusterName, Vec<StepId>>,
    ) -> Vec<StepId> {
        let restarted = [pair.a(), pair.b()].into_iter().filter_map(|c| restarts.get(c)?.last());
        let after: Vec<After> = awaited.iter().map(done).chain(restarted.map(ended)).collect();
        let mut verified = Vec::new();
        for (from, to) in pair.directions() {
            let Some(address) = self.publisher(to) else { continue };
            let healthy = Condition::Healthy { cluster: from.clone(), address: address.clone(), to: to.clone() };
            let action = Action::Verify { address, to: to.clone() };
            let reason = "both sides must show every entry checked and all users of the other side";
            verified.push(self.push(Step {
                after: after.clone(),
                until: vec![healthy],
                within_seconds: SYNC_SECONDS,
                round: Some(round),
                ..Step::new(StepId(format!("verify/{from}/{to}")), from, action, reason)
            }));
        }
        verified
    }

    fn publisher(&self, cluster: &ClusterName) -> Option<NodeName> {
        self.mesh.cluster(cluster).map(|c| c.publisher.clone())
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

//! Before the first write: the way to every button that the plan needs, on both sides of every link.

use std::collections::BTreeMap;

use futures::future::join_all;

use super::condition::Operators;
use crate::cluster::{Error, PeerWalk};
use crate::mesh::ClusterName;
use crate::plan::Plan;
use crate::plan::step::Action;

/// Goes to the buttons of the plan's edits of peers, all clusters at once, and changes nothing. Returns what stands in the
/// way; what may be better in a moment does not count, the steps see to that themselves.
pub async fn walk(plan: &Plan, operators: &Operators) -> Vec<Error> {
    let mut walks: BTreeMap<&ClusterName, Vec<PeerWalk>> = BTreeMap::new();
    for step in &plan.steps {
        let Some(walk) = to(&step.action) else { continue };
        let known = walks.entry(&step.cluster).or_default();
        // One of each kind: the pages of a cluster's peers are alike.
        if !known.iter().any(|other| std::mem::discriminant(other) == std::mem::discriminant(&walk)) {
            known.push(walk);
        }
    }
    let walked = walks.iter().filter_map(|(cluster, walks)| Some(operators.get(*cluster)?.walk(walks)));
    let failed = join_all(walked).await.into_iter().filter_map(Result::err);
    failed.filter(|error| !error.kind.is_transient()).collect()
}

fn to(action: &Action) -> Option<PeerWalk> {
    match action {
        Action::AddPeer { address, .. } => Some(PeerWalk::Add(address.clone())),
        Action::EditPeer { address, .. } => Some(PeerWalk::Update(address.clone())),
        Action::ForceSync { address, .. } => Some(PeerWalk::Sync(address.clone())),
        Action::DeletePeer { address } => Some(PeerWalk::Delete(address.clone())),
        _ => None,
    }
}

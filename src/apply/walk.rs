//! Before the first write: the way to every button that the plan needs, on both sides of every link.

use std::collections::BTreeMap;

use futures::future::join_all;

use super::condition::Operators;
use crate::cluster::{Error, Walk};
use crate::mesh::ClusterName;
use crate::plan::Plan;
use crate::plan::step::Action;

/// Goes to the buttons of the plan's edits of pages, all clusters at once, and changes nothing. Returns what stands in the
/// way; what may be better in a moment does not count, the steps see to that themselves.
pub async fn walk(plan: &Plan, operators: &Operators) -> Vec<Error> {
    let mut walks: BTreeMap<&ClusterName, Vec<Walk>> = BTreeMap::new();
    for step in &plan.steps {
        let Some(walk) = to(&step.action) else { continue };
        let known = walks.entry(&step.cluster).or_default();
        if !known.iter().any(|other| alike(other, &walk)) {
            known.push(walk);
        }
    }
    let walked = walks.iter().filter_map(|(cluster, walks)| Some(operators.get(*cluster)?.walk(walks)));
    let failed = join_all(walked).await.into_iter().filter_map(Result::err);
    failed.filter(|error| !error.kind.is_transient()).collect()
}

fn to(action: &Action) -> Option<Walk> {
    match action {
        Action::AddPeer { address, .. } => Some(Walk::Add(address.clone())),
        Action::EditPeer { address, .. } => Some(Walk::Update(address.clone())),
        Action::ForceSync { address, .. } => Some(Walk::Sync(address.clone())),
        Action::DeletePeer { address } => Some(Walk::Delete(address.clone())),
        Action::SetParameter { node, service, label, value } => Some(Walk::Parameter {
            node: node.clone(),
            service: service.clone(),
            label: label.clone(),
            value: value.clone(),
        }),
        _ => None,
    }
}

/// Whether one way tells of the other: the pages of a cluster's peers are alike, and so are those of a service's
/// parameters on its nodes.
fn alike(one: &Walk, other: &Walk) -> bool {
    match (one, other) {
        (
            Walk::Parameter { node: _, service, label, value },
            Walk::Parameter { node: _, service: other_service, label: other_label, value: other_value },
        ) => (service, label, value) == (other_service, other_label, other_value),
        _ => std::mem::discriminant(one) == std::mem::discriminant(other),
    }
}

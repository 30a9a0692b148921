//! The checker: laws that every plan keeps, whoever made it. It runs in tests and before every apply.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::algo::{has_path_connecting, toposort};
use petgraph::graph::{DiGraph, NodeIndex};

use super::Plan;
use super::step::{Action, StepId};
use crate::mesh::{ClusterName, NodeName};

/// Checks a plan.
///
/// # Errors
/// Every law that it breaks, in a sentence each.
pub fn check(plan: &Plan) -> Result<(), Vec<String>> {
    let mut problems = Vec::new();
    let mut graph: DiGraph<&StepId, ()> = DiGraph::new();
    let mut index: BTreeMap<&StepId, NodeIndex> = BTreeMap::new();
    for step in &plan.steps {
        if index.insert(&step.id, graph.add_node(&step.id)).is_some() {
            problems.push(format!("step {} is there twice", step.id));
        }
        if step.undo.trim().is_empty() {
            problems.push(format!("step {} does not say how it is taken back", step.id));
        }
        if plan.mesh.cluster(&step.cluster).is_none() {
            problems.push(format!("step {} is for the unknown cluster {}", step.id, step.cluster));
        }
    }
    for step in &plan.steps {
        for after in &step.after {
            match index.get(&after.step) {
                Some(before) => {
                    graph.add_edge(*before, index[&step.id], ());
                }
                None => problems.push(format!("step {} waits for the unknown step {}", step.id, after.step)),
            }
        }
    }
    if toposort(&graph, None).is_err() {
        problems.push("steps wait for each other in a circle".into());
    } else {
        restarts_one_after_another(plan, &graph, &index, &mut problems);
    }
    holds(plan, &index, &mut problems);
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// No two nodes of a redundancy group restart at the same time. Groups may be unknown, so it holds for all nodes
/// of a cluster.
fn restarts_one_after_another(
    plan: &Plan,
    graph: &DiGraph<&StepId, ()>,
    index: &BTreeMap<&StepId, NodeIndex>,
    problems: &mut Vec<String>,
) {
    let mut restarts: BTreeMap<&ClusterName, Vec<(&NodeName, &StepId)>> = BTreeMap::new();
    for step in &plan.steps {
        if let Action::Restart { node, .. } = &step.action {
            restarts.entry(&step.cluster).or_default().push((node, &step.id));
        }
    }
    for steps in restarts.values() {
        for pair in steps.windows(2) {
            let ((_, a), (_, b)) = (pair[0], pair[1]);
            if !has_path_connecting(graph, index[a], index[b], None) {
                problems.push(format!("{a} and {b} could take down two nodes of one cluster together"));
            }
        }
    }
}

fn holds(plan: &Plan, index: &BTreeMap<&StepId, NodeIndex>, problems: &mut Vec<String>) {
    let tokens: BTreeMap<&str, u32> = plan.tokens.iter().map(|t| (t.name.as_str(), t.count)).collect();
    let mut held = BTreeSet::new();
    for hold in &plan.holds {
        for token in &hold.tokens {
            if tokens.get(token.as_str()).is_none_or(|count| *count == 0) {
                problems.push(format!("the token `{token}` can never be held"));
            }
        }
        for step in &hold.steps {
            if !index.contains_key(step) {
                problems.push(format!("the unknown step {step} holds a token"));
            }
            if !held.insert(step) {
                problems.push(format!("step {step} is in two holds"));
            }
        }
    }
    let loose = plan.steps.iter().filter(|s| matches!(s.action, Action::AddPeer { .. } | Action::Restart { .. }));
    for step in loose.filter(|s| !held.contains(&s.id)) {
        problems.push(format!("step {} holds no token", step.id));
    }
}

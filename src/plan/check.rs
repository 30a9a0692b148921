//! The checker: laws that every plan keeps, whoever made it. It runs in tests and before every apply.

use std::collections::{BTreeMap, HashMap, HashSet};

use petgraph::algo::{has_path_connecting, toposort};
use petgraph::graph::{DiGraph, NodeIndex};

use super::Plan;
use super::step::{Action, Condition, Need, Step, StepId};
use crate::cluster::{same_label, service};
use crate::mesh::ClusterName;

/// Checks a plan.
///
/// # Errors
/// Every law that it breaks, in a sentence each.
pub fn check(plan: &Plan) -> Result<(), Vec<String>> {
    let mut problems = Vec::new();
    let mut graph: DiGraph<&StepId, ()> = DiGraph::new();
    let mut index: HashMap<&str, NodeIndex> = HashMap::with_capacity(plan.steps.len());
    let clusters: HashSet<&ClusterName> = plan.mesh.clusters.iter().map(|cluster| &cluster.name).collect();
    for step in &plan.steps {
        if index.insert(&step.id.0, graph.add_node(&step.id)).is_some() {
            problems.push(format!("step {} is there twice", step.id));
        }
        if step.undo.trim().is_empty() {
            problems.push(format!("step {} does not say how it is taken back", step.id));
        }
        if !clusters.contains(&step.cluster) {
            problems.push(format!("step {} is for the unknown cluster {}", step.id, step.cluster));
        }
    }
    for (at, step) in plan.steps.iter().enumerate() {
        for after in &step.after {
            match index.get(&*after.step.0) {
                Some(before) => {
                    graph.add_edge(*before, NodeIndex::new(at), ());
                }
                None => problems.push(format!("step {} waits for the unknown step {}", step.id, after.step)),
            }
        }
    }
    if toposort(&graph, None).is_err() {
        problems.push("steps wait for each other in a circle".into());
    } else {
        let graph = Graph { graph: &graph, index: &index };
        restarts_one_after_another(plan, &graph, &mut problems);
        switches(plan, &graph, &mut problems);
        parameters(plan, &graph, &mut problems);
    }
    gates(plan, &mut problems);
    holds(plan, &index, &mut problems);
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// What comes before what.
struct Graph<'a> {
    graph: &'a DiGraph<&'a StepId, ()>,
    index: &'a HashMap<&'a str, NodeIndex>,
}

impl Graph<'_> {
    fn before(&self, a: &StepId, b: &StepId) -> bool {
        match (self.index.get(&*a.0), self.index.get(&*b.0)) {
            // most often the one waits for the other itself; a path is looked for where it does not
            (Some(a), Some(b)) => self.graph.contains_edge(*a, *b) || has_path_connecting(self.graph, *a, *b, None),
            _ => false,
        }
    }
}

/// No two nodes of a redundancy group restart at the same time. Groups may be unknown, so it holds for all nodes
/// of a cluster. The Intercluster Sync Agent serves no users, so it is no part of this.
fn restarts_one_after_another(plan: &Plan, graph: &Graph<'_>, problems: &mut Vec<String>) {
    let mut restarts: BTreeMap<&ClusterName, Vec<&StepId>> = BTreeMap::new();
    for step in &plan.steps {
        if let Action::Restart { service, .. } = &step.action
            && service != service::ICSA
        {
            restarts.entry(&step.cluster).or_default().push(&step.id);
        }
    }
    for steps in restarts.values() {
        for pair in steps.windows(2) {
            if !graph.before(pair[0], pair[1]) {
                problems.push(format!("{} and {} could take down two nodes of one cluster together", pair[0], pair[1]));
            }
        }
    }
}

/// Whoever switches High Availability off is followed by one finalizer that switches the same group on, which runs
/// whatever happened between; and nobody switches on what the plan did not switch off.
fn switches(plan: &Plan, graph: &Graph<'_>, problems: &mut Vec<String>) {
    let mut finalizers: BTreeMap<&StepId, Vec<&Step>> = BTreeMap::new();
    for step in &plan.steps {
        if let Some(partner) = &step.finalizes {
            finalizers.entry(partner).or_default().push(step);
        }
    }
    for step in &plan.steps {
        let Action::SetHighAvailability { group, enabled } = &step.action else { continue };
        if *enabled {
            if step.finalizes.is_none() {
                problems.push(format!("{} switches High Availability on that the plan did not switch off", step.id));
            }
            continue;
        }
        let mine = finalizers.get(&step.id).map(Vec::as_slice).unwrap_or_default();
        let on = Action::SetHighAvailability { group: group.clone(), enabled: true };
        match mine {
            [one] if one.action == on && one.cluster == step.cluster => {
                if !graph.before(&step.id, &one.id) || one.after.iter().any(|after| after.need != Need::Ended) {
                    problems.push(format!("{} may not run after {}", one.id, step.id));
                }
            }
            _ => problems.push(format!("{} leaves High Availability off", step.id)),
        }
    }
    for (step, partner) in plan.steps.iter().filter_map(|step| Some((step, step.finalizes.as_ref()?))) {
        if !graph.index.contains_key(&*partner.0) {
            problems.push(format!("{} takes back an unknown step", step.id));
        }
        if step.room_seconds > 0 {
            problems.push(format!("{} could be kept back by the window", step.id));
        }
    }
}

/// Parameters of a node are set before its services restart for them.
fn parameters(plan: &Plan, graph: &Graph<'_>, problems: &mut Vec<String>) {
    let mut set: BTreeMap<(&ClusterName, String), Vec<&Step>> = BTreeMap::new();
    for step in &plan.steps {
        if let Action::SetParameter { node, service, .. } = &step.action
            && same_label(service, service::SIP_PROXY)
        {
            set.entry((&step.cluster, node.normal())).or_default().push(step);
        }
    }
    for step in &plan.steps {
        let Action::Restart { node, service, .. } = &step.action else { continue };
        if service != service::SIP_PROXY {
            continue;
        }
        let on_node = set.get(&(&step.cluster, node.normal())).into_iter().flatten();
        for parameter in on_node.filter(|s| !graph.before(&s.id, &step.id)) {
            problems.push(format!("{} does not wait for {}", step.id, parameter.id));
        }
    }
}

/// No entry is added before the users of both sides are copied and the other side answers its account.
fn gates(plan: &Plan, problems: &mut Vec<String>) {
    for step in &plan.steps {
        let Action::AddPeer { to, .. } = &step.action else { continue };
        let copied = |name: &ClusterName| step.gates.contains(&Condition::SyncAgentCompleted { cluster: name.clone() });
        let answered =
            step.gates.iter().any(|gate| matches!(gate, Condition::ProbeAnswered { cluster, .. } if cluster == to));
        if !copied(to) || !copied(&step.cluster) || !answered {
            problems.push(format!("{} does not wait for its gates", step.id));
        }
    }
}

fn holds(plan: &Plan, index: &HashMap<&str, NodeIndex>, problems: &mut Vec<String>) {
    let tokens: BTreeMap<&str, u32> = plan.tokens.iter().map(|t| (t.name.as_str(), t.count)).collect();
    let mut held = HashSet::new();
    for hold in &plan.holds {
        for token in &hold.tokens {
            if tokens.get(token.as_str()).is_none_or(|count| *count == 0) {
                problems.push(format!("the token `{token}` can never be held"));
            }
        }
        for step in &hold.steps {
            if !index.contains_key(&*step.0) {
                problems.push(format!("the unknown step {step} holds a token"));
            }
            if !held.insert(&*step.0) {
                problems.push(format!("step {step} is in two holds"));
            }
        }
    }
    let loose = plan
        .steps
        .iter()
        .filter(|s| matches!(s.action, Action::AddPeer { .. } | Action::ForceSync { .. } | Action::Restart { .. }));
    for step in loose.filter(|s| !held.contains(&*s.id.0)) {
        problems.push(format!("step {} holds no token", step.id));
    }
}

//! System > Presence Topology: the nodes by redundancy group, with their assigned users (field-notes 1.6).

use serde::Serialize;

use crate::lab::servers::pages::page::Page;
use crate::lab::servers::pages::reply::Reply;
use crate::lab::servers::pages::visit::Visit;
use crate::lab::world::{NodeView, SchemeView};

#[derive(Serialize)]
struct Topology {
    heading: &'static str,
    groups: Vec<Group>,
    assigned: u64,
    unassigned: u64,
    scheme: Option<&'static str>,
}

#[derive(Serialize)]
struct Group {
    name: String,
    nodes: Vec<Node>,
}

#[derive(Serialize)]
struct Node {
    name: String,
    url: String,
    description: &'static str,
    users: u64,
    state: &'static str,
}

#[derive(Serialize)]
struct Details {
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    label: &'static str,
    value: String,
}

/// All nodes; those in no group come last, under a heading of their own.
pub(super) fn groups(visit: &Visit<'_>) -> Reply {
    let world = visit.world();
    let nodes = world.nodes(visit.cluster());
    let facts = world.topology(visit.cluster());
    let of = |group: Option<&str>| -> Vec<Node> {
        nodes.iter().filter(|n| n.group.as_deref() == group).map(|n| node_of(visit, n)).collect()
    };
    let mut groups: Vec<Group> = world
        .groups(visit.cluster())
        .into_iter()
        .map(|group| Group { nodes: of(Some(&group.name)), name: group.name })
        .collect();
    let unassigned = of(None);
    if !unassigned.is_empty() {
        groups.push(Group { name: "Unassigned Nodes".into(), nodes: unassigned });
    }
    let heading = visit.variant.pick("node heading", ["Node Name", "Node", "Name"]);
    let scheme = match world.im_address_scheme() {
        SchemeView::Topology(scheme) => Some(scheme),
        SchemeView::Parameter(..) | SchemeView::Nowhere => None,
    };
    let (assigned, unassigned) = (facts.assigned_users, facts.unassigned_users);
    let values = Topology { heading, groups, assigned, unassigned, scheme };
    Reply::page(Page::Topology, "topology.html", values, None)
}

/// One node.
pub(super) fn node(visit: &Visit<'_>) -> Reply {
    let world = visit.world();
    let nodes = world.nodes(visit.cluster());
    let Some(node) = nodes.iter().find(|n| Some(n.key.as_str()) == visit.fields.get("key")) else {
        return Reply::See(visit.url(Page::Topology));
    };
    let rows = [
        ("Fully Qualified Domain Name/IP Address", node.name.to_string()),
        ("Description", description(node).to_owned()),
        ("Presence Redundancy Group", node.group.clone().unwrap_or_default()),
        ("Assigned Users", node.assigned_users.to_string()),
        ("State", node.state.to_owned()),
        ("Reason", node.reason.to_owned()),
    ];
    let rows = rows.into_iter().map(|(label, value)| Row { label, value }).collect();
    Reply::page(Page::Node, "node.html", Details { rows }, None)
}

fn node_of(visit: &Visit<'_>, node: &NodeView) -> Node {
    Node {
        name: node.name.to_string(),
        url: visit.keyed(Page::Node, &node.key),
        description: description(node),
        users: node.assigned_users,
        state: node.state,
    }
}

fn description(node: &NodeView) -> &'static str {
    if node.publisher { "IM and Presence database publisher" } else { "IM and Presence subscriber" }
}

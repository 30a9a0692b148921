//! System > Service Parameters: server, service, then the table (field-notes 1.5 and 8).

use serde::Serialize;

use crate::cluster::ServiceState;
use crate::lab::servers::pages::page::Page;
use crate::lab::servers::pages::reply::{Choice, Hidden, Message, Reply};
use crate::lab::servers::pages::visit::Visit;
use crate::lab::world::{Entry, NodeView, ParameterView, World};

#[derive(Serialize)]
struct Table {
    action: String,
    select_method: &'static str,
    button: &'static str,
    hidden: Vec<Hidden>,
    servers: Vec<Choice>,
    services: Vec<Choice>,
    chosen: bool,
    groups: Vec<Group>,
}

#[derive(Serialize)]
struct Group {
    title: &'static str,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    id: String,
    label: &'static str,
    value: String,
    suggested: &'static str,
    options: Option<Vec<Choice>>,
}

pub(super) fn reply(visit: &Visit<'_>) -> Reply {
    let mut world = visit.world();
    let node = visit.chosen_node(&world);
    let names = world.services_with_parameters(visit.cluster());
    let service =
        visit.fields.text("service").and_then(|s| s.parse::<usize>().ok()).and_then(|n| names.get(n)).copied();
    let message = match (visit.button(), &node, service) {
        (Ok(Some("save")), Some(node), Some(service)) => Some(save(visit, &mut world, node, service)),
        (Err(refusal), ..) => Some(Message::error(refusal)),
        _ => None,
    };
    let values = Table {
        action: visit.url(Page::Parameters),
        select_method: "get",
        button: visit.variant.button(),
        hidden: hidden(visit),
        servers: servers(&world.nodes(visit.cluster()), node.as_ref(), visit),
        services: services(visit, &world, node.as_ref(), &names, service),
        chosen: node.is_some() && service.is_some(),
        groups: match (&node, service) {
            (Some(node), Some(service)) => groups(&world.parameters(visit.cluster(), &node.name, service)),
            _ => Vec::new(),
        },
    };
    Reply::page(Page::Parameters, "parameters.html", values, message)
}

fn save(visit: &Visit<'_>, world: &mut World, node: &NodeView, service: &str) -> Message {
    for parameter in world.parameters(visit.cluster(), &node.name, service) {
        let Some(value) = visit.fields.get(&id(parameter.label)).map(str::trim) else { continue };
        if value == parameter.value {
            continue;
        }
        let set = world.set_parameter(visit.cluster(), &node.name, service, parameter.label, value);
        if let Err(refusal) = visit.here.count(set) {
            return Message::error(refusal.message);
        }
    }
    Message::success(visit.variant.updated())
}

/// The token, and what the drop-downs above the table say.
fn hidden(visit: &Visit<'_>) -> Vec<Hidden> {
    let mut hidden = visit.hidden(None);
    for name in ["server", "service"] {
        hidden.extend(visit.fields.text(name).map(|value| Hidden { name, value: value.to_owned() }));
    }
    hidden
}

fn servers(nodes: &[NodeView], chosen: Option<&NodeView>, visit: &Visit<'_>) -> Vec<Choice> {
    let suffix = visit.variant.pick("server state", ["", " (Active)"]);
    let choice = |node: &NodeView| Choice {
        value: node.key.clone(),
        text: format!("{}--CUCM IM and Presence{suffix}", node.name),
        selected: chosen.is_some_and(|c| c.key == node.key),
    };
    nodes.iter().map(choice).collect()
}

/// The services, each with the state that it has on the chosen node, or else on the one whose pages these are.
fn services(
    visit: &Visit<'_>,
    world: &World,
    node: Option<&NodeView>,
    names: &[&'static str],
    chosen: Option<&str>,
) -> Vec<Choice> {
    let running = world.services(visit.cluster(), node.map_or(&visit.here.server().name, |n| &n.name));
    let active = |name: &str| running.iter().any(|s| s.name == name && s.state != ServiceState::NotActivated);
    let choice = |(index, name): (usize, &&'static str)| Choice {
        value: index.to_string(),
        text: format!("{name} ({})", if active(name) { "Active" } else { "Inactive" }),
        selected: chosen == Some(*name),
    };
    names.iter().enumerate().map(choice).collect()
}

fn groups(parameters: &[ParameterView]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for parameter in parameters {
        let row = row(parameter);
        match groups.iter_mut().find(|g| g.title == parameter.group) {
            Some(group) => group.rows.push(row),
            None => groups.push(Group { title: parameter.group, rows: vec![row] }),
        }
    }
    groups
}

fn row(parameter: &ParameterView) -> Row {
    let options = match parameter.entry {
        Entry::Number(..) => None,
        Entry::Choice(values) => Some(
            values
                .iter()
                .map(|v| Choice { value: (*v).into(), text: (*v).into(), selected: *v == parameter.value })
                .collect(),
        ),
    };
    Row {
        id: id(parameter.label),
        label: parameter.label,
        value: parameter.value.clone(),
        suggested: parameter.default,
        options,
    }
}

/// The parameter's name, which is its control's id: the words of the label without what is between them.
fn id(label: &str) -> String {
    label.chars().filter(char::is_ascii_alphanumeric).collect()
}

//! The pages of Cisco Unified IM and Presence Serviceability: Control Center and Service Activation.
//!
//! Unlike the SOAP interface, they act on whichever node of the cluster is chosen in the list of servers.

mod activation;
mod control;

use serde::Serialize;

use super::administration::home;
use super::page::Page;
use super::reply::{Choice, Hidden, Reply};
use super::visit::Visit;
use crate::lab::servers::control_center::start_time;
use crate::lab::world::{NodeView, ServiceKind, ServiceView, World};

#[derive(Serialize)]
struct Services {
    action: String,
    button: &'static str,
    buttons: &'static [&'static str],
    activation: bool,
    hidden: Vec<Hidden>,
    servers: Vec<Choice>,
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
    name: &'static str,
    status: &'static str,
    activated: bool,
    start: String,
    up: String,
}

/// What a page answers with.
pub(super) fn reply(visit: &Visit<'_>, page: Page) -> Reply {
    match page {
        Page::FeatureServices => control::reply(visit, page, ServiceKind::Feature),
        Page::NetworkServices => control::reply(visit, page, ServiceKind::Network),
        Page::Activation => activation::reply(visit),
        other => home(visit, other),
    }
}

/// The list of servers, and the services of the one that is chosen.
fn table(
    visit: &Visit<'_>,
    world: &World,
    page: Page,
    node: Option<&NodeView>,
    kind: ServiceKind,
    buttons: &'static [&'static str],
) -> Services {
    let servers = world.nodes(visit.cluster()).into_iter().map(|n| Choice {
        selected: node.is_some_and(|chosen| chosen.key == n.key),
        text: format!("{}--CUCM IM and Presence", n.name),
        value: n.key,
    });
    let mut hidden = visit.hidden(None);
    hidden.extend(node.map(|n| Hidden { name: "server", value: n.key.clone() }));
    let mut groups: Vec<Group> = Vec::new();
    for service in node.map(|n| world.services(visit.cluster(), &n.name)).unwrap_or_default() {
        if service.kind != kind {
            continue;
        }
        let row = row(visit, world, &service);
        match groups.iter_mut().find(|g| g.title == service.group) {
            Some(group) => group.rows.push(row),
            None => groups.push(Group { title: service.group, rows: vec![row] }),
        }
    }
    Services {
        action: visit.url(page),
        button: visit.variant.button(),
        buttons,
        activation: page == Page::Activation,
        hidden,
        servers: servers.collect(),
        groups,
    }
}

fn row(visit: &Visit<'_>, world: &World, service: &ServiceView) -> Row {
    use crate::cluster::ServiceState;
    Row {
        id: service.name.chars().filter(char::is_ascii_alphanumeric).collect(),
        name: service.name,
        // The page's own words (field-notes 4.1); a service in between has none of its own there.
        status: match service.state {
            ServiceState::Started => visit.variant.running(),
            ServiceState::Stopped | ServiceState::NotActivated => "Not Running",
            other => other.word(),
        },
        activated: service.state != ServiceState::NotActivated,
        start: start_time(world, service.up),
        up: service.up.map(|up| up_time(up.as_secs())).unwrap_or_default(),
    }
}

fn up_time(seconds: u64) -> String {
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    let (hours, minutes) = (minutes / 60, minutes % 60);
    format!("{} days {:02}:{minutes:02}:{seconds:02}", hours / 24, hours % 24)
}

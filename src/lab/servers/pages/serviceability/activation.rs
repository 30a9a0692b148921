//! Service Activation: the feature services of a node, each activated or not.

use super::table;
use crate::cluster::{NodeName, ServiceState};
use crate::lab::servers::pages::page::Page;
use crate::lab::servers::pages::reply::{Message, Reply};
use crate::lab::servers::pages::visit::Visit;
use crate::lab::world::{ServiceKind, World};

pub(super) fn reply(visit: &Visit<'_>) -> Reply {
    let mut world = visit.world();
    let node = visit.chosen_node(&world);
    let message = match (visit.button(), &node) {
        (Ok(None), _) => None,
        (Ok(Some(_)), Some(node)) => Some(save(visit, &mut world, &node.name)),
        (Ok(Some(_)), None) => Some(Message::error("Please select a server.")),
        (Err(refusal), _) => Some(Message::error(refusal)),
    };
    let values = table(visit, &world, Page::Activation, node.as_ref(), ServiceKind::Feature, &["Save"]);
    Reply::page(Page::Activation, "services.html", values, message)
}

/// Brings every feature service to what its check box says.
fn save(visit: &Visit<'_>, world: &mut World, node: &NodeName) -> Message {
    for service in world.services(visit.cluster(), node) {
        if service.kind != ServiceKind::Feature {
            continue;
        }
        let wanted = visit.fields.all("service").any(|name| name == service.name);
        let outcome = match (service.state != ServiceState::NotActivated, wanted) {
            (false, true) => world.activate(visit.cluster(), node, service.name),
            (true, false) => world.deactivate(visit.cluster(), node, service.name),
            _ => continue,
        };
        if let Err(refusal) = visit.here.count(outcome) {
            return Message::error(refusal.message);
        }
    }
    Message::success("Update operation successful")
}

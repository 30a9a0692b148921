//! Control Center - Feature Services and - Network Services.

use super::table;
use crate::cluster::{ClusterName, NodeName};
use crate::lab::servers::pages::page::Page;
use crate::lab::servers::pages::reply::{Message, Reply};
use crate::lab::servers::pages::visit::Visit;
use crate::lab::world::{Refusal, ServiceKind, World};

type Order = fn(&mut World, &ClusterName, &NodeName, &str) -> Result<(), Refusal>;

pub(super) fn reply(visit: &Visit<'_>, page: Page, kind: ServiceKind) -> Reply {
    let mut world = visit.world();
    let node = visit.chosen_node(&world);
    let message = match (visit.button(), &node) {
        (Ok(None), _) => None,
        (Ok(Some(button)), Some(node)) => Some(carry_out(visit, &mut world, &node.name, button)),
        (Ok(Some(_)), None) => Some(Message::error("Please select a server.")),
        (Err(refusal), _) => Some(Message::error(refusal)),
    };
    let values = table(visit, &world, page, node.as_ref(), kind, &["Start", "Stop", "Restart"]);
    Reply::page(page, "services.html", values, message)
}

fn carry_out(visit: &Visit<'_>, world: &mut World, node: &NodeName, button: &str) -> Message {
    let (order, word): (Order, _) = match button {
        "start" => (World::start, "Start"),
        "stop" => (World::stop, "Stop"),
        _ => (World::restart, "Restart"),
    };
    let Some(service) = visit.fields.text("service") else { return Message::error("Please select a service.") };
    let outcome = visit.here.count(order(world, visit.cluster(), node, service));
    Message::of(outcome, &format!("{service} Service {word} Operation was Successful"))
}

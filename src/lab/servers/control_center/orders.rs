//! The operations that act: start, stop, restart, activate, deactivate.

use super::answers::{self, NO_SUCH_SERVICE, SUCCESS};
use super::{Fault, texts};
use crate::cluster::{ClusterName, NodeName};
use crate::lab::servers::here::Here;
use crate::lab::world::{Refusal, ServiceView, World};
use crate::xml::Element;

/// An order to one service.
type Order = fn(&mut World, &ClusterName, &NodeName, &str) -> Result<(), Refusal>;

/// `soapDoControlServices`
pub(super) fn control(here: &Here, request: &Element) -> Result<String, Fault> {
    let order: Order = match request.find("ControlType").map(|e| e.text.as_str()) {
        Some("Start") => World::start,
        Some("Stop") => World::stop,
        Some("Restart") => World::restart_by_soap,
        other => return Err(unknown("ControlType", other)),
    };
    Ok(carry_out(here, request, "soapDoControlServices", order))
}

/// `soapDoServiceDeployment`
pub(super) fn deploy(here: &Here, request: &Element) -> Result<String, Fault> {
    let order: Order = match request.find("DeployType").map(|e| e.text.as_str()) {
        Some("Deploy") => World::activate,
        Some("UnDeploy") => World::deactivate,
        other => return Err(unknown("DeployType", other)),
    };
    Ok(carry_out(here, request, "soapDoServiceDeployment", order))
}

fn carry_out(here: &Here, request: &Element, operation: &str, order: Order) -> String {
    let (cluster, node) = (here.cluster(), &here.server().name);
    let mut world = here.world();
    let mut failure = None;
    let mut items = String::new();
    for name in request.find("ServiceList").map(|list| texts(list, "item")).unwrap_or_default() {
        let known: Option<ServiceView> = world.services(cluster, node).into_iter().find(|s| s.name == name);
        let outcome = match known {
            Some(_) => here.count(order(&mut world, cluster, node, name)),
            None => Err(Refusal { code: Some(NO_SUCH_SERVICE), message: "No such service".into() }),
        };
        let after = world.services(cluster, node).into_iter().find(|s| s.name == name);
        let reason = match &outcome {
            Ok(()) => (SUCCESS, String::new()),
            Err(refusal) => (refusal.code.unwrap_or(answers::INTERNAL_ERROR), refusal.message.clone()),
        };
        items.push_str(&answers::item(&world, name, after.as_ref(), Some(&reason)));
        if outcome.is_err() {
            failure.get_or_insert(reason);
        }
    }
    // What `ReturnCode` says of a refusal is unknown; only 0 is known, for success.
    let return_code = if failure.is_some() { here.pick("return code", [1, -1]) } else { 0 };
    answers::information(operation, return_code, failure.as_ref(), &items)
}

fn unknown(what: &str, value: Option<&str>) -> Fault {
    Fault::client(format!("Invalid {what}: {}", value.unwrap_or_default()))
}

//! The Unified CM publisher's own AXL (field-notes 3.5): redundancy groups with their High Availability switch, all
//! nodes of both products, service parameters. Transport, versions and faults are those of the other AXL.

mod groups;
mod nodes;
mod object;
mod parameters;

use super::envelope::Fault;
use super::{Answer, Request, Work, answered, read};
use crate::lab::world::World;

/// Answers a request to a Unified CM server. What it changes is told, so that it can be counted.
pub(in crate::lab::servers) fn answer(world: &mut World, request: &Request<'_>) -> (Answer, bool) {
    let call = match read(world, request) {
        Ok(call) => call,
        Err(refusal) => return (refusal, false),
    };
    let cluster = request.cluster;
    let (result, writes) = match call.operation.as_str() {
        "listPresenceRedundancyGroup" => (groups::list(world, cluster, &call), false),
        "getPresenceRedundancyGroup" => (groups::get(world, cluster, &call), false),
        "updatePresenceRedundancyGroup" => (groups::update(world, cluster, &call), true),
        "listProcessNode" => (nodes::list(world, cluster, &call), false),
        "listAssignedPresenceServers" => (nodes::assigned(world, cluster, &call), false),
        "getServiceParameter" => (parameters::get(world, cluster, &call), false),
        "updateServiceParameter" => (parameters::update(world, cluster, &call), true),
        "getCCMVersion" => (Ok(nodes::version(world, cluster)), false),
        unknown => (Err(Fault::unknown_operation(unknown)), false),
    };
    let written = writes && result.is_ok();
    (answered(world, &call, result), written)
}

/// Answers a query to a Unified CM server, which has the same tables in this lab; none for any other request.
pub(in crate::lab::servers) fn query(world: &World, request: &Request<'_>) -> Option<Work> {
    let call = read(world, request).ok()?;
    (call.operation == "executeSQLQuery").then(|| super::query(world, request.cluster, call))
}

//! The bodies of the requests, as pure functions (field-notes 3.5).

use super::super::axl::Operation;
use super::super::soap::Part;
use crate::cluster::NodeName;

/// The order to turn a switch.
pub(super) struct Switch<'a> {
    /// The group's key: its name may be longer than the operation takes.
    pub(super) uuid: &'a str,
    /// Whether High Availability is to be enabled.
    pub(super) enabled: bool,
}

/// `listPresenceRedundancyGroup`, of all groups.
pub(super) fn groups() -> Operation {
    list("listPresenceRedundancyGroup", &[("name", ""), ("haEnabled", "t")])
}

/// `listProcessNode`, of the nodes of both products.
pub(super) fn nodes() -> Operation {
    list("listProcessNode", &[("name", ""), ("processNodeRole", "")])
}

/// `updatePresenceRedundancyGroup`. `haEnabled` is always said: the schema's default is `false`.
pub(super) fn switch(order: &Switch<'_>) -> Operation {
    let enabled = if order.enabled { "true" } else { "false" };
    Operation::write(
        "updatePresenceRedundancyGroup",
        vec![Part::text("uuid", order.uuid), Part::text("haEnabled", enabled)],
    )
}

/// `getServiceParameter`.
pub(super) fn parameter(node: &NodeName, service: &str, name: &str) -> Operation {
    Operation::read("getServiceParameter", parts(node, service, name).to_vec())
}

/// `updateServiceParameter`.
pub(super) fn set_parameter(node: &NodeName, service: &str, name: &str, value: i64) -> Operation {
    let mut parts = parts(node, service, name).to_vec();
    parts.push(Part::text("value", value.to_string()));
    Operation::write("updateServiceParameter", parts)
}

fn parts(node: &NodeName, service: &str, name: &str) -> [Part; 3] {
    [Part::text("processNodeName", node.as_str()), Part::text("name", name), Part::text("service", service)]
}

/// A list of everything, with these tags. The schema asks for at least one criterion, and for tags with a value of their
/// type, which means nothing.
fn list(name: &'static str, tags: &[(&'static str, &str)]) -> Operation {
    let all = Part::Group("searchCriteria", vec![Part::text("name", "%")]);
    let tags = tags.iter().map(|(tag, value)| Part::text(tag, *value)).collect();
    Operation::read(name, vec![all, Part::Group("returnedTags", tags)])
}

//! Service parameters. Whether Unified CM's AXL has those of IM and Presence services is unknown, and the seed's.

use super::object::{Object, missing, uuid};
use crate::cluster::{ClusterName, same_label};
use crate::lab::servers::axl::envelope::{Call, Fault, UNPUBLISHED};
use crate::lab::world::{Entry, ParameterView, World};

/// `getServiceParameter`
pub(super) fn get(world: &World, cluster: &ClusterName, call: &Call) -> Result<String, Fault> {
    let (parameter, key) = meant(world, cluster, call)?;
    let kind = match parameter.entry {
        Entry::Number(..) => "long",
        Entry::Choice(_) => "string",
    };
    let object = Object {
        kind: "serviceParameter",
        key,
        tags: vec![
            ("processNodeName", call.text("processNodeName")),
            ("name", call.text("name")),
            ("service", call.text("service")),
            ("value", parameter.value),
            ("valueType", kind.to_owned()),
        ],
    };
    Ok(object.write(call))
}

/// `updateServiceParameter`
pub(super) fn update(world: &mut World, cluster: &ClusterName, call: &Call) -> Result<String, Fault> {
    let (parameter, key) = meant(world, cluster, call)?;
    let (node, service) = (call.text("processNodeName"), call.text("service"));
    world
        .set_parameter(cluster, &node.as_str().into(), &service, parameter.label, &call.text("value"))
        .map_err(|refusal| Fault::new(UNPUBLISHED, refusal.message))?;
    Ok(uuid(&key))
}

/// The parameter that a call names, by its name or by its label, and its key.
fn meant(world: &World, cluster: &ClusterName, call: &Call) -> Result<(ParameterView, String), Fault> {
    let (node, name, service) = (call.text("processNodeName"), call.text("name"), call.text("service"));
    let covered = world.decide("Unified CM has the service parameters", 2) == 1;
    let parameters = if covered { world.parameters(cluster, &node.as_str().into(), &service) } else { Vec::new() };
    let found = parameters.into_iter().find(|p| same_label(p.label, &name) || words(p.label) == words(&name));
    let parameter = found.ok_or_else(|| missing(world, "ServiceParameter"))?;
    let key = world.key(&[cluster.as_str(), &node, &service, parameter.label]);
    Ok((parameter, key))
}

/// A parameter's name is taken to be its label without what is between the words; letter case aside.
fn words(label: &str) -> String {
    label.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

//! Presence redundancy groups and the switch of their High Availability.

use super::object::{Object, missing, search, uuid};
use crate::cluster::{ClusterName, Group};
use crate::lab::servers::axl::envelope::{Call, Fault, UNPUBLISHED};
use crate::lab::world::World;

const KIND: &str = "presenceRedundancyGroup";

/// `listPresenceRedundancyGroup`
pub(super) fn list(world: &World, cluster: &ClusterName, call: &Call) -> Result<String, Fault> {
    search(call, objects(world, cluster))
}

/// `getPresenceRedundancyGroup`
pub(super) fn get(world: &World, cluster: &ClusterName, call: &Call) -> Result<String, Fault> {
    Ok(meant(world, cluster, call)?.write(call))
}

/// `updatePresenceRedundancyGroup`: only `haEnabled` is modelled, and anything else refused.
pub(super) fn update(world: &mut World, cluster: &ClusterName, call: &Call) -> Result<String, Fault> {
    let group = meant(world, cluster, call)?;
    if let Some(other) = ["newName", "description", "server1", "server2"].into_iter().find(|tag| call.has(tag)) {
        return Err(Fault::new(UNPUBLISHED, format!("The lab does not change {other} of a {KIND}.")));
    }
    let enabled = match call.text("haEnabled").as_str() {
        "" => None,
        "t" | "true" | "1" => Some(true),
        "f" | "false" | "0" => Some(false),
        other => return Err(Fault::new(UNPUBLISHED, format!("haEnabled: {other} is not a boolean."))),
    };
    if let Some(enabled) = enabled {
        let set = world.set_high_availability(cluster, group.tag("name"), enabled);
        set.map_err(|refusal| Fault::new(UNPUBLISHED, refusal.message))?;
    }
    Ok(uuid(&group.key))
}

fn meant(world: &World, cluster: &ClusterName, call: &Call) -> Result<Object, Fault> {
    let found = objects(world, cluster).into_iter().find(|group| group.is_meant(call));
    found.ok_or_else(|| missing(world, "PresenceRedundancyGroup"))
}

fn objects(world: &World, cluster: &ClusterName) -> Vec<Object> {
    let nodes = world.nodes(cluster);
    let object = |group: Group| {
        let members: Vec<_> = nodes.iter().filter(|n| n.group.as_ref() == Some(&group.name)).collect();
        let server = |at: usize| members.get(at).map(|n| n.name.to_string()).unwrap_or_default();
        let users: u64 = members.iter().map(|n| n.assigned_users).sum();
        Object {
            kind: KIND,
            key: world.group_key(cluster, &group.name).unwrap_or_default(),
            tags: vec![
                ("name", group.name.clone()),
                ("description", String::new()),
                ("server1", server(0)),
                ("server2", server(1)),
                ("haEnabled", group.enabled.to_string()),
                ("numUsers", users.to_string()),
            ],
        }
    };
    world.groups(cluster).into_iter().map(object).collect()
}

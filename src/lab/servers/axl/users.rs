//! `getUser` (field-notes 3.1): one of the cluster's users, who are numbered as the database has them.

use super::envelope::{Call, Fault, UNPUBLISHED, element};
use crate::cluster::ClusterName;
use crate::lab::world::World;

/// `getUser`. What an unknown user is answered with is not published: a fault, or nothing.
pub(super) fn get(world: &World, cluster: &ClusterName, call: &Call) -> Result<String, Fault> {
    let userid = call.text("userid");
    let number = userid.strip_prefix("user").and_then(|n| n.parse::<u64>().ok());
    let topology = world.topology(cluster);
    let known = 1..=topology.assigned_users + topology.unassigned_users;
    let Some(number) = number.filter(|n| known.contains(n) && format!("user{n:05}") == userid) else {
        return match world.decide("an unknown user", 2) {
            0 => Ok(String::new()),
            _ => Err(Fault::new(UNPUBLISHED, format!("Item not valid: The specified User {userid} was not found"))),
        };
    };
    let content = [
        element("userid", &userid),
        element("lastName", format!("User {number}")),
        element("enableMobility", false),
        element("enableCUP", true),
        element("enableCUPC", true),
        element("enableMOC", false),
        element("failedOver", false),
    ];
    Ok(format!("<user>{}</user>", content.concat()))
}

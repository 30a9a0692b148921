//! The nodes of both products.

use super::object::{Object, search};
use crate::cluster::ClusterName;
use crate::lab::servers::axl::envelope::{Call, Fault, element};
use crate::lab::world::World;

/// `listProcessNode`
pub(super) fn list(world: &World, cluster: &ClusterName, call: &Call) -> Result<String, Fault> {
    let object = |key: String, name: String, publisher: bool, role: &str| Object {
        kind: "processNode",
        key,
        tags: vec![
            ("name", name),
            ("description", String::new()),
            ("nodeUsage", usage(publisher)),
            ("processNodeRole", role.to_owned()),
        ],
    };
    let managers = world.unified_cms(cluster).iter().enumerate();
    let managers = managers
        .map(|(at, name)| object(world.key(&[cluster.as_str(), name]), name.clone(), at == 0, "CUCM Voice/Video"));
    let nodes = world.nodes(cluster).into_iter();
    let nodes = nodes.map(|n| object(n.key, n.name.to_string(), n.publisher, "CUCM IM and Presence"));
    search(call, managers.chain(nodes).collect())
}

/// `listAssignedPresenceServers`
pub(super) fn assigned(world: &World, cluster: &ClusterName, call: &Call) -> Result<String, Fault> {
    let nodes = world.nodes(cluster).into_iter().filter(|n| n.group.is_some());
    let object = |node: crate::lab::world::NodeView| Object {
        kind: "assignedPresenceServers",
        key: node.key,
        tags: vec![
            ("name", node.name.to_string()),
            ("description", String::new()),
            ("nodeUsage", usage(node.publisher)),
            ("numUsers", node.assigned_users.to_string()),
        ],
    };
    search(call, nodes.map(object).collect())
}

/// `getCCMVersion`
pub(super) fn version(world: &World, cluster: &ClusterName) -> String {
    format!("<componentVersion>{}</componentVersion>", element("version", world.version(cluster).unwrap_or_default()))
}

fn usage(publisher: bool) -> String {
    if publisher { "Publisher" } else { "Subscriber" }.to_owned()
}

//! The read operations about version, nodes and High Availability (field-notes 3.2), as the vendor's schema has them.

use super::envelope::{Call, Fault, UNPUBLISHED, element, null};
use crate::cluster::{ClusterName, ServiceState};
use crate::lab::world::{NodeView, ServiceView, World};

/// `getCUPVersion`
pub(super) fn version(world: &World, cluster: &ClusterName) -> String {
    element("version", world.version(cluster).unwrap_or_default())
}

/// `getClusterInfo`
pub(super) fn cluster_info(world: &World, cluster: &ClusterName) -> String {
    let names = |names: Vec<String>| names.iter().map(|n| element("servername", n)).collect::<String>();
    let imps = names(world.nodes(cluster).iter().map(|n| n.name.to_string()).collect());
    let cms = names(world.unified_cms(cluster).to_vec());
    format!(
        "<ServerInformation><cupservernames>{imps}</cupservernames><cucmservernames>{cms}</cucmservernames>\
         </ServerInformation>"
    )
}

/// `getClusterNodesAndCriticalServices`. Whether `nodeName` selects a node or is only asked for is unknown.
pub(super) fn nodes(world: &World, cluster: &ClusterName, call: &Call) -> String {
    let wanted = call.text("nodeName");
    let selects = world.decide("nodeName selects", 2) == 1 && !wanted.is_empty();
    let locale = Some(call.text("locale")).filter(|l| !l.is_empty()).unwrap_or_else(|| "en_US".to_owned());
    world
        .nodes(cluster)
        .iter()
        .filter(|n| !selects || n.name.same(&wanted.as_str().into()))
        .map(|n| node(world, cluster, n, &locale))
        .collect()
}

fn node(world: &World, cluster: &ClusterName, node: &NodeView, locale: &str) -> String {
    let services = world.services(cluster, &node.name);
    let only_critical = world.decide("critical services only", 2) == 1;
    let services: String =
        services.iter().filter(|s| s.critical || !only_critical).map(|s| service(world, s)).collect();
    let content = [
        element("name", &node.name),
        null("description"),
        element("locale", locale),
        element("assignedSubcluster", node.group.as_deref().unwrap_or_default()),
        element("isPublisher", node.publisher),
        element("isInstalled", true),
        element("isReachable", true),
        element("version", world.version(cluster).unwrap_or_default()),
        element("assignedUserCount", node.assigned_users),
        element("nodeState", number(world, node.state)),
        element("nodeReason", number(world, node.reason)),
        element("nodeStateString", node.state),
        element("nodeReasonString", node.reason),
        format!("<criticalServices>{services}</criticalServices>"),
    ];
    format!("<clusterNodesInfo><return>{}</return></clusterNodesInfo>", content.concat())
}

fn service(world: &World, service: &ServiceView) -> String {
    let up = service.up.unwrap_or_default();
    // Not a state of its own here: the reason code tells (field-notes 4.1, 4.3).
    let status = if service.state == ServiceState::NotActivated { ServiceState::Stopped } else { service.state };
    let started = match service.up {
        Some(up) => (world.time_of_day().checked_sub(up).unwrap_or(jiff::Timestamp::MIN))
            .strftime("%a %b %d %H:%M:%S %Y")
            .to_string(),
        None => String::new(),
    };
    let content = [
        element("serviceName", service.name),
        element("status", status.word()),
        element("startTime", started),
        element("upTime", up.as_secs()),
        element("isCritical", service.critical),
        element("reasonCode", service.reason_code),
        element("reasonCodeStr", service.reason),
    ];
    format!("<criticalServiceInfo>{}</criticalServiceInfo>", content.concat())
}

/// `getSubClusterHAStatus`
pub(super) fn high_availability(world: &World, cluster: &ClusterName, call: &Call) -> Result<String, Fault> {
    let (name, uuid) = (call.text("subClusterName"), call.text("uuid"));
    let uuid = uuid.trim_matches(['{', '}']).to_ascii_lowercase();
    let groups = world.groups(cluster);
    let key = |name: &str| world.group_key(cluster, name).unwrap_or_default();
    let found = groups.iter().find(|g| g.name == name).or_else(|| groups.iter().find(|g| key(&g.name) == uuid));
    let Some(group) = found else { return Err(Fault::new(UNPUBLISHED, format!("Item not valid: subcluster {name}"))) };

    let all = world.nodes(cluster);
    let members: Vec<(usize, &NodeView)> =
        all.iter().enumerate().filter(|(_, n)| n.group.as_ref() == Some(&group.name)).collect();
    let users: u64 = members.iter().map(|(_, n)| n.assigned_users).sum();
    let available = group.enabled && members.iter().all(|(_, n)| n.state == "Normal");
    let numeric = world.decide("sub-cluster states are numbers", 2) == 1;
    let state = |text: &str| if numeric { number(world, text).to_string() } else { text.to_owned() };
    let node = |(at, node): &(usize, &NodeView)| {
        let content = [
            element("count", members.len()),
            element("uuid", &node.key),
            element("hostId", &node.name),
            null("description"),
            element("numUsers", node.assigned_users),
            element("activeUsers", node.active_users),
            element("isPublisher", node.publisher),
            element("rftrunkmeshpoint", true),
            element("enterpriseNodeId", at + 1),
            element("nodeState", state(node.state)),
            element("nodeReason", state(node.reason)),
        ];
        format!("<node>{}</node>", content.concat())
    };
    let content = [
        element("name", &group.name),
        element("uuid", key(&group.name)),
        null("dnsServer"),
        null("description"),
        element("numUsers", users),
        element("isHAEnabled", group.enabled),
        element("isHAAvailable", available),
        format!("<nodes>{}</nodes>", members.iter().map(node).collect::<String>()),
    ];
    Ok(format!("<SubClusterInfo>{}</SubClusterInfo>", content.concat()))
}

/// The number of a state or a reason: there is one, and nobody has published it.
fn number(world: &World, text: &str) -> usize {
    world.decide(text, 20)
}

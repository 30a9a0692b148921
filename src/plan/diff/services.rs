//! Services that must run before a cluster is linked, and routers that a notification asks to restart already.

use super::{Diff, nodes_of};
use crate::cluster::{ClusterSnapshot, Fact, Service, ServiceState, service};
use crate::mesh::{Cluster, NodeName};
use crate::plan::change::{Change, Left, LeftAlone, What};

/// Services that the procedure wants started: AXL and ICSA on every node, the Sync Agent on the publisher; and the
/// router, without which there is no presence to link.
pub(super) fn services(diff: &mut Diff, cluster: &Cluster, read: &ClusterSnapshot, line: Option<usize>) {
    for node in nodes_of(cluster, read) {
        let Some(Fact::Read(services)) = read.services.get(&node) else { continue };
        let publisher = node.same(&cluster.publisher);
        let wanted = [service::AXL, service::SYNC_AGENT, service::XCP_ROUTER, service::ICSA];
        for name in wanted.into_iter().filter(|name| publisher || *name != service::SYNC_AGENT) {
            let found = services.iter().find(|s| s.name.eq_ignore_ascii_case(name));
            match found.map(|s| s.state) {
                Some(ServiceState::Started | ServiceState::Starting) => {}
                None | Some(ServiceState::Unknown) => diff.left.push(LeftAlone {
                    cluster: cluster.name.clone(),
                    what: Left::Service { node: node.clone(), service: name.to_owned() },
                    reason: match found {
                        None => "the node does not list the service".into(),
                        Some(_) => "the node says that it does not know the service's state".into(),
                    },
                }),
                Some(ServiceState::NotActivated) => diff.changes.push(Change {
                    cluster: cluster.name.clone(),
                    what: What::Activate { node: node.clone(), service: name.to_owned() },
                    reason: why_needed(name).into(),
                    line,
                }),
                Some(ServiceState::Stopped | ServiceState::Stopping) => diff.changes.push(Change {
                    cluster: cluster.name.clone(),
                    what: What::Start {
                        node: node.clone(),
                        service: name.to_owned(),
                        before: found.map(words).unwrap_or_default(),
                    },
                    reason: why_needed(name).into(),
                    line,
                }),
            }
        }
    }
}

fn words(service: &Service) -> String {
    match &service.reason {
        Some(reason) => format!("{} ({reason})", service.state.word()),
        None => service.state.word().to_owned(),
    }
}

fn why_needed(name: &str) -> &'static str {
    match name {
        service::AXL => "peers read the cluster through it; it runs on all nodes",
        service::SYNC_AGENT => "the publisher must have its users before it is peered",
        service::ICSA => "it keeps peers in sync; it runs on all nodes",
        _ => "it carries presence between clusters",
    }
}

/// Routers that a notification asks to restart already, before anything is changed.
pub(super) fn restarts(diff: &mut Diff, cluster: &Cluster, read: &ClusterSnapshot, line: Option<usize>) {
    let Fact::Read(notifications) = &read.notifications else { return };
    let nodes = nodes_of(cluster, read);
    let asked: Vec<NodeName> = nodes
        .iter()
        .filter(|node| notifications.iter().any(|n| n.asks_restart(service::XCP_ROUTER, node, &nodes)))
        .cloned()
        .collect();
    if !asked.is_empty() {
        diff.changes.push(Change {
            cluster: cluster.name.clone(),
            what: What::Restart { nodes: asked },
            reason: "a notification asks for it".into(),
            line,
        });
    }
}

//! Nodes that do not answer, services that do not run, and restarts that a notification asks for.

use super::finding::{Finding, Place};
use super::found::{Explains, Found};
use super::{Case, is_silent, milder};
use crate::cluster::{Fact, ServiceState, service};
use crate::mesh::{ClusterName, DriftCode, DriftSeverity, NodeName};
use crate::plan::diff::nodes_of;
use crate::plan::facts::About;

/// Nodes that were asked for their services, or clusters that were asked for anything, and did not answer.
pub(super) fn silent(case: &Case<'_>, found: &mut Found) {
    const FIX: &str = "Look whether the node is up and whether this machine reaches it: `intermesh doctor`.";
    for (_, cluster, read) in case.linked() {
        // neither AXL nor the pages of the publisher
        let gone = is_silent(&read.identity).filter(|_| is_silent(&read.peers).is_some());
        if let Some(error) = gone {
            let place = Place { node: Some(cluster.publisher.clone()), ..Place::of(&cluster.name) };
            let what = format!("{} does not answer: {}", cluster.publisher, error.kind);
            let finding = case.of_cluster(DriftCode::NodeSilent, place, what, FIX);
            found.add(finding, Explains::Cluster(cluster.name.clone()));
            continue;
        }
        // a name that only the file has may well be nobody's
        let is_known = |node: &NodeName| read.nodes.read().is_none_or(|nodes| nodes.iter().any(|n| n.name.same(node)));
        for (node, services) in read.services.iter().filter(|(node, _)| is_known(node)) {
            let Some(error) = is_silent(services) else { continue };
            let place = Place { node: Some(node.clone()), ..Place::of(&cluster.name) };
            let what = format!("{node} does not answer: {}", error.kind);
            let finding = case.of_cluster(DriftCode::NodeSilent, place, what, FIX);
            let publisher = node.same(&cluster.publisher);
            let explains = if publisher { Explains::Cluster(cluster.name.clone()) } else { Explains::Nothing };
            found.add(finding, explains);
        }
    }
}

/// Services that the procedure wants started: AXL and ICSA on every node, the Sync Agent on the publisher; and the router,
/// without which there is no presence to link.
pub(super) fn judge(case: &Case<'_>, found: &mut Found) {
    for (_, cluster, read) in case.linked() {
        for node in nodes_of(cluster, read) {
            let Some(Fact::Read(services)) = read.services.get(&node) else { continue };
            let publisher = node.same(&cluster.publisher);
            let wanted = [service::AXL, service::SYNC_AGENT, service::XCP_ROUTER, service::ICSA];
            for name in wanted.into_iter().filter(|name| publisher || *name != service::SYNC_AGENT) {
                let Some(service) = services.iter().find(|s| s.name.eq_ignore_ascii_case(name)) else { continue };
                let (code, fix) = match service.state {
                    ServiceState::Started | ServiceState::Starting | ServiceState::Unknown => continue,
                    ServiceState::NotActivated => (DriftCode::ServiceDeactivated, "`intermesh plan` activates it."),
                    ServiceState::Stopped | ServiceState::Stopping => {
                        (DriftCode::ServiceStopped, "`intermesh plan` starts it.")
                    }
                };
                let why = service.reason.as_deref().map(|why| format!(" ({why})")).unwrap_or_default();
                let what = format!("{name} on {node} is {}{why}", service.state.word().to_lowercase());
                let place =
                    Place { node: Some(node.clone()), service: Some(name.to_owned()), ..Place::of(&cluster.name) };
                let finding = case.of_cluster(code, place, what, fix);
                let about = About::Service { node: node.clone(), service: name.to_owned() };
                let made =
                    case.judging.last.and_then(|last| last.label(&cluster.name, &about, "started", "not started"));
                let finding = Finding { label: made.or(finding.label), ..finding };
                if publisher || name == service::XCP_ROUTER {
                    found.add(finding, Explains::Cluster(cluster.name.clone()));
                } else {
                    found.add(milder(finding, DriftSeverity::Warning), Explains::Nothing);
                }
            }
        }
    }
}

/// Restarts that notifications ask for. A hand's change of a peer brings them along.
pub(super) fn restarts(case: &Case<'_>, found: &mut Found) {
    for (_, cluster, read) in case.linked() {
        let Some(notifications) = read.notifications.read() else { continue };
        let nodes = nodes_of(cluster, read);
        let asks = |node: &&NodeName| notifications.iter().any(|n| n.asks_restart(service::XCP_ROUTER, node, &nodes));
        let asked: Vec<&NodeName> = nodes.iter().filter(asks).collect();
        let Some(first) = asked.first() else { continue };
        let names = asked.iter().map(|node| node.as_str()).collect::<Vec<_>>().join(", ");
        let what = format!("a notification asks to restart {} on {names}", service::XCP_ROUTER);
        if let Some(cause) = found.find(|f| changed_by_hand(f, &cluster.name)) {
            cause.seen_as.push(format!("{}: {what}", cluster.name));
            continue;
        }
        let one = (asked.len() == 1).then(|| (*first).clone());
        let place = Place { node: one, service: Some(service::XCP_ROUTER.to_owned()), ..Place::of(&cluster.name) };
        let fix = "`intermesh plan` orders the restart: never stop and start it.";
        found.add(case.of_cluster(DriftCode::RestartAsked, place, what, fix), Explains::Nothing);
    }
}

/// Whether a finding tells of a change to an entry of the cluster.
fn changed_by_hand(finding: &Finding, cluster: &ClusterName) -> bool {
    let of_entry = [
        DriftCode::PeerMissing,
        DriftCode::PeerUnasked,
        DriftCode::PeerName,
        DriftCode::Protocol,
        DriftCode::Username,
        DriftCode::NotConnected,
    ];
    // a side that does not connect may be the other one's
    let here = finding.place.cluster == *cluster
        || (finding.code == DriftCode::NotConnected && finding.place.pair().is_some_and(|pair| pair.has(cluster)));
    here && of_entry.contains(&finding.code)
}

//! What differs between the file and the world, per cluster and per peer. Peers that the file does not ask for are
//! kept by construction: only a declared departure or the policy turns one into a deletion.

use std::collections::BTreeMap;

use super::Options;
use super::change::{Change, Concern, Kind, Left, LeftAlone, ProtocolChange, What};
use super::lines::Lines;
use crate::cluster::{ClusterSnapshot, Fact, Peer, Protocol, Service, ServiceState, Snapshot, service};
use crate::mesh::topology::{Link, links};
use crate::mesh::{Cluster, ClusterName, Mesh, NodeName, State, UnmanagedPeers};

/// The differences, what is left alone, and what must be repaired before more can be read.
#[derive(Debug, Default)]
pub struct Diff {
    /// Differences to close, by cluster in the file's order.
    pub changes: Vec<Change>,
    /// What was seen and is left alone.
    pub left: Vec<LeftAlone>,
    /// Clusters whose services must start before their other facts can be read.
    pub repairs_first: Vec<ClusterName>,
    /// Differences that are known and wait for these repairs.
    pub waiting: usize,
    /// Peers that the file does not ask for and that the policy leaves without a word.
    pub ignored: usize,
    /// What the prerequisites say that holds nothing back.
    pub concerns: Vec<Concern>,
}

/// Compares the mesh with the snapshot.
pub fn diff(mesh: &Mesh, snapshot: &Snapshot, lines: &Lines<'_>, _options: &Options) -> Diff {
    let links = links(mesh);
    let mut diff = Diff::default();
    for (i, cluster) in mesh.clusters.iter().enumerate() {
        let Some(read) = snapshot.clusters.get(&cluster.name) else { continue };
        let pointer = format!("/clusters/{i}");
        let linked = links.iter().any(|link| link.pair.has(&cluster.name));
        if linked {
            services(&mut diff, cluster, read, lines.line(&pointer));
        }
        if !linked || can_be_linked(read) {
            peers(&mut diff, mesh, &links, cluster, snapshot, lines);
        } else if diff.changes.iter().any(|c| c.cluster == cluster.name) {
            diff.repairs_first.push(cluster.name.clone());
        }
        if linked {
            restarts(&mut diff, cluster, read, lines.line(&pointer));
        }
    }
    hold_back(&mut diff);
    diff
}

/// Whether all was read that a link of the cluster depends on.
fn can_be_linked(read: &ClusterSnapshot) -> bool {
    read.identity.read().is_some() && read.nodes.read().is_some() && read.peers.read().is_some()
}

/// Services that the procedure wants started: AXL and ICSA on every node, the Sync Agent on the publisher; and the
/// router, without which there is no presence to link.
fn services(diff: &mut Diff, cluster: &Cluster, read: &ClusterSnapshot, line: Option<usize>) {
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

fn peers(diff: &mut Diff, mesh: &Mesh, links: &[Link], cluster: &Cluster, snapshot: &Snapshot, lines: &Lines<'_>) {
    let Some(Fact::Read(peers)) = snapshot.clusters.get(&cluster.name).map(|read| &read.peers) else { return };
    let wanted = wanted(mesh, links, &cluster.name);
    for (other, link) in &wanted {
        if !snapshot.clusters.get(&other.name).is_some_and(can_be_linked) {
            // half a link is worse than none
            diff.left.push(LeftAlone {
                cluster: cluster.name.clone(),
                what: Left::Link { to: other.name.clone() },
                reason: format!("{} could not be read", other.name),
            });
            continue;
        }
        let line = lines.line(&link.pointer);
        let after = Protocol::from(link.transport);
        let what = match peers.iter().find(|p| p.address.same(&other.publisher)) {
            None => What::CreatePeer { address: other.publisher.clone(), to: other.name.clone(), protocol: after },
            Some(peer) if peer.protocol != after => What::ChangePeer {
                address: peer.address.clone(),
                to: other.name.clone(),
                protocol: Some(ProtocolChange { before: peer.protocol.clone(), after }),
                account: None,
            },
            Some(_) => continue,
        };
        let reason = match &what {
            What::ChangePeer { .. } => "its Protocol differs from the file's".into(),
            _ => format!("link {}", link.pair),
        };
        diff.changes.push(Change { cluster: cluster.name.clone(), what, reason, line });
    }
    for peer in peers {
        if !wanted.iter().any(|(other, _)| other.publisher.same(&peer.address)) {
            unasked(diff, mesh, cluster, peer, lines);
        }
    }
}

/// The clusters that this one is to be linked with.
fn wanted<'a>(mesh: &'a Mesh, links: &'a [Link], cluster: &ClusterName) -> Vec<(&'a Cluster, &'a Link)> {
    let other = |link: &'a Link| {
        let name = if link.pair.a() == cluster { link.pair.b() } else { link.pair.a() };
        mesh.cluster(name).map(|other| (other, link))
    };
    links.iter().filter(|link| link.pair.has(cluster)).filter_map(other).collect()
}

/// A peer that the file does not ask for: a declared departure deletes it, otherwise the policy decides.
fn unasked(diff: &mut Diff, mesh: &Mesh, cluster: &Cluster, peer: &Peer, lines: &Lines<'_>) {
    let to = mesh.clusters.iter().position(|c| c.publisher.same(&peer.address));
    let own = mesh.clusters.iter().position(|c| c.name == cluster.name);
    let leaves = |i: &usize| mesh.clusters[*i].state != State::Present;
    let declared = to.and_then(|to| [Some(to), own].into_iter().flatten().find(leaves));
    let delete = |reason: String, line| Change {
        cluster: cluster.name.clone(),
        what: What::DeletePeer {
            address: peer.address.clone(),
            to: to.map(|i| mesh.clusters[i].name.clone()),
            protocol: peer.protocol.clone(),
        },
        reason,
        line,
    };
    if let Some(leaver) = declared {
        let state = if mesh.clusters[leaver].state == State::Gone { "gone" } else { "absent" };
        let reason = format!("{} is {state}", mesh.clusters[leaver].name);
        diff.changes.push(delete(reason, lines.line(&format!("/clusters/{leaver}/state"))));
        return;
    }
    let whose = match to {
        Some(i) => format!("the file does not link {} and {}", cluster.name, mesh.clusters[i].name),
        None => "no cluster of the file has this publisher".to_owned(),
    };
    match mesh.policy.unmanaged_peers {
        UnmanagedPeers::Delete => {
            diff.changes
                .push(delete(format!("{whose}; unmanaged_peers: delete"), lines.line("/policy/unmanaged_peers")));
        }
        UnmanagedPeers::Ignore => diff.ignored += 1,
        UnmanagedPeers::Report => diff.left.push(LeftAlone {
            cluster: cluster.name.clone(),
            what: Left::UnmanagedPeer { address: peer.address.clone(), protocol: peer.protocol.clone() },
            reason: whose,
        }),
    }
}

/// Routers that a notification asks to restart already, before anything is changed.
fn restarts(diff: &mut Diff, cluster: &Cluster, read: &ClusterSnapshot, line: Option<usize>) {
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

/// Keeps only the repairs where something must be repaired first. The rest is planned again after it, as a whole: a
/// link that could be made now would cost its clusters' users a router restart of its own.
fn hold_back(diff: &mut Diff) {
    if !diff.repairs_first.is_empty() {
        let before = diff.changes.len();
        diff.changes.retain(|change| matches!(change.what.kind(), Kind::Start | Kind::Activate));
        diff.waiting = before - diff.changes.len();
        // what waits for the repairs is not left alone
        diff.left.retain(|left| !matches!(left.what, Left::Link { .. }));
    }
}

fn nodes_of(cluster: &Cluster, read: &ClusterSnapshot) -> Vec<NodeName> {
    let given: Vec<NodeName> = cluster.nodes.iter().map(|n| n.name.clone()).collect();
    read.known_nodes(&cluster.publisher, &given)
}

/// The nodes of each cluster, as far as they are known.
pub fn nodes_by_cluster(mesh: &Mesh, snapshot: &Snapshot) -> BTreeMap<ClusterName, Vec<NodeName>> {
    let nodes = |c: &Cluster| Some((c.name.clone(), nodes_of(c, snapshot.clusters.get(&c.name)?)));
    mesh.clusters.iter().filter_map(nodes).collect()
}

//! The edits of a mesh file that accept the world as it is, and what no edit can say.
//!
//! What the file has words for is said in them: a transport, a link, a parameter, a release. What differs and works is
//! accepted, for somebody to say who answers for it and why. What does not work is mended, not accepted.

use jiff::civil::Date;

use super::finding::{Drift, Finding, Other};
use crate::cluster::{Protocol, Snapshot, same_label, same_value};
use crate::mesh::edit::Edit;
use crate::mesh::topology::Pair;
use crate::mesh::{Acceptance, Cluster, DriftCode, DriftSeverity, Mesh, NodeName, Transport};
use crate::plan::diff::nodes_of;
use crate::plan::release::numbers;

/// What is said of an acceptance until somebody says it better.
pub const WHY: &str = "say why this is meant to be so";
/// Likewise of who answers for it.
pub const WHO: &str = "say who";
/// How long what is proposed is accepted, in days: a season to decide in.
const SEASON: i64 = 90;

/// The edits for all findings, and for those that have none why.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Patch {
    /// Edits, each with the places in [`Drift::findings`] that it answers.
    pub edits: Vec<(Edit, Vec<usize>)>,
    /// Findings that no edit answers, and why.
    pub left: Vec<(usize, String)>,
}

/// Proposes edits.
pub fn propose(mesh: &Mesh, snapshot: &Snapshot, drift: &Drift, today: Date) -> Patch {
    let mut patch = Patch::default();
    for (at, finding) in drift.findings.iter().enumerate() {
        if patch.edits.iter().any(|(_, answers)| answers.contains(&at)) {
            continue;
        }
        match answer(mesh, snapshot, drift, at, finding, today) {
            Ok((edit, answers)) => patch.edits.push((edit, answers)),
            Err(why) => patch.left.push((at, why)),
        }
    }
    patch
}

fn answer(
    mesh: &Mesh,
    snapshot: &Snapshot,
    drift: &Drift,
    at: usize,
    finding: &Finding,
    today: Date,
) -> Result<(Edit, Vec<usize>), String> {
    match finding.code {
        DriftCode::Protocol => {
            let pair = finding.place.pair().ok_or("it is no link of the file")?;
            let back = other_side(drift, &pair, at, DriftCode::Protocol)
                .ok_or("a link has one transport in the file, and only this side was changed: mend it")?;
            let here = transport(snapshot, mesh, finding).ok_or("the file has no word for this Protocol")?;
            let there = transport(snapshot, mesh, &drift.findings[back]);
            if there != Some(here) {
                return Err("the two sides differ from each other: mend it".to_owned());
            }
            Ok((Edit::Transport { pair, transport: here }, vec![at, back]))
        }
        DriftCode::PeerMissing => {
            let pair = finding.place.pair().ok_or("it is no link of the file")?;
            let back = other_side(drift, &pair, at, DriftCode::PeerMissing)
                .ok_or("the other side still has its peer, and half a link is no link: mend it")?;
            Ok((Edit::Unlink { pair }, vec![at, back]))
        }
        DriftCode::Parameter => parameter(mesh, snapshot, drift, at, finding, today),
        DriftCode::Release => {
            let cluster = mesh.cluster(&finding.place.cluster).ok_or("the file has no such cluster")?;
            let identity = snapshot.clusters.get(&cluster.name).and_then(|read| read.identity.read());
            let version = identity.map(|identity| numbers(&identity.version)).ok_or("its version was not read")?;
            // as many numbers as the file gives now
            let parts = mesh.release_of(cluster).map_or(1, |release| numbers(release).split('.').count());
            let release = version.split(['.', '-']).take(parts).collect::<Vec<_>>().join(".");
            Ok((Edit::Release { cluster: cluster.name.clone(), release }, vec![at]))
        }
        DriftCode::AcceptanceRanOut => Err("its owner decides on a later day".to_owned()),
        code if finding.severity == DriftSeverity::Error => Err(format!("{code} is an error: mend it")),
        DriftCode::RestartAsked
        | DriftCode::SyncAgentUnfinished
        | DriftCode::AssociatedUsers
        | DriftCode::Stuck
        | DriftCode::CertificateExpires
        | DriftCode::CertificateReplaced => {
            Err("it passes, or is done, by itself or by hand; nothing is to be said in the file".to_owned())
        }
        _ => Ok((accept(finding, today), vec![at])),
    }
}

/// The same finding on the other side of a link.
fn other_side(drift: &Drift, pair: &Pair, at: usize, code: DriftCode) -> Option<usize> {
    let fits = |(other, finding): (usize, &Finding)| {
        let same = finding.code == code && finding.place.pair().as_ref() == Some(pair);
        (other != at && same && finding.place.cluster != drift.findings[at].place.cluster).then_some(other)
    };
    drift.findings.iter().enumerate().find_map(fits)
}

/// The transport that a side of a link has.
fn transport(snapshot: &Snapshot, mesh: &Mesh, finding: &Finding) -> Option<Transport> {
    let to = mesh.cluster(finding.place.peer.as_ref()?.cluster.as_ref()?)?;
    let peers = snapshot.clusters.get(&finding.place.cluster)?.peers.read()?;
    match peers.iter().find(|peer| peer.address.same(&to.publisher))?.protocol {
        Protocol::Tcp => Some(Transport::Tcp),
        Protocol::Tls => Some(Transport::Tls),
        Protocol::Other(_) => None,
    }
}

/// A parameter is written down where no other node is told by it: at the node, or at the cluster when all of its nodes
/// have the value. A node that the file does not name has no such place, and the value is accepted.
fn parameter(
    mesh: &Mesh,
    snapshot: &Snapshot,
    drift: &Drift,
    at: usize,
    finding: &Finding,
    today: Date,
) -> Result<(Edit, Vec<usize>), String> {
    let place = &finding.place;
    let (Some(service), Some(label)) = (place.service.clone(), place.parameter.clone()) else {
        return Err("the parameter has no name".to_owned());
    };
    let number = mesh.clusters.iter().position(|c| c.name == place.cluster).ok_or("the file has no such cluster")?;
    let cluster = &mesh.clusters[number];
    let read = snapshot.clusters.get(&place.cluster).ok_or("the cluster was not read")?;
    let value = |node: &NodeName| read.parameter(node, &service, &label).map(|shown| shown.value.clone());
    let nodes = nodes_of(cluster, read);
    let concerned = match &place.node {
        Some(node) => vec![node.clone()],
        None => {
            nodes.iter().filter(|node| differs(mesh, cluster, node, &service, &label, value(node))).cloned().collect()
        }
    };
    let shown = concerned.first().and_then(value).ok_or("its value was not read")?;
    let alike = |node: &NodeName| value(node).is_none_or(|value| same_value(&value, &shown));
    let by_node = cluster
        .nodes
        .iter()
        .any(|node| node.parameters.values().any(|labels| labels.keys().any(|known| same_label(known, &label))));
    let node = concerned.first().filter(|_| concerned.len() == 1);
    let own = node.and_then(|node| cluster.nodes.iter().position(|known| known.name.same(node)));
    let keys = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
    let number = number.to_string();
    let edit =
        |at: Vec<String>| Edit::Parameter { at, service: service.clone(), label: label.clone(), value: shown.clone() };
    let answers: Vec<usize> =
        (drift.findings.iter().enumerate()).filter(|(_, other)| *other == finding).map(|(at, _)| at).collect();
    debug_assert!(answers.contains(&at));
    if nodes.iter().all(alike) && !by_node {
        return Ok((edit(keys(&["clusters", &number])), answers));
    }
    match own {
        Some(own) => Ok((edit(keys(&["clusters", &number, "nodes", &own.to_string()])), answers)),
        None => Ok((accept(finding, today), answers)),
    }
}

fn differs(mesh: &Mesh, cluster: &Cluster, node: &NodeName, service: &str, label: &str, value: Option<String>) -> bool {
    let wanted = mesh.parameters_of(cluster, node);
    let wanted = wanted.iter().find(|w| same_label(w.service, service) && same_label(w.label, label));
    match (wanted, value) {
        (Some(wanted), Some(value)) => !same_value(wanted.value, &value),
        _ => false,
    }
}

fn accept(finding: &Finding, today: Date) -> Edit {
    let place = &finding.place;
    let peer = place
        .peer
        .as_ref()
        .map(|Other { cluster, address }| cluster.as_ref().map_or_else(|| address.to_string(), ToString::to_string));
    let until = today.checked_add(jiff::Span::new().days(SEASON)).unwrap_or(today);
    Edit::Accept(Box::new(Acceptance {
        rule: finding.code.to_string(),
        cluster: Some(place.cluster.clone()),
        peer,
        node: place.node.clone(),
        service: place.service.clone(),
        parameter: place.parameter.clone(),
        reason: WHY.to_owned(),
        owner: Some(WHO.to_owned()),
        until: Some(until.to_string()),
    }))
}

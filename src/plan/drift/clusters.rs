//! Clusters as a whole: who they are, their High Availability, users and nodes without a place, the account that their
//! peers use, and the scheme of IM addresses.

use std::collections::BTreeMap;

use super::finding::{Finding, Label, Place};
use super::found::{Explains, Found};
use super::{Case, refuses_account};
use crate::cluster::{ClusterSnapshot, Group, service};
use crate::mesh::{Cluster, ClusterName, DriftCode, NodeName};
use crate::plan::identity::{Mismatch, mismatches};

pub(super) fn judge(case: &Case<'_>, found: &mut Found) {
    for (at, cluster, read) in case.present() {
        identity(case, at, cluster, read, found);
        nodes(case, at, cluster, read, found);
    }
    for (_, cluster, read) in case.linked() {
        account(case, cluster, read, found);
        sync_agent(case, cluster, read, found);
        availability(case, cluster, read, found);
        provisioning(case, cluster, read, found);
    }
    schemes(case, found);
}

fn identity(case: &Case<'_>, at: usize, cluster: &Cluster, read: &ClusterSnapshot, found: &mut Found) {
    for mismatch in mismatches(case.mesh, cluster, read) {
        let place = Place::of(&cluster.name);
        match mismatch {
            Mismatch::Publisher(words) => {
                let fix = "Rename the publisher back, or write its new name into the file and `intermesh plan`.";
                let finding = case.of_cluster(DriftCode::Publisher, place, words, fix);
                let line = case.line(&format!("/clusters/{at}/publisher"));
                found.add(Finding { line, ..finding }, Explains::Cluster(cluster.name.clone()));
            }
            Mismatch::Release(words) => {
                let fix = "Write the release into the file; `intermesh drift --patch` proposes how.";
                let finding = case.of_cluster(DriftCode::Release, place, words, fix);
                let own = cluster.release.as_ref().map(|_| format!("/clusters/{at}/release"));
                let line = case.line(own.as_deref().unwrap_or("/defaults/release"));
                let label = release_label(case, &cluster.name, read).or(finding.label);
                found.add(Finding { line, label, ..finding }, Explains::Nothing);
            }
            // judged below, each with its node
            Mismatch::Nodes(_) => {}
        }
    }
}

/// A version that is as it was before the last run was told another release by the file.
fn release_label(case: &Case<'_>, cluster: &ClusterName, read: &ClusterSnapshot) -> Option<Label> {
    let before = case.judging.last?.snapshot()?.clusters.get(cluster)?.identity.read()?;
    let same = before.version == read.identity.read()?.version;
    Some(if same { Label::Pending } else { Label::Drifted })
}

/// Nodes that the file or the last run knew and that are gone, and the other way round.
fn nodes(case: &Case<'_>, at: usize, cluster: &Cluster, read: &ClusterSnapshot, found: &mut Found) {
    let Some(nodes) = read.nodes.read() else { return };
    let here: Vec<&NodeName> = nodes.iter().map(|node| &node.name).collect();
    let given: Vec<&NodeName> = cluster.nodes.iter().map(|node| &node.name).collect();
    let before = case.judging.last.and_then(|last| last.snapshot()?.clusters.get(&cluster.name)?.nodes.read());
    let before: Option<Vec<&NodeName>> = before.map(|nodes| nodes.iter().map(|node| &node.name).collect());
    let (known, by_file) = match (given.is_empty(), &before) {
        (false, _) => (given.clone(), true),
        (true, Some(before)) => (before.clone(), false),
        (true, None) => return,
    };
    let has = |all: &[&NodeName], name: &NodeName| all.iter().any(|known| known.same(name));
    let whose = if by_file { "the file" } else { "the last run" };
    let label = |name: &NodeName, is_here: bool| {
        let was_here = has(before.as_ref()?, name);
        Some(if was_here == is_here { Label::Pending } else { Label::Drifted })
    };
    let line = case.line(&format!("/clusters/{at}/nodes"));
    let mut add = |code, name: &NodeName, is_here, what| {
        let place = Place { node: Some(name.clone()), ..Place::of(&cluster.name) };
        let fix = "Bring the cluster and `nodes` of the file together; System > Presence Topology shows the nodes.";
        let finding = case.of_cluster(code, place, what, fix);
        found.add(Finding { label: label(name, is_here), line, ..finding }, Explains::Nothing);
    };
    // the database publisher under another name is told as such
    let renamed = !has(&here, &cluster.publisher);
    for name in known.iter().filter(|name| !(has(&here, name) || renamed && name.same(&cluster.publisher))) {
        add(DriftCode::NodeMissing, name, false, format!("{} has no node {name}, which {whose} knows", cluster.name));
    }
    let publisher = nodes.iter().find(|node| node.publisher).map(|node| &node.name);
    for name in here.iter().filter(|name| !(has(&known, name) || renamed && publisher == Some(name))) {
        add(
            DriftCode::NodeUnknown,
            name,
            true,
            format!("{} has a node {name} that {whose} does not know", cluster.name),
        );
    }
}

/// The account that the other clusters store for this one.
fn account(case: &Case<'_>, cluster: &Cluster, read: &ClusterSnapshot, found: &mut Found) {
    let Some(error) = read.probe.failure().filter(|error| refuses_account(&error.kind)) else { return };
    if read.identity.read().is_none() {
        return;
    }
    let name = case.mesh.peer_account(cluster).map(ToString::to_string).unwrap_or_default();
    let what = format!("AXL of {} refuses the account `{name}`, which its peers use: {}", cluster.name, error.kind);
    let fix = "Restore the account and its role Standard AXL API Access, or write the new one into the file and \
               `intermesh plan --replace-credentials`.";
    let finding = case.of_cluster(DriftCode::Account, Place::of(&cluster.name), what, fix);
    found.add(finding, Explains::Cluster(cluster.name.clone()));
}

fn sync_agent(case: &Case<'_>, cluster: &Cluster, read: &ClusterSnapshot, found: &mut Found) {
    let Some(status) = read.sync_status.read().filter(|status| !status.completed()) else { return };
    let agent =
        |f: &Finding| f.place.cluster == cluster.name && f.place.service.as_deref() == Some(service::SYNC_AGENT);
    let says = format!("Sync Status is {}", status.text);
    match found.find(agent) {
        Some(stopped) => stopped.seen_as.push(format!("{}: {says}", cluster.name)),
        None => {
            let fix = "Wait until it is Completed (Diagnostics > System Dashboard), before any peer is changed.";
            let finding = case.of_cluster(DriftCode::SyncAgentUnfinished, Place::of(&cluster.name), says, fix);
            found.add(finding, Explains::Cluster(cluster.name.clone()));
        }
    }
}

fn availability(case: &Case<'_>, cluster: &Cluster, read: &ClusterSnapshot, found: &mut Found) {
    for group in read.high_availability.read().into_iter().flatten().filter(|group| group.nodes.len() > 1) {
        if !group.enabled {
            let what = format!("High Availability of {} is off", group.name);
            let fix = "Enable it in Unified CM (System > Presence Redundancy Groups); a plan switches on only what it \
                       switched off.";
            let finding = case.of_cluster(DriftCode::HighAvailabilityOff, Place::of(&cluster.name), what, fix);
            found.add(finding, Explains::Nothing);
            continue;
        }
        let not_normal = |state: &str| !state.trim().eq_ignore_ascii_case("Normal");
        let wrong: Vec<_> = group.nodes.iter().filter(|node| not_normal(&node.state)).collect();
        if wrong.is_empty() {
            continue;
        }
        let states = wrong.iter().map(|node| format!("{} is {}", node.node, node.state)).collect::<Vec<_>>().join(", ");
        let what = format!("High Availability of {}: {states}", group.name);
        if let Some(cause) = found.find(|f| takes_over(f, &cluster.name, group)) {
            cause.seen_as.push(format!("{}: {what}", cluster.name));
            continue;
        }
        let fix = "Recover the group (System > Presence Topology) before anything is peered or restarted.";
        let finding = case.of_cluster(DriftCode::HighAvailabilityState, Place::of(&cluster.name), what, fix);
        found.add(finding, Explains::Cluster(cluster.name.clone()));
    }
}

/// Whether a finding is why a group failed over: a node that is gone, or a critical service of it.
fn takes_over(finding: &Finding, cluster: &ClusterName, group: &Group) -> bool {
    let critical = finding.place.service.as_deref() == Some(service::XCP_ROUTER);
    let in_group = finding.place.node.as_ref().is_some_and(|node| group.nodes.iter().any(|n| n.node.same(node)));
    finding.place.cluster == *cluster && in_group && (critical || finding.code == DriftCode::NodeSilent)
}

fn provisioning(case: &Case<'_>, cluster: &Cluster, read: &ClusterSnapshot, found: &mut Found) {
    let Some(topology) = read.topology.read() else { return };
    let counts = [(topology.unassigned_nodes, "node"), (topology.unassigned_users, "user")];
    let wrong: Vec<String> = (counts.iter().filter(|(n, _)| *n > 0))
        .map(|(n, what)| format!("{n} {what}{}", if *n == 1 { "" } else { "s" }))
        .collect();
    if wrong.is_empty() {
        return;
    }
    let what = format!("{} are unassigned on {}", wrong.join(" and "), cluster.name);
    let fix = "Assign them on System > Presence Topology.";
    found.add(case.of_cluster(DriftCode::Unassigned, Place::of(&cluster.name), what, fix), Explains::Nothing);
}

/// Where the scheme is shown is not published, so only values from the same place are compared. The odd ones are those
/// that fewer clusters have.
fn schemes(case: &Case<'_>, found: &mut Found) {
    let mut by_place: BTreeMap<String, BTreeMap<String, Vec<&ClusterName>>> = BTreeMap::new();
    let normal = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    for (_, cluster, read) in case.linked() {
        let Some(scheme) = read.im_address_scheme.read() else { continue };
        by_place
            .entry(normal(&scheme.place))
            .or_default()
            .entry(normal(&scheme.value))
            .or_default()
            .push(&cluster.name);
    }
    for values in by_place.values().filter(|values| values.len() > 1) {
        let most = values.values().map(Vec::len).max().unwrap_or(0);
        let usual = values.iter().find(|(_, clusters)| clusters.len() == most).map(|(value, _)| value);
        for (value, clusters) in values.iter().filter(|(value, _)| Some(*value) != usual) {
            for name in clusters {
                let others = usual.cloned().unwrap_or_default();
                let what = format!("the IM address scheme of {name} is {value}, that of other clusters {others}");
                let fix = "Bring all clusters to one scheme.";
                let finding = case.of_cluster(DriftCode::AddressScheme, Place::of(name), what, fix);
                found.add(finding, Explains::Cluster((*name).clone()));
            }
        }
    }
}

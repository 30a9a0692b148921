//! The prerequisites of a link, as far as they were read before: what the procedure makes mandatory keeps a new link
//! from being made, the rest is only said. What could not be read is no failure: it is said that it is not known.

use std::net::IpAddr;

use super::change::{Concern, Weight};
use super::identity::{Mismatch, mismatches};
use crate::cluster::{Check, ClusterSnapshot, Fact, Outcome, Snapshot, same_label};
use crate::mesh::{Cluster, Mesh};

/// What keeps a new link between two clusters from being made.
pub(super) fn obstacles(snapshot: &Snapshot, sides: [&Cluster; 2]) -> Vec<Concern> {
    let mut found = Vec::new();
    for cluster in sides {
        let name = &cluster.name;
        let Some(read) = snapshot.clusters.get(name) else { continue };
        let mut warn = |what: String| found.push(warning(cluster, what));
        if let Some(topology) = read.topology.read() {
            for (n, what) in [(topology.unassigned_nodes, "node"), (topology.unassigned_users, "user")] {
                if n > 0 {
                    let plural = if n == 1 { "" } else { "s" };
                    warn(format!("{name} has {n} unassigned {what}{plural}; assign them in Presence Topology"));
                }
            }
        }
        for check in user_checks(read, Outcome::Failed) {
            warn(format!("{name}: {} {}", check.test.trim_end_matches('.'), told(check)));
        }
        if asked_its_own_dns(cluster) {
            // its servers were asked for the names of all its peers
            for (name_of, servers) in unresolved(read).filter(|(wanted, _)| is_of(snapshot, sides, wanted)) {
                warn(format!(
                    "{name_of} does not resolve on {servers}, which {name} asks; the Intercluster Sync Agent would not \
                     connect"
                ));
            }
        }
    }
    found.extend(schemes(snapshot, sides));
    found
}

/// What there is to say of a cluster that gets a new link.
pub(super) fn concerns(mesh: &Mesh, snapshot: &Snapshot, cluster: &Cluster) -> Vec<Concern> {
    let Some(read) = snapshot.clusters.get(&cluster.name) else { return Vec::new() };
    let name = &cluster.name;
    let mut found = Vec::new();
    for mismatch in mismatches(mesh, cluster, read) {
        if !matches!(mismatch, Mismatch::Publisher(_)) {
            found.push(warning(cluster, mismatch.words().to_owned()));
        }
    }
    for check in user_checks(read, Outcome::Warning) {
        found.push(warning(cluster, format!("{name}: {} {}", check.test.trim_end_matches('.'), told(check))));
    }
    for (node, certificate) in &read.certificates {
        let ended = certificate.read().filter(|c| c.not_after < snapshot.taken_at);
        if let Some(certificate) = ended {
            let day = certificate.not_after.strftime("%Y-%m-%d");
            found.push(warning(cluster, format!("the certificate of {node} expired on {day}")));
        }
    }
    if !asked_its_own_dns(cluster) {
        for (name_of, servers) in unresolved(read) {
            let what = format!("{name_of} of {name} does not resolve on {servers}; its peers' nodes must resolve it");
            found.push(warning(cluster, what));
        }
    }
    let groups = read.high_availability.read().into_iter().flatten().filter(|group| group.enabled);
    for node in groups.flat_map(|group| &group.nodes).filter(|node| node.state != "Normal") {
        let what =
            format!("High Availability of {} is {}; its restarts wait until it is Normal", node.node, node.state);
        found.push(warning(cluster, what));
    }
    found
}

/// More clusters than this are counted, not named.
const NAMED: usize = 6;

/// The clusters whose IM address scheme is not known, in one concern: where the product shows it is not published.
pub(super) fn unread_schemes(snapshot: &Snapshot, clusters: &[&Cluster]) -> Option<Concern> {
    let unread =
        |c: &&&Cluster| snapshot.clusters.get(&c.name).is_some_and(|read| read.im_address_scheme.read().is_none());
    let names: Vec<&str> = clusters.iter().filter(unread).map(|c| c.name.as_str()).collect();
    let first = clusters.iter().find(unread)?;
    let what = format!(
        "the IM address scheme of {} could not be read; it must be the same on all clusters",
        some(names.into_iter())
    );
    Some(Concern { cluster: first.name.clone(), weight: Weight::Unknown, what })
}

/// Clusters in a sentence.
pub(super) fn some<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    let more = match names.len().checked_sub(NAMED) {
        Some(more @ 1..) => format!(" and {more} more"),
        _ => String::new(),
    };
    names.take(NAMED).collect::<Vec<_>>().join(", ") + &more
}

fn warning(cluster: &Cluster, what: String) -> Concern {
    Concern { cluster: cluster.name.clone(), weight: Weight::Warning, what }
}

/// The rows of the User Troubleshooter about the users themselves; the one about the Sync Agent is a service's.
fn user_checks(read: &ClusterSnapshot, outcome: Outcome) -> impl Iterator<Item = &Check> {
    let of_users = move |check: &&Check| {
        // most have passed: what is quickly seen comes first
        check.outcome == outcome
            && same_label(&check.section, "User Troubleshooter")
            && check.test.to_lowercase().contains("users")
    };
    read.troubleshooter.read().into_iter().flatten().filter(of_users)
}

/// What the product says is wrong, with the users that it names: ten at most.
fn told(check: &Check) -> String {
    let problem = check.problem.split_whitespace().collect::<Vec<_>>().join(" ");
    if problem.is_empty() { "failed".to_owned() } else { format!("failed: {problem}") }
}

/// Whether names were looked up where the cluster's own nodes look them up.
fn asked_its_own_dns(cluster: &Cluster) -> bool {
    cluster.dns.as_ref().is_some_and(|dns| !dns.servers.is_empty())
}

/// Whether a name belongs to one of two clusters: to a node, or into a node's certificate.
fn is_of(snapshot: &Snapshot, sides: [&Cluster; 2], wanted: &str) -> bool {
    sides.into_iter().filter_map(|side| snapshot.clusters.get(&side.name)).any(|read| {
        let nodes = read.nodes.read().into_iter().flatten().map(|node| node.name.as_str());
        let certificates = read.certificates.values().filter_map(Fact::read);
        let named = certificates.flat_map(|certificate| &certificate.names).map(String::as_str);
        nodes.chain(named).any(|name| name.eq_ignore_ascii_case(wanted))
    })
}

/// Names of the cluster's nodes and certificates that were looked up and lead nowhere, with the servers that say so.
fn unresolved(read: &ClusterSnapshot) -> impl Iterator<Item = (&str, String)> {
    read.lookups.iter().filter(|(name, _)| name.parse::<IpAddr>().is_err()).filter_map(|(name, lookup)| {
        let nowhere = lookup.read()?.each().filter(|lookup| lookup.leads_nowhere());
        let servers: Vec<&str> = nowhere.map(|lookup| lookup.server.as_str()).collect();
        (!servers.is_empty()).then(|| (name.as_str(), servers.join(", ")))
    })
}

/// The IM address scheme must be the same on both sides (field-notes 2.2). Where it is shown is not published; only what
/// was found in the same place is compared.
fn schemes(snapshot: &Snapshot, [one, other]: [&Cluster; 2]) -> Option<Concern> {
    let scheme = |side: &Cluster| snapshot.clusters.get(&side.name)?.im_address_scheme.read();
    let (a, b) = (scheme(one)?, scheme(other)?);
    if !same_label(&a.place, &b.place) || same_label(&a.value, &b.value) {
        return None;
    }
    let what = format!("the IM address schemes differ: {} on {}, {} on {}", a.value, one.name, b.value, other.name);
    Some(warning(one, what))
}

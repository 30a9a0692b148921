//! Links: between whom, and what they ask of both sides.

use std::collections::{HashMap, HashSet};

use super::{OURS, Rule, Scope};
use crate::mesh::finding::Severity;
use crate::mesh::meant::{closest, listed};
use crate::mesh::model::{Cluster, Shape, State};
use crate::mesh::names::ClusterName;
use crate::mesh::topology::Pair;

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: "IM022",
        title: "two clusters share a Unified CM cluster",
        severity: Severity::Error,
        procedure: Some(
            "A peer that points to a Unified CM cluster which is already represented in the intercluster configuration is refused.",
        ),
        source: "the product's own message; documented",
        explanation: "One Unified CM cluster has one IM and Presence cluster. The product looks behind the peer \
            address and refuses a second peer for the same Unified CM cluster, so this mesh could never be completed.",
        bad: "unified_cms:\n  cucm: {publisher: cucm1.example.com, credentials: axl}\nclusters:\n  - {name: emea, publisher: imp1.emea.example.com, unified_cm: cucm}\n  - {name: apac, publisher: imp1.apac.example.com, unified_cm: cucm}\n",
        good: "unified_cms:\n  cucm-emea: {publisher: cucm1.emea.example.com, credentials: axl}\n  cucm-apac: {publisher: cucm1.apac.example.com, credentials: axl}\nclusters:\n  - {name: emea, publisher: imp1.emea.example.com, unified_cm: cucm-emea}\n  - {name: apac, publisher: imp1.apac.example.com, unified_cm: cucm-apac}\n",
    },
    Rule {
        code: "IM023",
        title: "a link to a cluster that the file does not name",
        severity: Severity::Error,
        procedure: None,
        source: OURS,
        explanation: "Both ends of a link are clusters of this file, by the names that the file gives them. A name that is mistyped \
            would leave a link out without a word, and with it everybody who was to see somebody over it.",
        bad: "topology:\n  links:\n    - {between: [emea, apca], transport: tcp}\n",
        good: "topology:\n  links:\n    - {between: [emea, apac], transport: tcp}\n",
    },
    Rule {
        code: "IM024",
        title: "a link to a cluster that leaves",
        severity: Severity::Error,
        procedure: Some("A peer is deleted on both clusters."),
        source: "Configure Intercluster Peers; documented",
        explanation: "`state: absent` and `state: gone` remove every link of a cluster; a link that names it asks for \
            the opposite. Remove the link, or set the state back to `present`.",
        bad: "clusters:\n  - {name: emea, publisher: imp1.emea.example.com}\n  - {name: apac, publisher: imp1.apac.example.com}\n  - {name: latam, publisher: imp1.latam.example.com, state: absent}\ntopology:\n  links:\n    - {between: [emea, latam]}\n",
        good: "clusters:\n  - {name: emea, publisher: imp1.emea.example.com}\n  - {name: apac, publisher: imp1.apac.example.com}\n  - {name: latam, publisher: imp1.latam.example.com, state: absent}\n",
    },
    Rule {
        code: "IM025",
        title: "a link of a cluster with itself",
        severity: Severity::Error,
        procedure: Some("The peer address is the database publisher of the remote cluster."),
        source: "Configure Intercluster Peers; documented",
        explanation: "A cluster is not its own peer: its nodes see each other without one. One of the two names is probably meant \
            to be another.",
        bad: "topology:\n  links:\n    - {between: [emea, emea]}\n",
        good: "topology:\n  links:\n    - {between: [emea, apac]}\n",
    },
    Rule {
        code: "IM026",
        title: "a link is listed twice",
        severity: Severity::Error,
        procedure: None,
        source: OURS,
        explanation: "The order of the two names makes no difference: a link has one entry, and both of its peers \
            have the same transport. Of two entries nobody could tell which one counts.",
        bad: "topology:\n  links:\n    - {between: [emea, apac]}\n    - {between: [apac, emea]}\n",
        good: "topology:\n  shape: links\n  links:\n    - {between: [emea, apac]}\n",
    },
    Rule {
        code: "IM027",
        title: "the hub is missing, or not needed",
        severity: Severity::Error,
        procedure: None,
        source: OURS,
        explanation: "`shape: hub` needs `hub`, the name of a cluster that is in the mesh. Another shape has no hub: \
            one that is named there would silently do nothing.",
        bad: "topology:\n  shape: hub\n",
        good: "topology:\n  shape: hub\n  hub: emea\n",
    },
    Rule {
        code: "IM028",
        title: "a link across presence domains",
        severity: Severity::Error,
        procedure: Some(
            "The peer's proxy domain must be the local proxy domain; interdomain peering is not supported.",
        ),
        source: "the product's own message; documented",
        explanation: "Intercluster peering works within one presence domain. Between domains there is federation, \
            which is another feature. The product refuses such a peer when it is saved.",
        bad: "clusters:\n  - {name: emea, publisher: imp1.emea.example.com}\n  - {name: apac, publisher: imp1.apac.example.com, domain: example.org}\n",
        good: "clusters:\n  - {name: emea, publisher: imp1.emea.example.com}\n  - {name: apac, publisher: imp1.apac.example.com, domain: example.com}\n",
    },
];

pub(super) fn check(scope: &mut Scope<'_>) {
    check_entries(scope);
    check_hub(scope);
    check_domains(scope);
    check_unified_cms(scope);
}

fn check_entries(scope: &mut Scope<'_>) {
    let mut seen: HashMap<Pair, usize> = HashMap::new();
    for (index, entry) in scope.mesh.topology.links.iter().enumerate() {
        let pointer = format!("/topology/links/{index}");
        for (end, name) in entry.between.iter().enumerate() {
            check_end(scope, &format!("{pointer}/between/{end}"), name);
        }
        let [a, b] = &entry.between;
        if a == b {
            let message = format!("this links cluster `{a}` with itself");
            scope.add("IM025", &format!("{pointer}/between"), message, "the same cluster", "name another cluster");
            continue;
        }
        let pair = Pair::new(a, b);
        if let Some(first) = seen.get(&pair) {
            let message = format!("the link {pair} is listed twice");
            let mut finding = scope.report.at_value("IM026", &format!("{pointer}/between"), message, "the second one");
            scope.report.relate(&mut finding, &format!("/topology/links/{first}/between"), "the first one");
            scope.add_with(finding, "keep one of them; both peers of a link have the same transport");
        } else {
            seen.insert(pair, index);
        }
    }
}

fn check_end(scope: &mut Scope<'_>, pointer: &str, name: &ClusterName) {
    match scope.cluster(name).map(|cluster| cluster.state) {
        Some(State::Present) => {}
        Some(state) => {
            let state = if state == State::Gone { "gone" } else { "absent" };
            let message = format!("this links cluster `{name}`, whose state is `{state}`");
            let help = "remove the link, or the cluster's state";
            scope.add("IM024", pointer, message, "has no links", help);
        }
        None => unknown(scope, "IM023", pointer, name),
    }
}

fn unknown(scope: &mut Scope<'_>, code: &'static str, pointer: &str, name: &ClusterName) {
    let names = scope.mesh.clusters.iter().map(|c| c.name.as_str());
    let mut finding = scope.report.at_value(code, pointer, format!("there is no cluster `{name}`"), "not known");
    let help = match closest(name.as_str(), names.clone()) {
        Some(meant) => {
            finding.label = format!("did you mean `{meant}`?");
            format!("write `{meant}`, or add the cluster to `clusters`")
        }
        None => format!("the clusters are {}", listed(names)),
    };
    scope.add_with(finding, &help);
}

fn check_hub(scope: &mut Scope<'_>) {
    let topology = &scope.mesh.topology;
    match (topology.shape, &topology.hub) {
        (Shape::Hub, None) => {
            let finding = scope.report.at_value("IM027", "/topology/shape", "`shape: hub` needs a hub", "which one?");
            scope.add_with(finding, "add `hub`, the name of the cluster that every other is linked with");
        }
        (Shape::Hub, Some(hub)) => match scope.cluster(hub).map(|cluster| cluster.state) {
            None => unknown(scope, "IM027", "/topology/hub", hub),
            Some(State::Present) => {}
            Some(_) => {
                let message = format!("the hub `{hub}` is not in the mesh: its state is not `present`");
                scope.add("IM027", "/topology/hub", message, "leaves the mesh", "name another hub");
            }
        },
        (_, Some(hub)) => {
            let message = format!("`hub: {hub}` does nothing: the shape is not `hub`");
            let help = "write `shape: hub`, or remove `hub`";
            scope.add("IM027", "/topology/hub", message, "not used", help);
        }
        (_, None) => {}
    }
}

/// Every cluster is compared with one other of its links, not every pair: a thousand clusters make half a million.
fn check_domains(scope: &mut Scope<'_>) {
    let domain = |cluster: &Cluster| scope.mesh.domain_of(cluster).to_ascii_lowercase();
    let present: Vec<(usize, &Cluster)> =
        scope.mesh.clusters.iter().enumerate().filter(|(_, c)| scope.present(c)).collect();
    let reference = match scope.mesh.topology.shape {
        Shape::Full => most_common(present.iter().map(|(_, c)| domain(c))),
        Shape::Hub => scope.mesh.topology.hub.as_ref().and_then(|hub| scope.cluster(hub)).map(domain),
        Shape::Links => None,
    };
    let mut wrong: Vec<(usize, String)> = Vec::new();
    if let Some(reference) = reference {
        let others = present.iter().filter(|(_, c)| domain(c) != reference);
        wrong.extend(others.map(|(index, _)| (*index, format!("the clusters it is linked with have `{reference}`"))));
    }
    let reported: HashSet<usize> = wrong.iter().map(|(index, _)| *index).collect();
    for entry in &scope.mesh.topology.links {
        let [a, b] = &entry.between;
        let (Some(a), Some(b)) = (scope.index(a), scope.index(b)) else { continue };
        let (Some(first), Some(second)) = (scope.mesh.clusters.get(a), scope.mesh.clusters.get(b)) else { continue };
        let linked = scope.present(first) && scope.present(second) && domain(first) != domain(second);
        if linked && !reported.contains(&a) && !reported.contains(&b) {
            // the one that has a domain of its own is the odd one
            let (odd, other) = if second.domain.is_some() { (b, first) } else { (a, second) };
            wrong.push((odd, format!("cluster `{}`, which it is linked with, has `{}`", other.name, domain(other))));
        }
    }
    for (index, why) in wrong {
        let Some(cluster) = scope.mesh.clusters.get(index) else { continue };
        let message = format!("cluster `{}` has the domain `{}`; {why}", cluster.name, scope.mesh.domain_of(cluster));
        let pointer = match &cluster.domain {
            Some(_) => format!("/clusters/{index}/domain"),
            None => format!("/clusters/{index}/name"),
        };
        let help = "peers need one presence domain; take the cluster out of the mesh, or federate the domains";
        scope.add("IM028", &pointer, message, "another domain", help);
    }
}

fn most_common(domains: impl Iterator<Item = String>) -> Option<String> {
    let mut counts: Vec<(String, usize)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for domain in domains {
        let place = *places.entry(domain.clone()).or_insert_with(|| {
            counts.push((domain, 0));
            counts.len() - 1
        });
        counts[place].1 += 1;
    }
    // of equals the first one in the file
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map(|(domain, _)| domain)
}

fn check_unified_cms(scope: &mut Scope<'_>) {
    let mut clusters: HashMap<&str, usize> = HashMap::new();
    for (index, cluster) in scope.mesh.clusters.iter().enumerate() {
        let Some(unified_cm) = cluster.unified_cm.as_deref() else { continue };
        if let Some(first) = clusters.get(unified_cm) {
            let message = format!("cluster `{}` shares Unified CM cluster `{unified_cm}` with another", cluster.name);
            shared(scope, &format!("/clusters/{index}/unified_cm"), &format!("/clusters/{first}/unified_cm"), message);
        } else {
            clusters.insert(unified_cm, index);
        }
    }
    let mut publishers: HashMap<String, String> = HashMap::new();
    for (name, unified_cm) in &scope.mesh.unified_cms {
        let pointer = format!("{}/publisher", crate::mesh::locations::below("/unified_cms", name));
        let normal = unified_cm.publisher.normal();
        if let Some(first) = publishers.get(&normal).cloned() {
            let message = format!("`{}` is the publisher of two Unified CM clusters", unified_cm.publisher);
            shared(scope, &pointer, &first, message);
        } else {
            publishers.insert(normal, pointer);
        }
    }
}

fn shared(scope: &mut Scope<'_>, pointer: &str, first: &str, message: String) {
    let mut finding = scope.report.at_value("IM022", pointer, message, "the second one");
    scope.report.relate(&mut finding, first, "the first one");
    scope.add_with(finding, "name the cluster's own; the product refuses a second peer for one Unified CM cluster");
}

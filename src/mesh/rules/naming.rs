//! Names: of clusters, nodes and groups; and everything that may be named once only.

use std::collections::HashMap;
use std::net::IpAddr;

use super::{OURS, Rule, Scope};
use crate::mesh::finding::Severity;
use crate::mesh::model::Cluster;
use crate::mesh::names::NodeName;

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: "IM009",
        title: "a name that cannot be used",
        severity: Severity::Error,
        procedure: None,
        source: OURS,
        explanation: "Names of clusters and credentials stand on command lines, in reports and in the store: letters, \
            digits, `.`, `_` and `-`, beginning with a letter or a digit. The presence domain is a DNS name. A user \
            name, a variable and a file have at least one character.",
        bad: "clusters:\n  - {name: head office, publisher: imp1.emea.example.com}\n  - {name: apac, publisher: imp1.apac.example.com}\n",
        good: "clusters:\n  - {name: head-office, publisher: imp1.emea.example.com}\n  - {name: apac, publisher: imp1.apac.example.com}\n",
    },
    Rule {
        code: "IM017",
        title: "the publisher is not among the nodes",
        severity: Severity::Error,
        procedure: Some(
            "The peer address is the remote database publisher's node name, exactly as System > Presence Topology of the remote cluster shows it.",
        ),
        source: "Configure Intercluster Peers; documented",
        explanation: "Where a cluster lists its nodes, its publisher is one of them, by the same name. A difference \
            such as `imp1` and `imp1.emea.example.com` is a real one: a peer whose address is not the node name is \
            never connected.",
        bad: "clusters:\n  - name: emea\n    publisher: imp1.emea.example.com\n    nodes:\n      - {name: imp1}\n      - {name: imp2}\n  - {name: apac, publisher: imp1.apac.example.com}\n",
        good: "clusters:\n  - name: emea\n    publisher: imp1.emea.example.com\n    nodes:\n      - {name: imp1.emea.example.com}\n      - {name: imp2.emea.example.com}\n  - {name: apac, publisher: imp1.apac.example.com}\n",
    },
    Rule {
        code: "IM018",
        title: "a name breaks the product's naming rules",
        severity: Severity::Error,
        procedure: Some(
            "A node is an IP address or a host name of 2 to 63 letters, digits and hyphens that begins with a letter and ends with a letter or a digit; a redundancy group's name has up to 128 letters, digits, underscores and hyphens.",
        ),
        source: "Manage the Server; Configure Redundancy and High Availability; documented",
        explanation: "The product would never show such a node name, so no node can have it; probably it is mistyped. \
            Look it up under System > Presence Topology. The rule holds for the host part of an FQDN too.",
        bad: "clusters:\n  - {name: emea, publisher: imp_1.emea.example.com}\n  - {name: apac, publisher: imp1.apac.example.com}\n",
        good: "clusters:\n  - {name: emea, publisher: imp-1.emea.example.com}\n  - {name: apac, publisher: 10.40.0.11}\n",
    },
    Rule {
        code: "IM019",
        title: "a node is named twice",
        severity: Severity::Error,
        procedure: Some("A node belongs to exactly one cluster and one redundancy group."),
        source: "Configure Redundancy and High Availability; documented",
        explanation: "A node that two clusters claim would be restarted for both and counted twice. Letter case and a \
            trailing dot make no difference.",
        bad: "clusters:\n  - name: emea\n    publisher: imp1.emea.example.com\n    nodes:\n      - {name: imp1.emea.example.com}\n      - {name: imp2.emea.example.com}\n      - {name: IMP2.emea.example.com}\n  - {name: apac, publisher: imp1.apac.example.com}\n",
        good: "clusters:\n  - name: emea\n    publisher: imp1.emea.example.com\n    nodes:\n      - {name: imp1.emea.example.com}\n      - {name: imp2.emea.example.com}\n  - {name: apac, publisher: imp1.apac.example.com}\n",
    },
    Rule {
        code: "IM020",
        title: "two clusters have the same publisher",
        severity: Severity::Error,
        procedure: Some("Peering is configured on the database publisher of each cluster."),
        source: "Configure Intercluster Peers; documented",
        explanation: "A publisher belongs to one cluster. With two entries for it, a cluster would be peered with \
            itself under another name.",
        bad: "clusters:\n  - {name: emea, publisher: imp1.emea.example.com}\n  - {name: apac, publisher: imp1.emea.example.com}\n",
        good: "clusters:\n  - {name: emea, publisher: imp1.emea.example.com}\n  - {name: apac, publisher: imp1.apac.example.com}\n",
    },
    Rule {
        code: "IM021",
        title: "two clusters have the same name",
        severity: Severity::Error,
        procedure: None,
        source: OURS,
        explanation: "Links, reports and command lines name a cluster by this name; it must mean one. Names that \
            differ in letter case only are refused too, because people read them as one.",
        bad: "clusters:\n  - {name: emea, publisher: imp1.emea.example.com}\n  - {name: EMEA, publisher: imp1.apac.example.com}\n",
        good: "clusters:\n  - {name: emea, publisher: imp1.emea.example.com}\n  - {name: apac, publisher: imp1.apac.example.com}\n",
    },
];

pub(super) fn check(scope: &mut Scope<'_>) {
    let mesh = scope.mesh;
    check_own_name(scope, "/metadata/name", "mesh", &mesh.metadata.name);
    check_domain(scope, "/domain", &mesh.domain);
    let mut once = Once::default();
    for (index, cluster) in mesh.clusters.iter().enumerate() {
        let pointer = format!("/clusters/{index}");
        check_own_name(scope, &format!("{pointer}/name"), "cluster", cluster.name.as_str());
        if let Some(domain) = &cluster.domain {
            check_domain(scope, &format!("{pointer}/domain"), domain);
        }
        check_node_name(scope, &format!("{pointer}/publisher"), &cluster.publisher);
        check_nodes(scope, &pointer, cluster);
        check_once(scope, &pointer, cluster, &mut once);
    }
    for (name, unified_cm) in &mesh.unified_cms {
        let pointer = crate::mesh::locations::below("/unified_cms", name);
        check_node_name(scope, &format!("{pointer}/publisher"), &unified_cm.publisher);
    }
}

/// Where each name was first seen.
#[derive(Default)]
struct Once {
    clusters: HashMap<String, String>,
    publishers: HashMap<String, String>,
    nodes: HashMap<String, String>,
}

fn check_once(scope: &mut Scope<'_>, pointer: &str, cluster: &Cluster, once: &mut Once) {
    let name = &cluster.name;
    let own = format!("{pointer}/name");
    if let Some(first) = first(&mut once.clusters, name.as_str().to_lowercase(), &own) {
        let help = "give it another name; links and commands mean a cluster by it";
        again(scope, "IM021", &own, &first, format!("cluster `{name}` is named twice"), help);
    }
    let own = format!("{pointer}/publisher");
    let publisher = cluster.publisher.normal();
    if let Some(first) = first(&mut once.publishers, publisher.clone(), &own) {
        let message = format!("publisher `{}` belongs to two clusters", cluster.publisher);
        again(scope, "IM020", &own, &first, message, "a publisher belongs to one cluster; correct one of the two");
    } else if let Some(first) = once.nodes.get(&publisher).cloned() {
        let message = format!("publisher `{}` is a node of another cluster", cluster.publisher);
        again(scope, "IM019", &own, &first, message, "a node belongs to one cluster; correct one of the two");
    }
    for (index, node) in cluster.nodes.iter().enumerate() {
        let own = format!("{pointer}/nodes/{index}/name");
        let normal = node.name.normal();
        let elsewhere = once.publishers.get(&normal).filter(|p| !p.starts_with(&format!("{pointer}/"))).cloned();
        let before = first(&mut once.nodes, normal, &own);
        if let Some(first) = before.or(elsewhere) {
            let message = format!("node `{}` is named twice", node.name);
            again(scope, "IM019", &own, &first, message, "a node belongs to one cluster and is named once");
        }
    }
}

/// Remembers where a name is; where it was before, if it was.
fn first(seen: &mut HashMap<String, String>, name: String, pointer: &str) -> Option<String> {
    if let Some(first) = seen.get(&name) {
        return Some(first.clone());
    }
    seen.insert(name, pointer.to_owned());
    None
}

fn again(scope: &mut Scope<'_>, code: &'static str, pointer: &str, first: &str, message: String, help: &str) {
    let mut finding = scope.report.at_value(code, pointer, message, "the second one");
    scope.report.relate(&mut finding, first, "the first one");
    scope.add_with(finding, help);
}

fn check_nodes(scope: &mut Scope<'_>, pointer: &str, cluster: &Cluster) {
    for (index, node) in cluster.nodes.iter().enumerate() {
        let pointer = format!("{pointer}/nodes/{index}");
        check_node_name(scope, &format!("{pointer}/name"), &node.name);
        if let Some(group) = node.group.as_deref().filter(|group| !is_group_name(group)) {
            let message = format!("`{group}` cannot be the name of a redundancy group");
            let help = "it has up to 128 letters, digits, underscores and hyphens";
            scope.add("IM018", &format!("{pointer}/group"), message, "not a group's name", help);
        }
    }
    if cluster.nodes.is_empty() || cluster.nodes.iter().any(|node| node.name.same(&cluster.publisher)) {
        return;
    }
    let message = format!("publisher `{}` is not among the nodes of cluster `{}`", cluster.publisher, cluster.name);
    let mut finding = scope.report.at_value("IM017", &format!("{pointer}/publisher"), message, "not listed as a node");
    let host = |name: &NodeName| name.normal().split('.').next().unwrap_or_default().to_owned();
    let alike = cluster.nodes.iter().position(|node| host(&node.name) == host(&cluster.publisher));
    let help = match alike.and_then(|index| Some((index, cluster.nodes.get(index)?))) {
        Some((index, node)) => {
            scope.report.relate(&mut finding, &format!("{pointer}/nodes/{index}/name"), "looks like the same node");
            format!("`{}` may be the same node; write both as System > Presence Topology shows it", node.name)
        }
        None => "add it to `nodes`, or leave `nodes` out: they are read from the cluster".to_owned(),
    };
    scope.add_with(finding, &help);
}

fn check_node_name(scope: &mut Scope<'_>, pointer: &str, name: &NodeName) {
    let Some(problem) = problem_of_node_name(name.as_str()) else { return };
    let message = format!("`{name}` cannot be a node's name: {problem}");
    let help = "copy the name from System > Presence Topology";
    scope.add("IM018", pointer, message, "not a node's name", help);
}

/// What keeps a text from being a node's name.
pub(crate) fn problem_of_node_name(name: &str) -> Option<String> {
    if name.parse::<IpAddr>().is_ok() {
        return None;
    }
    let name = name.strip_suffix('.').unwrap_or(name);
    if name.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return Some("it is neither an IP address nor a host name".to_owned());
    }
    let (host, domain) = name.split_once('.').map_or((name, None), |(host, domain)| (host, Some(domain)));
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if !(2..=63).contains(&host.chars().count()) {
        return Some("the host name has 2 to 63 characters".to_owned());
    }
    if let Some(character) = host.chars().find(|c| !allowed(*c)) {
        return Some(format!("the host name holds {}", shown(character)));
    }
    if !host.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Some("the host name begins with a letter".to_owned());
    }
    if host.ends_with('-') {
        return Some("the host name ends with a letter or a digit".to_owned());
    }
    (!domain.is_none_or(is_domain)).then(|| "its domain is not a DNS name".to_owned())
}

fn shown(character: char) -> String {
    if character.is_whitespace() { "a space".to_owned() } else { format!("`{}`", character.escape_default()) }
}

pub(crate) fn is_group_name(name: &str) -> bool {
    (1..=128).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// Whether a text is a DNS name.
pub(crate) fn is_domain(name: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= 253 && name.split('.').all(label)
}

fn check_domain(scope: &mut Scope<'_>, pointer: &str, domain: &str) {
    if !is_domain(domain) {
        let message = format!("`{domain}` cannot be a presence domain: it is not a DNS name");
        unusable(scope, pointer, &message, "write the presence domain of the clusters, such as `example.com`");
    }
}

/// A name that the file's author chose.
pub(super) fn check_own_name(scope: &mut Scope<'_>, pointer: &str, noun: &str, name: &str) {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let problem = if name.is_empty() {
        "it is empty".to_owned()
    } else if let Some(character) = name.chars().find(|c| !allowed(*c)) {
        format!("it holds {}", shown(character))
    } else if !name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        "it begins with neither a letter nor a digit".to_owned()
    } else {
        return;
    };
    let help = "names have letters, digits, `.`, `_` and `-`, and begin with a letter or a digit";
    unusable(scope, pointer, &format!("`{name}` cannot be the name of a {noun}: {problem}"), help);
}

fn unusable(scope: &mut Scope<'_>, pointer: &str, message: &str, help: &str) {
    scope.add("IM009", pointer, message.to_owned(), "cannot be used", help);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_names_follow_the_products_rules() {
        for name in ["imp1", "IMP-1.example.com", "10.40.0.11", "2001:db8::1", "imp1.example.com.", "ab"] {
            assert_eq!(problem_of_node_name(name), None, "{name}");
        }
        let long = "a".repeat(64);
        for name in [
            "",
            "a",
            "1imp",
            "imp-",
            "-imp",
            "imp_1",
            "imp 1",
            "10.40.0",
            "10.40.0.256",
            "imp1..com",
            "imp1.-x",
            &long,
            "ümp1",
        ] {
            assert!(problem_of_node_name(name).is_some(), "{name}");
        }
    }
}

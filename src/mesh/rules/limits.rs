//! The vendor's numbers: clusters, nodes, users.

use super::{Rule, Scope};
use crate::mesh::finding::Severity;
use crate::mesh::meant::counted;
use crate::mesh::model::Cluster;

/// Clusters in a mesh (GUIDE).
const MAX_CLUSTERS: usize = 30;
/// Users that a cluster's OVA template must be sized for (GUIDE, PLAN).
const MIN_OVA_USERS: u32 = 15_000;
/// Nodes of a cluster (PLAN).
const MAX_NODES: usize = 6;
/// Nodes of a redundancy group (HA).
const MAX_GROUP: usize = 2;

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: "IM010",
        title: "more than 30 clusters",
        severity: Severity::Error,
        procedure: Some("Up to 30 IM and Presence clusters can be peered, centralized deployments included."),
        source: "Configure Intercluster Peers; documented",
        explanation: "The vendor supports 30 clusters in one mesh. Beyond that nobody has tested the load of the \
            periodic syncs. Split the mesh, or take clusters out that need not see the others.",
        bad: include_str!("thirty-one.yaml"),
        good: "clusters:\n  - {name: emea, publisher: imp1.emea.example.com}\n  - {name: apac, publisher: imp1.apac.example.com}\n",
    },
    Rule {
        code: "IM011",
        title: "fewer than two clusters",
        severity: Severity::Error,
        procedure: Some("Peering is configured on the database publisher of both clusters."),
        source: "Configure Intercluster Peers; documented",
        explanation: "A link needs two clusters. Clusters with `state: absent` or `gone` count: a mesh of two is \
            dissolved by a file that names both.",
        bad: "clusters:\n  - {name: emea, publisher: imp1.emea.example.com}\n",
        good: "clusters:\n  - {name: emea, publisher: imp1.emea.example.com}\n  - {name: apac, publisher: imp1.apac.example.com, state: absent}\n",
    },
    Rule {
        code: "IM012",
        title: "an OVA template for fewer than 15,000 users",
        severity: Severity::Error,
        procedure: Some(
            "Every cluster must be deployed with an OVA of 15,000 users or more; sizes may differ above that.",
        ),
        source: "Configure Intercluster Peers; documented",
        explanation: "A cluster learns about the users of all its peers, so a small cluster in a large mesh carries \
            more than its own users. The vendor asks for the 15,000-user OVA on every cluster of a mesh, however few \
            users are homed there. Move the cluster to a larger template before it is linked.",
        bad: "clusters:\n  - name: emea\n    publisher: imp1.emea.example.com\n    platform: {ova_users: 5000}\n  - {name: apac, publisher: imp1.apac.example.com}\n",
        good: "clusters:\n  - name: emea\n    publisher: imp1.emea.example.com\n    platform: {ova_users: 25000}\n  - {name: apac, publisher: imp1.apac.example.com}\n",
    },
    Rule {
        code: "IM013",
        title: "a Business Edition 6000",
        severity: Severity::Error,
        procedure: Some("Intercluster peering is not supported on Business Edition 6000."),
        source: "Configure Intercluster Peers; documented",
        explanation: "The vendor does not support intercluster peers on a Business Edition 6000, whatever its size. \
            Take the cluster out of the mesh, or move it to a supported platform.",
        bad: "clusters:\n  - name: emea\n    publisher: imp1.emea.example.com\n    platform: {business_edition_6000: true}\n  - {name: apac, publisher: imp1.apac.example.com}\n",
        good: "clusters:\n  - name: emea\n    publisher: imp1.emea.example.com\n    platform: {business_edition_6000: false}\n  - {name: apac, publisher: imp1.apac.example.com}\n",
    },
    Rule {
        code: "IM015",
        title: "more than six nodes in a cluster",
        severity: Severity::Error,
        procedure: Some("An IM and Presence cluster has up to six nodes."),
        source: "planning chapter of the configuration guide; documented",
        explanation: "A cluster has at most three presence redundancy groups of two nodes. If the list names more, it \
            probably holds nodes of another cluster, or Unified CM nodes.",
        bad: "clusters:\n  - name: emea\n    publisher: imp1.emea.example.com\n    nodes:\n      - {name: imp1.emea.example.com}\n      - {name: imp2.emea.example.com}\n      - {name: imp3.emea.example.com}\n      - {name: imp4.emea.example.com}\n      - {name: imp5.emea.example.com}\n      - {name: imp6.emea.example.com}\n      - {name: imp7.emea.example.com}\n  - {name: apac, publisher: imp1.apac.example.com}\n",
        good: "clusters:\n  - name: emea\n    publisher: imp1.emea.example.com\n    nodes:\n      - {name: imp1.emea.example.com}\n      - {name: imp2.emea.example.com}\n  - {name: apac, publisher: imp1.apac.example.com}\n",
    },
    Rule {
        code: "IM016",
        title: "more than two nodes in a redundancy group",
        severity: Severity::Error,
        procedure: Some("A presence redundancy group has one or two nodes of the same cluster."),
        source: "Configure Redundancy and High Availability; documented",
        explanation: "The two nodes of a group back each other up, so intermesh never restarts both at once. A third \
            node cannot be in the group: the product says that the subcluster already has two servers.",
        bad: "clusters:\n  - name: emea\n    publisher: imp1.emea.example.com\n    nodes:\n      - {name: imp1.emea.example.com, group: default}\n      - {name: imp2.emea.example.com, group: default}\n      - {name: imp3.emea.example.com, group: default}\n  - {name: apac, publisher: imp1.apac.example.com}\n",
        good: "clusters:\n  - name: emea\n    publisher: imp1.emea.example.com\n    nodes:\n      - {name: imp1.emea.example.com, group: default}\n      - {name: imp2.emea.example.com, group: default}\n      - {name: imp3.emea.example.com, group: second}\n  - {name: apac, publisher: imp1.apac.example.com}\n",
    },
];

pub(super) fn check(scope: &mut Scope<'_>) {
    let count = scope.mesh.clusters.iter().filter(|c| scope.present(c)).count();
    if count > MAX_CLUSTERS {
        let message = format!("the mesh has {count} clusters; the vendor supports {MAX_CLUSTERS}");
        let help = "split the mesh, or set `state: absent` for clusters that can leave it";
        scope.add("IM010", &format!("/clusters/{}", scope.mesh.clusters.len() - 1), message, "too many", help);
    }
    if scope.mesh.clusters.len() < 2 {
        let message = format!("a mesh has two clusters or more, and this one has {}", scope.mesh.clusters.len());
        let help = "name the other cluster; one that leaves is named too, with `state: absent`";
        let finding = scope.report.at_key("IM011", "/clusters", message, "two or more belong here");
        scope.add_with(finding, help);
    }
    for (index, cluster) in scope.mesh.clusters.iter().enumerate() {
        check_cluster(scope, &format!("/clusters/{index}"), cluster);
    }
}

fn check_cluster(scope: &mut Scope<'_>, pointer: &str, cluster: &Cluster) {
    let name = &cluster.name;
    if let Some(platform) = &cluster.platform {
        if let Some(users) = platform.ova_users.filter(|users| *users < MIN_OVA_USERS) {
            let message = format!("cluster `{name}` is sized for {users} users; a mesh needs {MIN_OVA_USERS} or more");
            let help = "move the cluster to a larger OVA template before it is linked";
            scope.add("IM012", &format!("{pointer}/platform/ova_users"), message, "too small", help);
        }
        if platform.business_edition_6000 {
            let message = format!("cluster `{name}` is a Business Edition 6000, which cannot be peered");
            let help = "take the cluster out of the mesh; the vendor does not support it there";
            scope.add("IM013", &format!("{pointer}/platform/business_edition_6000"), message, "not supported", help);
        }
    }
    if cluster.nodes.len() > MAX_NODES {
        let message = format!("cluster `{name}` has {} nodes; the most is {MAX_NODES}", cluster.nodes.len());
        let help = "name the IM and Presence nodes of this cluster only, no Unified CM nodes";
        scope.add("IM015", &format!("{pointer}/nodes/{MAX_NODES}/name"), message, "the seventh node", help);
    }
    let mut groups: Vec<(&str, usize)> = Vec::new();
    for (index, node) in cluster.nodes.iter().enumerate() {
        let Some(group) = node.group.as_deref() else { continue };
        match groups.iter_mut().find(|(known, _)| *known == group) {
            None => groups.push((group, 1)),
            Some((_, count)) => {
                *count += 1;
                if *count == MAX_GROUP + 1 {
                    let members = cluster.nodes.iter().filter(|n| n.group.as_deref() == Some(group)).count();
                    let message = format!(
                        "redundancy group `{group}` of cluster `{name}` has {}; the most is {MAX_GROUP}",
                        counted(members, "node")
                    );
                    let help = "put the third node into a group of its own";
                    scope.add("IM016", &format!("{pointer}/nodes/{index}/group"), message, "the group is full", help);
                }
            }
        }
    }
}

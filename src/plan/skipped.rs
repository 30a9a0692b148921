//! What is not checked because no node may be asked over SSH. Pure: it follows from the mesh file alone.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::mesh::topology::links;
use crate::mesh::{ClusterName, HighAvailability, Mesh};

/// A check that only a node itself can make, from its platform CLI.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NodeCheck {
    /// Whether the nodes reach these ports of their peers' nodes (procedure, prerequisites; field-notes 2.3).
    Ports(Vec<u16>),
    /// Whether the nodes resolve the names of their peers' servers, forward and back (field-notes 2.2).
    Names,
    /// Whether the sessions are back after a restart with High Availability switched off (field-notes 2.4).
    Sessions,
}

impl fmt::Display for NodeCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NodeCheck::Ports(ports) => {
                let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
                write!(f, "ports {} of the peers", ports.join("/"))
            }
            NodeCheck::Names => f.write_str("names in DNS"),
            NodeCheck::Sessions => f.write_str("sessions after restarts"),
        }
    }
}

/// Clusters whose nodes cannot be asked, and what is not checked for that. As a line of a report: `emea, apac: no `cli`
/// credential; not checked from the nodes: ports 8443/7400 of the peers, names in DNS`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Skipped {
    /// The clusters, in the order of the file.
    pub clusters: Vec<ClusterName>,
    /// What is not checked on them.
    pub checks: Vec<NodeCheck>,
}

/// More clusters than this are counted in a line, not named.
const NAMED: usize = 6;

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Skipped { clusters, checks } = self;
        let names: Vec<&str> = clusters.iter().take(NAMED).map(ClusterName::as_str).collect();
        f.write_str(&names.join(", "))?;
        if let Some(more) = clusters.len().checked_sub(NAMED).filter(|more| *more > 0) {
            write!(f, " and {more} more")?;
        }
        let checks: Vec<String> = checks.iter().map(ToString::to_string).collect();
        write!(f, ": no `cli` credential; not checked from the nodes: {}", checks.join(", "))
    }
}

/// The checks that are skipped on the linked clusters without a `cli` credential; those that miss the same stand
/// together.
pub fn skipped_checks(mesh: &Mesh) -> Vec<Skipped> {
    let links = links(mesh);
    let mut skipped: BTreeMap<Vec<NodeCheck>, Vec<ClusterName>> = BTreeMap::new();
    for cluster in &mesh.clusters {
        if mesh.cli_account(cluster).is_some() || !links.iter().any(|link| link.pair.has(&cluster.name)) {
            continue;
        }
        let ports = super::ways::ports(mesh).map(|(port, _)| port).collect();
        let mut checks = vec![NodeCheck::Ports(ports), NodeCheck::Names];
        if mesh.policy.xcp_restart.high_availability == HighAvailability::SwitchOff {
            checks.push(NodeCheck::Sessions);
        }
        skipped.entry(checks).or_default().push(cluster.name.clone());
    }
    skipped.into_iter().map(|(checks, clusters)| Skipped { clusters, checks }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: &str = "";
    const PORTS: &str = "ports 8443/7400 of the peers, names in DNS";

    /// Clusters `c1` and so on, each with what stands beside its name; what the lines say, without their common words.
    fn check(clusters: &[&str], rest: &str, expected: &[&str]) {
        let mut text = String::from(
            "apiVersion: intermesh/v1\nkind: Mesh\nmetadata: {name: test}\ndomain: example.com\n\
             credentials: {icsa: {username: icsa, password: {env: A}}, os: {username: os, password: {env: B}}}\n\
             unified_cms:\n  cm1: {publisher: cm1.example.com, credentials: icsa}\n  \
             cm2: {publisher: cm2.example.com, credentials: icsa}\n",
        );
        text += rest;
        text += "clusters:\n";
        for (at, more) in (1..).zip(clusters) {
            text += &format!("  - {{name: c{at}, publisher: imp1.c{at}.example.com{more}}}\n");
        }
        let loaded = crate::mesh::load_str("test.yaml", &text, jiff::civil::date(2026, 11, 22));
        let mesh = loaded.unwrap_or_else(|findings| panic!("{findings:?}")).mesh;
        let lines: Vec<String> = skipped_checks(&mesh).iter().map(ToString::to_string).collect();
        let expected: Vec<String> = expected
            .iter()
            .map(|line| line.replacen(": ", ": no `cli` credential; not checked from the nodes: ", 1))
            .collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn what_no_node_is_asked_is_told() {
        const FULL: &str = "defaults: {credentials: {axl: icsa}}\ntopology: {shape: full}\n";
        let own = ", credentials: {cli: os}";
        check(&[NOTHING, NOTHING], FULL, &[&format!("c1, c2: {PORTS}")]);
        check(&[own, NOTHING, own], FULL, &[&format!("c2: {PORTS}")]);
        check(&[own, own], FULL, &[]);
        let everywhere = FULL.replace("axl: icsa", "axl: icsa, cli: os");
        check(&[NOTHING, NOTHING], &everywhere, &[]);
        check(&[NOTHING; 9], FULL, &[&format!("c1, c2, c3, c4, c5, c6 and 3 more: {PORTS}")]);
    }

    #[test]
    fn only_linked_clusters_are_told_of() {
        let links = "defaults: {credentials: {axl: icsa}}\n\
                     topology: {shape: links, links: [{between: [c1, c2]}]}\n";
        check(&[NOTHING, NOTHING, NOTHING], links, &[&format!("c1, c2: {PORTS}")]);
    }

    #[test]
    fn what_the_policy_adds_is_told() {
        let sip = "defaults: {credentials: {axl: icsa}}\ntopology: {shape: full}\npolicy: {sip_federation: true}\n";
        check(&[NOTHING, NOTHING], sip, &["c1, c2: ports 8443/7400/5060 of the peers, names in DNS"]);
        let off = "defaults: {credentials: {axl: icsa}}\ntopology: {shape: full}\n\
                   policy: {xcp_restart: {high_availability: switch-off}}\n";
        let sessions = format!("c1, c2: {PORTS}, sessions after restarts");
        check(&[", unified_cm: cm1", ", unified_cm: cm2"], off, &[&sessions]);
    }
}

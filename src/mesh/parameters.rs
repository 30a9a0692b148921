//! Which service parameters the file asks for on a node: the node's own outrank the cluster's, and those the mesh's.

use super::locations::below;
use super::model::{Cluster, Mesh, Parameters};
use super::names::NodeName;

/// A service parameter that the file asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedParameter<'a> {
    /// The service, as the file writes it.
    pub service: &'a str,
    /// The label on System > Service Parameters, as the file writes it.
    pub label: &'a str,
    /// The value.
    pub value: &'a str,
    /// The JSON pointer of the place in the file that asks for it.
    pub pointer: String,
}

impl Mesh {
    /// The parameters that the file asks for on a node of a cluster, by service and label.
    pub fn parameters_of<'a>(&'a self, cluster: &'a Cluster, node: &NodeName) -> Vec<WantedParameter<'a>> {
        let mut wanted: Vec<WantedParameter<'a>> = Vec::new();
        // the one that outranks comes first
        if let Some(at) = self.clusters.iter().position(|c| c.name == cluster.name) {
            if let Some(n) = cluster.nodes.iter().position(|n| n.name.same(node)) {
                add(&mut wanted, &cluster.nodes[n].parameters, &format!("/clusters/{at}/nodes/{n}/parameters"));
            }
            add(&mut wanted, &cluster.parameters, &format!("/clusters/{at}/parameters"));
        }
        add(&mut wanted, &self.parameters, "/parameters");
        wanted.sort_by(|a, b| (a.service, a.label).cmp(&(b.service, b.label)));
        wanted
    }
}

fn add<'a>(wanted: &mut Vec<WantedParameter<'a>>, set: &'a Parameters, pointer: &str) {
    for (service, labels) in set {
        for (label, value) in labels {
            if !wanted.iter().any(|w| same(w.service, service) && same(w.label, label)) {
                let pointer = below(&below(pointer, service), label);
                wanted.push(WantedParameter { service, label, value: &value.0, pointer });
            }
        }
    }
}

/// The product itself writes one of its labels as `Inter-Cluster` and as `Inter-cluster` (field-notes 1.5).
pub(super) fn same(a: &str, b: &str) -> bool {
    a.split_whitespace().map(str::to_lowercase).eq(b.split_whitespace().map(str::to_lowercase))
}

#[cfg(test)]
mod tests {
    use super::super::load_str;

    #[test]
    fn the_nearest_outranks() {
        let text = "apiVersion: intermesh/v1\nkind: Mesh\nmetadata: {name: m}\ndomain: example.com\n\
            credentials: {axl: {username: u, password: {env: P}}}\ndefaults: {credentials: {axl: axl}}\n\
            parameters:\n  Cisco SIP Proxy: {Maximum no. of processes: 20, Maximum no. of spare processes: 10}\n\
            clusters:\n  - name: a\n    publisher: imp1.a.example.com\n    nodes:\n      - name: imp1.a.example.com\n\
            \x20       parameters: {cisco sip  proxy: {maximum no. of processes: 11}}\n      - {name: imp2.a.example.com}\n\
            \x20   parameters: {Cisco SIP Proxy: {Maximum no. of processes: 12}}\n\
            \x20 - {name: b, publisher: imp1.b.example.com}\n";
        let mesh = load_str("m.yaml", text, jiff::civil::date(2026, 11, 22)).unwrap_or_else(|f| panic!("{f:?}")).mesh;
        for (cluster, node, expected) in [
            (0, "IMP1.a.example.com.", ["11 /clusters/0/nodes/0/parameters", "10 /parameters"]),
            (0, "imp2.a.example.com", ["12 /clusters/0/parameters", "10 /parameters"]),
            (1, "imp1.b.example.com", ["20 /parameters", "10 /parameters"]),
        ] {
            let mut wanted = mesh.parameters_of(&mesh.clusters[cluster], &node.into());
            wanted.sort_by_key(|w| w.label.to_lowercase());
            let found: Vec<String> = wanted
                .iter()
                .map(|w| {
                    let set = w.pointer.split_inclusive("/parameters").next().unwrap_or_default();
                    format!("{} {set}", w.value)
                })
                .collect();
            assert_eq!(found, expected, "{node}");
        }
    }
}

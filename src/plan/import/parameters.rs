//! Service parameters that are not as the product has them by itself.

use std::collections::BTreeMap;

use super::{Place, Remark, RemarkKind};
use crate::cluster::{Labelled, same_value, service};
use crate::mesh::{Mesh, NodeName, ParameterValue, Parameters};

/// The parameters that belong to peering: service, label, what the product has by itself, what it may be
/// (field-notes 1.5).
const KNOWN: [(&str, &str, &str, Values); 4] = [
    (
        service::ICSA,
        "Enable Auto Recovery for Inter-Cluster Peer Periodic Syncing Failure",
        "Enabled",
        Values::OneOf(&["Enabled", "Disabled"]),
    ),
    (
        service::ICSA,
        "Certificate Sync during Inter-Cluster Periodic Sync",
        "Perform certificate sync",
        Values::OneOf(&["Perform certificate sync", "Do not perform certificate sync"]),
    ),
    (service::SIP_PROXY, "Maximum no. of processes", "20", Values::Number),
    (service::SIP_PROXY, "Maximum no. of spare processes", "20", Values::Number),
];

/// What the mesh file takes.
#[derive(Clone, Copy)]
enum Values {
    OneOf(&'static [&'static str]),
    Number,
}

impl Values {
    fn read(self, shown: &str) -> Option<String> {
        match self {
            Values::OneOf(values) => values.iter().find(|v| same_value(v, shown)).map(|v| (*v).to_owned()),
            Values::Number => {
                shown.trim().parse::<u64>().ok().filter(|n| (1..=1_000).contains(n)).map(|n| n.to_string())
            }
        }
    }
}

/// Sets what differs: for the mesh where all clusters agree, for a cluster where all of its nodes do, else for nodes.
pub(super) fn set(mesh: &mut Mesh, places: &[Place<'_>], remarks: &mut Vec<Remark>) {
    for (service, label, usual, values) in KNOWN {
        let mut by_cluster: Vec<Option<String>> = Vec::new();
        for (at, place) in places.iter().enumerate() {
            let mut found: Vec<(NodeName, Option<String>)> = Vec::new();
            for node in place.nodes() {
                let labelled = place.read.and_then(|read| read.labelled(&node, service, label));
                if let Some(Labelled::Many(candidates)) = &labelled {
                    let what = format!("`{label}` of {node} is not told by its label: {candidates}");
                    remarks.push(Remark::about(RemarkKind::Damage, place, what));
                }
                let shown = labelled.and_then(|labelled| labelled.one());
                let differs = shown.filter(|p| !same_value(&p.value, usual));
                let value = differs.and_then(|p| values.read(&p.value));
                if let (Some(shown), None) = (differs, &value) {
                    let what = format!("`{label}` of {node} is `{}`, which a mesh file cannot say", shown.value);
                    remarks.push(Remark::about(RemarkKind::Damage, place, what));
                }
                found.push((node, value));
            }
            let first = found.first().and_then(|(_, value)| value.clone());
            let agree = first.is_some() && found.iter().all(|(_, value)| *value == first);
            by_cluster.push(first.filter(|_| agree));
            if !agree {
                for (node, value) in found.into_iter().filter_map(|(node, value)| Some((node, value?))) {
                    match mesh.clusters[at].nodes.iter_mut().find(|n| n.name.same(&node)) {
                        Some(node) => put(&mut node.parameters, service, label, value),
                        None => {
                            let what = format!("`{label}` of {node} is `{value}`; it is not in the file");
                            remarks.push(Remark::about(RemarkKind::Damage, place, what));
                        }
                    }
                }
            }
        }
        match by_cluster.first().cloned().flatten() {
            Some(value) if by_cluster.iter().all(|v| v.as_ref() == Some(&value)) => {
                put(&mut mesh.parameters, service, label, value);
            }
            _ => {
                for (at, value) in by_cluster.into_iter().enumerate() {
                    if let Some(value) = value {
                        put(&mut mesh.clusters[at].parameters, service, label, value);
                    }
                }
            }
        }
    }
}

fn put(set: &mut Parameters, service: &str, label: &str, value: String) {
    let of: &mut BTreeMap<String, ParameterValue> = set.entry(service.to_owned()).or_default();
    of.insert(label.to_owned(), ParameterValue(value));
}

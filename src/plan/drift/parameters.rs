//! Service parameters that are not the file's. The page is asked of each node; a value that several nodes of a cluster
//! have alike is told once. Where several parameters have the label, none is judged: the value was not read.

use std::collections::BTreeMap;

use super::Case;
use super::finding::{Finding, Place, Unread};
use super::found::{Explains, Found};
use crate::cluster::{Error, ErrorKind, Labelled, Snapshot, same_value};
use crate::mesh::{DriftCode, Mesh, NodeName, State, WantedParameter};
use crate::plan::diff::nodes_of;
use crate::plan::facts::About;

/// The parameters of which nobody can say whether they are as the file says: several have the label.
pub(super) fn untold(mesh: &Mesh, snapshot: &Snapshot) -> Vec<Unread> {
    let mut untold = Vec::new();
    for cluster in mesh.clusters.iter().filter(|cluster| cluster.state == State::Present) {
        let Some(read) = snapshot.clusters.get(&cluster.name) else { continue };
        for node in nodes_of(cluster, read) {
            for WantedParameter { service, label, value, pointer: _ } in mesh.parameters_of(cluster, &node) {
                let Some(Labelled::Many(candidates)) = read.labelled(&node, service, label) else { continue };
                if !candidates.all_are(value) {
                    let place = crate::cluster::Place { cluster: cluster.name.clone(), node: Some(node.clone()) };
                    let kind = ErrorKind::Unsupported { detail: candidates.to_string() };
                    let error = Error { place, doing: format!("read `{label}` of {service}"), kind };
                    untold.push(Unread { cluster: cluster.name.clone(), error });
                }
            }
        }
    }
    untold
}

pub(super) fn judge(case: &Case<'_>, found: &mut Found) {
    for (_, cluster, read) in case.present() {
        // by service, label, value and the place that asks for it
        let mut differing: BTreeMap<(String, String, String, String, String), Vec<NodeName>> = BTreeMap::new();
        for node in nodes_of(cluster, read) {
            for wanted in case.mesh.parameters_of(cluster, &node) {
                let Some(shown) = read.parameter(&node, wanted.service, wanted.label) else { continue };
                if !same_value(&shown.value, wanted.value) {
                    let (service, wanted, pointer) =
                        (wanted.service.to_owned(), wanted.value.to_owned(), wanted.pointer);
                    let key = (service, shown.label.clone(), shown.value.clone(), wanted, pointer);
                    differing.entry(key).or_default().push(node.clone());
                }
            }
        }
        for ((service, label, value, wanted, pointer), nodes) in differing {
            let on = nodes.iter().map(NodeName::as_str).collect::<Vec<_>>().join(", ");
            let what = format!("`{label}` of {service} on {on} is {value}, the file asks for {wanted}");
            let place = Place {
                node: (nodes.len() == 1).then(|| nodes[0].clone()),
                service: Some(service.clone()),
                parameter: Some(label.clone()),
                ..Place::of(&cluster.name)
            };
            let fix = "`intermesh plan` sets it; `intermesh drift --patch` proposes a file that has it so.";
            let finding = case.of_cluster(DriftCode::Parameter, place, what, fix);
            let about = About::Parameter { node: nodes[0].clone(), service, label };
            let label = case.judging.last.and_then(|last| last.label(&cluster.name, &about, &wanted, &value));
            found.add(Finding { label, line: case.line(&pointer), ..finding }, Explains::Nothing);
        }
    }
}

//! Service parameters, per node: the page is asked of each node, because which ones hold for a whole cluster is not
//! published.

use super::{Compared, Diff, nodes_of};
use crate::cluster::{ClusterSnapshot, Labelled, same_value};
use crate::mesh::{Cluster, NodeName, WantedParameter};
use crate::plan::change::{Change, Left, LeftAlone, What};

impl Compared<'_> {
    pub(super) fn parameters(&self, diff: &mut Diff, cluster: &Cluster, read: &ClusterSnapshot) {
        for node in nodes_of(cluster, read) {
            for wanted in self.mesh.parameters_of(cluster, &node) {
                self.parameter(diff, cluster, read, &node, &wanted);
            }
        }
    }

    fn parameter(
        &self,
        diff: &mut Diff,
        cluster: &Cluster,
        read: &ClusterSnapshot,
        node: &NodeName,
        wanted: &WantedParameter<'_>,
    ) {
        let WantedParameter { service, label, value, pointer } = wanted;
        let (node, service, value) = (node.clone(), (*service).to_owned(), (*value).to_owned());
        let reason = match read.labelled(&node, &service, label) {
            Some(Labelled::One(found)) if same_value(&found.value, &value) => return,
            Some(Labelled::Many(candidates)) if candidates.all_are(&value) => return,
            Some(Labelled::One(found)) => {
                diff.changes.push(Change {
                    cluster: cluster.name.clone(),
                    // as the page spells it, so that it is found there
                    what: What::SetParameter {
                        node,
                        service,
                        label: found.label.clone(),
                        before: found.value.clone(),
                        after: value,
                    },
                    reason: "the file asks for it".into(),
                    line: self.lines.line(pointer),
                });
                return;
            }
            Some(Labelled::Many(candidates)) => format!("which parameter is meant is not known: {candidates}"),
            Some(Labelled::None) => not_there(label, read),
            None => "the page could not be read".to_owned(),
        };
        let what = Left::Parameter { node, service, label: (*label).to_owned(), value };
        diff.left.push(LeftAlone { cluster: cluster.name.clone(), what, reason });
    }
}

/// Why a page does not show a parameter. The release decides for the two that came late (field-notes 1.5).
fn not_there(label: &str, read: &ClusterSnapshot) -> String {
    let since = [
        ("Certificate Sync during Inter-Cluster Periodic Sync", "12.5(1)SU4 and 14"),
        ("Enable Auto Recovery for Inter-Cluster Peer Periodic Syncing Failure", "12.5(1)"),
    ];
    let version = read.identity.read().map_or("its release", |identity| identity.version.as_str());
    match since.iter().find(|(known, _)| crate::cluster::same_label(known, label)) {
        Some((_, since)) => format!("{version} does not have it: it came with {since}"),
        None => format!("the page of {version} does not show it"),
    }
}

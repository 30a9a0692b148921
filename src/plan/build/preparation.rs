//! What comes before any link: services that must run, and peers that must go.

use super::{Builder, PEER_SECONDS};
use crate::mesh::{ClusterName, NodeName};
use crate::plan::change::What;
use crate::plan::step::{Action, Condition, Step, StepId};

/// A service that starts within this time is healthy; the product's own watch gives a critical service 90 seconds
/// (field-notes 2.4), activation takes longer.
const START_SECONDS: u64 = 600;

/// The step that starts a service, or activates it.
pub(super) fn start_id(cluster: &ClusterName, node: &NodeName, service: &str) -> StepId {
    StepId(format!("start/{cluster}/{node}/{}", service.replace(' ', "-")).into())
}

impl Builder<'_> {
    pub(super) fn services(&mut self) {
        for change in self.changes {
            let (action, node, service) = match &change.what {
                What::Start { node, service, .. } => {
                    (Action::Start { node: node.clone(), service: service.clone() }, node, service)
                }
                What::Activate { node, service } => {
                    (Action::Activate { node: node.clone(), service: service.clone() }, node, service)
                }
                _ => continue,
            };
            let cluster = &change.cluster;
            let started = Condition::Started { cluster: cluster.clone(), node: node.clone(), service: service.clone() };
            let id = self.push(Step {
                until: vec![started],
                within_seconds: START_SECONDS,
                line: change.line,
                undo: format!("stop {service} on {node} by hand"),
                ..Step::new(start_id(cluster, node, service), cluster, action, &change.reason)
            });
            self.services.entry(cluster.clone()).or_default().push(id);
        }
    }

    pub(super) fn deletions(&mut self) {
        for change in self.changes {
            let What::DeletePeer { address, protocol, .. } = &change.what else { continue };
            let cluster = &change.cluster;
            let absent = Condition::PeerAbsent { cluster: cluster.clone(), address: address.clone() };
            let id = self.push(Step {
                until: vec![absent],
                within_seconds: PEER_SECONDS,
                line: change.line,
                undo: format!("add it again with {} and its account", protocol.word()),
                ..Step::new(
                    StepId(format!("delete-peer/{cluster}/{address}").into()),
                    cluster,
                    Action::DeletePeer { address: address.clone() },
                    &change.reason,
                )
            });
            self.deletions.entry(cluster.clone()).or_default().push(id);
        }
    }
}

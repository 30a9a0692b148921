//! Service parameters, and the restarts that they need.

use std::collections::BTreeMap;

use super::{Builder, RESTART_TOKEN, done, ended};
use crate::cluster::{Fact, same_label, service};
use crate::mesh::{ClusterName, NodeName};
use crate::plan::change::What;
use crate::plan::hold::Hold;
use crate::plan::step::{Action, After, Condition, Step, StepId, When};

/// A page that was saved shows the value at once.
const PARAMETER_SECONDS: u64 = 300;
/// A service that starts within this time is healthy.
const RESTART_SECONDS: u64 = 600;

/// After these parameters of the SIP Proxy these services restart (field-notes 1.5). For no other parameter a restart
/// is published: where the product wants one, it raises a notification.
const PROCESSES: [&str; 2] = ["Maximum no. of processes", "Maximum no. of spare processes"];
const AFTER_PROCESSES: [&str; 3] = [service::SIP_PROXY, service::RECOVERY_MANAGER, service::ICSA];

impl Builder<'_> {
    pub(super) fn parameters(&mut self) {
        // the parameters that need restarts, by node
        let mut restarts: BTreeMap<(&ClusterName, &NodeName), Vec<StepId>> = BTreeMap::new();
        let mut order: Vec<(&ClusterName, &NodeName)> = Vec::new();
        for change in self.changes {
            let What::SetParameter { node, service, label, before, after } = &change.what else { continue };
            let cluster = &change.cluster;
            let is = Condition::ParameterIs {
                cluster: cluster.clone(),
                node: node.clone(),
                service: service.clone(),
                label: label.clone(),
                value: after.clone(),
            };
            let action = Action::SetParameter {
                node: node.clone(),
                service: service.clone(),
                label: label.clone(),
                value: after.clone(),
            };
            let id = StepId(format!("set/{cluster}/{node}/{}/{}", dashed(service), dashed(label)).into());
            let id = self.push(Step {
                until: vec![is],
                within_seconds: PARAMETER_SECONDS,
                line: change.line,
                undo: format!("set it to {before} again"),
                ..Step::new(id, cluster, action, &change.reason)
            });
            if same_label(service, service::SIP_PROXY) && PROCESSES.iter().any(|known| same_label(known, label)) {
                let steps = restarts.entry((cluster, node)).or_default();
                if steps.is_empty() {
                    order.push((cluster, node));
                }
                steps.push(id);
            } else {
                self.tuned.entry(cluster.clone()).or_default().push(id);
            }
        }
        let mut previous: BTreeMap<&ClusterName, StepId> = BTreeMap::new();
        let mut holds: BTreeMap<&ClusterName, Vec<StepId>> = BTreeMap::new();
        for place in order {
            let set = restarts.get(&place).map(Vec::as_slice).unwrap_or_default();
            let (cluster, node) = place;
            let mut last = set.to_vec();
            let services = AFTER_PROCESSES.into_iter().filter(|name| self.may_run(cluster, node, name));
            for name in services.collect::<Vec<_>>() {
                let after = set.iter().map(done).chain(previous.get(cluster).map(ended)).collect();
                let id = self.restart_after_processes(cluster, node, name, after);
                previous.insert(cluster, id.clone());
                holds.entry(cluster).or_default().push(id.clone());
                last = vec![id];
            }
            // what comes after waits for the last of a node: it has ended when the others have
            self.tuned.entry(cluster.clone()).or_default().extend(last);
        }
        let tokens = || vec![RESTART_TOKEN.to_owned()];
        self.built.holds.extend(holds.into_values().map(|steps| Hold { tokens: tokens(), steps }));
    }

    fn restart_after_processes(
        &mut self,
        cluster: &ClusterName,
        node: &NodeName,
        service: &str,
        after: Vec<After>,
    ) -> StepId {
        let action = Action::Restart { node: node.clone(), service: service.to_owned(), when: When::Always };
        let on = cluster.clone();
        let started = Condition::Started { cluster: on, node: node.clone(), service: service.to_owned() };
        let reason = "the processes of Cisco SIP Proxy were changed";
        self.push(Step {
            after,
            gates: vec![Condition::NodesNormal { cluster: cluster.clone() }],
            until: vec![started, Condition::NodesNormal { cluster: cluster.clone() }],
            within_seconds: RESTART_SECONDS,
            undo: "none: a restart cannot be taken back".into(),
            ..Step::new(StepId(format!("restart/{cluster}/{node}/{}", dashed(service)).into()), cluster, action, reason)
        })
    }

    /// Whether a service runs on a node, as far as it is known; one that does not run needs no restart.
    fn may_run(&self, cluster: &ClusterName, node: &NodeName, service: &str) -> bool {
        let services = self.snapshot.clusters.get(cluster).and_then(|read| read.services.get(node));
        match services.and_then(Fact::read) {
            None => true,
            Some(services) => services.iter().any(|s| s.name.eq_ignore_ascii_case(service) && s.state.runs()),
        }
    }
}

fn dashed(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}

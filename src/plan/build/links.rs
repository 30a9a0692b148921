//! One link: its entries on both sides, their initial sync, certificates that are out of sync, verification.

use std::collections::BTreeMap;

use super::{Builder, PEER_SECONDS, SYNC_SECONDS, done, ended, sync_token, transport};
use crate::cluster::{Protocol, service};
use crate::mesh::topology::Pair;
use crate::mesh::{ClusterName, CredentialName, NodeName};
use crate::plan::change::{AccountReason, Change, What};
use crate::plan::hold::Hold;
use crate::plan::step::{Action, After, Condition, Late, Step, StepId, When};

/// After a forced sync the panel needs up to 60 seconds to refresh (field-notes 2.5); it is given some of them.
const RESYNC_SECONDS: u64 = 300;
/// A service that restarts: the product's own watch gives a critical one 90 seconds (field-notes 2.4).
const AGENT_SECONDS: u64 = 600;

impl Builder<'_> {
    /// The entries of one link, one side after the other, and the sync of both sides; returns the steps that wait for
    /// the sync.
    pub(super) fn link(&mut self, pair: &Pair, round: u32, before: &[StepId]) -> Vec<StepId> {
        let mut after: Vec<After> = before.iter().map(done).collect();
        for cluster in [pair.a(), pair.b()] {
            after.extend(self.services.get(cluster).into_iter().flatten().map(done));
            after.extend(self.tuned.get(cluster).into_iter().flatten().map(ended));
            after.extend(self.deletions.get(cluster).into_iter().flatten().map(ended));
        }
        let mut held: Vec<StepId> = Vec::new();
        for (from, to) in pair.directions() {
            let Some(change) = self.of_link.get(&(from, to)).copied() else { continue };
            let mut steps = self.entry(change, to, pair);
            for step in &mut steps {
                step.after.clone_from(&after);
                step.after.extend(held.last().map(done));
                step.round = Some(round);
                step.line = change.line;
                held.push(self.push(step.clone()));
            }
        }
        for (from, to) in pair.directions() {
            let replaced = self.of_link.get(&(from, to)).is_some_and(|c| matches!(c.what, What::ReplacePeer { .. }));
            if replaced && let Some(address) = self.address(from, to) {
                let action = Action::ForceSync { address, to: to.clone(), certificates: true };
                let reason = "an entry that was pointed elsewhere holds the old certificates";
                held.push(self.push(Step {
                    after: held.iter().map(done).collect(),
                    within_seconds: RESYNC_SECONDS,
                    round: Some(round),
                    ..Step::new(StepId(format!("force-sync/{from}/{to}").into()), from, action, reason)
                }));
            }
        }
        let mut awaited = Vec::new();
        for (from, to) in pair.directions() {
            let Some(address) = self.address(from, to) else { continue };
            let reason = "the initial sync is heavy: the next link of the cluster waits for it";
            awaited.push(self.push(Step {
                after: held.iter().map(done).collect(),
                round: Some(round),
                ..await_sync(from, to, address, reason)
            }));
        }
        held.extend(awaited.iter().cloned());
        let tokens = vec![sync_token(pair.a()), sync_token(pair.b())];
        self.built.holds.push(Hold { tokens, steps: held });
        awaited
    }

    /// The `Peer Address` of an entry after all changes: the other side's publisher, or what a rollback points back to.
    fn address(&self, from: &ClusterName, to: &ClusterName) -> Option<NodeName> {
        match self.of_link.get(&(from, to)).map(|change| &change.what) {
            Some(What::CreatePeer { address, .. } | What::ReplacePeer { after: address, .. }) => Some(address.clone()),
            _ => self.publisher(to),
        }
    }

    /// The steps that make one change of an entry, in their order.
    fn entry(&self, change: &Change, to: &ClusterName, pair: &Pair) -> Vec<Step> {
        let from = &change.cluster;
        let id = |what: &str| StepId(format!("{what}/{from}/{to}").into());
        let account = self.clusters.get(to).and_then(|c| self.mesh.peer_account(c)).cloned();
        let within_seconds = self.patience(pair);
        let peer_is = |address: &NodeName, protocol: &Protocol, username: Option<String>| Condition::PeerIs {
            cluster: from.clone(),
            address: address.clone(),
            protocol: protocol.clone(),
            username,
        };
        let add = |address: &NodeName, protocol: &Protocol| {
            let action = Action::AddPeer {
                address: address.clone(),
                to: to.clone(),
                account: account.clone().unwrap_or_default(),
                protocol: transport(protocol),
            };
            Step {
                gates: gates(pair, to, account.as_ref()),
                until: vec![peer_is(address, protocol, None)],
                within_seconds,
                undo: "delete the peer".into(),
                ..Step::new(id("add-peer"), from, action, &change.reason)
            }
        };
        match &change.what {
            What::CreatePeer { address, protocol, .. } => vec![add(address, protocol)],
            What::ReplacePeer { before, after, protocol_before, protocol, .. } => {
                let delete = Step {
                    gates: gates(pair, to, account.as_ref()),
                    until: vec![Condition::PeerAbsent { cluster: from.clone(), address: before.clone() }],
                    within_seconds,
                    undo: format!("add it again with {} and its account", protocol_before.word()),
                    ..Step::new(id("delete-peer"), from, Action::DeletePeer { address: before.clone() }, &change.reason)
                };
                vec![delete, add(after, protocol)]
            }
            What::ChangePeer { address, protocol, account: written, .. } => {
                let current = self.transports.get(pair).copied().unwrap_or_default();
                let after = protocol.as_ref().map_or(Protocol::from(current), |p| p.after.clone());
                let action = Action::EditPeer {
                    address: address.clone(),
                    to: to.clone(),
                    protocol: protocol.as_ref().map(|p| transport(&p.after)),
                    account: written.as_ref().map(|a| a.credential.clone()),
                };
                let other_user = written.as_ref().filter(|a| a.why == AccountReason::OtherUser);
                let undo = match (protocol, written) {
                    (Some(p), None) => format!("set Protocol to {} again", p.before.word()),
                    (Some(p), Some(_)) => {
                        format!("set Protocol to {} again; the former password is not known", p.before.word())
                    }
                    (None, _) => "none: the former password is not known".to_owned(),
                };
                vec![Step {
                    gates: gates(pair, to, written.as_ref().map(|a| &a.credential)),
                    until: vec![peer_is(address, &after, other_user.map(|a| a.after.clone()))],
                    within_seconds,
                    undo,
                    ..Step::new(id("edit-peer"), from, action, &change.reason)
                }]
            }
            What::Resync { address, .. } => self.resync(change, address, to),
            What::DeletePeer { .. }
            | What::SetParameter { .. }
            | What::Activate { .. }
            | What::Start { .. }
            | What::Restart { .. } => Vec::new(),
        }
    }

    /// A forced sync with the certificates; where they stay out of sync, a restart of ICSA on the publisher and once
    /// more (field-notes 1.3). What then remains is for hands (field-notes 6).
    fn resync(&self, change: &Change, address: &NodeName, to: &ClusterName) -> Vec<Step> {
        let from = &change.cluster;
        let secure = || vec![Condition::Secure { cluster: from.clone(), address: address.clone() }];
        let force = |id: String, reason: &str| {
            let action = Action::ForceSync { address: address.clone(), to: to.clone(), certificates: true };
            Step {
                until: secure(),
                within_seconds: RESYNC_SECONDS,
                ..Step::new(StepId(id.into()), from, action, reason)
            }
        };
        let first = Step { late: Late::GoesOn, ..force(format!("force-sync/{from}/{to}"), &change.reason) };
        let Some(publisher) = self.publisher(from) else { return vec![first] };
        let action = Action::Restart { node: publisher.clone(), service: service::ICSA.into(), when: When::Always };
        let started =
            Condition::Started { cluster: from.clone(), node: publisher.clone(), service: service::ICSA.into() };
        let reason = "certificates that stay out of sync after a forced sync need a restart of the agent";
        let restart = Step {
            unless: secure(),
            until: vec![started],
            within_seconds: AGENT_SECONDS,
            undo: "none: a restart cannot be taken back".into(),
            ..Step::new(StepId(format!("restart-agent/{from}/{to}").into()), from, action, reason)
        };
        let again = Step {
            unless: secure(),
            by_hand: Some(self.by_hand(&publisher, to)),
            ..force(format!("force-sync-again/{from}/{to}"), "once more, after the restart")
        };
        vec![first, restart, again]
    }

    /// The certificates that are copied by hand where nothing else helps.
    fn by_hand(&self, publisher: &NodeName, to: &ClusterName) -> String {
        let nodes = self.nodes.get(to).map(Vec::as_slice).unwrap_or_default();
        let certificates: Vec<String> =
            nodes.iter().flat_map(|node| ["tomcat", "tomcat-ECDSA"].map(|kind| format!("{kind} of {node}"))).collect();
        format!(
            "copy the certificates that the peer's page marks with an X by hand, into tomcat-trust of {publisher}: {}; \
             then restart Cisco Tomcat",
            certificates.join(", ")
        )
    }

    /// The longest wait around a write. Where the users of a side are still being copied, that is waited for.
    fn patience(&self, pair: &Pair) -> u64 {
        let copied = |name: &ClusterName| {
            let status = self.snapshot.clusters.get(name).and_then(|read| read.sync_status.read());
            status.is_some_and(crate::cluster::SyncStatus::completed)
        };
        if copied(pair.a()) && copied(pair.b()) { PEER_SECONDS } else { SYNC_SECONDS }
    }

    pub(super) fn verify(
        &mut self,
        pair: &Pair,
        round: u32,
        awaited: &[StepId],
        restarts: &BTreeMap<ClusterName, Vec<StepId>>,
    ) -> Vec<StepId> {
        let restarted = [pair.a(), pair.b()].into_iter().filter_map(|c| restarts.get(c)?.last());
        let after: Vec<After> = awaited.iter().map(done).chain(restarted.map(ended)).collect();
        let mut verified = Vec::new();
        for (from, to) in pair.directions() {
            let Some(address) = self.address(from, to) else { continue };
            let healthy = Condition::Healthy { cluster: from.clone(), address: address.clone(), to: to.clone() };
            let action = Action::Verify { address, to: to.clone() };
            let reason = "both sides must show every entry checked and all users of the other side";
            verified.push(self.push(Step {
                after: after.clone(),
                until: vec![healthy],
                within_seconds: SYNC_SECONDS,
                round: Some(round),
                ..Step::new(StepId(format!("verify/{from}/{to}").into()), from, action, reason)
            }));
        }
        verified
    }
}

/// The wait until a side has learned all users of the other.
pub(super) fn await_sync(from: &ClusterName, to: &ClusterName, address: NodeName, reason: &str) -> Step {
    let synced = Condition::Synced { cluster: from.clone(), address: address.clone(), to: to.clone() };
    let action = Action::AwaitSync { address, to: to.clone() };
    Step {
        until: vec![synced],
        within_seconds: SYNC_SECONDS,
        ..Step::new(StepId(format!("await-sync/{from}/{to}").into()), from, action, reason)
    }
}

/// What must hold before an entry is written: the users of both sides are copied (field-notes 1.3: `Failed`
/// otherwise), and the other side answers the account that the entry stores.
fn gates(pair: &Pair, to: &ClusterName, account: Option<&CredentialName>) -> Vec<Condition> {
    let copied = [pair.a(), pair.b()].map(|cluster| Condition::SyncAgentCompleted { cluster: cluster.clone() });
    let answered = account.map(|a| Condition::ProbeAnswered { cluster: to.clone(), account: a.clone() });
    copied.into_iter().chain(answered).collect()
}

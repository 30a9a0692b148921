//! A plan back: it takes back what a run did, and nothing that came after it.
//!
//! Its changes are the run's own turned round, each looked at three ways: what was there before the run, what the run
//! made of it, what is there now. Only what is still as the run left it is taken back. From there on it is a plan like
//! any other: steps, guards, checks and what is relied upon follow from its changes.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::change::{Change, Left, LeftAlone, ProtocolChange, What};
use super::diff::{self, Diff};
use super::step::{Action, Step, StepId};
use super::verify::status_problems;
use super::{Options, Plan, assemble};
use crate::cluster::{Labelled, Peer, Protocol, ServiceState, Snapshot, same_label, same_value};
use crate::mesh::{ClusterName, Mesh, NodeName, State};

/// What a plan takes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rollback {
    /// The run that it takes back.
    pub run: String,
    /// When the snapshot was taken that it leads back to, as far as the run touched it.
    pub to: Timestamp,
}

/// A run that is to be taken back.
#[derive(Clone, Debug)]
pub struct Undoing<'a> {
    /// Its name.
    pub run: &'a str,
    /// Its plan, with the mesh and the snapshot from before it.
    pub plan: &'a Plan,
    /// The steps that were done or may have been.
    pub acted: &'a BTreeSet<StepId>,
    /// Those among them that wrote something, or may have.
    pub wrote: &'a BTreeSet<StepId>,
}

/// Makes the plan that takes a run back, on what the clusters are now.
pub fn rollback(undoing: &Undoing<'_>, snapshot: &Snapshot, options: &Options, now: Timestamp) -> Plan {
    let mut back = Back { undoing, mesh: &undoing.plan.mesh, snapshot, diff: Diff::default() };
    for change in undoing.plan.changes.iter().filter(|change| undoing.did(change)) {
        back.turn(change);
    }
    back.restarts();
    back.keep_links_whole();
    let mut diff = back.diff;
    diff::ready(&undoing.plan.mesh, snapshot, options, &mut diff);
    let rollback = Rollback { run: undoing.run.to_owned(), to: undoing.plan.snapshot.taken_at };
    assemble((&undoing.plan.mesh, &undoing.plan.mesh_file), snapshot.clone(), options, now, diff, Some(rollback))
}

impl Undoing<'_> {
    /// Whether the run did what makes a change, or may have.
    fn did(&self, change: &Change) -> bool {
        self.plan.steps.iter().any(|step| makes(step, change) && self.acted.contains(&step.id))
    }

    fn acted(&self, which: impl Fn(&Step) -> bool) -> bool {
        self.plan.steps.iter().any(|step| which(step) && self.acted.contains(&step.id))
    }
}

/// Whether a step does what a change asks for.
fn makes(step: &Step, change: &Change) -> bool {
    let made = match (&change.what, &step.action) {
        (What::CreatePeer { address, .. }, Action::AddPeer { address: of, .. })
        | (What::ReplacePeer { after: address, .. }, Action::AddPeer { address: of, .. })
        | (What::ReplacePeer { before: address, .. }, Action::DeletePeer { address: of })
        | (What::ChangePeer { address, .. }, Action::EditPeer { address: of, .. })
        | (What::Resync { address, .. }, Action::ForceSync { address: of, .. })
        | (What::DeletePeer { address, .. }, Action::DeletePeer { address: of }) => address.same(of),
        (
            What::SetParameter { node, service, label, .. },
            Action::SetParameter { node: on, service: of, label: known, .. },
        ) => node.same(on) && service == of && label == known,
        (
            What::Activate { node, service } | What::Start { node, service, .. },
            Action::Activate { node: on, service: of } | Action::Start { node: on, service: of },
        ) => node.same(on) && service == of,
        _ => false,
    };
    made && step.cluster == change.cluster
}

/// The way back, as it is put together.
struct Back<'a> {
    undoing: &'a Undoing<'a>,
    mesh: &'a Mesh,
    snapshot: &'a Snapshot,
    diff: Diff,
}

const NOT_READ: &str = "what it is now could not be read";

impl Back<'_> {
    /// Takes one change back, or says why not.
    fn turn(&mut self, change: &Change) {
        let cluster = &change.cluster;
        match &change.what {
            What::CreatePeer { address, to, protocol } => self.added(cluster, address, to, protocol),
            What::ChangePeer { address, to, protocol, account } => {
                if let Some(account) = account {
                    let before = match &account.before {
                        Some(before) if *before != account.after => format!("; its AXL Username was {before}"),
                        _ => String::new(),
                    };
                    let reason = format!("the password that it had cannot be read, so it is not known{before}");
                    self.leave(cluster, Left::Account { address: address.clone(), to: to.clone() }, reason);
                }
                if let Some(protocol) = protocol {
                    self.changed(cluster, address, to, protocol);
                }
            }
            What::ReplacePeer { before, after, to, protocol_before, protocol } => {
                self.pointed_elsewhere(cluster, (before, protocol_before), (after, protocol), to);
            }
            What::DeletePeer { address, to, protocol } => self.deleted(cluster, address, to.as_ref(), protocol),
            What::SetParameter { node, service, label, before, after } => {
                self.set(cluster, (node, service, label), (before, after));
            }
            What::Activate { node, service } | What::Start { node, service, .. } => {
                if self.runs(cluster, node, service) {
                    let what = Left::Service { node: node.clone(), service: service.clone() };
                    let reason = "the run started it; intermesh stops no service. Stop it by hand if nobody needs it";
                    self.leave(cluster, what, reason);
                }
            }
            What::Resync { address, to, status: _ } => {
                let what = Left::Certificates { address: address.clone(), to: to.clone() };
                self.leave(cluster, what, "certificates that were synced stay");
            }
            // with all other restarts
            What::Restart { .. } => {}
        }
    }

    fn added(&mut self, cluster: &ClusterName, address: &NodeName, to: &ClusterName, protocol: &Protocol) {
        match self.peer(cluster, address) {
            None => self.leave_peer(cluster, address, to, NOT_READ),
            // somebody else took it back
            Some(None) => {}
            Some(Some(peer)) if peer.protocol == *protocol => {
                let what = What::DeletePeer {
                    address: peer.address.clone(),
                    to: Some(to.clone()),
                    protocol: protocol.clone(),
                };
                self.change(cluster, what, "the run added it");
            }
            Some(Some(peer)) => {
                let reason = changed_since(peer.protocol.word(), protocol.word());
                self.leave_peer(cluster, address, to, reason);
            }
        }
    }

    fn changed(&mut self, cluster: &ClusterName, address: &NodeName, to: &ClusterName, protocol: &ProtocolChange) {
        let ProtocolChange { before, after } = protocol;
        match self.peer(cluster, address) {
            None => self.leave_peer(cluster, address, to, NOT_READ),
            Some(None) => self.leave_peer(cluster, address, to, "somebody has deleted it since"),
            Some(Some(peer)) if peer.protocol == *before => {}
            Some(Some(peer)) if peer.protocol != *after => {
                let reason = changed_since(peer.protocol.word(), after.word());
                self.leave_peer(cluster, address, to, reason);
            }
            Some(Some(_)) if !is_known(before) => self.leave_peer(cluster, address, to, unknown_protocol(before)),
            Some(Some(peer)) => {
                let protocol = ProtocolChange { before: after.clone(), after: before.clone() };
                let what = What::ChangePeer {
                    address: peer.address.clone(),
                    to: to.clone(),
                    protocol: Some(protocol),
                    account: None,
                };
                self.change(cluster, what, "the run changed it");
            }
        }
    }

    fn pointed_elsewhere(
        &mut self,
        cluster: &ClusterName,
        (before, protocol_before): (&NodeName, &Protocol),
        (after, protocol): (&NodeName, &Protocol),
        to: &ClusterName,
    ) {
        let (Some(old), Some(new)) = (self.peer(cluster, before), self.peer(cluster, after)) else {
            return self.leave_peer(cluster, after, to, NOT_READ);
        };
        let was_added = self.undoing.acted(|step| {
            step.cluster == *cluster && matches!(&step.action, Action::AddPeer { address, .. } if address.same(after))
        });
        match (old, new) {
            (Some(_), None) => {}
            _ if !is_known(protocol_before) => self.leave_peer(cluster, after, to, unknown_protocol(protocol_before)),
            // it was replaced because it is not the node name that the procedure asks for
            _ if !self.worked(cluster, before) => {
                self.leave_peer(cluster, after, to, format!("the entry did not work as {before} before the run"));
            }
            (None, Some(peer)) if peer.protocol == *protocol => {
                let what = What::ReplacePeer {
                    before: peer.address.clone(),
                    after: before.clone(),
                    to: to.clone(),
                    protocol_before: protocol.clone(),
                    protocol: protocol_before.clone(),
                };
                let credential = self.credential(to);
                self.change(cluster, what, format!("the run pointed it to {after}; {credential}"));
            }
            (None, Some(peer)) => {
                let reason = changed_since(peer.protocol.word(), protocol.word());
                self.leave_peer(cluster, after, to, reason);
            }
            (None, None) if was_added => self.leave_peer(cluster, after, to, "somebody has deleted it since"),
            (None, None) => self.add_again(cluster, before, to, protocol_before),
            (Some(_), Some(_)) => {
                self.leave_peer(cluster, after, to, format!("somebody has added {before} beside it since"));
            }
        }
    }

    fn deleted(&mut self, cluster: &ClusterName, address: &NodeName, to: Option<&ClusterName>, protocol: &Protocol) {
        let unmanaged = || Left::UnmanagedPeer { address: address.clone(), protocol: protocol.clone() };
        match (self.peer(cluster, address), to) {
            (None, _) => self.leave(cluster, unmanaged(), NOT_READ),
            (Some(Some(_)), _) => {}
            (Some(None), None) => {
                let reason = "it pointed to no cluster of the file, so its account is not known; add it by hand";
                self.leave(cluster, unmanaged(), reason);
            }
            (Some(None), Some(to)) if self.mesh.cluster(to).is_none_or(|c| c.state == State::Gone) => {
                self.leave_peer(cluster, address, to, format!("{to} is gone, and is never contacted"));
            }
            (Some(None), Some(to)) if !is_known(protocol) => {
                self.leave_peer(cluster, address, to, unknown_protocol(protocol));
            }
            (Some(None), Some(to)) => self.add_again(cluster, address, to, protocol),
        }
    }

    fn add_again(&mut self, cluster: &ClusterName, address: &NodeName, to: &ClusterName, protocol: &Protocol) {
        let what = What::CreatePeer { address: address.clone(), to: to.clone(), protocol: protocol.clone() };
        let credential = self.credential(to);
        self.change(cluster, what, format!("the run deleted it; {credential}"));
    }

    fn set(
        &mut self,
        cluster: &ClusterName,
        (node, service, label): (&NodeName, &str, &str),
        (before, after): (&str, &str),
    ) {
        let read = self.snapshot.clusters.get(cluster);
        let found = read.and_then(|read| read.labelled(node, service, label));
        let left = || Left::Parameter {
            node: node.clone(),
            service: service.to_owned(),
            label: label.to_owned(),
            value: before.to_owned(),
        };
        match found {
            None | Some(Labelled::None) => self.leave(cluster, left(), NOT_READ),
            Some(Labelled::Many(candidates)) => {
                self.leave(cluster, left(), format!("which parameter the run set is not known: {candidates}"));
            }
            Some(Labelled::One(found)) if same_value(&found.value, before) => {}
            Some(Labelled::One(found)) if same_value(&found.value, after) => {
                let what = What::SetParameter {
                    node: node.clone(),
                    service: service.to_owned(),
                    label: found.label.clone(),
                    before: found.value.clone(),
                    after: before.to_owned(),
                };
                self.change(cluster, what, "the run set it");
            }
            Some(Labelled::One(found)) => {
                let reason = changed_since(&found.value, after);
                self.leave(cluster, left(), reason);
            }
        }
    }

    /// Restarts that were ordered, by cluster.
    fn restarts(&mut self) {
        for cluster in &self.mesh.clusters {
            let of_cluster = self.undoing.plan.steps.iter().filter(|step| step.cluster == cluster.name);
            let services: BTreeSet<String> = of_cluster
                .filter(|step| self.undoing.wrote.contains(&step.id))
                .filter_map(|step| match &step.action {
                    Action::Restart { service, .. } => Some(service.clone()),
                    _ => None,
                })
                .collect();
            if !services.is_empty() {
                let what = Left::Restarts { services: services.into_iter().collect() };
                self.leave(&cluster.name, what, "a restart cannot be taken back");
            }
        }
    }

    /// Half a link is worse than none, and its two sides must speak alike. What was half before the run stays as it is.
    fn keep_links_whole(&mut self) {
        loop {
            let broken = self.diff.changes.iter().enumerate().find_map(|(at, change)| Some((at, self.broken(change)?)));
            let Some((at, reason)) = broken else { return };
            let change = self.diff.changes.remove(at);
            if let What::CreatePeer { address, to, .. }
            | What::ChangePeer { address, to, .. }
            | What::ReplacePeer { before: address, to, .. } = &change.what
            {
                self.leave_peer(&change.cluster, address, to, reason);
            }
        }
    }

    /// What keeps a link from being whole after this change of one of its sides.
    fn broken(&self, change: &Change) -> Option<String> {
        let (What::CreatePeer { to, .. } | What::ChangePeer { to, .. } | What::ReplacePeer { to, .. }) = &change.what
        else {
            return None;
        };
        let from = &change.cluster;
        let read = |name: &ClusterName| self.snapshot.clusters.get(name).is_some_and(diff::can_be_linked);
        if let Some(unread) = [from, to].into_iter().find(|name| !read(name)) {
            return Some(format!("{unread} could not be read"));
        }
        match (self.after(from, to), self.after(to, from)) {
            (_, None) => Some(format!("{to} has no entry for {from}, and half a link is worse than none")),
            (Some(here), Some(there)) if here != there => {
                Some(format!("the entry on {to} has {}, and both sides must have the same", there.word()))
            }
            _ => None,
        }
    }

    /// Whether an entry was well before the run, as far as its status panel told.
    fn worked(&self, cluster: &ClusterName, address: &NodeName) -> bool {
        let read = self.undoing.plan.snapshot.clusters.get(cluster);
        let status = read.and_then(|read| read.peer_status.get(address)?.read());
        status.is_some_and(|status| status_problems(status, None).is_empty())
    }

    /// The protocol of an entry after all changes; none where there is no entry then.
    fn after(&self, from: &ClusterName, to: &ClusterName) -> Option<Protocol> {
        let of_entry = |change: &&Change| change.cluster == *from && change.what.to() == Some(to);
        let now = || {
            let publisher = &self.mesh.cluster(to)?.publisher;
            self.peer(from, publisher)?.map(|peer| peer.protocol.clone())
        };
        match self.diff.changes.iter().find(of_entry).map(|change| &change.what) {
            Some(What::CreatePeer { protocol, .. } | What::ReplacePeer { protocol, .. }) => Some(protocol.clone()),
            Some(What::ChangePeer { protocol: Some(protocol), .. }) => Some(protocol.after.clone()),
            Some(What::DeletePeer { .. }) => None,
            _ => now(),
        }
    }

    /// The entry of a cluster with this address, if there is one; none at all where its peers could not be read.
    fn peer(&self, cluster: &ClusterName, address: &NodeName) -> Option<Option<&Peer>> {
        let peers = self.snapshot.clusters.get(cluster)?.peers.read()?;
        Some(peers.iter().find(|peer| peer.address.same(address)))
    }

    fn runs(&self, cluster: &ClusterName, node: &NodeName, service: &str) -> bool {
        let read = self.snapshot.clusters.get(cluster).and_then(|read| read.services.get(node)?.read());
        let found = read.into_iter().flatten().find(|s| same_label(&s.name, service));
        found.is_some_and(|s| s.state == ServiceState::Started)
    }

    /// Which account an entry gets that is added again.
    fn credential(&self, to: &ClusterName) -> String {
        let credential = self.mesh.cluster(to).and_then(|c| self.mesh.peer_account(c));
        let named = credential.map(|name| format!("credential {name}")).unwrap_or_default();
        format!("it gets the file's account ({named}), as the password that it had cannot be read")
    }

    fn change(&mut self, cluster: &ClusterName, what: What, reason: impl Into<String>) {
        self.diff.changes.push(Change { cluster: cluster.clone(), what, reason: reason.into(), line: None });
    }

    fn leave(&mut self, cluster: &ClusterName, what: Left, reason: impl Into<String>) {
        self.diff.left.push(LeftAlone { cluster: cluster.clone(), what, reason: reason.into() });
    }

    fn leave_peer(&mut self, cluster: &ClusterName, address: &NodeName, to: &ClusterName, reason: impl Into<String>) {
        self.leave(cluster, Left::Peer { address: address.clone(), to: to.clone() }, reason);
    }
}

fn is_known(protocol: &Protocol) -> bool {
    !matches!(protocol, Protocol::Other(_))
}

fn unknown_protocol(protocol: &Protocol) -> String {
    format!("its Protocol was `{}`, which intermesh does not set", protocol.word())
}

fn changed_since(now: &str, then: &str) -> String {
    format!("somebody has changed it since: it is {now} now, the run made it {then}")
}

//! The facts that a plan relies on: what they were when it was made, and what they become. They bind an approval
//! to a transition, and show whether the world has moved since.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::change::{Change, What};
use crate::cluster::{ClusterSnapshot, Fact, Snapshot, same_value};
use crate::mesh::{ClusterName, NodeName};

/// One fact, before and after. Volatile facts (user counts, sync times, notifications) are none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reliance {
    /// The cluster.
    pub cluster: ClusterName,
    /// What the fact is about.
    pub about: About,
    /// What it was when the plan was made.
    pub now: String,
    /// What it becomes.
    pub then: String,
}

/// What a fact is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum About {
    /// A peer's existence and protocol.
    Peer {
        /// `Peer Address`.
        address: NodeName,
    },
    /// A peer's user name; the password cannot be read.
    Account {
        /// `Peer Address`.
        address: NodeName,
    },
    /// A service parameter.
    Parameter {
        /// The node.
        node: NodeName,
        /// The service.
        service: String,
        /// The label.
        label: String,
    },
    /// A service's state.
    Service {
        /// The node.
        node: NodeName,
        /// The service.
        service: String,
    },
}

/// What a plan turns into what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Transition {
    /// The facts.
    pub facts: Vec<Reliance>,
    /// The fingerprint of the facts as they were, SHA-256 in hexadecimal.
    pub now: String,
    /// The fingerprint of the facts as they become.
    pub then: String,
}

/// A fact that is neither what it was nor what the plan makes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved<'a> {
    /// The fact.
    pub fact: &'a Reliance,
    /// What it is by now; none when it could not be read.
    pub found: Option<String>,
}

pub(super) const ABSENT: &str = "absent";
pub(super) const NOT_SHOWN: &str = "not shown";

impl About {
    /// What a person calls it.
    pub fn words(&self) -> String {
        match self {
            About::Peer { address } => format!("peer {address}"),
            About::Account { address } => format!("AXL Username of peer {address}"),
            About::Parameter { node, service, label } => format!("`{label}` of {service} on {node}"),
            About::Service { node, service } => format!("{service} on {node}"),
        }
    }
}

/// The transition that these changes make.
pub fn transition(changes: &[Change]) -> Transition {
    let facts: Vec<Reliance> = changes.iter().flat_map(reliances).collect();
    let now = fingerprint(facts.iter().map(|f| (f, &f.now)));
    let then = fingerprint(facts.iter().map(|f| (f, &f.then)));
    Transition { facts, now, then }
}

fn reliances(change: &Change) -> Vec<Reliance> {
    let peer = |address: &NodeName| About::Peer { address: NodeName::from(address.normal()) };
    let account = |address: &NodeName| About::Account { address: NodeName::from(address.normal()) };
    let fact = |about: About, now: &str, then: &str| Reliance {
        cluster: change.cluster.clone(),
        about,
        now: now.to_owned(),
        then: then.to_owned(),
    };
    match &change.what {
        What::CreatePeer { address, protocol, .. } => vec![fact(peer(address), ABSENT, protocol.word())],
        What::ChangePeer { address, protocol, account: written, .. } => {
            let protocol = protocol.iter().map(|p| fact(peer(address), p.before.word(), p.after.word()));
            let written = written.iter().map(|a| {
                let before = a.before.as_deref().unwrap_or(NOT_SHOWN);
                let after = if a.before.is_some() { &a.after } else { NOT_SHOWN };
                fact(account(address), before, after)
            });
            protocol.chain(written).collect()
        }
        What::ReplacePeer { before, after, protocol_before, protocol, .. } => {
            vec![fact(peer(before), protocol_before.word(), ABSENT), fact(peer(after), ABSENT, protocol.word())]
        }
        What::DeletePeer { address, protocol, .. } => vec![fact(peer(address), protocol.word(), ABSENT)],
        What::SetParameter { node, service, label, before, after } => {
            let (node, service, label) = (node.clone(), service.clone(), label.clone());
            vec![fact(About::Parameter { node, service, label }, before, after)]
        }
        What::Start { node, service, .. } | What::Activate { node, service } => {
            vec![fact(About::Service { node: node.clone(), service: service.clone() }, "not started", "started")]
        }
        // what asks for them is volatile
        What::Resync { .. } | What::Restart { .. } => Vec::new(),
    }
}

fn fingerprint<'a>(facts: impl Iterator<Item = (&'a Reliance, &'a String)>) -> String {
    let mut hash = Sha256::new();
    for (fact, value) in facts {
        // the unit separator keeps neighbouring fields apart
        for part in [fact.cluster.as_str(), &fact.about.words(), value] {
            hash.update(part.as_bytes());
            hash.update([0x1f]);
        }
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Transition {
    /// The facts that moved since: neither as they were nor as they shall become.
    pub fn moved(&self, snapshot: &Snapshot) -> Vec<Moved<'_>> {
        let moved = |fact| {
            let found = found(snapshot, fact);
            let fits = found.as_ref().is_some_and(|found| *found == fact.now || *found == fact.then);
            (!fits).then_some(Moved { fact, found })
        };
        self.facts.iter().filter_map(moved).collect()
    }
}

impl Transition {
    /// The facts that are not what they shall become.
    pub fn unmet(&self, snapshot: &Snapshot) -> Vec<Moved<'_>> {
        let unmet = |fact| {
            let found = found(snapshot, fact);
            (found.as_ref() != Some(&fact.then)).then_some(Moved { fact, found })
        };
        self.facts.iter().filter_map(unmet).collect()
    }
}

fn found(snapshot: &Snapshot, fact: &Reliance) -> Option<String> {
    let found = value(snapshot, &fact.cluster, &fact.about)?;
    if let About::Parameter { .. } = fact.about {
        // two ways to write the same value are one fact
        let as_told = [&fact.now, &fact.then].into_iter().find(|told| same_value(told, &found));
        return Some(as_told.unwrap_or(&found).clone());
    }
    Some(found)
}

/// The value of a fact, in the words of a transition; none where it could not be read.
pub(super) fn value(snapshot: &Snapshot, cluster: &ClusterName, about: &About) -> Option<String> {
    let read: &ClusterSnapshot = snapshot.clusters.get(cluster)?;
    match about {
        About::Peer { address } => {
            let peers = read.peers.read()?;
            let peer = peers.iter().find(|p| p.address.same(address));
            Some(peer.map_or(ABSENT, |p| p.protocol.word()).to_owned())
        }
        About::Account { address } => {
            let peer = read.peers.read()?.iter().find(|p| p.address.same(address));
            Some(match peer {
                None => ABSENT.to_owned(),
                Some(peer) => peer.username.clone().unwrap_or_else(|| NOT_SHOWN.to_owned()),
            })
        }
        About::Parameter { node, service, label } => Some(read.parameter(node, service, label)?.value.clone()),
        About::Service { node, service } => {
            let Some(Fact::Read(services)) = read.services.get(node) else { return None };
            let service = services.iter().find(|s| s.name.eq_ignore_ascii_case(service))?;
            Some(if service.state.runs() { "started" } else { "not started" }.to_owned())
        }
    }
}

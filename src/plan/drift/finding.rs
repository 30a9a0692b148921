//! What drift is made of: findings, each with its place, its label and what follows from it.

use jiff::Timestamp;
use serde::Serialize;

use crate::cluster::{Depth, Error};
use crate::mesh::topology::Pair;
use crate::mesh::{ClusterName, DriftCode, DriftSeverity, NodeName};

/// Where the clusters are not as the file says, or not as they should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Drift {
    /// The mesh's name.
    pub mesh: String,
    /// When the clusters were read.
    pub at: Timestamp,
    /// How much of them was read.
    pub depth: Depth,
    /// The run that labels are judged by; none where no run is known, and then no finding has a label.
    pub last_applied: Option<LastRun>,
    /// How many findings there are, accepted ones aside.
    pub counts: Counts,
    /// The findings, the worst first.
    pub findings: Vec<Finding>,
    /// Findings that the file accepts.
    pub accepted: Vec<Accepted>,
    /// What could not be read: nothing is known of it.
    pub unread: Vec<Unread>,
}

/// The run that was applied last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LastRun {
    /// Its name.
    pub run: String,
    /// When it ended.
    pub at: Timestamp,
}

/// Something that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The kind of drift.
    pub code: DriftCode,
    /// How bad it is.
    pub severity: DriftSeverity,
    /// Who moved; none where no run is known that tells.
    pub label: Option<Label>,
    /// Where it is.
    pub place: Place,
    /// What it is, in a sentence without its full stop.
    pub what: String,
    /// Since when, as far as it is known.
    pub since: Option<String>,
    /// The line of the mesh file that speaks of it, counted from 1.
    pub line: Option<usize>,
    /// What to do, in a sentence.
    pub fix: String,
    /// The links whose users are affected.
    pub affects: Vec<Affected>,
    /// What was seen and follows from it, each with its place.
    pub seen_as: Vec<String>,
}

/// Who moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Label {
    /// The file: it asks for something that was not applied yet.
    Pending,
    /// The world: it was as the file says.
    Drifted,
    /// Both: neither the file nor the world is as it was.
    Both,
}

impl Label {
    /// Its name.
    pub fn word(self) -> &'static str {
        match self {
            Label::Pending => "pending",
            Label::Drifted => "drifted",
            Label::Both => "both",
        }
    }
}

/// Where a finding is.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// The cluster that has it: of a link, the side. Empty where it is the whole mesh.
    pub cluster: ClusterName,
    /// The other side of the link, or whom a peer points to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peer: Option<Other>,
    /// The node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<NodeName>,
    /// The service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The service parameter, by its label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
}

/// The other side of a link.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Other {
    /// The cluster, where it is one of the mesh.
    pub cluster: Option<ClusterName>,
    /// `Peer Address`.
    pub address: NodeName,
}

impl Place {
    /// A cluster.
    pub fn of(cluster: &ClusterName) -> Place {
        Place { cluster: cluster.clone(), ..Place::default() }
    }

    /// One side of a link.
    pub fn side(from: &ClusterName, to: &ClusterName, address: &NodeName) -> Place {
        let peer = Some(Other { cluster: Some(to.clone()), address: address.clone() });
        Place { peer, ..Place::of(from) }
    }

    /// The two clusters of the link, where it is at one.
    pub fn pair(&self) -> Option<Pair> {
        let to = self.peer.as_ref()?.cluster.as_ref()?;
        Some(Pair::new(&self.cluster, to))
    }

    /// In a few words.
    pub fn words(&self) -> String {
        let Place { cluster, peer, node, service, parameter } = self;
        if cluster.as_str().is_empty() {
            return "the mesh".to_owned();
        }
        let mut words = match (peer, node) {
            (Some(Other { cluster: Some(to), .. }), _) => format!("{cluster} -> {to}"),
            (Some(Other { cluster: None, address }), _) => format!("{cluster} -> {address}"),
            (None, Some(node)) => format!("{cluster}: {node}"),
            (None, None) => cluster.to_string(),
        };
        let what = parameter.as_ref().or(service.as_ref());
        if let Some(what) = what {
            words += &format!(": {what}");
        }
        words
    }
}

/// A link, and the users of its two clusters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Affected {
    /// The two clusters.
    pub between: Pair,
    /// The users homed on each, in the same order, where they were read.
    pub users: [Option<u64>; 2],
}

/// A finding that the file accepts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Accepted {
    /// The finding.
    pub finding: Finding,
    /// Why it is accepted.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The last day on which it is accepted.
    pub until: Option<String>,
    /// The line of the acceptance, counted from 1.
    pub line: Option<usize>,
}

/// A fact that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unread {
    /// The cluster.
    pub cluster: ClusterName,
    /// Why.
    pub error: Error,
}

/// How many findings there are of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Users are affected, or soon will be.
    pub error: usize,
    /// Presence works.
    pub warning: usize,
    /// Nothing is affected.
    pub note: usize,
    /// Findings that the file accepts.
    pub accepted: usize,
}

impl Counts {
    pub(super) fn of(findings: &[Finding], accepted: usize) -> Counts {
        let count = |severity| findings.iter().filter(|f| f.severity == severity).count();
        Counts {
            error: count(DriftSeverity::Error),
            warning: count(DriftSeverity::Warning),
            note: count(DriftSeverity::Note),
            accepted,
        }
    }

    /// All that are not accepted.
    pub fn open(&self) -> usize {
        self.error + self.warning + self.note
    }
}

impl Drift {
    /// Whether there is none. What could not be read is not in it.
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }
}

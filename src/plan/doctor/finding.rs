//! A prerequisite, and what was found of it.

use serde::Serialize;

use crate::cluster::{Error, Fact, Unread};
use crate::mesh::{ClusterName, NodeName};

/// A prerequisite of the procedure, judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it concerns.
    #[serde(flatten)]
    pub scope: Scope,
    /// The prerequisite, in the field's words.
    pub prerequisite: String,
    /// How it is judged.
    pub verdict: Verdict,
    /// What was found; for what is skipped or unknown, why.
    pub found: String,
    /// What to do about it, in a sentence that names the page or the command.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
    /// Where the prerequisite comes from.
    pub source: &'static str,
}

/// What a finding concerns.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "scope", rename_all = "kebab-case")]
pub enum Scope {
    /// The whole mesh.
    Mesh,
    /// One cluster.
    Cluster {
        /// The cluster.
        cluster: ClusterName,
    },
    /// One node.
    Node {
        /// Its cluster.
        cluster: ClusterName,
        /// The node.
        node: NodeName,
    },
    /// One direction of a link.
    Pair {
        /// The cluster that holds the entry, and connects.
        from: ClusterName,
        /// The cluster that it points to.
        to: ClusterName,
    },
}

/// How a prerequisite is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It holds.
    Ok,
    /// It does not hold: peers will not connect, not sync, or not stay so.
    Failed,
    /// It holds, but somebody should look.
    Warning,
    /// It was not looked at.
    Skipped,
    /// It could not be read or understood.
    Unknown,
}

/// How many findings there are of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Those that hold.
    pub ok: usize,
    /// Those that do not.
    pub failed: usize,
    /// Those to look at.
    pub warning: usize,
    /// Those that were not looked at.
    pub skipped: usize,
    /// Those that could not be read or understood.
    pub unknown: usize,
}

impl Counts {
    /// The counts of some findings.
    pub fn of<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Counts {
        let mut counts = Counts::default();
        for finding in findings {
            *match finding.verdict {
                Verdict::Ok => &mut counts.ok,
                Verdict::Failed => &mut counts.failed,
                Verdict::Warning => &mut counts.warning,
                Verdict::Skipped => &mut counts.skipped,
                Verdict::Unknown => &mut counts.unknown,
            } += 1;
        }
        counts
    }

    /// All of them.
    pub fn all(&self) -> usize {
        let Counts { ok, failed, warning, skipped, unknown } = self;
        ok + failed + warning + skipped + unknown
    }
}

/// The prerequisites of the guide's chapter.
pub(super) const GUIDE: &str = "Configure Intercluster Peers";
/// What the planning chapter of the guide demands.
pub(super) const PLANNING: &str = "Configuration and Administration Guide, planning";
/// What a technical note of the vendor's support says of names.
pub(super) const DNS_NOTE: &str = "Troubleshoot Inter-Clustering Issues Caused by DNS Misconfiguration";
/// What the guide's chapter on certificates says.
pub(super) const SECURITY: &str = "Configuration and Administration Guide, security";
/// What the guide's chapter on High Availability says.
pub(super) const AVAILABILITY: &str = "Configuration and Administration Guide, High Availability";
/// What no document demands, but every network needs.
pub(super) const OURS: &str = "intermesh";

/// The findings so far.
#[derive(Default)]
pub(super) struct Findings(pub(super) Vec<Finding>);

/// A prerequisite that is about to be judged.
pub(super) struct Asked<'a> {
    findings: &'a mut Findings,
    scope: Scope,
    prerequisite: String,
    source: &'static str,
}

impl Findings {
    /// Names a prerequisite.
    pub(super) fn of(&mut self, scope: Scope, prerequisite: impl Into<String>, source: &'static str) -> Asked<'_> {
        Asked { findings: self, scope, prerequisite: prerequisite.into(), source }
    }
}

impl Asked<'_> {
    fn judge(self, verdict: Verdict, found: String, fix: Option<String>) {
        let Asked { findings, scope, prerequisite, source } = self;
        findings.0.push(Finding { scope, prerequisite, verdict, found, fix, source });
    }

    /// It holds.
    pub(super) fn ok(self, found: impl Into<String>) {
        self.judge(Verdict::Ok, found.into(), None);
    }

    /// It does not hold.
    pub(super) fn failed(self, found: impl Into<String>, fix: impl Into<String>) {
        self.judge(Verdict::Failed, found.into(), Some(fix.into()));
    }

    /// It holds if this is true, and else does not.
    pub(super) fn holds(self, good: bool, found: impl Into<String>, fix: impl Into<String>) {
        if good { self.ok(found) } else { self.failed(found, fix) }
    }

    /// Somebody should look.
    pub(super) fn warning(self, found: impl Into<String>, fix: impl Into<String>) {
        self.judge(Verdict::Warning, found.into(), Some(fix.into()));
    }

    /// It was not looked at.
    pub(super) fn skipped(self, why: impl Into<String>) {
        self.judge(Verdict::Skipped, why.into(), None);
    }

    /// It could not be read or understood.
    pub(super) fn unknown(self, why: impl Into<String>, fix: impl Into<String>) {
        self.judge(Verdict::Unknown, why.into(), Some(fix.into()));
    }

    /// The fact, if it was read; else it is unknown why not, or skipped.
    pub(super) fn read<T>(self, fact: &Fact<T>) -> Option<(Self, &T)> {
        match fact {
            Fact::Read(fact) => Some((self, fact)),
            Fact::Unread(Unread::NotAsked) => {
                self.skipped("it was not read");
                None
            }
            Fact::Unread(Unread::Failed(error)) => {
                self.unread(error);
                None
            }
        }
    }

    /// It could not be read.
    pub(super) fn unread(self, error: &Error) {
        let fix = error.kind.hint().map(str::to_owned);
        self.judge(Verdict::Unknown, format!("not read: {}", error.kind), fix);
    }
}

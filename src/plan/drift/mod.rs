//! Drift: where the clusters are not as the file says, or not as the procedure leaves them.
//!
//! Pure, and read only: made of a mesh, a snapshot and what the last run left; nothing here could act. One thing that
//! went wrong has many faces: a peer that somebody deleted shows on its own cluster, on the other side's status panel, in
//! both troubleshooters. So the judgement goes from causes to faces: what can be read of entries, services, names,
//! accounts and nodes comes first; what a panel or a troubleshooter shows is a finding of its own only where none of these
//! explains it, and else stands beneath the one that does. Nothing that was seen is left out.

mod accept;
mod certificates;
mod clusters;
mod finding;
mod found;
mod last;
mod names;
mod panels;
mod parameters;
mod patch;
mod peers;
mod services;
mod troubleshooter;

#[cfg(test)]
mod tests;

use jiff::Timestamp;
use jiff::civil::Date;

use super::Options;
use super::diff::Compared;
use super::lines::Lines;
use crate::cluster::{ClusterSnapshot, Depth, ErrorKind, Fact, Snapshot, Unread as Why};
use crate::mesh::topology::{Link, links};
use crate::mesh::{Cluster, ClusterName, DriftCode, DriftSeverity, Mesh, State};

pub use finding::{Accepted, Affected, Counts, Drift, Finding, Label, LastRun, Other, Place, Unread};
use found::Found;
pub use last::{Before, Last, LastFact};
pub use patch::{Patch, WHO, WHY, propose};

/// What drift is judged by, besides the mesh and what was read of it.
#[derive(Clone, Copy)]
pub struct Judging<'a> {
    /// How much was read.
    pub depth: Depth,
    /// Where the mesh file says what.
    pub lines: &'a Lines<'a>,
    /// What the last run left; without it no finding has a label.
    pub last: Option<&'a Last>,
    /// The time.
    pub now: Timestamp,
    /// The day on which acceptances are judged.
    pub today: Date,
}

/// What all judgements look at.
struct Case<'a> {
    mesh: &'a Mesh,
    snapshot: &'a Snapshot,
    judging: Judging<'a>,
    links: Vec<Link>,
    compared: Compared<'a>,
}

/// Finds drift.
pub fn drift(mesh: &Mesh, snapshot: &Snapshot, judging: &Judging<'_>) -> Drift {
    let options = Options::default();
    let compared = Compared::new(mesh, snapshot, judging.lines, &options);
    let case = Case { mesh, snapshot, judging: *judging, links: links(mesh), compared };
    let mut found = Found::default();
    // causes
    services::silent(&case, &mut found);
    peers::judge(&case, &mut found);
    services::judge(&case, &mut found);
    clusters::judge(&case, &mut found);
    names::judge(&case, &mut found);
    certificates::expired(&case, &mut found);
    // faces
    panels::judge(&case, &mut found);
    certificates::replaced(&case, &mut found);
    parameters::judge(&case, &mut found);
    services::restarts(&case, &mut found);
    troubleshooter::judge(&case, &mut found);
    let findings = found.finish(&case);
    let (findings, accepted) = accept::sort_out(&case, findings);
    let mut unread = unread(snapshot);
    unread.extend(parameters::untold(mesh, snapshot));
    let counts = Counts::of(&findings, accepted.len());
    Drift {
        mesh: mesh.metadata.name.clone(),
        at: snapshot.taken_at,
        depth: judging.depth,
        last_applied: judging.last.map(Last::run),
        counts,
        findings,
        accepted,
        unread,
    }
}

/// What could not be read. An account that is refused is an answer to the probe, and found as such.
fn unread(snapshot: &Snapshot) -> Vec<Unread> {
    let answered = |cluster: &ClusterName, error: &crate::cluster::Error| {
        let probe = snapshot.clusters.get(cluster).and_then(|read| read.probe.failure());
        probe == Some(error) && refuses_account(&error.kind) && snapshot.clusters[cluster].identity.read().is_some()
    };
    let all = snapshot.unread().into_iter().filter(|(cluster, error)| !answered(cluster, error));
    all.map(|(cluster, error)| Unread { cluster: cluster.clone(), error: error.clone() }).collect()
}

fn refuses_account(kind: &ErrorKind) -> bool {
    matches!(kind, ErrorKind::Unauthorized { .. } | ErrorKind::Forbidden { .. })
}

impl<'a> Case<'a> {
    /// The clusters that take part in links, with what was read of them.
    fn linked(&self) -> impl Iterator<Item = (usize, &'a Cluster, &'a ClusterSnapshot)> {
        self.present().filter(|(_, cluster, _)| self.links.iter().any(|link| link.pair.has(&cluster.name)))
    }

    /// The clusters that are in the mesh, with what was read of them.
    fn present(&self) -> impl Iterator<Item = (usize, &'a Cluster, &'a ClusterSnapshot)> {
        let snapshot = self.snapshot;
        let present = self.mesh.clusters.iter().enumerate().filter(|(_, c)| c.state == State::Present);
        present.filter_map(|(at, c)| Some((at, c, snapshot.clusters.get(&c.name)?)))
    }

    fn line(&self, pointer: &str) -> Option<usize> {
        self.judging.lines.line(pointer)
    }

    fn label_of_cluster(&self, cluster: &ClusterName) -> Option<Label> {
        self.judging.last.and_then(|last| last.label_of_cluster(cluster))
    }

    /// A finding about the state of a cluster.
    fn of_cluster(&self, code: DriftCode, place: Place, what: String, fix: impl Into<String>) -> Finding {
        let at = self.mesh.clusters.iter().position(|c| c.name == place.cluster);
        Finding {
            code,
            severity: code.severity(),
            label: self.label_of_cluster(&place.cluster),
            line: at.and_then(|at| self.line(&format!("/clusters/{at}"))),
            place,
            what,
            since: None,
            fix: fix.into(),
            affects: Vec::new(),
            seen_as: Vec::new(),
        }
    }

    /// A finding about the state of one side of a link.
    fn of_link(&self, code: DriftCode, link: &Link, place: Place, what: String, fix: impl Into<String>) -> Finding {
        let label = self.judging.last.and_then(|last| last.label_of_link(&link.pair));
        Finding { label, line: self.line(&link.pointer), ..self.of_cluster(code, place, what, fix) }
    }
}

/// Whether a node or a cluster was looked for and is not there.
fn is_silent<T>(fact: &Fact<T>) -> Option<&crate::cluster::Error> {
    match fact {
        Fact::Unread(Why::Failed(error)) if matches!(error.kind, ErrorKind::Unreachable { .. }) => Some(error),
        _ => None,
    }
}

/// What is not quite as bad as it may be.
fn milder(finding: Finding, severity: DriftSeverity) -> Finding {
    Finding { severity, ..finding }
}

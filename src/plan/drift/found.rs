//! The findings while they are gathered: each knows what it explains.

use super::Case;
use super::finding::{Affected, Finding, Label};
use crate::cluster::ClusterSnapshot;
use crate::mesh::topology::Pair;
use crate::mesh::{ClusterName, DriftCode, DriftSeverity};

/// What a finding explains, wherever else it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Explains {
    /// Nothing but itself.
    Nothing,
    /// What both sides of a link show.
    Link(Pair),
    /// What all links of a cluster show.
    Cluster(ClusterName),
}

/// The findings so far.
#[derive(Default)]
pub(super) struct Found(Vec<(Finding, Explains)>);

impl Found {
    /// Adds a finding.
    pub(super) fn add(&mut self, finding: Finding, explains: Explains) {
        self.0.push((finding, explains));
    }

    /// The findings.
    pub(super) fn all(&self) -> impl Iterator<Item = &Finding> {
        self.0.iter().map(|(finding, _)| finding)
    }

    /// The finding that explains what a link shows: the nearest one, an entry before a cluster.
    pub(super) fn explaining(&mut self, pair: &Pair) -> Option<&mut Finding> {
        let of_link =
            self.0.iter().position(|(_, explains)| matches!(explains, Explains::Link(known) if known == pair));
        let of_cluster =
            || self.0.iter().position(|(_, explains)| matches!(explains, Explains::Cluster(known) if pair.has(known)));
        let at = of_link.or_else(of_cluster)?;
        Some(&mut self.0[at].0)
    }

    /// The first finding of which that holds.
    pub(super) fn find(&mut self, fits: impl Fn(&Finding) -> bool) -> Option<&mut Finding> {
        self.0.iter_mut().map(|(finding, _)| finding).find(|finding| fits(finding))
    }

    /// The first finding that explains something of a cluster's links.
    pub(super) fn touching(&mut self, cluster: &ClusterName) -> Option<&mut Finding> {
        let touches = |explains: &Explains| match explains {
            Explains::Nothing => false,
            Explains::Link(pair) => pair.has(cluster),
            Explains::Cluster(known) => known == cluster,
        };
        // what the cluster's own links have comes before what another cluster brings over all of its links
        let own = self.0.iter().position(|(_, explains)| touches(explains));
        let at = own.or_else(|| self.0.iter().position(|(_, explains)| matches!(explains, Explains::Cluster(_))))?;
        Some(&mut self.0[at].0)
    }

    /// All findings, with who is affected and since when, the worst first.
    pub(super) fn finish(self, case: &Case<'_>) -> Vec<Finding> {
        let order = |cluster: &ClusterName| case.mesh.clusters.iter().position(|c| c.name == *cluster);
        let mut findings: Vec<Finding> =
            self.0.into_iter().map(|(finding, explains)| completed(case, finding, &explains)).collect();
        findings.sort_by_cached_key(|f| {
            (std::cmp::Reverse(f.severity), order(&f.place.cluster), f.code, f.place.clone(), f.what.clone())
        });
        findings
    }
}

fn completed(case: &Case<'_>, mut finding: Finding, explains: &Explains) -> Finding {
    if finding.code == DriftCode::NameOneWay && finding.seen_as.is_empty() {
        finding.severity = DriftSeverity::Warning;
    }
    if finding.severity != DriftSeverity::Note {
        finding.affects = affected(case, explains);
    }
    let moved = matches!(finding.label, Some(Label::Drifted | Label::Both));
    if let (true, None, Some(last)) = (moved, &finding.since, case.judging.last) {
        finding.since = Some(format!("after run {}", last.run));
    }
    finding.seen_as.dedup();
    finding
}

fn affected(case: &Case<'_>, explains: &Explains) -> Vec<Affected> {
    let users = |name: &ClusterName| case.snapshot.clusters.get(name).and_then(users);
    let of = |pair: &Pair| Affected { between: pair.clone(), users: [users(pair.a()), users(pair.b())] };
    match explains {
        Explains::Nothing => Vec::new(),
        Explains::Link(pair) => vec![of(pair)],
        Explains::Cluster(name) => case.links.iter().filter(|l| l.pair.has(name)).map(|l| of(&l.pair)).collect(),
    }
}

/// The users homed on a cluster, by the best source that was read.
fn users(read: &ClusterSnapshot) -> Option<u64> {
    read.users.read().copied().or_else(|| read.topology.read().map(|topology| topology.assigned_users))
}

//! Whether a mesh can be peered, and stays so: every prerequisite of the procedure as a finding, with the fix beside
//! what is wrong.
//!
//! Pure: diagnosis = f(mesh, snapshot, examination, now). What was not asked for is skipped, what could not be read or
//! understood is unknown; neither is ever called good.

mod access;
mod account;
mod certificates;
mod cluster;
mod finding;
mod names;
mod parameters;
mod peers;
mod ports;
mod whole;

use jiff::Timestamp;
use serde::Serialize;

use crate::cluster::{ClusterExamination, ClusterSnapshot, Examination, Snapshot};
use crate::mesh::topology::{Link, links};
use crate::mesh::{Cluster, ClusterName, Mesh};

use finding::Findings;
pub use finding::{Counts, Finding, Scope, Verdict};

/// What was found, in the order of the mesh file: what concerns the whole mesh, then each cluster, then each direction
/// of each link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnosis {
    /// The mesh's name.
    pub mesh: String,
    /// When it was judged.
    pub at: Timestamp,
    /// How many findings there are of each kind.
    pub counts: Counts,
    /// The findings.
    pub findings: Vec<Finding>,
}

impl Diagnosis {
    /// Whether nothing failed.
    pub fn is_healthy(&self) -> bool {
        self.counts.failed == 0
    }
}

/// What all judgements look at.
#[derive(Clone, Copy)]
struct Case<'a> {
    mesh: &'a Mesh,
    snapshot: &'a Snapshot,
    examination: &'a Examination,
    now: Timestamp,
}

/// A cluster that takes part in links, with what was read of it.
#[derive(Clone, Copy)]
struct Patient<'a> {
    cluster: &'a Cluster,
    read: &'a ClusterSnapshot,
    examined: Option<&'a ClusterExamination>,
}

/// Judges a mesh by what was read.
pub fn diagnose(mesh: &Mesh, snapshot: &Snapshot, examination: &Examination, now: Timestamp) -> Diagnosis {
    let case = Case { mesh, snapshot, examination, now };
    let links = links(mesh);
    let mut findings = Findings::default();
    let patients: Vec<Patient<'_>> = case.patients(&links);
    whole::judge(&patients, &mut findings);
    for patient in &patients {
        if !access::judge(patient, &mut findings) {
            continue;
        }
        cluster::judge(&case, patient, &mut findings);
        parameters::judge(&case, patient, &links, &mut findings);
        certificates::judge(&case, patient, &mut findings);
        names::judge(patient, &mut findings);
    }
    for link in &links {
        for (from, to) in link.pair.directions() {
            let (Some(from), Some(to)) = (case.patient(from), case.patient(to)) else { continue };
            if from.is_there() && to.is_there() {
                account::judge_pair(&case, &from, &to, &mut findings);
                ports::judge(&case, &from, &to, &mut findings);
                names::judge_pair(&from, &to, &mut findings);
                peers::judge(&case, link, &from, &to, &mut findings);
            }
        }
    }
    let findings = findings.0;
    Diagnosis { mesh: mesh.metadata.name.clone(), at: now, counts: Counts::of(&findings), findings }
}

impl<'a> Case<'a> {
    /// The clusters that are linked, in the file's order.
    fn patients(&self, links: &[Link]) -> Vec<Patient<'a>> {
        let linked = |name: &ClusterName| links.iter().any(|link| link.pair.has(name));
        self.mesh.clusters.iter().filter(|c| linked(&c.name)).filter_map(|c| self.patient(&c.name)).collect()
    }

    fn patient(&self, name: &ClusterName) -> Option<Patient<'a>> {
        let cluster = self.mesh.cluster(name)?;
        let read = self.snapshot.clusters.get(name)?;
        Some(Patient { cluster, read, examined: self.examination.clusters.get(name) })
    }
}

impl Patient<'_> {
    /// Whether anything at all was read.
    fn is_there(&self) -> bool {
        self.read.identity.read().is_some() || self.read.topology.read().is_some()
    }

    fn scope(&self) -> Scope {
        Scope::Cluster { cluster: self.cluster.name.clone() }
    }

    fn node(&self, node: &crate::mesh::NodeName) -> Scope {
        Scope::Node { cluster: self.cluster.name.clone(), node: node.clone() }
    }

    fn nodes(&self) -> Vec<crate::mesh::NodeName> {
        let given: Vec<_> = self.cluster.nodes.iter().map(|node| node.name.clone()).collect();
        self.read.known_nodes(&self.cluster.publisher, &given)
    }
}

#[cfg(test)]
mod tests;

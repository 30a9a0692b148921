//! Certificates that are out of sync: after new tomcat certificates on the other side, say (field-notes 6).

use super::{Compared, Diff, peers_of};
use crate::cluster::{CERTIFICATE_STATUS, CONNECTIVITY};
use crate::mesh::ClusterName;
use crate::plan::change::{Change, What};

impl Compared<'_> {
    /// Entries that connect and whose `Certificate Status` is not checked, where nothing else of the link changes:
    /// whatever else is to be done may well bring the certificates along.
    pub(super) fn certificates(&self, diff: &mut Diff) {
        let mut found = Vec::new();
        for link in self.untouched(&diff.changes) {
            for (from, to) in link.pair.directions() {
                if let Some(what) = self.out_of_sync(from, to) {
                    let reason = "its certificates are out of sync".to_owned();
                    found.push(Change { cluster: from.clone(), what, reason, line: self.lines.line(&link.pointer) });
                }
            }
        }
        diff.changes.append(&mut found);
    }

    fn out_of_sync(&self, from: &ClusterName, to: &ClusterName) -> Option<What> {
        let there = self.cluster(to)?;
        let peer = peers_of(self.snapshot, from)?.iter().find(|p| p.address.same(&there.publisher))?;
        let status = self.snapshot.clusters.get(from)?.peer_status.get(&peer.address)?.read()?;
        let certificates = status.entry(CERTIFICATE_STATUS)?;
        let connects = status.entry(CONNECTIVITY).is_none_or(|test| test.is_good());
        (connects && !certificates.is_good()).then(|| What::Resync {
            address: peer.address.clone(),
            to: to.clone(),
            status: certificates.value.clone(),
        })
    }
}

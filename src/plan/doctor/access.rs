//! Whether a cluster can be read at all.

use super::Patient;
use super::finding::{Findings, OURS};
use crate::cluster::ErrorKind;

/// Judges it; false when nothing else can be said of the cluster.
pub(super) fn judge(patient: &Patient<'_>, findings: &mut Findings) -> bool {
    let asked = findings.of(patient.scope(), "The cluster can be read", OURS);
    let failure = patient.read.identity.failure().or_else(|| patient.read.topology.failure());
    match failure {
        None if patient.is_there() => {
            let version = patient.read.identity.read().map_or("", |identity| identity.version.as_str());
            asked.ok(format!("AXL and the administration pages answer; version {version}"));
        }
        None => asked.skipped("it was not read"),
        Some(error) => {
            let mut found = error.kind.to_string();
            if let (ErrorKind::Untrusted { .. }, Some(certificate)) =
                (&error.kind, patient.read.certificates.get(&patient.cluster.publisher).and_then(|c| c.read()))
            {
                found += &format!(
                    "; {} shows a certificate of {}, valid until {}",
                    patient.cluster.publisher,
                    certificate.issuer,
                    certificate.not_after.strftime("%Y-%m-%d")
                );
            }
            let fix = error.kind.hint().unwrap_or("Read the message, then run `intermesh doctor` again.");
            asked.failed(found, fix);
        }
    }
    patient.is_there()
}

//! The certificates that nodes show: until when, for which names, and whether it is the one that the cluster has.

use jiff::SignedDuration;

use super::finding::{Findings, OURS, SECURITY};
use super::{Case, Patient};
use crate::cluster::Certificate;

/// A certificate that ends sooner deserves attention: an authority and a window take time.
const SOON: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Judges the certificates of a cluster's nodes.
pub(super) fn judge(case: &Case<'_>, patient: &Patient<'_>, findings: &mut Findings) {
    for (node, fact) in &patient.read.certificates {
        let asked = findings.of(patient.node(node), "The certificate is valid", SECURITY);
        let Some((asked, certificate)) = asked.read(fact) else { continue };
        let until = certificate.not_after.strftime("%Y-%m-%d");
        let renew = "Renew the tomcat certificate, restart Cisco Tomcat on the node, then Force Manual Sync of its \
                     peers with `Also resync peer's Tomcat certificates`.";
        let left = certificate.not_after.duration_since(case.now);
        if left.is_negative() {
            asked.failed(format!("it expired on {until}"), renew);
        } else if certificate.not_before > case.now {
            let since = certificate.not_before.strftime("%Y-%m-%d");
            asked
                .failed(format!("it is not valid before {since}"), "Check the clocks of the node and of this machine.");
        } else if left < SOON {
            asked.warning(format!("it expires on {until}, in {} days", left.as_hours() / 24), renew);
        } else {
            asked.ok(format!("until {until}, issued by {}", certificate.issuer));
        }
        names(patient, node, certificate, findings);
        stored(patient, node, certificate, findings);
    }
}

fn names(patient: &Patient<'_>, node: &crate::mesh::NodeName, certificate: &Certificate, findings: &mut Findings) {
    let asked = findings.of(patient.node(node), "The certificate is for the node", OURS);
    let address = node.as_str().parse().ok();
    let named = certificate.names.iter().any(|name| fits(name, node.as_str()))
        || address.is_some_and(|address| certificate.addresses.contains(&address));
    let fix = "Have the tomcat certificate issued again with the node name among its subject alternative names.";
    match (named, certificate.names.len() + certificate.addresses.len()) {
        (true, names) => asked.ok(format!("{names} subject alternative names")),
        (false, 0) => asked.warning("it has no subject alternative name", fix),
        (false, _) => asked.warning(format!("it names {}", certificate.names.join(", ")), fix),
    }
}

/// Whether a certificate's name stands for a host; `*` stands for one label.
fn fits(name: &str, host: &str) -> bool {
    let (name, host) = (name.trim_end_matches('.').to_lowercase(), host.trim_end_matches('.').to_lowercase());
    match name.strip_prefix("*.") {
        Some(domain) => host.split_once('.').is_some_and(|(_, rest)| rest == domain),
        None => name == host,
    }
}

fn stored(patient: &Patient<'_>, node: &crate::mesh::NodeName, certificate: &Certificate, findings: &mut Findings) {
    let Some(examined) = patient.examined else { return };
    let asked = findings.of(patient.node(node), "It shows the certificate that the cluster has", SECURITY);
    let Some((asked, stored)) = asked.read(&examined.stored_certificates) else { return };
    match certificate.is_among(stored) {
        Some(true) => asked.ok("its key is among the tomcat certificates of AXL"),
        Some(false) => asked.failed(
            "AXL tells peers of another tomcat certificate",
            format!("Restart Cisco Tomcat on {node} (`utils service restart Cisco Tomcat`), then Force Manual Sync of its peers."),
        ),
        None => asked.unknown("AXL gives no tomcat certificate in full", "Compare them by hand in Certificate Management."),
    }
}

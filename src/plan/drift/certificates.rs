//! The certificates that nodes show: until when, and whether they are those of the last run.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::Case;
use super::finding::{Finding, Other, Place};
use super::found::{Explains, Found};
use crate::cluster::{Certificate, Fact};
use crate::mesh::{Cluster, DriftCode, NodeName};

/// A certificate that ends sooner deserves attention: an authority and a window take time.
const SOON: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Certificates that are not valid, or soon will not be; nodes that share one, or its day, are told together.
pub(super) fn expired(case: &Case<'_>, found: &mut Found) {
    let now = case.judging.now;
    for (_, cluster, read) in case.linked() {
        let mut by_day: BTreeMap<(DriftCode, String, String), Vec<&NodeName>> = BTreeMap::new();
        for (node, certificate) in &read.certificates {
            let Some(certificate) = certificate.read() else { continue };
            let day = |at: jiff::Timestamp| at.strftime("%Y-%m-%d").to_string();
            let (from, until) = (day(certificate.not_before), day(certificate.not_after));
            let left = certificate.not_after.duration_since(now);
            let (code, what, since) = if left.is_negative() {
                (DriftCode::CertificateExpired, format!("expired on {until}"), until)
            } else if certificate.not_before > now {
                (DriftCode::CertificateExpired, format!("is not valid before {from}"), String::new())
            } else if left < SOON {
                let days = left.as_hours() / 24;
                (DriftCode::CertificateExpires, format!("expires on {until}, in {days} days"), String::new())
            } else {
                continue;
            };
            by_day.entry((code, what, since)).or_default().push(node);
        }
        for ((code, how, since), nodes) in by_day {
            let what = format!("the certificate of {} {how}", listed(&nodes));
            let fix = "Renew the tomcat certificate, restart Cisco Tomcat on each node, then Force Manual Sync of its peers \
                       with `Also resync peer's Tomcat certificates`.";
            let place = Place { node: one(&nodes), ..Place::of(&cluster.name) };
            let mut finding = case.of_cluster(code, place, what, fix);
            finding.since = (!since.is_empty()).then_some(since);
            let publisher = nodes.iter().any(|node| node.same(&cluster.publisher));
            let explains = if publisher && code == DriftCode::CertificateExpired {
                Explains::Cluster(cluster.name.clone())
            } else {
                Explains::Nothing
            };
            found.add(finding, explains);
        }
    }
}

/// Certificates that are not those that the last run saw. A peer that does not know the new one explains why that is
/// worth an error.
pub(super) fn replaced(case: &Case<'_>, found: &mut Found) {
    let Some(before) = case.judging.last.and_then(|last| last.snapshot()) else { return };
    for (_, cluster, read) in case.linked() {
        let Some(before) = before.clusters.get(&cluster.name) else { continue };
        let is_other = |(node, shown): (&NodeName, &Fact<Certificate>)| {
            let known = before.certificates.iter().find(|(known, _)| known.same(node))?.1.read()?;
            let shown = shown.read()?;
            // a renewed certificate may keep its key
            (known.pin != shown.pin || known.not_after != shown.not_after).then_some(node.clone())
        };
        let nodes: Vec<NodeName> = read.certificates.iter().filter_map(is_other).collect();
        if nodes.is_empty() {
            continue;
        }
        let nodes: Vec<&NodeName> = nodes.iter().collect();
        let what = format!("the certificate of {} was replaced", listed(&nodes));
        if let Some(cause) = found.find(|f| tells_of_it(f, cluster)) {
            cause.seen_as.push(format!("{}: {what}", cluster.name));
            continue;
        }
        let fix = "Nothing, where that was meant; peers over TLS need a Force Manual Sync with `Also resync peer's Tomcat \
                   certificates`.";
        let place = Place { node: one(&nodes), ..Place::of(&cluster.name) };
        found.add(case.of_cluster(DriftCode::CertificateReplaced, place, what, fix), Explains::Nothing);
    }
}

/// Whether a finding is about the cluster's certificates already: its own, or what its peers hold of them.
fn tells_of_it(finding: &Finding, cluster: &Cluster) -> bool {
    let to = |peer: &Other| peer.cluster.as_ref() == Some(&cluster.name);
    match finding.code {
        DriftCode::CertificatesOutOfSync => finding.place.peer.as_ref().is_some_and(to),
        DriftCode::CertificateExpired | DriftCode::CertificateExpires => finding.place.cluster == cluster.name,
        _ => false,
    }
}

fn one(nodes: &[&NodeName]) -> Option<NodeName> {
    match nodes {
        [node] => Some((*node).clone()),
        _ => None,
    }
}

fn listed(nodes: &[&NodeName]) -> String {
    nodes.iter().map(|node| node.as_str()).collect::<Vec<_>>().join(", ")
}

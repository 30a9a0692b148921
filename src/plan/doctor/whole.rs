//! What must be the same, or must not be shared, over all clusters.

use std::collections::BTreeMap;

use super::Patient;
use super::finding::{Findings, GUIDE, PLANNING, Scope};
use crate::cluster::ImAddressScheme;
use crate::plan::release::Release;

/// Why clusters cannot be compared.
const UNREAD: &str = "not every cluster could be read";
const MEND: &str = "Mend what keeps the clusters from being read; it is told with each of them.";

/// Judges the clusters of a mesh together.
pub(super) fn judge(patients: &[Patient<'_>], findings: &mut Findings) {
    if patients.is_empty() {
        return;
    }
    releases(patients, findings);
    schemes(patients, findings);
    unified_cms(patients, findings);
}

fn releases(patients: &[Patient<'_>], findings: &mut Findings) {
    let asked = findings.of(Scope::Mesh, "All clusters run one release", PLANNING);
    let mut by_release: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for patient in patients {
        let Some(identity) = patient.read.identity.read() else { continue };
        let release = Release::read(&identity.version).map_or_else(|| identity.version.clone(), |r| r.to_string());
        by_release.entry(release).or_default().push(patient.cluster.name.as_str());
    }
    let list: Vec<String> =
        by_release.iter().map(|(release, clusters)| format!("{release}: {}", clusters.join(", "))).collect();
    match by_release.len() {
        0 | 1 if by_release.values().map(Vec::len).sum::<usize>() < patients.len() => asked.unknown(UNREAD, MEND),
        0 | 1 => asked.ok(list.join("; ")),
        _ => asked.warning(
            list.join("; "),
            "Peers of different releases work, but restarts and parameters differ; upgrade when you can. `intermesh \
             plan` keeps them apart.",
        ),
    }
}

/// Where the scheme is shown is not published, so values are compared only when they come from the same place.
fn schemes(patients: &[Patient<'_>], findings: &mut Findings) {
    const BY_HAND: &str = "Compare the IM address scheme of the clusters by hand; it must be the same on all nodes.";
    let asked = findings.of(Scope::Mesh, "One IM address scheme", PLANNING);
    let mut found: BTreeMap<&str, BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
    let mut unread = Vec::new();
    for patient in patients {
        let name = patient.cluster.name.as_str();
        match patient.read.im_address_scheme.read() {
            Some(ImAddressScheme { place, value }) => {
                found.entry(place).or_default().entry(value).or_default().push(name);
            }
            None => unread.push(name),
        }
    }
    let differs = found.iter().find(|(_, values)| values.len() > 1);
    if let Some((place, values)) = differs {
        let list: Vec<String> =
            values.iter().map(|(value, clusters)| format!("{value}: {}", clusters.join(", "))).collect();
        let fix = "Bring all clusters to one scheme before they are peered; where a node is older than 10 it must be \
                   UserID@Default_Domain.";
        return asked.failed(format!("{place} differs: {}", list.join("; ")), fix);
    }
    match (found.len(), unread.as_slice()) {
        (1, []) => {
            let values: Vec<&str> = found.values().flat_map(BTreeMap::keys).copied().collect();
            asked.ok(values.join(", "));
        }
        (0, _) => asked.unknown("no cluster shows it where intermesh can read it", BY_HAND),
        (_, []) => asked.unknown("the clusters show it in different places", BY_HAND),
        (_, unread) => asked.unknown(format!("could not be read on {}", unread.join(", ")), BY_HAND),
    }
}

/// The product refuses a second peer into one Unified CM cluster (field-notes 1.4).
fn unified_cms(patients: &[Patient<'_>], findings: &mut Findings) {
    let asked = findings.of(Scope::Mesh, "Each cluster has a Unified CM cluster of its own", GUIDE);
    let mut owners: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for patient in patients {
        for server in patient.read.identity.read().into_iter().flat_map(|identity| &identity.unified_cm_servers) {
            owners.entry(server.to_lowercase()).or_default().push(patient.cluster.name.as_str());
        }
    }
    let shared: Vec<String> = (owners.iter())
        .filter(|(_, clusters)| clusters.len() > 1)
        .map(|(server, clusters)| format!("{server}: {}", clusters.join(", ")))
        .collect();
    let fix = "Peer only one of them: the product refuses a peer whose Unified CM cluster it knows already.";
    asked.holds(
        shared.is_empty(),
        if shared.is_empty() { "none is shared".to_owned() } else { shared.join("; ") },
        fix,
    );
}

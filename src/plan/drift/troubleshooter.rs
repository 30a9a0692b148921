//! Rows of the System Troubleshooter (field-notes 1.7) that nothing else explains.
//!
//! A row that failed before the last run already is no drift: appliances carry such rows for years. A warning counts only
//! where the last run saw that test passed.

use super::Case;
use super::finding::{Finding, Place};
use super::found::{Explains, Found};
use crate::cluster::{Check, Outcome, same_label, service};
use crate::mesh::{Cluster, ClusterName, DriftCode};

pub(super) fn judge(case: &Case<'_>, found: &mut Found) {
    for (_, cluster, read) in case.linked() {
        for row in read.troubleshooter.read().into_iter().flatten() {
            if !counts(case, &cluster.name, row) {
                continue;
            }
            let problem = row.problem.split_whitespace().collect::<Vec<_>>().join(" ");
            let test = row.test.trim_end_matches('.');
            let shown = format!("{}: {}: {test}: {problem}", cluster.name, row.section);
            match explaining(row, cluster, found) {
                Some(cause) => cause.seen_as.push(shown),
                None => {
                    let finding = own(case, cluster, row, format!("{test}: {problem}"));
                    found.add(finding, Explains::Nothing);
                }
            }
        }
    }
}

fn own(case: &Case<'_>, cluster: &Cluster, row: &Check, what: String) -> Finding {
    let code = if is_of_users(row) { DriftCode::Users } else { DriftCode::Troubleshooter };
    let solution = row.solution.trim();
    let fix = match solution.is_empty() {
        true => "Look at Diagnostics > System Troubleshooter.".to_owned(),
        false => format!("{} (Diagnostics > System Troubleshooter)", solution.trim_end_matches('.')),
    };
    let what = format!("{}: {what}", row.section);
    case.of_cluster(code, Place::of(&cluster.name), what, fix)
}

/// Whether a row is worse than it was.
fn counts(case: &Case<'_>, cluster: &ClusterName, row: &Check) -> bool {
    let before = case.judging.last.and_then(|last| last.snapshot()?.clusters.get(cluster)?.troubleshooter.read());
    let same = |known: &&Check| same_label(&known.section, &row.section) && same_label(&known.test, &row.test);
    let before = before.and_then(|rows| rows.iter().find(same)).map(|row| row.outcome);
    match row.outcome {
        // peers that were not there before fail in a new way, so these always count
        Outcome::Failed => before != Some(Outcome::Failed) || is_of_peers(row),
        Outcome::Warning => before == Some(Outcome::Passed),
        Outcome::Passed | Outcome::Information | Outcome::Unclear => false,
    }
}

fn is_of_users(row: &Check) -> bool {
    same_label(&row.section, "User Troubleshooter") && row.test.to_lowercase().contains("users")
}

fn is_of_peers(row: &Check) -> bool {
    row.section.to_lowercase().replace('-', "").contains("interclustering")
}

/// The finding that a row is another face of.
fn explaining<'f>(row: &Check, cluster: &Cluster, found: &'f mut Found) -> Option<&'f mut Finding> {
    let text = format!("{} {}", row.test, row.problem).to_lowercase();
    let names = |word: &str| text.contains(&word.to_lowercase());
    let here = |f: &Finding| f.place.cluster == cluster.name;
    let topology = same_label(&row.section, "Topology Troubleshooter");
    let fits = |f: &Finding| match f.code {
        // the same users are named by every cluster of the deployment
        DriftCode::Users => is_of_users(row) && f.what.ends_with(&told(row)),
        DriftCode::Unassigned => here(f) && topology && names("assigned"),
        DriftCode::HighAvailabilityOff | DriftCode::HighAvailabilityState => {
            here(f) && topology && names("high availability")
        }
        DriftCode::ServiceStopped | DriftCode::ServiceDeactivated => {
            let router = f.place.service.as_deref() == Some(service::XCP_ROUTER);
            let down = f.place.service.as_deref().is_some_and(&names);
            let taken_along = router && (names("xcp") || topology && names("high availability"));
            let agent = f.place.service.as_deref() == Some(service::SYNC_AGENT) && names("sync agent");
            here(f) && (down || taken_along || agent && !names("intercluster"))
        }
        DriftCode::SyncAgentUnfinished => here(f) && names("synchronized the relevant data"),
        DriftCode::NodeSilent => {
            let node = f.place.node.as_ref().is_some_and(|node| names(node.as_str()));
            here(f) && (node || topology && names("high availability"))
        }
        DriftCode::PeerUnasked => here(f) && f.place.peer.as_ref().is_some_and(|peer| names(peer.address.as_str())),
        _ => false,
    };
    let at_hand = found.all().any(&fits);
    if at_hand {
        return found.find(fits);
    }
    if is_of_peers(row) || names("intercluster") && !names("running") { found.touching(&cluster.name) } else { None }
}

fn told(row: &Check) -> String {
    let problem = row.problem.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("{}: {problem}", row.test.trim_end_matches('.'))
}

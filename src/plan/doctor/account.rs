//! Whether a cluster's AXL answers the account that its peers store: ICSA's own probe (field-notes 5).

use super::finding::{Asked, Findings, GUIDE, Scope};
use super::{Case, Patient};
use crate::cluster::{ErrorKind, Fact, Unread};

/// Judges a cluster, for all of its peers.
pub(super) fn judge(case: &Case<'_>, patient: &Patient<'_>, findings: &mut Findings) {
    let Some(name) = case.mesh.peer_account(patient.cluster) else { return };
    let asked = findings.of(patient.scope(), format!("AXL answers ICSA's probe with `{name}`"), GUIDE);
    answer(asked, patient, name.as_str(), "the other clusters");
}

/// Judges one direction of a link: what the first cluster meets when it connects to the second.
pub(super) fn judge_pair(case: &Case<'_>, from: &Patient<'_>, to: &Patient<'_>, findings: &mut Findings) {
    let Some(name) = case.mesh.peer_account(to.cluster) else { return };
    let (from, cluster) = (&from.cluster.name, &to.cluster.name);
    let scope = Scope::Pair { from: from.clone(), to: cluster.clone() };
    let asked = findings.of(scope, format!("AXL of {cluster} answers ICSA's probe with `{name}`"), GUIDE);
    answer(asked, to, name.as_str(), from.as_str());
}

/// What AXL answered; `others` store the account.
fn answer(asked: Asked<'_>, patient: &Patient<'_>, name: &str, others: &str) {
    match &patient.read.probe {
        Fact::Read(()) => asked.ok("the account that its peers store is accepted"),
        Fact::Unread(Unread::NotAsked) => asked.skipped("it was not asked"),
        Fact::Unread(Unread::Failed(error)) => {
            let mut fix =
                error.kind.hint().unwrap_or("Every peer of the cluster logs in with this account.").to_owned();
            if matches!(error.kind, ErrorKind::Unauthorized { .. }) {
                fix = format!(
                    "Give the credential `{name}` the password of the intercluster application user, and correct AXL \
                     Password on Presence > Inter-Clustering of {others}. {fix}"
                );
            }
            asked.failed(error.kind.to_string(), fix);
        }
    }
}

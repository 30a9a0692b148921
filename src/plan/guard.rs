//! Guards: what a plan must not do unless somebody says so. A refusal names the guard, its value, the plan's value,
//! and how to raise it.

use serde::{Deserialize, Serialize};

use super::change::{Change, What};
use super::identity::{Mismatch, mismatches};
use super::step::Step;
use super::{Options, Summary};
use crate::cluster::Snapshot;
use crate::mesh::{Cluster, ClusterName, HighAvailability, Mesh, State};

/// Why a plan may not be applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// The guard, such as `policy.max_restarts`.
    pub guard: String,
    /// What the guard allows, what the plan holds.
    pub why: String,
    /// What to do.
    pub how: String,
}

/// The guards that the plan breaks.
pub fn guards(
    mesh: &Mesh,
    snapshot: &Snapshot,
    changes: &[Change],
    _steps: &[Step],
    summary: &Summary,
    options: &Options,
) -> Vec<Refusal> {
    let (allowed, restarts_at_most) = (&options.allow_protected, summary.restarts_at_most);
    let mut refusals = Vec::new();
    let mut refuse = |guard: &str, why: String, how: &str| {
        refusals.push(Refusal { guard: guard.into(), why, how: how.into() });
    };
    for cluster in mesh.clusters.iter().filter(|c| c.state == State::Present) {
        let read = snapshot.clusters.get(&cluster.name);
        for mismatch in read.into_iter().flat_map(|read| mismatches(mesh, cluster, read)) {
            if let Mismatch::Publisher(words) = mismatch {
                refuse("publisher", words, "give the name that System > Presence Topology shows");
            }
        }
    }
    let deletes = |change: &&Change| matches!(change.what, What::DeletePeer { .. });
    let declared = |change: &Change| {
        let What::DeletePeer { to, .. } = &change.what else { return false };
        let leaves = |name: &ClusterName| mesh.cluster(name).is_some_and(|c| c.state != State::Present);
        leaves(&change.cluster) || to.as_ref().is_some_and(leaves)
    };
    let undeclared = changes.iter().filter(deletes).filter(|c| !declared(c)).count();
    if undeclared > mesh.policy.max_deletes as usize {
        refuse(
            "policy.max_deletes",
            format!(
                "it allows {}, the plan deletes {undeclared} peers that no cluster's state asks for",
                mesh.policy.max_deletes
            ),
            "raise `policy.max_deletes`, or add the clusters to the file",
        );
    }
    let protected = |name: &ClusterName| mesh.cluster(name).is_some_and(|c| c.protected);
    for change in changes.iter().filter(deletes) {
        if protected(&change.cluster) && !allowed.contains(&change.cluster) {
            refuse(
                "protected",
                format!("`{}` is protected and the plan deletes a peer on it", change.cluster),
                &format!("give `--allow-protected {}`", change.cluster),
            );
        }
    }
    if restarts_at_most > mesh.policy.max_restarts as usize {
        refuse(
            "policy.max_restarts",
            format!(
                "it allows {}, the plan may restart up to {restarts_at_most} XCP Routers",
                mesh.policy.max_restarts
            ),
            "raise `policy.max_restarts`",
        );
    }
    if !changes.is_empty() {
        // what the file asks for and cannot be done yet is refused, not ignored
        let version = env!("CARGO_PKG_VERSION");
        if mesh.policy.window.is_some() {
            refuse(
                "policy.window",
                format!("intermesh {version} cannot hold an apply to a window yet"),
                "remove `policy.window` and start the apply inside the window yourself",
            );
        }
        let has_parameters = |c: &Cluster| !c.parameters.is_empty() || c.nodes.iter().any(|n| !n.parameters.is_empty());
        if !mesh.parameters.is_empty() || mesh.clusters.iter().any(has_parameters) {
            refuse(
                "parameters",
                format!("intermesh {version} cannot set service parameters yet"),
                "set them in System > Service Parameters and take them out of the file",
            );
        }
        if mesh.policy.xcp_restart.high_availability == HighAvailability::SwitchOff {
            refuse(
                "policy.xcp_restart.high_availability",
                format!("intermesh {version} cannot switch High Availability off and on yet"),
                "use `high_availability: leave`",
            );
        }
    }
    refusals
}

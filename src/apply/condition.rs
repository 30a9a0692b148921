//! Whether a condition of the plan holds, read from the cluster it speaks of.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::cluster::{
    CERTIFICATE_STATUS, Error, ErrorKind, Labelled, NodeName, Operate, Parameter, Peer, Place, Result, is_whole_number,
    same_user, same_value,
};
use crate::mesh::ClusterName;
use crate::plan::step::Condition;
use crate::plan::verify::{Problem, status_problems};

/// The clusters of a plan, to be acted on.
pub type Operators = BTreeMap<ClusterName, Arc<dyn Operate>>;

/// A condition that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// It holds.
    Yes,
    /// It does not, and this is what stands in the way.
    No(String),
}

/// The operator of a cluster.
pub(super) fn operator<'a>(operators: &'a Operators, cluster: &ClusterName) -> Result<&'a dyn Operate> {
    operators.get(cluster).map(AsRef::as_ref).ok_or_else(|| Error {
        place: Place { cluster: cluster.clone(), node: None },
        doing: "reach the cluster".into(),
        kind: ErrorKind::Unsupported { detail: "the cluster is not open to this run".into() },
    })
}

/// Reads whether the condition holds now.
///
/// # Errors
/// What it speaks of could not be read; nothing is known then.
pub async fn holds(operators: &Operators, condition: &Condition) -> Result<Held> {
    let no = |why: String| Ok(Held::No(why));
    match condition {
        Condition::Started { cluster, node, service } => {
            let services = operator(operators, cluster)?.services(node).await?;
            match services.iter().find(|s| s.name.eq_ignore_ascii_case(service)) {
                Some(found) if found.state == crate::cluster::ServiceState::Started => Ok(Held::Yes),
                Some(found) => no(format!("{service} on {node} is {}", found.state.word().to_lowercase())),
                None => no(format!("{node} does not list {service}")),
            }
        }
        Condition::SyncAgentCompleted { cluster } => {
            let status = operator(operators, cluster)?.sync_status().await?;
            if status.completed() { Ok(Held::Yes) } else { no(format!("Sync Status of {cluster}: {}", status.text)) }
        }
        Condition::ProbeAnswered { cluster, account } => {
            operator(operators, cluster)?.answers_probe(account).await.map(|()| Held::Yes)
        }
        Condition::PeerIs { cluster, address, protocol, username } => match peer(operators, cluster, address).await? {
            None => no(format!("{cluster} has no peer {address}")),
            Some(found) if found.protocol != *protocol => {
                no(format!("peer {address} on {cluster} has Protocol {}", found.protocol.word()))
            }
            Some(found) => match (username, &found.username) {
                (Some(wanted), Some(shown)) if !same_user(wanted, shown) => {
                    no(format!("peer {address} on {cluster} has AXL Username {shown}"))
                }
                _ => Ok(Held::Yes),
            },
        },
        Condition::PeerAbsent { cluster, address } => match peer(operators, cluster, address).await? {
            Some(_) => no(format!("{cluster} still has peer {address}")),
            None => Ok(Held::Yes),
        },
        Condition::Synced { cluster, address, to } => {
            let wanted = operator(operators, to)?.users().await?;
            let found = operator(operators, cluster)?.peer_status(address).await?.associated_users();
            if found == Some(wanted) {
                return Ok(Held::Yes);
            }
            let found = found.map_or_else(|| "none".to_owned(), |n| n.to_string());
            no(format!("Associated Users {found} of {wanted}"))
        }
        Condition::Healthy { cluster, address, to } => {
            let wanted = operator(operators, to)?.users().await?;
            let status = operator(operators, cluster)?.peer_status(address).await?;
            match status_problems(&status, Some(wanted)).as_slice() {
                [] => Ok(Held::Yes),
                problems => no(problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("; ")),
            }
        }
        Condition::Secure { cluster, address } => {
            let status = operator(operators, cluster)?.peer_status(address).await?;
            match status.entry(CERTIFICATE_STATUS) {
                Some(entry) if entry.is_good() => Ok(Held::Yes),
                Some(entry) => no(format!("{CERTIFICATE_STATUS} of {address} on {cluster}: {}", entry.value)),
                None => no(format!("the panel of {address} on {cluster} shows no {CERTIFICATE_STATUS}")),
            }
        }
        Condition::ParameterIs { cluster, node, service, label, value } => {
            let numbers = [label.as_str()];
            let numbers = if is_whole_number(value) { &numbers[..] } else { &[] };
            let parameters = operator(operators, cluster)?.parameters(node, service, numbers).await?;
            match Parameter::find(&parameters, label) {
                Labelled::One(found) if same_value(&found.value, value) => Ok(Held::Yes),
                Labelled::One(found) => no(format!("`{label}` of {service} on {node} is {}", found.value)),
                Labelled::None => no(format!("{service} on {node} shows no `{label}`")),
                Labelled::Many(candidates) => no(format!("`{label}` of {service} on {node} is not told: {candidates}")),
            }
        }
        Condition::HighAvailabilityIs { cluster, group, enabled } => {
            let groups = operator(operators, cluster)?.high_availability().await?;
            match groups.iter().find(|g| g.name == *group) {
                Some(found) if found.enabled == *enabled => Ok(Held::Yes),
                Some(found) => {
                    no(format!("High Availability of {group} is {}", if found.enabled { "on" } else { "off" }))
                }
                None => no(format!("{cluster} shows no redundancy group {group}")),
            }
        }
        Condition::UsersBack { cluster, node } => users_back(operators, cluster, node).await,
        Condition::NoRestartAsked { cluster, node, service } => {
            let asked = asked(operators, cluster, service).await?;
            if asked.iter().any(|n| n.same(node)) {
                no(format!("a notification asks to restart {service} on {node}"))
            } else {
                Ok(Held::Yes)
            }
        }
        Condition::NodesNormal { cluster } => {
            let groups = operator(operators, cluster)?.high_availability().await?;
            let off = groups.iter().filter(|g| g.enabled).flat_map(|g| &g.nodes).find(|n| n.state != "Normal");
            match off {
                Some(node) => no(format!("High Availability of {} is {}", node.node, node.state)),
                None => Ok(Held::Yes),
            }
        }
    }
}

async fn peer(operators: &Operators, cluster: &ClusterName, address: &NodeName) -> Result<Option<Peer>> {
    let peers = operator(operators, cluster)?.peers().await?;
    Ok(peers.into_iter().find(|p| p.address.same(address)))
}

/// Compares the sessions on a node with the users that are assigned to it (field-notes 2.4). Sessions are counted by
/// the platform CLI where there is an account for it; otherwise by what the redundancy group says is active.
async fn users_back(operators: &Operators, cluster: &ClusterName, node: &NodeName) -> Result<Held> {
    let on = operator(operators, cluster)?;
    let nodes = on.nodes().await?;
    let assigned = nodes.iter().find(|n| n.name.same(node)).map_or(0, |n| n.assigned_users);
    let sessions = match on.sessions(node).await {
        Err(error) if matches!(error.kind, ErrorKind::Unsupported { .. } | ErrorKind::NoCredential { .. }) => {
            let groups = on.high_availability().await?;
            let found = groups.iter().flat_map(|g| &g.nodes).find(|n| n.node.same(node));
            // a node that is in no group serves nobody
            found.map_or(assigned, |n| n.active_users)
        }
        counted => counted?,
    };
    if sessions >= assigned {
        return Ok(Held::Yes);
    }
    Ok(Held::No(format!("{sessions} of {assigned} users are back on {node}")))
}

/// The nodes of a cluster that a notification asks to restart a service on.
pub(super) async fn asked(operators: &Operators, cluster: &ClusterName, service: &str) -> Result<Vec<NodeName>> {
    let operator = operator(operators, cluster)?;
    let nodes: Vec<NodeName> = operator.nodes().await?.into_iter().map(|n| n.name).collect();
    let notifications = operator.notifications().await?;
    let asked = |node: &NodeName| notifications.iter().any(|n| n.asks_restart(service, node, &nodes));
    Ok(nodes.iter().filter(|node| asked(node)).cloned().collect())
}

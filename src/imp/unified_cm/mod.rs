//! The Unified CM publisher's own AXL, which is documented and supported for others (field-notes 3.5): the High
//! Availability switch of the presence redundancy groups, and service parameters. Transport, versions, sessions and faults are those of the
//! other AXL.

mod answers;
mod parameters;
mod requests;

use std::sync::Arc;

use tokio::sync::OnceCell;

use super::accounts::Accounts;
use super::axl::{Endpoint, Operation};
use super::transport::Line;
use crate::cluster::{Account, ClusterName, ErrorKind, NodeName};
use requests::Switch;

/// AXL of the Unified CM publisher of one cluster.
pub(super) struct UnifiedCm {
    endpoint: Endpoint,
    /// The IM and Presence database publisher that belongs to it.
    publisher: NodeName,
    /// The IM and Presence nodes that it knows, once the publisher was seen among them.
    nodes: OnceCell<Vec<NodeName>>,
}

/// High Availability of a presence redundancy group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct GroupSwitch {
    /// The group's name.
    pub(super) group: String,
    /// Its key.
    uuid: String,
    /// Whether High Availability is enabled.
    pub(super) enabled: bool,
}

/// The order that turns the switch of the group with this key.
pub(super) fn switch_of(uuid: &str, enabled: bool) -> Operation {
    requests::switch(&Switch { uuid, enabled })
}

impl UnifiedCm {
    pub(super) fn new(
        cluster: ClusterName,
        publisher: NodeName,
        line: Arc<Line>,
        accounts: Arc<Accounts>,
    ) -> UnifiedCm {
        UnifiedCm { endpoint: Endpoint::new(cluster, line, accounts), publisher, nodes: OnceCell::new() }
    }

    /// The switches of all groups.
    pub(super) async fn switches(&self, account: &Account) -> Result<Vec<GroupSwitch>, ErrorKind> {
        self.nodes_of_the_cluster(account).await?;
        answers::switches(&self.endpoint.call(account, &requests::groups()).await?)
    }

    /// Turns a group's switch; nothing is sent where it is so already. An outcome that is not known is read back once:
    /// only what then is still not as it was ordered stays unknown.
    pub(super) async fn switch(&self, account: &Account, group: &str, enabled: bool) -> Result<(), ErrorKind> {
        let switches = self.switches(account).await?;
        let Some(found) = switches.iter().find(|switch| switch.group == group) else {
            let names: Vec<&str> = switches.iter().map(|switch| switch.group.as_str()).collect();
            let (node, names) = (self.endpoint.line().node(), names.join("`, `"));
            let detail = format!("Unified CM {node} has no presence redundancy group `{group}`; it has `{names}`");
            return Err(ErrorKind::Unsupported { detail });
        };
        if found.enabled == enabled {
            return Ok(());
        }
        let order = requests::switch(&Switch { uuid: &found.uuid, enabled });
        let answer = self.endpoint.call(account, &order).await.and_then(|answer| answers::taken(&answer));
        match answer {
            Err(ErrorKind::Unknown { detail }) => match self.switches(account).await {
                Ok(now) if now.iter().any(|now| now.uuid == found.uuid && now.enabled == enabled) => Ok(()),
                _ => Err(ErrorKind::Unknown { detail }),
            },
            answer => answer,
        }
    }

    /// A node by the name that Unified CM has for it.
    async fn as_it_calls(&self, account: &Account, node: &NodeName) -> Result<NodeName, ErrorKind> {
        let nodes = self.nodes_of_the_cluster(account).await?;
        Ok(nodes.iter().find(|known| is_host(known, node)).unwrap_or(node).clone())
    }

    /// A mesh file may name the Unified CM of another cluster by mistake, and its switch would be turned.
    async fn nodes_of_the_cluster(&self, account: &Account) -> Result<&[NodeName], ErrorKind> {
        let seen = self.nodes.get_or_try_init(|| async {
            let nodes = answers::presence_nodes(&self.endpoint.call(account, &requests::nodes()).await?)?;
            if nodes.iter().any(|node| is_host(node, &self.publisher)) {
                return Ok(nodes);
            }
            let nodes: Vec<&str> = nodes.iter().map(NodeName::as_str).collect();
            let (node, publisher, nodes) = (self.endpoint.line().node(), &self.publisher, nodes.join("`, `"));
            let detail = format!(
                "Unified CM {node} does not know the IM and Presence node {publisher}, but `{nodes}`: `unified_cm` in the \
                 mesh file names the one of another cluster"
            );
            Err(ErrorKind::Unsupported { detail })
        });
        seen.await.map(Vec::as_slice)
    }
}

/// Whether two node names mean one host: the two products may know it with and without its domain.
fn is_host(a: &NodeName, b: &NodeName) -> bool {
    let (a, b) = (a.normal(), b.normal());
    let bare = |bare: &str, full: &str| !bare.contains('.') && full.split('.').next() == Some(bare);
    a == b || bare(&a, &b) || bare(&b, &a)
}

#[cfg(test)]
mod tests {
    use super::is_host;

    #[test]
    fn a_host_is_known_with_and_without_its_domain() {
        for (a, b, expected) in [
            ("imp1.a.example.com", "IMP1.a.example.com.", true),
            ("imp1", "imp1.a.example.com", true),
            ("imp1.a.example.com", "imp1", true),
            ("imp1.b.example.com", "imp1.a.example.com", false),
            ("imp1", "imp11.a.example.com", false),
            ("10.0.0.1", "10.0.0.1", true),
            ("10", "10.0.0.1", true),
            ("10.0.0.1", "10.0.0.2", false),
        ] {
            assert_eq!(is_host(&a.into(), &b.into()), expected, "{a} {b}");
        }
    }
}

//! What may be done to a running lab from outside, as accidents and hands do it.

use serde::{Deserialize, Serialize};

use super::world::{Refusal, World};
use crate::cluster::{ClusterName, NewPeer, NodeName, Transport};

/// Something that goes wrong in a lab.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Disturbance {
    /// A service is stopped.
    StopService {
        /// The node.
        node: NodeName,
        /// The service, in the product's spelling.
        service: String,
    },
    /// A feature service is deactivated.
    DeactivateService {
        /// The node.
        node: NodeName,
        /// The service, in the product's spelling.
        service: String,
    },
    /// A wrong password is typed into a peer's page.
    MistypePassword {
        /// The cluster.
        cluster: ClusterName,
        /// `Peer Address`.
        address: NodeName,
    },
    /// Another Protocol is chosen on a peer's page.
    ChangeProtocol {
        /// The cluster.
        cluster: ClusterName,
        /// `Peer Address`.
        address: NodeName,
        /// `Protocol`.
        protocol: Transport,
    },
    /// A service parameter is set.
    SetParameter {
        /// The node.
        node: NodeName,
        /// The service.
        service: String,
        /// The label on the page.
        label: String,
        /// The value.
        value: String,
    },
    /// High Availability of a redundancy group is switched off.
    HighAvailabilityOff {
        /// The cluster.
        cluster: ClusterName,
        /// The group.
        group: String,
    },
    /// A node goes down.
    PowerOff {
        /// The node.
        node: NodeName,
    },
    /// A node is taken out of its redundancy group, and with it its users.
    Unassign {
        /// The node.
        node: NodeName,
    },
    /// A cluster's certificates come to their end.
    ExpireCertificates {
        /// The cluster.
        cluster: ClusterName,
    },
    /// An account loses the role Standard AXL API Access.
    TakeAxlRole {
        /// The cluster.
        cluster: ClusterName,
        /// The account.
        username: String,
    },
    /// Users of a cluster get user IDs that exist already.
    DuplicateUsers {
        /// The cluster.
        cluster: ClusterName,
        /// How many.
        users: u64,
    },
    /// Another version is installed.
    Install {
        /// The cluster.
        cluster: ClusterName,
        /// The version, such as `15.0.1.10000-1`.
        version: String,
    },
    /// A peer is deleted on one side.
    DeletePeer {
        /// The cluster.
        cluster: ClusterName,
        /// `Peer Address`.
        address: NodeName,
    },
    /// A peer is added on one side, with an account that the other side knows.
    AddPeer {
        /// The cluster.
        cluster: ClusterName,
        /// `Peer Address`.
        address: NodeName,
    },
    /// A name no longer resolves on a cluster's nodes.
    ForgetName {
        /// The cluster.
        cluster: ClusterName,
        /// The name.
        name: String,
    },
    /// A name's address no longer leads back to it, as a cluster's nodes ask.
    ForgetAddress {
        /// The cluster.
        cluster: ClusterName,
        /// The name.
        name: String,
    },
    /// A cluster's certificates are regenerated, with a new key: its servers show them from the next connection on, and
    /// its peers do not know them yet.
    RegenerateCertificates {
        /// The cluster.
        cluster: ClusterName,
    },
    /// A firewall blocks a TCP port from one cluster's nodes to another's.
    BlockPort {
        /// The cluster that connects.
        from: ClusterName,
        /// The cluster that is connected to.
        to: ClusterName,
        /// The port.
        port: u16,
    },
    /// Control Center's SOAP refuses to restart the network services of a cluster's nodes.
    RefuseNetworkRestart {
        /// The cluster.
        cluster: ClusterName,
    },
}

impl World {
    /// Lets something go wrong.
    ///
    /// # Errors
    /// It cannot happen, in the product's words: there is no such cluster, node, service or peer.
    pub fn disturb(&mut self, disturbance: &Disturbance) -> Result<(), Refusal> {
        match disturbance {
            Disturbance::StopService { node, service } => {
                let (cluster, node) = self.named_node(node)?;
                self.stop(&cluster, &node, service)
            }
            Disturbance::DeactivateService { node, service } => {
                let (cluster, node) = self.named_node(node)?;
                self.deactivate(&cluster, &node, service)
            }
            Disturbance::MistypePassword { cluster, address } => self.mistype_password(cluster, address),
            Disturbance::ChangeProtocol { cluster, address, protocol } => {
                self.change_protocol(cluster, address, *protocol)
            }
            Disturbance::SetParameter { node, service, label, value } => {
                let (cluster, node) = self.named_node(node)?;
                self.set_parameter(&cluster, &node, service, label, value)
            }
            Disturbance::HighAvailabilityOff { cluster, group } => self.set_high_availability(cluster, group, false),
            Disturbance::PowerOff { node } => self.power_off(node),
            Disturbance::Unassign { node } => self.unassign(node),
            Disturbance::ExpireCertificates { cluster } => self.expire_certificates(cluster),
            Disturbance::TakeAxlRole { cluster, username } => self.take_axl_role(cluster, username),
            Disturbance::DuplicateUsers { cluster, users } => self.duplicate_users(cluster, *users),
            Disturbance::Install { cluster, version } => self.install(cluster, version),
            Disturbance::DeletePeer { cluster, address } => self.delete_peer(cluster, address),
            Disturbance::AddPeer { cluster, address } => {
                let there = self.find_node(address).map(|(cluster, _)| cluster.clone());
                let there = there.ok_or_else(|| Refusal::unknown("node", address.as_str()))?;
                let accounts = self.spec().clusters.iter().find(|c| c.name == there).map(|c| c.accounts.as_slice());
                let known = accounts.into_iter().flatten().find(|known| known.axl).map(|known| known.account.clone());
                let account = known.ok_or_else(|| Refusal::unknown("account for AXL on", there.as_str()))?;
                self.add_peer(cluster, &NewPeer { address: address.clone(), account, protocol: Transport::Tcp })
            }
            Disturbance::ForgetName { cluster, name } => {
                self.known(cluster)?;
                self.set_resolves(cluster, name, false);
                Ok(())
            }
            Disturbance::ForgetAddress { cluster, name } => {
                self.known(cluster)?;
                self.set_leads_back(cluster, name, false);
                Ok(())
            }
            Disturbance::RegenerateCertificates { cluster } => self.regenerate_certificates(cluster),
            Disturbance::BlockPort { from, to, port } => self.block(from, to, *port),
            Disturbance::RefuseNetworkRestart { cluster } => self.refuse_network_restarts(cluster),
        }
    }

    fn named_node(&self, node: &NodeName) -> Result<(ClusterName, NodeName), Refusal> {
        let found = self.find_node(node).map(|(cluster, node)| (cluster.clone(), node.clone()));
        found.ok_or_else(|| Refusal::unknown("node", node.as_str()))
    }

    fn known(&self, cluster: &ClusterName) -> Result<(), Refusal> {
        let known = self.clusters().any(|known| known == cluster);
        known.then_some(()).ok_or_else(|| Refusal::unknown("cluster", cluster.as_str()))
    }
}

//! `intermesh lab fault`: what may go wrong in a running lab.

use clap::Subcommand;

use crate::lab::Disturbance;
use crate::mesh::Transport;

/// A disturbance of the running lab, as the command line names it.
#[derive(Debug, Subcommand)]
pub enum Fault {
    /// Stop a service of a node, as an administrator may
    StopService {
        /// The node's name
        node: String,
        /// The service in the product's spelling, such as `Cisco AXL Web Service`
        service: String,
    },
    /// Deactivate a feature service of a node
    DeactivateService {
        /// The node's name
        node: String,
        /// The service in the product's spelling, such as `Cisco AXL Web Service`
        service: String,
    },
    /// Type a wrong password into a peer's page, and save it
    MistypePassword {
        /// The cluster's name in the mesh file
        cluster: String,
        /// The Peer Address
        address: String,
    },
    /// Choose another Protocol on a peer's page, on one side only
    ChangeProtocol {
        /// The cluster's name in the mesh file
        cluster: String,
        /// The Peer Address
        address: String,
        /// `tcp` or `tls`
        #[arg(value_parser = protocol)]
        protocol: Transport,
    },
    /// Set a service parameter on a node
    SetParameter {
        /// The node's name
        node: String,
        /// The service in the product's spelling
        service: String,
        /// The label on System > Service Parameters
        label: String,
        /// The value
        value: String,
    },
    /// Switch High Availability of a redundancy group off
    HighAvailabilityOff {
        /// The cluster's name in the mesh file
        cluster: String,
        /// The presence redundancy group
        group: String,
    },
    /// Take a node down: nothing on it answers
    PowerOff {
        /// The node's name
        node: String,
    },
    /// Take a node out of its redundancy group, and with it its users
    Unassign {
        /// The node's name
        node: String,
    },
    /// Let a cluster's certificates come to their end
    ExpireCertificates {
        /// The cluster's name in the mesh file
        cluster: String,
    },
    /// Take the role Standard AXL API Access from an account
    TakeAxlRole {
        /// The cluster's name in the mesh file
        cluster: String,
        /// The account's user name
        username: String,
    },
    /// Give users of a cluster user IDs that exist already
    DuplicateUsers {
        /// The cluster's name in the mesh file
        cluster: String,
        /// How many
        #[arg(default_value_t = 2)]
        users: u64,
    },
    /// Install another version on a cluster
    Install {
        /// The cluster's name in the mesh file
        cluster: String,
        /// The version, such as 15.0.1.10000-1
        version: String,
    },
    /// Delete a peer on one side only
    DeletePeer {
        /// The cluster's name in the mesh file
        cluster: String,
        /// The Peer Address
        address: String,
    },
    /// Add a peer on one side only, by hand and with TCP, with an account that the other side knows
    AddPeer {
        /// The cluster's name in the mesh file
        cluster: String,
        /// The Peer Address
        address: String,
    },
    /// Make a name unknown to a cluster's nodes, as a mistake in DNS does
    ForgetName {
        /// The cluster's name in the mesh file
        cluster: String,
        /// The host name
        name: String,
    },
    /// Let a name's address no longer lead back to it, as a missing record of the reverse zone does
    ForgetAddress {
        /// The cluster's name in the mesh file
        cluster: String,
        /// The host name
        name: String,
    },
    /// Regenerate a cluster's certificates, with a new key: TLS peers and pins no longer fit
    RegenerateCertificates {
        /// The cluster's name in the mesh file
        cluster: String,
    },
    /// Block a TCP port from one cluster's nodes to another's, as a firewall does
    BlockPort {
        /// The cluster that connects, by its name in the mesh file
        from: String,
        /// The cluster that is connected to
        to: String,
        /// The port, such as 8443
        port: u16,
    },
    /// Let Control Center's SOAP refuse to restart network services of a cluster; the platform CLI still does it
    RefuseNetworkRestart {
        /// The cluster's name in the mesh file
        cluster: String,
    },
}

impl From<Fault> for Disturbance {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::StopService { node, service } => Disturbance::StopService { node: node.into(), service },
            Fault::DeactivateService { node, service } => Disturbance::DeactivateService { node: node.into(), service },
            Fault::MistypePassword { cluster, address } => {
                Disturbance::MistypePassword { cluster: cluster.into(), address: address.into() }
            }
            Fault::ChangeProtocol { cluster, address, protocol } => {
                Disturbance::ChangeProtocol { cluster: cluster.into(), address: address.into(), protocol }
            }
            Fault::SetParameter { node, service, label, value } => {
                Disturbance::SetParameter { node: node.into(), service, label, value }
            }
            Fault::HighAvailabilityOff { cluster, group } => {
                Disturbance::HighAvailabilityOff { cluster: cluster.into(), group }
            }
            Fault::PowerOff { node } => Disturbance::PowerOff { node: node.into() },
            Fault::Unassign { node } => Disturbance::Unassign { node: node.into() },
            Fault::ExpireCertificates { cluster } => Disturbance::ExpireCertificates { cluster: cluster.into() },
            Fault::TakeAxlRole { cluster, username } => Disturbance::TakeAxlRole { cluster: cluster.into(), username },
            Fault::DuplicateUsers { cluster, users } => Disturbance::DuplicateUsers { cluster: cluster.into(), users },
            Fault::Install { cluster, version } => Disturbance::Install { cluster: cluster.into(), version },
            Fault::DeletePeer { cluster, address } => {
                Disturbance::DeletePeer { cluster: cluster.into(), address: address.into() }
            }
            Fault::AddPeer { cluster, address } => {
                Disturbance::AddPeer { cluster: cluster.into(), address: address.into() }
            }
            Fault::ForgetName { cluster, name } => Disturbance::ForgetName { cluster: cluster.into(), name },
            Fault::ForgetAddress { cluster, name } => Disturbance::ForgetAddress { cluster: cluster.into(), name },
            Fault::RegenerateCertificates { cluster } => {
                Disturbance::RegenerateCertificates { cluster: cluster.into() }
            }
            Fault::BlockPort { from, to, port } => Disturbance::BlockPort { from: from.into(), to: to.into(), port },
            Fault::RefuseNetworkRestart { cluster } => Disturbance::RefuseNetworkRestart { cluster: cluster.into() },
        }
    }
}

fn protocol(word: &str) -> Result<Transport, String> {
    match word.to_ascii_lowercase().as_str() {
        "tcp" => Ok(Transport::Tcp),
        "tls" => Ok(Transport::Tls),
        _ => Err("it is `tcp` or `tls`".to_owned()),
    }
}

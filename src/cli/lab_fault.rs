//! `intermesh lab fault`: what may go wrong in a running lab.

use clap::Subcommand;

use crate::lab::Disturbance;

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

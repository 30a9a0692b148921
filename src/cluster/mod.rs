//! The seam: what intermesh asks of a cluster and does to it, in the field's words.
//!
//! [`Observe`] only reads; [`Operate`] also acts. Two worlds stand behind it: the product over the wire (`imp`)
//! and the simulated one (`lab`). One value stands for one cluster. Nothing here knows SOAP, HTML or SQL.

pub mod canonical;
mod clock;
mod discovery;
mod error;
mod examination;
mod facts;
mod parameter;
mod reach;
pub mod recorded;
mod refusal;
mod snapshot;
mod status;
mod together;

use async_trait::async_trait;
use jiff::Timestamp;

pub use crate::mesh::{Account, ClusterName, CredentialName, NodeName, Pages, Transport};
pub use clock::{Clock, Deadline, SystemClock};
pub use discovery::{Discovered, Discovery, NotRead};
pub use error::{Error, ErrorKind, Place};
pub use examination::{ClusterExamination, Examination, NodeLookup, Way};
pub use facts::{
    Activity, Group, Identity, ImAddressScheme, NewPeer, Node, Notification, Peer, PeerEdit, Protocol, Service,
    ServiceState, SyncStatus, TopologyFacts, Walk,
};
pub use parameter::{Candidates, Labelled, Parameter};
pub use reach::{AddressLookup, Certificate, ClusterServer, NameLookup, Reachability, StoredCertificate, StoredKey};
pub use refusal::Refusal;
pub use snapshot::{ClusterSnapshot, Depth, Fact, Snapshot, SnapshotKind, Unread};
pub use status::{
    CERTIFICATE_STATUS, CONNECTIVITY, Check, Outcome, PeerStatus, StatusEntry, is_whole_number, same_label, same_user,
    same_value,
};
pub use together::{Members, Provisioning};

/// What a read or an action answers.
pub type Result<T> = std::result::Result<T, Error>;

/// The services that the procedure names, in the product's spelling (field-notes 4.4).
pub mod service {
    /// Feature service: peers read a cluster through it (procedure, step "Enable the AXL Services").
    pub const AXL: &str = "Cisco AXL Web Service";
    /// Network service: copies users from Unified CM to the database publisher.
    pub const SYNC_AGENT: &str = "Cisco Sync Agent";
    /// Network service: keeps peers in sync; runs on every node.
    pub const ICSA: &str = "Cisco Intercluster Sync Agent";
    /// Network service: carries presence and messages between nodes and clusters.
    pub const XCP_ROUTER: &str = "Cisco XCP Router";
    /// Feature service: carries SIP between clusters; large meshes lower its processes (field-notes 1.5).
    pub const SIP_PROXY: &str = "Cisco SIP Proxy";
    /// Network service: watches critical services and fails users over.
    pub const RECOVERY_MANAGER: &str = "Cisco Server Recovery Manager";
}

/// Reads one cluster. No method changes anything on it.
///
/// Every method fails with an [`Error`] whose kind says whether asking again can help; a failed read says nothing
/// about the fact that was asked for.
#[async_trait]
pub trait Observe: Send + Sync {
    /// The cluster's name in the mesh file.
    fn cluster(&self) -> &ClusterName;

    /// The version of the database publisher, and the host names that the cluster knows.
    async fn identity(&self) -> Result<Identity>;

    /// The IM and Presence nodes, with group, role and assigned users.
    async fn nodes(&self) -> Result<Vec<Node>>;

    /// The services of one node, asked of the node itself.
    async fn services(&self, node: &NodeName) -> Result<Vec<Service>>;

    /// What the dashboard says of the Sync Agent (System Dashboard, `Sync Status`).
    async fn sync_status(&self) -> Result<SyncStatus>;

    /// The intercluster peers (Presence > Inter-Clustering), with user name and protocol.
    async fn peers(&self) -> Result<Vec<Peer>>;

    /// The `Inter-cluster Peer Status` panel of one peer.
    async fn peer_status(&self, address: &NodeName) -> Result<PeerStatus>;

    /// The active notifications, on all nodes.
    async fn notifications(&self) -> Result<Vec<Notification>>;

    /// Assigned and unassigned users and nodes (System > Presence Topology and the dashboard).
    async fn topology(&self) -> Result<TopologyFacts>;

    /// The rows of the System Troubleshooter.
    async fn troubleshooter(&self) -> Result<Vec<Check>>;

    /// The parameters of a service on a node (System > Service Parameters). `numbers` are labels of which whole numbers
    /// are expected: where those can be had without the page, they are all that is answered. None asks for everything.
    async fn parameters(&self, node: &NodeName, service: &str, numbers: &[&str]) -> Result<Vec<Parameter>>;

    /// The users that are homed on the cluster.
    async fn users(&self) -> Result<u64>;

    /// The presence redundancy groups and their High Availability.
    async fn high_availability(&self) -> Result<Vec<Group>>;

    /// Goes ahead for the other reads while [`Observe::identity`] is asked, and sends no password before the node has
    /// taken the one of that. Whatever is wrong on the way, the reads will tell.
    async fn approach(&self) {}

    /// The nodes and their users, each question asked once; `identity` was read just before.
    async fn members(&self, identity: &Identity) -> Members {
        let _ = identity;
        Members { nodes: self.nodes().await, users: self.users().await }
    }

    /// The presence redundancy groups of nodes that were read just before.
    async fn groups_of(&self, nodes: &[Node]) -> Result<Vec<Group>> {
        let _ = nodes;
        self.high_availability().await
    }

    /// The intercluster peers with their panels, each page opened once.
    async fn peers_with_status(&self) -> Result<Vec<(Peer, Result<PeerStatus>)>> {
        let mut all = Vec::new();
        for peer in self.peers().await? {
            let status = self.peer_status(&peer.address).await;
            all.push((peer, status));
        }
        Ok(all)
    }

    /// What the topology page and the dashboard tell, each opened once.
    async fn provisioning(&self) -> Provisioning {
        Provisioning {
            topology: self.topology().await,
            sync_status: self.sync_status().await,
            im_address_scheme: self.im_address_scheme().await,
        }
    }

    /// What this cluster's AXL answers to ICSA's own probe when it is asked with a peer's account, as the other
    /// clusters will ask it (field-notes 5). `Ok` means that a peer with this account will connect.
    async fn answers_probe(&self, account: &CredentialName) -> Result<()>;

    /// The certificate that a node shows on its HTTPS port.
    async fn certificate(&self, node: &NodeName) -> Result<Certificate> {
        Err(self.unsupported(Some(node), "read the certificate"))
    }

    /// The certificates that the cluster has, as its peers are told of them; of tomcat's with their keys. One that a
    /// node shows and that is not [among](Certificate::is_among) them was replaced.
    async fn stored_certificates(&self) -> Result<Vec<StoredCertificate>> {
        Err(self.unsupported(None, "read the stored certificates"))
    }

    /// How a name resolves from here, against the DNS servers that the mesh file names for the cluster.
    async fn resolve(&self, name: &str) -> Result<NameLookup> {
        Err(self.unsupported(None, &format!("resolve {name}")))
    }

    /// How a node itself resolves a name (platform CLI, `utils network host`).
    async fn node_resolves(&self, node: &NodeName, name: &str) -> Result<NameLookup> {
        Err(self.unsupported(Some(node), &format!("ask the node to resolve {name}")))
    }

    /// Whether a node reaches a TCP port of another host (platform CLI, `utils network connectivity`).
    async fn reaches(&self, node: &NodeName, host: &str, port: u16) -> Result<Reachability> {
        Err(self.unsupported(Some(node), &format!("ask the node to connect to {host}:{port}")))
    }

    /// The scheme of IM addresses; where the product shows it is not published (field-notes 10), so it may well not be
    /// found.
    async fn im_address_scheme(&self) -> Result<ImAddressScheme> {
        Err(self.unsupported(None, "read the IM address scheme"))
    }

    /// The time of day by the publisher's own clock, as its answers are dated: times that it shows are compared with that,
    /// and not with this machine's clock.
    async fn time(&self) -> Result<Timestamp> {
        Err(self.unsupported(None, "read the publisher's clock"))
    }

    /// Sessions on a node: `ActiveJsmSessions` of the Presence Engine (platform CLI, field-notes 2.4).
    async fn sessions(&self, node: &NodeName) -> Result<u64> {
        Err(self.unsupported(Some(node), "count the sessions"))
    }

    /// The servers of the cluster, of both products, as a node knows them (platform CLI, `show network cluster`). Each
    /// of them must resolve forward and back on every node of every peer (field-notes 2.2).
    async fn platform_cluster(&self, node: &NodeName) -> Result<Vec<ClusterServer>> {
        Err(self.unsupported(Some(node), "read the servers of the cluster"))
    }

    /// The error of something that this cluster cannot be asked.
    fn unsupported(&self, node: Option<&NodeName>, doing: &str) -> Error {
        Error {
            place: Place { cluster: self.cluster().clone(), node: node.cloned() },
            doing: doing.to_owned(),
            kind: ErrorKind::Unsupported { detail: "this cluster cannot be asked that".to_owned() },
        }
    }
}

/// Acts on one cluster.
///
/// Every method fails with an [`Error`]. [`ErrorKind::Unknown`] says that the action may or may not have taken
/// effect: read before acting again.
#[async_trait]
pub trait Operate: Observe {
    /// Goes to where edits of the pages would be made, up to the button, and changes nothing: done on both sides before
    /// the first write of a run, so that no link is made by half.
    async fn walk(&self, walks: &[Walk]) -> Result<()> {
        let _ = walks;
        Ok(())
    }

    /// Activates a feature service (Service Activation).
    async fn activate(&self, node: &NodeName, service: &str) -> Result<()>;

    /// Starts a service. Returns when the product has taken the order, not when the service runs.
    async fn start(&self, node: &NodeName, service: &str) -> Result<()>;

    /// Restarts a service: one order, never a stop and a start (field-notes 2.4). Returns when the product has
    /// taken the order.
    async fn restart(&self, node: &NodeName, service: &str) -> Result<()>;

    /// Sets a service parameter by the label on the page.
    async fn set_parameter(&self, node: &NodeName, service: &str, label: &str, value: &str) -> Result<()>;

    /// Adds an intercluster peer on the database publisher.
    async fn add_peer(&self, peer: &NewPeer) -> Result<()>;

    /// Changes an intercluster peer.
    async fn update_peer(&self, address: &NodeName, edit: &PeerEdit) -> Result<()>;

    /// Deletes an intercluster peer.
    async fn delete_peer(&self, address: &NodeName) -> Result<()>;

    /// Forces a sync of one peer, on wish with `Also resync peer's Tomcat certificates`.
    async fn force_sync(&self, address: &NodeName, resync_certificates: bool) -> Result<()>;

    /// Switches High Availability of a presence redundancy group.
    async fn set_high_availability(&self, group: &str, enabled: bool) -> Result<()>;
}

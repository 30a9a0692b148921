//! What a lab is made of: its own description, so that the model of the product owes nothing to the client.

use std::time::Duration;

use crate::cluster::{Account, ClusterName, NodeName, Protocol};

/// A simulated deployment.
#[derive(Clone, Debug)]
pub struct LabSpec {
    /// What the deployment is called.
    pub name: String,
    /// Decides everything about the product that public material does not tell (field-notes: inferred, unknown).
    pub seed: u64,
    /// How many times as fast as a real clock the product's time runs.
    pub factor: f64,
    /// The clusters.
    pub clusters: Vec<ClusterSpec>,
}

/// A simulated cluster.
#[derive(Clone, Debug)]
pub struct ClusterSpec {
    /// The cluster's name.
    pub name: ClusterName,
    /// The full version, such as `14.0.1.12900-6`.
    pub version: String,
    /// The presence domain.
    pub domain: String,
    /// The IM and Presence nodes, the database publisher first.
    pub nodes: Vec<NodeSpec>,
    /// The Unified CM server names, their publisher first.
    pub unified_cms: Vec<String>,
    /// The accounts that may log in, and for what.
    pub accounts: Vec<AccountSpec>,
    /// The OS administration accounts, which may log in to the platform CLI.
    pub platform: Vec<Account>,
    /// The intercluster peers at the beginning.
    pub peers: Vec<PeerSpec>,
    /// How its administration pages are made; none lets the seed choose one that needs no script.
    pub skin: Option<Skin>,
    /// The certificates that its servers show.
    pub certificate: CertificateKind,
}

/// What kind of certificates the servers of a cluster show. Appliances are often seen with other ones than an
/// authority would issue today.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum CertificateKind {
    /// Issued by the lab's authority, with all names of the cluster, valid.
    #[default]
    Issued,
    /// Signed with the server's own key and marked CA:TRUE.
    SelfSigned,
    /// Issued by the lab's authority, without any subject alternative name.
    WithoutNames,
    /// Issued by the lab's authority, and expired.
    Expired,
}

impl CertificateKind {
    /// All of them.
    pub const ALL: [CertificateKind; 4] =
        [CertificateKind::Issued, CertificateKind::SelfSigned, CertificateKind::WithoutNames, CertificateKind::Expired];

    /// The one of a name.
    pub fn named(name: &str) -> Option<CertificateKind> {
        CertificateKind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            CertificateKind::Issued => "issued",
            CertificateKind::SelfSigned => "self-signed",
            CertificateKind::WithoutNames => "without-names",
            CertificateKind::Expired => "expired",
        }
    }
}

/// The versions of TLS that the servers of a lab speak: appliances of several ages are in use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TlsVersions {
    /// 1.2 and 1.3.
    #[default]
    Both,
    /// 1.2 only.
    Only12,
    /// 1.3 only.
    Only13,
}

/// How the servers of a lab are reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// The versions of TLS that they speak.
    pub tls: TlsVersions,
    /// How long it takes to them and back, over HTTPS and SSH: once for a TCP connection, once or twice for a handshake,
    /// once for every request. What several packets would take longer than one is not in it.
    pub round_trip: Duration,
    /// So many sessions may an account have on the pages of a node at a time: `set webapp session maxlimit` (Command Line
    /// Interface Reference Guide, 12.5(1)), which takes 1 to 10; Enhanced Security Mode makes it 3.
    pub web_sessions: usize,
}

impl Default for Network {
    fn default() -> Network {
        Network { tls: TlsVersions::default(), round_trip: Duration::ZERO, web_sessions: 10 }
    }
}

/// How the administration pages of a cluster are made. The product's own markup is not published, so a client that
/// works must work with all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skin {
    /// Label tags, every button submits, every panel is in the HTML.
    Classic,
    /// Bare table cells: no label tags, pictures as outcomes.
    Tables,
    /// Newer markup: the content in a frame, `button` elements, a new token in every form.
    Frames,
    /// Driven by script: the status panel comes later, the sync confirmation is a dialog, no toolbar button submits.
    Script,
}

impl Skin {
    /// All of them.
    pub const ALL: [Skin; 4] = [Skin::Classic, Skin::Tables, Skin::Frames, Skin::Script];

    /// Those that need no script.
    pub const WITHOUT_SCRIPT: [Skin; 3] = [Skin::Classic, Skin::Tables, Skin::Frames];

    /// The one of a name.
    pub fn named(name: &str) -> Option<Skin> {
        Skin::ALL.into_iter().find(|skin| skin.name() == name)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Skin::Classic => "classic",
            Skin::Tables => "tables",
            Skin::Frames => "frames",
            Skin::Script => "script",
        }
    }
}

/// A simulated node.
#[derive(Clone, Debug)]
pub struct NodeSpec {
    /// The node name.
    pub name: NodeName,
    /// The presence redundancy group; none leaves the node unassigned.
    pub group: Option<String>,
    /// Users homed on the node.
    pub users: u64,
    /// Services that are stopped at the beginning.
    pub stopped: Vec<String>,
}

/// An account of a simulated cluster.
#[derive(Clone, Debug)]
pub struct AccountSpec {
    /// User name and password.
    pub account: Account,
    /// May use AXL.
    pub axl: bool,
    /// May use the administration pages and Control Center.
    pub admin: bool,
}

/// A peer of a simulated cluster.
#[derive(Clone, Debug)]
pub struct PeerSpec {
    /// `Peer Address`.
    pub address: NodeName,
    /// `AXL Username` and `AXL Password`.
    pub account: Account,
    /// `Protocol`.
    pub protocol: Protocol,
}

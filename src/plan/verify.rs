//! Verification: is every link of the mesh healthy, on both sides? The end of the procedure, as findings.

use serde::Serialize;

use super::identity::mismatches;
use crate::cluster::{ClusterSnapshot, Fact, Outcome, PeerStatus, Protocol, Snapshot, service};
use crate::mesh::topology::{Link, links};
use crate::mesh::{ClusterName, Mesh, State};

/// What verification found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// Every side of every link.
    pub sides: Vec<Side>,
    /// What concerns a cluster and no single link.
    pub clusters: Vec<ClusterProblem>,
}

/// One cluster's view of a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Side {
    /// The cluster that holds the entry.
    pub cluster: ClusterName,
    /// The cluster that it points to.
    pub to: ClusterName,
    /// `Associated Users`, when read.
    pub associated_users: Option<u64>,
    /// The users that are homed on the other side, when read.
    pub users_there: Option<u64>,
    /// What is wrong; nothing when the side is healthy.
    pub problems: Vec<Problem>,
}

/// What is wrong with a side of a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Problem {
    /// There is no entry.
    NoPeer,
    /// The entry has another protocol than the file asks for.
    Protocol {
        /// What was read.
        found: String,
        /// What the file asks for.
        wanted: String,
    },
    /// An entry of the status panel is not checked.
    Entry {
        /// Its label.
        label: String,
        /// Its value.
        value: String,
    },
    /// The users differ.
    Users {
        /// `Associated Users`; none when the panel does not show them.
        found: Option<u64>,
        /// The users homed on the other side.
        wanted: u64,
    },
    /// It could not be read.
    Unread {
        /// Why.
        why: String,
    },
}

/// Something wrong on a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClusterProblem {
    /// The cluster.
    pub cluster: ClusterName,
    /// What is wrong, in a sentence.
    pub what: String,
}

impl Verification {
    /// Whether all is well.
    pub fn is_clean(&self) -> bool {
        self.clusters.is_empty() && self.sides.iter().all(|side| side.problems.is_empty())
    }
}

/// Judges a mesh by what was read.
pub fn verify(mesh: &Mesh, snapshot: &Snapshot) -> Verification {
    let mut sides = Vec::new();
    for link in &links(mesh) {
        for (from, to) in link.pair.directions() {
            sides.push(side(mesh, snapshot, link, from, to));
        }
    }
    let mut clusters = Vec::new();
    for cluster in mesh.clusters.iter().filter(|c| c.state == State::Present) {
        if let Some(read) = snapshot.clusters.get(&cluster.name) {
            let linked = sides.iter().any(|s| s.cluster == cluster.name);
            let tell = |what| ClusterProblem { cluster: cluster.name.clone(), what };
            clusters.extend(mismatches(mesh, cluster, read).iter().map(|m| tell(m.words().to_owned())));
            clusters.extend(cluster_problems(read, linked, &cluster.publisher).into_iter().map(tell));
        }
    }
    Verification { sides, clusters }
}

fn side(mesh: &Mesh, snapshot: &Snapshot, link: &Link, from: &ClusterName, to: &ClusterName) -> Side {
    let mut side =
        Side { cluster: from.clone(), to: to.clone(), associated_users: None, users_there: None, problems: Vec::new() };
    let (Some(read), Some(other)) = (snapshot.clusters.get(from), mesh.cluster(to)) else { return side };
    side.users_there = snapshot.clusters.get(to).and_then(|c| c.users.read().copied());
    let peers = match &read.peers {
        Fact::Read(peers) => peers,
        Fact::Unread(_) => {
            side.problems.push(unread(read.peers.failure()));
            return side;
        }
    };
    let Some(peer) = peers.iter().find(|p| p.address.same(&other.publisher)) else {
        side.problems.push(Problem::NoPeer);
        return side;
    };
    let wanted = Protocol::from(link.transport);
    if peer.protocol != wanted {
        let (found, wanted) = (peer.protocol.word().to_owned(), wanted.word().to_owned());
        side.problems.push(Problem::Protocol { found, wanted });
    }
    match read.peer_status.get(&peer.address) {
        Some(Fact::Read(status)) => {
            side.associated_users = status.associated_users();
            side.problems.extend(status_problems(status, side.users_there));
        }
        other => side.problems.push(unread(other.and_then(Fact::failure))),
    }
    side
}

/// What is wrong with a status panel, where the other side has that many users. A user count that is not known is
/// not judged here; whoever reads it says so.
pub fn status_problems(status: &PeerStatus, users_there: Option<u64>) -> Vec<Problem> {
    let mut problems: Vec<Problem> =
        status.not_passed().map(|e| Problem::Entry { label: e.label.clone(), value: e.value.clone() }).collect();
    if status.entries.is_empty() {
        problems.push(Problem::Unread { why: "the status panel is empty".into() });
    }
    if let Some(wanted) = users_there
        && status.associated_users() != Some(wanted)
    {
        problems.push(Problem::Users { found: status.associated_users(), wanted });
    }
    problems
}

fn unread(error: Option<&crate::cluster::Error>) -> Problem {
    Problem::Unread { why: error.map_or_else(|| "it was not asked for".into(), |e| e.kind.to_string()) }
}

fn cluster_problems(read: &ClusterSnapshot, linked: bool, publisher: &crate::mesh::NodeName) -> Vec<String> {
    let mut problems = Vec::new();
    for (node, services) in &read.services {
        for service in services.read().into_iter().flatten() {
            let needed = [service::AXL, service::XCP_ROUTER, service::ICSA].contains(&service.name.as_str())
                || (service.name == service::SYNC_AGENT && node.same(publisher));
            if linked && needed && !service.state.runs() {
                problems.push(format!("{} is {} on {node}", service.name, service.state.word().to_lowercase()));
            }
        }
    }
    let nodes: Vec<_> = read.services.keys().cloned().collect();
    if let Some(notifications) = read.notifications.read() {
        for node in &nodes {
            if notifications.iter().any(|n| n.asks_restart(service::XCP_ROUTER, node, &nodes)) {
                problems.push(format!("a notification asks to restart {} on {node}", service::XCP_ROUTER));
            }
        }
    }
    let clustering = |section: &str| section.to_lowercase().replace('-', "").contains("interclustering");
    for check in read.troubleshooter.read().into_iter().flatten() {
        if clustering(&check.section) && check.outcome == Outcome::Failed {
            problems.push(format!("{}: {}: {}", check.section, check.test, check.problem));
        }
    }
    problems
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Problem::NoPeer => f.write_str("there is no peer"),
            Problem::Protocol { found, wanted } => write!(f, "Protocol is {found}, the file asks for {wanted}"),
            Problem::Entry { label, value } => write!(f, "{label}: {value}"),
            Problem::Users { found: Some(found), wanted } => write!(f, "Associated Users {found} of {wanted}"),
            Problem::Users { found: None, wanted } => {
                write!(f, "no Associated Users shown; the other side has {wanted}")
            }
            Problem::Unread { why } => write!(f, "not read: {why}"),
        }
    }
}

//! Verification: is every link of the mesh healthy, on both sides? The end of the procedure, as findings.

use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::identity::mismatches;
use crate::cluster::{
    Certificate, Check, ClusterSnapshot, Fact, Outcome, PeerStatus, Protocol, Service, ServiceState, Snapshot,
    StatusEntry, same_user, service,
};
use crate::mesh::topology::{Link, links};
use crate::mesh::{ClusterName, Mesh, NodeName, State};

/// What verification found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// Every side of every link.
    pub sides: Vec<Side>,
    /// What concerns a cluster and no single link.
    pub clusters: Vec<ClusterProblem>,
    /// What was looked at on each cluster, good or not.
    pub looked_at: Vec<LookedAt>,
}

/// What was looked at on a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LookedAt {
    /// The cluster.
    pub cluster: ClusterName,
    /// The users homed on it, when read.
    pub users: Option<u64>,
    /// Until when the certificates of its nodes are valid: the first day on which one is not any more, when read.
    pub certificates_until: Option<Timestamp>,
    /// The rows of its Inter-Clustering Troubleshooter, when read.
    pub tests: Option<Vec<Check>>,
    /// The Intercluster Sync Agent of each node, and since when it runs.
    pub agents: Vec<Agent>,
}

/// The Intercluster Sync Agent of a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Agent {
    /// The node.
    pub node: NodeName,
    /// Its state.
    pub state: ServiceState,
    /// Since when it runs, where the product tells.
    pub since: Option<Timestamp>,
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
    /// `Protocol`, when there is a peer.
    pub protocol: Option<String>,
    /// Every entry of the status panel, when read.
    pub entries: Vec<StatusEntry>,
    /// `Last Synchronized Time`, as it is shown.
    pub last_synchronized: Option<String>,
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
    /// The entry has another user name than the file.
    Username {
        /// What was read.
        found: String,
        /// What the file asks for.
        wanted: String,
    },
    /// The last periodic sync is more than two hours behind that of the cluster's other peers.
    Stuck {
        /// `Last Synchronized Time`, as shown.
        last: String,
        /// How far it is behind, in minutes.
        minutes: u64,
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
    let (mut clusters, mut looked_at) = (Vec::new(), Vec::new());
    for cluster in mesh.clusters.iter().filter(|c| c.state == State::Present) {
        if let Some(read) = snapshot.clusters.get(&cluster.name) {
            let linked = sides.iter().any(|s| s.cluster == cluster.name);
            let tell = |what| ClusterProblem { cluster: cluster.name.clone(), what };
            clusters.extend(mismatches(mesh, cluster, read).iter().map(|m| tell(m.words().to_owned())));
            clusters.extend(cluster_problems(read, linked, &cluster.publisher).into_iter().map(tell));
            clusters.extend(expired(read, snapshot.taken_at).into_iter().map(tell));
            if linked {
                looked_at.push(look(cluster.name.clone(), read, snapshot.taken_at));
            }
        }
    }
    Verification { sides, clusters, looked_at }
}

/// Certificates that are at their end.
fn expired(read: &ClusterSnapshot, now: Timestamp) -> Vec<String> {
    let ended = |(node, fact): (&NodeName, &Fact<Certificate>)| {
        let certificate = fact.read().filter(|certificate| certificate.not_after < now)?;
        Some(format!("the certificate of {node} expired on {}", certificate.not_after.strftime("%Y-%m-%d")))
    };
    read.certificates.iter().filter_map(ended).collect()
}

fn look(cluster: ClusterName, read: &ClusterSnapshot, now: Timestamp) -> LookedAt {
    let agent = |(node, services): (&NodeName, &Fact<Vec<Service>>)| {
        let agent = services.read()?.iter().find(|s| s.name == service::ICSA)?;
        let up = agent.up_seconds.and_then(|up| i64::try_from(up).ok()).map(SignedDuration::from_secs);
        let since = up.and_then(|up| now.checked_sub(up).ok());
        Some(Agent { node: node.clone(), state: agent.state, since })
    };
    let of_peers = |rows: &Vec<Check>| rows.iter().filter(|row| is_of_peers(row)).cloned().collect();
    LookedAt {
        cluster,
        users: read.users.read().copied(),
        certificates_until: read.certificates.values().filter_map(|c| Some(c.read()?.not_after)).min(),
        tests: read.troubleshooter.read().map(of_peers),
        agents: read.services.iter().filter_map(agent).collect(),
    }
}

fn is_of_peers(check: &Check) -> bool {
    check.section.to_lowercase().replace('-', "").contains("interclustering")
}

fn side(mesh: &Mesh, snapshot: &Snapshot, link: &Link, from: &ClusterName, to: &ClusterName) -> Side {
    let mut side = Side {
        cluster: from.clone(),
        to: to.clone(),
        associated_users: None,
        users_there: None,
        protocol: None,
        entries: Vec::new(),
        last_synchronized: None,
        problems: Vec::new(),
    };
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
    side.protocol = Some(peer.protocol.word().to_owned());
    let wanted = Protocol::from(link.transport);
    if peer.protocol != wanted {
        let (found, wanted) = (peer.protocol.word().to_owned(), wanted.word().to_owned());
        side.problems.push(Problem::Protocol { found, wanted });
    }
    let account = mesh.peer_account(other).and_then(|name| mesh.credentials.get(name));
    if let (Some(found), Some(account)) = (&peer.username, account)
        && !same_user(found, &account.username)
    {
        side.problems.push(Problem::Username { found: found.clone(), wanted: account.username.clone() });
    }
    match read.peer_status.get(&peer.address) {
        Some(Fact::Read(status)) => {
            side.problems.extend(stuck(read, status));
            side.associated_users = status.associated_users();
            side.entries.clone_from(&status.entries);
            side.last_synchronized = status.entry(LAST_SYNCHRONIZED).map(|entry| entry.value.clone());
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

/// A sync that is stuck for longer raises the product's alarm (field-notes 2.5).
const STUCK: SignedDuration = SignedDuration::from_hours(2);
pub(super) const LAST_SYNCHRONIZED: &str = "Last Synchronized Time";

/// Whether a peer's last sync is far behind the cluster's other peers. Neither the format nor the time zone of the
/// panel is published, so it is only compared with itself, and only where it can be read without a doubt.
pub(super) fn stuck(read: &ClusterSnapshot, status: &PeerStatus) -> Option<Problem> {
    let time = |status: &PeerStatus| panel_time(&status.entry(LAST_SYNCHRONIZED)?.value);
    let last = time(status)?;
    let newest = read.peer_status.values().filter_map(|status| time(status.read()?)).max()?;
    let behind = newest.duration_since(last);
    let minutes = u64::try_from(behind.as_mins()).unwrap_or(0);
    let shown = status.entry(LAST_SYNCHRONIZED).map(|entry| entry.value.clone()).unwrap_or_default();
    (behind > STUCK).then_some(Problem::Stuck { last: shown, minutes })
}

/// A time as a panel may show it; none where a day could be taken for a month.
fn panel_time(text: &str) -> Option<DateTime> {
    let words: Vec<&str> = text.split_whitespace().collect();
    // `Mon Mar 02 22:00:00 UTC 2026`: the name of a zone says nothing that matters here
    let without_zone = |words: &[&str]| match words {
        [day, month, date, time, _, year] => Some(format!("{day} {month} {date} {time} {year}")),
        _ => None,
    };
    DateTime::strptime("%Y-%m-%d %H:%M:%S", words.join(" "))
        .or_else(|_| DateTime::strptime("%a %b %d %H:%M:%S %Y", without_zone(&words).unwrap_or_default()))
        .ok()
}

fn unread(error: Option<&crate::cluster::Error>) -> Problem {
    Problem::Unread { why: error.map_or_else(|| "it was not asked for".into(), |e| e.kind.to_string()) }
}

fn cluster_problems(read: &ClusterSnapshot, linked: bool, publisher: &NodeName) -> Vec<String> {
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
    for check in read.troubleshooter.read().into_iter().flatten() {
        if is_of_peers(check) && check.outcome == Outcome::Failed {
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
            Problem::Username { found, wanted } => write!(f, "AXL Username is {found}, the file asks for {wanted}"),
            Problem::Stuck { last, minutes } => {
                write!(f, "{LAST_SYNCHRONIZED} {last} is {minutes} min behind the other peers: the sync is stuck")
            }
            Problem::Entry { label, value } => write!(f, "{label}: {value}"),
            Problem::Users { found: Some(found), wanted } => write!(f, "Associated Users {found} of {wanted}"),
            Problem::Users { found: None, wanted } => {
                write!(f, "no Associated Users shown; the other side has {wanted}")
            }
            Problem::Unread { why } => write!(f, "not read: {why}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panel(last: &str) -> PeerStatus {
        let entry = StatusEntry { label: LAST_SYNCHRONIZED.into(), value: last.into(), outcome: Outcome::Passed };
        PeerStatus { entries: vec![entry] }
    }

    #[test]
    fn a_sync_is_stuck_when_it_is_two_hours_behind_the_others() {
        for (last, other, expected) in [
            ("2026-03-02 19:59:59", "2026-03-02 22:00:00", Some(120)),
            ("2026-03-02 20:00:00", "2026-03-02 22:00:00", None),
            ("Mon Mar 02 16:00:00 CET 2026", "Mon Mar 02 22:00:00 CET 2026", Some(360)),
            // which of the two numbers is the month is not known
            ("03/02/2026 16:00", "03/02/2026 22:00", None),
            ("Never", "2026-03-02 22:00:00", None),
        ] {
            let mut read = ClusterSnapshot::unread(&crate::cluster::Unread::NotAsked);
            read.peer_status.insert("a".into(), Fact::Read(panel(last)));
            read.peer_status.insert("b".into(), Fact::Read(panel(other)));
            let found = stuck(&read, &panel(last)).map(|problem| match problem {
                Problem::Stuck { minutes, .. } => minutes,
                other => panic!("{other:?}"),
            });
            assert_eq!(found, expected, "{last}");
        }
    }
}

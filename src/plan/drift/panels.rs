//! What the status panels show, on both sides of every link, where no cause explains it.

use super::finding::{Finding, Place};
use super::found::{Explains, Found};
use super::{Case, milder};
use crate::cluster::{CERTIFICATE_STATUS, CONNECTIVITY, PeerStatus, same_label};
use crate::mesh::topology::Link;
use crate::mesh::{Cluster, DriftCode, DriftSeverity};
use crate::plan::verify::{LAST_SYNCHRONIZED, Problem, stuck};

const ASSOCIATED_USERS: &str = "Associated Users";

pub(super) fn judge(case: &Case<'_>, found: &mut Found) {
    for link in &case.links {
        let sides: Vec<Side<'_>> = link
            .pair
            .directions()
            .into_iter()
            .filter_map(|(from, to)| Side::read(case, link, case.mesh.cluster(from)?, case.mesh.cluster(to)?))
            .collect();
        let shows: Vec<String> = sides.iter().flat_map(Side::words).collect();
        if shows.is_empty() {
            continue;
        }
        if let Some(cause) = found.explaining(&link.pair) {
            cause.seen_as.extend(shows);
            continue;
        }
        for finding in unexplained(&sides) {
            found.add(finding, Explains::Link(link.pair.clone()));
        }
    }
}

/// One side of a link, by its panel.
struct Side<'a> {
    case: &'a Case<'a>,
    link: &'a Link,
    from: &'a Cluster,
    to: &'a Cluster,
    status: &'a PeerStatus,
    users_there: Option<u64>,
    /// The sync that is stuck.
    stuck: Option<Problem>,
}

impl<'a> Side<'a> {
    fn read(case: &'a Case<'a>, link: &'a Link, from: &'a Cluster, to: &'a Cluster) -> Option<Side<'a>> {
        let read = case.snapshot.clusters.get(&from.name)?;
        let peer = read.peers.read()?.iter().find(|p| p.address.same(&to.publisher))?;
        let status = read.peer_status.get(&peer.address)?.read()?;
        let users_there = case.snapshot.clusters.get(&to.name).and_then(|there| there.users.read().copied());
        Some(Side { case, link, from, to, status, users_there, stuck: stuck(read, status) })
    }

    fn fails(&self, label: &str) -> bool {
        self.status.entry(label).is_some_and(|entry| !entry.is_good())
    }

    /// The users of the other side and those that this one has learned, where they differ.
    fn users_differ(&self) -> Option<(Option<u64>, u64)> {
        let there = self.users_there?;
        let known = self.status.associated_users();
        (known != Some(there)).then_some((known, there))
    }

    /// Entries that are not checked and are not told by a finding of their own.
    fn others(&self) -> Vec<String> {
        let own =
            |label: &str| [CONNECTIVITY, CERTIFICATE_STATUS, ASSOCIATED_USERS].iter().any(|l| same_label(l, label));
        let entries = self.status.not_passed().filter(|entry| !own(&entry.label));
        entries.map(|entry| format!("{}: {}", entry.label, entry.value)).collect()
    }

    /// All that is not well, each with the side before it.
    fn words(&self) -> Vec<String> {
        let mut words: Vec<String> =
            self.status.not_passed().map(|entry| format!("{}: {}", entry.label, entry.value)).collect();
        if self.status.entries.is_empty() {
            words.push("the status panel is empty".to_owned());
        }
        if let Some((known, there)) = self.users_differ()
            && !self.fails(ASSOCIATED_USERS)
        {
            words.push(users(known, there));
        }
        words.extend(self.stuck.iter().map(ToString::to_string));
        words.into_iter().map(|word| format!("{} -> {}: {word}", self.from.name, self.to.name)).collect()
    }

    fn finding(&self, code: DriftCode, what: String, fix: &str) -> Finding {
        let place = Place::side(&self.from.name, &self.to.name, &self.to.publisher);
        let mut finding = self.case.of_link(code, self.link, place, what, fix);
        let last = self.status.entry(LAST_SYNCHRONIZED);
        finding.since = last.map(|entry| format!("{LAST_SYNCHRONIZED}: {}", entry.value));
        finding
    }
}

fn users(known: Option<u64>, there: u64) -> String {
    match known {
        Some(known) => format!("{ASSOCIATED_USERS} {known} of {there}"),
        None => format!("no {ASSOCIATED_USERS} shown; the other side has {there}"),
    }
}

/// The findings of a link that no cause explains: the nearest one, with all that follows from it beneath.
fn unexplained(sides: &[Side<'_>]) -> Vec<Finding> {
    let disconnected: Vec<&Side<'_>> = sides.iter().filter(|side| side.fails(CONNECTIVITY)).collect();
    if let Some(first) = disconnected.first() {
        return vec![not_connected(first, disconnected.len() > 1, sides)];
    }
    let insecure: Vec<&Side<'_>> = sides.iter().filter(|side| side.fails(CERTIFICATE_STATUS)).collect();
    if !insecure.is_empty() {
        return insecure.into_iter().map(|side| out_of_sync(side, sides)).collect();
    }
    sides.iter().filter_map(other).collect()
}

fn not_connected(side: &Side<'_>, both: bool, sides: &[Side<'_>]) -> Finding {
    let Side { from, to, .. } = side;
    let what = match both {
        false => format!("{} does not connect to peer {}", from.name, to.publisher),
        true => format!(
            "{} and {} do not connect to each other; which side is the cause, their panels do not tell",
            from.name, to.name
        ),
    };
    let fix = "The stored AXL password may be an old one (`intermesh plan` writes it again), or a port or a name fails: \
               `intermesh doctor` tells.";
    let mut finding = side.finding(DriftCode::NotConnected, what, fix);
    finding.seen_as = sides.iter().flat_map(Side::words).collect();
    finding
}

fn out_of_sync(side: &Side<'_>, sides: &[Side<'_>]) -> Finding {
    let Side { from, to, status, .. } = side;
    let value = status.entry(CERTIFICATE_STATUS).map(|entry| entry.value.clone()).unwrap_or_default();
    let what = format!("the certificates of peer {} are out of sync on {}: {value}", to.publisher, from.name);
    let fix = "`intermesh plan` forces a sync that takes them along.";
    let mut finding = side.finding(DriftCode::CertificatesOutOfSync, what, fix);
    let own = format!("{} -> {}: {CERTIFICATE_STATUS}", from.name, to.name);
    let rest = sides.iter().filter(|s| s.from.name == from.name || !s.fails(CERTIFICATE_STATUS)).flat_map(Side::words);
    finding.seen_as = rest.filter(|word| !word.starts_with(&own)).collect();
    finding
}

/// A side that connects and whose certificates are good.
fn other(side: &Side<'_>) -> Option<Finding> {
    let Side { from, to, status, .. } = side;
    let others = side.others();
    let (code, what, fix) = if !others.is_empty() || status.entries.is_empty() {
        let shown = if others.is_empty() { "it is empty".to_owned() } else { others.join("; ") };
        let what = format!("the status panel of peer {} on {} is not good: {shown}", to.publisher, from.name);
        (DriftCode::StatusPanel, what, "Open the peer on Presence > Inter-Clustering and Force Manual Sync.")
    } else if let Some((known, there)) = side.users_differ() {
        let what = format!("{} has learned other users than {} has: {}", from.name, to.name, users(known, there));
        (DriftCode::AssociatedUsers, what, "Wait for the next periodic sync, or Force Manual Sync of the peer.")
    } else if side.fails(ASSOCIATED_USERS) {
        let what = format!("{ASSOCIATED_USERS} of peer {} is not checked on {}", to.publisher, from.name);
        (DriftCode::AssociatedUsers, what, "Wait for the next periodic sync, or Force Manual Sync of the peer.")
    } else {
        let stuck = side.stuck.as_ref()?;
        let fix = "Restart Cisco Intercluster Sync Agent on the database publisher, and set Enable Auto Recovery for \
                   Inter-Cluster Peer Periodic Syncing Failure to Enabled.";
        (DriftCode::Stuck, stuck.to_string(), fix)
    };
    let mut finding = side.finding(code, what, fix);
    if code == DriftCode::StatusPanel {
        finding.seen_as = side.words();
    }
    let unmarked = code == DriftCode::AssociatedUsers && !side.fails(ASSOCIATED_USERS);
    Some(if unmarked { milder(finding, DriftSeverity::Note) } else { finding })
}

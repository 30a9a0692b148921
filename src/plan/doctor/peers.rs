//! The entry that one cluster has for another, and what its status panel says.

use jiff::{SignedDuration, Timestamp};

use super::finding::{Findings, GUIDE, Scope};
use super::{Case, Patient};
use crate::cluster::{Peer, PeerStatus};
use crate::mesh::topology::Link;
use crate::plan::verify::status_problems;

/// A periodic sync that is stuck for longer raises the product's alarm (field-notes 2.5).
const STUCK: SignedDuration = SignedDuration::from_hours(2);
/// What clocks may differ by.
const SLACK: SignedDuration = SignedDuration::from_mins(5);
/// The widest that a local time can be from UTC.
const ZONES: SignedDuration = SignedDuration::from_hours(14);

/// Judges one direction of a link.
pub(super) fn judge(case: &Case<'_>, link: &Link, from: &Patient<'_>, to: &Patient<'_>, findings: &mut Findings) {
    let scope = || Scope::Pair { from: from.cluster.name.clone(), to: to.cluster.name.clone() };
    let asked = findings.of(scope(), "The peer is healthy", GUIDE);
    let Some((asked, peers)) = asked.read(&from.read.peers) else { return };
    let Some(peer) = peers.iter().find(|peer| peer.address.same(&to.cluster.publisher)) else {
        return asked.skipped("there is no peer yet");
    };
    let Some(status) = from.read.peer_status.get(&peer.address) else { return asked.skipped("it was not read") };
    let Some((asked, status)) = asked.read(status) else { return };
    let problems: Vec<String> =
        status_problems(status, to.read.users.read().copied()).iter().map(ToString::to_string).collect();
    if problems.is_empty() {
        let users = status.associated_users().map(|users| format!("{users} Associated Users")).unwrap_or_default();
        asked.ok(format!("every entry is checked, {users}").trim_end_matches(", ").to_owned());
    } else {
        let fix = format!(
            "Mend what else is red here first; then open {} on Presence > Inter-Clustering of {} and Force Manual Sync.",
            peer.address, from.cluster.name
        );
        asked.failed(problems.join("; "), fix);
    }
    entry(case, link, peer, from, to, findings);
    let asked = findings.of(scope(), "The last sync is recent", GUIDE);
    let own = from.examined.and_then(|examined| examined.time.read().copied());
    let (now, clock) = match own {
        Some(time) => (time, "its own clock"),
        None => (case.now, "this machine's clock"),
    };
    match last_sync(status, now, clock) {
        Age::Missing => asked.skipped("this release shows no Last Synchronized Time"),
        Age::Recent(shown) => asked.ok(shown),
        Age::Stuck(shown) => asked.failed(
            format!("{shown}, more than 2 hours ago by {clock}"),
            format!(
                "Restart Cisco Intercluster Sync Agent on {} (`utils service restart Cisco Intercluster Sync Agent`), \
                 and set Enable Auto Recovery for Inter-Cluster Peer Periodic Syncing Failure to Enabled.",
                from.cluster.publisher
            ),
        ),
        Age::Unknown(why) => {
            asked.unknown(why, format!("Compare Last Synchronized Time with the clock of {}.", from.cluster.publisher));
        }
    }
}

/// What the entry holds, beside what the file says.
fn entry(case: &Case<'_>, link: &Link, peer: &Peer, from: &Patient<'_>, to: &Patient<'_>, findings: &mut Findings) {
    let scope = || Scope::Pair { from: from.cluster.name.clone(), to: to.cluster.name.clone() };
    let wanted = crate::cluster::Protocol::from(link.transport);
    let fix = "Run `intermesh plan`: it changes the entry to what the file says.";
    let asked = findings.of(scope(), "Protocol is the one of the file", GUIDE);
    asked.holds(peer.protocol == wanted, format!("{}, the file says {}", peer.protocol.word(), wanted.word()), fix);
    let account = case.mesh.peer_account(to.cluster).and_then(|name| case.mesh.credentials.get(name));
    let (Some(account), Some(username)) = (account, &peer.username) else { return };
    let asked = findings.of(scope(), "AXL Username is the one of the file", GUIDE);
    let found = format!("{username}, the file says {}", account.username);
    let fix = format!(
        "Correct AXL Username and AXL Password of {} on Presence > Inter-Clustering of {}.",
        peer.address, from.cluster.name
    );
    asked.holds(username.trim().eq_ignore_ascii_case(account.username.trim()), found, fix);
}

/// How old the last sync is.
#[derive(Debug, PartialEq, Eq)]
enum Age {
    /// The panel does not say.
    Missing,
    /// Not too old, as shown.
    Recent(String),
    /// Too old, as shown.
    Stuck(String),
    /// It cannot be told.
    Unknown(String),
}

/// Reads `Last Synchronized Time`. Its format is not published, and neither is its time zone: a time without one is
/// only called old when it is old in every zone of the world.
fn last_sync(status: &PeerStatus, now: Timestamp, clock: &str) -> Age {
    let Some(entry) = status.entry("Last Synchronized Time") else { return Age::Missing };
    let shown = entry.value.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some(at) = instant(&shown) {
        let age = now.duration_since(at);
        return match age {
            age if age > STUCK => Age::Stuck(shown),
            age if age < -SLACK => Age::Unknown(format!("`{shown}` is ahead of {clock}")),
            _ => Age::Recent(shown),
        };
    }
    let Some(local) = local(&shown) else { return Age::Unknown(format!("`{shown}` is no time that can be read")) };
    let as_utc = local.to_zoned(jiff::tz::TimeZone::UTC).map(|zoned| now.duration_since(zoned.timestamp()));
    match as_utc {
        Ok(age) if age > STUCK + ZONES => Age::Stuck(shown),
        _ => Age::Unknown(format!("`{shown}` shows no time zone")),
    }
}

/// A time with its zone.
fn instant(shown: &str) -> Option<Timestamp> {
    const FORMATS: [&str; 5] = [
        "%a %b %d %H:%M:%S %Q %Y",
        "%Y-%m-%d %H:%M:%S %Q",
        "%Y-%m-%d %H:%M:%S%z",
        "%Y-%m-%d %H:%M:%S %z",
        "%a, %d %b %Y %H:%M:%S %z",
    ];
    if let Ok(at) = shown.parse() {
        return Some(at);
    }
    // jiff reads names of zones as the database has them; these two are common and mean the same
    let shown = shown.replace(" GMT", " UTC").replace(" Z", " UTC");
    let zoned = |format: &str| jiff::Zoned::strptime(format, &shown).ok().map(|zoned| zoned.timestamp());
    FORMATS.iter().find_map(|format| zoned(format).or_else(|| Timestamp::strptime(format, &shown).ok()))
}

/// A time without a zone.
fn local(shown: &str) -> Option<jiff::civil::DateTime> {
    const FORMATS: [&str; 8] = [
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%d %H:%M",
        "%Y/%m/%d %H:%M:%S",
        "%m/%d/%Y %H:%M:%S",
        "%m/%d/%Y %H:%M",
        "%b %d, %Y %I:%M:%S %p",
        "%b %d, %Y %H:%M:%S",
        "%d-%b-%Y %H:%M:%S",
    ];
    FORMATS.iter().find_map(|format| jiff::civil::DateTime::strptime(format, shown).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::{Outcome, StatusEntry};

    fn age(shown: Option<&str>) -> Age {
        let entry = |value: &str| StatusEntry {
            label: "Last Synchronized Time:".into(),
            value: value.into(),
            outcome: Outcome::Passed,
        };
        let status = PeerStatus { entries: shown.map(entry).into_iter().collect() };
        last_sync(&status, "2026-11-22T12:00:00Z".parse().unwrap(), "this machine's clock")
    }

    #[test]
    fn a_time_with_a_zone_is_recent_or_stuck() {
        for recent in [
            "2026-11-22T11:30:00Z",
            "2026-11-22 12:30:00 +0100",
            "Sun Nov 22 10:30:00 UTC 2026",
            "Sun Nov 22 11:30:00 GMT 2026",
        ] {
            assert_eq!(age(Some(recent)), Age::Recent(recent.into()));
        }
        for stuck in ["2026-11-22T09:30:00Z", "2026-11-22 12:30:00 +0800", "Sun Nov 22 08:30:00 UTC 2026"] {
            assert_eq!(age(Some(stuck)), Age::Stuck(stuck.into()));
        }
        assert!(matches!(age(Some("2026-11-22T14:00:00Z")), Age::Unknown(_)), "clocks differ");
    }

    #[test]
    fn a_time_without_a_zone_is_stuck_only_when_it_is_so_everywhere() {
        for unknown in ["2026-11-22 11:30:00", "11/22/2026 01:00", "2026-11-21 23:30:00"] {
            assert!(matches!(age(Some(unknown)), Age::Unknown(why) if why.contains("no time zone")), "{unknown}");
        }
        assert_eq!(age(Some("2026-11-21 10:00:00")), Age::Stuck("2026-11-21 10:00:00".into()));
    }

    #[test]
    fn what_is_no_time_is_never_called_good() {
        for shown in ["Never", "-", "yesterday", ""] {
            assert!(matches!(age(Some(shown)), Age::Unknown(_)), "{shown}");
        }
        assert_eq!(age(None), Age::Missing);
    }
}

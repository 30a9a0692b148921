//! What the CLI printed, as values (field-notes 7). Pure.

use std::fmt;

use crate::cluster::{ClusterServer, ErrorKind, Reachability};

/// Reads the outcome of `utils network connectivity HOST PORT`.
///
/// The text of the port form is not published. "Open" is said only on the words that are documented for the other form:
/// a wrong yes costs an outage, a wrong no a second look.
pub(super) fn connectivity(text: &str) -> Reachability {
    const GOOD: &str = "completed successfully";
    /// Plain words of failure; none of them is documented.
    const BAD: [&str; 8] =
        ["fail", "refused", "timed out", "unreachable", "unable", "unknown host", "not accessible", "not reachable"];
    let said = last_line(text);
    let lower = text.to_ascii_lowercase();
    let bad = BAD.iter().any(|word| lower.contains(word)) || lower.contains("unsuccessful");
    match (lower.contains(GOOD), bad) {
        (true, false) => Reachability::Open,
        (false, true) => Reachability::Closed(said),
        _ => Reachability::Unclear(said),
    }
}

/// Reads the lines of `show network cluster`; lines of another form are left out.
pub(super) fn cluster(text: &str) -> Result<Vec<ClusterServer>, ErrorKind> {
    let servers: Vec<ClusterServer> = text.lines().filter_map(server).collect();
    if servers.is_empty() {
        let detail = format!("no line of `show network cluster` describes a server; the last is `{}`", last_line(text));
        return Err(ErrorKind::Malformed { detail });
    }
    Ok(servers)
}

fn server(line: &str) -> Option<ClusterServer> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [address, name, ..] = words.as_slice() else { return None };
    let has = |word: &str| words.iter().any(|w| w.eq_ignore_ascii_case(word));
    let database_publisher = has("DBPub");
    let presence = has("cups");
    (presence || has("callmanager")).then_some(())?;
    (database_publisher || has("DBSub")).then_some(())?;
    Some(ClusterServer {
        address: address.parse().ok()?,
        name: (*name).to_owned(),
        presence,
        database_publisher,
        authenticated: has("authenticated"),
    })
}

/// A service as the CLI prints it: `Cisco DRF Master[STOPPED]  Commanded Out of Service`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceLine {
    /// The word in brackets.
    pub state: String,
    /// What stands after it.
    pub reason: Option<String>,
}

impl ServiceLine {
    /// Whether the service runs: `[STARTED]` or `[RUNNING]`.
    pub fn runs(&self) -> bool {
        ["STARTED", "RUNNING"].iter().any(|word| self.state.eq_ignore_ascii_case(word))
    }

    /// Whether the service is down: `[STOPPED]`.
    pub fn is_down(&self) -> bool {
        self.state.eq_ignore_ascii_case("STOPPED")
    }
}

impl fmt::Display for ServiceLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}]", self.state)?;
        self.reason.iter().try_for_each(|reason| write!(f, " {reason}"))
    }
}

/// The last line that tells the state of a service.
pub(super) fn service(text: &str, name: &str) -> Option<ServiceLine> {
    let of = |line: &str| {
        let (before, rest) = line.split_once('[')?;
        let (state, reason) = rest.split_once(']')?;
        // Dots of progress may stand before the name.
        let before = before.trim().trim_start_matches('.').trim();
        let reason = reason.trim();
        before.eq_ignore_ascii_case(name.trim()).then(|| ServiceLine {
            state: state.trim().to_owned(),
            reason: (!reason.is_empty()).then(|| reason.to_owned()),
        })
    };
    text.lines().rev().find_map(of)
}

/// Reads a counter that `show perf query counter` printed. Its layout is not published: the number is the one that
/// stands after the counter's name with nothing but signs between them; two different ones are none.
pub(super) fn counter(text: &str, name: &str) -> Result<u64, ErrorKind> {
    let mut found: Vec<u64> = text.lines().filter_map(|line| number_after(line, name)).collect();
    found.dedup();
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(ErrorKind::Malformed { detail: format!("no number after `{name}`, but `{}`", last_line(text)) }),
        _ => Err(ErrorKind::Malformed { detail: format!("more than one number after `{name}`") }),
    }
}

fn number_after(line: &str, name: &str) -> Option<u64> {
    let lower = line.to_ascii_lowercase();
    let at = lower.rfind(&name.to_ascii_lowercase())?;
    let rest = line.get(at + name.len()..)?.trim_start_matches(|c: char| c.is_whitespace() || "=:|\"".contains(c));
    let digits = rest.split(|c: char| c.is_whitespace() || "|\"".contains(c)).next()?;
    digits.parse().ok()
}

/// The last line that says something, for people; not all of a long one.
pub(super) fn last_line(text: &str) -> String {
    let line = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    line.trim().chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_yes_needs_the_documented_words() {
        let documented = "This command can take up to 3 minutes to complete.\nContinue (y/n)?y\n\
            Running test, please wait ...\n\nNetwork connectivity test with 10.1.89.30 completed successfully .";
        assert_eq!(connectivity(documented), Reachability::Open);
        for bad in ["Connection refused", "Network connectivity test with a failed", "Executed command unsuccessfully"]
        {
            assert_eq!(connectivity(bad), Reachability::Closed(bad.to_owned()));
        }
        for unclear in ["", "a [8443] open", "The test of fallback completed successfully after a failure"] {
            assert_eq!(connectivity(unclear), Reachability::Unclear(unclear.to_owned()));
        }
    }

    #[test]
    fn servers_are_read_from_their_lines() {
        let text = "10.1.0.1 imp1.example.com imp1 Subscriber cups DBPub authenticated\n\
            10.1.0.9 cucm1.example.com cucm1 Publisher callmanager DBPub authenticated using TCP since Mon Mar  2\n\
            10.1.0.2 imp2.example.com imp2 Subscriber cups DBSub not\n\
            Server Table (processnode) Entries\n";
        let servers = cluster(text).unwrap();
        let read: Vec<_> =
            servers.iter().map(|s| (s.name.as_str(), s.presence, s.database_publisher, s.authenticated)).collect();
        assert_eq!(
            read,
            [
                ("imp1.example.com", true, true, true),
                ("cucm1.example.com", false, true, true),
                ("imp2.example.com", true, false, false),
            ]
        );
        assert!(cluster("nothing here").is_err());
    }

    #[test]
    fn a_counter_is_found_by_its_name() {
        for (text, expected) in [
            (
                "==>query counter result:\n\n- Perf class (X) has instances and values:\n    -> Sessions = 40\n",
                Some(40),
            ),
            ("X\\Sessions: 0", Some(0)),
            ("- sessions                   = 12", Some(12)),
            ("| Sessions | 7 |", Some(7)),
            ("Sessions = 4\nSessions = 4", Some(4)),
            ("Sessions = 4\nSessions = 5", None),
            ("Sessions(of 2) = 4", None),
            ("Sessions = 4.5", None),
            ("Sessions = -4", None),
            ("No such counter: Sessions", None),
            ("", None),
        ] {
            assert_eq!(counter(text, "Sessions").ok(), expected, "{text}");
        }
    }

    #[test]
    fn the_last_state_of_a_service_counts() {
        let text = "Service Manager is running\nCisco XCP Router[STOPPING]\nCisco XCP Router[STARTING]\n\
            ..Cisco XCP Router[STARTED]\nCisco XCP Router Agent[STOPPED]";
        assert!(service(text, "Cisco XCP Router").unwrap().runs());
        let stopped = service("Cisco DRF Master[STOPPED]  Commanded Out of Service", "cisco drf master").unwrap();
        assert_eq!((stopped.runs(), stopped.reason.as_deref()), (false, Some("Commanded Out of Service")));
        assert_eq!(service("Service Cisco X is not valid", "Cisco X"), None);
    }
}

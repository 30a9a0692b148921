//! What the CLI printed, as values (field-notes 7). Pure.

use std::net::IpAddr;

use crate::cluster::ErrorKind;

/// What a node says of a TCP port of another.
///
/// The text of the port form is not published. "Reached" is said only on the words that are documented for the
/// other form: a wrong yes costs an outage, a wrong no a second look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Connectivity {
    /// The test completed successfully.
    Reached,
    /// The test failed, in the product's words.
    NotReached(String),
    /// The words are not known; here they are.
    Unclear(String),
}

/// Reads the outcome of `utils network connectivity`.
pub(super) fn connectivity(text: &str) -> Connectivity {
    const GOOD: &str = "completed successfully";
    /// Plain words of failure; none of them is documented.
    const BAD: [&str; 8] =
        ["fail", "refused", "timed out", "unreachable", "unable", "unknown host", "not accessible", "not reachable"];
    let said = last_line(text);
    let lower = text.to_ascii_lowercase();
    let bad = BAD.iter().any(|word| lower.contains(word)) || lower.contains("unsuccessful");
    match (lower.contains(GOOD), bad) {
        (true, false) => Connectivity::Reached,
        (false, true) => Connectivity::NotReached(said),
        _ => Connectivity::Unclear(said),
    }
}

/// How a node resolves a name or an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lookup {
    /// The lines below `Local Resolution:`.
    pub local: Vec<String>,
    /// The lines below `External Resolution:`; none when DNS knows nothing.
    pub external: Vec<String>,
}

impl Lookup {
    /// Whether DNS, which ICSA and the peers ask, knew an answer.
    pub fn is_resolved(&self) -> bool {
        !self.external.is_empty()
    }
}

/// Reads the answer of `utils network host`.
pub(super) fn lookup(text: &str) -> Result<Lookup, ErrorKind> {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let heading = |name: &str| lines.iter().position(|line| line.to_ascii_lowercase().starts_with(name));
    let (Some(local), Some(external)) = (heading("local resolution:"), heading("external resolution:")) else {
        let detail = format!("no `Local Resolution:` and `External Resolution:`, but `{}`", last_line(text));
        return Err(ErrorKind::Malformed { detail });
    };
    let owned = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
    let mut found = Lookup {
        local: owned(lines.get(local + 1..external).unwrap_or_default()),
        external: owned(lines.get(external + 1..).unwrap_or_default()),
    };
    found.external.retain(|line| !line.to_ascii_lowercase().contains("no external servers found"));
    Ok(found)
}

/// A server of the cluster, as a node knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterServer {
    /// Its address.
    pub address: IpAddr,
    /// Its name.
    pub name: String,
    /// Whether it is an IM and Presence node (`cups`); otherwise it is one of Unified CM (`callmanager`).
    pub presence: bool,
    /// Whether it is its product's database publisher (`DBPub`).
    pub database_publisher: bool,
    /// Whether the node has authenticated it.
    pub authenticated: bool,
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
        assert_eq!(connectivity(documented), Connectivity::Reached);
        for bad in ["Connection refused", "Network connectivity test with a failed", "Executed command unsuccessfully"]
        {
            assert_eq!(connectivity(bad), Connectivity::NotReached(bad.to_owned()));
        }
        for unclear in ["", "a [8443] open", "The test of fallback completed successfully after a failure"] {
            assert_eq!(connectivity(unclear), Connectivity::Unclear(unclear.to_owned()));
        }
    }

    #[test]
    fn a_name_is_resolved_when_dns_says_anything() {
        let text =
            "Local Resolution:\nimp1 resolves locally to 10.1.0.1\n\nExternal Resolution:\nNo external servers found\n";
        let found = lookup(text).unwrap();
        assert!(!found.is_resolved());
        assert_eq!(found.local, ["imp1 resolves locally to 10.1.0.1"]);
        let found = lookup("Local Resolution:\n\nExternal Resolution:\nimp1 has address 10.1.0.1\n").unwrap();
        assert!(found.is_resolved() && found.local.is_empty());
        assert!(matches!(lookup("No valid command entered"), Err(ErrorKind::Malformed { .. })));
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
    fn the_last_state_of_a_service_counts() {
        let text = "Service Manager is running\nCisco XCP Router[STOPPING]\nCisco XCP Router[STARTING]\n\
            ..Cisco XCP Router[STARTED]\nCisco XCP Router Agent[STOPPED]";
        assert!(service(text, "Cisco XCP Router").unwrap().runs());
        let stopped = service("Cisco DRF Master[STOPPED]  Commanded Out of Service", "cisco drf master").unwrap();
        assert_eq!((stopped.runs(), stopped.reason.as_deref()), (false, Some("Commanded Out of Service")));
        assert_eq!(service("Service Cisco X is not valid", "Cisco X"), None);
    }
}

//! Every behaviour of the product that the lab models, with what is known of it. What nobody has published varies
//! by seed, so that no client can lean on our guess.

/// How a behaviour is known (the marks of `field-notes.md`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The vendor's documentation or a schema of the vendor.
    Documented,
    /// Public code or a public screenshot relies on it.
    Seen,
    /// Deduced from a source.
    Inferred,
    /// Looked for in public material and not found.
    Unknown,
}

/// A behaviour that the lab models.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Behaviour {
    /// What the lab does.
    pub what: &'static str,
    /// How it is known.
    pub mark: Mark,
    /// The section of `field-notes.md`.
    pub section: &'static str,
    /// Whether the seed decides it, or a part of it.
    pub varies: bool,
}

const fn fixed(what: &'static str, mark: Mark, section: &'static str) -> Behaviour {
    Behaviour { what, mark, section, varies: false }
}

const fn varied(what: &'static str, mark: Mark, section: &'static str) -> Behaviour {
    Behaviour { what, mark, section, varies: true }
}

use Mark::{Documented, Inferred, Seen, Unknown};

/// The behaviours, in the order of the sections.
pub const BEHAVIOURS: &[Behaviour] = &[
    fixed("a peer holds Peer Address, AXL Username, AXL Password and Protocol", Documented, "1.2"),
    fixed("Force Manual Sync may take the peer's tomcat certificates along", Documented, "1.2"),
    fixed(
        "Peer Connectivity Test says Not reachable for a wrong name, AXL down or a refused account",
        Documented,
        "1.3",
    ),
    varied("the text of a good Peer Connectivity Test", Unknown, "1.3"),
    fixed("Associated Users grows to the users homed on the other side", Documented, "1.3"),
    fixed(
        "Certificate Status of a TLS peer is Connection is secure once certificates are exchanged",
        Documented,
        "1.3",
    ),
    varied("the other texts of Certificate Status, and whether a TCP peer shows it", Unknown, "1.3"),
    fixed("Last Synchronized Time is there from 12.5(1)", Documented, "1.3"),
    varied("the format of Last Synchronized Time, and its text before the first sync", Unknown, "1.3"),
    fixed("a peer saved before the Sync Agent finished is Failed", Documented, "1.3"),
    varied("whether such a peer recovers without a forced sync", Unknown, "1.3"),
    varied("the label of the overall status and its other texts", Unknown, "1.3"),
    varied("whether the panel shows Peer SIP Proxy Domain and Peer Version", Unknown, "1.3"),
    varied("whether a resync of certificates also needs a restart of ICSA", Documented, "1.3"),
    fixed("a peer of another presence domain is refused on save", Documented, "1.4"),
    fixed("a peer whose Unified CM cluster is represented already is refused on save", Documented, "1.4"),
    fixed(
        "an address with invalid characters, no password, or empty parameters are refused on save",
        Documented,
        "1.4",
    ),
    varied("whether a save asks the peer's AXL, and refuses what does not answer", Inferred, "1.4"),
    varied("the text for an address that is configured already", Unknown, "1.4"),
    fixed("service parameters by release, with their defaults", Documented, "1.5"),
    fixed("Sync Status is Completed and a time once the users are copied", Seen, "1.6"),
    varied("Sync Status while the Sync Agent is stopped, and while it works", Unknown, "1.6"),
    fixed("the sections and tests of the System Troubleshooter", Seen, "1.7"),
    fixed("without peers the Inter-Clustering Troubleshooter shows information only", Seen, "1.7"),
    fixed("the TLS certificate test names the peer's IP address", Documented, "1.7"),
    varied("the name of the per-peer connection test", Unknown, "1.7"),
    varied("the section of the federation tests", Unknown, "1.7"),
    fixed("the XCP Config Manager asks for router restarts per node, and clears after them", Documented, "1.8"),
    varied("the wording of that notification, and whether the node has a column", Unknown, "1.8"),
    varied("when the notification comes and goes", Unknown, "1.8"),
    varied("an unrelated notification about database replication", Documented, "1.8"),
    varied("whether adding a peer asks for restarts at all", Documented, "1.9"),
    fixed("deleting a peer asks for restarts before release 14 and not from it on", Documented, "1.9"),
    varied("whether a delete asks on all nodes or on the publisher", Unknown, "2.4"),
    fixed("a peer whose address is not a database publisher does not sync", Documented, "2.2"),
    fixed("ICSA does not connect while a name of the peer's cluster does not resolve", Documented, "2.2"),
    varied("whether ICSA connects while the address of such a name does not lead back", Inferred, "2.2"),
    varied("how a peer that exists on one side only shows it", Inferred, "2.2"),
    varied("how long a first sync takes; several at once are slower", Inferred, "2.2"),
    varied("how long the Sync Agent takes to copy users", Unknown, "2.2"),
    fixed("a restart of the XCP Router brings its services back, a stop leaves them down", Documented, "2.4"),
    varied("how long services take to start and stop", Unknown, "2.4"),
    fixed("SRM fails over when the router is down for longer than Critical Service Delay", Documented, "2.4"),
    fixed("automatic fallback 30 minutes after recovery, where it is enabled", Documented, "2.4"),
    varied("users come back within 15 minutes of a router restart", Documented, "2.4"),
    fixed("ICSA does not start while its node has failed over", Documented, "2.4"),
    varied("the intervals of ICSA's retries and of its periodic sync", Unknown, "2.5"),
    varied("the High Availability state of a node without High Availability", Unknown, "3.2"),
    varied("the numbers of High Availability states and reasons", Unknown, "3.2"),
    fixed(
        "getClusterInfo, getCUPVersion, getClusterNodesAndCriticalServices, getSubClusterHAStatus",
        Documented,
        "3.2",
    ),
    varied("the HTTP status of AXL while the service is stopped", Unknown, "3.3"),
    fixed("a version that is not supported is answered with HTTP 599 and the list", Seen, "3.3"),
    fixed("schema support is N-2 major releases, and 8.0, which ICSA itself uses", Documented, "3.3"),
    fixed("faults are HTTP 500 with an axlError", Documented, "3.3"),
    varied("whether axlError has a namespace prefix", Seen, "3.3"),
    varied("the fault codes of bad SQL", Unknown, "3.3"),
    fixed("a query of more than 8 MB is refused with a row count", Documented, "3.4"),
    varied("whether nodeName selects a node in getClusterNodesAndCriticalServices", Unknown, "3.2"),
    varied("which services getClusterNodesAndCriticalServices lists", Unknown, "3.2"),
    varied("whether getSubClusterHAStatus tells states as words or as numbers", Unknown, "3.2"),
    varied("whether that refusal says Suggestive or Suggested", Documented, "3.4"),
    fixed("getCertificates and getCertificateSummary show what the nodes serve HTTPS with", Documented, "3.2"),
    varied("the form of a certificate's fingerprint and of securityHash", Unknown, "3.2"),
    varied("what getUser answers for a user who does not exist", Unknown, "3.1"),
    fixed("Unified CM's AXL lists redundancy groups, all nodes and assigned users", Documented, "3.5"),
    fixed("Unified CM's AXL switches High Availability of a redundancy group", Documented, "3.5"),
    varied("whether Unified CM's AXL has the service parameters of IM and Presence services", Unknown, "3.5"),
    varied("the words of Unified CM's faults", Unknown, "3.5"),
    fixed("reason codes of services", Seen, "4.3"),
    varied("whether a restart of a stopped service starts it", Unknown, "4.2"),
    varied(
        "whether SOAP restarts network services: it does until a lab is told otherwise, and then which reason it gives",
        Unknown,
        "10",
    ),
    fixed("the services of a node, and which of them are feature services", Documented, "4.4"),
    fixed("the probe of ICSA counts two publishers", Documented, "5"),
    fixed("tables and columns of the database, as far as they are published", Documented, "5"),
    varied("the table of intercluster peers", Inferred, "5"),
    varied("where the IM address scheme is to be seen, and how it is written", Unknown, "10"),
    varied("the numbers of tkassignmentstate", Inferred, "5"),
    varied("what certificates appliances show; a lab may ask for self-signed, nameless or expired ones", Unknown, "6"),
    varied("whether a TLS peer becomes secure while the other side's entry is TCP", Unknown, "6"),
    fixed("new tomcat certificates are out of date at the peers until a resync or a periodic sync", Documented, "6"),
    fixed("a peer's entries are changed in Presence > Inter-Clustering: find, add, save, delete", Documented, "1.1"),
    varied("headings and empty text of the list of peers, and whether it is empty until Find", Unknown, "1.1"),
    varied("whether the sync button says Force Manual Sync or Force Sync", Documented, "1.2"),
    varied(
        "the label of the second password field; whether a saved password is shown as a mask or not",
        Unknown,
        "1.2",
    ),
    varied("whether the panel's title has a hyphen", Documented, "1.3"),
    varied("the words that a picture of the panel stands for", Unknown, "1.3"),
    varied("the words for a change that was saved, and where they are", Unknown, "1.4"),
    varied("whether the servers of the service parameters carry a state", Inferred, "1.5"),
    fixed("panels and rows of the dashboard", Seen, "1.6"),
    varied("what the dashboard says of the troubleshooter; the headings of Presence Topology", Unknown, "1.6"),
    fixed("the header has an icon with the count of notifications", Documented, "1.8"),
    varied("the headings of the notifications", Unknown, "1.8"),
    fixed("ports 8443, 7400, 5060 and 22 are open between clusters until a firewall blocks them", Documented, "2.3"),
    varied("whether the pages of a subscriber let peers be changed", Unknown, "2.2"),
    fixed(
        "HTTP Basic or the session cookie for AXL; a cookie idle for 30 minutes is answered with 404",
        Documented,
        "3.3",
    ),
    fixed("401 is an HTML page; a missing role is 403; a GET with the right account is 200", Seen, "3.3"),
    varied("whether the Control Center pages say Running or Started", Documented, "4.1"),
    fixed("a Control Center operation acts on the node that is called", Documented, "4.2"),
    varied("how often Control Center may be asked in a minute, and the words of its refusal", Unknown, "4.2"),
    varied("ReturnCode of an order that was refused", Unknown, "4.1"),
    fixed("the first form of utils network connectivity ends with completed successfully", Documented, "7"),
    varied("its other ends, and what it says on the first node", Unknown, "7"),
    varied("what utils network connectivity says of a port, and whether it asks before", Unknown, "7"),
    fixed(
        "utils network host shows Local Resolution and External Resolution, or No external servers found",
        Documented,
        "7",
    ),
    varied("the lines below those headings", Unknown, "7"),
    varied("utils network ping prints what ping prints", Inferred, "7"),
    fixed("show network cluster has a line per server, with roles of both products", Documented, "7"),
    fixed("a service is listed as NAME[STATE] and the reason why it is stopped", Seen, "7"),
    varied("whether a service that runs is [STARTED] or [RUNNING]", Seen, "7"),
    varied("what stands around the lines of services, and whether an order asks before", Unknown, "7"),
    varied("what is said of a service that is not there", Unknown, "7"),
    fixed("utils diagnose test fails validate_network for a name that does not resolve back", Documented, "7"),
    varied("the head of utils diagnose test", Unknown, "7"),
    varied("the layout of utils ha status", Documented, "7"),
    fixed("run sql prints a table of fixed width with a line of =, and NULL", Documented, "7"),
    varied("what run sql prints without rows", Unknown, "7"),
    varied("what show perf query counter prints", Unknown, "7"),
    varied("the heading of utils dbreplication runtimestate", Unknown, "7"),
    fixed("the prompt is admin:, and questions end with Continue (y/n)?", Seen, "7"),
    varied("whether a question takes its answer at the key", Unknown, "7"),
    varied("the welcome text; whether exec, which runs a command without a prompt, prints it too", Unknown, "7"),
    varied("the texts for commands that are not known or not complete", Unknown, "7"),
    varied("algorithms, kinds of host keys and ways to log in over SSH, and the banner before", Unknown, "7"),
    fixed("login by a form to j_security_check, sessions in cookies, .do pages", Seen, "8"),
    varied("whether a page without a session shows the form or redirects to it; the words of a refusal", Unknown, "8"),
    fixed(
        "an account has no more sessions on a node's pages than `set webapp session maxlimit` says, 10",
        Documented,
        "8",
    ),
    varied("whether the sessions of a node's applications are counted together", Unknown, "8"),
    varied("the words for a login that is one too many", Unknown, "8"),
    varied("the markup of the pages: label tags, bare cells, frames; script where a lab asks for it", Unknown, "8"),
    varied("whether a form's token is good once or for the session", Unknown, "8"),
    fixed("the status panel refreshes by itself every 60 s, where pages are driven by script", Documented, "8"),
    fixed("the sync confirmation is a window with a check box, where pages are driven by script", Documented, "8"),
    varied("whether that window is a dialog of the page or a window of its own", Unknown, "8"),
    varied("which orders are asked about in an alert, and whether buttons are links with a script", Seen, "8"),
    varied("paths, ids and field names of the pages, hidden inputs included", Unknown, "8"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_published_varies() {
        for behaviour in BEHAVIOURS.iter().filter(|b| matches!(b.mark, Inferred | Unknown)) {
            assert!(behaviour.varies, "{}", behaviour.what);
        }
    }

    #[test]
    fn each_is_listed_once() {
        let seen: std::collections::BTreeSet<_> = BEHAVIOURS.iter().map(|b| b.what).collect();
        assert_eq!(seen.len(), BEHAVIOURS.len());
    }
}

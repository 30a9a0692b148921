//! The lab's table of modelled behaviours is complete: whatever the lab's seed decides anywhere in its source is listed
//! there, and varies.

#![allow(clippy::unwrap_used, reason = "clippy takes the functions beside the tests for no tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use intermesh::lab::behaviours::BEHAVIOURS;

/// What the servers let the seed decide, by the behaviour that it is a part of. A decision that is new in the source
/// belongs here, and its behaviour in the table.
const DECIDED: &[(&str, &[&str])] = &[
    ("whether the sessions of a node's applications are counted together", &["sessions of all applications"]),
    ("the words for a login that is one too many", &["one login too many"]),
    ("the words that a picture of the panel stands for", &["check mark", "error mark"]),
    ("the words for a change that was saved, and where they are", &["added", "updated", "synced", "status panel"]),
    ("what the dashboard says of the troubleshooter; the headings of Presence Topology", &["verdict", "node heading"]),
    ("the headings of the notifications", &["notification heading", "raised heading"]),
    ("whether the servers of the service parameters carry a state", &["server state"]),
    (
        "headings and empty text of the list of peers, and whether it is empty until Find",
        &["address heading", "status heading", "nothing", "find first"],
    ),
    ("whether the sync button says Force Manual Sync or Force Sync", &["sync button"]),
    (
        "the label of the second password field; whether a saved password is shown as a mask or not",
        &["confirm label", "password mask"],
    ),
    ("whether the panel's title has a hyphen", &["panel"]),
    ("whether the pages of a subscriber let peers be changed", &["publisher only"]),
    ("whether the Control Center pages say Running or Started", &["running"]),
    (
        "how often Control Center may be asked in a minute, and the words of its refusal",
        &["control center rate", "control center rate text"],
    ),
    ("ReturnCode of an order that was refused", &["return code"]),
    ("whether axlError has a namespace prefix", &["axlError has a prefix"]),
    ("the fault codes of bad SQL", &["axlcode of the database"]),
    ("whether nodeName selects a node in getClusterNodesAndCriticalServices", &["nodeName selects"]),
    ("which services getClusterNodesAndCriticalServices lists", &["critical services only"]),
    ("whether getSubClusterHAStatus tells states as words or as numbers", &["sub-cluster states are numbers"]),
    ("whether that refusal says Suggestive or Suggested", &["row fetch wording"]),
    ("the form of a certificate's fingerprint and of securityHash", &["letter case of fingerprints"]),
    ("what getUser answers for a user who does not exist", &["an unknown user"]),
    (
        "whether Unified CM's AXL has the service parameters of IM and Presence services",
        &["Unified CM has the service parameters"],
    ),
    ("the words of Unified CM's faults", &["words of a missing item"]),
    ("the table of intercluster peers", &["cupsinterclusterpeers exists"]),
    ("where the IM address scheme is to be seen, and how it is written", &["where the IM address scheme is"]),
    ("the numbers of tkassignmentstate", &["first assignment state"]),
    (
        "its other ends, and what it says on the first node",
        &["cli connectivity on first node", "cli connectivity failed"],
    ),
    (
        "what utils network connectivity says of a port, and whether it asks before",
        &["cli port form", "cli asks before port"],
    ),
    (
        "the lines below those headings",
        &["cli no local resolution", "cli forward resolution", "cli reverse resolution"],
    ),
    ("whether ICSA connects while the address of such a name does not lead back", &["ICSA looks addresses up, too"]),
    ("whether a service that runs is [STARTED] or [RUNNING]", &["cli started"]),
    (
        "what stands around the lines of services, and whether an order asks before",
        &["cli service list head", "cli service order head", "cli asks before service"],
    ),
    ("what is said of a service that is not there", &["cli no such service"]),
    ("the head of utils diagnose test", &["cli diagnose head"]),
    ("the layout of utils ha status", &["cli ha layout", "cli no such group"]),
    ("what run sql prints without rows", &["cli sql without rows"]),
    ("what show perf query counter prints", &["cli counter", "cli no such counter"]),
    ("the heading of utils dbreplication runtimestate", &["cli replication column"]),
    ("whether a question takes its answer at the key", &["cli answers at key"]),
    (
        "the welcome text; whether exec, which runs a command without a prompt, prints it too",
        &["cli welcome", "cli greets exec"],
    ),
    ("the texts for commands that are not known or not complete", &["cli unknown command", "cli incomplete"]),
    (
        "algorithms, kinds of host keys and ways to log in over SSH, and the banner before",
        &["ssh only old algorithms", "ssh host keys", "ssh only an RSA key", "ssh login methods", "ssh banner"],
    ),
    (
        "whether a page without a session shows the form or redirects to it; the words of a refusal",
        &["login", "login refusal"],
    ),
    ("the markup of the pages: label tags, bare cells, frames; script where a lab asks for it", &["skin"]),
    ("whether that window is a dialog of the page or a window of its own", &["sync window"]),
    ("which orders are asked about in an alert, and whether buttons are links with a script", &["script links"]),
    (
        "paths, ids and field names of the pages, hidden inputs included",
        &[
            "token",
            "button",
            "peer controls",
            "resync",
            "panel id",
            "list id",
            "notifications id",
            "message id",
            "topology",
            "node",
            "parameters",
            "peers",
            "peer",
            "peer status",
            "sync",
            "dashboard",
            "troubleshooter",
            "notifications",
            "activation",
            "feature",
            "network",
        ],
    ),
];

/// What the model of the product lets the seed decide (`world/quirks.rs`), by the behaviour that it is a part of. A quirk
/// that is new belongs here, and its behaviour in the table.
const QUIRKS: &[(&str, &[&str])] = &[
    ("the HTTP status of AXL while the service is stopped", &["axl_down_status"]),
    ("the text of a good Peer Connectivity Test", &["reachable"]),
    ("the label of the overall status and its other texts", &["overall_label", "overall_good", "overall_busy"]),
    (
        "the other texts of Certificate Status, and whether a TCP peer shows it",
        &["certificate_pending", "certificate_tcp"],
    ),
    ("the format of Last Synchronized Time, and its text before the first sync", &["time_format", "never"]),
    ("whether the panel shows Peer SIP Proxy Domain and Peer Version", &["extra_entries"]),
    ("how a peer that exists on one side only shows it", &["one_sided"]),
    ("whether a save asks the peer's AXL, and refuses what does not answer", &["verifies_account"]),
    ("the text for an address that is configured already", &["duplicate"]),
    ("whether such a peer recovers without a forced sync", &["early_recovers"]),
    ("whether a TLS peer becomes secure while the other side's entry is TCP", &["mixed_is_secure"]),
    ("whether a resync of certificates also needs a restart of ICSA", &["resync_sticks"]),
    ("the intervals of ICSA's retries and of its periodic sync", &["retry", "periodic"]),
    ("the wording of that notification, and whether the node has a column", &["restart_wording", "node_column"]),
    ("whether adding a peer asks for restarts at all", &["notifies_on_add"]),
    ("whether a delete asks on all nodes or on the publisher", &["delete_notifies_all"]),
    ("an unrelated notification about database replication", &["unrelated_notification"]),
    ("Sync Status while the Sync Agent is stopped, and while it works", &["sync_stopped", "sync_running"]),
    ("whether a restart of a stopped service starts it", &["restart_starts"]),
    (
        "whether SOAP restarts network services: it does until a lab is told otherwise, and then which reason it gives",
        &["network_restart"],
    ),
    ("the High Availability state of a node without High Availability", &["state_without_ha"]),
    ("the section of the federation tests", &["federation_section"]),
    ("the name of the per-peer connection test", &["peer_test"]),
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found
}

/// The code of the lab without its tests.
fn code() -> String {
    let lab = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lab");
    let text = |path: &PathBuf| std::fs::read_to_string(path).unwrap();
    let files = sources(&lab);
    let own = files.iter().filter(|path| !path.components().any(|part| part.as_os_str() == "tests")).map(text);
    own.map(|text| text.split("#[cfg(test)]").next().unwrap_or_default().to_owned()).collect()
}

/// The texts by which the code asks the seed: the first one between the brackets of a call.
fn purposes(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for call in [".decide(", ".pick(", " pick("] {
        for (at, _) in code.match_indices(call) {
            let arguments = code[at + call.len()..].trim_start().trim_start_matches("seed,").trim_start();
            let text = arguments.strip_prefix('"').and_then(|text| text.split_once('"'));
            found.extend(text.map(|(purpose, _)| purpose.to_owned()));
        }
    }
    found
}

/// The section that ends the doc comment of each of a seed's decisions in `world/quirks.rs`.
fn quirks(code: &str) -> BTreeMap<String, String> {
    let (_, fields) = code.split_once("pub(super) struct Quirks {").unwrap();
    let (fields, _) = fields.split_once("\n}").unwrap();
    let mut found = BTreeMap::new();
    let mut comment = String::new();
    for line in fields.lines().map(str::trim) {
        if let Some(text) = line.strip_prefix("///") {
            comment += text;
        } else if let Some((name, _)) = line.strip_prefix("pub(super) ").and_then(|field| field.split_once(':')) {
            let section = comment.rsplit_once('(').unwrap().1.trim_end_matches(['.', ')']).to_owned();
            found.insert(name.to_owned(), section.split(':').next().unwrap().to_owned());
            comment.clear();
        }
    }
    found
}

#[test]
fn what_the_servers_let_the_seed_decide_is_in_the_table() {
    let found = purposes(&code());
    assert!(found.len() > 70, "the reader of decisions finds only {found:?}");
    let listed: Vec<&str> = DECIDED.iter().flat_map(|(_, purposes)| purposes.iter().copied()).collect();
    let known: BTreeSet<String> = listed.iter().map(|purpose| (*purpose).to_owned()).collect();
    assert_eq!(known.len(), listed.len(), "each belongs to one behaviour");
    assert_eq!(found, known);
    for (what, _) in DECIDED {
        let behaviour = BEHAVIOURS.iter().find(|behaviour| behaviour.what == *what);
        assert!(behaviour.is_some_and(|behaviour| behaviour.varies), "{what}");
    }
}

#[test]
fn every_quirk_of_the_model_is_in_the_table() {
    let quirks = quirks(&code());
    assert!(quirks.len() > 20, "the reader of quirks finds only {quirks:?}");
    let listed: Vec<&str> = QUIRKS.iter().flat_map(|(_, quirks)| quirks.iter().copied()).collect();
    let known: BTreeSet<&str> = listed.iter().copied().collect();
    assert_eq!(known.len(), listed.len(), "each belongs to one behaviour");
    assert_eq!(quirks.keys().map(String::as_str).collect::<BTreeSet<_>>(), known);
    for (what, of) in QUIRKS {
        let behaviour = BEHAVIOURS.iter().find(|behaviour| behaviour.what == *what);
        let behaviour = behaviour.filter(|behaviour| behaviour.varies).unwrap_or_else(|| panic!("{what}"));
        // what is said of it where it is decided is of the same section
        for quirk in *of {
            assert_eq!(quirks[*quirk], behaviour.section, "{quirk}: {what}");
        }
    }
}

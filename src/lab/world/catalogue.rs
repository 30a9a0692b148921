//! The services of a node, in the product's spelling (field-notes 4.4), and what the model knows of each.

use super::views::ServiceKind::{self, Feature, Network};
use crate::cluster::service;

/// A service that every node has.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: &'static str,
    pub(super) kind: ServiceKind,
    pub(super) group: &'static str,
    /// Activated when a cluster is set up as the installation guide recommends.
    pub(super) activated: bool,
}

const fn network(name: &'static str) -> Entry {
    Entry { name, kind: Network, group: IMP, activated: true }
}

const fn feature(name: &'static str, activated: bool) -> Entry {
    Entry { name, kind: Feature, group: IMP, activated }
}

const IMP: &str = "IM and Presence Services";

pub(super) const CONFIG_MANAGER: &str = "Cisco XCP Config Manager";
pub(super) const RECOVERY_MANAGER: &str = "Cisco Server Recovery Manager";
pub(super) const DATA_MONITOR: &str = "Cisco IM and Presence Data Monitor";
pub(super) const CONFIG_AGENT: &str = "Cisco Config Agent";
pub(super) const SIP_PROXY: &str = "Cisco SIP Proxy";
pub(super) const PRESENCE_ENGINE: &str = "Cisco Presence Engine";
pub(super) const CONNECTION_MANAGER: &str = "Cisco XCP Connection Manager";
pub(super) const AUTHENTICATION: &str = "Cisco XCP Authentication Service";

/// All services of a node.
pub(super) static CATALOGUE: [Entry; 26] = [
    network("Cisco Login Datastore"),
    network("Cisco Route Datastore"),
    network("Cisco Presence Datastore"),
    network("Cisco SIP Registration Datastore"),
    network(CONFIG_AGENT),
    network(service::SYNC_AGENT),
    network("Cisco OAM Agent"),
    network("Cisco Client Profile Agent"),
    network(service::ICSA),
    network(service::XCP_ROUTER),
    network(CONFIG_MANAGER),
    network(RECOVERY_MANAGER),
    network(DATA_MONITOR),
    network("Cisco RCC Device Selection"),
    Entry { name: service::AXL, kind: Feature, group: "Database and Admin Services", activated: true },
    feature(SIP_PROXY, true),
    feature(PRESENCE_ENGINE, true),
    feature("Cisco XCP Text Conference Manager", true),
    feature("Cisco XCP Web Connection Manager", true),
    feature(CONNECTION_MANAGER, true),
    feature("Cisco XCP SIP Federation Connection Manager", false),
    feature("Cisco XCP XMPP Federation Connection Manager", false),
    feature("Cisco XCP Message Archiver", false),
    feature("Cisco XCP Directory Service", false),
    feature(AUTHENTICATION, true),
    feature("Cisco XCP File Transfer Manager", false),
];

/// The place of a service, letter case aside.
pub(super) fn place(name: &str) -> Option<usize> {
    CATALOGUE.iter().position(|e| e.name.eq_ignore_ascii_case(name.trim()))
}

/// Whether a service goes down with the XCP Router, and comes back with its restart (field-notes 2.4).
pub(super) fn depends_on_router(entry: &Entry) -> bool {
    entry.kind == Feature && entry.name.starts_with("Cisco XCP ")
}

/// A `ReasonCode` and its text (field-notes 4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reason(pub(super) i32, pub(super) &'static str);

impl Reason {
    pub(super) const NONE: Reason = Reason(-1, "");
    pub(super) const NO_SUCH_SERVICE: Reason = Reason(-1010, "No such service");
    pub(super) const RESERVED: Reason = Reason(-1011, "Reserved for platform");
    pub(super) const NOT_RUNNING: Reason = Reason(-1019, "Component is not running");
    pub(super) const PENDING: Reason = Reason(-1029, "Operation is pending");
    pub(super) const DEPENDENCY_INACTIVE: Reason = Reason(-1037, "Dependency is not in active state");
    pub(super) const ALREADY_STARTED: Reason = Reason(-1039, "Component already started");
    pub(super) const ALREADY_STOPPED: Reason = Reason(-1040, "Component already stopped");
    pub(super) const NOT_ALLOWED: Reason = Reason(-1042, "Transition not allowed");
    pub(super) const NOT_SUPPORTED: Reason = Reason(-1045, "Operation not supported");
    pub(super) const ALREADY_THERE: Reason = Reason(-1057, "Component already in specified state");
    pub(super) const NOT_ACTIVATED: Reason = Reason(-1068, "Service Not Activated");
    pub(super) const COMMANDED: Reason = Reason(-1069, "Commanded Out of Service");
}

//! The services and parameters that public material names (field-notes 1.5, 2.4 and 4). It is not all there is: what
//! is missing here may well exist, so it is a warning and not an error.

/// A service parameter.
pub(super) struct Parameter {
    /// Its label on System > Service Parameters.
    pub label: &'static str,
    /// What it may be set to.
    pub values: Values,
    /// The first release that has it, where it is known.
    pub since: Option<&'static str>,
}

/// What a parameter may be set to.
pub(super) enum Values {
    /// One of these, as the page shows them.
    Choice(&'static [&'static str]),
    /// A whole number in these bounds.
    Number(u64, u64),
}

const AGENT: &[Parameter] = &[
    Parameter {
        label: "Enable Auto Recovery for Inter-Cluster Peer Periodic Syncing Failure",
        values: Values::Choice(&["Enabled", "Disabled"]),
        since: Some("12.5(1)"),
    },
    Parameter {
        label: "Certificate Sync during Inter-Cluster Periodic Sync",
        values: Values::Choice(&["Perform certificate sync", "Do not perform certificate sync"]),
        since: Some("12.5(1)SU4"),
    },
];

/// How many processes the product could start at most is not published; 0 would stop the proxy.
const PROXY: &[Parameter] = &[
    Parameter { label: PROCESSES, values: Values::Number(1, 1_000), since: None },
    Parameter { label: SPARE_PROCESSES, values: Values::Number(1, 1_000), since: None },
];

const MONITOR: &[Parameter] =
    &[Parameter { label: "User Check Interval", values: Values::Number(5, 1_440), since: None }];

const RECOVERY: &[Parameter] = &[
    Parameter { label: "Critical Service Delay", values: Values::Number(0, 86_400), since: None },
    Parameter { label: "Keep Alive (Heartbeat) Timeout", values: Values::Number(0, 86_400), since: None },
    Parameter { label: "Keep Alive (HeartBeat) Interval", values: Values::Number(0, 86_400), since: None },
    Parameter {
        label: "Initialization Keep Alive (Heartbeat) Timeout",
        values: Values::Number(0, 86_400),
        since: None,
    },
    Parameter { label: "Enable Automatic Fallback", values: Values::Choice(&["True", "False"]), since: None },
    Parameter { label: "Client Re-Login Lower Limit", values: Values::Number(0, 86_400), since: None },
    Parameter { label: "Client Re-Login Upper Limit", values: Values::Number(0, 86_400), since: None },
    Parameter { label: "Service Port", values: Values::Number(1, 65_535), since: None },
];

/// The service whose process parameters have to be the same on all nodes.
pub(super) const SIP_PROXY: &str = "Cisco SIP Proxy";
/// The first of its process parameters.
pub(super) const PROCESSES: &str = "Maximum no. of processes";
/// The second of its process parameters.
pub(super) const SPARE_PROCESSES: &str = "Maximum no. of spare processes";

/// The services, each with the parameters that are known of it.
pub(super) const SERVICES: &[(&str, &[Parameter])] = &[
    ("Cisco Intercluster Sync Agent", AGENT),
    (SIP_PROXY, PROXY),
    ("Cisco IM and Presence Data Monitor", MONITOR),
    ("Cisco Server Recovery Manager", RECOVERY),
    ("Cisco Sync Agent", &[]),
    ("Cisco AXL Web Service", &[]),
    ("Cisco Presence Engine", &[]),
    ("Cisco Client Profile Agent", &[]),
    ("Cisco Config Agent", &[]),
    ("Cisco OAM Agent", &[]),
    ("Cisco Route Datastore", &[]),
    ("Cisco Presence Datastore", &[]),
    ("Cisco Login Datastore", &[]),
    ("Cisco SIP Registration Datastore", &[]),
    ("Cisco XCP Router", &[]),
    ("Cisco XCP Config Manager", &[]),
    ("Cisco XCP Connection Manager", &[]),
    ("Cisco XCP Authentication Service", &[]),
    ("Cisco XCP Directory Service", &[]),
    ("Cisco XCP File Transfer Manager", &[]),
    ("Cisco XCP Message Archiver", &[]),
    ("Cisco XCP SIP Federation Connection Manager", &[]),
    ("Cisco XCP Text Conference Manager", &[]),
    ("Cisco XCP Web Connection Manager", &[]),
    ("Cisco XCP XMPP Federation Connection Manager", &[]),
];

/// The service of that name; letter case makes no difference.
pub(super) fn service(name: &str) -> Option<&'static (&'static str, &'static [Parameter])> {
    SERVICES.iter().find(|(known, _)| same(known, name))
}

/// Whether two names mean the same. The documents differ in letter case and spacing (`Inter-Cluster`, `Inter-cluster`).
pub(super) fn same(a: &str, b: &str) -> bool {
    a.split_whitespace().map(str::to_lowercase).eq(b.split_whitespace().map(str::to_lowercase))
}

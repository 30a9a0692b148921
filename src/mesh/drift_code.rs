//! The codes of drift: what a finding of `intermesh drift` is called, and what an acceptance in the file may name. A code
//! never changes its meaning.
//!
//! How bad a finding is follows one rule. **Error**: users of two clusters do not see each other, or will not after the
//! next thing that happens anyway. **Warning**: presence works, and something is not as the file or the vendor wants it.
//! **Note**: nothing is affected; somebody may want to know. Where a code has two severities, its rule says when.

use std::fmt;

use serde::{Serialize, Serializer};

/// How bad drift is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DriftSeverity {
    /// Nothing is affected.
    Note,
    /// Presence works, and something is not as it is wanted.
    Warning,
    /// Users of two clusters do not see each other, or soon will not.
    Error,
}

impl DriftSeverity {
    /// Its name.
    pub fn word(self) -> &'static str {
        match self {
            Note => "note",
            Warning => "warning",
            Error => "error",
        }
    }
}

impl fmt::Display for DriftSeverity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// A kind of drift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "each is described by its title in the table below")]
pub enum DriftCode {
    PeerMissing,
    PeerUnasked,
    PeerName,
    Protocol,
    Username,
    NotConnected,
    CertificatesOutOfSync,
    AssociatedUsers,
    StatusPanel,
    Stuck,
    ServiceStopped,
    ServiceDeactivated,
    RestartAsked,
    SyncAgentUnfinished,
    NodeSilent,
    NodeMissing,
    NodeUnknown,
    Publisher,
    Release,
    HighAvailabilityOff,
    HighAvailabilityState,
    Unassigned,
    Users,
    Troubleshooter,
    AddressScheme,
    Account,
    CertificateExpired,
    CertificateExpires,
    CertificateReplaced,
    NameUnresolved,
    NameOneWay,
    Parameter,
    AcceptanceRanOut,
}

/// What is known of a kind of drift.
struct Known {
    kind: DriftCode,
    code: &'static str,
    title: &'static str,
    /// The worst that it is.
    severity: DriftSeverity,
    /// Why it is so bad, and when it is less.
    rule: &'static str,
}

use DriftSeverity::{Error, Note, Warning};

const fn known(
    kind: DriftCode,
    code: &'static str,
    title: &'static str,
    severity: DriftSeverity,
    rule: &'static str,
) -> Known {
    Known { kind, code, title, severity, rule }
}

/// All kinds, in the order of the enum.
const KNOWN: &[Known] = &[
    known(
        DriftCode::PeerMissing,
        "DR001",
        "a peer is missing",
        Error,
        "An error: a link needs its entry on both clusters.",
    ),
    known(
        DriftCode::PeerUnasked,
        "DR002",
        "a peer that the file does not ask for",
        Warning,
        "A warning: it works, and nobody who reads the file knows of it.",
    ),
    known(
        DriftCode::PeerName,
        "DR003",
        "a peer under another name than the file's",
        Error,
        "An error: Peer Address must be the node name of the other database publisher.",
    ),
    known(
        DriftCode::Protocol,
        "DR004",
        "Protocol is not the file's",
        Error,
        "An error where the two sides of the link differ from each other, or the entry's status panel is not good; a \
         warning where both sides have the same and work.",
    ),
    known(
        DriftCode::Username,
        "DR005",
        "AXL Username is not the file's",
        Error,
        "An error where the entry's status panel is not good; a warning where the account works all the same.",
    ),
    known(
        DriftCode::NotConnected,
        "DR006",
        "a peer does not connect",
        Error,
        "An error: nothing is synchronized, and presence goes stale.",
    ),
    known(
        DriftCode::CertificatesOutOfSync,
        "DR007",
        "the certificates of a peer are out of sync",
        Error,
        "An error: a TLS link carries nothing until they are exchanged again.",
    ),
    known(
        DriftCode::AssociatedUsers,
        "DR008",
        "Associated Users are not the users of the other side",
        Warning,
        "A warning where the panel itself does not check the entry; a note where it does, because new users are learned \
         with the next periodic sync.",
    ),
    known(
        DriftCode::StatusPanel,
        "DR009",
        "an entry of the status panel is not checked",
        Error,
        "An error: the procedure calls a peer good when every entry is checked.",
    ),
    known(
        DriftCode::Stuck,
        "DR010",
        "a periodic sync is stuck",
        Warning,
        "A warning: what is known stays, what changes on the other side is not learned.",
    ),
    known(
        DriftCode::ServiceStopped,
        "DR020",
        "a service does not run",
        Error,
        "An error on a database publisher, and for Cisco XCP Router on every node; a warning for others on a subscriber: \
         it is missed after a failover.",
    ),
    known(
        DriftCode::ServiceDeactivated,
        "DR021",
        "a service is not activated",
        Error,
        "An error on a database publisher; a warning on a subscriber: it is missed after a failover.",
    ),
    known(
        DriftCode::RestartAsked,
        "DR022",
        "a notification asks to restart Cisco XCP Router",
        Warning,
        "A warning: what was changed is not in use until then.",
    ),
    known(
        DriftCode::SyncAgentUnfinished,
        "DR023",
        "the Cisco Sync Agent has not finished",
        Warning,
        "A warning: peers that are saved now fail.",
    ),
    known(
        DriftCode::NodeSilent,
        "DR030",
        "a node does not answer",
        Error,
        "An error: what it serves is gone, or intermesh alone cannot reach it.",
    ),
    known(
        DriftCode::NodeMissing,
        "DR031",
        "a node of the file is not in the cluster",
        Error,
        "An error: the file speaks of another cluster, or the node was taken out.",
    ),
    known(
        DriftCode::NodeUnknown,
        "DR032",
        "a node that the file does not name",
        Warning,
        "A warning: its services and certificate matter to every peer.",
    ),
    known(
        DriftCode::Publisher,
        "DR033",
        "the database publisher has another name",
        Error,
        "An error: every peer of the cluster points to a name that it does not know.",
    ),
    known(
        DriftCode::Release,
        "DR034",
        "the release is not the expected one",
        Warning,
        "A warning: restarts and parameters differ by release.",
    ),
    known(
        DriftCode::HighAvailabilityOff,
        "DR040",
        "High Availability is off",
        Warning,
        "A warning: presence works until a node fails.",
    ),
    known(
        DriftCode::HighAvailabilityState,
        "DR041",
        "High Availability is not Normal",
        Error,
        "An error: users have failed over or soon will, and the Intercluster Sync Agent may not start.",
    ),
    known(
        DriftCode::Unassigned,
        "DR050",
        "users or nodes are unassigned",
        Warning,
        "A warning: unassigned users are seen by nobody.",
    ),
    known(
        DriftCode::Users,
        "DR051",
        "the User Troubleshooter finds something wrong",
        Error,
        "An error: the users that it names do not see others, nor are they seen.",
    ),
    known(
        DriftCode::Troubleshooter,
        "DR052",
        "a test of the System Troubleshooter fails",
        Warning,
        "A warning: nothing that intermesh checks itself explains it.",
    ),
    known(
        DriftCode::AddressScheme,
        "DR053",
        "the IM address schemes differ",
        Error,
        "An error: addresses of one cluster mean nobody on the other.",
    ),
    known(
        DriftCode::Account,
        "DR060",
        "a cluster does not answer the account that its peers use",
        Error,
        "An error: no peer connects to it any more.",
    ),
    known(
        DriftCode::CertificateExpired,
        "DR070",
        "a certificate is not valid",
        Error,
        "An error: neither peers nor intermesh trust the node.",
    ),
    known(
        DriftCode::CertificateExpires,
        "DR071",
        "a certificate expires within 30 days",
        Warning,
        "A warning: an authority and a window take time.",
    ),
    known(
        DriftCode::CertificateReplaced,
        "DR072",
        "a certificate was replaced",
        Note,
        "A note: peers learn it with a sync. Where they do not, DR007 says so.",
    ),
    known(
        DriftCode::NameUnresolved,
        "DR080",
        "a name does not resolve",
        Error,
        "An error: the Intercluster Sync Agent does not connect to a cluster while one of its names does not resolve.",
    ),
    known(
        DriftCode::NameOneWay,
        "DR081",
        "an address does not lead back to its name",
        Error,
        "An error where a peer of the cluster does not connect; a warning where all connect: the vendor demands it all the \
         same.",
    ),
    known(
        DriftCode::Parameter,
        "DR090",
        "a service parameter is not the file's",
        Warning,
        "A warning: presence works, in another way than was decided.",
    ),
    known(
        DriftCode::AcceptanceRanOut,
        "DR099",
        "an acceptance of drift has run out",
        Warning,
        "A warning: what it accepted counts again.",
    ),
];

impl DriftCode {
    /// The code of that name; letter case makes no difference.
    pub fn named(code: &str) -> Option<DriftCode> {
        KNOWN.iter().find(|known| known.code.eq_ignore_ascii_case(code)).map(|known| known.kind)
    }

    /// All codes, in their order.
    pub fn all() -> impl Iterator<Item = DriftCode> {
        KNOWN.iter().map(|known| known.kind)
    }

    /// The code, such as `DR001`.
    pub fn code(self) -> &'static str {
        self.known().code
    }

    /// The kind of drift in a few words.
    pub fn title(self) -> &'static str {
        self.known().title
    }

    /// The worst that it is.
    pub fn severity(self) -> DriftSeverity {
        self.known().severity
    }

    /// Why it is so bad, and when it is less.
    pub fn rule(self) -> &'static str {
        self.known().rule
    }

    fn known(self) -> &'static Known {
        &KNOWN[self as usize]
    }
}

impl fmt::Display for DriftCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl Serialize for DriftCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_where_it_is_looked_for() {
        for (at, known) in KNOWN.iter().enumerate() {
            assert_eq!(known.kind as usize, at, "{}", known.code);
            assert_eq!(DriftCode::named(&known.code.to_lowercase()), Some(known.kind));
            let word = match known.severity {
                Error => "An error",
                Warning => "A warning",
                Note => "A note",
            };
            assert!(known.rule.starts_with(word) && known.rule.ends_with('.'), "{}: {}", known.code, known.rule);
        }
        assert!(KNOWN.is_sorted_by_key(|known| known.code));
        assert_eq!(KNOWN.last().map(|known| known.kind), Some(DriftCode::AcceptanceRanOut));
    }
}

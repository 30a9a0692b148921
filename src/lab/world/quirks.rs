//! What public material leaves open, decided once per lab by its seed. Every field stands for a row of
//! `lab::behaviours` that is marked inferred or unknown.

use std::time::Duration;

use super::catalogue::Reason;
use super::chance::Chance;

/// How a peer that exists on one side only shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OneSided {
    /// It connects, but nothing is synchronized.
    ConnectsOnly,
    /// It is `Not reachable`.
    NotReachable,
    /// Users are learned, but the entry is never healthy.
    UsersOnly,
}

/// The decisions of a seed.
#[derive(Clone, Debug)]
pub(super) struct Quirks {
    /// The HTTP status of `/axl/` while the service is stopped (3.3).
    pub(super) axl_down_status: u16,
    /// `Peer Connectivity Test` when it is good (1.3).
    pub(super) reachable: &'static str,
    /// The label of the overall status (1.3).
    pub(super) overall_label: &'static str,
    /// The overall status when all is well (1.3).
    pub(super) overall_good: &'static str,
    /// The overall status while the first sync runs (1.3).
    pub(super) overall_busy: &'static str,
    /// `Certificate Status` before the certificates are exchanged (1.3).
    pub(super) certificate_pending: &'static str,
    /// `Certificate Status` of a TCP peer; none leaves the entry out (1.3).
    pub(super) certificate_tcp: Option<&'static str>,
    /// The format of `Last Synchronized Time` (1.3).
    pub(super) time_format: &'static str,
    /// `Last Synchronized Time` before the first sync (1.3).
    pub(super) never: &'static str,
    /// Whether the panel has entries beyond those that are published (1.3).
    pub(super) extra_entries: bool,
    /// How a one-sided peer shows it (2.2).
    pub(super) one_sided: OneSided,
    /// Whether a save asks the peer's AXL first, and refuses what does not answer (1.4).
    pub(super) verifies_account: bool,
    /// The text for a peer that exists already (1.4).
    pub(super) duplicate: &'static str,
    /// Whether a peer saved too early recovers without a forced sync (1.3).
    pub(super) early_recovers: bool,
    /// Whether a TLS entry becomes secure while the other side's entry is TCP (6).
    pub(super) mixed_is_secure: bool,
    /// Whether a resync of out-of-date certificates needs a restart of ICSA as well (1.3).
    pub(super) resync_sticks: bool,
    /// The time between two attempts to connect (2.5).
    pub(super) retry: Duration,
    /// The time between two periodic syncs (2.5).
    pub(super) periodic: Duration,
    /// The wording of a restart notification; `{node}` is filled in (1.8).
    pub(super) restart_wording: &'static str,
    /// Whether the node has a column of its own (1.8).
    pub(super) node_column: bool,
    /// Whether adding a peer asks for restarts at all (1.9: only if a notification says so).
    pub(super) notifies_on_add: bool,
    /// Whether a delete notifies all nodes, or the publisher only (2.4).
    pub(super) delete_notifies_all: bool,
    /// Whether an unrelated notification is there from the start (1.8).
    pub(super) unrelated_notification: bool,
    /// `Sync Status` while the Sync Agent is stopped (1.6).
    pub(super) sync_stopped: &'static str,
    /// `Sync Status` while the Sync Agent works (1.6).
    pub(super) sync_running: &'static str,
    /// Whether a restart of a stopped service starts it, or is refused (4.2).
    pub(super) restart_starts: bool,
    /// Why SOAP does not restart a network service, where a lab is told so (10).
    pub(super) network_restart: Reason,
    /// The High Availability state of a node without High Availability (3.2).
    pub(super) state_without_ha: &'static str,
    /// Where the cross-cluster federation tests are listed (1.7).
    pub(super) federation_section: &'static str,
    /// The name of the per-peer reachability test (1.7).
    pub(super) peer_test: &'static str,
}

impl Quirks {
    pub(super) fn new(c: Chance) -> Quirks {
        let seconds = |low, high, key: &str| Duration::from_secs(c.between(low, high, &["quirk", key]));
        let text = |first: &'static str, others: &[&'static str], key: &str| c.pick(first, others, &["quirk", key]);
        let flag = |n, key: &str| c.one_in(n, &["quirk", key]);
        Quirks {
            axl_down_status: c.pick(503, &[404, 500], &["quirk", "axl down"]),
            reachable: text("Verified", &["Reachable", "Success"], "reachable"),
            overall_label: text("Inter-cluster Sync Status", &["Peer Status", "Overall Status"], "overall label"),
            overall_good: text("Synchronized", &["Completed", "Success"], "overall good"),
            overall_busy: text("In progress", &["Synchronizing", "Pending"], "overall busy"),
            certificate_pending: text(
                "Connection is not secure",
                &["Certificates are not synchronized", "Awaiting certificates"],
                "certificate pending",
            ),
            certificate_tcp: c.pick(
                None,
                &[Some("Connection is secure"), Some("Not applicable")],
                &["quirk", "certificate tcp"],
            ),
            time_format: text("%Y-%m-%d %H:%M:%S", &["%a %b %d %H:%M:%S UTC %Y", "%m/%d/%Y %H:%M"], "time format"),
            never: text("Never", &["-", "Not available"], "never"),
            extra_entries: flag(2, "extra entries"),
            one_sided: c.pick(
                OneSided::ConnectsOnly,
                &[OneSided::NotReachable, OneSided::UsersOnly],
                &["quirk", "one-sided"],
            ),
            verifies_account: flag(4, "verifies account"),
            duplicate: text(
                "The peer address is already configured.",
                &[
                    "An inter-cluster peer with this address already exists.",
                    "Could not insert new row - duplicate value in a UNIQUE INDEX column.",
                ],
                "duplicate",
            ),
            early_recovers: flag(2, "early recovers"),
            mixed_is_secure: flag(2, "mixed is secure"),
            resync_sticks: flag(4, "resync sticks"),
            retry: seconds(60, 300, "retry"),
            periodic: seconds(1_800, 3_600, "periodic"),
            restart_wording: text(
                "Restart the Cisco XCP Router on node {node}: the inter-cluster configuration has changed.",
                &[
                    "Cisco XCP Router must be restarted on {node} for configuration changes to take effect",
                    "{node}: service Cisco XCP Router requires a restart.",
                ],
                "restart wording",
            ),
            node_column: flag(2, "node column"),
            notifies_on_add: !flag(8, "notifies on add"),
            delete_notifies_all: flag(2, "delete notifies all"),
            unrelated_notification: flag(3, "unrelated notification"),
            sync_stopped: text("Not running", &["Unknown", "Sync Agent is not running"], "sync stopped"),
            sync_running: text("In progress", &["Synchronizing", "Started"], "sync running"),
            restart_starts: flag(2, "restart starts"),
            network_restart: c.pick(
                Reason::NOT_SUPPORTED,
                &[Reason::RESERVED, Reason::NOT_ALLOWED],
                &["quirk", "network restart"],
            ),
            state_without_ha: text("HA_Unknown", &["Idle"], "state without ha"),
            federation_section: text("Inter-Clustering Troubleshooter", &["XCP Troubleshooter"], "federation section"),
            peer_test: text(
                "Verify that each inter-cluster peer is reachable.",
                &[
                    "Verify that inter-cluster peers have no connection failures.",
                    "Verify the inter-cluster peer connections.",
                ],
                "peer test",
            ),
        }
    }
}

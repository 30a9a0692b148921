//! What a plan may do, how fast and when; and what is known and accepted.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::read::{count, given};
use crate::mesh::names::{ClusterName, NodeName};

/// What a plan may do, how fast, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// What to do with peers that the file does not ask for.
    pub unmanaged_peers: UnmanagedPeers,
    /// The most peer entries that one plan may delete though no `state: absent` or `gone` asks for it.
    #[serde(deserialize_with = "count")]
    pub max_deletes: u32,
    /// The most XCP Router restarts that one plan may hold, counted as an upper bound: most depend on notifications.
    #[serde(deserialize_with = "count")]
    pub max_restarts: u32,
    /// How many initial syncs may run at once on one cluster. The vendor asks for peers one after another.
    #[serde(deserialize_with = "count")]
    pub concurrent_syncs_per_cluster: u32,
    /// With more new links than this, one link is finished and verified before the rest begins.
    #[serde(deserialize_with = "count")]
    pub canary_above: u32,
    /// How XCP Routers are restarted.
    pub xcp_restart: XcpRestart,
    /// When steps may run; at any time when not given.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// `true`: SIP federation is in use, so port 5060 is checked as well.
    pub sip_federation: bool,
    /// `true`: the clusters must survive the loss of DNS, so node names must be IP addresses.
    pub survive_dns_loss: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Policy {
            unmanaged_peers: UnmanagedPeers::default(),
            max_deletes: 0,
            // a 30-cluster mesh of six nodes each restarts 180 routers once
            max_restarts: 200,
            concurrent_syncs_per_cluster: 1,
            canary_above: 5,
            xcp_restart: XcpRestart::default(),
            window: None,
            sip_federation: false,
            survive_dns_loss: false,
        }
    }
}

/// What to do with peers that the file does not ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum UnmanagedPeers {
    /// Leave them and say so.
    #[default]
    Report,
    /// Delete them, within `max_deletes`.
    Delete,
    /// Leave them.
    Ignore,
}

/// How XCP Routers are restarted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct XcpRestart {
    /// Once per node after the cluster's last change, or after every link.
    pub batch: Batch,
    /// Whether the deletion of a peer is followed by restarts.
    pub after_delete: AfterDelete,
    /// What happens to High Availability around restarts.
    pub high_availability: HighAvailability,
    /// How many clusters may have routers restarting at the same time.
    #[serde(deserialize_with = "count")]
    pub max_clusters_at_once: u32,
}

impl Default for XcpRestart {
    fn default() -> Self {
        XcpRestart {
            batch: Batch::default(),
            after_delete: AfterDelete::default(),
            high_availability: HighAvailability::default(),
            max_clusters_at_once: 1,
        }
    }
}

/// When routers restart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Batch {
    /// Once per node, after the cluster's last change.
    #[default]
    Once,
    /// After every link, the guide's letter.
    PerLink,
}

/// Whether the deletion of a peer is followed by restarts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AfterDelete {
    /// Before release 14 the publisher and every node that a notification names; from 14 only the latter.
    #[default]
    ByRelease,
    /// Always, on every node.
    Always,
    /// Never.
    Never,
}

/// What happens to High Availability around restarts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HighAvailability {
    /// It is left as it is.
    #[default]
    Leave,
    /// It is switched off before and on after, the documented procedure; needs `unified_cms`.
    SwitchOff,
}

/// When steps may run: no step starts that may not end in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// The days on which it opens; every day when not given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<Day>,
    /// The time of day at which it opens, `HH:MM` in quotes.
    pub from: String,
    /// The time of day at which it closes, `HH:MM` in quotes; earlier than `from` it closes on the next day.
    pub to: String,
    /// The time zone by its IANA name, such as `Europe/Berlin`.
    pub zone: String,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Day {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
}

/// A finding, or drift, that is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Acceptance {
    /// The rule whose findings are accepted, such as `IM014`, or the kind of drift, such as `DR002`; `intermesh explain
    /// --list` lists both. Errors in the file itself cannot be accepted.
    pub rule: String,
    /// The cluster whose drift is accepted; every cluster's when not given.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub cluster: Option<ClusterName>,
    /// The peer whose drift is accepted: the other cluster's name, or its Peer Address.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub peer: Option<String>,
    /// The node whose drift is accepted.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub node: Option<NodeName>,
    /// The service whose drift is accepted, in the product's spelling.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The service parameter whose drift is accepted, by its label on System > Service Parameters.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// Why it is accepted.
    pub reason: String,
    /// Who answers for it.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The last day on which it holds, `YYYY-MM-DD`; for ever when not given.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

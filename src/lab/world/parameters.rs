//! Service parameters (field-notes 1.5, 2.4).

use std::time::Duration;

use super::agenda::Site;
use super::catalogue::{DATA_MONITOR, RECOVERY_MANAGER, SIP_PROXY};
use super::release::Release;
use super::views::{Entry, ParameterView, Refusal};
use super::{Effect, World};
use crate::cluster::{ClusterName, NodeName, same_label, service};

pub(super) const CERTIFICATE_SYNC: &str = "Certificate Sync during Inter-Cluster Periodic Sync";
pub(super) const PERFORM_CERTIFICATE_SYNC: &str = "Perform certificate sync";

struct Known {
    service: &'static str,
    group: &'static str,
    label: &'static str,
    default: &'static str,
    entry: Entry,
    since: fn(Release) -> bool,
}

const fn known(
    service: &'static str,
    group: &'static str,
    label: &'static str,
    default: &'static str,
    entry: Entry,
) -> Known {
    Known { service, group, label, default, entry, since: |_| true }
}

const ICSA_GROUP: &str = "General Inter Cluster Sync Agent Parameters";
const SIP_GROUP: &str = "General Proxy Parameters (Clusterwide)";
const SRM_GROUP: &str = "General Server Recovery Manager Parameters (Clusterwide)";

static KNOWN: [Known; 13] = [
    Known {
        since: Release::has_last_synchronized,
        ..known(
            service::ICSA,
            ICSA_GROUP,
            "Enable Auto Recovery for Inter-Cluster Peer Periodic Syncing Failure",
            "Enabled",
            Entry::Choice(&["Enabled", "Disabled"]),
        )
    },
    Known {
        since: Release::has_certificate_sync,
        ..known(
            service::ICSA,
            ICSA_GROUP,
            CERTIFICATE_SYNC,
            PERFORM_CERTIFICATE_SYNC,
            Entry::Choice(&[PERFORM_CERTIFICATE_SYNC, "Do not perform certificate sync"]),
        )
    },
    known(SIP_PROXY, SIP_GROUP, "Maximum no. of processes", "20", Entry::Number(5, 50)),
    known(SIP_PROXY, SIP_GROUP, "Maximum no. of spare processes", "20", Entry::Number(5, 50)),
    known(
        DATA_MONITOR,
        "General IM and Presence Data Monitor Parameters",
        "User Check Interval",
        "30",
        Entry::Number(5, 1_440),
    ),
    known(RECOVERY_MANAGER, SRM_GROUP, "Service Port", "22001", Entry::Number(1_024, 65_535)),
    known(RECOVERY_MANAGER, SRM_GROUP, "Critical Service Delay", "90", Entry::Number(1, 300)),
    known(RECOVERY_MANAGER, SRM_GROUP, "Enable Automatic Fallback", "False", Entry::Choice(&["True", "False"])),
    known(RECOVERY_MANAGER, SRM_GROUP, "Initialization Keep Alive (Heartbeat) Timeout", "120", Entry::Number(1, 600)),
    known(RECOVERY_MANAGER, SRM_GROUP, "Keep Alive (Heartbeat) Timeout", "60", Entry::Number(1, 600)),
    known(RECOVERY_MANAGER, SRM_GROUP, "Keep Alive (HeartBeat) Interval", "15", Entry::Number(1, 600)),
    known(RECOVERY_MANAGER, SRM_GROUP, "Client Re-Login Lower Limit", "120", Entry::Number(1, 3_600)),
    known(RECOVERY_MANAGER, SRM_GROUP, "Client Re-Login Upper Limit", "537", Entry::Number(1, 3_600)),
];

impl World {
    /// The services that have parameters on the page, in its order.
    pub fn services_with_parameters(&self, cluster: &ClusterName) -> Vec<&'static str> {
        let Some((_, cluster)) = self.cluster(cluster) else { return Vec::new() };
        let mut services: Vec<&'static str> = Vec::new();
        for known in KNOWN.iter().filter(|k| (k.since)(cluster.release)) {
            if !services.contains(&known.service) {
                services.push(known.service);
            }
        }
        services
    }

    /// The parameters of a service on a node.
    pub fn parameters(&self, cluster: &ClusterName, node: &NodeName, service: &str) -> Vec<ParameterView> {
        let Some(site) = self.site(cluster, node) else { return Vec::new() };
        let release = self.clusters[site.cluster].release;
        KNOWN
            .iter()
            .filter(|k| k.service.eq_ignore_ascii_case(service.trim()) && (k.since)(release))
            .map(|k| ParameterView {
                group: k.group,
                label: k.label,
                value: self.parameter(site, k).to_owned(),
                default: k.default,
                entry: k.entry,
            })
            .collect()
    }

    /// Sets a service parameter by its label.
    ///
    /// # Errors
    /// There is no such parameter in this release, or the page does not take the value.
    pub fn set_parameter(
        &mut self,
        cluster: &ClusterName,
        node: &NodeName,
        service: &str,
        label: &str,
        value: &str,
    ) -> Result<(), Refusal> {
        let site = self.site(cluster, node).ok_or_else(|| Refusal::page(format!("No such node: {node}")))?;
        let release = self.clusters[site.cluster].release;
        let known = KNOWN
            .iter()
            .find(|k| k.service.eq_ignore_ascii_case(service) && same_label(k.label, label) && (k.since)(release))
            .ok_or_else(|| Refusal::page(format!("{service} has no parameter {label}.")))?;
        let value = value.trim();
        let taken = match known.entry {
            Entry::Choice(values) => values.contains(&value),
            Entry::Number(low, high) => value.parse().is_ok_and(|n: u32| (low..=high).contains(&n)),
        };
        if !taken {
            return Err(Refusal::page(format!("{value} is not a valid value for {}.", known.label)));
        }
        let set = &mut self.clusters[site.cluster].nodes[site.node].parameters;
        set.retain(|(s, l, _)| (*s, *l) != (known.service, known.label));
        set.push((known.service, known.label, value.to_owned()));
        let effect = Effect::SetParameter { service: known.service, label: known.label, value: value.to_owned() };
        self.record(site.cluster, Some(site.node), effect);
        Ok(())
    }

    /// Whether a parameter exists in the node's release and has that value.
    pub(super) fn parameter_is(&self, site: Site, service: &str, label: &str, value: &str) -> bool {
        let release = self.clusters[site.cluster].release;
        let known = KNOWN.iter().find(|k| k.service == service && k.label == label && (k.since)(release));
        known.is_some_and(|k| self.parameter(site, k) == value)
    }

    /// A parameter of the Server Recovery Manager that counts seconds.
    pub(super) fn seconds_parameter(&self, site: Site, label: &str, otherwise: u64) -> Duration {
        let known = KNOWN.iter().find(|k| k.service == RECOVERY_MANAGER && k.label == label);
        Duration::from_secs(known.and_then(|k| self.parameter(site, k).parse().ok()).unwrap_or(otherwise))
    }

    fn parameter<'a>(&'a self, site: Site, known: &Known) -> &'a str {
        let set = &self.clusters[site.cluster].nodes[site.node].parameters;
        set.iter()
            .find(|(s, l, _)| (*s, *l) == (known.service, known.label))
            .map_or(known.default, |(_, _, value)| value.as_str())
    }
}

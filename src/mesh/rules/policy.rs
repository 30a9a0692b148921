//! Policy and window: what contradicts itself, and what never comes to pass.

use jiff::civil::Time;

use super::{OURS, Rule, Scope};
use crate::mesh::finding::Severity;
use crate::mesh::meant::{closest, listed};
use crate::mesh::model::{Batch, HighAvailability, UnmanagedPeers, Window};

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: "IM050",
        title: "a window that never opens",
        severity: Severity::Error,
        procedure: None,
        source: OURS,
        explanation: "A window from a time to the same time has no length, and no step would ever start. A window \
            that closes earlier than it opens closes on the next day; for the whole day write `\"00:00\"` to `\"24:00\"`, \
            or leave the window out.",
        bad: "policy:\n  window: {days: [sat], from: \"01:00\", to: \"01:00\", zone: Europe/Berlin}\n",
        good: "policy:\n  window: {days: [sat], from: \"22:00\", to: \"04:00\", zone: Europe/Berlin}\n",
    },
    Rule {
        code: "IM051",
        title: "a time zone that does not exist",
        severity: Severity::Error,
        procedure: None,
        source: OURS,
        explanation: "Zones are named as in the IANA database: `Europe/Berlin`, `America/New_York`, `UTC`. \
            Abbreviations such as `CET` stand for different times in different places and are not days of daylight \
            saving; write the place.",
        bad: "policy:\n  window: {from: \"01:00\", to: \"05:00\", zone: Europe/Berln}\n",
        good: "policy:\n  window: {from: \"01:00\", to: \"05:00\", zone: Europe/Berlin}\n",
    },
    Rule {
        code: "IM052",
        title: "a policy that contradicts itself",
        severity: Severity::Error,
        procedure: Some(
            "With High Availability in use, it is disabled in each redundancy group before routers are restarted, and enabled after.",
        ),
        source: "Manage the Server, and intermesh's own; documented",
        explanation: "Two parts of the policy ask for opposites, or for nothing: unmanaged peers are to be deleted \
            while no deletion is allowed; High Availability is to be switched off where no Unified CM cluster is \
            named through which that can be done; zero syncs or zero clusters at a time.",
        bad: "policy:\n  unmanaged_peers: delete\n",
        good: "policy:\n  unmanaged_peers: delete\n  max_deletes: 4\n",
    },
    Rule {
        code: "IM053",
        title: "a time of day that does not exist",
        severity: Severity::Error,
        procedure: None,
        source: OURS,
        explanation: "Times are written `HH:MM` on a 24-hour clock, in quotes, because other readers of YAML take `01:00` for a \
            number of seconds. A window may close at `\"24:00\"`, the end of the day.",
        bad: "policy:\n  window: {from: \"1am\", to: \"05:00\", zone: Europe/Berlin}\n",
        good: "policy:\n  window: {from: \"01:00\", to: \"24:00\", zone: Europe/Berlin}\n",
    },
    Rule {
        code: "IM055",
        title: "a policy without effect",
        severity: Severity::Warning,
        procedure: None,
        source: OURS,
        explanation: "Something is set that nothing asks for: deletions are allowed, but unmanaged peers are not to be \
            deleted (entries that `state: absent` or `gone` ask for need no allowance); or a limit is so low that a \
            plan which restarts anything is refused.",
        bad: "policy:\n  unmanaged_peers: report\n  max_deletes: 4\n",
        good: "policy:\n  unmanaged_peers: report\n",
    },
];

pub(super) fn check(scope: &mut Scope<'_>) {
    let policy = &scope.mesh.policy;
    if let Some(window) = &policy.window {
        check_window(scope, window);
    }
    let deletes = if scope.report.locations().has("/policy/max_deletes") { "max_deletes" } else { "unmanaged_peers" };
    let deletes = format!("/policy/{deletes}");
    match (policy.unmanaged_peers, policy.max_deletes) {
        (UnmanagedPeers::Delete, 0) => {
            let message = "unmanaged peers are to be deleted, and `max_deletes` is 0".to_owned();
            let help = "set `max_deletes` to the number that one plan may delete, or `unmanaged_peers: report`";
            scope.add("IM052", &deletes, message, "nothing may be deleted", help);
        }
        (UnmanagedPeers::Report | UnmanagedPeers::Ignore, 1..) => {
            let message = "`max_deletes` allows what `unmanaged_peers` does not ask for".to_owned();
            let help = "write `unmanaged_peers: delete`, or remove `max_deletes`";
            scope.add("IM055", &deletes, message, "nothing is deleted", help);
        }
        _ => {}
    }
    for (count, pointer) in [
        (policy.concurrent_syncs_per_cluster, "/policy/concurrent_syncs_per_cluster"),
        (policy.xcp_restart.max_clusters_at_once, "/policy/xcp_restart/max_clusters_at_once"),
    ] {
        if count == 0 {
            let message = "with 0 at a time nothing would ever happen".to_owned();
            scope.add("IM052", pointer, message, "nothing moves", "write 1, the vendor's way, or more");
        }
    }
    if policy.max_restarts == 0 && policy.xcp_restart.batch == Batch::PerLink {
        let message = "restarts after every link are asked for, and `max_restarts` is 0".to_owned();
        let help = "raise `max_restarts`, or remove `batch: per-link`";
        scope.add("IM052", "/policy/max_restarts", message, "nothing may be restarted", help);
    }
    check_high_availability(scope);
}

fn check_high_availability(scope: &mut Scope<'_>) {
    if scope.mesh.policy.xcp_restart.high_availability != HighAvailability::SwitchOff {
        return;
    }
    let clusters = scope.mesh.clusters.iter().filter(|c| scope.present(c) && c.unified_cm.is_none());
    let without: Vec<&str> = clusters.map(|c| c.name.as_str()).collect();
    if !without.is_empty() {
        let message = format!(
            "High Availability is to be switched off, and no Unified CM cluster is named for {}",
            listed(&without)
        );
        let help = "name it with `unified_cm`: the switch is on the Unified CM publisher; or write `leave`";
        scope.add("IM052", "/policy/xcp_restart/high_availability", message, "cannot be switched", help);
    }
}

fn check_window(scope: &mut Scope<'_>, window: &Window) {
    let Window { days: _, from, to, zone } = window;
    let times = [("from", from), ("to", to)].map(|(key, text)| {
        let minutes = minutes(text).filter(|m| *m < MINUTES_OF_A_DAY || key == "to");
        if minutes.is_none() {
            let message = format!("`{text}` is not a time of day");
            scope.add(
                "IM053",
                &format!("/policy/window/{key}"),
                message,
                "not a time",
                "write `\"HH:MM\"`, such as `\"01:00\"`",
            );
        }
        minutes
    });
    if let [Some(from), Some(to)] = times
        && from == to
    {
        let message = "the window closes when it opens".to_owned();
        let help = "let it close later, or remove the window; the whole day is `\"00:00\"` to `\"24:00\"`";
        scope.add("IM050", "/policy/window/to", message, "the same time", help);
    }
    if jiff::tz::TimeZone::get(zone).is_err() {
        let zones: Vec<String> = jiff::tz::db().available().map(|name| name.as_str().to_owned()).collect();
        let mut finding = scope.report.at_value(
            "IM051",
            "/policy/window/zone",
            format!("there is no time zone `{zone}`"),
            "not known",
        );
        let help = match closest(zone, zones.iter().map(String::as_str)) {
            Some(meant) => {
                finding.label = format!("did you mean `{meant}`?");
                format!("write `{meant}`")
            }
            None => "write a name of the IANA database, such as `Europe/Berlin` or `UTC`".to_owned(),
        };
        scope.add_with(finding, &help);
    }
}

const MINUTES_OF_A_DAY: u32 = 24 * 60;

/// The minutes since midnight of `HH:MM`; `24:00` is the end of the day.
fn minutes(text: &str) -> Option<u32> {
    if text == "24:00" {
        return Some(MINUTES_OF_A_DAY);
    }
    let time = (text.len() == 5).then(|| Time::strptime("%H:%M", text).ok()).flatten()?;
    Some(u32::from(time.hour().unsigned_abs()) * 60 + u32::from(time.minute().unsigned_abs()))
}

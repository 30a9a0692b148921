//! What one cluster must be like before it is peered: its nodes, services, users, High Availability, and what it
//! complains of itself.

use super::finding::{AVAILABILITY, DNS_NOTE, Findings, GUIDE, PLANNING};
use super::{Case, Patient, account};
use crate::cluster::{Fact, Outcome, Unread, service};
use crate::plan::identity::{Mismatch, mismatches};

/// Judges a cluster that was read.
pub(super) fn judge(case: &Case<'_>, patient: &Patient<'_>, findings: &mut Findings) {
    identity(case, patient, findings);
    servers(patient, findings);
    account::judge(case, patient, findings);
    services(patient, findings);
    users(patient, findings);
    availability(patient, findings);
    complaints(patient, findings);
}

fn identity(case: &Case<'_>, patient: &Patient<'_>, findings: &mut Findings) {
    let found = mismatches(case.mesh, patient.cluster, patient.read);
    let words =
        |of: fn(&Mismatch) -> bool| -> Vec<&str> { found.iter().filter(|m| of(m)).map(Mismatch::words).collect() };
    let asked = findings.of(patient.scope(), "Node names are those of the file", GUIDE);
    if let Some((asked, nodes)) = asked.read(&patient.read.nodes) {
        let wrong = words(|m| matches!(m, Mismatch::Publisher(_) | Mismatch::Nodes(_)));
        let names = nodes.iter().map(|node| node.name.as_str()).collect::<Vec<_>>().join(", ");
        if wrong.is_empty() {
            asked.ok(names);
        } else {
            let fix = "Write the names as System > Presence Topology shows them into the mesh file; `intermesh` uses \
                       the publisher's as Peer Address.";
            asked.failed(wrong.join("; "), fix);
        }
    }
    let bare: Vec<String> =
        patient.nodes().iter().map(ToString::to_string).filter(|name| !name.contains(['.', ':'])).collect();
    let asked = findings.of(patient.scope(), "Node names are FQDNs or addresses", PLANNING);
    if bare.is_empty() {
        asked.ok("every name is complete");
    } else {
        let fix = "Rename the nodes to FQDNs (Update IM&P Server Name From Hostname to FQDN), or see that the nodes of \
                   all other clusters resolve the short names.";
        asked.warning(format!("without a domain: {}", bare.join(", ")), fix);
    }
    if let Some(wanted) = case.mesh.release_of(patient.cluster) {
        let asked = findings.of(patient.scope(), "The release is the one of the file", GUIDE);
        if let Some((asked, identity)) = asked.read(&patient.read.identity) {
            let wrong = words(|m| matches!(m, Mismatch::Release(_)));
            let fix = format!("Set `release` of the cluster to what it runs; the file says {wanted}.");
            asked.holds(wrong.is_empty(), identity.version.clone(), fix);
        }
    }
}

/// `show network cluster`, as the publisher prints it.
fn servers(patient: &Patient<'_>, findings: &mut Findings) {
    let Some(examined) = patient.examined else { return };
    let asked = findings.of(patient.scope(), "The servers of the cluster trust each other", DNS_NOTE);
    if matches!(examined.servers, Fact::Unread(Unread::NotAsked)) {
        return asked.skipped("no `cli`");
    }
    let Some((asked, servers)) = asked.read(&examined.servers) else { return };
    let wrong: Vec<&str> = servers.iter().filter(|s| !s.authenticated).map(|s| s.name.as_str()).collect();
    let fix = "`show network cluster` on the publisher shows which server is not authenticated; see that forward and \
               reverse lookups of every entry work.";
    let found = if wrong.is_empty() {
        format!("{} servers are authenticated", servers.len())
    } else {
        format!("not authenticated: {}", wrong.join(", "))
    };
    asked.holds(wrong.is_empty(), found, fix);
}

fn services(patient: &Patient<'_>, findings: &mut Findings) {
    for (node, services) in &patient.read.services {
        let publisher = node.same(&patient.cluster.publisher);
        let needed = [service::AXL, service::ICSA, service::XCP_ROUTER].into_iter();
        for name in needed.chain(publisher.then_some(service::SYNC_AGENT)) {
            let asked = findings.of(patient.node(node), format!("{name} runs"), GUIDE);
            let Some((asked, services)) = asked.read(services) else { continue };
            let kind = if name == service::AXL { "Feature" } else { "Network" };
            let start = if name == service::XCP_ROUTER {
                "; after a stop its services have to be started one by one, a Restart brings them all back"
            } else {
                ""
            };
            let fix = format!(
                "Start it on {node}: Cisco Unified IM and Presence Serviceability > Tools > Control Center - {kind} \
                 Services{start}."
            );
            match services.iter().find(|s| s.name.eq_ignore_ascii_case(name)) {
                Some(found) => {
                    let why = found.reason.as_deref().map(|why| format!(" ({why})")).unwrap_or_default();
                    asked.holds(found.state.runs(), format!("{}{why}", found.state.word()), fix);
                }
                None => asked.unknown("Control Center does not list it", fix),
            }
        }
    }
    let asked = findings.of(patient.scope(), "Cisco Sync Agent has finished", GUIDE);
    if let Some((asked, status)) = asked.read(&patient.read.sync_status) {
        let fix = "Wait until Sync Status on Diagnostics > System Dashboard is Completed; peers that are configured \
                   before fail.";
        asked.holds(status.completed(), status.text.clone(), fix);
    }
}

fn users(patient: &Patient<'_>, findings: &mut Findings) {
    let asked = findings.of(patient.scope(), "Users are homed on the cluster", GUIDE);
    if let Some((asked, users)) = asked.read(&patient.read.users) {
        match users {
            0 => asked
                .warning("0", "Without users the peers of the cluster show no Associated Users; assign them first."),
            users => asked.ok(users.to_string()),
        }
    }
    let topology = &patient.read.topology;
    let asked = findings.of(patient.scope(), "No users are unassigned", GUIDE);
    if let Some((asked, topology)) = asked.read(topology) {
        let fix = "Assign them to nodes on System > Presence Topology before the cluster is peered.";
        asked.holds(topology.unassigned_users == 0, format!("{} unassigned", topology.unassigned_users), fix);
    }
    let asked = findings.of(patient.scope(), "No nodes are unassigned", GUIDE);
    if let Some((asked, topology)) = asked.read(topology) {
        let fix = "Assign each node to a presence redundancy group; System > Presence Topology shows which have none.";
        asked.holds(topology.unassigned_nodes == 0, format!("{} unassigned", topology.unassigned_nodes), fix);
    }
}

fn availability(patient: &Patient<'_>, findings: &mut Findings) {
    let asked = findings.of(patient.scope(), "High Availability is Normal", AVAILABILITY);
    let Some((asked, groups)) = asked.read(&patient.read.high_availability) else { return };
    let normal = |state: &str| state.trim().eq_ignore_ascii_case("Normal");
    let states = |group: &crate::cluster::Group| {
        let nodes = group.nodes.iter().filter(|n| !normal(&n.state));
        nodes.map(|n| format!("{} of {} is {}", n.node, group.name, n.state)).collect::<Vec<_>>()
    };
    let off: Vec<&str> = groups.iter().filter(|g| !g.enabled && g.nodes.len() > 1).map(|g| g.name.as_str()).collect();
    let wrong: Vec<String> = groups.iter().filter(|g| g.enabled).flat_map(states).collect();
    if !wrong.is_empty() {
        let fix = "Recover the group (System > Presence Topology) before anything is peered or restarted: ICSA may not \
                   start while a node has failed over.";
        asked.failed(wrong.join("; "), fix);
    } else if !off.is_empty() {
        let fix = "Enable High Availability of the group in Unified CM (System > Presence Redundancy Groups), unless it \
                   is off on purpose.";
        asked.warning(format!("off: {}", off.join(", ")), fix);
    } else {
        asked.ok(groups.iter().map(|group| group.name.as_str()).collect::<Vec<_>>().join(", "));
    }
}

/// What the cluster says itself.
fn complaints(patient: &Patient<'_>, findings: &mut Findings) {
    let asked = findings.of(patient.scope(), "No restart is asked for", GUIDE);
    if let Some((asked, notifications)) = asked.read(&patient.read.notifications) {
        let nodes = patient.nodes();
        let asking: Vec<&str> = (nodes.iter())
            .filter(|node| notifications.iter().any(|n| n.asks_restart(service::XCP_ROUTER, node, &nodes)))
            .map(|node| node.as_str())
            .collect();
        let fix = "Restart (never stop and start) Cisco XCP Router there when users can bear it; `intermesh plan` \
                   orders the restarts.";
        if asking.is_empty() {
            asked.ok(format!("{} notifications, none asks for it", notifications.len()));
        } else {
            asked.warning(format!("Cisco XCP Router on {}", asking.join(", ")), fix);
        }
    }
    let asked = findings.of(patient.scope(), "The System Troubleshooter is clean", GUIDE);
    let Some((asked, rows)) = asked.read(&patient.read.troubleshooter) else { return };
    let wrong = |outcome: Outcome| rows.iter().filter(move |row| row.outcome == outcome);
    if wrong(Outcome::Failed).next().is_none() && wrong(Outcome::Warning).next().is_none() {
        let passed = wrong(Outcome::Passed).count();
        return match rows.iter().filter(|row| row.outcome == Outcome::Unclear).count() {
            0 => asked.ok(format!("{passed} tests passed")),
            unclear => asked.unknown(
                format!("{passed} tests passed, {unclear} cannot be told"),
                "Look at Diagnostics > System Troubleshooter.",
            ),
        };
    }
    drop(asked);
    for row in rows.iter().filter(|row| matches!(row.outcome, Outcome::Failed | Outcome::Warning)) {
        let asked = findings.of(patient.scope(), format!("{}: {}", row.section, row.test.trim_end_matches('.')), GUIDE);
        // the solution may end with a link of the page, in parentheses
        let solution = row.solution.trim();
        let plain = solution.strip_suffix(')').and_then(|rest| rest.trim_end().strip_suffix("fix"));
        let plain = plain.and_then(|rest| rest.trim_end().strip_suffix('('));
        let fix = match plain.unwrap_or(solution).trim() {
            "" => "Look at Diagnostics > System Troubleshooter.".to_owned(),
            solution => format!("{solution} (Diagnostics > System Troubleshooter)"),
        };
        match row.outcome {
            Outcome::Failed => asked.failed(row.problem.clone(), fix),
            _ => asked.warning(row.problem.clone(), fix),
        }
    }
}

//! Diagnostics > System Dashboard, with the panels and rows of field-notes 1.6.

use serde::Serialize;

use crate::cluster::{Check, Outcome};
use crate::lab::servers::pages::page::Page;
use crate::lab::servers::pages::reply::Reply;
use crate::lab::servers::pages::visit::Visit;

#[derive(Serialize)]
struct Dashboard {
    panels: Vec<Panel>,
}

#[derive(Serialize)]
struct Panel {
    title: &'static str,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    label: &'static str,
    value: String,
    url: Option<String>,
    link: &'static str,
}

pub(super) fn reply(visit: &Visit<'_>) -> Reply {
    let world = visit.world();
    let cluster = visit.cluster();
    let checks = world.troubleshooter(cluster);
    let topology = world.topology(cluster);
    let nodes = world.nodes(cluster);
    let groups = world.groups(cluster);
    let publisher = nodes.iter().find(|n| n.publisher).map(|n| n.name.to_string()).unwrap_or_default();
    let active: u64 = nodes.iter().map(|n| n.active_users).sum();
    let unified_cm = world.unified_cms(cluster).first().cloned().unwrap_or_default();
    let verdict = |sections: &[&str]| verdict(visit, &checks, sections);
    let system = vec![
        row("Troubleshooter Status", verdict(&["System Troubleshooter", "Sync Agent Troubleshooter"])),
        row("CUCM Publisher", unified_cm),
        row("Sync Status", world.sync_status(cluster)),
        row("Total End Users", world.users(cluster).to_string()),
        row("Logged-in XMPP Users", active.to_string()),
    ];
    let structure = vec![
        row("Troubleshooter Status", verdict(&["Topology Troubleshooter"])),
        row("Assigned Nodes", (topology.nodes.len() as u64).saturating_sub(topology.unassigned_nodes).to_string()),
        row("Unassigned Nodes", topology.unassigned_nodes.to_string()),
        row("Assigned Users", topology.assigned_users.to_string()),
        row("Unassigned Users", topology.unassigned_users.to_string()),
        row("Presence Redundancy Groups", groups.len().to_string()),
        row("IM&P database publisher node", publisher),
    ];
    let peers = world.peers(cluster);
    let clustering = if peers.is_empty() {
        let add = Some(visit.url(Page::Peer));
        vec![Row { label: "No inter-cluster peers currently provisioned", value: String::new(), url: add, link: "add" }]
    } else {
        vec![
            row("Troubleshooter Status", verdict(&["Inter-Clustering Troubleshooter"])),
            row("Inter-cluster Peers", peers.len().to_string()),
        ]
    };
    let idle = || vec![row("Troubleshooter Status", verdict(&[]))];
    let panels = vec![
        Panel { title: "System", rows: system },
        Panel { title: "Topology", rows: structure },
        Panel { title: "Federated Domains", rows: idle() },
        Panel { title: "Inter-Clustering", rows: clustering },
        Panel { title: "Cisco Jabber", rows: idle() },
        Panel { title: "Microsoft RCC Control", rows: idle() },
        Panel { title: "Calendar Integration", rows: idle() },
    ];
    Reply::page(Page::Dashboard, "dashboard.html", Dashboard { panels }, None)
}

fn row(label: &'static str, value: String) -> Row {
    Row { label, value, url: None, link: "" }
}

/// How the tests of some sections went; the product's words for it are unknown.
fn verdict(visit: &Visit<'_>, checks: &[Check], sections: &[&str]) -> String {
    let of = checks.iter().filter(|c| sections.contains(&c.section.as_str()));
    let failed = of.filter(|c| matches!(c.outcome, Outcome::Failed | Outcome::Unclear)).count();
    let (good, bad) = visit.variant.pick("verdict", [("No problems found", "problem(s) found"), ("Passed", "failed")]);
    if failed == 0 { good.to_owned() } else { format!("{failed} {bad}") }
}

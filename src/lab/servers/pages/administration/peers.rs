//! Presence > Inter-Clustering: find, list, add, delete (field-notes 1.1).

use serde::Serialize;

use crate::cluster::ClusterName;
use crate::lab::servers::pages::icons::Icon;
use crate::lab::servers::pages::page::Page;
use crate::lab::servers::pages::reply::{Choice, Hidden, Message, Reply};
use crate::lab::servers::pages::visit::Visit;
use crate::lab::world::{PeerView, Refusal, World};

#[derive(Serialize)]
struct List {
    action: String,
    button: &'static str,
    hidden: Vec<Hidden>,
    writable: bool,
    limiters: Vec<Choice>,
    search: String,
    found: bool,
    list_id: &'static str,
    headings: Headings,
    check: &'static str,
    rows: Vec<Row>,
    nothing: &'static str,
}

#[derive(Serialize)]
struct Headings {
    address: &'static str,
    users: &'static str,
    status: &'static str,
}

#[derive(Serialize)]
struct Row {
    key: String,
    address: String,
    url: String,
    users: u64,
    status: &'static str,
    icon: String,
    alt: &'static str,
}

/// The name of the check boxes.
const CHECK: &str = "result";
/// The conditions of the search; public material names none.
const LIMITERS: [(&str, &str); 4] =
    [("beginsWith", "begins with"), ("contains", "contains"), ("endsWith", "ends with"), ("isExactly", "is exactly")];

pub(super) fn reply(visit: &Visit<'_>) -> Reply {
    match visit.peer_button() {
        Ok(None) => list(visit, !visit.variant.find_first(), None),
        Ok(Some("addNew")) => Reply::See(visit.url(Page::Peer)),
        Ok(Some("deleteSelected")) => delete(visit),
        Ok(Some(_)) => list(visit, true, None),
        Err(refusal) => list(visit, false, Some(Message::error(refusal))),
    }
}

fn delete(visit: &Visit<'_>) -> Reply {
    let message = match deleted(visit) {
        Ok(0) => Message::error("Please select at least one record."),
        Ok(count) => Message::success(format!("{count} records deleted")),
        Err(refusal) => Message::error(refusal.message),
    };
    list(visit, true, Some(message))
}

/// How many of the selected peers were deleted; the first refusal ends it.
fn deleted(visit: &Visit<'_>) -> Result<usize, Refusal> {
    let mut world = visit.world();
    let mut count = 0;
    for key in visit.fields.all(CHECK) {
        let Some(peer) = world.peers(visit.cluster()).into_iter().find(|p| p.key == key) else { continue };
        visit.here.count(world.delete_peer(visit.cluster(), &peer.address))?;
        count += 1;
    }
    Ok(count)
}

fn list(visit: &Visit<'_>, found: bool, message: Option<Message>) -> Reply {
    let world = visit.world();
    let limiter = visit.fields.text("searchLimiter").unwrap_or("beginsWith");
    let search = visit.fields.text("searchString").unwrap_or_default();
    let peers = world.peers(visit.cluster());
    let fits = |p: &PeerView| matches(&p.address.normal(), limiter, &search.to_ascii_lowercase());
    let rows = peers.into_iter().filter(|p| found && fits(p)).map(|p| row(visit, &world, visit.cluster(), p)).collect();
    let values = List {
        action: visit.url(Page::Peers),
        button: visit.variant.button(),
        hidden: visit.hidden(None),
        writable: visit.may_write_peers(&world),
        limiters: LIMITERS
            .iter()
            .map(|(value, text)| Choice { value: (*value).into(), text: (*text).into(), selected: *value == limiter })
            .collect(),
        search: search.to_owned(),
        found,
        list_id: visit.variant.pick("list id", ["resultTable", "findListResults", "cuesTable"]),
        headings: Headings {
            address: visit.variant.pick("address heading", ["Peer Address", "Address", "Inter-cluster Peer"]),
            users: "Associated Users",
            status: visit.variant.pick("status heading", ["Status", "Peer Status"]),
        },
        check: CHECK,
        rows,
        nothing: visit
            .variant
            .pick("nothing", ["No active query. Please enter your search criteria.", "There are no records."]),
    };
    Reply::page(Page::Peers, "peers.html", values, message)
}

fn row(visit: &Visit<'_>, world: &World, cluster: &ClusterName, peer: PeerView) -> Row {
    let status = world.peer_status(cluster, &peer.address);
    let good = status.is_some_and(|s| s.not_passed().next().is_none());
    let (icon, alt) = if good { (Icon::Passed, "Test Passed") } else { (Icon::Failed, "Test Failed") };
    Row {
        url: visit.keyed(Page::Peer, &peer.key),
        key: peer.key,
        address: peer.address.to_string(),
        users: peer.associated_users,
        status: if good { "" } else { "Failed" },
        icon: icon.url(visit.app),
        alt,
    }
}

fn matches(address: &str, limiter: &str, search: &str) -> bool {
    match limiter {
        "contains" => address.contains(search),
        "endsWith" => address.ends_with(search),
        "isExactly" => address == search,
        _ => address.starts_with(search),
    }
}

#[cfg(test)]
mod tests {
    use super::{LIMITERS, matches};

    #[test]
    fn an_empty_search_finds_all_but_exactly_nothing() {
        for (limiter, _) in LIMITERS {
            assert_eq!(matches("imp1.example.com", limiter, ""), limiter != "isExactly");
            assert!(matches("imp1.example.com", limiter, "imp1.example.com"));
            assert!(!matches("imp1.example.com", limiter, "imp2"));
        }
    }
}

//! The pages of Cisco Unified CM IM and Presence Administration.

mod dashboard;
mod notifications;
mod parameters;
mod peer;
mod peers;
mod sync;
mod topology;
mod troubleshooter;

use serde::Serialize;

use super::page::Page;
use super::reply::Reply;
use super::visit::Visit;

#[derive(Serialize)]
struct Home {
    version: String,
}

/// What a page answers with.
pub(super) fn reply(visit: &Visit<'_>, page: Page) -> Reply {
    match page {
        Page::Topology => topology::groups(visit),
        Page::Node => topology::node(visit),
        Page::Parameters => parameters::reply(visit),
        Page::Peers => peers::reply(visit),
        Page::Peer => peer::reply(visit),
        Page::PeerStatus => peer::status(visit),
        Page::Sync => sync::reply(visit),
        Page::Dashboard => dashboard::reply(visit),
        Page::Troubleshooter => troubleshooter::reply(visit),
        Page::Notifications => notifications::reply(visit),
        other => home(visit, other),
    }
}

/// The page after the login, and About.
pub(super) fn home(visit: &Visit<'_>, page: Page) -> Reply {
    let version = visit.world().version(visit.cluster()).unwrap_or_default().to_owned();
    Reply::page(page, "home.html", Home { version }, None)
}

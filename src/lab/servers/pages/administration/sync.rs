//! The confirmation of `Force Manual Sync` (field-notes 1.2).

use serde::Serialize;

use super::peer;
use crate::lab::servers::pages::page::Page;
use crate::lab::servers::pages::reply::{Hidden, Message, Reply};
use crate::lab::servers::pages::visit::Visit;
use crate::lab::world::PeerView;

/// What the confirmation asks: a page of its own, or a dialog of the peer's page.
#[derive(Serialize)]
pub(super) struct Confirmation {
    action: String,
    button: &'static str,
    hidden: Vec<Hidden>,
    sync_text: &'static str,
    address: String,
    resync_id: &'static str,
    resync_name: &'static str,
    /// Where the page asks in a window of its own, what is opened there.
    window: Option<String>,
}

pub(super) fn reply(visit: &Visit<'_>) -> Reply {
    let Some(peer) = peer::peer(visit) else { return Reply::See(visit.url(Page::Peers)) };
    match visit.peer_button() {
        Ok(Some("ok")) => {
            let with_certificates = visit.fields.get(resync(visit)).is_some();
            let ordered = visit.world().force_sync(visit.cluster(), &peer.address, with_certificates);
            let message = Message::of(
                visit.here.count(ordered),
                visit.variant.pick("synced", ["Synchronization started.", "Manual sync initiated"]),
            );
            peer::show(visit, Some(&peer), Some(message))
        }
        Ok(Some(_)) => Reply::See(visit.keyed(Page::Peer, &peer.key)),
        Err(refusal) => peer::show(visit, Some(&peer), Some(Message::error(refusal))),
        Ok(None) => Reply::page(Page::Sync, "sync.html", confirmation(visit, &peer), None),
    }
}

/// What the confirmation for a peer asks.
pub(super) fn confirmation(visit: &Visit<'_>, peer: &PeerView) -> Confirmation {
    Confirmation {
        action: visit.url(Page::Sync),
        button: visit.variant.button(),
        hidden: visit.hidden(Some(&peer.key)),
        sync_text: visit.variant.sync(),
        address: peer.address.to_string(),
        resync_id: resync(visit),
        resync_name: resync(visit),
        window: visit.variant.sync_window().then(|| visit.keyed(Page::Sync, &peer.key)),
    }
}

/// The name of the check box.
fn resync(visit: &Visit<'_>) -> &'static str {
    visit.variant.pick("resync", ["resyncCerts", "RESYNCTOMCATCERTS", "syncCertificates"])
}

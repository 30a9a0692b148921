//! The way to a button, without pressing it. Before the first write of a run both sides are walked, so that no link is
//! made by half because the other side's page is not what was expected.

use super::html::form_of;
use super::peer_edits::{SYNC, open_form};
use super::peers::{ADDRESS, PASSWORD, PROTOCOL, USERNAME, missing, page_of};
use super::visitor::{Trouble, Visitor};
use super::{by_hand, page};
use crate::cluster::{ErrorKind, NodeName, PeerWalk};

/// Finds everything that the edit needs, and its button.
pub(super) async fn to_the_button(visitor: &mut Visitor, walk: &PeerWalk) -> Result<(), Trouble> {
    match walk {
        PeerWalk::Add(address) => {
            let page = open_form(visitor, address).await?;
            let form = form_of(&page.dom, page.field(ADDRESS)?.at);
            page.field(USERNAME)?;
            page.field(PROTOCOL)?;
            if page.field(PASSWORD)?.kind(&page.dom) != "password" {
                return Err(page.not_found(PASSWORD).into());
            }
            page.button(&["Save"], form, true)?;
        }
        PeerWalk::Update(address) => {
            let page = entry(visitor, address).await?;
            let anchor = page.field(USERNAME).or_else(|_| page.field(PROTOCOL))?;
            page.button(&["Save"], form_of(&page.dom, anchor.at), true)?;
        }
        PeerWalk::Delete(address) => drop(entry(visitor, address).await?.button(&["Delete"], None, true)?),
        PeerWalk::Sync(address) => drop(entry(visitor, address).await?.button(&SYNC, None, true)?),
    }
    Ok(())
}

async fn entry(visitor: &mut Visitor, address: &NodeName) -> Result<page::Page, Trouble> {
    Ok(page_of(visitor, address).await?.ok_or_else(|| missing(address))?.page)
}

/// The clicks to the button, for a person.
pub(super) fn clicks(walk: &PeerWalk, node: &NodeName) -> Vec<String> {
    let button = match walk {
        PeerWalk::Add(_) => return by_hand::way(node).into_iter().chain(["Add New".to_owned()]).collect(),
        PeerWalk::Update(_) => "Save",
        PeerWalk::Delete(_) => "Delete",
        PeerWalk::Sync(_) => SYNC[0],
    };
    let (PeerWalk::Add(address) | PeerWalk::Update(address) | PeerWalk::Delete(address) | PeerWalk::Sync(address)) =
        walk;
    by_hand::to_entry(node, address).into_iter().chain([button.to_owned()]).collect()
}

/// Whether an error says that there is no such peer, which is no matter of the page.
pub(super) fn is_missing(kind: &ErrorKind) -> bool {
    matches!(kind, ErrorKind::NotFound { page, .. } if *page == super::menus::INTER_CLUSTERING.join(" > "))
}

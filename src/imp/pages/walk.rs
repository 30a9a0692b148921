//! The way to a button, without pressing it. Before the first write of a run both sides are walked, so that no link is
//! made by half because the other side's page is not what was expected.

use super::edits::{Edit, PARAMETERS, PEERS};
use super::html::form_of;
use super::peer_edits::{SYNC, open_form};
use super::peers::{ADDRESS, PASSWORD, PROTOCOL, USERNAME, missing, page_of};
use super::visitor::{Trouble, Visitor};
use super::{by_hand, page, parameters};
use crate::cluster::{ErrorKind, NodeName, Walk};

/// Finds everything that the edit needs, and its button.
pub(super) async fn to_the_button(visitor: &mut Visitor, walk: &Walk) -> Result<(), Trouble> {
    match walk {
        Walk::Add(address) => {
            let page = open_form(visitor, address).await?;
            let form = form_of(&page.dom, page.field(ADDRESS)?.at);
            page.field(USERNAME)?;
            page.field(PROTOCOL)?;
            if page.field(PASSWORD)?.kind(&page.dom) != "password" {
                return Err(page.not_found(PASSWORD).into());
            }
            page.button(&["Save"], form, true)?;
        }
        Walk::Update(address) => {
            let page = entry(visitor, address).await?;
            let anchor = page.field(USERNAME).or_else(|_| page.field(PROTOCOL))?;
            page.button(&["Save"], form_of(&page.dom, anchor.at), true)?;
        }
        Walk::Delete(address) => drop(entry(visitor, address).await?.button(&["Delete"], None, true)?),
        Walk::Sync(address) => drop(entry(visitor, address).await?.button(&SYNC, None, true)?),
        Walk::Parameter { node, service, label, value } => {
            drop(parameters::filled(visitor, node, service, label, value).await?);
        }
    }
    Ok(())
}

async fn entry(visitor: &mut Visitor, address: &NodeName) -> Result<page::Page, Trouble> {
    Ok(page_of(visitor, address).await?.ok_or_else(|| missing(address))?.page)
}

/// What it goes to edit.
pub(super) fn what(walk: &Walk) -> &'static str {
    match walk {
        Walk::Add(_) | Walk::Update(_) | Walk::Delete(_) | Walk::Sync(_) => PEERS,
        Walk::Parameter { .. } => PARAMETERS,
    }
}

/// The clicks to the button, for a person.
pub(super) fn clicks(walk: &Walk, node: &NodeName) -> Vec<String> {
    let (address, button) = match walk {
        Walk::Add(_) => return by_hand::way(node).into_iter().chain(["Add New".to_owned()]).collect(),
        Walk::Update(address) => (address, "Save"),
        Walk::Delete(address) => (address, "Delete"),
        Walk::Sync(address) => (address, SYNC[0]),
        Walk::Parameter { node: server, service, label, value } => {
            return by_hand::clicks(&Edit::Parameter { node: server, service, label, value }, node);
        }
    };
    by_hand::to_entry(node, address).into_iter().chain([button.to_owned()]).collect()
}

/// Whether an error says that there is no such peer, which is no matter of the page.
pub(super) fn is_missing(kind: &ErrorKind) -> bool {
    matches!(kind, ErrorKind::NotFound { page, .. } if *page == super::menus::INTER_CLUSTERING.join(" > "))
}

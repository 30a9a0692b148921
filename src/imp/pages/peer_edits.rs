//! Writing peers as a person would: everything that is needed is found before anything is sent.

use std::time::Instant;

use secrecy::ExposeSecret;

use super::html::{At, Field, Filling, form_of};
use super::page::Page;
use super::peers::{ADDRESS, PASSWORD, PROTOCOL, USERNAME, list_pages, missing, page_of};
use super::refusals::{Verdict, verdict};
use super::visitor::{Intent, Trouble, Visitor};
use crate::cluster::{Account, ErrorKind, NewPeer, NodeName, PeerEdit, Protocol, Transport};

pub(super) const CONFIRM: [&str; 5] = ["OK", "Yes", "Continue", "Confirm", "Proceed"];
pub(super) const SYNC: [&str; 2] = ["Force Manual Sync", "Force Sync"];
pub(super) const RESYNC: &str = "Also resync peer's Tomcat certificates";

/// `Add New`, the form, `Save`.
pub(super) async fn add(visitor: &mut Visitor, peer: &NewPeer) -> Result<Verdict, Trouble> {
    let what = "add the peer";
    // What is read back afterwards proves nothing if it was there before.
    if page_of(visitor, &peer.address).await?.is_some() {
        let message = format!("`{}` is in the list of intercluster peers already", peer.address);
        return Err(ErrorKind::Refused { message }.into());
    }
    let page = open_form(visitor, &peer.address).await?;
    let address = page.field(ADDRESS)?;
    let form = form_of(&page.dom, address.at);
    let mut filling = Filling::default();
    filling.put(&address, peer.address.as_str());
    fill_account(&page, form, &mut filling, &peer.account)?;
    fill_protocol(&page, &mut filling, peer.protocol)?;
    save(visitor, what, &page, form, &filling).await
}

/// The empty form behind `Add New`.
pub(super) async fn open_form(visitor: &mut Visitor, address: &NodeName) -> Result<Page, Trouble> {
    let what = "open the form of a new peer";
    let pages = list_pages(visitor).await?;
    let page = pages.iter().find(|page| page.offers(&["Add New"])).or(pages.first()).cloned();
    let page = page.ok_or_else(|| missing(address))?;
    let action = page.button(&["Add New"], None, false)?;
    let opened = visitor.press(what, &page, &action, &Filling::default(), Intent::Read).await?;
    let pages = visitor.with_frames(what, opened.clone()).await?;
    Ok(pages.into_iter().find(|page| page.field(ADDRESS).is_ok()).unwrap_or(opened))
}

/// The entry's page, the fields that change, `Save`.
pub(super) async fn update(visitor: &mut Visitor, address: &NodeName, edit: &PeerEdit) -> Result<Verdict, Trouble> {
    let page = page_of(visitor, address).await?.ok_or_else(|| missing(address))?.page;
    let mut filling = Filling::default();
    let anchor = page.field(USERNAME).or_else(|_| page.field(PROTOCOL))?;
    let form = form_of(&page.dom, anchor.at);
    if let Some(account) = &edit.account {
        fill_account(&page, form, &mut filling, account)?;
    }
    if let Some(protocol) = edit.protocol {
        fill_protocol(&page, &mut filling, protocol)?;
    }
    save(visitor, "update the peer", &page, form, &filling).await
}

/// The entry's page, `Delete`, and `OK` where it asks.
pub(super) async fn delete(visitor: &mut Visitor, address: &NodeName) -> Result<Verdict, Trouble> {
    let what = "delete the peer";
    let page = page_of(visitor, address).await?.ok_or_else(|| missing(address))?.page;
    let action = page.button(&["Delete"], None, true)?;
    let after = visitor.press(what, &page, &action, &Filling::default(), Intent::Write).await?;
    let mut pages = visitor.with_frames(what, after).await?;
    if let Some(asks) = pages.iter().find(|page| page.offers(&CONFIRM)).cloned() {
        let action = asks.button(&CONFIRM, None, true)?;
        let after = visitor.press(what, &asks, &action, &Filling::default(), Intent::Write).await?;
        pages = visitor.with_frames(what, after).await?;
    }
    visitor.peers.remove(&address.normal());
    heard(visitor, what, &pages, &page).await
}

/// `Force Manual Sync`, the check box on wish, `OK` where it asks.
pub(super) async fn force_sync(
    visitor: &mut Visitor,
    address: &NodeName,
    certificates: bool,
) -> Result<Verdict, Trouble> {
    let what = "force the sync";
    let page = page_of(visitor, address).await?.ok_or_else(|| missing(address))?.page;
    let mut filling = Filling::default();
    let mut checked = set_check(&page, &mut filling, certificates);
    let action = page.button(&SYNC, None, true)?;
    let after = visitor.press(what, &page, &action, &filling, Intent::Write).await?;
    let mut pages = visitor.with_frames(what, after).await?;
    if let Some(asks) = pages.iter().find(|page| page.offers(&CONFIRM)).cloned() {
        let mut filling = Filling::default();
        checked |= set_check(&asks, &mut filling, certificates);
        if certificates && !checked {
            return Err(asks.not_found(RESYNC).into());
        }
        let action = asks.button(&CONFIRM, None, true)?;
        let after = visitor.press(what, &asks, &action, &filling, Intent::Write).await?;
        pages = visitor.with_frames(what, after).await?;
    }
    if certificates && !checked {
        let detail = format!("the sync was ordered, but no page asked `{RESYNC}`");
        return Err(ErrorKind::Unknown { detail }.into());
    }
    heard(visitor, what, &pages, &page).await
}

/// Whether the page of a peer shows what an edit asked for; a password cannot be seen.
pub(super) fn shows(page: &Page, username: Option<&str>, protocol: Option<Transport>) -> bool {
    let same_user = username.is_none_or(|wanted| page.shown(USERNAME).is_none_or(|shown| shown == wanted));
    let wanted = protocol.map(Protocol::from);
    same_user && wanted.is_none_or(|wanted| page.shown(PROTOCOL).is_some_and(|shown| Protocol::read(&shown) == wanted))
}

async fn save(
    visitor: &mut Visitor,
    what: &'static str,
    page: &Page,
    form: Option<At>,
    filling: &Filling,
) -> Result<Verdict, Trouble> {
    let action = page.button(&["Save"], form, true)?;
    let after = visitor.press(what, page, &action, filling, Intent::Write).await?;
    let pages = visitor.with_frames(what, after).await?;
    heard(visitor, what, &pages, page).await
}

/// What the pages say of a write; where a page may still change by itself, it is listened to for a while.
async fn heard(visitor: &Visitor, what: &'static str, pages: &[Page], before: &Page) -> Result<Verdict, Trouble> {
    let mut said = verdict(pages, before);
    let began = Instant::now();
    while said == Verdict::Silent && began.elapsed() < visitor.patience() {
        let Some(now) = visitor.look_again(what).await? else { break };
        said = verdict(&now, before);
    }
    Ok(said)
}

/// The user name, the password, and the password again where the form asks for it twice.
fn fill_account(page: &Page, form: Option<At>, filling: &mut Filling, account: &Account) -> Result<(), ErrorKind> {
    filling.put(&page.field(USERNAME)?, &account.username);
    let password = page.field(PASSWORD)?;
    if password.kind(&page.dom) != "password" {
        // A password must not be written where it can be read.
        return Err(page.not_found(PASSWORD));
    }
    let others: Vec<&Field> = Field::all(&page.dom)
        .iter()
        .filter(|field| field.kind(&page.dom) == "password" && field.at != password.at)
        .filter(|field| form_of(&page.dom, field.at) == form)
        .collect();
    filling.put(&password, account.password.expose_secret());
    match others.as_slice() {
        [] => Ok(()),
        [confirm] => {
            filling.put(confirm, account.password.expose_secret());
            Ok(())
        }
        more => Err(ErrorKind::Unsupported {
            detail: format!("the page `{}` has {} fields for a password", page.title(), more.len() + 1),
        }),
    }
}

fn fill_protocol(page: &Page, filling: &mut Filling, protocol: Transport) -> Result<(), ErrorKind> {
    let field = page.field(PROTOCOL)?;
    let protocol = Protocol::from(protocol);
    if filling.choose(&page.dom, &field, protocol.word()) {
        return Ok(());
    }
    let choices: Vec<String> = field.choices(&page.dom).into_iter().map(|choice| choice.text).collect();
    let detail = format!("`{PROTOCOL}` offers {}, not {}", choices.join(", "), protocol.word());
    Err(ErrorKind::Unsupported { detail })
}

fn set_check(page: &Page, filling: &mut Filling, checked: bool) -> bool {
    match page.field(RESYNC) {
        Ok(field) if field.kind(&page.dom) == "checkbox" => {
            filling.check(&field, checked);
            true
        }
        _ => false,
    }
}

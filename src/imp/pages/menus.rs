//! From the page after the login to any other, by the texts of the menus.

use super::html::{Action, clickables};
use super::page::Page;
use super::visitor::{Intent, Trouble, Visitor, needs_browser};
use crate::cluster::ErrorKind;

/// A menu and its entry.
pub(super) type Path = [&'static str; 2];

pub(super) const INTER_CLUSTERING: Path = ["Presence", "Inter-Clustering"];
pub(super) const TOPOLOGY: Path = ["System", "Presence Topology"];
pub(super) const SERVICE_PARAMETERS: Path = ["System", "Service Parameters"];
pub(super) const DASHBOARD: Path = ["Diagnostics", "System Dashboard"];
pub(super) const TROUBLESHOOTER: Path = ["Diagnostics", "System Troubleshooter"];

/// Opens the page of a menu entry with the pages in its frames. Where it was found is remembered for the session.
pub(super) async fn open(visitor: &mut Visitor, path: Path) -> Result<Vec<Page>, Trouble> {
    let [menu, entry] = path;
    let title = visitor.home.as_ref().ok_or(Trouble::LoggedOut)?.title();
    visitor.home_is_new = false;
    if let Some(place) = visitor.places.get(entry).cloned() {
        match visitor.open(entry, &place).await {
            Ok(page) => return visitor.with_frames(entry, page).await,
            // The place may have moved; the menus know.
            Err(Trouble::Kind(ErrorKind::Malformed { .. })) => drop(visitor.places.remove(entry)),
            Err(trouble) => return Err(trouble),
        }
    }
    let mut pages = match visitor.menus.take() {
        Some(pages) => pages,
        None => {
            let home = visitor.home.clone().ok_or(Trouble::LoggedOut)?;
            visitor.with_frames(menu, home).await?
        }
    };
    if !pages.iter().any(|page| page.offers(&[entry]))
        && let Some((page, link)) = find_link(&pages, menu)?
    {
        let opened = visitor.press(menu, page, &link, &Default::default(), Intent::Read).await?;
        pages.extend(visitor.with_frames(menu, opened).await?);
    }
    let not_found = || ErrorKind::NotFound { label: format!("{menu} > {entry}"), page: title.clone() };
    let (page, link) = find_link(&pages, entry)?.ok_or_else(not_found)?;
    let opened = visitor.press(entry, page, &link, &Default::default(), Intent::Read).await;
    if visitor.keeps_pages() {
        visitor.menus = Some(pages);
    }
    let opened = opened?;
    visitor.places.insert(entry, opened.url.clone());
    visitor.with_frames(entry, opened).await
}

/// The first link with this text that can be followed, and the page that it is on.
fn find_link<'a>(pages: &'a [Page], name: &str) -> Result<Option<(&'a Page, Action)>, ErrorKind> {
    let mut script = None;
    for page in pages {
        for clickable in clickables(&page.dom).iter().filter(|clickable| clickable.is(name)) {
            match clickable.action(&page.dom, false) {
                Action::Script(why) => script = script.or(Some(needs_browser(page, &format!("`{name}` {why}")))),
                action => return Ok(Some((page, action))),
            }
        }
    }
    script.map_or(Ok(None), Err)
}

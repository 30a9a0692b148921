//! Presence > Inter-Clustering: the list, and each peer's page.

use super::html::{Filling, clickables};
use super::listing::{Entry, Listing, NEXT, listing, same_address};
use super::menus::{self, INTER_CLUSTERING};
use super::page::Page;
use super::visitor::{Intent, Trouble, Visitor};
use crate::cluster::{ErrorKind, NodeName, Peer, Protocol};

pub(super) const ADDRESS: &str = "Peer Address";
pub(super) const USERNAME: &str = "AXL Username";
pub(super) const PASSWORD: &str = "AXL Password";
pub(super) const PROTOCOL: &str = "Protocol";
const WHAT: &str = "read the intercluster peers";
/// More pages than 30 clusters can fill.
const MOST_PAGES: usize = 50;

/// A peer's page: the one with the fields, and all that came with it in frames.
pub(super) struct PeerPage {
    pub(super) page: Page,
    pub(super) frames: Vec<Page>,
}

/// An entry whose page was opened.
pub(super) struct Opened {
    pub(super) peer: Peer,
    pub(super) page: PeerPage,
    /// Whether the list names it by its address.
    pub(super) named: bool,
}

/// All peers.
pub(super) async fn all(visitor: &mut Visitor) -> Result<Vec<Peer>, Trouble> {
    let mut walk = Walk::begin(visitor).await?;
    let mut peers = Vec::new();
    while let Some(opened) = walk.next(visitor).await? {
        peers.push(opened.peer);
    }
    Ok(peers)
}

/// The way through the list, page by page: together they are large.
pub(super) struct Walk {
    entries: std::vec::IntoIter<Entry>,
    named: bool,
}

impl Walk {
    /// Reads the list.
    pub(super) async fn begin(visitor: &mut Visitor) -> Result<Walk, Trouble> {
        Ok(Walk::through(entries(visitor).await?))
    }

    fn through(entries: Vec<Entry>) -> Walk {
        Walk { named: !entries.is_empty(), entries: entries.into_iter() }
    }

    /// Opens the next entry's page.
    pub(super) async fn next(&mut self, visitor: &mut Visitor) -> Result<Option<Opened>, Trouble> {
        let Some(entry) = self.entries.next() else {
            visitor.listed_by_address = self.named;
            return Ok(None);
        };
        let opened = open(visitor, entry).await?;
        self.named &= opened.named;
        Ok(Some(opened))
    }
}

/// Opens an entry's page.
pub(super) async fn open(visitor: &mut Visitor, entry: Entry) -> Result<Opened, Trouble> {
    let Entry { name, url } = entry;
    let page = visitor.open(WHAT, &url).await?;
    let title = page.title();
    let frames = visitor.with_frames(WHAT, page).await?;
    let Some((peer, page)) = frames.iter().find_map(|page| read(page).map(|peer| (peer, page.clone()))) else {
        let detail = format!("an entry of the list leads to the page `{title}`, which shows no `{ADDRESS}`");
        return Err(ErrorKind::Malformed { detail }.into());
    };
    let peer = peer?;
    visitor.peers.insert(peer.address.normal(), url);
    let named = same_address(&name, peer.address.as_str());
    Ok(Opened { peer, page: PeerPage { page, frames }, named })
}

/// The page of one peer.
///
/// Opening each entry of the list is the sure way; once every entry was seen to be listed by its address, the list alone
/// tells which one it is, and whether there is one.
pub(super) async fn page_of(visitor: &mut Visitor, address: &NodeName) -> Result<Option<PeerPage>, Trouble> {
    if let Some(url) = visitor.peers.get(&address.normal()).cloned() {
        if let Some(found) = page_at(visitor, &url, address).await? {
            return Ok(Some(found));
        }
        // The entry may have gone since, or moved: the list is asked again.
        visitor.peers.remove(&address.normal());
    }
    let entries = entries(visitor).await?;
    if let Some(entry) = entries.iter().find(|entry| same_address(&entry.name, address.as_str()))
        && let Some(found) = page_at(visitor, &entry.url, address).await?
    {
        visitor.peers.insert(address.normal(), entry.url.clone());
        return Ok(Some(found));
    }
    if visitor.listed_by_address && !entries.iter().any(|entry| same_address(&entry.name, address.as_str())) {
        return Ok(None);
    }
    let mut walk = Walk::through(entries);
    let mut found = None;
    while let Some(opened) = walk.next(visitor).await? {
        if same_address(opened.peer.address.as_str(), address.as_str()) {
            found = found.or(Some(opened.page));
        }
    }
    Ok(found)
}

/// The page at a place, if it is this peer's.
async fn page_at(visitor: &Visitor, url: &url::Url, address: &NodeName) -> Result<Option<PeerPage>, Trouble> {
    let page = match visitor.open(WHAT, url).await {
        Ok(page) => page,
        // An entry that is gone may be answered with any error of the server.
        Err(Trouble::Kind(ErrorKind::Malformed { .. } | ErrorKind::Unreachable { .. })) => return Ok(None),
        Err(trouble) => return Err(trouble),
    };
    let frames = visitor.with_frames(WHAT, page).await?;
    let is_it =
        |page: &&Page| matches!(read(page), Some(Ok(peer)) if same_address(peer.address.as_str(), address.as_str()));
    let page = frames.iter().find(is_it).cloned();
    Ok(page.map(|page| PeerPage { page, frames }))
}

/// The error of a peer that is not in the list.
pub(super) fn missing(address: &NodeName) -> Trouble {
    ErrorKind::NotFound { label: address.to_string(), page: INTER_CLUSTERING.join(" > ") }.into()
}

/// The list's own page, where `Add New` is.
pub(super) async fn list_pages(visitor: &mut Visitor) -> Result<Vec<Page>, Trouble> {
    menus::open(visitor, INTER_CLUSTERING).await
}

/// What a peer's page shows; none when it is no such page.
fn read(page: &Page) -> Option<Result<Peer, ErrorKind>> {
    let address = page.shown(ADDRESS).filter(|address| !address.is_empty())?;
    let username = page.shown(USERNAME).filter(|username| !username.is_empty());
    let protocol = page.shown(PROTOCOL).filter(|protocol| !protocol.is_empty());
    Some(match protocol {
        Some(protocol) => Ok(Peer { address: address.into(), username, protocol: Protocol::read(&protocol) }),
        None => Err(page.not_found(PROTOCOL)),
    })
}

/// The entries of the list.
pub(super) async fn entries(visitor: &mut Visitor) -> Result<Vec<Entry>, Trouble> {
    let mut pages = list_pages(visitor).await?;
    // Nothing is listed before `Find` is pressed on pages that have it.
    if let Some(page) = pages.iter().find(|page| page.offers(&["Find"])).cloned() {
        let action = page.button(&["Find"], None, false)?;
        let found = visitor.press(WHAT, &page, &action, &Filling::default(), Intent::Read).await?;
        pages = visitor.with_frames(WHAT, found).await?;
    }
    let mut entries: Vec<Entry> = Vec::new();
    for _ in 0..MOST_PAGES {
        let mut shown: Option<(Page, Listing)> = None;
        for page in &pages {
            if let Some(listing) = listing(page)? {
                // An outer page may say "no records" in passing; the one with entries is the list.
                let better = shown.as_ref().is_none_or(|(_, known)| known.entries.is_empty());
                if better {
                    shown = Some((page.clone(), listing));
                }
            }
        }
        let Some((page, listing)) = shown else { return Err(unrecognised(&pages).into()) };
        let before = entries.len();
        for entry in listing.entries {
            if !entries.iter().any(|known| known.url == entry.url) {
                entries.push(entry);
            }
        }
        if !listing.more {
            return Ok(entries);
        }
        if entries.len() == before {
            break;
        }
        let action = page.button(&NEXT, None, false)?;
        let next = visitor.press(WHAT, &page, &action, &Filling::default(), Intent::Read).await?;
        pages = visitor.with_frames(WHAT, next).await?;
    }
    let detail = "the list of intercluster peers says that there are more, but shows no further page".to_owned();
    Err(ErrorKind::Malformed { detail }.into())
}

fn unrecognised(pages: &[Page]) -> ErrorKind {
    let title = pages.first().map(Page::title).unwrap_or_default();
    let scripted = pages.iter().any(|page| {
        page.dom.elements(page.dom.all(), &["script"]).next().is_some() && clickables(&page.dom).is_empty()
    });
    let detail = format!("the page `{title}` shows neither peers nor that there are none");
    match scripted {
        true => ErrorKind::NeedsBrowser { detail: format!("{detail}; it is filled in by a script") },
        false => ErrorKind::Malformed { detail },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peers_page_is_read_in_any_markup() {
        let url = url::Url::parse("https://imp1:8443/cupadmin/edit").unwrap();
        for markup in [
            "<label for=a>Peer Address</label><input id=a value=imp1.b.example.com><label for=u>AXL Username</label>\
             <input id=u value=icsa><label for=p>Protocol</label><select id=p><option>TCP<option selected>TLS</select>",
            "<table><tr><td>Peer Address*</td><td>imp1.b.example.com</td></tr><tr><td>AXL Username*</td><td><input \
             value=icsa></td></tr><tr><td>AXL Password</td><td><input type=password></td></tr><tr><td>Protocol</td><td>\
             <input type=radio name=p> TCP <input type=radio name=p checked> TLS</td></tr></table>",
            "<dl><dt>Peer Address</dt><dd>imp1.b.example.com</dd><dt>AXL Username</dt><dd>icsa</dd><dt>Protocol</dt><dd>\
             TLS</dd></dl>",
        ] {
            let peer = read(&Page::read(url.clone(), markup)).expect(markup).expect(markup);
            let expected =
                Peer { address: "imp1.b.example.com".into(), username: Some("icsa".into()), protocol: Protocol::Tls };
            assert_eq!(peer, expected, "{markup}");
        }
        assert!(read(&Page::read(url.clone(), "<label>Peer Address <input></label>")).is_none());
        let no_protocol = "<label>Peer Address <input value=a></label>";
        assert!(matches!(read(&Page::read(url, no_protocol)), Some(Err(ErrorKind::NotFound { .. }))));
    }
}

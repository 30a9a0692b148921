//! The `Inter-cluster Peer Status` panel (field-notes 1.3): its entries and their marks, in any markup.

use std::time::Instant;

use super::WithStatus;
use super::html::{At, Dom, Filling, Key, Span, mark, section, tables, without_signs};
use super::page::Page;
use super::peers::{self, Opened, PeerPage};
use super::visitor::{Intent, Trouble, Visitor};
use crate::cluster::{ErrorKind, NodeName, Outcome, PeerStatus, StatusEntry};

/// The guide and the other documents spell it differently; hyphens do not count.
const TITLE: &str = "Inter-cluster Peer Status";
const WHAT: &str = "read the peer status";
const BLOCKS: [&str; 7] = ["div", "p", "li", "section", "article", "table", "dl"];

/// The status of one peer.
pub(super) async fn read(visitor: &mut Visitor, address: &NodeName) -> Result<PeerStatus, Trouble> {
    let found = peers::page_of(visitor, address).await?.ok_or_else(|| peers::missing(address))?;
    of(visitor, found).await
}

/// A peer with its status, of its page. What keeps the panel from being read is that peer's matter.
pub(super) async fn with_status(visitor: &mut Visitor, opened: Opened) -> Result<WithStatus, Trouble> {
    let status = match of(visitor, opened.page).await {
        Ok(status) => Ok(status),
        Err(Trouble::Kind(kind)) => Err(kind),
        Err(Trouble::LoggedOut) => return Err(Trouble::LoggedOut),
    };
    Ok((opened.peer, status))
}

/// The status on a peer's page.
async fn of(visitor: &mut Visitor, found: PeerPage) -> Result<PeerStatus, Trouble> {
    let page = found.page;
    let began = Instant::now();
    let mut frames = found.frames;
    // A script may fill the panel after the page was there.
    let status = loop {
        match find(&frames) {
            Err(ErrorKind::NeedsBrowser { .. }) if began.elapsed() < visitor.patience() => {
                let Some(now) = visitor.look_again(WHAT).await? else { break find(&frames)? };
                frames = now;
            }
            found => break found?,
        }
    };
    if let Some(status) = status {
        return Ok(status);
    }
    // The panel may have a page of its own.
    if page.offers(&[TITLE]) {
        let action = page.button(&[TITLE], None, false)?;
        let opened = visitor.press(WHAT, &page, &action, &Filling::default(), Intent::Read).await?;
        let pages = visitor.with_frames(WHAT, opened).await?;
        if let Some(status) = find(&pages)? {
            return Ok(status);
        }
    }
    Err(page.not_found(TITLE).into())
}

fn find(pages: &[Page]) -> Result<Option<PeerStatus>, ErrorKind> {
    let mut titled = None;
    for page in pages {
        let spans = section(&page.dom, TITLE);
        for span in &spans {
            let entries = entries(&page.dom, span.clone());
            if !entries.is_empty() {
                return Ok(Some(PeerStatus { entries }));
            }
        }
        if !spans.is_empty() || page.text().to_lowercase().contains("peer status") {
            titled = titled.or(Some(page));
        }
    }
    match titled {
        Some(page) if page.offers(&[TITLE]) => Ok(None),
        Some(page) => Err(super::visitor::needs_browser(page, &format!("the panel `{TITLE}` is empty"))),
        None => Ok(None),
    }
}

/// The entries of a stretch: rows of tables, terms of a list, or blocks of a label and a value.
fn entries(dom: &Dom, span: Span) -> Vec<StatusEntry> {
    let found = rows(dom, span.clone());
    let found = if found.is_empty() { terms(dom, span.clone()) } else { found };
    if found.is_empty() { blocks(dom, span) } else { found }
}

fn rows(dom: &Dom, span: Span) -> Vec<StatusEntry> {
    let mut entries = Vec::new();
    for row in tables(dom, dom.all()).into_iter().flat_map(|table| table.rows) {
        let inside = span.contains(&row.at) && dom.whole(row.at).end <= span.end;
        if !inside || has_fields(dom, row.at) || dom.elements(dom.inside(row.at), &["table"]).next().is_some() {
            continue;
        }
        if row.is_header() && row.cells.len() > 1 {
            continue;
        }
        let texts: Vec<String> =
            row.cells.iter().map(|cell| without_signs(&cell.text)).filter(|t| !t.is_empty()).collect();
        let marked = mark(dom, dom.whole(row.at), &Key::default());
        if let Some(entry) = entry(&texts, marked, row.cells.len() > 1) {
            entries.push(entry);
        }
    }
    entries
}

fn terms(dom: &Dom, span: Span) -> Vec<StatusEntry> {
    let mut entries = Vec::new();
    for term in dom.elements(span, &["dt"]) {
        let value = dom.following(term).find(|at| dom.is(*at, &["dd"]));
        let label = without_signs(&dom.text(dom.inside(term)));
        let value_text = value.map(|at| without_signs(&dom.text(dom.inside(at)))).unwrap_or_default();
        let range = term..value.map_or(dom.whole(term).end, |at| dom.whole(at).end);
        entries.extend(entry(&[label, value_text], mark(dom, range, &Key::default()), true));
    }
    entries
}

/// Blocks without blocks in them, and blocks of exactly a label block and what belongs to it.
fn blocks(dom: &Dom, span: Span) -> Vec<StatusEntry> {
    let is_block = |at: At| dom.is(at, &BLOCKS);
    let leaf = |at: At| is_block(at) && !dom.inside(at).any(is_block);
    // A block that holds a label and a value of its own is an entry, not a part of one.
    let simple = |at: At| {
        let texts = dom.children(at).filter(|part| !dom.text(dom.whole(*part)).is_empty()).count();
        !is_block(at) || (leaf(at) && texts <= 1)
    };
    let mut entries = Vec::new();
    let mut done = span.start;
    for at in span.clone() {
        if at < done || !is_block(at) || has_fields(dom, at) {
            continue;
        }
        let parts: Vec<At> = dom.children(at).filter(|part| !dom.tag(*part).is_empty()).collect();
        let pair = !leaf(at) && (2..=4).contains(&parts.len()) && parts.iter().all(|part| simple(*part));
        if !leaf(at) && !pair {
            continue;
        }
        let texts: Vec<String> = parts.iter().map(|part| without_signs(&dom.text(dom.whole(*part)))).collect();
        let texts: Vec<String> = texts.into_iter().filter(|text| !text.is_empty()).collect();
        let whole = without_signs(&dom.text(dom.inside(at)));
        let texts = match (texts.as_slice(), whole.split_once(':')) {
            ([_, _, ..], _) => texts,
            ([label], _) if whole.starts_with(label.as_str()) && whole.len() > label.len() => {
                vec![
                    label.clone(),
                    whole.get(label.len()..).unwrap_or_default().trim_start_matches([':', ' ']).to_owned(),
                ]
            }
            (_, Some((label, value))) => vec![label.to_owned(), value.trim().to_owned()],
            _ => continue,
        };
        if let Some(entry) = entry(&texts, mark(dom, dom.whole(at), &Key::default()), true) {
            entries.push(entry);
            done = dom.whole(at).end;
        }
    }
    entries
}

fn entry(texts: &[String], marked: Option<Outcome>, paired: bool) -> Option<StatusEntry> {
    let label = texts.first()?.trim_end_matches([':', '*', ' ']).trim().to_owned();
    let value = texts.get(1..).unwrap_or_default().join(" ").trim().to_owned();
    // A lone text without a mark is a remark, not an entry.
    if label.is_empty()
        || !label.chars().any(char::is_alphabetic)
        || (value.is_empty() && (marked.is_none() || !paired))
    {
        return None;
    }
    Some(StatusEntry { label, value, outcome: marked.unwrap_or(Outcome::Information) })
}

fn has_fields(dom: &Dom, at: At) -> bool {
    dom.elements(dom.inside(at), &["input", "select", "textarea", "button"]).next().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(markup: &str) -> Result<Option<PeerStatus>, ErrorKind> {
        find(&[Page::read(url::Url::parse("https://imp1:8443/cupadmin/edit").unwrap(), markup)])
    }

    #[test]
    fn a_panel_is_read_in_any_markup() {
        for markup in [
            "<h3>Inter-cluster Peer Status</h3><table><tr><td>Peer Connectivity Test</td><td>fine</td><td><img alt=Passed>\
             </td></tr><tr><td>Associated Users</td><td>1,200</td><td><img src=/i/error.gif></td></tr></table>",
            "<table><tr><th colspan=3>Intercluster Peer Status</th></tr><tr><td><img src=check.gif></td><td>Peer \
             Connectivity Test</td><td>fine</td></tr><tr><td><img src=x.gif alt=X></td><td>Associated Users:</td><td>1,200\
             </td></tr></table><form><table><tr><td>Peer Address</td><td><input></td></tr></table></form>",
            "<fieldset><legend>Inter-cluster Peer Status</legend><dl><dt>Peer Connectivity Test</dt><dd class=ok>fine</dd>\
             <dt>Associated Users</dt><dd class=error>1,200</dd></dl></fieldset>",
            "<h2>Inter-cluster Peer Status</h2><ul><li><b>Peer Connectivity Test:</b> fine \u{2714}</li><li><b>Associated \
             Users:</b> 1,200 \u{2718}</li></ul>",
            "<div><h4>Inter-cluster Peer Status</h4></div><div class=rows><div class=row><span>Peer Connectivity Test\
             </span><span>fine</span><i class=icon-pass></i></div><div class=row><span>Associated Users</span><span>1,200\
             </span><i class=icon-fail></i></div></div>",
            "<h4>Inter-cluster Peer Status</h4><section><div><div>Peer Connectivity Test</div><div class=passed>fine</div>\
             </div><div><div>Associated Users</div><div class=failed>1,200</div></div></section>",
        ] {
            let status = read(markup).unwrap().unwrap_or_else(|| panic!("{markup}"));
            let entry = status.entry("Peer Connectivity Test").unwrap_or_else(|| panic!("{markup}: {status:?}"));
            assert_eq!((entry.value.as_str(), entry.outcome), ("fine", Outcome::Passed), "{markup}");
            assert_eq!(status.associated_users(), Some(1200), "{markup}");
            assert_eq!(status.entry("Associated Users").unwrap().outcome, Outcome::Failed, "{markup}");
            assert_eq!(status.entries.len(), 2, "{markup}: {status:?}");
        }
    }

    #[test]
    fn an_empty_panel_needs_a_browser() {
        let empty = "<h3>Inter-cluster Peer Status</h3><div id=status></div>";
        assert!(matches!(read(empty), Err(ErrorKind::NeedsBrowser { .. })));
        assert_eq!(read("<p>Something else</p>"), Ok(None));
    }

    #[test]
    fn a_picture_that_nobody_knows_is_unclear() {
        let status = read(
            "<h3>Inter-cluster Peer Status</h3><table><tr><td>Certificate Status</td><td>Connection is \
                           secure</td><td><img src=17.gif></td></tr></table>",
        );
        assert_eq!(status.unwrap().unwrap().entries[0].outcome, Outcome::Unclear);
    }
}

//! The notifications in the header of the pages (field-notes 1.8). Their wording and markup are not known: columns are
//! found by their headings, or else by what their cells hold.

use super::html::{Action, Clickable, Filling, Row, clickables, section, tables};
use super::page::Page;
use super::visitor::{Intent, Trouble, Visitor, needs_browser};
use crate::cluster::{ErrorKind, NodeName, Notification};

const WHAT: &str = "read the notifications";
const TITLES: [&str; 3] = ["Active Notifications", "Notifications", "Notification"];
const SEVERITIES: [&str; 3] = ["information", "warning", "error"];

/// The active notifications.
pub(super) async fn read(visitor: &mut Visitor) -> Result<Vec<Notification>, Trouble> {
    let home = visitor.home.clone().ok_or(Trouble::LoggedOut)?;
    // The count in the header is as old as the page it is on.
    let home = match std::mem::take(&mut visitor.home_is_new) {
        true => home,
        false => visitor.open(WHAT, &home.url).await?,
    };
    let pages = visitor.with_frames(WHAT, home).await?;
    if visitor.keeps_pages() {
        // the menus are looked for on the same pages
        visitor.menus.get_or_insert_with(|| pages.clone());
    }
    let link = pages.iter().find_map(|page| link(page).map(|(link, count)| (page.clone(), link, count)));
    let (shown, count) = match link {
        Some((page, link, count)) => match link.action(&page.dom, false) {
            // The list may be in the page already, only not shown.
            Action::Script(why) => {
                if !pages.iter().any(|page| !section_rows(page).is_empty()) && count != Some(0) {
                    return Err(needs_browser(&page, &format!("the link to the notifications {why}")).into());
                }
                (pages, count)
            }
            action => {
                let opened = visitor.press(WHAT, &page, &action, &Filling::default(), Intent::Read).await?;
                (visitor.with_frames(WHAT, opened).await?, count)
            }
        },
        None if pages.iter().any(|page| !section_rows(page).is_empty() || says_none(page)) => (pages, None),
        None => return Err(pages.first().map(|page| page.not_found("Notifications")).unwrap_or_else(nothing).into()),
    };
    let found = notifications(&shown);
    let recognised = found.is_some() || shown.iter().any(says_none) || count == Some(0);
    let found = found.unwrap_or_default();
    if !recognised || (found.is_empty() && count.is_some_and(|count| count > 0) && !shown.iter().any(says_none)) {
        let page = shown.first().map(Page::title).unwrap_or_default();
        let detail = format!("the page `{page}` shows neither notifications nor that there are none");
        return Err(ErrorKind::Malformed { detail }.into());
    }
    Ok(found)
}

fn nothing() -> ErrorKind {
    ErrorKind::Malformed { detail: "there is no page".to_owned() }
}

/// The link or icon, and the count that it shows.
fn link(page: &Page) -> Option<(&Clickable, Option<u64>)> {
    let about =
        |clickable: &&Clickable| clickable.names.iter().any(|name| name.to_lowercase().contains("notification"));
    let mut all: Vec<&Clickable> = clickables(&page.dom).iter().filter(about).collect();
    all.sort_by_key(|clickable| matches!(clickable.action(&page.dom, false), Action::Script(_)));
    let link = all.into_iter().next()?;
    let count = link.names.iter().find_map(|name| {
        let digits = name.split(|c: char| !c.is_ascii_digit()).find(|digits| !digits.is_empty())?;
        digits.parse().ok()
    });
    Some((link, count))
}

fn says_none(page: &Page) -> bool {
    let text = page.text().to_lowercase();
    [
        "no active notifications",
        "no notifications",
        "there are no notification",
        "0 notifications",
        "no current notification",
    ]
    .iter()
    .any(|words| text.contains(words))
}

/// The rows of what is titled as notifications; a page of its own counts as a whole.
fn section_rows(page: &Page) -> Vec<Row> {
    let all: Vec<Row> = tables(&page.dom, page.dom.all()).into_iter().flat_map(|table| table.rows).collect();
    let spans: Vec<_> = TITLES.iter().flat_map(|title| section(&page.dom, title)).collect();
    let inside = |row: &Row| spans.iter().any(|span| span.contains(&row.at));
    all.into_iter().filter(inside).collect()
}

/// The notifications of the pages; none when no page has a table that could hold them.
fn notifications(pages: &[Page]) -> Option<Vec<Notification>> {
    let mut found: Option<Vec<Notification>> = None;
    for page in pages {
        for table in tables(&page.dom, page.dom.all()) {
            if page.dom.elements(page.dom.inside(table.at), &["table"]).next().is_some() {
                continue;
            }
            if let Some(rows) = headed(&table.rows).or_else(|| bare(&table.rows)) {
                found.get_or_insert_default().extend(rows);
            }
        }
        if found.is_none() {
            found = items(page);
        }
    }
    found
}

/// Rows under headings.
fn headed(rows: &[Row]) -> Option<Vec<Notification>> {
    let any = |row: &Row, labels: &[&str]| labels.iter().find_map(|label| row.column(label));
    let (header, severity, text) = rows.iter().enumerate().find_map(|(index, row)| {
        let severity = any(row, &["Severity", "Level", "Type"])?;
        let labels = ["Message", "Description", "Notification", "Text", "Notification Text", "Details", "Summary"];
        Some((index, severity, any(row, &labels)?))
    })?;
    let node = any(&rows[header], &["Node", "Node Name", "Server", "Server Name", "Host"]);
    let state = any(&rows[header], &["State", "Status"]);
    let body = rows.iter().skip(header + 1);
    let cell = |row: &Row, column: usize| row.cell(column).map(|cell| cell.text.clone()).unwrap_or_default();
    let read = |row: &Row| Notification {
        severity: severity_of(&cell(row, severity)),
        text: cell(row, text),
        node: node.map(|node| cell(row, node)).filter(|name| !name.is_empty()).map(NodeName::from),
    };
    let active = |row: &&Row| !state.is_some_and(|state| cell(row, state).eq_ignore_ascii_case("Cleared"));
    Some(body.filter(active).map(read).filter(|n| !n.text.is_empty() && !n.severity.is_empty()).collect())
}

/// Rows without headings: one cell is a severity, the longest other one the text.
fn bare(rows: &[Row]) -> Option<Vec<Notification>> {
    let read = |row: &Row| {
        let severity = row.cells.iter().find(|cell| SEVERITIES.contains(&cell.text.to_lowercase().as_str()))?;
        let others = || row.cells.iter().filter(|cell| cell.at != severity.at);
        if others().any(|cell| cell.text.eq_ignore_ascii_case("Cleared")) {
            return None;
        }
        let text = others().max_by_key(|cell| cell.text.len()).filter(|cell| cell.text.contains(' '))?;
        let host = |text: &str| !text.is_empty() && !text.contains(' ') && text.contains('.') && !text.ends_with('.');
        let node = others().find(|cell| cell.at != text.at && host(&cell.text));
        let node = node.map(|cell| NodeName::from(cell.text.as_str()));
        Some(Notification { severity: severity.text.clone(), text: text.text.clone(), node })
    };
    let found: Vec<Notification> = rows.iter().filter_map(read).collect();
    (!found.is_empty()).then_some(found)
}

/// Entries of a list, such as `Warning: …`.
fn items(page: &Page) -> Option<Vec<Notification>> {
    let spans: Vec<_> = TITLES.iter().flat_map(|title| section(&page.dom, title)).collect();
    let items = page.dom.elements(page.dom.all(), &["li", "p", "div"]);
    let leaf = |at: &usize| page.dom.elements(page.dom.inside(*at), &["li", "p", "div", "table"]).next().is_none();
    let read = |at: usize| {
        let text = page.dom.text(page.dom.inside(at));
        let word = text.split(|c: char| !c.is_alphabetic()).find(|word| !word.is_empty())?;
        let severity = SEVERITIES.contains(&word.to_lowercase().as_str()).then(|| word.to_owned())?;
        let rest = text.split_once(word)?.1.trim_start_matches([':', ' ', '-', ']', ')']).to_owned();
        (!rest.is_empty()).then_some(Notification { severity, text: rest, node: None })
    };
    let inside = |at: &usize| spans.iter().any(|span| span.contains(at));
    let found: Vec<Notification> = items.filter(inside).filter(leaf).filter_map(read).collect();
    (!found.is_empty()).then_some(found)
}

fn severity_of(text: &str) -> String {
    if text.is_empty() { "Information".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(markup: &str) -> Page {
        Page::read(url::Url::parse("https://imp1:8443/n").unwrap(), markup)
    }

    #[test]
    fn notifications_are_read_in_any_markup() {
        for markup in [
            "<table><tr><th>Severity<th>Node<th>Message<th>State</tr><tr><td>Warning<td>imp1.example.com<td>Restart the \
             Cisco XCP Router<td>Active</tr><tr><td>Error<td>imp1.example.com<td>Old news<td>Cleared</tr></table>",
            "<table><tr><td>imp1.example.com<td>Warning<td>Restart the Cisco XCP Router</tr></table>",
            "<table><tr><td><table><tr><td>Notification</td><td>Type</td><td>Server</td></tr><tr><td>Restart the Cisco XCP \
             Router</td><td>Warning</td><td>imp1.example.com</td></tr></table></td></tr></table>",
        ] {
            let expected = Notification {
                severity: "Warning".into(),
                text: "Restart the Cisco XCP Router".into(),
                node: Some("imp1.example.com".into()),
            };
            assert_eq!(notifications(&[page(markup)]), Some(vec![expected]), "{markup}");
        }
        let list = page("<h3>Active Notifications</h3><ul><li>Warning: Restart the Cisco XCP Router on imp1</li></ul>");
        assert_eq!(notifications(&[list]).unwrap()[0].text, "Restart the Cisco XCP Router on imp1");
    }

    #[test]
    fn no_table_is_not_no_notification() {
        assert_eq!(notifications(&[page("<p>Welcome</p>")]), None);
        let empty = page("<table><tr><th>Severity<th>Message</tr></table>");
        assert_eq!(notifications(&[empty]), Some(vec![]));
    }

    #[test]
    fn the_link_in_the_header_shows_a_count() {
        for (markup, count) in [
            ("<a href=n.do>3 Notifications</a>", Some(3)),
            ("<a href=n.do><img src=bell.gif alt='Notifications (0)'></a>", Some(0)),
            ("<a href=n.do title=Notifications>!</a>", None),
        ] {
            assert_eq!(link(&page(markup)).unwrap().1, count, "{markup}");
        }
    }
}

//! The find/list page of Presence > Inter-Clustering. Its headings, its empty text and its addresses are not known:
//! what cannot be recognised is an error, never an empty list.

use url::Url;

use super::html::{Action, Cell, Dom, Row, Table, clickables, plain, same, tables};
use super::page::Page;
use crate::cluster::ErrorKind;

/// A list as far as one page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listing {
    /// The entries, in the page's order.
    pub(super) entries: Vec<Entry>,
    /// Whether the page says that there are more.
    pub(super) more: bool,
}

/// An entry of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The text in the column of the peers; probably the address, which only the entry's page can say for sure.
    pub(super) name: String,
    /// Where its page is.
    pub(super) url: Url,
}

/// Headings by which the column of the peers is known.
const HEADINGS: [&str; 4] = ["Peer Address", "Peer", "Inter-cluster Peer", "Inter-Clustering Peer"];
/// Headings that may be the column of the peers where `Associated Users` stands beside them: the list shows these.
const LOOSE_HEADINGS: [&str; 7] = ["Address", "Name", "Node", "Node Name", "Server", "Publisher", "Host"];
const BESIDE: &str = "Associated Users";

/// What a page lists; none when it is no list that could be recognised.
///
/// # Errors
/// There is a list, but not all of it can be followed.
pub(super) fn listing(page: &Page) -> Result<Option<Listing>, ErrorKind> {
    let dom = &page.dom;
    let text = page.text();
    let mut recognised = says_empty(&text);
    let mut entries: Vec<Entry> = Vec::new();
    for table in tables(dom, dom.all()) {
        // A table for the layout holds the list's own table; that one counts.
        if tables(dom, dom.inside(table.at)).iter().any(|inner| column(dom, inner).is_some()) {
            continue;
        }
        let Some((first, column)) = column(dom, &table) else { continue };
        recognised = true;
        for row in table.rows.iter().skip(first).filter(|row| is_entry(row, column)) {
            let url = link(page, row, column)?;
            if !entries.iter().any(|entry| entry.url == url) {
                let name = row.cell(column).map(|cell| cell.text.clone()).unwrap_or_default();
                entries.push(Entry { name, url });
            }
        }
    }
    if !recognised {
        return Ok(None);
    }
    let more = shown_range(&text).is_some_and(|(to, total)| to < total);
    Ok(Some(Listing { entries, more }))
}

/// The row after the headings and the column of the peers, if the table is the list.
fn column(dom: &Dom, table: &Table) -> Option<(usize, usize)> {
    let headed = table.rows.iter().enumerate().find_map(|(index, row)| {
        let short = row.cells.len() > 1 && row.cells.iter().all(|cell| cell.text.len() < 80);
        let column = heading(row).filter(|_| short)?;
        // In a form the label `Peer Address` stands beside a field; a heading stands above rows.
        let has_field = dom.elements(dom.inside(row.at), &["input", "select"]).any(|at| {
            !matches!(dom.attr(at, "type"), Some("checkbox" | "hidden" | "submit" | "button" | "image" | "radio"))
        });
        (!has_field).then_some((index + 1, column))
    });
    headed.or_else(|| {
        let row = table.rows.iter().find_map(|row| {
            let cell = row.cells.iter().find(|cell| is_host(&cell.text) && has_link(dom, cell))?;
            Some(cell.column)
        })?;
        Some((0, row))
    })
}

/// The column of the peers, if the row is the headings of the list.
fn heading(row: &Row) -> Option<usize> {
    let loose = || LOOSE_HEADINGS.into_iter().filter(|_| row.column(BESIDE).is_some());
    HEADINGS.into_iter().chain(loose()).find_map(|heading| row.column(heading))
}

fn has_link(dom: &Dom, cell: &Cell) -> bool {
    dom.elements(dom.inside(cell.at), &["a"]).next().is_some()
}

fn is_entry(row: &Row, column: usize) -> bool {
    let repeated = HEADINGS.into_iter().any(|heading| row.column(heading).is_some());
    !row.is_header()
        && !repeated
        && row.title().is_none_or(is_host)
        && row.cell(column).is_some_and(|cell| !cell.text.is_empty())
}

/// The page of an entry: the link in the column of the peers, or else another one in the row.
fn link(page: &Page, row: &Row, column: usize) -> Result<Url, ErrorKind> {
    let name = row.cell(column).map(|cell| cell.text.clone()).unwrap_or_default();
    let inside = |range: std::ops::Range<usize>| {
        let links = clickables(&page.dom).iter().filter(move |clickable| range.contains(&clickable.at));
        links.map(|clickable| clickable.action(&page.dom, false)).collect::<Vec<_>>()
    };
    let own = row.cell(column).map(|cell| inside(page.dom.inside(cell.at))).unwrap_or_default();
    let all = own.into_iter().chain(inside(page.dom.inside(row.at)));
    let mut script = None;
    for action in all {
        match action {
            Action::Follow(link) => return page.resolve(&link).ok_or_else(|| page.not_found(&name)),
            Action::Script(why) => script = Some(why),
            Action::Submit { .. } | Action::Click(_) => {}
        }
    }
    Err(match script {
        Some(why) => super::visitor::needs_browser(page, &format!("the entry `{name}` {why}")),
        None => ErrorKind::Malformed {
            detail: format!("the entry `{name}` on the page `{}` leads to no page of its own", page.title()),
        },
    })
}

/// An address or a host name that is more than a word.
fn is_host(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    let text = text.trim();
    text.len() > 1 && text.chars().all(allowed) && text.contains(|c: char| c == '.' || c == ':' || c.is_ascii_digit())
}

/// Whether a page says in words that there is nothing, as the dashboard does with `No inter-cluster peers currently
/// provisioned`. `No active query` means that nothing was looked for.
fn says_empty(text: &str) -> bool {
    const THINGS: [&str; 10] =
        ["peer", "peers", "record", "records", "entry", "entries", "found", "result", "results", "matches"];
    let lower = plain(text).to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let follows = |at: usize| words.iter().skip(at + 1).take(4).any(|word| THINGS.contains(word));
    !lower.contains("no active query")
        && words.iter().enumerate().any(|(at, word)| matches!(*word, "no" | "0" | "zero") && follows(at))
}

/// `(1 - 50 of 120)`: the last one shown and how many there are.
fn shown_range(text: &str) -> Option<(u64, u64)> {
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c == '(' || c == ')').filter(|w| !w.is_empty()).collect();
    words.windows(3).find_map(|window| {
        let [to, of, total] = window else { return None };
        let to = to.rsplit(['-', '\u{2013}']).next()?.parse().ok()?;
        let total: u64 = total.trim_end_matches(['.', ',']).parse().ok()?;
        (of.eq_ignore_ascii_case("of") && to <= total).then_some((to, total))
    })
}

/// Whether a page has the names of a pager's next page.
pub(super) const NEXT: [&str; 6] = ["Next", "Next Page", ">", "\u{203a}", "\u{bb}", "Next >"];

/// Whether two addresses of peers mean the same node.
pub(super) fn same_address(a: &str, b: &str) -> bool {
    same(a.trim_end_matches('.'), b.trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Result<Option<Listing>, ErrorKind> {
        listing(&Page::read(Url::parse("https://imp1:8443/cupadmin/list").unwrap(), text))
    }

    #[test]
    fn a_list_is_read_in_any_markup() {
        for markup in [
            "<table><tr><th></th><th>Peer Address</th><th>Associated Users</th></tr><tr><td><input type=checkbox></td>\
             <td><a href=edit?key=1>imp1.b.example.com</a></td><td>7</td></tr><tr><td><input type=checkbox></td>\
             <td><a href=edit?key=2>10.0.0.2</a></td><td>0</td></tr><tr><td colspan=3><input type=submit value='Add New'>\
             </td></tr></table>",
            "<table><tr><td><a href=home>Presence</a></td></tr></table><table><tr><td><a href=edit?key=1>imp1.b.example.com\
             </a></td><td>7</td></tr><tr><td><a href=edit?key=2>imp1.c.example.com</a></td><td>7</td></tr></table>",
            "<div role=table><div role=row><b role=columnheader>Peer Address</b><b role=columnheader>Protocol</b></div>\
             <div role=row><b role=cell>a1</b><b role=cell><a href=edit?key=1>edit</a></b></div><div role=row><b role=cell>\
             b1</b><b role=cell><a href=edit?key=2>edit</a></b></div></div>",
            "<table><tr><td><table><tr><td>Peer Address</td><td>x</td></tr><tr><td><a href=edit?key=1>host</a></td><td>\
             </td></tr><tr><td><a href=edit?key=2>other</a></td><td></td></tr></table></td></tr></table>",
        ] {
            let found = list(markup).unwrap().expect(markup);
            let keys: Vec<_> = found.entries.iter().map(|entry| entry.url.query().unwrap_or_default()).collect();
            assert_eq!(keys, ["key=1", "key=2"], "{markup}");
            assert!(!found.more);
        }
    }

    #[test]
    fn an_empty_list_must_say_so() {
        for empty in [
            "No inter-cluster peers currently provisioned",
            "<p>0 records found</p>",
            "No matching entries.",
            "<table><tr><th>Peer Address</th><th>Protocol</th></tr></table>",
            "<table><tr><th colspan=2>Peers (0 found)</th></tr><tr><th>Address</th><th>Associated Users</th></tr><tr><td \
             colspan=2>No active query. Please enter your search criteria.</td></tr></table>",
        ] {
            assert_eq!(list(empty), Ok(Some(Listing { entries: vec![], more: false })), "{empty}");
        }
        for unknown in [
            "",
            "<p>Welcome</p>",
            "No active query. Please enter your search criteria, no records shown.",
            "<table><tr><td>Peer Address</td><td><input name=a></td></tr></table>",
        ] {
            assert_eq!(list(unknown), Ok(None), "{unknown}");
        }
    }

    #[test]
    fn an_entry_that_leads_nowhere_is_an_error() {
        let row = |cell: &str| format!("<table><tr><th>Peer Address<th>x</tr><tr><td>{cell}<td>1</tr></table>");
        assert!(matches!(list(&row("imp1.b.example.com")), Err(ErrorKind::Malformed { .. })));
        let script = "<a href='javascript:go(1)'>imp1.b.example.com</a>";
        assert!(matches!(list(&row(script)), Err(ErrorKind::NeedsBrowser { .. })));
    }

    #[test]
    fn a_part_of_a_list_is_known_as_such() {
        for (text, more) in [("Peers (1 - 2 of 12)", true), ("Peers 1-2 of 2", false), ("2 of 3 checked", true)] {
            let markup = format!("<p>{text}</p><table><tr><th>Peer Address</th><th>x</th></tr></table>");
            assert_eq!(list(&markup).unwrap().unwrap().more, more, "{text}");
        }
    }
}

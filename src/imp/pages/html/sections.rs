//! What stands under a title: a panel, whatever it is made of.

use std::ops::Range;

use super::dom::{At, Dom};
use super::labels::{first_sign, may_be_same, plain, same};

/// A stretch of a page.
pub(in super::super) type Span = Range<At>;

/// How far around a title its content is looked for: a heading may sit in a bar, the bar in a box.
const REACH: usize = 5;

/// The stretches that may be what stands under a title, the narrowest first. The first that makes sense is it.
pub(in super::super) fn section(dom: &Dom, title: &str) -> Vec<Span> {
    headings(dom, title).into_iter().flat_map(|heading| spans(dom, heading)).collect()
}

/// The innermost elements that show the title, exactly or as the beginning of a heading.
fn headings(dom: &Dom, title: &str) -> Vec<At> {
    let wanted = plain(title).to_lowercase();
    let first = first_sign(title.chars());
    let shows = |at: At| {
        if !may_be_same(dom.first_sign_of_label(dom.inside(at)), first) {
            return false;
        }
        let text = dom.label_text(dom.inside(at));
        let begins = is_heading(dom, at) && plain(&text).to_lowercase().starts_with(&wanted) && text.len() < 200;
        same(&text, title) || begins
    };
    let candidates: Vec<At> = dom
        .all()
        .filter(|at| {
            !dom.tag(*at).is_empty() && !dom.is(*at, &["title", "option", "select", "button", "script", "label"])
        })
        .filter(|at| shows(*at) && !is_link(dom, *at))
        .collect();
    let innermost = |at: &At| !candidates.iter().any(|other| other > at && dom.inside(*at).contains(other));
    candidates.iter().copied().filter(innermost).collect()
}

/// The heading that something stands under: the legend or caption around it, or the nearest heading or lone cell before
/// it, whichever is nearer.
pub(in super::super) fn heading_over(dom: &Dom, at: At) -> Option<String> {
    let over = |heading: &At| {
        let heading = *heading;
        let around =
            |tag: &str| dom.parent(heading).is_some_and(|it| dom.is(it, &[tag]) && dom.inside(it).contains(&at));
        match dom.tag(heading) {
            "legend" => around("fieldset"),
            "caption" => around("table"),
            "td" | "th" => is_title_row(dom, heading),
            _ => level(dom.tag(heading)).is_some(),
        }
    };
    let texts = (0..at).rev().filter(|at| !dom.inside(*at).is_empty()).filter(over).map(|at| dom.text(dom.inside(at)));
    let mut texts = texts.filter(|text| text.chars().any(char::is_alphanumeric));
    texts.next()
}

/// Whether a cell is the only one of its row, and says something rather than asks for it.
fn is_title_row(dom: &Dom, cell: At) -> bool {
    let alone = |row: At| dom.children(row).filter(|cell| dom.is(*cell, &["th", "td"])).count() == 1;
    let bare = dom.elements(dom.inside(cell), &["input", "select", "textarea", "button", "table"]).next().is_none();
    bare && dom.parent(cell).is_some_and(|row| dom.is(row, &["tr"]) && alone(row))
}

fn is_link(dom: &Dom, at: At) -> bool {
    let leads = |at: At| {
        dom.is(at, &["a"]) && dom.attr(at, "href").is_some_and(|href| !href.is_empty() && !href.starts_with('#'))
    };
    leads(at) || dom.around(at).any(leads)
}

fn is_heading(dom: &Dom, at: At) -> bool {
    level(dom.tag(at)).is_some() || dom.is(at, &["legend", "caption", "summary", "th"])
}

fn level(tag: &str) -> Option<u8> {
    match tag.as_bytes() {
        [b'h', digit @ b'1'..=b'6'] => Some(digit - b'0'),
        _ => None,
    }
}

fn spans(dom: &Dom, heading: At) -> Vec<Span> {
    let mut found: Vec<Span> = Vec::new();
    let mut at = heading;
    while let Some(around) = dom.parent(at) {
        let rest = dom.whole(at).end..dom.inside(around).end;
        if has_content(dom, rest.clone()) {
            found.push(rest.start..end(dom, heading, rest));
        }
        if found.len() >= REACH || dom.is(around, &["body"]) {
            break;
        }
        at = around;
    }
    found
}

fn has_content(dom: &Dom, range: Span) -> bool {
    !dom.text(range.clone()).is_empty() || dom.elements(range, &["img", "input", "iframe"]).next().is_some()
}

/// Where the next title of the same kind begins.
fn end(dom: &Dom, heading: At, rest: Span) -> At {
    let own_level = level(dom.tag(heading));
    let class = dom.attr(heading, "class").filter(|class| !class.is_empty());
    let next = rest.clone().find(|at| {
        let other = level(dom.tag(*at));
        let same_kind = match (own_level, other) {
            (Some(own), Some(other)) => other <= own,
            (None, Some(_)) => true,
            _ => false,
        };
        let same_class = class.is_some() && dom.tag(*at) == dom.tag(heading) && dom.attr(*at, "class") == class;
        let next_legend = dom.is(heading, &["legend"]) && dom.is(*at, &["legend"]);
        // A lone heading cell is the title row of the next part of a table.
        let title_row = dom.is(heading, &["th", "td"])
            && dom.is(*at, &["tr"])
            && dom.children(*at).filter(|cell| dom.is(*cell, &["th", "td"])).count() == 1
            && dom.children(*at).any(|cell| dom.tag(cell) == dom.tag(heading));
        same_kind || same_class || next_legend || title_row
    });
    next.unwrap_or(rest.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panel_is_found_in_any_markup() {
        for markup in [
            "<h3>Peer Status</h3><p>wanted</p><h3>Next</h3><p>other</p>",
            "<fieldset><legend>Peer Status</legend><p>wanted</p></fieldset><p>other</p>",
            "<table><tr><th colspan=2>Peer Status</th></tr><tr><td>wan<td>ted</tr><tr><th colspan=2>Next</th></tr>\
             <tr><td>other</tr></table>",
            "<table><caption>Peer Status</caption><tr><td>wanted</table><p>other</p>",
            "<div class=bar><b>Peer Status</b></div><div>wanted</div><h2>Next</h2>other",
            "<div><div><span class=t>Peer Status:</span></div><div>wanted</div></div>\
             <div><span class=t>Next</span>other</div>",
            "<h2>Peer Status of imp2</h2><p>wanted</p>",
        ] {
            let dom = Dom::read(markup);
            let found = section(&dom, "Peer Status");
            let text = dom.text(found.first().expect(markup).clone()).replace(' ', "");
            assert_eq!(text, "wanted", "{markup}");
        }
    }

    #[test]
    fn a_link_or_a_choice_is_no_title() {
        let dom = Dom::read("<a href=x.do>Peer Status</a><select><option>Peer Status</select><p>text</p>");
        assert!(section(&dom, "Peer Status").is_empty());
    }
}

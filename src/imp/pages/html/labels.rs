//! Whether a text on a page is the label that is looked for, and which texts label a control.

use std::borrow::Cow;

use super::dom::{At, Dom};
use crate::cluster::same_label;

/// Whether two labels mean the same: as [`same_label`], and a mark before the text, curly quotes and hyphens do not
/// count either (the product writes `Inter-cluster` and `Intercluster`).
pub(in super::super) fn same(a: &str, b: &str) -> bool {
    may_be_same(first_sign(a.chars()), first_sign(b.chars())) && same_label(&plain(a), &plain(b))
}

/// The first sign of a label that counts, in lower case; none where none does.
pub(super) fn first_sign(mut label: impl Iterator<Item = char>) -> Option<char> {
    let first = label.find(|c| !c.is_whitespace() && !matches!(c, '-' | '\u{2010}' | '\u{2011}' | '*'))?;
    let first = if matches!(first, '\u{2018}' | '\u{2019}') { '\'' } else { first };
    first.to_lowercase().next()
}

/// Whether labels with these first signs can be the same. Most cannot, and nothing more of them needs to be looked at;
/// a colon may be all that there is, and then it does not count.
pub(super) fn may_be_same(a: Option<char>, b: Option<char>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a == b || a == ':' || b == ':',
        _ => true,
    }
}

/// A label without what does not count.
pub(in super::super) fn plain(label: &str) -> Cow<'_, str> {
    let is_odd = |c: char| matches!(c, '-' | '\u{2010}' | '\u{2011}' | '\u{2018}' | '\u{2019}');
    if !label.contains(is_odd) {
        return Cow::Borrowed(trimmed(label));
    }
    let hyphens = ['-', '\u{2010}', '\u{2011}'];
    let label = label.replace(hyphens, "").replace(['\u{2018}', '\u{2019}'], "'");
    Cow::Owned(trimmed(&label).to_owned())
}

fn trimmed(label: &str) -> &str {
    let label = label.trim_start_matches(|c: char| c == '*' || c.is_whitespace());
    label.trim_end_matches(|c: char| c == ':' || c == '*' || c.is_whitespace())
}

/// How a text comes to label a control, the surest first. Where fields compete for a label, the kind decides, and not
/// how many other texts a field has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) enum Kind {
    /// A `label` tag or `aria-labelledby`.
    Tag,
    /// The table cell beside it, or the `dt` of its `dd`.
    Cell,
    /// `aria-label`.
    Said,
    /// What follows a check box. It goes before [`Kind::Before`]: between two check boxes the text is the first one's.
    After,
    /// The legend around it.
    Legend,
    /// The text before it.
    Before,
    /// `placeholder` or `title`: an example or an explanation rather than a name.
    Advice,
    /// What a check box sends, where nothing follows it.
    Value,
}

/// The texts that label a control, each with how it does, the surest first.
pub(super) fn labels(dom: &Dom, control: At) -> Vec<(Kind, String)> {
    let mut found: Vec<(Kind, String)> = Vec::new();
    let mut add = |kind: Kind, texts: Vec<String>| found.extend(texts.into_iter().map(|text| (kind, text)));
    let said = |at: At, names: &[&str]| -> Vec<String> {
        names.iter().filter_map(|name| dom.attr(at, name)).map(str::to_owned).collect()
    };
    let grouped = is_type(dom, control, "radio");
    if !grouped {
        add(Kind::Tag, own_labels(dom, control));
        add(Kind::Said, said(control, &["aria-label"]));
        add(Kind::Advice, said(control, &["placeholder", "title"]));
    } else if let Some(group) = dom.around(control).find(|at| dom.attr(*at, "role") == Some("radiogroup")) {
        add(Kind::Tag, labelled_by(dom, group).into_iter().collect());
        add(Kind::Said, said(group, &["aria-label"]));
    }
    add(Kind::Cell, cell_beside(dom, control).into_iter().collect());
    if is_type(dom, control, "checkbox") {
        match text_after(dom, control) {
            Some(text) => add(Kind::After, vec![text]),
            None => add(Kind::Value, said(control, &["value"])),
        }
    }
    let legend = dom
        .closest(control, &["fieldset"])
        .filter(|fieldset| grouped || controls_inside(dom, *fieldset) == 1)
        .and_then(|fieldset| dom.elements(dom.inside(fieldset), &["legend"]).next());
    add(Kind::Legend, legend.map(|legend| dom.text(dom.inside(legend))).into_iter().collect());
    add(Kind::Before, text_before(dom, control).into_iter().collect());
    found.retain(|(_, text)| !text.trim().is_empty());
    found.sort_by_key(|(kind, _)| *kind);
    found
}

/// What `<label>` and `aria-labelledby` say.
pub(super) fn own_labels(dom: &Dom, control: At) -> Vec<String> {
    let by_id = dom.attr(control, "id").into_iter().flat_map(|id| {
        let labels = dom.elements(dom.all(), &["label"]).filter(move |label| dom.attr(*label, "for") == Some(id));
        labels.map(|label| dom.label_text(dom.inside(label)))
    });
    let around = dom.closest(control, &["label"]).map(|label| dom.label_text(dom.inside(label)));
    by_id.chain(around).chain(labelled_by(dom, control)).collect()
}

fn labelled_by(dom: &Dom, at: At) -> Option<String> {
    let ids = dom.attr(at, "aria-labelledby")?;
    let texts = ids.split_whitespace().filter_map(|id| dom.by_id(id)).map(|at| dom.label_text(dom.inside(at)));
    Some(texts.collect::<Vec<_>>().join(" "))
}

/// The nearest cell with a text before the control's own cell in the same row, or the `dt` before its `dd`.
fn cell_beside(dom: &Dom, control: At) -> Option<String> {
    let cell = dom.closest(control, &["td", "th", "dd"])?;
    let row = dom.parent(cell)?;
    let before: Vec<At> = dom.children(row).filter(|at| *at < cell && dom.is(*at, &["td", "th", "dt", "dd"])).collect();
    // A cell with another control in it belongs to that control.
    before
        .into_iter()
        .rev()
        .take_while(|cell| controls_inside(dom, *cell) == 0)
        .map(|cell| dom.label_text(dom.inside(cell)))
        .find(|text| text.chars().any(char::is_alphanumeric))
}

/// The text just before the control in the smallest element that has such a text and no other control before it.
fn text_before(dom: &Dom, control: At) -> Option<String> {
    for around in dom.around(control).take(3) {
        let start = dom.inside(around).start;
        let from =
            dom.inside(around).filter(|at| *at < control && is_control(dom, *at)).map(|at| dom.whole(at).end).max();
        let text = dom.label_text(from.unwrap_or(start).max(start)..control);
        if text.chars().any(char::is_alphanumeric) {
            return Some(text);
        }
        if dom.is(around, &["td", "th", "form", "body"]) {
            return None;
        }
    }
    None
}

/// The text that belongs to one radio button.
pub(super) fn option_label(dom: &Dom, control: At) -> String {
    let own = own_labels(dom, control).into_iter().find(|text| !text.is_empty());
    let value = || dom.attr(control, "value").map(str::to_owned);
    own.or_else(|| text_after(dom, control)).or_else(value).unwrap_or_default()
}

/// The text that follows a radio button or check box: beside it, or in the next cell.
fn text_after(dom: &Dom, control: At) -> Option<String> {
    let texts = dom.following(control).take_while(|at| !is_control(dom, *at)).map(|at| dom.text(dom.whole(at)));
    texts.into_iter().find(|text| !text.is_empty()).or_else(|| cell_after(dom, control))
}

/// The text of the second cell where the control stands alone in the first one of its row.
fn cell_after(dom: &Dom, control: At) -> Option<String> {
    let cell = dom.closest(control, &["td", "th"])?;
    let mut cells = dom.children(dom.parent(cell)?).filter(|at| dom.is(*at, &["td", "th"]));
    let alone = cells.next() == Some(cell) && controls_inside(dom, cell) == 1;
    let next = cells.next().filter(|at| alone && controls_inside(dom, *at) == 0)?;
    Some(dom.text(dom.inside(next))).filter(|text| !text.is_empty())
}

fn controls_inside(dom: &Dom, at: At) -> usize {
    dom.inside(at).filter(|at| is_control(dom, *at)).count()
}

fn is_type(dom: &Dom, at: At, kind: &str) -> bool {
    dom.is(at, &["input"]) && dom.attr(at, "type").is_some_and(|given| given.eq_ignore_ascii_case(kind))
}

/// Whether it is something a person can fill in.
pub(super) fn is_control(dom: &Dom, at: At) -> bool {
    // A browser knows what is seen; without one, a style sheet may show what looks hidden here.
    if dom.is_rendered() && dom.is_hidden(at) {
        return false;
    }
    match dom.tag(at) {
        "select" | "textarea" => true,
        "input" => !matches!(
            dom.attr(at, "type").unwrap_or("text").to_ascii_lowercase().as_str(),
            "hidden" | "submit" | "button" | "image" | "reset"
        ),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::fields::{Field, Found};
    use super::*;

    #[test]
    fn a_check_box_may_stand_before_its_label() {
        for (row, expected) in [
            ("<td><input type=checkbox value=true></td><td>Also resync</td>", (Kind::After, "Also resync")),
            ("<td>Also resync</td><td><input type=checkbox value=true></td><td>30</td>", (Kind::Cell, "Also resync")),
            ("<td><input type=checkbox value=true></td><td><input type=text></td>", (Kind::Value, "true")),
            (
                "<td><input type=text></td><td><input type=checkbox>One <input type=checkbox>Two</td>",
                (Kind::After, "One"),
            ),
        ] {
            let dom = Dom::read(&format!("<table><tr>{row}</tr></table>"));
            let control = dom.all().find(|at| is_type(&dom, *at, "checkbox")).unwrap();
            let found = labels(&dom, control);
            assert_eq!(found.first().map(|(kind, text)| (*kind, text.as_str())), Some(expected), "{row}");
        }
    }

    #[test]
    fn the_kind_of_label_decides_between_fields_wherever_they_stand() {
        let kinds = [
            (Kind::Tag, "<td><label for=ID>Peer Address</label></td><td></td><td>Other</td><td><input id=ID></td>"),
            (Kind::Cell, "<td>Peer Address</td><td><input id=ID></td>"),
            (Kind::Said, "<td><input id=ID aria-label='Peer Address'></td>"),
            (Kind::After, "<td>x</td><td><input id=ID type=checkbox value=1> Peer Address</td>"),
            (Kind::Legend, "<td><fieldset><legend>Peer Address</legend><p>x <input id=ID></p></fieldset></td>"),
            (Kind::Before, "<td>x</td><td><b>Peer Address</b> <input id=ID aria-label=y title=z></td>"),
            (Kind::Advice, "<td><input id=ID placeholder='Peer Address'></td>"),
            (Kind::Advice, "<td><input id=ID title='Peer Address'></td>"),
            (Kind::Value, "<td><input id=ID type=checkbox value='Peer Address'></td>"),
        ];
        let field = |markup: &str, id: &str| format!("<table><tr>{}</tr></table>", markup.replace("ID", id));
        for (surer, sure) in kinds {
            for (other, doubtful) in kinds.into_iter().filter(|(other, _)| *other >= surer) {
                let (sure, doubtful) = (field(sure, "sure"), field(doubtful, "doubtful"));
                for page in [format!("{sure}{doubtful}"), format!("{doubtful}{sure}")] {
                    let dom = Dom::read(&page);
                    let found = Field::find(&dom, "Peer Address");
                    match surer == other {
                        true => assert!(matches!(found, Found::Many(_)), "{surer:?} twice: {page}"),
                        false => {
                            let found = found.one().map(|field| dom.attr(field.at, "id").unwrap().to_owned());
                            assert_eq!(found.as_deref(), Some("sure"), "{surer:?} and {other:?}: {page}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn the_first_sign_rules_out_only_what_is_not_the_same() {
        let labels = [
            "Sync Status",
            " *sync  status:",
            "-\u{2011}Sync Status *",
            "Status",
            "",
            ":",
            "* :",
            "\u{2018}A\u{2019}",
            "'a'",
            "\u{c4}rger",
            "\u{e4}rger:",
            "\u{212a}elvin",
            "kelvin",
            "Inter-cluster",
            "intercluster",
        ];
        let pairs = || labels.iter().flat_map(|a| labels.iter().map(move |b| (*a, *b)));
        let alike = |(a, b): &(&str, &str)| same_label(&plain(a), &plain(b));
        for (a, b) in pairs() {
            assert_eq!(same(a, b), alike(&(a, b)), "`{a}` and `{b}`");
            let page = |label: &str| Dom::read(&format!("<p><b>{label}</b></p>"));
            let [first, second] = [a, b].map(|label| page(label).first_sign_of_label(0..page(label).all().end));
            assert!(!alike(&(a, b)) || may_be_same(first, second), "`{a}` and `{b}` on a page");
        }
        // more than every label with itself
        assert!(pairs().filter(alike).count() > labels.len() + 5);
    }

    #[test]
    fn labels_are_compared_as_people_read_them() {
        assert!(same("* Peer  Address: ", "peer address"));
        assert!(same("Inter-cluster Peer Status", "Intercluster Peer Status"));
        assert!(same("Also resync peer\u{2019}s Tomcat certificates", "Also resync peer's Tomcat certificates"));
        assert!(!same("Peer Address (old)", "Peer Address"));
    }

    #[test]
    fn a_control_is_labelled_in_any_markup() {
        for markup in [
            "<label for=x>Peer Address *</label><input id=x>",
            "<label>Peer Address: <input id=x></label>",
            "<table><tr><td>Peer Address<span>*</span></td><td><img src=i.gif></td><td><input id=x></td></tr></table>",
            "<dl><dt>Peer Address</dt><dd><input id=x></dd></dl>",
            "<input id=x aria-label='Peer Address'>",
            "<input id=x placeholder='Peer Address'>",
            "<span id=l>Peer Address</span><p><input id=x aria-labelledby=l></p>",
            "<div><span class=l>Peer Address:</span> <input id=x></div>",
            "<div><div>Peer Address</div><div><input id=x></div></div>",
            "<p>Other <input name=o></p><p>Peer Address <input id=x></p>",
            "<fieldset><legend>Peer Address</legend><div><input id=x></div></fieldset>",
        ] {
            let dom = Dom::read(markup);
            let labels = labels(&dom, dom.by_id("x").unwrap());
            assert!(labels.iter().any(|(_, label)| same(label, "Peer Address")), "{markup}: {labels:?}");
        }
    }
}

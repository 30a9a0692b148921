//! The value that stands beside a label, where it is not in a field.

use super::dom::{At, Dom};
use super::labels::{first_sign, may_be_same, plain, same};

/// The text beside a label: the next cell, the `dd` of a `dt`, what follows the label, or what follows its colon.
pub(in super::super) fn beside(dom: &Dom, label: &str) -> Option<String> {
    let first = first_sign(label.chars());
    let candidates: Vec<At> = dom
        .all()
        .filter(|at| !dom.tag(*at).is_empty() && !dom.is(*at, &["title", "option", "script", "style"]))
        .filter(|at| may_be_same(dom.first_sign_of_label(dom.inside(*at)), first))
        .filter(|at| same(&dom.label_text(dom.inside(*at)), label))
        .collect();
    let innermost = candidates.iter().filter(|at| !candidates.iter().any(|o| o > *at && dom.inside(**at).contains(o)));
    innermost.filter_map(|at| value_of(dom, *at)).next().or_else(|| after_colon(dom, label))
}

fn value_of(dom: &Dom, label: At) -> Option<String> {
    let mut at = label;
    loop {
        // A row or a list entry ends here: what comes next belongs to another label.
        if dom.is(at, &["tr", "li", "p", "table", "body"]) {
            return None;
        }
        let value = dom.following(at).map(|next| dom.text(dom.whole(next))).find(|text| !text.is_empty());
        if let Some(value) = value {
            let value = value.trim_start_matches(':').trim();
            return (!value.is_empty()).then(|| value.to_owned());
        }
        if dom.is(at, &["td", "th", "dt"]) {
            return None;
        }
        at = dom.parent(at)?;
    }
}

/// `Label: value` in one element.
fn after_colon(dom: &Dom, label: &str) -> Option<String> {
    let wanted = plain(label).to_lowercase();
    let first = first_sign(label.chars());
    let may_begin = |at: &At| may_be_same(dom.first_sign(dom.inside(*at)), first);
    let elements = dom.all().filter(|at| !dom.tag(*at).is_empty()).filter(may_begin);
    let texts = elements.map(|at| dom.text(dom.inside(at)));
    texts
        .filter_map(|text| {
            let (before, after) = text.split_once(':')?;
            let matches = plain(before).to_lowercase() == wanted && !after.trim().is_empty();
            matches.then(|| after.trim().to_owned())
        })
        .min_by_key(String::len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_read_in_any_markup() {
        for markup in [
            "<table><tr><td>Sync Status</td><td>Completed 2020-05-10 17:18:03</td></tr><tr><td>x</td></tr></table>",
            "<table><tr><th>Sync Status:</th><td></td><td><b>Completed 2020-05-10 17:18:03</b></td></tr></table>",
            "<dl><dt>Sync Status</dt><dd>Completed 2020-05-10 17:18:03</dd><dt>x</dt><dd>y</dd></dl>",
            "<div><label>Sync Status</label><span>Completed 2020-05-10 17:18:03</span></div>",
            "<div><div>Sync Status</div><div>Completed 2020-05-10 17:18:03</div></div>",
            "<ul><li><b>Sync Status:</b> Completed 2020-05-10 17:18:03</li><li>other</li></ul>",
            "<ul><li>Sync Status: Completed 2020-05-10 17:18:03</li><li>Other: x</li></ul>",
        ] {
            let dom = Dom::read(markup);
            assert_eq!(beside(&dom, "Sync Status").as_deref(), Some("Completed 2020-05-10 17:18:03"), "{markup}");
        }
    }

    #[test]
    fn an_empty_value_is_not_the_next_ones() {
        for markup in [
            "<table><tr><td>Sync Status</td><td></td></tr><tr><td>Other</td><td>x</td></tr></table>",
            "<ul><li>Sync Status</li><li>x</li></ul>",
            "<p>x</p>",
        ] {
            let dom = Dom::read(markup);
            assert_eq!(beside(&dom, "Sync Status"), None, "{markup}");
        }
    }
}

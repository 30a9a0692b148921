//! The message area of a page, wherever it is: what an element says whose class, id or role names it one.

use super::dom::{At, Dom};

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Message {
    /// Its text.
    pub(in super::super) text: String,
    /// Whether it speaks of success, of failure, or of neither.
    pub(in super::super) success: Option<bool>,
}

const AREAS: [&str; 11] =
    ["message", "messages", "msg", "msgs", "status", "error", "errors", "alert", "warning", "feedback", "notice"];
const FAILURE: [&str; 13] = [
    "error",
    "errors",
    "failed",
    "failure",
    "fail",
    "unable",
    "invalid",
    "cannot",
    "denied",
    "mismatch",
    "incorrect",
    "refused",
    "illegal",
];
/// Words of a failure that success may need as well: `Add successful. A restart is required.`
const WEAK_FAILURE: [&str; 4] = ["missing", "required", "problem", "exceeds"];
const SUCCESS: [&str; 9] =
    ["successful", "successfully", "success", "saved", "added", "updated", "deleted", "completed", "initiated"];
/// A message is a few sentences; a longer text is the page itself.
const LONGEST: usize = 1_500;

/// The messages that a person would see, in the page's order.
pub(in super::super) fn messages(dom: &Dom) -> Vec<Message> {
    let areas: Vec<At> = dom.all().filter(|at| is_area(dom, *at)).collect();
    let innermost =
        |at: &At| !areas.iter().any(|o| o > at && dom.inside(*at).contains(o) && !dom.text(dom.inside(*o)).is_empty());
    let mut found: Vec<Message> = Vec::new();
    for area in areas.iter().copied().filter(innermost) {
        let text = dom.text(dom.inside(area));
        if !text.is_empty() && text.len() <= LONGEST && !found.iter().any(|message| message.text == text) {
            let success = tone(&text);
            found.push(Message { text, success });
        }
    }
    found
}

fn is_area(dom: &Dom, at: At) -> bool {
    let named = ["class", "id"]
        .into_iter()
        .filter_map(|name| dom.attr(at, name))
        .any(|name| words(name).iter().any(|word| AREAS.contains(&word.as_str())));
    let role = matches!(dom.attr(at, "role"), Some("alert" | "status" | "alertdialog"));
    let is_text = !dom.tag(at).is_empty() && !dom.is(at, &["html", "body", "form", "input", "select", "script", "a"]);
    // A panel of its own, or a cell beside others, is data: such a class is a mark there.
    let parts = ["input", "select", "table", "dl", "h1", "h2", "h3", "h4", "legend"];
    let panel = dom.elements(dom.inside(at), &parts).next().is_some();
    is_text && (named || role) && !panel && !is_in_a_row(dom, at) && !dom.is_hidden(at)
}

fn is_in_a_row(dom: &Dom, at: At) -> bool {
    let row = if dom.is(at, &["tr"]) { Some(at) } else { dom.closest(at, &["tr"]) };
    row.is_some_and(|row| dom.children(row).filter(|cell| !dom.text(dom.whole(*cell)).is_empty()).count() > 1)
}

fn tone(text: &str) -> Option<bool> {
    let words = words(text);
    let any = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let negated = words.iter().any(|word| matches!(word.as_str(), "not" | "no"));
    let succeeded = any(&SUCCESS);
    if any(&FAILURE) || (negated && succeeded) {
        Some(false)
    } else if succeeded {
        Some(true)
    } else if any(&WEAK_FAILURE) {
        Some(false)
    } else {
        None
    }
}

fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    let mut lower_before = false;
    for c in text.chars() {
        if !c.is_alphabetic() || (c.is_uppercase() && lower_before) {
            words.push(String::new());
        }
        if c.is_alphabetic()
            && let Some(last) = words.last_mut()
        {
            last.extend(c.to_lowercase());
        }
        lower_before = c.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_is_found_wherever_it_is() {
        for (markup, success) in [
            ("<div class=message>Add successful</div>", Some(true)),
            ("<table><tr><td id=statusText>Add successful</td></tr></table>", Some(true)),
            ("<p role=alert>Invalid characters in Peer Address</p>", Some(false)),
            ("<div id=msgArea><span class=errorText>The peer was not added</span></div>", Some(false)),
            ("<div class=status>Status: Ready</div>", None),
            ("<div class=message>Add successful. A restart is required.</div>", Some(true)),
            ("<div class=message>Peer Address is required</div>", Some(false)),
        ] {
            let dom = Dom::read(markup);
            let found = messages(&dom);
            assert_eq!(found.len(), 1, "{markup}: {found:?}");
            assert_eq!(found[0].success, success, "{markup}");
        }
    }

    #[test]
    fn what_is_hidden_or_a_form_is_no_message() {
        for markup in [
            "<div class=error style='display:none'>Failed</div>",
            "<div class=status><input name=a> Failed</div>",
            "<div id=statusArea><table><tr><td>Test<td class=error>Failed</table></div>",
            "<p>Failed</p>",
        ] {
            assert_eq!(messages(&Dom::read(markup)), [], "{markup}");
        }
    }
}

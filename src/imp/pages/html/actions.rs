//! What a person can press, by its text, and what pressing it does without a browser.

use super::dom::{At, Dom};
use super::forms::form_of;
use super::labels::same;

/// A button or a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Clickable {
    pub(in super::super) at: At,
    /// What it is called, the most visible first.
    pub(in super::super) names: Vec<String>,
}

/// What happens when it is pressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) enum Action {
    /// A page is opened; the link as it was given.
    Follow(String),
    /// A form is sent.
    Submit { form: At, button: At },
    /// A browser presses it.
    Click(At),
    /// Only a script knows; what needs it fits after "the button `x` ".
    Script(&'static str),
}

/// Everything on a page that can be pressed, in its order.
pub(in super::super) fn clickables(dom: &Dom) -> &[Clickable] {
    dom.known.clickables.get_or_init(|| {
        let all = dom.all().filter(|at| is_clickable(dom, *at));
        all.map(|at| Clickable { at, names: names(dom, at) }).filter(|c| !c.names.is_empty()).collect()
    })
}

impl Clickable {
    /// Whether it is called that.
    pub(in super::super) fn is(&self, wanted: &str) -> bool {
        self.names.iter().any(|name| same(name, wanted))
    }

    /// What pressing it does. A handler may do anything before the form is sent, so a button that has one `acts`
    /// only in a browser, unless the handler merely asks "are you sure"; for reading, the form is enough.
    pub(in super::super) fn action(&self, dom: &Dom, acts: bool) -> Action {
        let at = self.at;
        if dom.is_rendered() {
            // A plain link is opened by its address, which works where a menu hides it as well.
            return match plain_link(dom, at).filter(|_| !acts) {
                Some(href) => Action::Follow(href.to_owned()),
                None => Action::Click(at),
            };
        }
        let handled = dom.attr(at, "onclick").is_some_and(|handler| !only_asks(handler));
        if dom.is(at, &["a", "area"]) {
            let href = dom.attr(at, "href").unwrap_or_default().trim();
            return if href.to_ascii_lowercase().starts_with("javascript:") {
                Action::Script("leads to a script")
            } else if href.is_empty() || href.starts_with('#') {
                Action::Script("leads nowhere without a script")
            } else if handled && acts {
                Action::Script("runs a script when it is pressed")
            } else {
                Action::Follow(href.to_owned())
            };
        }
        let kind = dom.attr(at, "type").unwrap_or_default().to_ascii_lowercase();
        let submits = match dom.tag(at) {
            "input" => matches!(kind.as_str(), "submit" | "image"),
            "button" => !matches!(kind.as_str(), "button" | "reset"),
            _ => false,
        };
        let form = form_of(dom, at).filter(|_| submits);
        let Some(form) = form else { return Action::Script("does nothing without a script") };
        let checked = dom.attr(form, "onsubmit").is_some_and(|handler| !only_asks(handler));
        if acts && handled {
            Action::Script("runs a script when it is pressed")
        } else if acts && checked {
            Action::Script("sends a form that runs a script first")
        } else {
            Action::Submit { form, button: at }
        }
    }
}

/// Where a link leads by itself.
fn plain_link(dom: &Dom, at: At) -> Option<&str> {
    let href = dom.attr(at, "href").filter(|_| dom.is(at, &["a", "area"]))?.trim();
    let script = href.is_empty() || href.starts_with('#') || href.to_ascii_lowercase().starts_with("javascript:");
    (!script && dom.attr(at, "onclick").is_none()).then_some(href)
}

/// Whether a handler only asks the person, or does nothing: sending the form is what happens after "yes".
fn only_asks(handler: &str) -> bool {
    let handler = handler.trim().trim_end_matches(';').trim();
    let handler = handler.strip_prefix("javascript:").unwrap_or(handler).trim();
    if matches!(handler, "" | "return true") {
        return true;
    }
    let Some(rest) = handler.strip_prefix("return").map(str::trim_start) else { return false };
    let rest = rest.strip_prefix("window.").unwrap_or(rest);
    let Some(question) = rest.strip_prefix("confirm(").and_then(|rest| rest.strip_suffix(')')) else { return false };
    // Exactly one quoted text: nothing else can be hidden in the call.
    let mut chars = question.trim().chars();
    let quote = chars.next();
    let inner: String = chars.collect();
    matches!(quote, Some('\'' | '"'))
        && inner
            .strip_suffix(|c| Some(c) == quote)
            .is_some_and(|text| !text.replace("\\'", "").replace("\\\"", "").contains(|c| Some(c) == quote))
}

fn is_clickable(dom: &Dom, at: At) -> bool {
    if dom.tag(at).is_empty() || dom.attr(at, "disabled").is_some() {
        return false;
    }
    if dom.is_rendered() && dom.is_hidden(at) && plain_link(dom, at).is_none() {
        return false;
    }
    match dom.tag(at) {
        "a" | "area" => dom.attr(at, "href").is_some() || dom.attr(at, "onclick").is_some(),
        "button" => true,
        "input" => {
            let kind = dom.attr(at, "type").unwrap_or_default().to_ascii_lowercase();
            matches!(kind.as_str(), "submit" | "button" | "image")
        }
        // Pressed by a script only, but worth being named in what could not be done.
        _ => dom.attr(at, "onclick").is_some() && !dom.inside(at).any(|inner| is_clickable_tag(dom, inner)),
    }
}

fn is_clickable_tag(dom: &Dom, at: At) -> bool {
    dom.is(at, &["a", "button", "input"])
}

fn names(dom: &Dom, at: At) -> Vec<String> {
    let attr = |name: &str| dom.attr(at, name).map(str::to_owned);
    let mut names: Vec<String> = Vec::new();
    if dom.is(at, &["input"]) {
        names.extend(attr("value"));
    } else {
        names.push(dom.text(dom.inside(at)));
        let pictures = dom.elements(dom.inside(at), &["img", "svg", "input"]);
        names.extend(
            pictures
                .flat_map(|img| ["alt", "title", "aria-label"].map(|name| dom.attr(img, name)))
                .flatten()
                .map(str::to_owned),
        );
    }
    names.extend(["alt", "title", "aria-label"].into_iter().filter_map(attr));
    names.retain(|name| !name.trim().is_empty() && name.len() <= 200);
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(markup: &str, name: &str, acts: bool) -> Option<Action> {
        let dom = Dom::read(markup);
        let found = clickables(&dom).iter().find(|clickable| clickable.is(name));
        found.map(|clickable| clickable.action(&dom, acts))
    }

    #[test]
    fn a_button_is_found_by_what_it_shows() {
        for markup in [
            "<form><input type=submit value=' Save '></form>",
            "<form><button>Save</button></form>",
            "<form><button><img src=s.gif alt=Save></button></form>",
            "<form><input type=image src=s.gif alt=Save></form>",
            "<form><button title=Save><i class=icon></i></button></form>",
            "<form id=f></form><button form=f>Save</button>",
        ] {
            assert!(matches!(press(markup, "save", true), Some(Action::Submit { .. })), "{markup}");
        }
        assert_eq!(
            press("<a href=new.do><img alt='Add New'></a>", "Add New", true),
            Some(Action::Follow("new.do".into()))
        );
        assert_eq!(press("<form><input type=submit value=Save disabled></form>", "Save", true), None);
    }

    #[test]
    fn what_needs_a_script_is_not_pressed() {
        for markup in [
            "<a href='javascript:save()'>Save</a>",
            "<a href='#' onclick='save()'>Save</a>",
            "<form><input type=button value=Save onclick='save()'></form>",
            "<button>Save</button>",
            "<form><input type=submit value=Save onclick='prepare()'></form>",
            "<form onsubmit='return check(this)'><input type=submit value=Save></form>",
            "<form><input type=submit value=Save onclick=\"return confirm(f('x'))\"></form>",
            "<form><input type=submit value=Save onclick=\"return confirm('a') && g('b')\"></form>",
            "<div onclick='save()'>Save</div>",
        ] {
            assert!(matches!(press(markup, "Save", true), Some(Action::Script(_))), "{markup}");
        }
    }

    #[test]
    fn a_question_is_no_script_and_reading_needs_none() {
        let asks = "<form><input type=submit value=Delete onclick=\"return confirm('Delete it?');\"></form>";
        assert!(matches!(press(asks, "Delete", true), Some(Action::Submit { .. })));
        let find = "<form onsubmit='return ok()'><input type=submit value=Find onclick='count()'></form>";
        assert!(matches!(press(find, "Find", false), Some(Action::Submit { .. })));
    }
}

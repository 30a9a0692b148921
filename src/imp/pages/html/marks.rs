//! The mark beside a test: a picture, a sign, a class or a colour, read by the words in it; anything else is unclear.

use std::collections::BTreeMap;

use super::dom::{At, Dom};
use super::sections::Span;
use crate::cluster::Outcome;

const PASSED: [&str; 14] = [
    "check",
    "checked",
    "checkmark",
    "checks",
    "good",
    "green",
    "ok",
    "okay",
    "pass",
    "passed",
    "success",
    "successful",
    "tick",
    "valid",
];
const FAILED: [&str; 14] = [
    "bad", "critical", "cross", "danger", "down", "error", "errors", "fail", "failed", "failure", "fatal", "invalid",
    "red", "wrong",
];
const WARNING: [&str; 6] = ["amber", "caution", "warn", "warning", "warnings", "yellow"];
const INFORMATION: [&str; 4] = ["info", "information", "informational", "notice"];
/// Pictures that are no marks.
const DECORATION: [&str; 22] = [
    "arrow",
    "blank",
    "bullet",
    "calendar",
    "clear",
    "collapse",
    "dot",
    "edit",
    "expand",
    "fix",
    "help",
    "minus",
    "pixel",
    "plus",
    "refresh",
    "separator",
    "sort",
    "spacer",
    "transparent",
    "transp",
    "question",
    "details",
];
/// Words that turn another word round.
const NEGATION: [&str; 6] = ["no", "non", "not", "un", "without", "cannot"];

/// What the pictures of a page mean, as far as its own legend says (the `Key` of the troubleshooter).
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Key(BTreeMap<String, Outcome>);

impl Key {
    /// Adds what a legend on the page says: a picture beside one of the four known texts.
    pub(in super::super) fn learn(&mut self, dom: &Dom) {
        for picture in dom.elements(dom.all(), &["img"]) {
            let Some(source) = source(dom, picture) else { continue };
            let around = dom.around(picture).take(3).map(|at| dom.text(dom.inside(at))).find(|text| !text.is_empty());
            let text = around.unwrap_or_default().to_lowercase();
            let outcome = match text.as_str() {
                "test passed" => Outcome::Passed,
                "test failed" => Outcome::Failed,
                "information only" => Outcome::Information,
                text if text.starts_with("test warning") && text.len() < 80 => Outcome::Warning,
                _ => continue,
            };
            self.0.insert(source.to_ascii_lowercase(), outcome);
        }
    }
}

fn source(dom: &Dom, picture: At) -> Option<String> {
    let source = dom.attr(picture, "src")?;
    let path = source.split(['?', '#']).next().unwrap_or_default();
    path.rsplit('/').next().map(str::to_owned).filter(|name| !name.is_empty())
}

/// The mark in a stretch; none when there is nothing like one.
pub(in super::super) fn mark(dom: &Dom, range: Span, key: &Key) -> Option<Outcome> {
    let pictures = dom.elements(range.clone(), &["img", "svg", "input"]).filter(|at| {
        let is_image = dom.attr(*at, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("image"));
        dom.tag(*at) != "input" || is_image
    });
    let pictures: Vec<Option<Outcome>> = pictures.filter_map(|at| picture(dom, at, key)).collect();
    if !pictures.is_empty() {
        return Some(agree(pictures.into_iter().flatten()).unwrap_or(Outcome::Unclear));
    }
    let signs = dom.text(range.clone()).chars().filter_map(sign).collect::<Vec<_>>();
    if !signs.is_empty() {
        return agree(signs.into_iter());
    }
    let dressed = range.filter(|at| !dom.tag(*at).is_empty());
    let dressed: Vec<Outcome> = dressed.filter_map(|at| class(dom, at).or_else(|| colour(dom, at))).collect();
    if dressed.is_empty() { None } else { agree(dressed.into_iter()) }
}

/// A text without the signs in it.
pub(in super::super) fn without_signs(text: &str) -> String {
    let text: String = text.chars().filter(|c| sign(*c).is_none()).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// None for a decoration, otherwise what the picture says, if that is known.
fn picture(dom: &Dom, at: At, key: &Key) -> Option<Option<Outcome>> {
    if let Some(known) = source(dom, at).and_then(|name| key.0.get(&name.to_ascii_lowercase()).copied()) {
        return Some(Some(known));
    }
    let thin = ["width", "height"].iter().any(|side| dom.attr(at, side).is_some_and(|n| matches!(n, "0" | "1")));
    if thin || dom.attr(at, "role") == Some("presentation") {
        return None;
    }
    let title = dom.elements(dom.inside(at), &["title"]).map(|title| dom.text(dom.inside(title))).next();
    let texts = [dom.attr(at, "alt"), dom.attr(at, "title"), dom.attr(at, "aria-label"), title.as_deref()];
    for text in texts.into_iter().flatten() {
        if let Some(outcome) = sign_or_words(text) {
            return Some(Some(outcome));
        }
    }
    let source = source(dom, at).unwrap_or_default();
    let class = dom.attr(at, "class").unwrap_or_default();
    for text in [source.as_str(), class] {
        if let Some(outcome) = words(text) {
            return Some(Some(outcome));
        }
    }
    let decoration = tokens(&source).iter().any(|word| DECORATION.contains(&word.as_str()));
    if decoration { None } else { Some(None) }
}

fn sign_or_words(text: &str) -> Option<Outcome> {
    if text.trim().eq_ignore_ascii_case("x") {
        return Some(Outcome::Failed);
    }
    text.chars().find_map(sign).or_else(|| words(text))
}

fn sign(c: char) -> Option<Outcome> {
    match c {
        '\u{2713}' | '\u{2714}' | '\u{2705}' | '\u{2611}' => Some(Outcome::Passed),
        '\u{2715}'..='\u{2718}' | '\u{274c}' | '\u{2612}' | '\u{00d7}' => Some(Outcome::Failed),
        '\u{26a0}' => Some(Outcome::Warning),
        '\u{2139}' => Some(Outcome::Information),
        _ => None,
    }
}

fn class(dom: &Dom, at: At) -> Option<Outcome> {
    words(dom.attr(at, "class")?)
}

fn colour(dom: &Dom, at: At) -> Option<Outcome> {
    let style = dom.attr(at, "style").unwrap_or_default().replace(' ', "").to_ascii_lowercase();
    let colour = style.split(';').find_map(|rule| rule.strip_prefix("color:"));
    match colour.or(dom.attr(at, "color")).unwrap_or_default().trim_end_matches("!important") {
        "red" | "#f00" | "#ff0000" | "#c00" | "#cc0000" => Some(Outcome::Failed),
        "green" | "#080" | "#008000" | "#090" => Some(Outcome::Passed),
        _ => None,
    }
}

/// What the words in a text say, where they agree.
fn words(text: &str) -> Option<Outcome> {
    let tokens = tokens(text);
    if tokens.iter().any(|word| NEGATION.contains(&word.as_str())) {
        return None;
    }
    agree_or_none(tokens.iter().filter_map(|word| {
        let word = word.as_str();
        let lists = [
            (PASSED.as_slice(), Outcome::Passed),
            (FAILED.as_slice(), Outcome::Failed),
            (WARNING.as_slice(), Outcome::Warning),
            (INFORMATION.as_slice(), Outcome::Information),
        ];
        lists.into_iter().find(|(list, _)| list.contains(&word)).map(|(_, outcome)| outcome)
    }))
}

fn agree_or_none(outcomes: impl Iterator<Item = Outcome>) -> Option<Outcome> {
    agree(outcomes).filter(|outcome| *outcome != Outcome::Unclear)
}

fn agree(mut outcomes: impl Iterator<Item = Outcome>) -> Option<Outcome> {
    let first = outcomes.next()?;
    Some(if outcomes.all(|other| other == first) { first } else { Outcome::Unclear })
}

/// The words of a text or a file name: `icon_testPassed.gif` is icon, test, passed, gif.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = vec![String::new()];
    let mut lower_before = false;
    for c in text.chars() {
        if !c.is_ascii_alphabetic() || (c.is_ascii_uppercase() && lower_before) {
            tokens.push(String::new());
        }
        if c.is_ascii_alphabetic()
            && let Some(last) = tokens.last_mut()
        {
            last.push(c.to_ascii_lowercase());
        }
        lower_before = c.is_ascii_lowercase();
    }
    tokens.retain(|token| token.len() > 1);
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(markup: &str) -> Option<Outcome> {
        let dom = Dom::read(markup);
        mark(&dom, dom.all(), &Key::default())
    }

    #[test]
    fn marks_are_read_by_their_words() {
        for (markup, expected) in [
            ("<img src=a.gif alt='Test Passed'>", Some(Outcome::Passed)),
            ("<img src=/images/icon_check.png>", Some(Outcome::Passed)),
            ("<img src=statusError.gif>", Some(Outcome::Failed)),
            ("<img src=x1.gif title='X'>", Some(Outcome::Failed)),
            ("<i class='fa fa-check'></i> fine", Some(Outcome::Passed)),
            ("<p class=error>Not reachable</p>", Some(Outcome::Failed)),
            ("\u{2714} Reachable", Some(Outcome::Passed)),
            ("<span style='color: red'>bad</span>", Some(Outcome::Failed)),
            ("<svg aria-label=warning></svg>", Some(Outcome::Warning)),
            ("<img src=7.gif>", Some(Outcome::Unclear)),
            ("<img src=7.gif alt='not passed'>", Some(Outcome::Unclear)),
            ("<img src=ok.gif><img src=error.gif>", Some(Outcome::Unclear)),
            ("<img src=ok.gif><img src=help.gif>", Some(Outcome::Passed)),
            ("<img src=spacer.gif>", None),
            ("Connection is secure", None),
            ("<input type=checkbox class=checkbox>", None),
        ] {
            assert_eq!(read(markup), expected, "{markup}");
        }
    }

    #[test]
    fn a_legend_outranks_the_words() {
        let legend = Dom::read(
            "<table><tr><td><img src=i/17.gif></td><td>Test Passed</td></tr><tr><td><img src=i/18.gif></td>\
             <td>Test Warning (indicates possible configuration issue)</td></tr></table>",
        );
        let mut key = Key::default();
        key.learn(&legend);
        let cell = Dom::read("<img src=/cupadmin/i/18.gif?v=2>");
        assert_eq!(mark(&cell, cell.all(), &key), Some(Outcome::Warning));
    }
}

//! A page without what gives access: passwords, hidden fields, tokens, keys in addresses, cookies. What is left is the
//! markup, which is what somebody needs who is to find out why a label was not found.
//!
//! Rather too much is taken out than too little: whatever *looks* like a token goes, wherever it stands.

use scraper::node::Element;
use scraper::{Html, Node};

/// What stands in place of a secret.
const MASK: &str = "***";
/// A word of these characters is a token from this length on, if it has a digit and a letter. Names of hosts have dots.
const TOKEN: usize = 16;
/// Parts of names whose values are secrets.
const TELLING: [&str; 9] = ["token", "csrf", "nonce", "session", "secret", "passw", "pwd", "credential", "apikey"];
/// Attributes that name things for the page itself.
const NAMES: [&str; 6] = ["class", "id", "name", "for", "type", "style"];

/// The page without secrets. `known` takes the secrets out that are known by their value.
pub(super) fn redact(text: &str, known: &dyn Fn(String) -> String) -> String {
    let mut html = Html::parse_document(text);
    for node in html.tree.values_mut() {
        match node {
            Node::Element(element) => redact_element(element, known),
            Node::Text(text) => text.text = clean(&text.text, known).into(),
            Node::Comment(comment) => comment.comment = clean(&comment.comment, known).into(),
            _ => {}
        }
    }
    html.html()
}

fn redact_element(element: &mut Element, known: &dyn Fn(String) -> String) {
    let tag = element.name().to_ascii_lowercase();
    let kind = element.attr("type").unwrap_or_default().to_ascii_lowercase();
    let is_field = ["input", "textarea", "meta", "button", "option", "param"].contains(&tag.as_str());
    let named = ["name", "id", "property"].into_iter().filter_map(|name| element.attr(name)).any(tells);
    let closed = (tag == "input" && ["password", "hidden"].contains(&kind.as_str())) || (is_field && named);
    for (name, value) in &mut element.attrs {
        let name = name.local.to_ascii_lowercase();
        if (closed && ["value", "content"].contains(&&*name) && !value.is_empty()) || tells(&name) {
            *value = MASK.into();
        } else if NAMES.contains(&&*name) {
            *value = known(value.to_string()).into();
        } else {
            *value = clean(value, known).into();
        }
    }
}

fn tells(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    TELLING.iter().any(|part| name.contains(part))
}

/// A text without the secrets that are known, values in addresses, and tokens.
fn clean(text: &str, known: &dyn Fn(String) -> String) -> String {
    without_tokens(&without_queries(&known(text.to_owned())))
}

/// Path and names of an address stay, values go: `edit.do?key=***&mode=***`, `home.do;jsessionid=***`.
fn without_queries(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['?', '&', ';']) {
        let (before, from) = rest.split_at(at + 1);
        clean.push_str(before);
        let name = from.find(|c: char| !(c.is_ascii_alphanumeric() || "._-[]%:$".contains(c))).unwrap_or(from.len());
        let is_parameter = name > 0
            && from[name..].starts_with('=')
            && !from[name..].starts_with("==")
            && (!before.ends_with(';') || tells(&from[..name]));
        if is_parameter {
            let value = &from[name + 1..];
            let end = value.find(|c: char| c.is_whitespace() || "&\"'<>#;)".contains(c)).unwrap_or(value.len());
            clean.push_str(&from[..=name]);
            clean.push_str(if end > 0 { MASK } else { "" });
            rest = &value[end..];
        } else {
            rest = from;
        }
    }
    clean + rest
}

/// Session ids, tokens and keys are long words without a dot.
fn without_tokens(text: &str) -> String {
    let part = |c: char| c.is_ascii_alphanumeric() || "+/=_-".contains(c);
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(part) {
        let (before, from) = rest.split_at(start);
        clean.push_str(before);
        let end = from.find(|c| !part(c)).unwrap_or(from.len());
        let dotted = before.ends_with('.') || from[end..].starts_with('.');
        for (at, word) in from[..end].split('/').enumerate() {
            if at > 0 {
                clean.push('/');
            }
            clean.push_str(if !dotted && is_token(word) { MASK } else { word });
        }
        rest = &from[end..];
    }
    clean + rest
}

/// Whether a word looks like a token.
pub(super) fn is_token(word: &str) -> bool {
    word.len() >= TOKEN
        && word.chars().all(|c| c.is_ascii_alphanumeric() || "+/=_-".contains(c))
        && word.contains(|c: char| c.is_ascii_digit())
        && word.contains(|c: char| c.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_gives_access_is_taken_out_and_the_rest_stays() {
        let check = |markup: &str, secrets: &[&str], kept: &[&str]| {
            let clean = redact(markup, &|text| text.replace("hunter2", MASK));
            for secret in secrets {
                assert!(!clean.contains(secret), "{secret} is in {clean}");
            }
            for kept in kept {
                assert!(clean.contains(kept), "{kept} is not in {clean}");
            }
        };
        check(
            "<title>Peer</title><label for=p>AXL Password</label><input id=p type=PassWord value=secret>",
            &["secret"],
            &["<title>Peer</title>", "AXL Password", "id=\"p\""],
        );
        check("<input type=hidden name=key value=17>", &["17"], &["name=\"key\""]);
        check("<input name=org.apache.TOKEN value=abc><meta name=csrf-token content=abc>", &["abc"], &["TOKEN"]);
        check("<div data-csrf=abc class=panel>", &["abc"], &["class=\"panel\""]);
        check(
            "<a href='edit.do?key=17&amp;mode=x#top'>imp1.emea.example.com</a><a onclick=\"go('edit?key=18')\">Add</a>",
            &["17", "mode=x", "18"],
            &["edit.do?key=***", "mode=***#top", "imp1.emea.example.com", "edit?key=***')"],
        );
        check("<form action='home.do;jsessionid=A1B2C3?x=1'>", &["A1B2C3", "x=1"], &["home.do;jsessionid=***"]);
        check("<script>var t='0123456789abcdef'; if (a ? b==1 : c) go();</script>", &["0123456789abcdef"], &["b==1"]);
        check("<!-- 0123456789abcdef -->", &["0123456789abcdef"], &[]);
        check("<p title='hunter2'>you said hunter2</p><i id=hunter2></i>", &["hunter2"], &["you said ***"]);
        check(
            "<p>imp1-with-a-long-name2.emea.example.com 10.40.0.11 CiscoIntercluster Sync Agent 2026-11-22</p>",
            &[],
            &["imp1-with-a-long-name2.emea.example.com", "10.40.0.11", "CiscoIntercluster", "2026-11-22"],
        );
        check("<input name=user value=icsa>", &[], &["value=\"icsa\""]);
    }

    #[test]
    fn odd_pages_are_no_trouble() {
        for text in ["", "?", "&=", "<", "?a=", "&a==b", "ä?ö=ü&é", ";;;;", "a?b=c?d=e"] {
            let _ = redact(text, &|text| text);
        }
    }
}

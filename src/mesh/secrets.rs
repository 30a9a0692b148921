//! What no report may show: the scalars under `credentials`, literal passwords that strayed elsewhere, and the
//! comments among them. Everything is hidden that is not known to be harmless, not the other way round.

use std::ops::Range;

use serde_json::Value;

use super::tree::{Content, Entry, Node};

/// What stands in for each byte that is hidden: as many as there were, so that columns keep their meaning.
const MASK: u8 = b'*';

/// Keys below `credentials` that are not a secret themselves; any other key there may be a password in the wrong
/// place, as in `password: {hunter2}`.
const HARMLESS: [&str; 5] = ["username", "password", "env", "file", "exec"];

/// A text in which secrets are hidden. Offsets, lines and columns stay what they were.
pub fn masked(text: &str, secrets: &[Range<usize>]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for secret in secrets {
        for byte in bytes.iter_mut().take(secret.end).skip(secret.start) {
            if !byte.is_ascii_whitespace() {
                *byte = MASK;
            }
        }
    }
    // spans end between characters, so that whole characters are replaced
    String::from_utf8(bytes).unwrap_or_default()
}

/// The secrets of a text that was read.
pub(super) fn of_tree(text: &str, root: &Node) -> Vec<Range<usize>> {
    let mut secrets = Vec::new();
    let Content::Map(entries) = &root.content else {
        // not a mesh file; nobody knows what it is
        return everything(text);
    };
    for (index, entry) in entries.iter().enumerate() {
        if entry.key == "credentials" {
            let end =
                entries.get(index + 1).map_or(root.span.end.max(entry.value.span.end), |next| next.key_span.start);
            // `key: value` before the value, comments after it: all of it but what is harmless
            let section = entry.key_span.end..end.max(entry.value.span.end);
            hide_section(text, section, &entry.value, &mut secrets);
        } else {
            hide_strays(entry, &mut secrets);
        }
    }
    secrets
}

/// The secrets of a text that cannot be read: every line of `credentials`, by its indentation, and every line that
/// speaks of a password. Without a `credentials` line of its own, a text that speaks of any is hidden as a whole.
pub(super) fn of_broken(text: &str) -> Vec<Range<usize>> {
    let section_line = |line: &str| {
        let key = line.trim_start_matches(['"', '\'', '\u{feff}']);
        key.starts_with("credentials") && key.contains(':')
    };
    let flows = text.trim_start_matches('\u{feff}').trim_start().starts_with('{');
    if (flows || !text.lines().any(section_line)) && (speaks_of_secrets(text) || holds_account(text)) {
        return everything(text);
    }
    let mut secrets = Vec::new();
    let mut inside = false;
    let mut start = 0;
    for line in text.split_inclusive(['\n', '\r']) {
        let end = start + line.len();
        let top_level = !line.starts_with([' ', '\t', '#', '-', '}', ']', '\n', '\r']);
        if section_line(line) {
            inside = true;
            let after_key = line.find(':').map_or(start, |colon| start + colon + 1);
            secrets.push(after_key..end);
        } else if inside && !top_level {
            secrets.push(start..end);
        } else {
            inside = false;
            if speaks_of_secrets(line) || holds_account(line) {
                secrets.push(start..end);
            }
        }
        start = end;
    }
    secrets
}

/// Hides a section but for its layout, its names and the keys that are known.
fn hide_section(text: &str, section: Range<usize>, value: &Node, secrets: &mut Vec<Range<usize>>) {
    let mut shown = Vec::new();
    if let Content::Map(credentials) = &value.content {
        for credential in credentials {
            shown.push(credential.key_span.clone());
            shown_keys(&credential.value, &mut shown);
        }
    }
    shown.sort_by_key(|span| span.start);
    let mut from = section.start;
    for span in shown {
        // an alias shows what stands elsewhere
        if span.start >= from && span.end <= section.end {
            hide_between(text, from..span.start, secrets);
            from = span.end;
        }
    }
    hide_between(text, from..section.end, secrets);
}

fn shown_keys(node: &Node, shown: &mut Vec<Range<usize>>) {
    match &node.content {
        Content::Map(entries) => {
            for entry in entries {
                if HARMLESS.contains(&entry.key.as_str()) {
                    shown.push(entry.key_span.clone());
                    shown_keys(&entry.value, shown);
                }
            }
        }
        Content::List(items) => items.iter().for_each(|item| shown_keys(item, shown)),
        Content::Scalar(_) => {}
    }
}

/// Hides what stands between two keys, but for the punctuation next to them: `: {`, `}, `, line breaks.
fn hide_between(text: &str, between: Range<usize>, secrets: &mut Vec<Range<usize>>) {
    let Some(inner) = text.get(between.clone()) else { return };
    let layout = |c: char| c.is_whitespace() || matches!(c, ':' | '{' | '}' | '[' | ']' | ',' | '-');
    let mut start = between.start;
    for line in inner.split_inclusive('\n') {
        let left = line.len() - line.trim_start_matches(layout).len();
        let right = line.trim_end_matches(layout).len();
        if left < right {
            secrets.push(start + left..start + right);
        }
        start += line.len();
    }
}

/// Hides values outside of `credentials` whose keys say that they are secret.
fn hide_strays(entry: &Entry, secrets: &mut Vec<Range<usize>>) {
    if speaks_of_secrets(&entry.key) {
        secrets.push(entry.value.span.clone());
        return;
    }
    hide_strays_in(&entry.value, secrets);
}

fn hide_strays_in(node: &Node, secrets: &mut Vec<Range<usize>>) {
    match &node.content {
        Content::Map(entries) => entries.iter().for_each(|entry| hide_strays(entry, secrets)),
        Content::List(items) => items.iter().for_each(|item| hide_strays_in(item, secrets)),
        Content::Scalar(Value::String(text)) if holds_account(text) => secrets.push(node.span.clone()),
        Content::Scalar(_) => {}
    }
}

/// Whether a text is an address with a user name, and perhaps a password, in it: `http://user:password@host`.
fn holds_account(text: &str) -> bool {
    text.split_once("://").is_some_and(|(_, rest)| rest.contains('@'))
}

fn everything(text: &str) -> Vec<Range<usize>> {
    std::iter::once(0..text.len()).collect()
}

fn speaks_of_secrets(text: &str) -> bool {
    const WORDS: [&str; 6] = ["password", "passwd", "passphrase", "secret", "token", "pwd"];
    let lower = text.to_lowercase();
    WORDS.iter().any(|word| lower.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::tree;

    fn check(text: &str, expected: &str) {
        let secrets = match tree::read(text) {
            Ok(root) => of_tree(text, &root),
            Err(_) => of_broken(text),
        };
        assert_eq!(masked(text, &secrets), expected);
    }

    #[test]
    fn scalars_under_credentials_are_hidden_and_their_layout_is_not() {
        check(
            "credentials: # of old: hunter2\n  a: {username: icsa, password: {exec: [vault, get, hunter2]}}\n  # hunter2\n  b:\n    \
             username: x\n    password: |\n      hunter2\n      x\nkind: Mesh\n",
            "credentials: * ** **** *******\n  a: {username: ****, password: {exec: [****** **** *******]}}\n  * *******\n  b:\n    \
             username: *\n    password: *\n      *******\n      *\nkind: Mesh\n",
        );
        check("credentials: {a: {password: {hunter2}}}", "credentials: {a: {password: {*******}}}");
        check("credentials: hunter2", "credentials: *******");
    }

    #[test]
    fn strays_are_hidden() {
        check("clusters: [{name: a, Password: hunter2}]", "clusters: [{name: a, Password: *******}]");
        check("api_token: {a: [hunter2]}", "api_token: *** **********");
        check("proxy: http://icsa:hunter2@jump:3128", "proxy: *****************************");
        check("hunter2", "*******");
    }

    #[test]
    fn a_broken_text_hides_more_rather_than_less() {
        check(
            "kind: Mesh\ncredentials:\n  a: {password: hunter2\n# hunter2\ndefaults: {}\nx: ]\n",
            "kind: Mesh\ncredentials:\n  ** ********** *******\n* *******\ndefaults: {}\nx: ]\n",
        );
        check("{kind: Mesh, credentials: {password: x}", "****** ***** ************ ********** **");
    }
}

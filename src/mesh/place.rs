//! What a place of a mesh file is called in a sentence.

use serde_json::Value;

use super::locations::last_key;

/// What is at a pointer, as a noun that begins a sentence: "cluster `emea`", "`policy.window`".
pub(super) fn name(root: &Value, pointer: &str) -> String {
    let segments: Vec<&str> = pointer.split('/').skip(1).collect();
    let named = |pointer: &str, noun: &str, number: &str| match root.pointer(pointer).and_then(name_of) {
        Some(name) => format!("{noun} `{name}`"),
        None => format!("{noun} {}", number.parse::<usize>().map_or(1, |n| n + 1)),
    };
    match segments.as_slice() {
        [] => "the mesh file".to_owned(),
        ["clusters", i] => named(&format!("/clusters/{i}"), "cluster", i),
        ["clusters", i, "nodes", j] => {
            let node = named(&format!("/clusters/{i}/nodes/{j}"), "node", j);
            format!("{node} of {}", named(&format!("/clusters/{i}"), "cluster", i))
        }
        ["clusters", i, rest @ ..] => {
            format!("`{}` of {}", dotted(rest), named(&format!("/clusters/{i}"), "cluster", i))
        }
        ["credentials", name] => format!("credential `{}`", unescaped(name)),
        ["credentials", name, "password"] => format!("the password of credential `{}`", unescaped(name)),
        ["credentials", name, rest @ ..] => format!("`{}` of credential `{}`", dotted(rest), unescaped(name)),
        ["unified_cms", name] => format!("Unified CM cluster `{}`", unescaped(name)),
        ["topology", "links", i] => named(pointer, "link", i),
        ["accept", i] => named(pointer, "acceptance", i),
        rest => format!("`{}`", dotted(rest)),
    }
}

/// The last key of a pointer that is a name, not the number of an item.
pub(super) fn nearest_key(pointer: &str) -> String {
    let numbers = |segment: &&str| !segment.is_empty() && segment.bytes().all(|b| b.is_ascii_digit());
    pointer.rsplit('/').find(|segment| !numbers(segment)).map(unescaped).unwrap_or_default()
}

/// Whether a pointer leads to a password's reference, or into it.
pub(super) fn is_password(pointer: &str) -> bool {
    matches!(pointer.split('/').skip(1).collect::<Vec<_>>().as_slice(), ["credentials", _, "password", ..])
}

/// The first sentence of a description, without its full stop and on one line.
pub(super) fn first_sentence(text: &str) -> String {
    let line = text.split("\n\n").next().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    let end = [". ", ": "].iter().filter_map(|mark| line.find(mark)).min().unwrap_or(line.len());
    let sentence = line[..end].trim_end_matches('.').replace('*', "");
    let mut characters = sentence.chars();
    let (first, second) = (characters.next(), characters.clone().next());
    // `IP address`, `DNS`: capitals that belong to the word
    if second.is_some_and(char::is_uppercase) {
        return sentence;
    }
    first.map(|c| c.to_ascii_lowercase()).into_iter().chain(characters).collect()
}

fn dotted(segments: &[&str]) -> String {
    let mut path = String::new();
    for segment in segments {
        match segment.parse::<usize>() {
            Ok(index) => path += &format!("[{index}]"),
            Err(_) if path.is_empty() => path += &unescaped(segment),
            Err(_) => path += &format!(".{}", unescaped(segment)),
        }
    }
    path
}

fn unescaped(segment: &str) -> String {
    last_key(segment)
}

fn name_of(value: &Value) -> Option<&str> {
    value.get("name").and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn places_have_names_that_people_use() {
        let root = json!({"clusters": [{"name": "emea", "nodes": [{"name": "imp1"}]}, {}]});
        for (pointer, expected) in [
            ("", "the mesh file"),
            ("/clusters/0", "cluster `emea`"),
            ("/clusters/1", "cluster 2"),
            ("/clusters/0/nodes/0", "node `imp1` of cluster `emea`"),
            ("/clusters/0/nodes/0/name", "`nodes[0].name` of cluster `emea`"),
            ("/clusters/1/publisher", "`publisher` of cluster 2"),
            ("/credentials/a~1b/password", "the password of credential `a/b`"),
            ("/policy/xcp_restart/batch", "`policy.xcp_restart.batch`"),
            ("/topology/links/1", "link 2"),
        ] {
            assert_eq!(name(&root, pointer), expected);
        }
        assert_eq!(nearest_key("/topology/links/0/between/1"), "between");
        assert_eq!(first_sentence("The nodes: up to six. They are"), "the nodes");
        assert_eq!(first_sentence("IP addresses, asked in this order."), "IP addresses, asked in this order");
    }
}

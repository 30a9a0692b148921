//! What objects of Unified CM have in common: keys, the tags that were asked for, search criteria.

use crate::lab::servers::axl::envelope::{Call, Fault, UNPUBLISHED, element};
use crate::lab::world::World;

/// An object with its key and its tags, in the schema's order.
pub(super) struct Object {
    pub(super) kind: &'static str,
    pub(super) key: String,
    pub(super) tags: Vec<(&'static str, String)>,
}

impl Object {
    /// A tag's value.
    pub(super) fn tag(&self, name: &str) -> &str {
        self.tags.iter().find(|(tag, _)| *tag == name).map_or("", |(_, value)| value)
    }

    /// The element, with the tags that a call asks for: those under `returnedTags`, or all.
    pub(super) fn write(&self, call: &Call) -> String {
        let wanted = call.names_under("returnedTags");
        let asked = |tag: &str| wanted.is_empty() || wanted.contains(&tag);
        let tags: String =
            self.tags.iter().filter(|(tag, _)| asked(tag)).map(|(tag, value)| element(tag, value)).collect();
        format!("<{0} uuid=\"{1}\">{tags}</{0}>", self.kind, uuid(&self.key))
    }

    /// Whether a call's `name` or `uuid` means this object.
    pub(super) fn is_meant(&self, call: &Call) -> bool {
        let (name, uuid) = (call.text("name"), call.text("uuid"));
        if uuid.is_empty() {
            self.tag("name") == name
        } else {
            self.key.eq_ignore_ascii_case(uuid.trim_matches(BRACES))
        }
    }
}

const BRACES: [char; 2] = ['{', '}'];

/// A key as AXL writes it.
pub(super) fn uuid(key: &str) -> String {
    format!("{{{}}}", key.to_ascii_uppercase())
}

/// The objects that a list's `searchCriteria` finds; `%` stands for any text. The schema wants one criterion or more.
pub(super) fn search(call: &Call, objects: Vec<Object>) -> Result<String, Fault> {
    let criteria = call.texts_under("searchCriteria");
    if criteria.is_empty() {
        return Err(Fault::new(UNPUBLISHED, "At least one search criterion must be specified."));
    }
    let fits = |object: &&Object| criteria.iter().all(|(tag, pattern)| like(object.tag(tag), pattern));
    Ok(objects.iter().filter(fits).map(|object| object.write(call)).collect())
}

/// Whether a text is like a pattern of SQL, letter case aside.
fn like(text: &str, pattern: &str) -> bool {
    let (text, pattern) = (text.to_ascii_lowercase(), pattern.to_ascii_lowercase());
    let parts: Vec<&str> = pattern.split('%').collect();
    let [first, middle @ .., last] = parts.as_slice() else { return text == pattern };
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

/// What was asked for is not there.
pub(super) fn missing(world: &World, kind: &str) -> Fault {
    let begin = ["Item not valid: The", "The"][world.decide("words of a missing item", 2)];
    Fault::new(UNPUBLISHED, format!("{begin} specified {kind} was not found"))
}

#[cfg(test)]
mod tests {
    use super::like;

    #[test]
    fn a_pattern_is_matched_as_sql_does() {
        for (text, pattern, expected) in [
            ("group1", "%", true),
            ("group1", "Group1", true),
            ("group1", "group", false),
            ("group1", "gr%1", true),
            ("group1", "%oup%", true),
            ("group1", "%oux%", false),
            ("ab", "ab%b", false),
            ("", "%", true),
            ("x", "", false),
        ] {
            assert_eq!(like(text, pattern), expected, "{text} like {pattern}");
        }
    }
}

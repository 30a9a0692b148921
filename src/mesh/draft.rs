//! A mesh file that is written by intermesh: a model with comments becomes a text in the layout of `intermesh fmt`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::format::{FormatError, format};
use super::locations::below;
use super::model::{Defaults, Mesh, Policy};
use super::report::is_invisible;
use super::template::scalar;

/// Where editors find the schema.
const SCHEMA: &str =
    "# yaml-language-server: $schema=https://raw.githubusercontent.com/intermesh/intermesh/main/schemas/mesh.v1.json";
/// Where comments are broken.
const WIDTH: usize = 100;

/// A mesh, and what is said of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// What the file says.
    pub mesh: Mesh,
    /// Comments at its top, a paragraph each; one that begins with `- ` is an item of a list.
    pub header: Vec<String>,
    /// Comments above a key or an item, by its JSON pointer.
    pub above: BTreeMap<String, Vec<String>>,
    /// Short comments beside a value on one line, by its JSON pointer.
    pub beside: BTreeMap<String, String>,
}

impl Draft {
    /// The text, the same for the same draft. What comments are given is data: it stays inside of them.
    ///
    /// # Errors
    /// The layout would lose something: a mistake of intermesh.
    pub fn render(&self, name: &str) -> Result<String, FormatError> {
        let mut text = format!("{SCHEMA}\n#\n");
        for (at, paragraph) in self.header.iter().enumerate() {
            if at > 0 && !paragraph.starts_with("- ") {
                text += "#\n";
            }
            comment(&mut text, paragraph, 0);
        }
        self.map(&mut text, &self.shown(), "", 0, false);
        format(name, &text)
    }

    /// The model without what need not be said.
    fn shown(&self) -> Map<String, Value> {
        let mut mesh = object(serde_json::to_value(&self.mesh));
        if let Some(Value::Object(policy)) = mesh.get_mut("policy") {
            let usual = object(serde_json::to_value(Policy::default()));
            policy.retain(|key, value| key == "unmanaged_peers" || usual.get(key) != Some(value));
        }
        if let Some(Value::Object(defaults)) = mesh.get_mut("defaults") {
            let usual = object(serde_json::to_value(Defaults::default()));
            defaults.retain(|key, value| key == "transport" || usual.get(key) != Some(value));
        }
        for cluster in mesh.get_mut("clusters").and_then(Value::as_array_mut).into_iter().flatten() {
            let Value::Object(cluster) = cluster else { continue };
            cluster.retain(|key, value| match key.as_str() {
                "state" => *value != "present",
                "protected" => *value != false,
                "credentials" => value.as_object().is_some_and(|roles| !roles.is_empty()),
                _ => true,
            });
            for node in cluster.get_mut("nodes").and_then(Value::as_array_mut).into_iter().flatten() {
                node.get_mut("parameters").into_iter().for_each(numbers);
            }
            cluster.get_mut("parameters").into_iter().for_each(numbers);
        }
        mesh.get_mut("parameters").into_iter().for_each(numbers);
        mesh
    }

    fn map(&self, text: &mut String, map: &Map<String, Value>, pointer: &str, indent: usize, mut begun: bool) {
        for (key, value) in map {
            let place = below(pointer, key);
            if indent == 0 && (value.is_object() || value.is_array()) && key != "metadata" {
                text.push('\n');
            }
            self.notes(text, &place, indent, begun);
            let at = if std::mem::take(&mut begun) { 0 } else { indent };
            *text += &format!("{:at$}{}:", "", scalar(key));
            self.value(text, value, &place, indent + 2);
        }
    }

    /// What follows `key:`, or the dash of an item.
    fn value(&self, text: &mut String, value: &Value, pointer: &str, indent: usize) {
        let blocks = is_block(pointer) || self.holds_comments(pointer);
        let beside = self.beside.get(pointer).map(|words| format!(" # {}", inert(words))).unwrap_or_default();
        match value {
            Value::Object(map) if blocks && !map.is_empty() => {
                *text += &format!("{beside}\n");
                self.map(text, map, pointer, indent, false);
            }
            Value::Array(items) if blocks && !items.is_empty() => {
                *text += &format!("{beside}\n");
                for (index, item) in items.iter().enumerate() {
                    let place = below(pointer, &index.to_string());
                    self.notes(text, &place, indent, false);
                    *text += &format!("{:indent$}-", "");
                    match item {
                        Value::Object(map) if is_block(&place) || self.holds_comments(&place) => {
                            text.push(' ');
                            self.map(text, map, &place, indent + 2, true);
                        }
                        _ => self.value(text, item, &place, indent + 2),
                    }
                }
            }
            _ => *text += &format!(" {}{beside}\n", flow(value)),
        }
    }

    /// Whether anything below a place is commented, so that it needs lines of its own.
    fn holds_comments(&self, pointer: &str) -> bool {
        let below = |place: &&String| place.strip_prefix(pointer).is_some_and(|rest| rest.starts_with('/'));
        self.above.keys().any(|place| below(&place)) || self.beside.keys().any(|place| below(&place))
    }

    fn notes(&self, text: &mut String, pointer: &str, indent: usize, begun: bool) {
        // behind the dash of an item nothing can stand above its first key
        for note in self.above.get(pointer).into_iter().flatten().filter(|_| !begun) {
            comment(text, note, indent);
        }
    }
}

/// Parameters that are numbers need no quotes.
fn numbers(parameters: &mut Value) {
    let services = parameters.as_object_mut().into_iter().flat_map(|services| services.values_mut());
    for value in services.filter_map(Value::as_object_mut).flat_map(|labels| labels.values_mut()) {
        let number = value.as_str().and_then(|text| text.parse::<u64>().ok().filter(|n| n.to_string() == text));
        if let Some(number) = number {
            *value = number.into();
        }
    }
}

/// Whether a list or map stands on lines of its own.
fn is_block(pointer: &str) -> bool {
    let mut places: Vec<&str> = pointer.split('/').skip(1).collect();
    for place in &mut places {
        if place.bytes().all(|b| b.is_ascii_digit()) {
            *place = "0";
        }
    }
    match places.as_slice() {
        ["metadata" | "dns"] => false,
        [] | [_] | ["clusters", "0"] | ["clusters", "0", "nodes" | "parameters"] | ["topology", "links"] => true,
        ["parameters", _] | ["clusters", "0", "parameters", _] => true,
        _ => false,
    }
}

/// A value on one line.
fn flow(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let entry = |(key, value): (&String, &Value)| format!("{}: {}", scalar(key), flow(value));
            format!("{{{}}}", map.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::String(text) => scalar(text),
        other => other.to_string(),
    }
}

/// A paragraph as comments, broken between words; the lines of an item are indented.
fn comment(text: &mut String, paragraph: &str, indent: usize) {
    let options = textwrap::Options::new(WIDTH.saturating_sub(indent + 2))
        .subsequent_indent(if paragraph.starts_with("- ") { "  " } else { "" })
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit)
        .break_words(false);
    for line in textwrap::wrap(&inert(paragraph), options) {
        *text += &format!("{:indent$}# {line}\n", "");
    }
}

/// A text on one line, without what would do something to a terminal.
fn inert(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().map(|c| if is_invisible(c) { '\u{fffd}' } else { c }).collect()
}

/// What a model is: a map.
fn object(value: Result<Value, serde_json::Error>) -> Map<String, Value> {
    match value {
        Ok(Value::Object(map)) => map,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::load_str;

    fn draft(text: &str) -> Draft {
        let mesh = load_str("m.yaml", text, jiff::civil::date(2026, 11, 22)).unwrap_or_else(|e| panic!("{e}")).mesh;
        Draft { mesh, header: Vec::new(), above: BTreeMap::new(), beside: BTreeMap::new() }
    }

    #[test]
    fn every_example_is_written_as_it_means() {
        for example in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/topologies")).unwrap() {
            let text = std::fs::read_to_string(example.unwrap().path()).unwrap();
            let draft = draft(&text);
            let written = draft.render("m.yaml").unwrap();
            assert_eq!(format("m.yaml", &written).unwrap(), written);
            let again = load_str("m.yaml", &written, jiff::civil::date(2026, 11, 22)).unwrap();
            assert_eq!(again.mesh, draft.mesh, "{written}");
        }
    }

    #[test]
    fn comments_stay_comments() {
        let two = "apiVersion: intermesh/v1\nkind: Mesh\nmetadata: {name: m}\ndomain: example.com\n\
            credentials: {axl: {username: u, password: {env: P}}}\ndefaults: {credentials: {axl: axl}}\n\
            clusters: [{name: a, publisher: imp1.a.example.com}, {name: b, publisher: imp1.b.example.com}]\n";
        let mut draft = draft(two);
        let hostile = "x\n- {name: evil, publisher: evil}\r\u{85}\u{2028}y\u{1b}[2J # \u{202e}z";
        draft.header = vec![hostile.to_owned(), format!("- {hostile}")];
        for place in ["/clusters/1", "/clusters/0/name", "/topology", "/credentials/axl", "/domain"] {
            draft.above.insert(place.to_owned(), vec![hostile.to_owned()]);
            draft.beside.insert(place.to_owned(), hostile.to_owned());
        }
        let written = draft.render("m.yaml").unwrap();
        let again = load_str("m.yaml", &written, jiff::civil::date(2026, 11, 22)).unwrap();
        assert_eq!(again.mesh, draft.mesh, "{written}");
        assert!(!written.contains(['\u{1b}', '\u{202e}', '\r', '\u{85}', '\u{2028}']), "{written}");
    }
}

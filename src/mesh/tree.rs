//! YAML as a tree in which every key and every value knows its bytes.
//!
//! Built from the parser's events, not through serde: a finding needs the span of keys as well as of values, all
//! duplicate keys at once, and the difference between `14` and `"14"`.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle, Span as ParserSpan, Tag};
use serde_json::Value;

use super::refusal::{MAX_DEPTH, Refusal, not_yaml, refused_characters, too_deep};
use super::scalars;

/// Values in a file, those that aliases repeat included: three times a mesh of 1,000 clusters of six nodes.
const MAX_NODES: usize = 100_000;
/// Values that aliases may add. An alias repeats a few parameters; more is an attack.
const MAX_REPEATED: usize = 10_000;

/// A value and the bytes that it was read from.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub span: Range<usize>,
    pub content: Content,
    /// How many nodes it is, itself included.
    size: usize,
}

/// What a node is.
#[derive(Clone, Debug)]
pub(super) enum Content {
    /// Anything but a list or a map.
    Scalar(Value),
    /// A list.
    List(Vec<Node>),
    /// A map, in the order of the text, each key once.
    Map(Vec<Entry>),
}

/// A key and its value.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub key: String,
    pub key_span: Range<usize>,
    pub value: Node,
}

/// Reads a text.
///
/// # Errors
/// All duplicate keys, or the first thing of another kind that is in the way.
pub(super) fn read(text: &str) -> Result<Node, Vec<Refusal>> {
    let characters = refused_characters(text);
    if !characters.is_empty() {
        return Err(characters);
    }
    let options = granit_parser::options! {
        emit_comments: false,
        disallow_directives: true,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    let mut builder = Builder { text, ..Builder::default() };
    for next in Parser::new_from_str_with_options(text, options) {
        let step = match next {
            Ok((event, span)) => builder.take(event, span),
            Err(error) => Err(not_yaml(text, &error)),
        };
        if let Err(refusal) = step {
            builder.refusals.push(refusal);
            return Err(builder.refusals);
        }
    }
    match builder.root {
        Some(root) if builder.refusals.is_empty() => Ok(root),
        None if builder.refusals.is_empty() => Err(vec![Refusal::new(
            0..0,
            "the file is empty",
            "nothing is here",
            "`intermesh init` writes a mesh file to begin with",
        )]),
        _ => Err(builder.refusals),
    }
}

/// A list or map that is not finished.
struct Open {
    start: usize,
    anchor: usize,
    size: usize,
    content: OpenContent,
}

impl Open {
    /// The key whose value is being read.
    fn key(&self) -> Option<&str> {
        match &self.content {
            OpenContent::Map { key: Some((key, _)), .. } => Some(key),
            _ => None,
        }
    }
}

enum OpenContent {
    List(Vec<Node>),
    Map { entries: Vec<Entry>, seen: HashMap<String, usize>, key: Option<(String, Range<usize>)> },
}

#[derive(Default)]
struct Builder<'a> {
    text: &'a str,
    stack: Vec<Open>,
    anchors: HashMap<usize, Node>,
    root: Option<Node>,
    nodes: usize,
    repeated: usize,
    refusals: Vec<Refusal>,
}

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, span: ParserSpan) -> Result<(), Refusal> {
        let range = span.byte_range().unwrap_or(0..0);
        match event {
            Event::DocumentStart(..) if self.root.is_some() => Err(Refusal::new(
                range,
                "a mesh file holds one document",
                "a second one begins here",
                "put the second mesh into a file of its own",
            )),
            Event::Scalar(text, style, anchor, tag) => {
                refuse_tag(tag, &span)?;
                let value = match style {
                    ScalarStyle::Plain => scalars::plain(&text),
                    _ => Value::String(text.into_owned()),
                };
                self.add(Node { span: range, content: Content::Scalar(value), size: 1 }, anchor)
            }
            Event::SequenceStart(_, anchor, tag) => {
                refuse_tag(tag, &span)?;
                self.open(range, anchor, OpenContent::List(Vec::new()))
            }
            Event::MappingStart(_, anchor, tag) => {
                refuse_tag(tag, &span)?;
                self.open(range, anchor, OpenContent::Map { entries: Vec::new(), seen: HashMap::new(), key: None })
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(range.end),
            Event::Alias(id) => {
                let Some(node) = self.anchors.get(&id) else {
                    return Err(Refusal::new(
                        range,
                        "this alias stands inside of what it repeats",
                        "it would never end",
                        "write the value out",
                    ));
                };
                self.repeated += node.size;
                if self.repeated > MAX_REPEATED {
                    return Err(Refusal::new(
                        range,
                        format!("aliases repeat more than {MAX_REPEATED} values"),
                        "too much is repeated here",
                        "write the values out, or put them under `defaults`",
                    ));
                }
                let node = Node { span: range, ..node.clone() };
                self.add(node, 0)
            }
            _ => Ok(()),
        }
    }

    fn open(&mut self, range: Range<usize>, anchor: usize, content: OpenContent) -> Result<(), Refusal> {
        if self.stack.len() >= MAX_DEPTH {
            return Err(too_deep(range));
        }
        if let Some(Open { content: OpenContent::Map { key: None, .. }, .. }) = self.stack.last() {
            return Err(Refusal::new(range, "a key is a text", "a list or a map cannot be a key", "write a name here"));
        }
        self.stack.push(Open { start: range.start, anchor, size: 1, content });
        Ok(())
    }

    fn close(&mut self, end: usize) -> Result<(), Refusal> {
        let Some(open) = self.stack.pop() else { return Ok(()) };
        let content = match open.content {
            OpenContent::List(items) => Content::List(items),
            OpenContent::Map { entries, .. } => Content::Map(entries),
        };
        // the end of a block collection is where the next thing begins; nobody wants that marked
        let end = open.start + self.text.get(open.start..end).map_or(0, |inner| inner.trim_end().len());
        self.add(Node { span: open.start..end, content, size: open.size }, open.anchor)
    }

    fn add(&mut self, node: Node, anchor: usize) -> Result<(), Refusal> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            let help = "split it into several meshes";
            return Err(Refusal::new(node.span, format!("the file holds more than {MAX_NODES} values"), "here", help));
        }
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        let secret = self.stack.len() > 2 && self.stack.first().and_then(Open::key) == Some("credentials");
        let Some(parent) = self.stack.last_mut() else {
            self.root.get_or_insert(node);
            return Ok(());
        };
        parent.size += node.size;
        match &mut parent.content {
            OpenContent::List(items) => items.push(node),
            OpenContent::Map { entries, seen, key } => match key.take() {
                None => *key = Some(read_key(node)?),
                Some((name, key_span)) => {
                    if let Some(first) = seen.get(&name) {
                        // below a credential's name a key may be a password in the wrong place
                        let message =
                            if secret { "a key is given twice".into() } else { format!("`{name}` is given twice") };
                        self.refusals.push(Refusal {
                            duplicate_of: entries.get(*first).map(|e| e.key_span.clone()),
                            ..Refusal::new(
                                key_span,
                                message,
                                "the second one",
                                "keep one of them; YAML readers differ on which would win",
                            )
                        });
                        return Ok(());
                    }
                    seen.insert(name.clone(), entries.len());
                    entries.push(Entry { key: name, key_span, value: node });
                }
            },
        }
        Ok(())
    }
}

fn read_key(node: Node) -> Result<(String, Range<usize>), Refusal> {
    let name = match node.content {
        Content::Scalar(Value::String(name)) => name,
        Content::Scalar(Value::Null) => String::new(),
        Content::Scalar(value) => value.to_string(),
        Content::List(_) | Content::Map(_) => {
            return Err(Refusal::new(
                node.span,
                "a key is a text",
                "this repeats a list or a map",
                "write a name here",
            ));
        }
    };
    if name == "<<" {
        return Err(Refusal::new(
            node.span,
            "the merge key `<<` belongs to YAML 1.1; mesh files are YAML 1.2",
            "nothing is merged",
            "write the keys out, or put them under `defaults`",
        ));
    }
    Ok((name, node.span))
}

fn refuse_tag(tag: Option<Cow<'_, Tag>>, span: &ParserSpan) -> Result<(), Refusal> {
    if tag.is_none() {
        return Ok(());
    }
    let range = span.tag_span().and_then(|s| s.byte_range()).or_else(|| span.byte_range()).unwrap_or(0..0);
    Err(Refusal::new(
        range,
        "a YAML tag is not allowed",
        "this tag",
        "remove it; put a value in quotes to make it a text",
    ))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn refused(text: &str) -> (String, usize) {
        let begin = Instant::now();
        let refusals = read(text).unwrap_err();
        assert!(begin.elapsed() < Duration::from_millis(500), "{:?} for {:.40}", begin.elapsed(), text);
        (refusals[0].message.clone(), refusals[0].span.start)
    }

    #[test]
    fn hostile_texts_are_refused_with_a_sentence() {
        assert_eq!(refused("a: \0"), ("a NUL byte is not allowed".into(), 3));
        assert_eq!(refused("a: b\rc: d"), ("a carriage return without a line feed is not allowed".into(), 4));
        assert_eq!(refused("\u{feff}a: b"), ("a byte order mark is not allowed".into(), 0));
        assert_eq!(refused("a:\n\tb: c"), ("a tab in the indentation is not allowed".into(), 3));
        assert_eq!(refused("a: !secret b"), ("a YAML tag is not allowed".into(), 3));
        assert_eq!(refused("a: !!str b").0, "a YAML tag is not allowed");
        assert_eq!(refused("a: !x!y b").0, "a YAML tag is not allowed");
        assert_eq!(refused("%YAML 1.2\n---\na: b").0, "directives are not allowed");
        assert_eq!(refused("a: b\n---\nc: d").0, "a mesh file holds one document");
        assert_eq!(refused("").0, "the file is empty");
        assert_eq!(refused("a: &x [*x]").0, "this alias stands inside of what it repeats");
        assert_eq!(refused("<<: {a: b}").0, "the merge key `<<` belongs to YAML 1.1; mesh files are YAML 1.2");
        assert_eq!(refused("? [a]\n: b").0, "a key is a text");
    }

    #[test]
    fn deep_nesting_is_refused_at_once() {
        let levels = 100_000;
        assert_eq!(refused(&"[".repeat(levels)).0, "nested more than 32 levels deep");
        assert_eq!(refused(&"{a: ".repeat(levels)).0, "nested more than 32 levels deep");
        assert_eq!(refused(&"- ".repeat(levels)).0, "nested more than 32 levels deep");
        let stairs: String = (0..1_000).map(|i| format!("{}a:\n", " ".repeat(i))).collect();
        assert_eq!(refused(&stairs).0, "nested more than 32 levels deep");
        read(&format!("{}x{}", "[".repeat(30), "]".repeat(30))).unwrap();
    }

    #[test]
    fn an_alias_bomb_is_refused_at_once() {
        let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x]\n");
        for i in 1..20 {
            let previous = format!("*a{}, ", i - 1).repeat(8);
            bomb += &format!("a{i}: &a{i} [{previous}]\n");
        }
        assert_eq!(refused(&bomb).0, "aliases repeat more than 10000 values");
    }

    #[test]
    fn all_duplicate_keys_are_found_with_both_places() {
        let refusals = read("a: 1\nb: {c: 1, c: 2}\na: 2\n").unwrap_err();
        let places: Vec<_> = refusals.iter().map(|r| (r.duplicate_of.clone(), r.span.clone())).collect();
        assert_eq!(places, [(Some(9..10), 15..16), (Some(0..1), 21..22)]);
        let secret = refused("credentials: {a: {password: {hunter2, hunter2}}}");
        assert_eq!(secret, ("a key is given twice".into(), 38));
    }

    #[test]
    fn every_node_knows_its_bytes() {
        let text = "a:\n  - b: \"14\"\n    c: 14\n\nd: |\n  x\n";
        let root = read(text).unwrap();
        let Content::Map(entries) = &root.content else { panic!() };
        assert_eq!(&text[entries[0].key_span.clone()], "a");
        assert_eq!(&text[entries[0].value.span.clone()], "- b: \"14\"\n    c: 14");
        let Content::List(items) = &entries[0].value.content else { panic!() };
        let Content::Map(inner) = &items[0].content else { panic!() };
        assert_eq!(&text[inner[0].value.span.clone()], "\"14\"");
        assert_eq!(&text[inner[1].value.span.clone()], "14");
    }
}

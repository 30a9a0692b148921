//! A text as it is written: keys, values, and the comments that belong to them.

use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle, Span, StructureStyle};

use super::attach::{Attach, blank_above, comment};
use crate::mesh::source::Source;

/// A whole text.
pub(super) struct Document {
    /// Comments above everything.
    pub header: Vec<Note>,
    /// Whether a blank line is between them and what follows.
    pub apart: bool,
    pub root: Node,
    /// Comments below everything.
    pub footer: Vec<Note>,
    /// All comments, in the order of the text.
    pub comments: Vec<String>,
}

/// A comment on a line of its own.
#[derive(Clone, Debug)]
pub(super) struct Note {
    pub text: String,
    /// Whether a blank line is above it.
    pub blank: bool,
}

/// A value, an item of a list, or a key's.
#[derive(Debug)]
pub(super) struct Node {
    /// Comments above it.
    pub above: Vec<Note>,
    /// Whether a blank line is above it.
    pub blank: bool,
    /// The comment after it on its line, or after its key, and the column that its author chose for it, or 0.
    pub beside: Option<(String, usize)>,
    /// `&name`, as it is written.
    pub anchor: Option<String>,
    pub content: Content,
    pub span: Range<usize>,
}

#[derive(Debug)]
pub(super) enum Content {
    /// As it is written, on one line.
    Raw(String),
    /// A text of many lines, by its value.
    Lines(String),
    List {
        flow: bool,
        items: Vec<Node>,
        below: Vec<Note>,
    },
    Map {
        flow: bool,
        entries: Vec<Entry>,
        below: Vec<Note>,
    },
}

#[derive(Debug)]
pub(super) struct Entry {
    /// As it is written.
    pub key: String,
    /// What it means.
    pub name: String,
    pub value: Node,
    pub key_span: Range<usize>,
}

impl Node {
    fn new(span: Range<usize>, content: Content) -> Node {
        Node { above: Vec::new(), blank: false, beside: None, anchor: None, content, span }
    }

    /// The first item, or the first key's value.
    pub fn first_child(&mut self) -> Option<&mut Node> {
        match &mut self.content {
            Content::Map { entries, .. } => entries.first_mut().map(|entry| &mut entry.value),
            Content::List { items, .. } => items.first_mut(),
            Content::Raw(_) | Content::Lines(_) => None,
        }
    }

    /// Whether a comment is anywhere in it.
    pub fn has_comments(&self) -> bool {
        let own = |node: &Node| !node.above.is_empty() || node.beside.is_some();
        match &self.content {
            Content::Raw(_) | Content::Lines(_) => false,
            Content::List { items, below, .. } => !below.is_empty() || items.iter().any(|i| own(i) || i.has_comments()),
            Content::Map { entries, below, .. } => {
                !below.is_empty() || entries.iter().any(|e| own(&e.value) || e.value.has_comments())
            }
        }
    }
}

/// Reads a text that is known to be YAML; nothing if it holds more than can be written back.
pub(super) fn document(text: &str) -> Option<Document> {
    let options = granit_parser::options! { emit_anchor_events: true, max_buffered_comment_events: 10_000 };
    let source = Source::new("", text);
    let mut events: Vec<(Event<'_>, Range<usize>)> = Vec::new();
    let mut comments = Vec::new();
    for next in Parser::new_from_str_with_options(text, options) {
        let (event, span): (Event<'_>, Span) = next.ok()?;
        let range = span.byte_range()?;
        match event {
            Event::Comment(..) => comments.push(comment(&source, range)?),
            Event::StreamStart | Event::StreamEnd | Event::DocumentStart(..) | Event::DocumentEnd => {}
            event => events.push((event, range)),
        }
    }
    comments.sort_by_key(|c| c.span.start);
    let all = comments.iter().map(|c| c.text.clone()).collect();
    let mut events = events.into_iter().peekable();
    let mut root = node(text, &mut events)?;
    let mut attach = Attach { source: &source, comments: comments.into_iter().peekable(), done: 0 };
    let mut header = attach.before(root.span.start);
    let mut apart = !header.is_empty() && blank_above(&source, source.position(root.span.start).line);
    attach.node(&mut root, text.len());
    // of several groups of comments at the top, the last one belongs to the first key if it stands right above it
    if !apart && let Some(last) = header.iter().rposition(|note| note.blank) {
        let own = header.split_off(last);
        apart = !header.is_empty();
        if let Some(first) = root.first_child() {
            first.above.splice(0..0, own);
        } else {
            header.extend(own);
        }
    }
    let footer = attach.before(text.len() + 1);
    Some(Document { header, apart, root, footer, comments: all })
}

type Events<'a> = std::iter::Peekable<std::vec::IntoIter<(Event<'a>, Range<usize>)>>;

fn node(text: &str, events: &mut Events<'_>) -> Option<Node> {
    let (event, span) = events.next()?;
    let anchor = match events.peek() {
        Some((Event::Anchor(..), span)) => {
            let anchor = text.get(span.clone())?.to_owned();
            events.next();
            Some(anchor)
        }
        _ => None,
    };
    let start = span.start;
    let mut read = match event {
        Event::Alias(_) => Node::new(span.clone(), Content::Raw(text.get(span)?.to_owned())),
        Event::Scalar(value, style, ..) => {
            let raw = text.get(span.clone())?.trim_end();
            let one_line = !raw.contains('\n') && !matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
            let content = if one_line { Content::Raw(raw.to_owned()) } else { Content::Lines(value.into_owned()) };
            Node::new(span.start..span.start + raw.len(), content)
        }
        Event::SequenceStart(style, ..) => {
            let mut items = Vec::new();
            let end = loop {
                match events.peek()? {
                    (Event::SequenceEnd, span) => break span.end,
                    _ => items.push(node(text, events)?),
                }
            };
            events.next();
            let flow = style == StructureStyle::Flow;
            Node::new(start..trimmed(text, start, end), Content::List { flow, items, below: Vec::new() })
        }
        Event::MappingStart(style, ..) => {
            let mut entries = Vec::new();
            let end = loop {
                match events.peek()? {
                    (Event::MappingEnd, span) => break span.end,
                    _ => entries.push(entry(text, events)?),
                }
            };
            events.next();
            let flow = style == StructureStyle::Flow;
            Node::new(start..trimmed(text, start, end), Content::Map { flow, entries, below: Vec::new() })
        }
        _ => return None,
    };
    read.anchor = anchor;
    Some(read)
}

fn entry(text: &str, events: &mut Events<'_>) -> Option<Entry> {
    let name = match &events.peek()?.0 {
        Event::Scalar(value, ..) => value.clone().into_owned(),
        _ => String::new(),
    };
    let key = node(text, events)?;
    let raw = match key.content {
        Content::Raw(raw) => raw,
        Content::Lines(text) => quoted(&text),
        Content::List { .. } | Content::Map { .. } => return None,
    };
    let raw = match key.anchor {
        Some(anchor) => format!("{anchor} {raw}"),
        None => raw,
    };
    let mut value = node(text, events)?;
    if matches!(&value.content, Content::Raw(raw) if raw.is_empty()) {
        // nothing stands where the parser looked for it: far below, after comments that are not its own
        value.span = key.span.end..key.span.end;
    }
    Some(Entry { key: raw, name, key_span: key.span, value })
}

/// A text in double quotes; what JSON escapes, YAML reads.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The end of a collection without the blank space behind it.
fn trimmed(text: &str, start: usize, end: usize) -> usize {
    start + text.get(start..end).map_or(0, |inner| inner.trim_end().len())
}

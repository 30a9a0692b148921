//! A text in its normal layout.

use super::read::{Content, Document, Entry, Node, Note, quoted};
use crate::mesh::locations::below;
use crate::mesh::schema;

/// Lists and maps in brackets that are wider than this are written on lines of their own.
const WIDTH: usize = 120;
const STEP: usize = 2;

/// Writes a document.
pub(super) fn document(text: &str, document: Document) -> String {
    let Document { header, apart, mut root, footer, comments: _ } = document;
    // an alias must stay below its anchor
    if !text.contains('&') {
        order(&mut root, "");
    }
    hoist(&mut root);
    let mut printer = Printer { out: String::new() };
    printer.notes(&header, 0);
    if apart {
        printer.blank();
    }
    // the first line of a file has nothing above it but the header
    if header.is_empty()
        && let Some(first) = root.first_child()
    {
        first.blank = false;
    }
    let inline = printer.inline(&root).filter(|line| line.chars().count() <= WIDTH || !printer.breaks(&root));
    match inline {
        Some(line) => {
            // a file of nothing at all would be refused
            printer.out += if line.is_empty() { "~" } else { &line };
            printer.beside(&root.beside);
            printer.out.push('\n');
        }
        None => printer.block(&root, 0, First::Fresh),
    }
    printer.notes(&footer, 0);
    printer.out
}

/// Keys in the order of the schema; those that it does not know stay in theirs, after the others.
fn order(node: &mut Node, pointer: &str) {
    match &mut node.content {
        Content::Map { entries, .. } => {
            let known = schema::keys(pointer);
            let place = |entry: &Entry| known.iter().position(|key| *key == entry.name).unwrap_or(known.len());
            entries.sort_by_key(place);
            for entry in entries {
                order(&mut entry.value, &below(pointer, &entry.name));
            }
        }
        Content::List { items, .. } => items.iter_mut().for_each(|item| order(item, &format!("{pointer}/0"))),
        Content::Raw(_) | Content::Lines(_) => {}
    }
}

/// What is said of an item's first key is said of the item: its comments stand above the dash.
fn hoist(node: &mut Node) {
    match &mut node.content {
        Content::Map { entries, .. } => entries.iter_mut().for_each(|entry| hoist(&mut entry.value)),
        Content::List { items, .. } => {
            for item in items {
                hoist(item);
                let above = item.first_child().map(|child| std::mem::take(&mut child.above)).unwrap_or_default();
                item.above.extend(above);
            }
        }
        Content::Raw(_) | Content::Lines(_) => {}
    }
}

/// What has been written of the first line of a list or map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum First {
    /// Nothing.
    Fresh,
    /// The comments above it.
    Noted,
    /// The comments and the dash before it.
    Begun,
}

struct Printer {
    out: String,
}

impl Printer {
    fn notes(&mut self, notes: &[Note], indent: usize) {
        for note in notes {
            if note.blank {
                self.blank();
            }
            self.out += &format!("{:indent$}{}\n", "", note.text);
        }
    }

    /// A blank line, but never two, and none at the beginning.
    fn blank(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    /// A comment at the end of the line, in the column that its author chose where there is room.
    fn beside(&mut self, beside: &Option<(String, usize)>) {
        let Some((comment, column)) = beside else { return };
        let width = self.out.rsplit('\n').next().unwrap_or_default().chars().count();
        let gap = column.saturating_sub(width + 1).max(1);
        self.out += &format!("{:gap$}{comment}", "");
    }

    /// A list or map on lines of its own.
    fn block(&mut self, node: &Node, indent: usize, mut first: First) {
        match &node.content {
            Content::Map { entries, below, .. } => {
                for entry in entries {
                    self.begin(&entry.value, indent, first);
                    self.out += &format!("{}:", entry.key);
                    self.value(&entry.value, indent);
                    first = First::Fresh;
                }
                self.notes(below, indent);
            }
            Content::List { items, below, .. } => {
                for item in items {
                    self.begin(item, indent, First::Fresh);
                    self.out.push('-');
                    self.item(item, indent);
                }
                self.notes(below, indent);
            }
            Content::Raw(_) | Content::Lines(_) => {}
        }
    }

    /// The comments above a line, and its indentation.
    fn begin(&mut self, node: &Node, indent: usize, first: First) {
        if first == First::Fresh {
            self.notes(&node.above, indent);
            if node.blank {
                self.blank();
            }
        }
        if first != First::Begun {
            self.out += &format!("{:indent$}", "");
        }
    }

    /// What follows `key:`.
    fn value(&mut self, node: &Node, indent: usize) {
        if self.inlined(node, indent) {
            return;
        }
        self.anchor(node);
        self.beside(&node.beside);
        self.out.push('\n');
        self.block(node, indent + STEP, First::Fresh);
    }

    /// What follows `-`.
    fn item(&mut self, node: &Node, indent: usize) {
        if self.inlined(node, indent) {
            return;
        }
        let is_list = matches!(node.content, Content::List { .. });
        if node.anchor.is_some() || node.beside.is_some() || is_list {
            self.anchor(node);
            self.beside(&node.beside);
            self.out.push('\n');
            self.block(node, indent + STEP, First::Noted);
        } else {
            self.out.push(' ');
            self.block(node, indent + STEP, First::Begun);
        }
    }

    fn anchor(&mut self, node: &Node) {
        if let Some(anchor) = &node.anchor {
            self.out += &format!(" {anchor}");
        }
    }

    /// Writes a value on the line that has been begun, if it belongs there.
    fn inlined(&mut self, node: &Node, indent: usize) -> bool {
        if let Content::Lines(text) = &node.content {
            self.anchor(node);
            self.lines(text, &node.beside, indent + STEP);
            return true;
        }
        let Some(text) = self.inline(node) else { return false };
        let begun = self.out.rsplit('\n').next().unwrap_or_default().chars().count();
        if self.breaks(node) && begun + 1 + text.chars().count() > WIDTH {
            return false;
        }
        if !text.is_empty() {
            self.out += &format!(" {text}");
        }
        self.beside(&node.beside);
        self.out.push('\n');
        true
    }

    /// Whether a value can be written on lines of its own.
    fn breaks(&self, node: &Node) -> bool {
        match &node.content {
            Content::Map { entries, .. } => !entries.is_empty(),
            Content::List { items, .. } => !items.is_empty(),
            Content::Raw(_) | Content::Lines(_) => false,
        }
    }

    /// A value on one line, without what is beside it; nothing if it is not written so.
    fn inline(&self, node: &Node) -> Option<String> {
        let text = match &node.content {
            Content::Raw(raw) => raw.clone(),
            Content::Lines(text) => quoted(text),
            Content::List { items, .. } if items.is_empty() && !node.has_comments() => "[]".to_owned(),
            Content::Map { entries, .. } if entries.is_empty() && !node.has_comments() => "{}".to_owned(),
            Content::List { flow: true, items, .. } if !node.has_comments() => {
                let items: Option<Vec<String>> = items.iter().map(|item| self.inline(item)).collect();
                format!("[{}]", items?.join(", "))
            }
            Content::Map { flow: true, entries, .. } if !node.has_comments() => {
                let entry = |entry: &Entry| {
                    let value = self.inline(&entry.value)?;
                    let gap = if value.is_empty() { "" } else { " " };
                    Some(format!("{}:{gap}{value}", entry.key))
                };
                let entries: Option<Vec<String>> = entries.iter().map(entry).collect();
                format!("{{{}}}", entries?.join(", "))
            }
            _ => return None,
        };
        Some(match &node.anchor {
            Some(anchor) if text.is_empty() => anchor.clone(),
            Some(anchor) => format!("{anchor} {text}"),
            None => text,
        })
    }

    /// A text of many lines, as a block where a block can hold it.
    fn lines(&mut self, text: &str, beside: &Option<(String, usize)>, indent: usize) {
        let plain = |c: char| !c.is_control() && !matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}');
        let first = text.lines().find(|line| !line.is_empty()).unwrap_or_default();
        let fits = text.contains('\n')
            && !first.is_empty()
            && !text.starts_with(['\n', ' '])
            && text.chars().all(|c| c == '\n' || plain(c));
        if !fits {
            self.out += &format!(" {}", quoted(text));
            self.beside(beside);
            self.out.push('\n');
            return;
        }
        let body = text.trim_end_matches('\n');
        self.out += match text.len() - body.len() {
            0 => " |-",
            1 => " |",
            _ => " |+",
        };
        self.beside(beside);
        self.out.push('\n');
        let end = if text.len() - body.len() > 1 { text.len() - 1 } else { body.len() };
        for line in text[..end].split('\n') {
            let at = if line.is_empty() { 0 } else { indent };
            self.out += &format!("{:at$}{line}\n", "");
        }
    }
}

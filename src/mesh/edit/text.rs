//! The bytes of a YAML text, changed at places that keys and numbers lead to.

use std::ops::Range;

use super::CannotEdit;
use crate::mesh::parameters::same;
use crate::mesh::tree::{Content, Entry, Node, read};

/// How much deeper what is added stands than what it is added to.
const STEP: usize = 2;

/// A text that is being edited. After every step it is read again, so places are never stale.
pub(super) struct Text(String);

impl Text {
    pub(super) fn new(text: &str) -> Text {
        let mut text = text.to_owned();
        if !text.ends_with('\n') {
            text.push('\n');
        }
        Text(text)
    }

    pub(super) fn into_string(self) -> String {
        self.0
    }

    /// The key of a map that means the same, as it is written; none where there is no such key or map.
    pub(super) fn key_like(&self, path: &[&str], key: &str) -> Result<Option<String>, CannotEdit> {
        let root = self.root()?;
        let Some(Node { content: Content::Map(entries), .. }) = find(&root, path) else { return Ok(None) };
        Ok(entries.iter().find(|entry| same(&entry.key, key)).map(|entry| entry.key.clone()))
    }

    /// Sets a value; the keys that lead to it are added where they are missing. The value is written as it is given.
    pub(super) fn set(&mut self, path: &[&str], value: &str) -> Result<(), CannotEdit> {
        let root = self.root()?;
        if let Some(node) = find(&root, path) {
            if !matches!(node.content, Content::Scalar(_)) {
                return Err(CannotEdit::new("a list or a map stands where a value is to be set"));
            }
            let span = node.span.clone();
            return self.replace(span, value);
        }
        let deepest = (0..path.len()).rev().find(|depth| find(&root, &path[..*depth]).is_some()).unwrap_or(0);
        let (Some(map), [key, rest @ ..]) = (find(&root, &path[..deepest]), &path[deepest..]) else {
            return Err(CannotEdit::new("nothing is there to add to"));
        };
        self.add_key(map, path[..deepest].is_empty(), key, rest, value)
    }

    /// Adds an item to a list; the list is added where it is missing.
    pub(super) fn append(&mut self, path: &[&str], item: &str) -> Result<(), CannotEdit> {
        let root = self.root()?;
        let Some(list) = find(&root, path) else {
            let (key, above) = path.split_last().ok_or_else(|| CannotEdit::new("there is no such list"))?;
            let deepest = (0..=above.len()).rev().find(|depth| find(&root, &above[..*depth]).is_some()).unwrap_or(0);
            let Some(map) = find(&root, &above[..deepest]) else {
                return Err(CannotEdit::new("there is no such list"));
            };
            let mut keys: Vec<&str> = above[deepest..].to_vec();
            keys.push(key);
            let Some((first, rest)) = keys.split_first() else { return Err(CannotEdit::new("there is no such list")) };
            return self.add_list(map, deepest == 0, first, rest, item);
        };
        let Content::List(items) = &list.content else {
            return Err(CannotEdit::new("a value stands where a list is to be"));
        };
        if self.is_flow(list) {
            let end = list.span.end - 1;
            let before = if items.is_empty() { "" } else { ", " };
            return self.insert(end, &format!("{before}{item}"));
        }
        let indent = self.column(list.span.start);
        let at = self.after_line(self.end(list));
        self.insert(at, &format!("{}- {item}\n", " ".repeat(indent)))
    }

    /// Takes a key or an item out, with its line where it has one of its own.
    pub(super) fn remove(&mut self, path: &[&str]) -> Result<(), CannotEdit> {
        let root = self.root()?;
        let Some((last, above)) = path.split_last() else { return Err(CannotEdit::new("nothing is to be removed")) };
        let Some(parent) = find(&root, above) else { return Ok(()) };
        let spans: Vec<(String, Range<usize>)> = match &parent.content {
            Content::Map(entries) => {
                entries.iter().map(|e| (e.key.clone(), e.key_span.start..self.end(&e.value))).collect()
            }
            Content::List(items) => {
                items.iter().enumerate().map(|(at, item)| (at.to_string(), item.span.start..self.end(item))).collect()
            }
            Content::Scalar(_) => return Ok(()),
        };
        let Some(at) = spans.iter().position(|(key, _)| key == last) else { return Ok(()) };
        if spans.len() == 1 {
            // an empty block list or map is none
            return match self.is_flow(parent) {
                true => self.replace(parent.span.start + 1..parent.span.end - 1, ""),
                false if matches!(parent.content, Content::List(_)) => {
                    let indent = self.line_start(parent.span.start);
                    let end = self.end(parent);
                    self.replace(indent..self.after_line(end), "").and_then(|()| self.empty_list(above))
                }
                false => Err(CannotEdit::new("it is the only thing there")),
            };
        }
        let span = spans[at].1.clone();
        if self.is_flow(parent) {
            let span = match spans.get(at + 1) {
                Some((_, next)) => span.start..next.start,
                None => spans[at - 1].1.end..span.end,
            };
            return self.replace(span, "");
        }
        let start = self.line_start(span.start);
        let own_line = self.0[start..span.start].trim_matches(['-', ' ']).is_empty();
        // of a map in a list, the first key shares its line with the dash
        if !own_line || (self.0[start..span.start].contains('-') && matches!(parent.content, Content::Map(_))) {
            return Err(CannotEdit::new("it shares its line with something else"));
        }
        self.replace(start..self.after_line(span.end), "")
    }

    /// Gives a key whose list lost its last line an empty one.
    fn empty_list(&mut self, path: &[&str]) -> Result<(), CannotEdit> {
        let Some((key, above)) = path.split_last() else { return Ok(()) };
        let root = self.root()?;
        let Some(Node { content: Content::Map(entries), .. }) = find(&root, above) else { return Ok(()) };
        let Some(Entry { key_span, .. }) = entries.iter().find(|entry| entry.key == *key) else { return Ok(()) };
        let colon = self.0[key_span.end..].find(':').map_or(key_span.end, |at| key_span.end + at + 1);
        self.insert(colon, " []")
    }

    fn add_key(&mut self, map: &Node, is_root: bool, key: &str, rest: &[&str], value: &str) -> Result<(), CannotEdit> {
        let nested = |keys: &[&str]| {
            let open: String = keys.iter().map(|key| format!("{{{}: ", super::scalar(key))).collect();
            format!("{open}{value}{}", "}".repeat(keys.len()))
        };
        let key = super::scalar(key);
        self.add_entry(map, is_root, &format!("{key}: {}", nested(rest)), |indent| {
            let mut lines = format!("{}{key}:", " ".repeat(indent));
            for (depth, key) in rest.iter().enumerate() {
                lines += &format!("\n{}{}:", " ".repeat(indent + STEP * (depth + 1)), super::scalar(key));
            }
            format!("{lines} {value}\n")
        })
    }

    fn add_list(&mut self, map: &Node, is_root: bool, key: &str, rest: &[&str], item: &str) -> Result<(), CannotEdit> {
        let open: String = rest.iter().map(|key| format!("{{{key}: ")).collect();
        let flow = format!("{key}: {open}[{item}]{}", "}".repeat(rest.len()));
        self.add_entry(map, is_root, &flow, |indent| {
            let mut lines = format!("{}{key}:\n", " ".repeat(indent));
            for (depth, key) in rest.iter().enumerate() {
                lines += &format!("{}{key}:\n", " ".repeat(indent + STEP * (depth + 1)));
            }
            format!("{lines}{}- {item}\n", " ".repeat(indent + STEP * (rest.len() + 1)))
        })
    }

    /// Adds an entry to a map, in one line or in lines of its own, as the map is written.
    fn add_entry(
        &mut self,
        map: &Node,
        is_root: bool,
        flow: &str,
        block: impl Fn(usize) -> String,
    ) -> Result<(), CannotEdit> {
        let Content::Map(entries) = &map.content else {
            return Err(CannotEdit::new("a list or a value stands where a map is to be"));
        };
        if self.is_flow(map) {
            let before = if entries.is_empty() { "" } else { ", " };
            return self.insert(map.span.end - 1, &format!("{before}{flow}"));
        }
        let Some(first) = entries.first() else { return Err(CannotEdit::new("the map is empty")) };
        let indent = self.column(first.key_span.start);
        let at = if is_root { self.0.len() } else { self.after_line(self.end(map)) };
        self.insert(at, &block(indent))
    }

    fn root(&self) -> Result<Node, CannotEdit> {
        read(&self.0).map_err(|_| CannotEdit::new("the file cannot be read after a part of the edit"))
    }

    fn is_flow(&self, node: &Node) -> bool {
        self.0[node.span.start..].starts_with(['{', '['])
    }

    /// Where a value ends, comments behind it aside.
    fn end(&self, node: &Node) -> usize {
        match &node.content {
            Content::List(items) if !self.is_flow(node) => items.last().map_or(node.span.end, |item| self.end(item)),
            Content::Map(entries) if !self.is_flow(node) => {
                entries.last().map_or(node.span.end, |entry| self.end(&entry.value).max(entry.key_span.end))
            }
            _ => node.span.start + self.0[node.span.clone()].trim_end().len(),
        }
    }

    fn column(&self, at: usize) -> usize {
        at - self.line_start(at)
    }

    fn line_start(&self, at: usize) -> usize {
        self.0[..at].rfind('\n').map_or(0, |newline| newline + 1)
    }

    /// The beginning of the line after this place.
    fn after_line(&self, at: usize) -> usize {
        self.0[at..].find('\n').map_or(self.0.len(), |newline| at + newline + 1)
    }

    fn replace(&mut self, span: Range<usize>, with: &str) -> Result<(), CannotEdit> {
        self.0.replace_range(span, with);
        self.root().map(|_| ())
    }

    fn insert(&mut self, at: usize, text: &str) -> Result<(), CannotEdit> {
        self.replace(at..at, text)
    }
}

fn find<'n>(node: &'n Node, path: &[&str]) -> Option<&'n Node> {
    let Some((key, rest)) = path.split_first() else { return Some(node) };
    let below = match &node.content {
        Content::Map(entries) => &entries.iter().find(|entry| entry.key == *key)?.value,
        Content::List(items) => items.get(key.parse::<usize>().ok()?)?,
        Content::Scalar(_) => return None,
    };
    find(below, rest)
}

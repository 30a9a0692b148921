//! Which comment belongs to what: above a key or an item, beside a value, or below the last one.

use std::ops::Range;

use super::read::{Content, Entry, Node, Note};
use crate::mesh::source::Source;

/// A comment and where it is.
pub(super) struct Comment {
    pub span: Range<usize>,
    pub line: usize,
    pub column: usize,
    pub text: String,
    pub blank: bool,
}

/// A comment of the text.
pub(super) fn comment(source: &Source, span: Range<usize>) -> Option<Comment> {
    let text = source.text().get(span.clone())?.trim_end().to_owned();
    let at = source.position(span.start);
    Some(Comment { blank: blank_above(source, at.line), line: at.line, column: at.column, span, text })
}

/// Whether a line is blank above another.
pub(super) fn blank_above(source: &Source, line: usize) -> bool {
    line > 1 && source.text()[source.line_range(line - 1)].trim().is_empty()
}

/// Hands comments out to the nodes that they belong to, in the order of the text.
pub(super) struct Attach<'a> {
    pub source: &'a Source,
    pub comments: std::iter::Peekable<std::vec::IntoIter<Comment>>,
    /// The end of the last comment that was handed out.
    pub done: usize,
}

impl Attach<'_> {
    /// The comments that begin before an offset.
    pub fn before(&mut self, offset: usize) -> Vec<Note> {
        let mut notes = Vec::new();
        while let Some(comment) = self.comments.next_if(|c| c.span.start < offset) {
            self.done = comment.span.end;
            notes.push(Note { text: comment.text, blank: comment.blank });
        }
        notes
    }

    /// The comment that ends a line, if it begins before an offset.
    fn beside(&mut self, line: usize, before: usize) -> Option<(String, usize)> {
        let comment = self.comments.next_if(|c| c.line == line && c.span.start < before)?;
        self.done = comment.span.end;
        // one blank is where the comment fell, more is where its author put it
        let placed = self.source.text().get(..comment.span.start).is_some_and(|before| before.ends_with("  "));
        Some((comment.text, if placed { comment.column } else { 0 }))
    }

    /// Whether a blank line is between what was handed out last and what begins here.
    fn parted(&self, done: usize, start: usize) -> bool {
        let between = self.source.text().get(done..start).unwrap_or_default();
        // behind the dash of an item a blank line means nothing
        let before_dash = between.split('-').next().unwrap_or_default();
        let lines: Vec<&str> = before_dash.split('\n').collect();
        // the first and the last one belong to what is there
        lines.len() > 2 && lines[1..lines.len() - 1].iter().any(|line| line.trim().is_empty())
    }

    fn line_of(&self, offset: usize) -> usize {
        self.source.position(offset).line
    }

    /// Hands out what belongs to a node and its children; nothing from `limit` on is its.
    pub fn node(&mut self, node: &mut Node, limit: usize) {
        let (start, end) = (node.span.start, node.span.end);
        match &mut node.content {
            Content::Raw(_) => {
                node.beside = node.beside.take().or_else(|| self.beside(self.line_of(end), limit));
            }
            // `key: | # comment`
            Content::Lines(_) => {
                node.beside = node.beside.take().or_else(|| self.beside(self.line_of(start), limit));
            }
            Content::List { flow, items, below } => {
                let mut done = start;
                let starts: Vec<usize> = items.iter().map(|item| item.span.start).collect();
                let inner_limit = if *flow { end } else { limit };
                for (index, item) in items.iter_mut().enumerate() {
                    // the dash of an item is before its span
                    let above = self.before(starts[index]);
                    done = done.max(self.done);
                    item.blank = self.parted(done, starts[index]);
                    item.above.extend(above);
                    let next = starts.get(index + 1).copied().unwrap_or(inner_limit);
                    self.node(item, next.min(inner_limit));
                    done = item.span.end.max(self.done);
                }
                self.finish(*flow, start, end, limit, below, &mut node.beside);
            }
            Content::Map { flow, entries, below } => {
                let mut done = start;
                let starts: Vec<usize> = entries.iter().map(|entry| entry.key_span.start).collect();
                let inner_limit = if *flow { end } else { limit };
                for (index, entry) in entries.iter_mut().enumerate() {
                    let above = self.before(starts[index]);
                    done = done.max(self.done);
                    entry.value.blank = self.parted(done, starts[index]);
                    entry.value.above.extend(above);
                    let next = starts.get(index + 1).copied().unwrap_or(inner_limit);
                    self.value(entry, next.min(inner_limit));
                    done = entry.value.span.end.max(self.done);
                }
                self.finish(*flow, start, end, limit, below, &mut node.beside);
            }
        }
    }

    fn value(&mut self, entry: &mut Entry, limit: usize) {
        let line = self.line_of(entry.key_span.start);
        let value = &mut entry.value;
        if self.line_of(value.span.start) > line {
            // `key: # comment`, and more of them between the key and its value
            value.beside = self.beside(line, value.span.start);
            let between = self.before(match &value.content {
                Content::Raw(_) | Content::Lines(_) => value.span.start,
                _ => 0,
            });
            value.above.extend(between);
        }
        self.node(value, limit);
    }

    /// What is left after the last child: beside a bracket, or below the last line and not further out.
    fn finish(
        &mut self,
        flow: bool,
        start: usize,
        end: usize,
        limit: usize,
        below: &mut Vec<Note>,
        beside: &mut Option<(String, usize)>,
    ) {
        if flow {
            below.extend(self.before(end));
            if beside.is_none() {
                *beside = self.beside(self.line_of(end), limit);
            }
            return;
        }
        let column = self.source.position(start).column;
        while let Some(comment) = self.comments.next_if(|c| c.span.start < limit && c.column >= column) {
            self.done = comment.span.end;
            below.push(Note { text: comment.text, blank: comment.blank });
        }
    }
}

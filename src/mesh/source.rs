//! The text of a mesh file: read within limits, and asked for lines and columns.

use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Serialize;

/// The largest mesh file that is read. A mesh of 1,000 clusters with all their nodes stays under 1 MiB.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;

/// The text of a file, and what it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    name: String,
    text: String,
    /// Byte offsets at which lines begin.
    lines: Vec<usize>,
}

/// A place in a text. Both count from 1, columns in characters, as editors do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Source {
    /// A text and its name, which messages show.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Source {
        let text = text.into();
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Source { name: name.into(), lines: std::iter::once(0).chain(breaks).collect(), text }
    }

    /// What the text is called: a path, as it was given.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The folder that paths in the text are relative to.
    pub fn folder(&self) -> PathBuf {
        Path::new(&self.name).parent().map(Path::to_path_buf).unwrap_or_default()
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How many lines the text has.
    pub fn line_count(&self) -> usize {
        self.lines.len()
    }

    /// The line and column of a byte offset; those of the end for an offset beyond it.
    pub fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        let index = self.lines.partition_point(|start| *start <= offset).saturating_sub(1);
        let start = self.lines.get(index).copied().unwrap_or(0);
        let column = self.text.get(start..offset).map_or(offset - start, |before| before.chars().count());
        Position { line: index + 1, column: column + 1 }
    }

    /// The bytes of a line (counted from 1) without its break; nothing for a line that is not there.
    pub fn line_range(&self, line: usize) -> Range<usize> {
        let Some(start) = line.checked_sub(1).and_then(|index| self.lines.get(index)).copied() else {
            return self.text.len()..self.text.len();
        };
        let end = self.lines.get(line).map_or(self.text.len(), |next| next - 1);
        let end = if self.text[start..end].ends_with('\r') { end - 1 } else { end };
        start..end
    }
}

/// Reads a file that must be UTF-8 and no longer than [`MAX_BYTES`].
///
/// # Errors
/// The file cannot be read, is too long, or is not UTF-8; with a sentence that says so.
pub fn read(path: &Path) -> Result<String, String> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::IsADirectory => "this is a folder, not a file".to_owned(),
        _ => format!("the file cannot be read: {error}"),
    };
    let file = File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    // one byte more than is allowed tells a file that is too long from one that just fits
    file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() > MAX_BYTES {
        return Err(too_long());
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err("the file is UTF-16; save it as UTF-8".to_owned());
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let before = String::from_utf8_lossy(&error.as_bytes()[..valid]).into_owned();
        let at = Source::new("", before).position(usize::MAX);
        format!("the file is not UTF-8: line {}, column {} holds a byte that is no text", at.line, at.column)
    })
}

/// What is said of a file longer than [`MAX_BYTES`].
pub(super) fn too_long() -> String {
    format!("the file is longer than {} MiB; no mesh needs that much", MAX_BYTES / (1024 * 1024))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_from_one() {
        let source = Source::new("x", "a: ü\r\nb: c\n");
        let at = |offset| {
            let p = source.position(offset);
            (p.line, p.column)
        };
        assert_eq!(at(0), (1, 1));
        assert_eq!(at(5), (1, 5), "after the two bytes of ü");
        assert_eq!(at(7), (2, 1));
        assert_eq!(at(99), (3, 1));
        assert_eq!(&source.text()[source.line_range(1)], "a: ü");
        assert_eq!(&source.text()[source.line_range(2)], "b: c");
        assert_eq!(source.line_range(0), source.line_range(9));
    }
}

//! What keeps a text from being a mesh file before any key of it is looked at, in the words of a person who writes one.

use std::collections::BTreeMap;
use std::ops::Range;

use granit_parser::{ErrorKind, ScanError};

/// No part of a mesh file is nested deeper than 7 levels; the rest is room for mistakes.
pub(super) const MAX_DEPTH: usize = 32;

/// Something that keeps a text from being a mesh file, before any key of it is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// Whether it is a duplicate key; those are collected, anything else ends the reading.
    pub duplicate_of: Option<Range<usize>>,
    pub span: Range<usize>,
    pub message: String,
    pub label: String,
    pub help: String,
}

impl Refusal {
    pub fn new(span: Range<usize>, message: impl Into<String>, label: &str, help: impl Into<String>) -> Refusal {
        Refusal { duplicate_of: None, span, message: message.into(), label: label.into(), help: help.into() }
    }
}

/// The characters that make a text look other than it is, or that YAML refuses with a riddle: the first of each kind.
pub(super) fn refused_characters(text: &str) -> Vec<Refusal> {
    let mut found: BTreeMap<&'static str, Refusal> = BTreeMap::new();
    let mut indenting = true;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let span = at..at + character.len_utf8();
        let (kind, help) = match character {
            '\n' => {
                indenting = true;
                continue;
            }
            '\r' if characters.peek().is_some_and(|(_, next)| *next == '\n') => continue,
            '\r' => ("a carriage return without a line feed", "save the file with LF or CRLF line ends"),
            '\u{feff}' if at == 0 => ("a byte order mark", "save the file as UTF-8 without one"),
            '\u{feff}' => ("a byte order mark", "remove it"),
            '\0' => ("a NUL byte", "the file may be damaged, or UTF-16; save it as UTF-8"),
            '\t' if indenting => ("a tab in the indentation", "indent with spaces"),
            '\t' | ' ' => continue,
            c if c.is_control() => ("a control character", "remove it"),
            // letters that make the text read in another order than it is parsed: CVE-2021-42574
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => ("a text direction control", "remove it"),
            _ => {
                indenting = false;
                continue;
            }
        };
        indenting &= character == '\t';
        found.entry(kind).or_insert_with(|| Refusal::new(span, format!("{kind} is not allowed"), "here", help));
    }
    let mut refusals: Vec<Refusal> = found.into_values().collect();
    refusals.sort_by_key(|r| r.span.start);
    refusals
}

/// What is nested deeper than any mesh file.
pub(super) fn too_deep(span: Range<usize>) -> Refusal {
    let help = "a mesh file needs 7 levels; a bracket may be open that should be closed";
    Refusal::new(span, format!("nested more than {MAX_DEPTH} levels deep"), "here", help)
}

/// The parser's errors in the words of a person who writes a mesh file.
pub(super) fn not_yaml(text: &str, error: &ScanError) -> Refusal {
    let at = error.marker().byte_offset().unwrap_or(text.len()).min(text.len());
    let width = text[at..].chars().next().filter(|c| *c != '\n').map_or(0, char::len_utf8);
    let span = at..at + width;
    let (message, help) = match error.kind() {
        ErrorKind::RecursionLimitExceeded => return too_deep(span),
        ErrorKind::UnknownAnchor => ("this alias repeats something that is not defined above", "write the value out"),
        ErrorKind::DirectiveDisallowed => ("directives are not allowed", "remove the line that begins with `%`"),
        ErrorKind::UndeclaredTagHandle => ("a YAML tag is not allowed", "remove what begins with `!`"),
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabInPlainScalar
        | ErrorKind::TabAtBlockScalarStart => ("a tab is not allowed here", "use spaces"),
        ErrorKind::UnclosedQuotedScalar => ("a quote is not closed", "close it where the text ends"),
        ErrorKind::UnclosedFlowCollection { open } => {
            let message = format!("`{open}` is not closed");
            return Refusal::new(span, message, "opened here", "close it where the list or map ends");
        }
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
            let message = format!("`{open}` is closed by `{close}`");
            return Refusal::new(span, message, "here", "use the bracket that belongs to the one that is open");
        }
        ErrorKind::UnknownQuotedScalarEscape => {
            ("a backslash sequence is not known", "use single quotes for a text with backslashes")
        }
        ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidSimpleKey | ErrorKind::SimpleKeyExpected => (
            "this does not fit where it stands",
            "check that keys of one map begin in the same column, and put texts that hold `: ` in quotes",
        ),
        ErrorKind::ExpectedBlockMappingKey | ErrorKind::InvalidIndentation | ErrorKind::ExpectedBlockSequenceEntry => {
            ("this does not fit the indentation of what is above", "begin keys of one map in the same column")
        }
        ErrorKind::CommentNotSeparated => {
            ("a comment needs a space before its `#`", "add the space, or quote the text")
        }
        ErrorKind::UnexpectedCharacter { character: '@' | '`' } => {
            ("a text cannot begin with this character", "put the text in quotes")
        }
        kind => {
            let message = format!("this cannot be read as YAML: {kind}");
            return Refusal::new(span, message, "here", "check the line and the one above it");
        }
    };
    Refusal::new(span, message, "here", help)
}

//! `intermesh fmt`: one layout and one order of keys, with every comment where its author meant it.
//!
//! No YAML library at hand writes comments back, so this prints the parser's events itself. What it writes is read
//! again: it must mean the same and hold the same comments, or the file is left alone.

mod attach;
mod print;
mod read;

use serde_json::Value;

use super::diagnostics::Diagnosis;
use super::finding::Findings;
use super::load;
use super::locations::Locations;
use super::source::Source;
use super::tree;

/// Why a file was not formatted.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// It is not a text that can be read; nothing else of it was judged.
    #[error("{0}")]
    Unreadable(Findings),
    /// What would have been written is not what was read: a mistake of intermesh.
    #[error("{name}: formatting would change what the file {what}; it is left as it is")]
    Unfaithful {
        /// The file.
        name: String,
        /// What would be lost.
        what: &'static str,
    },
}

/// A text in its normal layout: two spaces of indentation, keys in the order of the documentation, one blank line at
/// most, LF line ends. Lists and maps in brackets stay in brackets where they fit a line.
///
/// # Errors
/// The text is not YAML of the kind that a mesh file is, or formatting would lose something.
pub fn format(name: &str, text: &str) -> Result<String, FormatError> {
    let meaning = |text: &str| -> Result<Value, Findings> {
        let root = tree::read(text).map_err(|refusals| load::refuse(name, text, refusals))?;
        Ok(Locations::of(Source::new(name, text).into(), &root).0)
    };
    let before = meaning(text).map_err(FormatError::Unreadable)?;
    let unfaithful = |what| FormatError::Unfaithful { name: name.to_owned(), what };
    let document = read::document(text).ok_or_else(|| unfaithful("means"))?;
    let comments = document.comments.clone();
    let formatted = print::document(text, document);
    match meaning(&formatted) {
        Ok(after) if after == before => {}
        _ => return Err(unfaithful("means")),
    }
    let mut kept = read::document(&formatted).map(|again| again.comments).unwrap_or_default();
    let mut all = comments;
    kept.sort();
    all.sort();
    if kept != all {
        return Err(unfaithful("says in its comments"));
    }
    Ok(formatted)
}

impl FormatError {
    /// What is wrong with the text, where that is the reason.
    pub fn diagnosis(&self) -> Option<Diagnosis<'_>> {
        match self {
            FormatError::Unreadable(findings) => Some(findings.into()),
            FormatError::Unfaithful { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests;

//! The rows of an answer, in the form of each interface that serves them.

use rusqlite::Row;
use rusqlite::types::ValueRef;

use crate::xml::escape;

/// What a statement found. An empty cell is `NULL`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::lab::servers) struct Rows {
    /// The names of the columns.
    pub(in crate::lab::servers) columns: Vec<String>,
    /// The rows.
    pub(in crate::lab::servers) rows: Vec<Vec<Option<String>>>,
    bytes: usize,
}

impl Rows {
    /// No rows yet.
    pub(super) fn new<'a>(columns: impl Iterator<Item = &'a str>) -> Rows {
        Rows { columns: columns.map(element_name).collect(), ..Rows::default() }
    }

    /// Adds a row.
    pub(super) fn push(&mut self, row: &Row<'_>) -> rusqlite::Result<()> {
        let mut cells = Vec::with_capacity(self.columns.len());
        for at in 0..self.columns.len() {
            cells.push(text(row.get_ref(at)?));
        }
        self.bytes += xml(&self.columns, &cells).len();
        self.rows.push(cells);
        Ok(())
    }

    /// Forgets the rows.
    pub(super) fn clear(&mut self) {
        (self.rows, self.bytes) = (Vec::new(), 0);
    }

    /// How much the rows hold as XML, which is what the product's limit counts (field-notes 3.4).
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The rows as AXL answers them.
    pub(in crate::lab::servers::axl) fn xml(&self) -> String {
        self.rows.iter().map(|cells| xml(&self.columns, cells)).collect()
    }
}

fn xml(columns: &[String], cells: &[Option<String>]) -> String {
    let cell = |(column, cell): (&String, &Option<String>)| match cell {
        None => format!("<{column}/>"),
        Some(text) => format!("<{column}>{}</{column}>", escape(text)),
    };
    format!("<row>{}</row>", columns.iter().zip(cells).map(cell).collect::<String>())
}

fn text(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(text) | ValueRef::Blob(text) => Some(String::from_utf8_lossy(text).into_owned()),
    }
}

/// The element of a column: its name in lower case, the function's for a call such as `count(*)`.
fn element_name(column: &str) -> String {
    let end = column.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(column.len());
    let (name, rest) = column.split_at(end);
    let call = rest.starts_with('(') && rest.ends_with(')');
    let named = name.starts_with(|c: char| c.is_ascii_alphabetic()) && (rest.is_empty() || call);
    if named { name.to_ascii_lowercase() } else { "expression".to_owned() }
}

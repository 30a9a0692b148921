//! `run sql …`: rows as a fixed-width table (field-notes 7).

use super::Platform;
use crate::lab::servers::axl::Fault;
use crate::lab::servers::axl::sql::Rows;

impl Platform {
    /// The rows of a statement, or why there are none: the header, a line of `=`, the rows; `NULL` where nothing is.
    pub(in crate::lab::servers) fn table(&self, rows: Result<&Rows, &Fault>) -> String {
        match rows {
            Ok(rows) if rows.rows.is_empty() => self.nothing(rows),
            Ok(rows) => table(rows),
            Err(fault) => format!("{}\n", fault.message()),
        }
    }

    /// What a statement without rows prints is not published.
    fn nothing(&self, rows: &Rows) -> String {
        match self.words.pick("cli sql without rows", [0_u8, 1, 2]) {
            0 => table(rows),
            1 => "No records found\n".to_owned(),
            _ => "\n".to_owned(),
        }
    }
}

fn table(rows: &Rows) -> String {
    let cell = |row: &[Option<String>], at: usize| -> String {
        row.get(at).cloned().flatten().unwrap_or_else(|| "NULL".to_owned()).replace(['\r', '\n'], " ")
    };
    let width = |at: usize, column: &str| {
        rows.rows.iter().map(|row| cell(row, at).chars().count()).chain([column.chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = rows.columns.iter().enumerate().map(|(at, column)| width(at, column)).collect();
    let line = |cells: &mut dyn Iterator<Item = String>| {
        let padded: Vec<String> = cells.zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        format!("{}\n", padded.join(" ").trim_end())
    };
    let mut text = line(&mut rows.columns.iter().cloned());
    text += &line(&mut widths.iter().map(|width| "=".repeat(*width)));
    for row in &rows.rows {
        text += &line(&mut (0..rows.columns.len()).map(|at| cell(row, at)));
    }
    text
}

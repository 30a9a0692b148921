//! Tables as people see them: rows of cells under their column, spans laid out.

use std::ops::Range;

use super::dom::{At, Dom};
use super::labels::same;

/// A table, without the tables inside it.
#[derive(Clone, Debug)]
pub(in super::super) struct Table {
    pub(in super::super) at: At,
    pub(in super::super) rows: Vec<Row>,
}

/// A row.
#[derive(Clone, Debug)]
pub(in super::super) struct Row {
    pub(in super::super) at: At,
    pub(in super::super) cells: Vec<Cell>,
}

/// A cell; one that spans rows is in each of them.
#[derive(Clone, Debug)]
pub(in super::super) struct Cell {
    pub(in super::super) at: At,
    pub(in super::super) column: usize,
    pub(in super::super) columns: usize,
    pub(in super::super) header: bool,
    pub(in super::super) text: String,
}

/// More than any page of the product needs; a page that asks for more is not laid out further.
const MOST_COLUMNS: usize = 200;
const MOST_ROWS: usize = 2_000;

/// The tables of a stretch, in its order.
pub(in super::super) fn tables(dom: &Dom, range: Range<At>) -> Vec<Table> {
    range.filter(|at| is_table(dom, *at)).map(|at| table(dom, at)).collect()
}

impl Row {
    /// The column under which a label stands in this row.
    pub(in super::super) fn column(&self, label: &str) -> Option<usize> {
        self.cells.iter().find(|cell| same(&cell.text, label)).map(|cell| cell.column)
    }

    /// The cell under a column.
    pub(in super::super) fn cell(&self, column: usize) -> Option<&Cell> {
        self.cells.iter().find(|cell| (cell.column..cell.column + cell.columns).contains(&column))
    }

    /// The text of a row that is a title: nothing but one cell has a text.
    pub(in super::super) fn title(&self) -> Option<&str> {
        let mut texts = self.cells.iter().filter(|cell| !cell.text.is_empty());
        let only = texts.next().filter(|_| texts.next().is_none())?;
        (only.header || only.columns > 1 || self.cells.len() == 1).then_some(only.text.as_str())
    }

    /// Whether it holds headings only.
    pub(in super::super) fn is_header(&self) -> bool {
        !self.cells.is_empty() && self.cells.iter().all(|cell| cell.header)
    }
}

fn is_table(dom: &Dom, at: At) -> bool {
    dom.is(at, &["table"]) || matches!(dom.attr(at, "role"), Some("table" | "grid" | "treegrid"))
}

fn is_row(dom: &Dom, at: At) -> bool {
    dom.is(at, &["tr"]) || dom.attr(at, "role") == Some("row")
}

fn is_cell(dom: &Dom, at: At) -> bool {
    dom.is(at, &["td", "th"])
        || matches!(dom.attr(at, "role"), Some("cell" | "gridcell" | "columnheader" | "rowheader"))
}

fn table(dom: &Dom, at: At) -> Table {
    let own = |inner: At, around: At, is: fn(&Dom, At) -> bool| dom.around(inner).find(|p| is(dom, *p)) == Some(around);
    let mut rows: Vec<Row> = Vec::new();
    let mut spanning: Vec<(Cell, usize)> = Vec::new();
    for row in dom.inside(at).filter(|row| is_row(dom, *row) && own(*row, at, is_table)).take(MOST_ROWS) {
        let mut cells: Vec<Cell> = spanning.iter().map(|(cell, _)| cell.clone()).collect();
        spanning.iter_mut().for_each(|(_, left)| *left -= 1);
        spanning.retain(|(_, left)| *left > 0);
        let mut column = 0;
        for inner in dom.inside(row).filter(|cell| is_cell(dom, *cell) && own(*cell, row, is_row)) {
            let taken = |column: usize, cells: &[Cell]| {
                cells.iter().find(|c| (c.column..c.column + c.columns).contains(&column)).map(|c| c.column + c.columns)
            };
            while let Some(free) = taken(column, &cells) {
                column = free;
            }
            if column >= MOST_COLUMNS {
                break;
            }
            let span = |name: &str| dom.attr(inner, name).and_then(|n| n.trim().parse::<usize>().ok()).unwrap_or(1);
            let columns = span("colspan").clamp(1, MOST_COLUMNS);
            let header =
                dom.is(inner, &["th"]) || matches!(dom.attr(inner, "role"), Some("columnheader" | "rowheader"));
            let cell = Cell { at: inner, column, columns, header, text: dom.text(dom.inside(inner)) };
            let more = span("rowspan").clamp(1, MOST_ROWS) - 1;
            if more > 0 {
                spanning.push((cell.clone(), more));
            }
            column += columns;
            cells.push(cell);
        }
        cells.sort_by_key(|cell| cell.column);
        rows.push(Row { at: row, cells });
    }
    Table { at, rows }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_laid_out() {
        let dom = Dom::read(
            "<table><tr><th colspan=3>Title</th></tr><tr><th>A<th>B<th>C</tr>\
             <tr><td rowspan=2>a<td>b1<td>c1</tr><tr><td>b2<td>c2</tr></table>",
        );
        let table = &tables(&dom, dom.all())[0];
        assert_eq!(table.rows[0].title(), Some("Title"));
        let column = table.rows[1].column("B").unwrap();
        let texts: Vec<&str> = table.rows[2..].iter().map(|row| row.cell(column).unwrap().text.as_str()).collect();
        assert_eq!(texts, ["b1", "b2"]);
        assert_eq!(table.rows[3].cell(0).unwrap().text, "a");
    }

    #[test]
    fn a_table_in_a_table_has_its_own_rows() {
        let dom = Dom::read("<table><tr><td><table><tr><td>in</table></td></tr><tr><td>out</td></tr></table>");
        let rows: Vec<usize> = tables(&dom, dom.all()).iter().map(|table| table.rows.len()).collect();
        assert_eq!(rows, [2, 1]);
    }

    #[test]
    fn roles_make_a_table() {
        let dom = Dom::read(
            "<div role=table><div role=row><span role=columnheader>A</span></div><div role=row><span role=cell>1</span>\
             </div></div>",
        );
        let table = &tables(&dom, dom.all())[0];
        assert!(table.rows[0].is_header());
        assert_eq!(table.rows[1].cells[0].text, "1");
    }
}

//! Diagnostics > System Troubleshooter: sections of rows under `Test Description`, `Outcome`, `Problem`, `Solution`
//! (field-notes 1.7). The outcome is a picture that the page's own `Key` explains.

use super::html::{Dom, Key, Row, mark, tables, without_signs};
use super::menus::{self, TROUBLESHOOTER};
use super::page::Page;
use super::visitor::{Trouble, Visitor};
use crate::cluster::{Check, ErrorKind, Outcome};

const COLUMNS: [&str; 4] = ["Test Description", "Outcome", "Problem", "Solution"];

/// All rows of all sections.
pub(super) async fn read(visitor: &mut Visitor) -> Result<Vec<Check>, Trouble> {
    let pages = menus::open(visitor, TROUBLESHOOTER).await?;
    let checks = checks(&pages);
    if checks.is_empty() {
        let page = pages.first().map(Page::title).unwrap_or_default();
        return Err(ErrorKind::NotFound { label: COLUMNS[0].to_owned(), page }.into());
    }
    Ok(checks)
}

fn checks(pages: &[Page]) -> Vec<Check> {
    let mut key = Key::default();
    pages.iter().for_each(|page| key.learn(&page.dom));
    let mut checks = Vec::new();
    for page in pages {
        for table in tables(&page.dom, page.dom.all()) {
            // A table for the layout holds the sections' own tables.
            if page.dom.elements(page.dom.inside(table.at), &["table"]).next().is_none() {
                let before = heading_before(&page.dom, table.at);
                checks.extend(section(&page.dom, &table.rows, before, &key));
            }
        }
    }
    checks
}

fn section(dom: &Dom, rows: &[Row], before: String, key: &Key) -> Vec<Check> {
    let mut title = before;
    let mut columns: Option<[Option<usize>; 4]> = None;
    let mut checks = Vec::new();
    for row in rows {
        let found = COLUMNS.map(|label| row.column(label));
        if found[0].is_some() && found[1].is_some() {
            columns = Some(found);
        } else if let Some(text) = row.title().filter(|_| row.cells.len() < 3) {
            title = text.to_owned();
        } else if let Some(columns) = columns {
            let text = |at: usize| {
                let cell = columns[at].and_then(|column| row.cell(column));
                cell.map(|cell| without_signs(&cell.text)).unwrap_or_default()
            };
            let outcome = columns[1].and_then(|column| row.cell(column)).map(|cell| outcome(dom, cell.at, key));
            if !text(0).is_empty() {
                checks.push(Check {
                    section: title.clone(),
                    test: text(0),
                    outcome: outcome.unwrap_or(Outcome::Unclear),
                    problem: text(2),
                    solution: text(3),
                });
            }
        }
    }
    checks
}

/// The mark of an outcome's cell, or else its words.
fn outcome(dom: &Dom, cell: usize, key: &Key) -> Outcome {
    mark(dom, dom.whole(cell), key).unwrap_or_else(|| match dom.text(dom.inside(cell)).to_lowercase().as_str() {
        "passed" | "test passed" | "ok" | "pass" => Outcome::Passed,
        "failed" | "test failed" | "error" | "fail" => Outcome::Failed,
        "information" | "information only" | "info" => Outcome::Information,
        text if text.starts_with("warning") || text.starts_with("test warning") => Outcome::Warning,
        _ => Outcome::Unclear,
    })
}

/// The caption of a table or the nearest heading before it.
fn heading_before(dom: &Dom, table: usize) -> String {
    let caption = dom.elements(dom.inside(table), &["caption"]).next();
    let legend = dom.closest(table, &["fieldset"]).and_then(|f| dom.elements(dom.inside(f), &["legend"]).next());
    let heading = || dom.elements(0..table, &["h1", "h2", "h3", "h4", "h5", "h6"]).last();
    caption.or(legend).or_else(heading).map(|at| dom.text(dom.inside(at))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_read_in_any_markup() {
        let columns = "<th>Test Description<th>Outcome<th>Problem<th>Solution";
        let key = "<table><tr><td><img src=a1.gif></td><td>Test Passed</td></tr><tr><td><img src=a2.gif></td><td>Test \
                   Failed</td></tr></table>";
        for (frames, count) in [
            (
                vec![
                    key.to_owned(),
                    format!(
                        "<table><tr><th colspan=4>Sync Agent Troubleshooter</th></tr><tr>{columns}</tr><tr><td>One</td><td>\
                         <img src=x/a1.gif></td><td></td><td></td></tr><tr><td>Two</td><td><img src=x/a2.gif></td><td>bad\
                         </td><td>mend it (<a href=f.do>fix</a>)</td></tr></table>"
                    ),
                ],
                2,
            ),
            (
                vec![format!(
                    "<h2>Sync Agent Troubleshooter</h2><table><tr>{columns}</tr><tr><td>One</td><td><i class=passed></i>\
                     </td><td></td><td></td></tr><tr><td>Two</td><td>Test Failed</td><td>bad</td><td>mend it</td></tr>\
                     </table>"
                )],
                2,
            ),
        ] {
            let url = url::Url::parse("https://imp1:8443/t").unwrap();
            let pages: Vec<Page> = frames.iter().map(|text| Page::read(url.clone(), text)).collect();
            let found = checks(&pages);
            assert_eq!(found.len(), count, "{frames:?}");
            let outcomes: Vec<Outcome> = found.iter().map(|check| check.outcome).collect();
            assert_eq!(outcomes, [Outcome::Passed, Outcome::Failed], "{frames:?}");
            assert_eq!(found[0].section, "Sync Agent Troubleshooter");
            assert_eq!(found[1].problem, "bad");
            assert!(found[1].solution.starts_with("mend it"));
        }
    }
}

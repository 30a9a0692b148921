//! SQL for `executeSQLQuery`: built from names that are ours, never by pasting text. There is no way to write.

/// ICSA's own probe of a peer, verbatim from its log (field-notes 5).
pub(super) const ICSA_PROBE: &str = "SELECT count(*) from processnode WHERE systemnode='f' and tknodeusage= 0";

/// Settings whose name speaks of the scheme of IM addresses. Table and columns are relied on by public code
/// (field-notes 5); whether the scheme is among the rows is not published, so none may come back.
pub(super) const ADDRESS_SCHEME: &str =
    "SELECT paramname, paramvalue FROM processconfig WHERE lower(paramname) LIKE '%addressscheme%'";

/// A query of a whole table. It takes no text from anywhere; where the names of a table's columns are not documented,
/// none is assumed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Select {
    table: &'static str,
}

impl Select {
    /// Every column and row of a table.
    pub(super) fn all(table: &'static str) -> Select {
        Select { table }
    }

    /// The whole query.
    pub(super) fn whole(self) -> String {
        format!("SELECT * FROM {}", self.table)
    }

    /// One page of it, in Informix's words. Pages fit together only as long as nobody writes between them.
    pub(super) fn page(self, skip: u64, first: u64) -> String {
        format!("SELECT SKIP {skip} FIRST {first} * FROM {}", self.table)
    }
}

/// The rows that fit into one answer, from the fault that says that all do not (field-notes 3.4); the product spells
/// it `Suggestive Row Fetch` and `Suggested row fetch`.
pub(super) fn suggested_rows(message: &str) -> Option<u64> {
    let lower = message.to_ascii_lowercase();
    if !lower.contains("query request too large") {
        return None;
    }
    let (_, rest) = lower.split_once("row fetch")?;
    let (_, rest) = rest.split_once("less than")?;
    let digits: String = rest.trim_start().chars().take_while(char::is_ascii_digit).collect();
    // "less than M".
    digits.parse::<u64>().ok().map(|rows| rows.saturating_sub(1)).filter(|rows| *rows > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_asked_for_in_informix() {
        assert_eq!(Select::all("a").whole(), "SELECT * FROM a");
        assert_eq!(Select::all("a").page(200, 100), "SELECT SKIP 200 FIRST 100 * FROM a");
    }

    #[test]
    fn the_suggested_rows_are_read_in_both_spellings() {
        for (message, expected) in [
            (
                "Query request too large. Total rows matched: 90000 rows. Suggestive Row Fetch: less than 4500 rows",
                Some(4499),
            ),
            ("query request too large. Suggested row fetch: less than 10 rows", Some(9)),
            ("Query request too large.", None),
            ("Suggestive Row Fetch: less than 10 rows", None),
        ] {
            assert_eq!(suggested_rows(message), expected, "{message}");
        }
    }
}

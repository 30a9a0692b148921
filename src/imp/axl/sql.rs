//! SQL for `executeSQLQuery`: built from names that are ours and from typed values, never by pasting text. There is no
//! way to write.

use std::fmt;

/// The tables that are asked (field-notes 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Table {
    /// The nodes of both products.
    ProcessNode,
    /// The redundancy groups; its columns are not published.
    EnterpriseSubcluster,
    /// Settings by name; public code relies on its columns.
    ProcessConfig,
}

impl Table {
    fn name(self) -> &'static str {
        match self {
            Table::ProcessNode => "processnode",
            Table::EnterpriseSubcluster => "enterprisesubcluster",
            Table::ProcessConfig => "processconfig",
        }
    }
}

/// The columns that rows are chosen by (field-notes 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Column {
    /// `t` for the row that stands for the whole enterprise.
    SystemNode,
    /// 0 for a publisher, 1 for a subscriber.
    NodeUsage,
    /// A setting's name.
    ParameterName,
}

impl Column {
    fn name(self) -> &'static str {
        match self {
            Column::SystemNode => "systemnode",
            Column::NodeUsage => "tknodeusage",
            Column::ParameterName => "paramname",
        }
    }
}

/// A value that a column is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) enum Value {
    /// Text, which Informix wants in quotes.
    Text(String),
    /// A number.
    Number(i64),
    /// Any text that holds this word, in whatever letters.
    Holding(&'static str),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Text(text) => write!(f, "'{}'", text.replace('\'', "''")),
            // The space is as ICSA writes it.
            Value::Number(number) => write!(f, " {number}"),
            Value::Holding(word) => write!(f, "'%{word}%'"),
        }
    }
}

/// What is read of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// Every column: where the names of a table's columns are not published, none is assumed.
    Rows,
    /// How many there are.
    Count,
}

/// A query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Select {
    what: What,
    from: Table,
    wanted: Vec<(Column, Value)>,
    /// Rows to leave out, and rows to take then.
    page: Option<(u64, u64)>,
}

impl Select {
    /// Every column and row of a table.
    pub(in super::super) fn rows(from: Table) -> Select {
        Select { what: What::Rows, from, wanted: Vec::new(), page: None }
    }

    /// The number of rows of a table.
    pub(in super::super) fn count(from: Table) -> Select {
        Select { what: What::Count, from, wanted: Vec::new(), page: None }
    }

    /// ICSA's own probe of a peer, letter by letter as its log shows it (field-notes 5).
    pub(in super::super) fn icsa_probe() -> Select {
        Select::count(Table::ProcessNode)
            .is(Column::SystemNode, Value::Text("f".to_owned()))
            .is(Column::NodeUsage, Value::Number(0))
    }

    /// Settings whose name speaks of the scheme of IM addresses. Whether the scheme is among the rows is not published,
    /// so none may come back (field-notes 5 and 10).
    pub(in super::super) fn address_scheme() -> Select {
        Select::rows(Table::ProcessConfig).is(Column::ParameterName, Value::Holding("addressscheme"))
    }

    /// Only rows with that value in a column.
    pub(in super::super) fn is(mut self, column: Column, value: Value) -> Select {
        self.wanted.push((column, value));
        self
    }

    /// One page of it. Pages fit together only as long as nobody writes between them.
    pub(in super::super) fn page(&self, skip: u64, first: u64) -> Select {
        Select { page: Some((skip, first)), ..self.clone() }
    }
}

/// In Informix's words.
impl fmt::Display for Select {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Select { what, from, wanted, page } = self;
        f.write_str("SELECT ")?;
        if let Some((skip, first)) = page {
            write!(f, "SKIP {skip} FIRST {first} ")?;
        }
        let what = match what {
            What::Rows => "*",
            What::Count => "count(*)",
        };
        write!(f, "{what} from {}", from.name())?;
        for (at, (column, value)) in wanted.iter().enumerate() {
            let (and, column) = (if at == 0 { "WHERE" } else { "and" }, column.name());
            match value {
                Value::Holding(_) => write!(f, " {and} lower({column}) LIKE {value}")?,
                Value::Text(_) | Value::Number(_) => write!(f, " {and} {column}={value}")?,
            }
        }
        Ok(())
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
    fn the_probe_is_icsas_own() {
        let from_its_log = "SELECT count(*) from processnode WHERE systemnode='f' and tknodeusage= 0";
        assert_eq!(Select::icsa_probe().to_string(), from_its_log);
    }

    #[test]
    fn settings_are_found_by_a_word_of_their_name() {
        let expected = "SELECT * from processconfig WHERE lower(paramname) LIKE '%addressscheme%'";
        assert_eq!(Select::address_scheme().to_string(), expected);
    }

    #[test]
    fn a_page_is_asked_for_in_informix() {
        let all = Select::rows(Table::EnterpriseSubcluster);
        assert_eq!(all.to_string(), "SELECT * from enterprisesubcluster");
        assert_eq!(all.page(200, 100).to_string(), "SELECT SKIP 200 FIRST 100 * from enterprisesubcluster");
        assert_eq!(
            all.page(200, 100).page(300, 50).to_string(),
            "SELECT SKIP 300 FIRST 50 * from enterprisesubcluster"
        );
    }

    #[test]
    fn text_cannot_leave_its_quotes() {
        for (text, expected) in [
            ("f", "'f'"),
            ("", "''"),
            ("f' or 'a'='a", "'f'' or ''a''=''a'"),
            ("'; DELETE FROM enduser; --", "'''; DELETE FROM enduser; --'"),
        ] {
            let query = Select::rows(Table::ProcessNode).is(Column::SystemNode, Value::Text(text.to_owned()));
            assert_eq!(query.to_string(), format!("SELECT * from processnode WHERE systemnode={expected}"));
        }
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

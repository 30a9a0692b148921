//! `executeSQLQuery`: what strangers ask of the database, answered by SQLite over tables made of the world
//! (field-notes 3.4, 5).

mod dialect;
mod rows;
mod tables;

use std::time::{Duration, Instant};

use rusqlite::Connection;

pub(in crate::lab::servers) use self::rows::Rows;
use self::tables::Tables;
use super::envelope::{Fault, UNPUBLISHED};
use crate::cluster::ClusterName;
use crate::lab::world::World;

/// The most that one answer may hold (field-notes 3.4).
const MOST_BYTES: usize = 8 * 1024 * 1024;
/// A query that runs for longer is ended, in real time: only a join of everything with everything does.
const PATIENCE: Duration = Duration::from_secs(10);
/// Steps of SQLite after which the time is looked at.
const STEPS: i32 = 10_000;

/// A database to ask once.
#[derive(Debug)]
pub(in crate::lab::servers) struct Query {
    tables: Tables,
    too_large: &'static str,
}

impl Query {
    /// Takes what the tables need of the world.
    pub(in crate::lab::servers) fn new(world: &World, cluster: &ClusterName) -> Query {
        let words = ["Suggestive Row Fetch", "Suggested row fetch"];
        let too_large = words.get(world.decide("row fetch wording", words.len())).copied().unwrap_or(words[0]);
        Query { tables: Tables::of(world, cluster), too_large }
    }

    /// Runs a statement.
    pub(in crate::lab::servers) fn run(self, sql: &str) -> Result<Rows, Fault> {
        let sql = dialect::translate(sql)?;
        let mut database = Connection::open_in_memory().map_err(broken)?;
        self.tables.create(&database, &sql).map_err(broken)?;
        let began = Instant::now();
        database.progress_handler(STEPS, Some(move || began.elapsed() > PATIENCE)).map_err(broken)?;
        self.rows(&database, &sql)
    }

    fn rows(&self, database: &Connection, sql: &str) -> Result<Rows, Fault> {
        let mut statement = database.prepare(sql).map_err(refused)?;
        if !statement.readonly() {
            return Err(syntax_error());
        }
        let mut read = Rows::new(statement.column_names());
        let mut rows = statement.query([]).map_err(refused)?;
        let (mut matched, mut fitting) = (0u64, None);
        while let Some(row) = rows.next().map_err(refused)? {
            matched += 1;
            if fitting.is_some() {
                continue;
            }
            read.push(row).map_err(refused)?;
            if read.bytes() > MOST_BYTES {
                fitting = Some(matched);
                read.clear();
            }
        }
        match fitting {
            None => Ok(read),
            Some(fitting) => Err(Fault::new(
                -1,
                format!(
                    "Query request too large. Total rows matched: {matched} rows. {}: less than {fitting} rows",
                    self.too_large
                ),
            )),
        }
    }
}

pub(super) fn syntax_error() -> Fault {
    Fault::new(-201, "A syntax error has occurred.")
}

/// SQLite's complaint in Informix's words.
fn refused(error: rusqlite::Error) -> Fault {
    let text = error.to_string();
    let after = |start: &str| {
        let (_, rest) = text.split_once(start)?;
        rest.split(|c: char| c.is_whitespace() || c == ',').next().map(str::to_owned)
    };
    if let Some(table) = after("no such table: ") {
        return Fault::new(-206, format!("The specified table ({table}) is not in the database."));
    }
    if let Some(column) = after("no such column: ") {
        return Fault::new(
            -217,
            format!("Column ({column}) not found in any table in the query (or SLV is undefined)."),
        );
    }
    if error.sqlite_error_code() == Some(rusqlite::ErrorCode::OperationInterrupted) {
        return Fault::new(-213, "Statement interrupted by user.");
    }
    syntax_error()
}

fn broken(error: rusqlite::Error) -> Fault {
    Fault::new(UNPUBLISHED, format!("The lab's database is broken: {error}"))
}

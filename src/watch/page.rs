//! The page: where things stand, the mesh as a picture, what is open, every link, and what happened when. It
//! loads itself again: in place where the browser runs its script, and as a whole where it does not.

use jiff::Timestamp;
use minijinja::value::Serde;
use minijinja::{Error, Value, context};
use serde::Serialize;

use super::State;
use super::board::{Board, Round};
use crate::mesh::DriftSeverity;
use crate::report::graph::{Edge, Fate, Side};
use crate::report::picture::{self, Style};
use crate::report::{ago, counted, own_page, when};

/// The script of the page: the only one that its policy lets run.
pub(super) const SCRIPT: &str = include_str!("page.js");

/// So many happenings are on the page.
const HAPPENINGS: usize = 50;
/// So many rows of a table are looked at; more are opened by who wants them.
const SHOWN: usize = 20;
/// So many rounds are in the strip.
const STRIP: usize = 96;

/// A row of the table of links.
#[derive(Serialize)]
struct LinkRow {
    pair: String,
    class: &'static str,
    sides: Vec<String>,
}

/// A cell of the strip of rounds.
#[derive(Serialize)]
struct Cell {
    class: &'static str,
    words: String,
}

pub(super) fn page(state: &State) -> Result<String, Error> {
    let State { board, seen, unkept, undelivered, every } = state;
    let now = Timestamp::now();
    let graph = seen.as_ref().map(|seen| &seen.graph);
    let picture = graph.map(|graph| Value::from_safe_string(picture::mesh(graph, Style::for_graph(graph))));
    let mut links: Vec<LinkRow> = graph.map(|graph| graph.links.iter().map(link).collect()).unwrap_or_default();
    // what is not well first
    links.sort_by_key(|row| row.class == "well");
    let happenings: Vec<_> = board.happenings.iter().rev().take(HAPPENINGS).collect();
    let times: Vec<String> = happenings.iter().map(|happening| when(happening.at)).collect();
    let words: Vec<&str> = happenings.iter().map(|happening| happening.happened.word()).collect();
    let since: Vec<String> = board.open.iter().map(|open| ago(open.since, now)).collect();
    let silent_since: Vec<String> = board.silent.iter().map(|silent| ago(silent.since, now)).collect();
    let skip = board.history.len().saturating_sub(STRIP);
    let strip: Vec<Cell> = board.history.iter().skip(skip).map(cell).collect();
    let (class, headline) = standing(board);
    let unwell = links.iter().filter(|row| row.class != "well").count();
    own_page(
        include_str!("page.html"),
        context! {
            title => format!("{}: {headline}", board.mesh.as_deref().unwrap_or("intermesh watch")),
            mesh => &board.mesh,
            class,
            headline,
            looked => board.looked.map(|looked| ago(looked, now)),
            looked_exactly => board.looked.map(|looked| looked.to_string()),
            failure => &board.failure,
            unkept,
            undelivered,
            every => every_words(every.as_secs()),
            script => Value::from_safe_string(SCRIPT.to_owned()),
            // often enough to be of now, seldom enough to be read
            refresh => (every.as_secs() / 4).clamp(15, 300),
            picture,
            open => Value::from(Serde(&board.open)),
            since,
            accepted => (board.accepted > 0).then(|| counted(board.accepted, "finding")),
            silent => Value::from(Serde(&board.silent)),
            silent_since,
            shown => SHOWN,
            unwell,
            links => Value::from(Serde(&links)),
            happenings => Value::from(Serde(&happenings)),
            times,
            words,
            strip => Value::from(Serde(&strip)),
            rounds => counted(usize::try_from(board.rounds).unwrap_or(usize::MAX), "round"),
            version => env!("CARGO_PKG_VERSION"),
        },
    )
}

/// Where things stand, in a line.
fn standing(board: &Board) -> (&'static str, String) {
    let counts = [
        (board.count(DriftSeverity::Error), "error"),
        (board.count(DriftSeverity::Warning), "warning"),
        (board.count(DriftSeverity::Note), "note"),
    ];
    let mut words: Vec<String> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, noun)| counted(*n, noun)).collect();
    if !board.silent.is_empty() {
        words.push(format!("{} not read", counted(board.silent.len(), "cluster")));
    }
    let class = match (counts[0].0 > 0 || board.failure.is_some(), words.is_empty()) {
        (true, _) => "bad",
        (false, false) => "odd",
        (false, true) => "well",
    };
    let headline = match (&board.failure, words.is_empty(), board.looked) {
        (Some(_), _, _) => "cannot look at the clusters".to_owned(),
        (None, false, _) => words.join(", "),
        (None, true, Some(_)) => "as the file says".to_owned(),
        (None, true, None) => "the first round is on its way".to_owned(),
    };
    (class, headline)
}

fn link(edge: &Edge) -> LinkRow {
    let worst = edge.sides.iter().map(|side| side.fate).max_by_key(|fate| weight(*fate)).unwrap_or(Fate::Kept);
    let [a, b] = &edge.sides;
    let [from, to] = [edge.pair.a(), edge.pair.b()];
    LinkRow {
        pair: edge.pair.to_string(),
        class: class(worst),
        sides: vec![side(a, from.as_str()), side(b, to.as_str())],
    }
}

fn side(side: &Side, on: &str) -> String {
    let word = if side.fate == Fate::Kept { "healthy" } else { side.fate.word() };
    format!("{word} on {on}, {}", side.protocol())
}

fn weight(fate: Fate) -> u8 {
    match fate {
        Fate::Broken => 3,
        Fate::Odd => 2,
        Fate::Unknown => 1,
        _ => 0,
    }
}

fn class(fate: Fate) -> &'static str {
    match fate {
        Fate::Broken => "bad",
        Fate::Odd => "odd",
        Fate::Unknown => "unknown",
        _ => "well",
    }
}

fn cell(round: &Round) -> Cell {
    let class = match round {
        Round { failed: true, .. } => "bad",
        Round { errors, .. } if *errors > 0 => "bad",
        Round { warnings, notes, unread, .. } if warnings + notes + unread > 0 => "odd",
        Round { .. } => "well",
    };
    let found = if round.failed {
        "failed".to_owned()
    } else {
        format!(
            "{} errors, {} warnings, {} notes, {} not read",
            round.errors, round.warnings, round.notes, round.unread
        )
    };
    Cell { class, words: format!("{}: {found}; {:.1} s", when(round.at), round.took_ms as f64 / 1000.0) }
}

fn every_words(seconds: u64) -> String {
    if seconds >= 120 && seconds.is_multiple_of(60) { format!("{} min", seconds / 60) } else { format!("{seconds} s") }
}

//! Runs as text: a list, and one of them step by step.

use std::fmt::Write;

use jiff::{SignedDuration, Timestamp};

use super::words::{BAD, DIM, EMPHASIS, GOOD, NOTE, counted};
use crate::plan::Plan;
use crate::store::{Broken, End, Outcome, Overview, Owner, Pruned, RunId, Stage, State, StoreError, Totals};

/// How a run stands, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It goes on: its lease is held.
    Running,
    /// Every step was done.
    Done,
    /// It went as far as it could.
    Partly,
    /// It stopped, and can be gone on with.
    Paused,
    /// Whoever was at it died or lost it; it can be gone on with.
    Unfinished,
}

impl Status {
    /// The status of a run. `running` is the run that the mesh's lease is held for.
    pub fn of(overview: &Overview, running: Option<&RunId>) -> Status {
        match overview.end {
            Some((_, End::Done)) => Status::Done,
            Some((_, End::Partly)) => Status::Partly,
            Some((_, End::Paused)) => Status::Paused,
            None if running == Some(&overview.run.id) && overview.broken.is_none() => Status::Running,
            None => Status::Unfinished,
        }
    }

    /// The word.
    pub fn word(self) -> &'static str {
        match self {
            Status::Running => "running",
            Status::Done => "done",
            Status::Partly => "partly",
            Status::Paused => "paused",
            Status::Unfinished => "unfinished",
        }
    }

    fn styled(self) -> String {
        let style = match self {
            Status::Running | Status::Done => GOOD,
            Status::Partly => BAD,
            Status::Paused | Status::Unfinished => NOTE,
        };
        format!("{style}{:<10}{style:#}", self.word())
    }
}

/// The runs of a mesh, oldest first. `running` is the run that its lease is held for.
pub fn runs(mesh: &str, runs: &[(RunId, Result<Overview, StoreError>)], running: Option<&RunId>) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{EMPHASIS}mesh {mesh}{EMPHASIS:#}: {}", counted(runs.len(), "run"));
    let mut unfinished = false;
    for (id, overview) in runs {
        let overview = match overview {
            Ok(overview) => overview,
            Err(error) => {
                let _ = writeln!(out, "  {id}  {BAD}unreadable{BAD:#}  {error}");
                continue;
            }
        };
        let Overview { run, totals, end: _, broken, last_at } = overview;
        let status = Status::of(overview, running);
        unfinished |= matches!(status, Status::Paused | Status::Unfinished);
        let took = span(last_at.duration_since(run.started_at));
        let _ = writeln!(
            out,
            "  {id}  {}  {took:>8}  {}@{}  {}",
            status.styled(),
            run.by.user,
            run.by.host,
            numbers(totals, status == Status::Running),
        );
        if let Some(Broken { at: _, by, reason }) = broken {
            let _ = writeln!(out, "    {DIM}the run was taken away by {by}: {reason}{DIM:#}");
        }
    }
    if unfinished {
        let _ = writeln!(out, "{DIM}`intermesh apply --resume MESH` goes on with the last unfinished run.{DIM:#}");
    }
    out
}

/// A run: who, when, from where, and every step. `now` tells how long ago its last word was.
pub fn run(state: &State, plan: &Plan, running: Option<&RunId>, now: Timestamp) -> String {
    let State { run, sittings, steps: _, end, broken, torn, last_at } = state;
    let mut out = String::new();
    let status = Status::of(&state.overview(), running);
    let _ = writeln!(out, "{EMPHASIS}run {} of mesh {}{EMPHASIS:#}: {}", run.id, run.mesh, status.word());
    for (i, sitting) in sittings.iter().enumerate() {
        let word = if i == 0 { "began" } else { "resumed" };
        let Owner { user, host, pid, job, nonce: _ } = &sitting.by;
        let _ = writeln!(
            out,
            "  {word:<9} {} by {user}@{host} (process {pid}) with intermesh {}",
            second(sitting.at),
            sitting.made_by
        );
        if let Some(job) = job {
            let _ = writeln!(out, "  {:<9} {job}", "from");
        }
    }
    let whole = span(last_at.duration_since(run.started_at));
    let last = match (end, status) {
        (Some((at, _)), _) => format!("ended     {}, after {whole}", second(*at)),
        (None, Status::Running) => {
            format!("last word {}, {} ago", second(*last_at), span(now.duration_since(*last_at)))
        }
        (None, _) => format!("last word {}, {whole} after it began; nobody is at it", second(*last_at)),
    };
    let _ = writeln!(out, "  {last}");
    if let Some(Broken { at, by, reason }) = broken {
        let _ = writeln!(out, "  {NOTE}taken away{NOTE:#} {} by {by}: {reason}", second(*at));
    }
    if let Some(number) = torn {
        let _ =
            writeln!(out, "  {NOTE}torn{NOTE:#}      record {number}, the last one, was cut off and does not count");
    }
    let totals = state.totals();
    let _ = writeln!(
        out,
        "\n{EMPHASIS}{}{EMPHASIS:#}: {}",
        counted(run.steps, "step"),
        all_numbers(&totals, status == Status::Running)
    );
    for step in &plan.steps {
        let (mark, at, rest) = stage(state.step(&step.id), status == Status::Running, now);
        let _ = writeln!(out, "  {mark} {DIM}{at:<20} {DIM:#} {}: {}{rest}", step.cluster, step.action);
    }
    if totals.begun > 0 && status != Status::Running {
        let _ = writeln!(
            out,
            "\n{NOTE}in doubt{NOTE:#}: the step began, and nobody wrote down how it ended. `apply --resume` reads on the \
             cluster\nwhat came of it before it does anything."
        );
    }
    if matches!(status, Status::Paused | Status::Unfinished) {
        let _ = writeln!(out, "\n`intermesh apply --resume MESH --run {}` goes on with it.", run.id);
    }
    if status == Status::Partly {
        let _ = writeln!(out, "\nWhat is left needs a new plan: `intermesh plan MESH`.");
    }
    out
}

/// A step's mark, when it began and how long it took, and what there is to say.
fn stage(stage: Option<&Stage>, running: bool, now: Timestamp) -> (String, String, String) {
    let marked = |style: anstyle::Style, word: &str| format!("{style}{word:<9}{style:#}");
    let (started, at, outcome) = match stage {
        None => return (marked(NOTE, "not tried"), String::new(), String::new()),
        Some(Stage::Started { at, sitting: _ }) if running => {
            let time = format!("{} {:>8}", clock(*at), span(now.duration_since(*at)));
            return (marked(DIM, "in hand"), time, String::new());
        }
        Some(Stage::Started { at, sitting: _ }) => return (marked(BAD, "in doubt"), clock(*at), String::new()),
        Some(Stage::Ended { started, at, outcome }) => (started, at, outcome),
    };
    let time = match started {
        Some(started) => format!("{} {:>8}", clock(*started), span(at.duration_since(*started))),
        None => clock(*at),
    };
    let (mark, rest) = match outcome {
        Outcome::Done { wrote: _, note: Some(note) } => (marked(GOOD, "ok"), format!(" {DIM}({note}){DIM:#}")),
        Outcome::Done { wrote: _, note: None } => (marked(GOOD, "ok"), String::new()),
        Outcome::Failed { why, wrote: _ } => (marked(BAD, "failed"), format!(": {why}")),
        Outcome::Unknown { why } => (marked(BAD, "unknown"), format!(": {why}")),
        Outcome::Skipped { because } => (marked(NOTE, "skipped"), format!(": it needs {because}")),
    };
    (mark, time, rest)
}

/// What pruning comes to.
pub fn pruned(mesh: &str, pruned: &Pruned, done: bool) -> String {
    let Pruned { removed, unfinished, kept } = pruned;
    let word = if done { "removed" } else { "would be removed" };
    let mut out = String::new();
    let _ = writeln!(out, "{EMPHASIS}mesh {mesh}{EMPHASIS:#}: {} {word}, {kept} kept", counted(removed.len(), "run"));
    for id in removed {
        let _ = writeln!(out, "  {id}");
    }
    if !unfinished.is_empty() {
        let _ = writeln!(out, "  kept, as they can be gone on with or not be read (`--unfinished` removes them too):");
        for id in unfinished {
            let _ = writeln!(out, "    {id}");
        }
    }
    out
}

/// The numbers that are not zero.
fn numbers(totals: &Totals, running: bool) -> String {
    let Totals { done, nothing_to_do, failed, unknown, begun, skipped, not_tried } = *totals;
    let words = [
        (done, "done"),
        (nothing_to_do, "needed nothing"),
        (failed, "failed"),
        (unknown, "unknown"),
        (begun, if running { "in hand" } else { "in doubt" }),
        (skipped, "skipped"),
        (not_tried, "not tried"),
    ];
    let said: Vec<String> = words.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
    let steps = counted(totals.sum(), "step");
    if said.is_empty() { steps } else { format!("{steps}: {}", said.join(", ")) }
}

/// Every number; they add up to the plan.
fn all_numbers(totals: &Totals, running: bool) -> String {
    let Totals { done, nothing_to_do, failed, unknown, begun, skipped, not_tried } = *totals;
    let begun_word = if running { "in hand" } else { "in doubt" };
    format!(
        "{done} done, {nothing_to_do} needed nothing, {failed} failed, {unknown} unknown, {begun} {begun_word}, \
         {skipped} skipped, {not_tried} not tried"
    )
}

/// A time in UTC, to the second.
pub(super) fn second(at: Timestamp) -> String {
    format!("{at:.0}")
}

fn clock(at: Timestamp) -> String {
    at.to_zoned(jiff::tz::TimeZone::UTC).strftime("%H:%M:%SZ").to_string()
}

/// How long, to what a person wants to know.
pub(super) fn span(length: SignedDuration) -> String {
    let seconds = length.as_secs().max(0);
    match (seconds / 86_400, seconds / 3600, seconds / 60) {
        (0, 0, 0..2) => format!("{seconds} s"),
        (0, 0, minutes) => format!("{minutes} min"),
        (0..2, hours, minutes) => format!("{hours} h {:02}", minutes - hours * 60),
        (days, ..) => format!("{days} days"),
    }
}

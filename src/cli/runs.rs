//! `intermesh runs`: what was done, by whom, from where, and how it ended.

use std::collections::BTreeMap;
use std::time::Duration;

use clap::{ArgGroup, Args, Subcommand};
use jiff::{Span, SpanRelativeTo, Timestamp};
use serde::Serialize;

use super::store::{MeshChoice, StoreChoice, failure};
use super::{Exit, Failure, Printer, json};
use crate::apply::{Account, events};
use crate::cluster::{Clock, SystemClock};
use crate::plan::step::StepId;
use crate::report::{self, Status};
use crate::store::{Outcome, Overview, Pruning, Run, RunId, Sitting, Stage, State, Store, Terms, Totals};

/// Look at what `apply` did: every run, its steps, who and from where; remove old ones
///
/// Every `apply` keeps its plan, the snapshot from before it and a journal in the store. They hold no secret.
#[derive(Debug, Args)]
pub struct RunsCommand {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    List(List),
    Show(Show),
    Prune(Prune),
}

/// List the runs of a mesh, or of every mesh in the store
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    intermesh runs list\n  \
    intermesh runs list mesh.yaml --store s3://uc-runs/prod\n\n\
    Exit codes: 0 listed, 1 the store cannot be read")]
struct List {
    #[command(flatten)]
    mesh: MeshChoice,
    #[command(flatten)]
    store: StoreChoice,
    /// Print the list as JSON
    #[arg(long)]
    json: bool,
}

/// Show a run: when, by whom, from where, and how every step ended
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  intermesh runs show last\n  intermesh runs show 2026-11-22T12-07-05Z-3f2a\n\n\
                        Exit codes: 0 shown, 1 there is no such run, or it cannot be read")]
struct Show {
    /// The run: its name, the beginning of it, or `last`
    #[arg(value_name = "RUN")]
    run: String,
    /// The mesh's name, where the store has more than one
    #[arg(long, value_name = "NAME")]
    mesh: Option<String>,
    #[command(flatten)]
    store: StoreChoice,
    /// Show the run again as its terminal did, from its journal; with `--json` as lines of `intermesh apply --events`
    #[arg(long)]
    replay: bool,
    /// Print the run as JSON
    #[arg(long)]
    json: bool,
}

/// Remove old runs with their plans and journals
///
/// A run that can still be gone on with stays, and so does the one that goes on now.
#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("which").required(true).multiple(true).args(["keep", "older_than"]),
    after_help = "Examples:\n  intermesh runs prune --keep 20 --older-than 90d\n  intermesh runs prune --mesh acme \
                  --older-than 52w --dry-run\n\nExit codes: 0 removed, or nothing to remove, 1 the store failed"
)]
struct Prune {
    #[command(flatten)]
    mesh: MeshChoice,
    #[command(flatten)]
    store: StoreChoice,
    /// Keep the newest N runs of a mesh, whatever their age
    #[arg(long, value_name = "N")]
    keep: Option<usize>,
    /// Keep runs that are younger, such as 90d, 12w, 36h
    #[arg(long, value_name = "AGE", value_parser = age)]
    older_than: Option<Duration>,
    /// Also remove runs that can still be gone on with, or cannot be read
    #[arg(long)]
    unfinished: bool,
    /// Show what would be removed, and remove nothing
    #[arg(long)]
    dry_run: bool,
}

fn age(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is no age, such as 90d, 12w, 36h");
    let span: Span = text.parse().map_err(|_| wrong())?;
    let length = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| wrong())?;
    length.try_into().map_err(|_| wrong())
}

impl RunsCommand {
    pub(super) async fn run(self, printer: &Printer) -> Result<Exit, Failure> {
        match self.verb {
            Verb::List(list) => list.run(printer).await,
            Verb::Show(show) => show.run(printer).await,
            Verb::Prune(prune) => prune.run(printer).await,
        }
    }
}

/// A run, as `--json` prints it.
#[derive(Serialize)]
struct PrintedRun<'a> {
    #[serde(flatten)]
    run: &'a Run,
    status: &'static str,
    totals: Totals,
    last_at: Timestamp,
}

#[derive(Serialize)]
struct Unreadable<'a> {
    id: &'a RunId,
    status: &'static str,
    error: String,
}

#[derive(Serialize)]
struct PrintedState<'a> {
    #[serde(flatten)]
    run: PrintedRun<'a>,
    sittings: Vec<PrintedSitting<'a>>,
    steps: Vec<PrintedStep<'a>>,
}

#[derive(Serialize)]
struct PrintedSitting<'a> {
    at: Timestamp,
    by: &'a crate::store::Owner,
    made_by: &'a str,
}

#[derive(Serialize)]
struct PrintedStep<'a> {
    step: &'a StepId,
    status: &'static str,
    started_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    outcome: Option<&'a Outcome>,
}

impl<'a> PrintedSitting<'a> {
    fn of(sitting: &'a Sitting) -> PrintedSitting<'a> {
        let Sitting { by, made_by, at } = sitting;
        PrintedSitting { at: *at, by, made_by }
    }
}

impl<'a> PrintedRun<'a> {
    fn of(overview: &'a Overview, running: Option<&RunId>) -> PrintedRun<'a> {
        let Overview { run, totals, end: _, broken: _, last_at } = overview;
        PrintedRun { run, status: Status::of(overview, running).word(), totals: *totals, last_at: *last_at }
    }
}

/// The run that the mesh's lease is held for.
pub(super) async fn running(store: &Store, mesh: &str) -> Result<Option<RunId>, Failure> {
    let now = SystemClock::default().now();
    let standing = store.lease(mesh, now, &Terms::default()).await.map_err(failure)?;
    Ok(standing.holder().map(|claim| claim.run.clone()))
}

impl List {
    async fn run(self, printer: &Printer) -> Result<Exit, Failure> {
        let store = self.store.open(printer)?;
        let mut printed: BTreeMap<String, Vec<serde_json::Value>> = BTreeMap::new();
        let meshes = self.mesh.names(&store, printer).await?;
        if meshes.is_empty() && !self.json {
            printer.out(&format!("no run is kept in `{}`", store.place()));
        }
        for mesh in meshes {
            let runs = store.runs(&mesh).await.map_err(failure)?;
            let running = running(&store, &mesh).await?;
            if !self.json {
                printer.report(&report::runs(&mesh, &runs, running.as_ref()));
                continue;
            }
            let of_mesh = printed.entry(mesh).or_default();
            for (id, overview) in &runs {
                of_mesh.push(match overview {
                    Ok(overview) => value(&PrintedRun::of(overview, running.as_ref()))?,
                    Err(error) => value(&Unreadable { id, status: "unreadable", error: error.to_string() })?,
                });
            }
        }
        if self.json {
            printer.out(&json(&printed)?);
        }
        Ok(Exit::Done)
    }
}

fn value(printed: &impl Serialize) -> Result<serde_json::Value, Failure> {
    serde_json::to_value(printed).map_err(|e| Failure::new(Exit::Failed, format!("failed to write JSON: {e}")))
}

impl Show {
    async fn run(self, printer: &Printer) -> Result<Exit, Failure> {
        let store = self.store.open(printer)?;
        let (mesh, id) = find(&store, self.mesh.as_deref(), &self.run).await?;
        let state = store.run(&mesh, &id).await.map_err(failure)?;
        let plan = store.plan_of(&state.run).await.map_err(failure)?;
        if self.replay {
            let entries = store.entries(&mesh, &id).await.map_err(failure)?;
            let moments = store.moments(&mesh, &id).await.map_err(failure)?;
            let lines = events::kept(&plan, &id, &entries, &moments);
            if !self.json {
                printer.report(&report::replay(&plan, &lines, &Account::recorded(&plan, &state)));
            } else {
                let lines: Result<Vec<String>, _> = lines.iter().map(serde_json::to_string).collect();
                let lines = lines.map_err(|e| Failure::new(Exit::Failed, format!("failed to write JSON: {e}")))?;
                printer.out(&lines.join("\n"));
            }
            return Ok(Exit::Done);
        }
        let running = running(&store, &mesh).await?;
        if !self.json {
            let now = SystemClock::default().now();
            printer.report(&report::run(&state, &plan, running.as_ref(), now));
            return Ok(Exit::Done);
        }
        let overview = state.overview();
        let run = PrintedRun::of(&overview, running.as_ref());
        let State { run: _, sittings, steps: _, end: _, broken: _, torn: _, last_at: _ } = &state;
        let sittings = sittings.iter().map(PrintedSitting::of).collect();
        let steps = plan.steps.iter().map(|step| printed_step(&step.id, state.step(&step.id))).collect();
        printer.out(&json(&PrintedState { run, sittings, steps })?);
        Ok(Exit::Done)
    }
}

fn printed_step<'a>(step: &'a StepId, stage: Option<&'a Stage>) -> PrintedStep<'a> {
    let (status, started_at, ended_at, outcome) = match stage {
        None => ("not-tried", None, None, None),
        Some(Stage::Started { at, sitting: _ }) => ("begun", Some(*at), None, None),
        Some(Stage::Ended { started, at, outcome }) => {
            let word = match outcome {
                Outcome::Done { .. } => "done",
                Outcome::Failed { .. } => "failed",
                Outcome::Unknown { .. } => "unknown",
                Outcome::Skipped { .. } => "skipped",
            };
            (word, *started, Some(*at), Some(outcome))
        }
    };
    PrintedStep { step, status, started_at, ended_at, outcome }
}

/// The run that a word means: `last`, a name, or the beginning of one.
pub(super) async fn find(store: &Store, mesh: Option<&str>, word: &str) -> Result<(String, RunId), Failure> {
    let meshes = match mesh {
        Some(mesh) => vec![mesh.to_owned()],
        None => store.meshes().await.map_err(failure)?,
    };
    let mut found: Vec<(RunId, String)> = Vec::new();
    for mesh in meshes {
        let runs = store.runs(&mesh).await.map_err(failure)?;
        let ids = runs.into_iter().map(|(id, _)| id).filter(|id| word == "last" || id.as_str().starts_with(word));
        found.extend(ids.map(|id| (id, mesh.clone())));
    }
    found.sort();
    let many = found.len() > 1 && word != "last";
    match found.pop() {
        Some((id, mesh)) if !many => Ok((mesh, id)),
        Some((last, _)) => {
            let names: Vec<String> = found.iter().map(|(id, _)| id.to_string()).chain([last.to_string()]).collect();
            let message = format!("`{word}` is the beginning of more than one run: {}", names.join(", "));
            Err(Failure::new(Exit::Usage, message).hint("Give more of the name, or `--mesh NAME`."))
        }
        None => Err(Failure::new(Exit::Failed, format!("there is no run `{word}` in `{}`", store.place()))
            .hint("See `intermesh runs list`.")),
    }
}

impl Prune {
    async fn run(self, printer: &Printer) -> Result<Exit, Failure> {
        let store = self.store.open(printer)?;
        let pruning =
            Pruning { keep: self.keep.unwrap_or(0), older_than: self.older_than, unfinished: self.unfinished };
        for mesh in self.mesh.names(&store, printer).await? {
            let now = SystemClock::default().now();
            let pruned = store.prunable(&mesh, pruning, now).await.map_err(failure)?;
            if !self.dry_run {
                store.remove(&mesh, &pruned.removed).await.map_err(failure)?;
            }
            printer.report(&report::pruned(&mesh, &pruned, !self.dry_run));
        }
        Ok(Exit::Done)
    }
}

//! `intermesh drift`: has somebody changed the clusters, or the file? Reads only; made for cron.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::capture::Capture;
use super::last_run::last_run;
use super::output::{self, Ended, OutputFile};
use super::session::Session;
use super::store::StoreChoice;
use super::{Exit, Failure, Printer, json, patch, unless_interrupted, validate};
use crate::cluster::{Clock, Depth, Snapshot, SystemClock};
use crate::mesh::Loaded;
use crate::plan::Lines;
use crate::plan::drift::{Drift, Judging, Last, drift};
use crate::report;
use crate::report::results::{Format, Results};

/// Find where the clusters are not as the mesh file says, or not as they should be; changes nothing
///
/// Each finding says how bad it is, who moved (the file: pending; the world: drifted; or both), which users are affected,
/// since when, and what to do. What follows from a finding stands beneath it. Who moved is told by the last `apply`, which
/// the store knows.
///
/// What is meant to be so is accepted in the file, place by place: `accept`, with who, why and until when.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  intermesh drift mesh.yaml                                everything
  intermesh drift mesh.yaml --depth quick                  every few minutes: peers, services, status panels
  intermesh drift mesh.yaml --output junit=drift.xml       for a pipeline
  intermesh drift mesh.yaml --snapshot snapshot.json       offline
  intermesh drift mesh.yaml --patch | git apply            accept the world as it is

Exit codes: 0 no drift, or all of it accepted; 2 drift; 6 a cluster could not be read

From cron: intermesh -q drift mesh.yaml || mail -s 'mesh drift' uc-team@example.com")]
pub struct DriftCommand {
    /// The mesh file
    #[arg(value_name = "MESH")]
    mesh: PathBuf,
    /// How much is read
    #[arg(long, value_enum, default_value_t = HowDeep::Full)]
    depth: HowDeep,
    /// Judge a snapshot that `intermesh snapshot` kept, without any network
    #[arg(long, value_name = "FILE", conflicts_with = "depth")]
    snapshot: Option<PathBuf>,
    #[command(flatten)]
    store: StoreChoice,
    #[command(flatten)]
    capture: Capture,
    /// Print the edit of the mesh file that accepts the world as it is, as a unified diff, in place of the findings
    #[arg(long, conflicts_with = "json")]
    patch: bool,
    /// Print the findings as JSON
    #[arg(long)]
    json: bool,
    /// Also write a file, such as `junit=drift.xml`; formats are text, json, markdown, junit, sarif, github, gitlab and
    /// prometheus (can be given more than once)
    #[arg(long, value_name = "FORMAT=FILE", value_parser = OutputFile::parser(Format::NAMES))]
    output: Vec<OutputFile>,
}

/// How wide a text file is.
const FILE_WIDTH: usize = 80;

/// How much is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum HowDeep {
    /// Peers, services and status panels
    Quick,
    /// Certificates, DNS, parameters, the troubleshooter and provisioning, too
    Full,
}

impl From<HowDeep> for Depth {
    fn from(depth: HowDeep) -> Depth {
        match depth {
            HowDeep::Quick => Depth::Quick,
            HowDeep::Full => Depth::Full,
        }
    }
}

impl DriftCommand {
    pub(super) async fn run(self, printer: &Printer) -> Result<Exit, Failure> {
        output::written(&self.output, "drift", &self.mesh, printer, unless_interrupted(self.find(printer))).await
    }

    async fn find(&self, printer: &Printer) -> Result<Ended<'_>, Failure> {
        let (loaded, depth, snapshot, now) = match &self.snapshot {
            Some(kept) => {
                let loaded = validate::load(&self.mesh, printer)?;
                let snapshot = super::snapshot::kept(kept, &loaded.mesh)?;
                (loaded, Depth::Full, snapshot, SystemClock::default().now())
            }
            None => {
                let (mut session, loaded) = Session::open_with(&self.mesh, printer)?;
                self.capture.begin(&mut session, printer)?;
                let depth = self.depth.into();
                let observers = session.observers()?;
                let snapshot = session.snapshot_to(&observers, depth, printer).await;
                (loaded, depth, snapshot, session.clock.now())
            }
        };
        let last = last_run(&self.store, &loaded.mesh.metadata.name, printer).await;
        let judge = |file: &Loaded| judge(file, &snapshot, depth, last.as_ref(), now);
        let found = judge(&loaded);
        let file = loaded.source.name().to_owned();
        if self.patch {
            patch::print(&loaded, &snapshot, &found, validate::today(), &judge, printer);
        } else if self.json {
            printer.out(&json(&found)?);
        } else {
            printer.report(&report::drift(&file, &found, printer.width()));
        }
        let exit = exit(&found);
        let results = Results::of_drift(&found, &file, exit.code());
        let own = move |format: &str| match format {
            "text" => Some(Ok(anstream::adapter::strip_str(&report::drift(&file, &found, FILE_WIDTH)).to_string())),
            "json" => Some(json(&found)),
            _ => None,
        };
        Ok(Ended::new(exit, results, Box::new(own)))
    }
}

/// The exit code that findings stand for.
pub fn exit(found: &Drift) -> Exit {
    if !found.unread.is_empty() {
        Exit::Unread
    } else if found.is_empty() {
        Exit::Done
    } else {
        Exit::Differences
    }
}

/// Judges what was read of a loaded mesh.
pub fn judge(loaded: &Loaded, snapshot: &Snapshot, depth: Depth, last: Option<&Last>, now: jiff::Timestamp) -> Drift {
    let find = |pointer: &str| loaded.locations.line(pointer);
    let lines = Lines::new(&find);
    let judging = Judging { depth, lines: &lines, last, now, today: validate::today() };
    drift(&loaded.mesh, snapshot, &judging)
}

/// Reads the clusters of a session that keeps no runs, and prints what has drifted.
pub async fn find(session: &Session, printer: &Printer) -> Result<Exit, Failure> {
    let observers = session.observers()?;
    let snapshot = session.snapshot(&observers, printer).await;
    let found = session.with_lines(|lines| {
        let judging =
            Judging { depth: Depth::Full, lines, last: None, now: session.clock.now(), today: validate::today() };
        drift(&session.mesh, &snapshot, &judging)
    });
    printer.report(&report::drift(&session.file, &found, printer.width()));
    Ok(exit(&found))
}

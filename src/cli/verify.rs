//! `intermesh verify`: is every link healthy, on both sides? The end of the procedure; reads only.

use std::cell::RefCell;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::capture::Capture;
use super::output::{self, Ended, OutputFile};
use super::session::{Session, bar, unread_lines};
use super::store::StoreChoice;
use super::{Exit, Failure, Printer, json, switched_off};
use crate::cluster::{Deadline, Snapshot};
use crate::observe::Observers;
use crate::plan::verify::{Verification, verify};
use crate::report;
use crate::report::results::{Format, Results};
use crate::store::SwitchedOff;

/// Check that every link of the mesh is healthy on both sides; changes nothing
///
/// Looks at the peer on both sides of every link, every entry of its status panel, its Associated Users against the
/// users of the other side, the services, certificates, pending XCP Router restarts, and the Inter-Clustering
/// Troubleshooter.
///
/// After a change, syncs take minutes: `--wait` looks again until all is well or the time is over.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  intermesh verify mesh.yaml                      each side in a line, what is wrong beneath it
  intermesh verify mesh.yaml --all                every entry of every status panel
  intermesh verify mesh.yaml --wait 30m           look again every minute until all is well
  intermesh verify mesh.yaml --output junit=verify.xml

Exit codes: 0 all healthy, 2 something is not, 6 a cluster could not be read, 130 interrupted")]
pub struct VerifyCommand {
    /// The mesh file
    #[arg(value_name = "MESH")]
    mesh: PathBuf,
    /// Look again until all is well, for this time at most, such as `30m`
    #[arg(long, value_name = "TIME")]
    wait: Option<jiff::SignedDuration>,
    /// Show every entry of healthy sides, too
    #[arg(short, long)]
    all: bool,
    #[command(flatten)]
    capture: Capture,
    #[command(flatten)]
    store: StoreChoice,
    /// Print the findings as JSON
    #[arg(long)]
    json: bool,
    /// Also write a file, such as `junit=verify.xml`; formats are text, json, markdown, junit, sarif, github, gitlab and
    /// prometheus (can be given more than once)
    #[arg(long, value_name = "FORMAT=FILE", value_parser = OutputFile::parser(Format::NAMES))]
    output: Vec<OutputFile>,
}

/// The panel refreshes itself this often (field-notes 1.3): to look more often would show nothing new.
const POLL: Duration = Duration::from_secs(60);
/// What is missing is told in so many lines; the rest is counted.
const TOLD: usize = 5;

impl VerifyCommand {
    pub(super) async fn run(self, printer: &Printer) -> Result<Exit, Failure> {
        output::written(&self.output, "verify", &self.mesh, printer, self.check(printer)).await
    }

    async fn check(&self, printer: &Printer) -> Result<Ended<'_>, Failure> {
        let mut session = Session::open(&self.mesh, printer)?;
        self.capture.begin(&mut session, printer)?;
        let limit = self.wait.map(|wait| wait.unsigned_abs()).unwrap_or_default();
        let observers = session.observers()?;
        let off = switched_off::of_choice(&self.store, &session.mesh.metadata.name, printer).await;
        let (found, snapshot) = wait(&session, &observers, &off, limit, printer).await?;
        let exit = show(&session, &found, &snapshot, self.json, self.all, printer)?;
        let name = session.mesh.metadata.name.clone();
        let results = Results::of_verification(&found, &name, &session.file, snapshot.taken_at, exit.code());
        let own = move |format: &str| match format {
            "text" => {
                let text = report::verification(&session.mesh, &found, true);
                Some(Ok(anstream::adapter::strip_str(&text).to_string()))
            }
            "json" => Some(json(&found)),
            _ => None,
        };
        Ok(Ended::new(exit, results, Box::new(own)))
    }
}

/// Reads the clusters once and prints what verification finds.
pub async fn check(session: &Session, printer: &Printer) -> Result<Exit, Failure> {
    let observers = session.observers()?;
    let (found, snapshot) = wait(session, &observers, &[], Duration::ZERO, printer).await?;
    show(session, &found, &snapshot, false, false, printer)
}

fn show(
    session: &Session,
    found: &Verification,
    snapshot: &Snapshot,
    as_json: bool,
    all: bool,
    printer: &Printer,
) -> Result<Exit, Failure> {
    if as_json {
        printer.out(&json(found)?);
    } else {
        printer.out(&report::verification(&session.mesh, found, all));
    }
    let unread = unread_lines(snapshot);
    if !unread.is_empty() {
        printer.err(&unread.join("\n"));
        return Ok(Exit::Unread);
    }
    Ok(if found.is_clean() { Exit::Done } else { Exit::Differences })
}

/// Looks until all is well or the time is over: at least once. In a pipe, what is missing is told when it changes.
async fn wait(
    session: &Session,
    observers: &Observers,
    off: &[SwitchedOff],
    limit: Duration,
    printer: &Printer,
) -> Result<(Verification, Snapshot), Failure> {
    let missing: RefCell<Vec<String>> = RefCell::default();
    let progress = bar(printer, 1, "verifying");
    let look = async {
        let mut deadline = Deadline::after(limit);
        loop {
            let snapshot = session.snapshot(observers, printer).await;
            let mut found = verify(&session.mesh, &snapshot);
            found.clusters.extend(switched_off::problems(off, &snapshot));
            let mut now = report::missing(&found);
            now.extend(unread_lines(&snapshot));
            if now.is_empty() || !deadline.wait(&session.clock, POLL).await {
                return (found, snapshot);
            }
            let healthy = found.sides.iter().filter(|side| side.problems.is_empty()).count();
            progress.set_length(found.sides.len() as u64);
            progress.set_position(healthy as u64);
            progress.set_message(now.first().cloned().unwrap_or_default());
            if progress.is_hidden() && *missing.borrow() != now {
                let minutes = deadline.elapsed().as_secs() / 60;
                printer.note(&format!(
                    "after {minutes} min {healthy} of {} sides are healthy; missing:",
                    found.sides.len()
                ));
                printer.note(&told(&now));
            }
            *missing.borrow_mut() = now;
        }
    };
    tokio::select! {
        done = look => {
            progress.finish_and_clear();
            Ok(done)
        }
        signal = super::interrupted() => {
            signal?;
            progress.finish_and_clear();
            printer.err("interrupted; nothing was written");
            if !missing.borrow().is_empty() {
                printer.err(&format!("still missing:\n{}", told(&missing.borrow())));
            }
            Err(Failure::told(Exit::Interrupted))
        }
    }
}

fn told(missing: &[String]) -> String {
    let mut lines: Vec<String> = missing.iter().take(TOLD).map(|line| format!("  {}", line.trim_start())).collect();
    if let Some(more @ 1..) = missing.len().checked_sub(TOLD) {
        lines.push(format!("  and {more} more"));
    }
    lines.join("\n")
}

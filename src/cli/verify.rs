//! `intermesh verify`: is every link healthy, on both sides? The end of the procedure; reads only.

use std::cell::RefCell;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use indicatif::ProgressBar;

use super::capture::Capture;
use super::output::{self, Ended, OutputFile};
use super::session::{Session, bar, unread_lines};
use super::store::StoreChoice;
use super::verify_wait::{Look, Waited, until_well};
use super::{Exit, Failure, Printer, json, switched_off};
use crate::observe::Observers;
use crate::plan::verify::verify;
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
        let look = wait(&session, &observers, &off, limit, printer).await?;
        show(&session, &look, self.json, self.all, printer)?;
        let (exit, at) = (look.exit(), look.snapshot.taken_at);
        let found = look.found;
        let results = Results::of_verification(&found, &session.mesh.metadata.name, &session.file, at, exit.code());
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
    let look = wait(session, &observers, &[], Duration::ZERO, printer).await?;
    show(session, &look, false, false, printer)?;
    Ok(look.exit())
}

fn show(session: &Session, look: &Look, as_json: bool, all: bool, printer: &Printer) -> Result<(), Failure> {
    if as_json {
        printer.out(&json(&look.found)?);
    } else {
        printer.report(&report::verification(&session.mesh, &look.found, all));
    }
    let unread = unread_lines(&look.snapshot);
    if !unread.is_empty() {
        printer.err(&unread.join("\n"));
    }
    Ok(())
}

/// Looks until all is well or the time is over. In a pipe, what is missing is told when it changes.
async fn wait(
    session: &Session,
    observers: &Observers,
    off: &[SwitchedOff],
    limit: Duration,
    printer: &Printer,
) -> Result<Look, Failure> {
    // it is taken away for every look, which has a bar of its own
    let waiting: RefCell<Option<ProgressBar>> = RefCell::default();
    let clear = || waiting.take().iter().for_each(ProgressBar::finish_and_clear);
    let look = async || {
        clear();
        let snapshot = session.snapshot(observers, printer).await;
        let mut found = verify(&session.mesh, &snapshot);
        found.clusters.extend(switched_off::problems(off, &snapshot));
        Look { found, snapshot }
    };
    let tell = |look: &Look, news: bool, waited: Duration| {
        let (healthy, sides, missing) = (look.healthy(), look.found.sides.len(), look.missing());
        let progress = bar(printer, sides as u64, "verifying");
        progress.set_position(healthy as u64);
        progress.set_message(missing.first().cloned().unwrap_or_default());
        if progress.is_hidden() && news {
            let minutes = waited.as_secs() / 60;
            printer.note(&format!("after {minutes} min {healthy} of {sides} sides are healthy; missing:"));
            printer.note(&told(&missing));
        }
        waiting.replace(Some(progress));
    };
    let waited = until_well(&session.clock, limit, look, &tell, super::interrupted()).await;
    clear();
    let waited = waited?;
    let exit = waited.exit();
    match waited {
        Waited::Over(look) => Ok(*look),
        Waited::Interrupted(missing) => {
            let mut message = "interrupted; nothing was written".to_owned();
            if !missing.is_empty() {
                message += &format!("\nstill missing:\n{}", told(&missing));
            }
            printer.err(&message);
            Err(Failure { message, ..Failure::told(exit) })
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

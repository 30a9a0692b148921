//! `intermesh verify`: is every link healthy, on both sides? The end of the procedure; reads only.

use std::path::PathBuf;

use clap::Args;

use super::capture::Capture;
use super::session::{Session, unread_lines};
use super::store::StoreChoice;
use super::{Exit, Failure, Printer, json, switched_off};
use crate::plan::verify::verify;
use crate::report;
use crate::store::SwitchedOff;

/// Check that every link of the mesh is healthy on both sides; changes nothing
///
/// Looks at the peer on both sides of every link, every entry of its status panel, its Associated Users against the
/// users of the other side, the services, pending XCP Router restarts, and the Inter-Clustering Troubleshooter.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  intermesh verify mesh.yaml\n\nExit codes: 0 all healthy, 2 something is not, 6 a cluster could not be read"
)]
pub struct VerifyCommand {
    /// The mesh file
    #[arg(value_name = "MESH")]
    mesh: PathBuf,
    #[command(flatten)]
    capture: Capture,
    #[command(flatten)]
    store: StoreChoice,
    /// Print the findings as JSON
    #[arg(long)]
    json: bool,
}

impl VerifyCommand {
    pub(super) async fn run(self, printer: &Printer) -> Result<Exit, Failure> {
        let mut session = Session::open(&self.mesh, printer)?;
        self.capture.begin(&mut session, printer)?;
        let off = switched_off::of_choice(&self.store, &session.mesh.metadata.name, printer).await;
        check(&session, &off, self.json, printer).await
    }
}

/// Reads the clusters and prints what verification finds, and which groups runs have left off.
pub async fn check(session: &Session, off: &[SwitchedOff], as_json: bool, printer: &Printer) -> Result<Exit, Failure> {
    let observers = session.observers()?;
    let snapshot = session.snapshot(&observers, printer).await;
    let mut found = verify(&session.mesh, &snapshot);
    found.clusters.extend(switched_off::problems(off, &snapshot));
    if as_json {
        printer.out(&json(&found)?);
    } else {
        printer.out(&report::verification(&session.mesh, &found));
    }
    let unread = unread_lines(&snapshot);
    if !unread.is_empty() {
        printer.err(&unread.join("\n"));
        return Ok(Exit::Unread);
    }
    Ok(if found.is_clean() { Exit::Done } else { Exit::Differences })
}

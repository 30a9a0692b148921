//! `intermesh drift`: has somebody changed the clusters? Reads only; made for cron.

use std::path::PathBuf;

use clap::Args;

use super::capture::Capture;
use super::session::{Session, unread_lines};
use super::{Exit, Failure, Printer, json};
use crate::plan::drift::drift;
use crate::report;

/// Find where the clusters are not as the mesh file says; changes nothing
///
/// Names both ends of every link that is not as it should be, peers that nobody asked for, stopped services and
/// pending XCP Router restarts.
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 no drift, 2 drift, 6 a cluster could not be read\n\n\
                        From cron: intermesh -q drift mesh.yaml || mail -s 'mesh drift' uc-team@example.com")]
pub struct DriftCommand {
    /// The mesh file
    #[arg(value_name = "MESH")]
    mesh: PathBuf,
    #[command(flatten)]
    capture: Capture,
    /// Print the findings as JSON
    #[arg(long)]
    json: bool,
}

impl DriftCommand {
    pub(super) async fn run(self, printer: &Printer) -> Result<Exit, Failure> {
        let mut session = Session::open(&self.mesh, printer)?;
        self.capture.begin(&mut session, printer)?;
        find(&session, self.json, printer).await
    }
}

/// Reads the clusters and prints what has drifted.
pub async fn find(session: &Session, as_json: bool, printer: &Printer) -> Result<Exit, Failure> {
    let observers = session.observers()?;
    let snapshot = session.snapshot(&observers, printer).await;
    let found = session.with_lines(|lines| drift(&session.mesh, &snapshot, lines));
    if as_json {
        printer.out(&json(&found)?);
    } else {
        printer.out(&report::drift(&session.mesh, &session.file, &found));
    }
    let unread = unread_lines(&snapshot);
    if !unread.is_empty() {
        printer.err(&unread.join("\n"));
        return Ok(Exit::Unread);
    }
    Ok(if found.is_empty() { Exit::Done } else { Exit::Differences })
}

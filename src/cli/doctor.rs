//! `intermesh doctor`: does every prerequisite of the procedure hold? Reads only.

use std::path::PathBuf;

use clap::Args;

use super::output::OutputFile;
use super::session::{Session, bar, unread_lines};
use super::{Exit, Failure, Printer, files, json};
use crate::cluster::Clock;
use crate::observe::{self, Examining};
use crate::plan::doctor::{Diagnosis, diagnose};
use crate::report;

/// Check every prerequisite of peering, with the fix for each that fails; changes nothing
///
/// Looks at ports between the nodes, the AXL account that the clusters use for each other, services, Sync Status,
/// users, unassigned users and nodes, the IM address scheme, releases, node names, certificates, DNS forward and back,
/// High Availability, the time since the last sync and the parameters of large meshes. Run it before the first plan,
/// and whenever a link is down.
///
/// Ports and names as the nodes see them need a `cli` credential in the mesh file; without one these checks are
/// skipped, and the report says so.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  intermesh doctor mesh.yaml                         what is wrong, and how to mend it
  intermesh doctor mesh.yaml --all                   what is well, too
  intermesh doctor mesh.yaml --output junit=doctor.xml --output json=doctor.json

Exit codes: 0 nothing failed, 2 a prerequisite does not hold, 6 a cluster could not be read")]
pub struct DoctorCommand {
    /// The mesh file
    #[arg(value_name = "MESH")]
    mesh: PathBuf,
    /// Show what is well, too
    #[arg(short, long)]
    all: bool,
    /// Print the findings as JSON
    #[arg(long)]
    json: bool,
    /// Also write a file, such as `junit=doctor.xml`; formats are json, junit and text (can be given more than once)
    #[arg(long, value_name = "FORMAT=FILE", value_parser = OutputFile::parser(FORMATS))]
    output: Vec<OutputFile>,
}

const FORMATS: &[&str] = &["json", "junit", "text"];
/// How wide a text file is.
const FILE_WIDTH: usize = 80;

impl DoctorCommand {
    pub(super) async fn run(self, printer: &Printer) -> Result<Exit, Failure> {
        let session = Session::open(&self.mesh, printer)?;
        let observers = session.observers()?;
        let snapshot = session.snapshot(&observers, printer).await;
        let progress = bar(printer, 1, "examining");
        let tell = |at: Examining<'_>| {
            progress.set_length(at.of as u64);
            progress.set_position(at.done as u64);
            progress.set_message(at.cluster.to_string());
        };
        let examination = observe::examine(&session.mesh, &observers, &snapshot, &tell).await;
        progress.finish_and_clear();
        let diagnosis = diagnose(&session.mesh, &snapshot, &examination, session.clock.now());
        for OutputFile { format, path } in &self.output {
            files::save("diagnosis", path, &render(&diagnosis, format)?)?;
        }
        if self.json {
            printer.out(&json(&diagnosis)?);
        } else {
            printer.out(&report::doctor(&diagnosis, self.all, printer.width()));
        }
        let unread = unread_lines(&snapshot);
        if !unread.is_empty() {
            printer.err(&unread.join("\n"));
            return Ok(Exit::Unread);
        }
        Ok(if diagnosis.is_healthy() { Exit::Done } else { Exit::Differences })
    }
}

fn render(diagnosis: &Diagnosis, format: &str) -> Result<String, Failure> {
    match format {
        "junit" => report::junit("intermesh doctor", &report::doctor_suites(diagnosis))
            .map_err(|why| Failure::new(Exit::Failed, format!("failed to write JUnit: {why}"))),
        "text" => Ok(anstream::adapter::strip_str(&report::doctor(diagnosis, true, FILE_WIDTH)).to_string()),
        _ => json(diagnosis),
    }
}

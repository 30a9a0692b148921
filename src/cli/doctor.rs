//! `intermesh doctor`: does every prerequisite of the procedure hold? Reads only.

use std::path::PathBuf;

use clap::Args;

use super::output::{self, Ended, OutputFile};
use super::session::{Session, bar, examining, unread_lines};
use super::{Exit, Failure, Printer, json, unless_interrupted};
use crate::cluster::Clock;
use crate::observe;
use crate::plan::doctor::diagnose;
use crate::report;
use crate::report::results::{Format, Results};

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
    /// Also write a file, such as `junit=doctor.xml`; formats are text, json, markdown, junit, sarif, github,
    /// gitlab and prometheus (can be given more than once)
    #[arg(long, value_name = "FORMAT=FILE", value_parser = OutputFile::parser(Format::NAMES))]
    output: Vec<OutputFile>,
}

/// How wide a text file is.
const FILE_WIDTH: usize = 80;

impl DoctorCommand {
    pub(super) async fn run(self, printer: &Printer) -> Result<Exit, Failure> {
        output::written(&self.output, "doctor", &self.mesh, printer, unless_interrupted(self.find(printer))).await
    }

    async fn find(&self, printer: &Printer) -> Result<Ended<'_>, Failure> {
        let session = Session::open(&self.mesh, printer)?;
        let observers = session.observers()?;
        let snapshot = session.snapshot(&observers, printer).await;
        let progress = bar(printer, 1, "examining");
        let examination = observe::examine(&session.mesh, &observers, &snapshot, &examining(&progress)).await;
        progress.finish_and_clear();
        let diagnosis = diagnose(&session.mesh, &snapshot, &examination, session.clock.now());
        if self.json {
            printer.out(&json(&diagnosis)?);
        } else {
            printer.report(&report::doctor(&diagnosis, self.all, printer.width()));
        }
        let unread = unread_lines(&snapshot);
        let exit = match (unread.is_empty(), diagnosis.is_healthy()) {
            (false, _) => Exit::Unread,
            (true, true) => Exit::Done,
            (true, false) => Exit::Differences,
        };
        if !unread.is_empty() {
            printer.err(&unread.join("\n"));
        }
        let results = Results::of_diagnosis(&diagnosis, &session.file, exit.code());
        let own = move |format: &str| match format {
            "text" => Some(Ok(anstream::adapter::strip_str(&report::doctor(&diagnosis, true, FILE_WIDTH)).to_string())),
            "json" => Some(json(&diagnosis)),
            _ => None,
        };
        Ok(Ended::new(exit, results, Box::new(own)))
    }
}

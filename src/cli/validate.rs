//! `intermesh validate`: is the mesh file right? Reads the file and nothing else.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::{Exit, Failure, Printer};
use crate::mesh::diagnostics::{Diagnosis, Look};
use crate::mesh::{self, Findings, Loaded};
use crate::report::counted;
use crate::report::results::of_mesh_finding;

/// Check a mesh file, without any cluster and without any password
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  intermesh validate mesh.yaml\n  \
    intermesh validate mesh.yaml --strict --format sarif > mesh.sarif\n\nExit codes: 0 the file is fine, 3 it is wrong")]
pub struct Validate {
    /// The mesh file
    #[arg(value_name = "MESH")]
    mesh: PathBuf,
    /// How findings are written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The same as `--format json`
    #[arg(long)]
    json: bool,
    /// Warnings and advice that the file does not accept make it wrong too
    #[arg(long)]
    strict: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs, in the shape of `terraform validate -json`
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Workflow commands of GitHub Actions
    Github,
    /// A code quality report of GitLab
    Gitlab,
}

impl Validate {
    pub(super) fn run(self, printer: &Printer) -> Result<Exit, Failure> {
        let format = if self.json { Format::Json } else { self.format };
        match mesh::load(&self.mesh, today()) {
            Ok(loaded) => {
                let diagnosis = Diagnosis::from(&loaded);
                printer.out(&match (format, diagnosis.tally()) {
                    (Format::Text, None) => summary(&loaded),
                    (format, _) => rendered(diagnosis, format, printer),
                });
                let wrong = self.strict && !loaded.warnings.is_empty();
                Ok(if wrong { Exit::MeshWrong } else { Exit::Done })
            }
            Err(findings) => {
                printer.out(&rendered(Diagnosis::from(&findings), format, printer));
                Ok(Exit::MeshWrong)
            }
        }
    }
}

fn rendered(diagnosis: Diagnosis<'_>, format: Format, printer: &Printer) -> String {
    match format {
        Format::Text => diagnosis.graphical(look(printer)),
        Format::Json => diagnosis.json(),
        Format::Sarif => diagnosis.sarif(),
        Format::Github => diagnosis.github(),
        Format::Gitlab => diagnosis.gitlab(),
    }
}

/// A file with nothing wrong: what it holds, and what it accepts.
fn summary(loaded: &Loaded) -> String {
    let clusters = counted(loaded.mesh.clusters.len(), "cluster");
    let links = counted(mesh::topology::links(&loaded.mesh).len(), "link");
    let accepted = match loaded.accepted.len() {
        0 => String::new(),
        n => format!(", {} accepted", counted(n, "finding")),
    };
    format!("{}: {clusters}, {links}, nothing is wrong{accepted}", loaded.source.name())
}

/// Loads a mesh file; prints what is wrong with it.
///
/// # Errors
/// Something is wrong: all of it has been printed.
pub fn load(path: &Path, printer: &Printer) -> Result<Loaded, Failure> {
    told(mesh::load(path, today()), printer)
}

/// Loads a mesh file from its text; prints what is wrong with it.
///
/// # Errors
/// Something is wrong: all of it has been printed.
pub fn load_str(name: &str, text: &str, printer: &Printer) -> Result<Loaded, Failure> {
    told(mesh::load_str(name, text, today()), printer)
}

/// The day on which acceptances are judged.
pub fn today() -> jiff::civil::Date {
    jiff::Zoned::now().date()
}

fn told(result: Result<Loaded, Findings>, printer: &Printer) -> Result<Loaded, Failure> {
    match result {
        Ok(loaded) => {
            if let Some(tally) = Diagnosis::from(&loaded).tally() {
                let name = loaded.source.name();
                printer.note(&format!("{name}: {tally}; `intermesh validate {name}` shows them"));
            }
            Ok(loaded)
        }
        Err(findings) => Err(show(&findings, printer)),
    }
}

/// Prints what is wrong with a mesh file, and ends the command.
pub fn show(findings: &Findings, printer: &Printer) -> Failure {
    printer.err(&Diagnosis::from(findings).graphical(look(printer)));
    let wrong = findings.findings.iter().map(of_mesh_finding).collect();
    Failure { findings: wrong, ..Failure::told(Exit::MeshWrong) }
}

fn look(printer: &Printer) -> Look {
    Look { color: printer.colored(), width: printer.width() }
}

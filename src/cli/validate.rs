//! `intermesh validate`: is the mesh file right? Reads the file and nothing else.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{Exit, Failure, Printer};
use crate::mesh::{self, Finding, Findings, Loaded};

/// Check a mesh file, without any cluster and without any password
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 the file is fine, 3 it is wrong")]
pub struct Validate {
    /// The mesh file
    #[arg(value_name = "MESH")]
    mesh: PathBuf,
}

impl Validate {
    pub(super) fn run(self, printer: &Printer) -> Result<Exit, Failure> {
        let loaded = load(&self.mesh, printer)?;
        let clusters = crate::report::counted(loaded.mesh.clusters.len(), "cluster");
        let links = crate::report::counted(mesh::topology::links(&loaded.mesh).len(), "link");
        printer.out(&format!("{}: {clusters}, {links}, no errors", loaded.source.name()));
        Ok(Exit::Done)
    }
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

fn today() -> jiff::civil::Date {
    jiff::Zoned::now().date()
}

fn told(result: Result<Loaded, Findings>, printer: &Printer) -> Result<Loaded, Failure> {
    match result {
        Ok(loaded) => {
            loaded.warnings.iter().for_each(|finding| printer.note(&line(loaded.source.name(), finding)));
            Ok(loaded)
        }
        Err(findings) => {
            findings.findings.iter().for_each(|finding| printer.err(&line(findings.source.name(), finding)));
            Err(Failure::told(Exit::MeshWrong))
        }
    }
}

fn line(file: &str, finding: &Finding) -> String {
    let help = finding.help.as_ref().map(|help| format!("\n  help: {help}")).unwrap_or_default();
    let (line, column) = (finding.line(), finding.column());
    format!("{file}:{line}:{column}: {}[{}]: {}{help}", finding.severity, finding.code, finding.message)
}

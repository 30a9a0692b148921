//! `intermesh validate`: is the mesh file right? Reads the file and nothing else.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{Exit, Failure, Printer};
use crate::mesh::{self, Loaded};

/// Check a mesh file, without any cluster and without any password
#[derive(Debug, Args)]
pub struct Validate {
    /// The mesh file
    #[arg(value_name = "MESH")]
    mesh: PathBuf,
}

impl Validate {
    pub(super) fn run(self, printer: &Printer) -> Result<Exit, Failure> {
        let loaded = load(&self.mesh, printer)?;
        printer.out(&format!("{}: {} clusters, no errors", loaded.source.name(), loaded.mesh.clusters.len()));
        Ok(Exit::Done)
    }
}

/// Loads a mesh file for any command; what is wrong is printed.
pub(super) fn load(path: &Path, printer: &Printer) -> Result<Loaded, Failure> {
    let today = jiff::Zoned::now().date();
    mesh::load(path, today).map_err(|findings| {
        for finding in &findings.findings {
            let name = findings.source.name();
            printer.err(&format!("{name}:{}:{}: {}", finding.line(), finding.column(), finding.message));
        }
        Failure::told(Exit::MeshWrong)
    })
}

//! `intermesh validate`: is the mesh file right? Reads the file and nothing else.

use std::path::PathBuf;

use clap::Args;

use super::{Exit, Failure, Printer};

/// Check a mesh file, without any cluster and without any password
#[derive(Debug, Args)]
pub struct Validate {
    /// The mesh file
    #[arg(value_name = "MESH")]
    mesh: PathBuf,
}

impl Validate {
    pub(super) fn run(self, _printer: &Printer) -> Result<Exit, Failure> {
        let path = self.mesh.display();
        Err(Failure::new(Exit::MeshWrong, format!("failed to read `{path}`")))
    }
}

//! `intermesh fmt`: one layout for all mesh files.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::{Exit, Failure, Printer};
use crate::mesh::diagnostics::Look;
use crate::mesh::{FormatError, format, read_text};

/// Write mesh files in their normal layout and order; every comment stays
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    intermesh fmt mesh.yaml\n  \
    intermesh fmt --check meshes/*.yaml\n\n\
    Exit codes: 0 formatted, 2 with --check: not formatted, 3 a file cannot be read as YAML")]
pub struct Fmt {
    /// The mesh files
    #[arg(value_name = "MESH", required = true)]
    meshes: Vec<PathBuf>,
    /// Write nothing; show what would change
    #[arg(long)]
    check: bool,
}

impl Fmt {
    pub(super) fn run(self, printer: &Printer) -> Result<Exit, Failure> {
        let mut exit = Exit::Done;
        for path in &self.meshes {
            let name = path.display().to_string();
            let text = read_text(path)
                .map_err(|why| Failure::new(Exit::MeshWrong, format!("failed to read `{name}`: {why}")))?;
            let formatted = format(&name, &text).map_err(|error| refused(&error, printer))?;
            if formatted == text {
                continue;
            }
            if self.check {
                let diff = similar::TextDiff::from_lines(&text, &formatted);
                printer.out(&diff.unified_diff().header(&name, &format!("{name} (formatted)")).to_string());
                exit = Exit::Differences;
            } else {
                replace(path, &formatted)?;
                printer.note(&format!("{name}: formatted"));
            }
        }
        Ok(exit)
    }
}

fn refused(error: &FormatError, printer: &Printer) -> Failure {
    match error.diagnosis() {
        Some(diagnosis) => {
            printer.err(&diagnosis.graphical(Look { color: printer.colored(), width: printer.width() }));
            Failure::told(Exit::MeshWrong)
        }
        None => {
            Failure::new(Exit::Failed, error.to_string()).hint("Please report this with the file, without its secrets.")
        }
    }
}

/// Replaces a file as a whole: it is never there by half.
fn replace(path: &Path, text: &str) -> Result<(), Failure> {
    let failed =
        |error: std::io::Error| Failure::new(Exit::Failed, format!("failed to write `{}`: {error}", path.display()));
    // a link stays one: what it points to is replaced
    let path = std::fs::canonicalize(path).map_err(failed)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    let permissions = std::fs::metadata(&path).map_err(failed)?.permissions();
    file.as_file().set_permissions(permissions).map_err(failed)?;
    file.persist(&path).map_err(|error| failed(error.error))?;
    Ok(())
}

//! `intermesh man`: the manual, made from the definition of the command line.

use std::path::PathBuf;

use clap::Args;

use super::{Exit, Failure, Printer};

/// Write the manual pages, one for each command, into a folder
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  intermesh man ~/.local/share/man/man1 && man intermesh-plan")]
pub struct ManCommand {
    /// The folder; it is made where there is none
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

impl ManCommand {
    pub(super) fn run(self, printer: &Printer) -> Result<Exit, Failure> {
        let failed = |error: std::io::Error| {
            let message = format!("failed to write manual pages into `{}`: {error}", self.folder.display());
            Failure::new(Exit::Failed, message)
        };
        std::fs::create_dir_all(&self.folder).map_err(failed)?;
        clap_mangen::generate_to(super::definition(), &self.folder).map_err(failed)?;
        printer.note(&format!("manual pages are in `{}`", self.folder.display()));
        Ok(Exit::Done)
    }
}

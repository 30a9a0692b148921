//! `--capture DIR`: keeps the administration pages that are read, for a report.

use std::path::PathBuf;

use clap::Args;

use super::session::Session;
use super::{Failure, Printer};

/// Whether pages are kept.
#[derive(Debug, Args)]
pub struct Capture {
    /// Keep the administration pages that are read in DIR, without secrets, to report one that was not understood
    #[arg(long, value_name = "DIR")]
    capture: Option<PathBuf>,
}

impl Capture {
    /// Lets a session keep its pages, if that was asked for.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub(super) fn begin(&self, session: &mut Session, printer: &Printer) -> Result<(), Failure> {
        match &self.capture {
            Some(folder) => session.keep_pages(folder, printer),
            None => Ok(()),
        }
    }
}

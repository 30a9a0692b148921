//! `intermesh lab record` and `lab run --record`: what passes between clients and the lab, for others to judge.

use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::lab::lab_failure;
use super::{Exit, Failure, Printer};
use crate::lab::control::Client;
use crate::lab::servers::Lab;
use crate::report::counted;

/// Record every HTTP exchange of the running lab's servers
///
/// A record is a file of JSON lines, one exchange each: sequence, interface (axl, control-center, pages or
/// unified-cm-axl), host, method, path, query, soap_action, content_type, request, status, answer_content_type, answer.
/// A line is written when its exchange ends, so lines need not be in the order of their sequence; a body that is no
/// text is null. There is no password and no cookie in it: other headers are left out, and passwords in forms,
/// addresses and SOAP are masked with `***`.
#[derive(Debug, Subcommand)]
pub(super) enum Record {
    /// Begin a record; what the file held is gone
    Start {
        /// The file, on the machine of the lab
        file: PathBuf,
    },
    /// End the record and say how many exchanges are in it
    Stop,
}

impl Record {
    pub(super) async fn run(self, lab: &Client, printer: &Printer) -> Result<Exit, Failure> {
        match self {
            // The lab has a working directory of its own.
            Record::Start { file } => lab.record(&std::path::absolute(file)?).await.map_err(lab_failure)?,
            Record::Stop => {
                let exchanges = lab.stop_recording().await.map_err(lab_failure)?;
                printer.note(&recorded(exchanges));
            }
        }
        Ok(Exit::Done)
    }
}

/// Begins the record of `lab run --record`.
pub(super) fn begin(lab: &Lab, file: &Path) -> Result<(), Failure> {
    let failed = |e| Failure::new(Exit::Failed, format!("failed to record to `{}`: {e}", file.display()));
    lab.record(file).map_err(failed)
}

/// Ends the record of `lab run --record`; the command may have ended it before.
pub(super) fn end(lab: &Lab, file: &Path, printer: &Printer) -> Result<(), Failure> {
    let failed = |e| Failure::new(Exit::Failed, format!("the record `{}` is not complete: {e}", file.display()));
    if let Some(exchanges) = lab.stop_recording().map_err(failed)? {
        printer.note(&format!("{} in {}", recorded(exchanges), file.display()));
    }
    Ok(())
}

fn recorded(exchanges: u64) -> String {
    format!("recorded {}", counted(usize::try_from(exchanges).unwrap_or(usize::MAX), "exchange"))
}

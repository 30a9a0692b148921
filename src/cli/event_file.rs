//! `--events FILE|-`: what happens in a run, as JSON lines for whoever follows it with a program.

use std::io::Write;
use std::sync::{Arc, Mutex};

use super::{Exit, Failure, Printer};
use crate::apply::events::Line;

/// Where events are written.
#[derive(Clone)]
pub struct EventFile {
    name: Arc<str>,
    /// None once it could not be written: the clusters matter more.
    out: Arc<Mutex<Option<Box<dyn Write + Send>>>>,
}

impl std::fmt::Debug for EventFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("EventFile").field(&self.name).finish()
    }
}

/// The name of standard output.
pub const STDOUT: &str = "-";

impl EventFile {
    /// Opens a file, which is emptied, or standard output for `-`.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn open(name: &str) -> Result<EventFile, Failure> {
        let out: Box<dyn Write + Send> = match name {
            STDOUT => Box::new(std::io::stdout()),
            path => Box::new(std::fs::File::create(path).map_err(|e| {
                Failure::new(Exit::Failed, format!("failed to write the events `{path}`: {e}; nothing was done"))
            })?),
        };
        Ok(EventFile { name: name.into(), out: Arc::new(Mutex::new(Some(out))) })
    }

    /// Writes a line. What cannot be written is told once, and the run goes on.
    pub fn write(&self, line: &Line, printer: &Printer) {
        let Ok(mut out) = self.out.lock() else { return };
        let Some(writer) = out.as_mut() else { return };
        let written = serde_json::to_string(line)
            .map_err(std::io::Error::from)
            .and_then(|text| writer.write_all((text + "\n").as_bytes()))
            .and_then(|()| writer.flush());
        if let Err(error) = written {
            *out = None;
            printer.err(&format!("the events cannot be written to `{}` any more: {error}; the run goes on", self.name));
        }
    }
}

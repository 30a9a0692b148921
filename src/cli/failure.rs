//! What ends a command early: a message for the user, and the exit code that goes with it.

use super::exit::Exit;
use crate::report::results::Finding;

/// A command's end before its result. The message fits after "error: ".
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What went wrong, in a lower-case fragment.
    pub message: String,
    /// What to do next, in full sentences.
    pub hints: Vec<String>,
    /// The whole text has been printed already.
    pub printed: bool,
    /// What was wrong with the mesh file, for the files of a pipeline.
    pub findings: Vec<Finding>,
}

impl Failure {
    /// A failure with this exit code.
    pub fn new(exit: Exit, message: impl Into<String>) -> Failure {
        Failure { exit, message: message.into(), hints: Vec::new(), printed: false, findings: Vec::new() }
    }

    /// A failure of which the user has been told everything.
    pub fn told(exit: Exit) -> Failure {
        Failure { exit, message: String::new(), hints: Vec::new(), printed: true, findings: Vec::new() }
    }

    /// Adds what to do next.
    pub fn hint(mut self, hint: impl Into<String>) -> Failure {
        self.hints.push(hint.into());
        self
    }
}

/// Something that should not be able to happen, or the machine's fault: exit 1.
impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Failure::new(Exit::Failed, error.to_string())
    }
}

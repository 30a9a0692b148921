//! Exit codes: a command's outcome, and the one number that it ends with.

use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// In sync, or done.
    Done,
    /// Failed; nothing was written.
    Failed,
    /// Differences were found (`plan`, `drift`, `verify`, `doctor`).
    Differences,
    /// The mesh file is wrong.
    MeshWrong,
    /// Refused by a guard, a window, a lock, a stale plan, or a "no" at the prompt.
    Refused,
    /// Applied in part, or applied and not verified.
    Partly,
    /// A cluster could not be read; outranks differences.
    Unread,
    /// The command line is wrong.
    Usage,
    /// Interrupted (SIGINT, SIGTERM).
    Interrupted,
    /// The exit code of a command that `lab run` ran.
    Child(u8),
}

impl Exit {
    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Differences => 2,
            Exit::MeshWrong => 3,
            Exit::Refused => 4,
            Exit::Partly => 5,
            Exit::Unread => 6,
            Exit::Usage => 64,
            Exit::Interrupted => 130,
            Exit::Child(code) => code,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.code())
    }
}

/// The codes, for `--help`.
pub const HELP: &str = "\
Exit codes:
  0    in sync, or done
  1    failed, nothing written
  2    differences found (plan, drift, verify, doctor)
  3    the mesh file is wrong
  4    refused (guard, stale plan, or \"no\" at the prompt)
  5    partly applied, or applied and not verified
  6    a cluster could not be read (outranks 2)
  64   wrong usage
  130  interrupted";

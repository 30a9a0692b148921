//! What CI systems read, as far as it is the same whatever is told in it: the frames of SARIF, of GitLab's code quality
//! report and of GitHub's workflow commands. The mesh file's findings and the results of commands are told in them.

pub mod github;
pub mod gitlab;
pub mod sarif;

/// How grave something is, in the three steps that all formats know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// It is wrong.
    Error,
    /// It may become wrong.
    Warning,
    /// It is to be known.
    Note,
}

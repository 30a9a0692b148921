//! `intermesh diff`: what a change of the mesh file means, without any cluster.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Exit, Failure, Printer, json, validate};
use crate::mesh::diff::Difference;

/// Show what a change of a mesh file means: links, peers, restarts, rules; contacts nothing
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  \
    git show main:mesh.yaml > before.yaml && intermesh diff before.yaml mesh.yaml\n\n\
    Exit codes: 0 compared, 3 one of the files is wrong")]
pub struct Diff {
    /// The mesh file before
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The mesh file after
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// How the difference is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The same as `--format json`
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For a comment on a pull request, of at most 65,535 characters
    Markdown,
    /// For programs
    Json,
}

impl Diff {
    pub(super) fn run(self, printer: &Printer) -> Result<Exit, Failure> {
        let (old, new) = (validate::load(&self.old, printer)?, validate::load(&self.new, printer)?);
        let difference = Difference::between(&old, &new);
        printer.out(&match if self.json { Format::Json } else { self.format } {
            Format::Text => difference.text(),
            Format::Markdown => difference.markdown(),
            Format::Json => json(&difference)?,
        });
        Ok(Exit::Done)
    }
}

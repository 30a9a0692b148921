//! `intermesh explain`: a rule at length.

use clap::Args;

use super::{Exit, Failure, Printer};
use crate::mesh;
use crate::mesh::diagnostics::{explain, list};

/// Tell what a rule such as IM012 wants, why, and how it looks wrong and right
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  intermesh explain IM012\n  intermesh explain --list")]
pub struct Explain {
    /// The rule's code
    #[arg(value_name = "CODE", required_unless_present = "list")]
    code: Option<String>,
    /// List all rules
    #[arg(long, conflicts_with = "code")]
    list: bool,
}

impl Explain {
    pub(super) fn run(self, printer: &Printer) -> Result<Exit, Failure> {
        let Some(code) = self.code else {
            printer.out(&list());
            return Ok(Exit::Done);
        };
        let Some(rule) = mesh::rule(&code) else {
            return Err(Failure::new(Exit::Usage, format!("`{code}` is not a rule"))
                .hint("`intermesh explain --list` lists the rules."));
        };
        printer.out(&explain(rule, printer.width()));
        Ok(Exit::Done)
    }
}

//! `intermesh explain`: a rule at length.

use clap::Args;

use super::{Exit, Failure, Printer};
use crate::mesh::diagnostics::{explain, explain_drift, list};
use crate::mesh::{self, DriftCode};

/// Tell what a rule such as IM012 wants and why, or what a kind of drift such as DR006 means
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  intermesh explain IM012\n  intermesh explain --list")]
pub struct Explain {
    /// The code of a rule or of a kind of drift
    #[arg(value_name = "CODE", required_unless_present = "list")]
    code: Option<String>,
    /// List all rules and kinds of drift
    #[arg(long, conflicts_with = "code")]
    list: bool,
}

impl Explain {
    pub(super) fn run(self, printer: &Printer) -> Result<Exit, Failure> {
        let Some(code) = self.code else {
            printer.out(&list());
            return Ok(Exit::Done);
        };
        let text = match (mesh::rule(&code), DriftCode::named(&code)) {
            (Some(rule), _) => explain(rule, printer.width()),
            (None, Some(drift)) => explain_drift(drift, printer.width()),
            (None, None) => {
                return Err(Failure::new(Exit::Usage, format!("`{code}` is neither a rule nor a kind of drift"))
                    .hint("`intermesh explain --list` lists both."));
            }
        };
        printer.out(&text);
        Ok(Exit::Done)
    }
}

//! A saved plan: canonical JSON, the same plan always the same bytes.

use std::io;

use super::Plan;
use crate::cluster::canonical;

/// Why a file is not a plan that can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// It is not JSON, or ends too early.
    #[error("it is not a saved plan, or it was cut off or edited: {0}")]
    NotAPlan(String),
    /// A newer intermesh wrote it.
    #[error("it has plan format {found}; this version of intermesh reads format {known}")]
    Format {
        /// The file's format.
        found: u64,
        /// The format that is known here.
        known: u32,
    },
    /// Its facts and its fingerprint do not fit.
    #[error("it was edited: its changes do not fit its fingerprint")]
    Edited,
    /// The checker found it wrong.
    #[error("its steps do not make a plan: {0}")]
    Wrong(String),
}

/// A plan as the text of a file.
///
/// # Errors
/// The plan cannot be expressed as JSON.
pub fn write(plan: &Plan) -> Result<String, serde_json::Error> {
    canonical::text(plan)
}

/// Writes a plan without its text being in memory: that of a large mesh is larger than all that it is made from.
///
/// # Errors
/// The plan cannot be expressed as JSON, or it cannot be written.
pub fn write_to(plan: &Plan, out: &mut dyn io::Write) -> Result<(), serde_json::Error> {
    canonical::write(plan, out)
}

/// What tells a plan from another file; the rest is not kept.
#[derive(serde::Deserialize)]
struct Head {
    kind: Option<serde_json::Value>,
    format: Option<serde_json::Value>,
}

/// Reads a plan and checks it.
///
/// # Errors
/// The text is no plan of a known format, or it was edited.
pub fn read(text: &str) -> Result<Plan, FileError> {
    // read once: what else it may be is asked where it is not what it should be
    let plan = match serde_json::from_str::<Plan>(text) {
        Ok(plan) if plan.format == Plan::FORMAT => plan,
        other => return Err(refused(text, other.err())),
    };
    if super::facts::transition(&plan.changes) != plan.transition {
        return Err(FileError::Edited);
    }
    // the steps follow from what is embedded: a plan whose steps were edited is another plan
    let steps = super::build::build(&plan.mesh, &plan.snapshot, &plan.changes);
    if steps.steps != plan.steps || steps.holds != plan.holds || steps.tokens != plan.tokens {
        return Err(FileError::Edited);
    }
    super::check::check(&plan).map_err(|problems| FileError::Wrong(problems.join("; ")))?;
    Ok(plan)
}

/// Why a text is no plan of a known format, as far as its head tells; otherwise it is what the reader said.
fn refused(text: &str, said: Option<serde_json::Error>) -> FileError {
    let not_a_plan = |e: serde_json::Error| FileError::NotAPlan(e.to_string());
    let head: Head = match serde_json::from_str(text) {
        Ok(head) => head,
        Err(error) => return not_a_plan(error),
    };
    if head.kind.as_ref().and_then(serde_json::Value::as_str) != Some("Plan") {
        return FileError::NotAPlan("its `kind` is not `Plan`".into());
    }
    let found = head.format.as_ref().and_then(serde_json::Value::as_u64).unwrap_or(0);
    match said {
        Some(error) if found == u64::from(Plan::FORMAT) => not_a_plan(error),
        _ => FileError::Format { found, known: Plan::FORMAT },
    }
}

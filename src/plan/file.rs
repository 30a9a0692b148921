//! A saved plan: canonical JSON, the same plan always the same bytes.

use super::Plan;

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

/// Writes a plan.
///
/// # Errors
/// The plan cannot be expressed as JSON.
pub fn write(plan: &Plan) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(plan).map(|text| text + "\n")
}

/// Reads a plan and checks it.
///
/// # Errors
/// The text is no plan of a known format, or it was edited.
pub fn read(text: &str) -> Result<Plan, FileError> {
    let value: serde_json::Value = serde_json::from_str(text).map_err(|e| FileError::NotAPlan(e.to_string()))?;
    if value.get("kind").and_then(|k| k.as_str()) != Some("Plan") {
        return Err(FileError::NotAPlan("its `kind` is not `Plan`".into()));
    }
    let format = value.get("format").and_then(serde_json::Value::as_u64).unwrap_or(0);
    if format != u64::from(Plan::FORMAT) {
        return Err(FileError::Format { found: format, known: Plan::FORMAT });
    }
    let plan: Plan = serde_json::from_value(value).map_err(|e| FileError::NotAPlan(e.to_string()))?;
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

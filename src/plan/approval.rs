//! An approval: who has agreed to which transition. It stands in a small file beside the plan, and holds for every
//! later plan with the same transition.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Plan;

/// That somebody agreed to what a plan does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// `Approval`
    pub kind: ApprovalKind,
    /// The version of this format.
    pub format: u32,
    /// The mesh's name.
    pub mesh: String,
    /// Who, as given. It is a claim: what protects it is the place where the file is kept.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// The fingerprint of the facts as the plan saw them.
    pub now: String,
    /// The fingerprint of the facts as the plan leaves them.
    pub then: String,
    /// How many facts the plan changes, for people.
    pub facts: usize,
}

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub enum ApprovalKind {
    /// An approval.
    Approval,
}

/// Why an approval does not count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ApprovalError {
    /// The file is no approval.
    #[error("it is not an approval, or it was cut off or edited: {0}")]
    NotAnApproval(String),
    /// Another version of intermesh wrote it.
    #[error("it has approval format {found}; this version of intermesh reads format {known}")]
    Format {
        /// The file's format.
        found: u32,
        /// The format that is known here.
        known: u32,
    },
    /// It is for something else.
    #[error("{by} approved another transition: {why}")]
    Other {
        /// Who.
        by: String,
        /// What differs.
        why: &'static str,
    },
}

impl Approval {
    /// The format that this version writes.
    pub const FORMAT: u32 = 1;

    /// The approval of a plan.
    pub fn of(plan: &Plan, by: &str, at: Timestamp) -> Approval {
        Approval {
            kind: ApprovalKind::Approval,
            format: Approval::FORMAT,
            mesh: plan.mesh.metadata.name.clone(),
            by: by.to_owned(),
            at,
            now: plan.transition.now.clone(),
            then: plan.transition.then.clone(),
            facts: plan.transition.facts.len(),
        }
    }

    /// The text of the file.
    ///
    /// # Errors
    /// It cannot be expressed as JSON.
    pub fn write(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }

    /// Reads an approval.
    ///
    /// # Errors
    /// The text is none, or one of a format that is not known.
    pub fn read(text: &str) -> Result<Approval, ApprovalError> {
        let approval: Approval = serde_json::from_str(text).map_err(|e| ApprovalError::NotAnApproval(e.to_string()))?;
        match approval.format {
            Approval::FORMAT => Ok(approval),
            found => Err(ApprovalError::Format { found, known: Approval::FORMAT }),
        }
    }

    /// Whether the plan makes the transition that was approved.
    ///
    /// # Errors
    /// It makes another.
    pub fn covers(&self, plan: &Plan) -> Result<(), ApprovalError> {
        let why = if self.mesh != plan.mesh.metadata.name {
            "it was for another mesh"
        } else if self.then != plan.transition.then {
            "the plan now leads elsewhere"
        } else if self.now != plan.transition.now {
            "the clusters are no longer as they were then"
        } else {
            return Ok(());
        };
        Err(ApprovalError::Other { by: self.by.clone(), why })
    }
}

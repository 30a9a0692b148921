//! Why the store could not do what was asked, in kinds that say what may be done next.

use jiff::Timestamp;

use super::lease::Claim;
use super::run::RunId;
use crate::mesh::ClusterName;

/// A store's error. Fits after "failed to …: ".
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The address of the store cannot be used.
    #[error("`{place}` is no store: {why}")]
    Place {
        /// The address, without anything secret.
        place: String,
        /// What is wrong with it.
        why: String,
    },
    /// The store did not do it. What was being written may or may not be there.
    #[error("failed to {doing} `{path}`: {why}")]
    Failed {
        /// What was tried: `read`, `write`, `list`, `delete`.
        doing: &'static str,
        /// The object.
        path: String,
        /// What the store said.
        why: String,
    },
    /// Somebody else wrote the object of this number first.
    #[error("`{path}` was written by somebody else")]
    Collision {
        /// The object.
        path: String,
    },
    /// An object is not what was written: cut off, or changed afterwards.
    #[error("`{path}` is damaged: {why}")]
    Damaged {
        /// The object.
        path: String,
        /// What is wrong with it.
        why: String,
    },
    /// An object was written by a newer intermesh.
    #[error("`{path}` has format {found}; this version of intermesh reads up to {known}")]
    Newer {
        /// The object.
        path: String,
        /// Its format.
        found: u32,
        /// The newest format that is known here.
        known: u32,
    },
    /// An object is whole, and says what this version of intermesh does not know.
    #[error("`{path}`{} says what this version, {}, does not know: {why}", written_by(.made_by), env!("CARGO_PKG_VERSION"))]
    NotKnown {
        /// The object.
        path: String,
        /// The version of intermesh that wrote it, where that is known.
        made_by: Option<String>,
        /// What is not known.
        why: String,
    },
    /// A row of numbered objects has a hole.
    #[error("`{path}` is missing")]
    Missing {
        /// The object.
        path: String,
    },
    /// There is no such run.
    #[error("there is no run `{run}` of mesh `{mesh}`")]
    NoRun {
        /// The mesh.
        mesh: String,
        /// The run.
        run: RunId,
    },
    /// The journal was taken away from this process: somebody broke its lease, or took over after its expiry.
    #[error("run `{run}` was taken away from this process: {by}")]
    TakenAway {
        /// The run.
        run: RunId,
        /// By whom and why, as far as it can be read.
        by: String,
    },
    /// An earlier record could not be written, so no later one is: nobody knows what of the journal is there.
    #[error("the journal of run `{run}` takes no more records, because one could not be written: {why}")]
    JournalClosed {
        /// The run.
        run: RunId,
        /// What went wrong then.
        why: String,
    },
    /// A record does not fit what is in the journal.
    #[error("record {number} of run `{run}` does not fit: {why}")]
    Misfit {
        /// The run.
        run: RunId,
        /// The record's number.
        number: u64,
        /// What does not fit.
        why: String,
    },
    /// Somebody holds the lease.
    #[error("{}", held(.mesh, .claim, .publisher.as_ref()))]
    Held {
        /// The mesh whose run holds it.
        mesh: String,
        /// Who, since when, until when.
        claim: Box<Claim>,
        /// The cluster that both meshes share, where it is another mesh.
        publisher: Option<ClusterName>,
    },
    /// The lease is no longer this process's.
    #[error("the lease of mesh `{mesh}` was lost: {why}")]
    Lost {
        /// The mesh.
        mesh: String,
        /// How.
        why: String,
    },
}

fn written_by(made_by: &Option<String>) -> String {
    made_by.as_ref().map(|version| format!(", which intermesh {version} wrote,")).unwrap_or_default()
}

fn held(mesh: &str, claim: &Claim, publisher: Option<&ClusterName>) -> String {
    let Claim { owner, run, since, expires_at, .. } = claim;
    let shared = publisher.map(|name| format!(", which has cluster `{name}` too,")).unwrap_or_default();
    format!(
        "mesh `{mesh}`{shared} is locked by {owner} since {}, run `{run}`; the lease ends at {} unless it is renewed",
        second(*since),
        second(*expires_at)
    )
}

/// A time to the second, in UTC.
pub(super) fn second(at: Timestamp) -> String {
    format!("{at:.0}")
}

/// What the environment must hold where a machine has no identity of its own in its cloud.
const CREDENTIALS: &str = "A bucket needs AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION (s3), \
                           GOOGLE_SERVICE_ACCOUNT with the path of a key file (gs), AZURE_STORAGE_ACCOUNT_NAME and \
                           AZURE_STORAGE_ACCOUNT_KEY (az).";

impl StoreError {
    /// What to do next, in a full sentence, where there is something to say.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            StoreError::Place { .. } => format!(
                "Give a folder, or s3://BUCKET/PREFIX, gs://BUCKET/PREFIX, az://CONTAINER/PREFIX. {CREDENTIALS}"
            ),
            StoreError::Failed { .. } => format!(
                "Check that the store can be reached from here, and the credentials in the environment; nothing is \
                 done without it. {CREDENTIALS}"
            ),
            StoreError::Damaged { .. } | StoreError::Missing { .. } => {
                "Restore the object from a backup; the clusters themselves are not concerned. `intermesh plan` tells \
                 what is left to do in any case."
                    .into()
            }
            StoreError::Newer { .. } | StoreError::NotKnown { .. } => {
                "Use the version of intermesh that wrote it, or a newer one.".into()
            }
            StoreError::NoRun { mesh, .. } => format!("See `intermesh runs list --mesh {mesh}`."),
            StoreError::Held { mesh, .. } => format!(
                "Wait for it. When you are sure that it is dead, `intermesh lock break --mesh {mesh} --reason TEXT` \
                 ends its lease."
            ),
            StoreError::TakenAway { .. } | StoreError::Lost { .. } => {
                "See `intermesh lock show`; when nobody else is at work, `intermesh apply --resume MESH` goes on."
                    .into()
            }
            StoreError::JournalClosed { .. } => "`intermesh apply --resume MESH` goes on from what is there.".into(),
            StoreError::Collision { .. } | StoreError::Misfit { .. } => return None,
        })
    }
}

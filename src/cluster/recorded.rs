//! A snapshot on disk: canonical JSON, made on one machine and planned on another.

use super::canonical;
use super::snapshot::Snapshot;

/// Why a file is not a snapshot that can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// It is not JSON, it ends too early, or it holds something else.
    #[error("it is not a snapshot, or it was cut off or edited: {0}")]
    NotASnapshot(String),
    /// It is another file of ours.
    #[error("it is a {0}, not a snapshot")]
    Kind(String),
    /// Another version of intermesh wrote it.
    #[error("it has snapshot format {found}; this version of intermesh reads format {known}")]
    Format {
        /// The file's format.
        found: u64,
        /// The format that is known here.
        known: u32,
    },
}

/// What tells a snapshot from another file; the rest is not kept.
#[derive(serde::Deserialize)]
struct Head {
    kind: Option<serde_json::Value>,
    format: Option<serde_json::Value>,
}

/// Writes a snapshot: the same snapshot, the same bytes.
///
/// # Errors
/// The snapshot cannot be expressed as JSON.
pub fn write(snapshot: &Snapshot) -> Result<String, serde_json::Error> {
    canonical::text(snapshot)
}

/// Reads a snapshot.
///
/// # Errors
/// The text is no snapshot of a known format.
pub fn read(text: &str) -> Result<Snapshot, RecordError> {
    // read once: what else it may be is asked where it is not what it should be
    match serde_json::from_str::<Snapshot>(text) {
        Ok(snapshot) if snapshot.format == Snapshot::FORMAT => Ok(snapshot),
        other => Err(refused(text, other.err())),
    }
}

/// Why a text is no snapshot of a known format, as far as its head tells; otherwise it is what the reader said.
fn refused(text: &str, said: Option<serde_json::Error>) -> RecordError {
    let not_a_snapshot = |e: serde_json::Error| RecordError::NotASnapshot(e.to_string());
    let head: Head = match serde_json::from_str(text) {
        Ok(head) => head,
        Err(error) => return not_a_snapshot(error),
    };
    match head.kind.as_ref().and_then(serde_json::Value::as_str) {
        Some("Snapshot") => {}
        Some(kind) => return RecordError::Kind(kind.to_lowercase()),
        None => return RecordError::NotASnapshot("its `kind` is not `Snapshot`".into()),
    }
    let found = head.format.as_ref().and_then(serde_json::Value::as_u64).unwrap_or(0);
    match said {
        Some(error) if found == u64::from(Snapshot::FORMAT) => not_a_snapshot(error),
        _ => RecordError::Format { found, known: Snapshot::FORMAT },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::{ClusterSnapshot, Unread};

    fn snapshot() -> Snapshot {
        let clusters = [("emea".into(), ClusterSnapshot::unread(&Unread::NotAsked))].into();
        Snapshot::new("acme", jiff::Timestamp::UNIX_EPOCH, clusters)
    }

    #[test]
    fn what_was_written_is_read_again() {
        assert_eq!(read(&write(&snapshot()).unwrap()), Ok(snapshot()));
    }

    #[test]
    fn what_is_no_snapshot_says_why() {
        let good = write(&snapshot()).unwrap();
        let check = |text: String, expected: &str| {
            let error = read(&text).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        };
        check(good[..good.len() / 2].to_owned(), "cut off");
        check(
            good.replace("\"format\": 1", "\"format\": 9"),
            "snapshot format 9; this version of intermesh reads format 1",
        );
        check(good.replace("\"kind\": \"Snapshot\"", "\"kind\": \"Plan\""), "it is a plan");
        check(good.replace("\"taken_at\"", "\"taken\""), "line ");
        check("[]".to_owned(), "not a snapshot");
    }
}

//! `intermesh snapshot`: everything that plan and verify rely on, read once and kept. Reads only.

use std::path::{Path, PathBuf};

use clap::Args;

use super::session::{Session, unread_lines};
use super::{Exit, Failure, Printer, files};
use crate::cluster::{ClusterSnapshot, Error, ErrorKind, Place, Snapshot, Unread, recorded};
use crate::mesh::{Mesh, State};

/// Read every cluster and keep what was read; changes nothing
///
/// The file holds all that `plan` relies on and no secret. `intermesh plan MESH --snapshot FILE` then works without any
/// network, as often as wanted: for a review on another machine, for a what-if on a changed mesh file.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  intermesh snapshot mesh.yaml -o snapshot.json\n  intermesh plan mesh.yaml \
                        --snapshot snapshot.json\n\nExit codes: 0 all was read, 6 something could not be read and is \
                        marked so in the file")]
pub struct SnapshotCommand {
    /// The mesh file
    #[arg(value_name = "MESH")]
    mesh: PathBuf,
    /// Where to keep it; standard output when not given
    #[arg(short, long, visible_alias = "output", value_name = "FILE")]
    out: Option<PathBuf>,
}

impl SnapshotCommand {
    pub(super) async fn run(self, printer: &Printer) -> Result<Exit, Failure> {
        let session = Session::open(&self.mesh, printer)?;
        let observers = session.observers()?;
        let mut snapshot = session.snapshot(&observers, printer).await;
        // a plan relies on that, too
        session.ask_nodes(&observers, &mut snapshot, &|_| true, printer).await;
        let text = recorded::write(&snapshot)
            .map_err(|e| Failure::new(Exit::Failed, format!("failed to write the snapshot: {e}")))?;
        match &self.out {
            Some(out) => {
                files::save("snapshot", out, &text)?;
                let clusters = snapshot.clusters.len();
                printer.note(&format!("{clusters} clusters read; saved to {}", out.display()));
            }
            None => printer.out(&text),
        }
        let unread = unread_lines(&snapshot);
        if unread.is_empty() {
            return Ok(Exit::Done);
        }
        printer.err(&unread.join("\n"));
        Ok(Exit::Unread)
    }
}

/// A kept snapshot, to be planned for a mesh. A cluster that the snapshot does not hold is unread.
///
/// # Errors
/// The file is no snapshot, or one of another mesh.
pub fn kept(path: &Path, mesh: &Mesh) -> Result<Snapshot, Failure> {
    let refuse = |why: &dyn std::fmt::Display| {
        Failure::new(Exit::Refused, format!("failed to use the snapshot `{}`: {why}", path.display()))
            .hint("Make one with `intermesh snapshot MESH -o FILE`.")
    };
    let text = std::fs::read_to_string(path).map_err(|e| refuse(&e))?;
    let mut snapshot = recorded::read(&text).map_err(|e| refuse(&e))?;
    if snapshot.mesh != mesh.metadata.name {
        return Err(refuse(&format!("it is of the mesh `{}`, the file is `{}`", snapshot.mesh, mesh.metadata.name)));
    }
    for cluster in mesh.clusters.iter().filter(|c| c.state != State::Gone) {
        snapshot.clusters.entry(cluster.name.clone()).or_insert_with(|| {
            let place = Place { cluster: cluster.name.clone(), node: None };
            let kind = ErrorKind::Unsupported { detail: "the snapshot does not hold the cluster".into() };
            ClusterSnapshot::unread(&Unread::Failed(Error { place, doing: "find the cluster".into(), kind }))
        });
    }
    Ok(snapshot)
}

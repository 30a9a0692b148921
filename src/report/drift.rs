//! Drift as text: what is not as the file says, with both ends of every link.

use std::fmt::Write;

use super::words::{BAD, DIM, EMPHASIS, GOOD, NOTE, counted};
use crate::mesh::Mesh;
use crate::plan::drift::{Drift, End, LinkDrift, PeerDrift};

/// What drift was found.
pub fn drift(mesh: &Mesh, mesh_file: &str, found: &Drift) -> String {
    let mut out = String::new();
    let Drift { links, peers, clusters } = found;
    let name = &mesh.metadata.name;
    if found.is_empty() {
        let _ = writeln!(out, "{EMPHASIS}mesh {name}{EMPHASIS:#}: no drift");
        return out;
    }
    let n = counted(links.len() + peers.len() + clusters.len(), "finding");
    let _ = writeln!(out, "{EMPHASIS}mesh {name}{EMPHASIS:#}: {n}");
    let place = |line: Option<usize>| line.map(|line| format!("  {DIM}{mesh_file}:{line}{DIM:#}")).unwrap_or_default();
    for LinkDrift { between, ends, line } in links {
        let _ = writeln!(out, "  {BAD}link {between}{BAD:#}{}", place(*line));
        for End { cluster, address, problems } in ends {
            if problems.is_empty() {
                let _ = writeln!(out, "    {GOOD}ok {GOOD:#} {cluster}: peer {address}");
            }
            for problem in problems {
                let _ = writeln!(out, "    {BAD}bad{BAD:#} {cluster}: peer {address}: {problem}");
            }
        }
    }
    for PeerDrift { cluster, address, reason, line } in peers {
        let _ = writeln!(out, "  {NOTE}peer {address} on {cluster}{NOTE:#}: {reason}{}", place(*line));
    }
    for problem in clusters {
        let _ = writeln!(out, "  {BAD}cluster {}{BAD:#}: {}", problem.cluster, problem.what);
    }
    out
}

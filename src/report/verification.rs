//! Verification as text: a line a link, and under it what is wrong on which side.

use std::fmt::Write;

use super::words::{BAD, DIM, EMPHASIS, GOOD, counted};
use crate::mesh::Mesh;
use crate::plan::verify::{Side, Verification};

/// What verification found.
pub fn verification(mesh: &Mesh, found: &Verification) -> String {
    let mut out = String::new();
    let healthy = found.sides.iter().filter(|s| s.problems.is_empty()).count();
    let name = &mesh.metadata.name;
    let _ =
        writeln!(out, "{EMPHASIS}mesh {name}{EMPHASIS:#}: {healthy} of {} healthy", counted(found.sides.len(), "peer"));
    let width = found.sides.iter().map(|s| s.cluster.as_str().len() + s.to.as_str().len() + 4).max().unwrap_or(0);
    for side in &found.sides {
        let Side { cluster, to, associated_users, users_there, problems } = side;
        let arrow = format!("{cluster} -> {to}");
        let users = match (associated_users, users_there) {
            (Some(found), Some(there)) => format!("{found} of {}", counted(*there as usize, "user")),
            (Some(found), None) => counted(*found as usize, "user"),
            (None, _) => String::new(),
        };
        let (mark, style) = if problems.is_empty() { ("ok ", GOOD) } else { ("bad", BAD) };
        let _ = writeln!(out, "  {style}{mark}{style:#} {arrow:width$}  {DIM}{users}{DIM:#}");
        for problem in problems {
            let _ = writeln!(out, "        {problem}");
        }
    }
    for problem in &found.clusters {
        let _ = writeln!(out, "  {BAD}bad{BAD:#} {}: {}", problem.cluster, problem.what);
    }
    out
}

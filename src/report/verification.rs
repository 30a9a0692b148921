//! Verification as text: a line for each side of a link and for each cluster, every entry of the panel where a side is not
//! well or where all is asked for.

use std::fmt::Write;

use super::words::{BAD, DIM, EMPHASIS, GOOD, counted, number, plain};
use crate::cluster::{Check, Outcome, StatusEntry};
use crate::mesh::Mesh;
use crate::plan::verify::{Agent, ClusterProblem, LookedAt, Problem, Side, Verification};

/// What verification found; `all` shows every entry of healthy sides, and every test, too.
pub fn verification(mesh: &Mesh, found: &Verification, all: bool) -> String {
    let Verification { sides, clusters, looked_at } = found;
    let mut out = String::new();
    let healthy = sides.iter().filter(|s| s.problems.is_empty()).count();
    let name = &mesh.metadata.name;
    let _ = writeln!(out, "{EMPHASIS}mesh {name}{EMPHASIS:#}: {healthy} of {} healthy", counted(sides.len(), "peer"));
    let width = sides.iter().map(|s| s.cluster.as_str().len() + s.to.as_str().len() + 4).max().unwrap_or(0);
    for side in sides {
        one(&mut out, side, width, all);
    }
    for cluster in looked_at {
        surroundings(&mut out, cluster, width, all);
    }
    for ClusterProblem { cluster, what } in clusters {
        let _ = writeln!(out, "  {BAD}bad{BAD:#} {cluster}: {}", plain(what));
    }
    out
}

/// What is still not well, in a few lines: for whoever waits.
pub fn missing(found: &Verification) -> Vec<String> {
    let mut missing = Vec::new();
    for Side { cluster, to, problems, .. } in &found.sides {
        missing.extend(problems.iter().map(|problem| format!("{cluster} -> {to}: {}", plain(&problem.to_string()))));
    }
    missing.extend(found.clusters.iter().map(|problem| format!("{}: {}", problem.cluster, plain(&problem.what))));
    missing
}

fn one(out: &mut String, side: &Side, width: usize, all: bool) {
    let Side { cluster, to, associated_users, users_there, protocol, entries, last_synchronized, problems } = side;
    let arrow = format!("{cluster} -> {to}");
    let users = match (associated_users, users_there) {
        (Some(found), Some(there)) => format!("{} of {}", number(*found as usize), counted(*there as usize, "user")),
        (Some(found), None) => counted(*found as usize, "user"),
        (None, _) => "users not shown".to_owned(),
    };
    let mut words: Vec<String> = protocol.iter().cloned().collect();
    words.push(users);
    words.extend(last_synchronized.iter().map(|last| format!("synced {}", plain(last))));
    let (mark, style) = if problems.is_empty() { ("ok ", GOOD) } else { ("bad", BAD) };
    let _ = writeln!(out, "  {style}{mark}{style:#} {arrow:width$}  {DIM}{}{DIM:#}", words.join(", "));
    if !all && problems.is_empty() {
        return;
    }
    // what the panel says by itself follows as its entry
    for problem in problems.iter().filter(|problem| !matches!(problem, Problem::Entry { .. })) {
        let words = match problem {
            Problem::Users { found: Some(found), wanted } => {
                format!("Associated Users {} of {}", number(*found as usize), number(*wanted as usize))
            }
            other => other.to_string(),
        };
        let _ = writeln!(out, "        {BAD}{}{BAD:#}", plain(&words));
    }
    for StatusEntry { label, value, outcome } in entries {
        let (sign, style) = sign(*outcome);
        let _ = writeln!(out, "        {style}{sign}{style:#} {}: {}", plain(label), plain(value));
    }
}

fn surroundings(out: &mut String, cluster: &LookedAt, width: usize, all: bool) {
    let LookedAt { cluster: name, users, certificates_until, tests, agents } = cluster;
    let mut words = vec![users.map_or("users not read".to_owned(), |users| counted(users as usize, "user"))];
    words.extend(certificates_until.map(|until| format!("certificates to {}", until.strftime("%Y-%m-%d"))));
    if let Some(tests) = tests {
        let failed = tests.iter().filter(|row| row.outcome == Outcome::Failed).count();
        let passed = tests.iter().filter(|row| row.outcome == Outcome::Passed).count();
        words.push(format!("tests {passed}/{}", passed + failed));
    }
    let running = agents.iter().filter(|agent| agent.state.runs()).count();
    words.push(format!("agents {running}/{}", agents.len()));
    let _ = writeln!(out, "      {name:width$}  {DIM}{}{DIM:#}", words.join(", "));
    if !all {
        return;
    }
    for Check { section: _, test, outcome, problem, solution: _ } in tests.iter().flatten() {
        let (sign, style) = sign(*outcome);
        let problem = if problem.is_empty() { String::new() } else { format!(" {}", plain(problem)) };
        let _ = writeln!(out, "        {style}{sign}{style:#} {}{problem}", plain(test));
    }
    for Agent { node, state, since } in agents {
        let since = since.map(|since| format!(" since {}", since.strftime("%Y-%m-%d %H:%M UTC"))).unwrap_or_default();
        let _ = writeln!(out, "        Cisco Intercluster Sync Agent on {node}: {}{since}", state.word());
    }
}

fn sign(outcome: Outcome) -> (&'static str, anstyle::Style) {
    match outcome {
        Outcome::Passed => ("✓", GOOD),
        Outcome::Failed => ("✗", BAD),
        Outcome::Warning => ("!", super::words::NOTE),
        Outcome::Information => ("i", DIM),
        Outcome::Unclear => ("?", DIM),
    }
}

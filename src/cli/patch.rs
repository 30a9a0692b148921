//! `intermesh drift --patch`: the edit of the mesh file that accepts the world as it is, as a unified diff. Nothing is
//! written: `git apply` or `patch -p1` do that, after somebody has looked.

use std::path::Path;

use similar::TextDiff;

use super::Printer;
use crate::cluster::Snapshot;
use crate::mesh::edit::{CannotEdit, edit};
use crate::mesh::{DriftCode, Loaded, Severity, load_str};
use crate::plan::drift::{Drift, Finding, propose};

/// The lines around a change that a diff shows.
const CONTEXT: usize = 3;

/// Prints the diff, and on standard error what it leaves out and why.
pub fn print(
    loaded: &Loaded,
    snapshot: &Snapshot,
    found: &Drift,
    today: jiff::civil::Date,
    judge: &dyn Fn(&Loaded) -> Drift,
    printer: &Printer,
) {
    let proposed = propose(&loaded.mesh, snapshot, found, today);
    let mut left: Vec<(usize, String)> = proposed.left;
    let mut after = loaded.clone();
    for (change, answers) in proposed.edits {
        match tried(&after, &change, found, &answers, judge) {
            Ok(edited) => after = edited,
            Err(why) => left.extend(answers.into_iter().map(|at| (at, why.clone()))),
        }
    }
    left.sort_by_key(|(at, _)| *at);
    printer.out(&unified(loaded, &after));
    for (at, why) in &left {
        if let Some(Finding { code, place, .. }) = found.findings.get(*at) {
            printer.err(&format!("not in the patch: {code} {}: {why}", place.words()));
        }
    }
}

/// A mesh file with one more edit, if it then says what it should: the findings are gone, and no new one is there.
fn tried(
    before: &Loaded,
    change: &crate::mesh::edit::Edit,
    found: &Drift,
    answers: &[usize],
    judge: &dyn Fn(&Loaded) -> Drift,
) -> Result<Loaded, String> {
    let text = edit(before.source.text(), &before.mesh, change).map_err(|why: CannotEdit| why.to_string())?;
    let name = before.source.name();
    let edited = load_str(name, &text, super::validate::today()).map_err(|findings| {
        let first = findings.findings.iter().find(|f| f.severity == Severity::Error);
        format!("the file would be wrong: {}", first.map_or("it could not be read", |f| f.message.as_str()))
    })?;
    let now = judge(&edited);
    let same = |a: &Finding, b: &Finding| a.code == b.code && a.place == b.place;
    let stays =
        answers.iter().filter_map(|at| found.findings.get(*at)).any(|f| now.findings.iter().any(|n| same(n, f)));
    // a restart that was asked for because of what is accepted now is still to be made
    let is_new = |n: &&Finding| n.code != DriftCode::RestartAsked && !found.findings.iter().any(|f| same(n, f));
    let new = now.findings.iter().find(is_new);
    match (stays, new) {
        (true, _) => Err("no edit of the file says so".to_owned()),
        (_, Some(new)) => Err(format!("the file would then find {} {}", new.code, new.place.words())),
        _ => Ok(edited),
    }
}

fn unified(before: &Loaded, after: &Loaded) -> String {
    let (old, new) = (before.source.text(), after.source.text());
    if old == new {
        return String::new();
    }
    let name = before.source.name();
    let path = Path::new(name);
    // as `git apply` and `patch -p1` want it; an absolute path is not one of a repository
    let short = match path.is_absolute() {
        true => path.file_name().map_or(name.to_owned(), |file| file.to_string_lossy().into_owned()),
        false => name.trim_start_matches("./").to_owned(),
    };
    let diff = TextDiff::from_lines(old, new);
    diff.unified_diff().context_radius(CONTEXT).header(&format!("a/{short}"), &format!("b/{short}")).to_string()
}

//! Drift as text, for a tired person: the sum first, then each finding with its place, who is affected, since when, the
//! line of the file, and what to do.

use std::fmt::Write;

use super::words::{BAD, DIM, EMPHASIS, GOOD, NOTE, counted, number, plain, when};
use crate::cluster::Depth;
use crate::mesh::{ClusterName, DriftSeverity};
use crate::plan::drift::{Accepted, Affected, Counts, Drift, Finding, LastRun, Unread};

/// The text is not wider than this, however wide the terminal is: lines that long are hard to read.
const WIDEST: usize = 100;
/// Links that are named; of more the rest is counted.
const NAMED: usize = 3;
/// The width of `since`, `affects` and the like, with their space.
const KEYS: usize = 9;

/// What drift was found, for a terminal of `width` columns.
pub fn drift(mesh_file: &str, found: &Drift, width: usize) -> String {
    let Drift { mesh, at: _, depth, last_applied, counts, findings, accepted, unread } = found;
    let width = width.clamp(40, WIDEST);
    let mut out = String::new();
    let quick = match depth {
        Depth::Quick => " (quick)",
        Depth::Full => "",
    };
    let _ = writeln!(out, "{EMPHASIS}mesh {}{EMPHASIS:#}: {}{quick}", plain(mesh), sum(counts, findings, unread));
    if !findings.is_empty() {
        for line in lines(&by_whom(last_applied.as_ref()), width) {
            let _ = writeln!(out, "{DIM}{line}{DIM:#}");
        }
    }
    for finding in findings {
        let _ = writeln!(out);
        one(&mut out, mesh_file, finding, width);
    }
    if !accepted.is_empty() {
        let _ = writeln!(out, "\n{EMPHASIS}accepted{EMPHASIS:#}");
        for Accepted { finding, reason, owner, until, line } in accepted {
            let owner = owner.as_ref().map(|owner| format!("{owner}, ")).unwrap_or_default();
            let until = until.as_ref().map_or("for ever".to_owned(), |until| format!("until {until}"));
            let place = line.map(|line| format!(", {mesh_file}:{line}")).unwrap_or_default();
            let text = format!(
                "{} {}: {}: {reason} ({owner}{until}{place})",
                finding.code,
                finding.place.words(),
                finding.what
            );
            block(&mut out, "  ", "    ", &text, width);
        }
    }
    if !unread.is_empty() {
        let _ = writeln!(out, "\n{EMPHASIS}not read{EMPHASIS:#}: nothing is known of this");
        for Unread { cluster: _, error } in unread {
            block(&mut out, "  ", "    ", &error.to_string(), width);
        }
    }
    out
}

/// `3 findings: 1 error, 2 warnings; 1 accepted`
pub(super) fn sum(counts: &Counts, findings: &[Finding], unread: &[Unread]) -> String {
    let Counts { error, warning, note, accepted } = *counts;
    let part =
        |n: usize, word: &str, style: anstyle::Style| (n > 0).then(|| format!("{style}{}{style:#}", counted(n, word)));
    let parts = [part(error, "error", BAD), part(warning, "warning", NOTE), part(note, "note", DIM)];
    let mut text = match findings.len() {
        0 if unread.is_empty() => format!("{GOOD}no drift{GOOD:#}"),
        0 => "no drift in what could be read".to_owned(),
        n => format!("{}: {}", counted(n, "finding"), parts.into_iter().flatten().collect::<Vec<_>>().join(", ")),
    };
    if accepted > 0 {
        let _ = write!(text, "; {accepted} accepted");
    }
    text
}

fn by_whom(last: Option<&LastRun>) -> String {
    match last {
        Some(LastRun { run, at }) => format!("last applied: run {run}, {}", when(*at)),
        None => "no run of this mesh is known here, so no finding says whether the file or the world moved; `--store` \
                 names another store"
            .to_owned(),
    }
}

fn style(severity: DriftSeverity) -> anstyle::Style {
    match severity {
        DriftSeverity::Error => BAD,
        DriftSeverity::Warning => NOTE,
        DriftSeverity::Note => DIM,
    }
}

fn one(out: &mut String, mesh_file: &str, finding: &Finding, width: usize) {
    let Finding { code, severity, label, place, what, since, line, fix, affects, seen_as } = finding;
    let style = style(*severity);
    let label = label.map(|label| format!(" {}", label.word())).unwrap_or_default();
    let place = plain(&place.words());
    let _ = write!(out, "{style}{severity}{style:#} {EMPHASIS}{code}{EMPHASIS:#}{label}");
    let taken = severity.word().len() + code.code().len() + label.len() + 3;
    let apart = if taken + place.chars().count() <= width { "  " } else { "\n  " };
    let _ = writeln!(out, "{apart}{EMPHASIS}{place}{EMPHASIS:#}");
    block(out, "  ", "  ", what, width);
    let mut row = |key: &str, text: &str| {
        let first = format!("  {key:KEYS$}");
        block(out, &first, &" ".repeat(KEYS + 2), text, width);
    };
    if !affects.is_empty() {
        row("affects", &who(affects));
    }
    if let Some(since) = since {
        row("since", since);
    }
    if let Some(line) = line {
        row("file", &format!("{mesh_file}:{line}"));
    }
    for (at, seen) in seen_as.iter().enumerate() {
        row(if at == 0 { "seen as" } else { "" }, seen);
    }
    row("do", fix);
}

/// `presence between emea (12,000 users) and apac (8,000), latam (3,000)`
pub(super) fn who(affects: &[Affected]) -> String {
    let users = |users: Option<u64>| match users {
        Some(users) => number(users as usize),
        None => "unread".to_owned(),
    };
    let sides = |affected: &Affected| {
        let [a, b] = affected.users;
        [(affected.between.a().clone(), a), (affected.between.b().clone(), b)]
    };
    let Some(first) = affects.first() else { return String::new() };
    // the cluster that all of them have
    let common: Option<ClusterName> =
        sides(first).into_iter().map(|(name, _)| name).find(|name| affects.iter().all(|a| a.between.has(name)));
    let Some(common) = common else { return counted(affects.len(), "link") };
    let count = |name: &ClusterName| {
        affects.iter().flat_map(sides).find(|(known, _)| known == name).and_then(|(_, users)| users)
    };
    let others: Vec<ClusterName> =
        affects.iter().flat_map(sides).map(|(name, _)| name).filter(|name| *name != common).collect();
    let mut named: Vec<String> =
        others.iter().take(NAMED).map(|name| format!("{name} ({})", users(count(name)))).collect();
    if let Some(more @ 1..) = others.len().checked_sub(NAMED) {
        named.push(format!("{} more", counted(more, "cluster")));
    }
    let noun = if count(&common).is_some() { " users" } else { "" };
    format!("presence between {common} ({}{noun}) and {}", users(count(&common)), named.join(", "))
}

fn block(out: &mut String, first: &str, next: &str, text: &str, width: usize) {
    for (at, line) in lines(&plain(text), width.saturating_sub(next.len())).iter().enumerate() {
        let _ = writeln!(out, "{}{line}", if at == 0 { first } else { next });
    }
}

/// Lines that break at spaces alone: a name, a date or a command is copied whole.
fn lines(text: &str, width: usize) -> Vec<String> {
    let options = textwrap::Options::new(width)
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .word_separator(textwrap::WordSeparator::AsciiSpace);
    textwrap::wrap(text, options).into_iter().map(String::from).collect()
}

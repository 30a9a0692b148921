//! A diagnosis as text: first the sum, then a line for each cluster, and under it what is not well, with the fix. What
//! is well is folded to counts unless all is asked for.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::junit::{Case, CaseResult, Suite};
use super::words::{BAD, DIM, EMPHASIS, GOOD, NOTE, counted};
use crate::plan::doctor::{Counts, Diagnosis, Finding, Scope, Verdict};

/// The text is not wider than this, however wide the terminal is: lines that long are hard to read.
const WIDEST: usize = 100;

/// What was found, for a terminal of `width` columns; `all` shows what is well, too.
pub fn doctor(diagnosis: &Diagnosis, all: bool, width: usize) -> String {
    let Diagnosis { mesh, at: _, counts, findings } = diagnosis;
    let width = width.clamp(40, WIDEST);
    let mut out = String::new();
    let _ = writeln!(out, "{EMPHASIS}mesh {mesh}{EMPHASIS:#}: {}", sum(counts, findings));
    let sections = sections(findings);
    let names = sections.iter().map(|(title, _)| title.chars().count()).max().unwrap_or(0).min(40);
    let mut folded = 0;
    for (title, findings) in &sections {
        let counts = Counts::of(findings.iter().copied());
        let shown: Vec<&Finding> = findings.iter().copied().filter(|f| all || is_told(f.verdict)).collect();
        let is_pair = matches!(findings.first().map(|f| &f.scope), Some(Scope::Pair { .. }));
        if shown.is_empty() && is_pair {
            folded += 1;
            continue;
        }
        let _ = writeln!(out, "\n{EMPHASIS}{title:names$}{EMPHASIS:#}  {}", short(&counts));
        for same in alike(&shown, all) {
            row(&mut out, &same, width);
        }
    }
    if folded > 0 {
        let of = counted(folded, "direction");
        let _ = writeln!(out, "\n{of} of links without anything to tell");
    }
    if !all {
        unsaid(&mut out, findings, width);
    }
    out
}

/// Whether a finding is told by itself; the others are counted.
fn is_told(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Failed | Verdict::Warning)
}

/// `3 of 84 checks failed, 1 warning, 2 unknown, 24 skipped: no `cli``
fn sum(counts: &Counts, findings: &[Finding]) -> String {
    let all = counted(counts.all(), "check");
    let mut text = match counts.failed {
        0 => format!("{GOOD}none{GOOD:#} of {all} failed"),
        failed => format!("{BAD}{failed}{BAD:#} of {all} failed"),
    };
    if counts.warning > 0 {
        let _ = write!(text, ", {}", counted(counts.warning, "warning"));
    }
    if counts.unknown > 0 {
        let _ = write!(text, ", {} unknown", counts.unknown);
    }
    if counts.skipped > 0 {
        let _ = write!(text, ", {} skipped", counts.skipped);
        let reasons: BTreeMap<&str, ()> =
            findings.iter().filter(|f| f.verdict == Verdict::Skipped).map(|f| (f.found.as_str(), ())).collect();
        if let (1, Some(reason)) = (reasons.len(), reasons.keys().next()) {
            let _ = write!(text, ": {reason}");
        }
    }
    text
}

fn short(counts: &Counts) -> String {
    let Counts { ok, failed, warning, skipped, unknown } = *counts;
    let part = |n: usize, word: &str, style: anstyle::Style| (n > 0).then(|| format!("{style}{n} {word}{style:#}"));
    let parts = [
        part(ok, "ok", GOOD),
        part(failed, "failed", BAD),
        part(warning, "to look at", NOTE),
        part(unknown, "unknown", NOTE),
        part(skipped, "skipped", DIM),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// The findings by what they concern, in the order they came.
fn sections(findings: &[Finding]) -> Vec<(String, Vec<&Finding>)> {
    let mut sections: Vec<(String, Vec<&Finding>)> = Vec::new();
    for finding in findings {
        let title = match &finding.scope {
            Scope::Mesh => "all clusters".to_owned(),
            Scope::Cluster { cluster } | Scope::Node { cluster, node: _ } => format!("cluster {cluster}"),
            Scope::Pair { from, to } => format!("{from} -> {to}"),
        };
        match sections.iter_mut().find(|(known, _)| *known == title) {
            Some((_, section)) => section.push(finding),
            None => sections.push((title, vec![finding])),
        }
    }
    sections
}

fn mark(verdict: Verdict) -> (&'static str, anstyle::Style) {
    match verdict {
        Verdict::Ok => ("ok", GOOD),
        Verdict::Failed => ("failed", BAD),
        Verdict::Warning => ("look", NOTE),
        Verdict::Skipped => ("skipped", DIM),
        Verdict::Unknown => ("unknown", NOTE),
    }
}

/// More nodes than this of which the same is said are one row.
const SAME_NODES: usize = 3;

/// Findings of which the same is said, of one node after another; those of which many nodes share it are together.
fn alike<'a>(findings: &[&'a Finding], one_by_one: bool) -> Vec<Vec<&'a Finding>> {
    let said = |finding: &'a Finding| match &finding.scope {
        Scope::Node { node, .. } if !one_by_one => Some((
            &finding.prerequisite,
            finding.verdict,
            &finding.found,
            finding.source,
            fix_of(finding, node.as_str()),
        )),
        _ => None,
    };
    let count = |finding: &'a Finding| match said(finding) {
        Some(what) => findings.iter().filter(|other| said(other).as_ref() == Some(&what)).count(),
        None => 1,
    };
    let mut rows: Vec<Vec<&Finding>> = Vec::new();
    for &finding in findings {
        let is_one_of_many = count(finding) > SAME_NODES;
        let same = |row: &&mut Vec<&'a Finding>| row.first().is_some_and(|first| said(first) == said(finding));
        match rows.iter_mut().find(same).filter(|_| is_one_of_many) {
            Some(row) => row.push(finding),
            None => rows.push(vec![finding]),
        }
    }
    rows
}

/// What to do, for any of the nodes.
fn fix_of(finding: &Finding, node: &str) -> Option<String> {
    finding.fix.as_ref().map(|fix| fix.replace(node, "each of them"))
}

fn row(out: &mut String, same: &[&Finding], width: usize) {
    let [finding, others @ ..] = same else { return };
    let Finding { scope, prerequisite, verdict, found, fix, source } = *finding;
    let (word, style) = mark(*verdict);
    let node = match scope {
        Scope::Node { .. } if !others.is_empty() => format!("{}: ", counted(same.len(), "node")),
        Scope::Node { node, cluster: _ } => format!("{node}: "),
        Scope::Mesh | Scope::Cluster { .. } | Scope::Pair { .. } => String::new(),
    };
    let fix = match scope {
        Scope::Node { node, .. } if !others.is_empty() => fix_of(finding, node.as_str()),
        _ => fix.clone(),
    };
    let text = format!("{node}{prerequisite}: {found}");
    let wrapped = lines(&text, width.saturating_sub(11));
    for (at, line) in wrapped.iter().enumerate() {
        let word = if at == 0 { word } else { "" };
        let _ = writeln!(out, "  {style}{word:7}{style:#}  {line}");
    }
    if !others.is_empty() {
        let nodes = same.iter().filter_map(|f| match &f.scope {
            Scope::Node { node, .. } => Some(node.as_str()),
            _ => None,
        });
        for line in lines(&format!("on: {}", nodes.collect::<Vec<_>>().join(", ")), width.saturating_sub(13)) {
            let _ = writeln!(out, "             {DIM}{line}{DIM:#}");
        }
    }
    let source = match verdict {
        Verdict::Failed | Verdict::Warning => format!(" [{source}]"),
        Verdict::Ok | Verdict::Skipped | Verdict::Unknown => String::new(),
    };
    if let Some(fix) = fix {
        for line in lines(&format!("fix: {fix}{source}"), width.saturating_sub(13)) {
            let _ = writeln!(out, "             {DIM}{line}{DIM:#}");
        }
    }
}

/// Lines that break at spaces alone: a name, a date or a command is copied whole.
fn lines(text: &str, width: usize) -> Vec<String> {
    let options = textwrap::Options::new(width)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .word_separator(textwrap::WordSeparator::AsciiSpace);
    textwrap::wrap(text, options).into_iter().map(String::from).collect()
}

/// What could not be told, and what was not looked at, once each.
fn unsaid(out: &mut String, findings: &[Finding], width: usize) {
    for (verdict, title) in [(Verdict::Unknown, "not known"), (Verdict::Skipped, "not looked at")] {
        let of = |finding: &&Finding| finding.verdict == verdict;
        let mut groups: Vec<(String, Vec<&Finding>)> = Vec::new();
        for finding in findings.iter().filter(of) {
            // what is skipped is so for a reason that many share; what is unknown is so for itself
            let key = if verdict == Verdict::Skipped { &finding.found } else { &finding.prerequisite };
            match groups.iter_mut().find(|(known, _)| known == key) {
                Some((_, group)) => group.push(finding),
                None => groups.push((key.clone(), vec![finding])),
            }
        }
        if groups.is_empty() {
            continue;
        }
        let _ = writeln!(out, "\n{EMPHASIS}{title}{EMPHASIS:#}");
        for (key, group) in groups {
            let mut others: Vec<&str> = group.iter().map(|f| f.prerequisite.as_str()).collect();
            others.dedup();
            others.sort_unstable();
            others.dedup();
            let text = match (verdict, group.first()) {
                (Verdict::Unknown, Some(first)) if group.len() > 1 => {
                    format!("{key}: {}, and {} more", first.found, group.len() - 1)
                }
                (Verdict::Unknown, Some(first)) => format!("{key}: {}", first.found),
                _ => format!("{key}: {}", others.join("; ")),
            };
            for (at, line) in lines(&text, width.saturating_sub(11)).iter().enumerate() {
                let number = if at == 0 { group.len().to_string() } else { String::new() };
                let _ = writeln!(out, "  {NOTE}{number:>7}{NOTE:#}  {line}");
            }
            let fix = group.first().and_then(|f| f.fix.as_deref());
            for line in fix.iter().flat_map(|fix| lines(fix, width.saturating_sub(13))) {
                let _ = writeln!(out, "             {DIM}{line}{DIM:#}");
            }
        }
    }
}

/// The findings as checks of a CI system. A warning passes, with what was found as its note.
pub fn doctor_suites(diagnosis: &Diagnosis) -> Vec<Suite> {
    let case = |finding: &&Finding| {
        let Finding { scope, prerequisite, verdict, found, fix, source } = *finding;
        let name = match scope {
            Scope::Node { node, cluster: _ } => format!("{node}: {prerequisite}"),
            Scope::Mesh | Scope::Cluster { .. } | Scope::Pair { .. } => prerequisite.clone(),
        };
        let fix = fix.as_deref().unwrap_or_default();
        let result = match verdict {
            Verdict::Ok => CaseResult::Passed { note: found.clone() },
            Verdict::Warning => CaseResult::Passed { note: format!("warning: {found}\n{fix}") },
            Verdict::Failed => {
                CaseResult::Failed { message: found.clone(), detail: format!("{fix}\nsource: {source}") }
            }
            Verdict::Skipped => CaseResult::Skipped { message: found.clone() },
            Verdict::Unknown => CaseResult::Skipped { message: format!("unknown: {found}") },
        };
        Case::new(name, result)
    };
    let suite = |(name, findings): (String, Vec<&Finding>)| Suite { name, cases: findings.iter().map(case).collect() };
    sections(&diagnosis.findings).into_iter().map(suite).collect()
}

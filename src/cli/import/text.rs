//! What an import has found, for people.

use std::fmt::Write;

use crate::mesh::{Mesh, topology};
use crate::plan::import::{Imported, RemarkKind};
use crate::report::{BAD, DIM, EMPHASIS, GOOD, NOTE, counted};

/// The summary: what is in the file, what is not as it should be, and what to type next.
pub fn summary(file: &str, imported: &Imported, next: &[(String, &str)], width: usize) -> String {
    let mesh: &Mesh = &imported.draft.mesh;
    let mut out = String::new();
    let links = topology::links(mesh).len();
    let in_part = mesh.clusters.iter().filter(|cluster| {
        let of = imported.remarks.iter().filter(|r| r.kind == RemarkKind::NotRead);
        !imported.unread.contains(&cluster.name) && of.into_iter().any(|r| r.about.contains(&cluster.name))
    });
    let in_part = in_part.count();
    let read = mesh.clusters.len() - imported.unread.len() - in_part;
    let (clusters, links) = (counted(mesh.clusters.len(), "cluster"), counted(links, "link"));
    let (style, all) = match (in_part, imported.unread.len()) {
        (0, 0) => (GOOD, "all read".to_owned()),
        (0, _) => (NOTE, format!("{read} read")),
        _ => (NOTE, format!("{read} read, {in_part} in part")),
    };
    let _ = writeln!(out, "{EMPHASIS}{file}{EMPHASIS:#}: {clusters} ({style}{all}{style:#}), {links}");
    let titles = [
        (RemarkKind::NotRead, BAD, "not read"),
        (RemarkKind::Damage, NOTE, "not as it should be"),
        (RemarkKind::FillIn, DIM, "to fill in, or to look at"),
    ];
    for (kind, style, title) in titles {
        let mut remarks = imported.remarks.iter().filter(|remark| remark.kind == kind).peekable();
        if remarks.peek().is_some() {
            let _ = writeln!(out, "{style}{title}{style:#}");
        }
        for remark in remarks {
            item(&mut out, &remark.words(), width);
        }
    }
    let column = next.iter().map(|(command, _)| command.chars().count()).max().unwrap_or(0);
    if !next.is_empty() {
        let _ = writeln!(out, "next");
    }
    for (command, what) in next {
        if column + what.chars().count() + 4 <= width {
            let _ = writeln!(
                out,
                "  {EMPHASIS}{command}{EMPHASIS:#}{:gap$}  {DIM}{what}{DIM:#}",
                "",
                gap = column - command.chars().count()
            );
        } else {
            let _ = writeln!(out, "  {EMPHASIS}{command}{EMPHASIS:#}");
            item(&mut out, what, width);
        }
    }
    out
}

fn item(out: &mut String, text: &str, width: usize) {
    let text: String = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    let options = textwrap::Options::new(width.max(20))
        .initial_indent("  ")
        .subsequent_indent("    ")
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit)
        .break_words(false);
    for line in textwrap::wrap(&text, options) {
        let _ = writeln!(out, "{line}");
    }
}

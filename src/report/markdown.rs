//! A plan as a comment on a pull request: a table of what it comes to, what is dangerous in the open, the rest
//! folded. It is never longer than a comment can be.

use std::fmt::Write;

use super::brief::{Fact, facts, headline, nothing};
use super::graph::{Graph, mesh_mermaid};
use super::lines::{Line, Said, concerns, gathered, names, of_clusters, of_links};
use super::plan::{left_heading, left_words, stage_words};
use super::words::{counted, when};
use crate::plan::change::{Kind, LeftAlone};
use crate::plan::guard::Refusal;
use crate::plan::step::Step;
use crate::plan::{Plan, Stage, UnreadCluster};

/// The longest comment that GitHub takes, in characters; GitLab takes more.
const MAX: usize = 65_535;
/// A list of more lines than this is folded, unless it holds deletions.
const OPEN: usize = 12;
/// A picture of more links than this is none.
const DRAWN: usize = 30;

/// The plan as Markdown.
pub fn markdown(plan: &Plan) -> String {
    let whole = usize::MAX;
    // what is too long gives up its steps, then changes
    for (changes, steps) in [(whole, whole), (whole, 200), (whole, 0), (400, 0), (100, 0), (20, 0)] {
        let text = write(plan, changes, steps);
        if text.chars().count() <= MAX {
            return text;
        }
    }
    let note = "\n\nThe rest is too long for a comment; `intermesh show` prints it.\n";
    let head = write(plan, 5, 0);
    head.chars().take(MAX - note.chars().count()).chain(note.chars()).collect()
}

fn write(plan: &Plan, most_changes: usize, most_steps: usize) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "### Plan for {}\n", inert(&headline(plan)));
    for Refusal { guard, why, how } in &plan.refusals {
        alert(&mut out, "CAUTION", &format!("refused by {guard}: {why}"), Some(how));
    }
    for UnreadCluster { cluster: _, error } in &plan.unread {
        alert(&mut out, "WARNING", &format!("not read: {error}"), error.kind.hint());
    }
    let Stage { last, repairs, waiting } = &plan.stage;
    if !last {
        alert(&mut out, "NOTE", &stage_words(repairs.len(), &names(repairs), *waiting), None);
    }
    if let Some(nothing) = nothing(plan) {
        let _ = writeln!(out, "{}.\n", capital(nothing));
    }
    let facts = facts(plan);
    if !facts.is_empty() {
        out.push_str("| | |\n|---|---|\n");
        for Fact { about, words } in &facts {
            let _ = writeln!(out, "| **{}** | {} |", capital(about), inert(words));
        }
        out.push('\n');
    }
    changes(&mut out, plan, most_changes);
    left_alone(&mut out, plan, most_changes);
    look_at(&mut out, plan, most_changes);
    picture(&mut out, plan);
    steps(&mut out, plan, most_steps);
    let by = format!(
        "Made by intermesh {} from `{}` at {}.",
        inert(&plan.made_by),
        inert(&plan.mesh_file),
        when(plan.made_at)
    );
    let _ = writeln!(out, "<sub>{by}</sub>");
    out
}

fn alert(out: &mut String, kind: &str, words: &str, then: Option<&str>) {
    let _ = writeln!(out, "> [!{kind}]\n> {}", inert(words));
    if let Some(then) = then {
        let _ = writeln!(out, ">\n> {}", inert(then));
    }
    out.push('\n');
}

fn changes(out: &mut String, plan: &Plan, most: usize) {
    let all: Vec<Line> = of_links(plan).into_iter().chain(of_clusters(plan)).collect();
    let (deletions, others): (Vec<Line>, Vec<Line>) = all.into_iter().partition(|line| line.kind == Kind::Delete);
    if !deletions.is_empty() {
        let _ = writeln!(out, "#### Deletions\n");
        table(out, plan, &gathered(deletions.clone()), most);
    }
    if others.is_empty() && deletions.is_empty() {
        return;
    }
    let short = gathered(others.clone());
    if !short.is_empty() {
        if short.len() <= OPEN {
            let _ = writeln!(out, "#### Changes\n");
            table(out, plan, &short, most);
        } else {
            folded(out, &format!("Changes ({})", counted(short.len(), "line")), |out| table(out, plan, &short, most));
        }
    }
    let every: Vec<Line> = deletions.iter().chain(&others).cloned().collect();
    if gathered(every.clone()).len() < every.len() && most > 0 {
        folded(out, &format!("Every change ({})", counted(every.len(), "line")), |out| table(out, plan, &every, most));
    }
}

fn table(out: &mut String, plan: &Plan, lines: &[Line], most: usize) {
    out.push_str("| | where | what | why |\n|:-:|---|---|---|\n");
    for Line { kind, about, what, reason, line, .. } in lines.iter().take(most) {
        let sides = about.sides().map(|sides| format!(", {sides}")).unwrap_or_default();
        let place = line.map(|line| format!("{}:{line}", plan.mesh_file));
        let why: Vec<String> = reason.clone().into_iter().chain(place).collect();
        let _ = writeln!(
            out,
            "| `{}` | {} | {}{} | {} |",
            kind.mark(),
            inert(&about.words()),
            inert(what),
            inert(&sides),
            inert(&why.join(", "))
        );
    }
    if lines.len() > most {
        let _ = writeln!(out, "\n… and {} more, which `intermesh show -v` prints", counted(lines.len() - most, "line"));
    }
    out.push('\n');
}

fn left_alone(out: &mut String, plan: &Plan, most: usize) {
    if plan.left_alone.is_empty() {
        return;
    }
    let list = |out: &mut String| {
        for left in plan.left_alone.iter().take(most) {
            let LeftAlone { cluster, what: _, reason } = left;
            let words = format!("{cluster}: {}: {reason}", left_words(left));
            let _ = writeln!(out, "- {}", inert(&words));
        }
        if plan.left_alone.len() > most {
            let _ = writeln!(out, "- … and {} more", plan.left_alone.len() - most);
        }
        out.push('\n');
    };
    if plan.left_alone.len() <= OPEN {
        let _ = writeln!(out, "#### {}\n", capital(left_heading(plan)));
        list(out);
    } else {
        folded(out, &format!("{} ({})", capital(left_heading(plan)), counted(plan.left_alone.len(), "finding")), list);
    }
}

fn look_at(out: &mut String, plan: &Plan, most: usize) {
    let all = concerns(plan);
    if all.is_empty() {
        return;
    }
    let list = |out: &mut String| {
        for Said { mark, who, what } in all.iter().take(most) {
            let _ = writeln!(out, "- {}", inert(&format!("{mark} {who}: {what}")));
        }
        if all.len() > most {
            let _ = writeln!(out, "- … and {} more", all.len() - most);
        }
        out.push('\n');
    };
    if all.len() <= OPEN {
        let _ = writeln!(out, "#### Look at this\n");
        list(out);
    } else {
        folded(out, &format!("Look at this ({})", counted(all.len(), "finding")), list);
    }
}

fn picture(out: &mut String, plan: &Plan) {
    let graph = Graph::of_plan(plan);
    if plan.changes.is_empty() || graph.links.is_empty() || graph.links.len() > DRAWN {
        return;
    }
    folded(out, "Picture", |out| {
        let _ = writeln!(out, "```mermaid\n{}```\n", mesh_mermaid(&graph));
    });
}

fn steps(out: &mut String, plan: &Plan, most: usize) {
    if plan.steps.is_empty() {
        return;
    }
    let title = counted(plan.steps.len(), "step");
    if most == 0 {
        let _ = writeln!(out, "{title}, too many for a comment: `intermesh show -v` prints them.\n");
        return;
    }
    folded(out, &title, |out| {
        for Step { cluster, action, round, .. } in plan.steps.iter().take(most) {
            let round = round.map(|n| format!(" (round {n})")).unwrap_or_default();
            let _ = writeln!(out, "1. {}{round}", inert(&format!("{cluster}: {action}")));
        }
        if plan.steps.len() > most {
            let more = plan.steps.len() - most;
            let _ = writeln!(out, "\n… and {}, which `intermesh show -v` prints", counted(more, "step"));
        }
        out.push('\n');
    });
}

fn folded(out: &mut String, title: &str, write: impl FnOnce(&mut String)) {
    let _ = writeln!(out, "<details><summary>{title}</summary>\n");
    write(out);
    let _ = writeln!(out, "</details>\n");
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

/// A text whose characters mean nothing to Markdown or HTML, and mention nobody.
pub(super) fn inert(text: &str) -> String {
    crate::mesh::diff::inert(text).replace('`', "\\`")
}

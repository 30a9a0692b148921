//! The mesh for Mermaid, as GitHub and GitLab draw it in a comment.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{Edge, Fate, Graph, Side};
use crate::mesh::{ClusterName, State};

/// The mesh as a flowchart. Clusters are numbered, so that no name can be taken for syntax.
pub fn mesh(graph: &Graph) -> String {
    let mut out = String::from("flowchart LR\n");
    let id = |name: &ClusterName| graph.clusters.iter().position(|v| v.name == *name).unwrap_or(graph.clusters.len());
    for (i, vertex) in graph.clusters.iter().enumerate() {
        let label = vertex.words().iter().map(|line| inert(line)).collect::<Vec<_>>().join("<br>");
        let _ = writeln!(out, "  c{i}(\"{label}\")");
        if vertex.unread || vertex.state != State::Present {
            let _ = writeln!(out, "  style c{i} stroke-dasharray: 4 3");
        }
    }
    let mut looks = Vec::new();
    for Edge { pair, sides, round: _ } in &graph.links {
        let (a, b) = (id(pair.a()), id(pair.b()));
        let mut line = |from: usize, to: usize, side: &Side, ends: [&str; 2]| {
            let label = format!("{} {}", side.fate.mark(), side.protocol());
            let [open, close] = ends;
            let _ = writeln!(out, "  c{from} {open}\"{}\"{close} c{to}", inert(label.trim()));
            looks.push(side.fate);
        };
        if sides[0] == sides[1] {
            line(a, b, &sides[0], both(sides[0].fate));
        } else {
            line(a, b, &sides[0], one(sides[0].fate));
            line(b, a, &sides[1], one(sides[1].fate));
        }
    }
    // a style for many lines together: what draws this reads 50,000 characters and no more
    let mut styled: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (i, fate) in looks.into_iter().enumerate() {
        if let Some(color) = color(fate) {
            styled.entry(color).or_default().push(i.to_string());
        }
    }
    for (color, lines) in styled {
        let _ = writeln!(out, "  linkStyle {} stroke:{color},stroke-width:2px", lines.join(","));
    }
    out
}

/// The two halves of a line between both sides, with its label between them.
fn both(fate: Fate) -> [&'static str; 2] {
    match fate {
        Fate::Kept => ["-- ", " ---"],
        Fate::Added => ["== ", " ==="],
        _ => ["-. ", " .-"],
    }
}

/// The two halves of an arrow from the side that has the entry.
fn one(fate: Fate) -> [&'static str; 2] {
    match fate {
        Fate::Kept => ["-- ", " -->"],
        Fate::Added => ["== ", " ==>"],
        _ => ["-. ", " .->"],
    }
}

fn color(fate: Fate) -> Option<&'static str> {
    match fate {
        Fate::Added => Some("#1a7f37"),
        Fate::Changed | Fate::Replaced | Fate::Resynced | Fate::Odd => Some("#9a6700"),
        Fate::Deleted | Fate::Broken => Some("#cf222e"),
        Fate::Kept | Fate::Missing | Fate::Unknown => None,
    }
}

/// A text inside quotes, with the characters written as entities that end the quotes or are markup.
fn inert(text: &str) -> String {
    let mut inert = String::new();
    for c in text.chars() {
        match c {
            '#' | '"' | '<' | '>' | '&' | '`' | '[' | ']' | '(' | ')' | '{' | '}' | '|' | '\\' => {
                let _ = write!(inert, "#{};", u32::from(c));
            }
            c if c.is_control() => inert.push(' '),
            c => inert.push(c),
        }
    }
    inert
}

//! Graphs for Graphviz: the mesh, and the steps of a plan.

use std::fmt::Write;

use super::{Edge, Fate, Graph, Vertex};
use crate::mesh::State;
use crate::plan::Plan;
use crate::plan::step::{Action, Need, When};

/// Of more links than this, only those that are changed or deleted are labelled: the others' labels would hide each other.
const LABELLED: usize = 40;

/// The mesh, for `neato` or `circo`: one line a link; where the sides differ, one line a side.
pub fn mesh(graph: &Graph) -> String {
    let mut out = String::from("graph mesh {\n");
    let _ = writeln!(out, "  label={}; layout=circo; overlap=false; splines=true;", quoted(&graph.name));
    let _ = writeln!(out, "  node [shape=box, style=rounded, fontname=\"Helvetica\"];");
    let many = graph.links.len() > LABELLED;
    let thin = if many { ", penwidth=0.6" } else { "" };
    let _ = writeln!(out, "  edge [fontname=\"Helvetica\"{thin}];");
    // what is not labelled is told where the pointer is
    let told = |fate: Fate, label: &str, round: Option<u32>| {
        let round = round.map(|n| format!("round {n}"));
        let hidden = many && ["", "+"].contains(&fate.mark().trim());
        let tooltip: Vec<String> = hidden.then(|| label.to_owned()).into_iter().chain(round).collect();
        let label = if hidden { String::new() } else { format!(", label={}", quoted(label)) };
        let tooltip = (!tooltip.is_empty()).then(|| format!(", tooltip={}", quoted(&tooltip.join(", "))));
        label + &tooltip.unwrap_or_default()
    };
    for vertex in &graph.clusters {
        let Vertex { name, state, unread, .. } = vertex;
        let style = match (state, unread) {
            (State::Present, false) => "rounded",
            (State::Present, true) => "rounded,dashed",
            (State::Absent | State::Gone, _) => "rounded,dotted",
        };
        let label = vertex.words().join("\n");
        let _ = writeln!(out, "  {} [label={}, style={}];", quoted(name.as_str()), quoted(&label), quoted(style));
    }
    for Edge { pair, sides, round } in &graph.links {
        let ends = format!("{} -- {}", quoted(pair.a().as_str()), quoted(pair.b().as_str()));
        if sides[0] == sides[1] {
            let label = format!("{} {}", sides[0].fate.mark(), sides[0].protocol());
            let _ = writeln!(out, "  {ends} [{}{}];", look(sides[0].fate), told(sides[0].fate, label.trim(), *round));
            continue;
        }
        for (side, dir) in sides.iter().zip(["forward", "back"]) {
            let label = format!("{} {}", side.fate.mark(), side.protocol());
            let _ =
                writeln!(out, "  {ends} [dir={dir}, {}{}];", look(side.fate), told(side.fate, label.trim(), *round));
        }
    }
    out + "}\n"
}

/// The steps, each after those that it waits for: a solid arrow where they must be done, a dashed one where they
/// must only have ended.
pub fn steps(plan: &Plan) -> String {
    let mut out = String::from("digraph steps {\n  rankdir=LR; node [shape=box, fontname=\"Helvetica\"];\n");
    for cluster in &plan.mesh.clusters {
        let of_cluster: Vec<_> = plan.steps.iter().filter(|s| s.cluster == cluster.name).collect();
        if of_cluster.is_empty() {
            continue;
        }
        let name = cluster.name.as_str();
        let _ = writeln!(out, "  subgraph {} {{", quoted(&format!("cluster {name}")));
        let _ = writeln!(out, "    label={};", quoted(name));
        for step in of_cluster {
            let style = match &step.action {
                Action::Restart { when: When::Asked, .. } => "dashed",
                action if action.writes() => "bold",
                _ => "dotted",
            };
            let label = step.action.to_string();
            let _ = writeln!(out, "    {} [label={}, style={style}];", quoted(&step.id.0), quoted(&label));
        }
        let _ = writeln!(out, "  }}");
    }
    for step in &plan.steps {
        for after in &step.after {
            let style = if after.need == Need::Done { "solid" } else { "dashed" };
            let _ = writeln!(out, "  {} -> {} [style={style}];", quoted(&after.step.0), quoted(&step.id.0));
        }
    }
    out + "}\n"
}

fn look(fate: Fate) -> &'static str {
    match fate {
        Fate::Kept => "color=\"#8c959f\", style=solid",
        Fate::Added => "color=\"#1a7f37\", style=bold",
        Fate::Changed | Fate::Replaced | Fate::Resynced | Fate::Odd => "color=\"#9a6700\", style=dashed",
        Fate::Deleted | Fate::Broken => "color=\"#cf222e\", style=dotted, penwidth=2",
        Fate::Missing => "color=\"#d0d7de\", style=dotted",
        Fate::Unknown => "color=\"#d0d7de\", style=dashed",
    }
}

/// A quoted string of DOT: nothing in it can end it, and a line is a line.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            // a backslash begins an escape such as \N in a label, and two of them are one
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            c if c.is_control() => quoted.push(' '),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

//! Graphs for Graphviz: the mesh, and the steps of a plan.

use std::fmt::Write;

use super::{Edge, Fate, Graph, Vertex};
use crate::mesh::State;
use crate::plan::Plan;
use crate::plan::step::{Action, Need, When};

/// The mesh, for `neato` or `circo`: one line a link; where the sides differ, one line a side.
pub fn mesh(graph: &Graph) -> String {
    let mut out = String::from("graph mesh {\n");
    let _ = writeln!(out, "  label={}; layout=circo; overlap=false; splines=true;", quoted(&graph.name));
    let _ = writeln!(out, "  node [shape=box, style=rounded, fontname=\"Helvetica\"];");
    let _ = writeln!(out, "  edge [fontname=\"Helvetica\"];");
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
        let round = round.map(|n| format!(", tooltip={}", quoted(&format!("round {n}")))).unwrap_or_default();
        let ends = format!("{} -- {}", quoted(pair.a().as_str()), quoted(pair.b().as_str()));
        if sides[0] == sides[1] {
            let label = format!("{} {}", sides[0].fate.mark(), sides[0].protocol());
            let _ = writeln!(out, "  {ends} [{}, label={}{round}];", look(sides[0].fate), quoted(label.trim()));
            continue;
        }
        for (side, dir) in sides.iter().zip(["forward", "back"]) {
            let label = format!("{} {}", side.fate.mark(), side.protocol());
            let _ = writeln!(out, "  {ends} [dir={dir}, {}, label={}{round}];", look(side.fate), quoted(label.trim()));
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

//! The mesh as clusters on a circle, for a mesh that is small enough; the hub of a star stands in the middle.

use std::collections::BTreeMap;
use std::f64::consts::TAU;

use super::legend::{self, Samples};
use super::palette::Ink;
use super::svg::{Anchor, Fill, Stroke, Svg, Text, shortened, width_of};
use crate::mesh::{ClusterName, State};
use crate::report::graph::{Edge, Fate, Graph, Side, Vertex};

const TITLE: f64 = 64.0;
const MARGIN: f64 = 20.0;
/// Longer names are cut.
const NAME: usize = 24;
const LINE: f64 = 15.0;

/// Draws it.
pub fn draw(graph: &Graph) -> String {
    let mut svg = Svg::new("mesh", &super::headline(graph), &super::description(graph));
    let hub = graph.centre().filter(|_| graph.clusters.len() > 3);
    let around: Vec<&Vertex> = graph.clusters.iter().filter(|v| Some(&v.name) != hub).collect();
    let half = graph.clusters.iter().map(|v| size(v)[0] / 2.0).fold(40.0, f64::max);
    let radius = (around.len() as f64 * 33.0).clamp(125.0, 380.0) + if hub.is_some() { 20.0 } else { 0.0 };
    let middle = [MARGIN + half + radius * 1.12, TITLE + MARGIN + 28.0 + radius];
    let mut places: BTreeMap<&ClusterName, [f64; 2]> = BTreeMap::new();
    for (i, vertex) in around.iter().enumerate() {
        let turn = TAU * (i as f64 / around.len() as f64 - 0.25);
        // a little wider than high, for names are
        let place = [middle[0] + radius * 1.12 * turn.cos(), middle[1] + radius * turn.sin()];
        places.insert(&vertex.name, place);
    }
    if let Some(hub) = hub {
        places.insert(hub, middle);
    }
    super::title(&mut svg, graph, MARGIN);
    let ends = |edge: &Edge| Some((*places.get(edge.pair.a())?, *places.get(edge.pair.b())?));
    for edge in &graph.links {
        if let Some((a, b)) = ends(edge) {
            svg.group(&edge.words(), |svg| lines(svg, edge, a, b));
        }
    }
    // marks lie on all lines
    for edge in &graph.links {
        if let Some((a, b)) = ends(edge) {
            svg.group(&edge.words(), |svg| marks(svg, edge, a, b, middle));
        }
    }
    for vertex in &graph.clusters {
        if let Some(at) = places.get(&vertex.name) {
            svg.group(&vertex.words().join(", "), |svg| cluster(svg, vertex, *at));
        }
    }
    let right = middle[0] + radius * 1.12 + half + 2.0 * MARGIN;
    let bottom = places.values().map(|[_, y]| y + 28.0 + MARGIN).fold(0.0, f64::max);
    let legend_top = TITLE + MARGIN;
    legend::draw(&mut svg, graph, [right, legend_top], Samples::Lines);
    svg.finish(right + legend::WIDTH + MARGIN, bottom.max(legend_top + legend::height(graph) + MARGIN))
}

fn between([ax, ay]: [f64; 2], [bx, by]: [f64; 2], t: f64) -> [f64; 2] {
    [ax + (bx - ax) * t, ay + (by - ay) * t]
}

fn lines(svg: &mut Svg, edge: &Edge, a: [f64; 2], b: [f64; 2]) {
    let stroke = |fate: Fate| Stroke { ink: fate.ink(), width: fate.width(), dashes: fate.dashes() };
    match edge.fate() {
        Some(fate) => svg.line(a, b, stroke(fate)),
        None => {
            let middle = between(a, b, 0.5);
            svg.line(a, middle, stroke(edge.sides[0].fate));
            svg.line(middle, b, stroke(edge.sides[1].fate));
            svg.circle(middle, 2.5, Fill::Of(Ink::Word), None);
        }
    }
}

fn marks(svg: &mut Svg, edge: &Edge, a: [f64; 2], b: [f64; 2], middle: [f64; 2]) {
    let words = |side: &Side| {
        let tls = if side.encrypted() { "TLS" } else { "" };
        format!("{} {tls}", legend::sign(side.fate)).trim().to_owned()
    };
    let [first, second] = &edge.sides;
    if first == second {
        // lines through the middle would all carry their mark there
        let centre = between(a, b, 0.5);
        let crowded = (centre[0] - middle[0]).hypot(centre[1] - middle[1]) < 12.0;
        legend::badge(svg, between(a, b, if crowded { 0.33 } else { 0.5 }), first.fate, &words(first));
        return;
    }
    legend::badge(svg, between(a, b, 0.34), first.fate, &words(first));
    legend::badge(svg, between(a, b, 0.66), second.fate, &words(second));
}

fn size(vertex: &Vertex) -> [f64; 2] {
    let lines = vertex.words();
    let width = |(i, line): (usize, &String)| width_of(&shortened(line, NAME), if i == 0 { 14.0 } else { 11.0 });
    let widest = lines.iter().enumerate().map(width).fold(0.0, f64::max);
    [widest + 22.0, lines.len() as f64 * LINE + 13.0]
}

fn cluster(svg: &mut Svg, vertex: &Vertex, [x, y]: [f64; 2]) {
    let [w, h] = size(vertex);
    let dashes = match (vertex.state, vertex.unread) {
        (State::Present, false) => None,
        (State::Present, true) => Some("6 4"),
        (State::Absent | State::Gone, _) => Some("2 4"),
    };
    let ink = if dashes.is_none() { Ink::Word } else { Ink::Dim };
    svg.rect([x - w / 2.0, y - h / 2.0, w, h], 8.0, Fill::Of(Ink::Ground), Some(Stroke { ink, width: 1.5, dashes }));
    for (i, line) in vertex.words().iter().enumerate() {
        let base = y - h / 2.0 + 6.0 + LINE * (i as f64 + 0.8);
        let line = shortened(line, NAME);
        let text = if i == 0 { Text::new(14.0, Ink::Word, &line).bold() } else { Text::new(11.0, Ink::Dim, &line) };
        svg.text([x, base], &text.anchored(Anchor::Middle));
    }
}

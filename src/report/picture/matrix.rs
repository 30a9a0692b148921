//! The mesh as a table of all pairs, for a mesh whose lines would be a ball of wool: a cell is a link. Where its
//! sides differ the cell is cut in two: below the cut the entry of the row's cluster, above it the column's.

use std::collections::BTreeMap;

use super::legend::{self, Samples};
use super::palette::Ink;
use super::svg::{Anchor, Fill, Stroke, Svg, Text, shortened, width_of};
use crate::mesh::{ClusterName, State};
use crate::report::graph::{Edge, Fate, Graph, Vertex};

const TITLE: f64 = 64.0;
const MARGIN: f64 = 20.0;
/// Longer names are cut.
const NAME: usize = 20;

/// Draws it.
pub fn draw(graph: &Graph) -> String {
    let mut svg = Svg::new("mesh", &super::headline(graph), &super::description(graph));
    let n = graph.clusters.len();
    let cell = match n {
        0..=12 => 28.0,
        13..=40 => 21.0,
        _ => 14.0,
    };
    let names: Vec<String> = graph.clusters.iter().map(name).collect();
    let label = names.iter().map(|name| width_of(name, 12.0)).fold(30.0, f64::max) + 10.0;
    let (left, top) = (MARGIN + label, TITLE + MARGIN);
    super::title(&mut svg, graph, MARGIN);
    let at = |i: usize| i as f64 * cell;
    for (i, vertex) in graph.clusters.iter().enumerate() {
        let y = top + at(i);
        let ink = if vertex.state == State::Present && !vertex.unread { Ink::Word } else { Ink::Dim };
        // every fifth line is stronger, so that the eye finds its row
        let guide = Stroke::new(Ink::Faint, if i % 5 == 0 { 1.6 } else { 0.8 });
        svg.line([left, y], [left + at(i), y], guide);
        svg.line([left + at(i), y + cell], [left + at(i), top + at(n)], guide);
        let base = y + cell / 2.0 + 4.2;
        svg.group(&vertex.words().join(", "), |svg| {
            svg.text([left - 8.0, base], &Text::new(12.0, ink, &names[i]).anchored(Anchor::End));
            svg.text([left + at(i) + 5.0, base], &Text::new(12.0, ink, &names[i]).bold());
        });
    }
    let edge = Stroke::new(Ink::Faint, 1.6);
    svg.line([left, top + at(n)], [left + at(n.saturating_sub(1)), top + at(n)], edge);
    let index: BTreeMap<&ClusterName, usize> = graph.clusters.iter().enumerate().map(|(i, v)| (&v.name, i)).collect();
    for link in &graph.links {
        let (Some(&a), Some(&b)) = (index.get(link.pair.a()), index.get(link.pair.b())) else { continue };
        let (row, column) = (a.max(b), a.min(b));
        let place = [left + at(column), top + at(row), cell, cell];
        svg.group(&link.words(), |svg| draw_link(svg, link, a == row, place));
    }
    // the legend stands in the empty half, right of the steps of the names
    let reach = ((legend::height(graph) / cell).ceil() + 1.0).min(n as f64);
    let legend_x = left + reach * cell + label + MARGIN;
    legend::draw(&mut svg, graph, [legend_x, top], Samples::Cells);
    if graph.links.iter().any(|link| link.fate().is_none()) {
        explain_cut(&mut svg, [legend_x, top + legend::height(graph) + 6.0]);
    }
    let cut = if graph.links.iter().any(|link| link.fate().is_none()) { 60.0 } else { 0.0 };
    let width = (left + at(n) + label).max(legend_x + legend::WIDTH) + MARGIN;
    svg.finish(width, (top + at(n)).max(top + legend::height(graph) + cut) + MARGIN)
}

fn name(vertex: &Vertex) -> String {
    let matter = match (vertex.state, vertex.unread) {
        (State::Present, false) => "",
        (State::Present, true) => " ?",
        (State::Absent | State::Gone, _) => " -",
    };
    shortened(vertex.name.as_str(), NAME) + matter
}

fn draw_link(svg: &mut Svg, link: &Edge, first_is_row: bool, place: [f64; 4]) {
    let [x, y, w, h] = place;
    match link.fate() {
        Some(fate) => legend::cell(svg, place, fate),
        None => {
            let [a, b] = &link.sides;
            let (row, column) = if first_is_row { (a.fate, b.fate) } else { (b.fate, a.fate) };
            cut(svg, place, row, column);
        }
    }
    if link.sides.iter().any(|side| side.encrypted()) {
        legend::encrypted(svg, [x, y, w, h]);
    }
}

fn cut(svg: &mut Svg, [x, y, w, h]: [f64; 4], row: Fate, column: Fate) {
    let (left, right, top, bottom) = (x + 1.0, x + w - 1.0, y + 1.0, y + h - 1.0);
    let below = [[left, top], [right, bottom], [left, bottom]];
    let above = [[left, top], [right, top], [right, bottom]];
    for (points, fate) in [(below, row), (above, column)] {
        let fill = if fate == Fate::Kept { Fill::No } else { Fill::Tint(fate.ink()) };
        svg.polygon(&points, fill, Some(Stroke { ink: fate.ink(), width: 1.0, dashes: None }));
        let centre = [points.iter().map(|p| p[0]).sum::<f64>() / 3.0, points.iter().map(|p| p[1]).sum::<f64>() / 3.0];
        if fate == Fate::Kept {
            svg.circle(centre, w * 0.11, Fill::Of(Ink::Dim), None);
        } else {
            legend::mark(svg, centre, w * 0.52, fate);
        }
    }
}

fn explain_cut(svg: &mut Svg, [x, y]: [f64; 2]) {
    cut(svg, [x + 4.0, y, 32.0, 32.0], Fate::Kept, Fate::Missing);
    svg.text([x + 52.0, y + 13.0], &Text::new(12.0, Ink::Dim, "above the cut: the column's entry"));
    svg.text([x + 52.0, y + 29.0], &Text::new(12.0, Ink::Dim, "below the cut: the row's entry"));
}

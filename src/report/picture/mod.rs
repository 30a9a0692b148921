//! Pictures as SVG: the mesh, and the time that a plan takes. They stand alone: no script, no font, no address.
//! They are readable without colour, in the dark, on paper, and by a screen reader.

mod circle;
mod legend;
mod matrix;
mod palette;
mod svg;
mod timeline;

use super::graph::{Fate, Graph, Shows};
use super::words::{counted, number};
use palette::Ink;
use svg::{Svg, Text};

pub use timeline::draw as timeline;

/// How a mesh is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Clusters on a circle, with lines between them.
    Circle,
    /// A table of all pairs.
    Matrix,
}

/// More lines than this are a ball of wool.
const LINES: usize = 45;
/// More clusters than this do not fit on a circle with their names.
const SEATS: usize = 16;

impl Style {
    /// The style in which a mesh of this size is readable.
    pub fn for_graph(graph: &Graph) -> Style {
        if graph.links.len() <= LINES && graph.clusters.len() <= SEATS { Style::Circle } else { Style::Matrix }
    }
}

/// The mesh.
pub fn mesh(graph: &Graph, style: Style) -> String {
    match style {
        Style::Circle => circle::draw(graph),
        Style::Matrix => matrix::draw(graph),
    }
}

fn headline(graph: &Graph) -> String {
    let (clusters, links) = graph.size();
    format!("mesh {}: {}, {}", graph.name, counted(clusters, "cluster"), counted(links, "link"))
}

/// What the picture shows, for who cannot see it.
fn description(graph: &Graph) -> String {
    let counts = graph.counts();
    let told: Vec<String> = counts.iter().map(|(fate, n)| format!("{} {}", number(*n), fate.word())).collect();
    match graph.shows {
        Shows::Plan => format!("Who is linked with whom, and what a plan changes. Peer entries: {}.", told.join(", ")),
        Shows::File => "Who is linked with whom, as the mesh file asks for it.".to_owned(),
        Shows::World => format!("Who is linked with whom, and how it was found. Peer entries: {}.", told.join(", ")),
    }
}

fn title(svg: &mut Svg, graph: &Graph, x: f64) {
    svg.text([x, 34.0], &Text::new(18.0, Ink::Word, &headline(graph)).bold());
    let changed: Vec<String> = (graph.counts().into_iter())
        .filter(|(fate, _)| !matches!(fate, Fate::Kept | Fate::Missing | Fate::Unknown))
        .map(|(fate, n)| format!("{} {}", counted(n, "peer entry"), fate.word()))
        .collect();
    let below = match (graph.shows, changed.is_empty()) {
        (Shows::File, _) => "as the mesh file asks for it".to_owned(),
        (Shows::Plan, true) => "no peer entry changes".to_owned(),
        (Shows::World, true) => "as it was found".to_owned(),
        (Shows::Plan | Shows::World, false) => changed.join(", "),
    };
    svg.text([x, 56.0], &Text::new(13.0, Ink::Dim, &below));
}

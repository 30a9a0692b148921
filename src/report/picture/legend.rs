//! What the marks of a picture of the mesh mean, with how many there are.

use super::palette::Ink;
use super::svg::{Anchor, Fill, Stroke, Svg, Text};
use crate::report::graph::{Fate, Graph, Shows, Stranger};
use crate::report::words::{counted, number};

/// The width that a legend takes, in pixels.
pub const WIDTH: f64 = 260.0;
const LINE: f64 = 22.0;

/// How the samples look.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Samples {
    /// As lines.
    Lines,
    /// As cells.
    Cells,
}

/// The height that it takes, in pixels.
pub fn height(graph: &Graph) -> f64 {
    let tls = usize::from(has_tls(graph));
    (graph.counts().len() + notes(graph).len() + tls + 1) as f64 * LINE
}

/// Draws it with its upper left corner there.
pub fn draw(svg: &mut Svg, graph: &Graph, [x, mut y]: [f64; 2], samples: Samples) {
    let head = if graph.shows == Shows::File { "peer entries asked for" } else { "peer entries" };
    svg.text([x, y + 12.0], &Text::new(12.0, Ink::Dim, head));
    y += LINE;
    for (fate, count) in graph.counts() {
        match samples {
            Samples::Lines => {
                let stroke = Stroke { ink: fate.ink(), width: fate.width(), dashes: fate.dashes() };
                svg.line([x, y + 8.0], [x + 40.0, y + 8.0], stroke);
                badge(svg, [x + 20.0, y + 8.0], fate, sign(fate));
            }
            Samples::Cells => cell(svg, [x + 12.0, y, 16.0, 16.0], fate),
        }
        let word = match graph.shows {
            Shows::File => "two for each link",
            Shows::World if fate == Fate::Kept => "healthy",
            Shows::Plan | Shows::World => fate.word(),
        };
        svg.text([x + 52.0, y + 12.5], &Text::new(13.0, Ink::Word, &format!("{} {word}", number(count))));
        y += LINE;
    }
    if has_tls(graph) {
        match samples {
            Samples::Lines => {
                svg.text([x + 40.0, y + 12.5], &Text::new(11.0, Ink::Word, "TLS").bold().anchored(Anchor::End))
            }
            Samples::Cells => {
                svg.rect([x + 12.0, y, 16.0, 16.0], 2.0, Fill::No, Some(Stroke::new(Ink::Faint, 1.0)));
                encrypted(svg, [x + 12.0, y, 16.0, 16.0]);
            }
        }
        svg.text([x + 52.0, y + 12.5], &Text::new(13.0, Ink::Word, "TLS, all others TCP"));
        y += LINE;
    }
    for note in notes(graph) {
        svg.text([x, y + 12.5], &Text::new(12.0, Ink::Dim, &note));
        y += LINE;
    }
}

/// A fate's mark as it is drawn.
pub fn sign(fate: Fate) -> &'static str {
    crate::report::words::sign(fate.mark())
}

/// A mark on a line.
pub fn badge(svg: &mut Svg, [x, y]: [f64; 2], fate: Fate, words: &str) {
    if words.is_empty() {
        return;
    }
    let half = if words.chars().count() == 1 { 8.5 } else { super::svg::width_of(words, 11.0) / 2.0 + 5.0 };
    let stroke = Stroke::new(fate.ink(), 1.3);
    svg.rect([x - half, y - 8.5, half * 2.0, 17.0], 8.5, Fill::Of(Ink::Ground), Some(stroke));
    let size = if words.chars().count() == 1 { 14.0 } else { 11.0 };
    svg.text([x, y + size * 0.34], &Text::new(size, fate.ink(), words).bold().anchored(Anchor::Middle));
}

/// A cell of a table: its tint and its mark.
pub fn cell(svg: &mut Svg, [x, y, w, h]: [f64; 4], fate: Fate) {
    let middle = [x + w / 2.0, y + h / 2.0];
    if fate == Fate::Kept {
        svg.circle(middle, w * 0.17, Fill::Of(Ink::Dim), None);
        return;
    }
    let stroke = Stroke::new(fate.ink(), 1.0);
    svg.rect([x + 1.0, y + 1.0, w - 2.0, h - 2.0], 2.0, Fill::Tint(fate.ink()), Some(stroke));
    mark(svg, middle, w * 0.72, fate);
}

/// A mark alone.
pub fn mark(svg: &mut Svg, [x, y]: [f64; 2], size: f64, fate: Fate) {
    let text = Text::new(size, fate.ink(), sign(fate)).bold().anchored(Anchor::Middle);
    svg.text([x, y + size * 0.34], &text);
}

/// The corner that says TLS.
pub fn encrypted(svg: &mut Svg, [x, y, w, _]: [f64; 4]) {
    let (right, top) = (x + w - 1.0, y + 1.0);
    svg.polygon(&[[right - 6.0, top], [right, top], [right, top + 6.0]], Fill::Of(Ink::Word), None);
}

/// Whether both protocols are in use, so that it must be said which link has which.
pub fn has_tls(graph: &Graph) -> bool {
    graph.links.iter().flat_map(|link| &link.sides).any(|side| side.encrypted())
}

fn notes(graph: &Graph) -> Vec<String> {
    let mut notes = Vec::new();
    let one_sided = graph.links.iter().filter(|link| link.fate().is_none()).count();
    if one_sided > 0 {
        notes.push(format!("{} whose sides differ", counted(one_sided, "link")));
    }
    let restarts: usize = graph.clusters.iter().map(|v| v.restarts).sum();
    if restarts > 0 {
        notes.push(format!("at most {}", counted(restarts, "XCP Router restart")));
    }
    let other: usize = graph.clusters.iter().map(|v| v.other_changes).sum();
    if other > 0 {
        notes.push(format!("{} besides peers", counted(other, "change")));
    }
    notes.extend(graph.strangers.iter().take(STRANGERS).map(|Stranger { cluster, address, fate }| {
        let mark = if *fate == Fate::Kept { "?" } else { fate.mark() };
        super::svg::shortened(&format!("{mark} {cluster}: {address}, not of the file"), 44)
    }));
    if graph.strangers.len() > STRANGERS {
        notes.push(format!("and {} more that are not of the file", graph.strangers.len() - STRANGERS));
    }
    notes
}

/// So many peers that point to no cluster of the file are named.
const STRANGERS: usize = 6;

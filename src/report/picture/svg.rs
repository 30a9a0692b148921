//! Writes SVG: well-formed by construction, the same bytes for the same picture.

use std::fmt::{Display, Write};

use quick_xml::escape::escape;

use super::palette::{Ink, style_sheet};

/// A picture in the making.
pub struct Svg {
    body: String,
    /// What its ids begin with: two pictures can stand on one page.
    prefix: &'static str,
    title: String,
    description: String,
}

/// Where a text stands to its point.
#[derive(Clone, Copy)]
pub enum Anchor {
    /// It begins there.
    Start,
    /// Its middle is there.
    Middle,
    /// It ends there.
    End,
}

/// A text that is written.
pub struct Text<'a> {
    /// Its size, in pixels.
    pub size: f64,
    /// Whether it is bold.
    pub bold: bool,
    /// Its colour.
    pub ink: Ink,
    /// Where it stands to its point.
    pub anchor: Anchor,
    /// The words.
    pub words: &'a str,
}

impl<'a> Text<'a> {
    /// A text that begins at its point.
    pub fn new(size: f64, ink: Ink, words: &'a str) -> Text<'a> {
        Text { size, bold: false, ink, anchor: Anchor::Start, words }
    }

    /// The text, bold.
    pub fn bold(self) -> Text<'a> {
        Text { bold: true, ..self }
    }

    /// The text, elsewhere to its point.
    pub fn anchored(self, anchor: Anchor) -> Text<'a> {
        Text { anchor, ..self }
    }
}

/// A line or an outline.
#[derive(Clone, Copy)]
pub struct Stroke {
    /// Its colour.
    pub ink: Ink,
    /// Its width, in pixels.
    pub width: f64,
    /// How it is broken.
    pub dashes: Option<&'static str>,
}

impl Stroke {
    /// An unbroken line.
    pub fn new(ink: Ink, width: f64) -> Stroke {
        Stroke { ink, width, dashes: None }
    }
}

/// How a shape is filled.
#[derive(Clone, Copy)]
pub enum Fill {
    /// Not at all.
    No,
    /// With a colour.
    Of(Ink),
    /// With a tint of a colour.
    Tint(Ink),
    /// With half of a colour.
    Half(Ink),
    /// With a pattern.
    Pattern(Pattern),
}

/// Patterns that are told apart without colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// Lines that rise.
    Rising(Ink),
    /// Lines that cross.
    Crossed(Ink),
    /// Dots.
    Dotted(Ink),
}

impl Pattern {
    fn id(self) -> String {
        match self {
            Pattern::Rising(ink) => format!("rising-{}", ink.name()),
            Pattern::Crossed(ink) => format!("crossed-{}", ink.name()),
            Pattern::Dotted(ink) => format!("dotted-{}", ink.name()),
        }
    }

    fn definition(self, prefix: &str) -> String {
        let id = self.id();
        let (size, ink, inner) = match self {
            Pattern::Rising(ink) => (6, ink, lines("M-1,1 l2,-2 M0,6 l6,-6 M5,7 l2,-2", ink)),
            Pattern::Crossed(ink) => (6, ink, lines("M0,0 l6,6 M0,6 l6,-6", ink)),
            Pattern::Dotted(ink) => {
                (5, ink, format!("<circle class=\"f-{}\" cx=\"2.5\" cy=\"2.5\" r=\"1\"/>", ink.name()))
            }
        };
        // with a ground of its own, so that a bar is one shape
        let ground =
            format!("<rect class=\"f-{}\" width=\"{size}\" height=\"{size}\" fill-opacity=\".14\"/>", ink.name());
        format!(
            "<pattern id=\"{prefix}-{id}\" width=\"{size}\" height=\"{size}\" patternUnits=\"userSpaceOnUse\">{ground}{inner}\
             </pattern>"
        )
    }
}

fn lines(path: &str, ink: Ink) -> String {
    format!("<path class=\"s-{}\" d=\"{path}\" fill=\"none\" stroke-width=\"1.3\"/>", ink.name())
}

/// All patterns that pictures use.
const PATTERNS: [Pattern; 3] = [Pattern::Rising(Ink::Sync), Pattern::Crossed(Ink::Restart), Pattern::Dotted(Ink::Dim)];

impl Svg {
    /// An empty picture, with what a screen reader reads.
    pub fn new(prefix: &'static str, title: &str, description: &str) -> Svg {
        Svg { body: String::new(), prefix, title: title.to_owned(), description: description.to_owned() }
    }

    /// The whole document.
    pub fn finish(self, width: f64, height: f64) -> String {
        let Svg { body, prefix, title, description } = self;
        let (w, h) = (n(width.ceil()), n(height.ceil()));
        let patterns: String = PATTERNS.iter().map(|p| p.definition(prefix)).collect();
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w} {h}\" width=\"{w}\" height=\"{h}\" role=\"img\" \
             aria-labelledby=\"{prefix}-title {prefix}-desc\">\n<title id=\"{prefix}-title\">{}</title>\n\
             <desc id=\"{prefix}-desc\">{}</desc>\n<style>{}</style>\n<defs>{patterns}</defs>\n\
             <rect class=\"f-ground\" width=\"{w}\" height=\"{h}\"/>\n{body}</svg>\n",
            inert(&title),
            inert(&description),
            style_sheet(),
        )
    }

    /// Shapes with a tooltip of their own.
    pub fn group(&mut self, tooltip: &str, draw: impl FnOnce(&mut Svg)) {
        let _ = write!(self.body, "<g><title>{}</title>", inert(tooltip));
        draw(self);
        self.body.push_str("</g>\n");
    }

    /// A rectangle with rounded corners.
    pub fn rect(&mut self, [x, y, w, h]: [f64; 4], round: f64, fill: Fill, stroke: Option<Stroke>) {
        let look = self.look(fill, stroke);
        let rx = if round > 0.0 { format!(" rx=\"{}\"", n(round)) } else { String::new() };
        let _ = writeln!(
            self.body,
            "<rect{look} x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"{rx}/>",
            n(x),
            n(y),
            n(w),
            n(h)
        );
    }

    /// Many rectangles that look the same, as one shape.
    pub fn rects(&mut self, rects: &[[f64; 4]], fill: Fill, stroke: Option<Stroke>) {
        let look = self.look(fill, stroke);
        let path: String = rects.iter().map(outline).collect();
        let _ = writeln!(self.body, "<path{look} d=\"{path}\"/>");
    }

    /// Rectangles that look the same, each with a tooltip of its own.
    pub fn told_rects(&mut self, rects: &[([f64; 4], String)], fill: Fill, stroke: Option<Stroke>) {
        let look = self.look(fill, stroke);
        let _ = writeln!(self.body, "<g{look}>");
        for (rect, tooltip) in rects {
            let _ = writeln!(self.body, "<path d=\"{}\"><title>{}</title></path>", outline(rect), inert(tooltip));
        }
        self.body.push_str("</g>\n");
    }

    /// A circle.
    pub fn circle(&mut self, [x, y]: [f64; 2], r: f64, fill: Fill, stroke: Option<Stroke>) {
        let look = self.look(fill, stroke);
        let _ = writeln!(self.body, "<circle{look} cx=\"{}\" cy=\"{}\" r=\"{}\"/>", n(x), n(y), n(r));
    }

    /// A line.
    pub fn line(&mut self, [x1, y1]: [f64; 2], [x2, y2]: [f64; 2], stroke: Stroke) {
        let look = self.look(Fill::No, Some(stroke));
        let _ =
            writeln!(self.body, "<line{look} x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>", n(x1), n(y1), n(x2), n(y2));
    }

    /// A closed shape through these points.
    pub fn polygon(&mut self, points: &[[f64; 2]], fill: Fill, stroke: Option<Stroke>) {
        let look = self.look(fill, stroke);
        let points: Vec<String> = points.iter().map(|[x, y]| format!("{},{}", n(*x), n(*y))).collect();
        let _ = writeln!(self.body, "<polygon{look} points=\"{}\"/>", points.join(" "));
    }

    /// A text; its point is on its base line.
    pub fn text(&mut self, [x, y]: [f64; 2], text: &Text<'_>) {
        let anchor = match text.anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let weight = if text.bold { " font-weight=\"600\"" } else { "" };
        let _ = writeln!(
            self.body,
            "<text class=\"f-{}\" x=\"{}\" y=\"{}\" font-size=\"{}\"{anchor}{weight}>{}</text>",
            text.ink.name(),
            n(x),
            n(y),
            n(text.size),
            inert(text.words)
        );
    }

    fn look(&self, fill: Fill, stroke: Option<Stroke>) -> String {
        let mut classes = Vec::new();
        let mut rest = String::new();
        match fill {
            Fill::No => rest.push_str(" fill=\"none\""),
            Fill::Of(ink) => classes.push(format!("f-{}", ink.name())),
            Fill::Tint(ink) => {
                classes.push(format!("f-{}", ink.name()));
                rest.push_str(" fill-opacity=\".16\"");
            }
            Fill::Half(ink) => {
                classes.push(format!("f-{}", ink.name()));
                rest.push_str(" fill-opacity=\".45\"");
            }
            Fill::Pattern(pattern) => {
                let _ = write!(rest, " fill=\"url(#{}-{})\"", self.prefix, pattern.id());
            }
        }
        if let Some(Stroke { ink, width, dashes }) = stroke {
            classes.push(format!("s-{}", ink.name()));
            let _ = write!(rest, " stroke-width=\"{}\"", n(width));
            if let Some(dashes) = dashes {
                let _ = write!(rest, " stroke-dasharray=\"{dashes}\"");
            }
        }
        if classes.is_empty() { rest } else { format!(" class=\"{}\"{rest}", classes.join(" ")) }
    }
}

fn outline([x, y, w, h]: &[f64; 4]) -> String {
    format!("M{},{}h{}v{}h-{}z", n(*x), n(*y), n(*w), n(*h), n(*w))
}

/// The width of a text, as far as it can be known without its font.
pub fn width_of(text: &str, size: f64) -> f64 {
    text.chars()
        .map(|c| {
            if "iljtf.,:;'|!()[] ".contains(c) {
                0.34
            } else if c.is_ascii_uppercase() || c == 'm' || c == 'w' {
                0.74
            } else if c.is_ascii() {
                0.57
            } else {
                1.0
            }
        })
        .sum::<f64>()
        * size
}

/// A text that is not wider than so many characters.
pub fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// A number with at most one digit after the point.
fn n(number: f64) -> impl Display {
    let text = format!("{number:.1}");
    let text = text.strip_suffix(".0").map(str::to_owned).unwrap_or(text);
    if text == "-0" { "0".to_owned() } else { text }
}

/// A text in which nothing is markup, and that XML can hold.
fn inert(text: &str) -> String {
    let allowed: String =
        text.chars().map(|c| if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') { ' ' } else { c }).collect();
    escape(&allowed).into_owned()
}

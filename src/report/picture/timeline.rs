//! The time that a plan takes: a lane for every cluster, rounds as bands behind them, steps as bars whose patterns
//! differ.

use super::palette::Ink;
use super::svg::{Anchor, Fill, Pattern, Stroke, Svg, Text, shortened, width_of};
use crate::report::timeline::{Band, Bar, Doing, Lane, Timeline};
use crate::report::words::{counted, duration};

const TITLE: f64 = 64.0;
const MARGIN: f64 = 20.0;
/// The width of all the time.
const SPAN: f64 = 1000.0;
/// Room for the numbers of rounds, and for the hours.
const AXIS: f64 = 44.0;
/// Longer names are cut.
const NAME: usize = 22;
/// A bar is at least so wide, or it would not be seen.
const THIN: f64 = 2.5;
/// More bars of one kind in a lane are drawn as one.
const MANY: usize = 16;

/// Draws it.
pub fn draw(timeline: &Timeline) -> String {
    let Timeline { name, lanes, rounds, total, worst } = timeline;
    let headline = format!("mesh {name}: the timeline of the plan");
    let mut svg = Svg::new("time", &headline, &description(timeline));
    svg.text([MARGIN, 34.0], &Text::new(18.0, Ink::Word, &headline).bold());
    let mut below = format!("estimated: {}", duration(*total));
    if worst > total {
        below += &format!(", at worst {}", duration(*worst));
    }
    let numbers: usize = rounds.iter().map(|band| band.numbers.len()).sum();
    if numbers > 0 {
        below += &format!("; {}", counted(numbers, "round"));
    }
    svg.text([MARGIN, 56.0], &Text::new(13.0, Ink::Dim, &below));
    let row = if lanes.len() > 14 { 20.0 } else { 28.0 };
    let labels: Vec<String> = lanes.iter().map(|lane| shortened(lane.cluster.as_str(), NAME)).collect();
    let label = labels.iter().map(|name| width_of(name, 12.5)).fold(40.0, f64::max);
    let (left, top) = (MARGIN + label + 12.0, TITLE + AXIS + 6.0);
    let bottom = top + lanes.len() as f64 * row;
    let scale = Scale { left, per_second: SPAN / total.max(1.0) };
    bands(&mut svg, timeline, &scale, [top, bottom]);
    hours(&mut svg, *total, &scale, [top, bottom]);
    for (i, (Lane { cluster, bars }, label)) in lanes.iter().zip(&labels).enumerate() {
        let y = top + i as f64 * row;
        svg.line([left, y + row], [left + SPAN, y + row], Stroke::new(Ink::Faint, 0.8));
        svg.text([left - 8.0, y + row / 2.0 + 4.3], &Text::new(12.5, Ink::Word, label).anchored(Anchor::End));
        // what is behind comes first
        let mut order: Vec<&Bar> = bars.iter().collect();
        order.sort_by_key(|bar| (depth(bar.what), bar.what));
        for bars in order.chunk_by(|a, b| a.what == b.what) {
            match bars {
                [first, ..] if bars.len() > MANY && first.what != Doing::Away => {
                    many(&mut svg, cluster.as_str(), bars, &scale, [y, row]);
                }
                few => {
                    for bar in few {
                        let words = format!("{cluster}: {}{}", bar.words, and_when(bar));
                        let [x, w] = scale.bar(bar);
                        svg.group(&words, |svg| shape(svg, bar.what, [x, y, w, row]));
                    }
                }
            }
        }
    }
    legend(&mut svg, timeline, [left, bottom + 18.0]);
    svg.finish(left + SPAN + MARGIN + 16.0, bottom + 18.0 + 26.0 + MARGIN)
}

struct Scale {
    left: f64,
    per_second: f64,
}

impl Scale {
    /// Where a bar begins, and how wide it is.
    fn bar(&self, bar: &Bar) -> [f64; 2] {
        let x = self.x(bar.start);
        [x, (self.x(bar.end) - x).max(THIN)]
    }

    fn x(&self, seconds: f64) -> f64 {
        self.left + seconds * self.per_second
    }
}

fn bands(svg: &mut Svg, timeline: &Timeline, scale: &Scale, [top, bottom]: [f64; 2]) {
    for (i, Band { numbers, start, end }) in timeline.rounds.iter().enumerate() {
        let (x, w) = (scale.x(*start), ((end - start) * scale.per_second).max(1.0));
        let which = spans(numbers);
        let plural = if numbers.len() == 1 { "" } else { "s" };
        let words = format!("round{plural} {which}: {} to {}", duration(*start), duration(*end));
        svg.group(&words, |svg| {
            if i % 2 == 0 {
                svg.rect([x, top - AXIS + 24.0, w, bottom - top + AXIS - 24.0], 0.0, Fill::Half(Ink::Faint), None);
            }
            let room = width_of(&which, 11.0) + 3.0;
            // where rounds are narrow, every fifth has its number
            let fifth = numbers.iter().any(|n| n % 5 == 0) && w * 5.0 >= room;
            if w >= room || fifth || i == 0 {
                let text = Text::new(11.0, Ink::Dim, &which).anchored(Anchor::Middle);
                svg.text([x + w / 2.0, top - AXIS + 36.0], &text);
            }
        });
    }
    if !timeline.rounds.is_empty() {
        let text = Text::new(11.0, Ink::Dim, "round").anchored(Anchor::End);
        svg.text([scale.left - 8.0, top - AXIS + 36.0], &text);
    }
}

/// Numbers in ascending order as people write them: `1, 3-5`.
fn spans(numbers: &[u32]) -> String {
    let mut spans: Vec<(u32, u32)> = Vec::new();
    for &n in numbers {
        match spans.last_mut().filter(|(_, to)| *to + 1 == n) {
            Some((_, to)) => *to = n,
            None => spans.push((n, n)),
        }
    }
    let one = |(from, to): (u32, u32)| if from == to { from.to_string() } else { format!("{from}-{to}") };
    spans.into_iter().map(one).collect::<Vec<_>>().join(", ")
}

fn hours(svg: &mut Svg, total: f64, scale: &Scale, [top, bottom]: [f64; 2]) {
    let steps = [60.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 14400.0, 21600.0, 43200.0, 86400.0, 172_800.0];
    let every = steps.into_iter().find(|s| total / s <= 12.0).unwrap_or(604_800.0);
    let mut at = 0.0;
    while at <= total {
        let x = scale.x(at);
        svg.line([x, top - AXIS + 18.0], [x, bottom], Stroke { ink: Ink::Faint, width: 1.0, dashes: Some("2 3") });
        svg.text([x, top - AXIS + 12.0], &Text::new(11.0, Ink::Dim, &duration(at)).anchored(Anchor::Middle));
        at += every;
    }
}

/// What lies over what: long waits behind, the short and the important in front.
fn depth(what: Doing) -> u8 {
    match what {
        Doing::Away => 0,
        Doing::Settle => 1,
        Doing::Sync => 2,
        Doing::Verify => 3,
        Doing::Write => 4,
        Doing::RestartIfAsked | Doing::Restart => 5,
    }
}

fn and_when(bar: &Bar) -> String {
    let and = if bar.count > 1 { format!(" and {} more", bar.count - 1) } else { String::new() };
    format!("{and}; {} to {}", duration(bar.start), duration(bar.end))
}

/// Many bars of one kind in one lane. Syncs are told one by one; of the others it is told how many they are, or the
/// picture of a large mesh would be mostly tooltips.
fn many(svg: &mut Svg, cluster: &str, bars: &[&Bar], scale: &Scale, [y, row]: [f64; 2]) {
    for wide in [true, false] {
        let look = |bar: &Bar| {
            let [x, w] = scale.bar(bar);
            Look::of(bar.what, [x, y, w, row])
        };
        let of: Vec<(&Bar, Look)> =
            bars.iter().map(|bar| (*bar, look(bar))).filter(|(_, look)| (look.rect[2] > 5.0) == wide).collect();
        let [(first, Look { fill, stroke, .. }), ..] = of.as_slice() else { continue };
        if first.what == Doing::Sync {
            let told = |(bar, look): &(&Bar, Look)| (look.rect, format!("{cluster}: {}{}", bar.words, and_when(bar)));
            svg.told_rects(&of.iter().map(told).collect::<Vec<_>>(), *fill, *stroke);
            continue;
        }
        let count: usize = of.iter().map(|(bar, _)| bar.count).sum();
        let (start, end) =
            of.iter().fold((first.start, first.end), |(start, end), (bar, _)| (start.min(bar.start), end.max(bar.end)));
        let words = format!("{cluster}: {count} × {}; {} to {}", first.what.word(), duration(start), duration(end));
        let rects: Vec<[f64; 4]> = of.iter().map(|(_, look)| look.rect).collect();
        svg.group(&words, |svg| svg.rects(&rects, *fill, *stroke));
    }
}

/// How a bar is drawn.
struct Look {
    rect: [f64; 4],
    round: f64,
    fill: Fill,
    stroke: Option<Stroke>,
}

impl Look {
    fn of(what: Doing, [x, y, w, row]: [f64; 4]) -> Look {
        let pad = row * 0.18;
        let full = [x, y + pad, w, row - 2.0 * pad];
        // an outline would hide what is only as wide as it
        let outline = |ink, dashes| (w > 5.0).then_some(Stroke { ink, width: 1.1, dashes });
        // a pattern is not seen on a narrow bar, and a thousand of them take a printer minutes
        let pattern = |pattern, ink| if w > 10.0 { Fill::Pattern(pattern) } else { Fill::Tint(ink) };
        let (rect, round, fill, stroke) = match what {
            Doing::Write => (full, 1.0, Fill::Of(Ink::Add), None),
            Doing::Sync => (full, 1.5, pattern(Pattern::Rising(Ink::Sync), Ink::Sync), outline(Ink::Sync, None)),
            Doing::Settle => {
                let low = [x, y + row * 0.32, w, row * 0.36];
                (low, 1.5, pattern(Pattern::Dotted(Ink::Dim), Ink::Dim), outline(Ink::Dim, None))
            }
            Doing::Restart => (full, 1.5, Fill::Of(Ink::Restart), None),
            Doing::RestartIfAsked => {
                let crossed = pattern(Pattern::Crossed(Ink::Restart), Ink::Restart);
                (full, 1.5, crossed, outline(Ink::Restart, Some("3 2")))
            }
            Doing::Verify => {
                let low = [x, y + row * 0.3, w, row * 0.4];
                (low, 1.0, Fill::Of(Ink::Ground), Some(Stroke::new(Ink::Word, 1.0)))
            }
            Doing::Away => ([x, y + 1.0, w, row - 2.0], 2.0, Fill::Tint(Ink::Away), Some(Stroke::new(Ink::Away, 1.0))),
        };
        Look { rect, round, fill, stroke }
    }
}

fn shape(svg: &mut Svg, what: Doing, [x, y, w, row]: [f64; 4]) {
    let Look { rect, round, fill, stroke } = Look::of(what, [x, y, w, row]);
    svg.rect(rect, round, fill, stroke);
    if what == Doing::Away {
        svg.rect([x, y + row - 4.0, w, 3.0], 0.0, Fill::Of(Ink::Away), None);
    }
}

fn legend(svg: &mut Svg, timeline: &Timeline, [mut x, y]: [f64; 2]) {
    let used = |what: Doing| timeline.lanes.iter().flat_map(|lane| &lane.bars).any(|bar| bar.what == what);
    for what in Doing::ALL.into_iter().filter(|what| used(*what)) {
        shape(svg, what, [x, y, 26.0, 24.0]);
        svg.text([x + 33.0, y + 16.5], &Text::new(12.0, Ink::Word, what.word()));
        x += 33.0 + width_of(what.word(), 12.0) + 24.0;
    }
}

/// What the picture shows, for who cannot see it.
fn description(timeline: &Timeline) -> String {
    let of = |what: Doing| timeline.lanes.iter().flat_map(|lane| &lane.bars).filter(move |bar| bar.what == what);
    let told: Vec<String> = (Doing::ALL.into_iter())
        .filter(|what| of(*what).next().is_some())
        .map(|what| format!("{} × {}", of(what).map(|bar| bar.count).sum::<usize>(), what.word()))
        .collect();
    format!("One lane for each of {}. Steps: {}.", counted(timeline.lanes.len(), "cluster"), told.join(", "))
}

//! A plan as a page that needs nothing besides itself: no script, no font, no address. It can be mailed, archived
//! and printed.

mod folded;

use std::collections::HashMap;

use minijinja::value::Serde;
use minijinja::{Environment, Error, UndefinedBehavior, Value, context, escape_formatter};
use quick_xml::escape::escape;
use serde::Serialize;

use super::brief::{facts, headline, nothing};
use super::graph::Graph;
use super::lines::{About, Line, Members, Said, concerns, gathered, members, names, of_clusters, of_links};
use super::picture::{self, Style};
use super::plan::{left_words, stage_words};
use super::steps::details;
use super::timeline::Timeline;
use super::words::{duration, plain, when};
use crate::plan::Plan;
use crate::plan::change::LeftAlone;
use crate::plan::guard::Refusal;
use crate::plan::step::{Step, StepId};

/// Of a plan of more steps than this, steps that do the same are told together: nobody reads thousands one by one.
const LONG: usize = 400;

/// The page of a plan.
///
/// # Errors
/// A template is wrong, which is a bug.
pub fn page(plan: &Plan) -> Result<String, Error> {
    let graph = Graph::of_plan(plan);
    let timeline = Timeline::of(plan);
    let has_changes = !plan.changes.is_empty();
    let links = of_links(plan);
    let all: Vec<Line> = links.into_iter().chain(of_clusters(plan)).collect();
    let short = gathered(all.clone());
    // many lines that say the same are one, and below it stands which they are
    let every: Vec<Gathered> = members(&all, &short).into_iter().map(gathered_rows).collect();
    let long = plan.steps.len() > LONG;
    let facts: Vec<[String; 2]> = facts(plan).into_iter().map(|fact| [fact.about.to_owned(), fact.words]).collect();
    render(
        "plan.html",
        context! {
            title => headline(plan),
            nothing => nothing(plan),
            facts,
            refusals => Value::from(Serde(&plan.refusals.iter().map(refusal).collect::<Vec<_>>())),
            unread => Value::from(Serde(&plan.unread.iter().map(|u| Alert {
                what: u.error.to_string(),
                then: u.error.kind.hint().map(str::to_owned),
            }).collect::<Vec<_>>())),
            stage => (!plan.stage.last).then(|| {
                stage_words(plan.stage.repairs.len(), &names(&plan.stage.repairs), plan.stage.waiting)
            }),
            mesh_picture => Value::from_safe_string(picture::mesh(&graph, Style::for_graph(&graph))),
            time_picture => (has_changes && !timeline.lanes.is_empty())
                .then(|| Value::from_safe_string(picture::timeline(&timeline))),
            changes => Value::from(Serde(&rows(plan, &short))),
            every => Value::from(Serde(&every)),
            left_heading => if plan.rollback.is_some() { "Not brought back" } else { "Left alone" },
            left_caption => match plan.rollback {
                Some(_) => "What the run did and is not taken back",
                None => "What was seen and is left alone",
            },
            left => Value::from(Serde(&plan.left_alone.iter().map(left).collect::<Vec<_>>())),
            concerns => Value::from(Serde(&concerns(plan).into_iter().map(concern).collect::<Vec<_>>())),
            // so many steps are looked at one by one; more are opened by who wants them
            open => plan.steps.len() <= 60,
            count => plan.steps.len(),
            steps => Value::from(Serde(&if long { Vec::new() } else { steps(plan) })),
            kinds => Value::from(Serde(&if long { folded::kinds(plan) } else { Vec::new() })),
            rounds => Value::from(Serde(&if long { folded::rounds(plan) } else { Vec::new() })),
            file => &plan.mesh_file,
            made_by => &plan.made_by,
            made_at => when(plan.made_at),
            made_at_exactly => plan.made_at.to_string(),
        },
    )
}

/// A page with one picture on it.
///
/// # Errors
/// A template is wrong, which is a bug.
pub fn page_of_picture(title: &str, svg: &str) -> Result<String, Error> {
    render("picture.html", context! { title, picture => Value::from_safe_string(svg.to_owned()) })
}

/// A page of somebody else's template, in the look of all pages; it may fill the blocks `head` and `body`.
///
/// # Errors
/// The template is wrong, which is a bug.
pub fn own_page(template: &'static str, values: Value) -> Result<String, Error> {
    let mut templates = environment()?;
    templates.add_template("own.html", template)?;
    write(&templates, "own.html", values)
}

fn render(template: &str, values: Value) -> Result<String, Error> {
    let mut templates = environment()?;
    templates.add_template("plan.html", include_str!("plan.html"))?;
    templates.add_template("picture.html", include_str!("picture.html"))?;
    write(&templates, template, values)
}

fn environment() -> Result<Environment<'static>, Error> {
    let mut templates = Environment::new();
    templates.set_undefined_behavior(UndefinedBehavior::Strict);
    // HTML takes no control characters, however they are written
    templates.set_formatter(|out, state, value| match value.as_str() {
        Some(text) if !value.is_safe() => escape_formatter(out, state, &Value::from(plain(text))),
        _ => escape_formatter(out, state, value),
    });
    templates.add_filter("prose", |text: &str| Value::from_safe_string(prose(text)));
    templates.add_template("base.html", include_str!("base.html"))?;
    Ok(templates)
}

/// A sentence as markup: what stands in backticks as code, and arrows as one sign, which is read aloud better than two
/// or three.
fn prose(text: &str) -> String {
    let text = plain(text).replace(" <-> ", " ↔ ").replace(" -> ", " → ");
    let mut pieces = text.split('`').peekable();
    let mut out = String::with_capacity(text.len());
    let mut quoted = false;
    while let Some(piece) = pieces.next() {
        let escaped = escape(piece);
        // a backtick without its other one is one
        match (quoted, pieces.peek().is_some()) {
            (true, true) => out += &format!("<code>{escaped}</code>"),
            (true, false) => out += &format!("`{escaped}"),
            (false, _) => out += &escaped,
        }
        quoted = !quoted;
    }
    out
}

fn write(templates: &Environment<'_>, template: &str, values: Value) -> Result<String, Error> {
    // the style sheet is ours, and holds no markup
    let style = Value::from_safe_string(include_str!("style.css").to_owned());
    templates.get_template(template)?.render(context! { style, ..values })
}

/// Something that is in the way, and what to do about it.
#[derive(Serialize)]
struct Alert {
    what: String,
    then: Option<String>,
}

/// A change.
#[derive(Serialize)]
struct Row {
    mark: &'static str,
    class: &'static str,
    kind: &'static str,
    about: String,
    sides: Option<String>,
    what: String,
    reason: Option<String>,
    place: Option<String>,
}

/// Which links or nodes one line is about.
#[derive(Serialize)]
struct Gathered {
    about: String,
    what: String,
    rows: Vec<[String; 2]>,
}

fn gathered_rows(members: Members) -> Gathered {
    let Members { line, of } = members;
    let rows = of.into_iter().map(|(cluster, others)| [cluster.to_string(), others.join(", ")]).collect();
    Gathered { about: line.about.words(), what: line.what, rows }
}

/// A step.
#[derive(Serialize)]
struct Stepped {
    number: usize,
    cluster: String,
    action: String,
    round: Option<u32>,
    time: Option<String>,
    details: Vec<String>,
}

fn refusal(refusal: &Refusal) -> Alert {
    let Refusal { guard, why, how } = refusal;
    Alert { what: format!("refused by {guard}: {why}"), then: Some(how.clone()) }
}

fn left(left: &LeftAlone) -> [String; 3] {
    let LeftAlone { cluster, what: _, reason } = left;
    [cluster.to_string(), left_words(left), reason.clone()]
}

fn concern(said: Said) -> [String; 3] {
    let Said { mark, who, what } = said;
    [mark.to_owned(), who, what]
}

fn rows(plan: &Plan, lines: &[Line]) -> Vec<Row> {
    let row = |line: &Line| {
        let Line { kind, about, what, reason, line, .. } = line;
        Row {
            mark: super::words::sign(kind.mark()),
            class: super::words::class(*kind),
            kind: super::words::verb(*kind),
            about: match about {
                // an arrow is read aloud better than its two signs
                About::Link(pair) => format!("{} ↔ {}", pair.a(), pair.b()),
                About::Side(from, to) => format!("{from} → {to}"),
                other => other.words(),
            },
            sides: about.sides(),
            what: what.clone(),
            reason: reason.clone(),
            place: line.map(|line| format!("{}:{line}", plan.mesh_file)),
        }
    };
    lines.iter().map(row).collect()
}

fn steps(plan: &Plan) -> Vec<Stepped> {
    let numbers: HashMap<&StepId, usize> = plan.steps.iter().zip(1..).map(|(step, n)| (&step.id, n)).collect();
    let stepped = |(step, number): (&Step, usize)| {
        let timed = plan.estimate.steps.get(&step.id);
        Stepped {
            number,
            cluster: step.cluster.to_string(),
            action: step.action.to_string(),
            round: step.round,
            time: timed.map(|t| format!("{} to {}", duration(t.start as f64), duration(t.end as f64))),
            details: details(step, &numbers),
        }
    };
    plan.steps.iter().zip(1..).map(stepped).collect()
}

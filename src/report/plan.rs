//! A plan as text: what it comes to, a line a change, and what keeps it from being applied. For a terminal of 80
//! columns at night: the short of it first, the dangerous before the rest, and never a wall of lines that say the
//! same.

use anstyle::Style;

use super::brief::{Fact, facts, headline, nothing};
use super::lines::{About, Line, Said, concerns, gathered, names, of_clusters, of_links};
use super::words::{BAD, DIM, EMPHASIS, NOTE, counted, plain, style};
use crate::mesh::{Cluster, State};
use crate::plan::change::{Left, LeftAlone};
use crate::plan::guard::Refusal;
use crate::plan::{Plan, Stage, UnreadCluster};

/// A line is not longer, where that can be helped: in a file, and on a terminal that is wider.
const COLUMNS: usize = 80;
/// Nor is it shorter on a terminal that is narrower than this.
const NARROWEST: usize = 40;
/// More lines of one kind than this are folded.
const FOLD: usize = 40;

/// The plan, folded where it is long.
pub fn plan(plan: &Plan) -> String {
    plan_to(plan, COLUMNS)
}

/// The same for a terminal of so many columns.
pub fn plan_to(plan: &Plan, columns: usize) -> String {
    let columns = columns.clamp(NARROWEST, COLUMNS);
    Text { out: String::new(), plan, folds: true, columns }.write()
}

/// The plan with every change on a line of its own, and its steps.
pub fn plan_verbose(plan: &Plan) -> String {
    let mut text = Text { out: String::new(), plan, folds: false, columns: COLUMNS }.write();
    if !plan.steps.is_empty() {
        text += "\n";
        text += &super::steps(plan);
    }
    text
}

struct Text<'a> {
    out: String,
    plan: &'a Plan,
    folds: bool,
    columns: usize,
}

impl Text<'_> {
    fn write(mut self) -> String {
        self.say(&format!("{EMPHASIS}{}{EMPHASIS:#}", plain(&headline(self.plan))));
        if let Some(nothing) = nothing(self.plan) {
            self.say(nothing);
        }
        for Fact { about, words } in facts(self.plan) {
            let mut lines = wrapped(&words, self.columns - 10).into_iter();
            let first = lines.next().unwrap_or_default();
            self.say(&format!("{DIM}{about:<10}{DIM:#}{first}"));
            for line in lines {
                self.say(&format!("{:10}{line}", ""));
            }
        }
        self.links();
        self.clusters();
        self.left_alone();
        self.concerns();
        self.unread();
        self.refusals();
        self.stage();
        self.out
    }

    fn say(&mut self, line: &str) {
        self.out.push_str(line);
        self.out.push('\n');
    }

    fn heading(&mut self, words: &str) {
        self.say(&format!("\n{EMPHASIS}{words}{EMPHASIS:#}"));
    }

    /// A head, and after it what is less important: on the same line where there is room, below it otherwise.
    fn line(&mut self, indent: usize, head: (&str, usize), tail: &str) {
        let (styled, length) = head;
        if tail.is_empty() {
            return self.say(&format!("{:indent$}{styled}", ""));
        }
        if indent + length + 2 + width(tail) <= self.columns {
            return self.say(&format!("{:indent$}{styled}  {DIM}{tail}{DIM:#}", ""));
        }
        self.say(&format!("{:indent$}{styled}", ""));
        let deeper = indent + 4;
        for line in wrapped(tail, self.columns - deeper) {
            self.say(&format!("{:deeper$}{DIM}{line}{DIM:#}", ""));
        }
    }

    fn more(&mut self, hidden: usize, indent: usize) {
        if hidden > 0 {
            let more = format!("... and {} more; `intermesh plan -v` shows all", counted(hidden, "line"));
            self.say(&format!("{:indent$}{DIM}{more}{DIM:#}", ""));
        }
    }

    fn links(&mut self) {
        let lines = of_links(self.plan);
        if lines.is_empty() {
            return;
        }
        self.heading("links");
        let lines = if self.folds { gathered(lines) } else { lines };
        let shown = self.shown(lines.len());
        let single = |line: &&Line| !matches!(line.about, About::Links(_));
        let column = |f: fn(&Line) -> usize| lines.iter().take(shown).filter(single).map(f).max().unwrap_or(0).min(40);
        let (abouts, whats) = (column(|l| width(&l.about.words())), column(|l| width(&l.what)));
        for line in &lines[..shown] {
            let Line { kind, about, what, reason, line, .. } = line;
            let (mark, color) = (kind.mark(), style(*kind));
            let (about_words, what) = (plain(&about.words()), plain(what));
            let sides = about.sides().unwrap_or_default();
            let head = format!("{mark} {about_words:abouts$}  {what:whats$}  {sides}");
            let styled = format!("{color}{mark} {about_words:abouts$}{color:#}  {what:whats$}  {sides}");
            let tail = self.tail(reason.as_deref(), *line);
            self.line(2, (&styled, width(&head)), &tail);
        }
        self.more(lines.len() - shown, 2);
        if lines.iter().any(|l| matches!(l.about, About::Links(_))) {
            self.say(&format!("  {DIM}`intermesh plan -v` lists every link{DIM:#}"));
        }
    }

    fn clusters(&mut self) {
        let lines = of_clusters(self.plan);
        if lines.is_empty() {
            return;
        }
        self.heading("clusters");
        let mut lines = if self.folds { gathered(lines) } else { lines };
        // what many nodes have in common, before what a cluster has of its own
        lines.sort_by_key(|line| matches!(line.about, About::Cluster(_)));
        let shown = self.shown(lines.len());
        let mut before = None;
        for Line { kind, about, what, reason, line, .. } in &lines[..shown] {
            if let About::Nodes(..) = about {
                let (mark, color, nodes) = (kind.mark(), style(*kind), about.words());
                let words = plain(what);
                let tail = [format!("on {nodes}"), self.tail(reason.as_deref(), *line)];
                let tail = tail.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ");
                self.line(2, (&format!("{color}{mark}{color:#} {words}"), width(&words) + 2), &tail);
                continue;
            }
            if before != Some(about) {
                before = Some(about);
                if let About::Cluster(name) = about
                    && let Some(cluster) = self.plan.mesh.cluster(name)
                {
                    self.cluster(cluster);
                }
            }
            let (mark, color, what) = (kind.mark(), style(*kind), plain(what));
            let tail = self.tail(reason.as_deref(), *line);
            self.line(4, (&format!("{color}{mark} {what}{color:#}"), width(&what) + 2), &tail);
        }
        self.more(lines.len() - shown, 4);
    }

    fn cluster(&mut self, cluster: &Cluster) {
        let state = match cluster.state {
            State::Present => "",
            State::Absent => ", absent",
            State::Gone => ", gone",
        };
        let identity = self.plan.snapshot.clusters.get(&cluster.name).and_then(|c| c.identity.read());
        let version = identity.map(|identity| format!(", {}", identity.version)).unwrap_or_default();
        let name = &cluster.name;
        let styled = format!("{EMPHASIS}{name}{EMPHASIS:#}");
        self.line(2, (&styled, width(name.as_str())), &plain(&format!("{}{version}{state}", cluster.publisher)));
    }

    fn shown(&self, lines: usize) -> usize {
        // to fold two lines away saves nothing
        if self.folds && lines > FOLD + 2 { FOLD } else { lines }
    }

    fn tail(&self, reason: Option<&str>, line: Option<usize>) -> String {
        let place = line.map(|line| format!("{}:{line}", self.plan.mesh_file));
        plain(&reason.map(str::to_owned).into_iter().chain(place).collect::<Vec<_>>().join(", "))
    }

    fn left_alone(&mut self) {
        if self.plan.left_alone.is_empty() {
            return;
        }
        self.heading(left_heading(self.plan));
        let shown = self.shown(self.plan.left_alone.len());
        for left in &self.plan.left_alone[..shown] {
            let LeftAlone { cluster, what: _, reason } = left;
            let words = plain(&format!("? {cluster}: {}", left_words(left)));
            self.line(2, (&format!("{NOTE}{words}{NOTE:#}"), width(&words)), &plain(reason));
        }
        self.more(self.plan.left_alone.len() - shown, 2);
    }

    fn concerns(&mut self) {
        let all = concerns(self.plan);
        if all.is_empty() {
            return;
        }
        self.heading("look at this");
        let shown = self.shown(all.len());
        for Said { mark, who, what } in &all[..shown] {
            self.paragraph(2, mark, NOTE, &format!("{who}: {what}"));
        }
        self.more(all.len() - shown, 2);
    }

    fn unread(&mut self) {
        if self.plan.unread.is_empty() {
            return;
        }
        self.say(&format!("\n{BAD}not read{BAD:#}: nothing is planned on the strength of a failed read"));
        for UnreadCluster { cluster: _, error } in &self.plan.unread {
            self.paragraph(2, "!", BAD, &error.to_string());
            for line in wrapped(error.kind.hint().unwrap_or_default(), self.columns - 4) {
                self.say(&format!("    {DIM}{line}{DIM:#}"));
            }
        }
    }

    /// Words that wrap below themselves, with a mark before them.
    fn paragraph(&mut self, indent: usize, mark: &str, color: Style, words: &str) {
        for (i, line) in wrapped(words, self.columns - indent - 2).into_iter().enumerate() {
            let mark = if i == 0 { format!("{color}{mark}{color:#}") } else { " ".to_owned() };
            self.say(&format!("{:indent$}{mark} {line}", ""));
        }
    }

    fn refusals(&mut self) {
        for Refusal { guard, why, how } in &self.plan.refusals {
            let lines = wrapped(&format!("refused by {guard}: {why}"), self.columns);
            for (i, line) in lines.iter().enumerate() {
                let head = format!("refused by {guard}");
                match line.strip_prefix(&head).filter(|_| i == 0) {
                    Some(rest) => self.say(&format!("\n{BAD}{head}{BAD:#}{rest}")),
                    None => self.say(&format!("{}{line}", if i == 0 { "\n" } else { "" })),
                }
            }
            for line in wrapped(how, self.columns - 2) {
                self.say(&format!("  {line}"));
            }
        }
    }

    fn stage(&mut self) {
        let Stage { last, repairs, waiting } = &self.plan.stage;
        if *last {
            return;
        }
        for line in wrapped(&stage_words(repairs.len(), &names(repairs), *waiting), self.columns) {
            let rest = line.strip_prefix("stage one only").map(|rest| format!("\n{NOTE}stage one only{NOTE:#}{rest}"));
            self.say(&rest.unwrap_or(line));
        }
        self.say("  `intermesh apply MESH` plans again then, and goes on by itself.");
    }
}

/// Why a plan is not all there is to do.
pub(super) fn stage_words(count: usize, repaired: &str, waiting: usize) -> String {
    let they = if count == 1 { "it" } else { "they" };
    let waiting = match waiting {
        0 => String::new(),
        n => format!(" {} that are known already wait for it.", counted(n, "change")),
    };
    format!("stage one only: {repaired} must be repaired before {they} can be read as a whole.{waiting}")
}

/// The heading of what is left alone.
pub(super) fn left_heading(plan: &Plan) -> &'static str {
    if plan.rollback.is_some() { "not brought back" } else { "left alone" }
}

/// What is left alone, in words.
pub(super) fn left_words(left: &LeftAlone) -> String {
    match &left.what {
        Left::UnmanagedPeer { address, protocol } => format!("peer {address}, {}", protocol.word()),
        Left::Link { to } => format!("the link with {to}"),
        Left::Service { node, service } => format!("{service} on {node}"),
        Left::Parameter { node, service, label, value } => format!("`{label}` of {service} on {node}, {value}"),
        Left::Peer { address, to } => format!("peer {address} ({to})"),
        Left::Account { address, to } => format!("the account of peer {address} ({to})"),
        Left::Certificates { address, to } => format!("the certificates of peer {address} ({to})"),
        Left::Restarts { services } => format!("restarts of {}", services.join(", ")),
        Left::HighAvailability { group } => format!("High Availability of {group}"),
    }
}

fn width(text: &str) -> usize {
    textwrap::core::display_width(text)
}

fn wrapped(text: &str, columns: usize) -> Vec<String> {
    // addresses are not broken at their hyphens
    let options = textwrap::Options::new(columns)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .break_words(false)
        .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit);
    textwrap::wrap(&plain(text), options).into_iter().map(std::borrow::Cow::into_owned).collect()
}

//! `intermesh graph`: pictures of a mesh file or of a saved plan. Neither needs a network.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::show::read_plan;
use super::{Exit, Failure, Printer, files, validate};
use crate::plan::Plan;
use crate::report;
use crate::report::graph::{self, Graph};
use crate::report::picture;
use crate::report::timeline::Timeline;

/// Draw a mesh file, or a saved plan: who is linked with whom, what changes, and when; contacts nothing
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  intermesh graph mesh.yaml -o mesh.svg\n  \
                        intermesh graph plan.json --what timeline -o timeline.svg\n  \
                        intermesh graph plan.json --what steps | dot -Tsvg > steps.svg\n  \
                        intermesh graph mesh.yaml --format mermaid\n\n\
                        Exit codes: 0 drawn, 3 the mesh file is wrong, 4 the file is no plan that can be used")]
pub struct GraphCommand {
    /// The mesh file, or a plan that `intermesh plan --out` saved
    #[arg(value_name = "MESH|PLAN")]
    file: PathBuf,
    /// What is drawn; the timeline and the steps are those of a plan
    #[arg(long, value_enum, default_value_t = Subject::Mesh)]
    what: Subject,
    /// How it is written; the ending of the output file decides where it is not given
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// How a mesh is drawn; its size decides where it is not given
    #[arg(long, value_enum)]
    style: Option<Style>,
    /// Write to a file instead of printing
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Subject {
    /// Who is linked with whom, and what a plan changes
    Mesh,
    /// When a plan does what on which cluster
    Timeline,
    /// The steps of a plan, each after those that it waits for
    Steps,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A picture that stands alone
    Svg,
    /// For Graphviz
    Dot,
    /// For Mermaid, which GitHub and GitLab draw
    Mermaid,
    /// A page that needs nothing besides itself
    Html,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Style {
    /// Clusters on a circle
    Circle,
    /// A table of all pairs
    Matrix,
}

/// What is drawn from.
enum Drawn {
    Mesh(Graph),
    Plan(Box<Plan>),
}

impl Format {
    fn of_file(path: &Path) -> Option<Format> {
        match path.extension()?.to_str()? {
            "svg" => Some(Format::Svg),
            "dot" | "gv" => Some(Format::Dot),
            "mmd" | "mermaid" => Some(Format::Mermaid),
            "html" | "htm" => Some(Format::Html),
            _ => None,
        }
    }
}

impl GraphCommand {
    pub(super) fn run(self, printer: &Printer) -> Result<Exit, Failure> {
        let drawn = self.read(printer)?;
        let usual = if self.what == Subject::Steps { Format::Dot } else { Format::Svg };
        let format = self.format.or_else(|| self.out.as_deref().and_then(Format::of_file)).unwrap_or(usual);
        let text = self.draw(&drawn, format)?;
        match &self.out {
            Some(path) => files::save("picture", path, &text)?,
            None => printer.out(&text),
        }
        Ok(Exit::Done)
    }

    fn read(&self, printer: &Printer) -> Result<Drawn, Failure> {
        let is_yaml = self.file.extension().is_some_and(|e| e == "yaml" || e == "yml");
        let begins_as_json = || std::fs::read_to_string(&self.file).is_ok_and(|t| t.trim_start().starts_with('{'));
        if !is_yaml && begins_as_json() {
            return Ok(Drawn::Plan(Box::new(read_plan(&self.file)?)));
        }
        Ok(Drawn::Mesh(Graph::of_mesh(&validate::load(&self.file, printer)?.mesh)))
    }

    fn draw(&self, drawn: &Drawn, format: Format) -> Result<String, Failure> {
        let plan = || match drawn {
            Drawn::Plan(plan) => Ok(plan),
            Drawn::Mesh(_) => Err(Failure::new(Exit::Usage, "a mesh file has no steps and no time: a plan has")
                .hint("Save one with `intermesh plan MESH --out plan.json`, and draw that.")),
        };
        let mesh = || match drawn {
            Drawn::Mesh(graph) => graph.clone(),
            Drawn::Plan(plan) => Graph::of_plan(plan),
        };
        let title = || match drawn {
            Drawn::Mesh(graph) => format!("mesh {}", graph.name),
            Drawn::Plan(plan) => format!("mesh {}", plan.mesh.metadata.name),
        };
        let on_a_page = |svg: &str| {
            let page = report::page_of_picture(&title(), svg);
            page.map_err(|e| Failure::new(Exit::Failed, format!("failed to write the page: {e}")))
        };
        match (self.what, format) {
            (Subject::Mesh, Format::Svg) => Ok(self.mesh(&mesh())),
            (Subject::Mesh, Format::Html) => on_a_page(&self.mesh(&mesh())),
            (Subject::Mesh, Format::Dot) => Ok(graph::mesh_dot(&mesh())),
            (Subject::Mesh, Format::Mermaid) => Ok(graph::mesh_mermaid(&mesh())),
            (Subject::Timeline, Format::Svg) => Ok(picture::timeline(&Timeline::of(plan()?))),
            (Subject::Timeline, Format::Html) => on_a_page(&picture::timeline(&Timeline::of(plan()?))),
            (Subject::Steps, Format::Dot) => Ok(graph::steps_dot(plan()?)),
            (Subject::Timeline, Format::Dot | Format::Mermaid) => Err(unable("the timeline", "svg or html")),
            (Subject::Steps, Format::Svg | Format::Mermaid | Format::Html) => {
                Err(unable("the steps", "dot").hint("`dot -Tsvg` makes a picture of them."))
            }
        }
    }

    fn mesh(&self, graph: &Graph) -> String {
        let style = match self.style {
            Some(Style::Circle) => picture::Style::Circle,
            Some(Style::Matrix) => picture::Style::Matrix,
            None => picture::Style::for_graph(graph),
        };
        picture::mesh(graph, style)
    }
}

fn unable(what: &str, formats: &str) -> Failure {
    Failure::new(Exit::Usage, format!("{what} can be written as {formats} only"))
}

//! `intermesh init`: a mesh file to begin with.

use std::fs::OpenOptions;
use std::io::{BufRead, Write};
use std::path::PathBuf;

use clap::Args;

use super::validate::{show, today};
use super::{Exit, Failure, Printer};
use crate::mesh::{self, Beginning};

/// Write a commented mesh file to begin with; asks at a terminal for what no option gives
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  intermesh init\n  \
    intermesh init --domain example.com --cluster emea=imp1.emea.example.com --cluster apac=10.40.0.11 mesh.yaml")]
pub struct Init {
    /// The file to write; `-` for standard output
    #[arg(value_name = "MESH", default_value = "mesh.yaml")]
    mesh: PathBuf,
    /// What the mesh is called
    #[arg(long)]
    name: Option<String>,
    /// The presence domain
    #[arg(long)]
    domain: Option<String>,
    /// A cluster and the node name of its database publisher; once per cluster
    #[arg(long = "cluster", value_name = "NAME=PUBLISHER", value_parser = cluster)]
    clusters: Vec<(String, String)>,
    /// The release that the clusters run
    #[arg(long)]
    release: Option<String>,
    /// The user name of the AXL accounts
    #[arg(long, default_value = "icsa")]
    username: String,
    /// Replace a file that is there
    #[arg(long)]
    force: bool,
}

fn cluster(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, publisher)) if !name.is_empty() && !publisher.is_empty() => {
            Ok((name.to_owned(), publisher.to_owned()))
        }
        _ => Err("write it as NAME=PUBLISHER, such as emea=imp1.emea.example.com".to_owned()),
    }
}

impl Init {
    pub(super) fn run(self, printer: &Printer) -> Result<Exit, Failure> {
        let to_stdout = self.mesh.as_os_str() == "-";
        if !to_stdout && !self.force && self.mesh.exists() {
            let message = format!("`{}` is there already", self.mesh.display());
            return Err(Failure::new(Exit::Refused, message).hint("Give another name, or `--force` to replace it."));
        }
        let beginning = Beginning {
            name: given_or_asked(self.name, "What is the mesh called?", "--name", "mesh", printer)?,
            domain: given_or_asked(self.domain, "Which presence domain?", "--domain", "example.com", printer)?,
            release: self.release,
            username: self.username,
            clusters: if self.clusters.is_empty() { ask_clusters(printer)? } else { self.clusters },
        };
        let text = beginning.render();
        let name = self.mesh.display().to_string();
        mesh::load_str(&name, &text, today()).map_err(|findings| show(&findings, printer))?;
        if to_stdout {
            printer.out(&text);
            return Ok(Exit::Done);
        }
        let failed = |error| Failure::new(Exit::Failed, format!("failed to write `{name}`: {error}"));
        // without `--force` a file that has appeared meanwhile is not overwritten either
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .create_new(!self.force)
            .open(&self.mesh)
            .map_err(failed)?;
        file.write_all(text.as_bytes()).map_err(failed)?;
        printer.note(&format!(
            "{name}: written; next: `intermesh validate {name}`, then `intermesh credentials check {name}`"
        ));
        Ok(Exit::Done)
    }
}

fn given_or_asked(
    given: Option<String>,
    question: &str,
    option: &str,
    proposal: &str,
    printer: &Printer,
) -> Result<String, Failure> {
    if let Some(given) = given {
        return Ok(given);
    }
    if !printer.can_ask() {
        return Err(Failure::new(Exit::Usage, format!("failed to ask \"{question}\": this is no terminal"))
            .hint(format!("Give it with `{option}`.")));
    }
    let answer = ask(&format!("{question} [{proposal}]"), printer)?;
    Ok(if answer.is_empty() { proposal.to_owned() } else { answer })
}

fn ask_clusters(printer: &Printer) -> Result<Vec<(String, String)>, Failure> {
    if !printer.can_ask() {
        return Err(Failure::new(Exit::Usage, "failed to ask for the clusters: this is no terminal")
            .hint("Give each with `--cluster NAME=PUBLISHER`."));
    }
    let mut clusters: Vec<(String, String)> = Vec::new();
    loop {
        let more = if clusters.len() < 2 { "" } else { " (empty: no more)" };
        let name = ask(&format!("Name of cluster {}{more}?", clusters.len() + 1), printer)?;
        if name.is_empty() {
            if clusters.len() >= 2 {
                return Ok(clusters);
            }
            continue;
        }
        let question =
            format!("Node name of the database publisher of {name}, as System > Presence Topology shows it?");
        let publisher = ask(&question, printer)?;
        clusters.push((name, publisher));
    }
}

fn ask(question: &str, printer: &Printer) -> Result<String, Failure> {
    printer.err(question);
    let mut answer = String::new();
    // the end of the input is no answer to any question
    if std::io::stdin().lock().read_line(&mut answer)? == 0 {
        return Err(Failure::new(Exit::Refused, "the input has ended before all was answered"));
    }
    Ok(answer.trim().to_owned())
}

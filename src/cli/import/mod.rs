//! `intermesh import`: a mesh file from what is there. Reads only.

mod text;
mod way;

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use self::way::{Login, Way};
pub use self::way::{Reach, stranger};
use super::output::{self, Ended, OutputFile};
use super::overlay::Overlay;
use super::session::{Session, bar};
use super::validate::today;
use super::{Exit, Failure, Printer, files, json, unless_interrupted, validate};
use crate::cluster::{Clock, Discovery, ErrorKind, SystemClock};
use crate::mesh::{self, Cluster, ClusterName, NodeName, State};
use crate::observe::{self, Walking};
use crate::plan::import::{Given, Imported, Remark, RemarkKind, import};
use crate::report::results::{Format, Results};

/// Write a mesh file of the clusters that are there; changes nothing on them
///
/// Begins at one database publisher or a few, goes along the intercluster peers that it finds, reads every cluster it
/// reaches, and writes what it found: clusters, nodes, links, transports, releases, parameters. A plan on that file has
/// nothing to do. What could not be read, and what is not as it should be, stands in the file as comments. Accounts
/// are references to environment variables or files, never passwords.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  intermesh import --publisher imp1.emea.example.com --username icsa --password-env ICSA_PASSWORD \
                  -o mesh.yaml\n  intermesh import --from mesh.yaml -o mesh-now.yaml\n\n\
                  A password is tried once on each cluster. One that refuses it gets credentials of its own in the file, to\n\
                  be filled in; then `import --from FILE -o FILE --force` goes on.\n\n\
                  Exit codes: 0 all was read, 1 there is no mesh to write, 4 the file is there already, 6 something could\n\
                  not be read"
)]
pub struct ImportCommand {
    /// A database publisher to begin at (can be given more than once)
    #[arg(long, value_name = "NAME", required_unless_present = "from")]
    publisher: Vec<String>,
    /// Use the names, credentials and settings of this mesh file; begin at its clusters where no publisher is given
    #[arg(long, value_name = "MESH")]
    from: Option<PathBuf>,
    /// The file to write; standard output when not given
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace a file that is there
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    login: Login,
    #[command(flatten)]
    reach: Reach,
    /// What the mesh is to be called
    #[arg(long)]
    name: Option<String>,
    /// The presence domain, which is not read
    #[arg(long)]
    domain: Option<String>,
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
    /// Also write a file, such as `markdown=found.md`; formats are text, json, markdown, junit, sarif, github, gitlab and
    /// prometheus (can be given more than once)
    #[arg(long, value_name = "FORMAT=FILE", value_parser = OutputFile::parser(Format::NAMES))]
    output: Vec<OutputFile>,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Printed<'a> {
    clusters: Vec<PrintedCluster<'a>>,
    links: usize,
    remarks: &'a [Remark],
    mesh: &'a str,
}

#[derive(Serialize)]
struct PrintedCluster<'a> {
    name: &'a ClusterName,
    publisher: &'a NodeName,
    read: bool,
}

impl ImportCommand {
    pub(super) async fn run(self, printer: &Printer) -> Result<Exit, Failure> {
        let file = self.out.clone().or_else(|| self.from.clone()).unwrap_or_else(|| "mesh.yaml".into());
        output::written(&self.output, "import", &file, printer, unless_interrupted(self.import(printer))).await
    }

    async fn import(&self, printer: &Printer) -> Result<Ended<'_>, Failure> {
        let out = self.out.as_deref().filter(|out| *out != Path::new("-"));
        if let Some(out) = out.filter(|out| !self.force && out.exists()) {
            return Err(there_already(out));
        }
        self.usable()?;
        let overlay = Overlay::from_environment()?;
        if let Some(overlay) = &overlay {
            printer.note(&overlay.banner());
        }
        let in_lab = overlay.is_some();
        let mut way = match &self.from {
            Some(from) => Way::of_file(validate::load(from, printer)?, out, overlay)?,
            None => Way::of_options(&self.login, &self.reach, out, overlay, printer)?,
        };
        let start = self.start(&way.session);
        answered_for(&way.session).await?;
        let found = walk(&start, &way, printer).await;
        if found.clusters.is_empty() {
            return Err(nothing(&found));
        }
        let untrusted = found.unread.iter().any(|not| matches!(not.error.kind, ErrorKind::Untrusted { .. }));
        let tls = &mut way.mesh.defaults.tls;
        if untrusted && !in_lab && tls.pins_file.is_none() {
            // `trust` needs a place to write to
            tls.pins_file = Some("pins.json".to_owned());
        }
        let of_file = self.from.is_some();
        let name = self.name.as_deref().or(of_file.then_some(way.mesh.metadata.name.as_str()));
        let domain = self.domain.as_deref().or(of_file.then_some(way.mesh.domain.as_str()));
        let imported = import(&found, &Given { way: &way.mesh, name, domain, begun_at: &start });
        if imported.draft.mesh.clusters.len() < 2 {
            return Err(alone(&imported));
        }
        let file = out.map_or_else(|| "mesh.yaml".to_owned(), |out| out.display().to_string());
        let text = text_of(&imported, &file)?;
        if let Some(out) = out {
            if self.force { files::save("mesh file", out, &text)? } else { create(out, &text)? }
        }
        for not in &found.unread {
            // the whole of it, which the file does not have
            printer.note(&format!("{}: {}", not.address, not.error.kind));
        }
        self.tell(&imported, &text, out, &next(&file, &imported, untrusted), printer)?;
        let unread = imported.remarks.iter().any(|remark| remark.kind == RemarkKind::NotRead);
        let exit = if unread { Exit::Unread } else { Exit::Done };
        let results = Results::of_import(&imported, &file, SystemClock::default().now(), exit.code());
        let own = move |format: &str| match format {
            "json" => Some(printed(&imported, &text).map(|text| text + "\n")),
            _ => None,
        };
        Ok(Ended::new(exit, results, Box::new(own)))
    }

    /// What is given becomes part of the file.
    fn usable(&self) -> Result<(), Failure> {
        let wrong = |what: String, hint: &str| Err(Failure::new(Exit::Usage, what).hint(hint));
        if let Some(domain) = self.domain.as_deref().filter(|domain| !mesh::is_domain(domain)) {
            return wrong(format!("`{domain}` cannot be a presence domain"), "Write it like `example.com`.");
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let is_name = |n: &str| n.starts_with(|c: char| c.is_ascii_alphanumeric()) && n.chars().all(allowed);
        if let Some(name) = self.name.as_deref().filter(|name| !is_name(name)) {
            return wrong(
                format!("`{name}` cannot be the name of a mesh"),
                "Names have letters, digits, `.`, `_` and `-`.",
            );
        }
        for name in &self.publisher {
            if let Some(problem) = NodeName::from(name.as_str()).problem() {
                return wrong(format!("`{name}` cannot be a node's name: {problem}"), "Give a name or an IP address.");
            }
        }
        Ok(())
    }

    /// Where the walk begins.
    fn start(&self, session: &Session) -> Vec<NodeName> {
        if self.publisher.is_empty() {
            let present = session.mesh.clusters.iter().filter(|cluster: &&Cluster| cluster.state == State::Present);
            return present.map(|cluster| cluster.publisher.clone()).collect();
        }
        self.publisher.iter().map(|name| NodeName::from(name.as_str())).collect()
    }

    fn tell(
        &self,
        imported: &Imported,
        text: &str,
        out: Option<&Path>,
        next: &[(String, &str)],
        printer: &Printer,
    ) -> Result<(), Failure> {
        if self.json {
            printer.out(&printed(imported, text)?);
            return Ok(());
        }
        match out {
            Some(out) => printer.report(&text::summary(&out.display().to_string(), imported, next, printer.width())),
            None => {
                printer.out(text);
                printer.note(&text::summary("the mesh", imported, &[], printer.width()));
            }
        }
        Ok(())
    }
}

/// What was found, as JSON.
fn printed(imported: &Imported, text: &str) -> Result<String, Failure> {
    let mesh = &imported.draft.mesh;
    let clusters = mesh.clusters.iter().map(|cluster| PrintedCluster {
        name: &cluster.name,
        publisher: &cluster.publisher,
        read: !imported.unread.contains(&cluster.name),
    });
    json(&Printed {
        clusters: clusters.collect(),
        links: mesh::topology::links(mesh).len(),
        remarks: &imported.remarks,
        mesh: text,
    })
}

/// An account that leads to no password is found out before anything is asked.
async fn answered_for(session: &Session) -> Result<(), Failure> {
    let usual = &session.mesh.defaults.credentials;
    for name in usual.axl.iter().chain(&usual.admin) {
        if let Err(error) = session.vault.account(name).await {
            return Err(Failure::new(Exit::Failed, error.to_string()).hint("Nothing was read yet."));
        }
    }
    Ok(())
}

async fn walk(start: &[NodeName], way: &Way, printer: &Printer) -> Discovery {
    let bar = bar(printer, start.len() as u64, "walking");
    let tell = |walking: Walking<'_>| {
        bar.set_length(walking.of as u64);
        bar.set_position(walking.done as u64);
        bar.set_message(walking.address.to_string());
    };
    let found = observe::walk(start, way, &tell).await;
    bar.finish_and_clear();
    found
}

/// The text of the file, judged as `validate` would.
fn text_of(imported: &Imported, file: &str) -> Result<String, Failure> {
    let wrong = |why: String| {
        Failure::new(Exit::Failed, format!("failed to write a mesh file: {why}"))
            .hint("This is a bug in intermesh; nothing was written.")
    };
    let text = imported.draft.render(file).map_err(|e| wrong(e.to_string()))?;
    mesh::load_str(file, &text, today()).map_err(|e| wrong(e.to_string()))?;
    Ok(text)
}

/// What to type next, and what for.
fn next(file: &str, imported: &Imported, untrusted: bool) -> Vec<(String, &'static str)> {
    let mut next = vec![(format!("intermesh validate {file}"), "what the rules say of it")];
    let mesh = &imported.draft.mesh;
    if mesh.defaults.tls.pins_file.is_some() {
        next.push((format!("intermesh trust {file}"), "the keys of all nodes"));
    }
    if imported.remarks.iter().any(|remark| remark.kind == RemarkKind::FillIn && remark.what.starts_with("credential"))
    {
        next.push((
            format!("intermesh credentials check {file}"),
            "when they are filled in; until then plan, drift and verify end with 6",
        ));
    }
    if untrusted || !imported.unread.is_empty() {
        next.push((format!("intermesh import --from {file} -o {file} --force"), "again, for what was not read"));
    }
    next.push((format!("intermesh plan {file}"), "nothing to do, or what is not as it should be"));
    next
}

fn nothing(found: &Discovery) -> Failure {
    let mut failure = Failure::new(Exit::Unread, "no cluster could be read; nothing was written");
    for not in &found.unread {
        failure.message += &format!("\n  {}: {}", not.address, not.error.kind);
        let hint = match &not.error.kind {
            ErrorKind::Untrusted { .. } => Some(format!(
                "Nothing was sent. Give the authority with `--ca-file FILE`, or pin the key: `intermesh trust --publisher {} \
                 --pins-file pins.json`, then import with `--pins-file pins.json`.",
                not.address
            )),
            other => other.hint().map(str::to_owned),
        };
        failure.hints.extend(hint.filter(|hint| !failure.hints.contains(hint)));
    }
    failure
}

fn alone(imported: &Imported) -> Failure {
    let mut failure = Failure::new(Exit::Failed, "only one cluster was found, and a mesh has two or more");
    for remark in imported.remarks.iter().filter(|remark| remark.kind != RemarkKind::FillIn) {
        failure.message += &format!("\n  {}", remark.words());
    }
    failure.hint("Name the publishers of the others, too, each with `--publisher`.")
}

fn there_already(out: &Path) -> Failure {
    Failure::new(Exit::Refused, format!("`{}` is there already", out.display()))
        .hint("Give another name, or `--force` to replace it.")
}

/// Writes a file that has not appeared meanwhile.
fn create(out: &Path, text: &str) -> Result<(), Failure> {
    use std::io::Write;
    let failed = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => there_already(out),
        _ => Failure::new(Exit::Failed, format!("failed to write `{}`: {error}", out.display())),
    };
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(out).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}

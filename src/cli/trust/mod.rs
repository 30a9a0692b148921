//! `intermesh trust`: whom do we speak with? Shows what every node shows, and pins keys after a yes.

mod look;
mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use clap::Args;
use futures::stream::{self, StreamExt};
use jiff::Timestamp;
use serde::Serialize;

use self::look::{Https, Looked, Ssh, Standing};
use super::import::{Reach, stranger};
use super::overlay::Overlay;
use super::session::{Session, settings_failure};
use super::{Exit, Failure, Printer, interrupted, json, pins_file};
use crate::cluster::{Error, NodeName, Observe};
use crate::imp::{LookError, NodePins, Pins};
use crate::mesh::{Cluster, Roles};
use crate::report::counted;

/// Show the certificate and host key of every node, and pin the keys that no authority verifies
///
/// Appliances often show self-signed certificates. Such a node is trusted by its public key: `trust` shows what every
/// node shows, and after a yes writes the keys into the pins file that the mesh file names (`tls: {pins_file: …}`),
/// which belongs under version control. From then on the node must show that key. Nothing but a handshake is sent to
/// a node that is not trusted yet.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  intermesh trust mesh.yaml\n  intermesh trust --check mesh.yaml\n\n\
                        Before you say yes, compare what is shown with what the nodes' administrators see of their own nodes.\n\n\
                        A node that is not named in the mesh file is asked for over AXL once its publisher is trusted.\n\n\
                        Exit codes: 0 all is trusted, 2 something is not (`--check`, or a certificate has expired),\n\
                        3 the mesh or pins file is wrong, 4 a no, 6 a node was not reached")]
pub struct TrustCommand {
    /// The mesh file
    #[arg(value_name = "MESH", required_unless_present = "publisher")]
    mesh: Option<PathBuf>,
    /// A node to look at before there is a mesh file, for `intermesh import`; its key is pinned in `--pins-file` (can
    /// be given more than once)
    #[arg(long, value_name = "NAME", conflicts_with = "mesh")]
    publisher: Vec<String>,
    #[command(flatten)]
    reach: Reach,
    /// Pin without asking, changed keys too: for a pipeline whose network is trusted
    #[arg(short, long, conflicts_with = "check")]
    yes: bool,
    /// Write nothing; end with 2 where something is not trusted
    #[arg(long)]
    check: bool,
    /// Pin the keys of certificates too that an authority verifies
    #[arg(long)]
    pin_all: bool,
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
}

/// Nodes that are looked at at the same time.
const NODES_AT_ONCE: usize = 12;

/// The pins files of a mesh, as they are and as they become.
struct Book {
    files: BTreeMap<PathBuf, Pins>,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Printed<'a> {
    nodes: &'a [Looked],
    written: usize,
}

impl TrustCommand {
    pub(super) async fn run(self, printer: &Printer) -> Result<Exit, Failure> {
        let session = self.session(printer)?;
        let mut book = Book::open(&session)?;
        let named: Vec<(&Cluster, NodeName)> = session
            .alive()
            .flat_map(|cluster| named(&session, cluster).into_iter().map(move |n| (cluster, n)))
            .collect();
        let mut all = self.look(&session, &book, &named).await?;
        let mut written = self.settle(&session, &mut book, &mut all, 0, printer).await?;

        let (further, unread) = match self.mesh {
            Some(_) => further(&session, &book, &all).await?,
            None => Default::default(),
        };
        if !further.is_empty() {
            let mut others = self.look(&session, &book, &further).await?;
            written += self.settle(&session, &mut book, &mut others, written, printer).await?;
            all.append(&mut others);
        }
        for trouble in &unread {
            printer.err(&format!("the other nodes are not known: {trouble}"));
        }
        if self.json {
            printer.out(&json(&Printed { nodes: &all, written })?);
        } else {
            printer.report(&text::summary(&all));
        }
        Ok(exit(&all, !unread.is_empty()))
    }

    /// The clusters of the mesh file, or those nodes that are named in its place.
    fn session(&self, printer: &Printer) -> Result<Session, Failure> {
        if let Some(mesh) = &self.mesh {
            return Session::open(mesh, printer);
        }
        let overlay = Overlay::from_environment()?;
        if let Some(overlay) = &overlay {
            printer.note(&overlay.banner());
        }
        let mut mesh = self.reach.mesh(None, overlay.is_some())?;
        // nobody logs in
        let nobody = || Roles { axl: Some("nobody".into()), ..Roles::default() };
        mesh.clusters = self.publisher.iter().map(|name| stranger(name.as_str().into(), nobody())).collect();
        Session::of_mesh(mesh, String::new(), overlay, BTreeMap::new())
    }

    /// Looks at nodes, and judges what they show.
    async fn look(
        &self,
        session: &Session,
        book: &Book,
        nodes: &[(&Cluster, NodeName)],
    ) -> Result<Vec<Looked>, Failure> {
        let now = Timestamp::now();
        let looks = nodes.iter().map(|(cluster, node)| async move {
            let pins = book.of(session, cluster, node);
            let target = session.target_with(cluster, Pins::default())?;
            let https = seen(session.fleet().certificate_shown(&target, node).await)?;
            let https = Https::judge(https, &pins.https, now, self.pin_all);
            let with_cli = session.mesh.cli_account(cluster).is_some() && !is_unified_cm(session, cluster, node);
            let ssh = match with_cli {
                true => Some(Ssh::judge(seen(session.fleet().host_key_shown(&target, node).await)?, &pins.ssh)),
                false => None,
            };
            Ok(Looked { cluster: cluster.name.clone(), node: node.clone(), https, ssh })
        });
        stream::iter(looks).buffered(NODES_AT_ONCE).collect::<Vec<_>>().await.into_iter().collect()
    }

    /// Shows nodes, asks about their open keys, and writes those that are agreed to. So many pins were written before.
    async fn settle(
        &self,
        session: &Session,
        book: &mut Book,
        nodes: &mut [Looked],
        before: usize,
        printer: &Printer,
    ) -> Result<usize, Failure> {
        let shown = text::nodes(nodes, Timestamp::now(), printer.width());
        if self.json {
            printer.note(&shown)
        } else {
            printer.report(&shown)
        }
        let open = nodes.iter().flat_map(Looked::standings).filter(|s| s.is_open()).count();
        if open == 0 || self.check {
            return Ok(0);
        }
        let homeless = session.alive().find(|c| {
            session.pins_file(c).is_none()
                && nodes.iter().any(|n| n.cluster == c.name && n.standings().any(Standing::is_open))
        });
        if let Some(cluster) = homeless {
            let message =
                format!("the mesh file names no pins file for cluster `{}`; nothing was written", cluster.name);
            return Err(Failure::new(Exit::MeshWrong, message)
                .hint("Add `tls: {pins_file: pins.json}` under `defaults` or the cluster, or give a `ca_file`; without a mesh \
                       file, `--pins-file`."));
        }
        self.ask(open, nodes, before, printer).await?;
        let written = book.pin(session, nodes)?;
        let files: Vec<String> = book.files.keys().map(|path| path.display().to_string()).collect();
        printer.note(&format!("{} written to {}", counted(written, "pin"), files.join(", ")));
        Ok(written)
    }

    async fn ask(&self, open: usize, nodes: &[Looked], before: usize, printer: &Printer) -> Result<(), Failure> {
        let changed = nodes.iter().flat_map(Looked::standings).any(|s| matches!(s, Standing::Changed { .. }));
        if self.yes {
            return Ok(());
        }
        let nothing = if before == 0 { "nothing was written" } else { "nothing more was written" };
        if !printer.can_ask() {
            return Err(Failure::new(Exit::Refused, format!("nobody can be asked here; {nothing}"))
                .hint("Give `--yes` when the keys have been compared with what the nodes' administrators see."));
        }
        let warning =
            if changed { "A pinned key has CHANGED: somebody renewed it, or somebody else answers.\n" } else { "" };
        let question = format!("{warning}Trust {} from now on? Only `yes` is taken as one: ", counted(open, "key"));
        tokio::select! {
            // first, so that signals are listened for before anything is asked
            biased;
            signal = interrupted() => {
                signal?;
                Err(Failure::new(Exit::Interrupted, format!("interrupted; {nothing}")))
            }
            said = printer.ask(question) => {
                said?.then_some(()).ok_or_else(|| Failure::new(Exit::Refused, format!("not trusted; {nothing}")))
            }
        }
    }
}

impl Book {
    fn open(session: &Session) -> Result<Book, Failure> {
        let mut files = BTreeMap::new();
        for path in session.alive().filter_map(|cluster| session.pins_file(cluster)) {
            let pins = session.pins_in(&path)?.unwrap_or_default();
            files.insert(path, pins);
        }
        Ok(Book { files })
    }

    /// The pins of a cluster's file.
    fn pins(&self, session: &Session, cluster: &Cluster) -> Pins {
        session.pins_file(cluster).and_then(|path| self.files.get(&path)).cloned().unwrap_or_default()
    }

    fn of(&self, session: &Session, cluster: &Cluster, node: &NodeName) -> NodePins {
        self.pins(session, cluster).of(node).cloned().unwrap_or_default()
    }

    /// Pins the open keys of nodes, each in its cluster's file.
    fn pin(&mut self, session: &Session, nodes: &mut [Looked]) -> Result<usize, Failure> {
        let (mut written, mut touched) = (0, BTreeSet::new());
        for node in nodes {
            let cluster = session.alive().find(|cluster| cluster.name == node.cluster);
            let Some(path) = cluster.and_then(|cluster| session.pins_file(cluster)) else { continue };
            let Some(pins) = self.files.get_mut(&path) else { continue };
            let keys = node.pin(pins);
            written += keys;
            if keys > 0 {
                touched.insert(path);
            }
        }
        for path in touched {
            if let Some(pins) = self.files.get(&path) {
                pins_file::write(&path, pins)?;
            }
        }
        Ok(written)
    }
}

/// The nodes of a cluster that the mesh file names, the publisher first, and the publisher of its Unified CM.
fn named(session: &Session, cluster: &Cluster) -> Vec<NodeName> {
    let unified_cm = cluster.unified_cm.as_ref().and_then(|name| session.mesh.unified_cms.get(name));
    let nodes = cluster.nodes.iter().map(|node| node.name.clone());
    let all = std::iter::once(cluster.publisher.clone()).chain(nodes).chain(unified_cm.map(|u| u.publisher.clone()));
    let mut names: Vec<NodeName> = Vec::new();
    for name in all {
        if !names.iter().any(|known| known.same(&name)) {
            names.push(name);
        }
    }
    names
}

fn is_unified_cm(session: &Session, cluster: &Cluster, node: &NodeName) -> bool {
    let unified_cm = cluster.unified_cm.as_ref().and_then(|name| session.mesh.unified_cms.get(name));
    unified_cm.is_some_and(|unified_cm| unified_cm.publisher.same(node))
}

/// The nodes that the mesh file does not name, as the publishers tell them over AXL. Only a publisher that is trusted
/// is asked: the question carries a password. Also what went wrong.
async fn further<'a>(
    session: &'a Session,
    book: &Book,
    seen: &[Looked],
) -> Result<(Vec<(&'a Cluster, NodeName)>, Vec<Error>), Failure> {
    let (mut nodes, mut troubles) = (Vec::new(), Vec::new());
    for cluster in session.alive().filter(|cluster| cluster.nodes.is_empty()) {
        let publisher = seen.iter().find(|n| n.cluster == cluster.name && n.node.same(&cluster.publisher));
        if !publisher.is_some_and(|publisher| publisher.https.standing.is_trusted()) {
            continue;
        }
        let target = session.target_with(cluster, book.pins(session, cluster))?;
        match session.fleet().reader(&target).map_err(settings_failure)?.nodes().await {
            Ok(found) => {
                let others = found.into_iter().map(|node| node.name).filter(|name| !name.same(&cluster.publisher));
                nodes.extend(others.map(|name| (cluster, name)));
            }
            Err(error) => troubles.push(error),
        }
    }
    Ok((nodes, troubles))
}

/// Settings that cannot be used end the command; a node that cannot be reached is one of many.
fn seen<T>(look: Result<T, LookError>) -> Result<Result<T, Error>, Failure> {
    match look {
        Ok(shown) => Ok(Ok(shown)),
        Err(LookError::Node(error)) => Ok(Err(error)),
        Err(LookError::Settings(error)) => Err(settings_failure(error)),
    }
}

fn exit(all: &[Looked], unread: bool) -> Exit {
    let any = |of: fn(&Standing) -> bool| all.iter().flat_map(Looked::standings).any(of);
    if unread || any(|s| matches!(s, Standing::NotSeen { .. })) {
        Exit::Unread
    } else if any(|s| !s.is_trusted()) {
        Exit::Differences
    } else {
        Exit::Done
    }
}

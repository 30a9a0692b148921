//! `intermesh plan`: what would be done? Reads the clusters and changes nothing.

use std::path::{Path, PathBuf};

use clap::Args;

use super::capture::Capture;
use super::output::{self, Ended};
use super::plan_output::PlanOutput;
use super::session::Session;
use super::store::StoreChoice;
use super::{Exit, Failure, Printer, switched_off, unless_interrupted};
use crate::cluster::{Clock, Snapshot, SystemClock};
use crate::mesh::{ClusterName, Mesh};
use crate::plan::{self, Lines, Options, Plan, Target};

/// Show what must be done so that the clusters are as the mesh file says; changes nothing
///
/// Reads every cluster, compares it with the file, and shows the difference as ordered steps. With `--out` the plan
/// is saved, to be reviewed and then applied as it is.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  intermesh plan mesh.yaml\n  intermesh plan mesh.yaml --out plan.json\n  \
                        intermesh plan mesh.yaml --snapshot snapshot.json\n\n\
                        Exit codes: 0 nothing to do, 2 something to do, 6 a cluster could not be read")]
pub struct PlanCommand {
    /// The mesh file
    #[arg(value_name = "MESH")]
    mesh: PathBuf,
    /// Plan on a snapshot that `intermesh snapshot` kept, without any network
    #[arg(long, value_name = "FILE")]
    snapshot: Option<PathBuf>,
    #[command(flatten)]
    choices: Choices,
    #[command(flatten)]
    capture: Capture,
    #[command(flatten)]
    store: StoreChoice,
    #[command(flatten)]
    written: PlanOutput,
}

/// What a plan depends on besides file and clusters.
#[derive(Debug, Args)]
pub struct Choices {
    /// Let peers be deleted on this cluster though it is protected (can be given more than once)
    #[arg(long, value_name = "CLUSTER")]
    allow_protected: Vec<String>,
    /// Write this cluster's account again in every peer that points to it: its password cannot be read and compared
    /// (can be given more than once)
    #[arg(long, value_name = "CLUSTER")]
    replace_credentials: Vec<String>,
    /// Let this cluster be left without any peer (can be given more than once)
    #[arg(long, value_name = "CLUSTER")]
    allow_isolated: Vec<String>,
    /// Let the peers be deleted though the file asks for no link at all
    #[arg(long)]
    allow_empty: bool,
    /// Only this cluster with its links, or only the link `A..B` (can be given more than once)
    #[arg(long, value_name = "CLUSTER|A..B")]
    target: Vec<Target>,
}

impl Choices {
    /// The options that were given.
    ///
    /// # Errors
    /// One of them names a cluster that the mesh does not have.
    pub(super) fn options(&self, mesh: &Mesh) -> Result<Options, Failure> {
        let given = [&self.allow_protected, &self.replace_credentials, &self.allow_isolated];
        let named = self.target.iter().flat_map(Target::clusters).map(ClusterName::as_str);
        for name in named.chain(given.into_iter().flatten().map(String::as_str)) {
            if mesh.cluster(&name.into()).is_none() {
                let known: Vec<&str> = mesh.clusters.iter().map(|c| c.name.as_str()).collect();
                return Err(Failure::new(Exit::Usage, format!("the mesh has no cluster `{name}`"))
                    .hint(format!("It has {}.", known.join(", "))));
            }
        }
        let names = |given: &[String]| given.iter().map(|c| ClusterName::from(c.as_str())).collect();
        Ok(Options {
            allow_protected: names(&self.allow_protected),
            replace_credentials: names(&self.replace_credentials),
            allow_isolated: names(&self.allow_isolated),
            allow_empty: self.allow_empty,
            targets: self.target.clone(),
        })
    }

    /// Whether none was given.
    pub(super) fn is_empty(&self) -> bool {
        let Choices { allow_protected, replace_credentials, allow_isolated, allow_empty, target } = self;
        let clusters = [allow_protected, replace_credentials, allow_isolated];
        clusters.into_iter().all(Vec::is_empty) && !allow_empty && target.is_empty()
    }
}

impl PlanCommand {
    pub(super) async fn run(self, printer: &Printer) -> Result<Exit, Failure> {
        output::written(&self.written.output, "plan", &self.mesh, printer, unless_interrupted(self.find(printer))).await
    }

    async fn find(&self, printer: &Printer) -> Result<Ended<'_>, Failure> {
        let plan = match &self.snapshot {
            Some(snapshot) => offline(&self.mesh, snapshot, &self.choices, printer)?,
            None => {
                let mut session = Session::open(&self.mesh, printer)?;
                self.capture.begin(&mut session, printer)?;
                let options = self.choices.options(&session.mesh)?;
                let snapshot = read(&session, &options, printer).await?;
                // nothing more is asked of them
                session.fleet().leave();
                let mut plan = planned(&session, snapshot, &options)?;
                let off = switched_off::of_choice(&self.store, &plan.mesh.metadata.name, printer).await;
                switched_off::concern(&mut plan, &off);
                plan
            }
        };
        let exit = exit(&plan);
        self.written.show("plan", plan, exit, printer)
    }
}

/// The exit code that a plan stands for.
pub fn exit(plan: &Plan) -> Exit {
    if !plan.unread.is_empty() {
        Exit::Unread
    } else if plan.is_empty() && plan.summary.held_back == 0 {
        Exit::Done
    } else {
        Exit::Differences
    }
}

/// Reads the clusters and makes the plan.
pub async fn make(session: &Session, options: &Options, printer: &Printer) -> Result<Plan, Failure> {
    planned(session, read(session, options, printer).await?, options)
}

async fn read(session: &Session, options: &Options, printer: &Printer) -> Result<Snapshot, Failure> {
    let observers = session.observers()?;
    let mut snapshot = session.snapshot(&observers, printer).await;
    session.ask_nodes(&observers, &mut snapshot, &|pair| options.takes(pair), printer).await;
    Ok(snapshot)
}

fn planned(session: &Session, snapshot: Snapshot, options: &Options) -> Result<Plan, Failure> {
    let now = session.clock.now();
    checked(session.with_lines(|lines| plan::make(&session.mesh, &session.file, lines, snapshot, options, now)))
}

/// Makes the plan on a kept snapshot. No cluster is contacted and no credential resolved.
fn offline(mesh: &Path, snapshot: &Path, choices: &Choices, printer: &Printer) -> Result<Plan, Failure> {
    let loaded = super::validate::load(mesh, printer)?;
    let options = choices.options(&loaded.mesh)?;
    let snapshot = super::snapshot::kept(snapshot, &loaded.mesh)?;
    let find = |pointer: &str| loaded.locations.line(pointer);
    let (file, lines) = (loaded.source.name(), Lines::new(&find));
    checked(plan::make(&loaded.mesh, file, &lines, snapshot, &options, SystemClock::default().now()))
}

/// The plan, if it keeps its own rules.
///
/// # Errors
/// It does not, which is a bug.
pub(super) fn checked(plan: Plan) -> Result<Plan, Failure> {
    match plan::check::check(&plan) {
        Ok(()) => Ok(plan),
        Err(problems) => {
            let message = format!("the plan breaks its own rules: {}", problems.join("; "));
            Err(Failure::new(Exit::Failed, message).hint("This is a bug in intermesh; nothing was written."))
        }
    }
}

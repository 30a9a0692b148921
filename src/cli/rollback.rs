//! `intermesh rollback`: a plan that takes a run back. Reads the clusters and changes nothing.

use std::path::PathBuf;

use clap::Args;

use super::capture::Capture;
use super::output::{self, Ended};
use super::plan::{checked, exit};
use super::plan_output::PlanOutput;
use super::runs::{find, running};
use super::session::Session;
use super::store::{StoreChoice, failure};
use super::{Exit, Failure, Printer, unless_interrupted, validate};
use crate::cluster::Clock;
use crate::mesh::ClusterName;
use crate::plan::{self, Options, Undoing};
use crate::report::counted;

/// Make a plan that takes back what a run did; changes nothing
///
/// Looks at every change of the run three ways: what was there before it, what the run made of it, and what is there now.
/// What is still as the run left it is taken back: peers are deleted, added or pointed back, transports and service
/// parameters get their former values. What somebody changed since stays. The plan says what it cannot bring back:
/// passwords, which nobody can read, services that were started, restarts, certificates that were synced.
///
/// The plan is reviewed and applied like any other. The mesh file still asks for what it takes back: change the file too,
/// or the next apply makes it again.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  intermesh rollback last\n  intermesh rollback 2026-11-22T12-07-05Z-3f2a --out \
                        back.json\n  intermesh apply back.json\n\n\
                        Exit codes: 0 nothing to take back, 2 something to take back, 4 the run goes on right now,\n\
                        6 a cluster could not be read")]
pub struct RollbackCommand {
    /// The run: its name, the beginning of it, or `last`
    #[arg(value_name = "RUN")]
    run: String,
    /// The mesh's name, where the store has more than one
    #[arg(long, value_name = "NAME")]
    mesh: Option<String>,
    /// Where the mesh file is now: what it names beside itself is looked for there, and its policy holds. Without it,
    /// both are as the run had them
    #[arg(long, value_name = "FILE")]
    mesh_file: Option<PathBuf>,
    /// Let peers be deleted on this cluster though it is protected (can be given more than once)
    #[arg(long, value_name = "CLUSTER")]
    allow_protected: Vec<String>,
    #[command(flatten)]
    capture: Capture,
    #[command(flatten)]
    store: StoreChoice,
    #[command(flatten)]
    written: PlanOutput,
}

impl RollbackCommand {
    pub(super) async fn run(self, printer: &Printer) -> Result<Exit, Failure> {
        let file = self.mesh_file.clone().unwrap_or_default();
        output::written(&self.written.output, "rollback", &file, printer, unless_interrupted(self.find(printer))).await
    }

    async fn find(&self, printer: &Printer) -> Result<Ended<'_>, Failure> {
        let store = self.store.open(printer)?;
        let (mesh, id) = find(&store, self.mesh.as_deref(), &self.run).await?;
        if running(&store, &mesh).await?.as_ref() == Some(&id) {
            return Err(Failure::new(Exit::Refused, format!("run {id} goes on right now; nothing was planned"))
                .hint("Wait for its end, or interrupt it: `intermesh lock show` says who is at it."));
        }
        let state = store.run(&mesh, &id).await.map_err(failure)?;
        let mut before = store.plan_of(&state.run).await.map_err(failure)?;
        if let Some(file) = &self.mesh_file {
            let now = validate::load(file, printer)?.mesh;
            if now.metadata.name != mesh {
                let message = format!("`{}` is mesh `{}`, run {id} is of `{mesh}`", file.display(), now.metadata.name);
                return Err(Failure::new(Exit::Usage, message));
            }
            before.mesh.policy = now.policy;
            before.mesh_file = file.display().to_string();
        }
        for name in &self.allow_protected {
            if before.mesh.cluster(&name.as_str().into()).is_none() {
                return Err(Failure::new(Exit::Usage, format!("the mesh of run {id} has no cluster `{name}`")));
            }
        }
        let later = store.runs(&mesh).await.map_err(failure)?.iter().filter(|(other, _)| *other > id).count();
        if later > 0 {
            printer.note(&format!("{} of this mesh came after it, and stay as they are", counted(later, "run")));
        }
        let mut session = Session::of_plan(&before, printer)?;
        self.capture.begin(&mut session, printer)?;
        let observers = session.observers()?;
        let snapshot = session.snapshot(&observers, printer).await;
        let allow_protected = self.allow_protected.iter().map(|name| ClusterName::from(name.as_str())).collect();
        let options = Options { allow_protected, ..Options::default() };
        let (acted, wrote) = (state.acted(), state.wrote());
        let undoing = Undoing { run: id.as_str(), plan: &before, acted: &acted, wrote: &wrote };
        let plan = checked(plan::rollback(&undoing, &snapshot, &options, session.clock.now()))?;
        let remark = (!plan.is_empty()).then(|| {
            let file = &plan.mesh_file;
            format!("`{file}` still asks for what this takes back: change it too, or the next apply makes it again")
        });
        let exit = exit(&plan);
        let ended = self.written.show("rollback", plan, exit, printer)?;
        if let Some(remark) = remark {
            printer.note(&remark);
        }
        Ok(ended)
    }
}

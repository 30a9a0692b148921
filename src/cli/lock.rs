//! `intermesh lock`: who is at work on a mesh, and how to end it when nobody is any more.

use std::io::Write;

use clap::{Args, Subcommand};

use super::store::{MeshChoice, StoreChoice, failure, owner};
use super::{Exit, Failure, Printer};
use crate::cluster::{Clock, SystemClock};
use crate::report;
use crate::store::{Standing, Terms};

/// See who works on a mesh, and break the lock of a run that is dead
///
/// One run at a time works on a mesh. It holds a lease that it renews every few seconds; when it is killed, the lease
/// ends by itself within two minutes, and the next `apply` takes over. So breaking is for a run that lives and hangs.
#[derive(Debug, Args)]
pub struct LockCommand {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Show(Show),
    Break(Break),
}

/// Show who holds the lock of a mesh, or of every mesh in the store
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  \
    intermesh lock show mesh.yaml\n\n\
    Exit codes: 0 shown, 1 the store cannot be read")]
struct Show {
    #[command(flatten)]
    mesh: MeshChoice,
    #[command(flatten)]
    store: StoreChoice,
}

/// Take the lock away from the run that holds it
///
/// That run starts no write any more and ends as soon as it notices; its journal is closed to it. What it was doing on
/// a cluster at this moment is not undone and may still take effect, so end its process first where you can.
/// `intermesh apply --resume` reads on the cluster what came of it.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  intermesh lock break mesh.yaml --reason 'runner 7 was reclaimed'\n\nExit codes: 0 broken, or \
                  nobody held it, 1 the store failed, 4 \"no\" at the prompt"
)]
struct Break {
    #[command(flatten)]
    mesh: MeshChoice,
    #[command(flatten)]
    store: StoreChoice,
    /// Why; it is kept, and whoever held the lock is told
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

impl LockCommand {
    pub(super) async fn run(self, printer: &Printer) -> Result<Exit, Failure> {
        match self.verb {
            Verb::Show(show) => show.run(printer).await,
            Verb::Break(command) => command.run(printer).await,
        }
    }
}

impl Show {
    async fn run(self, printer: &Printer) -> Result<Exit, Failure> {
        let store = self.store.open(printer)?;
        let meshes = self.mesh.names(&store, printer).await?;
        if meshes.is_empty() {
            printer.out(&format!("nothing is kept in `{}`; no mesh is locked there", store.place()));
        }
        for mesh in meshes {
            let now = SystemClock::default().now();
            let standing = store.lease(&mesh, now, &Terms::default()).await.map_err(failure)?;
            let off = super::switched_off::of_mesh(&store, &mesh, printer).await;
            printer.report(&(report::lock(&mesh, &standing, now) + &report::switched_off(&off)));
        }
        Ok(Exit::Done)
    }
}

impl Break {
    async fn run(self, printer: &Printer) -> Result<Exit, Failure> {
        let store = self.store.open(printer)?;
        let mesh = self.mesh.one(&store, printer).await?;
        let clock = SystemClock::default();
        let standing = store.lease(&mesh, clock.now(), &Terms::default()).await.map_err(failure)?;
        printer.report(&report::lock(&mesh, &standing, clock.now()));
        if !matches!(standing, Standing::Held(_) | Standing::Expired(_)) {
            printer.note("there is nothing to break");
            return Ok(Exit::Done);
        }
        ask(self.yes, printer)?;
        match store.break_lease(&mesh, &owner()?, &self.reason, &clock).await.map_err(failure)? {
            Some(claim) => printer.note(&format!(
                "broken. {} is told when it next writes; what it has in hand may still take effect.\n\
                 `intermesh apply --resume MESH` goes on with run {}; `intermesh runs show {}` tells how far it came.",
                claim.owner, claim.run, claim.run
            )),
            None => printer.note("it was given back in the meantime; there was nothing to break"),
        }
        Ok(Exit::Done)
    }
}

fn ask(yes: bool, printer: &Printer) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    if !printer.can_ask() {
        return Err(Failure::new(Exit::Refused, "nobody can be asked here; the lock was not broken")
            .hint("Give `--yes` when you are sure that its run is dead."));
    }
    let mut stderr = std::io::stderr().lock();
    let _ = write!(stderr, "Is its process ended, or sure to do nothing any more? Only `yes` breaks the lock: ");
    let _ = stderr.flush();
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    if answer.trim() == "yes" { Ok(()) } else { Err(Failure::new(Exit::Refused, "the lock was not broken")) }
}

//! `intermesh watch`: drift on a schedule, with a page, metrics and notices. Reads only.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::drift::{HowDeep, judge};
use super::last_run::last_run;
use super::session::Session;
use super::store::StoreChoice;
use super::{Exit, Failure, Printer, interrupted};
use crate::cluster::{Clock, ErrorKind, SystemClock};
use crate::mesh::Loaded;
use crate::report::graph::Graph;
use crate::watch::{
    Board, Door, Happened, Happening, Hook, Kept, Look, Notice, Secret, Seen, Watch, deliver, router, web_client,
};

/// Look for drift on a schedule, and show it on a page, as metrics and as notices; changes nothing
///
/// Reads the clusters again and again, and serves what it found on a page of its own, as Prometheus metrics at /metrics
/// and as JSON at /api/v1/state; /healthz says whether rounds come. The mesh file is read anew when it changes. What
/// could not be read is not taken for mended.
///
/// Where something appears or goes, a webhook is told and a program is run, with the same JSON. A webhook whose address
/// holds a token is given as INTERMESH_WEBHOOK, which no process list shows.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  intermesh watch mesh.yaml
  intermesh watch mesh.yaml --every 5m --depth quick --state /var/lib/intermesh/watch.json
  intermesh watch mesh.yaml --listen 0.0.0.0:9470 --token-file /run/secrets/watch-token
  INTERMESH_WEBHOOK=https://chat.example.com/hooks/... intermesh watch mesh.yaml

The page has no TLS of its own: beyond this machine, put it behind a proxy that has.

Exit codes: 0 ended after --rounds, 1 the page cannot be served, 3 the mesh file is wrong at the beginning,
130 interrupted")]
pub struct WatchCommand {
    /// The mesh file
    #[arg(value_name = "MESH")]
    mesh: PathBuf,
    /// The time between the beginnings of two rounds, such as `15m` or `1h`
    #[arg(long, value_name = "TIME", default_value = "15m")]
    every: jiff::SignedDuration,
    /// How much is read
    #[arg(long, value_enum, default_value_t = HowDeep::Full)]
    depth: HowDeep,
    /// Where the page is served; an address that others reach needs a token
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:9470")]
    listen: SocketAddr,
    /// A file with the token that the page asks for, as a bearer token or as the password of any user
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Keep what was found in this file, so that a restart forgets nothing and tells nothing twice
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Tell this address what appears and what goes (can be given more than once)
    #[arg(long, value_name = "URL")]
    webhook: Vec<url::Url>,
    /// A file with the secret that notices are signed with, in `X-Intermesh-Signature-256`
    #[arg(long, value_name = "FILE")]
    webhook_secret_file: Option<PathBuf>,
    /// Run this program when something appears or goes, with the notice on its standard input
    #[arg(long, value_name = "PROGRAM")]
    run: Option<String>,
    /// End after so many rounds
    #[arg(long, value_name = "N")]
    rounds: Option<u64>,
    #[command(flatten)]
    store: StoreChoice,
}

/// Rounds that come faster would ask production systems for the same again and again.
const FASTEST: Duration = Duration::from_secs(10);
/// Notices that wait for a receiver; more of them are given up.
const WAITING: usize = 100;

impl WatchCommand {
    pub(super) async fn run(self, printer: &Printer) -> Result<Exit, Failure> {
        let every = Duration::try_from(self.every).ok().filter(|every| *every >= FASTEST);
        let Some(every) = every else {
            let message = format!("rounds cannot come faster than every {} s", FASTEST.as_secs());
            return Err(Failure::new(Exit::Usage, message));
        };
        let door = self.door()?;
        let hooks = self.hooks()?;
        let kept = self.state.as_deref().map(Kept::at);
        let board = kept.as_ref().map_or_else(|| Ok(Board::default()), Kept::read);
        let board = board.map_err(|why| Failure::new(Exit::Failed, why).hint("Give another file with `--state`."))?;
        // a file that is wrong at the beginning is said at once, and not on a page
        let mut live = Live::open(&self, printer)?;
        let watch = Watch::new(board, every);
        let failed =
            |e: &dyn std::fmt::Display| Failure::new(Exit::Failed, format!("failed to listen on {}: {e}", self.listen));
        let listener = TcpListener::bind(self.listen).await.map_err(|e| failed(&e))?;
        let address = listener.local_addr().map_err(|e| failed(&e))?;
        let server = axum::serve(listener, router(watch.clone(), door));
        printer.note(&format!(
            "watching {} every {}; the page is at http://{address}/",
            live.loaded.mesh.metadata.name,
            words(every)
        ));
        let (notices, waiting) = mpsc::channel(WAITING);
        let telling = tell_all(hooks, waiting, &watch, printer);
        let mut tell = |board: &Board, happened: &[Happening]| {
            printer.note(&line(board, happened));
            if let Some(notice) = Notice::of(board, happened)
                && notices.try_send(notice).is_err()
            {
                watch.count_undelivered();
            }
        };
        tokio::select! {
            () = watch.rounds(&mut live, kept.as_ref(), self.rounds, &mut tell) => Ok(Exit::Done),
            () = telling => Ok(Exit::Done),
            served = server => served.map(|()| Exit::Done).map_err(|e| failed(&e)),
            signal = interrupted() => {
                signal?;
                printer.note("ended");
                Ok(Exit::Interrupted)
            }
        }
    }

    fn door(&self) -> Result<Door, Failure> {
        match &self.token_file {
            Some(file) => Ok(Door::Token(secret(file, "token")?)),
            None if self.listen.ip().is_loopback() => Ok(Door::Loopback),
            None => {
                let message = format!("whoever reaches {} would see the mesh", self.listen.ip());
                let hint = "Give `--token-file FILE`, or listen on 127.0.0.1.";
                Err(Failure::new(Exit::Usage, message).hint(hint))
            }
        }
    }

    fn hooks(&self) -> Result<Vec<Hook>, Failure> {
        let secret = self.webhook_secret_file.as_deref().map(|file| secret(file, "webhook's secret")).transpose()?;
        let client = web_client().map_err(|why| Failure::new(Exit::Failed, why))?;
        let web = self.webhook.iter().map(|url| Hook::Web {
            url: url.clone(),
            secret: secret.clone().map(Secret),
            client: client.clone(),
        });
        let run = self.run.iter().map(|program| Hook::Command { words: vec![program.clone()] });
        Ok(web.chain(run).collect())
    }
}

/// The secret that a file holds, without the newline at its end.
fn secret(file: &Path, what: &str) -> Result<SecretString, Failure> {
    let failed = |why: &dyn std::fmt::Display| {
        Failure::new(Exit::Usage, format!("failed to read the {what} in `{}`: {why}", file.display()))
    };
    let text = std::fs::read_to_string(file).map_err(|e| failed(&e))?;
    match text.trim_end_matches(['\r', '\n']) {
        "" => Err(failed(&"it is empty")),
        text => Ok(SecretString::from(text.to_owned())),
    }
}

/// Delivers notices one after another, for as long as the watch runs.
async fn tell_all(hooks: Vec<Hook>, mut waiting: mpsc::Receiver<Notice>, watch: &Watch, printer: &Printer) {
    while let Some(notice) = waiting.recv().await {
        for told in futures::future::join_all(hooks.iter().map(|hook| deliver(hook, &notice))).await {
            if let Err(why) = told {
                watch.count_undelivered();
                printer.err(&format!("a notice was given up: {why}"));
            }
        }
    }
    // the rounds hold the other end
    std::future::pending::<()>().await;
}

/// What a round found, for the log.
fn line(board: &Board, happened: &[Happening]) -> String {
    let mut text = match (&board.failure, board.history.back()) {
        (Some(why), _) => format!("round {}: failed: {why}", board.rounds),
        (None, Some(round)) => format!(
            "round {}: {} errors, {} warnings, {} notes, {} clusters not read; {:.1} s",
            board.rounds,
            round.errors,
            round.warnings,
            round.notes,
            round.unread,
            Duration::from_millis(round.took_ms).as_secs_f64()
        ),
        (None, None) => String::new(),
    };
    for Happening { happened, place, what, .. } in happened.iter().filter(|h| h.happened != Happened::Failed) {
        text += &format!("\n  {} {place}: {what}", happened.word());
    }
    text
}

fn words(every: Duration) -> String {
    match every.as_secs() {
        seconds if seconds >= 60 && seconds.is_multiple_of(60) => format!("{} min", seconds / 60),
        seconds => format!("{seconds} s"),
    }
}

/// The clusters of a mesh file, which is read anew when it changes.
struct Live<'a> {
    command: &'a WatchCommand,
    printer: &'a Printer,
    text: String,
    session: Session,
    loaded: Loaded,
    /// An account was refused: perhaps its reference leads to another password by now.
    refused: bool,
}

impl<'a> Live<'a> {
    fn open(command: &'a WatchCommand, printer: &'a Printer) -> Result<Live<'a>, Failure> {
        let text = std::fs::read_to_string(&command.mesh).unwrap_or_default();
        let (session, loaded) = Session::open_with(&command.mesh, printer)?;
        Ok(Live { command, printer, text, session, loaded, refused: false })
    }

    /// Reads the file anew where it has changed, and references where an account was refused; tells whether it did.
    fn renew(&mut self) -> Result<bool, Failure> {
        let text = std::fs::read_to_string(&self.command.mesh).map_err(|e| {
            Failure::new(Exit::MeshWrong, format!("failed to read `{}`: {e}", self.command.mesh.display()))
        })?;
        if text == self.text && !self.refused {
            return Ok(false);
        }
        let (mut session, loaded) = Session::open_with(&self.command.mesh, self.printer)?;
        session.remember(&self.session);
        (self.text, self.session, self.loaded, self.refused) = (text, session, loaded, false);
        Ok(true)
    }
}

impl Look for Live<'_> {
    async fn look(&mut self) -> Result<Seen, String> {
        let file = self.command.mesh.display().to_string();
        let told = |failure: Failure| match failure.findings.first() {
            Some(finding) => format!("{file}: {}", finding.message),
            None => failure.message,
        };
        if self.renew().map_err(told)? {
            // those that were in before make room for the same again
            crate::imp::everybody_left().await;
        }
        let observers = self.session.observers().map_err(told)?;
        let depth = self.command.depth.into();
        let snapshot = self.session.snapshot_to(&observers, depth, self.printer).await;
        let mesh = &self.loaded.mesh;
        let last = last_run(&self.command.store, &mesh.metadata.name, self.printer).await;
        let drift = judge(&self.loaded, &snapshot, depth, last.as_ref(), self.now());
        self.refused = snapshot.unread().iter().any(|(_, error)| matches!(error.kind, ErrorKind::Unauthorized { .. }));
        let graph = Graph::of_drift(mesh, &snapshot, &drift);
        Ok(Seen { drift, graph, file: self.loaded.source.name().to_owned() })
    }

    fn now(&self) -> jiff::Timestamp {
        // rounds are of the world's time, also in a lab
        SystemClock::default().now()
    }
}

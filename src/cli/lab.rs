//! `intermesh lab`: simulated clusters to try everything on.

use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, Subcommand};

use super::lab_fault::Fault;
use super::lab_record::{self, Record};
use super::lab_running::{Beginning, Running};
use super::overlay::Overlay;
use super::{Exit, Failure, Printer, json};
use crate::lab::control::Client;
use crate::lab::servers::Counters;
use crate::lab::{CertificateKind, Network, Skin, TlsVersions};
use crate::mesh::Mesh;
use crate::report::{DIM, EMPHASIS, counted};

/// Simulated clusters on this machine, to try everything on
///
/// A lab is a model of the product on real sockets: every node of the mesh on a loopback address of its own, with TLS,
/// AXL, Control Center and the administration pages. Nothing outside this machine is reached.
#[derive(Debug, Args)]
pub struct LabCommand {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Up(Up),
    Run(RunInLab),
    /// Put the running lab back to its first state
    Reset,
    /// Show what the running lab's clusters are now, as JSON
    Show,
    Counters(CountersOf),
    #[command(subcommand)]
    Record(Record),
    /// Let something go wrong in the running lab
    #[command(subcommand)]
    Fault(Fault),
}

/// Start a lab for a mesh and keep it until Ctrl-C
#[derive(Debug, Args)]
struct Up {
    /// The mesh file
    #[arg(value_name = "MESH")]
    mesh: PathBuf,
    #[command(flatten)]
    kind: Kind,
}

/// Start a lab for a mesh, run a command in it, stop it, and end with the command's exit code
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  intermesh lab run mesh.yaml -- sh -c 'intermesh apply --yes mesh.yaml'\n\n\
    In the command's environment: INTERMESH_OVERLAY for intermesh; for other programs INTERMESH_LAB_NODES\n\
    (name=address,...; the first cluster's publisher first), INTERMESH_LAB_PROXY, INTERMESH_CA_FILE,\n\
    INTERMESH_LAB_KNOWN_HOSTS (for ssh), INTERMESH_LAB_USERNAME and INTERMESH_LAB_PASSWORD.")]
struct RunInLab {
    /// The mesh file
    #[arg(value_name = "MESH")]
    mesh: PathBuf,
    #[command(flatten)]
    kind: Kind,
    /// Write every HTTP exchange of the lab's servers to FILE, as JSON lines; see `intermesh lab record --help`
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// The command and its arguments, after `--`
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<String>,
}

/// Count what the running lab's nodes were asked: requests, connections, writes, failed logins
#[derive(Debug, Args)]
struct CountersOf {
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Kind {
    /// Decides all about the product that public material does not tell, such as texts and page addresses
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many times as fast as a real clock the product's time runs
    #[arg(long, default_value_t = SPEED, value_name = "FACTOR", value_parser = speed)]
    speed: f64,
    /// How the administration pages are made: `SKIN` for all clusters, `CLUSTER=SKIN` for one (can be given more than
    /// once); SKIN is classic, tables, frames or script. By the seed if not given, cluster by cluster, among those that
    /// need no script
    #[arg(long, value_name = "[CLUSTER=]SKIN", value_parser = skin)]
    skin: Vec<Given<Skin>>,
    /// The version of TLS that all servers speak; both if not given
    #[arg(long, value_name = "VERSION", value_parser = PossibleValuesParser::new(["1.2", "1.3"]).map(tls))]
    tls: Option<TlsVersions>,
    /// What certificates the servers show: `KIND` for all clusters, `CLUSTER=KIND` for one (can be given more than
    /// once); KIND is issued, self-signed, without-names or expired
    #[arg(long, value_name = "[CLUSTER=]KIND", value_parser = certificates)]
    certificates: Vec<Given<CertificateKind>>,
    /// Begin with the peers that the mesh file asks for, in sync, but for COUNT entries that the seed chooses; with no
    /// peer at all if not given
    #[arg(long, value_name = "COUNT")]
    missing_peers: Option<usize>,
    /// How long it takes to a server and back, over HTTPS and SSH: once for a TCP connection, once or twice for a
    /// handshake, once for every request
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 0, value_parser = clap::value_parser!(u64).range(..=10_000))]
    round_trip: u64,
    /// So many sessions may an account have on the pages of a node at a time, as `set webapp session maxlimit` sets it
    #[arg(long, value_name = "COUNT", default_value_t = 10, value_parser = clap::value_parser!(u8).range(1..=10))]
    web_sessions: u8,
}

/// What is given for a cluster, or for all.
#[derive(Clone, Debug)]
struct Given<T> {
    cluster: Option<String>,
    value: T,
}

impl<T: Copy> Given<T> {
    fn read(text: &str, named: impl Fn(&str) -> Option<T>, names: &[&str]) -> Result<Given<T>, String> {
        let (cluster, value) = match text.rsplit_once('=') {
            Some((cluster, value)) => (Some(cluster.to_owned()), value),
            None => (None, text),
        };
        let value = named(value).ok_or_else(|| format!("one of {} is wanted", names.join(", ")))?;
        Ok(Given { cluster, value })
    }

    /// What is given for a cluster: what names it outranks what is said of all, and the last one counts.
    fn of(all: &[Given<T>], cluster: &str) -> Option<T> {
        let fits = all.iter().filter(|given| given.cluster.as_ref().is_none_or(|name| name == cluster));
        fits.max_by_key(|given| given.cluster.is_some()).map(|given| given.value)
    }
}

impl Kind {
    async fn start(&self, mesh: &Mesh) -> Result<Running, Failure> {
        let certificates = self.certificates.iter().filter_map(|given| given.cluster.as_ref());
        for cluster in certificates.chain(self.skin.iter().filter_map(|given| given.cluster.as_ref())) {
            if !mesh.clusters.iter().any(|known| known.name.as_str() == cluster) {
                return Err(Failure::new(Exit::Usage, format!("the mesh has no cluster `{cluster}`")));
            }
        }
        let beginning = Beginning {
            seed: self.seed,
            factor: self.speed,
            network: Network {
                tls: self.tls.unwrap_or_default(),
                round_trip: Duration::from_millis(self.round_trip),
                web_sessions: usize::from(self.web_sessions),
            },
            missing_peers: self.missing_peers,
        };
        Running::start_in(mesh, &beginning, |cluster| {
            let name = cluster.name.as_str();
            cluster.skin = Given::of(&self.skin, name);
            if let Some(kind) = Given::of(&self.certificates, name) {
                cluster.certificate = kind;
            }
        })
        .await
    }
}

/// A five-minute sync takes three quarters of a second.
pub const SPEED: f64 = 400.0;

fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(factor) if (1.0..=100_000.0).contains(&factor) => Ok(factor),
        _ => Err("a number from 1 to 100000 is wanted".into()),
    }
}

fn certificates(text: &str) -> Result<Given<CertificateKind>, String> {
    Given::read(text, CertificateKind::named, &CertificateKind::ALL.map(CertificateKind::name))
}

fn skin(text: &str) -> Result<Given<Skin>, String> {
    Given::read(text, Skin::named, &Skin::ALL.map(Skin::name))
}

fn tls(version: String) -> TlsVersions {
    if version == "1.2" { TlsVersions::Only12 } else { TlsVersions::Only13 }
}

impl LabCommand {
    pub(super) async fn run(self, printer: &Printer) -> Result<Exit, Failure> {
        match self.verb {
            Verb::Up(command) => command.run(printer).await,
            Verb::Run(command) => command.run(printer).await,
            Verb::Reset => {
                client()?.reset().await.map_err(lab_failure)?;
                printer.note("the lab is in its first state again");
                Ok(Exit::Done)
            }
            Verb::Show => {
                printer.out(&json(&client()?.state().await.map_err(lab_failure)?)?);
                Ok(Exit::Done)
            }
            Verb::Fault(fault) => {
                client()?.fault(&fault.into()).await.map_err(lab_failure)?;
                Ok(Exit::Done)
            }
            Verb::Record(record) => record.run(&client()?, printer).await,
            Verb::Counters(command) => {
                let counters = client()?.counters().await.map_err(lab_failure)?;
                printer.out(&if command.json { json(&counters)? } else { table(&counters) });
                Ok(Exit::Done)
            }
        }
    }
}

impl Up {
    async fn run(self, printer: &Printer) -> Result<Exit, Failure> {
        let loaded = super::validate::load(&self.mesh, printer)?;
        let running = self.kind.start(&loaded.mesh).await?;
        let folder = tempfile::Builder::new().prefix("intermesh-lab-").tempdir()?;
        let overlay = running.overlay.write(folder.path())?;
        let files = running.write(folder.path())?;
        let nodes = running.lab.nodes();
        let mut text = format!(
            "{EMPHASIS}lab {}{EMPHASIS:#}: {} on this machine, product time x{}\n",
            loaded.mesh.metadata.name,
            counted(nodes.len(), "node"),
            self.kind.speed
        );
        let width = nodes.iter().map(|(name, _)| name.as_str().len()).max().unwrap_or(0);
        for (name, address) in &nodes {
            text += &format!("  {name:width$}  https://{address}:8443/\n");
        }
        text += "\nIn another shell:\n";
        for (name, value) in running.environment(&overlay, &files) {
            if name != "INTERMESH_LAB_NODES" {
                text += &format!("  export {name}='{value}'\n");
            }
        }
        text += &format!("{DIM}Ctrl-C ends the lab.{DIM:#}");
        printer.out(&text);
        super::interrupted().await?;
        printer.note("the lab ends");
        running.lab.down().await;
        Ok(Exit::Done)
    }
}

impl RunInLab {
    async fn run(self, printer: &Printer) -> Result<Exit, Failure> {
        let loaded = super::validate::load(&self.mesh, printer)?;
        let running = self.kind.start(&loaded.mesh).await?;
        let folder = tempfile::Builder::new().prefix("intermesh-lab-").tempdir()?;
        let overlay = running.overlay.write(folder.path())?;
        let environment = running.environment(&overlay, &running.write(folder.path())?);
        let (program, arguments) =
            self.command.split_first().ok_or_else(|| Failure::new(Exit::Usage, "a command is missing after `--`"))?;
        if let Some(file) = &self.record {
            lab_record::begin(&running.lab, file)?;
        }
        let mut child = tokio::process::Command::new(program)
            .args(arguments)
            .envs(environment)
            .kill_on_drop(true)
            .spawn()
            .map_err(|e| Failure::new(Exit::Failed, format!("failed to run `{program}`: {e}")))?;
        let status = loop {
            tokio::select! {
                status = child.wait() => break status?,
                // the terminal sends Ctrl-C to the command too, which ends by itself; the lab waits for it
                signal = super::interrupted() => {
                    if signal? == super::Signal::Terminate {
                        child.start_kill()?;
                    }
                }
            }
        };
        if let Some(file) = &self.record {
            lab_record::end(&running.lab, file, printer)?;
        }
        running.lab.down().await;
        Ok(Exit::Child(code(status)))
    }
}

/// The exit code of a command, as a shell would tell it.
fn code(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return u8::try_from(128 + signal).unwrap_or(u8::MAX);
    }
    status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX)
}

/// The client of the lab that this command runs in.
fn client() -> Result<Client, Failure> {
    let Some(overlay) = Overlay::from_environment()? else {
        return Err(Failure::new(Exit::Failed, "no lab runs here")
            .hint("Start one with `intermesh lab run MESH -- COMMAND`, or set INTERMESH_OVERLAY as `lab up` says."));
    };
    Client::new(overlay.control.url.as_str(), &overlay.control.token).map_err(lab_failure)
}

pub(super) fn lab_failure(error: impl std::fmt::Display) -> Failure {
    Failure::new(Exit::Failed, format!("failed to use the lab: {error}"))
}

fn table(counters: &[Counters]) -> String {
    let width = counters.iter().map(|c| c.name.len()).max().unwrap_or(0).max(6);
    let mut text = format!(
        "{:width$}  {:>8}  {:>11}  {:>6}  {:>13}\n",
        "server", "requests", "connections", "writes", "failed logins"
    );
    let mut line = |name: &str, of: [u64; 4]| {
        let [requests, connections, writes, failed] = of;
        text += &format!("{name:width$}  {requests:>8}  {connections:>11}  {writes:>6}  {failed:>13}\n");
    };
    let mut all = [0; 4];
    for server in counters {
        let of = [server.requests, server.connections, server.writes, server.failed_logins.values().sum()];
        line(&server.name, of);
        all = std::array::from_fn(|i| all[i] + of[i]);
    }
    line("all", all);
    text
}

//! The command line: one file per command, which reads its arguments, calls the library, prints, and chooses the
//! exit code. The library below never prints.

mod admission;
mod apply;
mod approve;
mod capture;
mod completions;
mod credentials;
mod demo;
mod diff;
mod doctor;
mod drift;
mod environment;
mod event_file;
mod exit;
mod explain;
mod failure;
mod files;
mod fmt;
mod graph;
mod import;
mod init;
mod lab;
mod lab_fault;
mod lab_peers;
mod lab_record;
mod lab_running;
mod lab_snapshot;
pub mod lab_spec;
mod last_run;
mod ledger;
mod lock;
mod man;
mod output;
mod overlay;
mod patch;
mod pins_file;
mod plan;
mod plan_output;
mod printer;
mod rehearsal_faults;
mod rehearse;
mod resume;
mod rollback;
mod runs;
mod session;
mod show;
mod signals;
mod sitting;
mod snapshot;
mod store;
mod switched_off;
mod trust;
mod validate;
mod verify;
pub mod verify_wait;
mod version;
mod view;
mod watch;
mod wire;

use std::process::ExitCode;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

pub use exit::Exit;
pub use failure::Failure;
pub use printer::Printer;
pub use signals::Signal;
use signals::{interrupted, unless_interrupted};

/// Keeps a mesh of Cisco IM and Presence Service clusters the way a file says it should be.
///
/// A mesh file names the clusters, their database publishers, accounts by reference and the links. intermesh reads
/// what the clusters are now, shows the difference as a plan of ordered steps, and carries it out after the
/// procedure "Configure Intercluster Peers".
#[derive(Debug, Parser)]
#[command(name = "intermesh", version = version::SHORT, long_version = version::long(), styles = styles())]
#[command(after_help = after_help(), max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What every command understands.
#[derive(Debug, Args)]
pub struct Global {
    /// When to use colours; NO_COLOR is respected
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    color: Color,
    /// Print results and errors only, no progress and no remarks
    #[arg(short, long, global = true)]
    quiet: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::DemoCommand),
    Init(init::Init),
    Import(import::ImportCommand),
    Validate(validate::Validate),
    Fmt(fmt::Fmt),
    Diff(diff::Diff),
    Explain(explain::Explain),
    Credentials(credentials::Credentials),
    Trust(trust::TrustCommand),
    Snapshot(snapshot::SnapshotCommand),
    Doctor(doctor::DoctorCommand),
    Plan(plan::PlanCommand),
    Show(show::ShowCommand),
    Graph(graph::GraphCommand),
    Rehearse(rehearse::RehearseCommand),
    Approve(approve::ApproveCommand),
    Apply(apply::ApplyCommand),
    Verify(verify::VerifyCommand),
    Drift(drift::DriftCommand),
    Watch(watch::WatchCommand),
    Rollback(rollback::RollbackCommand),
    Runs(runs::RunsCommand),
    Lock(lock::LockCommand),
    Lab(lab::LabCommand),
    Completions(completions::CompletionsCommand),
    Man(man::ManCommand),
}

/// The whole command line as data: what is parsed, completed, and printed as a reference.
fn definition() -> clap::Command {
    environment::every_option(Cli::command())
}

fn after_help() -> String {
    format!(
        "{}\n\nEvery option can come from the environment: `--max-age 4h` is INTERMESH_MAX_AGE=4h, `--json` is \
         INTERMESH_JSON=true; a list has commas.",
        exit::HELP
    )
}

fn styles() -> Styles {
    Styles::styled()
        .header(AnsiColor::Green.on_default().bold())
        .usage(AnsiColor::Green.on_default().bold())
        .literal(AnsiColor::Cyan.on_default().bold())
        .placeholder(AnsiColor::Cyan.on_default())
}

/// Runs the command line and returns the process's exit code.
pub fn main() -> ExitCode {
    let mut definition = definition();
    let parsed = definition.try_get_matches_from_mut(std::env::args_os());
    let cli = match parsed.and_then(|mut matches| Cli::from_arg_matches_mut(&mut matches)) {
        Ok(cli) => cli,
        Err(error) => {
            // help and version are asked for, all else is wrong usage; a closed pipe is no news
            let error = error.format(&mut definition);
            let _ = error.print();
            if !error.use_stderr() {
                return Exit::Done.into();
            }
            if let Some(remark) = environment::remark(&definition) {
                Printer::new(anstream::ColorChoice::Auto, false).err(&remark);
            }
            return Exit::Usage.into();
        }
    };
    let color = match cli.global.color {
        Color::Auto => anstream::ColorChoice::Auto,
        Color::Always => anstream::ColorChoice::Always,
        Color::Never => anstream::ColorChoice::Never,
    };
    let printer = Printer::new(color, cli.global.quiet);
    log_where_asked();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return report(&printer, Failure::from(error)),
    };
    let ended = runtime.block_on(async {
        let ended = cli.command.run(&printer).await;
        crate::imp::everybody_left().await;
        ended
    });
    // what is left are idle connections: they end with the process, and nobody waits for each to be closed
    runtime.shutdown_background();
    match ended {
        Ok(exit) => exit.into(),
        Err(failure) => report(&printer, failure),
    }
}

impl Command {
    async fn run(self, printer: &Printer) -> Result<Exit, Failure> {
        match self {
            Command::Demo(command) => command.run(printer).await,
            Command::Init(command) => command.run(printer),
            Command::Import(command) => command.run(printer).await,
            Command::Fmt(command) => command.run(printer),
            Command::Validate(command) => command.run(printer),
            Command::Diff(command) => command.run(printer),
            Command::Explain(command) => command.run(printer),
            Command::Credentials(command) => unless_interrupted(command.run(printer)).await,
            Command::Trust(command) => command.run(printer).await,
            Command::Snapshot(command) => unless_interrupted(command.run(printer)).await,
            Command::Doctor(command) => command.run(printer).await,
            Command::Plan(command) => command.run(printer).await,
            Command::Show(command) => command.run(printer),
            Command::Graph(command) => command.run(printer),
            Command::Rehearse(command) => command.run(printer).await,
            Command::Approve(command) => command.run(printer),
            Command::Apply(command) => command.run(printer).await,
            Command::Verify(command) => command.run(printer).await,
            Command::Drift(command) => command.run(printer).await,
            Command::Watch(command) => command.run(printer).await,
            Command::Rollback(command) => command.run(printer).await,
            Command::Runs(command) => command.run(printer).await,
            Command::Lock(command) => command.run(printer).await,
            Command::Lab(command) => command.run(printer).await,
            Command::Completions(command) => command.run(printer),
            Command::Man(command) => command.run(printer),
        }
    }
}

/// Logs to standard error where `RUST_LOG` asks for it, such as `RUST_LOG=intermesh=debug`. What other crates say
/// below `info` is left out: some of them log cookies there.
fn log_where_asked() {
    use tracing_subscriber::layer::SubscriberExt;
    use tracing_subscriber::util::SubscriberInitExt;
    use tracing_subscriber::{EnvFilter, Layer, filter, fmt};
    if std::env::var_os("RUST_LOG").is_none() {
        return;
    }
    let ours = filter::filter_fn(|at| at.target().starts_with("intermesh") || *at.level() <= tracing::Level::INFO);
    let lines = fmt::layer().with_writer(std::io::stderr).with_filter(EnvFilter::from_default_env()).with_filter(ours);
    // a second subscriber is no reason to stop
    let _ = tracing_subscriber::registry().with(lines).try_init();
}

/// A value as JSON, for `--json`.
fn json(value: &impl serde::Serialize) -> Result<String, Failure> {
    serde_json::to_string_pretty(value).map_err(|e| Failure::new(Exit::Failed, format!("failed to write JSON: {e}")))
}

fn report(printer: &Printer, failure: Failure) -> ExitCode {
    if !failure.printed {
        let style = AnsiColor::Red.on_default().bold();
        printer.err(&format!("{style}error{style:#}: {}", failure.message));
        for hint in &failure.hints {
            let style = AnsiColor::Cyan.on_default();
            printer.err(&format!("  {style}help{style:#}: {hint}"));
        }
    }
    failure.exit.into()
}

//! What every command that talks to clusters begins with: the mesh, the overlay if a lab gives one, the clusters
//! to read, and a snapshot with progress.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use indicatif::{ProgressBar, ProgressStyle};

use super::overlay::Overlay;
use super::{Exit, Failure, Printer};
use crate::cluster::{Clock, Snapshot, SystemClock};
use crate::imp::{Fleet, ResolveAccount, Settings, Target};
use crate::mesh::{Account, Cluster, CredentialName, Loaded, State, Vault};
use crate::observe::{self, Observers};
use crate::plan::Lines;

/// A mesh and the way to its clusters.
pub struct Session {
    /// The mesh file.
    pub loaded: Loaded,
    /// The accounts.
    pub vault: Arc<Vault>,
    /// The time.
    pub clock: SystemClock,
    fleet: Fleet,
}

/// The vault, as the client asks it.
struct Accounts(Arc<Vault>);

#[async_trait]
impl ResolveAccount for Accounts {
    async fn account(&self, name: &CredentialName) -> Result<Account, String> {
        self.0.account(name).await.map_err(|error| error.why)
    }
}

impl Session {
    /// Opens the mesh file at a path, with the overlay of the environment.
    ///
    /// # Errors
    /// The file is wrong, or what it names cannot be used.
    pub fn open(path: &Path, printer: &Printer) -> Result<Session, Failure> {
        let overlay = Overlay::from_environment()?;
        if let Some(overlay) = &overlay {
            printer.note(&overlay.banner());
        }
        let loaded = super::validate::load(path, printer)?;
        Session::new(loaded, overlay)
    }

    /// A session over a loaded mesh.
    ///
    /// # Errors
    /// What the mesh names cannot be used.
    pub fn new(loaded: Loaded, overlay: Option<Overlay>) -> Result<Session, Failure> {
        let given = overlay.as_ref().map(|o| o.credentials.clone()).unwrap_or_default();
        let vault = Arc::new(Vault::new(&loaded.mesh, &loaded.source.folder(), given));
        let mut settings = Settings::new(Arc::new(Accounts(Arc::clone(&vault))));
        let clock = match &overlay {
            Some(overlay) => {
                settings.proxy = Some(overlay.proxy.clone());
                settings.ca_pem = Some(overlay.ca_pem.clone());
                settings.dns = vec![overlay.dns];
                // the product asks to slow down in its own time
                settings.patience.pause = settings.patience.pause.div_f64(overlay.clock_factor.max(1.0));
                SystemClock::scaled(overlay.clock_factor)
            }
            None => {
                from_mesh(&mut settings, &loaded)?;
                SystemClock::default()
            }
        };
        Ok(Session { loaded, vault, clock, fleet: Fleet::new(settings) })
    }

    /// The name of the mesh file, as the user gave it.
    pub fn file(&self) -> &str {
        self.loaded.source.name()
    }

    /// The clusters, to be read only.
    ///
    /// # Errors
    /// What the mesh names for a cluster cannot be used.
    pub fn observers(&self) -> Result<Observers, Failure> {
        let mut observers = Observers::new();
        for cluster in self.alive() {
            let reader = self.fleet.reader(&self.target(cluster)?).map_err(settings_failure)?;
            observers.insert(cluster.name.clone(), Arc::new(reader));
        }
        Ok(observers)
    }

    /// The clusters, to be acted on: for `apply` alone.
    ///
    /// # Errors
    /// What the mesh names for a cluster cannot be used.
    pub fn operators(&self) -> Result<crate::apply::Operators, Failure> {
        let mut operators = crate::apply::Operators::new();
        for cluster in self.alive() {
            let operator = self.fleet.operator(&self.target(cluster)?).map_err(settings_failure)?;
            operators.insert(cluster.name.clone(), Arc::new(operator));
        }
        Ok(operators)
    }

    fn alive(&self) -> impl Iterator<Item = &Cluster> {
        self.loaded.mesh.clusters.iter().filter(|c| c.state != State::Gone)
    }

    fn target(&self, cluster: &Cluster) -> Result<Target, Failure> {
        let mesh = &self.loaded.mesh;
        let missing = |role: &str| {
            let message = format!("cluster `{}` has no credential for `{role}`", cluster.name);
            Failure::new(Exit::MeshWrong, message).hint("Name one under `defaults.credentials` or the cluster's own.")
        };
        let own_ca = cluster.tls.as_ref().and_then(|tls| tls.ca_file.as_ref());
        Ok(Target {
            cluster: cluster.name.clone(),
            publisher: cluster.publisher.clone(),
            axl: mesh.axl_account(cluster).cloned().ok_or_else(|| missing("axl"))?,
            admin: mesh.admin_account(cluster).cloned().ok_or_else(|| missing("admin"))?,
            ca_pem: own_ca.map(|file| read_beside(&self.loaded, file)).transpose()?,
        })
    }

    /// Reads all clusters, with progress.
    pub async fn snapshot(&self, observers: &Observers, printer: &Printer) -> Snapshot {
        let bar = bar(printer, observers.len() as u64, "reading");
        let tell = |progress: observe::Progress<'_>| {
            bar.set_position(progress.done as u64);
            bar.set_message(progress.cluster.to_string());
        };
        let snapshot = observe::gather(&self.loaded.mesh, observers, self.clock.now(), &tell).await;
        bar.finish_and_clear();
        snapshot
    }

    /// Runs something with the lines of the mesh file.
    pub fn with_lines<T>(&self, f: impl FnOnce(&Lines<'_>) -> T) -> T {
        let find = |pointer: &str| self.loaded.locations.line(pointer);
        f(&Lines::new(&find))
    }
}

/// A bar on a terminal; nothing where none can be drawn.
pub fn bar(printer: &Printer, of: u64, what: &'static str) -> ProgressBar {
    if !printer.bars() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(of).with_prefix(what);
    if let Ok(style) = ProgressStyle::with_template("{prefix} {bar:30} {pos}/{len} {wide_msg}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(std::time::Duration::from_millis(200));
    bar
}

fn settings_failure(error: crate::imp::SettingsError) -> Failure {
    Failure::new(Exit::MeshWrong, error.to_string())
}

fn from_mesh(settings: &mut Settings, loaded: &Loaded) -> Result<(), Failure> {
    let mesh = &loaded.mesh;
    let wrong = |what: &str, value: &str| {
        Failure::new(Exit::MeshWrong, format!("{}: {what} `{value}` cannot be used", loaded.source.name()))
    };
    if let Some(proxy) = &mesh.proxy {
        settings.proxy = Some(proxy.parse().map_err(|_| wrong("the proxy", "***"))?);
    }
    for server in mesh.dns.iter().flat_map(|dns| &dns.servers) {
        let ip: std::net::IpAddr = server.parse().map_err(|_| wrong("the DNS server", server))?;
        settings.dns.push((ip, 53).into());
    }
    if let Some(file) = &mesh.defaults.tls.ca_file {
        settings.ca_pem = Some(read_beside(loaded, file)?);
    }
    Ok(())
}

/// Reads a file that the mesh file names, relative to its folder.
fn read_beside(loaded: &Loaded, file: &str) -> Result<Vec<u8>, Failure> {
    let path = loaded.source.folder().join(file);
    std::fs::read(&path).map_err(|e| {
        let message = format!("failed to read the certificate authorities `{}`: {e}", path.display());
        Failure::new(Exit::MeshWrong, message).hint("Paths in a mesh file are relative to the file's folder.")
    })
}

/// The clusters' facts that could not be read, as an exit code would tell them.
pub fn unread_lines(snapshot: &Snapshot) -> Vec<String> {
    let mut hints: BTreeMap<&'static str, ()> = BTreeMap::new();
    let mut lines = Vec::new();
    for (_, error) in snapshot.unread() {
        lines.push(error.to_string());
        if let Some(hint) = error.kind.hint()
            && hints.insert(hint, ()).is_none()
        {
            lines.push(format!("  {hint}"));
        }
    }
    lines
}

//! What every command that talks to clusters begins with: the mesh, the overlay if a lab gives one, the clusters
//! to read, and a snapshot with progress.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use indicatif::{ProgressBar, ProgressStyle};

use super::overlay::Overlay;
use super::{Exit, Failure, Printer, pins_file};
use crate::cluster::{Clock, Depth, Snapshot, SystemClock};
use crate::imp::{Fleet, Pins, ResolveAccount, Settings, Target, UnifiedCmTarget};
use crate::mesh::topology::Pair;
use crate::mesh::{Account, Cluster, CredentialName, Dns, Loaded, Locations, Mesh, State, Vault};
use crate::observe::{self, Examining, Observers};
use crate::plan::{Lines, Plan};

/// A mesh and the way to its clusters.
pub struct Session {
    /// The mesh.
    pub mesh: Mesh,
    /// The mesh file's name, as the user gave it.
    pub file: String,
    locations: Option<Locations>,
    /// The accounts.
    pub vault: Arc<Vault>,
    /// The time.
    pub clock: SystemClock,
    in_lab: bool,
    /// The host keys of the lab that this runs in.
    lab_pins: Pins,
    /// Where the lab keeps what was pinned in it, in place of the mesh file's pins.
    lab_pins_file: Option<PathBuf>,
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
        Ok(Session::open_with(path, printer)?.0)
    }

    /// The same, with what was loaded.
    ///
    /// # Errors
    /// The file is wrong, or what it names cannot be used.
    pub fn open_with(path: &Path, printer: &Printer) -> Result<(Session, Loaded), Failure> {
        let overlay = Overlay::from_environment()?;
        if let Some(overlay) = &overlay {
            printer.note(&overlay.banner());
        }
        let loaded = super::validate::load(path, printer)?;
        Ok((Session::new(loaded.clone(), overlay)?, loaded))
    }

    /// A session over a loaded mesh.
    ///
    /// # Errors
    /// What the mesh names cannot be used.
    pub fn new(loaded: Loaded, overlay: Option<Overlay>) -> Result<Session, Failure> {
        let file = loaded.source.name().to_owned();
        Session::over(loaded.mesh, file, Some(loaded.locations), overlay, BTreeMap::new())
    }

    /// A session over the mesh of a saved plan: the file itself may have moved on, or not be there.
    ///
    /// # Errors
    /// What the mesh names cannot be used.
    pub fn of_plan(plan: &Plan, printer: &Printer) -> Result<Session, Failure> {
        let overlay = Overlay::from_environment()?;
        if let Some(overlay) = &overlay {
            printer.note(&overlay.banner());
        }
        Session::over(plan.mesh.clone(), plan.mesh_file.clone(), None, overlay, BTreeMap::new())
    }

    /// A session over a mesh that no file holds yet. `file` is where it will be: its paths are relative to that. Accounts
    /// that were `typed` outrank its references.
    ///
    /// # Errors
    /// What the mesh names cannot be used.
    pub fn of_mesh(
        mesh: Mesh,
        file: String,
        overlay: Option<Overlay>,
        typed: BTreeMap<CredentialName, Account>,
    ) -> Result<Session, Failure> {
        Session::over(mesh, file, None, overlay, typed)
    }

    fn over(
        mesh: Mesh,
        file: String,
        locations: Option<Locations>,
        overlay: Option<Overlay>,
        typed: BTreeMap<CredentialName, Account>,
    ) -> Result<Session, Failure> {
        let mut given = overlay.as_ref().map(|o| o.credentials.clone()).unwrap_or_default();
        given.extend(typed);
        let vault = Arc::new(Vault::new(&mesh, folder(&file), given));
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
                from_mesh(&mut settings, &mesh, &file)?;
                SystemClock::default()
            }
        };
        let in_lab = overlay.is_some();
        let (lab_pins, lab_pins_file) = overlay.map(|overlay| (overlay.pins, overlay.pins_file)).unwrap_or_default();
        let fleet = Fleet::new(settings);
        Ok(Session { mesh, file, locations, vault, clock, in_lab, lab_pins, lab_pins_file, fleet })
    }

    /// Takes over what another session knows of refused accounts, so that reading a file anew locks none.
    pub fn remember(&mut self, other: &Session) {
        self.fleet = self.fleet.clone().remembering(&other.fleet);
    }

    /// Keeps the administration pages that are read from now on in a folder that only its owner can look into.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn keep_pages(&mut self, folder: &Path, printer: &Printer) -> Result<(), Failure> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder).map_err(|e| {
            Failure::new(Exit::Failed, format!("failed to make the folder `{}`: {e}", folder.display()))
        })?;
        printer.note(&format!("the pages that are read are kept in {}, without secrets", folder.display()));
        self.fleet = self.fleet.capturing(folder.to_owned());
        Ok(())
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

    /// The clusters that still exist.
    pub fn alive(&self) -> impl Iterator<Item = &Cluster> {
        self.mesh.clusters.iter().filter(|c| c.state != State::Gone)
    }

    /// Where the pins of a cluster are kept, if the mesh file says so. A lab keeps its own.
    pub fn pins_file(&self, cluster: &Cluster) -> Option<PathBuf> {
        if self.in_lab {
            return self.lab_pins_file.clone();
        }
        let own = cluster.tls.as_ref().and_then(|tls| tls.pins_file.as_ref());
        let file = own.or(self.mesh.defaults.tls.pins_file.as_ref())?;
        Some(folder(&self.file).join(file))
    }

    /// What a pins file holds; none where it does not exist. In a lab, its host keys are known without being pinned.
    ///
    /// # Errors
    /// It cannot be read, or is no pins file.
    pub fn pins_in(&self, path: &Path) -> Result<Option<Pins>, Failure> {
        let pins = pins_file::read(path)?;
        Ok(if self.in_lab { Some(pins.unwrap_or_default().or(&self.lab_pins)) } else { pins })
    }

    fn pins(&self, cluster: &Cluster) -> Result<Pins, Failure> {
        let Some(path) = self.pins_file(cluster) else { return Ok(self.lab_pins.clone()) };
        self.pins_in(&path)?.ok_or_else(|| {
            let message = format!("cluster `{}`: the pins file `{}` does not exist", cluster.name, path.display());
            let hint = format!("`intermesh trust {}` shows the nodes' keys and writes it after a yes.", self.file);
            Failure::new(Exit::MeshWrong, message).hint(hint)
        })
    }

    /// The pins of a cluster, where its pins file may not exist yet.
    ///
    /// # Errors
    /// It is no pins file.
    pub fn pins_so_far(&self, cluster: &Cluster) -> Result<Pins, Failure> {
        let Some(path) = self.pins_file(cluster) else { return Ok(self.lab_pins.clone()) };
        Ok(self.pins_in(&path)?.unwrap_or_default())
    }

    /// What every cluster is reached through.
    pub fn fleet(&self) -> &Fleet {
        &self.fleet
    }

    fn target(&self, cluster: &Cluster) -> Result<Target, Failure> {
        self.target_with(cluster, self.pins(cluster)?)
    }

    /// A cluster with these pins.
    ///
    /// # Errors
    /// What the mesh names for the cluster cannot be used.
    pub fn target_with(&self, cluster: &Cluster, pins: Pins) -> Result<Target, Failure> {
        let mesh = &self.mesh;
        let missing = |role: &str| {
            let message = format!("cluster `{}` has no credential for `{role}`", cluster.name);
            Failure::new(Exit::MeshWrong, message).hint("Name one under `defaults.credentials` or the cluster's own.")
        };
        // a lab's authority outranks the file's
        let own_ca = cluster.tls.as_ref().filter(|_| !self.in_lab).and_then(|tls| tls.ca_file.as_ref());
        let axl = mesh.axl_account(cluster).cloned().ok_or_else(|| missing("axl"))?;
        let admin = mesh.admin_account(cluster).cloned().ok_or_else(|| missing("admin"))?;
        let mut target = Target::new(cluster.name.clone(), cluster.publisher.clone(), axl, admin);
        let unified_cm = cluster.unified_cm.as_ref().and_then(|name| mesh.unified_cms.get(name));
        target.unified_cm = unified_cm.map(|unified_cm| UnifiedCmTarget {
            publisher: unified_cm.publisher.clone(),
            account: unified_cm.credentials.clone(),
        });
        target.ca_pem = own_ca.map(|file| read_beside(&self.file, file)).transpose()?;
        // a lab's DNS outranks the file's, too
        if let Some(dns) = cluster.dns.as_ref().filter(|_| !self.in_lab) {
            target.dns = servers(dns, &self.file)?;
        }
        target.pages = cluster.pages.unwrap_or(mesh.defaults.pages);
        target.cli = mesh.cli_account(cluster).cloned();
        target.pins = pins;
        Ok(target)
    }

    /// Reads all clusters, with progress.
    pub async fn snapshot(&self, observers: &Observers, printer: &Printer) -> Snapshot {
        self.snapshot_to(observers, Depth::Full, printer).await
    }

    /// The same, as deep as is asked for.
    pub async fn snapshot_to(&self, observers: &Observers, depth: Depth, printer: &Printer) -> Snapshot {
        let bar = bar(printer, observers.len() as u64, "reading");
        let tell = |progress: observe::Progress<'_>| {
            bar.set_position(progress.done as u64);
            bar.set_message(progress.cluster.to_string());
        };
        let snapshot = observe::gather_to(&self.mesh, observers, depth, self.clock.now(), &tell).await;
        bar.finish_and_clear();
        snapshot
    }

    /// Asks the nodes themselves about the links that are yet to be made, where a `cli` account is given: only for a plan.
    pub async fn ask_nodes(
        &self,
        observers: &Observers,
        snapshot: &mut Snapshot,
        wanted: &(dyn Fn(&Pair) -> bool + Sync),
        printer: &Printer,
    ) {
        let bar = bar(printer, 1, "asking nodes");
        observe::ask_nodes(&self.mesh, observers, snapshot, wanted, &examining(&bar)).await;
        bar.finish_and_clear();
    }

    /// Runs something with the lines of the mesh file.
    pub fn with_lines<T>(&self, f: impl FnOnce(&Lines<'_>) -> T) -> T {
        let find = |pointer: &str| self.locations.as_ref()?.line(pointer);
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

/// Moves a bar as questions are answered.
pub fn examining(bar: &ProgressBar) -> impl Fn(Examining<'_>) + Sync {
    let bar = bar.clone();
    move |at: Examining<'_>| {
        bar.set_length(at.of as u64);
        bar.set_position(at.done as u64);
        bar.set_message(at.cluster.to_string());
    }
}

pub fn settings_failure(error: crate::imp::SettingsError) -> Failure {
    Failure::new(Exit::MeshWrong, error.to_string())
}

fn from_mesh(settings: &mut Settings, mesh: &Mesh, file: &str) -> Result<(), Failure> {
    let wrong =
        |what: &str, value: &str| Failure::new(Exit::MeshWrong, format!("{file}: {what} `{value}` cannot be used"));
    if let Some(proxy) = &mesh.proxy {
        // not shown: it may hold a password
        settings.proxy = Some(proxy.parse().map_err(|_| wrong("the address under", "proxy"))?);
    }
    if let Some(dns) = &mesh.dns {
        settings.dns = servers(dns, file)?;
    }
    if let Some(ca) = &mesh.defaults.tls.ca_file {
        settings.ca_pem = Some(read_beside(file, ca)?);
    }
    Ok(())
}

/// The DNS servers of the mesh file.
fn servers(dns: &Dns, file: &str) -> Result<Vec<SocketAddr>, Failure> {
    let read = |server: &String| {
        let wrong = |_| Failure::new(Exit::MeshWrong, format!("{file}: the DNS server `{server}` cannot be used"));
        server.parse::<IpAddr>().map(|ip| (ip, 53).into()).map_err(wrong)
    };
    dns.servers.iter().map(read).collect()
}

/// The folder that paths in a mesh file are relative to.
fn folder(mesh_file: &str) -> &Path {
    Path::new(mesh_file).parent().unwrap_or(Path::new(""))
}

/// Reads a file that the mesh file names, relative to its folder.
fn read_beside(mesh_file: &str, file: &str) -> Result<Vec<u8>, Failure> {
    let path = folder(mesh_file).join(file);
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

//! The way in: a mesh of what is known before anything was read, and the door to clusters that only an address is
//! known of.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf, absolute};
use std::sync::Arc;

use clap::Args;

use crate::cli::overlay::Overlay;
use crate::cli::session::{Session, settings_failure};
use crate::cli::{Exit, Failure, Printer};
use crate::cluster::{Error, ErrorKind, Place};
use crate::mesh::{
    Account, ApiVersion, Cluster, ClusterName, Credential, CredentialName, Defaults, Dns, Kind, Loaded, Mesh, Metadata,
    NodeName, PasswordSource, Policy, Roles, State, Tls, Topology, variable,
};
use crate::observe::{Door, Found, Opened};

/// How clusters are reached that no mesh file names.
#[derive(Debug, Args)]
pub struct Reach {
    /// Certificate authorities that are trusted, in PEM; the system's when not given
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// The keys that are trusted by themselves, which `intermesh trust` writes
    #[arg(long, value_name = "FILE")]
    pins_file: Option<PathBuf>,
    /// An HTTP CONNECT proxy, such as `http://jump.example.com:3128`
    #[arg(long, value_name = "URL")]
    proxy: Option<String>,
    /// A DNS server, by its IP address; the system's resolver when not given (can be given more than once)
    #[arg(long, value_name = "ADDRESS")]
    dns: Vec<String>,
}

/// The accounts to log in with: never a password on the command line, where everybody sees it.
#[derive(Debug, Args)]
pub struct Login {
    /// The user to log in as: for AXL, and for the pages where no other is given
    #[arg(long, value_name = "USER", conflicts_with = "from")]
    username: Option<String>,
    /// The environment variable with the password; asked for at a terminal when none is named
    #[arg(long, value_name = "VARIABLE", conflicts_with = "password_file")]
    password_env: Option<String>,
    /// The file with the password, which only its owner may read
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// The user for the administration pages, where it is another
    #[arg(long, value_name = "USER", requires = "username")]
    admin_username: Option<String>,
    /// The environment variable with that user's password
    #[arg(long, value_name = "VARIABLE", conflicts_with = "admin_password_file")]
    admin_password_env: Option<String>,
    /// The file with that user's password
    #[arg(long, value_name = "FILE")]
    admin_password_file: Option<PathBuf>,
}

/// What is known before anything was read.
pub struct Way {
    /// What clusters are reached with.
    pub session: Session,
    /// The same as the file says it that is written: its paths are relative to that file.
    pub mesh: Mesh,
}

impl Way {
    /// The way of a mesh file.
    ///
    /// # Errors
    /// What it names cannot be used.
    pub fn of_file(loaded: Loaded, out: Option<&Path>, overlay: Option<Overlay>) -> Result<Way, Failure> {
        let mut mesh = loaded.mesh.clone();
        let (from, to) = (loaded.source.folder(), folder(out));
        if absolute(&from).ok() != absolute(&to).ok() {
            let moved = |path: &mut String| *path = whole(&from.join(&*path));
            for credential in mesh.credentials.values_mut() {
                if let PasswordSource::File(path) = &mut credential.password {
                    moved(path);
                }
            }
            let of_clusters = mesh.clusters.iter_mut().filter_map(|cluster| cluster.tls.as_mut());
            for tls in of_clusters.chain([&mut mesh.defaults.tls]) {
                tls.ca_file.iter_mut().chain(&mut tls.pins_file).for_each(moved);
            }
        }
        Ok(Way { session: Session::new(loaded, overlay)?, mesh })
    }

    /// The way that the command line gives: an account, or in a lab those of the lab.
    ///
    /// # Errors
    /// There is no account, or something that is named cannot be used.
    pub fn of_options(
        login: &Login,
        reach: &Reach,
        out: Option<&Path>,
        overlay: Option<Overlay>,
        printer: &Printer,
    ) -> Result<Way, Failure> {
        let mut mesh = reach.mesh(out, overlay.is_some())?;
        let mut typed = BTreeMap::new();
        if let Some(username) = &login.username {
            let from = (&login.password_env, &login.password_file);
            account(&mut mesh, &mut typed, "axl", username, from, out, printer)?;
            mesh.defaults.credentials.axl = Some("axl".into());
            if let Some(username) = &login.admin_username {
                let from = (&login.admin_password_env, &login.admin_password_file);
                account(&mut mesh, &mut typed, "admin", username, from, out, printer)?;
                mesh.defaults.credentials.admin = Some("admin".into());
            }
        } else if let Some(overlay) = &overlay {
            of_lab(&mut mesh, overlay);
        } else {
            return Err(Failure::new(Exit::Usage, "there is no account to log in with").hint(
                "Give `--username USER` with `--password-env VARIABLE` or `--password-file FILE`, or `--from MESH`.",
            ));
        }
        let file = out.map(|out| out.display().to_string()).unwrap_or_default();
        let session = Session::of_mesh(mesh.clone(), file, overlay, typed)?;
        Ok(Way { session, mesh })
    }
}

impl Reach {
    /// A mesh without clusters that is reached so.
    ///
    /// # Errors
    /// The proxy or a DNS server is none.
    pub fn mesh(&self, out: Option<&Path>, in_lab: bool) -> Result<Mesh, Failure> {
        let wrong = |what: String, hint: &str| Err(Failure::new(Exit::Usage, what).hint(hint));
        let is_proxy = |proxy: &String| {
            let url = url::Url::parse(proxy).ok().filter(|url| url.scheme() == "http" && url.host().is_some());
            url.is_some_and(|url| url.username().is_empty() && url.password().is_none())
        };
        // not shown: it may hold a password
        if !self.proxy.iter().all(is_proxy) {
            let hint = "Write it like `http://jump.example.com:3128`, without user name and password.";
            return wrong("the proxy cannot be used".to_owned(), hint);
        }
        if let Some(server) = self.dns.iter().find(|server| server.parse::<std::net::IpAddr>().is_err()) {
            return wrong(
                format!("`{server}` is not the IP address of a DNS server"),
                "Nothing could resolve its name.",
            );
        }
        let beside = |path: &PathBuf| beside(out, path);
        // a lab has an authority and pins of its own
        let own = |path: &Option<PathBuf>| path.as_ref().filter(|_| !in_lab).map(beside);
        let tls = Tls { ca_file: own(&self.ca_file), pins_file: own(&self.pins_file) };
        Ok(Mesh {
            api_version: ApiVersion::V1,
            kind: Kind::Mesh,
            metadata: Metadata { name: "import".to_owned() },
            domain: "unknown.invalid".to_owned(),
            dns: (!self.dns.is_empty()).then(|| Dns { servers: self.dns.clone() }),
            proxy: self.proxy.clone(),
            credentials: BTreeMap::new(),
            unified_cms: BTreeMap::new(),
            defaults: Defaults { tls, ..Defaults::default() },
            clusters: Vec::new(),
            topology: Topology::default(),
            parameters: BTreeMap::new(),
            policy: Policy::default(),
            accept: Vec::new(),
        })
    }
}

/// An account by its reference. One that is typed is used now, and its reference is to be filled in.
fn account(
    mesh: &mut Mesh,
    typed: &mut BTreeMap<CredentialName, Account>,
    name: &str,
    username: &str,
    from: (&Option<String>, &Option<PathBuf>),
    out: Option<&Path>,
    printer: &Printer,
) -> Result<(), Failure> {
    let password = match from {
        (Some(variable), _) => PasswordSource::Env(variable.clone()),
        (None, Some(file)) => PasswordSource::File(beside(out, file)),
        (None, None) if printer.can_ask() => {
            printer.err(&format!("Password of `{username}` (it is not shown, and not written anywhere):"));
            let password = console::Term::stderr().read_secure_line()?;
            let account = Account { username: username.to_owned(), password: password.into() };
            typed.insert(name.into(), account);
            PasswordSource::Env(format!("{}_PASSWORD", variable(name)))
        }
        (None, None) => {
            return Err(Failure::new(
                Exit::Usage,
                format!("failed to ask for the password of `{username}`: this is no terminal"),
            )
            .hint("Name it with `--password-env VARIABLE` or `--password-file FILE` (`--admin-…` for the pages)."));
        }
    };
    mesh.credentials.insert(name.into(), Credential { username: username.to_owned(), password });
    Ok(())
}

/// The accounts of a lab, by their names: `axl` and `admin`, or else the first one.
fn of_lab(mesh: &mut Mesh, overlay: &Overlay) {
    for (name, account) in &overlay.credentials {
        let password = PasswordSource::Env(format!("{}_PASSWORD", variable(name.as_str())));
        mesh.credentials.insert(name.clone(), Credential { username: account.username.clone(), password });
    }
    let named = |name: &str| Some(CredentialName::from(name)).filter(|name| mesh.credentials.contains_key(name));
    mesh.defaults.credentials.admin = named("admin");
    mesh.defaults.credentials.axl = named("axl").or_else(|| mesh.credentials.keys().next().cloned());
}

/// A path that is relative to this process's folder, for a file that is written to `out`.
fn beside(out: Option<&Path>, path: &Path) -> String {
    if path.is_absolute() || folder(out) == Path::new("") { path.display().to_string() } else { whole(path) }
}

fn folder(out: Option<&Path>) -> PathBuf {
    out.and_then(Path::parent).map(Path::to_path_buf).unwrap_or_default()
}

fn whole(path: &Path) -> String {
    absolute(path).unwrap_or_else(|_| path.to_path_buf()).display().to_string()
}

/// A cluster of which only the publisher is known.
pub fn stranger(publisher: NodeName, credentials: Roles) -> Cluster {
    Cluster {
        // what it will be called is not known yet; nobody else has its address
        name: ClusterName::from(publisher.normal()),
        publisher,
        state: State::Present,
        domain: None,
        release: None,
        nodes: Vec::new(),
        unified_cm: None,
        platform: None,
        protected: false,
        credentials,
        tls: None,
        dns: None,
        pages: None,
        parameters: BTreeMap::new(),
    }
}

impl Door for Way {
    fn open(&self, found: &Found) -> Result<Opened, Error> {
        let mesh = &self.session.mesh;
        let known = mesh.clusters.iter().find(|c| c.publisher.same(&found.address)).cloned();
        let cluster = known.unwrap_or_else(|| stranger(found.address.clone(), roles(mesh, found)));
        let error = |kind: ErrorKind| Error {
            place: Place { cluster: cluster.name.clone(), node: Some(found.address.clone()) },
            doing: "find the way to the cluster".to_owned(),
            kind,
        };
        let unusable = |failure: Failure| error(ErrorKind::Unsupported { detail: failure.message });
        if mesh.axl_account(&cluster).is_none() {
            let detail = "no account is known for it".to_owned();
            return Err(error(ErrorKind::NoCredential { credential: "axl".to_owned(), detail }));
        }
        let pins = self.session.pins_so_far(&cluster).map_err(unusable)?;
        let target = self.session.target_with(&cluster, pins).map_err(unusable)?;
        let reader = self.session.fleet().reader(&target).map_err(settings_failure).map_err(unusable)?;
        let usual = &mesh.defaults.credentials;
        let login = Roles {
            axl: Some(target.axl.clone()),
            peer: None,
            admin: cluster.credentials.admin.clone().or_else(|| usual.admin.clone()),
            cli: cluster.credentials.cli.clone().or_else(|| usual.cli.clone()),
        };
        Ok(Opened { observer: Arc::new(reader), login })
    }
}

/// The accounts for a cluster that no file names: those that are called after its place, else the one whose user name the
/// peer entries for it store, else the usual ones. Only one is ever tried.
fn roles(mesh: &Mesh, found: &Found) -> Roles {
    let usual = &mesh.defaults.credentials;
    let name = found.address.normal();
    let place = name.split('.').nth(1).unwrap_or(&name);
    let named = |role: &str| {
        let name = CredentialName::from(format!("{place}-{role}"));
        Some(name).filter(|name| mesh.credentials.contains_key(name))
    };
    let stored = |name: &CredentialName| {
        mesh.credentials.get(name).is_some_and(|credential| found.usernames.contains(&credential.username))
    };
    let other_role = |name: &CredentialName| [&usual.admin, &usual.cli].contains(&&Some(name.clone()));
    let by_user = || mesh.credentials.keys().find(|name| stored(name) && !other_role(name)).cloned();
    let axl = named("axl").or_else(|| usual.axl.clone().filter(stored)).or_else(by_user);
    Roles { axl: axl.or_else(|| usual.axl.clone()), peer: None, admin: named("admin"), cli: None }
}

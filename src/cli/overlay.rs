//! The overlay: what a lab hands to the commands that run in it. It outranks the mesh file and is announced.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use url::Url;

use super::{Exit, Failure};
use crate::imp::Pins;
use crate::mesh::{Account, CredentialName};

/// The environment variable that names the overlay file.
pub const VARIABLE: &str = "INTERMESH_OVERLAY";

/// Where a lab is and how to log in to it.
#[derive(Clone, Debug)]
pub struct Overlay {
    /// The lab's mesh.
    pub mesh: String,
    /// The lab's CONNECT proxy.
    pub proxy: Url,
    /// The lab's certificate authority, in PEM.
    pub ca_pem: Vec<u8>,
    /// The host keys of the lab's platform CLI.
    pub pins: Pins,
    /// The lab's DNS server.
    pub dns: SocketAddr,
    /// Accounts by the names of their credentials.
    pub credentials: BTreeMap<CredentialName, Account>,
    /// How many times as fast as a real clock the product's time runs.
    pub clock_factor: f64,
    /// Where the lab takes orders, such as `lab reset`.
    pub control: Control,
    /// Where the keys that were pinned in the lab are kept: with the lab, so that they never get among the real ones.
    pub pins_file: Option<PathBuf>,
}

/// Where a lab takes orders.
#[derive(Clone, Debug)]
pub struct Control {
    /// Its address.
    pub url: Url,
    /// What proves that the order comes from inside the lab's environment.
    pub token: String,
}

/// The overlay as it stands in its file. It holds the lab's passwords, so only its owner can read it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: u32,
    mesh: String,
    proxy: Url,
    ca_file: PathBuf,
    pins_file: PathBuf,
    dns: SocketAddr,
    credentials: BTreeMap<CredentialName, FileAccount>,
    clock_factor: f64,
    control_url: Url,
    control_token: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileAccount {
    username: String,
    password: String,
}

/// The version of the overlay file.
const FORMAT: u32 = 2;

impl Overlay {
    /// The overlay of the environment, if there is one.
    ///
    /// # Errors
    /// `INTERMESH_OVERLAY` names a file that is no overlay.
    pub fn from_environment() -> Result<Option<Overlay>, Failure> {
        match std::env::var_os(VARIABLE) {
            Some(path) if !path.is_empty() => Overlay::read(Path::new(&path)).map(Some),
            _ => Ok(None),
        }
    }

    fn read(path: &Path) -> Result<Overlay, Failure> {
        let wrong = |why: String| {
            Failure::new(Exit::Failed, format!("failed to read the lab's overlay `{}`: {why}", path.display()))
                .hint(format!("{VARIABLE} is set by `intermesh lab run`; unset it to work on real clusters."))
        };
        let text = std::fs::read_to_string(path).map_err(|e| wrong(e.to_string()))?;
        // serde's message could repeat a value of the file; its place is enough
        let file: File =
            serde_json::from_str(&text).map_err(|e| wrong(format!("line {}, column {}", e.line(), e.column())))?;
        if file.format != FORMAT {
            return Err(wrong(format!("its format is {}, this version reads {FORMAT}", file.format)));
        }
        let ca_pem = std::fs::read(&file.ca_file).map_err(|e| wrong(format!("{}: {e}", file.ca_file.display())))?;
        let beside = |why: &dyn std::fmt::Display| wrong(format!("{}: {why}", file.pins_file.display()));
        let pins = std::fs::read_to_string(&file.pins_file).map_err(|e| beside(&e))?;
        let pins = Pins::read(&pins).map_err(|e| beside(&e))?;
        let account = |a: FileAccount| Account { username: a.username, password: a.password.into() };
        Ok(Overlay {
            mesh: file.mesh,
            proxy: file.proxy,
            ca_pem,
            pins,
            dns: file.dns,
            credentials: file.credentials.into_iter().map(|(name, a)| (name, account(a))).collect(),
            clock_factor: file.clock_factor,
            control: Control { url: file.control_url, token: file.control_token },
            pins_file: Some(path.with_file_name("pins.json")),
        })
    }

    /// Writes the overlay, the CA and the pins into a folder and returns the overlay's path.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn write(&self, folder: &Path) -> Result<PathBuf, Failure> {
        use secrecy::ExposeSecret;
        let account =
            |a: &Account| FileAccount { username: a.username.clone(), password: a.password.expose_secret().to_owned() };
        let ca_file = folder.join("ca.pem");
        std::fs::write(&ca_file, &self.ca_pem)?;
        let pins_file = folder.join("pins.json");
        std::fs::write(&pins_file, self.pins.write())?;
        let file = File {
            format: FORMAT,
            mesh: self.mesh.clone(),
            proxy: self.proxy.clone(),
            ca_file,
            pins_file,
            dns: self.dns,
            credentials: self.credentials.iter().map(|(name, a)| (name.clone(), account(a))).collect(),
            clock_factor: self.clock_factor,
            control_url: self.control.url.clone(),
            control_token: self.control.token.clone(),
        };
        let path = folder.join("overlay.json");
        let text = serde_json::to_string_pretty(&file).map_err(|e| Failure::new(Exit::Failed, e.to_string()))?;
        write_private(&path, &text)?;
        Ok(path)
    }

    /// What stands on the first line of every output in a lab.
    pub fn banner(&self) -> String {
        format!("lab `{}`: simulated clusters behind {}; no real cluster is touched", self.mesh, self.proxy)
    }
}

/// Writes a file that only its owner can read, from its first byte on.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

//! The platform CLI over SSH: what the *nodes* see of the network, and restarts where SOAP refuses them
//! (field-notes 7). Optional: without a `cli` account nobody comes here.
//!
//! `tunnel` leads to the node, through the CONNECT proxy like HTTPS; `host_keys` says whom to trust, which is never
//! learned silently; `session` logs in and waits for prompts; `screen` tells prompts, questions and answers apart;
//! `answers` and `lookup` read what was printed. Much of that is not published: what cannot be told is said to be unclear.

mod answers;
mod host_keys;
mod lookup;
mod screen;
mod session;
mod shown;
pub(super) mod tunnel;

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use url::Url;

pub use self::answers::ServiceLine;
pub use self::host_keys::{BadPin, HostKeyPin};
pub use self::lookup::Lookup;
use self::session::Session;
use crate::cluster::{Account, AddressLookup, ClusterServer, ErrorKind, NameLookup, NodeName, Reachability};

/// The port of the platform CLI (field-notes 2.3).
pub const PORT: u16 = 22;

/// Where a node's platform CLI is, and how long to wait for it.
#[derive(Clone, Debug)]
pub struct PlatformSettings {
    /// The node.
    pub node: NodeName,
    /// A CONNECT proxy, `http://host:port`.
    pub proxy: Option<Url>,
    /// DNS servers, in place of the system's resolver; a proxy resolves by itself.
    pub dns: Vec<SocketAddr>,
    /// The host keys that the node may show. With none, every login fails and tells the fingerprint.
    pub host_keys: Vec<HostKeyPin>,
    /// For a connection, keys exchanged.
    pub connect: Duration,
    /// For a prompt after an ordinary command. Never scaled: it is the network's time.
    pub prompt: Duration,
    /// For a command that may take its time: a test "can take up to 3 minutes", a service may start slowly.
    pub long: Duration,
}

impl PlatformSettings {
    /// Settings with the usual patience, no proxy, and no trusted host key.
    pub fn new(node: NodeName) -> PlatformSettings {
        PlatformSettings {
            node,
            proxy: None,
            dns: Vec::new(),
            host_keys: Vec::new(),
            connect: Duration::from_secs(15),
            prompt: Duration::from_secs(60),
            long: Duration::from_secs(300),
        }
    }
}

/// A login to the platform CLI of one node.
pub struct PlatformCli {
    session: Session,
}

impl PlatformCli {
    /// Logs in. The password is sent once.
    ///
    /// # Errors
    /// [`ErrorKind::UntrustedHostKey`] with the fingerprint when the host key is not pinned: nothing secret was sent then.
    /// [`ErrorKind::Unauthorized`] when the account is refused. [`ErrorKind::Unreachable`] says what was waited for.
    pub async fn log_in(settings: PlatformSettings, account: &Account) -> Result<PlatformCli, ErrorKind> {
        Ok(PlatformCli { session: Session::log_in(settings, account).await? })
    }

    /// The host key that the node shows, looked at before it is trusted. Nobody logs in.
    ///
    /// # Errors
    /// [`ErrorKind::Unreachable`] when no key was shown.
    pub async fn host_key_shown(settings: &PlatformSettings) -> Result<HostKeyPin, ErrorKind> {
        shown::host_key(settings).await
    }

    /// `utils network connectivity HOST PORT`: whether the node reaches a TCP port.
    ///
    /// # Errors
    /// No prompt came back. A test that fails is no error.
    pub async fn connectivity(&mut self, host: &str, port: u16) -> Result<Reachability, ErrorKind> {
        let command = format!("utils network connectivity {} {port}", word(host)?);
        self.session.run_long(&command).await.map(|text| answers::connectivity(&text))
    }

    /// `utils network host NAME`: how the node resolves a name, or an address back.
    ///
    /// # Errors
    /// No prompt came back, or an answer without the documented headings.
    pub async fn lookup(&mut self, name: &str) -> Result<Lookup, ErrorKind> {
        let text = self.session.run(&format!("utils network host {}", word(name)?)).await?;
        lookup::read(&text)
    }

    /// The same as addresses, each looked up back.
    ///
    /// # Errors
    /// As [`PlatformCli::lookup`].
    pub async fn resolve(&mut self, name: &str) -> Result<NameLookup, ErrorKind> {
        let mut trouble = None;
        let addresses: Vec<IpAddr> = match name.parse() {
            Ok(address) => vec![address],
            Err(_) => {
                let found = self.lookup(name).await?;
                let addresses = found.addresses();
                if found.is_resolved() && addresses.is_empty() {
                    trouble = Some(found.said());
                }
                addresses
            }
        };
        let mut back = Vec::with_capacity(addresses.len());
        for address in addresses {
            let found = self.lookup(&address.to_string()).await?;
            let names = found.names(name);
            if found.is_resolved() && names.is_empty() {
                trouble = Some(format!("{address}: {}", found.said()));
            }
            back.push(AddressLookup { address, names });
        }
        let (name, server) = (name.to_owned(), self.session.node().to_string());
        Ok(NameLookup { name, server, addresses: back, trouble, elsewhere: Vec::new() })
    }

    /// `show network cluster`: the servers of both products, as the node knows them.
    ///
    /// # Errors
    /// No prompt came back, or no line that describes a server.
    pub async fn cluster(&mut self) -> Result<Vec<ClusterServer>, ErrorKind> {
        let text = self.session.run("show network cluster").await?;
        answers::cluster(&text)
    }

    /// `show perf query counter "Cisco Presence Engine" ActiveJsmSessions`: the sessions on the node (field-notes 2.4).
    ///
    /// # Errors
    /// No prompt came back, or no number stands beside the counter's name.
    pub async fn sessions(&mut self) -> Result<u64, ErrorKind> {
        const COUNTER: &str = "ActiveJsmSessions";
        let text = self.session.run(&format!("show perf query counter \"Cisco Presence Engine\" {COUNTER}")).await?;
        answers::counter(&text, COUNTER)
    }

    /// Whether the node still answers with its prompt. False when a command was left in the middle, too: what it asks
    /// next would be answered by the next command.
    pub(super) async fn is_there(&mut self) -> bool {
        self.session.is_ready() && self.session.greet().await.is_ok()
    }

    /// `utils service restart NAME`: the fallback where Control Center refuses a network service. Returns the last
    /// state that was shown.
    ///
    /// # Errors
    /// [`ErrorKind::Unknown`] from the moment that the order was sent and no prompt came back: never repeat it
    /// without reading the service first. [`ErrorKind::Refused`] when no line told a state of the service.
    pub async fn restart(&mut self, service: &str) -> Result<ServiceLine, ErrorKind> {
        let command = format!("utils service restart {}", words(service)?);
        let text = self.session.run_long(&command).await.map_err(in_doubt)?;
        answers::service(&text, service).ok_or_else(|| ErrorKind::Refused { message: answers::last_line(&text) })
    }
}

/// After an order was sent, an answer that does not come leaves its outcome open.
fn in_doubt(kind: ErrorKind) -> ErrorKind {
    match kind {
        ErrorKind::Unreachable { detail } | ErrorKind::Malformed { detail } => ErrorKind::Unknown { detail },
        kind => kind,
    }
}

/// A parameter that is one word: nothing that ends a line or begins another parameter.
fn word(text: &str) -> Result<&str, ErrorKind> {
    let good = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || ".-_:".contains(c));
    good.then_some(text).ok_or_else(|| unfit(text))
}

/// A parameter of several words, such as a service's name.
fn words(text: &str) -> Result<&str, ErrorKind> {
    let good = !text.trim().is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || " .-_".contains(c));
    good.then_some(text).ok_or_else(|| unfit(text))
}

fn unfit(text: &str) -> ErrorKind {
    let detail = format!("`{}` cannot be given to the platform CLI", text.escape_default());
    ErrorKind::Unsupported { detail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_cannot_carry_another_command() {
        for good in ["imp1.example.com", "10.1.0.1", "fd00::1"] {
            assert_eq!(word(good), Ok(good));
        }
        for bad in ["", "a b", "a\rutils system restart", "a;b", "a\u{e4}"] {
            assert!(word(bad).is_err(), "{bad}");
        }
        assert!(words("Cisco XCP Router").is_ok());
        assert!(words("Cisco XCP Router\rutils system restart").is_err() && words("  ").is_err());
    }
}

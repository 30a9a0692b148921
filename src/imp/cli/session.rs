//! One login on a terminal: the host key, the account, and a command at a time.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use russh::client::{self, AuthResult, KeyboardInteractiveAuthResponse, Msg};
use russh::keys::PublicKeyOrCertificate;
use russh::{Channel, ChannelMsg, MethodKind, Preferred, cipher, kex, mac};
use secrecy::ExposeSecret;
use tokio::time::{Instant, timeout, timeout_at};

use super::host_keys::HostKeyPin;
use super::screen::{Screen, Stand};
use super::{PORT, PlatformSettings, tunnel};
use crate::cluster::{Account, ErrorKind, NodeName};

/// Columns of the terminal: a command must come back on one line, however long it is.
const COLUMNS: u32 = 4_000;
/// Rows of the terminal: more than any list, so that nothing waits for a key.
const ROWS: u32 = 10_000;

/// A terminal of a node that stands at its prompt.
pub(super) struct Session {
    channel: Channel<Msg>,
    screen: Screen,
    settings: PlatformSettings,
    /// The connection ends when it is dropped.
    handle: client::Handle<Trust>,
}

/// Decides about the host key, and remembers what it decided about.
struct Trust {
    pins: Vec<HostKeyPin>,
    shown: Arc<Mutex<Option<HostKeyPin>>>,
}

impl client::Handler for Trust {
    type Error = russh::Error;

    async fn check_server_key(&mut self, key: &PublicKeyOrCertificate) -> Result<bool, Self::Error> {
        let PublicKeyOrCertificate::PublicKey { key, .. } = key else { return Ok(false) };
        let pin = HostKeyPin::from(key);
        let trusted = self.pins.contains(&pin);
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = Some(pin);
        Ok(trusted)
    }
}

impl Session {
    /// Connects, checks the host key, logs in, and waits for the first prompt.
    pub(super) async fn log_in(settings: PlatformSettings, account: &Account) -> Result<Session, ErrorKind> {
        let connecting = timeout(settings.connect, connect(&settings)).await;
        let mut handle = connecting.unwrap_or_else(|_| Err(silent(&settings, "the host key", settings.connect, "")))?;
        let logging_in = timeout(settings.prompt, authenticate(&mut handle, account)).await;
        logging_in.unwrap_or_else(|_| Err(silent(&settings, "an answer to the login", settings.prompt, "")))?;
        let opening = async {
            let channel = handle.channel_open_session().await?;
            channel.request_pty(true, "vt100", COLUMNS, ROWS, 0, 0, &[]).await?;
            channel.request_shell(true).await?;
            Ok(channel)
        };
        let channel = match timeout(settings.connect, opening).await {
            Ok(opened) => opened.map_err(|e: russh::Error| gone(&settings, &e.to_string()))?,
            Err(_) => return Err(silent(&settings, "a terminal", settings.connect, "")),
        };
        let mut session = Session { channel, screen: Screen::default(), settings, handle };
        session.wait(session.settings.prompt).await?;
        Ok(session)
    }

    /// Runs a command that answers at once, and returns what it printed.
    pub(super) async fn run(&mut self, command: &str) -> Result<String, ErrorKind> {
        self.command(command, self.settings.prompt).await
    }

    /// Runs a command that takes its time.
    pub(super) async fn run_long(&mut self, command: &str) -> Result<String, ErrorKind> {
        self.command(command, self.settings.long).await
    }

    /// The node.
    pub(super) fn node(&self) -> &NodeName {
        &self.settings.node
    }

    /// Whether the last command came to its end.
    pub(super) fn is_ready(&self) -> bool {
        !self.handle.is_closed() && self.screen.is_ready()
    }

    /// Asks for another prompt.
    pub(super) async fn greet(&mut self) -> Result<(), ErrorKind> {
        self.command("", self.settings.connect).await.map(drop)
    }

    async fn command(&mut self, command: &str, patience: Duration) -> Result<String, ErrorKind> {
        self.screen.sent(command);
        self.send(command).await?;
        self.wait(patience).await
    }

    async fn send(&mut self, line: &str) -> Result<(), ErrorKind> {
        let sent = self.channel.data_bytes(format!("{line}\r")).await;
        sent.map_err(|e| gone(&self.settings, &e.to_string()))
    }

    /// Waits for the prompt, and says yes to what is asked on the way: who gave the command has decided already.
    async fn wait(&mut self, patience: Duration) -> Result<String, ErrorKind> {
        let until = Instant::now() + patience;
        loop {
            match self.screen.stand() {
                Stand::Prompt(text) => return Ok(text),
                Stand::Question => {
                    self.screen.answered();
                    self.send("y").await?;
                }
                Stand::Busy => {}
            }
            let message = timeout_at(until, self.channel.wait()).await;
            match message {
                Err(_) => {
                    return Err(silent(&self.settings, "the prompt `admin:`", patience, &self.screen.last_line()));
                }
                Ok(Some(ChannelMsg::Data { data } | ChannelMsg::ExtendedData { data, .. })) => {
                    if !self.screen.hear(&data) {
                        let detail = "the command printed more than 4 MB".to_owned();
                        return Err(ErrorKind::Malformed { detail });
                    }
                }
                Ok(Some(ChannelMsg::Close | ChannelMsg::Eof) | None) => {
                    return Err(gone(&self.settings, "the node ended the session"));
                }
                Ok(Some(_)) => {}
            }
        }
    }
}

async fn connect(settings: &PlatformSettings) -> Result<client::Handle<Trust>, ErrorKind> {
    let stream = tunnel::connect(&settings.node, PORT, settings.proxy.as_ref(), &settings.dns).await;
    let stream = stream.map_err(|detail| ErrorKind::Unreachable { detail })?;
    let shown = Arc::default();
    let trust = Trust { pins: settings.host_keys.clone(), shown: Arc::clone(&shown) };
    let config = client::Config { preferred: algorithms(), nodelay: true, ..client::Config::default() };
    client::connect_stream(Arc::new(config), stream, trust).await.map_err(|error| {
        let shown = shown.lock().unwrap_or_else(PoisonError::into_inner).take();
        match (error, shown) {
            (russh::Error::UnknownKey, shown) => untrusted(settings, shown),
            (error, _) => gone(settings, &error.to_string()),
        }
    })
}

/// Sends the password once, in the way that the node offers.
async fn authenticate(handle: &mut client::Handle<Trust>, account: &Account) -> Result<(), ErrorKind> {
    let broken = |e: russh::Error| ErrorKind::Unreachable { detail: format!("the login ended: {e}") };
    let refused = || ErrorKind::Unauthorized { username: account.username.clone() };
    let methods = match handle.authenticate_none(&account.username).await.map_err(broken)? {
        AuthResult::Success => return Ok(()),
        AuthResult::Failure { remaining_methods, .. } => remaining_methods,
    };
    let password = account.password.expose_secret();
    if methods.contains(&MethodKind::Password) {
        let answer = handle.authenticate_password(&account.username, password).await.map_err(broken)?;
        return if answer.success() { Ok(()) } else { Err(refused()) };
    }
    let unfit = |detail: &str| ErrorKind::Unsupported { detail: detail.to_owned() };
    if !methods.contains(&MethodKind::KeyboardInteractive) {
        return Err(unfit("the node offers no login by password"));
    }
    let mut answer = handle.authenticate_keyboard_interactive_start(&account.username, None).await.map_err(broken)?;
    let mut asked: Option<String> = None;
    loop {
        let prompts = match answer {
            KeyboardInteractiveAuthResponse::Success => return Ok(()),
            KeyboardInteractiveAuthResponse::Failure { .. } => return Err(refused()),
            KeyboardInteractiveAuthResponse::InfoRequest { prompts, .. } => prompts,
        };
        let answers = match prompts.as_slice() {
            [] => Vec::new(),
            [prompt] if !prompt.echo && asked.is_none() => {
                asked = Some(prompt.prompt.clone());
                vec![password.to_owned()]
            }
            // The same question again is a no: it is not answered twice.
            [prompt] if asked.as_ref() == Some(&prompt.prompt) => return Err(refused()),
            _ => return Err(unfit("the login asks for more than a password")),
        };
        answer = handle.authenticate_keyboard_interactive_respond(answers).await.map_err(broken)?;
    }
}

/// Today's algorithms, then those that older appliances still speak.
pub(super) fn algorithms() -> Preferred {
    let today = Preferred::DEFAULT;
    let kex = [kex::ECDH_SHA2_NISTP256, kex::ECDH_SHA2_NISTP384, kex::ECDH_SHA2_NISTP521].into_iter().chain([
        kex::DH_GEX_SHA1,
        kex::DH_G14_SHA1,
        kex::DH_G1_SHA1,
    ]);
    let ciphers = [cipher::AES_256_CBC, cipher::AES_192_CBC, cipher::AES_128_CBC, cipher::TRIPLE_DES_CBC];
    let macs = [mac::HMAC_SHA1_ETM, mac::HMAC_SHA1];
    Preferred {
        kex: Cow::Owned(today.kex.iter().copied().chain(kex).collect()),
        cipher: Cow::Owned(today.cipher.iter().copied().chain(ciphers).collect()),
        mac: Cow::Owned(today.mac.iter().copied().chain(macs).collect()),
        ..today
    }
}

fn untrusted(settings: &PlatformSettings, shown: Option<HostKeyPin>) -> ErrorKind {
    let node = &settings.node;
    let detail = match shown {
        Some(pin) if settings.host_keys.is_empty() => format!("{node} shows {pin}, and none is pinned"),
        Some(pin) => format!("{node} shows {pin}, which is not a pinned one"),
        None => format!("{node} shows a certificate in place of a host key"),
    };
    ErrorKind::UntrustedHostKey { detail }
}

fn silent(settings: &PlatformSettings, what: &str, patience: Duration, last: &str) -> ErrorKind {
    let so_far = if last.is_empty() { String::new() } else { format!("; the last line was `{last}`") };
    let detail = format!("{what} did not come from {}:{PORT} within {} s{so_far}", settings.node, patience.as_secs());
    ErrorKind::Unreachable { detail }
}

fn gone(settings: &PlatformSettings, why: &str) -> ErrorKind {
    ErrorKind::Unreachable { detail: format!("the connection to {}:{PORT} ended: {why}", settings.node) }
}

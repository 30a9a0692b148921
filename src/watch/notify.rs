//! Telling others: a signed webhook, and a command. Both are tried again, and neither holds up a round.

use std::process::Stdio;
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use sha2::Sha256;
use tokio::io::AsyncWriteExt;

use super::board::{Board, Happening};
use crate::mesh::DriftSeverity;

/// What is told: what happened, and where things stand.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Notice {
    /// The version of this format.
    pub format: u32,
    /// The mesh's name.
    pub mesh: Option<String>,
    /// The round that found it.
    pub at: Timestamp,
    /// What happened since the round before.
    pub happened: Vec<Happening>,
    /// Findings that are open now, by severity.
    pub errors: usize,
    /// As above.
    pub warnings: usize,
    /// As above.
    pub notes: usize,
    /// Clusters that cannot be read now.
    pub unread: usize,
}

/// Who is told.
#[derive(Clone)]
pub enum Hook {
    /// A POST of the notice as JSON.
    Web {
        /// Where to.
        url: url::Url,
        /// What the body is signed with.
        secret: Option<Secret>,
        /// Sends it.
        client: reqwest::Client,
    },
    /// A program with the notice as JSON on its standard input.
    Command {
        /// The program and its arguments.
        words: Vec<String>,
    },
}

/// A secret that signs.
#[derive(Clone)]
pub struct Secret(pub SecretString);

impl Secret {
    /// The signature of a body: `sha256=` and HMAC-SHA-256 in hex, as GitHub's and many others' receivers check it.
    fn signature(&self, body: &[u8]) -> Option<String> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.expose_secret().as_bytes()).ok()?;
        mac.update(body);
        let bytes = mac.finalize().into_bytes();
        Some(bytes.iter().fold("sha256=".to_owned(), |text, byte| format!("{text}{byte:02x}")))
    }
}

/// What sends webhooks: with the authorities and the proxy of the system, and without following anybody elsewhere.
///
/// # Errors
/// It cannot be made, in words.
pub fn web_client() -> Result<reqwest::Client, String> {
    let failed = |e: &dyn std::fmt::Display| format!("failed to prepare the webhook: {e}");
    let tls = crate::store::system_tls().map_err(|e| failed(&e))?;
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|e| failed(&e))
}

/// How long a receiver may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often a notice is tried again; the last time about ten minutes after the first.
const RETRIES: usize = 8;

impl Notice {
    /// What happened, on a board; none where nothing did.
    pub fn of(board: &Board, happened: &[Happening]) -> Option<Notice> {
        let first = happened.first()?;
        Some(Notice {
            format: 1,
            mesh: board.mesh.clone(),
            at: first.at,
            happened: happened.to_vec(),
            errors: board.count(DriftSeverity::Error),
            warnings: board.count(DriftSeverity::Warning),
            notes: board.count(DriftSeverity::Note),
            unread: board.silent.len(),
        })
    }
}

/// Tells one receiver, again and again until it takes the notice.
///
/// # Errors
/// It was not taken at last, in words without the address, which may hold a token.
pub async fn deliver(hook: &Hook, notice: &Notice) -> Result<(), String> {
    let body = serde_json::to_vec(notice).map_err(|e| e.to_string())?;
    let patience =
        ExponentialBuilder::default().with_min_delay(Duration::from_secs(2)).with_jitter().with_max_times(RETRIES);
    let try_once = || async {
        match hook {
            Hook::Web { url, secret, client } => post(client, url, secret.as_ref(), &body).await,
            Hook::Command { words } => run(words, &body).await,
        }
    };
    try_once.retry(patience).await
}

async fn post(client: &reqwest::Client, url: &url::Url, secret: Option<&Secret>, body: &[u8]) -> Result<(), String> {
    let mut request = client.post(url.clone()).timeout(PATIENCE).header("content-type", "application/json");
    if let Some(signature) = secret.and_then(|secret| secret.signature(body)) {
        request = request.header("x-intermesh-signature-256", signature);
    }
    let host = url.host_str().unwrap_or_default();
    let answer = request
        .body(body.to_vec())
        .send()
        .await
        .map_err(|error| format!("failed to tell {host}: {}", error.without_url()))?;
    if answer.status().is_success() { Ok(()) } else { Err(format!("{host} answered {}", answer.status())) }
}

async fn run(words: &[String], body: &[u8]) -> Result<(), String> {
    let Some((program, arguments)) = words.split_first() else { return Ok(()) };
    let failed = |why: &dyn std::fmt::Display| format!("failed to run `{program}`: {why}");
    let mut child = tokio::process::Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|e| failed(&e))?;
    let work = async {
        if let Some(mut stdin) = child.stdin.take() {
            // a program that does not read has what it wants
            let _ = stdin.write_all(body).await;
        }
        child.wait().await
    };
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => Err(failed(&status)),
        Ok(Err(error)) => Err(failed(&error)),
        Err(_) => Err(failed(&format!("it takes longer than {} s", PATIENCE.as_secs()))),
    }
}

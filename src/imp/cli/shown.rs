//! The host key that a node shows, looked at without trusting it: the key exchange is broken off, and nobody logs in.

use std::sync::{Arc, Mutex, PoisonError};

use russh::client;
use russh::keys::PublicKeyOrCertificate;
use tokio::time::timeout;

use super::host_keys::HostKeyPin;
use super::session::algorithms;
use super::{PORT, PlatformSettings, tunnel};
use crate::cluster::ErrorKind;

/// Looks, and never goes on.
struct Look(Arc<Mutex<Option<HostKeyPin>>>);

impl client::Handler for Look {
    type Error = russh::Error;

    async fn check_server_key(&mut self, key: &PublicKeyOrCertificate) -> Result<bool, Self::Error> {
        if let PublicKeyOrCertificate::PublicKey { key, .. } = key {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(HostKeyPin::from(key));
        }
        Ok(false)
    }
}

/// The host key that a node shows: of those that it has, the one that a login will be shown.
pub(super) async fn host_key(settings: &PlatformSettings) -> Result<HostKeyPin, ErrorKind> {
    let shown = Arc::default();
    let look = async {
        let stream = tunnel::connect(&settings.node, PORT, settings.proxy.as_ref(), &settings.dns).await?;
        let config = client::Config { preferred: algorithms(), nodelay: true, ..client::Config::default() };
        // It ends with a refusal, always; with which one says less than the key that was seen before it.
        match client::connect_stream(Arc::new(config), stream, Look(Arc::clone(&shown))).await {
            Ok(_) => Ok("it went on without showing a host key".to_owned()),
            Err(why) => Ok(why.to_string()),
        }
    };
    let ended: Result<String, String> = timeout(settings.connect, look)
        .await
        .unwrap_or_else(|_| Err(format!("no host key came within {} s", settings.connect.as_secs())));
    let seen = shown.lock().unwrap_or_else(PoisonError::into_inner).take();
    seen.ok_or_else(|| {
        let why = match ended {
            Ok(why) => format!("{}:{PORT} shows no host key: {why}", settings.node),
            Err(why) => why,
        };
        ErrorKind::Unreachable { detail: why }
    })
}

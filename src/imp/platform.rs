//! The platform CLI of a cluster's nodes: one session at a time per node, opened when it is first asked for.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Mutex as Turn, OwnedMappedMutexGuard, OwnedMutexGuard};
use url::Url;

use super::accounts::Accounts;
use super::cli::{HostKeyPin, PlatformCli, PlatformSettings};
use super::pins::Pins;
use super::settings::{Settings, Target};
use crate::cluster::{Account, ClusterName, ErrorKind, NodeName};

/// The sessions of a cluster.
pub(super) struct Platform {
    cluster: ClusterName,
    proxy: Option<Url>,
    dns: Vec<SocketAddr>,
    pins: Pins,
    /// Not those of AXL and the pages: OS administrators are users of the platform, not of the application.
    accounts: Arc<Accounts>,
    nodes: Mutex<HashMap<String, Slot>>,
}

/// A node's session, as long as there is one.
type Slot = Arc<Turn<Option<PlatformCli>>>;

/// A session that stands at its prompt, and that nobody else uses.
pub(super) type Lease = OwnedMappedMutexGuard<Option<PlatformCli>, PlatformCli>;

impl Platform {
    pub(super) fn new(settings: &Settings, accounts: Arc<Accounts>, target: &Target) -> Platform {
        let dns = if target.dns.is_empty() { &settings.dns } else { &target.dns };
        Platform {
            cluster: target.cluster.clone(),
            proxy: settings.proxy.clone(),
            dns: dns.clone(),
            pins: target.pins.clone(),
            accounts,
            nodes: Mutex::default(),
        }
    }

    /// The session of a node, when it is this caller's turn. One that does not answer any more, or that was left in the
    /// middle of a command, makes room for a new one: so a command is never lost on a connection that is long dead.
    ///
    /// # Errors
    /// As [`PlatformCli::log_in`]; a password that a node of the cluster refused is not sent to another.
    pub(super) async fn session(&self, node: &NodeName, account: &Account) -> Result<Lease, ErrorKind> {
        let slot = {
            let mut nodes = self.nodes.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(nodes.entry(node.normal()).or_default())
        };
        let mut held = slot.lock_owned().await;
        let answers = match held.as_mut() {
            Some(cli) => cli.is_there().await,
            None => false,
        };
        if !answers {
            *held = None;
            *held = Some(self.log_in(node, account).await?);
        }
        let lost = |_| ErrorKind::Unreachable { detail: "the session was closed".to_owned() };
        OwnedMutexGuard::try_map(held, Option::as_mut).map_err(lost)
    }

    /// The host key that a node shows, looked at before it is trusted: nobody logs in.
    pub(super) async fn host_key_shown(&self, node: &NodeName) -> Result<HostKeyPin, ErrorKind> {
        PlatformCli::host_key_shown(&self.settings(node)).await
    }

    fn settings(&self, node: &NodeName) -> PlatformSettings {
        let mut settings = PlatformSettings::new(node.clone());
        settings.proxy.clone_from(&self.proxy);
        settings.dns.clone_from(&self.dns);
        settings
    }

    async fn log_in(&self, node: &NodeName, account: &Account) -> Result<PlatformCli, ErrorKind> {
        let mut settings = self.settings(node);
        settings.host_keys = self.host_keys(node)?;
        let mut pass = self.accounts.enter(&self.cluster, account).await?;
        match PlatformCli::log_in(settings, account).await {
            Ok(cli) => {
                pass.accepted();
                Ok(cli)
            }
            Err(ErrorKind::Unauthorized { .. }) => Err(pass.refused()),
            Err(kind) => Err(kind),
        }
    }

    fn host_keys(&self, node: &NodeName) -> Result<Vec<HostKeyPin>, ErrorKind> {
        let pins = self.pins.of(node).map_or(&[][..], |pins| &pins.ssh);
        let read: Result<_, _> = pins.iter().map(|pin| pin.parse()).collect();
        read.map_err(|why: super::BadPin| ErrorKind::UntrustedHostKey { detail: format!("the pins of {node}: {why}") })
    }
}

//! One cluster over the wire: its lines, its AXL, its pages. Shared by the cluster's reader and operator, so that
//! sessions, pools and limits count for both.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::accounts::Accounts;
use super::axl::Axl;
use super::cli::HostKeyPin;
use super::control_center::ControlCenter;
use super::names::Names;
use super::pages::{Browsers, Capture, Captures, Pages};
use super::platform::{Lease, Platform};
use super::repeated::Repeated;
use super::settings::{Settings, SettingsError, Target};
use super::transport::{Line, Shown, Wire};
use super::unified_cm::UnifiedCm;
use crate::cluster::{Account, CredentialName, Error, ErrorKind, NodeName, Place};

pub(super) struct Site {
    pub(super) target: Target,
    settings: Arc<Settings>,
    accounts: Arc<Accounts>,
    browsers: Arc<Browsers>,
    wire: Wire,
    lines: Mutex<HashMap<String, Arc<Line>>>,
    axl: Mutex<Option<Arc<Axl>>>,
    unified_cm: Mutex<Option<Arc<UnifiedCm>>>,
    pages: Mutex<Option<Arc<Pages>>>,
    names: Mutex<Option<Arc<Names>>>,
    platform: Platform,
    repeated: Arc<Repeated>,
    captures: Option<Arc<Captures>>,
}

impl Site {
    pub(super) fn new(
        settings: &Arc<Settings>,
        (accounts, platform_accounts): (&Arc<Accounts>, &Arc<Accounts>),
        browsers: &Arc<Browsers>,
        target: Target,
        captures: Option<Arc<Captures>>,
    ) -> Result<Site, SettingsError> {
        let wire = Wire::new(settings, target.ca_pem.as_deref(), &target.pins)?;
        let platform = Platform::new(settings, Arc::clone(platform_accounts), &target);
        Ok(Site {
            target,
            settings: Arc::clone(settings),
            accounts: Arc::clone(accounts),
            browsers: Arc::clone(browsers),
            wire,
            lines: Mutex::default(),
            axl: Mutex::default(),
            unified_cm: Mutex::default(),
            pages: Mutex::default(),
            names: Mutex::default(),
            platform,
            repeated: Arc::default(),
            captures,
        })
    }

    /// The connections to a node.
    pub(super) fn line(&self, node: &NodeName) -> Result<Arc<Line>, ErrorKind> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = lines.get(&node.normal()) {
            return Ok(Arc::clone(line));
        }
        let line = Arc::new(self.wire.line(node)?);
        lines.insert(node.normal(), Arc::clone(&line));
        Ok(line)
    }

    /// The certificate that a node shows, trusted or not.
    pub(super) async fn certificate_shown(&self, node: &NodeName) -> Result<Shown, ErrorKind> {
        self.wire.shown(node).await
    }

    /// The host key that a node's platform CLI shows, trusted or not.
    pub(super) async fn host_key_shown(&self, node: &NodeName) -> Result<HostKeyPin, ErrorKind> {
        self.platform.host_key_shown(node).await
    }

    /// AXL of the publisher.
    pub(super) fn axl(&self) -> Result<Arc<Axl>, ErrorKind> {
        let line = self.line(&self.target.publisher)?;
        let mut axl = self.axl.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Axl::new(self.target.cluster.clone(), line, Arc::clone(&self.accounts)));
        Ok(Arc::clone(axl.get_or_insert_with(new)))
    }

    /// AXL of the Unified CM publisher, and its account.
    pub(super) async fn unified_cm(&self) -> Result<(Arc<UnifiedCm>, Account), ErrorKind> {
        let Some(target) = &self.target.unified_cm else {
            let detail = "the High Availability switch is on the Unified CM publisher; name it under `unified_cms` in the \
                          mesh file, and at the cluster with `unified_cm`";
            return Err(ErrorKind::Unsupported { detail: detail.to_owned() });
        };
        let account = self.account(&target.account).await?;
        let line = self.line(&target.publisher)?;
        let mut unified_cm = self.unified_cm.lock().unwrap_or_else(PoisonError::into_inner);
        let (cluster, publisher) = (&self.target.cluster, &self.target.publisher);
        let new = || Arc::new(UnifiedCm::new(cluster.clone(), publisher.clone(), line, Arc::clone(&self.accounts)));
        Ok((Arc::clone(unified_cm.get_or_insert_with(new)), account))
    }

    /// The administration pages of the publisher.
    pub(super) fn pages(&self) -> Result<Arc<Pages>, ErrorKind> {
        let line = self.line(&self.target.publisher)?;
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        let cluster = &self.target.cluster;
        let capture = self
            .captures
            .as_ref()
            .map(|all| Capture::new(Arc::clone(all), cluster.clone(), Arc::clone(&self.repeated)));
        let new = || {
            let (accounts, browsers) = (Arc::clone(&self.accounts), Arc::clone(&self.browsers));
            Arc::new(Pages::new(cluster.clone(), line, accounts, browsers, self.target.pages, capture))
        };
        Ok(Arc::clone(pages.get_or_insert_with(new)))
    }

    /// The DNS servers of the cluster, else the settings', else the system's.
    pub(super) fn names(&self) -> Result<Arc<Names>, ErrorKind> {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(names) = &*names {
            return Ok(Arc::clone(names));
        }
        let servers = if self.target.dns.is_empty() { &self.settings.dns } else { &self.target.dns };
        let made = Names::new(servers, self.settings.patience.name)
            .map_err(|why| ErrorKind::Unsupported { detail: why.to_string() })?;
        Ok(Arc::clone(names.insert(Arc::new(made))))
    }

    /// Control Center on a line.
    pub(super) fn control_center<'a>(&'a self, line: &'a Line, account: &'a Account) -> ControlCenter<'a> {
        ControlCenter { cluster: &self.target.cluster, line, accounts: &self.accounts, account }
    }

    /// The platform CLI of a node.
    pub(super) async fn cli(&self, node: &NodeName) -> Result<Lease, ErrorKind> {
        let none = || ErrorKind::Unsupported { detail: "no `cli` credential is given for the cluster".to_owned() };
        let account = self.account(self.target.cli.as_ref().ok_or_else(none)?).await?;
        self.platform.session(node, &account).await
    }

    /// The account of a credential.
    pub(super) async fn account(&self, name: &CredentialName) -> Result<Account, ErrorKind> {
        let account = self.settings.accounts.account(name).await;
        let account = account.map_err(|detail| ErrorKind::NoCredential { credential: name.to_string(), detail })?;
        self.repeated.remember(&account);
        Ok(account)
    }

    /// The account for the pages and Control Center.
    pub(super) async fn admin(&self) -> Result<Account, ErrorKind> {
        self.account(&self.target.admin).await
    }

    /// How patient reads are.
    pub(super) fn patience(&self) -> &super::settings::Patience {
        &self.settings.patience
    }

    /// Notes an account that is sent to the cluster without being one of its own, as a peer's is.
    pub(super) fn hands_over(&self, account: &Account) {
        self.repeated.remember(account);
    }

    /// What went wrong, without the passwords that the node may have said back.
    pub(super) fn without_secrets(&self, kind: ErrorKind) -> ErrorKind {
        kind.map_texts(|text| self.repeated.mask(text))
    }

    /// An error on a node.
    pub(super) fn error(&self, node: &NodeName, doing: impl Into<String>, kind: ErrorKind) -> Error {
        let place = Place { cluster: self.target.cluster.clone(), node: Some(node.clone()) };
        Error { place, doing: doing.into(), kind: self.without_secrets(kind) }
    }
}

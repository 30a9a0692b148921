//! What all clusters of a mesh share.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use super::accounts::Accounts;
use super::cli::HostKeyPin;
use super::operator::Operator;
use super::pages::{Browsers, Captures};
use super::reader::Reader;
use super::settings::{Settings, SettingsError, Target};
use super::site::Site;
use super::transport::Shown;
use crate::cluster::{ClusterName, Error, NodeName};

/// The clusters of a mesh over the wire. Cheap to clone; clones share sessions and the memory of refused accounts.
#[derive(Clone)]
pub struct Fleet {
    settings: Arc<Settings>,
    accounts: Arc<Accounts>,
    browsers: Arc<Browsers>,
    /// The accounts of the platform CLI, which are other users, even by the same name.
    platform_accounts: Arc<Accounts>,
    sites: Arc<Mutex<BTreeMap<ClusterName, Arc<Site>>>>,
    captures: Option<Arc<Captures>>,
}

/// A look at a node that did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum LookError {
    /// The settings cannot be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The node showed nothing.
    #[error(transparent)]
    Node(#[from] Error),
}

impl Fleet {
    /// A fleet that was not contacted yet.
    pub fn new(settings: Settings) -> Fleet {
        let captures = settings.capture.clone().map(|folder| Arc::new(Captures::new(folder)));
        Fleet {
            settings: Arc::new(settings),
            accounts: Arc::default(),
            browsers: Arc::default(),
            platform_accounts: Arc::default(),
            sites: Arc::default(),
            captures,
        }
    }

    /// The same, not contacted yet, with the pages that it reads kept in a folder.
    pub fn capturing(&self, folder: PathBuf) -> Fleet {
        Fleet::new(Settings { capture: Some(folder), ..Settings::clone(&self.settings) })
    }

    /// The same, with what another fleet knows of accounts that were refused: they are not tried again.
    pub fn remembering(self, other: &Fleet) -> Fleet {
        let (accounts, platform_accounts) = (Arc::clone(&other.accounts), Arc::clone(&other.platform_accounts));
        Fleet { accounts, platform_accounts, ..self }
    }

    /// Logs out of the clusters that nobody reads or acts on any more, while the rest goes on.
    pub fn leave(&self) {
        self.sites.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Reads a cluster.
    ///
    /// # Errors
    /// The settings or the target's certificate authorities cannot be used. Nothing is contacted yet.
    pub fn reader(&self, target: &Target) -> Result<Reader, SettingsError> {
        Ok(Reader::new(self.site(target)?))
    }

    /// Reads a cluster and acts on it.
    ///
    /// # Errors
    /// As [`Fleet::reader`].
    pub fn operator(&self, target: &Target) -> Result<Operator, SettingsError> {
        Ok(Operator::new(self.site(target)?))
    }

    /// The certificate that a node shows, looked at before it is trusted: nothing is sent to the node but a handshake
    /// that is broken off.
    ///
    /// # Errors
    /// The settings cannot be used, the node is not reached, or what it shows is no certificate.
    pub async fn certificate_shown(&self, target: &Target, node: &NodeName) -> Result<Shown, LookError> {
        let site = self.site(target)?;
        let shown = site.certificate_shown(node).await;
        Ok(shown.map_err(|kind| site.error(node, "look at the certificate", kind))?)
    }

    /// The host key that a node's platform CLI shows, looked at before it is trusted: nobody logs in.
    ///
    /// # Errors
    /// The settings cannot be used, or the node showed none.
    pub async fn host_key_shown(&self, target: &Target, node: &NodeName) -> Result<HostKeyPin, LookError> {
        let site = self.site(target)?;
        let shown = site.host_key_shown(node).await;
        Ok(shown.map_err(|kind| site.error(node, "look at the host key", kind))?)
    }

    /// One site per cluster, as long as its target stays the same.
    fn site(&self, target: &Target) -> Result<Arc<Site>, SettingsError> {
        let mut sites = self.sites.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(site) = sites.get(&target.cluster).filter(|site| site.target == *target) {
            return Ok(Arc::clone(site));
        }
        let (accounts, captures) = ((&self.accounts, &self.platform_accounts), self.captures.clone());
        let site = Arc::new(Site::new(&self.settings, accounts, &self.browsers, target.clone(), captures)?);
        sites.insert(target.cluster.clone(), Arc::clone(&site));
        Ok(site)
    }
}

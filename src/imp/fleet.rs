//! What all clusters of a mesh share.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::accounts::Accounts;
use super::operator::Operator;
use super::pages::Browsers;
use super::reader::Reader;
use super::settings::{Settings, SettingsError, Target};
use super::site::Site;
use crate::cluster::ClusterName;

/// The clusters of a mesh over the wire. Cheap to clone; clones share sessions and the memory of refused accounts.
#[derive(Clone)]
pub struct Fleet {
    settings: Arc<Settings>,
    accounts: Arc<Accounts>,
    browsers: Arc<Browsers>,
    /// The accounts of the platform CLI, which are other users, even by the same name.
    platform_accounts: Arc<Accounts>,
    sites: Arc<Mutex<BTreeMap<ClusterName, Arc<Site>>>>,
}

impl Fleet {
    /// A fleet that was not contacted yet.
    pub fn new(settings: Settings) -> Fleet {
        Fleet {
            settings: Arc::new(settings),
            accounts: Arc::default(),
            browsers: Arc::default(),
            platform_accounts: Arc::default(),
            sites: Arc::default(),
        }
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

    /// One site per cluster, as long as its target stays the same.
    fn site(&self, target: &Target) -> Result<Arc<Site>, SettingsError> {
        let mut sites = self.sites.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(site) = sites.get(&target.cluster).filter(|site| site.target == *target) {
            return Ok(Arc::clone(site));
        }
        let (own, platform) = (&self.accounts, &self.platform_accounts);
        let site = Arc::new(Site::new(&self.settings, own, platform, &self.browsers, target.clone())?);
        sites.insert(target.cluster.clone(), Arc::clone(&site));
        Ok(site)
    }
}

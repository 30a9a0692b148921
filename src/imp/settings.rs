//! What a fleet of clusters is reached with.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use url::Url;

use super::pins::Pins;
use crate::cluster::{Account, ClusterName, CredentialName, NodeName, Pages};

/// Leads from a credential's name to its account.
///
/// It is asked whenever a login is needed, so an implementation keeps what is costly to resolve.
#[async_trait]
pub trait ResolveAccount: Send + Sync {
    /// The account of a credential.
    ///
    /// # Errors
    /// Why there is none; fits after "credential `x`: " and never holds what a reference resolved to.
    async fn account(&self, name: &CredentialName) -> Result<Account, String>;
}

/// What every cluster of a mesh is reached with.
#[derive(Clone)]
pub struct Settings {
    /// A CONNECT proxy, `http://host:port`. The environment's proxies are ignored.
    pub proxy: Option<Url>,
    /// Certificate authorities in PEM, in place of the system's.
    pub ca_pem: Option<Vec<u8>>,
    /// DNS servers, in place of the system's resolver.
    pub dns: Vec<SocketAddr>,
    /// Where accounts come from.
    pub accounts: Arc<dyn ResolveAccount>,
    /// How long to wait for the network.
    pub patience: Patience,
    /// A folder where the administration pages that were read are kept, without secrets.
    pub capture: Option<PathBuf>,
}

impl Settings {
    /// Settings with the system's roots and resolver, no proxy, and the usual patience.
    pub fn new(accounts: Arc<dyn ResolveAccount>) -> Settings {
        Settings { proxy: None, ca_pem: None, dns: Vec::new(), accounts, patience: Patience::default(), capture: None }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Settings { proxy, ca_pem, dns, accounts: _, patience, capture } = self;
        f.debug_struct("Settings")
            .field("proxy", &proxy.as_ref().map(super::transport::without_userinfo))
            .field("ca_pem", &ca_pem.as_ref().map(Vec::len))
            .field("dns", dns)
            .field("patience", patience)
            .field("capture", capture)
            .finish_non_exhaustive()
    }
}

/// Network time-outs and the pace of repeated reads. None of it is the product's time, so none of it is scaled.
#[derive(Clone, Debug)]
pub struct Patience {
    /// For a connection, TLS included.
    pub connect: Duration,
    /// For one question to a DNS server; a second try follows.
    pub name: Duration,
    /// For a whole request that reads.
    pub read: Duration,
    /// For a whole request that acts: the product answers some only when they are done.
    pub control: Duration,
    /// The first pause after the product asked to slow down; each further one is twice as long, and up to twice that.
    pub pause: Duration,
    /// How often a read is asked again after the product asked to slow down. Writes never are.
    pub repeats: usize,
}

impl Default for Patience {
    fn default() -> Self {
        Patience {
            connect: Duration::from_secs(10),
            name: Duration::from_secs(3),
            read: Duration::from_secs(30),
            control: Duration::from_secs(120),
            // `Exceeded allowed rate` counts by the minute (field-notes 4.2): 5, 10, 20 and 40 s outlast one
            pause: Duration::from_secs(5),
            repeats: 4,
        }
    }
}

/// One cluster: where it is, and the accounts for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its name in the mesh file.
    pub cluster: ClusterName,
    /// Its IM and Presence database publisher.
    pub publisher: NodeName,
    /// The account for AXL.
    pub axl: CredentialName,
    /// The account for the administration pages and Control Center.
    pub admin: CredentialName,
    /// Certificate authorities in PEM for this cluster, in place of the settings'.
    pub ca_pem: Option<Vec<u8>>,
    /// Public keys that are trusted by themselves, by node.
    pub pins: Pins,
    /// DNS servers that this cluster's nodes use, in place of the settings'.
    pub dns: Vec<SocketAddr>,
    /// The account for the platform CLI over SSH; none skips what needs it.
    pub cli: Option<CredentialName>,
    /// The Unified CM publisher of the same cluster; none leaves High Availability alone.
    pub unified_cm: Option<UnifiedCmTarget>,
    /// How the administration pages are driven.
    pub pages: Pages,
}

/// A Unified CM publisher, and the account for its AXL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnifiedCmTarget {
    /// The publisher's node name.
    pub publisher: NodeName,
    /// The account.
    pub account: CredentialName,
}

impl Target {
    /// A cluster that is reached with the settings alone.
    pub fn new(cluster: ClusterName, publisher: NodeName, axl: CredentialName, admin: CredentialName) -> Target {
        Target {
            cluster,
            publisher,
            axl,
            admin,
            ca_pem: None,
            pins: Pins::default(),
            dns: Vec::new(),
            cli: None,
            unified_cm: None,
            pages: Pages::default(),
        }
    }
}

/// Settings that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// The certificate authorities cannot be read.
    #[error("the certificate authorities cannot be used: {0}")]
    Authorities(String),
    /// The proxy cannot be used.
    #[error("the proxy cannot be used: {0}")]
    Proxy(String),
    /// The DNS servers cannot be used.
    #[error("the DNS servers cannot be used: {0}")]
    Dns(String),
}

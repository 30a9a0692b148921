//! Why a lab could not be started.

use std::io;
use std::net::SocketAddr;

use crate::cluster::NodeName;

/// Why a lab could not be started. Messages fit after "failed to start the lab:".
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LabError {
    /// No free block of loopback addresses.
    #[error("no free block of loopback addresses in 127.64.0.0/10")]
    NoBlock,
    /// An address that the lab needs is taken or cannot be used.
    #[error("cannot listen on {address}: {source}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// Two servers have the same name.
    #[error("two servers are called `{name}`")]
    SameName {
        /// The name.
        name: NodeName,
    },
    /// A certificate could not be made.
    #[error("a certificate could not be made: {0}")]
    Certificate(rcgen::Error),
    /// A certificate could not be used.
    #[error("a certificate could not be used: {0}")]
    Tls(rustls::Error),
    /// A host key of the platform CLI could not be made.
    #[error("a host key could not be made: {0}")]
    HostKey(russh::keys::ssh_key::Error),
    /// A template of the pages is wrong.
    #[error("a template of the pages is wrong: {0}")]
    Skin(minijinja::Error),
}

impl LabError {
    pub(super) fn bind(address: impl Into<SocketAddr>, source: io::Error) -> LabError {
        LabError::Bind { address: address.into(), source }
    }
}

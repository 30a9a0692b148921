//! What a browser needs to get to a node as our own requests do: a bare connection the same way, and the key of the
//! certificate that was verified.

use std::net::SocketAddr;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::ServerName;
use sha2::{Digest, Sha256};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use url::Url;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use super::{Line, PORT};
use crate::cluster::ErrorKind;
use crate::imp::cli::tunnel::{self, Stream};

/// The way to a node, and whom it is trusted as.
pub(super) struct Way {
    pub(super) proxy: Option<Url>,
    pub(super) servers: Vec<SocketAddr>,
    pub(super) tls: rustls::ClientConfig,
}

impl Line {
    /// The key of the certificate that the node shows now and that is verified like every other: base64 of the SHA-256 of
    /// its SPKI. Nothing but a handshake is sent.
    pub(in super::super) async fn verified_key(&self) -> Result<String, ErrorKind> {
        let limit = self.patience.connect;
        match timeout(limit, self.shake_hands()).await {
            Ok(key) => key,
            Err(_) => Err(ErrorKind::Unreachable { detail: format!("no TLS handshake within {} s", limit.as_secs()) }),
        }
    }

    async fn shake_hands(&self) -> Result<String, ErrorKind> {
        let unreachable = |detail: String| ErrorKind::Unreachable { detail };
        let host = self.base.host_str().unwrap_or_default();
        let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned());
        let name = name.map_err(|why| unreachable(why.to_string()))?;
        let stream = self.reach().await.map_err(unreachable)?;
        let connector = TlsConnector::from(Arc::new(self.way.tls.clone()));
        let stream = connector.connect(name, stream).await.map_err(|why| {
            match why.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
                Some(rustls::Error::InvalidCertificate(why)) => {
                    ErrorKind::Untrusted { detail: super::tls::explain(why, host) }
                }
                _ => unreachable(why.to_string()),
            }
        })?;
        let (_, session) = stream.get_ref();
        let leaf = session.peer_certificates().and_then(<[_]>::first);
        let key = leaf.and_then(|certificate| key_of(certificate));
        key.ok_or_else(|| ErrorKind::Malformed { detail: "the certificate has no key that can be read".to_owned() })
    }

    /// A bare connection to the node. Fails with what a person can use.
    pub(in super::super) async fn reach(&self) -> Result<Box<dyn Stream>, String> {
        tunnel::connect(&self.node, PORT, self.way.proxy.as_ref(), &self.way.servers).await
    }
}

/// The key of a certificate in DER: base64 of the SHA-256 of its SPKI.
pub(in super::super) fn key_of(der: &[u8]) -> Option<String> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    Some(STANDARD.encode(Sha256::digest(certificate.public_key().raw)))
}

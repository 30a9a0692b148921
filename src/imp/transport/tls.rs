//! Which certificates are trusted, and what is wrong with one that is not. There is no way to switch this off.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, RootCertStore};

use super::super::settings::SettingsError;
use super::accepted::Accepted;
use super::pinned::{OtherKey, Pinned};

/// Whom the nodes of a cluster are judged by.
pub(super) struct Trust {
    roots: Arc<RootCertStore>,
    provider: Arc<CryptoProvider>,
}

impl Trust {
    /// Trust in the authorities in `ca_pem`, or in the system's when there are none given.
    pub(super) fn new(ca_pem: Option<&[u8]>) -> Result<Trust, SettingsError> {
        let unusable = |why: &dyn std::fmt::Display| SettingsError::Authorities(why.to_string());
        let mut roots = RootCertStore::empty();
        match ca_pem {
            Some(pem) => {
                for certificate in CertificateDer::pem_slice_iter(pem) {
                    let certificate = certificate.map_err(|why| unusable(&why))?;
                    roots.add(certificate).map_err(|why| unusable(&why))?;
                }
                if roots.is_empty() {
                    return Err(unusable(&"there is no certificate in the PEM"));
                }
            }
            // A broken certificate among the system's many is the system's matter; the rest still count.
            None => drop(roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs)),
        }
        Ok(Trust { roots: Arc::new(roots), provider: Arc::new(rustls::crypto::ring::default_provider()) })
    }

    /// The cryptography behind it.
    pub(super) fn provider(&self) -> Arc<CryptoProvider> {
        Arc::clone(&self.provider)
    }

    /// A client of one node. A node that has pins must show one of these keys, also where an authority would verify
    /// another; a node without pins is judged by the authorities. The certificate that is taken is kept in `accepted`.
    pub(super) fn config(&self, pins: &[String], accepted: &Accepted) -> Result<ClientConfig, rustls::Error> {
        let builder = ClientConfig::builder_with_provider(self.provider()).with_safe_default_protocol_versions()?;
        let judge: Arc<dyn ServerCertVerifier> = match pins {
            // without an authority nobody is taken, so there is nothing to keep
            [] if self.roots.is_empty() => {
                return Ok(builder.with_root_certificates(Arc::clone(&self.roots)).with_no_client_auth());
            }
            [] => WebPkiServerVerifier::builder_with_provider(Arc::clone(&self.roots), self.provider())
                .build()
                .map_err(|why| rustls::Error::General(why.to_string()))?,
            pins => Arc::new(Pinned::new(pins.to_vec(), self.provider())),
        };
        Ok(builder.dangerous().with_custom_certificate_verifier(accepted.by(judge)).with_no_client_auth())
    }

    /// Whether the authorities verify a certificate for a host now.
    ///
    /// # Errors
    /// Why they do not, in plain words.
    pub(super) fn judge(
        &self,
        end_entity: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        host: &str,
    ) -> Result<(), String> {
        if self.roots.is_empty() {
            return Err("no certificate authority is known".to_owned());
        }
        let name = ServerName::try_from(host.trim_matches(['[', ']'])).map_err(|why| why.to_string())?;
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::clone(&self.roots), self.provider())
            .build()
            .map_err(|why| why.to_string())?;
        match verifier.verify_server_cert(end_entity, others, &name, &[], UnixTime::now()) {
            Ok(_) => Ok(()),
            Err(rustls::Error::InvalidCertificate(why)) => Err(explain(&why, host)),
            Err(why) => Err(why.to_string()),
        }
    }
}

/// What is wrong with a certificate, in plain words.
pub(super) fn explain(error: &CertificateError, host: &str) -> String {
    match error {
        CertificateError::UnknownIssuer => {
            "it was issued by an authority that is not among the trusted ones, or it is self-signed".to_owned()
        }
        CertificateError::NotValidForName => format!("it is not for the name `{host}`"),
        CertificateError::NotValidForNameContext { presented, .. } => {
            let names: Vec<&str> = presented.iter().map(|name| plain_name(name)).collect();
            match names.as_slice() {
                [] => format!("it is not for the name `{host}`: it names no host at all"),
                names => format!("it is not for the name `{host}`, but for {}", names.join(", ")),
            }
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "it has expired".to_owned(),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "it is not valid yet; check this machine's clock".to_owned()
        }
        CertificateError::Revoked => "it was revoked".to_owned(),
        CertificateError::BadSignature => {
            "a signature does not fit: it was altered, or issued by another authority of the same name, or the node does \
             not hold its key"
                .to_owned()
        }
        CertificateError::BadEncoding => "it cannot be read".to_owned(),
        CertificateError::Other(other) if other.0.is::<OtherKey>() => other.0.to_string(),
        // webpki has more reasons than rustls names: an authority's certificate used as a server's, for one.
        other => match format!("{other:?}") {
            text if text.contains("CaUsedAsEndEntity") => {
                "it is an authority's certificate (CA:TRUE) and cannot be a server's as well".to_owned()
            }
            text => text,
        },
    }
}

/// `DnsName("x")` and `IpAddress(y)` are how the library prints the names of a certificate.
fn plain_name(name: &str) -> &str {
    let inner = name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')).unwrap_or(name);
    inner.trim_matches('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authorities_that_cannot_be_read_are_an_error() {
        let broken = b"-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n".as_slice();
        for pem in [b"".as_slice(), b"no certificate", broken] {
            assert!(matches!(Trust::new(Some(pem)), Err(SettingsError::Authorities(_))));
        }
    }

    #[test]
    fn a_wrong_name_says_the_right_ones() {
        let expected = ServerName::try_from("imp1.example.com").unwrap();
        let presented = vec!["DnsName(\"imp2.example.com\")".to_owned()];
        let error = CertificateError::NotValidForNameContext { expected, presented };
        assert_eq!(
            explain(&error, "imp1.example.com"),
            "it is not for the name `imp1.example.com`, but for imp2.example.com"
        );
    }
}

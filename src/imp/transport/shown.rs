//! The certificate that a node shows, looked at without trusting it: the way is that of every request, through proxy and
//! DNS, but the handshake is broken off as soon as the node has proven that it holds the key. No request is ever sent.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Method};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};

use super::accepted::Accepted;
use super::{Request, Wire, certificate};
use crate::cluster::{Certificate, ErrorKind, NodeName};

/// What a node showed. Its key is proven, its name is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// What it says.
    pub certificate: Certificate,
    /// The certificate in DER.
    pub der: Vec<u8>,
    /// Whether the certificate authorities verify it for this node now; why not, in a lower-case fragment.
    pub verified: Result<(), String>,
}

impl Wire {
    /// Looks at the certificate that a node shows.
    pub(crate) async fn shown(&self, node: &NodeName) -> Result<Shown, ErrorKind> {
        let look = Arc::new(Look { seen: Mutex::default(), provider: self.trust.provider() });
        let mut config = ClientConfig::builder_with_provider(self.trust.provider())
            .with_safe_default_protocol_versions()
            .map_err(|why| ErrorKind::Unsupported { detail: why.to_string() })?
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(&look) as Arc<dyn ServerCertVerifier>)
            .with_no_client_auth();
        // a resumed session would show nothing
        config.resumption = rustls::client::Resumption::disabled();
        let line = self.line_with(node, config, Accepted::default())?;
        let request = Request {
            what: "look at the certificate",
            method: Method::HEAD,
            url: line.base().clone(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            limit: 0,
            timeout: line.patience().connect,
        };
        // It ends in the handshake, always; with which error says less than what was seen before it.
        let failure = line.send(request).await.err();
        let seen = look.seen.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(chain) = seen else {
            let broken = || ErrorKind::Unreachable { detail: "the TLS handshake ended early".to_owned() };
            return Err(failure.map_or_else(broken, |failure| failure.kind));
        };
        let Some((first, others)) = chain.split_first() else {
            return Err(ErrorKind::Malformed { detail: "a certificate was expected, none came".to_owned() });
        };
        let certificate = certificate::read(first)
            .map_err(|why| ErrorKind::Malformed { detail: format!("the certificate cannot be read: {why}") })?;
        let verified = self.trust.judge(first, others, line.base().host_str().unwrap_or_default());
        Ok(Shown { certificate, der: first.to_vec(), verified })
    }
}

/// Looks, and never lets a handshake succeed.
#[derive(Debug)]
struct Look {
    seen: Mutex<Option<Vec<CertificateDer<'static>>>>,
    provider: Arc<CryptoProvider>,
}

/// The words do not matter: nobody reads them.
fn enough() -> Error {
    Error::General("seen".to_owned())
}

impl Look {
    /// A certificate whose key the node does not hold was not shown by it.
    fn proven(&self, proof: Result<HandshakeSignatureValid, Error>) -> Result<HandshakeSignatureValid, Error> {
        if proof.is_err() {
            self.seen.lock().unwrap_or_else(PoisonError::into_inner).take();
        }
        proof.and_then(|_| Err(enough()))
    }
}

impl ServerCertVerifier for Look {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let chain = std::iter::once(end_entity).chain(intermediates).map(|c| c.clone().into_owned()).collect();
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(chain);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        self.proven(verify_tls12_signature(message, certificate, signed, algorithms))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        self.proven(verify_tls13_signature(message, certificate, signed, algorithms))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

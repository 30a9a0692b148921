//! Trust in a key: a certificate is taken for its public key alone, whoever signed it and whatever it names. Appliances
//! show self-signed certificates, marked as an authority's, or without names; an authority's check refuses them all.
//!
//! A pin says *who*; that the node holds the key is proven by the handshake's signature, which is checked as always. A
//! pin does not say *until when*: a certificate that has expired is refused all the same.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError, SignatureScheme};

use super::certificate;

/// Trusts these keys and no others.
#[derive(Debug)]
pub(super) struct Pinned {
    pins: Vec<String>,
    provider: Arc<CryptoProvider>,
}

/// The node shows another key than the pinned one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OtherKey {
    shown: String,
    pinned: Vec<String>,
}

impl Pinned {
    pub(super) fn new(pins: Vec<String>, provider: Arc<CryptoProvider>) -> Pinned {
        Pinned { pins, provider }
    }
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let shown = certificate::read(end_entity).map_err(|_| CertificateError::BadEncoding)?;
        if !self.pins.contains(&shown.pin) {
            let other = OtherKey { shown: shown.pin, pinned: self.pins.clone() };
            return Err(CertificateError::Other(OtherError(Arc::new(other))).into());
        }
        let now = i64::try_from(now.as_secs()).ok().and_then(|now| Timestamp::from_second(now).ok());
        match now.ok_or(Error::FailedToGetCurrentTime)? {
            now if now < shown.not_before => Err(CertificateError::NotValidYet.into()),
            now if now > shown.not_after => Err(CertificateError::Expired.into()),
            _ => Ok(ServerCertVerified::assertion()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

impl fmt::Display for OtherKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let OtherKey { shown, pinned } = self;
        write!(
            f,
            "the pinned key is {}, but the node shows {shown}; if its certificate was renewed on purpose, run \
             `intermesh trust MESH`",
            pinned.join(" or ")
        )
    }
}

impl StdError for OtherKey {}

//! The lab's certificate authority, and a certificate per server.
//!
//! A certificate names all servers of its cluster, Unified CM included, as a multi-server tomcat certificate does
//! (field-notes 6), and the server's loopback address, so that a client may come by address too. Names that are IP
//! addresses become IP SANs. A cluster's spec may ask for worse ones.

use std::net::IpAddr;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, SanType, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use super::LabError;
use super::directory::Server;
use crate::lab::{CertificateKind, TlsVersions};

/// The lab's certificate authority.
pub(super) struct Authority {
    name: String,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// A key, and what every certificate of a cluster has in common.
pub(super) struct ClusterIdentity {
    key: KeyPair,
    names: Vec<SanType>,
    kind: CertificateKind,
    versions: TlsVersions,
}

/// What a server shows.
pub(super) struct ServerIdentity {
    /// The TLS side of its socket.
    pub(super) tls: Arc<ServerConfig>,
    /// The certificate in it.
    pub(super) certificate: Certificate,
}

/// A certificate, for those who ask for it without a handshake.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// The common name of its subject.
    pub subject: String,
    /// The common name of its issuer.
    pub issuer: String,
    /// Whether it is marked CA:TRUE.
    pub ca: bool,
    /// In PEM form.
    pub pem: String,
    /// In DER form.
    pub der: Vec<u8>,
}

impl Authority {
    /// A new authority with a key of its own.
    pub(super) fn new(lab: &str) -> Result<Authority, LabError> {
        let name = format!("{lab} lab root");
        let mut params = params(&name);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().map_err(LabError::Certificate)?;
        Ok(Authority { name, issuer: CertifiedIssuer::self_signed(params, key).map_err(LabError::Certificate)? })
    }

    /// The authority's certificate.
    pub(super) fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// What one server shows: its certificate, in the versions of TLS that the lab speaks.
    pub(super) fn server(&self, server: &Server, of: &ClusterIdentity) -> Result<ServerIdentity, LabError> {
        let mut params = params(server.name.as_str());
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        if of.kind != CertificateKind::WithoutNames {
            params.subject_alt_names = of.names.clone();
            params.subject_alt_names.push(SanType::IpAddress(server.address));
        }
        if of.kind == CertificateKind::Expired {
            params.not_after = date_time_ymd(2024, 1, 1);
        }
        let own = of.kind == CertificateKind::SelfSigned;
        let made = if own {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params.self_signed(&of.key)
        } else {
            params.is_ca = IsCa::ExplicitNoCa;
            params.use_authority_key_identifier_extension = true;
            params.signed_by(&of.key, &self.issuer)
        };
        let made = made.map_err(LabError::Certificate)?;
        let mut chain = vec![made.der().clone()];
        chain.extend((!own).then(|| self.issuer.der().clone()));
        let subject = server.name.to_string();
        let issuer = if own { subject.clone() } else { self.name.clone() };
        let certificate = Certificate { subject, issuer, ca: own, pem: made.pem(), der: made.der().to_vec() };
        Ok(ServerIdentity { tls: of.tls(chain)?, certificate })
    }
}

impl ClusterIdentity {
    /// The identity of a cluster with these servers. One key serves all of them: keys cost the most of a start.
    pub(super) fn new<'a>(
        servers: impl Iterator<Item = &'a Server>,
        kind: CertificateKind,
        versions: TlsVersions,
    ) -> Result<ClusterIdentity, LabError> {
        let mut names = Vec::new();
        for server in servers {
            names.push(subject(server.name.as_str())?);
        }
        Ok(ClusterIdentity { key: KeyPair::generate().map_err(LabError::Certificate)?, names, kind, versions })
    }

    fn tls(&self, chain: Vec<CertificateDer<'static>>) -> Result<Arc<ServerConfig>, LabError> {
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.serialize_der()));
        let versions = match self.versions {
            TlsVersions::Both => rustls::ALL_VERSIONS,
            TlsVersions::Only12 => &[&rustls::version::TLS12],
            TlsVersions::Only13 => &[&rustls::version::TLS13],
        };
        let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_protocol_versions(versions)
            .map_err(LabError::Tls)?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(LabError::Tls)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

fn params(common_name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, common_name);
    params.distinguished_name.push(DnType::OrganizationName, "intermesh lab");
    params.not_before = date_time_ymd(2020, 1, 1);
    // The last year that a certificate can hold in its short form of time.
    params.not_after = date_time_ymd(2049, 12, 31);
    params
}

fn subject(name: &str) -> Result<SanType, LabError> {
    match name.parse::<IpAddr>() {
        Ok(address) => Ok(SanType::IpAddress(address)),
        Err(_) => Ok(SanType::DnsName(name.try_into().map_err(LabError::Certificate)?)),
    }
}

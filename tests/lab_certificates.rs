//! The certificates of the lab's nodes: what they show in a handshake, and what AXL tells of it.

#![allow(clippy::unwrap_used, reason = "clippy takes the helpers of these tests for no test")]

mod lab_support;

use std::net::IpAddr;
use std::sync::Arc;

use intermesh::lab::{CertificateKind, Lab};
use lab_support::{PASSWORD, USER, client, spec};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, SignatureScheme};
use x509_parser::prelude::{FromDer, X509Certificate};

/// Takes any certificate: these tests look at it themselves.
#[derive(Debug)]
struct Anything(Arc<CryptoProvider>);

impl ServerCertVerifier for Anything {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// The certificate that a server shows.
async fn shown(address: IpAddr) -> Vec<u8> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anything(provider)))
        .with_no_client_auth();
    let stream = tokio::net::TcpStream::connect((address, 8443)).await.unwrap();
    let tls = tokio_rustls::TlsConnector::from(Arc::new(config));
    let stream = tls.connect(ServerName::from(address), stream).await.unwrap();
    stream.get_ref().1.peer_certificates().unwrap()[0].to_vec()
}

#[tokio::test]
async fn a_cluster_shows_the_certificates_that_were_asked_for() {
    for kind in
        [CertificateKind::Issued, CertificateKind::SelfSigned, CertificateKind::WithoutNames, CertificateKind::Expired]
    {
        let mut spec = spec(1, 1);
        spec.clusters[0].certificate = kind;
        let lab = Lab::up(spec).await.unwrap();
        let (name, address) = lab.nodes().remove(0);
        let der = shown(address).await;
        let (_, certificate) = X509Certificate::from_der(&der).unwrap();
        let names = certificate.subject_alternative_name().unwrap().map_or(0, |n| n.value.general_names.len());
        let own = certificate.issuer() == certificate.subject();
        assert_eq!(own, kind == CertificateKind::SelfSigned, "{kind:?}");
        assert_eq!(certificate.is_ca(), kind == CertificateKind::SelfSigned, "{kind:?}");
        assert_eq!(names == 0, kind == CertificateKind::WithoutNames, "{kind:?}");
        assert_eq!(!certificate.validity().is_valid(), kind == CertificateKind::Expired, "{kind:?}");
        assert!(certificate.subject().to_string().contains(name.as_str()));
        lab.down().await;
    }
}

/// What an AXL operation answers, as an element.
async fn ask(lab: &Lab, operation: &str, content: &str) -> intermesh::xml::Element {
    let body = format!(
        "<soapenv:Envelope xmlns:soapenv='http://schemas.xmlsoap.org/soap/envelope/' \
         xmlns:ns='http://www.cisco.com/AXL/API/12.5'><soapenv:Body><ns:{operation}>{content}</ns:{operation}>\
         </soapenv:Body></soapenv:Envelope>"
    );
    let request = client(lab).post("https://imp1.c1.example.com:8443/axl/").basic_auth(USER, Some(PASSWORD));
    let answer = request.header("Content-Type", "text/xml").body(body).send().await.unwrap();
    intermesh::xml::read(&answer.text().await.unwrap()).unwrap()
}

#[tokio::test]
async fn axl_tells_the_certificates_that_the_nodes_show() {
    for seed in 0..4 {
        let lab = Lab::up(spec(seed, 2)).await.unwrap();
        let (name, address) = lab.nodes().remove(1);
        let asked = format!("<userid>{USER}</userid><component>tomcat</component><subjectcn>{name}</subjectcn>");
        let answer = ask(&lab, "getCertificates", &asked).await;
        let rows: Vec<_> = answer.find("return").unwrap().all("certificate").collect();
        assert_eq!(rows.len(), 1, "one node has that name");
        let lines: Vec<&str> = rows[0].child("pem").unwrap().all("line").map(|l| l.text.as_str()).collect();
        let pem = lines.join("\n");
        let (_, pem) = x509_parser::pem::parse_x509_pem(pem.as_bytes()).unwrap();
        assert_eq!(pem.contents, shown(address).await, "it is the one of the handshake");
        assert_eq!((rows[0].text_of("subjectCN"), rows[0].text_of("ca")), (Some(name.as_str()), Some("false")));

        let all = ask(&lab, "getCertificateSummary", &format!("<userid>{USER}</userid><component/>")).await;
        let all = all.find("return").unwrap();
        let prints: Vec<_> = all.all("certificate").map(|c| c.text_of("fingerprint").unwrap()).collect();
        assert_eq!(prints.len(), 2, "the nodes of its own cluster and no others");
        assert!(prints.contains(&rows[0].text_of("fingerprint").unwrap()));
        let other =
            ask(&lab, "getCertificateSummary", &format!("<userid>{USER}</userid><component>cup</component>")).await;
        assert_eq!(other.find("return").unwrap().all("certificate").count(), 0);
        lab.down().await;
    }
}

#[tokio::test]
async fn axl_knows_the_users_of_the_database() {
    let lab = Lab::up(spec(1, 1)).await.unwrap();
    let user = ask(&lab, "getUser", "<userid>user00200</userid>").await;
    assert_eq!(user.find("user").unwrap().text_of("userid"), Some("user00200"));
    let nobody = ask(&lab, "getUser", "<userid>user00201</userid>").await;
    assert!(nobody.find("user").is_none(), "the cluster has 200");
}

//! What a certificate says, and its key as a pin.

use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;

use crate::cluster::Certificate;

/// Reads a certificate in DER.
///
/// # Errors
/// It is none; fits after "the certificate cannot be read: ".
pub(super) fn read(der: &[u8]) -> Result<Certificate, String> {
    let certificate = parse(der)?;
    let (mut names, mut addresses) = (Vec::new(), Vec::new());
    if let Ok(Some(alternative)) = certificate.subject_alternative_name() {
        for name in &alternative.value.general_names {
            match name {
                GeneralName::DNSName(name) => names.push(printable(name)),
                GeneralName::IPAddress(bytes) => addresses.extend(address(bytes)),
                _ => {}
            }
        }
    }
    let time = |at: i64| Timestamp::from_second(at).map_err(|_| "it ends beyond all calendars".to_owned());
    let authority = certificate.basic_constraints().ok().flatten().is_some_and(|constraints| constraints.value.ca);
    Ok(Certificate {
        subject: printable(&certificate.subject().to_string()),
        issuer: printable(&certificate.issuer().to_string()),
        names,
        addresses,
        not_before: time(certificate.validity().not_before.timestamp())?,
        not_after: time(certificate.validity().not_after.timestamp())?,
        self_signed: certificate.issuer().as_raw() == certificate.subject().as_raw(),
        authority,
        pin: pin(&certificate),
    })
}

fn parse(der: &[u8]) -> Result<X509Certificate<'_>, String> {
    match X509Certificate::from_der(der) {
        Ok(([], certificate)) => Ok(certificate),
        Ok(_) => Err("there is more behind its end".to_owned()),
        Err(why) => Err(why.to_string()),
    }
}

/// The SHA-256 of the whole public key (SPKI): it stays when a certificate is renewed with the same key.
fn pin(certificate: &X509Certificate<'_>) -> String {
    format!("sha256/{}", STANDARD.encode(Sha256::digest(certificate.public_key().raw)))
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let four = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    four.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok()
}

/// Names come from nobody knows whom, and go to a terminal.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_read_with_its_key() {
        let key = rcgen::KeyPair::generate().unwrap();
        let names = vec!["imp1.example.com".to_owned(), "10.1.0.1".to_owned()];
        let mut params = rcgen::CertificateParams::new(names).unwrap();
        params.distinguished_name.push(rcgen::DnType::CommonName, "imp1\u{1b}[2J");
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let first = read(params.self_signed(&key).unwrap().der()).unwrap();
        assert!(first.subject.contains("CN=imp1\u{fffd}[2J"), "{}", first.subject);
        assert_eq!(first.names, ["imp1.example.com"]);
        assert_eq!(first.addresses, ["10.1.0.1".parse::<IpAddr>().unwrap()]);
        assert!(first.self_signed && first.authority && first.not_before < first.not_after);

        let renewed = read(rcgen::CertificateParams::default().self_signed(&key).unwrap().der()).unwrap();
        assert_eq!(renewed.pin, first.pin, "the key is the same");
        let other = rcgen::KeyPair::generate().unwrap();
        let other = read(rcgen::CertificateParams::default().self_signed(&other).unwrap().der()).unwrap();
        assert_ne!(other.pin, first.pin);
        assert_eq!(other.pin.len(), "sha256/".len() + 44);
    }

    #[test]
    fn what_is_no_certificate_is_an_error() {
        let key = rcgen::KeyPair::generate().unwrap();
        let whole = rcgen::CertificateParams::default().self_signed(&key).unwrap().der().to_vec();
        for cut in [0, 1, 10, whole.len() - 1] {
            assert!(read(&whole[..cut]).is_err(), "{cut}");
        }
        assert!(read(&[whole, vec![0]].concat()).is_err());
    }
}

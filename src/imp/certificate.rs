//! A certificate, as the seam tells it.

use std::net::IpAddr;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

use crate::cluster::{Certificate, ErrorKind};

/// Reads a certificate from its DER form. Nothing is verified here: what is trusted, TLS has said before.
pub(super) fn read(der: &[u8]) -> Result<Certificate, ErrorKind> {
    let malformed = |detail: String| ErrorKind::Malformed { detail: format!("the certificate: {detail}") };
    let (_, found) = X509Certificate::from_der(der).map_err(|why| malformed(why.to_string()))?;
    let alternative = found.subject_alternative_name().map_err(|why| malformed(why.to_string()))?;
    let (mut names, mut addresses) = (Vec::new(), Vec::new());
    for name in alternative.iter().flat_map(|extension| &extension.value.general_names) {
        match name {
            GeneralName::DNSName(name) => names.push((*name).to_owned()),
            GeneralName::IPAddress(bytes) => addresses.extend(address(bytes)),
            _ => {}
        }
    }
    let basic = found.basic_constraints().map_err(|why| malformed(why.to_string()))?;
    let time = |at: x509_parser::time::ASN1Time| {
        Timestamp::from_second(at.timestamp()).map_err(|why| malformed(why.to_string()))
    };
    Ok(Certificate {
        subject: found.subject().to_string(),
        issuer: found.issuer().to_string(),
        names,
        addresses,
        not_before: time(found.validity().not_before)?,
        not_after: time(found.validity().not_after)?,
        self_signed: found.subject() == found.issuer(),
        authority: basic.is_some_and(|constraints| constraints.value.ca),
        pin: format!("sha256/{}", BASE64_STANDARD.encode(Sha256::digest(found.public_key().raw))),
    })
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let four = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    four.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok()
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair, SanType, date_time_ymd};

    use super::*;

    fn made(change: impl FnOnce(&mut CertificateParams)) -> Certificate {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "imp1.example.com");
        params.not_before = date_time_ymd(2025, 1, 1);
        params.not_after = date_time_ymd(2026, 1, 1);
        change(&mut params);
        read(params.self_signed(&KeyPair::generate().unwrap()).unwrap().der()).unwrap()
    }

    #[test]
    fn names_times_and_marks_are_read() {
        let certificate = made(|params| {
            params.subject_alt_names = vec![
                SanType::DnsName("imp1.example.com".try_into().unwrap()),
                SanType::IpAddress("10.0.0.1".parse().unwrap()),
                SanType::IpAddress("fd00::1".parse().unwrap()),
            ];
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        });
        assert_eq!(certificate.names, ["imp1.example.com"]);
        assert_eq!(certificate.addresses, ["10.0.0.1".parse::<IpAddr>().unwrap(), "fd00::1".parse().unwrap()]);
        assert!(certificate.subject.contains("imp1.example.com") && certificate.self_signed && certificate.authority);
        assert_eq!(certificate.not_after.to_string(), "2026-01-01T00:00:00Z");
        assert!(certificate.pin.starts_with("sha256/") && certificate.pin.len() == 7 + 44);
    }

    #[test]
    fn a_certificate_may_name_nothing() {
        let certificate = made(|_| ());
        assert!(certificate.names.is_empty() && certificate.addresses.is_empty() && !certificate.authority);
    }

    #[test]
    fn what_is_no_certificate_is_said_so() {
        assert!(matches!(read(b"nothing of the kind"), Err(ErrorKind::Malformed { .. })));
    }
}

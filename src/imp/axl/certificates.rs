//! The certificates of `getCertificateSummary` and `getCertificates` (field-notes 3.2): what peers are told.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use x509_parser::pem::parse_x509_pem;

use super::answers::{boolean, missing};
use crate::cluster::{ErrorKind, StoredCertificate, StoredKey};
use crate::xml::Element;

/// The certificates of either answer; only one of them has keys.
pub(super) fn read(answer: &Element) -> Result<Vec<StoredCertificate>, ErrorKind> {
    let all = answer.child("return").ok_or_else(|| missing(answer, "return"))?;
    all.all("certificate").map(certificate).collect()
}

fn certificate(row: &Element) -> Result<StoredCertificate, ErrorKind> {
    let text = |name: &str| row.text_of(name).map(str::trim).filter(|text| !text.is_empty());
    let needed = |name: &str| text(name).map(str::to_owned).ok_or_else(|| missing(row, name));
    Ok(StoredCertificate {
        component: needed("component")?,
        // a certificate may well have no common name
        subject: text("subjectCN").unwrap_or_default().to_owned(),
        issuer: text("issuerCN").unwrap_or_default().to_owned(),
        authority: text("ca").and_then(boolean).ok_or_else(|| missing(row, "ca"))?,
        fingerprint: needed("fingerprint")?,
        key: row.child("pem").map(|pem| key(row, pem)).transpose()?,
    })
}

/// The key and the dates of a certificate whose text comes line by line.
fn key(row: &Element, pem: &Element) -> Result<StoredKey, ErrorKind> {
    let unreadable = || missing(row, "pem");
    let text: String = pem.all("line").map(|line| format!("{}\n", line.text)).collect();
    let (_, pem) = parse_x509_pem(text.as_bytes()).map_err(|_| unreadable())?;
    let certificate = pem.parse_x509().map_err(|_| unreadable())?;
    let hash = Sha256::digest(certificate.public_key().raw);
    let ends = Timestamp::from_second(certificate.validity().not_after.timestamp()).map_err(|_| unreadable())?;
    Ok(StoredKey { pin: format!("sha256/{}", STANDARD.encode(hash)), not_after: ends })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml;

    fn row(pem: &str) -> String {
        format!(
            "<r><return><certificate><fingerprint>ab</fingerprint><component>tomcat</component><subjectCN>imp1\
             </subjectCN><issuerCN>imp1</issuerCN><ca>true</ca>{pem}</certificate><securityHash>x</securityHash>\
             </return></r>"
        )
    }

    #[test]
    fn a_certificate_is_read_with_its_key_where_it_is_given() {
        let made = rcgen::generate_simple_self_signed(vec!["imp1".to_owned()]).unwrap();
        let lines: String = made.cert.pem().lines().map(|line| format!("<line>{line}</line>")).collect();
        let read = |pem: &str| read(&xml::read(&row(pem)).unwrap());
        let full = read(&format!("<pem>{lines}</pem>")).unwrap();
        let pin = STANDARD.encode(Sha256::digest(rcgen::PublicKeyData::subject_public_key_info(&made.signing_key)));
        assert_eq!(full[0].key.as_ref().unwrap().pin, format!("sha256/{pin}"));
        let short = read("").unwrap();
        assert_eq!((short[0].component.as_str(), short[0].authority, &short[0].key), ("tomcat", true, &None));
        for broken in ["<pem/>", "<pem><line>-----BEGIN CERTIFICATE-----</line><line>AAAA</line></pem>"] {
            assert!(matches!(read(broken), Err(ErrorKind::Malformed { .. })), "{broken}");
        }
    }

    #[test]
    fn what_is_missing_is_said() {
        for name in ["fingerprint", "component", "ca"] {
            let without = row("").replace(&format!("{name}>"), "other>");
            assert!(read(&xml::read(&without).unwrap()).is_err(), "{name}");
        }
        assert!(read(&xml::read("<r/>").unwrap()).is_err());
        assert_eq!(read(&xml::read("<r><return/></r>").unwrap()), Ok(Vec::new()));
    }
}

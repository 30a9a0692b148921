//! Names, ports and certificates: what must be right between clusters before a peer can connect.

use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The certificate that a node shows on its HTTPS port, which is its tomcat certificate (field-notes 6).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Certificate {
    /// The subject's distinguished name.
    pub subject: String,
    /// The issuer's distinguished name.
    pub issuer: String,
    /// The DNS names of the subject alternative name; ICSA resolves every one of them (field-notes 2.2).
    pub names: Vec<String>,
    /// The addresses of the subject alternative name.
    pub addresses: Vec<IpAddr>,
    /// When it begins to be valid.
    pub not_before: Timestamp,
    /// When it ends to be valid.
    pub not_after: Timestamp,
    /// Whether it is its own issuer.
    pub self_signed: bool,
    /// Whether it says of itself that it is an authority's (CA:TRUE).
    pub authority: bool,
    /// The SHA-256 of its public key (SPKI), in the form of a pin: `sha256/` and base64.
    pub pin: String,
}

/// A certificate that a cluster has, as it tells its peers (AXL `getCertificateSummary` and `getCertificates`,
/// field-notes 3.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct StoredCertificate {
    /// What it is for, in the product's word, such as `tomcat` or `cup-xmpp`.
    pub component: String,
    /// The subject's common name.
    pub subject: String,
    /// The issuer's common name.
    pub issuer: String,
    /// Whether it says of itself that it is an authority's (CA:TRUE).
    pub authority: bool,
    /// Its fingerprint; how the product makes it is not published.
    pub fingerprint: String,
    /// Its key and its end, where the cluster gave the certificate itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<StoredKey>,
}

/// The key and the end of a stored certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct StoredKey {
    /// As [`Certificate::pin`].
    pub pin: String,
    /// When it ends to be valid.
    pub not_after: Timestamp,
}

impl StoredCertificate {
    /// Whether nodes show it on their HTTPS port, or would after a restart of Cisco Tomcat (field-notes 6).
    pub fn is_tomcat(&self) -> bool {
        ["tomcat", "tomcat-ECDSA"].iter().any(|component| component.eq_ignore_ascii_case(&self.component))
    }
}

impl Certificate {
    /// Whether it is among the tomcat certificates that the cluster has; none when the cluster gave none of them
    /// itself. A certificate that is not was replaced: Cisco Tomcat was not restarted on the node since then, and peers
    /// learn a certificate that the node does not show (field-notes 6).
    pub fn is_among(&self, stored: &[StoredCertificate]) -> Option<bool> {
        let mut keys = stored.iter().filter(|c| c.is_tomcat()).filter_map(|c| c.key.as_ref()).peekable();
        keys.peek()?;
        // a renewed certificate may have kept its key
        Some(keys.any(|key| key.pin == self.pin && key.not_after == self.not_after))
    }
}

/// How a name resolves, forward and each of its addresses back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct NameLookup {
    /// The name.
    pub name: String,
    /// Who was asked: a DNS server, `the system's resolver`, or a node.
    pub server: String,
    /// The addresses and the names that each of them leads back to; empty when the name does not resolve.
    pub addresses: Vec<AddressLookup>,
    /// The words of an answer that is neither.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// What the other DNS servers say that the mesh file names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub elsewhere: Vec<NameLookup>,
}

impl NameLookup {
    /// What each server says that was asked, this one first.
    pub fn each(&self) -> impl Iterator<Item = &NameLookup> {
        std::iter::once(self).chain(&self.elsewhere)
    }

    /// Whether the server knows no address of the name, and says so.
    pub fn leads_nowhere(&self) -> bool {
        self.addresses.is_empty() && self.trouble.is_none()
    }
}

/// An address, and the names that it leads back to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct AddressLookup {
    /// The address.
    pub address: IpAddr,
    /// The names.
    pub names: Vec<String>,
}

/// A server of a cluster, of either product, as a node of the cluster knows it (`show network cluster`, field-notes 7).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ClusterServer {
    /// Its address.
    pub address: IpAddr,
    /// Its name.
    pub name: String,
    /// Whether it is an IM and Presence node (`cups`); otherwise it is one of Unified CM (`callmanager`).
    pub presence: bool,
    /// Whether it is its product's database publisher (`DBPub`).
    pub database_publisher: bool,
    /// Whether the node has authenticated it.
    pub authenticated: bool,
}

/// Whether a node reaches a TCP port of another, as the node itself says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Reachability {
    /// It does.
    Open,
    /// It does not; the product's words.
    Closed(String),
    /// The answer's wording is not known; the product's words.
    Unclear(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_that_was_replaced_is_told_from_one_that_is_not_known() {
        let ends: Timestamp = "2030-01-01T00:00:00Z".parse().unwrap();
        let shown = Certificate {
            subject: "CN=imp1".into(),
            issuer: "CN=imp1".into(),
            names: Vec::new(),
            addresses: Vec::new(),
            not_before: Timestamp::UNIX_EPOCH,
            not_after: ends,
            self_signed: true,
            authority: false,
            pin: "sha256/A".into(),
        };
        let stored = |component: &str, key: Option<(&str, Timestamp)>| StoredCertificate {
            component: component.into(),
            subject: "imp1".into(),
            issuer: "imp1".into(),
            authority: false,
            fingerprint: "ab".into(),
            key: key.map(|(pin, not_after)| StoredKey { pin: pin.into(), not_after }),
        };
        let earlier: Timestamp = "2029-01-01T00:00:00Z".parse().unwrap();
        for (others, expected) in [
            (vec![], None),
            (vec![stored("tomcat", None)], None),
            (vec![stored("cup-xmpp", Some(("sha256/A", ends)))], None),
            (vec![stored("tomcat", Some(("sha256/A", ends)))], Some(true)),
            (
                vec![stored("tomcat", Some(("sha256/B", ends))), stored("tomcat-ECDSA", Some(("sha256/A", ends)))],
                Some(true),
            ),
            (vec![stored("tomcat", Some(("sha256/B", ends)))], Some(false)),
            (vec![stored("tomcat", Some(("sha256/A", earlier)))], Some(false)),
        ] {
            assert_eq!(shown.is_among(&others), expected, "{others:?}");
        }
    }
}

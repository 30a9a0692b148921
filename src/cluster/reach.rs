//! Names, ports and certificates: what must be right between clusters before a peer can connect.

use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The certificate that a node shows on its HTTPS port, which is its tomcat certificate (field-notes 6).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

/// How a name resolves, forward and each of its addresses back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
}

/// An address, and the names that it leads back to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressLookup {
    /// The address.
    pub address: IpAddr,
    /// The names.
    pub names: Vec<String>,
}

/// A server of a cluster, of either product, as a node of the cluster knows it (`show network cluster`, field-notes 7).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reachability {
    /// It does.
    Open,
    /// It does not; the product's words.
    Closed(String),
    /// The answer's wording is not known; the product's words.
    Unclear(String),
}

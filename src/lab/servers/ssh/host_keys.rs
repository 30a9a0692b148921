//! The keys by which nodes prove who they are: of each node its own, new with every lab; but RSA, which old appliances
//! have, is one key for all.

use std::net::SocketAddr;

use russh::keys::{Algorithm, EcdsaCurve, HashAlg, PrivateKey};

use super::super::directory::Server;
use super::super::error::LabError;
use super::super::pick::pick;
use super::PORT;

/// An RSA key, which proves nothing to anybody. It is kept, for one takes a second to make, and a lab may have two
/// hundred nodes.
const RSA: &str = include_str!("rsa_host_key");

/// The host keys of a node.
#[derive(Clone, Debug)]
pub(in crate::lab::servers) struct HostKeys(Vec<PrivateKey>);

impl HostKeys {
    /// The keys of a node. Which kinds it has is not published.
    pub(in crate::lab::servers) fn new(seed: u64) -> Result<HostKeys, LabError> {
        if pick(seed, "ssh only an RSA key", [false, false, true]) {
            return PrivateKey::from_openssh(RSA).map(|key| HostKeys(vec![key])).map_err(LabError::HostKey);
        }
        let (ed25519, ecdsa) = (Algorithm::Ed25519, Algorithm::Ecdsa { curve: EcdsaCurve::NistP256 });
        let kinds = match pick(seed, "ssh host keys", [0_u8, 1, 2]) {
            0 => vec![ed25519, ecdsa],
            1 => vec![ed25519],
            _ => vec![ecdsa],
        };
        let mut random = russh::keys::key::safe_rng();
        let keys = kinds.into_iter().map(|kind| PrivateKey::random(&mut random, kind));
        keys.collect::<Result<_, _>>().map(HostKeys).map_err(LabError::HostKey)
    }

    /// The keys, for the server.
    pub(super) fn private(&self) -> Vec<PrivateKey> {
        self.0.clone()
    }

    /// The keys' fingerprints, as `ssh-keygen -l` prints them.
    pub(in crate::lab::servers) fn fingerprints(&self) -> Vec<String> {
        self.0.iter().map(|key| key.public_key().fingerprint(HashAlg::Sha256).to_string()).collect()
    }

    /// The lines of a `known_hosts` file: a node by its name at port 22, as the proxy serves it, and by the address
    /// where it listens.
    pub(in crate::lab::servers) fn known_hosts(
        &self,
        server: &Server,
        listens: SocketAddr,
    ) -> Result<String, LabError> {
        let (name, ip) = (&server.name, listens.ip());
        let at = if listens.port() == PORT { ip.to_string() } else { format!("[{ip}]:{}", listens.port()) };
        let line = |key: &PrivateKey| {
            let mut public = key.public_key().clone();
            public.set_comment("");
            Ok(format!("{name},{at} {}\n", public.to_openssh().map_err(LabError::HostKey)?.trim()))
        };
        self.0.iter().map(line).collect()
    }
}

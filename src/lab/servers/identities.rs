//! What the servers of a lab show in a handshake. A cluster whose certificates were regenerated shows new ones, with a
//! new key, from the next connection on; a lab that was put back shows its first ones again.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::ServerConfig;

use super::LabError;
use super::directory::{Directory, Role};
use super::pki::{Authority, Certificate, ClusterIdentity};
use crate::lab::{CertificateKind, LabSpec, TlsVersions};

/// The certificates of all servers, made when they are first wanted.
pub(super) struct Identities {
    authority: Authority,
    directory: Arc<Directory>,
    kinds: Vec<CertificateKind>,
    versions: TlsVersions,
    /// By cluster, and by how often its certificates were regenerated.
    made: Mutex<BTreeMap<(usize, u32), Arc<Identity>>>,
}

/// What the servers of one cluster show.
#[derive(Default)]
pub(super) struct Identity {
    /// The TLS side of every server, by its position in the directory.
    pub(super) tls: BTreeMap<usize, Arc<ServerConfig>>,
    /// The certificates of the nodes.
    pub(super) certificates: Vec<Certificate>,
}

impl Identities {
    /// The identities of a lab; those that it begins with are made at once.
    pub(super) fn new(
        spec: &LabSpec,
        versions: TlsVersions,
        directory: Arc<Directory>,
        authority: Authority,
    ) -> Result<Identities, LabError> {
        let kinds: Vec<CertificateKind> = spec.clusters.iter().map(|cluster| cluster.certificate).collect();
        let clusters = kinds.len();
        let identities = Identities { authority, directory, kinds, versions, made: Mutex::default() };
        for cluster in 0..clusters {
            let first = identities.make(cluster)?;
            identities.made.lock().unwrap_or_else(PoisonError::into_inner).insert((cluster, 0), Arc::new(first));
        }
        Ok(identities)
    }

    /// The certificate of the lab's authority.
    pub(super) fn authority(&self) -> String {
        self.authority.pem()
    }

    /// What the servers of a cluster show once its certificates were regenerated so often.
    pub(super) fn of(&self, cluster: usize, regenerated: u32) -> Arc<Identity> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = made.get(&(cluster, regenerated)) {
            return Arc::clone(known);
        }
        match self.make(cluster) {
            Ok(new) => Arc::clone(made.entry((cluster, regenerated)).or_insert(Arc::new(new))),
            Err(error) => {
                tracing::error!(%error, "the lab has no new certificates; the first ones are shown");
                made.get(&(cluster, 0)).map(Arc::clone).unwrap_or_default()
            }
        }
    }

    fn make(&self, cluster: usize) -> Result<Identity, LabError> {
        let servers = || self.directory.servers().iter().enumerate().filter(move |(_, s)| s.cluster == cluster);
        let kind = self.kinds.get(cluster).copied().unwrap_or_default();
        let shared = ClusterIdentity::new(servers().map(|(_, server)| server), kind, self.versions)?;
        let mut identity = Identity::default();
        for (at, server) in servers() {
            let made = self.authority.server(server, &shared)?;
            identity.tls.insert(at, made.tls);
            if server.role == Role::Presence {
                identity.certificates.push(made.certificate);
            }
        }
        Ok(identity)
    }
}

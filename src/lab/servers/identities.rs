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
    versions: TlsVersions,
    /// By cluster, by how often its certificates were regenerated, and by what they are like.
    made: Mutex<BTreeMap<Wanted, Arc<Identity>>>,
}

/// A cluster, how often its certificates were regenerated, and what they are like.
type Wanted = (usize, u32, CertificateKind);

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
        let identities = Identities { authority, directory, versions, made: Mutex::default() };
        for (cluster, kind) in spec.clusters.iter().map(|cluster| cluster.certificate).enumerate() {
            let first = identities.make(cluster, kind)?;
            identities.made.lock().unwrap_or_else(PoisonError::into_inner).insert((cluster, 0, kind), Arc::new(first));
        }
        Ok(identities)
    }

    /// The certificate of the lab's authority.
    pub(super) fn authority(&self) -> String {
        self.authority.pem()
    }

    /// What the servers of a cluster show once its certificates were regenerated so often and are like that.
    pub(super) fn of(&self, cluster: usize, regenerated: u32, kind: CertificateKind) -> Arc<Identity> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = made.get(&(cluster, regenerated, kind)) {
            return Arc::clone(known);
        }
        match self.make(cluster, kind) {
            Ok(new) => Arc::clone(made.entry((cluster, regenerated, kind)).or_insert(Arc::new(new))),
            Err(error) => {
                tracing::error!(%error, "the lab has no new certificates; the first ones are shown");
                let first = made.iter().find(|((of, _, _), _)| *of == cluster).map(|(_, first)| Arc::clone(first));
                first.unwrap_or_default()
            }
        }
    }

    fn make(&self, cluster: usize, kind: CertificateKind) -> Result<Identity, LabError> {
        let servers = || self.directory.servers().iter().enumerate().filter(move |(_, s)| s.cluster == cluster);
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

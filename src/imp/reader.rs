//! [`Observe`] over the wire. AXL questions go to the publisher, services to each node itself.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use backon::{ExponentialBuilder, Retryable};
use jiff::Timestamp;

use super::site::Site;
use crate::cluster::{
    Certificate, Check, ClusterName, ClusterServer, CredentialName, Error, ErrorKind, Group, Identity, ImAddressScheme,
    Members, NameLookup, Node, NodeName, Notification, Observe, Parameter, Peer, PeerStatus, Provisioning,
    Reachability, Result, Service, StoredCertificate, SyncStatus, TopologyFacts,
};

/// Reads one cluster. It has no method that could change anything.
pub struct Reader {
    site: Arc<Site>,
}

/// A product that says when to ask again is not asked earlier: where that is later than this, the read has failed.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
const SYNC_STATUS: &str = "read the Sync Agent's status";
const ADDRESS_SCHEME: &str = "find the IM address scheme";

impl Reader {
    pub(super) fn new(site: Arc<Site>) -> Reader {
        Reader { site }
    }

    /// A read of the publisher, asked again a few times when the product asks to slow down.
    async fn read<T, F: Future<Output = std::result::Result<T, ErrorKind>>>(
        &self,
        doing: &str,
        read: impl FnMut() -> F,
    ) -> Result<T> {
        self.read_of(&self.site.target.publisher, doing, read).await
    }

    async fn read_of<T, F: Future<Output = std::result::Result<T, ErrorKind>>>(
        &self,
        node: &NodeName,
        doing: &str,
        read: impl FnMut() -> F,
    ) -> Result<T> {
        let patience = self.site.patience();
        let pauses = ExponentialBuilder::default()
            .with_min_delay(patience.pause)
            .with_max_delay(LONGEST_PAUSE)
            .with_max_times(patience.repeats)
            // readers of one node that were refused together do not come back together
            .with_jitter();
        let outcome = read
            .retry(pauses)
            .when(|kind| match kind {
                ErrorKind::Throttled { retry_after, .. } => retry_after.is_none_or(|asked| asked <= LONGEST_PAUSE),
                _ => false,
            })
            .adjust(|kind, pause| match kind {
                ErrorKind::Throttled { retry_after: Some(asked), .. } => pause.map(|pause| pause.max(*asked)),
                _ => pause,
            })
            .notify(|kind, pause| {
                let kind = self.site.without_secrets(kind.clone());
                tracing::debug!(%node, %kind, ?pause, "slowing down");
            })
            .await;
        outcome.map_err(|kind| self.site.error(node, doing, kind))
    }

    /// The scheme of IM addresses, where a setting of the database tells it and no page does.
    async fn im_address_scheme_of_database(&self) -> Result<ImAddressScheme> {
        let site = &self.site;
        self.read(ADDRESS_SCHEME, || async {
            let found = site.axl()?.im_address_scheme(&site.account(&site.target.axl).await?).await?;
            let (label, page) = ("IM Address Scheme".to_owned(), "System > Presence Topology".to_owned());
            found.ok_or(ErrorKind::NotFound { label, page })
        })
        .await
    }

    /// Parameters that are whole numbers, where Unified CM's AXL has all of them. Whatever stands against that, the page
    /// shows every parameter.
    async fn parameters_of_unified_cm(
        &self,
        node: &NodeName,
        service: &str,
        numbers: &[&str],
    ) -> Option<Vec<Parameter>> {
        let site = &self.site;
        if numbers.is_empty() || site.target.unified_cm.is_none() {
            return None;
        }
        let (unified_cm, account) = site.unified_cm().await.ok()?;
        let mut known = Vec::new();
        for label in numbers {
            let value = unified_cm.number(&account, node, service, label).await.ok()??;
            known.push(Parameter::new(*label, value.to_string()));
        }
        Some(known)
    }

    /// The redundancy groups of nodes that were read just now.
    async fn groups(&self, nodes: &[Node]) -> Result<Vec<Group>> {
        let site = &self.site;
        let mut groups = self
            .read("read the redundancy groups", || async {
                site.axl()?.groups(&site.account(&site.target.axl).await?, nodes).await
            })
            .await?;
        let Some(publisher) = site.target.unified_cm.as_ref().map(|unified_cm| &unified_cm.publisher) else {
            return Ok(groups);
        };
        let switches = self
            .read_of(publisher, "read the High Availability switches", || async {
                let (unified_cm, account) = site.unified_cm().await?;
                unified_cm.switches(&account).await
            })
            .await?;
        for group in &mut groups {
            // The switch is Unified CM's, and its AXL is the documented source (field-notes 3.1, 3.5); IM and Presence
            // follows when it has synchronised. Until then they disagree, and the nodes' states tell how far it is. A
            // group that Unified CM does not have keeps what IM and Presence says.
            if let Some(switch) = switches.iter().find(|switch| switch.group == group.name) {
                if switch.enabled != group.enabled {
                    let (cluster, group) = (&site.target.cluster, &group.name);
                    tracing::debug!(%cluster, group, "Unified CM and IM and Presence disagree on High Availability");
                }
                group.enabled = switch.enabled;
            }
        }
        Ok(groups)
    }
}

#[async_trait]
impl Observe for Reader {
    fn cluster(&self) -> &ClusterName {
        &self.site.target.cluster
    }

    async fn identity(&self) -> Result<Identity> {
        let site = &self.site;
        self.read("read the version", || async { site.axl()?.identity(&site.account(&site.target.axl).await?).await })
            .await
    }

    async fn nodes(&self) -> Result<Vec<Node>> {
        let site = &self.site;
        self.read("read the nodes", || async { site.axl()?.nodes(&site.account(&site.target.axl).await?).await }).await
    }

    async fn services(&self, node: &NodeName) -> Result<Vec<Service>> {
        let site = &self.site;
        self.read_of(node, "read the services", || async {
            let (line, account) = (site.line(node)?, site.admin().await?);
            site.control_center(&line, &account).services().await
        })
        .await
    }

    async fn sync_status(&self) -> Result<SyncStatus> {
        let site = &self.site;
        self.read(SYNC_STATUS, || async { site.pages()?.sync_status(&site.admin().await?).await }).await
    }

    async fn peers(&self) -> Result<Vec<Peer>> {
        let site = &self.site;
        self.read("read the peers", || async { site.pages()?.peers(&site.admin().await?).await }).await
    }

    async fn peer_status(&self, address: &NodeName) -> Result<PeerStatus> {
        let site = &self.site;
        let doing = format!("read the status of the peer {address}");
        self.read(&doing, || async { site.pages()?.peer_status(&site.admin().await?, address).await }).await
    }

    async fn peers_with_status(&self) -> Result<Vec<(Peer, Result<PeerStatus>)>> {
        let site = &self.site;
        let peers = self
            .read("read the peers", || async { site.pages()?.peers_with_status(&site.admin().await?).await })
            .await?;
        let named = peers.into_iter().map(|(peer, status)| {
            let doing = || format!("read the status of the peer {}", peer.address);
            let status = status.map_err(|kind| site.error(&site.target.publisher, doing(), kind));
            (peer, status)
        });
        Ok(named.collect())
    }

    async fn provisioning(&self) -> Provisioning {
        let site = &self.site;
        let read =
            self.read("read the topology", || async { site.pages()?.provisioning(&site.admin().await?).await }).await;
        let (topology, sync_status, scheme) = match read {
            Ok(read) => read,
            Err(error) => {
                let like = |doing: &str| Error { doing: doing.to_owned(), ..error.clone() };
                return Provisioning {
                    sync_status: Err(like(SYNC_STATUS)),
                    im_address_scheme: Err(like(ADDRESS_SCHEME)),
                    topology: Err(error),
                };
            }
        };
        let at = |doing: &'static str| move |kind| site.error(&site.target.publisher, doing, kind);
        let im_address_scheme = match scheme.map_err(at(ADDRESS_SCHEME)) {
            Ok(Some(scheme)) => Ok(scheme),
            Ok(None) => self.im_address_scheme_of_database().await,
            Err(error) => Err(error),
        };
        Provisioning {
            topology: topology.map_err(at("read the topology")),
            sync_status: sync_status.map_err(at(SYNC_STATUS)),
            im_address_scheme,
        }
    }

    async fn notifications(&self) -> Result<Vec<Notification>> {
        let site = &self.site;
        self.read("read the notifications", || async { site.pages()?.notifications(&site.admin().await?).await }).await
    }

    async fn topology(&self) -> Result<TopologyFacts> {
        let site = &self.site;
        self.read("read the topology", || async { site.pages()?.topology(&site.admin().await?).await }).await
    }

    async fn troubleshooter(&self) -> Result<Vec<Check>> {
        let site = &self.site;
        self.read("read the troubleshooter", || async { site.pages()?.troubleshooter(&site.admin().await?).await })
            .await
    }

    async fn parameters(&self, node: &NodeName, service: &str, numbers: &[&str]) -> Result<Vec<Parameter>> {
        let site = &self.site;
        if let Some(known) = self.parameters_of_unified_cm(node, service, numbers).await {
            return Ok(known);
        }
        let doing = format!("read the parameters of {service} on {node}");
        self.read(&doing, || async { site.pages()?.parameters(&site.admin().await?, node, service).await }).await
    }

    async fn users(&self) -> Result<u64> {
        Ok(homed(&self.nodes().await?))
    }

    async fn high_availability(&self) -> Result<Vec<Group>> {
        self.groups(&self.nodes().await?).await
    }

    async fn approach(&self) {
        let site = &self.site;
        if let (Ok(pages), Ok(axl), Ok(admin)) =
            (site.pages(), site.account(&site.target.axl).await, site.admin().await)
        {
            pages.approach(&admin, &axl).await;
        }
    }

    async fn members(&self, identity: &Identity) -> Members {
        let site = &self.site;
        let nodes = self
            .read("read the nodes", || async {
                site.axl()?.nodes_of(&site.account(&site.target.axl).await?, &identity.servers).await
            })
            .await;
        Members { users: nodes.as_ref().map(|nodes| homed(nodes)).map_err(Clone::clone), nodes }
    }

    async fn groups_of(&self, nodes: &[Node]) -> Result<Vec<Group>> {
        self.groups(nodes).await
    }

    async fn stored_certificates(&self) -> Result<Vec<StoredCertificate>> {
        let site = &self.site;
        self.read("read the stored certificates", || async {
            site.axl()?.certificates(&site.account(&site.target.axl).await?).await
        })
        .await
    }

    async fn answers_probe(&self, account: &CredentialName) -> Result<()> {
        let site = &self.site;
        let doing = format!("ask AXL as a peer would, with the credential `{account}`");
        self.read(&doing, || async { site.axl()?.probe(&site.account(account).await?).await }).await
    }

    async fn certificate(&self, node: &NodeName) -> Result<Certificate> {
        let site = &self.site;
        self.read_of(node, "look at the certificate", || async {
            match site.line(node)?.certificate() {
                Some(certificate) => certificate,
                // one that is not trusted can be told, too: what is wrong with it is what a reader wants to know
                None => Ok(site.certificate_shown(node).await?.certificate),
            }
        })
        .await
    }

    async fn resolve(&self, name: &str) -> Result<NameLookup> {
        let site = &self.site;
        self.read(&format!("resolve {name}"), || async { Ok(site.names()?.look_up(name).await) }).await
    }

    async fn im_address_scheme(&self) -> Result<ImAddressScheme> {
        let site = &self.site;
        let shown = self.read(ADDRESS_SCHEME, || async { site.pages()?.im_address_scheme(&site.admin().await?).await });
        match shown.await? {
            Some(scheme) => Ok(scheme),
            None => self.im_address_scheme_of_database().await,
        }
    }

    async fn time(&self) -> Result<Timestamp> {
        let site = &self.site;
        self.read("read the publisher's clock", || async {
            let axl = site.axl()?;
            axl.identity(&site.account(&site.target.axl).await?).await?;
            let undated = || ErrorKind::Unsupported { detail: "its answers have no date".to_owned() };
            axl.dated().ok_or_else(undated)
        })
        .await
    }

    async fn node_resolves(&self, node: &NodeName, name: &str) -> Result<NameLookup> {
        let doing = format!("ask the node to resolve {name}");
        self.read_of(node, &doing, || async { self.site.cli(node).await?.resolve(name).await }).await
    }

    async fn reaches(&self, node: &NodeName, host: &str, port: u16) -> Result<Reachability> {
        let doing = format!("ask the node to connect to {host}:{port}");
        self.read_of(node, &doing, || async { self.site.cli(node).await?.connectivity(host, port).await }).await
    }

    async fn sessions(&self, node: &NodeName) -> Result<u64> {
        self.read_of(node, "count the sessions", || async { self.site.cli(node).await?.sessions().await }).await
    }

    async fn platform_cluster(&self, node: &NodeName) -> Result<Vec<ClusterServer>> {
        let doing = "read the servers of the cluster";
        self.read_of(node, doing, || async { self.site.cli(node).await?.cluster().await }).await
    }
}

/// The users that are homed on the nodes.
fn homed(nodes: &[Node]) -> u64 {
    nodes.iter().map(|node| node.assigned_users).sum()
}

//! [`Operate`] over the wire. Nothing here is ever repeated by itself.

use std::sync::Arc;

use async_trait::async_trait;

use super::control_center::{Control, is_network};
use super::pages::Edit;
use super::reader::Reader;
use super::site::Site;
use crate::cluster::{
    Certificate, Check, ClusterName, ClusterServer, CredentialName, Error, ErrorKind, Group, Identity, ImAddressScheme,
    Members, NameLookup, NewPeer, Node, NodeName, Notification, Observe, Operate, Parameter, Peer, PeerEdit,
    PeerStatus, Provisioning, Reachability, Result, Service, StoredCertificate, SyncStatus, TopologyFacts, Walk,
};

/// Reads one cluster and acts on it.
pub struct Operator {
    reader: Reader,
    site: Arc<Site>,
}

impl Operator {
    pub(super) fn new(site: Arc<Site>) -> Operator {
        Operator { reader: Reader::new(Arc::clone(&site)), site }
    }

    async fn order(&self, node: &NodeName, doing: &str, control: Control, service: &str) -> Result<()> {
        let given = async {
            let (line, account) = (self.site.line(node)?, self.site.admin().await?);
            self.site.control_center(&line, &account).order(control, service).await
        };
        given.await.map_err(|kind| self.site.error(node, format!("{doing} {service}"), kind))
    }

    /// The other way to restart a network service, where Control Center refused the first: whether it takes such orders
    /// is not known (field-notes 10). What may have been done already is not ordered again.
    async fn restart_by_platform(&self, node: &NodeName, service: &str, refusal: Error) -> Result<()> {
        let (ErrorKind::Refused { message: words } | ErrorKind::Unsupported { detail: words }) = &refusal.kind else {
            return Err(refusal);
        };
        if self.site.target.cli.is_none() {
            let message = format!("{words}; with a `cli` credential, intermesh would restart it over SSH");
            return Err(Error { kind: ErrorKind::Refused { message }, ..refusal });
        }
        let restarted = async { self.site.cli(node).await?.restart(service).await };
        let outcome = match restarted.await {
            Ok(line) if line.is_down() => Err(ErrorKind::Unknown {
                detail: format!("the node was told to restart the service, and last showed `{line}`"),
            }),
            Ok(_) => Ok(()),
            Err(kind) => Err(kind),
        };
        let doing = format!("restart {service} over SSH, as Control Center refused to (`{words}`)");
        outcome.map_err(|kind| self.site.error(node, doing, kind))
    }

    async fn edit(&self, doing: String, edit: Edit<'_>) -> Result<()> {
        let edited = async { self.site.pages()?.edit(&self.site.admin().await?, &edit).await };
        edited.await.map_err(|kind| self.site.error(&self.site.target.publisher, doing, kind))
    }

    /// The publisher that is Unified CM's, where one is named.
    fn unified_cm_publisher(&self) -> &NodeName {
        let target = &self.site.target;
        target.unified_cm.as_ref().map_or(&target.publisher, |unified_cm| &unified_cm.publisher)
    }

    /// A value that Unified CM's AXL may set: a whole number, where a Unified CM is named.
    fn number_for_unified_cm(&self, value: &str) -> Option<i64> {
        self.site.target.unified_cm.as_ref()?;
        value.trim().parse().ok()
    }

    /// Whether it leads to a parameter that Unified CM's AXL sets, which needs no page.
    async fn is_for_unified_cm(&self, walk: &Walk) -> bool {
        let Walk::Parameter { node, service, label, value } = walk else { return false };
        if self.number_for_unified_cm(value).is_none() {
            return false;
        }
        let Ok((unified_cm, account)) = self.site.unified_cm().await else { return false };
        matches!(unified_cm.number(&account, node, service, label).await, Ok(Some(_)))
    }
}

#[async_trait]
impl Operate for Operator {
    async fn walk(&self, walks: &[Walk]) -> Result<()> {
        let walked = async {
            let mut on_pages = Vec::new();
            for walk in walks {
                if !self.is_for_unified_cm(walk).await {
                    on_pages.push(walk.clone());
                }
            }
            if on_pages.is_empty() {
                return Ok(());
            }
            self.site.pages()?.walk(&self.site.admin().await?, &on_pages).await
        };
        walked.await.map_err(|kind| self.site.error(&self.site.target.publisher, "find the way to the edits", kind))
    }

    async fn activate(&self, node: &NodeName, service: &str) -> Result<()> {
        self.order(node, "activate", Control::Activate, service).await
    }

    async fn start(&self, node: &NodeName, service: &str) -> Result<()> {
        self.order(node, "start", Control::Start, service).await
    }

    async fn restart(&self, node: &NodeName, service: &str) -> Result<()> {
        let answer = self.order(node, "restart", Control::Restart, service).await;
        match answer {
            Err(refusal) if is_network(service) => self.restart_by_platform(node, service, refusal).await,
            answer => answer,
        }
    }

    async fn set_parameter(&self, node: &NodeName, service: &str, label: &str, value: &str) -> Result<()> {
        let doing = format!("set `{label}` of {service} on {node}");
        if let Some(number) = self.number_for_unified_cm(value) {
            let set = async {
                let (unified_cm, account) = self.site.unified_cm().await?;
                unified_cm.set_number(&account, node, service, label, number).await
            };
            if set.await.map_err(|kind| self.site.error(self.unified_cm_publisher(), doing.as_str(), kind))? {
                return Ok(());
            }
        }
        self.edit(doing, Edit::Parameter { node, service, label, value }).await
    }

    async fn add_peer(&self, peer: &NewPeer) -> Result<()> {
        self.site.hands_over(&peer.account);
        self.edit(format!("add the peer {}", peer.address), Edit::Add(peer)).await
    }

    async fn update_peer(&self, address: &NodeName, edit: &PeerEdit) -> Result<()> {
        if let Some(account) = &edit.account {
            self.site.hands_over(account);
        }
        self.edit(format!("update the peer {address}"), Edit::Update { address, edit }).await
    }

    async fn delete_peer(&self, address: &NodeName) -> Result<()> {
        self.edit(format!("delete the peer {address}"), Edit::Delete(address)).await
    }

    async fn force_sync(&self, address: &NodeName, resync_certificates: bool) -> Result<()> {
        let edit = Edit::Sync { address, certificates: resync_certificates };
        self.edit(format!("force the sync with {address}"), edit).await
    }

    async fn set_high_availability(&self, group: &str, enabled: bool) -> Result<()> {
        let site = &self.site;
        let switched = async {
            let (unified_cm, account) = site.unified_cm().await?;
            unified_cm.switch(&account, group, enabled).await
        };
        let doing = format!("switch High Availability of {group} {}", if enabled { "on" } else { "off" });
        switched.await.map_err(|kind| site.error(self.unified_cm_publisher(), doing, kind))
    }
}

#[async_trait]
impl Observe for Operator {
    fn cluster(&self) -> &ClusterName {
        self.reader.cluster()
    }
    async fn identity(&self) -> Result<Identity> {
        self.reader.identity().await
    }
    async fn nodes(&self) -> Result<Vec<Node>> {
        self.reader.nodes().await
    }
    async fn services(&self, node: &NodeName) -> Result<Vec<Service>> {
        self.reader.services(node).await
    }
    async fn sync_status(&self) -> Result<SyncStatus> {
        self.reader.sync_status().await
    }
    async fn peers(&self) -> Result<Vec<Peer>> {
        self.reader.peers().await
    }
    async fn peer_status(&self, address: &NodeName) -> Result<PeerStatus> {
        self.reader.peer_status(address).await
    }
    async fn notifications(&self) -> Result<Vec<Notification>> {
        self.reader.notifications().await
    }
    async fn topology(&self) -> Result<TopologyFacts> {
        self.reader.topology().await
    }
    async fn troubleshooter(&self) -> Result<Vec<Check>> {
        self.reader.troubleshooter().await
    }
    async fn parameters(&self, node: &NodeName, service: &str, numbers: &[&str]) -> Result<Vec<Parameter>> {
        self.reader.parameters(node, service, numbers).await
    }
    async fn users(&self) -> Result<u64> {
        self.reader.users().await
    }
    async fn high_availability(&self) -> Result<Vec<Group>> {
        self.reader.high_availability().await
    }
    async fn approach(&self) {
        self.reader.approach().await;
    }
    async fn members(&self, identity: &Identity) -> Members {
        self.reader.members(identity).await
    }
    async fn groups_of(&self, nodes: &[Node]) -> Result<Vec<Group>> {
        self.reader.groups_of(nodes).await
    }
    async fn peers_with_status(&self) -> Result<Vec<(Peer, Result<PeerStatus>)>> {
        self.reader.peers_with_status().await
    }
    async fn provisioning(&self) -> Provisioning {
        self.reader.provisioning().await
    }
    async fn answers_probe(&self, account: &CredentialName) -> Result<()> {
        self.reader.answers_probe(account).await
    }
    async fn certificate(&self, node: &NodeName) -> Result<Certificate> {
        self.reader.certificate(node).await
    }
    async fn stored_certificates(&self) -> Result<Vec<StoredCertificate>> {
        self.reader.stored_certificates().await
    }
    async fn resolve(&self, name: &str) -> Result<NameLookup> {
        self.reader.resolve(name).await
    }
    async fn node_resolves(&self, node: &NodeName, name: &str) -> Result<NameLookup> {
        self.reader.node_resolves(node, name).await
    }
    async fn reaches(&self, node: &NodeName, host: &str, port: u16) -> Result<Reachability> {
        self.reader.reaches(node, host, port).await
    }
    async fn im_address_scheme(&self) -> Result<ImAddressScheme> {
        self.reader.im_address_scheme().await
    }
    async fn sessions(&self, node: &NodeName) -> Result<u64> {
        self.reader.sessions(node).await
    }
    async fn platform_cluster(&self, node: &NodeName) -> Result<Vec<ClusterServer>> {
        self.reader.platform_cluster(node).await
    }
}

//! What hands and accidents do to a deployment beside the orders of its pages: a node goes down, certificates come to
//! their end, an account loses its role, users exist twice.

use super::World;
use super::agenda::Site;
use super::catalogue::Reason;
use super::cluster::Run;
use super::release::Release;
use super::views::Refusal;
use crate::cluster::{Account, ClusterName, NodeName, PeerEdit, Transport};
use crate::lab::spec::CertificateKind;

/// The password that a slip of the finger leaves in an entry.
const SLIP: &str = "a slip of the finger";

impl World {
    /// Takes a node down: nothing on it answers until the lab is put back.
    ///
    /// # Errors
    /// There is no such node.
    pub fn power_off(&mut self, node: &NodeName) -> Result<(), Refusal> {
        let site = self.target(node).ok_or_else(|| Refusal::unknown("node", node.as_str()))?;
        let found = &mut self.clusters[site.cluster].nodes[site.node];
        found.off = true;
        found.router_down = self.now;
        for service in &mut found.services {
            if matches!(service.run, Run::Started(_) | Run::Starting | Run::Stopping { .. }) {
                service.run = Run::Stopped(Reason::COMMANDED);
                service.change += 1;
            }
        }
        self.watch_router(site);
        self.look_for_losses();
        Ok(())
    }

    /// Whether a node is down.
    pub fn is_off(&self, cluster: &ClusterName, node: &NodeName) -> bool {
        self.site(cluster, node).is_some_and(|site| self.clusters[site.cluster].nodes[site.node].off)
    }

    /// Whether a cluster's database publisher is down.
    pub fn publisher_is_off(&self, cluster: &ClusterName) -> bool {
        self.cluster(cluster).is_some_and(|(_, c)| c.nodes.first().is_some_and(|node| node.off))
    }

    /// Lets a cluster's certificates come to their end.
    ///
    /// # Errors
    /// There is no such cluster.
    pub fn expire_certificates(&mut self, cluster: &ClusterName) -> Result<(), Refusal> {
        let at = self.place_of(cluster)?;
        self.clusters[at].spec.certificate = CertificateKind::Expired;
        Ok(())
    }

    /// Takes the role Standard AXL API Access from an account.
    ///
    /// # Errors
    /// There is no such cluster or account.
    pub fn take_axl_role(&mut self, cluster: &ClusterName, username: &str) -> Result<(), Refusal> {
        let at = self.place_of(cluster)?;
        let accounts = &mut self.clusters[at].spec.accounts;
        let known = accounts.iter_mut().find(|a| a.account.username.eq_ignore_ascii_case(username));
        known.ok_or_else(|| Refusal::unknown("account", username))?.axl = false;
        self.look_for_losses();
        Ok(())
    }

    /// Types a wrong password into a peer's page and saves it.
    ///
    /// # Errors
    /// There is no such peer, or the page refuses what does not answer.
    pub fn mistype_password(&mut self, cluster: &ClusterName, address: &NodeName) -> Result<(), Refusal> {
        let at = self.place_of(cluster)?;
        let place = self.peer_place(at, address)?;
        let username = self.clusters[at].peers[place].account.username.clone();
        let account = Some(Account { username, password: SLIP.to_owned().into() });
        self.update_peer(cluster, address, &PeerEdit { account, protocol: None })
    }

    /// Chooses another Protocol on a peer's page and saves it.
    ///
    /// # Errors
    /// There is no such peer, or the page refuses it.
    pub fn change_protocol(
        &mut self,
        cluster: &ClusterName,
        address: &NodeName,
        protocol: Transport,
    ) -> Result<(), Refusal> {
        self.update_peer(cluster, address, &PeerEdit { account: None, protocol: Some(protocol) })
    }

    /// Gives users of a cluster user IDs that exist already: every cluster's troubleshooter finds them, because it looks
    /// over the whole deployment (field-notes 1.7).
    ///
    /// # Errors
    /// There is no such cluster.
    pub fn duplicate_users(&mut self, cluster: &ClusterName, users: u64) -> Result<(), Refusal> {
        let at = self.place_of(cluster)?;
        self.clusters[at].duplicates = users;
        Ok(())
    }

    /// Takes a node out of its redundancy group, and with it its users.
    ///
    /// # Errors
    /// There is no such node.
    pub fn unassign(&mut self, node: &NodeName) -> Result<(), Refusal> {
        let site = self.target(node).ok_or_else(|| Refusal::unknown("node", node.as_str()))?;
        let group = self.clusters[site.cluster].nodes[site.node].group.take();
        let Some(group) = group else { return Ok(()) };
        self.clusters[site.cluster].nodes[site.node].ha = Default::default();
        // one node alone has nobody to fail over to
        self.clusters[site.cluster].first_ha(group, false);
        Ok(())
    }

    /// Installs another version.
    ///
    /// # Errors
    /// There is no such cluster.
    pub fn install(&mut self, cluster: &ClusterName, version: &str) -> Result<(), Refusal> {
        let at = self.place_of(cluster)?;
        let found = &mut self.clusters[at];
        version.clone_into(&mut found.spec.version);
        found.release = Release::read(version);
        Ok(())
    }

    /// Renames a node: entries that point to the old name point to nobody.
    ///
    /// # Errors
    /// There is no such node.
    pub fn rename(&mut self, node: &NodeName, name: &NodeName) -> Result<(), Refusal> {
        let site: Site = self.target(node).ok_or_else(|| Refusal::unknown("node", node.as_str()))?;
        self.clusters[site.cluster].nodes[site.node].name = name.clone();
        for at in 0..self.clusters.len() {
            for place in 0..self.clusters[at].peers.len() {
                let target = self.target(&self.clusters[at].peers[place].address);
                self.clusters[at].peers[place].target = target;
            }
        }
        self.look_for_losses();
        Ok(())
    }

    /// Users that exist twice, over the whole deployment.
    pub(super) fn duplicates(&self) -> u64 {
        self.clusters.iter().map(|cluster| cluster.duplicates).sum()
    }

    fn place_of(&self, cluster: &ClusterName) -> Result<usize, Refusal> {
        let found = self.cluster(cluster).map(|(at, _)| at);
        found.ok_or_else(|| Refusal::unknown("cluster", cluster.as_str()))
    }
}

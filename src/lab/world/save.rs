//! What happens when a peer's page is saved: the checks of field-notes 1.4, then the change.

use std::time::Duration;

use secrecy::ExposeSecret;

use super::agenda::Site;
use super::peer::{Entry, Obstacle, Phase, Synced};
use super::views::Refusal;
use super::{Effect, World};
use crate::cluster::{ClusterName, NewPeer, NodeName, PeerEdit, Protocol};
use crate::lab::spec::PeerSpec;

/// The texts of the shipped schema, double spaces included (field-notes 1.4).
mod text {
    pub(super) const OTHER_DOMAIN: &str = "Unable to add/update IM/P peer. The peer's proxy domain is not the same \
        as the local proxy domain. Please check that proxy domains are set appropriately. Interdomain peering is not \
        currently supported.";
    pub(super) const REPRESENTED: &str = "Unable to add inter-cluster IM/P peer.  The peer points to a CUCM Cluster \
        which is already represented in the Inter-cluster configuration.  Please verify that the remote CUCM \
        Publisher is not a member of a CUCM cluster already pointed to by the inter-cluster configuration.";
    pub(super) const INVALID: &str = "Invalid characters in Peer Address";
    pub(super) const PASSWORD: &str =
        "Failed to encrypt AXL password. Please verify you have entered a valid AXL password.";
    pub(super) const ACCOUNT: &str = "AXL Verification Error.  The AXL information provided is incorrect.";
    pub(super) const NO_AXL: &str = "AXL Verification Error.  No AXL Server was found at the given address.  Either \
        the AXL Server process is not running or this is not a valid CUCM node.";
    pub(super) const PARAMETERS: &str =
        "Expected HTTP request parameters are null or empty. See the logs for more details.";
}

/// From a save until ICSA first tries to connect.
const FIRST_ATTEMPT: Duration = Duration::from_secs(10);

impl World {
    /// Adds a peer: `Add New` and `Save` on Presence > Inter-Clustering.
    ///
    /// # Errors
    /// The page refuses the entry.
    pub fn add_peer(&mut self, cluster: &ClusterName, peer: &NewPeer) -> Result<(), Refusal> {
        let at = self.page(cluster)?;
        let address = peer.address.as_str().trim();
        if address.is_empty() {
            return Err(Refusal::page(text::PARAMETERS));
        }
        if !address.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':')) {
            return Err(Refusal::page(text::INVALID));
        }
        if self.clusters[at].peers.iter().any(|p| p.address.same(&peer.address)) {
            return Err(Refusal::page(self.quirks.duplicate));
        }
        let mut entry = self.entry(
            at,
            &PeerSpec { address: peer.address.clone(), account: peer.account.clone(), protocol: peer.protocol.into() },
        );
        entry.early = self.clusters[at].users_copied.is_none();
        self.verify(at, &entry)?;
        self.clusters[at].peers.push(entry);
        if self.quirks.notifies_on_add {
            self.peers_changed(at, true);
        }
        self.record(at, None, Effect::AddPeer { address: peer.address.clone() });
        Ok(())
    }

    /// Changes a peer's account or protocol: `Save` on the peer's page.
    ///
    /// # Errors
    /// There is no such peer, or the page refuses the change.
    pub fn update_peer(&mut self, cluster: &ClusterName, address: &NodeName, edit: &PeerEdit) -> Result<(), Refusal> {
        let at = self.page(cluster)?;
        let place = self.peer_place(at, address)?;
        let old = &self.clusters[at].peers[place];
        let peer = PeerSpec {
            address: old.address.clone(),
            account: edit.account.clone().unwrap_or_else(|| old.account.clone()),
            protocol: edit.protocol.map_or_else(|| old.protocol.clone(), Protocol::from),
        };
        let mut entry = self.entry(at, &peer);
        // The same entry, which keeps what it has learned but connects anew.
        let old = &self.clusters[at].peers[place];
        (entry.id, entry.key, entry.early) = (old.id, old.key.clone(), old.early);
        (entry.learned, entry.last_synced, entry.certificates) = (old.learned, old.last_synced, old.certificates);
        self.verify(at, &entry)?;
        self.clusters[at].peers[place] = entry;
        if self.quirks.notifies_on_add {
            self.peers_changed(at, true);
        }
        self.record(at, None, Effect::UpdatePeer { address: address.clone() });
        self.look_for_losses();
        Ok(())
    }

    /// Deletes a peer. Before release 14 the routers have to be restarted after it (field-notes 1.9).
    ///
    /// # Errors
    /// There is no such peer.
    pub fn delete_peer(&mut self, cluster: &ClusterName, address: &NodeName) -> Result<(), Refusal> {
        let at = self.page(cluster)?;
        let place = self.peer_place(at, address)?;
        self.clusters[at].peers.remove(place);
        if self.clusters[at].release.restarts_after_delete() {
            self.peers_changed(at, self.quirks.delete_notifies_all);
        }
        self.record(at, None, Effect::DeletePeer { address: address.clone() });
        self.look_for_losses();
        Ok(())
    }

    /// An entry of the spec, which has been in sync since before the lab began where it can be.
    pub(super) fn first_peers(&mut self) {
        for at in 0..self.clusters.len() {
            let entries: Vec<Entry> =
                self.clusters[at].spec.peers.clone().iter().map(|peer| self.entry(at, peer)).collect();
            self.clusters[at].peers = entries;
        }
        for at in 0..self.clusters.len() {
            for place in 0..self.clusters[at].peers.len() {
                let entry = &self.clusters[at].peers[place];
                if self.obstacle(at, entry).is_some() {
                    continue;
                }
                let Some(target) = entry.target else { continue };
                let learned = self.clusters[target.cluster].homed_users();
                let certificates = Some(self.clusters[target.cluster].certificates);
                let entry = &mut self.clusters[at].peers[place];
                (entry.phase, entry.learned, entry.certificates) = (Phase::Synced, learned, certificates);
                entry.last_synced = Some(Synced::Before);
            }
        }
    }

    fn entry(&mut self, cluster: usize, peer: &PeerSpec) -> Entry {
        self.last_id += 1;
        self.plan_periodic(cluster, self.last_id);
        let here = self.clusters[cluster].spec.name.as_str();
        Entry {
            id: self.last_id,
            key: self.chance.uuid(&[here, &peer.address.normal(), "peer", &self.last_id.to_string()]),
            address: peer.address.clone(),
            target: self.target(&peer.address),
            account: peer.account.clone(),
            protocol: peer.protocol.clone(),
            phase: Phase::Waiting { attempt: self.now + FIRST_ATTEMPT },
            learned: 0,
            last_synced: None,
            early: false,
            certificates: None,
            certificates_stick: false,
            resync: false,
        }
    }

    /// The checks that need the other side; it is asked over AXL, so nothing is known of one that does not answer.
    fn verify(&self, at: usize, entry: &Entry) -> Result<(), Refusal> {
        if entry.account.username.trim().is_empty() {
            return Err(Refusal::page(text::PARAMETERS));
        }
        if entry.account.password.expose_secret().is_empty() {
            return Err(Refusal::page(text::PASSWORD));
        }
        let target = entry.target;
        // An agent that is down here does not matter to the page.
        let reached = self.obstacle(at, entry).is_none_or(|o| o != Obstacle::NotReachable);
        match target {
            Some(target) if reached => self.verify_reached(at, entry, target),
            Some(_) if self.quirks.verifies_account => Err(Refusal::page(text::ACCOUNT)),
            None if self.quirks.verifies_account => Err(Refusal::page(text::NO_AXL)),
            _ => Ok(()),
        }
    }

    fn verify_reached(&self, at: usize, entry: &Entry, target: Site) -> Result<(), Refusal> {
        let (here, there) = (&self.clusters[at].spec, &self.clusters[target.cluster].spec);
        if !here.domain.eq_ignore_ascii_case(&there.domain) {
            return Err(Refusal::page(text::OTHER_DOMAIN));
        }
        let shares = |other: &crate::lab::spec::ClusterSpec| {
            other.unified_cms.iter().any(|a| there.unified_cms.iter().any(|b| a.eq_ignore_ascii_case(b)))
        };
        let represented = self.clusters[at]
            .peers
            .iter()
            .filter(|p| p.id != entry.id)
            .filter_map(|p| p.target)
            .any(|t| t.cluster == target.cluster || shares(&self.clusters[t.cluster].spec));
        if represented || shares(here) || at == target.cluster {
            return Err(Refusal::page(text::REPRESENTED));
        }
        Ok(())
    }

    fn page(&self, cluster: &ClusterName) -> Result<usize, Refusal> {
        self.cluster(cluster).map(|(at, _)| at).ok_or_else(|| Refusal::page("No such cluster."))
    }

    pub(super) fn peer_place(&self, at: usize, address: &NodeName) -> Result<usize, Refusal> {
        let found = self.clusters[at].peers.iter().position(|p| p.address.same(address));
        found.ok_or_else(|| Refusal::page("The inter-cluster peer does not exist."))
    }
}

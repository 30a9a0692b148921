//! Peers: those that the file asks for, and those that it does not.

use super::aliases::Alias;
use super::entries::Entries;
use super::{Compared, Diff, can_be_linked, peers_of};
use crate::cluster::{ClusterSnapshot, Peer, Protocol};
use crate::mesh::topology::Link;
use crate::mesh::{Cluster, ClusterName, NodeName, State, UnmanagedPeers};
use crate::plan::change::{Change, Left, LeftAlone, ProtocolChange, What};

impl Compared<'_> {
    pub(super) fn peers(&self, diff: &mut Diff, cluster: &Cluster, read: &ClusterSnapshot) {
        let Some(peers) = read.peers.read() else { return };
        let entries = Entries::new(self, cluster, peers);
        let mut claimed: Vec<&NodeName> = Vec::new();
        for (other, link) in &entries.wanted {
            let alias = self.alias(other, &entries);
            if let Alias::Is(peer, _) | Alias::MayBe(peer) = &alias {
                claimed.push(&peer.address);
            }
            match self.peer(other, link, &entries, &alias) {
                Ok(change) => diff.changes.extend(change),
                Err(reason) => diff.left.push(LeftAlone {
                    cluster: cluster.name.clone(),
                    what: Left::Link { to: other.name.clone() },
                    reason,
                }),
            }
        }
        for peer in peers {
            if !entries.is_wanted(peer) && !claimed.contains(&&peer.address) {
                self.unasked(diff, cluster, peer, &entries.wanted);
            }
        }
    }

    /// What is to be done with the entry for another cluster, or why nothing can be.
    fn peer(
        &self,
        other: &Cluster,
        link: &Link,
        entries: &Entries<'_, '_>,
        alias: &Alias<'_>,
    ) -> Result<Option<Change>, String> {
        if !self.snapshot.clusters.get(&other.name).is_some_and(can_be_linked) {
            // half a link is worse than none
            return Err(format!("{} could not be read", other.name));
        }
        let after = Protocol::from(link.transport);
        let to = other.name.clone();
        let found = entries.at(&other.publisher);
        let (what, reason) = match (found, alias) {
            (Some(peer), _) => {
                let differs = peer.protocol != after;
                let protocol = differs.then(|| ProtocolChange { before: peer.protocol.clone(), after });
                let account = self.account(other, peer);
                let reason = match (&protocol, &account) {
                    (None, None) => return Ok(None),
                    (Some(_), None) => "its Protocol differs from the file's".to_owned(),
                    (None, Some(account)) => account.why.words().to_owned(),
                    (Some(_), Some(account)) => {
                        format!("its Protocol differs from the file's; {}", account.why.words())
                    }
                };
                (What::ChangePeer { address: peer.address.clone(), to, protocol, account }, reason)
            }
            (None, Alias::MayBe(peer)) => {
                return Err(format!(
                    "peer {} may be its entry under another name, and may be another cluster's; delete it by hand if \
                     it is stale",
                    peer.address
                ));
            }
            (None, Alias::Is(peer, how)) => {
                let what = What::ReplacePeer {
                    before: peer.address.clone(),
                    after: other.publisher.clone(),
                    to,
                    protocol_before: peer.protocol.clone(),
                    protocol: after,
                };
                (what, format!("{how}; Peer Address must be the node name of its database publisher"))
            }
            (None, Alias::None) => {
                let address = other.publisher.clone();
                (What::CreatePeer { address, to, protocol: after }, format!("link {}", link.pair))
            }
        };
        let line = self.lines.line(&link.pointer);
        Ok(Some(Change { cluster: entries.cluster.name.clone(), what, reason, line }))
    }

    /// The clusters that this one is to be linked with.
    pub(super) fn wanted(&self, cluster: &ClusterName) -> Vec<(&Cluster, &Link)> {
        let other = |link: &Link| self.cluster(if link.pair.a() == cluster { link.pair.b() } else { link.pair.a() });
        let of_cluster = self.links_of.get(cluster).into_iter().flatten().map(|at| &self.links[*at]);
        of_cluster.filter_map(|link| Some((other(link)?, link))).collect()
    }

    /// A peer that the file does not ask for: a declared departure deletes it, otherwise the policy decides. What
    /// could not be read never deletes anything.
    fn unasked(&self, diff: &mut Diff, cluster: &Cluster, peer: &Peer, wanted: &[(&Cluster, &Link)]) {
        let clusters = &self.mesh.clusters;
        let to = clusters.iter().position(|c| c.publisher.same(&peer.address));
        let own = clusters.iter().position(|c| c.name == cluster.name);
        let leaves = |i: &usize| clusters[*i].state != State::Present;
        let declared = to.and_then(|to| [Some(to), own].into_iter().flatten().find(leaves));
        let left = |what, reason| LeftAlone { cluster: cluster.name.clone(), what, reason };
        let unmanaged = || Left::UnmanagedPeer { address: peer.address.clone(), protocol: peer.protocol.clone() };
        let unread = to.map(|i| &clusters[i]).filter(|other| {
            // a cluster that is gone is never read, and its entries go on one side alone
            other.state != State::Gone && peers_of(self.snapshot, &other.name).is_none()
        });
        let delete = |reason: String, line| Change {
            cluster: cluster.name.clone(),
            what: What::DeletePeer {
                address: peer.address.clone(),
                to: to.map(|i| clusters[i].name.clone()),
                protocol: peer.protocol.clone(),
            },
            reason,
            line,
        };
        if let Some(leaver) = declared {
            let state = if clusters[leaver].state == State::Gone { "gone" } else { "absent" };
            let reason = format!("{} is {state}", clusters[leaver].name);
            match unread {
                Some(other) => diff.left.push(left(
                    unmanaged(),
                    format!(
                        "{reason}, and {} could not be read: a peer is deleted on both sides, or on one alone when \
                         the other cluster is `gone`",
                        other.name
                    ),
                )),
                None => diff.changes.push(delete(reason, self.lines.line(&format!("/clusters/{leaver}/state")))),
            }
            return;
        }
        let whose = match to {
            Some(i) => format!("the file does not link {} and {}", cluster.name, clusters[i].name),
            None => "no cluster of the file has this publisher".to_owned(),
        };
        let unknown = wanted
            .iter()
            .map(|(other, _)| *other)
            .find(|other| to.is_none() && !self.snapshot.clusters.get(&other.name).is_some_and(can_be_linked));
        match (self.mesh.policy.unmanaged_peers, unread.or(unknown)) {
            (UnmanagedPeers::Delete, None) => {
                let line = self.lines.line("/policy/unmanaged_peers");
                diff.changes.push(delete(format!("{whose}; unmanaged_peers: delete"), line));
            }
            (UnmanagedPeers::Delete, Some(other)) => {
                let reason = format!("{whose}; {} could not be read, so it is not deleted", other.name);
                diff.left.push(left(unmanaged(), reason));
            }
            (UnmanagedPeers::Ignore, _) => diff.ignored += 1,
            (UnmanagedPeers::Report, _) => diff.left.push(left(unmanaged(), whose)),
        }
    }
}

//! Entries: those that are missing or differ, and those that nobody asked for.

use super::finding::{Finding, Label, Other, Place};
use super::found::{Explains, Found};
use super::{Case, milder};
use crate::cluster::{ClusterSnapshot, Peer, Protocol, same_user};
use crate::mesh::topology::Link;
use crate::mesh::{Cluster, ClusterName, DriftCode, DriftSeverity, NodeName, State, UnmanagedPeers};
use crate::plan::diff::aliases::Alias;
use crate::plan::diff::entries::Entries;
use crate::plan::facts::{ABSENT, About};

pub(super) fn judge(case: &Case<'_>, found: &mut Found) {
    for cluster in case.mesh.clusters.iter().filter(|c| c.state != State::Gone) {
        let Some(read) = case.snapshot.clusters.get(&cluster.name) else { continue };
        let Some(peers) = read.peers.read() else { continue };
        let entries = Entries::new(&case.compared, cluster, peers);
        let mut claimed: Vec<&NodeName> = Vec::new();
        for (other, link) in &entries.wanted {
            let side = Side { case, link, from: cluster, to: other, read };
            match (entries.at(&other.publisher), case.compared.alias(other, &entries)) {
                (Some(peer), _) => side.entry(peer, found),
                (None, Alias::Is(peer, how)) => {
                    claimed.push(&peer.address);
                    side.other_name(peer, &how, found);
                }
                (None, Alias::None | Alias::MayBe(_)) => side.missing(found),
            }
        }
        for peer in peers {
            if !entries.is_wanted(peer) && !claimed.contains(&&peer.address) {
                unasked(case, cluster, peer, found);
            }
        }
    }
}

/// One side of a link.
struct Side<'a> {
    case: &'a Case<'a>,
    link: &'a Link,
    from: &'a Cluster,
    to: &'a Cluster,
    read: &'a ClusterSnapshot,
}

fn about_peer(address: &NodeName) -> About {
    About::Peer { address: NodeName::from(address.normal()) }
}

impl Side<'_> {
    fn place(&self) -> Place {
        Place::side(&self.from.name, &self.to.name, &self.to.publisher)
    }

    /// A finding about a fact that the file asks for.
    fn add(&self, code: DriftCode, about: &About, wanted: &str, was: &str, words: (String, &str), found: &mut Found) {
        let (what, fix) = words;
        let finding = self.case.of_link(code, self.link, self.place(), what, fix);
        let label = self.case.judging.last.and_then(|last| last.label(&self.from.name, about, wanted, was));
        found.add(self.graded(Finding { label, ..finding }), Explains::Link(self.link.pair.clone()));
    }

    fn missing(&self, found: &mut Found) {
        let wanted = Protocol::from(self.link.transport);
        let address = &self.to.publisher;
        let what = format!("{} has no peer {address}", self.from.name);
        let fix = "`intermesh plan` adds it.";
        self.add(DriftCode::PeerMissing, &about_peer(address), wanted.word(), ABSENT, (what, fix), found);
    }

    fn other_name(&self, peer: &Peer, how: &str, found: &mut Found) {
        let what = format!("{} has a peer {} in place of {}: {how}", self.from.name, peer.address, self.to.publisher);
        let fix = "`intermesh plan` replaces it.";
        let (about, wanted) = (about_peer(&self.to.publisher), Protocol::from(self.link.transport));
        self.add(DriftCode::PeerName, &about, wanted.word(), ABSENT, (what, fix), found);
    }

    fn entry(&self, peer: &Peer, found: &mut Found) {
        let wanted = Protocol::from(self.link.transport);
        let address = &peer.address;
        if peer.protocol != wanted {
            let (was, wanted) = (peer.protocol.word(), wanted.word());
            let what = format!("Protocol of peer {address} is {was}, the file asks for {wanted}");
            let fix = "`intermesh plan` changes it back; `intermesh drift --patch` proposes a file that has it so.";
            self.add(DriftCode::Protocol, &about_peer(address), wanted, was, (what, fix), found);
        }
        let account = self.case.mesh.peer_account(self.to).and_then(|name| self.case.mesh.credentials.get(name));
        if let (Some(was), Some(account)) = (&peer.username, account)
            && !same_user(was, &account.username)
        {
            let wanted = &account.username;
            let what = format!("AXL Username of peer {address} is {was}, the file asks for {wanted}");
            let fix = "`intermesh plan` writes the file's account.";
            let about = About::Account { address: NodeName::from(address.normal()) };
            self.add(DriftCode::Username, &about, wanted, was, (what, fix), found);
        }
    }

    /// Where the link works all the same, a difference is no error.
    fn graded(&self, finding: Finding) -> Finding {
        let may_work = matches!(finding.code, DriftCode::Protocol | DriftCode::Username);
        let back = peer_of(self.case, &self.to.name, &self.from.publisher);
        let here = peer_of(self.case, &self.from.name, &self.to.publisher);
        let alike = match (here, back) {
            (Some(here), Some(back)) => here.protocol == back.protocol,
            _ => false,
        };
        let good = here.and_then(|peer| self.read.peer_status.get(&peer.address)?.read());
        let good = good.is_some_and(|status| !status.entries.is_empty() && status.not_passed().next().is_none());
        let works = good && (alike || finding.code == DriftCode::Username);
        if may_work && works { milder(finding, DriftSeverity::Warning) } else { finding }
    }
}

fn peer_of<'a>(case: &Case<'a>, cluster: &ClusterName, address: &NodeName) -> Option<&'a Peer> {
    case.snapshot.clusters.get(cluster)?.peers.read()?.iter().find(|p| p.address.same(address))
}

fn unasked(case: &Case<'_>, cluster: &Cluster, peer: &Peer, found: &mut Found) {
    let to = case.mesh.clusters.iter().find(|c| c.publisher.same(&peer.address));
    let leaver = [to, Some(cluster)].into_iter().flatten().find(|c| c.state != State::Present);
    let policy = case.mesh.policy.unmanaged_peers;
    if leaver.is_none() && policy == UnmanagedPeers::Ignore {
        return;
    }
    let name = &cluster.name;
    let why = match (leaver, to) {
        (Some(leaver), _) => format!("{} leaves the mesh", leaver.name),
        (None, Some(to)) => format!("the file does not link {name} and {}", to.name),
        (None, None) => "no cluster of the file has this publisher".to_owned(),
    };
    let fix = match (leaver.is_some(), policy) {
        (true, _) | (_, UnmanagedPeers::Delete) => "`intermesh plan` deletes it.".to_owned(),
        (false, _) => "Delete it on both sides (Presence > Inter-Clustering), link it in the file, or accept it: \
                       `intermesh drift --patch` proposes how."
            .to_owned(),
    };
    let place = Place {
        peer: Some(Other { cluster: to.map(|to| to.name.clone()), address: peer.address.clone() }),
        ..Place::of(name)
    };
    let what =
        format!("{name} has a peer {} ({}) that the file does not ask for: {why}", peer.address, peer.protocol.word());
    let finding = case.of_cluster(DriftCode::PeerUnasked, place, what, fix);
    let was = peer.protocol.word();
    let label = case.judging.last.and_then(|last| {
        let label = last.label(name, &about_peer(&peer.address), ABSENT, was)?;
        // one that was left alone before has not moved, and the file never asked for it
        (label != Label::Pending || last.asked_for(name, &peer.address)).then_some(label)
    });
    let line = leaver.and_then(|leaver| {
        let at = case.mesh.clusters.iter().position(|c| c.name == leaver.name)?;
        case.line(&format!("/clusters/{at}/state"))
    });
    found.add(Finding { label, line: line.or(finding.line), ..finding }, Explains::Nothing);
}

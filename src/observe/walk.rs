//! Walks from a few clusters along their peers to all that can be reached, breadth first, each cluster once.
//!
//! A peer entry is an address, and a cluster may be reached by many: by its publisher's node name, a host name, an IP
//! address, a subscriber's name. Addresses that are the same host are asked one after another, and once an account was
//! refused there, no other of them is asked with it: accounts lock.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use futures::stream::{self, StreamExt};

use super::{CLUSTERS_AT_ONCE, ends_reading};
use crate::cluster::{
    CONNECTIVITY, ClusterSnapshot, Discovered, Discovery, Error, Fact, NotRead, Observe, Unread, service,
};
use crate::mesh::{NodeName, Roles};

/// The most addresses that are asked: twice the clusters that the vendor supports in a mesh (field-notes 2.1), each by
/// one more name. What is beyond is listed and not asked.
const MOST: usize = 60;

/// An address that something points to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The address.
    pub address: NodeName,
    /// The user names that the entries which point to it store: accounts that are likely to be taken there.
    pub usernames: Vec<String>,
}

/// A cluster behind an address, to be read.
pub struct Opened {
    /// What reads it.
    pub observer: Arc<dyn Observe>,
    /// The credentials that it is read with.
    pub login: Roles,
}

/// Opens clusters of which only an address is known. Nothing is contacted yet.
pub trait Door: Sync {
    /// The cluster behind an address.
    ///
    /// # Errors
    /// Nothing is known to log in with, or the way cannot be used.
    fn open(&self, found: &Found) -> Result<Opened, Error>;
}

/// How far the walk has come.
#[derive(Clone, Debug)]
pub struct Walking<'a> {
    /// The address that was asked just now.
    pub address: &'a NodeName,
    /// Addresses asked so far.
    pub done: usize,
    /// Addresses found so far.
    pub of: usize,
}

/// Reads all clusters that peers lead to from these addresses. Never fails: what told nothing is in the answer, with
/// the reason.
pub async fn walk(start: &[NodeName], door: &dyn Door, tell: &(dyn Fn(Walking<'_>) + Sync)) -> Discovery {
    let mut walk = Walk::default();
    let mut next: Vec<Found> = start.iter().map(|a| Found { address: a.clone(), usernames: Vec::new() }).collect();
    loop {
        let wave = walk.unseen(std::mem::take(&mut next));
        if wave.is_empty() {
            return walk.finish(start).await;
        }
        let hosts = stream::iter(wave).map(|found| look_up(found, door)).buffered(CLUSTERS_AT_ONCE).collect().await;
        let groups = walk.by_host(hosts);
        let mut asked = stream::iter(groups).map(|group| ask_host(group, door)).buffer_unordered(CLUSTERS_AT_ONCE);
        let mut answers: Vec<(Host, Answer)> = Vec::new();
        while let Some(group) = asked.next().await {
            for (host, answer) in group {
                walk.done += 1;
                tell(Walking { address: &host.found.address, done: walk.done, of: walk.seen.len() });
                answers.push((host, answer));
            }
        }
        // who answered first is chance
        answers.sort_by_key(|(host, _)| host.at);
        next = answers.into_iter().flat_map(|(host, answer)| walk.take(host, answer)).collect();
    }
}

/// An address with what it resolves to.
struct Host {
    found: Found,
    addresses: BTreeSet<IpAddr>,
    /// Its place in the order in which addresses were found.
    at: usize,
}

impl Host {
    /// Whether both are one host for certain, as far as names and DNS tell.
    fn same(&self, other: &Host) -> bool {
        !self.addresses.is_disjoint(&other.addresses)
    }
}

/// What came of asking an address.
enum Answer {
    /// Its cluster was read.
    Read(Box<Discovered>, Arc<dyn Observe>),
    /// It belongs to the cluster of this publisher.
    Of(NodeName),
    /// It is the same host as this address, which was asked.
    Same(NodeName),
    /// It told nothing.
    Nothing(Box<NotRead>),
}

impl Answer {
    /// Whether asking the same host by another name can bring no more, or costs another failed login.
    fn settles(&self) -> bool {
        match self {
            Answer::Read(..) | Answer::Of(_) | Answer::Same(_) => true,
            Answer::Nothing(not) => ends_reading(&not.error),
        }
    }
}

#[derive(Default)]
struct Walk {
    seen: BTreeSet<String>,
    done: usize,
    /// Hosts that need not be asked by another name.
    settled: Vec<Host>,
    clusters: Vec<Discovered>,
    /// What reads each of them, in the same order.
    observers: Vec<Arc<dyn Observe>>,
    unread: Vec<NotRead>,
    not_asked: Vec<NodeName>,
    /// Other names, and the address or publisher that each stands for.
    aliases: Vec<(NodeName, NodeName)>,
}

impl Walk {
    /// The addresses that were not seen yet, each once, with all that is known of it.
    fn unseen(&mut self, found: Vec<Found>) -> Vec<Found> {
        let mut wave: Vec<Found> = Vec::new();
        for Found { address, usernames } in found {
            if let Some(known) = wave.iter_mut().find(|f| f.address.same(&address)) {
                known.usernames.extend(usernames);
            } else if self.seen.contains(&address.normal()) {
                continue;
            } else if let Some(cluster) = self.clusters.iter().find(|c| c.is(&address)) {
                self.aliases.push((address, cluster.publisher.clone()));
            } else if self.seen.len() >= MOST {
                self.not_asked.push(address);
            } else {
                self.seen.insert(address.normal());
                wave.push(Found { address, usernames });
            }
        }
        wave
    }

    /// Addresses of one host together. Those of a host that was settled before are not asked at all.
    fn by_host(&mut self, found: Vec<(Found, BTreeSet<IpAddr>)>) -> Vec<Vec<Host>> {
        let mut groups: Vec<Vec<Host>> = Vec::new();
        for (at, (found, addresses)) in found.into_iter().enumerate() {
            let host = Host { found, addresses, at };
            if let Some(known) = self.settled.iter().find(|settled| settled.same(&host)) {
                self.done += 1;
                self.aliases.push((host.found.address, known.found.address.clone()));
            } else if let Some(group) = groups.iter_mut().find(|group| group.iter().any(|h| h.same(&host))) {
                group.push(host);
            } else {
                groups.push(vec![host]);
            }
        }
        groups
    }

    /// Keeps what came of an address; returns where its peers lead.
    fn take(&mut self, host: Host, answer: Answer) -> Vec<Found> {
        let address = host.found.address.clone();
        let usernames = host.found.usernames.clone();
        if answer.settles() {
            self.settled.push(host);
        }
        match answer {
            Answer::Read(cluster, observer) => {
                self.observers.push(observer);
                let to = cluster.read.peers.read().into_iter().flatten().map(|peer| Found {
                    address: peer.address.clone(),
                    usernames: peer.username.iter().cloned().collect(),
                });
                let mut to: Vec<Found> = to.collect();
                to.sort_by_key(|found| found.address.normal());
                self.clusters.push(*cluster);
                to
            }
            Answer::Of(publisher) => {
                self.aliases.push((address, publisher.clone()));
                vec![Found { address: publisher, usernames }]
            }
            Answer::Same(other) => {
                self.aliases.push((address, other));
                Vec::new()
            }
            Answer::Nothing(not) => {
                self.unread.push(*not);
                Vec::new()
            }
        }
    }

    /// Of an address that told nothing here, a cluster with a peer for it may still say that it is connected.
    async fn look_from_there(&mut self, start: &[NodeName]) {
        for not in &mut self.unread {
            not.exists = ends_reading(&not.error) || start.iter().any(|named| named.same(&not.address));
            for (cluster, observer) in self.clusters.iter().zip(&self.observers) {
                let peers = cluster.read.peers.read().into_iter().flatten();
                for peer in peers.filter(|peer| peer.address.same(&not.address)) {
                    if !not.exists {
                        let status = observer.peer_status(&peer.address).await.ok();
                        not.exists = status.and_then(|s| Some(s.entry(CONNECTIVITY)?.is_good())).unwrap_or(false);
                    }
                }
            }
        }
    }

    async fn finish(mut self, start: &[NodeName]) -> Discovery {
        self.look_from_there(start).await;
        let Walk { mut clusters, unread, aliases, mut not_asked, .. } = self;
        let target: BTreeMap<String, &NodeName> = aliases.iter().map(|(name, of)| (name.normal(), of)).collect();
        let lead = |name: &NodeName| {
            let mut here = name.clone();
            // as many steps as there are names: two could name each other
            for _ in 0..aliases.len() {
                match target.get(&here.normal()) {
                    Some(next) => here = (*next).clone(),
                    None => break,
                }
            }
            here
        };
        let mut also: Vec<(NodeName, NodeName)> = aliases.iter().map(|(name, of)| (name.clone(), lead(of))).collect();
        // an address that told nothing, and that a cluster which was read knows as one of its own
        let mut still: Vec<NotRead> = Vec::new();
        for not in unread {
            let own =
                clusters.iter().find(|c| c.is(&not.address)).or_else(|| only_by_host_name(&clusters, &not.address));
            match own {
                Some(cluster) => also.push((not.address, cluster.publisher.clone())),
                None => still.push(not),
            }
        }
        for (name, of) in also {
            if let Some(cluster) = clusters.iter_mut().find(|c| c.publisher.same(&of) || c.is(&of)) {
                if !cluster.publisher.same(&name) && !cluster.also.iter().any(|a| a.same(&name)) {
                    cluster.also.push(name);
                }
            } else if let Some(not) = still.iter_mut().find(|n| n.address.same(&of))
                && !not.address.same(&name)
            {
                not.also.push(name);
            }
        }
        for cluster in &mut clusters {
            cluster.also.sort_by_key(NodeName::normal);
        }
        clusters.sort_by_key(|c| c.publisher.normal());
        still.sort_by_key(|n| n.address.normal());
        not_asked.sort_by_key(NodeName::normal);
        not_asked.dedup_by(|a, b| a.same(b));
        Discovery { clusters, unread: still, not_asked }
    }
}

/// The only cluster one of whose nodes has this host name, or this long name for its host name.
fn only_by_host_name<'a>(clusters: &'a [Discovered], address: &NodeName) -> Option<&'a Discovered> {
    let mut known = clusters.iter().filter(|c| c.nodes().iter().any(|node| node.is_short_or_long_for(address)));
    known.next().filter(|_| known.next().is_none())
}

/// What an address resolves to; nothing where it does not, or where it cannot be asked.
async fn look_up(found: Found, door: &dyn Door) -> (Found, BTreeSet<IpAddr>) {
    let address = found.address.as_str();
    if let Ok(ip) = address.parse::<IpAddr>() {
        return (found, BTreeSet::from([ip]));
    }
    let lookup = match door.open(&found) {
        Ok(opened) => opened.observer.resolve(address).await.ok(),
        Err(_) => None,
    };
    let addresses = lookup.into_iter().flat_map(|lookup| lookup.addresses).map(|known| known.address).collect();
    (found, addresses)
}

/// Asks the addresses of one host, one after another, until one of them settles it.
async fn ask_host(group: Vec<Host>, door: &dyn Door) -> Vec<(Host, Answer)> {
    let mut answers: Vec<(Host, Answer)> = Vec::new();
    let mut settled: Option<NodeName> = None;
    for host in group {
        let answer = match &settled {
            Some(by) => Answer::Same(by.clone()),
            None => ask(&host.found, door).await,
        };
        if settled.is_none() && answer.settles() {
            settled = Some(host.found.address.clone());
        }
        answers.push((host, answer));
    }
    answers
}

/// Reads the cluster behind an address: what a mesh file says of a cluster, and nothing else.
async fn ask(found: &Found, door: &dyn Door) -> Answer {
    let nothing = |login: Roles, error: Error| {
        Answer::Nothing(Box::new(NotRead {
            address: found.address.clone(),
            also: Vec::new(),
            login,
            error,
            exists: false,
        }))
    };
    let Opened { observer, login } = match door.open(found) {
        Ok(opened) => opened,
        Err(error) => return nothing(Roles::default(), error),
    };
    let mut read = ClusterSnapshot::unread(&Unread::NotAsked);
    read.identity = observer.identity().await.into();
    match read.identity.failure().cloned() {
        Some(error) if ends_reading(&error) => return nothing(login, error),
        // AXL is down; the pages may still tell
        Some(error) => {
            read.nodes = Fact::Unread(Unread::Failed(error.clone()));
            read.topology = observer.topology().await.into();
            if read.topology.read().is_none() {
                return nothing(login, error);
            }
        }
        None => read.nodes = observer.nodes().await.into(),
    }
    let publisher = read.nodes.read().and_then(|nodes| nodes.iter().find(|node| node.publisher));
    if let Some(publisher) = publisher.filter(|publisher| !publisher.name.same(&found.address)) {
        return Answer::Of(publisher.name.clone());
    }
    // as the cluster itself spells it
    let publisher = publisher.map_or_else(|| found.address.clone(), |publisher| publisher.name.clone());
    read.peers = observer.peers().await.into();
    if read.peers.read().is_some() {
        for node in read.known_nodes(&publisher, &[]) {
            for service in [service::ICSA, service::SIP_PROXY] {
                let parameters = observer.parameters(&node, service, &[]).await;
                read.parameters.entry(node.clone()).or_default().insert(service.to_owned(), parameters.into());
            }
        }
    }
    Answer::Read(Box::new(Discovered { publisher, also: Vec::new(), login, read }), observer)
}

//! Ways from nodes to the ports of a peer's nodes, by what the nodes said of them.

use std::collections::BTreeMap;

use crate::cluster::{Fact, Reachability, Snapshot, Unread, Way, service};
use crate::mesh::{ClusterName, Mesh};

/// The ports between clusters, with what they carry (procedure: prerequisites).
const PORTS: [(u16, &str); 3] = [(AXL, "AXL"), (XMPP, "XMPP"), (SIP, "SIP")];
/// Peers read each other at it: without it there is no link.
pub(super) const AXL: u16 = 8443;
pub(super) const XMPP: u16 = 7400;
const SIP: u16 = 5060;

/// The ports that a mesh needs, with what they carry: SIP only where it federates.
pub(super) fn ports(mesh: &Mesh) -> impl Iterator<Item = (u16, &'static str)> {
    let federates = mesh.policy.sip_federation;
    PORTS.into_iter().filter(move |(port, _)| *port != SIP || federates)
}

/// What was said of all the ways to one port of a cluster.
pub(super) struct Said<'a> {
    /// How many ways there are.
    pub(super) all: usize,
    /// Those that are closed.
    pub(super) closed: Ways<'a>,
    /// Those of which it cannot be told.
    pub(super) unclear: Ways<'a>,
}

impl<'a> Said<'a> {
    /// Of these ways, those to a port of a cluster.
    pub(super) fn of(ways: impl IntoIterator<Item = &'a Way>, to: &ClusterName, port: u16) -> Said<'a> {
        let mut said = Said { all: 0, closed: Ways::default(), unclear: Ways::default() };
        for way in ways.into_iter().filter(|way| way.to == *to && way.port == port) {
            said.all += 1;
            match &way.found {
                Fact::Read(Reachability::Open) => {}
                Fact::Read(Reachability::Closed(words)) => said.closed.add(words.clone(), way),
                Fact::Read(Reachability::Unclear(words)) => said.unclear.add(format!("the node says `{words}`"), way),
                Fact::Unread(Unread::NotAsked) => said.unclear.add("not asked".to_owned(), way),
                Fact::Unread(Unread::Failed(error)) => said.unclear.add(error.kind.to_string(), way),
            }
        }
        said
    }
}

/// Ways by what was said of them.
#[derive(Default)]
pub(super) struct Ways<'a>(BTreeMap<String, Vec<&'a Way>>);

impl<'a> Ways<'a> {
    fn add(&mut self, words: String, way: &'a Way) {
        // the same is said of another host in the same words
        self.0.entry(words.replace(way.host.as_str(), "it")).or_default().push(way);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One part for all of which the same is said; `of` is how many ways there are.
    pub(super) fn words(&self, of: usize) -> String {
        let part = |(words, ways): (&String, &Vec<&Way>)| {
            if ways.len() == of && of > 1 {
                return format!("all {of} ways tried: {words}");
            }
            let ways: Vec<String> = ways.iter().map(|way| format!("{} -> {}", way.from, way.host)).collect();
            format!("{}: {words}", ways.join(", "))
        };
        self.0.iter().map(part).collect::<Vec<_>>().join("; ")
    }

    /// What is said first, without the ways.
    pub(super) fn first(&self) -> Option<&str> {
        self.0.keys().next().map(String::as_str)
    }

    /// Whether each of them leads to the XMPP port of a node whose router is down: nothing else listens there.
    pub(super) fn lead_to_stopped_routers(&self, snapshot: &Snapshot) -> bool {
        let is_down = |way: &&Way| {
            let read = snapshot.clusters.get(&way.to);
            let services = read.and_then(|read| read.services.get(&way.host)).and_then(Fact::read);
            let router = services.and_then(|services| services.iter().find(|s| s.name == service::XCP_ROUTER));
            way.port == XMPP && router.is_some_and(|router| !router.state.runs())
        };
        self.0.values().flatten().all(is_down)
    }
}

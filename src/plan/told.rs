//! What nodes told of a link that is to be made: the ports that they reach and the names that they resolve. A closed way
//! to AXL or a name that leads nowhere keeps the link from being made; what the nodes did not tell is said.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{Concern, Weight};
use super::ways::{self, Said};
use crate::cluster::{ClusterSnapshot, Fact, NodeLookup, Snapshot, Unread};
use crate::mesh::{Cluster, ClusterName, Mesh};

/// What the nodes told of many links.
#[derive(Default)]
pub(super) struct Told {
    /// What is not as it should be, and keeps no link from being made.
    warnings: Vec<Concern>,
    /// What cannot be told, with the peers that it cannot be told of, by cluster.
    unclear: BTreeMap<(ClusterName, Question), Unclear>,
    /// The clusters whose nodes could have been asked, and were not.
    not_asked: BTreeSet<ClusterName>,
}

/// What a node is asked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Question {
    Ports,
    Names,
}

/// Peers, and the first words that were said of one.
struct Unclear {
    of: BTreeSet<ClusterName>,
    words: String,
}

impl Told {
    /// What the nodes of both sides told of a link: what keeps it from being made; the rest is kept for the end.
    pub(super) fn obstacles(&mut self, mesh: &Mesh, snapshot: &Snapshot, [a, b]: [&Cluster; 2]) -> Vec<Concern> {
        let mut found = Vec::new();
        for (cluster, peer) in [(a, b), (b, a)] {
            let (from, to) = (&cluster.name, &peer.name);
            let Some(read) = snapshot.clusters.get(from).filter(|_| mesh.cli_account(cluster).is_some()) else {
                continue;
            };
            // its names may all be addresses, but a port is asked for in any case
            if !read.ways.iter().any(|way| way.to == *to) {
                self.not_asked.insert(from.clone());
                continue;
            }
            self.ways(mesh, snapshot, read, (from, to), &mut found);
            self.names(read, (from, to), &mut found);
        }
        found
    }

    fn ways(
        &mut self,
        mesh: &Mesh,
        snapshot: &Snapshot,
        read: &ClusterSnapshot,
        (from, to): (&ClusterName, &ClusterName),
        found: &mut Vec<Concern>,
    ) {
        for (port, carries) in ways::ports(mesh) {
            let Said { all, closed, unclear } = Said::of(&read.ways, to, port);
            // routers that are down are started by the plan
            if !closed.is_empty() && !closed.lead_to_stopped_routers(snapshot) {
                let what = format!(
                    "port {port} ({carries}) of {to} is closed to the nodes of {from}, {}; open it in the firewalls \
                     between them",
                    closed.words(all)
                );
                // the link is made and synced over AXL alone
                if port == ways::AXL { &mut *found } else { &mut self.warnings }.push(warning(from, what));
            }
            if let Some(words) = unclear.first() {
                self.unclear(from, Question::Ports, to, words);
            }
        }
    }

    fn names(&mut self, read: &ClusterSnapshot, (from, to): (&ClusterName, &ClusterName), found: &mut Vec<Concern>) {
        let (mut nowhere, mut not_back) = (BTreeMap::new(), BTreeMap::new());
        for NodeLookup { from: node, to: _, name, found } in read.node_lookups.iter().filter(|l| l.to == *to) {
            match found {
                Fact::Read(lookup) => match &lookup.trouble {
                    Some(trouble) => self.unclear(from, Question::Names, to, trouble),
                    None if lookup.leads_nowhere() => {
                        nowhere.entry(name).or_insert_with(Vec::new).push(node.as_str());
                    }
                    None if lookup.addresses.iter().any(|address| address.names.is_empty()) => {
                        not_back.entry(name).or_insert_with(Vec::new).push(node.as_str());
                    }
                    None => {}
                },
                Fact::Unread(Unread::NotAsked) => self.unclear(from, Question::Names, to, "not asked"),
                Fact::Unread(Unread::Failed(error)) => {
                    self.unclear(from, Question::Names, to, &error.kind.to_string());
                }
            }
        }
        for (name, nodes) in nowhere {
            let nodes = nodes.join(", ");
            let what =
                format!("{name} of {to} does not resolve on {nodes}; the Intercluster Sync Agent would not connect");
            found.push(warning(from, what));
        }
        for (name, nodes) in not_back {
            let nodes = nodes.join(", ");
            let what = format!("an address of {name} of {to} leads back to no name on {nodes}; add the PTR record");
            self.warnings.push(warning(from, what));
        }
    }

    fn unclear(&mut self, from: &ClusterName, question: Question, of: &ClusterName, words: &str) {
        let new = || Unclear { of: BTreeSet::new(), words: words.to_owned() };
        self.unclear.entry((from.clone(), question)).or_insert_with(new).of.insert(of.clone());
    }

    /// What there is to say besides the obstacles.
    pub(super) fn concerns(self, mesh: &Mesh) -> Vec<Concern> {
        let mut found = self.warnings;
        let ports: Vec<String> = ways::ports(mesh).map(|(port, _)| port.to_string()).collect();
        for ((cluster, question), Unclear { of, words }) in self.unclear {
            let of = super::gates::some(of.iter().map(ClusterName::as_str));
            let what = match question {
                Question::Ports => format!("reach the ports {} of {of}", ports.join("/")),
                Question::Names => format!("resolve the names of {of}"),
            };
            let what = format!("it is not known whether its nodes {what} ({words}); `intermesh doctor` tells more");
            found.push(Concern { cluster, weight: Weight::Unknown, what });
        }
        found.extend(self.not_asked.into_iter().map(|cluster| {
            let what = "its nodes were not asked whether they reach the ports and resolve the names of its new peers; \
                        `intermesh doctor` asks them";
            Concern { cluster, weight: Weight::Unknown, what: what.to_owned() }
        }));
        found
    }
}

fn warning(cluster: &ClusterName, what: String) -> Concern {
    Concern { cluster: cluster.clone(), weight: Weight::Warning, what }
}

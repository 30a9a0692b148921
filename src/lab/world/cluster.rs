//! A cluster and its nodes, as the model keeps them.

use std::net::Ipv4Addr;
use std::time::Duration;

use super::catalogue::{CATALOGUE, Reason};
use super::chance::Chance;
use super::ha::HaState;
use super::names::made_up;
use super::notify::Notice;
use super::peer::Entry;
use super::release::Release;
use crate::cluster::{NodeName, service};
use crate::lab::spec::{ClusterSpec, NodeSpec};

/// A cluster.
#[derive(Debug)]
pub(super) struct Cluster {
    pub(super) spec: ClusterSpec,
    pub(super) release: Release,
    pub(super) nodes: Vec<Node>,
    pub(super) groups: Vec<Group>,
    pub(super) peers: Vec<Entry>,
    pub(super) notices: Vec<Notice>,
    /// When the Sync Agent's last user sync ended, in product time; none while it has not.
    pub(super) users_copied: Option<Copied>,
    /// Raised by every new set of tomcat certificates; peers compare what they hold with it.
    pub(super) certificates: u32,
    /// Host names that this cluster's nodes cannot resolve.
    pub(super) unresolved: Vec<String>,
    /// Host names whose addresses do not lead back to them, as this cluster's nodes ask.
    pub(super) one_way: Vec<String>,
    /// Whether Control Center's SOAP refuses to restart network services.
    pub(super) refuses_network_restarts: bool,
    /// Users whose IDs exist already.
    pub(super) duplicates: u64,
}

/// When the users were copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Copied {
    /// So long before the lab began.
    Before(Duration),
    /// So long after the lab began.
    At(Duration),
}

/// A node.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) name: NodeName,
    pub(super) key: String,
    pub(super) address: Ipv4Addr,
    pub(super) group: Option<usize>,
    pub(super) users: u64,
    pub(super) services: Vec<Service>,
    pub(super) ha: HaState,
    /// When the XCP Router last came up; none when it has run since before the lab began.
    pub(super) router_up: Option<Duration>,
    /// When the XCP Router last went down.
    pub(super) router_down: Duration,
    /// Values of service parameters that were set: service, label, value.
    pub(super) parameters: Vec<(&'static str, &'static str, String)>,
    /// It is down: nothing on it answers.
    pub(super) off: bool,
}

/// A presence redundancy group.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) enabled: bool,
    pub(super) change: u64,
}

/// A service of a node.
#[derive(Clone, Debug)]
pub(super) struct Service {
    pub(super) run: Run,
    pub(super) activated: bool,
    /// Raised by every change; an event that follows from an older one is void.
    pub(super) change: u64,
    /// It goes down for a restart of the XCP Router, and is to be started with it.
    pub(super) resume: bool,
}

/// Where a service is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Run {
    /// Since then; none when it has run since before the lab began.
    Started(Option<Duration>),
    Starting,
    Stopping {
        restart: bool,
    },
    Stopped(Reason),
}

impl Service {
    pub(super) fn is_started(&self) -> bool {
        matches!(self.run, Run::Started(_))
    }
}

impl Cluster {
    pub(super) fn new(spec: &ClusterSpec, chance: Chance) -> Cluster {
        let name = spec.name.as_str();
        let mut groups: Vec<Group> = Vec::new();
        let nodes = spec
            .nodes
            .iter()
            .map(|node| {
                let group = node.group.as_ref().map(|wanted| {
                    groups.iter().position(|g| &g.name == wanted).unwrap_or_else(|| {
                        groups.push(Group { name: wanted.clone(), enabled: false, change: 0 });
                        groups.len() - 1
                    })
                });
                Node::new(node, group, name, chance)
            })
            .collect();
        let copied_before = Duration::from_secs(chance.between(3_600, 86_400, &[name, "users copied"]));
        let mut cluster = Cluster {
            spec: spec.clone(),
            release: Release::read(&spec.version),
            nodes,
            groups,
            peers: Vec::new(),
            notices: Vec::new(),
            users_copied: Some(Copied::Before(copied_before)),
            certificates: 0,
            unresolved: Vec::new(),
            one_way: Vec::new(),
            refuses_network_restarts: false,
            duplicates: 0,
        };
        if !cluster.publisher_runs(service::SYNC_AGENT) {
            cluster.users_copied = None;
        }
        cluster.first_ha_states();
        cluster
    }

    /// The users homed here: those assigned to a node that is in a redundancy group.
    pub(super) fn homed_users(&self) -> u64 {
        self.nodes.iter().filter(|n| n.group.is_some()).map(|n| n.users).sum()
    }

    /// The places of the nodes of a redundancy group.
    pub(super) fn members(&self, group: usize) -> impl Iterator<Item = usize> {
        self.nodes.iter().enumerate().filter(move |(_, n)| n.group == Some(group)).map(|(at, _)| at)
    }

    /// Whether a service runs on the database publisher.
    pub(super) fn publisher_runs(&self, service: &str) -> bool {
        self.nodes.first().is_some_and(|n| n.runs(service))
    }
}

impl Node {
    fn new(spec: &NodeSpec, group: Option<usize>, cluster: &str, chance: Chance) -> Node {
        let name = spec.name.as_str();
        let services = CATALOGUE.iter().map(|entry| {
            let stopped = spec.stopped.iter().any(|s| s.eq_ignore_ascii_case(entry.name));
            let run = match (entry.activated, stopped) {
                (_, true) => Run::Stopped(Reason::COMMANDED),
                (true, false) => Run::Started(None),
                (false, false) => Run::Stopped(Reason::NOT_ACTIVATED),
            };
            Service { run, activated: entry.activated || stopped, change: 0, resume: false }
        });
        Node {
            name: spec.name.clone(),
            key: chance.uuid(&[cluster, name, "node"]),
            address: made_up(name, chance, &[cluster, name, "address"]),
            group,
            users: spec.users,
            services: services.collect(),
            ha: HaState::default(),
            router_up: None,
            router_down: Duration::ZERO,
            parameters: Vec::new(),
            off: false,
        }
    }

    /// Whether a service is started here.
    pub(super) fn runs(&self, service: &str) -> bool {
        super::catalogue::place(service).and_then(|at| self.services.get(at)).is_some_and(Service::is_started)
    }
}

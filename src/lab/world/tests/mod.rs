//! The laws of the model, over many seeds: what is documented holds for all of them, what is not varies.

mod availability;
mod firewall;
mod notifications;
mod peers;
mod services;

use std::time::Duration;

use super::*;
use crate::cluster::{Account, NewPeer, Transport, service};
use crate::lab::spec::{AccountSpec, ClusterSpec, NodeSpec};

pub(super) const SEEDS: std::ops::Range<u64> = 0..40;

pub(super) fn name(cluster: &str) -> ClusterName {
    ClusterName::from(cluster)
}

pub(super) fn node(cluster: &str, number: u32) -> NodeName {
    NodeName::from(format!("imp{number}.{cluster}.example.com"))
}

pub(super) fn account(password: &str) -> Account {
    Account { username: "icsa".to_owned(), password: password.into() }
}

pub(super) fn cluster(name: &str, version: &str, users: u64) -> ClusterSpec {
    let member = |number| NodeSpec {
        name: node(name, number),
        group: Some("default".to_owned()),
        users: users / 2,
        stopped: Vec::new(),
    };
    ClusterSpec {
        name: name.into(),
        version: version.to_owned(),
        domain: "example.com".to_owned(),
        nodes: vec![member(1), member(2)],
        unified_cms: vec![format!("cucm1.{name}.example.com")],
        accounts: vec![AccountSpec { account: account("secret"), axl: true, admin: true }],
        platform: Vec::new(),
        peers: Vec::new(),
        skin: None,
        certificate: Default::default(),
    }
}

/// Clusters `a`, `b`, `c` of release 14 with 1,000, 2,000 and 3,000 users.
pub(super) fn spec(seed: u64) -> LabSpec {
    let clusters =
        [("a", 1_000), ("b", 2_000), ("c", 3_000)].map(|(name, users)| cluster(name, "14.0.1.12900-6", users)).into();
    LabSpec { name: "test".to_owned(), seed, factor: 1.0, clusters }
}

pub(super) fn world(seed: u64) -> World {
    World::new(spec(seed))
}

pub(super) fn peer(to: &str, protocol: Transport) -> NewPeer {
    NewPeer { address: node(to, 1), account: account("secret"), protocol }
}

/// Adds the peers of a link on both sides.
pub(super) fn link(world: &mut World, a: &str, b: &str, protocol: Transport) {
    world.add_peer(&name(a), &peer(b, protocol)).unwrap();
    world.add_peer(&name(b), &peer(a, protocol)).unwrap();
}

pub(super) fn healthy(world: &World, from: &str, to: &str) -> bool {
    let status = world.peer_status(&name(from), &node(to, 1)).unwrap();
    status.not_passed().count() == 0 && status.associated_users() == Some(world.users(&name(to)))
}

/// Moves time on until something is the case, and says how long it took.
pub(super) fn until(world: &mut World, limit: u64, case: impl Fn(&World) -> bool) -> Duration {
    let start = world.now();
    while !case(world) {
        assert!(world.now() - start < Duration::from_secs(limit), "not within {limit} s");
        world.advance(world.now() + Duration::from_secs(1));
    }
    world.now() - start
}

pub(super) fn seconds(world: &mut World, n: u64) {
    world.advance(world.now() + Duration::from_secs(n));
}

#[test]
fn the_same_calls_at_the_same_times_lead_to_the_same_state() {
    let run = |steps: u64| {
        let mut world = world(5);
        link(&mut world, "a", "b", Transport::Tls);
        for step in 1..=steps {
            world.advance(Duration::from_secs(600) * u32::try_from(step).unwrap() / u32::try_from(steps).unwrap());
        }
        world.restart(&name("a"), &node("a", 1), service::XCP_ROUTER).unwrap();
        seconds(&mut world, 10);
        format!("{world:?}")
    };
    assert_eq!(run(1), run(1), "deterministic");
    assert_eq!(run(1), run(600), "how often one looks does not matter");
}

#[test]
fn a_reset_leads_back_to_the_first_state() {
    let mut world = world(1);
    let first = format!("{world:?}");
    link(&mut world, "a", "b", Transport::Tcp);
    seconds(&mut world, 1_000);
    assert_ne!(format!("{world:?}"), first);
    world.reset();
    assert_eq!(format!("{world:?}"), first);
}

#[test]
fn the_sync_status_tells_when_the_users_were_copied() {
    for seed in SEEDS {
        let mut world = world(seed);
        let (a, publisher) = (name("a"), node("a", 1));
        assert!(world.sync_status(&a).starts_with("Completed 2026-03-0"), "{}", world.sync_status(&a));
        world.restart(&a, &publisher, service::SYNC_AGENT).unwrap();
        seconds(&mut world, 20);
        assert!(!world.sync_status(&a).starts_with("Completed"));
        until(&mut world, 200, |w| w.sync_status(&name("a")).starts_with("Completed 2026-03-02 22:0"));
    }
}

#[test]
fn without_peers_the_troubleshooter_only_informs() {
    let rows = world(3).troubleshooter(&name("a"));
    let row = rows.iter().find(|r| r.section == "Inter-Clustering Troubleshooter").unwrap();
    assert_eq!(row.outcome, crate::cluster::Outcome::Information);
    assert_eq!(row.problem, "There are no inter-cluster peer entries currently provisioned.");
    assert!(rows.iter().all(|r| r.outcome != crate::cluster::Outcome::Failed), "a new cluster is clean");
}

#[test]
fn users_on_an_unassigned_node_are_unassigned() {
    let mut spec = spec(1);
    spec.clusters[0].nodes[1].group = None;
    let world = World::new(spec);
    let facts = world.topology(&name("a"));
    assert_eq!((facts.unassigned_nodes, facts.assigned_users, facts.unassigned_users), (1, 500, 500));
    assert_eq!(world.users(&name("a")), 500);
}

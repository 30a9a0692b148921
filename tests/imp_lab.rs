//! The client against a running lab: neither knows the other, so what they agree on is what is published.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

mod client_support;
mod lab_support;

use client_support::settings;
use intermesh::cluster::{
    ErrorKind, NewPeer, NodeName, Observe, Operate, Outcome, PeerEdit, Protocol, Refusal, ServiceState, Transport,
    service,
};
use intermesh::imp::{Fleet, Operator, Target};
use intermesh::lab::{Lab, LabSpec, PeerSpec, Skin};
use lab_support::{PASSWORD, USER, account, skins_and_seeds, spec, spec_in, until};

struct Bench {
    lab: Lab,
    fleet: Fleet,
}

impl Bench {
    async fn up(spec: LabSpec) -> Bench {
        let lab = Lab::up(spec).await.unwrap();
        let accounts = [
            ("all", account(USER, PASSWORD)),
            ("axlonly", account("axlonly", PASSWORD)),
            ("noaxl", account("noaxl", PASSWORD)),
            ("wrong", account(USER, "not it")),
        ];
        let fleet = Fleet::new(settings(&lab, accounts));
        Bench { lab, fleet }
    }

    fn cluster(&self, n: usize, credential: &str) -> Operator {
        let target = Target::new(format!("c{n}").into(), publisher(n), credential.into(), credential.into());
        self.fleet.operator(&target).unwrap()
    }

    fn failed_logins(&self) -> u64 {
        self.lab.counters().iter().flat_map(|counters| counters.failed_logins.values()).sum()
    }
}

fn publisher(n: usize) -> NodeName {
    format!("imp1.c{n}.example.com").into()
}

fn subscriber(n: usize) -> NodeName {
    format!("imp2.c{n}.example.com").into()
}

fn peer(n: usize, protocol: Transport) -> NewPeer {
    NewPeer { address: publisher(n), account: account(USER, PASSWORD), protocol }
}

#[tokio::test]
async fn facts_are_read_whatever_the_product_leaves_open() {
    for (skin, seed, case) in skins_and_seeds(0..12) {
        let bench = Bench::up(spec_in(skin, seed, 1)).await;
        let cluster = bench.cluster(1, "all");
        let identity = cluster.identity().await.unwrap();
        assert_eq!(identity.version, "14.0.1.12900-6");
        let nodes = cluster.nodes().await.unwrap();
        let names: Vec<&str> = nodes.iter().map(|node| node.name.as_str()).collect();
        assert_eq!(names, ["imp1.c1.example.com", "imp2.c1.example.com"], "{case}");
        assert!(nodes[0].publisher && !nodes[1].publisher);
        assert_eq!(cluster.users().await.unwrap(), 200);
        let services = cluster.services(&subscriber(1)).await.unwrap();
        let router = services.iter().find(|s| s.name == service::XCP_ROUTER).unwrap();
        assert_eq!(router.state, ServiceState::Started);
        cluster.answers_probe(&"all".into()).await.unwrap();
        let groups = cluster.high_availability().await.unwrap();
        assert_eq!((groups.len(), groups[0].nodes.len()), (1, 2), "{case}");
        assert!(cluster.sync_status().await.unwrap().completed(), "{case}");
        let topology = cluster.topology().await.unwrap();
        assert_eq!(topology.nodes, [publisher(1), subscriber(1)], "{case}");
        assert_eq!((topology.assigned_users, topology.unassigned_users, topology.unassigned_nodes), (200, 0, 0));
        assert_eq!(cluster.peers().await.unwrap(), [], "{case}");
        let nodes = [publisher(1), subscriber(1)];
        let notifications = cluster.notifications().await.unwrap();
        let asked =
            notifications.iter().any(|n| nodes.iter().any(|node| n.asks_restart(service::XCP_ROUTER, node, &nodes)));
        assert!(!asked, "{case}: {notifications:?}");
        let checks = cluster.troubleshooter().await.unwrap();
        assert!(checks.iter().any(|check| check.section == "Inter-Clustering Troubleshooter"), "{case}: {checks:#?}");
        let parameters = cluster.parameters(&publisher(1), service::ICSA, &[]).await.unwrap();
        assert!(!parameters.is_empty(), "{case}");
        bench.lab.down().await;
    }
}

#[tokio::test]
async fn a_peer_lives_from_add_to_delete() {
    for (skin, seed, case) in skins_and_seeds(0..8) {
        let bench = Bench::up(spec_in(skin, seed, 2)).await;
        let (here, there) = (bench.cluster(1, "all"), bench.cluster(2, "all"));
        here.add_peer(&peer(2, Transport::Tcp)).await.unwrap_or_else(|e| panic!("{case}: {e}"));
        there.add_peer(&peer(1, Transport::Tcp)).await.unwrap_or_else(|e| panic!("{case}: {e}"));
        let peers = here.peers().await.unwrap_or_else(|e| panic!("{case}: {e}"));
        assert_eq!(peers.len(), 1, "{case}");
        assert_eq!((&peers[0].address, &peers[0].protocol), (&publisher(2), &Protocol::Tcp), "{case}");

        until("synchronised", async || {
            let status = here.peer_status(&publisher(2)).await.unwrap_or_else(|e| panic!("{case}: {e}"));
            status.not_passed().next().is_none() && status.associated_users() == Some(400)
        })
        .await;

        let edit = PeerEdit { account: None, protocol: Some(Transport::Tls) };
        here.update_peer(&publisher(2), &edit).await.unwrap_or_else(|e| panic!("{case}: {e}"));
        assert_eq!(here.peers().await.unwrap()[0].protocol, Protocol::Tls, "{case}");
        here.force_sync(&publisher(2), true).await.unwrap_or_else(|e| panic!("{case}: {e}"));
        here.force_sync(&publisher(2), false).await.unwrap_or_else(|e| panic!("{case}: {e}"));

        here.delete_peer(&publisher(2)).await.unwrap_or_else(|e| panic!("{case}: {e}"));
        assert_eq!(here.peers().await.unwrap(), [], "{case}");
        let gone = here.peer_status(&publisher(2)).await.unwrap_err();
        assert!(matches!(gone.kind, ErrorKind::NotFound { .. }), "{case}: {gone}");
        bench.lab.down().await;
    }
}

#[tokio::test]
async fn services_are_controlled_on_the_node_itself() {
    let mut spec = spec(1, 1);
    spec.clusters[0].nodes[0].stopped.push(service::AXL.into());
    spec.clusters[0].nodes[1].stopped.push(service::ICSA.into());
    let bench = Bench::up(spec).await;
    let cluster = bench.cluster(1, "all");
    let state = async |node: NodeName, name: &str| {
        let services = cluster.services(&node).await.unwrap();
        services.into_iter().find(|s| s.name == name).unwrap().state
    };
    assert!(cluster.nodes().await.is_err());
    let axl = state(publisher(1), service::AXL).await;
    if axl == ServiceState::NotActivated {
        cluster.activate(&publisher(1), service::AXL).await.unwrap();
    } else {
        cluster.start(&publisher(1), service::AXL).await.unwrap();
    }
    cluster.start(&subscriber(1), service::ICSA).await.unwrap();
    until("started", async || {
        state(publisher(1), service::AXL).await == ServiceState::Started
            && state(subscriber(1), service::ICSA).await == ServiceState::Started
    })
    .await;
    assert_eq!(cluster.nodes().await.unwrap().len(), 2);
    match cluster.restart(&subscriber(1), service::XCP_ROUTER).await {
        Ok(()) => {}
        Err(error) => assert!(matches!(error.kind, ErrorKind::Unknown { .. }), "{error}"),
    }
    let refused = cluster.start(&publisher(1), "Cisco Nonsense").await.unwrap_err();
    assert!(matches!(refused.kind, ErrorKind::Refused { .. }), "{refused}");
    bench.lab.down().await;
}

#[tokio::test]
async fn a_parameter_is_set_by_its_label() {
    for (skin, seed, case) in skins_and_seeds(0..4) {
        let bench = Bench::up(spec_in(skin, seed, 1)).await;
        let cluster = bench.cluster(1, "all");
        let label = "Enable Auto Recovery for Inter-Cluster Peer Periodic Syncing Failure";
        let set = cluster.set_parameter(&publisher(1), service::ICSA, label, "Disabled").await;
        set.unwrap_or_else(|e| panic!("{case}: {e}"));
        let parameters = cluster.parameters(&publisher(1), service::ICSA, &[]).await.unwrap();
        let set = parameters.iter().find(|p| p.label.eq_ignore_ascii_case(label)).unwrap();
        assert_eq!(set.value, "Disabled", "{case}");
        let error = cluster.set_parameter(&publisher(1), service::ICSA, label, "Sometimes").await.unwrap_err();
        assert!(matches!(error.kind, ErrorKind::Unsupported { .. }), "{case}: {error}");
        bench.lab.down().await;
    }
}

#[tokio::test]
async fn a_wrong_password_costs_one_failed_login() {
    let bench = Bench::up(spec(1, 1)).await;
    let cluster = bench.cluster(1, "wrong");
    let (node, other) = (publisher(1), subscriber(1));
    let (a, b, c, d, e, f) = tokio::join!(
        cluster.identity(),
        cluster.services(&node),
        cluster.services(&other),
        cluster.peers(),
        cluster.notifications(),
        cluster.nodes(),
    );
    for error in [a.err(), b.err(), c.err(), d.err(), e.err(), f.err()] {
        assert!(matches!(error.unwrap().kind, ErrorKind::Unauthorized { .. }));
    }
    assert_eq!(bench.failed_logins(), 1);
    assert!(bench.cluster(1, "wrong").add_peer(&peer(1, Transport::Tcp)).await.is_err());
    assert_eq!(bench.failed_logins(), 1);
    bench.lab.down().await;
}

#[tokio::test]
async fn a_missing_right_is_said() {
    let bench = Bench::up(spec(1, 1)).await;
    let error = bench.cluster(1, "noaxl").identity().await.unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Forbidden { .. }), "{error}");
    bench.cluster(1, "noaxl").services(&publisher(1)).await.unwrap();
    let error = bench.cluster(1, "axlonly").services(&publisher(1)).await.unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Forbidden { .. } | ErrorKind::Unauthorized { .. }), "{error}");
    bench.lab.down().await;
}

#[tokio::test]
async fn a_refusal_keeps_the_products_words() {
    for (skin, seed, case) in skins_and_seeds(0..6) {
        let bench = Bench::up(spec_in(skin, seed, 2)).await;
        let cluster = bench.cluster(1, "all");
        cluster.add_peer(&peer(2, Transport::Tcp)).await.unwrap();
        let twice = cluster.add_peer(&peer(2, Transport::Tcp)).await.unwrap_err();
        assert!(matches!(twice.kind, ErrorKind::Refused { .. }), "{case}: {twice}");
        let odd = NewPeer { address: "no such!name".into(), ..peer(2, Transport::Tcp) };
        let odd = cluster.add_peer(&odd).await.unwrap_err();
        assert_eq!(odd.kind.refusal(), Some(Refusal::Address), "{case}: {odd}");
        let ErrorKind::Refused { message } = &odd.kind else { panic!("{case}: {odd}") };
        assert_eq!(message, "Invalid characters in Peer Address", "{case}");
        assert_eq!(cluster.peers().await.unwrap().len(), 1, "{case}");
        bench.lab.down().await;
    }
}

#[tokio::test]
async fn a_peer_that_cannot_connect_is_seen_as_such() {
    for (skin, seed, case) in skins_and_seeds(0..6) {
        let bench = Bench::up(spec_in(skin, seed, 2)).await;
        let cluster = bench.cluster(1, "all");
        bench.cluster(2, "all").add_peer(&peer(1, Transport::Tcp)).await.unwrap();
        let wrong = NewPeer { account: account("nobody", "nothing"), ..peer(2, Transport::Tcp) };
        match cluster.add_peer(&wrong).await {
            Ok(()) => {
                until("not connected", async || {
                    let status = cluster.peer_status(&publisher(2)).await.unwrap();
                    status.not_passed().any(|entry| entry.outcome == Outcome::Failed)
                })
                .await;
                let edit = PeerEdit { account: Some(account(USER, PASSWORD)), protocol: None };
                cluster.update_peer(&publisher(2), &edit).await.unwrap_or_else(|e| panic!("{case}: {e}"));
                until("connected", async || {
                    let status = cluster.peer_status(&publisher(2)).await.unwrap();
                    status.associated_users() == Some(400)
                })
                .await;
            }
            Err(error) => assert!(matches!(error.kind, ErrorKind::Refused { .. }), "{case}: {error}"),
        }
        bench.lab.down().await;
    }
}

#[tokio::test]
async fn notifications_ask_for_restarts_until_they_are_done() {
    let mut asked_in = Vec::new();
    for (skin, seed, case) in skins_and_seeds(0..6) {
        let mut spec = spec_in(skin, seed, 2);
        spec.clusters.iter_mut().for_each(|cluster| cluster.version = "12.5.1.12900-25".into());
        let bench = Bench::up(spec).await;
        let (here, there) = (bench.cluster(1, "all"), bench.cluster(2, "all"));
        here.add_peer(&peer(2, Transport::Tcp)).await.unwrap();
        there.add_peer(&peer(1, Transport::Tcp)).await.unwrap();
        until("synchronised", async || here.peer_status(&publisher(2)).await.unwrap().associated_users() == Some(400))
            .await;
        here.delete_peer(&publisher(2)).await.unwrap();
        let nodes = [publisher(1), subscriber(1)];
        let notifications = here.notifications().await.unwrap();
        for notification in notifications {
            assert!(!notification.text.is_empty() && !notification.severity.is_empty(), "{case}: {notification:?}");
            if nodes.iter().any(|node| notification.asks_restart(service::XCP_ROUTER, node, &nodes)) {
                asked_in.push(skin);
            }
        }
        bench.lab.down().await;
    }
    for skin in Skin::WITHOUT_SCRIPT {
        let name = skin.name();
        assert!(asked_in.contains(&skin), "{name}: no seed of the lab asks for a restart that could be read");
    }
}

#[tokio::test]
async fn a_large_mesh_is_read_whole() {
    for seed in 0..3 {
        let mut spec = spec(seed, 30);
        for n in 2..=30 {
            let (address, protocol) = (publisher(n), Protocol::Tcp);
            spec.clusters[0].peers.push(PeerSpec { address, account: account(USER, PASSWORD), protocol });
        }
        let bench = Bench::up(spec).await;
        let peers = bench.cluster(1, "all").peers().await.unwrap();
        assert_eq!(peers.len(), 29, "seed {seed}");
        assert!(peers.iter().all(|peer| peer.username.as_deref() == Some(USER)), "seed {seed}");
        bench.lab.down().await;
    }
}

#[tokio::test]
async fn certificates_and_names_are_read_and_cost_no_connection() {
    let bench = Bench::up(spec(3, 2)).await;
    let cluster = bench.cluster(1, "all");
    cluster.services(&subscriber(1)).await.unwrap();
    let connections = |bench: &Bench| bench.lab.counters().iter().map(|c| c.connections).sum::<u64>();
    let before = connections(&bench);
    let certificate = cluster.certificate(&subscriber(1)).await.unwrap();
    assert_eq!(connections(&bench), before, "the connection that there is tells it");
    assert!(certificate.subject.contains(subscriber(1).as_str()), "{certificate:?}");
    for name in ["imp1.c1.example.com", "imp2.c1.example.com"] {
        assert!(certificate.names.iter().any(|n| n == name), "{certificate:?}");
    }
    assert!(!certificate.self_signed && !certificate.authority);
    let publisher = cluster.certificate(&publisher(1)).await.unwrap();
    assert!(publisher.subject.contains("imp1.c1"), "a node that was never asked before is asked");

    let name = "imp2.c2.example.com";
    let lookup = cluster.resolve(name).await.unwrap();
    assert_eq!((lookup.addresses.len(), lookup.trouble), (1, None));
    assert_eq!(lookup.server, bench.lab.dns_address().to_string());
    assert_eq!(lookup.addresses[0].names, [name]);
    let world = bench.lab.world();
    world.lock().unwrap().set_leads_back(&"c1".into(), name, false);
    assert!(cluster.resolve(name).await.unwrap().addresses[0].names.is_empty());
    world.lock().unwrap().set_resolves(&"c1".into(), name, false);
    let lookup = cluster.resolve(name).await.unwrap();
    assert_eq!((lookup.addresses.len(), lookup.trouble), (0, None));
}

#[tokio::test]
async fn the_scheme_of_im_addresses_is_found_where_it_is_shown() {
    let mut found = 0;
    for seed in 0..8 {
        let bench = Bench::up(spec(seed, 1)).await;
        match bench.cluster(1, "all").im_address_scheme().await {
            Ok(scheme) => {
                assert!(!scheme.value.is_empty() && !scheme.place.is_empty());
                found += 1;
            }
            Err(error) => assert!(matches!(error.kind, ErrorKind::NotFound { .. }), "seed {seed}: {error}"),
        }
        bench.lab.down().await;
    }
    assert!((1..8).contains(&found), "{found}: some seeds show it and some do not");
}

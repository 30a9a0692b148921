use super::*;
use crate::cluster::{PeerEdit, Protocol};

#[test]
fn a_link_becomes_healthy_within_minutes_on_both_sides() {
    for seed in SEEDS {
        for protocol in [Transport::Tcp, Transport::Tls] {
            let mut world = world(seed);
            link(&mut world, "a", "b", protocol);
            let took = until(&mut world, 900, |w| healthy(w, "a", "b") && healthy(w, "b", "a"));
            assert!(took > Duration::from_secs(90), "seed {seed}: {took:?}");
        }
    }
}

#[test]
fn users_are_learned_little_by_little() {
    let mut world = world(2);
    link(&mut world, "a", "b", Transport::Tcp);
    let learned = |w: &World| w.peers(&name("a"))[0].associated_users;
    until(&mut world, 600, |w| learned(w) > 200);
    assert!(learned(&world) < 2_000);
    until(&mut world, 600, |w| learned(w) == 2_000);
}

#[test]
fn one_side_alone_never_becomes_healthy() {
    let mut ways = std::collections::BTreeSet::new();
    for seed in SEEDS {
        let mut world = world(seed);
        world.add_peer(&name("a"), &peer("b", Transport::Tcp)).unwrap();
        seconds(&mut world, 7_200);
        let status = world.peer_status(&name("a"), &node("b", 1)).unwrap();
        let failed: Vec<_> = status.not_passed().map(|e| e.label.clone()).collect();
        assert!(!failed.is_empty(), "seed {seed}");
        ways.insert(failed);
    }
    assert!(ways.len() >= 3, "how it shows varies by seed: {ways:?}");
}

#[test]
fn what_keeps_a_peer_from_syncing_can_be_mended() {
    type Act = fn(&mut World);
    let cases: [(&str, Act, Act); 4] = [
        (
            "AXL stopped on the other publisher",
            |w| w.stop(&name("b"), &node("b", 1), service::AXL).unwrap(),
            |w| w.start(&name("b"), &node("b", 1), service::AXL).unwrap(),
        ),
        (
            "ICSA stopped here",
            |w| w.stop(&name("a"), &node("a", 1), service::ICSA).unwrap(),
            |w| w.start(&name("a"), &node("a", 1), service::ICSA).unwrap(),
        ),
        (
            "a name of the other cluster does not resolve here",
            |w| w.set_resolves(&name("a"), "cucm1.b.example.com", false),
            |w| w.set_resolves(&name("a"), "cucm1.b.example.com", true),
        ),
        (
            "Sync Agent stopped there",
            |w| w.stop(&name("b"), &node("b", 1), service::SYNC_AGENT).unwrap(),
            |w| w.start(&name("b"), &node("b", 1), service::SYNC_AGENT).unwrap(),
        ),
    ];
    for (what, break_it, mend_it) in cases {
        for seed in 0..8 {
            let mut world = world(seed);
            // Saved first, so that nothing is too early and no save is refused.
            link(&mut world, "a", "b", Transport::Tcp);
            break_it(&mut world);
            seconds(&mut world, 1_800);
            assert!(!healthy(&world, "a", "b"), "{what}, seed {seed}");
            mend_it(&mut world);
            until(&mut world, 1_800, |w| healthy(w, "a", "b"));
        }
    }
}

#[test]
fn a_wrong_account_is_not_reachable_until_it_is_changed() {
    let seed = SEEDS.clone().find(|s| !world(*s).quirks.verifies_account).unwrap();
    let mut world = world(seed);
    link(&mut world, "a", "b", Transport::Tcp);
    let wrong = PeerEdit { account: Some(account("wrong")), protocol: None };
    world.update_peer(&name("a"), &node("b", 1), &wrong).unwrap();
    seconds(&mut world, 1_200);
    let status = world.peer_status(&name("a"), &node("b", 1)).unwrap();
    assert!(status.entry("Peer Connectivity Test").unwrap().value.starts_with("Not reachable (Check"));
    let right = PeerEdit { account: Some(account("secret")), protocol: Some(Transport::Tls) };
    world.update_peer(&name("a"), &node("b", 1), &right).unwrap();
    assert_eq!(world.peers(&name("a"))[0].protocol, Protocol::Tls);
    world.update_peer(&name("b"), &node("a", 1), &right).unwrap();
    until(&mut world, 1_800, |w| healthy(w, "a", "b"));
}

#[test]
fn a_peer_saved_before_the_users_are_copied_has_failed() {
    for seed in SEEDS {
        let mut world = world(seed);
        world.restart(&name("a"), &node("a", 1), service::SYNC_AGENT).unwrap();
        seconds(&mut world, 15);
        link(&mut world, "a", "b", Transport::Tcp);
        seconds(&mut world, 40);
        let failed =
            |w: &World| w.peer_status(&name("a"), &node("b", 1)).unwrap().not_passed().any(|e| e.value == "Failed");
        assert!(failed(&world), "seed {seed}");
        until(&mut world, 300, |w| w.sync_status(&name("a")).starts_with("Completed"));
        world.force_sync(&name("a"), &node("b", 1), false).unwrap();
        until(&mut world, 900, |w| healthy(w, "a", "b"));
    }
}

#[test]
fn several_syncs_at_once_are_slower_than_one_after_another() {
    let alone = {
        let mut world = world(4);
        link(&mut world, "a", "b", Transport::Tcp);
        until(&mut world, 900, |w| healthy(w, "a", "b"))
    };
    let together = {
        let mut world = world(4);
        link(&mut world, "a", "b", Transport::Tcp);
        link(&mut world, "a", "c", Transport::Tcp);
        until(&mut world, 1_800, |w| healthy(w, "a", "b"))
    };
    assert!(together > alone.mul_f64(1.4), "{together:?} against {alone:?}");
}

#[test]
fn a_page_refuses_in_the_products_words() {
    let mut spec = spec(0);
    spec.seed = SEEDS.clone().find(|s| world(*s).quirks.verifies_account).unwrap();
    spec.clusters[1].domain = "other.example".to_owned();
    spec.clusters[2].unified_cms = vec!["CUCM1.a.example.com".to_owned()];
    let mut world = World::new(spec);
    let with = |address: &str, password: &str| NewPeer {
        address: address.into(),
        account: account(password),
        protocol: Transport::Tcp,
    };
    for (peer, words) in [
        (with("imp1.b.example.com", "secret"), "proxy domain is not the same"),
        (with("imp1.c.example.com", "secret"), "Unable to add inter-cluster IM/P peer.  The peer points"),
        (with("imp1 b", "secret"), "Invalid characters in Peer Address"),
        (with("", "secret"), "Expected HTTP request parameters"),
        (with("imp1.b.example.com", ""), "Failed to encrypt AXL password."),
        (with("imp1.b.example.com", "wrong"), "AXL Verification Error.  The AXL information"),
        (with("nowhere.example.com", "secret"), "AXL Verification Error.  No AXL Server"),
    ] {
        let refusal = world.add_peer(&name("a"), &peer).unwrap_err();
        assert!(refusal.message.contains(words), "{}: {refusal}", peer.address);
    }
    assert!(world.writes().is_empty() && world.peers(&name("a")).is_empty());
}

#[test]
fn new_certificates_have_to_be_taken_along() {
    for seed in SEEDS {
        let mut world = world(seed);
        link(&mut world, "a", "b", Transport::Tls);
        until(&mut world, 900, |w| healthy(w, "a", "b"));
        world.regenerate_certificates(&name("b")).unwrap();
        assert!(!healthy(&world, "a", "b"));
        let failed = world.troubleshooter(&name("a")).into_iter().any(|r| {
            r.test.contains("TLS-enabled") && {
                let address = world.nodes(&name("b"))[0].address.to_string();
                r.outcome == crate::cluster::Outcome::Failed && r.problem.contains(&address)
            }
        });
        assert!(failed);
        world.force_sync(&name("a"), &node("b", 1), true).unwrap();
        seconds(&mut world, 400);
        if !healthy(&world, "a", "b") {
            world.restart(&name("a"), &node("a", 1), service::ICSA).unwrap();
        }
        until(&mut world, 60, |w| healthy(w, "a", "b"));
    }
}

#[test]
fn a_deleted_peer_leaves_the_other_side_one_sided() {
    let mut world = world(6);
    link(&mut world, "a", "b", Transport::Tcp);
    until(&mut world, 900, |w| healthy(w, "a", "b") && healthy(w, "b", "a"));
    world.delete_peer(&name("a"), &node("b", 1)).unwrap();
    assert!(world.peers(&name("a")).is_empty() && !healthy(&world, "b", "a"));
    assert!(world.delete_peer(&name("a"), &node("b", 1)).is_err());
}

#[test]
fn peers_of_the_spec_are_in_sync_from_the_start() {
    let mut spec = spec(1);
    for (at, to) in [(0, "b"), (1, "a")] {
        let protocol = Protocol::Tls;
        spec.clusters[at].peers.push(crate::lab::PeerSpec {
            address: node(to, 1),
            account: account("secret"),
            protocol,
        });
    }
    let world = World::new(spec);
    assert!(healthy(&world, "a", "b") && healthy(&world, "b", "a"));
    assert!(world.notifications(&name("a")).iter().all(|n| !n.text.contains("XCP Router")));
}

#[test]
fn the_largest_mesh_comes_together() {
    let mut spec = spec(3);
    spec.clusters = (0..30).map(|n| cluster(&format!("c{n}"), "14.0.1.12900-6", 50_000)).collect();
    let mut world = World::new(spec);
    let names: Vec<String> = (0..30).map(|n| format!("c{n}")).collect();
    for (at, a) in names.iter().enumerate() {
        for b in &names[at + 1..] {
            link(&mut world, a, b, Transport::Tcp);
        }
    }
    // All at once, against the vendor's advice: each sync is 29 times slower.
    seconds(&mut world, 4 * 3_600);
    for (a, b) in [("c0", "c29"), ("c29", "c0"), ("c7", "c11")] {
        assert!(healthy(&world, a, b), "{a} to {b}");
    }
}

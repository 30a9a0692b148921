use super::*;

/// Nodes of a cluster that are asked to restart their router.
fn asked(world: &World, cluster: &str) -> Vec<NodeName> {
    let nodes: Vec<NodeName> = world.nodes(&name(cluster)).into_iter().map(|n| n.name).collect();
    let asks: Vec<_> =
        world.notifications(&name(cluster)).into_iter().filter(|n| n.text.contains("XCP Router")).collect();
    let named = |node: &&NodeName| {
        asks.iter().any(|n| n.node.as_ref() == Some(node) || n.node.is_none() && n.text.contains(node.as_str()))
    };
    nodes.iter().filter(named).cloned().collect()
}

fn restart_all(world: &mut World, cluster: &str) {
    for number in [1, 2] {
        world.restart(&name(cluster), &node(cluster, number), service::XCP_ROUTER).unwrap();
    }
}

#[test]
fn a_new_peer_asks_for_a_restart_of_every_node_until_it_is_done() {
    let mut silent = 0;
    for seed in SEEDS {
        let mut world = world(seed);
        link(&mut world, "a", "b", Transport::Tcp);
        until(&mut world, 900, |w| healthy(w, "a", "b") && healthy(w, "b", "a"));
        seconds(&mut world, 60);
        if !world.quirks.notifies_on_add {
            assert!(asked(&world, "a").is_empty());
            silent += 1;
            continue;
        }
        for cluster in ["a", "b"] {
            assert_eq!(asked(&world, cluster), [node(cluster, 1), node(cluster, 2)], "seed {seed}");
        }
        restart_all(&mut world, "a");
        until(&mut world, 150, |w| asked(w, "a").is_empty());
        assert_eq!(asked(&world, "b").len(), 2, "a restart elsewhere clears nothing here");
    }
    assert!(silent > 0 && silent < SEEDS.count());
}

#[test]
fn a_restart_before_the_first_sync_is_asked_for_again() {
    let seed = SEEDS.clone().find(|s| world(*s).quirks.notifies_on_add).unwrap();
    let mut world = world(seed);
    link(&mut world, "a", "c", Transport::Tcp);
    until(&mut world, 60, |w| asked(w, "a").len() == 2);
    restart_all(&mut world, "a");
    seconds(&mut world, 900);
    assert_eq!(asked(&world, "a").len(), 2);
}

#[test]
fn a_delete_asks_before_release_14_only() {
    for (version, expected) in [("12.5.1.13900-5", true), ("14.0.1.12900-6", false)] {
        for seed in SEEDS {
            let mut spec = spec(seed);
            spec.clusters[0].version = version.to_owned();
            let protocol = crate::cluster::Protocol::Tcp;
            let peer = crate::lab::PeerSpec { address: node("b", 1), account: account("secret"), protocol };
            spec.clusters[0].peers.push(peer);
            let mut world = World::new(spec);
            world.delete_peer(&name("a"), &node("b", 1)).unwrap();
            seconds(&mut world, 60);
            assert_eq!(!asked(&world, "a").is_empty(), expected, "{version}, seed {seed}");
        }
    }
}

#[test]
fn a_notification_can_be_dismissed_by_its_number() {
    let seed = SEEDS.clone().find(|s| world(*s).quirks.unrelated_notification).unwrap();
    let mut world = world(seed);
    let id = world.notifications(&name("a"))[0].id;
    world.dismiss(&name("a"), id).unwrap();
    assert!(world.notifications(&name("a")).is_empty() && world.dismiss(&name("a"), id).is_err());
}

#[test]
fn wording_and_place_of_the_node_vary_by_seed() {
    let shapes: std::collections::BTreeSet<_> =
        SEEDS.map(|s| world(s).quirks).map(|q| (q.restart_wording, q.node_column)).collect();
    assert_eq!(shapes.len(), 6);
}

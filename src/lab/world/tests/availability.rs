use super::*;

fn states(world: &World) -> Vec<&'static str> {
    world.nodes(&name("a")).into_iter().map(|n| n.state).collect()
}

#[test]
fn the_switch_takes_less_than_the_two_minutes_of_the_procedure() {
    for seed in SEEDS {
        let mut world = world(seed);
        assert_eq!(states(&world), ["Normal", "Normal"]);
        world.set_high_availability(&name("a"), "default", false).unwrap();
        seconds(&mut world, 120);
        assert!(!world.groups(&name("a"))[0].enabled && !states(&world).contains(&"Normal"));
        world.set_high_availability(&name("a"), "default", true).unwrap();
        assert_eq!(states(&world), ["Initializing", "Initializing"]);
        seconds(&mut world, 120);
        assert_eq!(states(&world), ["Normal", "Normal"]);
    }
}

#[test]
fn a_restart_is_shorter_than_srms_patience_but_a_stop_is_not() {
    for seed in SEEDS {
        let mut world = world(seed);
        world.restart(&name("a"), &node("a", 1), service::XCP_ROUTER).unwrap();
        seconds(&mut world, 300);
        assert_eq!(states(&world), ["Normal", "Normal"], "seed {seed}");
        world.stop(&name("a"), &node("a", 1), service::XCP_ROUTER).unwrap();
        seconds(&mut world, 120);
        assert_eq!(states(&world), ["Failed Over with Critical Services not Running", "Running in Backup Mode"]);
        let nodes = world.nodes(&name("a"));
        assert!((nodes[0].active_users, nodes[1].active_users) == (0, 1_000) || nodes[1].active_users >= 500);
    }
}

#[test]
fn icsa_hangs_while_its_node_has_failed_over() {
    let mut world = world(2);
    let (a, publisher) = (name("a"), node("a", 1));
    world.set_parameter(&a, &publisher, "Cisco Server Recovery Manager", "Critical Service Delay", "20").unwrap();
    world.restart(&a, &publisher, service::XCP_ROUTER).unwrap();
    seconds(&mut world, 300);
    assert_eq!(states(&world), ["Failed Over", "Running in Backup Mode"]);
    world.restart(&a, &publisher, service::ICSA).unwrap();
    seconds(&mut world, 600);
    let icsa = |w: &World| {
        w.services(&name("a"), &node("a", 1)).into_iter().find(|s| s.name == service::ICSA).unwrap().state.word()
    };
    assert_eq!(icsa(&world), "Starting");
    world.set_high_availability(&a, "default", false).unwrap();
    until(&mut world, 200, |w| icsa(w) == "Started");
}

#[test]
fn users_come_back_after_a_restart_within_the_procedures_fifteen_minutes() {
    for seed in SEEDS {
        let mut world = world(seed);
        world.restart(&name("a"), &node("a", 2), service::XCP_ROUTER).unwrap();
        seconds(&mut world, 5);
        let active = |w: &World| w.nodes(&name("a"))[1].active_users;
        assert_eq!(active(&world), 0);
        until(&mut world, 900, |w| active(w) == 500);
    }
}

#[test]
fn a_single_node_has_no_high_availability() {
    let mut spec = spec(1);
    spec.clusters[0].nodes.truncate(1);
    let mut world = World::new(spec);
    assert!(!world.groups(&name("a"))[0].enabled);
    assert!(world.set_high_availability(&name("a"), "default", true).is_err());
}

#[test]
fn parameters_follow_the_release_and_their_range() {
    let mut spec = spec(1);
    spec.clusters[1].version = "11.5.1.10000-1".to_owned();
    let mut world = World::new(spec);
    let count = |w: &World, cluster: &str| w.parameters(&name(cluster), &node(cluster, 1), service::ICSA).len();
    assert_eq!((count(&world, "a"), count(&world, "b")), (2, 0));
    let mut set = |service, label, value| world.set_parameter(&name("a"), &node("a", 1), service, label, value);
    let auto = "Enable Auto Recovery for Inter-cluster Peer Periodic Syncing Failure";
    assert!(set(service::ICSA, auto, "Disabled").is_ok(), "spelled either way");
    assert!(set(service::ICSA, auto, "Perhaps").is_err());
    assert!(set("Cisco SIP Proxy", "Maximum no. of processes", "10").is_ok());
    assert!(set("Cisco SIP Proxy", "Maximum no. of processes", "1000").is_err());
    assert!(set("Cisco SIP Proxy", "Nonsense", "10").is_err());
    assert_eq!(world.parameters(&name("a"), &node("a", 1), service::ICSA)[0].value, "Disabled");
}

use super::*;

const AXL: u16 = 8443;

#[test]
fn a_blocked_port_keeps_peers_from_syncing_until_it_is_open_again() {
    for seed in SEEDS {
        let mut world = world(seed);
        link(&mut world, "a", "b", Transport::Tcp);
        world.block(&name("a"), &name("b"), AXL).unwrap();
        seconds(&mut world, 3_600);
        let status = world.peer_status(&name("a"), &node("b", 1)).unwrap();
        let test = status.entries.iter().find(|e| e.label == "Peer Connectivity Test").unwrap();
        assert!(test.value.starts_with("Not reachable ("), "seed {seed}: {}", test.value);
        world.unblock(&name("a"), &name("b"), AXL).unwrap();
        until(&mut world, 1_800, |w| healthy(w, "a", "b") && healthy(w, "b", "a"));
    }
}

#[test]
fn a_block_has_a_direction_and_a_port() {
    let mut world = world(1);
    world.block(&name("a"), &name("b"), AXL).unwrap();
    let reach = |world: &World, from: &str, to: &str, port| world.reach(&name(from), node(to, 2).as_str(), port);
    assert_eq!(reach(&world, "a", "b", AXL), Reach::Silent);
    assert!(matches!(reach(&world, "b", "a", AXL), Reach::Open(_)));
    assert!(matches!(reach(&world, "a", "c", AXL), Reach::Open(_)));
    for port in [22, 5060, 7400] {
        assert!(matches!(reach(&world, "a", "b", port), Reach::Open(_)), "{port}");
    }
}

#[test]
fn nothing_listens_where_the_service_is_down() {
    let mut world = world(1);
    world.stop(&name("b"), &node("b", 1), service::XCP_ROUTER).unwrap();
    let reach = |world: &World, host: &str, port| world.reach(&name("a"), host, port);
    assert!(matches!(reach(&world, node("b", 1).as_str(), 7400), Reach::Closed(_)));
    assert!(matches!(reach(&world, node("b", 2).as_str(), 7400), Reach::Open(_)));
    assert!(matches!(reach(&world, node("b", 2).as_str(), 9999), Reach::Closed(_)));
    assert_eq!(reach(&world, "imp9.b.example.com", 7400), Reach::NoSuchName);
    assert_eq!(reach(&world, "192.0.2.1", 7400), Reach::Silent, "nobody has the address");
}

#[test]
fn names_and_addresses_lead_to_each_other_unless_the_cluster_cannot_resolve_them() {
    let mut world = world(1);
    for member in world.members(&name("b")) {
        assert_eq!(world.resolve(&name("a"), &member.name.to_uppercase()), Some(member.address));
        assert_eq!(world.reverse(&name("a"), member.address), Some(member.name));
    }
    let host = node("b", 1);
    let address = world.resolve(&name("a"), host.as_str()).unwrap();
    world.set_resolves(&name("a"), host.as_str(), false);
    assert_eq!(world.resolve(&name("a"), host.as_str()), None);
    assert_eq!(world.reverse(&name("a"), address), None);
    assert_eq!(world.resolve(&name("c"), host.as_str()), Some(address), "the other clusters still can");
}

#[test]
fn an_address_may_not_lead_back_while_the_name_resolves() {
    let mut world = world(1);
    let host = node("b", 1);
    let address = world.resolve(&name("a"), host.as_str()).unwrap();
    world.set_leads_back(&name("a"), &host.as_str().to_uppercase(), false);
    assert_eq!(world.resolve(&name("a"), host.as_str()), Some(address));
    assert_eq!(world.reverse(&name("a"), address), None);
    assert!(world.reverse(&name("c"), address).is_some(), "the other clusters still can");
    world.set_leads_back(&name("a"), host.as_str(), true);
    assert!(world.reverse(&name("a"), address).is_some());
}

#[test]
fn only_a_platform_account_opens_the_platform() {
    let mut spec = spec(1);
    spec.clusters[0].platform.push(Account { username: "platform".into(), password: "secret".to_owned().into() });
    let world = World::new(spec);
    let a = name("a");
    assert!(world.check_platform_account(&a, "platform", "secret"));
    assert!(!world.check_platform_account(&a, "Platform", "secret"), "letter case counts");
    assert!(!world.check_platform_account(&a, "platform", "Secret"));
    assert!(!world.check_platform_account(&a, "icsa", "secret"), "an application user is none of the platform");
    assert!(!world.check_platform_account(&name("b"), "platform", "secret"));
}

//! What the CLI prints, over many seeds: documented words always, the rest in several ways.

use std::collections::BTreeSet;

use super::*;
use crate::cluster::service;
use crate::lab::spec::{ClusterSpec, LabSpec, NodeSpec};

const SEEDS: std::ops::Range<u64> = 0..24;

fn world(seed: u64) -> World {
    let cluster = |name: &str| ClusterSpec {
        name: name.into(),
        version: "14.0.1.12900-6".to_owned(),
        domain: "example.com".to_owned(),
        nodes: (1..=2)
            .map(|n| NodeSpec {
                name: format!("imp{n}.{name}.example.com").as_str().into(),
                group: Some("default".to_owned()),
                users: 40,
                stopped: Vec::new(),
            })
            .collect(),
        unified_cms: vec![format!("cucm1.{name}.example.com")],
        accounts: Vec::new(),
        platform: Vec::new(),
        peers: Vec::new(),
        certificate: Default::default(),
        skin: None,
    };
    World::new(LabSpec { name: "test".to_owned(), seed, factor: 1.0, clusters: ["a", "b"].map(cluster).into() })
}

fn platform(seed: u64, node: &str) -> Platform {
    Platform::new(seed, "a".into(), node.into())
}

/// A whole command, every question answered with yes, and every wait waited.
fn run(platform: &Platform, world: &mut World, line: &str) -> String {
    let mut turn = platform.order(line, world);
    let mut text = String::new();
    loop {
        text += &turn.text;
        let task = match turn.next {
            Next::Prompt | Next::Quit => return text,
            Next::Query(query, statement) => {
                return text + &platform.table(query.run(&statement).as_ref());
            }
            Next::Ask(task) => {
                text += QUESTION;
                text += "y\n";
                task
            }
            Next::Wait(product, task) => {
                world.advance(world.now() + product);
                task
            }
        };
        turn = platform.go_on(task, world);
    }
}

/// What a command prints for each seed, on the second node.
fn all(line: &str, disturb: impl Fn(&mut World)) -> Vec<String> {
    let one = |seed| {
        let mut world = world(seed);
        disturb(&mut world);
        run(&platform(seed, "imp2.a.example.com"), &mut world, line)
    };
    SEEDS.map(one).collect()
}

fn ways(texts: &[String]) -> usize {
    texts.iter().collect::<BTreeSet<_>>().len()
}

#[test]
fn the_first_form_of_connectivity_prints_the_documented_text() {
    for (seed, text) in SEEDS.zip(all("utils network connectivity", |_| {})) {
        let first = world(seed).nodes(&"a".into())[0].address;
        let expected = format!(
            "This command can take up to 3 minutes to complete.\nContinue (y/n)?y\nRunning test, please wait ...\n\
             Network connectivity test with {first} completed successfully .\n"
        );
        assert_eq!(text, expected);
    }
}

#[test]
fn the_port_form_tells_a_block_from_an_open_port_in_ways_of_the_seed() {
    let line = "utils network connectivity imp1.b.example.com 8443";
    let open = all(line, |_| {});
    let blocked = all(line, |world| world.block(&"a".into(), &"b".into(), 8443).unwrap());
    let other = all(line, |world| world.block(&"a".into(), &"b".into(), 7400).unwrap());
    assert_eq!(open, other, "another port does not matter");
    assert!(open.iter().zip(&blocked).all(|(open, blocked)| open != blocked));
    assert!(ways(&open) >= 3 && ways(&blocked) >= 3);
}

#[test]
fn host_shows_both_resolutions() {
    let good = all("utils network host imp1.b.example.com", |_| {});
    let bad = all("utils network host imp1.b.example.com", |world| {
        world.set_resolves(&"a".into(), "imp1.b.example.com", false);
    });
    for (good, bad) in good.iter().zip(&bad) {
        assert!(good.contains("Local Resolution:\n") && good.contains("External Resolution:\n"), "{good}");
        assert!(!good.contains("No external servers found"), "{good}");
        assert!(bad.contains("External Resolution:\nNo external servers found\n"), "{bad}");
    }
    assert!(ways(&good) >= 3);
}

#[test]
fn an_address_is_looked_up_backwards() {
    let mut world = world(1);
    let address = world.resolve(&"a".into(), "imp1.b.example.com").unwrap();
    let line = format!("utils network host {address}");
    let platform = platform(1, "imp1.a.example.com");
    assert!(run(&platform, &mut world, &line).contains("imp1.b.example.com"));
    world.set_resolves(&"a".into(), "imp1.b.example.com", false);
    assert!(run(&platform, &mut world, &line).contains("No external servers found"));
}

#[test]
fn the_cluster_is_a_line_per_server() {
    for text in all("show network cluster", |_| {}) {
        let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
        let shown: Vec<(&str, &str, String)> =
            lines.iter().map(|words| (words[1], words[2], words[3..7].join(" "))).collect();
        let expected = [
            ("cucm1.a.example.com", "cucm1", "Publisher callmanager DBPub authenticated"),
            ("imp1.a.example.com", "imp1", "Subscriber cups DBPub authenticated"),
            ("imp2.a.example.com", "imp2", "Subscriber cups DBSub authenticated"),
        ];
        assert_eq!(shown, expected.map(|(name, host, role)| (name, host, role.to_owned())));
        assert!(lines[1].join(" ").contains("using TCP since") && !lines[2].join(" ").contains("since"));
    }
}

#[test]
fn a_restart_is_watched_until_the_service_runs() {
    let texts = all("utils service restart Cisco Intercluster Sync Agent", |_| {});
    for text in &texts {
        let name = service::ICSA;
        assert!(text.contains(&format!("{name}[STOPPING]\n")), "{text}");
        let last = text.lines().last().unwrap();
        assert!([format!("{name}[STARTED]"), format!("{name}[RUNNING]")].contains(&last.to_owned()), "{text}");
    }
    assert!(texts.iter().any(|t| t.contains(QUESTION)) && texts.iter().any(|t| !t.contains(QUESTION)));
}

#[test]
fn a_stopped_service_says_why() {
    let stop = |world: &mut World| {
        world.stop(&"a".into(), &"imp2.a.example.com".into(), service::ICSA).unwrap();
        world.advance(Duration::from_secs(60));
    };
    for text in all("utils service list", stop) {
        assert!(text.contains("Cisco Intercluster Sync Agent[STOPPED]  Commanded Out of Service\n"), "{text}");
        assert!(text.contains("Cisco XCP Message Archiver[STOPPED]  Service Not Activated\n"), "{text}");
    }
}

#[test]
fn only_an_order_that_was_taken_counts_as_a_write() {
    let (mut world, platform) = (world(0), platform(0, "imp1.a.example.com"));
    assert!(!platform.order("utils service start Cisco XCP Router", &mut world).wrote, "it runs already");
    assert!(!platform.order("utils service start Cisco Nothing", &mut world).wrote);
    assert!(platform.order("utils service activate Cisco XCP Message Archiver", &mut world).wrote);
    assert_eq!(world.writes().len(), 1);
}

#[test]
fn sql_is_a_table_of_fixed_width() {
    let (mut world, platform) = (world(1), platform(1, "imp1.a.example.com"));
    let text = run(&platform, &mut world, "run sql select name, mac from processnode where tkprocessnoderole = 2");
    let expected = "\
        name               mac\n\
        ================== ====\n\
        imp1.a.example.com NULL\n\
        imp2.a.example.com NULL\n";
    assert_eq!(text, expected);
    let refused = run(&platform, &mut world, "run sql delete from enduser");
    assert_eq!(refused, "A syntax error has occurred.\n");
}

#[test]
fn diagnose_finds_a_name_that_does_not_resolve_back() {
    for text in all("utils diagnose test", |_| {}) {
        assert!(text.contains("test - validate_network    : Passed\n"), "{text}");
    }
    let broken = |world: &mut World| world.set_resolves(&"a".into(), "cucm1.a.example.com", false);
    for text in all("utils diagnose test", broken) {
        assert!(text.contains("test - validate_network    : Reverse DNS lookup failed\n"), "{text}");
    }
}

#[test]
fn the_rest_is_answered_in_ways_of_the_seed() {
    for (line, at_least) in [
        ("utils ha status", 2),
        ("show perf query counter \"Cisco Presence Engine\" ActiveJsmSessions", 3),
        ("utils dbreplication runtimestate", 3),
        ("utils nonsense", 3),
        ("utils service restart", 3),
        ("utils service start Cisco Nothing", 3),
        ("run sql select name from processnode where name = 'x'", 3),
    ] {
        assert!(ways(&all(line, |_| {})) >= at_least, "{line}");
    }
    for text in all("show perf query counter \"Cisco Presence Engine\" ActiveJsmSessions", |_| {}) {
        assert!(text.contains("40"), "{text}");
    }
    for text in all("utils network ping imp1.b.example.com 3", |_| {}) {
        assert!(text.contains("3 packets transmitted, 3 received, 0% packet loss"), "{text}");
    }
}

#[test]
fn no_line_brings_it_down() {
    let (mut world, platform) = (world(3), platform(3, "imp1.a.example.com"));
    for line in [
        "\0",
        "utils network connectivity a b c d",
        "run sql ;",
        "utils ha status \u{1f980}",
        "show perf query counter \"",
        "utils network ping a 99999999999",
        "utils network host ''",
    ] {
        run(&platform, &mut world, line);
    }
}

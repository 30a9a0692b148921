//! Rows that are red or yellow for what was read, and green for the same when it is well.

use super::*;
use crate::cluster::{ClusterServer, Node, Notification, Parameter, service};
use crate::mesh::Transport;

/// Something that was read.
type Damage = fn(&mut Bench);

/// A prerequisite, what was read of it when it is well and when it is not, how that is called, and words of the finding.
type Row = (&'static str, Damage, Damage, Verdict, &'static str);

fn servers(bench: &mut Bench, authenticated: bool) {
    let server = |n: u8, authenticated| ClusterServer {
        address: [10, 0, 0, n].into(),
        name: format!("imp{n}.a.example.com"),
        presence: true,
        database_publisher: n == 1,
        authenticated,
    };
    bench.examined("a").servers = Fact::Read(vec![server(1, true), server(2, authenticated)]);
}

fn nodes(bench: &mut Bench, names: &[&str]) {
    let node = |(at, name): (usize, &&str)| Node {
        name: (*name).into(),
        publisher: at == 0,
        group: Some("default".into()),
        assigned_users: 100,
        state: "Normal".into(),
    };
    bench.read("a").nodes = Fact::Read(names.iter().enumerate().map(node).collect());
}

/// The entry of `a` for `b`, with its panel.
fn peer(bench: &mut Bench, protocol: Protocol, username: &str) {
    let peer = Peer { address: publisher("b"), protocol, username: Some(username.into()) };
    bench.read("a").peers = Fact::Read(vec![peer]);
    bench.read("a").peer_status.insert(publisher("b"), Fact::Read(PeerStatus { entries: Vec::new() }));
}

fn notification(bench: &mut Bench, text: &str) {
    let notification = Notification { severity: "Warning".into(), text: text.into(), node: Some(publisher("a")) };
    bench.read("a").notifications = Fact::Read(vec![notification]);
}

fn parameter(bench: &mut Bench, label: &str, value: &str) {
    bench.mesh.defaults.transport = Transport::Tls;
    let parameter = Parameter::new(label, value);
    let of_node = bench.examined("a").parameters.entry(publisher("a")).or_default();
    of_node.insert(service::ICSA.into(), Fact::Read(vec![parameter]));
}

const AUTO_RECOVERY: &str = "Enable Auto Recovery for Inter-Cluster Peer Periodic Syncing Failure";
const CERTIFICATE_SYNC: &str = "Certificate Sync during Inter-Cluster Periodic Sync";

const ROWS: &[Row] = &[
    (
        "The servers of the cluster trust each other",
        |bench| servers(bench, true),
        |bench| servers(bench, false),
        Verdict::Failed,
        "not authenticated: imp2.a.example.com",
    ),
    (
        "Node names are those of the file",
        |bench| nodes(bench, &["imp1.a.example.com"]),
        |bench| nodes(bench, &["imp9.a.example.com"]),
        Verdict::Failed,
        "a calls its database publisher `imp9.a.example.com`, the file `imp1.a.example.com`",
    ),
    (
        "Node names are FQDNs or addresses",
        |bench| nodes(bench, &["imp1.a.example.com", "10.0.0.2", "fd00::2"]),
        |bench| nodes(bench, &["imp1.a.example.com", "imp2"]),
        Verdict::Warning,
        "without a domain: imp2",
    ),
    (
        "The release is the one of the file",
        |bench| bench.mesh.defaults.release = Some("14".into()),
        |bench| bench.mesh.defaults.release = Some("12.5".into()),
        Verdict::Failed,
        "14.0.1.12900-6",
    ),
    (
        "Users are homed on the cluster",
        |bench| bench.read("a").users = Fact::Read(1),
        |bench| bench.read("a").users = Fact::Read(0),
        Verdict::Warning,
        "0",
    ),
    (
        "Protocol is the one of the file",
        |bench| peer(bench, Protocol::Tcp, "icsa"),
        |bench| peer(bench, Protocol::Tls, "icsa"),
        Verdict::Failed,
        "TLS, the file says TCP",
    ),
    (
        "AXL Username is the one of the file",
        |bench| peer(bench, Protocol::Tcp, "ICSA"),
        |bench| peer(bench, Protocol::Tcp, "former"),
        Verdict::Failed,
        "former, the file says icsa",
    ),
    (
        "No restart is asked for",
        |bench| notification(bench, "The license expires soon."),
        |bench| notification(bench, "Restart the Cisco XCP Router service."),
        Verdict::Warning,
        "Cisco XCP Router on imp1.a.example.com",
    ),
    (
        AUTO_RECOVERY,
        |bench| parameter(bench, AUTO_RECOVERY, "Enabled"),
        |bench| parameter(bench, AUTO_RECOVERY, "Disabled"),
        Verdict::Warning,
        "Disabled",
    ),
    (
        CERTIFICATE_SYNC,
        |bench| parameter(bench, CERTIFICATE_SYNC, "Perform certificate sync"),
        |bench| parameter(bench, CERTIFICATE_SYNC, "Do not perform certificate sync"),
        Verdict::Warning,
        "Do not perform certificate sync",
    ),
];

#[test]
fn what_is_wrong_is_red_and_what_is_well_is_not() {
    for (prerequisite, well, wrong, expected, words) in ROWS {
        let mut bench = Bench::new();
        well(&mut bench);
        assert_eq!(bench.verdict(prerequisite).0, Verdict::Ok, "{prerequisite}");
        let mut bench = Bench::new();
        wrong(&mut bench);
        let (verdict, found) = bench.verdict(prerequisite);
        assert_eq!(verdict, *expected, "{prerequisite}: {found}");
        assert!(found.contains(words), "{prerequisite}: {found}");
    }
}

#[test]
fn whatever_is_red_or_yellow_has_a_fix() {
    for (prerequisite, _, wrong, ..) in ROWS {
        let mut bench = Bench::new();
        wrong(&mut bench);
        let found = diagnose(&bench.mesh, &bench.snapshot, &bench.examination, NOW.parse().unwrap());
        let wrong = |finding: &&Finding| matches!(finding.verdict, Verdict::Failed | Verdict::Warning);
        let mut red = found.findings.iter().filter(wrong).peekable();
        assert!(red.peek().is_some(), "{prerequisite}");
        for finding in red {
            let fix = finding.fix.as_deref().unwrap_or_default();
            assert!(fix.contains(' ') && fix.ends_with('.'), "{}: `{fix}`", finding.prerequisite);
        }
    }
}

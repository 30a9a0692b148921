//! The judgement, fact by fact: what was read, and how it is called.

mod red;

use std::collections::BTreeMap;

use super::*;
use crate::cluster::{
    AddressLookup, Certificate, Error, ErrorKind, Fact, Identity, ImAddressScheme, NameLookup, Outcome, Parameter,
    Peer, PeerStatus, Place, Protocol, Reachability, StatusEntry, StoredCertificate, StoredKey, Unread, Way,
};
use crate::mesh::NodeName;

const NOW: &str = "2026-11-22T12:00:00Z";

/// Two clusters, `a` with DNS servers of its own, of which only the identity was read.
struct Bench {
    mesh: Mesh,
    snapshot: Snapshot,
    examination: Examination,
}

impl Bench {
    fn new() -> Bench {
        let text = "apiVersion: intermesh/v1\nkind: Mesh\nmetadata: {name: test}\ndomain: example.com\n\
                    credentials: {icsa: {username: icsa, password: {env: ICSA}}}\n\
                    defaults: {credentials: {axl: icsa}}\nclusters:\n  \
                    - {name: a, publisher: imp1.a.example.com, dns: {servers: [10.0.0.53]}}\n  \
                    - {name: b, publisher: imp1.b.example.com}\n";
        let mesh = crate::mesh::load_str("test.yaml", text, jiff::civil::date(2026, 11, 22)).unwrap().mesh;
        let mut clusters = BTreeMap::new();
        let mut examination = Examination::default();
        for name in ["a", "b"] {
            let mut read = ClusterSnapshot::unread(&Unread::NotAsked);
            let unified_cm_servers = vec![format!("cucm1.{name}.example.com")];
            let servers = vec![publisher(name).to_string()];
            read.identity = Fact::Read(Identity { version: "14.0.1.12900-6".into(), servers, unified_cm_servers });
            clusters.insert(name.into(), read);
            examination.clusters.insert(name.into(), ClusterExamination::default());
        }
        Bench { mesh, snapshot: Snapshot::new("test", NOW.parse().unwrap(), clusters), examination }
    }

    fn read(&mut self, name: &str) -> &mut ClusterSnapshot {
        self.snapshot.clusters.get_mut(&name.into()).unwrap()
    }

    fn examined(&mut self, name: &str) -> &mut ClusterExamination {
        self.examination.clusters.get_mut(&name.into()).unwrap()
    }

    /// How a prerequisite is judged, on whatever it is asked of first.
    fn verdict(&self, prerequisite: &str) -> (Verdict, String) {
        let found = diagnose(&self.mesh, &self.snapshot, &self.examination, NOW.parse().unwrap());
        let finding = found.findings.into_iter().find(|f| f.prerequisite == prerequisite);
        finding.map(|f| (f.verdict, f.found)).unwrap_or_else(|| panic!("{prerequisite} is not asked"))
    }
}

fn publisher(cluster: &str) -> NodeName {
    format!("imp1.{cluster}.example.com").into()
}

fn failure(kind: ErrorKind) -> Unread {
    let place = Place { cluster: "a".into(), node: None };
    Unread::Failed(Error { place, doing: "read".into(), kind })
}

fn certificate(until: &str, names: &[&str]) -> Certificate {
    Certificate {
        subject: "CN=imp1".into(),
        issuer: "CN=root".into(),
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        addresses: Vec::new(),
        not_before: "2020-01-01T00:00:00Z".parse().unwrap(),
        not_after: until.parse().unwrap(),
        self_signed: false,
        authority: false,
        pin: "sha256/one".into(),
    }
}

#[test]
fn a_certificate_ends() {
    for (until, expected) in [
        ("2026-11-22T11:59:59Z", Verdict::Failed),
        ("2026-11-22T12:00:01Z", Verdict::Warning),
        ("2026-12-22T11:59:59Z", Verdict::Warning),
        ("2026-12-22T12:00:01Z", Verdict::Ok),
    ] {
        let mut bench = Bench::new();
        bench.read("a").certificates.insert(publisher("a"), Fact::Read(certificate(until, &[])));
        assert_eq!(bench.verdict("The certificate is valid").0, expected, "{until}");
    }
}

#[test]
fn a_sync_is_as_old_as_the_cluster_s_own_clock_says() {
    let entry =
        |label: &str, value: &str| StatusEntry { label: label.into(), value: value.into(), outcome: Outcome::Passed };
    // the cluster's clock is months behind this machine's, as a lab's is
    let shown = "2026-03-02T22:00:00Z";
    for (own, expected) in [
        (Some("2026-03-02T22:30:00Z"), Verdict::Ok),
        (Some("2026-03-03T00:30:00Z"), Verdict::Failed),
        (Some("2026-03-02T21:00:00Z"), Verdict::Unknown),
        // only this machine's clock is known
        (None, Verdict::Failed),
    ] {
        let mut bench = Bench::new();
        let peer = Peer { address: publisher("b"), protocol: Protocol::Tcp, username: Some("icsa".into()) };
        for name in ["a", "b"] {
            bench.read(name).peers = Fact::Read(vec![peer.clone()]);
        }
        let status = PeerStatus { entries: vec![entry("Last Synchronized Time", shown)] };
        bench.read("a").peer_status.insert(publisher("b"), Fact::Read(status));
        if let Some(own) = own {
            bench.examined("a").time = Fact::Read(own.parse().unwrap());
        }
        let (verdict, found) = bench.verdict("The last sync is recent");
        assert_eq!(verdict, expected, "{own:?}: {found}");
    }
}

#[test]
fn a_certificate_names_its_node() {
    for (names, expected) in [
        (&["imp1.a.example.com"][..], Verdict::Ok),
        (&["IMP1.A.example.com."], Verdict::Ok),
        (&["*.a.example.com"], Verdict::Ok),
        (&["*.example.com"], Verdict::Warning),
        (&["imp2.a.example.com"], Verdict::Warning),
        (&[], Verdict::Warning),
    ] {
        let mut bench = Bench::new();
        let shown = certificate("2030-01-01T00:00:00Z", names);
        bench.read("a").certificates.insert(publisher("a"), Fact::Read(shown));
        assert_eq!(bench.verdict("The certificate is for the node").0, expected, "{names:?}");
    }
}

#[test]
fn the_certificate_that_is_shown_is_the_one_that_is_stored() {
    let until = "2030-01-01T00:00:00Z";
    let stored = |key: Option<(&str, &str)>| {
        vec![StoredCertificate {
            component: "tomcat".into(),
            subject: "imp1".into(),
            issuer: "root".into(),
            authority: false,
            fingerprint: "00".into(),
            key: key.map(|(pin, until)| StoredKey { pin: pin.into(), not_after: until.parse().unwrap() }),
        }]
    };
    for (found, expected) in [
        (Fact::Read(stored(Some(("sha256/one", until)))), Verdict::Ok),
        (Fact::Read(stored(Some(("sha256/other", until)))), Verdict::Failed),
        (Fact::Read(stored(Some(("sha256/one", "2031-01-01T00:00:00Z")))), Verdict::Failed),
        (Fact::Read(stored(None)), Verdict::Unknown),
        (Fact::Unread(Unread::NotAsked), Verdict::Skipped),
    ] {
        let mut bench = Bench::new();
        bench.read("a").certificates.insert(publisher("a"), Fact::Read(certificate(until, &[])));
        bench.examined("a").stored_certificates = found.clone();
        assert_eq!(bench.verdict("It shows the certificate that the cluster has").0, expected, "{found:?}");
    }
}

fn lookup(back: Option<&[&str]>, trouble: Option<&str>) -> NameLookup {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let address = |back: &[&str]| AddressLookup { address: "10.0.0.1".parse().unwrap(), names: names(back) };
    NameLookup {
        name: "imp1.b.example.com".into(),
        server: "10.0.0.53".into(),
        addresses: back.map(address).into_iter().collect(),
        trouble: trouble.map(str::to_owned),
        elsewhere: Vec::new(),
    }
}

#[test]
fn a_name_resolves_forward_and_back_or_it_is_said_where_not() {
    for (found, expected, words) in [
        (lookup(Some(&["imp1.b.example.com"]), None), Verdict::Ok, "10.0.0.1 on 10.0.0.53"),
        (lookup(Some(&["Imp1.B.example.com."]), None), Verdict::Ok, "10.0.0.1"),
        (lookup(Some(&["imp1"]), None), Verdict::Ok, "10.0.0.1"),
        (lookup(None, None), Verdict::Failed, "10.0.0.53 knows no address of it: ICSA of its peers will not connect"),
        (lookup(Some(&[]), None), Verdict::Failed, "on 10.0.0.53 10.0.0.1 leads back to no name"),
        (lookup(Some(&["old.example.com"]), None), Verdict::Warning, "leads back to old.example.com"),
        // a server that does not answer says nothing about the name
        (lookup(None, Some("no answer")), Verdict::Unknown, "10.0.0.53: no answer"),
        (lookup(Some(&[]), Some("the server answers `Server Failure`")), Verdict::Unknown, "Server Failure"),
    ] {
        let mut bench = Bench::new();
        bench.read("b").lookups.insert("imp1.b.example.com".into(), Fact::Read(found));
        let (verdict, said) = bench.verdict("imp1.b.example.com resolves forward and back");
        assert_eq!(verdict, expected, "{said}");
        assert!(said.contains(words), "{said}");
    }
}

/// A node asks whichever server it likes: the finding names the one that lacks the name.
#[test]
fn every_server_must_know_a_name() {
    let on = |server: &str, lookup: NameLookup| NameLookup { server: server.into(), ..lookup };
    let good = || lookup(Some(&["imp1.b.example.com"]), None);
    for (other, expected, words) in [
        (good(), Verdict::Ok, "10.0.0.1 on 10.0.0.53; 10.0.0.1 on 10.0.0.54"),
        (lookup(None, None), Verdict::Failed, "10.0.0.54 knows no address of it"),
        (lookup(Some(&[]), None), Verdict::Failed, "on 10.0.0.54 10.0.0.1 leads back to no name"),
        (lookup(None, Some("no answer")), Verdict::Unknown, "10.0.0.54: no answer"),
    ] {
        for swapped in [false, true] {
            let (good, mut other) = (good(), on("10.0.0.54", other.clone()));
            let lookup = if swapped {
                other.elsewhere = vec![good];
                other
            } else {
                NameLookup { elsewhere: vec![other], ..good }
            };
            let mut bench = Bench::new();
            bench.read("b").lookups.insert("imp1.b.example.com".into(), Fact::Read(lookup.clone()));
            let (verdict, said) = bench.verdict("imp1.b.example.com resolves forward and back");
            assert_eq!(verdict, expected, "{said}");
            assert!(swapped && expected == Verdict::Ok || said.contains(words), "{said}");
            bench.read("a").lookups.insert("imp1.b.example.com".into(), Fact::Read(lookup));
            assert_eq!(bench.verdict("The cluster's own DNS servers know its names").0, expected);
        }
    }
}

#[test]
fn dns_servers_of_its_own_must_know_the_peers_names() {
    for (found, expected) in [
        (lookup(Some(&["imp1.b.example.com"]), None), Verdict::Ok),
        (lookup(None, None), Verdict::Failed),
        (lookup(None, Some("no answer")), Verdict::Unknown),
    ] {
        let mut bench = Bench::new();
        bench.read("a").lookups.insert("imp1.b.example.com".into(), Fact::Read(found));
        assert_eq!(bench.verdict("The cluster's own DNS servers know its names").0, expected);
    }
}

#[test]
fn a_way_is_open_only_when_the_node_says_so() {
    let closed = |words: &str| Fact::Read(Reachability::Closed(words.into()));
    let unread = Fact::Unread(failure(ErrorKind::Unreachable { detail: "no prompt".into() }));
    for (ways, expected, words) in [
        (vec![], Verdict::Skipped, "no `cli`"),
        (vec![Fact::Read(Reachability::Open)], Verdict::Ok, "one way"),
        (vec![Fact::Read(Reachability::Open), closed("refused")], Verdict::Failed, "imp1.a.example.com -> "),
        (vec![closed("refused"), closed("refused")], Verdict::Failed, "all 2 ways tried: refused"),
        (vec![Fact::Read(Reachability::Unclear("hm".into()))], Verdict::Unknown, "the node says `hm`"),
        (vec![unread.clone(), closed("refused")], Verdict::Failed, "refused"),
        (vec![unread], Verdict::Unknown, "no prompt"),
    ] {
        let mut bench = Bench::new();
        let way = |found| Way { from: publisher("a"), to: "b".into(), host: publisher("b"), port: 8443, found };
        bench.examined("a").ways = ways.into_iter().map(way).collect();
        let (verdict, said) = bench.verdict("Port 8443 (AXL) is open");
        assert_eq!(verdict, expected, "{said}");
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn schemes_are_compared_only_where_they_come_from_one_place() {
    let scheme = |place: &str, value: &str| Fact::Read(ImAddressScheme { place: place.into(), value: value.into() });
    for (a, b, expected) in [
        (scheme("x", "0"), scheme("x", "0"), Verdict::Ok),
        (scheme("x", "0"), scheme("x", "1"), Verdict::Failed),
        (scheme("x", "0"), scheme("y", "UserID@Default_Domain"), Verdict::Unknown),
        (scheme("x", "0"), Fact::default(), Verdict::Unknown),
        (Fact::default(), Fact::default(), Verdict::Unknown),
    ] {
        let mut bench = Bench::new();
        bench.read("a").im_address_scheme = a;
        bench.read("b").im_address_scheme = b;
        assert_eq!(bench.verdict("One IM address scheme").0, expected);
    }
}

#[test]
fn two_clusters_do_not_share_a_unified_cm_and_mixed_releases_are_said() {
    let mut bench = Bench::new();
    assert_eq!(bench.verdict("Each cluster has a Unified CM cluster of its own").0, Verdict::Ok);
    assert_eq!(bench.verdict("All clusters run one release"), (Verdict::Ok, "14.0: a, b".into()));
    if let Fact::Read(identity) = &mut bench.read("b").identity {
        identity.unified_cm_servers = vec!["CUCM1.a.example.com".into()];
        identity.version = "12.5.1.15900-30".into();
    }
    assert_eq!(bench.verdict("Each cluster has a Unified CM cluster of its own").0, Verdict::Failed);
    assert_eq!(bench.verdict("All clusters run one release"), (Verdict::Warning, "12.5: b; 14.0: a".into()));
}

#[test]
fn what_is_unread_is_never_good() {
    let bench = Bench::new();
    let found = diagnose(&bench.mesh, &bench.snapshot, &bench.examination, NOW.parse().unwrap());
    let good: Vec<&str> =
        found.findings.iter().filter(|f| f.verdict == Verdict::Ok).map(|f| f.prerequisite.as_str()).collect();
    // all that can be told of the identity, which was read
    let of_identity = [
        "All clusters run one release",
        "Each cluster has a Unified CM cluster of its own",
        "The cluster can be read",
        "Node names are FQDNs or addresses",
    ];
    assert!(good.iter().all(|prerequisite| of_identity.contains(prerequisite)), "{good:?}");
    let mut refused = Bench::new();
    refused.read("a").probe = Fact::Unread(failure(ErrorKind::Unauthorized { username: "icsa".into() }));
    for prerequisite in ["AXL answers ICSA's probe with `icsa`", "AXL of a answers ICSA's probe with `icsa`"] {
        let (verdict, said) = refused.verdict(prerequisite);
        assert_eq!((verdict, said.as_str()), (Verdict::Failed, "user `icsa` was refused"), "{prerequisite}");
    }
    // the other way round nobody was asked, which says nothing
    assert_eq!(refused.verdict("AXL of b answers ICSA's probe with `icsa`").0, Verdict::Skipped);
}

#[test]
fn a_parameter_is_not_judged_by_the_first_of_its_label() {
    let label = "Enable Auto Recovery for Inter-Cluster Peer Periodic Syncing Failure";
    for (values, expected) in [
        (&["Enabled"][..], Verdict::Ok),
        (&["Disabled"], Verdict::Warning),
        (&["Enabled", "Disabled"], Verdict::Unknown),
        (&["Disabled", "Enabled"], Verdict::Unknown),
    ] {
        let mut bench = Bench::new();
        let shown = values.iter().map(|value| Parameter::new(label, *value)).collect();
        let services = bench.examined("a").parameters.entry(publisher("a")).or_default();
        services.insert(crate::cluster::service::ICSA.to_owned(), Fact::Read(shown));
        assert_eq!(bench.verdict(label).0, expected, "{values:?}");
    }
}

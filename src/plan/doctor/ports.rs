//! Whether the nodes of one cluster reach the ports of another's, as the nodes themselves say.

use std::collections::BTreeMap;

use super::finding::{Findings, GUIDE, Scope};
use super::{Case, Patient};
use crate::cluster::{Fact, Reachability, Unread, Way, service};

/// The ports between clusters, with what they carry (procedure: prerequisites).
const PORTS: [(u16, &str); 3] = [(8443, "AXL"), (XMPP, "XMPP"), (SIP, "SIP")];
const XMPP: u16 = 7400;
const SIP: u16 = 5060;

/// Judges one direction of a link.
pub(super) fn judge(case: &Case<'_>, from: &Patient<'_>, to: &Patient<'_>, findings: &mut Findings) {
    for (port, what) in PORTS.into_iter().filter(|(port, _)| *port != SIP || case.mesh.policy.sip_federation) {
        let scope = Scope::Pair { from: from.cluster.name.clone(), to: to.cluster.name.clone() };
        let asked = findings.of(scope, format!("Port {port} ({what}) is open"), GUIDE);
        let here = |way: &&Way| way.to == to.cluster.name && way.port == port;
        let ways: Vec<&Way> = from.examined.iter().flat_map(|examined| &examined.ways).filter(here).collect();
        if ways.is_empty() {
            asked.skipped("no `cli`");
            continue;
        }
        let (mut closed, mut unclear) = (Ways::default(), Ways::default());
        for way in &ways {
            match &way.found {
                Fact::Read(Reachability::Open) => {}
                Fact::Read(Reachability::Closed(words)) => closed.add(words.clone(), way),
                Fact::Read(Reachability::Unclear(words)) => unclear.add(format!("the node says `{words}`"), way),
                Fact::Unread(Unread::NotAsked) => unclear.add("not asked".to_owned(), way),
                Fact::Unread(Unread::Failed(error)) => unclear.add(error.kind.to_string(), way),
            }
        }
        if !closed.is_empty() {
            asked.failed(closed.words(ways.len()), fix(from, to, port, &closed));
        } else if !unclear.is_empty() {
            let fix = format!("Ask a node yourself: `utils network connectivity {} {port}`.", to.cluster.publisher);
            asked.unknown(unclear.words(ways.len()), fix);
        } else {
            asked.ok(match ways.len() {
                1 => "one way".to_owned(),
                ways => format!("{ways} ways"),
            });
        }
    }
}

/// Ways by what was said of them.
#[derive(Default)]
struct Ways<'a>(BTreeMap<String, Vec<&'a Way>>);

impl<'a> Ways<'a> {
    fn add(&mut self, words: String, way: &'a Way) {
        // the same is said of another host in the same words
        self.0.entry(words.replace(way.host.as_str(), "it")).or_default().push(way);
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One part for all of which the same is said; `of` is how many ways there are.
    fn words(&self, of: usize) -> String {
        let part = |(words, ways): (&String, &Vec<&Way>)| {
            if ways.len() == of && of > 1 {
                return format!("all {of} ways: {words}");
            }
            let ways: Vec<String> = ways.iter().map(|way| format!("{} -> {}", way.from, way.host)).collect();
            format!("{}: {words}", ways.join(", "))
        };
        self.0.iter().map(part).collect::<Vec<_>>().join("; ")
    }
}

/// Nothing listens where the router is down; elsewhere a firewall is in between.
fn fix(from: &Patient<'_>, to: &Patient<'_>, port: u16, closed: &Ways<'_>) -> String {
    let is_down = |way: &&Way| {
        let services = to.read.services.get(&way.host).and_then(Fact::read);
        let router = services.and_then(|services| services.iter().find(|s| s.name == service::XCP_ROUTER));
        port == XMPP && router.is_some_and(|router| !router.state.runs())
    };
    let all: Vec<&Way> = closed.0.values().flatten().copied().collect();
    if all.iter().all(is_down) {
        return "Start Cisco XCP Router there: nothing else listens at the port.".to_owned();
    }
    format!(
        "Open TCP {port} from the nodes of {} to those of {} in the firewalls between them; `utils network connectivity \
         {} {port}` on a node proves it.",
        from.cluster.name, to.cluster.name, to.cluster.publisher
    )
}

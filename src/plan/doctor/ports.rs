//! Whether the nodes of one cluster reach the ports of another's, as the nodes themselves say.

use super::finding::{Findings, GUIDE, Scope};
use super::{Case, Patient};
use crate::cluster::{Fact, Reachability, Unread, Way};

/// The ports between clusters, with what they carry (procedure: prerequisites).
const PORTS: [(u16, &str); 3] = [(8443, "AXL"), (7400, "XMPP"), (5060, "SIP")];

/// Judges one direction of a link.
pub(super) fn judge(case: &Case<'_>, from: &Patient<'_>, to: &Patient<'_>, findings: &mut Findings) {
    for (port, what) in PORTS.into_iter().filter(|(port, _)| *port != 5060 || case.mesh.policy.sip_federation) {
        let scope = Scope::Pair { from: from.cluster.name.clone(), to: to.cluster.name.clone() };
        let asked = findings.of(scope, format!("Port {port} ({what}) is open"), GUIDE);
        let here = |way: &&Way| way.to == to.cluster.name && way.port == port;
        let ways: Vec<&Way> = from.examined.iter().flat_map(|examined| &examined.ways).filter(here).collect();
        if ways.is_empty() {
            asked.skipped("no `cli`");
            continue;
        }
        let (mut closed, mut unclear) = (Vec::new(), Vec::new());
        for way in &ways {
            let line = |why: &str| format!("{} -> {}: {why}", way.from, way.host);
            match &way.found {
                Fact::Read(Reachability::Open) => {}
                Fact::Read(Reachability::Closed(words)) => closed.push(line(words)),
                Fact::Read(Reachability::Unclear(words)) => unclear.push(line(&format!("says `{words}`"))),
                Fact::Unread(Unread::NotAsked) => unclear.push(line("not asked")),
                Fact::Unread(Unread::Failed(error)) => unclear.push(line(&error.kind.to_string())),
            }
        }
        if !closed.is_empty() {
            let all = if closed.len() == ways.len() { "every way is closed: " } else { "" };
            let fix = format!(
                "Open TCP {port} from the nodes of {} to those of {} in the firewalls between them; `utils network \
                 connectivity {} {port}` on a node proves it.",
                from.cluster.name, to.cluster.name, to.cluster.publisher
            );
            asked.failed(format!("{all}{}", closed.join("; ")), fix);
        } else if !unclear.is_empty() {
            let fix = format!("Ask a node yourself: `utils network connectivity {} {port}`.", to.cluster.publisher);
            asked.unknown(unclear.join("; "), fix);
        } else {
            asked.ok(format!("{} ways", ways.len()));
        }
    }
}

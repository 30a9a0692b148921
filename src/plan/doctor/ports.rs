//! Whether the nodes of one cluster reach the ports of another's, as the nodes themselves say.

use super::finding::{Findings, GUIDE, Scope};
use super::{Case, Patient};
use crate::plan::ways::{Said, Ways, ports};

/// Judges one direction of a link.
pub(super) fn judge(case: &Case<'_>, from: &Patient<'_>, to: &Patient<'_>, findings: &mut Findings) {
    for (port, what) in ports(case.mesh) {
        let scope = Scope::Pair { from: from.cluster.name.clone(), to: to.cluster.name.clone() };
        let asked = findings.of(scope, format!("Port {port} ({what}) is open"), GUIDE);
        let ways = from.examined.iter().flat_map(|examined| &examined.ways);
        let Said { all, closed, unclear } = Said::of(ways, &to.cluster.name, port);
        if all == 0 {
            asked.skipped("no `cli`");
        } else if !closed.is_empty() {
            asked.failed(closed.words(all), fix(case, from, to, port, &closed));
        } else if !unclear.is_empty() {
            let fix = format!("Ask a node yourself: `utils network connectivity {} {port}`.", to.cluster.publisher);
            asked.unknown(unclear.words(all), fix);
        } else {
            asked.ok(match all {
                1 => "one way".to_owned(),
                all => format!("{all} ways"),
            });
        }
    }
}

/// Nothing listens where the router is down; elsewhere a firewall is in between.
fn fix(case: &Case<'_>, from: &Patient<'_>, to: &Patient<'_>, port: u16, closed: &Ways<'_>) -> String {
    if closed.lead_to_stopped_routers(case.snapshot) {
        return "Start Cisco XCP Router there: nothing else listens at the port.".to_owned();
    }
    format!(
        "Open TCP {port} from the nodes of {} to those of {} in the firewalls between them; `utils network connectivity \
         {} {port}` on a node proves it.",
        from.cluster.name, to.cluster.name, to.cluster.publisher
    )
}

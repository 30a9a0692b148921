//! Service parameters that the procedure names (field-notes 1.5).

use super::finding::{Findings, GUIDE};
use super::{Case, Patient};
use crate::cluster::{Fact, Labelled, Parameter, service};
use crate::mesh::Transport;
use crate::mesh::topology::Link;

const AUTO_RECOVERY: &str = "Enable Auto Recovery for Inter-Cluster Peer Periodic Syncing Failure";
const CERTIFICATE_SYNC: &str = "Certificate Sync during Inter-Cluster Periodic Sync";
const SIP_PROXY: &str = "Cisco SIP Proxy";
const PROCESSES: [&str; 2] = ["Maximum no. of processes", "Maximum no. of spare processes"];
/// What the process parameters are lowered to in a large mesh.
const PROCESSES_IN_LARGE: u64 = 10;
/// How many clusters a large mesh has is not published. Ours: a third of the 30 that the vendor supports.
const LARGE: usize = 10;

/// Judges the parameters of a cluster's nodes.
pub(super) fn judge(case: &Case<'_>, patient: &Patient<'_>, links: &[Link], findings: &mut Findings) {
    let Some(examined) = patient.examined else { return };
    let name = &patient.cluster.name;
    let secure = links.iter().any(|link| link.pair.has(name) && link.transport == Transport::Tls);
    let clusters = case.mesh.clusters.iter().filter(|c| links.iter().any(|link| link.pair.has(&c.name))).count();
    for (node, services) in &examined.parameters {
        let of = |service: &str| services.get(service);
        let mut check = |label: &str, service: &str, wanted: Wanted| {
            let Some(fact) = of(service) else { return };
            let asked = findings.of(patient.node(node), label.to_owned(), GUIDE);
            let Some((asked, parameters)) = asked.read(fact as &Fact<Vec<Parameter>>) else { return };
            let path = format!("System > Service Parameters, server {node}, service {service}");
            let found = match Parameter::find(parameters, label) {
                Labelled::One(found) => found,
                // it came with 12.5(1), or with 12.5(1)SU4 and 14
                Labelled::None => return asked.skipped("this release has no such parameter"),
                Labelled::Many(candidates) => {
                    return asked
                        .unknown(format!("which one is meant is not known: {candidates}"), format!("Look at {path}."));
                }
            };
            let good = match wanted {
                Wanted::Is(value) => found.value.trim().eq_ignore_ascii_case(value),
                Wanted::AtMost(most) => match found.value.trim().parse::<u64>() {
                    Ok(value) => value <= most,
                    Err(_) => {
                        return asked.unknown(format!("`{}` is no number", found.value), format!("Look at {path}."));
                    }
                },
            };
            let (value, after) = match wanted {
                Wanted::Is(value) => (value.to_owned(), ""),
                Wanted::AtMost(most) => (
                    most.to_string(),
                    "; then restart Cisco SIP Proxy, Cisco Server Recovery Manager and Cisco Intercluster Sync Agent",
                ),
            };
            if good {
                asked.ok(found.value.clone());
            } else {
                asked.warning(found.value.clone(), format!("Set it to {value} on {path}{after}."));
            }
        };
        check(AUTO_RECOVERY, service::ICSA, Wanted::Is("Enabled"));
        if secure {
            check(CERTIFICATE_SYNC, service::ICSA, Wanted::Is("Perform certificate sync"));
        }
        if clusters >= LARGE {
            for label in PROCESSES {
                check(label, SIP_PROXY, Wanted::AtMost(PROCESSES_IN_LARGE));
            }
        }
    }
}

/// What a parameter should be.
#[derive(Clone, Copy)]
enum Wanted {
    Is(&'static str),
    AtMost(u64),
}

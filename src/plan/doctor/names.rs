//! Whether names resolve, forward and back. ICSA resolves every name in a peer's tomcat certificate, and does not
//! connect while one fails.

use std::net::IpAddr;

use super::Patient;
use super::finding::{Asked, DNS_NOTE, Findings, GUIDE, Scope};
use crate::cluster::{Fact, NameLookup, Unread};

/// What is wrong with a lookup.
enum Wrong {
    /// ICSA will not connect.
    Bad(String),
    /// It works, but the way back leads elsewhere.
    Odd(String),
    /// It cannot be told.
    Unknown(String),
}

/// Judges a cluster's own names: what its peers must be able to resolve.
pub(super) fn judge(patient: &Patient<'_>, findings: &mut Findings) {
    for name in own_names(patient) {
        let asked = findings.of(patient.scope(), format!("{name} resolves forward and back"), GUIDE);
        match patient.read.lookups.get(&name) {
            None => asked.skipped("it was not looked up"),
            Some(fact) => {
                let Some((asked, lookup)) = asked.read(fact) else { continue };
                own(asked, &name, lookup);
            }
        }
    }
}

/// What every server says of one name: the worst of it, by the servers that say it.
fn own(asked: Asked<'_>, name: &str, lookup: &NameLookup) {
    let (mut bad, mut odd, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
    let (mut mends, mut good) = (Vec::new(), Vec::new());
    for lookup in lookup.each() {
        let mend = || format!("{} on {}", mend(lookup), lookup.server);
        match wrong(lookup) {
            None => good.push(format!("{} on {}", addresses(lookup), lookup.server)),
            Some(Wrong::Bad(what)) => {
                bad.push(what);
                mends.push(mend());
            }
            Some(Wrong::Odd(what)) => {
                odd.push(what);
                mends.push(mend());
            }
            Some(Wrong::Unknown(what)) => unknown.push(what),
        }
    }
    let mends = mends.join("; ");
    if !bad.is_empty() {
        asked.failed(
            format!("{}: ICSA of its peers will not connect", bad.join("; ")),
            format!("{mends}, then `utils network host {name}` on a node."),
        );
    } else if !odd.is_empty() {
        asked.warning(odd.join("; "), format!("{mends}."));
    } else if !unknown.is_empty() {
        let fix = format!("Ask a node: `utils network host {name}`; check `dns` of the mesh file.");
        asked.unknown(unknown.join("; "), fix);
    } else {
        asked.ok(good.join("; "));
    }
}

/// Judges whether the DNS servers and the nodes of one cluster know the names of another.
pub(super) fn judge_pair(from: &Patient<'_>, to: &Patient<'_>, findings: &mut Findings) {
    let scope = || Scope::Pair { from: from.cluster.name.clone(), to: to.cluster.name.clone() };
    let names = own_names(to);
    if from.cluster.dns.is_some() {
        let of = |name: &String| from.read.lookups.get(name);
        let lookups = names.iter().filter_map(|name| Some((name.as_str(), of(name)?))).collect::<Vec<_>>();
        several(findings, scope(), "The cluster's own DNS servers know its names", &lookups, GUIDE);
    }
    let prerequisite = "The nodes resolve its names";
    match from.examined {
        Some(examined) if !examined.lookups.is_empty() => {
            let lookups: Vec<_> = (examined.lookups.iter())
                .filter(|lookup| lookup.to == to.cluster.name)
                .map(|lookup| (lookup.name.as_str(), &lookup.found))
                .collect();
            several(findings, scope(), prerequisite, &lookups, DNS_NOTE);
        }
        _ if names.is_empty() => {}
        _ => findings.of(scope(), prerequisite, DNS_NOTE).skipped("no `cli`"),
    }
}

/// The names of a cluster's nodes and certificates, addresses aside.
fn own_names(patient: &Patient<'_>) -> Vec<String> {
    let certificates = patient.read.certificates.values().filter_map(Fact::read);
    let mut names: Vec<String> = certificates.flat_map(|c| c.names.iter().map(|name| name.to_lowercase())).collect();
    names.extend(patient.nodes().iter().map(|node| node.as_str().to_lowercase()));
    names.retain(|name| name.parse::<IpAddr>().is_err() && !name.contains('*'));
    names.sort();
    names.dedup();
    names
}

/// Many lookups as one finding.
fn several(
    findings: &mut Findings,
    scope: Scope,
    prerequisite: &str,
    lookups: &[(&str, &Fact<NameLookup>)],
    source: &'static str,
) {
    let asked = findings.of(scope, prerequisite, source);
    if lookups.is_empty() {
        return asked.skipped("nothing was looked up");
    }
    let (mut bad, mut odd, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
    for (name, fact) in lookups {
        match fact {
            Fact::Read(lookup) => {
                for wrong in lookup.each().filter_map(wrong) {
                    match wrong {
                        Wrong::Bad(what) => bad.push(format!("{name}: {what}")),
                        Wrong::Odd(what) => odd.push(format!("{name}: {what}")),
                        Wrong::Unknown(what) => unknown.push(format!("{name}: {what}")),
                    }
                }
            }
            Fact::Unread(Unread::NotAsked) => unknown.push(format!("{name}: not asked")),
            Fact::Unread(Unread::Failed(error)) => unknown.push(error.kind.to_string()),
        }
    }
    for list in [&mut bad, &mut odd, &mut unknown] {
        list.sort();
        list.dedup();
    }
    if !bad.is_empty() {
        let fix = "Add the missing records to the DNS servers of these nodes: ICSA will not connect before. `utils \
                   network host NAME` shows what a node is told.";
        asked.failed(bad.join("; "), fix);
    } else if !odd.is_empty() {
        asked.warning(odd.join("; "), "Correct the PTR records, so that every address leads back to its node name.");
    } else if !unknown.is_empty() {
        asked.unknown(unknown.join("; "), "Ask a node yourself: `utils network host NAME`.");
    } else {
        asked.ok(format!("{} lookups, forward and back", lookups.len()));
    }
}

fn wrong(lookup: &NameLookup) -> Option<Wrong> {
    let NameLookup { name, server, addresses, trouble, elsewhere: _ } = lookup;
    if let Some(trouble) = trouble {
        return Some(Wrong::Unknown(format!("{server}: {trouble}")));
    }
    if addresses.is_empty() {
        return Some(Wrong::Bad(format!("{server} knows no address of it")));
    }
    let lost: Vec<String> = addresses.iter().filter(|a| a.names.is_empty()).map(|a| a.address.to_string()).collect();
    if !lost.is_empty() {
        return Some(Wrong::Bad(format!("on {server} {} leads back to no name", lost.join(", "))));
    }
    let back = |a: &crate::cluster::AddressLookup| a.names.iter().any(|n| same(n, name));
    let other = addresses.iter().find(|a| !back(a))?;
    Some(Wrong::Odd(format!("on {server} {} leads back to {}", other.address, other.names.join(", "))))
}

/// A node may be known by its first label alone.
fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.trim_end_matches('.').to_lowercase(), b.trim_end_matches('.').to_lowercase());
    let first = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
    a == b || ((!a.contains('.') || !b.contains('.')) && first(&a) == first(&b))
}

fn mend(lookup: &NameLookup) -> String {
    match lookup.addresses.first() {
        None => format!("Add an A (and a PTR) record for {}", lookup.name),
        Some(_) => {
            let lost = |a: &&crate::cluster::AddressLookup| !a.names.iter().any(|n| same(n, &lookup.name));
            let addresses: Vec<String> = lookup.addresses.iter().filter(lost).map(|a| a.address.to_string()).collect();
            format!("Add a PTR record from {} to {}", addresses.join(", "), lookup.name)
        }
    }
}

fn addresses(lookup: &NameLookup) -> String {
    lookup.addresses.iter().map(|a| a.address.to_string()).collect::<Vec<_>>().join(", ")
}

//! Names that a cluster's peers must be able to resolve, forward and back: ICSA does not connect while one fails
//! (field-notes 2.2).

use std::collections::BTreeMap;

use super::Case;
use super::finding::Place;
use super::found::{Explains, Found};
use crate::cluster::{ClusterSnapshot, Fact, NameLookup};
use crate::mesh::topology::Pair;
use crate::mesh::{ClusterName, DriftCode};

pub(super) fn judge(case: &Case<'_>, found: &mut Found) {
    for (_, cluster, read) in case.linked() {
        let mut lost: BTreeMap<&ClusterName, Vec<&NameLookup>> = BTreeMap::new();
        let mut one_way: BTreeMap<&ClusterName, Vec<&NameLookup>> = BTreeMap::new();
        let said = read.lookups.values().filter_map(Fact::read).flat_map(NameLookup::each);
        for lookup in said.filter(|lookup| lookup.trouble.is_none()) {
            let owner = owner(case, &cluster.name, &lookup.name);
            if lookup.addresses.is_empty() {
                lost.entry(owner).or_default().push(lookup);
            } else if lookup.addresses.iter().any(|a| !a.names.iter().any(|name| same(name, &lookup.name))) {
                one_way.entry(owner).or_default().push(lookup);
            }
        }
        for (code, by_owner) in [(DriftCode::NameUnresolved, lost), (DriftCode::NameOneWay, one_way)] {
            for (owner, lookups) in by_owner {
                add(case, code, &cluster.name, owner, &lookups, found);
            }
        }
    }
}

fn add(
    case: &Case<'_>,
    code: DriftCode,
    cluster: &ClusterName,
    owner: &ClusterName,
    lookups: &[&NameLookup],
    found: &mut Found,
) {
    let names = each_once(lookups.iter().map(|lookup| lookup.name.as_str()));
    let server = each_once(lookups.iter().map(|lookup| lookup.server.as_str()));
    let of = if owner == cluster { String::new() } else { format!(" of {owner}") };
    let many = if lookups.iter().all(|lookup| lookup.name == lookups[0].name) { "does" } else { "do" };
    let (what, fix) = match code {
        DriftCode::NameOneWay => {
            let addresses = lookups.iter().flat_map(|l| &l.addresses).map(|a| a.address.to_string());
            (
                format!("{names}{of}: {} leads back to another name or to none on {server}", each_once(addresses)),
                "Mend the PTR records; `utils network host NAME` shows what a node is told.",
            )
        }
        _ => (
            format!("{names}{of} {many} not resolve on {server}"),
            "Add the missing records; `utils network host NAME` shows what a node is told.",
        ),
    };
    let publisher = case.mesh.cluster(owner).map(|c| c.publisher.clone()).unwrap_or_default();
    let (place, explains) = match owner == cluster {
        true => (Place::of(cluster), Explains::Cluster(cluster.clone())),
        false => (Place::side(cluster, owner, &publisher), Explains::Link(Pair::new(cluster, owner))),
    };
    found.add(case.of_cluster(code, place, what, fix), explains);
}

/// A list in which several servers may say the same.
fn each_once<T: AsRef<str> + PartialEq>(words: impl Iterator<Item = T>) -> String {
    let mut once: Vec<T> = Vec::new();
    for word in words {
        if !once.contains(&word) {
            once.push(word);
        }
    }
    once.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", ")
}

/// The cluster that a name belongs to: the one that looked it up, unless it is one of another.
fn owner<'a>(case: &Case<'a>, looked_up_by: &'a ClusterName, name: &str) -> &'a ClusterName {
    let has = |read: &ClusterSnapshot| {
        let nodes = read.nodes.read().into_iter().flatten().map(|node| node.name.as_str());
        let certificates = read.certificates.values().filter_map(Fact::read);
        let named = certificates.flat_map(|certificate| &certificate.names).map(String::as_str);
        nodes.chain(named).any(|known| known.eq_ignore_ascii_case(name))
    };
    let own = case.snapshot.clusters.get(looked_up_by).is_some_and(&has);
    let other = || case.snapshot.clusters.iter().find(|(_, read)| has(read)).map(|(name, _)| name);
    if own { looked_up_by } else { other().unwrap_or(looked_up_by) }
}

/// A node may be known by its first label alone.
fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.trim_end_matches('.').to_lowercase(), b.trim_end_matches('.').to_lowercase());
    let first = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
    a == b || ((!a.contains('.') || !b.contains('.')) && first(&a) == first(&b))
}

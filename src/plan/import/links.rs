//! Links from entries: what points where, which pairs are linked, and in what shape.

use std::collections::{BTreeMap, BTreeSet};

use super::{Place, Remark, RemarkKind};
use crate::cluster::{Peer, Protocol};
use crate::mesh::{LinkEntry, Mesh, Shape, Topology, Transport};

/// An entry of one cluster for another, as places in the list of clusters.
pub(super) struct Entry<'a> {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) peer: &'a Peer,
}

/// The entries that point to a cluster of the file, one for each cluster; what is said of the others.
pub(super) fn entries<'a>(places: &[Place<'a>], remarks: &mut Vec<Remark>) -> Vec<Entry<'a>> {
    let mut entries: Vec<Entry<'a>> = Vec::new();
    for (from, place) in places.iter().enumerate() {
        let mut peers: Vec<&Peer> = place.read.and_then(|read| read.peers.read()).into_iter().flatten().collect();
        // the one by the publisher's own name counts, if there are more
        peers.sort_by_key(|peer| (!places.iter().any(|p| p.publisher.same(&peer.address)), peer.address.normal()));
        for peer in peers {
            let mut say = |what: String| remarks.push(Remark::about(RemarkKind::Damage, place, what));
            let by_name = places.iter().position(|p| p.publisher.same(&peer.address));
            match by_name.or_else(|| places.iter().position(|p| p.is(&peer.address))) {
                Some(to) if to == from => say(format!("{} has a peer {} that is itself", place.name, peer.address)),
                Some(to) if entries.iter().any(|e| (e.from, e.to) == (from, to)) => {
                    say(format!("{} has a second peer for {}: {}", place.name, places[to].name, peer.address));
                }
                Some(to) => entries.push(Entry { from, to, peer }),
                None => {
                    let what = format!("{} has a peer {} that the file does not name", place.name, peer.address);
                    remarks.push(Remark::about(RemarkKind::Damage, place, what).with("a plan reports it"));
                }
            }
        }
    }
    entries
}

/// Sets the topology and the transports. A link has an entry on both sides, or on the one side that could be read.
pub(super) fn set(mesh: &mut Mesh, places: &[Place<'_>], entries: &[Entry<'_>], remarks: &mut Vec<Remark>) {
    let by_pair: BTreeMap<(usize, usize), &Entry<'_>> = entries.iter().map(|e| ((e.from, e.to), e)).collect();
    let reads = |at: usize| places[at].read.is_some_and(|read| read.peers.read().is_some());
    let mut linked: BTreeMap<(usize, usize), Option<Transport>> = BTreeMap::new();
    let mut left_out = false;
    for a in 0..places.len() {
        for b in a + 1..places.len() {
            let (there, back) = (by_pair.get(&(a, b)), by_pair.get(&(b, a)));
            if there.is_none() && back.is_none() {
                continue;
            }
            let half = [(there, back, a, b), (back, there, b, a)].into_iter();
            let half = half.filter(|(one, other, _, to)| one.is_some() && other.is_none() && reads(*to));
            let lacking: Vec<(usize, usize)> = half.map(|(_, _, from, to)| (from, to)).collect();
            let (here, other) = (&places[a], &places[b]);
            let domains = [a, b].map(|at| mesh.domain_of(&mesh.clusters[at]).to_ascii_lowercase());
            left_out |= !lacking.is_empty() || domains[0] != domains[1];
            if let Some((from, to)) = lacking.first() {
                let (from, to) = (&places[*from].name, &places[*to].name);
                let what = format!("{from} has a peer for {to}, and {to} has none for {from}");
                remarks.push(Remark {
                    kind: RemarkKind::Damage,
                    about: vec![from.clone(), to.clone()],
                    what,
                    of_link: true,
                    todo: Some(format!(
                        "the file leaves the link out; to have both, add `{}` to its links",
                        link(from.as_str(), to.as_str())
                    )),
                });
            } else if domains[0] != domains[1] {
                let what = format!("{} and {} are linked across presence domains", here.name, other.name);
                remarks.push(Remark {
                    kind: RemarkKind::Damage,
                    about: vec![here.name.clone(), other.name.clone()],
                    what,
                    of_link: true,
                    todo: Some("no mesh file can ask for that; the file leaves the link out".to_owned()),
                });
            } else {
                linked.insert((a, b), transport([there, back].into_iter().flatten().copied()));
            }
        }
    }
    let count = |of| linked.values().filter(|transport| **transport == Some(of)).count();
    let usual = if count(Transport::Tls) > count(Transport::Tcp) { Transport::Tls } else { Transport::Tcp };
    mesh.defaults.transport = usual;
    for ((a, b), transport) in &linked {
        for (from, to) in [(*a, *b), (*b, *a)] {
            if let Some(entry) = by_pair.get(&(from, to)) {
                remarks.extend(of_entry(places, entry, transport.is_none(), usual));
            }
        }
    }
    let pairs: BTreeSet<(usize, usize)> = linked.keys().copied().collect();
    let (shape, hub) = shape(places.len(), &pairs, left_out);
    let listed = |(pair, transport): (&(usize, usize), &Option<Transport>)| {
        let transport = transport.filter(|transport| *transport != usual);
        let between = [places[pair.0].name.clone(), places[pair.1].name.clone()];
        (shape == Shape::Links || transport.is_some()).then_some(LinkEntry { between, transport })
    };
    let links = linked.iter().filter_map(listed).collect();
    mesh.topology = Topology { shape, hub: hub.map(|at| places[at].name.clone()), links };
}

/// A link as the file lists it.
fn link(a: &str, b: &str) -> String {
    format!("- {{between: [{a}, {b}]}}")
}

/// The transport of a link; none where its entries differ or say something that the file cannot.
fn transport<'a>(entries: impl Iterator<Item = &'a Entry<'a>>) -> Option<Transport> {
    let mut transports = entries.map(|entry| match entry.peer.protocol {
        Protocol::Tcp => Some(Transport::Tcp),
        Protocol::Tls => Some(Transport::Tls),
        Protocol::Other(_) => None,
    });
    let first = transports.next()??;
    transports.all(|transport| transport == Some(first)).then_some(first)
}

/// What a plan would change of an entry.
fn of_entry(places: &[Place<'_>], entry: &Entry<'_>, unclear: bool, usual: Transport) -> Vec<Remark> {
    let (from, to) = (&places[entry.from], &places[entry.to]);
    let mut remarks = Vec::new();
    let mut say = |what: String, todo: &str| {
        let about = vec![from.name.clone(), to.name.clone()];
        remarks.push(Remark { kind: RemarkKind::Damage, about, what, todo: Some(todo.to_owned()), of_link: false });
    };
    if unclear && entry.peer.protocol != Protocol::from(usual) {
        let what =
            format!("{}'s peer for {} says {}, and the file {usual}", from.name, to.name, entry.peer.protocol.word());
        say(what, "a plan changes it, unless the link's `transport` says otherwise");
    }
    if !entry.peer.address.same(&to.publisher) {
        let what = format!(
            "{}'s peer for {} is {}, and its publisher is called {}",
            from.name, to.name, entry.peer.address, to.publisher
        );
        say(what, "a plan replaces the entry: Peer Address must be the node name");
    }
    remarks
}

/// The shape of a set of links over so many clusters. Where links are `left_out`, what remains may look like a hub and
/// be none.
fn shape(count: usize, pairs: &BTreeSet<(usize, usize)>, left_out: bool) -> (Shape, Option<usize>) {
    if count >= 2 && pairs.len() == count * (count - 1) / 2 {
        return (Shape::Full, None);
    }
    let is_hub = |hub: &usize| pairs.iter().all(|(a, b)| a == hub || b == hub);
    let hub = (0..count).find(|hub| !left_out && pairs.len() == count - 1 && is_hub(hub));
    (if hub.is_some() { Shape::Hub } else { Shape::Links }, hub)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_recognised() {
        for (count, pairs, expected) in [
            (2, &[(0, 1)][..], (Shape::Full, None)),
            (3, &[(0, 1), (0, 2), (1, 2)], (Shape::Full, None)),
            (3, &[(0, 1), (1, 2)], (Shape::Hub, Some(1))),
            (4, &[(0, 3), (1, 3), (2, 3)], (Shape::Hub, Some(3))),
            (4, &[(0, 1), (1, 2), (2, 3)], (Shape::Links, None)),
            (4, &[(0, 1), (0, 2)], (Shape::Links, None)),
            (3, &[], (Shape::Links, None)),
        ] {
            assert_eq!(shape(count, &pairs.iter().copied().collect(), false), expected, "{count} {pairs:?}");
        }
        assert_eq!(shape(3, &[(0, 1), (1, 2)].into(), true), (Shape::Links, None));
    }
}

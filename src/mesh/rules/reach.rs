//! Who sees whom. Presence does not pass through a third cluster: two clusters without a link between them are dark
//! to one another, whatever lies between.

use std::collections::HashSet;

use super::{Rule, Scope};
use crate::mesh::finding::Severity;
use crate::mesh::meant::listed;
use crate::mesh::model::Shape;

/// Pairs that a message names; the rest is counted.
const NAMED: usize = 10;

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: "IM029",
        title: "the mesh is not connected",
        severity: Severity::Warning,
        procedure: Some("Peers are configured between two clusters, on the database publisher of both."),
        source: "Configure Intercluster Peers; that presence does not pass through a third cluster is inferred from it",
        explanation: "There are clusters that no chain of links joins, so this file describes two meshes or more. \
            Either a link is missing, or they belong into files of their own, where each can be planned alone.",
        bad: "clusters:\n  - {name: emea, publisher: imp1.emea.example.com}\n  - {name: amer, publisher: imp1.amer.example.com}\n  - {name: apac, publisher: imp1.apac.example.com}\ntopology:\n  shape: links\n  links:\n    - {between: [emea, amer]}\n",
        good: "clusters:\n  - {name: emea, publisher: imp1.emea.example.com}\n  - {name: amer, publisher: imp1.amer.example.com}\ntopology:\n  shape: links\n  links:\n    - {between: [emea, amer]}\n",
    },
    Rule {
        code: "IM030",
        title: "the mesh is not full",
        severity: Severity::Warning,
        procedure: Some("Peers are configured between two clusters, on the database publisher of both."),
        source: "Configure Intercluster Peers; that presence does not pass through a third cluster is inferred from it",
        explanation: "Users of two clusters see each other only where these two are linked: presence does not pass \
            through a third cluster, a hub included. If that is what is wanted, accept the finding with the reason.",
        bad: "clusters:\n  - {name: emea, publisher: imp1.emea.example.com}\n  - {name: amer, publisher: imp1.amer.example.com}\n  - {name: apac, publisher: imp1.apac.example.com}\ntopology:\n  shape: hub\n  hub: emea\n",
        good: "clusters:\n  - {name: emea, publisher: imp1.emea.example.com}\n  - {name: amer, publisher: imp1.amer.example.com}\n  - {name: apac, publisher: imp1.apac.example.com}\ntopology:\n  shape: hub\n  hub: emea\naccept:\n  - {rule: IM030, reason: branches need not see each other, owner: uc-team}\n",
    },
];

pub(super) fn check(scope: &mut Scope<'_>) {
    let topology = &scope.mesh.topology;
    let hub_is_wrong = || topology.hub.as_ref().and_then(|hub| scope.cluster(hub)).is_none_or(|c| !scope.present(c));
    if topology.shape == Shape::Full || (topology.shape == Shape::Hub && hub_is_wrong()) {
        return;
    }
    let present: Vec<usize> = (0..scope.mesh.clusters.len())
        .filter(|i| scope.mesh.clusters.get(*i).is_some_and(|c| scope.present(c)))
        .collect();
    if present.len() < 2 {
        return;
    }
    let mut linked: HashSet<(usize, usize)> = HashSet::new();
    let mut link = |a: Option<usize>, b: Option<usize>| {
        if let (Some(a), Some(b)) = (a, b)
            && a != b
        {
            linked.insert((a.min(b), a.max(b)));
        }
    };
    let number = |name| scope.index(name).filter(|i| present.binary_search(i).is_ok());
    if let (Shape::Hub, Some(hub)) = (topology.shape, &topology.hub) {
        let hub = number(hub);
        present.iter().for_each(|other| link(hub, Some(*other)));
    }
    for entry in &topology.links {
        link(number(&entry.between[0]), number(&entry.between[1]));
    }
    let place = if scope.report.locations().has("/topology/shape") { "/topology/shape" } else { "/topology" };
    if let Some((group, rest)) = split(scope.mesh.clusters.len(), &present, &linked) {
        let names = |indices: &[usize]| listed(indices.iter().map(|i| name(scope, *i)));
        let message =
            format!("the mesh falls into parts: {} on one side, {} on the other", names(&group), names(&rest));
        scope.add("IM029", place, message, "not connected", "add a link between the parts, or split the file");
    }
    let wanted = present.len() * (present.len() - 1) / 2;
    let missing = wanted.saturating_sub(linked.len());
    if missing > 0 {
        let dark = pairs(&present).filter(|pair| !linked.contains(pair)).take(NAMED);
        let mut text = dark.map(|(a, b)| format!("`{}` and `{}`", name(scope, a), name(scope, b))).collect::<Vec<_>>();
        if missing > NAMED {
            text.push(format!("{} more", missing - NAMED));
        }
        let message = match missing {
            1 => format!("users of {} will not see each other", text.join("")),
            _ => format!("users of {missing} pairs of clusters will not see each other: {}", text.join("; ")),
        };
        let help = "write `shape: full`, or accept the finding with the reason why they need not";
        scope.add("IM030", place, message, "not full", help);
    }
}

fn name<'a>(scope: &Scope<'a>, index: usize) -> &'a str {
    scope.mesh.clusters.get(index).map(|c| c.name.as_str()).unwrap_or_default()
}

fn pairs(indices: &[usize]) -> impl Iterator<Item = (usize, usize)> {
    indices.iter().enumerate().flat_map(|(at, a)| indices[at + 1..].iter().map(|b| (*a, *b)))
}

/// The part of the first cluster and the rest, if there is a rest.
fn split(count: usize, present: &[usize], linked: &HashSet<(usize, usize)>) -> Option<(Vec<usize>, Vec<usize>)> {
    let mut neighbours = vec![Vec::new(); count];
    for (a, b) in linked {
        neighbours[*a].push(*b);
        neighbours[*b].push(*a);
    }
    let mut reached = vec![false; count];
    let mut next: Vec<usize> = present.first().copied().into_iter().collect();
    while let Some(here) = next.pop() {
        if !std::mem::replace(&mut reached[here], true) {
            next.extend(&neighbours[here]);
        }
    }
    let (group, rest): (Vec<usize>, Vec<usize>) = present.iter().partition(|i| reached[**i]);
    (!rest.is_empty()).then_some((group, rest))
}

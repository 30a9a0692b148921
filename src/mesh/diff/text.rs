//! A difference for people at a terminal, and the sentences that the other formats share.

use super::{ClusterChange, Difference, LinkChange, Peer, PeerChanges, RuleChange, Setting};
use crate::mesh::meant::counted;
use crate::mesh::model::State;

pub(super) fn render(difference: &Difference) -> String {
    let mut text = format!("{} -> {}\n{}\n", difference.old, difference.new, summary(difference));
    for Section { title, lines, .. } in sections(difference) {
        text += &format!("\n{title}\n");
        lines.iter().for_each(|line| text += &format!("  {line}\n"));
    }
    text
}

/// A part of a difference.
pub(super) struct Section {
    pub title: &'static str,
    pub lines: Vec<String>,
    /// The lines with nothing in them that can be left out.
    pub short: Vec<String>,
    /// Whether it tells of deletions, which are never folded away.
    pub deletions: bool,
}

/// The parts that are not empty, the most dangerous first.
pub(super) fn sections(difference: &Difference) -> Vec<Section> {
    let Difference { old: _, new: _, clusters, links, peers, restarts, settings, started, stopped } = difference;
    let section = |title, lines: Vec<String>| Section { title, short: lines.clone(), lines, deletions: false };
    let of_peers = |title, list: fn(&PeerChanges) -> &Vec<Peer>, deletions| {
        let (lines, short) = (per_publisher(peers, list, true), per_publisher(peers, list, false));
        Section { title, lines, short, deletions }
    };
    let restarts = restarts.iter().map(|r| format!("{}: at most {}: {}", r.cluster, r.at_most, r.why)).collect();
    let all = [
        of_peers("Peers deleted", |p| &p.delete, true),
        section("Clusters", clusters.iter().map(cluster).collect()),
        section("Links", links.iter().map(link).collect()),
        of_peers("Peers added", |p| &p.add, false),
        of_peers("Peers replaced", |p| &p.replace, false),
        of_peers("Peers changed", |p| &p.update, false),
        of_peers("Peers left as they are", |p| &p.leave, false),
        section("XCP Router restarts", restarts),
        section("Settings", settings.iter().map(setting).collect()),
        section("Findings that begin", started.iter().map(rule).collect()),
        section("Findings that end", stopped.iter().map(rule).collect()),
    ];
    all.into_iter().filter(|section| !section.lines.is_empty()).collect()
}

/// One sentence that says how much there is of everything.
pub(super) fn summary(difference: &Difference) -> String {
    if difference.is_empty() {
        return "Both files mean the same.".to_owned();
    }
    let links = |f: fn(&LinkChange) -> bool| difference.links.iter().filter(|l| f(l)).count();
    let peers = |f: fn(&PeerChanges) -> usize| difference.peers.iter().map(f).sum::<usize>();
    let restarts: usize = difference.restarts.iter().map(|r| r.at_most).sum();
    let parts = [
        (peers(|p| p.delete.len()), "peer", "deleted"),
        (links(|l| l.from.is_none()), "link", "added"),
        (links(|l| l.to.is_none()), "link", "removed"),
        (links(|l| l.from.is_some() && l.to.is_some()), "link", "changed"),
        (peers(|p| p.add.len()), "peer", "added"),
        (peers(|p| p.replace.len()), "peer", "replaced"),
        (peers(|p| p.update.len()), "peer", "changed"),
        (peers(|p| p.leave.len()), "peer", "left as they are"),
        (difference.settings.len(), "setting", "changed"),
    ];
    let mut words: Vec<String> = parts
        .iter()
        .filter(|(n, _, _)| *n > 0)
        .map(|(n, noun, verb)| format!("{} {verb}", counted(*n, noun)))
        .collect();
    if restarts > 0 {
        words.push(format!("at most {}", counted(restarts, "XCP Router restart")));
    }
    if words.is_empty() {
        words.push("no link and no peer changes".to_owned());
    }
    format!("{}.", words.join(", ").replace("1 peer left as they are", "1 peer left as it is"))
}

/// One line per publisher, so that a mesh of 30 clusters takes 30 of them.
fn per_publisher(peers: &[PeerChanges], list: fn(&PeerChanges) -> &Vec<Peer>, addresses: bool) -> Vec<String> {
    let name = |peer: &Peer| match addresses {
        true => format!("{} ({})", peer.cluster, peer.address),
        false => peer.cluster.to_string(),
    };
    let mut lines = Vec::new();
    for changes in peers.iter().filter(|p| !list(p).is_empty()) {
        let mut reasons: Vec<&str> = list(changes).iter().map(|p| p.why).collect();
        reasons.sort_unstable();
        reasons.dedup();
        for why in reasons {
            let of_reason = list(changes).iter().filter(|p| p.why == why);
            let names: Vec<String> = of_reason.map(name).collect();
            lines.push(format!("on {} ({}): {}; {why}", changes.cluster, changes.publisher, names.join(", ")));
        }
    }
    lines
}

fn cluster(change: &ClusterChange) -> String {
    match change {
        ClusterChange::Named { cluster, state: State::Present } => format!("{cluster} joins the mesh"),
        ClusterChange::Named { cluster, state } => {
            format!("{cluster} is named, {}: entries for it are deleted where there are any", state_name(*state))
        }
        ClusterChange::Dropped { cluster } => {
            format!("{cluster} is no longer named: nothing on it is touched, and entries for it become unmanaged")
        }
        ClusterChange::State { cluster, from, to } => {
            format!("{cluster} was {} and becomes {}", state_name(*from), state_name(*to))
        }
        ClusterChange::Publisher { cluster, from, to } => format!("{cluster} has publisher {to}, before it was {from}"),
    }
}

fn state_name(state: State) -> &'static str {
    match state {
        State::Present => "present",
        State::Absent => "absent",
        State::Gone => "gone",
    }
}

fn link(LinkChange { pair, from, to }: &LinkChange) -> String {
    match (from, to) {
        (None, Some(to)) => format!("+ {pair} ({to})"),
        (Some(from), None) => format!("- {pair} ({from})"),
        (Some(from), Some(to)) => format!("~ {pair}: {from} becomes {to}"),
        (None, None) => pair.to_string(),
    }
}

fn setting(Setting { place, old, new }: &Setting) -> String {
    let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "(not given)".to_owned());
    format!("{place}: {} -> {}", shown(old), shown(new))
}

fn rule(RuleChange { code, severity, message, accepted }: &RuleChange) -> String {
    format!("{code} {severity}: {message}{}", if *accepted { " (accepted)" } else { "" })
}

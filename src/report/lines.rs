//! The changes of a plan as lines: a link's two sides on one line where both get the same, and many lines that say
//! the same as one.

use std::collections::{BTreeMap, BTreeSet};

use super::words::{counted, number};
use crate::cluster::Protocol;
use crate::mesh::topology::Pair;
use crate::mesh::{ClusterName, NodeName};
use crate::plan::Plan;
use crate::plan::change::{Change, Concern, Kind, Weight, What};

/// One line: one change, or the same change on both sides of a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What is done.
    pub kind: Kind,
    /// The link, for a change of a peer; otherwise the cluster.
    pub about: About,
    /// What is changed, from what to what.
    pub what: String,
    /// Why, where the line does not say it already.
    pub reason: Option<String>,
    /// The line of the mesh file, counted from 1.
    pub line: Option<usize>,
    /// The node that it is changed on, and what is changed without it, where it is a node's.
    on_node: Option<(NodeName, String)>,
}

/// What a line is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// Both sides of a link.
    Link(Pair),
    /// One side of a link: the cluster that has the entry, and the one that it points to.
    Side(ClusterName, ClusterName),
    /// A cluster.
    Cluster(ClusterName),
    /// Many links of which the same is said.
    Links(BTreeSet<Pair>),
    /// Many nodes of which the same is said: of which clusters, and how many.
    Nodes(BTreeSet<ClusterName>, usize),
}

/// More links than this that say the same are one line.
const SAME: usize = 6;
/// More nodes than this that say the same are one line.
const SAME_NODES: usize = 3;

impl About {
    /// What it is called.
    pub fn words(&self) -> String {
        match self {
            About::Link(pair) => pair.to_string(),
            About::Side(from, to) => format!("{from} -> {to}"),
            About::Cluster(name) => name.to_string(),
            About::Links(pairs) => many(pairs),
            About::Nodes(clusters, nodes) => match clusters.first() {
                Some(only) if clusters.len() == 1 => format!("{} of {only}", counted(*nodes, "node")),
                _ => format!("{} of {}", counted(*nodes, "node"), counted(clusters.len(), "cluster")),
            },
        }
    }

    /// Which side it is done on, for a link.
    pub fn sides(&self) -> Option<String> {
        match self {
            About::Link(_) | About::Links(_) => Some("both sides".to_owned()),
            About::Side(from, _) => Some(format!("on {from}")),
            About::Cluster(_) | About::Nodes(..) => None,
        }
    }
}

/// The lines of peers, the most dangerous first, and then by name.
pub fn of_links(plan: &Plan) -> Vec<Line> {
    let mut sides: BTreeMap<Pair, [Vec<&Change>; 2]> = BTreeMap::new();
    for change in &plan.changes {
        if let Some(to) = linked(&change.what) {
            let pair = Pair::new(&change.cluster, to);
            let side = usize::from(change.cluster != *pair.a());
            sides.entry(pair).or_default()[side].push(change);
        }
    }
    let mut lines = Vec::new();
    for (pair, [first, mut second]) in sides {
        for change in first {
            let same = |other: &&Change| {
                other.what.kind() == change.what.kind()
                    && detail(&other.what) == detail(&change.what)
                    && other.reason == change.reason
            };
            match second.iter().position(same) {
                Some(at) => {
                    second.remove(at);
                    lines.push(line(change, About::Link(pair.clone())));
                }
                None => lines.push(line(change, About::Side(pair.a().clone(), pair.b().clone()))),
            }
        }
        lines.extend(second.into_iter().map(|c| line(c, About::Side(pair.b().clone(), pair.a().clone()))));
    }
    lines.sort_by_key(|line| danger(line.kind));
    lines
}

/// The lines of everything else, cluster by cluster in the file's order.
pub fn of_clusters(plan: &Plan) -> Vec<Line> {
    let others = |name: &ClusterName| {
        let of = plan.changes.iter().filter(move |c| c.cluster == *name && linked(&c.what).is_none());
        of.map(|change| line(change, About::Cluster(change.cluster.clone()))).collect::<Vec<_>>()
    };
    plan.mesh.clusters.iter().flat_map(|c| others(&c.name)).collect()
}

/// Many lines that say the same become one, in the place of the first.
pub fn gathered(lines: Vec<Line>) -> Vec<Line> {
    type Said = (Kind, String, Option<String>, Option<usize>);
    let said = |line: &Line| -> Said { (line.kind, line.on_any_node().to_owned(), line.reason.clone(), line.line) };
    let mut links: BTreeMap<Said, BTreeSet<Pair>> = BTreeMap::new();
    let mut nodes: BTreeMap<Said, (BTreeSet<ClusterName>, usize)> = BTreeMap::new();
    for line in &lines {
        if let About::Link(pair) = &line.about {
            links.entry(said(line)).or_default().insert(pair.clone());
        } else if let (About::Cluster(cluster), Some(_)) = (&line.about, &line.on_node) {
            let (clusters, count) = nodes.entry(said(line)).or_default();
            clusters.insert(cluster.clone());
            *count += 1;
        }
    }
    links.retain(|_, pairs| pairs.len() > SAME);
    nodes.retain(|_, (_, count)| *count > SAME_NODES);
    let mut gathered = Vec::new();
    for line in lines {
        let key = said(&line);
        let about = match &line.about {
            About::Link(_) if links.contains_key(&key) => links.get_mut(&key).map(std::mem::take).map(About::Links),
            About::Cluster(_) if line.on_node.is_some() && nodes.contains_key(&key) => {
                nodes.get_mut(&key).map(std::mem::take).map(|(clusters, count)| About::Nodes(clusters, count))
            }
            _ => {
                gathered.push(line);
                continue;
            }
        };
        match about {
            // the first of them took them all
            Some(About::Links(pairs)) if pairs.is_empty() => {}
            Some(About::Nodes(_, 0)) | None => {}
            Some(about) => gathered.push(Line { about, what: key.1, ..line }),
        }
    }
    gathered
}

impl Line {
    fn on_any_node(&self) -> &str {
        self.on_node.as_ref().map_or(&self.what, |(_, what)| what)
    }
}

/// A line that stands for many, and which they are: clusters, and of each the others that it is linked with, or its nodes.
pub struct Members {
    /// The line.
    pub line: Line,
    /// The clusters.
    pub of: Vec<(ClusterName, Vec<String>)>,
}

/// Which lines the gathered ones stand for.
pub fn members(all: &[Line], gathered: &[Line]) -> Vec<Members> {
    let of_links =
        |pairs: &BTreeSet<Pair>| pairs.iter().map(|p| (p.a().clone(), p.b().to_string())).collect::<Vec<_>>();
    let of_nodes = |line: &Line| {
        let same = |other: &&Line| {
            (other.kind, other.on_any_node(), &other.reason, other.line)
                == (line.kind, line.what.as_str(), &line.reason, line.line)
        };
        let member = |other: &Line| match (&other.about, &other.on_node) {
            (About::Cluster(cluster), Some((node, _))) => Some((cluster.clone(), node.to_string())),
            _ => None,
        };
        all.iter().filter(same).filter_map(member).collect::<Vec<_>>()
    };
    let found = gathered.iter().filter_map(|line| {
        let members = match &line.about {
            About::Links(pairs) => of_links(pairs),
            About::Nodes(..) => of_nodes(line),
            About::Link(_) | About::Side(..) | About::Cluster(_) => return None,
        };
        let mut of: Vec<(ClusterName, Vec<String>)> = Vec::new();
        for (cluster, member) in members {
            match of.iter_mut().find(|(known, _)| *known == cluster) {
                Some((_, members)) => members.push(member),
                None => of.push((cluster, vec![member])),
            }
        }
        Some(Members { line: line.clone(), of })
    });
    found.collect()
}

/// A concern, and the clusters that it is about.
pub struct Said {
    /// `!` for what was read and is not as it should be, `?` for what could not be read.
    pub mark: &'static str,
    /// The clusters, or how many there are.
    pub who: String,
    /// What there is to say.
    pub what: String,
}

/// The concerns, each once.
pub fn concerns(plan: &Plan) -> Vec<Said> {
    let mut all: BTreeMap<(Weight, &str), Vec<&ClusterName>> = BTreeMap::new();
    for Concern { cluster, weight, what } in &plan.concerns {
        all.entry((*weight, what)).or_default().push(cluster);
    }
    let said = |((weight, what), clusters): ((Weight, &str), Vec<&ClusterName>)| Said {
        mark: match weight {
            Weight::Warning => "!",
            Weight::Unknown => "?",
        },
        who: if clusters.len() > SAME { counted(clusters.len(), "cluster") } else { names(&clusters) },
        what: what.to_owned(),
    };
    all.into_iter().map(said).collect()
}

/// Which links these are, in a few words.
fn many(pairs: &BTreeSet<Pair>) -> String {
    let names: BTreeSet<&ClusterName> = pairs.iter().flat_map(|p| [p.a(), p.b()]).collect();
    let links = counted(pairs.len(), "link");
    if pairs.len() == names.len() * (names.len() - 1) / 2 {
        return format!("{links}: each of {} with every other", counted(names.len(), "cluster"));
    }
    if let Some(hub) = names.iter().find(|name| pairs.iter().all(|p| p.has(name))) {
        return format!("{links}: {hub} with {} others", number(pairs.len()));
    }
    format!("{links} among {}", counted(names.len(), "cluster"))
}

/// The cluster of the mesh that a change's peer points to.
fn linked(what: &What) -> Option<&ClusterName> {
    match what {
        What::CreatePeer { to, .. }
        | What::ChangePeer { to, .. }
        | What::ReplacePeer { to, .. }
        | What::Resync { to, .. } => Some(to),
        What::DeletePeer { to, .. } => to.as_ref(),
        What::SetParameter { .. } | What::Activate { .. } | What::Start { .. } | What::Restart { .. } => None,
    }
}

fn line(change: &Change, about: About) -> Line {
    let Change { cluster: _, what, reason, line } = change;
    // a link's line names the link, and both values where one changes
    let said = reason.starts_with("link ") || reason.starts_with("its Protocol differs");
    let reason = (!said).then(|| reason.clone());
    let words = if matches!(about, About::Cluster(_)) { self::change(what) } else { detail(what) };
    let on_node = match what {
        What::SetParameter { node, service, label, before, after } => {
            Some((node.clone(), format!("set `{label}` of {service}: {before} -> {after}")))
        }
        What::Activate { node, service } => Some((node.clone(), format!("activate {service}"))),
        What::Start { node, service, before } => Some((node.clone(), format!("start {service}, now {before}"))),
        _ => None,
    };
    Line { kind: what.kind(), about, what: words, reason, line: *line, on_node }
}

/// A change in words.
pub fn change(what: &What) -> String {
    match what {
        What::CreatePeer { address, to, protocol: _ } => format!("add peer {address} ({to}), {}", detail(what)),
        What::ChangePeer { address, to, protocol: _, account: _ } => {
            format!("change peer {address} ({to}): {}", detail(what))
        }
        What::ReplacePeer { before: _, after: _, to, protocol_before: _, protocol: _ } => {
            format!("replace peer ({to}): {}", detail(what))
        }
        What::Resync { address, to, status } => {
            format!("sync the certificates of peer {address} ({to}): {status}")
        }
        What::DeletePeer { address, to, protocol: _ } => {
            let to = to.iter().map(|to| format!(" ({to})")).collect::<String>();
            format!("delete peer {address}{to}, {}", detail(what))
        }
        What::SetParameter { node, service, label, before, after } => {
            format!("set `{label}` of {service} on {node}: {before} -> {after}")
        }
        What::Activate { node, service } => format!("activate {service} on {node}"),
        What::Start { node, service, before } => format!("start {service} on {node}, now {before}"),
        What::Restart { nodes } => format!("restart Cisco XCP Router on {}", names(nodes)),
    }
}

/// What a line has to say that names the link already.
fn detail(what: &What) -> String {
    let from_to = |before: &Protocol, after: &Protocol| {
        if before == after { after.word().to_owned() } else { format!("{} -> {}", before.word(), after.word()) }
    };
    match what {
        What::CreatePeer { protocol, .. } | What::DeletePeer { protocol, .. } => protocol.word().to_owned(),
        What::ChangePeer { address: _, to: _, protocol, account } => {
            let protocol = protocol.iter().map(|p| from_to(&p.before, &p.after));
            let account = account.iter().map(|a| match &a.before {
                Some(before) if *before != a.after => format!("account {before} -> {}", a.after),
                _ => format!("account {} written again", a.after),
            });
            protocol.chain(account).collect::<Vec<_>>().join(", ")
        }
        What::ReplacePeer { before, after, to: _, protocol_before, protocol } => {
            format!("{before} -> {after}, {}", from_to(protocol_before, protocol))
        }
        What::Resync { address: _, to: _, status } => format!("certificates: {status}"),
        other => change(other),
    }
}

/// Names with commas between them.
pub fn names<T: ToString>(names: &[T]) -> String {
    names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// What a reviewer must not overlook comes first.
fn danger(kind: Kind) -> u8 {
    match kind {
        Kind::Delete => 0,
        Kind::Replace => 1,
        Kind::Change | Kind::Resync => 2,
        Kind::Create => 3,
        Kind::Set | Kind::Activate | Kind::Start | Kind::Restart => 4,
    }
}

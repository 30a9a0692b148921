//! A part of the mesh that a plan is limited to: `--target CLUSTER`, `--target A..B`. What it leaves out is counted and
//! named, so that a part is never taken for the whole.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::change::{Change, Kind, What};
use crate::mesh::ClusterName;
use crate::mesh::topology::Pair;

/// A part of the mesh.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A cluster and all of its links, both sides of each: half a link is worse than none.
    Cluster(ClusterName),
    /// One link.
    Link(Pair),
}

/// What a plan with targets leaves out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// The targets, as they were given.
    pub targets: Vec<String>,
    /// How many changes are left out.
    pub changes: usize,
    /// The clusters that they are on.
    pub clusters: Vec<ClusterName>,
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = |name: &str| match name.trim() {
            "" => Err("give a cluster's name, or two as `A..B`".to_owned()),
            name => Ok(ClusterName::from(name)),
        };
        match text.split_once("..") {
            None => Ok(Target::Cluster(name(text)?)),
            Some((a, b)) => match (name(a)?, name(b)?) {
                (a, b) if a == b => Err(format!("`{a}..{b}` is no link: give two clusters")),
                (a, b) => Ok(Target::Link(Pair::new(&a, &b))),
            },
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Cluster(name) => name.fmt(f),
            Target::Link(pair) => write!(f, "{}..{}", pair.a(), pair.b()),
        }
    }
}

impl Target {
    /// The clusters that it names.
    pub fn clusters(&self) -> Vec<&ClusterName> {
        match self {
            Target::Cluster(name) => vec![name],
            Target::Link(pair) => vec![pair.a(), pair.b()],
        }
    }

    /// Whether the change belongs to the part by itself.
    fn takes(&self, change: &Change) -> bool {
        let pair = change.what.to().map(|to| Pair::new(&change.cluster, to));
        matches!(self, Target::Cluster(name) if change.cluster == *name) || pair.is_some_and(|p| self.takes_link(&p))
    }

    /// Whether the link belongs to the part.
    pub(super) fn takes_link(&self, pair: &Pair) -> bool {
        match self {
            Target::Cluster(name) => pair.has(name),
            Target::Link(link) => pair == link,
        }
    }
}

/// Keeps what belongs to the targets, and the services that its links need on their other sides. Without targets all
/// is kept.
pub fn limit(changes: &mut Vec<Change>, targets: &[Target]) -> Option<LeftOut> {
    if targets.is_empty() {
        return None;
    }
    let taken = |change: &Change| targets.iter().any(|target| target.takes(change));
    let linked: BTreeSet<ClusterName> = (changes.iter().filter(|change| taken(change)))
        .flat_map(|change| [Some(&change.cluster), change.what.to()])
        .flatten()
        .cloned()
        .collect();
    let needed = |change: &Change| {
        matches!(change.what.kind(), Kind::Start | Kind::Activate) && linked.contains(&change.cluster)
    };
    let before = changes.len();
    let mut clusters = BTreeSet::new();
    changes.retain(|change| {
        let kept = taken(change) || needed(change);
        if !kept {
            clusters.insert(change.cluster.clone());
        }
        kept
    });
    Some(LeftOut {
        targets: targets.iter().map(Target::to_string).collect(),
        changes: before - changes.len(),
        clusters: clusters.into_iter().collect(),
    })
}

impl What {
    /// The other cluster of the link that the change works on.
    pub fn to(&self) -> Option<&ClusterName> {
        match self {
            What::CreatePeer { to, .. }
            | What::ChangePeer { to, .. }
            | What::ReplacePeer { to, .. }
            | What::Resync { to, .. } => Some(to),
            What::DeletePeer { to, .. } => to.as_ref(),
            What::SetParameter { .. } | What::Activate { .. } | What::Start { .. } | What::Restart { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::Protocol;

    fn change(cluster: &str, what: What) -> Change {
        Change { cluster: cluster.into(), what, reason: String::new(), line: None }
    }

    fn link(cluster: &str, to: &str) -> Change {
        let address = format!("imp1.{to}.example.com").as_str().into();
        change(cluster, What::CreatePeer { address, to: to.into(), protocol: Protocol::Tcp })
    }

    fn start(cluster: &str) -> Change {
        change(cluster, What::Start { node: "imp1".into(), service: "x".into(), before: "Stopped".into() })
    }

    /// What is kept of a, b and c fully linked, each with a service to start, as `cluster` or `cluster>other`.
    fn kept(targets: &[&str]) -> (Vec<String>, Option<LeftOut>) {
        let mut changes = vec![
            start("a"),
            start("b"),
            start("c"),
            link("a", "b"),
            link("b", "a"),
            link("a", "c"),
            link("c", "a"),
            link("b", "c"),
            link("c", "b"),
        ];
        let targets: Vec<Target> = targets.iter().map(|t| t.parse().unwrap()).collect();
        let left = limit(&mut changes, &targets);
        let name = |c: &Change| match c.what.to() {
            Some(to) => format!("{}>{to}", c.cluster),
            None => c.cluster.to_string(),
        };
        (changes.iter().map(name).collect(), left)
    }

    #[test]
    fn a_cluster_is_taken_with_both_sides_of_its_links() {
        let (kept, left) = kept(&["a"]);
        assert_eq!(kept, ["a", "b", "c", "a>b", "b>a", "a>c", "c>a"]);
        let left = left.unwrap();
        assert_eq!((left.changes, left.clusters), (2, vec!["b".into(), "c".into()]));
    }

    #[test]
    fn a_link_is_taken_with_what_it_needs() {
        let (kept, left) = kept(&["b..a"]);
        assert_eq!(kept, ["a", "b", "a>b", "b>a"]);
        let left = left.unwrap();
        assert_eq!((left.targets, left.changes), (vec!["a..b".to_owned()], 5));
    }

    #[test]
    fn without_targets_all_is_kept() {
        assert_eq!(kept(&[]), (kept(&["a", "b..c"]).0, None));
    }

    #[test]
    fn what_is_no_target_is_refused() {
        for bad in ["", "a..", "..b", "a..a", " .. "] {
            assert!(bad.parse::<Target>().is_err(), "{bad}");
        }
    }
}

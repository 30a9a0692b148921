//! Who is linked with whom, and what a plan changes: the mesh as clusters and links, ready to be drawn or written
//! in whatever form.

mod dot;
mod found;
mod mermaid;
mod planned;

use super::words::counted;
use crate::cluster::Protocol;
use crate::mesh::topology::{Pair, links};
use crate::mesh::{Cluster, ClusterName, Mesh, NodeName, State};

pub use dot::{mesh as mesh_dot, steps as steps_dot};
pub use mermaid::mesh as mesh_mermaid;

/// A mesh, as it is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Graph {
    /// The mesh's name.
    pub name: String,
    /// What is shown of it.
    pub shows: Shows,
    /// The clusters, in the file's order.
    pub clusters: Vec<Vertex>,
    /// The links, in the order of their pairs.
    pub links: Vec<Edge>,
    /// Peers that point to no cluster of the file.
    pub strangers: Vec<Stranger>,
}

/// What is shown of a mesh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shows {
    /// What its file asks for.
    File,
    /// What a plan changes.
    Plan,
    /// How the clusters are found.
    World,
}

/// A cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vertex {
    /// Its name.
    pub name: ClusterName,
    /// Whether it is in the mesh.
    pub state: State,
    /// Something of it could not be read.
    pub unread: bool,
    /// Its nodes, as far as they are known.
    pub nodes: Option<usize>,
    /// Its users, where they were read.
    pub users: Option<u64>,
    /// The most router restarts that the plan holds on it.
    pub restarts: usize,
    /// Services that are started on it, parameters that are set: all that concerns no peer.
    pub other_changes: usize,
}

/// A link: an entry on each of two clusters, or on one alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The two clusters.
    pub pair: Pair,
    /// The first cluster's entry, and the second's.
    pub sides: [Side; 2],
    /// The round in which a plan works on it, counted from 1.
    pub round: Option<u32>,
}

/// One side of a link: the entry that one cluster has, or has not, for the other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Side {
    /// What becomes of it.
    pub fate: Fate,
    /// `Protocol` as it is, where there is an entry.
    pub before: Option<String>,
    /// `Protocol` as it becomes, where there is one afterwards.
    pub after: Option<String>,
}

/// What becomes of a peer entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It stays as it is; or, of a mesh file alone, it is asked for.
    Kept,
    /// It is added.
    Added,
    /// It gets another value.
    Changed,
    /// It is deleted and added with another address.
    Replaced,
    /// Its certificates are synced anew.
    Resynced,
    /// It is deleted.
    Deleted,
    /// It is not there and stays away.
    Missing,
    /// Nobody knows: it could not be read.
    Unknown,
    /// Presence works, and something is not as it should be.
    Odd,
    /// Users of the two clusters do not see each other, or soon will not.
    Broken,
}

/// A peer that points to no cluster of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stranger {
    /// The cluster that has it.
    pub cluster: ClusterName,
    /// `Peer Address`.
    pub address: NodeName,
    /// What becomes of it.
    pub fate: Fate,
}

impl Fate {
    /// All of them, in the order of a legend.
    pub const ALL: [Fate; 8] =
        [Fate::Broken, Fate::Odd, Fate::Added, Fate::Changed, Fate::Deleted, Fate::Kept, Fate::Missing, Fate::Unknown];

    /// Its mark, readable without colour.
    pub fn mark(self) -> &'static str {
        match self {
            Fate::Kept => "",
            Fate::Added => "+",
            Fate::Changed => "~",
            Fate::Replaced => "±",
            Fate::Resynced => "*",
            Fate::Deleted => "-",
            Fate::Missing => "!",
            Fate::Unknown => "?",
            Fate::Odd => "~",
            Fate::Broken => "!",
        }
    }

    /// What it means, for a legend.
    pub fn word(self) -> &'static str {
        match self {
            Fate::Kept => "as it is",
            Fate::Added => "added",
            Fate::Changed => "changed",
            Fate::Replaced => "replaced",
            Fate::Resynced => "resynced",
            Fate::Deleted => "deleted",
            Fate::Missing => "missing",
            Fate::Unknown => "not read",
            Fate::Odd => "to look at",
            Fate::Broken => "broken",
        }
    }
}

impl Side {
    /// `TCP`, `TLS`, or `TCP -> TLS`.
    pub fn protocol(&self) -> String {
        match (&self.before, &self.after) {
            (Some(before), Some(after)) if before != after => format!("{before} -> {after}"),
            (_, Some(one)) | (Some(one), None) => one.clone(),
            (None, None) => String::new(),
        }
    }

    /// Whether the entry is, or is to be, encrypted.
    pub fn encrypted(&self) -> bool {
        self.after.as_deref() == Some(Protocol::Tls.word())
    }
}

impl Edge {
    /// Both sides' fate, where it is the same.
    pub fn fate(&self) -> Option<Fate> {
        (self.sides[0].fate == self.sides[1].fate).then_some(self.sides[0].fate)
    }

    /// The link in words, for a tooltip or a screen reader.
    pub fn words(&self) -> String {
        let one = |side: &Side| format!("{} {}", side.protocol(), side.fate.word()).trim().to_owned();
        let round = self.round.map(|n| format!(", round {n}")).unwrap_or_default();
        let [a, b] = &self.sides;
        if a == b {
            format!("{}: {} on both sides{round}", self.pair, one(a))
        } else {
            format!("{}: {} on {}, {} on {}{round}", self.pair, one(a), self.pair.a(), one(b), self.pair.b())
        }
    }
}

impl Vertex {
    /// What is written into its box: its name, what it has, and what is the matter with it.
    pub fn words(&self) -> Vec<String> {
        let Vertex { name, state, unread, nodes, users, restarts: _, other_changes: _ } = self;
        let nodes = nodes.map(|n| counted(n, "node"));
        let users = users.map(|n| counted(usize::try_from(n).unwrap_or(usize::MAX), "user"));
        let has: Vec<String> = nodes.into_iter().chain(users).collect();
        let matter = match (state, unread) {
            (State::Absent, _) => Some("leaves the mesh"),
            (State::Gone, _) => Some("is gone"),
            (State::Present, true) => Some("not all was read"),
            (State::Present, false) => None,
        };
        let mut lines = vec![name.to_string()];
        lines.extend((!has.is_empty()).then(|| has.join(", ")));
        lines.extend(matter.map(str::to_owned));
        lines
    }
}

impl Graph {
    /// The mesh that a file asks for. Nothing is known of the clusters.
    pub fn of_mesh(mesh: &Mesh) -> Graph {
        let vertex = |c: &Cluster| Vertex {
            name: c.name.clone(),
            state: c.state,
            unread: false,
            nodes: (!c.nodes.is_empty()).then_some(c.nodes.len()),
            users: None,
            restarts: 0,
            other_changes: 0,
        };
        let edges = links(mesh).into_iter().map(|link| {
            let protocol = Some(Protocol::from(link.transport).word().to_owned());
            let side = Side { fate: Fate::Kept, before: protocol.clone(), after: protocol };
            Edge { pair: link.pair, sides: [side.clone(), side], round: None }
        });
        Graph {
            name: mesh.metadata.name.clone(),
            shows: Shows::File,
            clusters: mesh.clusters.iter().map(vertex).collect(),
            links: edges.collect(),
            strangers: Vec::new(),
        }
    }

    /// The cluster that all links lead to, where there is one, as in a hub.
    pub fn centre(&self) -> Option<&ClusterName> {
        let of = |v: &Vertex| self.links.iter().all(|link| link.pair.has(&v.name));
        let mut all = self.clusters.iter().filter(|v| of(v)).map(|v| &v.name);
        let found = all.next()?;
        (self.links.len() > 2 && all.next().is_none()).then_some(found)
    }

    /// The clusters that are in the mesh, and the links that it has afterwards.
    pub fn size(&self) -> (usize, usize) {
        let stays = |link: &&Edge| link.sides.iter().any(|side| side.after.is_some());
        let clusters = self.clusters.iter().filter(|v| v.state == State::Present).count();
        (clusters, self.links.iter().filter(stays).count())
    }

    /// Which fates there are, and how many sides of links share each.
    pub fn counts(&self) -> Vec<(Fate, usize)> {
        let count = |fate| self.links.iter().flat_map(|link| &link.sides).filter(|side| side.fate == fate).count();
        Fate::ALL.into_iter().map(|fate| (fate, count(fate))).filter(|(_, n)| *n > 0).collect()
    }
}

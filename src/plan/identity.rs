//! Whether a cluster is the one that the file means: its publisher, its nodes, its release.

use super::release::numbers;
use crate::cluster::ClusterSnapshot;
use crate::mesh::{Cluster, Mesh};

/// Something that a cluster says of itself and the file says otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// The database publisher has another node name. Peers would point to a name that the cluster does not know
    /// (procedure: `Peer Address` must be the node name), so nothing may be linked.
    Publisher(String),
    /// The nodes are others.
    Nodes(String),
    /// The release is another.
    Release(String),
}

impl Mismatch {
    /// In a sentence.
    pub fn words(&self) -> &str {
        match self {
            Mismatch::Publisher(words) | Mismatch::Nodes(words) | Mismatch::Release(words) => words,
        }
    }
}

/// What does not fit, as far as it was read.
pub fn mismatches(mesh: &Mesh, cluster: &Cluster, read: &ClusterSnapshot) -> Vec<Mismatch> {
    let mut found = Vec::new();
    let (name, publisher) = (&cluster.name, &cluster.publisher);
    if let Some(nodes) = read.nodes.read() {
        match nodes.iter().find(|node| node.publisher) {
            Some(node) if node.name.same(publisher) => {}
            Some(node) => found.push(Mismatch::Publisher(format!(
                "{name} calls its database publisher `{}`, the file `{publisher}`; Peer Address must be the node name",
                node.name
            ))),
            None => {
                found.push(Mismatch::Publisher(format!("{name} does not say which node is its database publisher")))
            }
        }
        if !cluster.nodes.is_empty() {
            let missing = cluster.nodes.iter().filter(|given| !nodes.iter().any(|node| node.name.same(&given.name)));
            let surplus = nodes.iter().filter(|node| !cluster.nodes.iter().any(|given| node.name.same(&given.name)));
            found.extend(missing.map(|given| Mismatch::Nodes(format!("{name} has no node `{}`", given.name))));
            let unknown =
                |name_of| Mismatch::Nodes(format!("{name} has a node `{name_of}` that the file does not name"));
            found.extend(surplus.map(|node| unknown(&node.name)));
        }
    }
    let wanted = cluster.release.as_ref().or(mesh.defaults.release.as_ref());
    if let (Some(wanted), Some(identity)) = (wanted, read.identity.read())
        && !is_release(&identity.version, wanted)
    {
        found.push(Mismatch::Release(format!("{name} runs {}, the file expects {wanted}", identity.version)));
    }
    found
}

/// Whether a version such as `12.5.1.15900-30` is of a release such as `12.5`.
pub(super) fn is_release(version: &str, release: &str) -> bool {
    let rest = version.trim().strip_prefix(&numbers(release));
    rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::is_release;

    #[test]
    fn a_version_is_of_its_release() {
        assert!(is_release("12.5.1.15900-30", "12.5"));
        assert!(is_release("14.0.1.12900-6", "14"));
        assert!(is_release("12.5.1.15900-30", "12.5(1)SU4"));
        assert!(!is_release("12.5.2.15900-30", "12.5(1)SU4"));
        assert!(!is_release("14.0.1.12900-6", "1"));
        assert!(!is_release("14.0.1.12900-6", "12.5"));
    }
}

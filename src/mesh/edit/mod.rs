//! Edits of a mesh file that leave everything else in it as it stands: comments, order, blank lines, the way that lists
//! and maps are written. An edit changes bytes of the text, found by the tree that knows them.

mod text;

use super::model::{Acceptance, Mesh, Shape, Transport};
use super::names::ClusterName;
use super::topology::{Link, Pair, links};
use text::Text;

/// A change of what the file says.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// A link gets another transport.
    Transport {
        /// The link.
        pair: Pair,
        /// The transport.
        transport: Transport,
    },
    /// A link is taken out. Where the shape made it, all other links are listed from now on.
    Unlink {
        /// The link.
        pair: Pair,
    },
    /// A service parameter gets another value, at a place of the file: the whole mesh, a cluster or a node.
    Parameter {
        /// The keys that lead to its `parameters`, such as `["clusters", "0"]`.
        at: Vec<String>,
        /// The service.
        service: String,
        /// The label.
        label: String,
        /// The value.
        value: String,
    },
    /// A cluster is expected to run another release.
    Release {
        /// The cluster.
        cluster: ClusterName,
        /// The release.
        release: String,
    },
    /// A finding is accepted.
    Accept(Box<Acceptance>),
}

/// Why an edit cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CannotEdit(String);

impl CannotEdit {
    fn new(why: &str) -> CannotEdit {
        CannotEdit(why.to_owned())
    }
}

/// The text of a mesh file after an edit. `mesh` is what the text says.
///
/// # Errors
/// The text is no YAML, or is written in a way that the edit cannot follow, such as an alias.
pub fn edit(text: &str, mesh: &Mesh, edit: &Edit) -> Result<String, CannotEdit> {
    let mut text = Text::new(text);
    match edit {
        Edit::Transport { pair, transport } => set_transport(&mut text, mesh, pair, *transport)?,
        Edit::Unlink { pair } => unlink(&mut text, mesh, pair)?,
        Edit::Parameter { at, service, label, value } => {
            let mut path: Vec<&str> = at.iter().map(String::as_str).collect();
            path.push("parameters");
            // a service or label may be written in another way than the page has it
            let service = text.key_like(&path, service)?.unwrap_or_else(|| service.clone());
            path.push(&service);
            let label = text.key_like(&path, label)?.unwrap_or_else(|| label.clone());
            path.push(&label);
            text.set(&path, &scalar(value))?;
        }
        Edit::Release { cluster, release } => {
            let at = mesh.clusters.iter().position(|c| c.name == *cluster);
            let at = at.ok_or_else(|| CannotEdit::new("the file has no such cluster"))?.to_string();
            text.set(&["clusters", &at, "release"], &quoted(release))?;
        }
        Edit::Accept(acceptance) => text.append(&["accept"], &accepted(acceptance))?,
    }
    Ok(text.into_string())
}

fn word(transport: Transport) -> &'static str {
    match transport {
        Transport::Tcp => "tcp",
        Transport::Tls => "tls",
    }
}

fn entry(pair: &Pair, transport: Option<Transport>) -> String {
    let transport = transport.map(|transport| format!(", transport: {}", word(transport))).unwrap_or_default();
    format!("{{between: [{}, {}]{transport}}}", scalar(pair.a().as_str()), scalar(pair.b().as_str()))
}

fn set_transport(text: &mut Text, mesh: &Mesh, pair: &Pair, transport: Transport) -> Result<(), CannotEdit> {
    let listed = mesh.topology.links.iter().position(|l| Pair::new(&l.between[0], &l.between[1]) == *pair);
    match listed {
        Some(at) => text.set(&["topology", "links", &at.to_string(), "transport"], word(transport)),
        None => text.append(&["topology", "links"], &entry(pair, Some(transport))),
    }
}

fn unlink(text: &mut Text, mesh: &Mesh, pair: &Pair) -> Result<(), CannotEdit> {
    let topology = &mesh.topology;
    let of_entry = |between: &[ClusterName; 2]| Pair::new(&between[0], &between[1]);
    if topology.shape != Shape::Links {
        let listed = |link: &Link| topology.links.iter().any(|entry| of_entry(&entry.between) == link.pair);
        for link in links(mesh).iter().filter(|link| link.pair != *pair && !listed(link)) {
            text.append(&["topology", "links"], &entry(&link.pair, None))?;
        }
        text.set(&["topology", "shape"], "links")?;
        if topology.hub.is_some() {
            text.remove(&["topology", "hub"])?;
        }
    }
    if let Some(at) = topology.links.iter().position(|entry| of_entry(&entry.between) == *pair) {
        text.remove(&["topology", "links", &at.to_string()])?;
    }
    Ok(())
}

fn accepted(acceptance: &Acceptance) -> String {
    let Acceptance { rule, cluster, peer, node, service, parameter, reason, owner, until } = acceptance;
    let mut parts = vec![format!("rule: {rule}")];
    let places = [
        ("cluster", cluster.as_ref().map(|c| c.as_str())),
        ("peer", peer.as_deref()),
        ("node", node.as_ref().map(|n| n.as_str())),
        ("service", service.as_deref()),
        ("parameter", parameter.as_deref()),
        ("reason", Some(reason.as_str())),
        ("owner", owner.as_deref()),
        ("until", until.as_deref()),
    ];
    parts.extend(places.into_iter().filter_map(|(key, value)| Some(format!("{key}: {}", scalar(value?)))));
    format!("{{{}}}", parts.join(", "))
}

/// A text as a scalar that means the same anywhere, quoted only where it has to be.
fn scalar(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/ ".contains(c);
    let first = value.chars().next().is_some_and(|c| c.is_ascii_alphabetic());
    let last = value.chars().next_back().is_some_and(|c| !c.is_whitespace());
    let is_text = super::scalars::plain(value).is_string();
    let is_number = value.parse::<u64>().is_ok_and(|n| n.to_string() == value);
    if is_number || first && last && is_text && value.chars().all(plain) { value.to_owned() } else { quoted(value) }
}

/// A text in double quotes.
fn quoted(value: &str) -> String {
    // JSON's strings are YAML's
    serde_json::Value::String(value.to_owned()).to_string()
}

#[cfg(test)]
mod tests;

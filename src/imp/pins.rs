//! The pins file: public keys that are trusted by themselves, node by node. `intermesh trust` writes it; it is kept with
//! the mesh file, under version control.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::cluster::NodeName;

/// Trusted keys by node, in canonical JSON on disk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pins {
    nodes: BTreeMap<String, NodePins>,
}

/// The keys of one node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodePins {
    /// Public keys (SPKI) of its HTTPS certificate: `sha256/` and base64 of their SHA-256.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub https: Vec<String>,
    /// Host keys of its platform CLI, as `ssh-keygen -l` prints them: `SHA256:…`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ssh: Vec<String>,
}

/// A pins file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {why}")]
pub struct PinsError {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// What is wrong.
    pub why: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: u32,
    nodes: BTreeMap<String, NodePins>,
}

/// The version of the pins file.
const FORMAT: u32 = 1;

impl Pins {
    /// Reads a pins file.
    ///
    /// # Errors
    /// It is not one, or a newer one.
    pub fn read(text: &str) -> Result<Pins, PinsError> {
        let wrong = |line, column, why: String| PinsError { line, column, why };
        let file: File = serde_json::from_str(text).map_err(|e| {
            let why = e.to_string();
            let why = why.split(" at line ").next().unwrap_or_default().to_owned();
            wrong(e.line(), e.column(), why)
        })?;
        if file.format != FORMAT {
            return Err(wrong(1, 1, format!("its format is {}, this version reads {FORMAT}", file.format)));
        }
        let nodes = file.nodes.into_iter().map(|(name, pins)| (NodeName::from(name).normal(), pins)).collect();
        Ok(Pins { nodes })
    }

    /// The text of the file.
    pub fn write(&self) -> String {
        let file = File { format: FORMAT, nodes: self.nodes.clone() };
        let mut text = serde_json::to_string_pretty(&file).unwrap_or_default();
        text.push('\n');
        text
    }

    /// The pins of a node.
    pub fn of(&self, node: &NodeName) -> Option<&NodePins> {
        self.nodes.get(&node.normal())
    }

    /// The pins of a node, to be changed.
    pub fn entry(&mut self, node: &NodeName) -> &mut NodePins {
        self.nodes.entry(node.normal()).or_default()
    }

    /// These pins, and where a node has none here, the other ones.
    #[must_use]
    pub fn or(mut self, other: &Pins) -> Pins {
        for (name, NodePins { https, ssh }) in &other.nodes {
            let own = self.nodes.entry(name.clone()).or_default();
            for (own, others) in [(&mut own.https, https), (&mut own.ssh, ssh)] {
                if own.is_empty() {
                    own.clone_from(others);
                }
            }
        }
        self
    }

    /// Whether nothing is pinned.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_again() {
        let mut pins = Pins::default();
        pins.entry(&"IMP1.example.com.".into()).https.push("sha256/AAAA".into());
        pins.entry(&"10.1.0.1".into()).ssh.push("SHA256:BBBB".into());
        assert_eq!(Pins::read(&pins.write()), Ok(pins.clone()));
        assert_eq!(pins.of(&"imp1.example.com".into()).unwrap().https, ["sha256/AAAA"]);
    }

    #[test]
    fn other_pins_count_where_there_are_none() {
        let (mut own, mut other) = (Pins::default(), Pins::default());
        own.entry(&"imp1".into()).https.push("sha256/own".into());
        *other.entry(&"imp1".into()) = NodePins { https: vec!["sha256/other".into()], ssh: vec!["SHA256:1".into()] };
        other.entry(&"imp2".into()).ssh.push("SHA256:2".into());
        let both = own.or(&other);
        let expected = NodePins { https: vec!["sha256/own".into()], ssh: vec!["SHA256:1".into()] };
        assert_eq!(both.of(&"imp1".into()), Some(&expected));
        assert_eq!(both.of(&"imp2".into()).unwrap().ssh, ["SHA256:2"]);
    }

    #[test]
    fn what_is_no_pins_file_is_refused_with_its_place() {
        let error = Pins::read("{\"format\": 1,\n \"hosts\": {}}").unwrap_err();
        assert_eq!((error.line, error.why.starts_with("unknown field `hosts`")), (2, true), "{error}");
        assert!(Pins::read("{\"format\": 2, \"nodes\": {}}").unwrap_err().why.contains("format"));
    }
}

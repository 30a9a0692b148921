//! The mesh file to begin with: what is known filled in, the rest as comments that say what it is for.

use std::fmt::Write;

use serde_json::Value;

/// What is known of a mesh when its file is begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beginning {
    /// What the mesh is called.
    pub name: String,
    /// The presence domain.
    pub domain: String,
    /// The release that the clusters run, where it is known.
    pub release: Option<String>,
    /// The user name of the AXL accounts.
    pub username: String,
    /// The clusters: a name, and the publisher's node name.
    pub clusters: Vec<(String, String)>,
}

impl Beginning {
    /// The mesh file, with a comment on every part of it. It is already in the layout of `intermesh fmt`.
    pub fn render(&self) -> String {
        let mut text = String::from(
            "# yaml-language-server: $schema=https://raw.githubusercontent.com/intermesh/intermesh/main/schemas/mesh.v1.json\n\
             #\n# What this mesh of IM and Presence clusters should be. `intermesh validate` checks the file offline,\n\
             # `intermesh plan` shows what would change, `intermesh apply` changes it.\n",
        );
        let release = self.release.as_deref().map_or_else(
            || "  # release: \"14\"          # checked against what the clusters say".to_owned(),
            |release| format!("  release: {} # checked against what the clusters say", quoted(release)),
        );
        // writing to a string does not fail
        let _ = write!(
            text,
            "apiVersion: intermesh/v1\nkind: Mesh\nmetadata: {{name: {}}}\n\n\
             # The presence domain; clusters of another domain cannot be peers.\ndomain: {}\n\n\
             # Accounts by reference: `env`, `file` or `exec`, never a password. `intermesh credentials check` tries them.\n\
             credentials:\n",
            scalar(&self.name),
            scalar(&self.domain),
        );
        for (name, _) in &self.clusters {
            let variable = variable(name);
            let username = scalar(&self.username);
            let _ =
                writeln!(text, "  {name}-axl: {{username: {username}, password: {{env: {variable}_AXL_PASSWORD}}}}");
        }
        let _ = write!(
            text,
            "\ndefaults:\n  transport: tcp # the vendor's recommendation; `tls` exchanges certificates\n{release}\n\n\
             # Each with the node name of its database publisher, exactly as System > Presence Topology shows it.\n\
             clusters:\n",
        );
        for (name, publisher) in &self.clusters {
            let publisher = scalar(publisher);
            let _ = write!(
                text,
                "  - name: {name}\n    publisher: {publisher}\n    # protected: true # nothing is deleted on it without `--allow-protected {name}`\n    \
                 credentials: {{axl: {name}-axl}}\n",
            );
        }
        text += "\n# Every cluster is linked with every other; `hub` and `links` are the other shapes.\ntopology: {shape: full}\n\n\
                 policy:\n  unmanaged_peers: report # peers that this file does not ask for are shown and left alone\n  \
                 # window: {days: [sat, sun], from: \"01:00\", to: \"05:00\", zone: Europe/Berlin}\n";
        text
    }
}

/// A text as YAML: plain where that reads as the same text.
pub(super) fn scalar(text: &str) -> String {
    let plain = !text.is_empty()
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/' | ' '))
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && !text.ends_with(' ')
        && super::scalars::plain(text).is_string();
    if plain { text.to_owned() } else { quoted(text) }
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// The name of an environment variable for a cluster or a credential.
pub fn variable(name: &str) -> String {
    let name: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect();
    if name.starts_with(|c: char| c.is_ascii_digit()) { format!("CLUSTER_{name}") } else { name }
}

#[cfg(test)]
mod tests {
    use jiff::civil::Date;

    use super::*;
    use crate::mesh::{format, load_str};

    #[test]
    fn what_is_begun_is_right_and_formatted() {
        for (name, release, clusters) in [
            ("acme", None, vec![("emea", "imp1.emea.example.com"), ("apac", "10.40.0.11")]),
            ("14", Some("14"), vec![("1st", "imp1"), ("head-office", "imp2.example.com"), ("c", "imp3")]),
        ] {
            let beginning = Beginning {
                name: name.into(),
                domain: "example.com".into(),
                release: release.map(str::to_owned),
                username: "icsa: x".into(),
                clusters: clusters.into_iter().map(|(n, p)| (n.to_owned(), p.to_owned())).collect(),
            };
            let text = beginning.render();
            let loaded =
                load_str("mesh.yaml", &text, Date::constant(2026, 11, 22)).unwrap_or_else(|e| panic!("{e}\n{text}"));
            assert_eq!(loaded.warnings, []);
            assert_eq!(loaded.mesh.metadata.name, name);
            assert_eq!(loaded.mesh.clusters.len(), beginning.clusters.len());
            assert_eq!(format("mesh.yaml", &text).unwrap(), text);
        }
    }
}

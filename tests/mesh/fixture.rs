//! Whole mesh files from the parts that the rules' examples show.

use intermesh::mesh::{self, Findings, Loaded};
use jiff::civil::Date;

/// The day on which all tests take place.
pub const TODAY: Date = Date::constant(2026, 11, 22);

/// A mesh file with nothing wrong.
pub const GOOD: &str = "apiVersion: intermesh/v1
kind: Mesh
metadata: {name: acme}
domain: example.com
credentials:
  axl: {username: icsa, password: {env: AXL_PASSWORD}}
defaults:
  credentials: {axl: axl}
clusters:
  - {name: emea, publisher: imp1.emea.example.com}
  - {name: apac, publisher: imp1.apac.example.com}
";

/// The good mesh file with its top-level keys replaced by those of a part; keys that it does not have are added.
pub fn with(part: &str) -> String {
    let mut sections = sections(GOOD);
    for (key, text) in self::sections(part) {
        match sections.iter_mut().find(|(known, _)| *known == key) {
            Some(section) => section.1 = text,
            None => sections.push((key, text)),
        }
    }
    sections.into_iter().map(|(_, text)| text).collect()
}

fn sections(text: &str) -> Vec<(String, String)> {
    let mut sections: Vec<(String, String)> = Vec::new();
    for line in text.split_inclusive('\n') {
        match line.split_once(':') {
            Some((key, _)) if line.starts_with(|c: char| c.is_ascii_alphabetic()) => {
                sections.push((key.to_owned(), line.to_owned()));
            }
            _ => sections.last_mut().unwrap().1 += line,
        }
    }
    sections
}

pub fn load(text: &str) -> Result<Loaded, Findings> {
    mesh::load_str("mesh.yaml", text, TODAY)
}

//! Where things are: one layout for every kind of store.
//!
//! ```text
//! meshes/<mesh>/runs/<run>/plan.json                the plan, as `plan --out` saves it
//! meshes/<mesh>/runs/<run>/journal/000001.json      the journal, one record an object
//! meshes/<mesh>/runs/<run>/moments/000001.json      what the journal does not keep: steps that began and waited
//! meshes/<mesh>/lease/000001.json                   the mesh's lease, one generation an object
//! meshes/<mesh>/applied/000001.json                 what was last applied
//! publishers/<publisher>/000001.json                which mesh's lease covers the cluster
//! ```

use object_store::path::Path;

use super::run::RunId;
use crate::mesh::NodeName;

/// A name as one part of a path. Small letters, digits, `-`, `_` and inner dots stay; all else becomes `=` and two
/// hexadecimal digits a byte, capitals too, because some file systems do not tell them apart.
pub fn escape(name: &str) -> String {
    let mut text = String::new();
    for (i, byte) in name.bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => text.push(char::from(byte)),
            b'.' if i > 0 && i + 1 < name.len() => text.push('.'),
            _ => text.push_str(&format!("={byte:02x}")),
        }
    }
    text
}

/// The name that was escaped; none where the text is not what [`escape`] makes.
pub fn unescape(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        if *first != b'=' {
            bytes.push(*first);
            continue;
        }
        let digits = std::str::from_utf8(tail.get(..2)?).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = &tail[2..];
    }
    let name = String::from_utf8(bytes).ok()?;
    (escape(&name) == text).then_some(name)
}

/// The paths below a store's root.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    root: Path,
}

impl Layout {
    pub(super) fn below(root: Path) -> Layout {
        Layout { root }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn meshes(&self) -> Path {
        self.root.clone().join("meshes")
    }

    fn mesh(&self, mesh: &str) -> Path {
        self.meshes().join(escape(mesh))
    }

    pub(super) fn runs(&self, mesh: &str) -> Path {
        self.mesh(mesh).join("runs")
    }

    pub(super) fn run(&self, mesh: &str, run: &RunId) -> Path {
        self.runs(mesh).join(run.as_str())
    }

    pub(super) fn plan(&self, mesh: &str, run: &RunId) -> Path {
        self.run(mesh, run).join("plan.json")
    }

    pub(super) fn journal(&self, mesh: &str, run: &RunId) -> Path {
        self.run(mesh, run).join("journal")
    }

    pub(super) fn moments(&self, mesh: &str, run: &RunId) -> Path {
        self.run(mesh, run).join("moments")
    }

    pub(super) fn lease(&self, mesh: &str) -> Path {
        self.mesh(mesh).join("lease")
    }

    pub(super) fn applied(&self, mesh: &str) -> Path {
        self.mesh(mesh).join("applied")
    }

    pub(super) fn publisher(&self, publisher: &NodeName) -> Path {
        self.root.clone().join("publishers").join(escape(&publisher.normal()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_become_parts_of_paths() {
        for (name, expected) in [
            ("acme", "acme"),
            ("Acme", "=41cme"),
            ("a/b", "a=2fb"),
            ("..", "=2e=2e"),
            ("imp1.emea.example.com", "imp1.emea.example.com"),
            ("a=b", "a=3db"),
            ("Köln", "=4b=c3=b6ln"),
            ("a b#1", "a=20b=231"),
        ] {
            assert_eq!(escape(name), expected);
        }
    }

    proptest! {
        #[test]
        fn every_name_comes_back_and_is_one_part(name in ".{1,20}") {
            let part = escape(&name);
            prop_assert_eq!(unescape(&part), Some(name));
            prop_assert!(Path::parse(&part).is_ok_and(|path| path.as_ref() == part && path.parts().count() == 1));
        }

        #[test]
        fn what_is_no_escaped_name_is_none(text in "[=a-f0-9A-Z./]{0,8}") {
            if let Some(name) = unescape(&text) {
                prop_assert_eq!(escape(&name), text);
            }
        }
    }
}

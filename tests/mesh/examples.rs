//! The example meshes: all are right, say who would run them, and know their schema.

use std::path::{Path, PathBuf};

use intermesh::mesh::diagnostics::{Diagnosis, Look};
use intermesh::mesh::{self, topology};

use crate::fixture::TODAY;
use crate::golden::golden;

/// All example meshes.
pub fn examples() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/topologies");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "yaml"));
    paths.sort();
    paths
}

#[test]
fn all_are_right() {
    let mut summary = String::new();
    for path in examples() {
        let loaded = mesh::load(&path, TODAY)
            .map_err(|findings| Diagnosis::from(&findings).graphical(Look { color: false, width: 100 }))
            .unwrap_or_else(|report| panic!("{report}"));
        let report = Diagnosis::from(&loaded).graphical(Look { color: false, width: 100 });
        assert!(loaded.warnings.is_empty(), "{report}");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("# yaml-language-server: $schema=../../schemas/mesh.v1.json\n#\n# "), "{path:?}");
        assert!(!text.contains("password: {env") || text.contains("_PASSWORD}"), "{path:?}");
        summary += &format!(
            "{}: {} clusters, {} links, {} accepted\n",
            path.file_name().unwrap().to_str().unwrap(),
            loaded.mesh.clusters.len(),
            topology::links(&loaded.mesh).len(),
            loaded.accepted.len()
        );
    }
    golden("examples.txt", &summary);
}

//! A walk over the product in memory, and the mesh file that comes of it.

#![allow(clippy::unwrap_used, reason = "clippy takes this for no test, but it only serves tests")]
#![allow(dead_code, reason = "every test file uses a part of it")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use intermesh::cluster::{Discovery, Error, ErrorKind, NodeName, Place};
use intermesh::lab::InMemory;
use intermesh::mesh::{self, Mesh, Policy, Roles, Topology, Vault};
use intermesh::observe::{Door, Found, Opened, walk};
use intermesh::plan::import::{Given, Imported, import};

use crate::support::Bench;

/// The ways to the clusters of a lab: by the names of their nodes, and by what else leads there.
pub struct Ways<'a> {
    pub lab: &'a InMemory,
    pub login: Roles,
    /// Other names, and the node that each leads to.
    pub names: BTreeMap<&'static str, &'static str>,
    /// Addresses that were opened, in their order.
    pub opened: Mutex<Vec<String>>,
}

impl Door for Ways<'_> {
    fn open(&self, found: &Found) -> Result<Opened, Error> {
        self.opened.lock().unwrap().push(found.address.to_string());
        let node = self.names.get(found.address.as_str()).map_or(found.address.clone(), |node| NodeName::from(*node));
        let cluster = self.lab.world().find_node(&node).map(|(cluster, _)| cluster.clone());
        let Some(cluster) = cluster else {
            let place = Place { cluster: found.address.as_str().into(), node: Some(found.address.clone()) };
            let kind = ErrorKind::Unreachable { detail: "no such host".into() };
            return Err(Error { place, doing: "connect".into(), kind });
        };
        Ok(Opened { observer: self.lab.observer(&cluster), login: self.login.clone() })
    }
}

pub fn ways<'a>(bench: &'a Bench, names: &[(&'static str, &'static str)]) -> Ways<'a> {
    let login = Roles { peer: None, ..bench.mesh.defaults.credentials.clone() };
    Ways { lab: &bench.lab, login, names: names.iter().copied().collect(), opened: Mutex::default() }
}

/// What a mesh says besides its clusters and links.
pub fn way_of(mesh: &Mesh) -> Mesh {
    Mesh {
        clusters: Vec::new(),
        topology: Topology::default(),
        parameters: BTreeMap::new(),
        policy: Policy::default(),
        unified_cms: BTreeMap::new(),
        accept: Vec::new(),
        ..mesh.clone()
    }
}

pub async fn found(ways: &Ways<'_>, start: &[&str]) -> Discovery {
    let start: Vec<NodeName> = start.iter().map(|name| NodeName::from(*name)).collect();
    walk(&start, ways, &|_| ()).await
}

/// The file, which has to be one: it loads, and its layout is the normal one.
pub fn written(mesh: &Mesh, found: &Discovery, start: &[&str]) -> (Imported, String) {
    let start: Vec<NodeName> = start.iter().map(|name| NodeName::from(*name)).collect();
    let way = way_of(mesh);
    let imported = import(found, &Given { way: &way, name: None, domain: Some(&mesh.domain), begun_at: &start });
    let text = imported.draft.render("imported.yaml").unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(mesh::format("imported.yaml", &text).unwrap(), text);
    if imported.draft.mesh.clusters.len() > 1 {
        let loaded = mesh::load_str("imported.yaml", &text, jiff::civil::date(2026, 11, 22));
        let loaded = loaded.unwrap_or_else(|f| panic!("{f}\n{text}"));
        assert_eq!(loaded.mesh, imported.draft.mesh, "{text}");
    }
    (imported, text)
}

/// The same product with the imported file. A lab's clusters keep their names, so the file's have to be the same.
pub fn bench_of(bench: &Bench, imported: &Imported) -> Bench {
    let mesh = imported.draft.mesh.clone();
    let vault = Vault::new(&mesh, Path::new("."), BTreeMap::new());
    Bench { mesh, lab: bench.lab.clone(), vault }
}

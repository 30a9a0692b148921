//! What is imported from a product in memory, and what a plan makes of it.

use intermesh::mesh::State;
use intermesh::plan::change::What;

use crate::case::Case;
use crate::support::Bench;
use crate::walked::{bench_of, found, ways, written};

fn in_virtual_time(work: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(work);
}

/// All clusters: a mesh may have parts.
fn publishers(bench: &Bench) -> Vec<String> {
    let alive = bench.mesh.clusters.iter().filter(|c| c.state != State::Gone);
    alive.map(|c| c.publisher.to_string()).collect()
}

/// On a mesh that is as its file says, a plan on the imported file is empty, and the file asks for the same links.
pub fn a_plan_on_a_healthy_import_is_empty(case: &Case) {
    in_virtual_time(async {
        let bench = case.healthy().bench();
        bench.settle().await;
        let start = publishers(&bench);
        let start: Vec<&str> = start.iter().map(String::as_str).collect();
        let (imported, text) = written(&bench.mesh, &found(&ways(&bench, &[]), &start).await, &[]);
        let links = |mesh| {
            let links = intermesh::mesh::topology::links(mesh).into_iter();
            links.map(|link| (link.pair, link.transport)).collect::<Vec<_>>()
        };
        assert_eq!(links(&imported.draft.mesh), links(&bench.mesh), "{text}");
        let plan = bench_of(&bench, &imported).plan().await;
        assert!(plan.is_empty() && plan.unread.is_empty(), "{:#?}\n{text}", plan.changes);
        let (_, again) = written(&bench.mesh, &found(&ways(&bench, &[]), &start).await, &[]);
        assert_eq!(text, again, "imported twice");
    });
}

/// Whatever is damaged: the file is one, and a plan on it neither adds nor deletes a peer.
pub fn an_import_of_damage_decides_nothing(case: &Case) {
    in_virtual_time(async {
        let bench = case.bench();
        let before = bench.lab.writes().len();
        let start = publishers(&bench);
        let start: Vec<&str> = start.iter().map(String::as_str).collect();
        let (imported, text) = written(&bench.mesh, &found(&ways(&bench, &[]), &start).await, &[]);
        assert_eq!(bench.lab.writes().len(), before, "nothing was written");
        if imported.draft.mesh.clusters.len() < 2 {
            return;
        }
        let plan = bench_of(&bench, &imported).plan().await;
        for change in &plan.changes {
            let decided = matches!(change.what, What::CreatePeer { .. } | What::DeletePeer { .. });
            assert!(!decided, "{change:#?}\n{text}");
        }
    });
}

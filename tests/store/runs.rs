//! Runs in a list, what was last applied, and what pruning leaves.

use std::time::Duration;

use intermesh::cluster::Clock;
use intermesh::plan::About;
use intermesh::store::{AppliedFact, End, Journal, Outcome, Pruned, Pruning, RunId, Store};

use super::bench::{TERMS, Wrong, all, memory, owner, plan, read, wanted, write};

/// Runs a plan; `begun` steps begin, and it ends as said.
async fn run(store: &Store, minutes: i64, end: Option<End>) -> RunId {
    let plan = plan().await;
    let clock = Wrong::by(minutes * 60_000);
    let id = RunId::new(clock.now(), &owner("jane"));
    let journal = Journal::begin(store, id.clone(), &plan, &owner("jane"), clock).await.unwrap();
    for step in &plan.steps {
        journal.step_started(&step.id).await.unwrap();
        if end != Some(End::Done) {
            break;
        }
        journal.step_ended(&step.id, Outcome::Done { wrote: true, note: None }).await.unwrap();
    }
    if let Some(end) = end {
        journal.end(end).await.unwrap();
    }
    id
}

#[tokio::test(start_paused = true)]
async fn the_last_unfinished_run_is_found() {
    let (store, _) = memory();
    assert_eq!(store.last_unfinished("test").await.unwrap(), None);
    run(&store, 0, Some(End::Done)).await;
    assert_eq!(store.last_unfinished("test").await.unwrap(), None);
    let paused = run(&store, 1, Some(End::Paused)).await;
    run(&store, 2, Some(End::Partly)).await;
    assert_eq!(store.last_unfinished("test").await.unwrap(), Some(paused));
    let killed = run(&store, 3, None).await;
    run(&store, 4, Some(End::Done)).await;
    assert_eq!(store.last_unfinished("test").await.unwrap(), Some(killed));
    let ids: Vec<RunId> = store.runs("test").await.unwrap().into_iter().map(|(id, _)| id).collect();
    assert!(ids.len() == 5 && ids.is_sorted(), "oldest first: {ids:?}");
}

#[tokio::test(start_paused = true)]
async fn pruning() {
    let day = Duration::from_secs(86_400);
    let check = async |pruning: Pruning, removed: &[usize], unfinished: &[usize]| {
        let (store, _) = memory();
        let mut ids = Vec::new();
        for (days, end) in
            [(0, Some(End::Done)), (1, None), (2, Some(End::Partly)), (3, Some(End::Paused)), (4, Some(End::Done))]
        {
            ids.push(run(&store, days * 24 * 60, end).await);
        }
        let now = Wrong::by(4 * 86_400_000 + 1000).now();
        let pruned = store.prunable("test", pruning, now).await.unwrap();
        let names = |of: &[usize]| of.iter().map(|i| ids[*i].clone()).collect::<Vec<_>>();
        let kept = 5 - removed.len() - unfinished.len();
        let expected = Pruned { removed: names(removed), unfinished: names(unfinished), kept };
        assert_eq!(pruned, expected, "{pruning:?}");
        store.remove("test", &pruned.removed).await.unwrap();
        assert_eq!(store.runs("test").await.unwrap().len(), 5 - removed.len());
    };
    let nothing = Pruning { keep: 5, older_than: None, unfinished: false };
    check(nothing, &[], &[]).await;
    check(Pruning { keep: 1, ..nothing }, &[0, 2], &[1, 3]).await;
    check(Pruning { keep: 1, unfinished: true, ..nothing }, &[0, 1, 2, 3], &[]).await;
    check(Pruning { keep: 0, older_than: Some(3 * day), ..nothing }, &[0], &[1]).await;
    check(Pruning { keep: 4, older_than: Some(day), ..nothing }, &[0], &[]).await;
}

#[tokio::test]
async fn a_run_that_goes_on_is_never_pruned_and_a_folder_is_left_clean() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::folder(folder.path()).unwrap();
    let clock = Wrong::by(0);
    let old = run(&store, -10, Some(End::Done)).await;
    let id = run(&store, 0, None).await;
    let _lease = store.acquire(&wanted("test", &id), &owner("jane"), clock.clone(), TERMS).await.unwrap();
    let pruning = Pruning { unfinished: true, ..Pruning::default() };
    let pruned = store.prunable("test", pruning, clock.now()).await.unwrap();
    assert_eq!(pruned, Pruned { removed: vec![old.clone()], unfinished: vec![], kept: 1 });
    store.remove("test", &pruned.removed).await.unwrap();
    assert!(!folder.path().join("meshes/test/runs").join(old.as_str()).exists());
    assert!(folder.path().join("meshes/test/runs").join(id.as_str()).join("plan.json").exists());
}

#[tokio::test(start_paused = true)]
async fn facts_are_kept_over_earlier_ones_and_a_damaged_row_costs_only_its_last() {
    let (store, objects) = memory();
    assert_eq!(store.applied("test").await.unwrap(), None);
    let fact = |cluster: &str, value: &str| AppliedFact {
        cluster: cluster.into(),
        about: About::Peer { address: "imp1".into() },
        value: value.into(),
    };
    let id: RunId = "2026-11-22T12-07-05Z-3f2a".parse().unwrap();
    let now = Wrong::by(0).now();
    let keep = async |facts| store.keep_applied("test", &id, facts, &owner("jane"), now).await.unwrap();
    keep(vec![fact("emea", "TCP"), fact("apac", "TCP")]).await;
    keep(vec![fact("emea", "TLS")]).await;
    let about = About::Peer { address: "imp1".into() };
    let values = async || {
        let applied = store.applied("test").await.unwrap().unwrap();
        ["emea", "apac", "latam"].map(|name| applied.value(&name.into(), &about).map(str::to_owned))
    };
    assert_eq!(values().await, [Some("TLS".into()), Some("TCP".into()), None]);
    let (path, bytes) = all(&objects).await.pop().unwrap();
    assert_eq!(read(&objects, &path).await, bytes);
    write(&objects, &path, bytes[..10].to_vec()).await;
    assert_eq!(values().await, [Some("TCP".into()), Some("TCP".into()), None]);
    // the next one goes on after the damaged one
    keep(vec![fact("latam", "absent")]).await;
    assert_eq!(values().await, [Some("TCP".into()), Some("TCP".into()), Some("absent".into())]);
}

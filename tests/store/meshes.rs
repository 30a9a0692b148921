//! Meshes that share a store, and clusters that are in two of them.

use std::time::Duration;

use intermesh::cluster::Clock;
use intermesh::store::{RunId, Standing, Store, StoreError, Wanted};
use tokio::time::sleep;

use super::bench::{TERMS, Wrong, memory, owner};

fn wants(mesh: &str, publishers: &[&str], n: u8) -> Wanted {
    let run: RunId = format!("2026-11-22T12-07-05Z-000{n}").parse().unwrap();
    let publishers = publishers.iter().map(|node| (format!("in-{mesh}").into(), (*node).into())).collect();
    Wanted { mesh: mesh.into(), publishers, run }
}

#[tokio::test(start_paused = true)]
async fn a_cluster_in_two_meshes_is_worked_on_by_one() {
    let (store, _) = memory();
    let clock = Wrong::by(0);
    let acquire = async |wanted: &Wanted, user: &str| store.acquire(wanted, &owner(user), clock.clone(), TERMS).await;
    let europe = acquire(&wants("europe", &["imp1.emea", "imp1.hub"], 1), "jane").await.unwrap();
    // another mesh without a cluster of it is free
    acquire(&wants("asia", &["imp1.apac"], 2), "ann").await.unwrap().release().await.unwrap();
    let shared = wants("world", &["imp1.apac", "IMP1.HUB."], 3);
    let refused = acquire(&shared, "joe").await.err().unwrap();
    let text = refused.to_string();
    assert!(matches!(&refused, StoreError::Held { mesh, .. } if mesh == "europe"), "{text}");
    assert!(text.contains("`europe`, which has cluster `in-world` too, is locked by jane@ops1"), "{text}");
    let standing = store.lease("world", clock.now(), &TERMS).await.unwrap();
    assert!(standing.holder().is_none(), "who does not get all keeps nothing: {standing:?}");
    // the next run of the mesh does not have the cluster any more
    europe.release().await.unwrap();
    let europe = acquire(&wants("europe", &["imp1.emea"], 4), "jane").await.unwrap();
    let world = acquire(&shared, "joe").await.unwrap();
    drop((europe, world));
}

#[tokio::test(start_paused = true)]
async fn a_dead_run_of_another_mesh_is_ended_before_its_cluster_is_taken() {
    let (store, _) = memory();
    let clock = Wrong::by(0);
    let dead = wants("europe", &["imp1.hub"], 1);
    drop(store.acquire(&dead, &owner("jane"), clock.clone(), TERMS).await.unwrap());
    let shared = wants("world", &["imp1.hub"], 2);
    assert!(store.acquire(&shared, &owner("joe"), clock.clone(), TERMS).await.is_err());
    sleep(TERMS.lasts + TERMS.skew + Duration::from_secs(1)).await;
    let _world = store.acquire(&shared, &owner("joe"), clock.clone(), TERMS).await.unwrap();
    let ended = store.lease("europe", clock.now(), &TERMS).await.unwrap();
    assert!(matches!(&ended, Standing::Broken { by, reason, .. } if by.user == "joe" && reason.contains("world")));
}

#[tokio::test(start_paused = true)]
async fn two_meshes_that_want_the_same_clusters_at_once() {
    for _ in 0..20 {
        let (store, _) = memory();
        let clock = Wrong::by(0);
        let (a, b) = (wants("a", &["n1", "n2", "n3"], 1), wants("b", &["n3", "n2", "n1"], 2));
        let (jane, joe) = (owner("jane"), owner("joe"));
        let ask = |wanted, owner| store.acquire(wanted, owner, clock.clone(), TERMS);
        let (a, b) = tokio::join!(ask(&a, &jane), ask(&b, &joe));
        assert_eq!([&a, &b].iter().filter(|lease| lease.is_ok()).count(), 1, "{:?} {:?}", a.err(), b.err());
    }
}

#[tokio::test]
async fn meshes_are_named_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::folder(&folder.path().join("store")).unwrap();
    assert!(store.meshes().await.unwrap().is_empty());
    let clock = Wrong::by(0);
    for mesh in ["acme", "Acme", "a/b", "../x"] {
        let lease = store.acquire(&wants(mesh, &[], 1), &owner("jane"), clock.clone(), TERMS).await.unwrap();
        lease.release().await.unwrap();
    }
    assert_eq!(store.meshes().await.unwrap(), ["../x", "Acme", "a/b", "acme"]);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is outside of its folder");
}

//! What random cases found, each as small as it can be told.

use intermesh::apply::Outcome;
use intermesh::cluster::{Protocol, service};
use intermesh::lab::world::Effect;
use intermesh::mesh::State;
use intermesh::plan::change::{Change, What};

use crate::support::{Bench, entry, mesh_of};

/// A product that asks the peer before it saves an entry would refuse the `Protocol` with the old password, for ever.
#[tokio::test(start_paused = true)]
async fn an_old_password_is_written_with_another_protocol() {
    let bench = Bench::new(mesh_of(2, "", ""), 1, |spec| {
        let mut stale = entry(spec, "imp1.c01.example.com", Some("an old one"));
        stale.protocol = Protocol::Tls;
        let right = entry(spec, "imp1.c00.example.com", None);
        spec.clusters[0].peers = vec![stale];
        spec.clusters[1].peers = vec![right];
    });
    let plan = bench.plan().await;
    let [change] = plan.changes.as_slice() else { panic!("{:#?}", plan.changes) };
    assert!(matches!(&change.what, What::ChangePeer { protocol: Some(_), account: Some(_), .. }), "{change:#?}");
    assert_eq!(bench.settle().await.len(), 1);
    bench.verify_clean().await;
}

/// The other side does not call its entry secure while this one's password is an old one.
#[tokio::test(start_paused = true)]
async fn an_old_password_comes_before_certificates() {
    let mut mesh = mesh_of(2, "", "");
    mesh.defaults.transport = intermesh::mesh::Transport::Tls;
    let bench = Bench::new(mesh, 1, |spec| {
        let mut stale = entry(spec, "imp1.c01.example.com", Some("an old one"));
        let mut right = entry(spec, "imp1.c00.example.com", None);
        (stale.protocol, right.protocol) = (Protocol::Tls, Protocol::Tls);
        spec.clusters[0].peers = vec![stale];
        spec.clusters[1].peers = vec![right];
    });
    let plan = bench.plan().await;
    assert!(
        matches!(plan.changes.as_slice(), [Change { what: What::ChangePeer { account: Some(_), .. }, .. }]),
        "{:#?}",
        plan.changes
    );
    bench.settle().await;
    bench.verify_clean().await;
}

/// On a cluster that nobody links, a router that is down is not started, and the other of its group does not go down.
#[tokio::test(start_paused = true)]
async fn a_router_does_not_go_down_beside_one_that_stays_down() {
    let mut mesh = mesh_of(2, "", "policy: {xcp_restart: {after_delete: always}}\n");
    mesh.clusters[1].state = State::Absent;
    let bench = Bench::new(mesh, 1, |spec| {
        let (to_leaver, back) = (entry(spec, "imp1.c01.example.com", None), entry(spec, "imp1.c00.example.com", None));
        spec.clusters[0].peers = vec![to_leaver];
        spec.clusters[1].peers = vec![back];
        spec.clusters[0].nodes[0].stopped.push(service::XCP_ROUTER.into());
    });
    let plan = bench.plan().await;
    assert_eq!(plan.summary.restarts_at_most, 3, "three of four routers run");
    let account = bench.apply(&plan).await;
    let (_, outcome) = account.steps.iter().find(|(id, _)| id.0 == "restart/c00/imp2.c00.example.com").unwrap();
    assert!(matches!(outcome, Outcome::Failed { wrote: false, .. }), "{outcome:?}");
    let restarted = bench.lab.writes().into_iter().filter(|w| matches!(w.effect, Effect::Restart(_)));
    assert!(restarted.into_iter().all(|w| w.cluster.as_str() == "c01"), "{:#?}", bench.lab.writes());
}

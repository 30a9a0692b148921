//! What random cases found, each as small as it can be told.

use std::collections::BTreeSet;

use intermesh::apply::Outcome;
use intermesh::cluster::{Protocol, service};
use intermesh::lab::world::Effect;
use intermesh::mesh::State;
use intermesh::plan::Plan;
use intermesh::plan::change::{Change, What};
use intermesh::plan::step::{Action, Step, StepId};

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
    let (_, outcome) = account.steps.iter().find(|(id, _)| *id.0 == *"restart/c00/imp2.c00.example.com").unwrap();
    assert!(matches!(outcome, Outcome::Failed { wrote: false, .. }), "{outcome:?}");
    let restarted = bench.lab.writes().into_iter().filter(|w| matches!(w.effect, Effect::Restart(_)));
    assert!(restarted.into_iter().all(|w| w.cluster.as_str() == "c01"), "{:#?}", bench.lab.writes());
}

/// Of a cluster that loses a peer and is linked after the canary, the routers restart once: after its links, not with the
/// canary, when a link of it would change while they are down.
#[tokio::test(start_paused = true)]
async fn a_deletion_waits_with_its_restarts_for_links_after_the_canary() {
    let mut mesh = mesh_of(4, "", "policy: {canary_above: 1}\n");
    mesh.defaults.release = Some("12.5".into());
    mesh.clusters[3].state = State::Absent;
    let bench = Bench::new(mesh, 1, |spec| {
        let (to_leaver, back) = (entry(spec, "imp1.c03.example.com", None), entry(spec, "imp1.c00.example.com", None));
        spec.clusters[0].peers = vec![to_leaver];
        spec.clusters[3].peers = vec![back];
    });
    let plan = bench.plan().await;
    let canary = plan.canary().unwrap();
    assert!(!canary.has(&"c00".into()), "{canary} is finished before the rest");
    let mut before = BTreeSet::new();
    for node in ["imp1.c00.example.com", "imp2.c00.example.com"] {
        let of_node = |step: &&Step| matches!(&step.action, Action::Restart { node: on, .. } if on.as_str() == node);
        let restarts: Vec<&Step> = plan.steps.iter().filter(of_node).collect();
        let [restart] = restarts.as_slice() else { panic!("{node} restarts {} times", restarts.len()) };
        before.extend(ancestors(&plan, &restart.id));
    }
    for needed in ["delete-peer/c00/", "await-sync/c00/c01", "await-sync/c00/c02"] {
        assert!(before.iter().any(|id| id.0.starts_with(needed)), "no restart waits for {needed}: {before:#?}");
    }
    bench.settle().await;
    bench.verify_clean().await;
}

/// The steps before a step.
fn ancestors(plan: &Plan, id: &StepId) -> BTreeSet<StepId> {
    let direct = plan.step(id).into_iter().flat_map(|step| &step.after).map(|after| after.step.clone());
    direct.fold(BTreeSet::new(), |mut all, before| {
        all.extend(ancestors(plan, &before));
        all.insert(before);
        all
    })
}

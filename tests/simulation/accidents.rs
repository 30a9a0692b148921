//! What happens to the clusters while a plan is carried out, and to the process's clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use intermesh::cluster::{Clock, ClusterName, Group, NodeName, PeerEdit, service};
use intermesh::lab::world::World;
use intermesh::lab::{InMemory, VirtualClock};
use jiff::{SignedDuration, Timestamp};

use crate::Mutant;
use crate::scenario::{Accident, Rival, Scenario};
use crate::stage::Stage;

/// The clock of the process: the product's time, set wrong.
#[derive(Debug)]
pub struct WrongClock {
    pub right: VirtualClock,
    pub seconds: AtomicI64,
}

#[async_trait]
impl Clock for WrongClock {
    fn now(&self) -> Timestamp {
        self.right.now() + SignedDuration::from_secs(self.seconds.load(Ordering::Relaxed))
    }

    async fn wait(&self, product: Duration) {
        self.right.wait(product).await;
    }
}

/// Lets it all happen, each at its time.
pub fn arrange(scenario: &Scenario, lab: &InMemory, clock: &Arc<WrongClock>, stage: &Stage, mutant: Option<Mutant>) {
    if mutant == Some(Mutant::AccidentPanics) {
        stage.beside(async { panic!("an accident that is planted") });
    }
    for (at, accident) in scenario.accidents.clone() {
        let (lab, of) = (lab.clone(), stage.clone());
        stage.beside(async move {
            tokio::time::sleep(at).await;
            happen(accident, &lab, &of).await;
        });
    }
    for (at, seconds) in scenario.clock.clone() {
        let (clock, of) = (clock.clone(), stage.clone());
        stage.beside(async move {
            tokio::time::sleep(at).await;
            of.tell(format_args!("the clock is set by {seconds} s"));
            of.lock().count("clock set");
            clock.seconds.fetch_add(seconds, Ordering::Relaxed);
        });
    }
    if let Some(Rival { cut: (at, lasts), .. }) = scenario.rival {
        let of = stage.clone();
        stage.beside(async move {
            tokio::time::sleep(at).await;
            of.tell("the store is cut off");
            of.lock().count("store cut off");
            of.lock().cut_until = of.now() + lasts;
        });
    }
    if scenario.slow > 1 {
        lab.world().slow_syncs(scenario.slow);
        stage.lock().count("slow syncs");
        let (lab, until) = (lab.clone(), scenario.calm_after());
        stage.beside(async move {
            tokio::time::sleep(until).await;
            lab.world().slow_syncs(1);
        });
    }
}

/// The node of an accident.
fn place(world: &World, a: usize, b: usize) -> (ClusterName, NodeName) {
    let clusters: Vec<ClusterName> = world.clusters().cloned().collect();
    let cluster = clusters[a % clusters.len()].clone();
    let nodes = world.nodes(&cluster);
    let node = nodes[b % nodes.len()].name.clone();
    (cluster, node)
}

/// Orders of hands that are not ours do not count for us.
pub fn by_hand(lab: &InMemory, stage: &Stage, act: impl FnOnce(&mut World)) {
    let mut world = lab.world();
    let before = world.writes().len();
    act(&mut world);
    stage.lock().accidents.extend(before..world.writes().len());
}

async fn happen(accident: Accident, lab: &InMemory, stage: &Stage) {
    stage.tell(format_args!("{accident:?}"));
    // where every cluster is gone, nothing happens to any
    if lab.world().clusters().next().is_none() {
        return;
    }
    match accident {
        Accident::NodeRestarts(a, b, seconds) => {
            stage.lock().count("node restarted");
            let (cluster, node) = place(&lab.world(), a, b);
            stage.lock().touched.extend([cluster.to_string(), node.to_string()]);
            let all = [service::AXL, service::ICSA, service::SYNC_AGENT, service::XCP_ROUTER];
            by_hand(lab, stage, |world| {
                for service in all {
                    // what is down already goes down no further
                    let _ = world.stop(&cluster, &node, service);
                }
            });
            // what needs the router comes after it
            for pause in [seconds, 90, 90] {
                tokio::time::sleep(Duration::from_secs(pause)).await;
                by_hand(lab, stage, |world| {
                    for service in all.iter().rev() {
                        let _ = world.start(&cluster, &node, service);
                    }
                });
            }
            fall_back(lab, stage, &cluster, &node).await;
        }
        Accident::Hangs(a, b, seconds) => {
            stage.lock().count("hung in Starting");
            let (cluster, node) = place(&lab.world(), a, b);
            let until = stage.now() + Duration::from_secs(seconds);
            let mut inner = stage.lock();
            inner.touched.extend([cluster.to_string(), node.to_string()]);
            inner.hanging.insert(node.to_string(), until);
        }
        Accident::PeerSaved(a, b) | Accident::PeerDeleted(a, b) => {
            let (cluster, address) = {
                let world = lab.world();
                let (cluster, _) = place(&world, a, 0);
                let peers = world.peers(&cluster);
                let Some(peer) = peers.get(b % peers.len().max(1)) else { return };
                (cluster, peer.address.clone())
            };
            stage.lock().touched.extend([cluster.to_string(), address.to_string()]);
            let saved = matches!(accident, Accident::PeerSaved(..));
            stage.lock().count(if saved { "peer saved by hand" } else { "peer deleted by hand" });
            by_hand(lab, stage, |world| {
                let _ = if saved {
                    world.update_peer(&cluster, &address, &PeerEdit::default())
                } else {
                    world.delete_peer(&cluster, &address)
                };
            });
        }
    }
}

/// A node that was down for longer than its group waits has failed over, and only a person takes that back: High Availability
/// is switched off and on.
async fn fall_back(lab: &InMemory, stage: &Stage, cluster: &ClusterName, node: &NodeName) {
    let group = {
        let world = lab.world();
        let groups = world.groups(cluster);
        let over =
            |g: &&Group| g.enabled && g.nodes.iter().any(|n| n.node.same(node) && n.state.starts_with("Failed Over"));
        groups.iter().find(over).map(|g| g.name.clone())
    };
    let Some(group) = group else { return };
    for enabled in [false, true] {
        by_hand(lab, stage, |world| {
            let _ = world.set_high_availability(cluster, &group, enabled);
        });
        tokio::time::sleep(Duration::from_secs(120)).await;
    }
}

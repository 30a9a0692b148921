//! What may be made to go wrong in a rehearsal. The seed decides where it strikes; each strikes when a step begins, so
//! that it meets the work and not a pause.

use std::time::Duration;

use clap::ValueEnum;
use sha2::{Digest, Sha256};

use crate::apply::Struck;
use crate::cluster::{ErrorKind, NodeName, service};
use crate::lab::world::World;
use crate::lab::{Fault, InMemory};
use crate::mesh::ClusterName;
use crate::plan::Plan;
use crate::plan::step::{Action, Step, StepId};

/// A fault by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum FaultName {
    /// A node's services go down for 20 minutes
    NodeLoss,
    /// Every sync takes five times as long
    SlowSync,
    /// The clusters ask to slow down, again and again
    Throttling,
    /// The answer to a peer that is added, and to a restart, is lost; the order takes effect
    LostAnswer,
    /// Somebody deletes a peer by hand while the plan runs
    OtherHands,
}

/// How long a lost node stays away.
const AWAY: Duration = Duration::from_secs(20 * 60);
/// What a slow line makes of a sync.
const SLOWER: u64 = 5;

impl FaultName {
    /// Its name on the command line.
    pub fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

/// The faults of a rehearsal: what is still to strike, and what is to be mended again.
pub struct Faults {
    due: Vec<(FaultName, StepId)>,
    mend: Vec<(Duration, ClusterName, NodeName)>,
    /// What has struck.
    pub struck: Vec<Struck>,
}

/// Services that a lost node is without.
const OF_A_NODE: [&str; 4] = [service::AXL, service::ICSA, service::XCP_ROUTER, service::SYNC_AGENT];

impl Faults {
    /// The faults of a seed, each at a step of the plan that writes.
    pub fn new(names: &[FaultName], plan: &Plan, seed: u64) -> Faults {
        let due = names.iter().filter_map(|name| {
            let fits = |step: &&Step| match name {
                FaultName::LostAnswer => matches!(step.action, Action::AddPeer { .. }),
                FaultName::NodeLoss | FaultName::OtherHands => step.action.writes(),
                FaultName::SlowSync | FaultName::Throttling => true,
            };
            let steps: Vec<&Step> = plan.steps.iter().filter(fits).collect();
            let at = match name {
                // these last for the whole run
                FaultName::SlowSync | FaultName::Throttling => 0,
                _ => pick(seed, &name.name(), steps.len()),
            };
            steps.get(at).map(|step| (*name, step.id.clone()))
        });
        Faults { due: due.collect(), mend: Vec::new(), struck: Vec::new() }
    }

    /// A step begins: what waits for it strikes.
    pub fn begin(&mut self, lab: &InMemory, plan: &Plan, step: &StepId) {
        let now = lab.clock().elapsed();
        let all = std::mem::take(&mut self.due);
        let (striking, due) = all.into_iter().partition(|(_, at)| at == step);
        self.due = due;
        let striking: Vec<(FaultName, StepId)> = striking;
        let Some(step) = plan.step(step) else { return };
        for (name, _) in striking {
            if let Some(what) = self.strike(name, lab, plan, step, now) {
                self.struck.push(Struck { fault: name.name(), at: now.as_secs(), what });
            }
        }
    }

    /// Mends what is due to be mended.
    pub fn mend(&mut self, lab: &InMemory) {
        let now = lab.clock().elapsed();
        let all = std::mem::take(&mut self.mend);
        let (due, later) = all.into_iter().partition(|(at, _, _)| *at <= now);
        self.mend = later;
        let due: Vec<(Duration, ClusterName, NodeName)> = due;
        for (_, cluster, node) in due {
            let mut world = lab.world();
            for service in OF_A_NODE {
                // one that runs already, or was never on this node, needs no start
                let _ = world.start(&cluster, &node, service);
            }
        }
    }

    /// Whether something is still to be mended.
    pub fn is_open(&self) -> bool {
        !self.mend.is_empty()
    }

    fn strike(&mut self, name: FaultName, lab: &InMemory, plan: &Plan, step: &Step, now: Duration) -> Option<String> {
        let cluster = &step.cluster;
        match name {
            FaultName::NodeLoss => {
                let mut world = lab.world();
                let node = world.nodes(cluster).last()?.name.clone();
                stop(&mut world, cluster, &node);
                self.mend.push((now + AWAY, cluster.clone(), node.clone()));
                Some(format!("{node} of {cluster} is away for {} minutes", AWAY.as_secs() / 60))
            }
            FaultName::SlowSync => {
                lab.world().slow_syncs(SLOWER);
                Some(format!("every sync takes {SLOWER} times as long"))
            }
            FaultName::Throttling => {
                let kind = ErrorKind::Throttled { retry_after: None, message: "Exceeded allowed rate".into() };
                let clusters: Vec<ClusterName> = plan.mesh.clusters.iter().map(|c| c.name.clone()).collect();
                for cluster in clusters {
                    for call in ["services", "peer_status", "notifications", "high_availability"] {
                        lab.inject(Fault {
                            cluster: cluster.clone(),
                            call,
                            kind: kind.clone(),
                            effect: false,
                            times: 10,
                        });
                    }
                }
                Some("every cluster asks to slow down ten times per kind of read".into())
            }
            FaultName::LostAnswer => {
                let kind = ErrorKind::Unknown { detail: "the connection was cut".into() };
                for call in ["add_peer", "restart"] {
                    let (cluster, kind) = (cluster.clone(), kind.clone());
                    lab.inject(Fault { cluster, call, kind, effect: true, times: 1 });
                }
                Some(format!("answers of {cluster} are lost after the order was taken"))
            }
            FaultName::OtherHands => {
                let mut world = lab.world();
                let (on, address) = world.clusters().cloned().collect::<Vec<_>>().into_iter().find_map(|on| {
                    let peer = world.peers(&on).first()?.address.clone();
                    Some((on, peer))
                })?;
                world.delete_peer(&on, &address).ok()?;
                Some(format!("somebody deletes the peer {address} on {on}"))
            }
        }
    }
}

fn stop(world: &mut World, cluster: &ClusterName, node: &NodeName) {
    for service in OF_A_NODE {
        // one that is down already needs no stop
        let _ = world.stop(cluster, node, service);
    }
}

/// One of so many, by the seed.
fn pick(seed: u64, what: &str, of: usize) -> usize {
    let hash = Sha256::new().chain_update(seed.to_be_bytes()).chain_update(what).finalize();
    let number = hash.iter().take(8).fold(0_u64, |all, byte| (all << 8) | u64::from(*byte));
    usize::try_from(number % (of.max(1) as u64)).unwrap_or(0)
}

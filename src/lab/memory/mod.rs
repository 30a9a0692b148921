//! The seam in memory: a simulated deployment behind [`Observe`] and [`Operate`], without sockets and in no real
//! time. The planner, the executor and a rehearsal run on it unchanged.
//!
//! What the client would read through AXL (identity, nodes, users, High Availability) needs AXL on the cluster's
//! publisher here, too; the administration pages are always there.

mod clock;
mod faults;
mod names;
mod observe;
mod operate;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use self::faults::Faults;
use super::spec::LabSpec;
use super::world::{Refusal, World, Write};
use crate::cluster::{
    Account, ClusterName, CredentialName, Error, ErrorKind, NodeName, Observe, Operate, Place, Result,
};
pub use clock::VirtualClock;
pub use faults::Fault;

/// A simulated deployment with its clock, and the accounts behind the names of credentials. Clones share it.
#[derive(Clone, Debug)]
pub struct InMemory {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    world: Mutex<World>,
    faults: Mutex<Faults>,
    clock: VirtualClock,
    accounts: BTreeMap<CredentialName, Account>,
}

impl InMemory {
    /// A deployment. `accounts` says what the names of credentials stand for.
    pub fn new(spec: LabSpec, accounts: BTreeMap<CredentialName, Account>) -> InMemory {
        InMemory::with(World::new(spec), accounts)
    }

    /// A deployment that is there already; its clock begins at its product time zero.
    pub fn with(world: World, accounts: BTreeMap<CredentialName, Account>) -> InMemory {
        let clock = VirtualClock::starting_at(world.epoch());
        InMemory::at(world, accounts, clock)
    }

    /// A deployment whose time is the runtime's: for simulations in which a store's leases run beside it.
    pub fn in_the_runtimes_time(spec: LabSpec, accounts: BTreeMap<CredentialName, Account>) -> InMemory {
        let world = World::new(spec);
        let clock = VirtualClock::of_the_runtime(world.epoch());
        InMemory::at(world, accounts, clock)
    }

    fn at(world: World, accounts: BTreeMap<CredentialName, Account>, clock: VirtualClock) -> InMemory {
        let shared = Shared { world: Mutex::new(world), faults: Mutex::default(), clock, accounts };
        InMemory { shared: Arc::new(shared) }
    }

    /// The product's clock.
    pub fn clock(&self) -> VirtualClock {
        self.shared.clock.clone()
    }

    /// The deployment at the clock's time, to look at or to disturb by hand. Do not hold it over an `await`.
    pub fn world(&self) -> MutexGuard<'_, World> {
        let now = self.shared.clock.call();
        let mut world = self.shared.world.lock().unwrap_or_else(PoisonError::into_inner);
        world.advance(now);
        world
    }

    /// Lets calls go wrong.
    pub fn inject(&self, fault: Fault) {
        self.shared.faults.lock().unwrap_or_else(PoisonError::into_inner).add(fault);
    }

    /// Every order that the product took, oldest first.
    pub fn writes(&self) -> Vec<Write> {
        self.world().writes().to_vec()
    }

    /// What reads a cluster.
    pub fn observer(&self, cluster: &ClusterName) -> Arc<dyn Observe> {
        Arc::new(Handle { lab: self.clone(), cluster: cluster.clone() })
    }

    /// What reads a cluster and acts on it.
    pub fn operator(&self, cluster: &ClusterName) -> Arc<dyn Operate> {
        Arc::new(Handle { lab: self.clone(), cluster: cluster.clone() })
    }
}

/// One cluster of a deployment.
#[derive(Debug)]
struct Handle {
    lab: InMemory,
    cluster: ClusterName,
}

impl Handle {
    fn error(&self, node: Option<&NodeName>, doing: &str, kind: ErrorKind) -> Error {
        let place = Place { cluster: self.cluster.clone(), node: node.cloned() };
        Error { place, doing: doing.to_owned(), kind }
    }

    /// One call: the fault that waits for it, or what the world does.
    fn call<T>(
        &self,
        call: &str,
        node: Option<&NodeName>,
        doing: &str,
        act: impl FnOnce(&mut World) -> std::result::Result<T, ErrorKind>,
    ) -> Result<T> {
        let fault = self.lab.shared.faults.lock().unwrap_or_else(PoisonError::into_inner).next(&self.cluster, call);
        let mut world = self.lab.world();
        let known = world.clusters().any(|c| c == &self.cluster);
        let known = known && node.is_none_or(|n| world.find_node(n).is_some_and(|(c, _)| c == &self.cluster));
        let result = match fault {
            Some(fault) => {
                if fault.effect {
                    // The answer is lost, whatever it would have been.
                    let _ = act(&mut world);
                }
                Err(fault.kind)
            }
            None if is_off(&world, &self.cluster, node) => {
                Err(ErrorKind::Unreachable { detail: "no answer in 10 s".to_owned() })
            }
            None if !known => Err(ErrorKind::Unreachable { detail: "no such host".to_owned() }),
            None => act(&mut world),
        };
        result.map_err(|kind| self.error(node, doing, kind))
    }

    /// A read that goes through a node's platform CLI.
    fn platform<T>(&self, call: &str, node: &NodeName, doing: &str, act: impl FnOnce(&World) -> T) -> Result<T> {
        self.call(call, Some(node), doing, |world| {
            if has_platform(world, &self.cluster) {
                return Ok(act(world));
            }
            Err(ErrorKind::Unsupported { detail: "no `cli` credential is given for the cluster".to_owned() })
        })
    }

    /// A call that goes through AXL on the publisher.
    fn axl<T>(&self, call: &str, doing: &str, act: impl FnOnce(&World) -> T) -> Result<T> {
        self.call(call, None, doing, |world| {
            let publisher = world.nodes(&self.cluster).into_iter().next().map(|n| n.name);
            match publisher {
                Some(publisher) if world.axl_answers(&self.cluster, &publisher) => Ok(act(world)),
                _ => Err(ErrorKind::Unreachable { detail: format!("AXL answers {}", world.axl_down_status()) }),
            }
        })
    }
}

/// Whether the node that is asked is down; what names no node is asked of the database publisher.
fn is_off(world: &World, cluster: &ClusterName, node: Option<&NodeName>) -> bool {
    node.map_or_else(|| world.publisher_is_off(cluster), |node| world.is_off(cluster, node))
}

/// Whether somebody may log in to the platform CLI of a cluster's nodes. In memory, that is what it takes to ask it.
fn has_platform(world: &World, cluster: &ClusterName) -> bool {
    world.spec().clusters.iter().any(|c| &c.name == cluster && !c.platform.is_empty())
}

fn refused(refusal: Refusal) -> ErrorKind {
    ErrorKind::Refused { message: refusal.message }
}

#[cfg(test)]
mod tests;

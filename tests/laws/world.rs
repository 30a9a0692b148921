//! A plan on the product in memory, in another order, to the end.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use intermesh::apply::{Account, Run, carry_out};
use intermesh::cluster::{Clock, ErrorKind, Protocol, ServiceState, service};
use intermesh::lab;
use intermesh::mesh::topology::links;
use intermesh::mesh::{ClusterName, State, UnmanagedPeers};
use intermesh::plan::window::opens_next;
use intermesh::plan::{Options, Plan};

use crate::case::{Case, Damage};
use crate::order::{Dice, reordered};
use crate::support::Bench;
use crate::watch::Watch;

/// More plans than stages, faults and what shows only after a repair could ask for.
const PLANS: usize = 7;
/// More openings of the window than any plan needs.
const OPENINGS: usize = 60;

/// What a case came to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Came {
    /// Plans that were carried out, to their end or to that of the window.
    pub plans: usize,
    /// Steps of them.
    pub steps: usize,
    /// Times that the window closed on a plan.
    pub closed: usize,
    /// Orders that the product took.
    pub writes: usize,
}

/// Nobody is asked whether a cluster may be left alone: that is another law.
pub fn options(bench: &Bench) -> Options {
    let all = bench.mesh.clusters.iter().map(|c| c.name.clone()).collect();
    Options { allow_isolated: all, allow_empty: true, ..Options::default() }
}

/// Carries plans out until there is nothing to do; every one in another order than its own. The first is held to `laws`.
pub fn any_order_leads_to_what_the_file_says(case: &Case, laws: fn(&Bench, &Plan, &mut Dice)) -> Came {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let mut came = Came::default();
        let bench = case.bench();
        // nobody plans in the minute in which something goes down
        bench.lab.clock().wait(Duration::from_secs(300)).await;
        until_strangers_have_synced(&bench).await;
        let strangers_wait = strangers_wait(&bench);
        let mut dice = Dice::new(case.order);
        if let Some(fault) = case.fault {
            let kind = match fault.lost {
                true => ErrorKind::Unknown { detail: "the answer did not come".into() },
                false => ErrorKind::Refused { message: "Operation is pending".into() },
            };
            let cluster = bench.mesh.clusters[usize::from(fault.cluster) % case.clusters].name.clone();
            bench.lab.inject(lab::Fault { cluster, call: fault.call, kind, effect: fault.effect, times: 1 });
        }
        let (mut last_stages, mut plans) = (0, 0);
        while plans < PLANS && came.closed < OPENINGS {
            let plan = bench.plan_with(&options(&bench)).await;
            if came.plans == 0 {
                laws(&bench, &plan, &mut dice);
            }
            assert!(plan.refusals.is_empty(), "{:#?}", plan.refusals);
            assert!(!plan.stage.last || plan.unread.is_empty(), "{:#?}", plan.unread);
            if plan.is_empty() {
                assert_eq!(plan.steps.len(), 0, "nothing to do, and steps");
                let may_be_two = case.fault.is_some() || case.hides() || came.closed > 0 || strangers_wait;
                assert!(last_stages <= 1 || may_be_two, "{last_stages} plans for one state");
                as_the_file_says(&bench);
                came.writes = bench.lab.writes().len();
                return came;
            }
            let account = carry(&bench, case, &plan, &mut dice).await;
            came.plans += 1;
            came.steps += plan.steps.len();
            if account.closed {
                came.closed += 1;
                until_the_window_opens(&bench).await;
                continue;
            }
            plans += 1;
            if case.fault.is_none() && !case.hides() && came.closed == 0 {
                let told = intermesh::report::account(&plan, &account);
                assert!(account.complete(), "{told}");
            }
            last_stages += usize::from(plan.stage.last);
        }
        panic!("still something to do: {:#?}", bench.plan_with(&options(&bench)).await.changes)
    })
}

/// Where a first sync ends, a restart is asked for within half a minute. That of an entry that no link asks for is none of a
/// plan's business: one that is read in between cannot know of the restart, and the next one finds it.
async fn until_strangers_have_synced(bench: &Bench) {
    let links = links(&bench.mesh);
    let names: Vec<_> = bench.mesh.clusters.iter().map(|c| &c.name).collect();
    let syncs = |from: &ClusterName| {
        let world = bench.lab.world();
        world.first_syncs(from).iter().any(|to| !links.iter().any(|l| l.pair.has(from) && l.pair.has(to)))
    };
    while names.iter().any(|name| syncs(name)) {
        bench.lab.clock().wait(Duration::from_secs(60)).await;
    }
    bench.lab.clock().wait(Duration::from_secs(60)).await;
}

/// Whether an entry that no link asks for is there and cannot sync: it does where a plan starts the service that it waits
/// for, at any time, and the restart that its end asks for is found by the next plan.
fn strangers_wait(bench: &Bench) -> bool {
    let (mesh, world) = (&bench.mesh, bench.lab.world());
    let links = links(mesh);
    let linked = |a: &ClusterName, b: &ClusterName| links.iter().any(|l| l.pair.has(a) && l.pair.has(b));
    mesh.clusters.iter().any(|from| {
        world.peers(&from.name).iter().any(|peer| {
            let to = mesh.clusters.iter().find(|c| c.publisher.same(&peer.address));
            to.is_some_and(|to| !linked(&from.name, &to.name) && peer.associated_users < world.users(&to.name))
        })
    })
}

async fn until_the_window_opens(bench: &Bench) {
    let clock = bench.lab.clock();
    let Some(window) = &bench.mesh.policy.window else { panic!("no window, and it closed") };
    let opens = opens_next(clock.now(), window).unwrap();
    clock.wait(opens.duration_since(clock.now()).unsigned_abs()).await;
}

async fn carry(bench: &Bench, case: &Case, plan: &Plan, dice: &mut Dice) -> Account {
    let (watch, operators) = Watch::over(bench, case);
    let (clock, stop) = (bench.lab.clock(), AtomicBool::new(false));
    let run = Run::new(&operators, &bench.vault, &clock, &stop, &|_| ());
    let plan = reordered(plan, dice);
    let account = carry_out(&plan, &run).await;
    let broken = watch.broken(bench);
    assert!(broken.is_empty(), "{broken:#?}");
    account
}

/// Looked at in the world, not in what a plan makes of it.
pub fn as_the_file_says(bench: &Bench) {
    let (mesh, world) = (&bench.mesh, bench.lab.world());
    let links = links(mesh);
    for link in &links {
        for (from, to) in link.pair.directions() {
            let there = mesh.cluster(to).unwrap();
            let peers = world.peers(from);
            let entry = peers.iter().find(|p| p.address.same(&there.publisher));
            let entry = entry.unwrap_or_else(|| panic!("{from} has no peer for {to}: {peers:#?}"));
            assert_eq!(entry.protocol, Protocol::from(link.transport), "{from} to {to}");
            assert_eq!(entry.username, "icsa", "{from} to {to}");
            assert_eq!(entry.associated_users, world.users(to), "{from} to {to}");
        }
    }
    for cluster in mesh.clusters.iter().filter(|c| c.state != State::Gone) {
        let linked = links.iter().any(|link| link.pair.has(&cluster.name));
        for peer in world.peers(&cluster.name) {
            let other = mesh.clusters.iter().find(|c| c.publisher.same(&peer.address));
            let leaves = |c: &intermesh::mesh::Cluster| c.state != State::Present;
            let wanted = other.is_some_and(|o| links.iter().any(|l| l.pair.has(&cluster.name) && l.pair.has(&o.name)));
            let left = leaves(cluster) && other.is_some() || other.is_some_and(leaves);
            assert!(!left, "{} still has peer {}", cluster.name, peer.address);
            assert!(
                wanted || mesh.policy.unmanaged_peers != UnmanagedPeers::Delete,
                "{} still has peer {}",
                cluster.name,
                peer.address
            );
        }
        for node in world.nodes(&cluster.name).iter().filter(|_| linked) {
            let services = world.services(&cluster.name, &node.name);
            for name in [service::AXL, service::XCP_ROUTER, service::ICSA] {
                let runs = services.iter().any(|s| s.name == name && s.state == ServiceState::Started);
                assert!(runs, "{name} does not run on {}", node.name);
            }
        }
        if cluster.state == State::Present {
            for node in world.nodes(&cluster.name) {
                for wanted in mesh.parameters_of(cluster, &node.name) {
                    let parameters = world.parameters(&cluster.name, &node.name, wanted.service);
                    let found = parameters.iter().find(|p| p.label.eq_ignore_ascii_case(wanted.label));
                    assert!(found.is_none_or(|p| p.value == wanted.value), "{found:?} on {}", node.name);
                }
            }
        }
    }
}

impl Case {
    /// Whether something is wrong that shows only when something else was mended: a password behind a service that does
    /// not run, certificates behind another change.
    pub fn hides(&self) -> bool {
        let kinds = self.kinds();
        let hidden = [Damage::OtherPassword, Damage::Regenerated, Damage::RestartAsked];
        // a router that is down on a cluster that nobody links is not started, and keeps the other of its group up
        let stays_down = kinds.contains(&Damage::Stopped(service::XCP_ROUTER));
        stays_down || kinds.len() > 1 && kinds.iter().any(|damage| hidden.contains(damage))
    }
}

//! `intermesh rehearse`: carry a saved plan out on simulated clusters, before it is carried out on real ones.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use clap::Args;
use indicatif::ProgressBar;

use super::lab_snapshot::lab_of;
use super::output::{self, Ended, OutputFile};
use super::rehearsal_faults::{FaultName, Faults};
use super::session::bar;
use super::{Exit, Failure, Printer, approve, json, unless_interrupted};
use crate::apply::{Event, Operators, Outage, Rehearsal, RehearsedRun, RouterRestart, Run, carry_out};
use crate::cluster::{Clock, SystemClock, service};
use crate::lab::InMemory;
use crate::lab::world::Effect;
use crate::mesh::{ClusterName, Vault};
use crate::observe::{self, Observers};
use crate::plan::step::StepId;
use crate::plan::{self, Lines, Moved, Options, Plan};
use crate::report;
use crate::report::results::{Format, Results};

/// Carry out a saved plan on simulated clusters, and tell how it went
///
/// The lab begins where the plan's own snapshot ends: same versions, nodes, users, services and peers. The plan is
/// carried out there by the same executor, on compressed time, with faults on wish, and again until the clusters are as
/// the file says. The report tells how long it takes, what users notice, and whether it ends as planned. No real cluster
/// is contacted. The times are a model's: where public material is silent, the seed decides.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  intermesh plan mesh.yaml --out plan.json\n  intermesh rehearse plan.json\n  \
                        intermesh rehearse plan.json --faults node-loss,slow-sync,throttling --seed 7\n  \
                        intermesh rehearse plan.json --output markdown=change-request.md\n\n\
                        Exit codes: 0 ends as planned, 2 ends in sync but not in one go, or not in sync")]
pub struct RehearseCommand {
    /// A plan that `intermesh plan --out` saved
    #[arg(value_name = "PLAN")]
    plan: PathBuf,
    /// What goes wrong
    #[arg(long, value_enum, value_delimiter = ',', value_name = "FAULT,…")]
    faults: Vec<FaultName>,
    /// Decides where faults strike, and what the product does where nobody knows
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Also write a file, such as `markdown=change-request.md`; formats are text, json, markdown, junit, sarif,
    /// github, gitlab and prometheus (can be given more than once)
    #[arg(long, value_name = "FORMAT=FILE", value_parser = OutputFile::parser(Format::NAMES))]
    output: Vec<OutputFile>,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

/// How often a rehearsal plans again: an operator would look closer by then.
const MOST_RUNS: usize = 5;
/// How often a snapshot is taken again while a cluster does not answer, and the pause before.
const LOOKS: usize = 10;
const PAUSE: Duration = Duration::from_secs(60);
/// How often the users are counted, in the product's time.
const LOOK: Duration = Duration::from_secs(15);

impl RehearseCommand {
    pub(super) async fn run(self, printer: &Printer) -> Result<Exit, Failure> {
        output::written(&self.output, "rehearse", &self.plan, printer, unless_interrupted(self.play(printer))).await
    }

    async fn play(&self, printer: &Printer) -> Result<Ended<'_>, Failure> {
        let plan = approve::saved(&self.plan)?;
        if let Some(refusal) = plan.refusals.first() {
            let message = format!("the plan is refused by {}: {}", refusal.guard, refusal.why);
            return Err(Failure::new(Exit::Refused, message).hint(format!("{}.", refusal.how)));
        }
        let mut faults = self.faults.clone();
        faults.sort_unstable();
        faults.dedup();
        let bar = bar(printer, plan.steps.len() as u64, "rehearsing");
        let rehearsal = rehearse(&plan, &faults, self.seed, &bar).await;
        bar.finish_and_clear();
        if self.json {
            printer.out(&json(&rehearsal)?);
        } else {
            printer.report(&report::rehearsal(&plan, &rehearsal));
        }
        let exit = if rehearsal.as_planned() { Exit::Done } else { Exit::Differences };
        let results = Results::of_rehearsal(&plan, &rehearsal, SystemClock::default().now(), exit.code());
        let own = move |format: &str| match format {
            "text" => Some(Ok(anstream::adapter::strip_str(&report::rehearsal(&plan, &rehearsal)).to_string())),
            "json" => Some(json(&rehearsal).map(|text| text + "\n")),
            "markdown" => Some(Ok(report::rehearsal_markdown(&plan, &rehearsal))),
            _ => None,
        };
        Ok(Ended::new(exit, results, Box::new(own)))
    }
}

/// Carries the plan out on simulated clusters, again and again until they are as the file says or it is no use.
pub async fn rehearse(first: &Plan, faults: &[FaultName], seed: u64, bar: &ProgressBar) -> Rehearsal {
    // a rehearsal is at no time of day
    let first = &outside_windows(first);
    let (world, made) = lab_of(first, seed);
    let users: BTreeMap<_, _> = (world.spec().clusters.iter())
        .flat_map(|c| c.nodes.iter().map(|n| ((c.name.clone(), n.name.normal()), n.users)))
        .collect();
    let before = world.writes().len();
    let lab = InMemory::with(world, made.accounts.clone());
    let vault = Vault::new(&first.mesh, Path::new("."), made.accounts);
    let faults = RefCell::new(Faults::new(faults, first, seed));
    let watch = RefCell::new(Watch::default());
    let mut runs = Vec::new();
    let mut plan = first.clone();
    let left = loop {
        let run = {
            let work = carry(&plan, &lab, &vault, &faults, bar);
            tokio::pin!(work);
            tokio::select! {
                run = &mut work => run,
                never = look_on(&lab, &watch, &faults) => match never {},
            }
        };
        runs.push(run);
        while faults.borrow().is_open() {
            lab.clock().wait(LOOK).await;
            faults.borrow_mut().mend(&lab);
        }
        plan = plan_again(first, &lab).await;
        if first.rollback.is_some() {
            // it leads to what the run found, and not to what the file asks for
            break unmet(first, &plan);
        }
        if plan.is_empty() || runs.len() == MOST_RUNS || !plan.unread.is_empty() {
            break differences(&plan);
        }
    };
    let seconds = runs.iter().flat_map(|run| &run.steps).map(|(_, _, end)| *end).max().unwrap_or(0);
    let restarts = (lab.writes()[before..].iter())
        .filter_map(|write| match (&write.effect, &write.node) {
            (Effect::Restart(name), Some(node)) if *name == service::XCP_ROUTER => Some(RouterRestart {
                cluster: write.cluster.clone(),
                node: node.clone(),
                at: write.at.as_secs(),
                users: users.get(&(write.cluster.clone(), node.normal())).copied().unwrap_or(0),
            }),
            _ => None,
        })
        .collect();
    let outages = watch.into_inner().end(lab.clock().elapsed().as_secs());
    Rehearsal { seed, faults: faults.into_inner().struck, runs, seconds, restarts, outages, left }
}

fn outside_windows(plan: &Plan) -> Plan {
    let mut plan = plan.clone();
    plan.mesh.policy.window = None;
    plan
}

async fn carry(
    plan: &Plan,
    lab: &InMemory,
    vault: &Vault,
    faults: &RefCell<Faults>,
    bar: &ProgressBar,
) -> RehearsedRun {
    let operators: Operators = plan.mesh.clusters.iter().map(|c| (c.name.clone(), lab.operator(&c.name))).collect();
    let times: RefCell<BTreeMap<StepId, (u64, u64)>> = RefCell::default();
    let clock = lab.clock();
    bar.set_length(plan.steps.len() as u64);
    bar.set_position(0);
    let tell = |event: &Event| {
        let now = clock.elapsed().as_secs();
        match event {
            Event::Started { step } => {
                times.borrow_mut().insert(step.clone(), (now, now));
                faults.borrow_mut().begin(lab, plan, step);
                bar.set_message(step.to_string());
            }
            Event::Ended { step, .. } => {
                if let Some((_, end)) = times.borrow_mut().get_mut(step) {
                    *end = now;
                }
                bar.inc(1);
            }
            _ => {}
        }
    };
    let stop = AtomicBool::new(false);
    let run = Run::new(&operators, vault, &clock, &stop, &tell);
    let account = carry_out(plan, &run).await;
    let times = times.into_inner();
    let steps = plan.steps.iter().filter_map(|s| times.get(&s.id).map(|(from, to)| (s.id.clone(), *from, *to)));
    RehearsedRun { totals: account.totals(), steps: steps.collect(), account }
}

/// Counts the users, and mends what is due, for as long as the run lasts.
async fn look_on(lab: &InMemory, watch: &RefCell<Watch>, faults: &RefCell<Faults>) -> std::convert::Infallible {
    loop {
        lab.clock().wait(LOOK).await;
        faults.borrow_mut().mend(lab);
        watch.borrow_mut().look(lab);
    }
}

/// Users without presence, by cluster.
#[derive(Default)]
struct Watch {
    open: BTreeMap<ClusterName, Outage>,
    over: Vec<Outage>,
}

impl Watch {
    fn look(&mut self, lab: &InMemory) {
        let now = lab.clock().elapsed().as_secs();
        let world = lab.world();
        for cluster in world.clusters() {
            let nodes = world.nodes(cluster);
            let assigned: u64 = nodes.iter().map(|n| n.assigned_users).sum();
            let active: u64 = nodes.iter().map(|n| n.active_users).sum();
            let without = assigned.saturating_sub(active);
            match (without, self.open.get_mut(cluster)) {
                (0, None) => {}
                (0, Some(_)) => {
                    if let Some(mut outage) = self.open.remove(cluster) {
                        outage.to = now;
                        self.over.push(outage);
                    }
                }
                (users, Some(outage)) => outage.users = outage.users.max(users),
                (users, None) => {
                    let outage = Outage { cluster: cluster.clone(), from: now, to: now, users };
                    self.open.insert(cluster.clone(), outage);
                }
            }
        }
    }

    fn end(mut self, now: u64) -> Vec<Outage> {
        self.over.extend(self.open.into_values().map(|outage| Outage { to: now, ..outage }));
        self.over.sort_by(|a, b| (a.from, &a.cluster).cmp(&(b.from, &b.cluster)));
        self.over
    }
}

/// Plans again, once the clusters can be read.
async fn plan_again(first: &Plan, lab: &InMemory) -> Plan {
    let mut plan = plan_now(first, lab).await;
    for _ in 0..LOOKS {
        if plan.unread.iter().all(|unread| !unread.error.kind.is_transient()) {
            break;
        }
        lab.clock().wait(PAUSE).await;
        plan = plan_now(first, lab).await;
    }
    plan
}

async fn plan_now(first: &Plan, lab: &InMemory) -> Plan {
    let observers: Observers = first.mesh.clusters.iter().map(|c| (c.name.clone(), lab.observer(&c.name))).collect();
    let now = lab.clock().now();
    let snapshot = observe::gather(&first.mesh, &observers, now, &|_| ()).await;
    let nowhere = |_: &str| None;
    plan::make(&first.mesh, &first.mesh_file, &Lines::new(&nowhere), snapshot, &Options::default(), now)
}

/// The facts that are not what the plan makes of them, in words.
fn unmet(plan: &Plan, end: &Plan) -> Vec<String> {
    let found = plan.transition.unmet(&end.snapshot).into_iter().map(|Moved { fact, found }| {
        let found = found.as_deref().unwrap_or("not read");
        format!("{}: {} is {found}, not {}", fact.cluster, fact.about.words(), fact.then)
    });
    found.chain(end.unread.iter().map(|unread| unread.error.to_string())).collect()
}

/// What a plan made at the end says that is still to do, in words.
fn differences(plan: &Plan) -> Vec<String> {
    let changes = plan.changes.iter().map(|change| format!("{}: {}", change.cluster, report::change(&change.what)));
    let unread = plan.unread.iter().map(|unread| unread.error.to_string());
    let refusals = plan.refusals.iter().map(|refusal| format!("refused by {}: {}", refusal.guard, refusal.why));
    changes.chain(unread).chain(refusals).collect()
}

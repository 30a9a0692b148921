//! The crash law, on the product in memory in virtual time: a run that ends at any record of its journal is gone on
//! with, and comes to the same end as one that was never cut. Enumerated, not sampled.

#![allow(clippy::unwrap_used, reason = "clippy takes the functions beside the tests for no tests")]
#![allow(clippy::print_stdout, reason = "the number of cuts is a result")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use intermesh::apply::{Account, Earlier, Event, Journaled, Log, Operators, Outcome, Run, carry_out};
use intermesh::cluster::{Clock, ErrorKind, service};
use intermesh::lab::world::Effect;
use intermesh::lab::{Fault, InMemory as InMemoryLab, VirtualClock};
use intermesh::mesh::{Mesh, State, Transport};
use intermesh::plan::Plan;
use intermesh::plan::step::StepId;
use intermesh::store::{End, Journal, Owner, RunId, Stage, Store, SwitchedOff, Terms, Wanted, switched_off};
use object_store::memory::InMemory;
use object_store::{ObjectStore, ObjectStoreExt};
use support::{Bench, mesh_of, switching_mesh};
use tokio::sync::Notify;

const RUN: &str = "2026-11-22T12-07-05Z-3f2a";

fn owner(sitting: usize) -> Owner {
    Owner { user: "jane".into(), host: "ops1".into(), pid: 4711, job: None, nonce: format!("sitting-{sitting}") }
}

/// Where the process dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    Never,
    /// With this many records, when it is about to write the next: what it did since is not written down.
    BeforeTheNext(usize),
    /// As soon as this many records are written: nothing has been done since.
    After(usize),
    /// While it writes this record, counted from 1: half of it is there.
    Half(usize),
}

/// A log that dies with its process.
struct Dying<'a> {
    log: Journaled<'a>,
    cut: Cut,
    written: AtomicUsize,
    died: AtomicBool,
    dead: Notify,
}

impl Dying<'_> {
    async fn die_if(&self, now: bool) {
        // of several steps that are in hand none writes any more
        if now || self.died.load(Ordering::Relaxed) {
            self.died.store(true, Ordering::Relaxed);
            self.dead.notify_one();
            std::future::pending::<()>().await;
        }
    }

    async fn write(&self, write: impl Future<Output = Result<(), String>>) -> Result<(), String> {
        self.die_if(self.cut == Cut::BeforeTheNext(self.written.load(Ordering::Relaxed))).await;
        write.await?;
        let written = self.written.fetch_add(1, Ordering::Relaxed) + 1;
        // where half of it is to be there, the half is made of the whole when the process is dead
        self.die_if(matches!(self.cut, Cut::After(n) | Cut::Half(n) if n == written)).await;
        Ok(())
    }
}

#[async_trait]
impl Log for Dying<'_> {
    async fn started(&self, step: &StepId) -> Result<(), String> {
        self.write(self.log.started(step)).await
    }

    async fn ended(&self, step: &StepId, outcome: &Outcome) -> Result<(), String> {
        self.write(self.log.ended(step, outcome)).await
    }

    fn may_write(&self) -> Result<(), String> {
        self.log.may_write()
    }
}

/// Where the run is kept.
struct Kept {
    store: Store,
    objects: Arc<InMemory>,
}

impl Kept {
    fn new() -> Kept {
        let objects = Arc::new(InMemory::new());
        Kept { store: Store::over(objects.clone(), "memory"), objects }
    }

    /// Half of the journal's last record is lost.
    async fn tear_the_last(&self) {
        let folder = object_store::path::Path::from(format!("meshes/test/runs/{RUN}/journal"));
        let mut listed = self.objects.list_with_delimiter(Some(&folder)).await.unwrap().objects;
        listed.sort_by(|a, b| a.location.cmp(&b.location));
        let last = listed.pop().unwrap().location;
        let bytes = self.objects.get(&last).await.unwrap().bytes().await.unwrap();
        self.objects.put(&last, bytes.slice(..bytes.len() / 2).into()).await.unwrap();
    }
}

/// The product's clock, as a process that is behind by so many seconds reads it.
struct Behind {
    clock: VirtualClock,
    seconds: i64,
}

#[async_trait]
impl Clock for Behind {
    fn now(&self) -> jiff::Timestamp {
        self.clock.now() - jiff::SignedDuration::from_secs(self.seconds)
    }

    async fn wait(&self, product: Duration) {
        self.clock.wait(product).await;
    }
}

async fn sit(bench: &Bench, kept: &Kept, plan: &Plan, sitting: usize, cut: Cut) -> (Option<Account>, usize) {
    sit_behind(bench, kept, plan, sitting, cut, 0).await
}

/// One sitting at a run: the first, or one that goes on. None where the process died in it; and the records it wrote.
async fn sit_behind(
    bench: &Bench,
    kept: &Kept,
    plan: &Plan,
    sitting: usize,
    cut: Cut,
    seconds: i64,
) -> (Option<Account>, usize) {
    let store = &kept.store;
    let clock = Arc::new(Behind { clock: bench.lab.clock(), seconds });
    let run: RunId = RUN.parse().unwrap();
    let who = owner(sitting);
    let wanted = Wanted { mesh: "test".into(), publishers: Vec::new(), run: run.clone() };
    // hours of the product's time pass in a moment, in which nobody renews anything
    let long = Duration::from_secs(30 * 86400);
    let terms = Terms { lasts: long, renewed_every: long / 3, ..Terms::default() };
    let lease = store.acquire(&wanted, &who, clock.clone(), terms).await.unwrap();
    let (journal, earlier) = if sitting == 0 {
        (Journal::begin(store, run, plan, &who, clock.clone()).await.unwrap(), Earlier::default())
    } else {
        let (journal, kept, stood) = Journal::resume(store, "test", &run, &who, clock.clone()).await.unwrap();
        assert_eq!(&kept, plan);
        (journal, Earlier::of(plan, &stood))
    };
    let log = Journaled { journal: &journal, lease: &lease, clock: clock.clone() };
    let log = Dying { log, cut, written: AtomicUsize::new(0), died: AtomicBool::new(false), dead: Notify::new() };
    let operators: Operators =
        bench.mesh.clusters.iter().map(|c| (c.name.clone(), bench.lab.operator(&c.name))).collect();
    let stop = AtomicBool::new(false);
    let tell = |_: &Event| ();
    let mut carried = Run::new(&operators, &bench.vault, &*clock, &stop, &tell);
    carried.log = Some(&log);
    carried.earlier = earlier;
    let account = tokio::select! {
        biased;
        () = log.dead.notified() => None,
        account = carry_out(plan, &carried) => Some(account),
    };
    let written = log.written.load(Ordering::Relaxed);
    // the next one takes over at once: what is tested here is not the lease
    lease.release().await.unwrap();
    if matches!(cut, Cut::Half(_)) {
        kept.tear_the_last().await;
    }
    (account, written)
}

/// What was written on the clusters, by effect.
type Writes = BTreeMap<String, usize>;

fn writes(bench: &Bench, from: usize) -> Writes {
    let mut counted = Writes::new();
    for write in bench.lab.writes().iter().skip(from) {
        let node = write.node.as_ref().map(ToString::to_string).unwrap_or_default();
        *counted.entry(format!("{} {node} {:?}", write.cluster, write.effect)).or_default() += 1;
    }
    counted
}

/// Makes the bench of a scene, the same each time.
struct Scene {
    name: &'static str,
    seeds: std::ops::Range<u64>,
    mesh: fn() -> Mesh,
    /// What the mesh is before, when it is not new.
    before: Option<fn() -> Mesh>,
    /// What happens to the clusters before the plan.
    damage: fn(&Bench),
}

impl Scene {
    fn new(name: &'static str, seeds: std::ops::Range<u64>, mesh: fn() -> Mesh) -> Scene {
        Scene { name, seeds, mesh, before: None, damage: |_| () }
    }

    async fn bench(&self, seed: u64) -> Bench {
        let make = InMemoryLab::in_the_runtimes_time;
        let Some(before) = self.before else { return Bench::made((self.mesh)(), seed, make, |_| ()) };
        let bench = Bench::made(before(), seed, make, |_| ());
        bench.settle().await;
        (self.damage)(&bench);
        Bench { mesh: (self.mesh)(), lab: bench.lab, vault: bench.vault }
    }

    /// Cuts at every record, and in the middle of every record, goes on, and compares with the run that was never cut.
    /// Where the cuts are shared among tests, this takes those whose number leaves that rest. Returns the number of cuts.
    async fn holds(&self, seed: u64, (share, of): (usize, usize)) -> usize {
        let whole = self.bench(seed).await;
        let from = whole.lab.writes().len();
        let plan = whole.plan().await;
        let (account, records) = sit(&whole, &Kept::new(), &plan, 0, Cut::Never).await;
        assert!(account.unwrap().complete(), "{} without a cut (seed {seed})", self.name);
        let expected = writes(&whole, from);
        let mut cuts: Vec<Cut> = (0..records).map(Cut::BeforeTheNext).collect();
        cuts.extend((1..=records).map(Cut::After));
        cuts.extend((1..=records).map(Cut::Half));
        let cuts: Vec<Cut> =
            cuts.into_iter().enumerate().filter(|(n, _)| n % of == share).map(|(_, cut)| cut).collect();
        for cut in &cuts {
            let at = format!("{}, seed {seed}, {cut:?} of {records}", self.name);
            let bench = self.bench(seed).await;
            let plan = bench.plan().await;
            let kept = Kept::new();
            let (cut_off, _) = sit(&bench, &kept, &plan, 0, *cut).await;
            assert!(cut_off.is_none(), "{at}: it was not cut");
            let (account, _) = sit(&bench, &kept, &plan, 1, Cut::Never).await;
            let account = account.unwrap();
            assert_eq!(account.steps.len(), plan.steps.len(), "{at}: the account covers the plan");
            assert!(account.complete(), "{at}: {}", intermesh::report::account(&plan, &account));
            let found = writes(&bench, from);
            for (write, times) in &found {
                // a sync that is forced and an account that is written leave no trace, and do no harm twice
                let repeatable = write.contains("ForceSync") || write.contains("UpdatePeer");
                let most = expected.get(write).copied().unwrap_or(0) + usize::from(repeatable);
                assert!(*times <= most, "{at}: {write} {times} times; without a cut {expected:#?}");
            }
            // a deletion may make a restart needless or not, but what is written is never less
            assert!(expected.keys().all(|write| found.contains_key(write)), "{at}: {found:#?} of {expected:#?}");
            bench.settle().await;
            bench.verify_clean().await;
        }
        cuts.len()
    }
}

fn leaving() -> Mesh {
    let mut mesh = mesh_of(3, "", ALWAYS);
    mesh.clusters[2].state = State::Absent;
    mesh
}

fn over_tls() -> Mesh {
    let mut mesh = mesh_of(2, "", "");
    mesh.defaults.transport = Transport::Tls;
    mesh
}

const ALWAYS: &str = "policy: {xcp_restart: {after_delete: always}}\n";
const PARAMETERS: &str = "parameters:\n  Cisco SIP Proxy: {Maximum no. of processes: 10}\n";

async fn check(scene: Scene) {
    check_share(scene, (0, 1)).await;
}

async fn check_share(scene: Scene, share: (usize, usize)) {
    let mut cuts = 0;
    for seed in scene.seeds.clone() {
        cuts += scene.holds(seed, share).await;
    }
    assert!(cuts > 20, "{}: {cuts} cuts", scene.name);
    println!("{}: {cuts} cuts", scene.name);
}

#[tokio::test(start_paused = true)]
async fn a_mesh_is_made_whatever_record_the_run_ends_at() {
    check(Scene::new("join", 0..4, || mesh_of(2, "", ""))).await;
}

#[tokio::test(start_paused = true)]
async fn a_cluster_leaves_whatever_record_the_run_ends_at() {
    check(Scene { before: Some(|| mesh_of(3, "", ALWAYS)), ..Scene::new("leave", 0..2, leaving) }).await;
}

#[tokio::test(start_paused = true)]
async fn links_go_over_to_tls_whatever_record_the_run_ends_at() {
    check(Scene { before: Some(|| mesh_of(2, "", "")), ..Scene::new("tls", 0..2, over_tls) }).await;
}

#[tokio::test(start_paused = true)]
async fn certificates_are_exchanged_again_whatever_record_the_run_ends_at() {
    let damage: fn(&Bench) = |bench| bench.lab.world().regenerate_certificates(&bench.mesh.clusters[0].name).unwrap();
    check(Scene { before: Some(over_tls), damage, ..Scene::new("certificates", 0..4, over_tls) }).await;
}

#[tokio::test(start_paused = true)]
async fn five_clusters_are_linked_whatever_record_the_run_ends_at() {
    check_share(Scene::new("five, a half", 0..1, || mesh_of(5, "", "")), (0, 2)).await;
}

#[tokio::test(start_paused = true)]
async fn five_clusters_are_linked_whatever_other_record_the_run_ends_at() {
    check_share(Scene::new("five, the other half", 0..1, || mesh_of(5, "", "")), (1, 2)).await;
}

#[tokio::test(start_paused = true)]
async fn parameters_are_set_whatever_record_the_run_ends_at() {
    check(Scene::new("parameters", 0..2, || mesh_of(2, "", PARAMETERS))).await;
}

/// The clocks of two runners may differ by as much as leases allow for: a restart that the first ordered is still known.
#[tokio::test(start_paused = true)]
async fn a_restart_is_ordered_once_also_where_who_goes_on_has_a_clock_that_is_behind() {
    let scene = Scene { before: Some(|| mesh_of(3, "", ALWAYS)), ..Scene::new("leave", 0..1, leaving) };
    let terms = Terms::default();
    let behind = (terms.margin + terms.skew).as_secs() as i64;
    for records in 1.. {
        let (bench, kept) = (scene.bench(0).await, Kept::new());
        let from = bench.lab.writes().len();
        let plan = bench.plan().await;
        let (whole, _) = sit(&bench, &kept, &plan, 0, Cut::BeforeTheNext(records)).await;
        if whole.is_some() {
            assert!(records > 20, "{records} records");
            return;
        }
        bench.lab.clock().wait(Duration::from_secs(300)).await;
        sit_behind(&bench, &kept, &plan, 1, Cut::Never, behind).await;
        let twice: Vec<_> =
            writes(&bench, from).into_iter().filter(|(w, n)| w.contains("Restart(") && *n > 1).collect();
        assert!(twice.is_empty(), "{records} records: {twice:?}");
    }
}

/// What was prepared and taken back is not relied upon: what was between is left to a new plan.
#[tokio::test(start_paused = true)]
async fn what_stood_between_a_step_and_its_finalizer_needs_a_new_plan() {
    let bench = Bench::new(switching_mesh(2), 1, |_| ());
    let plan = bench.plan().await;
    let kept = Kept::new();
    let (account, records) = sit(&bench, &kept, &plan, 0, Cut::Never).await;
    assert!(account.unwrap().complete());
    // the same journal, as if one restart in the middle had failed
    let state = kept.store.run("test", &RUN.parse().unwrap()).await.unwrap();
    let off = plan.steps.iter().find(|s| s.id.0.starts_with("ha-off/")).unwrap();
    let restart = plan
        .steps
        .iter()
        .find(|s| s.cluster == off.cluster && matches!(s.action, intermesh::plan::step::Action::Restart { .. }))
        .unwrap();
    let mut failed = state.clone();
    let why = "it hangs in Starting".to_owned();
    let Some(Stage::Ended { started, at, .. }) = failed.steps.get(&restart.id).cloned() else { panic!("{records}") };
    let outcome = intermesh::store::Outcome::Failed { why, wrote: true };
    failed.steps.insert(restart.id.clone(), Stage::Ended { started, at, outcome });
    assert_eq!((Earlier::of(&plan, &state).closed(), Earlier::of(&plan, &failed).closed()), (0, 1));
    assert_eq!(Earlier::of(&plan, &failed).in_doubt(), 0, "it is not tried again with High Availability on");
    // the run ended before it was written down that it is on again, which it may be
    let on = plan.steps.iter().find(|s| s.finalizes.as_ref() == Some(&off.id)).unwrap();
    let Some(Stage::Ended { started: Some(at), .. }) = failed.steps.get(&on.id).cloned() else { panic!("{records}") };
    failed.steps.insert(on.id.clone(), Stage::Started { at, sitting: 0 });
    let earlier = Earlier::of(&plan, &failed);
    assert_eq!((earlier.closed(), earlier.in_doubt()), (1, 1), "the finalizer alone is gone on with");
    // whether it was switched off at all is not known, but that it is on again: nobody switches it off once more
    let mut unknown = state.clone();
    let why = "the answer did not come".to_owned();
    let outcome = intermesh::store::Outcome::Unknown { why };
    unknown.steps.insert(off.id.clone(), Stage::Ended { started: Some(at), at, outcome });
    let earlier = Earlier::of(&plan, &unknown);
    assert_eq!((earlier.closed(), earlier.in_doubt()), (1, 0));
}

/// Wherever a run ends, its journal tells of every group that is off; what it is sure of is so. Gone on with, all are on.
#[tokio::test(start_paused = true)]
async fn high_availability_that_is_left_off_is_told_at_every_record() {
    let off = |bench: &Bench| {
        let world = bench.lab.world();
        let names = bench.mesh.clusters.iter().map(|c| &c.name);
        let groups = names.flat_map(|name| world.groups(name).into_iter().map(|g| (name.clone(), g)));
        groups.filter(|(_, g)| !g.enabled && g.nodes.len() > 1).map(|(c, g)| (c, g.name)).collect::<BTreeSet<_>>()
    };
    let (mut cuts, mut left, mut unsure) = (0, 0, 0);
    let records = {
        let bench = Bench::new(switching_mesh(2), 1, |_| ());
        sit(&bench, &Kept::new(), &bench.plan().await, 0, Cut::Never).await.1
    };
    for cut in (1..records).flat_map(|n| [Cut::BeforeTheNext(n), Cut::After(n)]) {
        let (bench, kept) = (Bench::new(switching_mesh(2), 1, |_| ()), Kept::new());
        let plan = bench.plan().await;
        assert!(sit(&bench, &kept, &plan, 0, cut).await.0.is_none(), "{cut:?}");
        let told = kept.store.switched_off("test").await.unwrap();
        let state = kept.store.run("test", &RUN.parse().unwrap()).await.unwrap();
        assert_eq!(told, switched_off(&plan, &state), "{cut:?}: the store tells what the journal tells");
        let key = |off: &SwitchedOff| (off.cluster.clone(), off.group.clone());
        let all: BTreeSet<_> = told.iter().map(key).collect();
        let sure: BTreeSet<_> = told.iter().filter(|t| t.certain).map(key).collect();
        let is_off = off(&bench);
        assert!(is_off.is_subset(&all), "{cut:?}: {is_off:?} are off, and told is {told:?}");
        assert!(sure.is_subset(&is_off), "{cut:?}: {is_off:?} are off, and told is {told:?}");
        assert!(told.iter().all(|t| t.unfinished), "{told:?}");
        (cuts, left, unsure) = (cuts + 1, left + is_off.len(), unsure + all.len() - sure.len());
        let (account, _) = sit(&bench, &kept, &plan, 1, Cut::Never).await;
        assert!(account.unwrap().complete(), "{cut:?}");
        assert_eq!(
            (off(&bench), kept.store.switched_off("test").await.unwrap()),
            (BTreeSet::new(), Vec::new()),
            "{cut:?}"
        );
    }
    assert!(left > 0 && unsure > 0, "{left} groups left off, {unsure} unsure");
    println!("{cuts} cuts: {left} times a group was left off, {unsure} times the journal could not be sure");
}

/// Who made a new plan in place of going on is told, too; until somebody plans again and reads that it is on.
#[tokio::test(start_paused = true)]
async fn a_later_run_does_not_hide_what_an_earlier_one_left_off() {
    let plan = Bench::new(switching_mesh(2), 1, |_| ()).plan().await;
    let mut records = 0;
    let (bench, kept, group) = loop {
        records += 1;
        let (bench, kept) = (Bench::new(switching_mesh(2), 1, |_| ()), Kept::new());
        sit(&bench, &kept, &plan, 0, Cut::After(records)).await;
        let told = kept.store.switched_off("test").await.unwrap();
        if let Some(off) = told.into_iter().find(|off| off.certain) {
            break (bench, kept, off);
        }
    };
    let store = &kept.store;
    let clock: Arc<dyn Clock> = Arc::new(bench.lab.clock());
    let id: RunId = RUN.parse().unwrap();
    let (aside, _, _) = Journal::resume(store, "test", &id, &owner(1), clock.clone()).await.unwrap();
    aside.end(End::Partly).await.unwrap();
    let run = async |name: &str, plan: &Plan| {
        let journal = Journal::begin(store, name.parse().unwrap(), plan, &owner(2), clock.clone()).await.unwrap();
        journal.end(End::Paused).await.unwrap();
    };
    let next = bench.plan().await;
    assert!(!next.steps.iter().any(|s| *s.id.0 == *format!("ha-off/{}/{}", group.cluster, group.group)), "it is off");
    run("2026-11-22T13-07-05Z-3f2b", &next).await;
    let told = kept.store.switched_off("test").await.unwrap();
    let [told] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!((told.run.to_string(), told.unfinished), (RUN.to_owned(), false), "the run that did it, which is over");
    run("2026-11-22T14-07-05Z-3f2c", &plan).await;
    assert_eq!(
        kept.store.switched_off("test").await.unwrap(),
        [],
        "whoever planned to switch it off read that it was on"
    );
}

/// A journal that takes no more records, and a lease that is lost: nothing is written any more, and the account says so.
#[tokio::test(start_paused = true)]
async fn what_cannot_be_written_down_is_not_done() {
    struct Full {
        left: AtomicUsize,
        lost: bool,
    }
    #[async_trait]
    impl Log for Full {
        async fn started(&self, _: &StepId) -> Result<(), String> {
            self.take()
        }
        async fn ended(&self, _: &StepId, _: &Outcome) -> Result<(), String> {
            self.take()
        }
        fn may_write(&self) -> Result<(), String> {
            let over = self.lost && self.left.load(Ordering::Relaxed) == 0;
            if over { Err("the lease was lost".into()) } else { Ok(()) }
        }
    }
    impl Full {
        fn take(&self) -> Result<(), String> {
            let took = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1)).is_ok();
            if took || self.lost { Ok(()) } else { Err("the disk is full".into()) }
        }
    }
    for (lost, words) in [(false, "the disk is full"), (true, "the lease was lost")] {
        for records in 0..12 {
            let bench = Bench::new(mesh_of(2, "", ""), 1, |_| ());
            let plan = bench.plan().await;
            let operators: Operators =
                bench.mesh.clusters.iter().map(|c| (c.name.clone(), bench.lab.operator(&c.name))).collect();
            let (clock, stop) = (bench.lab.clock(), AtomicBool::new(false));
            let log = Full { left: AtomicUsize::new(records), lost };
            let tell = |_: &Event| ();
            let mut run = Run::new(&operators, &bench.vault, &clock, &stop, &tell);
            run.log = Some(&log);
            let account = carry_out(&plan, &run).await;
            assert_eq!(account.halted.as_deref(), Some(words), "{records} records");
            assert!(!account.interrupted && !account.closed && !account.complete());
            let written = bench.lab.writes().len();
            assert!(written <= records, "{written} writes with {records} records");
            assert!(records > 0 || (written == 0 && !account.wrote()), "{account:?}");
            assert!(intermesh::report::account(&plan, &account).contains(words));
        }
    }
}

/// A restart is ordered once, also where the run ends right after the order.
#[tokio::test(start_paused = true)]
async fn a_restart_in_doubt_is_settled_by_the_up_time() {
    let scene = Scene { before: Some(|| mesh_of(3, "", ALWAYS)), ..Scene::new("leave", 0..1, leaving) };
    let bench = scene.bench(0).await;
    let from = bench.lab.writes().len();
    let plan = bench.plan().await;
    let kept = Kept::new();
    let mut sitting = 0;
    // every sitting dies with its second record: what it did after the first is not written down
    let account = loop {
        let (account, _) = sit(&bench, &kept, &plan, sitting, Cut::BeforeTheNext(1)).await;
        if let Some(account) = account {
            break account;
        }
        sitting += 1;
        assert!(sitting < 500, "it goes on for ever");
        if sitting % 3 == 0 {
            // somebody comes back much later
            bench.lab.clock().wait(Duration::from_secs(3600)).await;
        }
    };
    assert!(account.complete(), "{}", intermesh::report::account(&plan, &account));
    assert!(sitting > 10, "{sitting}");
    let restarts = writes(&bench, from);
    let of_routers: Vec<_> = restarts.iter().filter(|(write, _)| write.contains("Restart(")).collect();
    assert!(!of_routers.is_empty() && of_routers.iter().all(|(_, times)| **times == 1), "{restarts:#?}");
    assert!(bench.lab.writes().iter().any(|w| w.effect == Effect::Restart(service::XCP_ROUTER)));
}

/// A journal takes one record at a time. While one step's record is on its way, another step fails and the steps after it
/// are skipped, which is written down too: the first record must still arrive.
#[tokio::test(start_paused = true)]
async fn what_is_written_down_of_skipped_steps_never_waits_for_a_step_that_waits_for_it() {
    struct Slow(tokio::sync::Mutex<()>, std::sync::atomic::AtomicU64);
    #[async_trait]
    impl Log for Slow {
        async fn started(&self, _: &StepId) -> Result<(), String> {
            self.write().await
        }
        async fn ended(&self, _: &StepId, _: &Outcome) -> Result<(), String> {
            self.write().await
        }
        fn may_write(&self) -> Result<(), String> {
            Ok(())
        }
    }
    impl Slow {
        async fn write(&self) -> Result<(), String> {
            let _one = self.0.lock().await;
            // not all records take as long
            let n = self.1.fetch_add(7, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(300 + n % 900)).await;
            Ok(())
        }
    }
    let links = "topology: {shape: links, links: [{between: [c00, c01]}, {between: [c02, c03]}]}\n";
    for seed in 0..20 {
        let bench = Bench::new(mesh_of(4, links, ""), seed, |_| ());
        for cluster in ["c00", "c01", "c02", "c03"] {
            let kind = ErrorKind::Refused { message: "Operation is pending".into() };
            bench.lab.inject(Fault { cluster: cluster.into(), call: "add_peer", kind, effect: false, times: 9 });
        }
        let plan = bench.plan().await;
        let operators: Operators =
            bench.mesh.clusters.iter().map(|c| (c.name.clone(), bench.lab.operator(&c.name))).collect();
        let (clock, stop) = (bench.lab.clock(), AtomicBool::new(false));
        let log = Slow(tokio::sync::Mutex::new(()), std::sync::atomic::AtomicU64::new(seed * 131));
        let tell = |_: &Event| ();
        let mut run = Run::new(&operators, &bench.vault, &clock, &stop, &tell);
        run.log = Some(&log);
        let ended = tokio::time::timeout(Duration::from_secs(30 * 24 * 3600), carry_out(&plan, &run)).await;
        let account = ended.unwrap_or_else(|_| panic!("seed {seed}: the run hangs"));
        assert!(account.totals().failed >= 2 && account.totals().skipped > 2, "{:?}", account.totals());
    }
}

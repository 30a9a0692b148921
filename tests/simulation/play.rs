//! One story from its seed to its end: plans are made, processes work on them and end in every way, others go on, and when
//! nothing goes wrong any more the clusters are as the file says.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use futures::FutureExt;
use intermesh::apply::{Account, Earlier, Event, Journaled, Log, Operators, Outcome, Run, carry_out};
use intermesh::cluster::{Clock, ClusterName, Operate};
use intermesh::lab::{self, InMemory};
use intermesh::plan::Plan;
use intermesh::plan::step::StepId;
use intermesh::plan::verify::{Problem, Side, verify};
use intermesh::store::{End, Journal, Owner, RunId, Store, StoreError, Terms, Wanted};
use tokio::time::sleep;

use crate::Mutant;
use crate::accidents::{WrongClock, arrange, by_hand};
use crate::judge;
use crate::objects::Objects;
use crate::scenario::{Ending, Scenario};
use crate::seam::Seam;
use crate::stage::Stage;
use crate::support::Bench;
use crate::watch::Watch;
use crate::world;

/// More plans and sittings than any story needs: a clock that was set back by an hour leaves a lease that nobody may take for
/// so long, and a disk may be full for most of the time.
const MOST: usize = 300;

/// How a story went.
#[derive(Debug)]
pub struct Story {
    /// The trace as a number.
    pub trace: u64,
    pub events: usize,
    pub sittings: usize,
    pub broken: Vec<String>,
    pub faults: BTreeMap<&'static str, usize>,
    pub lines: Vec<String>,
}

/// Plays the story of a seed.
pub fn play(seed: u64, mutant: Option<Mutant>, keeps_lines: bool) -> Story {
    let scenario = Scenario::of(seed);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let stage = Stage::new(&scenario, keeps_lines);
        let mut player = Player::new(&scenario, stage.clone(), mutant);
        // what is not as the file says panics; the trace tells how it came to that
        if let Err(panic) = AssertUnwindSafe(player.play_out()).catch_unwind().await {
            stage.broken(crate::words_of(&*panic));
        }
        let mut inner = stage.lock();
        Story {
            trace: inner.trace.number(),
            events: inner.trace.events(),
            sittings: player.sittings,
            broken: std::mem::take(&mut inner.broken),
            faults: std::mem::take(&mut inner.faults),
            lines: inner.trace.lines.take().unwrap_or_default(),
        }
    })
}

struct Player<'a> {
    scenario: &'a Scenario,
    stage: Stage,
    mutant: Option<Mutant>,
    bench: Bench,
    objects: Arc<object_store::memory::InMemory>,
    store: Store,
    /// The same objects, on a way that is never cut off; whoever looks at them takes it, too.
    rivals_store: Store,
    clock: Arc<WrongClock>,
    ends: Vec<Ending>,
    sittings: usize,
    work: Option<Work>,
    /// What was told to people.
    texts: Mutex<Vec<String>>,
}

/// A run that has begun and not come to its end.
struct Work {
    run: RunId,
    plan: Plan,
    watch: Watch,
    operators: Operators,
    /// The same clusters, on another way.
    rivals: Operators,
    /// What the world's log held before.
    from: usize,
}

/// Who works, and the ways that it has.
struct Process<'a> {
    owner: Owner,
    store: &'a Store,
    operators: &'a Operators,
}

/// How a sitting was over.
enum Over {
    Died,
    /// The store did not let it begin.
    NotBegun(String),
    /// With so many steps that only a new plan can do, and whether its end is written down.
    Ended(Account, usize, bool),
}

impl<'a> Player<'a> {
    fn new(scenario: &'a Scenario, stage: Stage, mutant: Option<Mutant>) -> Player<'a> {
        let bench = scenario.case.bench_made(InMemory::in_the_runtimes_time);
        let objects = Arc::new(object_store::memory::InMemory::new());
        let over = |stage: Stage| Store::over(Arc::new(Objects { inner: objects.clone(), stage }), "simulated");
        let (store, rivals_store) = (over(stage.clone()), over(stage.of_rival()));
        let clock = Arc::new(WrongClock { right: bench.lab.clock(), seconds: AtomicI64::new(0) });
        let mut ends = scenario.ends.clone();
        ends.reverse();
        let texts = Mutex::default();
        Player {
            scenario,
            stage,
            mutant,
            bench,
            objects,
            store,
            rivals_store,
            clock,
            ends,
            sittings: 0,
            work: None,
            texts,
        }
    }

    async fn play_out(&mut self) {
        // nobody plans in the minute in which something goes down
        sleep(Duration::from_secs(300)).await;
        arrange(self.scenario, &self.bench.lab, &self.clock, &self.stage, self.mutant);
        for _ in 0..MOST {
            let worn_out =
                self.ends.is_empty() && self.stage.now() > self.scenario.calm_after() + Duration::from_secs(300);
            if worn_out && !self.stage.lock().quiet && self.work.is_none() {
                self.stage.tell("all is quiet");
                self.stage.lock().quiet = true;
            }
            let unfinished = match self.rivals_store.last_unfinished("test").await {
                Ok(run) => run,
                Err(error) => return self.stage.broken(format!("the runs cannot be listed: {error}")),
            };
            let over = match unfinished {
                Some(run) => self.go_on(run).await,
                None => {
                    self.finish_work(true);
                    let Some(plan) = self.plan().await else { continue };
                    if plan.is_empty() {
                        if !self.stage.lock().quiet {
                            self.ends.clear();
                            sleep(Duration::from_secs(600)).await;
                            continue;
                        }
                        return self.look_at_the_end().await;
                    }
                    self.begin(plan).await
                }
            };
            match over {
                Over::Ended(account, closed, written) => self.ended(&account, closed, written).await,
                Over::NotBegun(why) => {
                    self.stage.tell(format_args!("not begun: {why}"));
                    sleep(Duration::from_secs(90)).await;
                }
                Over::Died => {
                    if let Some(work) = &self.work
                        && self.rivals_store.run("test", &work.run).await.is_ok()
                    {
                        judge::journal_tells(&self.stage, &self.rivals_store, &work.run, &work.plan, None).await;
                    }
                    let pause = [1, 5, 150, 3_700][self.stage.lock().dice.below(4)];
                    sleep(Duration::from_secs(pause)).await;
                }
            }
        }
        let left = self.plan().await.map(|plan| plan.changes);
        self.stage.broken(format!("still something to do after {} sittings: {left:#?}", self.sittings));
    }

    /// A plan; none while something cannot be read.
    async fn plan(&mut self) -> Option<Plan> {
        let fault = {
            let mut inner = self.stage.lock();
            inner.seam_fails(8).then(|| {
                inner.count("read lost while planning");
                (inner.dice.below(8), inner.dice.below(64))
            })
        };
        if let Some((call, cluster)) = fault {
            let call =
                ["identity", "nodes", "services", "sync_status", "peers", "peer_status", "notifications", "users"]
                    [call];
            let cluster = self.bench.mesh.clusters[cluster % self.bench.mesh.clusters.len()].name.clone();
            let kind = intermesh::cluster::ErrorKind::Unreachable { detail: "connection reset".into() };
            self.bench.lab.inject(lab::Fault { cluster, call, kind, effect: false, times: 1 });
        }
        let plan = self.bench.plan_with(&world::options(&self.bench)).await;
        let unread = plan.stage.last && !plan.unread.is_empty();
        if unread || !plan.refusals.is_empty() {
            self.stage.tell(format_args!("unread {:?}, refused {:?}", plan.unread, plan.refusals));
            sleep(Duration::from_secs(120)).await;
            return None;
        }
        Some(plan)
    }

    fn owner(&self) -> Owner {
        let nonce = format!("sitting-{}", self.sittings);
        Owner { user: "jane".into(), host: "ops1".into(), pid: 4711, job: None, nonce }
    }

    fn rival(&self, tries: usize) -> Owner {
        let nonce = format!("rival-{}-{tries}", self.sittings);
        Owner { user: "joe".into(), host: "ops2".into(), pid: 4712, job: None, nonce }
    }

    /// A new run; what was unfinished is finished.
    async fn begin(&mut self, plan: Plan) -> Over {
        // the strictest: nothing of a link may overlap where no step ever fails
        let mut case = self.scenario.case.clone();
        if !self.scenario.only_ends() {
            case.fault = Some(crate::case::Fault { cluster: 0, call: "", lost: false, effect: false });
        }
        let (watch, watched) = Watch::over(&self.bench, &case);
        let seams = |stage: &Stage| -> Operators {
            let seam = |(name, inner): (&ClusterName, &Arc<dyn Operate>)| {
                let seam = Seam { inner: inner.clone(), stage: stage.clone(), mutant: self.mutant };
                (name.clone(), Arc::new(seam) as Arc<dyn Operate>)
            };
            watched.iter().map(seam).collect()
        };
        let (operators, rivals) = (seams(&self.stage), seams(&self.stage.of_rival()));
        let from = self.bench.lab.writes().len();
        self.sittings += 1;
        let run = RunId::new(self.clock.now(), &self.owner());
        self.work = Some(Work { run, plan, watch, operators, rivals, from });
        self.sit(false).await
    }

    async fn go_on(&mut self, run: RunId) -> Over {
        if self.work.as_ref().is_none_or(|work| work.run != run) {
            self.stage.broken(format!("run {run} is unfinished, and is not the one in hand"));
            self.work = None;
            return Over::NotBegun("it is a stranger's".into());
        }
        self.sittings += 1;
        self.sit(true).await
    }

    async fn sit(&mut self, again: bool) -> Over {
        let ending = self.ends.pop();
        {
            let mut inner = self.stage.lock();
            (inner.ending, inner.dead, inner.taken, inner.objects, inner.orders) = (ending, false, false, 0, 0);
        }
        let work = self.work.as_ref().unwrap();
        self.stage.tell(format_args!("sitting {} at {} ends {ending:?}", self.sittings, work.run));
        self.stage.works_at(&work.run, &work.plan, again);
        let at = |ending: Option<Ending>, kill: bool| async move {
            match ending {
                Some(Ending::At(at)) if kill => sleep(at).await,
                Some(Ending::Interrupted(at)) if !kill => sleep(at).await,
                _ => std::future::pending().await,
            }
        };
        let stop = AtomicBool::new(false);
        let interrupt = async {
            at(ending, false).await;
            self.stage.tell("Ctrl-C");
            stop.store(true, Ordering::Relaxed);
            std::future::pending::<()>().await;
        };
        let process = Process { owner: self.owner(), store: &self.store, operators: &work.operators };
        let first = async {
            tokio::select! {
                biased;
                () = self.stage.death.notified() => Over::Died,
                () = at(ending, true) => {
                    self.stage.tell("killed");
                    self.stage.lock().dead = true;
                    Over::Died
                }
                () = interrupt => Over::Died,
                over = self.work_on(work, process, again, &stop) => over,
            }
        };
        let over = self.beside_a_rival(work, first).await;
        // the next process lives
        self.stage.lock().dead = false;
        over
    }

    /// A process at work, while another one wants its place. Both are seen through; what counts is what the last one did.
    async fn beside_a_rival(&self, work: &Work, first: impl Future<Output = Over>) -> Over {
        let Some(rival) = self.scenario.rival else { return first.await };
        let over = AtomicBool::new(false);
        let second = async {
            for tries in 0.. {
                sleep(rival.every).await;
                if over.load(Ordering::Relaxed) {
                    break;
                }
                let process = Process { owner: self.rival(tries), store: &self.rivals_store, operators: &work.rivals };
                match self.work_on(work, process, true, &AtomicBool::new(false)).await {
                    Over::NotBegun(why) => {
                        self.stage.tell(format_args!("the rival does not begin: {why}"));
                        self.stage.lock().count("rival kept out");
                    }
                    ended => {
                        self.stage.tell("the rival has ended");
                        self.stage.lock().count("rival took over");
                        return Some(ended);
                    }
                }
            }
            None
        };
        let first = async {
            let ended = first.await;
            over.store(true, Ordering::Relaxed);
            ended
        };
        let (first, second) = tokio::join!(biased; first, second);
        if let (Over::Ended(account, ..), Some(_)) = (&first, &second) {
            judge::account_adds_up(&self.stage, &work.plan, account);
        }
        second.unwrap_or(first)
    }

    /// What a process does, around the executor and with it.
    async fn work_on(&self, work: &Work, process: Process<'_>, again: bool, stop: &AtomicBool) -> Over {
        let Process { owner, store, operators } = process;
        let clock: Arc<dyn Clock> = self.clock.clone();
        let wanted = Wanted::of(&self.bench.mesh, work.run.clone());
        let lease = match store.acquire(&wanted, &owner, clock.clone(), Terms::default()).await {
            Ok(lease) => lease,
            Err(error) => return Over::NotBegun(error.to_string()),
        };
        let begun = if again {
            let resumed = Journal::resume(store, "test", &work.run, &owner, clock.clone()).await;
            resumed.map(|(journal, plan, stood)| {
                if plan != work.plan {
                    self.stage.broken("the plan that was kept is another".into());
                }
                (journal, Earlier::of(&plan, &stood))
            })
        } else {
            let begun = Journal::begin(store, work.run.clone(), &work.plan, &owner, clock.clone()).await;
            begun.map(|journal| (journal, Earlier::default()))
        };
        let (journal, earlier) = match begun {
            Ok(begun) => begun,
            Err(error) => {
                let _ = lease.release().await;
                return Over::NotBegun(error.to_string());
            }
        };
        let closed = earlier.closed();
        let log = Journaled { journal: &journal, lease: &lease, clock };
        let log = Telling { log, stage: &self.stage, mutant: self.mutant, secret: self.secret() };
        let tell = |event: &Event| self.texts.lock().unwrap().push(format!("{event:?}"));
        let mut run = Run::new(operators, &self.bench.vault, &*self.clock, stop, &tell);
        run.log = Some(&log);
        run.earlier = earlier;
        let account = carry_out(&work.plan, &run).await;
        let mut written = false;
        if account.halted.is_none() {
            let end = match () {
                () if account.complete() => End::Done,
                () if account.interrupted && closed == 0 => End::Paused,
                () => End::Partly,
            };
            written = journal.end(end).await.is_ok();
            self.stage.tell(format_args!("{end:?}: {written}"));
        }
        self.release(lease.release().await);
        Over::Ended(account, closed, written)
    }

    fn release(&self, released: Result<(), StoreError>) {
        if let Err(error) = released {
            self.stage.tell(format_args!("not given back: {error}"));
        }
    }

    fn secret(&self) -> String {
        use secrecy::ExposeSecret;
        self.bench.lab.world().spec().clusters[0].accounts[0].account.password.expose_secret().to_owned()
    }

    async fn ended(&mut self, account: &Account, closed: usize, written: bool) {
        let Some(work) = &self.work else { return };
        self.stage.tell(format_args!("ended: {:?} {:?}", account.totals(), account.halted));
        judge::account_adds_up(&self.stage, &work.plan, account);
        judge::journal_tells(&self.stage, &self.rivals_store, &work.run, &work.plan, Some(account)).await;
        let told = intermesh::report::account(&work.plan, account);
        let to_its_end = !account.interrupted && closed == 0;
        if self.scenario.only_ends() && !self.scenario.case.hides() && to_its_end && !account.complete() {
            self.stage.broken(format!("nothing went wrong but that processes ended, and it is not complete: {told}"));
        }
        self.texts.lock().unwrap().push(told);
        let unfinished = !written || (account.interrupted && closed == 0);
        if !unfinished {
            // a finalizer that failed, and says so, is not left undone in silence
            let undone =
                work.plan.steps.iter().zip(&account.steps).any(|(s, (_, o))| s.finalizes.is_some() && !o.is_done());
            self.finish_work(!undone);
        }
    }

    /// The run is over: what was done in it, all sittings together, is judged.
    fn finish_work(&mut self, finalized: bool) {
        let Some(work) = self.work.take() else { return };
        judge::nothing_twice(&self.stage, &self.bench, &work.plan, work.from, self.scenario.clocks_agree());
        let mut broken = work.watch.broken(&self.bench);
        broken.retain(|what| finalized || !what.contains("is left off"));
        judge::promises(&self.stage, broken);
    }

    async fn look_at_the_end(&mut self) {
        // entries that wait for their next try have it, and what syncs slowly ends
        sleep(Duration::from_secs(300)).await;
        self.force_what_verify_tells().await;
        let syncs = |bench: &Bench| {
            let world = bench.lab.world();
            bench.mesh.clusters.iter().any(|cluster| !world.first_syncs(&cluster.name).is_empty())
        };
        for _ in 0..200 {
            if !syncs(&self.bench) {
                break;
            }
            sleep(Duration::from_secs(900)).await;
        }
        let texts = self.texts.lock().unwrap().clone();
        judge::no_secret(&self.stage, &self.bench, &self.objects, &texts).await;
        world::as_the_file_says(&self.bench);
        self.stage.tell(format_args!("{} orders", self.bench.lab.writes().len()));
    }
}

impl Player<'_> {
    /// An entry that was saved in the seconds after its node had gone down by itself may never sync by itself. No plan knows
    /// how that came to be; verification tells it, and who reads it forces the sync.
    async fn force_what_verify_tells(&mut self) {
        let plan = self.bench.plan_with(&world::options(&self.bench)).await;
        let found = verify(&self.bench.mesh, &plan.snapshot);
        let touched = self.stage.lock().touched.clone();
        let never = |side: &&Side| side.problems.iter().any(|p| matches!(p, Problem::Users { found: Some(0), .. }));
        for side in found.sides.iter().filter(never).filter(|side| touched.contains(side.cluster.as_str())) {
            let there = self.bench.mesh.cluster(&side.to).unwrap().publisher.clone();
            self.stage.tell(format_args!("{} is told to sync with {there}", side.cluster));
            self.stage.lock().count("sync forced by hand");
            by_hand(&self.bench.lab, &self.stage, |world| {
                let _ = world.force_sync(&side.cluster, &there, false);
            });
        }
        sleep(Duration::from_secs(60)).await;
    }
}

/// The log of a run, or of one with a bug that is planted.
struct Telling<'a> {
    log: Journaled<'a>,
    stage: &'a Stage,
    mutant: Option<Mutant>,
    secret: String,
}

#[async_trait]
impl Log for Telling<'_> {
    async fn started(&self, step: &StepId) -> Result<(), String> {
        match self.mutant {
            Some(Mutant::ForgetsStarted) => Ok(()),
            Some(Mutant::ActsUnwritten) => self.log.started(step).await.or(Ok(())),
            _ => self.log.started(step).await,
        }
    }

    async fn ended(&self, step: &StepId, outcome: &Outcome) -> Result<(), String> {
        self.stage.tell(format_args!("step {step}: {outcome:?}"));
        match (self.mutant, outcome) {
            (Some(Mutant::TellsSecrets), Outcome::Done { wrote, .. }) => {
                let note = Some(format!("added with {}", self.secret));
                self.log.ended(step, &Outcome::Done { wrote: *wrote, note }).await
            }
            (Some(Mutant::ActsUnwritten), _) => self.log.ended(step, outcome).await.or(Ok(())),
            _ => self.log.ended(step, outcome).await,
        }
    }

    fn may_write(&self) -> Result<(), String> {
        match self.mutant {
            Some(Mutant::ActsUnwritten) => Ok(()),
            _ => self.log.may_write(),
        }
    }
}

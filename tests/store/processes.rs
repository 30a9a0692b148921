//! Two runners in two processes, on a folder, and on whatever store `INTERMESH_TEST_STORE` names (see `tests/s3`).
//! The parent says go, both try, and their answers are compared.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use intermesh::cluster::{Clock, SystemClock};
use intermesh::store::{Journal, Outcome, Owner, RunId, Store, StoreError, Terms, Wanted};

use super::bench::plan;

/// The store and the number of races, for a child.
const STORE: &str = "INTERMESH_TEST_STORE";

/// Short enough that a test need not wait long for the end of a dead runner's lease.
const SHORT: Terms = Terms {
    lasts: Duration::from_millis(1500),
    renewed_every: Duration::from_millis(250),
    margin: Duration::from_millis(300),
    skew: Duration::from_millis(500),
};

struct Runner {
    process: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Runner {
    fn start(store: &str) -> Runner {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--ignored", "--exact", "processes::runner", "--nocapture", "--quiet"]).env(STORE, store);
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (to, from) = (process.stdin.take().unwrap(), BufReader::new(process.stdout.take().unwrap()));
        Runner { process, to, from }
    }

    fn tell(&mut self, order: &str) {
        writeln!(self.to, "{order}").unwrap();
        self.to.flush().unwrap();
    }

    /// The next answer; the test harness's own lines are none.
    fn answer(&mut self) -> String {
        let mut line = String::new();
        loop {
            line.clear();
            assert_ne!(self.from.read_line(&mut line).unwrap(), 0, "the runner ended");
            if let Some((_, answer)) = line.trim_end().split_once("answer: ") {
                return answer.to_owned();
            }
        }
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What a child does: reads orders, tries, answers.
#[test]
#[ignore = "a runner, started by the other tests of this file"]
fn runner() {
    let store = std::env::var(STORE).expect("started by another test");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::open(&store).unwrap();
        let owner = Owner::of_this_process().unwrap();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
        let plan = plan().await;
        let (mut kept, mut resumed) = (Vec::new(), None);
        for order in std::io::stdin().lock().lines() {
            let order = order.unwrap();
            let (verb, mesh) = order.split_once(' ').unwrap();
            // both have answered the order before: nobody asks for that mesh any more
            kept.clear();
            let answer = match verb {
                "acquire" => {
                    let id = RunId::new(clock.now(), &owner);
                    let publishers = vec![("c00".into(), format!("imp1.{mesh}").as_str().into())];
                    let wanted = Wanted { mesh: mesh.into(), publishers, run: id.clone() };
                    match store.acquire(&wanted, &owner, clock.clone(), SHORT).await {
                        Ok(lease) => {
                            let mut plan = plan.clone();
                            plan.mesh.metadata.name = mesh.into();
                            let journal = Journal::begin(&store, id.clone(), &plan, &owner, clock.clone()).await;
                            kept.push((lease, journal.unwrap()));
                            format!("won {id}")
                        }
                        Err(StoreError::Held { claim, .. }) => format!("held {}", claim.owner.pid),
                        Err(error) => format!("error {error}"),
                    }
                }
                // both go on with one run, as no lease would let them
                "resume" => match Journal::resume(&store, "fight", &mesh.parse().unwrap(), &owner, clock.clone()).await
                {
                    Ok((journal, plan, _)) => {
                        resumed = Some((journal, plan));
                        "resumed".to_owned()
                    }
                    Err(error) => format!("error {error}"),
                },
                "write" => {
                    let (journal, plan) = resumed.take().unwrap();
                    let mut written = 0;
                    for step in &plan.steps {
                        let failed = Outcome::Failed { why: "a test".into(), wrote: false };
                        match journal.step_ended(&step.id, failed).await {
                            Ok(()) => written += 1,
                            Err(StoreError::TakenAway { .. }) => break,
                            Err(error) => panic!("{error}"),
                        }
                    }
                    format!("wrote {written}")
                }
                _ => panic!("{order}"),
            };
            println!("answer: {answer}");
        }
    });
}

/// Both ask for the same mesh at the same moment, so many times: each time one has it, and the other names it.
fn race(store: &str, times: usize) {
    let (mut a, mut b) = (Runner::start(store), Runner::start(store));
    let mut wins = [0, 0];
    for n in 0..times {
        let order = format!("acquire race-{n}");
        a.tell(&order);
        b.tell(&order);
        let (first, second) = (a.answer(), b.answer());
        let (winner, pid, loser) = match (first.starts_with("won "), second.starts_with("won ")) {
            (true, false) => (0, a.process.id(), &second),
            (false, true) => (1, b.process.id(), &first),
            _ => panic!("race {n}: `{first}` and `{second}`"),
        };
        assert_eq!(*loser, format!("held {pid}"), "race {n}: the owner is named");
        wins[winner] += 1;
    }
    println!("{times} races on {store}: {} and {} won", wins[0], wins[1]);
}

/// The owner is killed; the other has the mesh when the lease ends, and not before.
fn kill(store: &str) {
    let (mut a, mut b) = (Runner::start(store), Runner::start(store));
    a.tell("acquire killed");
    let won = a.answer();
    assert!(won.starts_with("won "), "{won}");
    a.process.kill().unwrap();
    a.process.wait().unwrap();
    let killed = Instant::now();
    loop {
        b.tell("acquire killed");
        let answer = b.answer();
        if answer.starts_with("won ") {
            break;
        }
        assert_eq!(answer, format!("held {}", a.process.id()));
        assert!(killed.elapsed() < Duration::from_secs(20), "a dead runner blocks for too long");
        std::thread::sleep(Duration::from_millis(50));
    }
    let after = killed.elapsed();
    // it was renewed at most one period before the kill
    let least = SHORT.lasts + SHORT.skew - 2 * SHORT.renewed_every;
    assert!(after >= least, "taken over after {after:?}");
    println!("killed on {store}: taken over after {after:.1?}");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let dead: RunId = won.strip_prefix("won ").unwrap().parse().unwrap();
        let state = Store::open(store).unwrap().run("killed", &dead).await.unwrap();
        assert!(state.broken.is_some_and(|broken| broken.by.pid == b.process.id()), "its journal is closed");
    });
}

/// Both go on with one run at the same moment, and then both write: the one that was there last has it, and every
/// record that one of them was told is written is there, once.
fn fight(store: &str, times: usize) {
    let (mut a, mut b) = (Runner::start(store), Runner::start(store));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let place = Store::open(store).unwrap();
    for n in 0..times {
        let owner = Owner::of_this_process().unwrap();
        let (id, steps) = runtime.block_on(async {
            let mut plan = plan().await;
            plan.mesh.metadata.name = "fight".into();
            let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
            let id = RunId::new(clock.now(), &owner);
            Journal::begin(&place, id.clone(), &plan, &owner, clock).await.unwrap();
            (id, plan.steps.len())
        });
        let mut both = |order: &str| {
            a.tell(&format!("{order} {id}"));
            b.tell(&format!("{order} {id}"));
            [a.answer(), b.answer()]
        };
        assert_eq!(both("resume"), ["resumed", "resumed"], "fight {n}: each has a number of its own");
        let mut wrote = both("write");
        wrote.sort();
        assert_eq!(wrote, ["wrote 0".to_owned(), format!("wrote {steps}")], "fight {n}");
        let there = runtime.block_on(place.entries("fight", &id)).unwrap().len();
        assert_eq!(there, 3 + steps, "fight {n}: the beginning, two resumptions, and every step once");
    }
    println!("{times} fights on {store}: each was won by whoever resumed last");
}

#[test]
fn two_processes_on_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store").display().to_string();
    race(&store, 100);
    kill(&store);
    fight(&store, 20);
}

#[test]
#[ignore = "needs a server: tests/s3/run.sh"]
fn two_processes_on_a_server() {
    let store = std::env::var(STORE).expect("the address of a store");
    race(&store, 30);
    kill(&store);
    fight(&store, 5);
}

//! Whole processes over sockets: killed at any moment of an apply, and raced for one mesh. Each lab is a process of its own;
//! what happens in it is told by a test of this file that runs inside.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "clippy takes the functions beside the tests for no tests")]
#![allow(clippy::print_stdout, reason = "the numbers are a result")]

mod command;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use command::{Ended, example, intermesh};

/// Kills, shared among so many labs at a time.
const KILLS: usize = 52;
const LABS: usize = 4;
/// Pairs of processes that begin at the same moment.
const RACES: usize = 100;

fn mesh() -> PathBuf {
    example("three-full.yaml")
}

/// Runs a test of this file inside a lab.
fn inside(lab: usize, test: &str) -> Ended {
    let me = std::env::current_exe().unwrap();
    let me = me.to_str().unwrap();
    command::lab(&mesh(), lab as u64, &[me, "--ignored", "--exact", test, "--nocapture"])
}

/// The lines that it printed for us.
fn told(ended: &Ended) -> String {
    assert_eq!(ended.code, 0, "{ended}");
    let lines = ended.out.lines().filter_map(|line| line.split_once("told: ")).map(|(_, told)| told.to_owned() + "\n");
    lines.collect()
}

/// What is known inside a lab.
struct Inside {
    store: PathBuf,
}

impl Inside {
    fn here() -> Inside {
        let overlay = std::env::var("INTERMESH_OVERLAY").expect("started by another test, in a lab");
        Inside { store: Path::new(&overlay).parent().unwrap().join("store") }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(intermesh());
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        let Output { status, stdout, stderr } = self.command(arguments).arg(mesh()).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Ended { code: status.code().unwrap_or(-1), out: text(stdout), err: text(stderr) }
    }

    fn expect(&self, arguments: &[&str], code: i32) -> Ended {
        let ended = self.run(arguments);
        assert_eq!(ended.code, code, "{arguments:?}: {ended}");
        ended
    }

    /// A lab in its first state, and no run of it.
    fn anew(&self) {
        assert!(self.command(&["lab", "reset"]).status().unwrap().success());
        let _ = std::fs::remove_dir_all(&self.store);
    }

    fn apply(&self) -> Child {
        self.command(&["apply", "--yes"]).arg(mesh()).spawn().unwrap()
    }

    fn give_up_the_lock(&self) {
        self.expect(&["lock", "break", "--yes", "--reason", "it was killed"], 0);
    }

    /// Records of all journals.
    fn records(&self) -> usize {
        fn count(folder: &Path) -> usize {
            let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
            let below = |entry: std::fs::DirEntry| {
                let path = entry.path();
                if path.is_dir() { count(&path) } else { usize::from(path.to_string_lossy().contains("/journal/")) }
            };
            entries.filter_map(Result::ok).map(below).sum()
        }
        count(&self.store)
    }
}

fn kill(mut process: Child) {
    // one that has ended by itself needs no kill
    let _ = process.kill();
    process.wait_with_output().unwrap();
}

#[test]
fn killed_at_any_moment_an_apply_is_gone_on_with() {
    let labs = std::thread::scope(|scope| {
        let lab = |n| scope.spawn(move || told(&inside(n, "a_lab_in_which_applies_are_killed")));
        let running: Vec<_> = (1..=LABS).map(lab).collect();
        running.into_iter().map(|lab| lab.join().unwrap()).collect::<String>()
    });
    println!("{labs}");
    assert_eq!(labs.lines().filter(|line| line.starts_with("killed")).count(), KILLS);
    let in_the_middle = labs.lines().filter(|line| line.contains("gone on with")).count();
    assert!(in_the_middle > KILLS / 2, "most were at work when they were killed: {in_the_middle}");
}

#[test]
#[ignore = "what happens in a lab, started by another test"]
fn a_lab_in_which_applies_are_killed() {
    let here = Inside::here();
    let began = Instant::now();
    here.expect(&["apply", "--yes"], 0);
    let whole = began.elapsed();
    // spread over the time that a whole one takes, and no two at the same part of it
    let mut dice = u64::from(std::process::id());
    for n in 0..KILLS / LABS {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let part = (n as f64 + (dice >> 33) as f64 / f64::from(u32::MAX / 2)) / (KILLS / LABS) as f64;
        here.anew();
        let process = here.apply();
        std::thread::sleep(whole.mul_f64(part));
        kill(process);
        let records = here.records();
        here.give_up_the_lock();
        let resumed = here.expect(&["apply", "--resume", "--yes"], 0);
        let went_on = !resumed.says("there is nothing to go on with");
        if went_on {
            assert!(resumed.says("0 failed, 0 unknown, 0 skipped, 0 not tried"), "{resumed}");
        } else {
            // before it began, or after its end
            here.expect(&["apply", "--yes"], 0);
        }
        here.expect(&["plan"], 0);
        here.expect(&["verify"], 0);
        let how = if went_on { "gone on with" } else { "nothing to go on with" };
        println!("told: killed at {:.2} of {:.1} s, {records} records: {how}", part, whole.as_secs_f64());
    }
}

#[test]
fn of_two_that_begin_at_the_same_moment_one_works_and_the_other_says_who() {
    let lines = told(&inside(1, "a_lab_in_which_two_begin"));
    println!("{lines}");
    assert!(lines.contains(&format!("{RACES} races")), "{lines}");
}

#[test]
#[ignore = "what happens in a lab, started by another test"]
fn a_lab_in_which_two_begin() {
    let here = Inside::here();
    let mut wins = [0, 0];
    let began = Instant::now();
    for n in 0..RACES {
        if n % 10 == 0 {
            here.anew();
        }
        let mut both = [here.apply(), here.apply()];
        let loser = loop {
            if let Some(ended) = both.iter_mut().position(|process| process.try_wait().unwrap().is_some()) {
                break ended;
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        let [first, second] = both;
        let (lost, winner) = if loser == 0 { (first, second) } else { (second, first) };
        let pid = winner.id();
        let lost = lost.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&lost.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(lost.status.code(), Some(4), "race {n}: {said}");
        assert!(said.contains("is locked by") && said.contains(&format!("(process {pid})")), "race {n}: {said}");
        wins[1 - loser] += 1;
        kill(winner);
        here.give_up_the_lock();
    }
    let each = began.elapsed().as_secs_f64() / RACES as f64;
    println!("told: {RACES} races, won {} and {} times, {each:.2} s each", wins[0], wins[1]);
}

#[test]
#[ignore = "two minutes of real time: tests/simulation/run.sh"]
fn the_next_one_has_the_mesh_when_the_lease_of_a_killed_owner_ends() {
    println!("{}", told(&inside(1, "a_lab_in_which_an_owner_is_killed")));
}

#[test]
#[ignore = "what happens in a lab, started by another test"]
fn a_lab_in_which_an_owner_is_killed() {
    let here = Inside::here();
    let owner = here.apply();
    let pid = owner.id();
    while here.records() < 5 {
        std::thread::sleep(Duration::from_millis(5));
    }
    kill(owner);
    let killed = Instant::now();
    let next = loop {
        let next = here.run(&["apply", "--resume", "--yes"]);
        if next.code != 4 {
            break next;
        }
        let said = next.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(&format!("(process {pid})")), "{next}");
        assert!(killed.elapsed() < Duration::from_secs(180), "a dead owner blocks for too long");
        std::thread::sleep(Duration::from_secs(1));
    };
    assert_eq!(next.code, 0, "{next}");
    // it was renewed at most 15 seconds before, lasts for 90, and 30 more are for clocks that differ
    let after = killed.elapsed().as_secs();
    assert!(after >= 100, "taken over after {after} s");
    here.expect(&["verify"], 0);
    println!("told: the next one had it within {after} s, with its apply");
}

//! Runs that earlier versions began, and that every later version goes on with. `tests/golden/kept/` is never written
//! again: a folder of it is made once, with `KEEP_RUN=name cargo test --test kept_runs`, and stays.

#![allow(clippy::unwrap_used, reason = "clippy takes the functions beside the tests for no tests")]

mod support;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use intermesh::apply::{Account, Earlier, Event, Journaled, Operators, Run, carry_out};
use intermesh::lab::world::Effect;
use intermesh::plan::step::StepId;
use intermesh::store::{Journal, Outcome, Owner, RunId, Store, StoreError, Terms, Wanted};
use support::{Bench, mesh_of};

const RUN: &str = "2026-11-22T12-07-05Z-3f2a";

fn kept() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/kept")
}

fn owner(nonce: &str) -> Owner {
    Owner { user: "jane".into(), host: "ops1".into(), pid: 4711, job: None, nonce: nonce.into() }
}

fn bench() -> Bench {
    Bench::new(mesh_of(2, "", ""), 1, |_| ())
}

/// Keeps the run of this version: one entry is there, of the other nobody knows.
#[tokio::test(start_paused = true)]
async fn a_run_is_kept_where_that_is_asked_for() {
    let Some(name) = std::env::var_os("KEEP_RUN") else { return };
    let folder = kept().join(name);
    assert!(!folder.exists(), "{} is kept for ever", folder.display());
    let bench = bench();
    let plan = bench.plan().await;
    let store = Store::open(&folder.display().to_string()).unwrap();
    let clock = Arc::new(bench.lab.clock());
    let journal = Journal::begin(&store, RUN.parse().unwrap(), &plan, &owner("kept"), clock).await.unwrap();
    let step = |id: &str| StepId(id.into());
    journal.step_started(&step("add-peer/c00/c01")).await.unwrap();
    journal.step_ended(&step("add-peer/c00/c01"), Outcome::Done { wrote: true, note: None }).await.unwrap();
    journal.step_started(&step("add-peer/c01/c00")).await.unwrap();
}

/// A copy of a kept store: what is kept is not touched.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

async fn go_on(bench: &Bench, store: &Store) -> Result<Account, StoreError> {
    let clock = Arc::new(bench.lab.clock());
    let (who, run): (Owner, RunId) = (owner("later"), RUN.parse().unwrap());
    let wanted = Wanted { mesh: "test".into(), publishers: Vec::new(), run: run.clone() };
    let terms = Terms { lasts: std::time::Duration::from_secs(30 * 86400), ..Terms::default() };
    let lease = store.acquire(&wanted, &who, clock.clone(), terms).await?;
    let (journal, plan, stood) = Journal::resume(store, "test", &run, &who, clock.clone()).await?;
    let log = Journaled { journal: &journal, lease: &lease, clock: clock.clone() };
    let operators: Operators =
        bench.mesh.clusters.iter().map(|c| (c.name.clone(), bench.lab.operator(&c.name))).collect();
    let (stop, tell) = (AtomicBool::new(false), |_: &Event| ());
    let mut carried = Run::new(&operators, &bench.vault, &*clock, &stop, &tell);
    carried.log = Some(&log);
    carried.earlier = Earlier::of(&plan, &stood);
    assert_eq!((carried.earlier.done(), carried.earlier.in_doubt()), (1, 1));
    Ok(carry_out(&plan, &carried).await)
}

#[tokio::test(start_paused = true)]
async fn every_kept_run_is_gone_on_with() {
    let mut runs = 0;
    for folder in std::fs::read_dir(kept()).unwrap().map(|entry| entry.unwrap().path()) {
        let bench = bench();
        // what the journal says: one entry was added, and the other too, though nobody wrote that down
        for step in bench.plan().await.steps.iter().filter(|step| step.id.0.starts_with("add-peer/")) {
            let intermesh::plan::step::Action::AddPeer { address, account, protocol, .. } = &step.action else {
                panic!()
            };
            let account = bench.vault.account(account).await.unwrap();
            let peer = intermesh::cluster::NewPeer { address: address.clone(), account, protocol: *protocol };
            bench.lab.operator(&step.cluster).add_peer(&peer).await.unwrap();
        }
        let copied = tempfile::tempdir().unwrap();
        copy(&folder, copied.path());
        let store = Store::open(&copied.path().display().to_string()).unwrap();
        let account = go_on(&bench, &store).await.unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        assert!(account.complete(), "{}: {account:#?}", folder.display());
        assert_eq!(account.done_before, 1);
        let added = bench.lab.writes().iter().filter(|w| matches!(w.effect, Effect::AddPeer { .. })).count();
        assert_eq!(added, 2, "{}: nothing is added twice", folder.display());
        bench.verify_clean().await;
        runs += 1;
    }
    assert!(runs > 0);
}

/// What a later version wrote is refused with words, and never taken for torn.
#[tokio::test(start_paused = true)]
async fn what_a_later_version_wrote_is_refused() {
    use sha2::{Digest, Sha256};
    let sealed = |head: &str, body: &str| {
        let text = format!("{head}\n{body}\n");
        let sum: String = Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{text}{{\"sha256\":\"{sum}\"}}\n")
    };
    let head = |format: u32| format!("{{\"intermesh\":\"journal\",\"format\":{format},\"number\":5,\"writer\":\"x\"}}");
    let body = "{\"at\":\"2026-11-22T12:07:05Z\",\"record\":{\"step-danced\":{\"step\":\"a\"}}}";
    let hint = "Use the version of intermesh that wrote it, or a newer one.";
    for (format, words) in [(9, "has format 9; this version of intermesh reads up to 1"), (1, "does not know")] {
        let copied = tempfile::tempdir().unwrap();
        copy(&kept().join("0.1"), copied.path());
        let store = Store::open(&copied.path().display().to_string()).unwrap();
        let last = find(copied.path(), |name| name == "000004.json").pop().unwrap();
        std::fs::write(last.with_file_name("000005.json"), sealed(&head(format), body)).unwrap();
        let error = go_on(&bench(), &store).await.unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
        assert_eq!(error.hint().unwrap(), hint);
    }
    // a plan with a field that is not known, which the run's checksum vouches for
    let copied = tempfile::tempdir().unwrap();
    copy(&kept().join("0.1"), copied.path());
    let plan = find(copied.path(), |name| name.contains("plan")).pop().unwrap();
    let text = std::fs::read_to_string(&plan).unwrap();
    let newer = text.replacen('{', "{\"mood\": \"good\",", 1);
    std::fs::write(&plan, &newer).unwrap();
    let first = find(copied.path(), |name| name.contains("0001")).pop().unwrap();
    let sum =
        |text: &str| -> String { Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect() };
    let record = std::fs::read_to_string(&first).unwrap().replace(&sum(&text), &sum(&newer));
    let mut lines = record.lines();
    std::fs::write(&first, sealed(lines.next().unwrap(), lines.next().unwrap())).unwrap();
    let store = Store::open(&copied.path().display().to_string()).unwrap();
    let error = go_on(&bench(), &store).await.unwrap_err();
    assert!(error.to_string().contains("which intermesh 0.1.0 wrote, says what this version"), "{error}");
    assert!(error.to_string().contains("`mood`"), "{error}");
    assert_eq!(error.hint().unwrap(), hint);
}

fn find(folder: &Path, named: impl Fn(&str) -> bool + Copy) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            found.extend(find(&entry.path(), named));
        } else if named(&entry.file_name().to_string_lossy()) {
            found.push(entry.path());
        }
    }
    found.sort();
    found
}

//! What a person reads at 2 a.m.: runs and locks as text, and the commands that print them. `INSTA_UPDATE=always`
//! rewrites the files under `tests/golden/store/`; look at the difference before you commit it.

use std::sync::Arc;
use std::time::Duration;

use insta::assert_snapshot;
use intermesh::cluster::Clock;
use intermesh::plan::Plan;
use intermesh::report;
use intermesh::store::{End, Journal, Outcome, Owner, Pruning, RunId, Store};
use tokio::time::{advance, sleep};

use super::bench::{TERMS, Wrong, all, memory, owner, plan, read, record_path, wanted, write};
use super::command::{im, intermesh, run as execute};

fn golden(name: &str, text: &str) {
    let text = anstream::adapter::strip_str(text).to_string();
    insta::with_settings!({snapshot_path => "../golden/store", prepend_module_to_snapshot => false, omit_expression => true}, {
        assert_snapshot!(name, text);
    });
}

fn id(n: u8) -> RunId {
    format!("2026-11-22T12-07-05Z-000{n}").parse().unwrap()
}

fn job() -> Owner {
    Owner { job: Some("https://ci.example.com/mesh/jobs/42".into()), pid: 17, ..owner("ci") }
}

/// A run in which every kind of outcome came up, and then nothing more.
async fn every_outcome(store: &Store, id: RunId, plan: &Plan, clock: &Arc<Wrong>) -> Journal {
    let journal = Journal::begin(store, id, plan, &job(), clock.clone()).await.unwrap();
    let ids: Vec<_> = plan.steps.iter().map(|step| step.id.clone()).collect();
    let outcomes = [
        Outcome::Done { wrote: true, note: None },
        Outcome::Done { wrote: false, note: Some("it was so already".into()) },
        Outcome::Failed { why: "c01: failed to add a peer: not reachable: connection refused".into(), wrote: false },
        Outcome::Unknown { why: "c00: the outcome is not known: the answer was lost".into() },
        Outcome::Skipped { because: ids[2].clone() },
    ];
    for (step, outcome) in ids.iter().zip(outcomes) {
        if !matches!(outcome, Outcome::Skipped { .. }) {
            journal.step_started(step).await.unwrap();
            advance(Duration::from_secs(95)).await;
        }
        journal.step_ended(step, outcome).await.unwrap();
    }
    journal.step_started(&ids[5]).await.unwrap();
    journal
}

#[tokio::test(start_paused = true)]
async fn a_run_that_goes_on_one_that_was_killed_and_one_that_was_resumed() {
    let (store, objects) = memory();
    let (clock, plan) = (Wrong::by(0), plan().await);
    every_outcome(&store, id(1), &plan, &clock).await;
    advance(Duration::from_secs(7)).await;
    let state = store.run("test", &id(1)).await.unwrap();
    golden("run-running", &report::run(&state, &plan, Some(&id(1)), clock.now()));
    golden("run-killed", &report::run(&state, &plan, None, clock.now()));

    // the last record was cut off with the power; it was broken, and somebody else goes on
    let last = record_path(&id(1), all(&objects).await.len() as u64 - 1);
    let bytes = read(&objects, &last).await;
    write(&objects, &last, bytes[..bytes.len() - 9].to_vec()).await;
    let state = store.run("test", &id(1)).await.unwrap();
    golden("run-torn", &report::run(&state, &plan, None, clock.now()));
    let (journal, ..) = Journal::resume(&store, "test", &id(1), &owner("jane"), clock.clone()).await.unwrap();
    journal.end(End::Paused).await.unwrap();
    let text = report::run(&journal.state().await, &plan, None, clock.now());
    golden("run-resumed", &text);
    golden("run-resumed-60", &report::fit(&text, 60));
}

#[tokio::test(start_paused = true)]
async fn a_list_of_runs() {
    let (store, objects) = memory();
    let (clock, plan) = (Wrong::by(0), plan().await);
    every_outcome(&store, id(1), &plan, &clock).await.end(End::Partly).await.unwrap();
    let whole = Journal::begin(&store, id(2), &plan, &owner("jane"), clock.clone()).await.unwrap();
    for step in &plan.steps {
        whole.step_started(&step.id).await.unwrap();
        advance(Duration::from_secs(700)).await;
        whole.step_ended(&step.id, Outcome::Done { wrote: true, note: None }).await.unwrap();
    }
    whole.end(End::Done).await.unwrap();
    let lease = store.acquire(&wanted("test", &id(3)), &job(), clock.clone(), TERMS).await.unwrap();
    every_outcome(&store, id(3), &plan, &clock).await;
    store.break_lease("test", &owner("joe"), "the job hangs", &*clock).await.unwrap();
    drop(lease);
    every_outcome(&store, id(4), &plan, &clock).await;
    every_outcome(&store, id(5), &plan, &clock).await;
    let middle = record_path(&id(5), 4);
    let bytes = read(&objects, &middle).await;
    write(&objects, &middle, bytes[..40].to_vec()).await;
    let runs = store.runs("test").await.unwrap();
    let text = report::runs("test", &runs, Some(&id(4)));
    golden("runs", &text);
    golden("runs-60", &report::fit(&text, 60));
    let pruning = Pruning { keep: 1, ..Pruning::default() };
    let pruned = store.prunable("test", pruning, clock.now()).await.unwrap();
    golden("runs-pruned", &(report::pruned("test", &pruned, false) + &report::pruned("test", &pruned, true)));
}

#[tokio::test(start_paused = true)]
async fn locks() {
    let (store, _) = memory();
    let clock = Wrong::by(0);
    let mut text = String::new();
    let mut show = async |clock: &Wrong| {
        let standing = store.lease("test", clock.now(), &TERMS).await.unwrap();
        text += &report::lock("test", &standing, clock.now());
        text.push('\n');
    };
    show(&clock).await;
    let lease = store.acquire(&wanted("test", &id(1)), &job(), clock.clone(), TERMS).await.unwrap();
    sleep(Duration::from_secs(5000)).await;
    show(&clock).await;
    drop(lease);
    sleep(Duration::from_secs(400)).await;
    show(&clock).await;
    let lease = store.acquire(&wanted("test", &id(2)), &owner("jane"), clock.clone(), TERMS).await.unwrap();
    lease.release().await.unwrap();
    sleep(Duration::from_secs(4 * 86_400)).await;
    show(&clock).await;
    let lease = store.acquire(&wanted("test", &id(3)), &job(), clock.clone(), TERMS).await.unwrap();
    store.break_lease("test", &owner("joe"), "the job hangs", &*clock).await.unwrap();
    show(&clock).await;
    drop(lease);
    golden("lock", &text);
}

/// The commands on a folder that the library filled: what they print, and how they end.
#[tokio::test]
async fn the_commands() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("store");
    let place = folder.display().to_string();
    let says = |arguments: &[&str], code: i32, words: &[&str]| {
        let mut command = std::process::Command::new(intermesh());
        command.args(arguments).args(["--store", &place]);
        for name in ["CI", "TF_BUILD", "JENKINS_URL", "BUILD_URL", "CI_JOB_URL", "GITHUB_SERVER_URL"] {
            command.env_remove(name);
        }
        let ended = execute(&mut command);
        assert_eq!(ended.code, code, "{arguments:?}: {ended}");
        for word in words {
            assert!(ended.out.contains(word) || ended.err.contains(word), "{arguments:?}: no `{word}` in {ended}");
        }
        assert!(!ended.err.contains("CI job"), "{ended}");
        ended.out
    };
    says(&["runs", "list"], 0, &["no run is kept"]);
    says(&["lock", "show"], 0, &["no mesh is locked"]);
    assert!(!folder.exists(), "looking makes nothing");

    let (store, plan, clock) = (Store::folder(&folder).unwrap(), plan().await, Wrong::by(0));
    let lease = store.acquire(&wanted("test", &id(1)), &job(), clock.clone(), TERMS).await.unwrap();
    let journal = Journal::begin(&store, id(1), &plan, &job(), clock.clone()).await.unwrap();
    journal.step_started(&plan.steps[0].id).await.unwrap();
    says(&["runs", "list"], 0, &["2026-11-22T12-07-05Z-0001", "1 in "]);
    says(&["runs", "list", "--mesh", "other"], 0, &["mesh other: 0 runs"]);
    let shown = says(&["runs", "show", "2026-11", "--json"], 0, &[]);
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!((&shown["totals"]["begun"], &shown["steps"][0]["status"]), (&1.into(), &"begun".into()), "{shown:#}");
    assert_eq!(shown["steps"].as_array().unwrap().len(), plan.steps.len());
    let list: serde_json::Value = serde_json::from_str(&says(&["runs", "list", "--json"], 0, &[])).unwrap();
    assert_eq!(list["test"][0]["id"], "2026-11-22T12-07-05Z-0001");
    says(&["runs", "show", "2027"], 1, &["there is no run `2027`", "runs list"]);
    says(&["runs", "prune"], 64, &["--keep"]);
    says(&["runs", "prune", "--older-than", "soon"], 64, &["no age"]);
    says(&["runs", "prune", "--keep", "0"], 0, &["0 runs removed", "--unfinished"]);

    says(&["lock", "show"], 0, &["ci@ops1", "https://ci.example.com/mesh/jobs/42"]);
    says(&["lock", "break", "--reason", "it hangs"], 4, &["nobody can be asked", "--yes"]);
    journal.step_ended(&plan.steps[0].id, Outcome::Done { wrote: true, note: None }).await.unwrap();
    says(&["lock", "break", "--reason", "it hangs", "--yes"], 0, &["broken", "--resume"]);
    assert!(journal.step_started(&plan.steps[1].id).await.unwrap_err().to_string().contains("it hangs"));
    says(&["lock", "break", "--reason", "it hangs", "--yes"], 0, &["nothing to break"]);
    says(&["runs", "show", "last"], 0, &["taken away", "it hangs", "1 done", "--resume"]);
    says(&["runs", "prune", "--keep", "0", "--unfinished"], 0, &["1 run removed"]);
    says(&["runs", "list"], 0, &["0 runs"]);
    drop(lease);
}

/// A lab's runs are not those of the real clusters, and a CI job is warned of a folder.
#[test]
fn a_lab_and_a_ci_job() {
    let mesh = super::command::example("two-clusters.yaml");
    let im_path = intermesh().display().to_string();
    let lab = |arguments: &str| super::command::lab(&mesh, 1, &["sh", "-c", &format!("{im_path} {arguments}")]);
    let refused = lab("runs list --store s3://bucket/prefix");
    assert_eq!(refused.code, 4, "{refused}");
    assert!(refused.err.contains("this is a lab"), "{refused}");
    let own = lab("runs list");
    assert!(own.code == 0 && own.out.contains("/store`"), "{own}");

    let folder = tempfile::tempdir().unwrap();
    let mut command = std::process::Command::new(intermesh());
    command.args(["runs", "list"]).env("CI", "true").env("INTERMESH_STORE", folder.path());
    let warned = execute(&mut command);
    assert!(warned.code == 0 && warned.err.contains("this is a CI job"), "{warned}");
    let wrong = im(&["runs", "list", "--store", "ftp://somewhere"]);
    assert!(wrong.code == 64 && wrong.err.contains("no kind of store"), "{wrong}");
}

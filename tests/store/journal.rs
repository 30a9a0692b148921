//! A journal tells the truth wherever it ends: at any record, in the middle of one, after a lost answer.

use std::collections::BTreeMap;
use std::sync::Arc;

use intermesh::plan::Plan;
use intermesh::plan::step::StepId;
use intermesh::store::{End, Journal, Outcome, Record, RunId, Stage, State, Store, StoreError, Totals};
use object_store::memory::InMemory;
use proptest::prelude::*;
use sha2::Digest;

use super::bench::{Wrong, all, memory, owner, plan, read, record_path, write};
use super::faulty::{Fault, Faulty};

const RUN: &str = "2026-11-22T12-07-05Z-3f2a";

fn run_id() -> RunId {
    RUN.parse().unwrap()
}

async fn begin(store: &Store, plan: &Plan) -> Journal {
    Journal::begin(store, run_id(), plan, &owner("jane"), Wrong::by(0)).await.unwrap()
}

fn done() -> Outcome {
    Outcome::Done { wrote: true, note: None }
}

/// What a caller did, told by the test's own reckoning: the last word on each step.
type Told = BTreeMap<StepId, Option<Outcome>>;

fn as_told(state: &State) -> Told {
    let last = |stage: &Stage| match stage {
        Stage::Started { .. } => None,
        Stage::Ended { outcome, .. } => Some(outcome.clone()),
    };
    state.steps.iter().map(|(id, stage)| (id.clone(), last(stage))).collect()
}

/// One thing that happens to a step of the plan.
#[derive(Clone, Debug)]
enum Act {
    Start(usize),
    End(usize, Outcome),
    /// The process dies, and another one resumes.
    Resume,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let outcome = prop_oneof![
        3 => Just(done()),
        1 => Just(Outcome::Done { wrote: false, note: Some("not asked for".into()) }),
        1 => Just(Outcome::Failed { why: "emea: failed to add a peer: refused".into(), wrote: true }),
        1 => Just(Outcome::Unknown { why: "the answer was lost".into() }),
        1 => Just(Outcome::Skipped { because: StepId("another".into()) }),
    ];
    let act = prop_oneof![
        4 => any::<usize>().prop_map(Act::Start),
        4 => (any::<usize>(), outcome).prop_map(|(step, outcome)| Act::End(step, outcome)),
        1 => Just(Act::Resume),
    ];
    proptest::collection::vec(act, 0..40)
}

/// Carries the acts out, as far as a journal takes them, and returns what was told after each of its records.
async fn carry_out(store: &Store, plan: &Plan, acts: Vec<Act>) -> Vec<Told> {
    let mut journal = begin(store, plan).await;
    let mut told = vec![Told::new()];
    let mut resumed = 0;
    for act in acts {
        let mut now = told.last().unwrap().clone();
        let step = |i: usize| plan.steps[i % plan.steps.len()].id.clone();
        let appended = match act {
            Act::Start(i) => {
                now.insert(step(i), None);
                journal.step_started(&step(i)).await
            }
            Act::End(i, outcome) => {
                now.insert(step(i), Some(outcome.clone()));
                journal.step_ended(&step(i), outcome).await
            }
            Act::Resume => {
                resumed += 1;
                let by = owner(&format!("runner-{resumed}"));
                journal = Journal::resume(store, "test", &run_id(), &by, Wrong::by(0)).await.unwrap().0;
                Ok(())
            }
        };
        match appended {
            Ok(()) => told.push(now),
            // a done step is never begun again, and none ends as written that did not begin
            Err(StoreError::Misfit { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
    told
}

/// The store as it would be, had the process been killed after this many records, with that much of the next.
async fn cut(objects: &InMemory, records: usize, of_the_next: Option<prop::sample::Index>) -> (Store, Arc<InMemory>) {
    let (store, copy) = memory();
    for (path, bytes) in all(objects).await {
        let number = path.filename().and_then(|name| name.strip_suffix(".json")?.parse::<usize>().ok());
        match (number, &of_the_next) {
            (Some(n), Some(at)) if n == records + 1 => write(&copy, &path, bytes[..at.index(bytes.len())].into()).await,
            (Some(n), _) if n > records => {}
            _ => write(&copy, &path, bytes).await,
        }
    }
    (store, copy)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn any_prefix_and_any_torn_record_give_the_right_state(
        acts in acts(),
        records in any::<prop::sample::Index>(),
        torn in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let plan = plan().await;
            let (store, objects) = memory();
            let told = carry_out(&store, &plan, acts).await;
            let records = 1 + records.index(told.len());
            let torn = torn.filter(|_| records < told.len());
            let (store, _) = cut(&objects, records, torn).await;
            let state = store.run("test", &run_id()).await.unwrap();
            assert_eq!(as_told(&state), told[records - 1]);
            assert_eq!(state.totals().sum(), plan.steps.len(), "the numbers add up to the plan");
            assert_eq!(state.torn, torn.map(|_| records as u64 + 1));

            // whoever resumes stands where the other was, and what was torn stays dropped
            let (journal, its_plan, stood) =
                Journal::resume(&store, "test", &run_id(), &owner("next"), Wrong::by(0)).await.unwrap();
            assert_eq!((as_told(&stood), its_plan), (told[records - 1].clone(), plan.clone()));
            let undone = plan.steps.iter().find(|s| !matches!(stood.step(&s.id), Some(Stage::Ended { outcome, .. }) if outcome.is_done()));
            if let Some(step) = undone {
                journal.step_started(&step.id).await.unwrap();
                journal.step_ended(&step.id, done()).await.unwrap();
            }
            journal.end(End::Paused).await.unwrap();
            assert_eq!(store.run("test", &run_id()).await.unwrap(), journal.state().await);
        });
    }
}

#[tokio::test(start_paused = true)]
async fn a_record_that_is_torn_in_the_middle_is_named() {
    let (store, objects) = memory();
    let plan = plan().await;
    let journal = begin(&store, &plan).await;
    for step in &plan.steps[..3] {
        journal.step_started(&step.id).await.unwrap();
    }
    let path = record_path(&run_id(), 3);
    let bytes = read(&objects, &path).await;
    write(&objects, &path, bytes[..bytes.len() / 2].into()).await;
    let error = store.run("test", &run_id()).await.unwrap_err();
    assert!(
        matches!(error, StoreError::Damaged { .. }) && error.to_string().contains("journal/000003.json"),
        "{error}"
    );
    object_store::ObjectStoreExt::delete(&*objects, &path).await.unwrap();
    let error = store.run("test", &run_id()).await.unwrap_err();
    assert!(matches!(error, StoreError::Missing { .. }) && error.to_string().contains("000003"), "{error}");
    // another run of the same mesh is listed all the same
    let list = store.runs("test").await.unwrap();
    assert!(list.len() == 1 && list[0].1.is_err());
}

/// Who goes on after a torn record may die while it writes its own first one, and so may the next.
#[tokio::test(start_paused = true)]
async fn torn_records_in_a_row_are_dropped() {
    let (plan, (store, objects)) = (plan().await, memory());
    let journal = begin(&store, &plan).await;
    journal.step_started(&plan.steps[0].id).await.unwrap();
    let record = read(&objects, &record_path(&run_id(), 2)).await;
    for number in 3..=5 {
        write(&objects, &record_path(&run_id(), number), record[..record.len() / 2].to_vec()).await;
        let state = store.run("test", &run_id()).await.unwrap();
        assert_eq!((state.torn, state.totals().begun), (Some(number), 1));
    }
    let by = owner("joe");
    let (journal, _, _) = Journal::resume(&store, "test", &run_id(), &by, Wrong::by(0)).await.unwrap();
    journal.step_ended(&plan.steps[0].id, done()).await.unwrap();
    let state = store.run("test", &run_id()).await.unwrap();
    assert_eq!((state.torn, state.totals().begun, state.sittings.len()), (None, 0, 2));
}

#[tokio::test(start_paused = true)]
async fn a_newer_format_is_refused_and_an_older_one_is_read() {
    let plan = plan().await;
    for (format, fits) in [(0, true), (1, true), (2, false)] {
        let (store, objects) = memory();
        begin(&store, &plan).await.step_started(&plan.steps[0].id).await.unwrap();
        let path = record_path(&run_id(), 2);
        let text = String::from_utf8(read(&objects, &path).await).unwrap();
        let text = text.replace("\"format\":1", &format!("\"format\":{format}"));
        let summed: String = text.split_inclusive('\n').take(2).collect();
        let sum: String = sha2::Sha256::digest(summed.as_bytes()).iter().map(|b| format!("{b:02x}")).collect();
        write(&objects, &path, format!("{summed}{{\"sha256\":\"{sum}\"}}\n").into_bytes()).await;
        let resumed = Journal::resume(&store, "test", &run_id(), &owner("next"), Wrong::by(0)).await;
        match resumed {
            Ok(_) => assert!(fits),
            Err(error) => {
                assert!(!fits && matches!(error, StoreError::Newer { found: 2, known: 1, .. }), "{error}");
                assert!(error.hint().unwrap().contains("version of intermesh"));
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_settled_by_reading_and_a_refused_write_closes_the_journal() {
    let plan = plan().await;
    let steps = &plan.steps;
    let faulty = Arc::new(Faulty::default());
    let store = Store::over(faulty.clone(), "memory");
    let journal = begin(&store, &plan).await;
    faulty.will([Fault::AnswerLost, Fault::Refused]);
    journal.step_started(&steps[0].id).await.unwrap();
    let refused = journal.step_ended(&steps[0].id, done()).await.unwrap_err();
    assert!(matches!(refused, StoreError::Failed { .. }), "{refused}");
    // the disk has space again: what is there is still not sure
    let closed = journal.step_started(&steps[1].id).await.unwrap_err();
    assert!(matches!(closed, StoreError::JournalClosed { .. }), "{closed}");
    assert!(closed.to_string().contains("no space left"), "{closed}");

    let (_, _, stood) = Journal::resume(&store, "test", &run_id(), &owner("next"), Wrong::by(0)).await.unwrap();
    assert!(matches!(stood.step(&steps[0].id), Some(Stage::Started { .. })), "in doubt");
    assert_eq!(stood.totals(), Totals { begun: 1, not_tried: steps.len() - 1, ..Totals::default() });
}

#[tokio::test(start_paused = true)]
async fn of_two_writers_one_wins_each_number() {
    let plan = plan().await;
    let (store, _) = memory();
    let first = begin(&store, &plan).await;
    first.step_started(&plan.steps[0].id).await.unwrap();
    let (second, _, _) = Journal::resume(&store, "test", &run_id(), &owner("second"), Wrong::by(0)).await.unwrap();
    let late = first.step_ended(&plan.steps[0].id, done()).await.unwrap_err();
    assert!(matches!(late, StoreError::TakenAway { .. }), "{late}");
    assert!(late.to_string().contains("second@ops1"), "it says who: {late}");
    second.step_started(&plan.steps[0].id).await.unwrap();
    second.step_ended(&plan.steps[0].id, done()).await.unwrap();
    let again = first.step_started(&plan.steps[1].id).await.unwrap_err();
    assert!(matches!(again, StoreError::JournalClosed { .. }), "{again}");
    assert_eq!(store.run("test", &run_id()).await.unwrap(), second.state().await);
}

#[tokio::test(start_paused = true)]
async fn records_that_cannot_be_are_not_written() {
    let plan = plan().await;
    let (store, objects) = memory();
    let journal = begin(&store, &plan).await;
    let (a, b) = (&plan.steps[0].id, &plan.steps[1].id);
    journal.step_started(a).await.unwrap();
    journal.step_ended(a, done()).await.unwrap();
    let count = all(&objects).await.len();
    let totals = Totals::default();
    for (record, words) in [
        (Record::StepStarted { step: a.clone() }, "was done before"),
        (Record::StepEnded { step: a.clone(), outcome: done() }, "was done before"),
        (Record::StepEnded { step: b.clone(), outcome: done() }, "nothing said before"),
        (Record::RunEnded { end: End::Partly, totals }, "not those of the journal"),
    ] {
        let error = journal.append(record).await.unwrap_err();
        assert!(matches!(error, StoreError::Misfit { .. }) && error.to_string().contains(words), "{error}");
    }
    let early = journal.end(End::Done).await.unwrap_err();
    assert!(early.to_string().contains("not every one was"), "{early}");
    assert_eq!(all(&objects).await.len(), count);
    // a record that does not fit does not close the journal
    journal.step_started(b).await.unwrap();
    journal.end(End::Partly).await.unwrap();
    let error = Journal::resume(&store, "test", &run_id(), &owner("next"), Wrong::by(0)).await.err().unwrap();
    assert!(error.to_string().contains("come to its end"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_edited_plan_is_not_gone_on_with() {
    let (store, objects) = memory();
    begin(&store, &plan().await).await;
    let path = object_store::path::Path::from(format!("meshes/test/runs/{RUN}/plan.json"));
    let text = String::from_utf8(read(&objects, &path).await).unwrap();
    write(&objects, &path, text.replace("icsa", "eve").into_bytes()).await;
    let error = Journal::resume(&store, "test", &run_id(), &owner("next"), Wrong::by(0)).await.err().unwrap();
    assert!(error.to_string().contains("not the plan that the run began with"), "{error}");
}

/// A step in doubt that a later sitting looks at, and cannot tell of either, is in doubt still: the one after that must
/// not take it for one that never acted.
#[tokio::test(start_paused = true)]
async fn what_a_later_sitting_cannot_tell_either_stays_in_doubt() {
    let plan = plan().await;
    let (store, _) = memory();
    let step = plan.steps[0].id.clone();
    let doubt = || Outcome::Unknown { why: "nothing shows whether it was done".into() };
    let acts = [Act::Start(0), Act::Resume, Act::End(0, doubt()), Act::Resume, Act::End(0, doubt()), Act::Resume];
    carry_out(&store, &plan, acts.into()).await;
    let state = store.run("test", &run_id()).await.unwrap();
    assert!(matches!(state.step(&step), Some(Stage::Ended { started: Some(_), .. })), "{:?}", state.step(&step));
}

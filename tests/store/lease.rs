//! One runner at a time holds a mesh, whatever its clock, its network and its process do.

use std::sync::Arc;
use std::time::Duration;

use intermesh::cluster::Clock;
use intermesh::store::{Journal, Lease, RunId, Standing, Store, StoreError, Wanted};
use proptest::prelude::*;
use tokio::time::{Instant, advance, sleep};

use super::bench::{TERMS, Wrong, all, memory, owner, plan, wanted, write};
use super::faulty::{Fault, Faulty};

fn run(n: u8) -> RunId {
    format!("2026-11-22T12-07-05Z-000{n}").parse().unwrap()
}

async fn acquire(store: &Store, user: &str, n: u8, clock: &Arc<Wrong>) -> Result<Lease, StoreError> {
    store.acquire(&wanted("test", &run(n)), &owner(user), clock.clone(), TERMS).await
}

#[tokio::test(start_paused = true)]
async fn the_second_is_told_who_has_it_and_how_it_ends() {
    let (store, _) = memory();
    let clock = Wrong::by(0);
    let lease = acquire(&store, "jane", 1, &clock).await.unwrap();
    let refused = acquire(&store, "joe", 2, &clock).await.err().unwrap();
    insta::assert_snapshot!(
        format!("{refused}\n{}", refused.hint().unwrap()),
        @"
    mesh `test` is locked by jane@ops1 (process 4711) since 2026-11-22T12:07:05Z, run `2026-11-22T12-07-05Z-0001`; the lease ends at 2026-11-22T12:08:35Z unless it is renewed
    Wait for it. When you are sure that it is dead, `intermesh lock break --mesh test --reason TEXT` ends its lease.
    "
    );
    lease.release().await.unwrap();
    assert!(matches!(store.lease("test", clock.now(), &TERMS).await.unwrap(), Standing::Released { .. }));
    let _lease = acquire(&store, "joe", 2, &clock).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn it_is_kept_by_its_heartbeat_and_old_generations_go() {
    let (store, objects) = memory();
    let clock = Wrong::by(0);
    let lease = acquire(&store, "jane", 1, &clock).await.unwrap();
    for _ in 0..8 {
        sleep(Duration::from_secs(3600)).await;
        assert!(lease.may_write(clock.now()));
        assert!(acquire(&store, "joe", 2, &clock).await.is_err());
    }
    let generations = all(&objects).await.len();
    assert!((50..150).contains(&generations), "{generations} generations are there after eight hours");
}

#[tokio::test(start_paused = true)]
async fn after_a_kill_the_next_one_has_it_when_it_ends_and_the_dead_run_is_closed() {
    let (store, _) = memory();
    let clock = Wrong::by(0);
    let plan = plan().await;
    let lease = acquire(&store, "jane", 1, &clock).await.unwrap();
    let journal = Journal::begin(&store, run(1), &plan, &owner("jane"), clock.clone()).await.unwrap();
    sleep(Duration::from_secs(20)).await;
    let ends = lease.claim().expires_at;
    drop(lease);
    let killed = Instant::now();
    let next = loop {
        match acquire(&store, "joe", 2, &clock).await {
            Ok(lease) => break lease,
            Err(StoreError::Held { .. }) => sleep(Duration::from_secs(1)).await,
            Err(error) => panic!("{error}"),
        }
    };
    assert!(clock.now() > ends, "not before its end");
    assert!(killed.elapsed() <= TERMS.lasts + TERMS.skew + Duration::from_secs(2), "{:?}", killed.elapsed());
    assert!(next.may_write(clock.now()));
    // the dead one was only asleep: whatever it wants to record collides
    let late = journal.step_started(&plan.steps[0].id).await.unwrap_err();
    assert!(matches!(late, StoreError::TakenAway { .. }) && late.to_string().contains("taken over"), "{late}");
    assert!(store.runs("test").await.unwrap()[0].1.as_ref().unwrap().is_unfinished());
}

#[tokio::test(start_paused = true)]
async fn a_run_that_was_broken_before_it_began_never_begins() {
    let (store, _) = memory();
    let clock = Wrong::by(0);
    let _lease = acquire(&store, "jane", 1, &clock).await.unwrap();
    store.break_lease("test", &owner("joe"), "jane went home", &*clock).await.unwrap().unwrap();
    let late = Journal::begin(&store, run(1), &plan().await, &owner("jane"), clock.clone()).await.err().unwrap();
    assert!(late.to_string().contains("joe@ops1 (process 4711): jane went home"), "{late}");
    assert!(store.runs("test").await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn whoever_is_broken_writes_no_more_and_hears_who_did_it() {
    let (store, _) = memory();
    let clock = Wrong::by(0);
    let plan = plan().await;
    let lease = acquire(&store, "jane", 1, &clock).await.unwrap();
    let journal = Journal::begin(&store, run(1), &plan, &owner("jane"), clock.clone()).await.unwrap();
    let claim = store.break_lease("test", &owner("joe"), "the job hangs", &*clock).await.unwrap().unwrap();
    assert_eq!(claim.owner, owner("jane"));
    let late = journal.step_started(&plan.steps[0].id).await.unwrap_err();
    assert!(late.to_string().contains("joe@ops1 (process 4711): the job hangs"), "{late}");
    let lost = lease.renew().await.unwrap_err();
    assert!(matches!(&lost, StoreError::Lost { why, .. } if why.contains("joe@ops1") && why.contains("the job hangs")));
    assert!(!lease.may_write(clock.now()));
    assert_eq!(store.break_lease("test", &owner("joe"), "again", &*clock).await.unwrap(), None);
    let next = acquire(&store, "ann", 3, &clock).await.unwrap();
    assert!(next.may_write(clock.now()));
    assert!(lease.release().await.is_err(), "what was lost is not given back, or the next one would lose it");
    assert!(next.renew().await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_slept_or_whose_clock_was_set_has_lost_it() {
    let (store, _) = memory();
    // asleep: the time of day has moved, and no timer fired
    let clock = Wrong::by(0);
    let lease = acquire(&store, "jane", 1, &clock).await.unwrap();
    clock.set(3_600_000);
    assert!(!lease.may_write(clock.now()));
    assert!(matches!(lease.renew().await, Err(StoreError::Lost { .. })));
    // set back by an hour, and the store cannot be reached: the other clock counts
    let faulty = Arc::new(Faulty::default());
    let (store, clock) = (Store::over(faulty.clone(), "memory"), Wrong::by(0));
    let lease = acquire(&store, "jane", 1, &clock).await.unwrap();
    clock.set(-3_600_000);
    faulty.down(true);
    assert!(lease.may_write(clock.now()));
    advance(TERMS.lasts - TERMS.margin).await;
    assert!(!lease.may_write(clock.now()));
    let why = lease.lost(clock.now()).unwrap().to_string();
    assert!(why.contains("it could not be renewed"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn a_short_outage_costs_nothing_and_a_lost_answer_is_known_as_its_own() {
    let faulty = Arc::new(Faulty::default());
    let (store, clock) = (Store::over(faulty.clone(), "memory"), Wrong::by(0));
    let lease = acquire(&store, "jane", 1, &clock).await.unwrap();
    faulty.down(true);
    sleep(Duration::from_secs(60)).await;
    assert!(lease.may_write(clock.now()));
    faulty.down(false);
    sleep(Duration::from_secs(60)).await;
    assert!(lease.may_write(clock.now()));
    // written, the answer lost, and the reading too: the next renewal finds its own generation in its place
    faulty.will([Fault::AnswerLost]);
    lease.renew().await.unwrap();
    sleep(Duration::from_secs(600)).await;
    assert!(lease.may_write(clock.now()));
}

/// Whoever wrote half a generation, or half a claim, never had it, however many did in a row.
#[tokio::test(start_paused = true)]
async fn what_was_torn_locks_nothing() {
    let (store, objects) = memory();
    let clock = Wrong::by(0);
    let asks =
        |n: u8| Wanted { publishers: vec![("c00".into(), "imp1.c00.example.com".into())], ..wanted("test", &run(n)) };
    for n in 1..=3 {
        let lease = store.acquire(&asks(n), &owner("jane"), clock.clone(), TERMS).await.unwrap();
        assert_eq!(store.lease("test", clock.now(), &TERMS).await.unwrap().holder().unwrap().run, run(n));
        lease.release().await.unwrap();
        for _ in 0..n {
            for folder in ["meshes/test/lease/", "publishers/imp1.c00.example.com/"] {
                let mut row = all(&objects).await;
                row.retain(|(path, _)| path.as_ref().starts_with(folder));
                let bytes = row.last().unwrap().1.clone();
                let next = format!("{folder}{:06}.json", row.len() + 1);
                write(&objects, &next.as_str().into(), bytes[..bytes.len() / 2].to_vec()).await;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn of_many_that_ask_at_once_one_has_it() {
    for _ in 0..20 {
        let (store, _) = memory();
        let clock = Wrong::by(0);
        let names: Vec<String> = (0..8).map(|n| format!("runner{n}")).collect();
        let all = names.iter().map(|name| acquire(&store, name, 1, &clock));
        let got = futures::future::join_all(all).await;
        assert_eq!(got.iter().filter(|lease| lease.is_ok()).count(), 1);
        assert!(got.iter().filter_map(|lease| lease.as_ref().err()).all(|e| matches!(e, StoreError::Held { .. })));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Two runners whose clocks differ by up to `margin + skew`, one of which loses the store: never may both write.
    #[test]
    fn two_clocks_never_let_two_write(skew in -45_000i64..=45_000, outage in 0u64..200, seconds in 1u64..7) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let faulty = Arc::new(Faulty::default());
            let (a, b) = (Wrong::by(0), Wrong::by(skew));
            let cut_off = Store::over(faulty.clone(), "memory");
            let store = Store::over(faulty.inner.clone(), "memory");
            let first = acquire(&cut_off, "jane", 1, &a).await.unwrap();
            sleep(Duration::from_secs(outage)).await;
            faulty.down(true);
            let mut second = None;
            for _ in 0..300 / seconds {
                if second.is_none() {
                    second = acquire(&store, "joe", 2, &b).await.ok();
                }
                let both = first.may_write(a.now()) && second.as_ref().is_some_and(|lease| lease.may_write(b.now()));
                assert!(!both, "both may write");
                sleep(Duration::from_secs(seconds)).await;
            }
            assert!(second.is_some(), "the second has it in the end");
        });
    }
}

//! The published schema of events: it is the types', every line of a run is valid under it, and the journal tells the
//! same run again.

#![allow(clippy::unwrap_used, reason = "clippy takes the functions beside the tests for no tests")]

mod support;

use std::cell::RefCell;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use intermesh::apply::events::{self, Line, Teller, Told, Word};
use intermesh::apply::{Event, Operators, Run, carry_out};
use intermesh::cluster::ErrorKind;
use intermesh::lab::Fault;
use support::{Bench, mesh_of};

#[test]
fn the_published_schema_is_the_types() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/events.v1.json");
    let made = serde_json::to_string_pretty(&events::schema()).unwrap() + "\n";
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        text == made,
        "schemas/events.v1.json and the types differ; run with UPDATE_SCHEMAS=1 and review the change"
    );
}

/// The lines of a run in which a step fails and others are skipped.
async fn lines(stop_on_error: bool) -> (intermesh::plan::Plan, Vec<Line>, intermesh::apply::Account) {
    let links = "topology: {shape: links, links: [{between: [c00, c01]}, {between: [c02, c03]}]}\n";
    let bench = Bench::new(mesh_of(4, links, ""), 2, |_| ());
    let kind = ErrorKind::Refused { message: "Invalid characters in Peer Address".into() };
    bench.lab.inject(Fault { cluster: "c00".into(), call: "add_peer", kind, effect: false, times: 1 });
    let plan = bench.plan().await;
    let operators: Operators =
        bench.mesh.clusters.iter().map(|c| (c.name.clone(), bench.lab.operator(&c.name))).collect();
    let (clock, stop) = (bench.lab.clock(), AtomicBool::new(false));
    let (told, teller) =
        (RefCell::new(Vec::new()), Teller::new(&plan, Some("2026-11-22T12-07-05Z-3f2a".parse().unwrap())));
    let at = "2026-11-22T12:07:05Z".parse().unwrap();
    told.borrow_mut().push(teller.line(at, Told::RunStarted(events::head(&plan, "0.0.0", None, 0))));
    let tell = |event: &Event| told.borrow_mut().extend(teller.tell(event, at));
    let mut run = Run::new(&operators, &bench.vault, &clock, &stop, &tell);
    run.stop_on_error = stop_on_error;
    let account = carry_out(&plan, &run).await;
    assert!(!stop.load(Ordering::Relaxed));
    drop(run);
    let lines = told.borrow().clone();
    (plan, lines, account)
}

#[tokio::test(start_paused = true)]
async fn every_line_of_a_run_is_valid() {
    let validator = jsonschema::draft202012::new(&events::schema()).unwrap();
    let (plan, lines, account) = lines(false).await;
    for line in &lines {
        let mut value = serde_json::to_value(line).unwrap();
        let wrong: Vec<String> = validator.iter_errors(&value).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(wrong.is_empty(), "{value}: {wrong:#?}");
        value["event"] = "step-danced".into();
        assert!(!validator.is_valid(&value));
    }
    assert!(matches!(lines[0].told, Told::RunStarted(_)));
    let ended = |word: Word| {
        lines.iter().filter(|line| matches!(&line.told, Told::StepEnded { outcome, .. } if *outcome == word)).count()
    };
    let totals = account.totals();
    assert_eq!(ended(Word::Done), totals.done + totals.nothing_to_do);
    assert_eq!((ended(Word::Failed), ended(Word::Skipped)), (totals.failed, totals.skipped));
    assert_eq!(ended(Word::Unknown) + totals.not_tried, 0);
    assert!(lines.iter().any(|line| matches!(line.told, Told::StepWaiting { .. })), "a sync is waited for");
    // a step acts after it began and before it ended, and only a step that writes acts
    for line in lines.iter().filter(|line| matches!(line.told, Told::StepActing(_))) {
        let about = line.told.about().unwrap();
        assert!(about.writes && plan.step(&about.step).is_some());
        let order: Vec<bool> = (lines.iter().filter(|l| l.told.about().is_some_and(|a| a.step == about.step)))
            .filter_map(|l| match l.told {
                Told::StepStarted(_) => Some(true),
                Told::StepEnded { .. } => Some(false),
                _ => None,
            })
            .collect();
        assert_eq!(order, [true, false], "{}", about.step);
    }
}

/// With `--stop-on-error` nothing begins after the first failure, and the account says where it stopped.
#[tokio::test(start_paused = true)]
async fn the_first_failure_is_the_last_where_that_is_asked_for() {
    let (plan, lines, account) = lines(true).await;
    let failed = |line: &Line| matches!(line.told, Told::StepEnded { outcome: Word::Failed, .. });
    let at = lines.iter().position(failed).unwrap();
    assert!(!lines[at..].iter().any(|line| matches!(line.told, Told::StepStarted(_))), "{:#?}", &lines[at..]);
    let totals = account.totals();
    assert_eq!(totals.failed, 1);
    assert!(totals.not_tried > 0 && !account.closed && !account.interrupted, "{totals:?}");
    assert_eq!(totals.kept().sum(), plan.steps.len());
    assert_eq!(account.stopped_at.as_ref().map(|id| &*id.0), Some("add-peer/c00/c01"));
    assert!(intermesh::report::account(&plan, &account).contains("no step began after add-peer/c00/c01"));
}

//! Rounds of drift over time: what they remember, what they tell, and who may look.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use base64::Engine;
use intermesh::cluster::{Clock, Depth, ErrorKind};
use intermesh::lab::Fault;
use intermesh::report::graph::Graph;
use intermesh::report::results::Format;
use intermesh::watch::{
    Board, Door, Happened, Happening, Hook, Kept, Look, Notice, Secret, Seen, Watch, deliver, numbers, router,
    web_client,
};
use secrecy::SecretString;
use sha2::{Digest, Sha256};

use crate::scene::Scene;

const EVERY: Duration = Duration::from_secs(900);

/// The clusters of a scene.
struct Clusters<'a>(&'a Scene);

impl Look for Clusters<'_> {
    async fn look(&mut self) -> Result<Seen, String> {
        let snapshot = self.0.read(Depth::Full).await;
        let drift = self.0.judge(&self.0.file, &snapshot, Depth::Full);
        let graph = Graph::of_drift(&self.0.file.mesh, &snapshot, &drift);
        Ok(Seen { drift, graph, file: "mesh.yaml".into() })
    }

    fn now(&self) -> jiff::Timestamp {
        self.0.bench.lab.clock().now()
    }
}

fn kinds(happened: &[Happening]) -> Vec<Happened> {
    happened.iter().map(|h| h.happened).collect()
}

fn unreachable(scene: &Scene, times: u32) {
    let kind = ErrorKind::Unreachable { detail: "no answer".into() };
    scene.bench.lab.inject(Fault { cluster: "apac".into(), call: "*", kind, effect: false, times });
}

#[tokio::test(start_paused = true)]
async fn what_comes_and_goes_is_told_once_and_what_is_not_read_is_not_gone() {
    let scene = Scene::applied(1).await;
    let watch = Watch::new(Board::default(), EVERY);
    let mut look = Clusters(&scene);
    assert!(watch.round(&mut look, None).await.is_empty(), "all is well");

    assert!(scene.disturb(|w| w.delete_peer(&"apac".into(), &"imp1.emea.example.com".into())).await);
    let told = watch.round(&mut look, None).await;
    assert!(!told.is_empty() && kinds(&told).iter().all(|kind| *kind == Happened::Appeared), "{told:#?}");
    let first = watch.board().open.clone();
    assert!(first.iter().any(|open| open.code == "DR001" && open.place == "apac -> emea"), "{first:#?}");
    scene.bench.lab.clock().wait(EVERY).await;
    assert!(watch.round(&mut look, None).await.is_empty(), "nothing is told twice");
    assert_eq!(watch.board().open[0].since, first[0].since, "since the first round that found it");

    unreachable(&scene, 10_000);
    let told = watch.round(&mut look, None).await;
    assert!(kinds(&told).contains(&Happened::FellSilent) && !kinds(&told).contains(&Happened::Gone), "{told:#?}");
    let board = watch.board();
    assert_eq!(board.silent.len(), 1);
    assert!(board.open.iter().any(|open| open.code == "DR001" && !open.looked_at), "{:#?}", board.open);

    // it answers again, and the entry is back
    scene.bench.lab.clear_faults();
    let plan = scene.bench.plan().await;
    assert!(scene.bench.apply(&plan).await.complete());
    scene.bench.lab.clock().wait(Duration::from_secs(3_600)).await;
    let told = watch.round(&mut look, None).await;
    assert!(kinds(&told).contains(&Happened::ReadAgain) && kinds(&told).contains(&Happened::Gone), "{told:#?}");
    let board = watch.board();
    assert!(board.open.is_empty() && board.silent.is_empty(), "{board:#?}");
    assert_eq!(board.rounds, 5);
    let text = numbers(&watch).render(Format::Prometheus).unwrap();
    assert!(text.contains("intermesh_watch_rounds{mesh=\"acme\"} 5"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_restart_forgets_nothing_and_a_disk_that_takes_nothing_stops_nothing() {
    let scene = Scene::applied(2).await;
    assert!(scene.disturb(|w| w.delete_peer(&"amer".into(), &"imp1.emea.example.com".into())).await);
    let folder = tempfile::tempdir().unwrap();
    let kept = Kept::at(&folder.path().join("watch.json"));
    let watch = Watch::new(kept.read().unwrap(), EVERY);
    assert!(!watch.round(&mut Clusters(&scene), Some(&kept)).await.is_empty());
    let before = watch.board();

    scene.bench.lab.clock().wait(EVERY).await;
    let again = Watch::new(kept.read().unwrap(), EVERY);
    assert!(again.round(&mut Clusters(&scene), Some(&kept)).await.is_empty(), "told before the restart");
    assert_eq!(again.board().open[0].since, before.open[0].since);
    assert_eq!(again.board().rounds, 2);

    let nowhere = Kept::at(&folder.path().join("no/such/folder/watch.json"));
    again.round(&mut Clusters(&scene), Some(&nowhere)).await;
    assert_eq!(again.board().rounds, 3, "rounds go on");
    let text = numbers(&again).render(Format::Prometheus).unwrap();
    assert!(text.contains("intermesh_watch_unkept{mesh=\"acme\"} 1"), "{text}");

    for (wrong, words) in
        [("{", "EOF"), ("{}", "no `format`"), (r#"{"format": 9}"#, "format 9"), ("[1]", "no `format`")]
    {
        std::fs::write(folder.path().join("watch.json"), wrong).unwrap();
        let refused = kept.read().unwrap_err();
        assert!(refused.contains("watch.json") && refused.contains(words), "{wrong}: {refused}");
    }
}

/// Sees one of two things that were read before, or nothing.
struct Flickering {
    seen: [Seen; 2],
    round: usize,
    now: jiff::Timestamp,
}

impl Look for Flickering {
    async fn look(&mut self) -> Result<Seen, String> {
        self.round += 1;
        self.now += EVERY;
        match self.round % 7 {
            6 => Err("mesh.yaml: a key is not known".into()),
            n => Ok(self.seen[n % 2].clone()),
        }
    }

    fn now(&self) -> jiff::Timestamp {
        self.now
    }
}

/// Bytes of memory that the process has, where the system tells.
fn resident() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    text.split(' ').nth(1)?.parse::<u64>().ok().map(|pages| pages * 4096)
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_rounds_take_no_more_than_a_thousand() {
    let scene = Scene::applied(3).await;
    let well = Clusters(&scene).look().await.unwrap();
    assert!(scene.disturb(|w| w.delete_peer(&"apac".into(), &"imp1.amer.example.com".into())).await);
    let broken = Clusters(&scene).look().await.unwrap();
    let mut look = Flickering { seen: [well, broken], round: 0, now: scene.bench.lab.clock().now() };
    let watch = Watch::new(Board::default(), EVERY);
    let (mut lines, mut told) = (0, 0);
    let mut tell = |_: &Board, happened: &[Happening]| {
        lines += 1;
        told += happened.len();
    };
    watch.rounds(&mut look, None, Some(1_000), &mut tell).await;
    let size = |watch: &Watch| serde_json::to_string(&watch.board()).unwrap().len();
    let (few, memory) = (size(&watch), resident());
    watch.rounds(&mut look, None, Some(9_000), &mut tell).await;
    assert_eq!((lines, watch.board().rounds), (10_000, 10_000));
    assert!(told > 5_000, "{told}");
    assert!(size(&watch) < few + few / 50, "{few} bytes after 1,000 rounds, {} after 10,000", size(&watch));
    if let (Some(before), Some(after)) = (memory, resident()) {
        // other tests run in the same process; a board that grew would take many times as much
        assert!(after < before + 64 * 1024 * 1024, "{before} bytes, then {after}");
    }
}

/// Serves a watch; returns its address.
async fn served(watch: &Watch, door: Door) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let routes = router(watch.clone(), door);
    tokio::spawn(async move { axum::serve(listener, routes).await });
    address
}

#[tokio::test]
async fn only_who_may_sees_the_page_and_nobody_changes_anything() {
    let client = web_client().unwrap();
    let watch = Watch::new(Board::default(), EVERY);
    let get = |address: &str, path: &str| client.get(format!("{address}{path}"));
    let open = served(&watch, Door::Loopback).await;
    for (path, words) in
        [("/", "the first round is on its way"), ("/metrics", "# EOF"), ("/api/v1/state", "\"rounds\": 0")]
    {
        let answer = get(&open, path).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(answer.headers()["cache-control"], "no-store");
        assert!(answer.text().await.unwrap().contains(words), "{path}");
        // a page of elsewhere whose name was made to lead here
        let answer = get(&open, path).header("host", "mesh.example.com").send().await.unwrap();
        assert_eq!(answer.status(), 403, "{path}");
        assert_eq!(client.post(format!("{open}{path}")).send().await.unwrap().status(), 405, "{path}");
    }
    let closed = served(&watch, Door::Token(SecretString::from("sesame"))).await;
    for path in ["/", "/metrics", "/api/v1/state"] {
        assert_eq!(get(&closed, path).send().await.unwrap().status(), 401, "{path}");
        assert_eq!(get(&closed, path).bearer_auth("Sesame").send().await.unwrap().status(), 401, "{path}");
        assert_eq!(get(&closed, path).bearer_auth("sesame").send().await.unwrap().status(), 200, "{path}");
        assert_eq!(get(&closed, path).basic_auth("any", Some("sesame")).send().await.unwrap().status(), 200, "{path}");
    }
    assert_eq!(get(&closed, "/healthz").send().await.unwrap().status(), 200, "whether it is well is no secret");
}

/// The page runs its own script and no other, and asks nobody else: the policy that goes with it names that script alone.
#[tokio::test]
async fn the_policy_lets_the_script_of_the_page_run_and_no_other() {
    let watch = Watch::new(Board::default(), EVERY);
    let address = served(&watch, Door::Loopback).await;
    let answer = web_client().unwrap().get(&address).send().await.unwrap();
    let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
    let page = answer.text().await.unwrap();
    let scripts: Vec<&str> =
        page.split("<script>").skip(1).map(|rest| rest.split_once("</script>").unwrap().0).collect();
    let [script] = scripts[..] else { panic!("{} scripts", scripts.len()) };
    let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(script));
    let allowed: Vec<&str> = policy.split("; ").collect();
    assert!(allowed.contains(&format!("script-src 'sha256-{hash}'").as_str()), "{policy}");
    assert!(allowed.contains(&"default-src 'none'") && allowed.contains(&"connect-src 'self'"), "{policy}");
    assert!(!policy.contains("script-src 'unsafe"), "{policy}");
}

#[tokio::test]
async fn a_notice_is_signed_and_tried_again() {
    let (calls, bodies) = (Arc::new(AtomicU64::new(0)), Arc::new(std::sync::Mutex::new(Vec::new())));
    let (counted, kept) = (Arc::clone(&calls), Arc::clone(&bodies));
    let take = move |headers: HeaderMap, body: Bytes| async move {
        let signature = headers["x-intermesh-signature-256"].to_str().unwrap().to_owned();
        kept.lock().unwrap().push((signature, body));
        // the first time it is not up yet
        if counted.fetch_add(1, Ordering::Relaxed) == 0 { StatusCode::BAD_GATEWAY } else { StatusCode::OK }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/hook", post(take))).await });
    let at = "2026-03-02T22:00:00Z".parse().unwrap();
    let happened = [Happening {
        at,
        happened: Happened::Appeared,
        place: "apac -> emea".into(),
        what: "there is no peer".into(),
        code: Some("DR001".into()),
        severity: Some("error".into()),
    }];
    let notice = Notice::of(&Board::default(), &happened).unwrap();
    let secret = Some(Secret(SecretString::from("It's a Secret to Everybody")));
    let hook = Hook::Web { url, secret, client: web_client().unwrap() };
    deliver(&hook, &notice).await.unwrap();
    assert_eq!(calls.load(Ordering::Relaxed), 2);
    let bodies = bodies.lock().unwrap();
    assert_eq!(bodies[0], bodies[1], "the same is sent again");
    let read: serde_json::Value = serde_json::from_slice(&bodies[0].1).unwrap();
    assert_eq!(read["happened"][0]["code"], "DR001");
    assert_eq!(bodies[0].0.len(), "sha256=".len() + 64);
}

#[tokio::test]
async fn a_program_is_run_with_the_notice_on_its_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    let (script, out) = (folder.path().join("told.sh"), folder.path().join("told.json"));
    std::fs::write(&script, format!("#!/bin/sh\ncat > '{}'\n", out.display())).unwrap();
    let at = "2026-03-02T22:00:00Z".parse().unwrap();
    let happened = [Happening {
        at,
        happened: Happened::Failed,
        place: "acme".into(),
        what: "x".into(),
        code: None,
        severity: None,
    }];
    let notice = Notice::of(&Board::default(), &happened).unwrap();
    let words = vec!["sh".to_owned(), script.display().to_string()];
    deliver(&Hook::Command { words }, &notice).await.unwrap();
    let read: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(out).unwrap()).unwrap();
    assert_eq!(read["happened"][0]["happened"], "failed");
    assert!(Notice::of(&Board::default(), &[]).is_none(), "nothing happened");
}

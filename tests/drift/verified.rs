//! What `verify` says, at the usual width and at 60 columns; and what its wait comes to.

use std::cell::RefCell;
use std::time::Duration;

use intermesh::cli::verify_wait::{Look, Waited, until_well};
use intermesh::cli::{Exit, Signal};
use intermesh::cluster::{Clock, Depth, ErrorKind, Snapshot, service};
use intermesh::lab::Fault;
use intermesh::plan::verify::verify;
use intermesh::report;

use crate::scene::{FILE, Scene};

/// What verification says of a scene as it is now, as it is told at a terminal of 60 columns, too.
async fn golden(name: &str, scene: &Scene, all: bool) {
    let snapshot = scene.read(Depth::Full).await;
    let text = report::verification(&scene.file.mesh, &verify(&scene.file.mesh, &snapshot), all);
    let text = anstream::adapter::strip_str(&text).to_string();
    let narrow = report::fit(&text, 60);
    for line in narrow.lines() {
        assert!(line.chars().count() <= 60, "{name}: {line}");
    }
    insta::with_settings!({ snapshot_path => "../golden/verify", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, format!("{text}\n=== 60 columns\n{narrow}"));
    });
}

#[tokio::test(start_paused = true)]
async fn all_is_well() {
    let scene = Scene::applied(1).await;
    golden("healthy", &scene, false).await;
    golden("healthy-all", &scene, true).await;
}

#[tokio::test(start_paused = true)]
async fn one_side_is_missing() {
    let scene = Scene::applied(1).await;
    scene.bench.lab.operator(&"emea".into()).delete_peer(&"imp1.amer.example.com".into()).await.unwrap();
    scene.bench.lab.clock().wait(Duration::from_secs(3_600)).await;
    golden("one-side-missing", &scene, false).await;
}

#[tokio::test(start_paused = true)]
async fn a_certificate_is_out_of_sync() {
    let scene = Scene::applied(1).await;
    assert!(scene.disturb(|world| world.regenerate_certificates(&"apac".into())).await);
    golden("certificate-out-of-sync", &scene, false).await;
}

#[tokio::test(start_paused = true)]
async fn user_counts_differ() {
    let scene = Scene::applied(1).await;
    // nobody has synced since
    scene.bench.lab.world().set_users(&"amer".into(), &"imp1.amer.example.com".into(), 4_321);
    golden("user-counts-differ", &scene, false).await;
}

#[tokio::test(start_paused = true)]
async fn a_cluster_cannot_be_read() {
    let scene = Scene::applied(1).await;
    let kind = ErrorKind::Unauthorized { username: "icsa".into() };
    scene.bench.lab.inject(Fault { cluster: "amer".into(), call: "*", kind, effect: false, times: 1_000 });
    golden("unread", &scene, false).await;
}

/// Waits as `verify --wait` does, while that happens to the clusters; with what it told.
async fn wait(
    scene: &Scene,
    minutes: u64,
    interrupted: Option<u64>,
    meanwhile: impl Future<Output = ()>,
) -> (Waited, Vec<String>) {
    let clock = scene.bench.lab.clock();
    let look = async || {
        let snapshot: Snapshot = scene.read(Depth::Full).await;
        Look { found: verify(&scene.file.mesh, &snapshot), snapshot }
    };
    let heard: RefCell<Vec<String>> = RefCell::default();
    let tell = |look: &Look, news: bool, waited: Duration| {
        let news = if news { "news" } else { "the same" };
        heard.borrow_mut().push(format!(
            "{} min: {} of {} sides, {news}",
            waited.as_secs() / 60,
            look.healthy(),
            look.found.sides.len()
        ));
    };
    let signal = async {
        match interrupted {
            Some(seconds) => clock.wait(Duration::from_secs(seconds)).await,
            None => std::future::pending().await,
        }
        Ok(Signal::Interrupt)
    };
    let limit = Duration::from_secs(minutes * 60);
    let (waited, ()) = tokio::join!(until_well(&clock, limit, look, &tell, signal), meanwhile);
    (waited.unwrap(), heard.into_inner())
}

const NODE: &str = "imp1.emea.example.com";

async fn without_an_agent() -> Scene {
    let scene = Scene::applied(1).await;
    let stopped = scene.disturb(|world| world.stop(&"emea".into(), &NODE.into(), service::ICSA)).await;
    assert!(stopped, "{FILE}");
    scene
}

#[tokio::test(start_paused = true)]
async fn a_wait_ends_when_all_is_well() {
    let scene = without_an_agent().await;
    let clock = scene.bench.lab.clock();
    let began = clock.elapsed();
    let (waited, heard) = wait(&scene, 120, None, async {
        clock.wait(Duration::from_secs(600)).await;
        scene.bench.lab.world().start(&"emea".into(), &NODE.into(), service::ICSA).unwrap();
    })
    .await;
    assert_eq!(waited.exit(), Exit::Done, "{heard:#?}");
    let took = (clock.elapsed() - began).as_secs() / 60;
    assert!((10..120).contains(&took), "it ended after {took} min\n{heard:#?}");
    assert!(heard.len() >= 10 && heard[0].ends_with("news") && heard[1].ends_with("the same"), "{heard:#?}");
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_was_too_short_says_what_is_missing() {
    let scene = without_an_agent().await;
    let clock = scene.bench.lab.clock();
    let began = clock.elapsed();
    let (waited, heard) = wait(&scene, 5, None, async {}).await;
    assert_eq!(waited.exit(), Exit::Differences);
    assert_eq!(heard.len(), 5, "one look a minute, and the last of them is told by the report: {heard:#?}");
    assert_eq!((clock.elapsed() - began).as_secs() / 60, 5);
    let Waited::Over(look) = waited else { panic!("nobody interrupted it") };
    let missing = look.missing();
    assert!(missing.iter().any(|line| line.contains("Cisco Intercluster Sync Agent is")), "{missing:#?}");
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_stays_unread_outranks_what_is_not_well() {
    let scene = without_an_agent().await;
    let kind = ErrorKind::Unreachable { detail: "connection refused".into() };
    scene.bench.lab.inject(Fault { cluster: "amer".into(), call: "*", kind, effect: false, times: 100_000 });
    let (waited, _) = wait(&scene, 3, None, async {}).await;
    assert_eq!(waited.exit(), Exit::Unread);
}

#[tokio::test(start_paused = true)]
async fn a_wait_can_be_ended_and_says_what_was_missing() {
    let scene = without_an_agent().await;
    let (waited, heard) = wait(&scene, 120, Some(150), async {}).await;
    assert_eq!(waited.exit(), Exit::Interrupted);
    assert_eq!(waited.exit().code(), 130);
    assert_eq!(heard.len(), 3, "{heard:#?}");
    let Waited::Interrupted(missing) = waited else { panic!("it was interrupted") };
    assert!(missing.iter().any(|line| line.contains("Cisco Intercluster Sync Agent is")), "{missing:#?}");
}

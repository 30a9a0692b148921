//! What a person reads of drift, at 80 and at 60 columns, and what programs do. `INSTA_UPDATE=always` rewrites the files
//! under `tests/golden/drift/`; look at the difference before you commit it.

use intermesh::cluster::{Depth, Transport, service};
use intermesh::lab::world::World;
use intermesh::plan::drift::Drift;
use intermesh::report;
use intermesh::report::results::{Format, Results};

use crate::scene::{FILE, Scene, loaded};

fn golden(name: &str, text: &str) {
    insta::with_settings!({snapshot_path => "../golden/drift", prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!(name, text);
    });
}

fn text(drift: &Drift, width: usize) -> String {
    let text = anstream::adapter::strip_str(&report::drift("mesh.yaml", drift, width)).to_string();
    // what is longer is one word: a name, a path
    let wide =
        text.lines().find(|line| line.chars().count() > width && line.trim().contains(' ') && !line.contains("DR"));
    assert_eq!(wide, None, "{text}");
    text
}

/// Several things at once.
fn a_bad_night(w: &mut World) -> Result<(), intermesh::lab::world::Refusal> {
    w.delete_peer(&"amer".into(), &"imp1.apac.example.com".into())?;
    w.stop(&"emea".into(), &"imp2.emea.example.com".into(), service::XCP_ROUTER)?;
    w.change_protocol(&"emea".into(), &"imp1.amer.example.com".into(), Transport::Tls)?;
    let group = w.groups(&"apac".into())[0].name.clone();
    w.set_high_availability(&"apac".into(), &group, false)?;
    w.set_parameter(
        &"emea".into(),
        &"imp1.emea.example.com".into(),
        service::SIP_PROXY,
        "Maximum no. of processes",
        "10",
    )
}

#[tokio::test(start_paused = true)]
async fn a_bad_night_is_readable() {
    let mut scene = Scene::applied(1).await;
    scene.disturb(a_bad_night).await;
    let found = scene.drift().await;
    golden("a-bad-night-80", &text(&found, 80));
    golden("a-bad-night-60", &text(&found, 60));
    golden("a-bad-night-json", &serde_json::to_string_pretty(&found).unwrap());
    let results = Results::of_drift(&found, "mesh.yaml", 2);
    golden("a-bad-night-markdown", &results.render(Format::Markdown).unwrap());
    let accepting = format!(
        "{FILE}accept:\n  - {{rule: DR040, cluster: apac, reason: one node is in repair, owner: uc-team, until: 2026-06-30}}\n  \
         - {{rule: DR090, reason: a trial, owner: uc-team, until: 2026-02-28}}\n"
    );
    let snapshot = scene.read(Depth::Full).await;
    golden("a-bad-night-accepted", &text(&scene.judge(&loaded(&accepting), &snapshot, Depth::Full), 80));
    scene.last = None;
    golden("no-run-is-known", &text(&scene.drift_to(Depth::Quick).await, 80));
}

#[tokio::test(start_paused = true)]
async fn no_drift_is_one_line() {
    let scene = Scene::applied(1).await;
    golden("no-drift", &text(&scene.drift().await, 80));
}

#[tokio::test(start_paused = true)]
async fn a_node_that_is_lost_takes_its_faces_along() {
    let scene = Scene::applied(1).await;
    scene.disturb(|w| w.power_off(&"imp1.amer.example.com".into())).await;
    golden("a-publisher-is-lost", &text(&scene.drift().await, 80));
}

//! Every disturbance in memory, in virtual time, whatever the product does where nobody knows.

use std::collections::BTreeMap;
use std::time::Duration;

use intermesh::cluster::{Clock, Depth};

use crate::disturbances::ALL;
use crate::scene::{Scene, lines};

/// Seeds between which what is not published differs: how a one-sided peer shows, what panels say.
const SEEDS: std::ops::Range<u64> = 0..6;

#[tokio::test(start_paused = true)]
async fn each_disturbance_is_named_and_nothing_else() {
    let (mut wrong, mut happened) = (Vec::new(), BTreeMap::new());
    for seed in SEEDS {
        for disturbance in ALL {
            let scene = Scene::applied(seed).await;
            let taken = scene.disturb(disturbance.does).await;
            let found = scene.drift().await;
            let expected: &[&str] = if taken { &[disturbance.expected] } else { &[] };
            happened.insert(disturbance.name, taken || happened.get(disturbance.name) == Some(&true));
            // where both panels say the same, the link is right, and no side is claimed
            let unsure = found.findings.iter().any(|f| f.what.contains("their panels do not tell"));
            let told: Vec<String> =
                lines(&found).iter().map(|line| if unsure { turned(line) } else { line.clone() }).collect();
            if lines(&found) != expected && told != expected {
                let told = found.findings.iter().map(|f| {
                    format!("    {}\n", crate::scene::line(f)) + &format!("      {} {:?}\n", f.what, f.seen_as)
                });
                let told: String = told.collect();
                wrong.push(format!("seed {seed}: {}: wanted {}\n{told}", disturbance.name, disturbance.expected));
            }
        }
    }
    assert!(happened.values().all(|happened| *happened), "refused for every seed: {happened:#?}");
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

/// The same finding on the other side of its link.
fn turned(line: &str) -> String {
    let (before, to) = line.split_once(" -> ").unwrap_or((line, ""));
    let (before, from) = before.rsplit_once(' ').unwrap_or((before, ""));
    format!("{before} {to} -> {from}")
}

/// Rounds of a watch over clusters to which nothing happens, five minutes apart, over more than three days.
const ROUNDS: usize = 1_000;

#[tokio::test(start_paused = true)]
async fn where_nothing_happens_nothing_is_found() {
    let seeds: Vec<u64> = SEEDS.collect();
    let mut scenes = Vec::new();
    for seed in &seeds {
        scenes.push(Scene::applied(*seed).await);
    }
    for round in 0..ROUNDS {
        let scene = &scenes[round % scenes.len()];
        let depth = if round % 3 == 0 { Depth::Full } else { Depth::Quick };
        let found = scene.drift_to(depth).await;
        assert!(found.is_empty() && found.unread.is_empty(), "round {round}: {found:#?}");
        for scene in &scenes {
            scene.bench.lab.clock().wait(Duration::from_secs(300)).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_quickly_read_is_quickly_found() {
    for disturbance in ALL {
        let scene = Scene::applied(0).await;
        assert!(scene.disturb(disturbance.does).await, "{}", disturbance.name);
        let told = lines(&scene.drift_to(Depth::Quick).await);
        if disturbance.quick {
            assert_eq!(told, [disturbance.expected], "{}", disturbance.name);
        }
        // without the cause, which takes long to read, what it leads to may be seen
        let faces = told.iter().all(|line| line.contains("DR006"));
        assert!(disturbance.quick || faces, "{}: {told:#?}", disturbance.name);
    }
}

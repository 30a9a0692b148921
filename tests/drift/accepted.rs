//! Drift that the file accepts, and the edits that accept it.

use intermesh::cluster::{Account, Depth, NewPeer, PeerEdit, Transport, service};
use intermesh::lab::world::World;
use intermesh::mesh::edit::edit;
use intermesh::plan::drift::{Patch, propose};

use crate::scene::{FILE, Scene, day, lines, loaded};

fn stranger(w: &mut World) -> Result<(), intermesh::lab::world::Refusal> {
    let account = Account { username: "icsa".into(), password: "x".to_owned().into() };
    let address = "imp1.lab.example.com".into();
    w.add_peer(&"emea".into(), &NewPeer { address, account, protocol: Transport::Tcp })
}

/// A seed whose pages take what is typed into them.
const SEED: u64 = 0;

#[tokio::test(start_paused = true)]
async fn an_acceptance_covers_its_place_until_its_last_day() {
    let scene = Scene::applied(SEED).await;
    assert!(scene.disturb(stranger).await);
    let snapshot = scene.read(Depth::Full).await;
    let found =
        |accept: &str| scene.judge(&loaded(&format!("{FILE}accept:\n  - {{{accept}}}\n")), &snapshot, Depth::Full);
    let open = "warning DR002 drifted emea -> imp1.lab.example.com";
    for (accept, expected) in [
        ("rule: DR002, reason: x", [].as_slice()),
        ("rule: dr002, cluster: emea, peer: IMP1.lab.example.com., reason: x", &[]),
        ("rule: DR002, cluster: amer, reason: x", &[open]),
        ("rule: DR002, peer: imp1.elsewhere.example.com, reason: x", &[open]),
        ("rule: DR003, reason: x", &[open]),
        ("rule: DR002, reason: x, until: 2026-03-02", &[]),
        ("rule: DR002, reason: x, until: 2026-03-01", &[open, "warning DR099 - the mesh"]),
    ] {
        let found = found(accept);
        assert_eq!(lines(&found), expected, "{accept}");
        assert_eq!(found.accepted.len(), usize::from(expected.is_empty()), "{accept}");
    }
    let accepted = &found("rule: DR002, reason: the lab, owner: uc-team, until: 2027-01-01").accepted[0];
    assert_eq!((accepted.reason.as_str(), accepted.owner.as_deref()), ("the lab", Some("uc-team")));
    assert_eq!(accepted.line, Some(FILE.lines().count() + 2));
}

/// Applies a patch, and says what drift there is then.
async fn patched(
    does: impl FnOnce(&mut World) -> Result<(), intermesh::lab::world::Refusal>,
) -> (String, Vec<String>, Patch) {
    let scene = Scene::applied(SEED).await;
    assert!(scene.disturb(does).await);
    let snapshot = scene.read(Depth::Full).await;
    let found = scene.judge(&scene.file, &snapshot, Depth::Full);
    assert!(!found.is_empty());
    let patch = propose(&scene.file.mesh, &snapshot, &found, day());
    let mut file = scene.file.clone();
    for (change, _) in &patch.edits {
        file = loaded(&edit(file.source.text(), &file.mesh, change).unwrap());
    }
    let after = file.source.text();
    let diff = similar::TextDiff::from_lines(FILE, after);
    let diff: String = diff
        .iter_all_changes()
        .filter(|change| change.tag() != similar::ChangeTag::Equal)
        .map(|change| format!("{}{change}", change.tag()))
        .collect();
    // comments stay
    assert_eq!(FILE.matches('#').count(), after.matches('#').count());
    // a restart that a page asked for is still to be made
    let mut left = lines(&scene.judge(&file, &snapshot, Depth::Full));
    left.retain(|line| !line.contains("DR022"));
    (diff, left, patch)
}

#[tokio::test(start_paused = true)]
async fn a_patch_says_what_the_world_says_and_then_nothing_is_found() {
    let (diff, left, _) = patched(|w| {
        w.change_protocol(&"emea".into(), &"imp1.amer.example.com".into(), Transport::Tls)?;
        w.change_protocol(&"amer".into(), &"imp1.emea.example.com".into(), Transport::Tls)
    })
    .await;
    assert_eq!((diff.as_str(), left), ("+    - {between: [amer, emea], transport: tls}\n", vec![]));

    let (diff, left, _) = patched(|w| {
        w.change_protocol(&"emea".into(), &"imp1.apac.example.com".into(), Transport::Tcp)?;
        w.change_protocol(&"apac".into(), &"imp1.emea.example.com".into(), Transport::Tcp)
    })
    .await;
    let (old, new) = ("transport: tls}   # audited", "transport: tcp}   # audited");
    assert_eq!(diff, format!("-    - {{between: [emea, apac], {old}\n+    - {{between: [emea, apac], {new}\n"));
    assert_eq!(left, [""; 0]);

    let (diff, left, _) = patched(|w| {
        w.delete_peer(&"amer".into(), &"imp1.apac.example.com".into())?;
        w.delete_peer(&"apac".into(), &"imp1.amer.example.com".into())
    })
    .await;
    assert_eq!(diff, "-  shape: full\n+  shape: links\n+    - {between: [amer, emea]}\n");
    assert_eq!(left, [""; 0]);

    let (diff, left, _) = patched(|w| {
        let set = |w: &mut World, node: &str, value| {
            w.set_parameter(&"emea".into(), &node.into(), service::SIP_PROXY, "Maximum no. of processes", value)
        };
        set(w, "imp1.emea.example.com", "10")?;
        w.set_parameter(
            &"amer".into(),
            &"imp1.amer.example.com".into(),
            service::SIP_PROXY,
            "Maximum no. of processes",
            "12",
        )?;
        w.set_parameter(
            &"amer".into(),
            &"imp2.amer.example.com".into(),
            service::SIP_PROXY,
            "Maximum no. of processes",
            "12",
        )
    })
    .await;
    let expected = "-      - {name: imp1.emea.example.com, group: default}\n\
        +      - {name: imp1.emea.example.com, group: default, parameters: {Cisco SIP Proxy: {Maximum no. of processes: 10}}}\n\
        -  - {name: amer, publisher: imp1.amer.example.com, dns: {servers: [10.2.0.53]}}\n\
        +  - {name: amer, publisher: imp1.amer.example.com, dns: {servers: [10.2.0.53]}, parameters: {Cisco SIP Proxy: \
        {Maximum no. of processes: 12}}}\n";
    assert_eq!((diff.as_str(), left), (expected, vec![]));

    let (diff, left, _) = patched(stranger).await;
    assert_eq!(
        diff,
        "+accept:\n+  - {rule: DR002, cluster: emea, peer: imp1.lab.example.com, reason: say why this is meant to be so, \
         owner: say who, until: \"2026-05-31\"}\n"
    );
    assert_eq!(left, [""; 0]);

    let (diff, left, _) = patched(|w| w.install(&"apac".into(), "15.0.1.10000-1")).await;
    assert_eq!((diff.as_str(), left), ("+    release: \"15\"\n", vec![]));
}

/// What no file can say is not proposed, and the reason is given.
#[tokio::test(start_paused = true)]
async fn what_does_not_work_is_mended_and_not_accepted() {
    for (does, why) in [
        (
            (|w: &mut World| w.delete_peer(&"amer".into(), &"imp1.emea.example.com".into())) as fn(&mut World) -> _,
            "half a link is no link",
        ),
        (
            |w| w.change_protocol(&"amer".into(), &"imp1.emea.example.com".into(), Transport::Tls),
            "only this side was changed",
        ),
        (|w| w.stop(&"amer".into(), &"imp1.amer.example.com".into(), service::ICSA), "DR020 is an error: mend it"),
        (
            |w| {
                let account = Some(Account { username: "old".into(), password: "x".to_owned().into() });
                w.update_peer(&"emea".into(), &"imp1.amer.example.com".into(), &PeerEdit { account, protocol: None })
            },
            "DR005 is an error: mend it",
        ),
    ] {
        let (diff, left, patch) = patched(does).await;
        assert_eq!((diff.as_str(), left.len(), patch.left.len()), ("", 1, 1));
        assert!(patch.left[0].1.contains(why), "{:?}", patch.left);
    }
}

/// Which of the two moved.
#[tokio::test(start_paused = true)]
async fn labels_tell_the_file_from_the_world() {
    let mut scene = Scene::applied(SEED).await;
    let snapshot = scene.read(Depth::Full).await;
    let tls = loaded(&FILE.replace("transport: tls", "transport: tcp"));
    let pending = ["warning DR004 pending emea -> apac", "warning DR004 pending apac -> emea"];
    assert_eq!(lines(&scene.judge(&tls, &snapshot, Depth::Full)), pending);
    // a cluster that the file has brought in since
    let more = FILE.replace("topology:", "  - {name: latam, publisher: imp1.latam.example.com}\ntopology:");
    let found = scene.judge(&loaded(&more), &snapshot, Depth::Full);
    assert!(found.findings.iter().all(|f| f.label.map(|l| l.word()) == Some("pending")), "{found:#?}");
    assert!(found.findings.len() >= 3, "every cluster lacks its peer: {found:#?}");
    // both: the file asks for 10 processes, somebody set 12
    let ten = loaded(&FILE.replace("processes: 20", "processes: 10"));
    scene
        .disturb(|w| {
            w.set_parameter(
                &"emea".into(),
                &"imp1.emea.example.com".into(),
                service::SIP_PROXY,
                "Maximum no. of processes",
                "12",
            )
        })
        .await;
    let snapshot = scene.read(Depth::Full).await;
    let found = lines(&scene.judge(&ten, &snapshot, Depth::Full));
    assert!(
        found.contains(&"warning DR090 both emea: imp1.emea.example.com: Maximum no. of processes".into()),
        "{found:#?}"
    );
    assert!(
        found.contains(&"warning DR090 pending emea: imp2.emea.example.com: Maximum no. of processes".into()),
        "{found:#?}"
    );
    // without a run that is known, the labels are missing and nothing else
    let labelled = scene.drift().await;
    scene.last = None;
    let plain = scene.drift().await;
    assert!(plain.findings.iter().all(|f| f.label.is_none()));
    let what =
        |drift: &intermesh::plan::drift::Drift| drift.findings.iter().map(|f| f.what.clone()).collect::<Vec<_>>();
    assert_eq!(what(&labelled), what(&plain));
}

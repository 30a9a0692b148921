//! The files around a plan: snapshots that are planned without a network, parts of a mesh, approvals.

mod command;

use std::path::Path;

use command::{Ended, example, im, intermesh, lab};

/// Runs a script in a lab for the mesh, with `$im` as the command, in the folder.
fn in_lab(mesh: &Path, folder: &Path, script: &str) -> Ended {
    let script = format!("im='{}'; m='{}'; cd '{}'; {script}", intermesh().display(), mesh.display(), folder.display());
    lab(mesh, 1, &["sh", "-c", &script])
}

fn says(ended: &Ended, code: i32, words: &[&str]) {
    assert_eq!(ended.code, code, "{ended}");
    // long lines are wrapped
    let told = [&ended.err, &ended.out].map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
    for word in words {
        assert!(told.iter().any(|text| text.contains(word)), "no `{word}` in {ended}");
    }
}

/// A snapshot that was taken in a lab plans the same on a machine that knows no lab, no password and no network.
#[test]
fn a_snapshot_is_planned_without_a_network() {
    let folder = tempfile::tempdir().unwrap();
    let mesh = example("three-full.yaml");
    let ended =
        in_lab(&mesh, folder.path(), "$im snapshot $m -o s.json && $im plan $m --json > live.json; test $? = 2");
    assert_eq!(ended.code, 0, "{ended}");
    let (m, s) = (mesh.display().to_string(), folder.path().join("s.json").display().to_string());
    let offline = im(&["plan", &m, "--snapshot", &s, "--json"]);
    assert_eq!(offline.code, 2, "{offline}");
    let steps = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap()["steps"].clone();
    let live = std::fs::read_to_string(folder.path().join("live.json")).unwrap();
    assert_eq!(steps(&offline.out), steps(&live));

    let text = std::fs::read_to_string(&s).unwrap();
    for secret in ["Lab&", "assword\":"] {
        assert!(!text.contains(secret), "a snapshot holds no secret");
    }
    let wire = im(&["plan", &m, "--snapshot", &s, "--wire"]);
    says(
        &wire,
        2,
        &["Presence > Inter-Clustering", "Peer Address: imp1.apac.example.com", "/axl/", "soapDoControlServices"],
    );
    for secret in ["Lab&", "Basic ", "assword><"] {
        assert!(!wire.out.contains(secret), "what is shown holds no secret: {wire}");
    }
    let other = example("two-clusters.yaml").display().to_string();
    says(&im(&["plan", &other, "--snapshot", &s]), 4, &["it is of the mesh"]);
    std::fs::write(&s, &text[..text.len() / 2]).unwrap();
    says(&im(&["plan", &m, "--snapshot", &s]), 4, &["cut off", "intermesh snapshot MESH"]);
    std::fs::write(&s, text.replacen("\"format\": 1", "\"format\": 7", 1)).unwrap();
    says(&im(&["plan", &m, "--snapshot", &s]), 4, &["snapshot format 7"]);
    let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
    value["clusters"].as_object_mut().unwrap().remove("apac").unwrap();
    std::fs::write(&s, value.to_string()).unwrap();
    says(&im(&["plan", &m, "--snapshot", &s]), 6, &["the snapshot does not hold the cluster"]);
}

/// A target is planned and applied alone, and the rest is still to do afterwards.
#[test]
fn a_part_of_a_mesh_is_applied_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mesh = example("three-full.yaml");
    let script = "$im plan $m --target emea..apac; test $? = 2 && $im apply --yes $m --target apac..emea && \
                  $im plan $m --target emea..apac && $im plan $m > rest.txt; test $? = 2 && cat rest.txt";
    let ended = in_lab(&mesh, folder.path(), script);
    says(&ended, 0, &["only apac..emea", "left out"]);
    let rest = std::fs::read_to_string(folder.path().join("rest.txt")).unwrap();
    assert!(rest.contains("4 peers to add"), "{rest}");
    says(&im(&["plan", &mesh.display().to_string(), "--target", "emea..nowhere"]), 64, &["no cluster `nowhere`"]);
    says(&im(&["plan", &mesh.display().to_string(), "--target", "emea..emea"]), 64, &["is no link"]);
}

/// What was approved is applied, also from a later plan of the same transition; anything else is refused.
#[test]
fn only_what_was_approved_is_applied() {
    let folder = tempfile::tempdir().unwrap();
    let mesh = example("two-clusters.yaml");
    let script = "$im plan $m --out plan.json; $im apply --yes plan.json --require-approval; test $? = 4 && \
                  $im approve plan.json --by jane && $im plan $m --out later.json; \
                  $im apply --yes later.json --require-approval=plan.approval.json && \
                  $im lab fault delete-peer emea imp1.apac.example.com && $im plan $m --out other.json; \
                  $im apply --yes other.json --require-approval=plan.approval.json; test $? = 4 && \
                  $im lab show > end.json";
    let ended = in_lab(&mesh, folder.path(), script);
    says(&ended, 0, &["approved by jane", "jane approved another transition", "does not count"]);
    let plan = folder.path().join("plan.json");
    let text = std::fs::read_to_string(&plan).unwrap();
    std::fs::write(&plan, text.replacen("TCP", "TLS", 1).replacen("\"tcp\"", "\"tls\"", 1)).unwrap();
    says(&im(&["approve", &plan.display().to_string(), "--by", "jane"]), 4, &["edited"]);
}

/// A saved plan that was cut off, edited, or written by a newer version, that is too old, or whose window is closed: each
/// is refused with its reason, and no cluster is contacted.
#[test]
fn a_saved_plan_that_cannot_be_used_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let ended = in_lab(&example("two-clusters.yaml"), folder.path(), "$im plan $m --out plan.json; test $? = 2");
    assert_eq!(ended.code, 0, "{ended}");
    let plan = folder.path().join("plan.json");
    let text = std::fs::read_to_string(&plan).unwrap();
    let refused = |text: &str, more: &[&str], words: &[&str]| {
        std::fs::write(&plan, text).unwrap();
        let plan = plan.display().to_string();
        says(&im(&[&["apply", "--yes", plan.as_str()], more].concat()), 4, words);
    };
    let edited = |edit: &dyn Fn(&mut serde_json::Value)| {
        let mut value = serde_json::from_str(&text).unwrap();
        edit(&mut value);
        value.to_string()
    };
    let again = "Make it again with `intermesh plan MESH --out FILE`.";
    refused(&text[..text.len() / 2], &[], &["it was cut off or edited", again]);
    refused(&edited(&|plan| plan["format"] = 7.into()), &[], &["it has plan format 7; this version", "format 1"]);
    let another_protocol = edited(&|plan| plan["changes"][0]["what"]["create-peer"]["protocol"] = "tls".into());
    refused(&another_protocol, &[], &["it was edited: its changes do not fit its fingerprint", again]);
    let no_gate = edited(&|plan| plan["steps"][0]["gates"] = serde_json::json!([]));
    refused(&no_gate, &[], &["it was edited", again]);
    let read_at = |at: String| {
        edited(&move |plan: &mut serde_json::Value| {
            plan["made_at"] = at.clone().into();
            plan["snapshot"]["taken_at"] = at.clone().into();
        })
    };
    let now = jiff::Timestamp::now();
    let old = read_at((now - jiff::SignedDuration::from_hours(30)).to_string());
    refused(&old, &[], &["refused by --max-age: it is 24 h, the plan is 30 h old", "a longer `--max-age`"]);
    refused(&old, &["--max-age", "10h"], &["refused by --max-age: it is 10 h, the plan is 30 h old"]);
    let closed = edited(&|plan| {
        plan["made_at"] = now.to_string().into();
        plan["snapshot"]["taken_at"] = now.to_string().into();
        let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        let today = now.to_zoned(jiff::tz::TimeZone::UTC).date().weekday().to_monday_zero_offset();
        let other = days[(usize::try_from(today).unwrap() + 3) % 7];
        plan["mesh"]["policy"]["window"] =
            serde_json::json!({"days": [other], "from": "01:00", "to": "05:00", "zone": "UTC"});
    });
    refused(
        &closed,
        &[],
        &["refused by policy.window: it is ", "01:00 to 05:00 UTC, and closed now", "It opens next on"],
    );
}

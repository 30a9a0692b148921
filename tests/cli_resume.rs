//! `apply` with its store, over sockets: killed, interrupted, raced, and gone on with.

#![allow(clippy::unwrap_used, reason = "clippy takes the functions beside the tests for no tests")]

mod command;

use command::{Ended, example, intermesh, lab};

/// Runs a script in a lab. It knows the command as `$im`, the mesh as `$m`, and waits with `records N` until the only
/// run's journal has that many.
fn script(text: &str) -> Ended {
    script_on("three-full.yaml", text)
}

fn script_on(mesh: &str, text: &str) -> Ended {
    let mesh = example(mesh);
    let before = format!(
        "im='{}'; m='{}'; store=$(dirname \"$INTERMESH_OVERLAY\")/store\n\
         records() {{ while [ $(ls \"$store\"/meshes/*/runs/*/journal 2>/dev/null | grep -c json) -lt $1 ]; do sleep 0.02; done; }}\n",
        intermesh().display(),
        mesh.display()
    );
    lab(&mesh, 1, &["sh", "-c", &(before + text)])
}

/// The lines between two marks that the script printed.
fn part<'a>(ended: &'a Ended, mark: &str) -> &'a str {
    let from = ended.out.split_once(&format!("== {mark}\n")).unwrap_or_else(|| panic!("no {mark}: {ended}")).1;
    from.split_once("== ").map_or(from, |(part, _)| part)
}

#[test]
fn a_killed_apply_is_gone_on_with() {
    for records in [2, 9, 24] {
        let ended = script(&format!(
            "\"$im\" apply --yes \"$m\" & pid=$!; records {records}; kill -9 $pid; wait $pid\n\
             echo '== locked'; \"$im\" apply --resume --yes \"$m\" 2>&1; echo \"exit $?\"\n\
             \"$im\" lock break \"$m\" --reason 'it was killed' --yes >&2\n\
             echo '== resumed'; \"$im\" apply --resume --yes \"$m\" 2>&1; echo \"exit $?\"\n\
             echo '== again'; \"$im\" apply --resume --yes \"$m\" 2>&1; echo \"exit $?\"\n\
             echo '== after'; \"$im\" plan \"$m\" && \"$im\" verify \"$m\"; echo \"exit $?\"\n\
             echo '== runs'; \"$im\" runs list"
        ));
        let locked = part(&ended, "locked");
        assert!(locked.contains("is locked by") && locked.contains("lock break"), "{ended}");
        assert!(locked.ends_with("exit 4\n"), "{ended}");
        let resumed = part(&ended, "resumed");
        assert!(resumed.contains(" 0 failed, 0 unknown, 0 skipped, 0 not tried"), "{ended}");
        assert!(resumed.ends_with("exit 0\n"), "{ended}");
        let again = part(&ended, "again");
        assert!(again.contains("is unfinished; there is nothing to go on with\nexit 0\n"), "{ended}");
        assert!(part(&ended, "after").ends_with("exit 0\n"), "{ended}");
        let runs = part(&ended, "runs");
        assert!(runs.contains(": 1 run\n") && runs.contains("  done "), "{ended}");
    }
}

/// An apply is killed while High Availability is switched off, at any time of the week; then the rest.
fn killed_while_it_is_off(rest: &str) -> Ended {
    let text = "sed '/window:/d' \"$m\" >\"$store.yaml\"; m=\"$store.yaml\"\n\
         \"$im\" apply --yes \"$m\" >/dev/null & pid=$!\n\
         until grep -qs '\"ha-settle/' \"$store\"/meshes/*/runs/*/journal/* || ! kill -0 $pid; do sleep 0.02; done\n\
         kill -9 $pid; wait $pid; \"$im\" lock break \"$m\" --reason 'it was killed' --yes >&2\n";
    script_on("six-regions.yaml", &(text.to_owned() + rest))
}

fn flat(ended: &Ended, mark: &str) -> String {
    part(ended, mark).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a killed run left switched off is told by every command that somebody may run next.
#[test]
fn high_availability_that_was_left_off_is_told() {
    let ended = killed_while_it_is_off(
        "echo '== lock'; \"$im\" lock show \"$m\"; echo '== plan'; \"$im\" plan \"$m\"\n\
         echo '== verify'; \"$im\" verify \"$m\"; echo \"exit $?\"\n\
         echo '== resume'; \"$im\" apply --resume --yes \"$m\" 2>&1; echo \"exit $?\"\n\
         echo '== after'; \"$im\" lock show \"$m\"; \"$im\" plan \"$m\"; \"$im\" verify \"$m\"",
    );
    let flat = |mark: &str| flat(&ended, mark);
    for mark in ["lock", "plan", "verify"] {
        let said = flat(mark);
        assert!(said.contains("High Availability of ") && said.contains(" is off since 20"), "{mark}: {ended}");
        assert!(
            said.contains("`intermesh apply --resume MESH` goes on and switches it on at the end"),
            "{mark}: {ended}"
        );
    }
    assert!(flat("verify").ends_with("exit 2"), "{ended}");
    let resumed = flat("resume");
    assert!(
        resumed.contains(" is off since 20") && resumed.contains("this run switches it on again at its end"),
        "{ended}"
    );
    assert!(resumed.ends_with("exit 0"), "{ended}");
    assert!(!flat("after").contains(" off since "), "{ended}");
}

/// Whoever makes a new plan instead is told, then and at the end, what only they can do now; until the cluster shows it done.
#[test]
fn high_availability_that_a_new_plan_leaves_off_is_told_until_it_is_on() {
    let ended = killed_while_it_is_off(
        "echo '== new'; \"$im\" apply --yes \"$m\" 2>&1; echo \"exit $?\"\n\
         echo '== resume'; \"$im\" apply --resume --yes \"$m\" 2>&1; echo \"exit $?\"\n\
         echo '== lock'; \"$im\" lock show \"$m\"; echo '== plan'; \"$im\" plan \"$m\"; echo \"exit $?\"\n\
         echo '== verify'; \"$im\" verify \"$m\"; echo \"exit $?\"",
    );
    let by_hand = "that run is not gone on with: switch it on in Unified CM, System > Presence Redundancy Groups";
    let new = flat(&ended, "new");
    assert!(new.contains("`intermesh apply --resume MESH` goes on and switches it on at the end"), "{ended}");
    let (_, last) = new.rsplit_once(" steps: ").unwrap();
    assert!(last.contains("warning: ") && last.contains(" is off since 20"), "{ended}");
    assert!(last.ends_with(&format!("{by_hand} exit 0")), "{ended}");
    assert!(flat(&ended, "resume").contains("there is nothing to go on with"), "{ended}");
    for mark in ["lock", "plan", "verify"] {
        let said = flat(&ended, mark);
        assert!(said.contains(" is off since 20") && said.contains(by_hand), "{mark}: {ended}");
    }
    assert!(flat(&ended, "verify").ends_with("exit 2"), "{ended}");
}

#[test]
fn an_interrupted_apply_gives_the_lock_back_and_a_new_one_takes_its_place() {
    let ended = script(
        "\"$im\" apply --yes \"$m\" & pid=$!; records 6; kill -TERM $pid; wait $pid; code=$?\n\
         echo '== interrupted'; echo \"exit $code\"; \"$im\" lock show \"$m\"\n\
         echo '== new'; \"$im\" apply --yes \"$m\" 2>&1; echo \"exit $?\"\n\
         echo '== resume'; \"$im\" apply --resume --yes \"$m\" 2>&1; echo \"exit $?\"\n\
         echo '== after'; \"$im\" plan \"$m\"; echo \"exit $?\"",
    );
    let interrupted = part(&ended, "interrupted");
    assert!(interrupted.starts_with("exit 130\n") && interrupted.contains("gave it back"), "{ended}");
    assert!(ended.err.contains("can be gone on with: `intermesh apply --resume MESH`"), "{ended}");
    let new = part(&ended, "new");
    assert_eq!(new.matches("is unfinished: `intermesh apply --resume MESH` goes on with it").count(), 1, "{ended}");
    assert!(new.ends_with("exit 0\n"), "{ended}");
    // the plan of the interrupted one is old by now
    assert!(part(&ended, "resume").contains("there is nothing to go on with\nexit 0\n"), "{ended}");
    assert!(part(&ended, "after").ends_with("exit 0\n"), "{ended}");
}

#[test]
fn of_two_applies_one_works_and_the_other_says_who() {
    let ended = script(
        "\"$im\" apply --yes \"$m\" >\"$store.1\" 2>&1 & one=$!\n\
         \"$im\" apply --yes \"$m\" >\"$store.2\" 2>&1 & two=$!\n\
         wait $one; a=$?; wait $two; b=$?\n\
         echo '== codes'; echo \"$a $b\"; echo '== said'; grep -h 'is locked by' \"$store.1\" \"$store.2\"\n\
         echo \"processes $one $two\"; echo '== runs'; \"$im\" runs list; \"$im\" verify \"$m\"; echo \"exit $?\"",
    );
    let codes = part(&ended, "codes").trim();
    assert!(["0 4", "4 0"].contains(&codes), "{ended}");
    let (said, processes) = part(&ended, "said").split_once("processes ").unwrap();
    let winner = processes.split_whitespace().nth(usize::from(codes == "4 0")).unwrap();
    assert_eq!(said.lines().count(), 1, "{ended}");
    assert!(said.contains(&format!("(process {winner})")), "{ended}");
    let runs = part(&ended, "runs");
    assert!(runs.contains(": 1 run\n") && runs.ends_with("exit 0\n"), "{ended}");
}

/// A lab's runs are no history of real ones.
#[test]
fn a_lab_keeps_to_itself() {
    let mesh = example("three-full.yaml");
    let folder = tempfile::tempdir().unwrap();
    let (im, m, f) = (intermesh().display().to_string(), mesh.display(), folder.path().display());
    let text = format!(
        "cd '{f}'; '{im}' apply --yes --store s3://real/store '{m}'; echo \"exit $?\"\n\
         '{im}' apply --yes '{m}' >\"$INTERMESH_OVERLAY.out\"; echo \"exit $?\"; ls -A"
    );
    let ended = lab(&mesh, 1, &["sh", "-c", &text]);
    assert_eq!((ended.out.as_str(), ended.code), ("exit 4\nexit 0\n", 0), "{ended}");
    assert!(ended.err.contains("a store of real runs"), "{ended}");
}

//! Runs over sockets, told in events, taken back, and left for hands: the real command against a lab.

#![allow(clippy::unwrap_used, reason = "clippy takes the functions beside the tests for no tests")]

mod command;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use command::{Ended, changed, in_lab, intermesh, read_off, run, script, terminal};

/// A script in a lab of three clusters that are not protected.
fn of_three(folder: &Path, text: &str) -> Ended {
    let mesh = changed(folder, "three-full.yaml", |text| text.replace("protected: true", "protected: false"));
    script(&mesh, folder, &["--seed", "1"], text)
}

/// The lines between two marks that the script printed.
fn part<'a>(ended: &'a Ended, mark: &str) -> &'a str {
    let from = ended.out.split_once(&format!("== {mark}\n")).unwrap_or_else(|| panic!("no {mark}: {ended}")).1;
    from.split_once("== ").map_or(from, |(part, _)| part)
}

fn json(line: &str) -> serde_json::Value {
    serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))
}

/// What a line says, without the moment at which it was said.
fn said(lines: &str, events: &[&str]) -> Vec<serde_json::Value> {
    let mut lines: Vec<serde_json::Value> = lines.lines().map(json).collect();
    lines.retain(|line| events.contains(&line["event"].as_str().unwrap()));
    lines.iter_mut().for_each(|line| _ = line.as_object_mut().unwrap().remove("at"));
    lines.sort_by_key(ToString::to_string);
    lines
}

#[test]
fn a_run_is_told_and_told_again_and_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let ended = of_three(
        folder.path(),
        "\"$im\" apply --yes \"$m\" --events - >events 2>words; echo '== applied'; echo \"exit $?\"\n\
         echo '== again'; \"$im\" -q runs show last --replay --json\n\
         echo '== shown'; \"$im\" -q runs show last --replay\n\
         echo '== planned'; \"$im\" rollback last --out back.json --output markdown=back.md; echo \"exit $?\"\n\
         echo '== rehearsed'; \"$im\" rehearse back.json >&2; echo \"exit $?\"\n\
         echo '== back'; \"$im\" apply --yes back.json --events back.events >&2; echo \"exit $?\"\n\
         echo '== world'; \"$im\" snapshot \"$m\" -o now.json; grep -c '\"address\": \"imp' now.json\n\
         echo '== nothing'; \"$im\" rollback \"$(ls \"$(dirname \"$INTERMESH_OVERLAY\")\"/store/meshes/*/runs | head -1)\"; \
         echo \"exit $?\"\n\
         echo '== asked'; \"$im\" plan \"$m\" >/dev/null; echo \"exit $?\"\n\
         cp \"$INTERMESH_OVERLAY\" overlay",
    );
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let events = read("events");
    let first = json(events.lines().next().unwrap());
    assert_eq!((first["event"].as_str(), first["format"].as_u64()), (Some("run-started"), Some(1)), "{first}");
    assert_eq!(first["mesh"], "three-full");
    let last = json(events.lines().last().unwrap());
    assert_eq!((last["event"].as_str(), last["end"].as_str()), (Some("run-ended"), Some("done")), "{last}");
    let validator = jsonschema::draft202012::new(&intermesh::apply::events::schema()).unwrap();
    assert!(events.lines().map(json).all(|line| validator.is_valid(&line)));
    // the plan and the account, which people read, went where the events did not
    let words = read("words");
    assert!(words.contains("mesh three-full: 3 clusters") && words.contains("26 steps: "), "{words}");
    // what is kept tells the same run, to programs and to people
    let all = ["run-started", "step-started", "step-waiting", "step-acting", "step-ended", "run-ended"];
    assert_eq!(said(part(&ended, "again"), &all), said(&events, &all));
    let shown = part(&ended, "shown");
    let lines: Vec<&str> = words.lines().filter(|line| [".. ", "ok "].iter().any(|m| line.starts_with(m))).collect();
    assert!(lines.len() > 26 && lines.iter().any(|line| line.contains(": waiting: ")), "{words}");
    for line in lines.into_iter().chain(words.lines().find(|line| line.contains("26 steps: "))) {
        assert!(shown.contains(line), "`{line}` was shown, and is not shown again: {shown}");
    }
    // and what it did is taken back
    let planned = part(&ended, "planned");
    assert!(planned.contains("6 peers to delete") && planned.contains("the run added it"), "{ended}");
    assert!(planned.ends_with("exit 2\n") && read("back.md").contains("Not brought back"), "{ended}");
    assert_eq!(part(&ended, "rehearsed"), "exit 0\n", "{ended}");
    assert_eq!(part(&ended, "back"), "exit 0\n", "{ended}");
    assert_eq!(json(read("back.events").lines().next().unwrap())["rollback_of"], first["run"]);
    assert_eq!(part(&ended, "world"), "0\n", "no peer is left: {ended}");
    let nothing = part(&ended, "nothing");
    assert!(nothing.contains("nothing to take back") && nothing.ends_with("exit 0\n"), "{ended}");
    assert!(ended.err.contains("1 run of this mesh came after it"), "{ended}");
    assert_eq!(part(&ended, "asked"), "exit 2\n", "the file asks for it still: {ended}");
    let overlay = json(&read("overlay"));
    let passwords: Vec<&str> =
        overlay["credentials"].as_object().unwrap().values().map(|a| a["password"].as_str().unwrap()).collect();
    assert!(!passwords.is_empty());
    for password in passwords {
        for text in [&events, &words, &read("back.events"), &ended.out, &ended.err, &read("back.json")] {
            assert!(!text.contains(password), "a password was told");
        }
    }
}

#[test]
fn a_named_run_is_gone_on_with_once() {
    let folder = tempfile::tempdir().unwrap();
    let ended = of_three(
        folder.path(),
        "\"$im\" apply --yes \"$m\" --events events & pid=$!; said step-ended events 5; kill -TERM $pid; wait $pid\n\
         run=$(ls \"$(dirname \"$INTERMESH_OVERLAY\")\"/store/meshes/*/runs)\n\
         echo '== none'; \"$im\" apply --resume --run 2020-01-01T00-00-00Z-0000 --yes \"$m\" 2>&1; echo \"exit $?\"\n\
         echo '== named'; \"$im\" apply --resume --run \"$run\" --yes \"$m\" --events more; echo \"exit $?\"\n\
         echo '== again'; \"$im\" apply --resume --run \"$run\" --yes \"$m\" 2>&1; echo \"exit $?\"\n\
         echo '== shown'; \"$im\" runs show \"$run\" --replay",
    );
    let none = part(&ended, "none");
    assert!(none.contains("there is no run `2020-01-01T00-00-00Z-0000`") && none.ends_with("exit 1\n"), "{ended}");
    let named = part(&ended, "named");
    assert!(named.contains(" 0 failed, 0 unknown, 0 skipped, 0 not tried") && named.ends_with("exit 0\n"), "{ended}");
    let more = std::fs::read_to_string(folder.path().join("more")).unwrap();
    let head = json(more.lines().next().unwrap());
    let before = head["done_before"].as_u64().unwrap();
    assert_eq!(head["event"], "run-resumed");
    assert!(before >= 4, "{head}");
    assert!(named.contains(&format!("{before} of them were done before it was gone on with")), "{ended}");
    let again = part(&ended, "again");
    assert!(again.contains("has come to its end; nothing was done") && again.ends_with("exit 4\n"), "{ended}");
    assert!(part(&ended, "shown").contains(&format!(": {before} of 26 steps done before")), "{ended}");
}

/// The first signal ends the waits and is told; the second ends at once, and the run can still be gone on with.
#[test]
fn a_second_signal_ends_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mesh = changed(folder.path(), "two-clusters.yaml", |text| format!("{text}\n"));
    // at the pace of the product itself, what is in hand takes longer than the second signal
    let ended = script(
        &mesh,
        folder.path(),
        &["--seed", "1", "--speed", "1"],
        "\"$im\" apply --yes \"$m\" --events events >out 2>err & pid=$!; said step-waiting events 1\n\
         kill -INT $pid; said 'ending: no new step begins' err 1; kill -INT $pid; wait $pid; code=$?; echo '== code'; echo $code\n\
         echo '== lock'; \"$im\" lock show \"$m\"; echo '== runs'; \"$im\" runs list",
    );
    assert_eq!(part(&ended, "code"), "130\n", "{ended}");
    let err = std::fs::read_to_string(folder.path().join("err")).unwrap();
    assert!(err.contains("ended at once; what was in hand may or may not have taken effect"), "{err}");
    assert!(part(&ended, "lock").contains("gave it back"), "{ended}");
    assert!(part(&ended, "runs").contains("unfinished"), "{ended}");
}

/// The two clusters of the smallest mesh, whose pages need a browser that may not be used.
fn by_hand(folder: &Path) -> PathBuf {
    changed(folder, "two-clusters.yaml", |text| text.replace("\ndefaults:\n", "\ndefaults:\n  pages: http\n"))
}

const CLICKED: &str = "\"$im\" lab fault add-peer apac imp1.emea.example.com >&2\n\
                       \"$im\" lab fault add-peer emea imp1.apac.example.com >&2\n";

#[test]
fn what_is_left_for_a_person_ends_with_5_and_goes_on_when_it_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let ended = script(
        &by_hand(folder.path()),
        folder.path(),
        &["--seed", "2", "--skin", "script"],
        &format!(
            "echo '== left'; \"$im\" apply --yes \"$m\" 2>&1; echo \"exit $?\"; echo '== runs'; \"$im\" runs list\n\
             {CLICKED}\"$im\" apply --resume --yes \"$m\" --events more"
        ),
    );
    let left = part(&ended, "left");
    assert!(left.contains("Peer Address: imp1.emea.example.com") && left.ends_with("exit 5\n"), "{ended}");
    assert!(part(&ended, "runs").contains("paused"), "{ended}");
    // the clicks are seen, and the run goes on to what these pages do not even show without their script
    let more = std::fs::read_to_string(folder.path().join("more")).unwrap();
    assert_eq!(outcomes(&more, "add-peer"), ["done", "done"], "{more}");
    assert_eq!(outcomes(&more, "await-sync"), ["failed", "failed"], "{more}");
    assert!(more.lines().map(json).filter(|l| l["outcome"] == "failed").all(|l| needs_a_browser(&l)), "{more}");
}

fn needs_a_browser(line: &serde_json::Value) -> bool {
    line["words"].as_str().unwrap().contains("needs a browser")
}

/// How the steps of a kind ended.
fn outcomes(events: &str, kind: &str) -> Vec<String> {
    let ended = events.lines().map(json).filter(|line| line["event"] == "step-ended" && line["kind"] == kind);
    ended.map(|line| line["outcome"].as_str().unwrap().to_owned()).collect()
}

/// Someone at a terminal is told every click, and the run waits until it sees them done.
#[test]
fn a_person_at_the_terminal_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let (terminal, seat) = terminal();
    let clicks = "\"$im\" lab fault add-peer";
    let text = format!(
        "exec 3<&0; \"$im\" apply --yes \"$m\" --events events <&3 & pid=$!\n\
         said step-by-hand events 1; {clicks} apac imp1.emea.example.com >&2\n\
         said step-by-hand events 2; {clicks} emea imp1.apac.example.com >&2\n\
         wait $pid; echo \"exit $?\""
    );
    let mut command = in_lab(&by_hand(folder.path()), folder.path(), &["--seed", "2", "--skin", "script"], &text);
    command.env_remove("INTERMESH_OVERLAY").env_remove("INTERMESH_STORE").env("TERM", "xterm");
    let child = command.stdin(seat.try_clone().unwrap()).stderr(seat).stdout(Stdio::piped()).spawn().unwrap();
    drop(command);
    let screen = read_off(terminal, |_| None);
    let ended = child.wait_with_output().unwrap();
    let screen = screen.join().unwrap();
    let out = String::from_utf8(ended.stdout).unwrap();
    // the entries are there; their status is not shown without a script
    assert!(out.ends_with("exit 5\n"), "{out}\n{screen}");
    assert!(screen.contains("by hand") && screen.contains("Peer Address: imp1.emea.example.com"), "{screen}");
    let events = std::fs::read_to_string(folder.path().join("events")).unwrap();
    assert_eq!(outcomes(&events, "add-peer"), ["done", "done"], "{events}");
    let by_hand = events.lines().map(json).filter(|line| line["words"] == "done by hand");
    assert_eq!(by_hand.count(), 2, "{events}");
}

/// Ctrl-C while `apply` waits for a yes: nothing was written, the lock is given back, and nobody has to press a key.
#[test]
fn ctrl_c_at_the_question_of_apply_ends_it() {
    let folder = tempfile::tempdir().unwrap();
    let (terminal, seat) = terminal();
    let mesh = changed(folder.path(), "two-clusters.yaml", |text| format!("{text}\n"));
    let text = "exec 3<&0; \"$im\" apply \"$m\" <&3 & pid=$!\n\
                until [ -e asked ]; do sleep 0.05; done; kill -INT $pid; wait $pid; echo \"exit $?\"\n\
                \"$im\" lock show \"$m\"; \"$im\" lab counters --json";
    let mut command = in_lab(&mesh, folder.path(), &["--seed", "1"], text);
    command.env_remove("INTERMESH_OVERLAY").env_remove("INTERMESH_STORE").env("TERM", "xterm");
    let child = command.stdin(seat.try_clone().unwrap()).stderr(seat).stdout(Stdio::piped()).spawn().unwrap();
    drop(command);
    let asked = folder.path().join("asked");
    let screen = read_off(terminal, move |screen| {
        if screen.contains("Only `yes` is taken as one:") {
            std::fs::write(&asked, "").unwrap();
        }
        None
    });
    let ended = child.wait_with_output().unwrap();
    let (screen, out) = (screen.join().unwrap(), String::from_utf8(ended.stdout).unwrap());
    assert!(out.contains("exit 130\n") && out.contains("gave it back"), "{out}\n{screen}");
    assert!(screen.contains("interrupted; nothing was written"), "{screen}");
    let counters = &out[out.rfind("\n[").unwrap()..];
    let counters: Vec<intermesh::lab::Counters> = serde_json::from_str(counters).unwrap();
    assert_eq!(counters.iter().map(|c| c.writes).sum::<u64>(), 0, "{out}");
}

/// A store in a bucket says what it lacks, and nothing that is secret.
#[test]
fn a_store_says_which_credentials_it_lacks() {
    let listed = |store: &str, variables: &[(&str, &str)]| {
        let mut command = Command::new(intermesh());
        command.args(["runs", "list", "--store", store]);
        for (name, _) in std::env::vars().filter(|(name, _)| {
            ["AWS_", "GOOGLE_", "AZURE_", "SERVICE_ACCOUNT"].iter().any(|prefix| name.starts_with(prefix))
        }) {
            command.env_remove(name);
        }
        run(command.envs(variables.iter().copied()))
    };
    let key = ("GOOGLE_SERVICE_ACCOUNT_KEY", "{\"private_key\": \"s3cret\"");
    for (store, variables, words) in [
        ("az://container/runs", vec![], "Account must be specified"),
        ("az://container/runs", vec![("AZURE_STORAGE_ACCOUNT_NAME", "a"), ("AZURE_STORAGE_ACCOUNT_KEY", "s3cret")], ""),
        ("gs://bucket/runs", vec![("GOOGLE_SERVICE_ACCOUNT", "/no/such/key.json")], "/no/such/key.json"),
        ("gs://bucket/runs", vec![key], ""),
        ("gs:///runs", vec![], ""),
    ] {
        let ended = listed(store, &variables);
        assert!([1, 64].contains(&ended.code), "{store}: {ended}");
        assert!(ended.err.contains(words), "{store}: {ended}");
        for name in ["GOOGLE_SERVICE_ACCOUNT", "AZURE_STORAGE_ACCOUNT_NAME", "AWS_ACCESS_KEY_ID"] {
            assert!(ended.err.contains(name), "{store}: {ended}");
        }
        assert!(!ended.err.contains("s3cret") && !ended.err.contains("panicked"), "{store}: {ended}");
    }
}

//! The table of exit codes in the book: every cell with words is reached by running the command, and no cell that is
//! reached here is missing there.

#![allow(clippy::unwrap_used, reason = "clippy takes the functions beside the tests for no tests")]

mod command;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use command::{im, intermesh, run};

/// Where no cluster answers, and no password is known. `STORE` is a bucket that cannot be reached.
const OUTSIDE: &str = "
validate | 0 | validate good.yaml
validate | 3 | validate bad.yaml
fmt | 2 | fmt --check ugly.yaml
fmt | 0 | fmt ugly.yaml
fmt | 3 | fmt broken.yaml
diff | 0 | diff good.yaml good.yaml
diff | 3 | diff good.yaml bad.yaml
explain | 0 | explain IM012
credentials check | 1 | credentials check good.yaml
credentials check | 3 | credentials check bad.yaml
trust --check | 3 | trust --check bad.yaml
trust --check | 6 | trust --check good.yaml
snapshot | 3 | snapshot bad.yaml
snapshot | 6 | snapshot good.yaml
doctor | 3 | doctor bad.yaml
doctor | 6 | doctor good.yaml
plan | 3 | plan bad.yaml
plan | 6 | plan good.yaml
show | 4 | show noplan.json
graph | 0 | graph good.yaml
graph | 3 | graph bad.yaml
graph | 4 | graph noplan.json
rehearse | 4 | rehearse noplan.json
approve | 4 | approve --by jane noplan.json
import | 3 | import --from bad.yaml
import | 4 | import --from good.yaml --out good.yaml
apply | 3 | apply bad.yaml
apply | 6 | apply good.yaml --yes
verify | 3 | verify bad.yaml
verify | 6 | verify good.yaml
drift | 3 | drift bad.yaml
drift | 6 | drift good.yaml
watch | 1 | watch good.yaml --rounds 1 --listen 192.0.2.1:9470 --token-file token
watch | 3 | watch bad.yaml
runs list | 0 | runs list
runs list | 1 | runs list --store s3://none
runs show | 1 | runs show last
lock show | 0 | lock show good.yaml
lock show | 1 | lock show good.yaml --store s3://none
lock break | 0 | lock break good.yaml --reason test
lock break | 1 | lock break good.yaml --reason test --store s3://none
rollback | 1 | rollback last
";

/// In a lab, one after another; a line that begins with `:` is only done. What is interrupted is in the background first.
const INSIDE: &str = "
credentials check | 0 | credentials check good.yaml
trust --check | 0 | trust --check good.yaml
doctor | 0 | doctor good.yaml
snapshot | 0 | snapshot good.yaml
snapshot | 1 | snapshot good.yaml --out none/snapshot.json
verify | 2 | verify good.yaml
drift | 2 | drift good.yaml
plan | 2 | plan good.yaml --out plan.json
plan | 1 | plan good.yaml --out none/plan.json
show | 0 | show plan.json
rehearse | 0 | rehearse plan.json
rehearse | 2 | rehearse plan.json --faults node-loss,slow-sync --seed 7
apply | 4 | apply plan.json
approve | 0 | approve --by jane plan.json
apply | 1 | apply plan.json --yes --store /proc/none
: $IM apply plan.json --yes > log 2>&1 & until grep -q '^ok .*add peer' log; do sleep 0.05; done; kill -9 $!
rollback | 4 | rollback last
lock break | 4 | lock break good.yaml --reason test
: $IM lock break good.yaml --reason test --yes
apply | 130 | apply good.yaml --yes > log2 2>&1 & until grep -qs '^ok .*add peer' log2; do sleep 0.05; done; kill -TERM $!; wait $!
apply | 0 | apply good.yaml --yes
plan | 0 | plan good.yaml
verify | 0 | verify good.yaml
drift | 0 | drift good.yaml
runs show | 0 | runs show last
import | 0 | import --from good.yaml --out found.yaml
import | 1 | import --from good.yaml --out none/found.yaml
watch | 0 | watch good.yaml --rounds 1 --listen 127.0.0.1:0
: RUN=$($IM runs show last | sed -n '1s/^run \\([^ ]*\\) .*/\\1/p')
rollback | 2 | rollback $RUN --out back.json
: $IM apply back.json --yes
rollback | 0 | rollback $RUN
: $IM apply good.yaml --yes
: $IM lab fault stop-service imp1.amer.example.com 'Cisco AXL Web Service'
import | 6 | import --from good.yaml --out found-again.yaml
rollback | 6 | rollback last
: $IM apply good.yaml --yes
: $IM lab fault delete-peer amer imp1.emea.example.com
: $IM lab fault forget-name apac imp1.emea.example.com
: $IM lab fault delete-peer apac imp1.emea.example.com
doctor | 2 | doctor good.yaml
apply | 5 | apply good.yaml --yes
";

/// A cell of the table.
type Cell = (String, u8);

/// The cells with words.
fn table() -> BTreeSet<Cell> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/src/reference/exit-codes.md");
    let text = std::fs::read_to_string(page).unwrap();
    let mut lines = text.lines().skip_while(|line| !line.starts_with("| command |"));
    let header: Vec<&str> = lines.next().unwrap().split('|').map(str::trim).collect();
    let mut cells = BTreeSet::new();
    for row in lines.skip(1).take_while(|line| line.starts_with('|')) {
        let fields: Vec<&str> = row.split('|').map(str::trim).collect();
        assert_eq!(fields.len(), header.len(), "{row}");
        let filled = header.iter().zip(&fields).skip(2).filter(|(code, text)| !code.is_empty() && **text != "–");
        cells.extend(filled.map(|(code, _)| (fields[1].trim_matches('`').to_owned(), code.parse().unwrap())));
    }
    cells
}

/// The cells that a list of commands is to reach, and a script that prints the codes that they end with.
fn script(list: &str) -> (Vec<Cell>, String) {
    let (mut cells, mut script) = (Vec::new(), String::new());
    for line in list.lines().filter(|line| !line.is_empty()) {
        if let Some(done) = line.strip_prefix(": ") {
            script += &format!("{{ {done}; }} > done.log 2>&1 || {{ cat done.log; exit 99; }}\n");
            continue;
        }
        let mut fields = line.splitn(3, " | ");
        let (name, code, arguments) = (fields.next().unwrap(), fields.next().unwrap(), fields.next().unwrap());
        cells.push((name.to_owned(), code.parse().unwrap()));
        script += &format!("{{ $IM {arguments}; }} > said.log 2>&1 < /dev/null; echo \"CODE $?\"; cat said.log\n");
    }
    (cells, script)
}

/// Which of the cells were reached; the others with what was said instead.
fn reached(cells: Vec<Cell>, printed: &str) -> (BTreeSet<Cell>, Vec<String>) {
    let mut said = printed.split("CODE ").skip(1);
    let (mut reached, mut wrong) = (BTreeSet::new(), Vec::new());
    for (name, code) in cells {
        let said = said.next().unwrap_or("nothing");
        if said.lines().next() == Some(&code.to_string()) {
            reached.insert((name, code));
        } else {
            wrong.push(format!("{name}, not {code}: {said}"));
        }
    }
    (reached, wrong)
}

/// Files that are good, bad in one way or the other, and no plan.
fn files() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("bad.yaml", "kind: Mesh\n");
    write("broken.yaml", "a: [\n");
    write("ugly.yaml", "apiVersion:   intermesh/v1\nkind: Mesh\n");
    write("noplan.json", "{}");
    write("token", "a-token-that-is-long-enough-for-any-rule\n");
    let clusters = ["emea", "apac", "amer"].map(|name| format!("{name}=imp1.{name}.example.com"));
    let mut init = Command::new(intermesh());
    init.current_dir(folder.path()).args(["init", "--name", "acme", "--domain", "example.com", "good.yaml"]);
    let ended = run(init.args(clusters.iter().flat_map(|cluster| ["--cluster", cluster])));
    assert_eq!(ended.code, 0, "{ended}");
    folder
}

fn shell(folder: &Path, before: &[&str], script: &str) -> command::Ended {
    let mut words = before.iter().copied().chain(["sh", "-c", script]);
    let mut command = Command::new(words.next().unwrap());
    let command = command.args(words).current_dir(folder).env("IM", intermesh()).env("AWS_REGION", "none");
    let command = command.env("AWS_ENDPOINT_URL", "http://127.0.0.1:1").env("AWS_ALLOW_HTTP", "true");
    run(command.env("AWS_ACCESS_KEY_ID", "none").env("AWS_SECRET_ACCESS_KEY", "none"))
}

#[test]
fn every_exit_code_of_the_table_is_reached() {
    let folder = files();
    let program = intermesh();
    let program = program.to_str().unwrap();
    let (mut all, mut wrong) = (BTreeSet::new(), Vec::new());
    let lab = [program, "lab", "run", "good.yaml", "--"];
    let untrusted = [program, "lab", "run", "good.yaml", "--certificates", "self-signed", "--"];
    let lists: [(&[&str], &str); 3] =
        [(&[], OUTSIDE), (&lab, INSIDE), (&untrusted, "trust --check | 2 | trust --check good.yaml")];
    for (before, list) in lists {
        let (cells, script) = script(list);
        let ended = shell(folder.path(), before, &script);
        let (found, missed) = reached(cells, &ended.out);
        all.extend(found);
        wrong.extend(missed);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let table = table();
    assert!(table.len() > 50);
    let differ: Vec<_> = table.symmetric_difference(&all).collect();
    assert!(differ.is_empty(), "in the table or reached, but not both: {differ:?}");
}

#[test]
fn wrong_usage_ends_every_command_with_64() {
    for (name, _) in table() {
        let mut words: Vec<&str> = name.split(' ').filter(|word| !word.starts_with('-')).collect();
        words.push("--no-such-option");
        let ended = im(&words);
        assert_eq!(ended.code, 64, "{words:?} {ended}");
    }
}

/// Not in the table: they end with 0, or with 1 where a file cannot be written; and what works on a running lab.
const OTHERS: [&str; 5] = ["demo", "init", "lab", "completions", "man"];

#[test]
fn every_command_is_in_the_table() {
    let help = im(&["--help"]).out;
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let named = listed.filter_map(|line| line.strip_prefix("  ")).filter(|line| !line.starts_with(' '));
    let table = table();
    for name in named.filter_map(|line| line.split(' ').next()).filter(|name| *name != "help") {
        let told = table.iter().any(|(command, _)| command.split(' ').next() == Some(name));
        assert!(told != OTHERS.contains(&name), "{name}");
    }
}

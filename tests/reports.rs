//! Plans as Markdown, pages and pictures: what a person reads, and that nothing in a name can break out of it.
//! `UPDATE_GOLDEN=1` writes the files under `tests/golden/report/` and `docs/src/images/` anew; look at them before you commit.

#![allow(clippy::unwrap_used, reason = "clippy takes the functions beside the tests for no tests")]

mod support;

use std::path::Path;

use intermesh::cluster::{ErrorKind, Protocol};
use intermesh::lab::Fault;
use intermesh::mesh::{Mesh, State};
use intermesh::plan::change::{Change, What};
use intermesh::plan::{self, Lines, Options, Plan};
use intermesh::report::graph::{Fate, Graph, mesh_dot, mesh_mermaid, steps_dot};
use intermesh::report::picture::{self, Style};
use intermesh::report::timeline::Timeline;
use intermesh::report::{self, page_of_picture};
use support::{Bench, load, mesh_of};

/// Compares a text with a file of the repository.
#[track_caller]
fn golden(path: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        expected == text,
        "{} differs; run with UPDATE_GOLDEN=1 and review the change\n{}",
        path.display(),
        similar::TextDiff::from_lines(&expected, text).unified_diff()
    );
}

/// A plan with nothing in it that differs from run to run or from version to version.
async fn planned(bench: &Bench) -> Plan {
    let snapshot = bench.plan().await.snapshot;
    let line = |pointer: &str| Some(if pointer.starts_with("/clusters") { 9 } else { 17 });
    let (lines, options) = (Lines::new(&line), Options::default());
    let now = "2026-11-22T02:00:00Z".parse().unwrap();
    let plan = plan::make(&bench.mesh, "mesh.yaml", &lines, snapshot, &options, now);
    Plan { made_by: "1.2.3".into(), ..plan }
}

fn mesh_named(names: &[&str], rest: &str) -> Mesh {
    let clusters: String =
        names.iter().map(|n| format!("  - {{name: {n}, publisher: imp1.{n}.example.com}}\n")).collect();
    load(&format!(
        "apiVersion: intermesh/v1\nkind: Mesh\nmetadata: {{name: acme}}\ndomain: example.com\n\
         credentials:\n  icsa: {{username: icsa, password: {{env: ICSA}}}}\n\
         defaults: {{credentials: {{axl: icsa, admin: icsa}}}}\n\
         policy: {{canary_above: 1000, max_restarts: 1000}}\nclusters:\n{clusters}{rest}"
    ))
}

fn regions(topology: &str) -> Mesh {
    mesh_named(&["emea", "amer", "apac", "latam", "japan", "africa"], topology)
}

/// One region joins, one leaves, one link gets TLS, and one side of one was lost.
async fn in_motion() -> Plan {
    let mut before = regions("");
    before.clusters.retain(|c| c.name.as_str() != "latam");
    let mut bench = Bench::new(regions(""), 1, |_| ());
    let whole = std::mem::replace(&mut bench.mesh, before);
    bench.settle().await;
    bench.mesh = regions("topology: {shape: full, links: [{between: [apac, japan], transport: tls}]}\n");
    assert_eq!(bench.mesh.clusters.len(), whole.clusters.len());
    bench.mesh.clusters[5].state = State::Absent;
    bench.lab.operator(&"amer".into()).delete_peer(&"imp1.emea.example.com".into()).await.unwrap();
    planned(&bench).await
}

async fn unread() -> Plan {
    let bench = Bench::new(mesh_of(3, "", ""), 1, |_| ());
    let kind = ErrorKind::Unauthorized { username: "icsa".into() };
    bench.lab.inject(Fault { cluster: "c01".into(), call: "*", kind, effect: false, times: 1 });
    planned(&bench).await
}

async fn fresh(clusters: usize, extra: &str) -> Plan {
    planned(&Bench::new(mesh_of(clusters, "", extra), 1, |_| ())).await
}

async fn nothing() -> Plan {
    let bench = Bench::new(mesh_of(2, "", ""), 1, |_| ());
    bench.settle().await;
    planned(&bench).await
}

async fn situations() -> Vec<(&'static str, Plan)> {
    vec![
        ("in-motion", in_motion().await),
        ("fresh", fresh(3, "").await),
        ("unread", unread().await),
        ("refused", fresh(3, "policy: {max_restarts: 1}\n").await),
        ("thirty-clusters", fresh(30, "policy: {max_restarts: 400}\n").await),
        ("nothing-to-do", nothing().await),
    ]
}

fn text(plan: &Plan) -> String {
    anstream::adapter::strip_str(&report::plan(plan)).to_string()
}

#[tokio::test(start_paused = true)]
async fn plans_as_text_and_as_markdown() {
    for (name, plan) in situations().await {
        golden(&format!("tests/golden/report/{name}.txt"), &text(&plan));
        golden(&format!("tests/golden/report/{name}.md"), &report::markdown(&plan));
    }
}

/// A page, as it is mailed: read by a person once, and by whoever changes it.
#[tokio::test(start_paused = true)]
async fn a_page() {
    golden("tests/golden/report/fresh.html", &report::page(&fresh(2, "").await).unwrap());
}

/// A plan of the largest mesh is a page that can be mailed, and leaves no step and no link out.
#[tokio::test(start_paused = true)]
async fn a_page_of_thirty_clusters() {
    let parameters = "parameters:\n  Cisco SIP Proxy: {Maximum no. of processes: 10}\n";
    let plan = fresh(30, parameters).await;
    let page = report::page(&plan).unwrap();
    assert!(page.len() < 600_000, "{} bytes", page.len());
    for number in 1..=plan.steps.len() {
        assert!(
            [",", "\n", "<"].iter().any(|end| page.contains(&format!("#{number}{end}"))),
            "step {number} is missing"
        );
    }
    for pair in plan.rounds.iter().flatten() {
        assert!(page.contains(&format!("{} ↔ {}", pair.a(), pair.b())), "{pair} is missing");
    }
}

#[tokio::test(start_paused = true)]
async fn pictures_and_graphs() {
    let motion = in_motion().await;
    let graph = Graph::of_plan(&motion);
    assert_eq!(Style::for_graph(&graph), Style::Circle);
    golden("docs/src/images/mesh.svg", &picture::mesh(&graph, Style::Circle));
    golden("docs/src/images/timeline.svg", &picture::timeline(&Timeline::of(&motion)));
    golden("tests/golden/report/in-motion-matrix.svg", &picture::mesh(&graph, Style::Matrix));
    golden("tests/golden/report/in-motion.dot", &mesh_dot(&graph));
    golden("tests/golden/report/in-motion.mmd", &mesh_mermaid(&graph));
    golden("tests/golden/report/fresh-steps.dot", &steps_dot(&fresh(2, "").await));
    let thirty = Graph::of_mesh(&mesh_of(30, "", ""));
    assert_eq!(Style::for_graph(&thirty), Style::Matrix, "435 lines are a ball of wool");
    golden("tests/golden/report/thirty-clusters.svg", &picture::mesh(&thirty, Style::Matrix));
}

/// What a graph says is what the plan says.
#[tokio::test(start_paused = true)]
async fn a_graph_counts_what_the_plan_counts() {
    for (name, plan) in situations().await {
        let counts = Graph::of_plan(&plan).counts();
        let count = |fate| counts.iter().find(|(f, _)| *f == fate).map_or(0, |(_, n)| *n);
        let summary = &plan.summary;
        let pairs = [
            (Fate::Added, summary.create),
            (Fate::Changed, summary.change),
            (Fate::Deleted, summary.delete),
            (Fate::Replaced, summary.replace),
        ];
        for (fate, expected) in pairs {
            assert_eq!(count(fate), expected, "{name}: {fate:?}");
        }
    }
}

/// Every picture and page of a plan.
fn documents(plan: &Plan) -> Vec<(&'static str, String)> {
    let graph = Graph::of_plan(plan);
    let circle = picture::mesh(&graph, Style::Circle);
    vec![
        ("framed", page_of_picture(&plan.mesh.metadata.name, &circle).unwrap()),
        ("page", report::page(plan).unwrap()),
        ("circle", circle),
        ("matrix", picture::mesh(&graph, Style::Matrix)),
        ("file", picture::mesh(&Graph::of_mesh(&plan.mesh), Style::Matrix)),
        ("timeline", picture::timeline(&Timeline::of(plan))),
        ("markdown", report::markdown(plan)),
        ("text", report::plan_verbose(plan)),
        ("dot", mesh_dot(&graph) + &steps_dot(plan)),
        ("mermaid", mesh_mermaid(&graph)),
    ]
}

#[track_caller]
fn check_well_formed(name: &str, text: &str) {
    if text.starts_with("<svg") {
        let mut reader = quick_xml::Reader::from_str(text);
        let mut depth = 0;
        loop {
            match reader.read_event().unwrap_or_else(|e| panic!("{name}: {e}\n{text}")) {
                quick_xml::events::Event::Start(tag) => {
                    assert!(tag.attributes().all(|a| a.is_ok()), "{name}");
                    depth += 1;
                }
                quick_xml::events::Event::Empty(tag) => assert!(tag.attributes().all(|a| a.is_ok()), "{name}"),
                quick_xml::events::Event::End(_) => depth -= 1,
                quick_xml::events::Event::Eof => break,
                _ => {}
            }
        }
        assert_eq!(depth, 0, "{name}");
        assert!(text.contains("<title id=") && text.contains("<desc id=") && text.contains("role=\"img\""), "{name}");
    } else if text.starts_with("<!DOCTYPE html>") {
        let document = scraper::Html::parse_document(text);
        assert!(document.errors.is_empty(), "{name}: {:?}", document.errors);
        let outside = scraper::Selector::parse("script, link, img, iframe, object, [src], [href], [onload]").unwrap();
        assert_eq!(document.select(&outside).count(), 0, "{name}: it needs something besides itself");
        let mut ids: Vec<&str> = document.tree.nodes().filter_map(|n| n.value().as_element()?.id()).collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all, "{name}: an id is there twice");
    }
    assert!(!text.contains("http://") || text.contains("http://www.w3.org/2000/svg"), "{name}: an address");
}

#[tokio::test(start_paused = true)]
async fn every_document_is_well_formed_and_the_same_twice() {
    for (situation, plan) in situations().await {
        let again = plan::read(&plan::write(&plan).unwrap());
        for ((name, text), (_, second)) in documents(&plan).iter().zip(documents(&plan)) {
            check_well_formed(&format!("{situation}, {name}"), text);
            assert_eq!(*text, second, "{situation}, {name}");
        }
        // a plan that is saved and read is shown as it was
        let again = again.unwrap_or_else(|e| panic!("{situation}: {e}"));
        assert_eq!(report::markdown(&plan), report::markdown(&again), "{situation}");
    }
}

/// Names come from files and from clusters: whatever is in them, it stays a name.
#[tokio::test(start_paused = true)]
async fn no_name_breaks_out() {
    let mut plan = in_motion().await;
    let evil = "<script>alert(1)</script>|`x`](y)\"; <!-- --> ]]> \u{1}\u{1b}[31m @all #1\n## h";
    plan.mesh.metadata.name = evil.into();
    plan.mesh_file = evil.into();
    plan.made_by = evil.into();
    for i in 0..3 {
        plan.changes.push(Change {
            cluster: "emea".into(),
            what: What::DeletePeer { address: format!("{evil}{i}").as_str().into(), to: None, protocol: Protocol::Tcp },
            reason: evil.into(),
            line: Some(1),
        });
    }
    for step in &mut plan.steps {
        step.reason = evil.into();
        step.undo = evil.into();
    }
    for (name, text) in documents(&plan) {
        check_well_formed(name, &text);
        let is_markup = !["text", "dot"].contains(&name);
        assert!(!is_markup || !text.contains("<script"), "{name}");
        if name == "markdown" {
            let active = text.replace("\\]", "");
            assert!(!text.contains("@all") && !text.contains("\n## h") && !active.contains("]("), "{text}");
            let rows = text.lines().filter(|line| line.starts_with("| `"));
            for row in rows {
                assert_eq!(row.replace("\\|", "").matches('|').count(), 5, "{row}");
                assert!(row.replace("\\`", "").matches('`').count() == 2, "{row}");
            }
        }
        if name == "mermaid" || name == "dot" {
            assert!(!text.contains("\n## h"), "{name}");
        }
        let shown = anstream::adapter::strip_str(&text).to_string();
        let control = |c: char| c.is_control() && c != '\n';
        assert!(!shown.contains(control), "{name}");
        assert!(name == "text" || !text.contains(control), "{name}");
        // what strips styles must have had nothing else to strip
        assert!(name != "text" || shown.contains("[31m"), "{name}");
    }
}

/// GitHub takes 65,536 characters.
#[tokio::test(start_paused = true)]
async fn a_comment_is_never_too_long() {
    for (length, folds) in [(3, " steps, which"), (30, "too many for a comment"), (60, "lines more, which")] {
        let names: Vec<String> = (0..30).map(|i| format!("{}{i:02}", "c".repeat(length - 2))).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let text = report::markdown(&planned(&Bench::new(mesh_named(&names, ""), 1, |_| ())).await);
        assert!(text.chars().count() <= 65_535, "{length}: {}", text.chars().count());
        assert!(text.contains(folds), "names of {length} characters");
        assert_eq!(text.matches("<details>").count(), text.matches("</details>").count(), "{length}");
    }
}

#[tokio::test(start_paused = true)]
async fn text_fits_a_terminal_and_is_short_unless_asked() {
    for (name, plan) in situations().await {
        let short = text(&plan);
        for line in short.lines() {
            let width = line.chars().count();
            // a single word can be longer than a line
            assert!(width <= 80 || line.split_whitespace().any(|word| word.len() > 60), "{name}: {width}: {line}");
        }
        assert!(short.lines().count() <= 60, "{name}: {} lines", short.lines().count());
        let long = anstream::adapter::strip_str(&report::plan_verbose(&plan)).to_string();
        let pairs = plan.rounds.iter().flatten();
        for pair in pairs {
            assert!(long.contains(&pair.to_string()), "{name}: {pair} is not shown");
        }
    }
}

/// A report that was wider than a narrow terminal, as it is shown there.
fn narrow(name: &str, text: &str) {
    let fitted = anstream::adapter::strip_str(&report::fit(text, 60)).to_string();
    for line in fitted.lines() {
        // a path or a name is never broken
        assert!(line.chars().count() <= 60 || line.split_whitespace().any(|word| word.len() > 50), "{name}: {line}");
    }
    golden(&format!("tests/golden/report/narrow-{name}.txt"), &fitted);
}

#[tokio::test(start_paused = true)]
async fn reports_fit_a_terminal_of_60_columns() {
    for (name, plan) in situations().await {
        if ["in-motion", "unread", "refused"].contains(&name) {
            narrow(&format!("plan-{name}"), &report::plan_to(&plan, 60));
        }
    }
    let bench = Bench::new(mesh_of(2, "", ""), 1, |_| ());
    let plan = bench.plan().await;
    let kind = ErrorKind::Unauthorized { username: "icsa".into() };
    bench.lab.inject(Fault { cluster: "c01".into(), call: "add_peer", kind, effect: false, times: 1 });
    let account = bench.apply(&plan).await;
    narrow("account", &report::account(&plan, &account));
}

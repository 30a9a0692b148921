//! How long an apply takes, for 2 to 30 clusters: carried out on the product in memory in virtual time, beside the bound that
//! no order of its links can beat and beside the same procedure by hand, carried out on the same product. The table and the
//! chart of `docs/src/performance.md` are made here; `UPDATE_GOLDEN=1` and `--ignored`
//! write them anew.

#![allow(clippy::unwrap_used, reason = "clippy takes the functions beside the tests for no tests")]

mod support;

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use intermesh::apply::{Event, Operators, Run, carry_out};
use intermesh::lab::InMemory;
use intermesh::mesh::topology::Pair;
use intermesh::plan::Plan;
use intermesh::plan::step::{Action, After, Need, StepId};
use plotters::prelude::*;
use support::Bench;

const CLUSTERS: [usize; 6] = [2, 3, 5, 10, 20, 30];
/// How many of these every `cargo test` carries out.
const FEW: usize = 4;
const NODES: usize = 6;
const TABLE: &str = "docs/src/apply-times.md";

/// One size of mesh. Seconds of the product's time.
struct Row {
    clusters: usize,
    links: usize,
    restarts: usize,
    restarts_by_hand: usize,
    /// As long as the links of any one cluster take one after another, and then its restarts.
    bound: u64,
    /// The apply, routers of one cluster at a time: what the file says where it says nothing.
    one_at_a_time: u64,
    /// The apply, routers of any number of clusters at once.
    all_at_once: u64,
    by_hand: u64,
}

fn bench(clusters: usize, policy: &str) -> Bench {
    let mut text = String::from(
        "apiVersion: intermesh/v1\nkind: Mesh\nmetadata: {name: test}\ndomain: example.com\n\
         credentials: {icsa: {username: icsa, password: {env: ICSA}}, admin: {username: admin, password: {env: ADMIN}}}\n\
         defaults: {credentials: {axl: icsa, admin: admin}}\nclusters:\n",
    );
    for cluster in 0..clusters {
        let _ = writeln!(text, "  - name: c{cluster:02}\n    publisher: imp1.c{cluster:02}.example.com\n    nodes:");
        for node in 1..=NODES {
            let _ =
                writeln!(text, "      - {{name: imp{node}.c{cluster:02}.example.com, group: g{}}}", node.div_ceil(2));
        }
    }
    let _ = writeln!(text, "policy: {{canary_above: 1000, max_restarts: 10000, xcp_restart: {{{policy}}}}}");
    Bench::made(support::load(&text), 1, InMemory::in_the_runtimes_time, |_| ())
}

/// When each step began and ended.
type Times = BTreeMap<StepId, (u64, u64)>;

async fn carried_out(bench: &Bench, plan: &Plan) -> Times {
    let operators: Operators =
        bench.mesh.clusters.iter().map(|c| (c.name.clone(), bench.lab.operator(&c.name))).collect();
    let (clock, stop) = (bench.lab.clock(), AtomicBool::new(false));
    let began = clock.elapsed().as_secs();
    let times: RefCell<Times> = RefCell::default();
    let tell = |event: &Event| {
        let now = clock.elapsed().as_secs() - began;
        match event {
            Event::Started { step } => drop(times.borrow_mut().insert(step.clone(), (now, now))),
            Event::Ended { step, .. } => times.borrow_mut().get_mut(step).unwrap().1 = now,
            _ => {}
        }
    };
    let account = carry_out(plan, &Run::new(&operators, &bench.vault, &clock, &stop, &tell)).await;
    assert!(account.complete(), "{}", intermesh::report::account(plan, &account));
    times.into_inner()
}

fn whole(times: &Times) -> u64 {
    times.values().map(|(_, until)| *until).max().unwrap()
}

/// The longest that one cluster is busy: its links one after another, each from its first entry to the end of its syncs,
/// and its restarts.
fn bound(plan: &Plan, times: &Times) -> u64 {
    let mut links: BTreeMap<Pair, (u64, u64)> = BTreeMap::new();
    let mut restarts: BTreeMap<_, u64> = BTreeMap::new();
    for step in &plan.steps {
        let (from, until) = times[&step.id];
        match &step.action {
            Action::AddPeer { to, .. } | Action::AwaitSync { to, .. } => {
                let link = links.entry(Pair::new(&step.cluster, to)).or_insert((u64::MAX, 0));
                *link = (link.0.min(from), link.1.max(until));
            }
            Action::Restart { .. } => *restarts.entry(&step.cluster).or_default() += until - from,
            _ => {}
        }
    }
    let of = |name| {
        let links = links.iter().filter(|(pair, _)| pair.has(name)).map(|(_, (from, until))| until - from).sum::<u64>();
        links + restarts.get(name).copied().unwrap_or_default()
    };
    plan.mesh.clusters.iter().map(|cluster| of(&cluster.name)).max().unwrap()
}

/// The plan as one pair of hands carries it out: every step after the one before it, every link to its end, its restarts
/// included, before the next.
fn by_one_hand(mut plan: Plan) -> Plan {
    let order: HashMap<Pair, usize> =
        plan.rounds.iter().flatten().enumerate().map(|(at, pair)| (pair.clone(), at)).collect();
    let mut link_of: HashMap<StepId, usize> = HashMap::new();
    for step in &plan.steps {
        let own = match &step.action {
            Action::AddPeer { to, .. } => order[&Pair::new(&step.cluster, to)],
            _ => 0,
        };
        let before = step.after.iter().map(|after| link_of[&after.step]).max().unwrap_or(0);
        link_of.insert(step.id.clone(), own.max(before));
    }
    plan.steps.sort_by_key(|step| link_of[&step.id]);
    let ids: Vec<StepId> = plan.steps.iter().map(|step| step.id.clone()).collect();
    for (step, before) in plan.steps.iter_mut().skip(1).zip(ids) {
        if step.after.iter().all(|after| after.step != before) {
            step.after.push(After { step: before, need: Need::Ended });
        }
    }
    plan.holds.clear();
    plan
}

fn restarts(plan: &Plan) -> usize {
    plan.steps.iter().filter(|step| matches!(step.action, Action::Restart { .. })).count()
}

fn row(clusters: usize) -> Row {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let applied = |policy: &str, hands: fn(Plan) -> Plan| {
        runtime().block_on(async {
            let bench = bench(clusters, policy);
            let plan = hands(bench.plan().await);
            let times = carried_out(&bench, &plan).await;
            bench.verify_clean().await;
            (plan, times)
        })
    };
    let (plan, one) = applied("", |plan| plan);
    let (free, all) = applied("max_clusters_at_once: 30", |plan| plan);
    let (hand, by_hand) = applied("batch: per-link", by_one_hand);
    Row {
        clusters,
        links: plan.summary.links,
        restarts: restarts(&plan),
        restarts_by_hand: restarts(&hand),
        bound: bound(&free, &all),
        one_at_a_time: whole(&one),
        all_at_once: whole(&all),
        by_hand: whole(&by_hand),
    }
}

fn words(seconds: u64) -> String {
    match seconds {
        0..6000 => format!("{} min", (seconds + 30) / 60),
        6000..172_800 => format!("{:.1} h", seconds as f64 / 3600.0),
        _ => format!("{:.1} days", seconds as f64 / 86_400.0),
    }
}

fn table(rows: &[Row]) -> String {
    let mut text = String::from(
        "<!-- Made by tests/apply_times.rs; UPDATE_GOLDEN=1 makes it anew. -->\n\n\
         | Clusters | Links | Restarts | Restarts by hand | No order beats | intermesh | One cluster's routers at a time | By hand |\n\
         | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for row in rows {
        let Row { clusters, links, restarts, restarts_by_hand, .. } = row;
        let [bound, all, one, hand] = [row.bound, row.all_at_once, row.one_at_a_time, row.by_hand].map(words);
        let _ = writeln!(
            text,
            "| {clusters} | {links} | {restarts} | {restarts_by_hand} | {bound} | {all} ({:.2}) | {one} | {hand} ({:.0}x) |",
            row.all_at_once as f64 / row.bound as f64,
            row.by_hand as f64 / row.all_at_once as f64,
        );
    }
    text
}

fn chart(rows: &[Row]) -> String {
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, (720, 420)).into_drawing_area();
        root.fill(&WHITE).unwrap();
        let longest = rows.iter().map(|row| row.by_hand).max().unwrap() as f64 / 3600.0;
        let mut chart = ChartBuilder::on(&root)
            .margin(16)
            .x_label_area_size(44)
            .y_label_area_size(64)
            .build_cartesian_2d(0f64..32f64, (0.1f64..longest * 8.0).log_scale())
            .unwrap();
        chart
            .configure_mesh()
            .x_desc("clusters of six nodes, fully meshed")
            .y_desc("hours")
            .x_labels(7)
            .x_label_formatter(&|clusters| format!("{clusters:.0}"))
            .y_label_formatter(&|hours| hours.to_string())
            .light_line_style(TRANSPARENT)
            .label_style(("sans-serif", 13))
            .draw()
            .unwrap();
        type Of = fn(&Row) -> u64;
        // the colours are told apart by those who see no red or green (Okabe and Ito)
        let lines: [(&str, Of, RGBColor, u32); 4] = [
            ("by hand, link after link", |row| row.by_hand, RGBColor(0, 0, 0), 2),
            ("intermesh, one cluster's routers at a time", |row| row.one_at_a_time, RGBColor(213, 94, 0), 2),
            ("intermesh, routers of all clusters at once", |row| row.all_at_once, RGBColor(0, 114, 178), 2),
            ("no order beats", |row| row.bound, RGBColor(0, 158, 115), 1),
        ];
        for (name, of, colour, width) in lines {
            let points: Vec<(f64, f64)> =
                rows.iter().map(|row| (row.clusters as f64, of(row) as f64 / 3600.0)).collect();
            let style = colour.stroke_width(width);
            let line = LineSeries::new(points, style).point_size(if width == 1 { 0 } else { 3 });
            let drawn = chart.draw_series(line).unwrap().label(name);
            drawn.legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], style));
        }
        let place = SeriesLabelPosition::UpperLeft;
        let labels = &mut chart.configure_series_labels();
        let labels = labels.position(place).background_style(WHITE.mix(0.9)).border_style(TRANSPARENT);
        labels.label_font(("sans-serif", 13)).draw().unwrap();
        root.present().unwrap();
    }
    svg
}

fn golden(path: &str, made: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&file, made).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(kept == made, "{path} is not what comes out; run with UPDATE_GOLDEN=1 and review the change\n{made}");
}

fn rows(clusters: &[usize]) -> Vec<Row> {
    let rows: Vec<Row> = std::thread::scope(|scope| {
        let threads: Vec<_> = clusters.iter().map(|clusters| scope.spawn(|| row(*clusters))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for Row { clusters, bound, all_at_once, one_at_a_time, by_hand, .. } in &rows {
        assert!(
            bound <= all_at_once && all_at_once <= one_at_a_time && one_at_a_time <= by_hand,
            "{clusters} clusters"
        );
    }
    rows
}

#[test]
fn an_apply_of_a_few_clusters_takes_what_the_documentation_says() {
    let kept = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(TABLE)).unwrap();
    let made = table(&rows(&CLUSTERS[..FEW]));
    assert!(kept.starts_with(&made), "{TABLE} is not what comes out\n{made}");
}

#[test]
#[ignore = "takes minutes; tests/simulation/run.sh runs it"]
fn an_apply_of_thirty_clusters_takes_what_the_documentation_says() {
    let rows = rows(&CLUSTERS);
    golden(TABLE, &table(&rows));
    golden("docs/src/images/apply-times.svg", &chart(&rows));
}

//! What the library's parts take, each alone, for meshes of 3 to 300 clusters of six nodes where no link exists yet.
//!
//! `cargo bench --bench library` prints criterion's estimates, and how many links a second that is. With
//! `INTERMESH_BENCH_STRICT` it fails where a link of 300 clusters takes more than two and a half times as long to plan as
//! one of 30: a hundred times as many links are to be sorted, and do not fit the processor's cache, which alone comes to
//! about two. That is for an idle machine.

#![allow(clippy::unwrap_used, reason = "a bench is a program for its authors")]

#[path = "common/mesh.rs"]
mod common;

use std::hint::black_box;
use std::time::{Duration, Instant};

use common::{LARGEST, grown, snapshot, text};
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, Throughput, measurement::WallTime};
use intermesh::mesh::{self, Mesh};
use intermesh::plan::{self, Lines, Options};
use intermesh::report;

/// What the program itself uses.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const CLUSTERS: [usize; 4] = [3, LARGEST, 100, 300];

fn main() {
    let mut criterion = Criterion::default().sample_size(10).measurement_time(Duration::from_secs(2));
    criterion = criterion.warm_up_time(Duration::from_millis(300)).without_plots().configure_from_args();
    let largest = mesh::load_str("mesh.yaml", &text(LARGEST), TODAY).unwrap();
    for clusters in CLUSTERS {
        parts(&mut criterion, &largest, clusters);
    }
    criterion.final_summary();
    if std::env::var_os("INTERMESH_BENCH_STRICT").is_some() {
        let [few, many] = [LARGEST, 300].map(|clusters| a_link(&largest.mesh, clusters));
        assert!(many < few * 5 / 2, "more than linear: {few:?} a link of {LARGEST} clusters, {many:?} of 300");
    }
}

const TODAY: jiff::civil::Date = jiff::civil::date(2026, 11, 22);

/// From the file's text to the plan's, part by part.
fn parts(criterion: &mut Criterion, largest: &mesh::Loaded, clusters: usize) {
    let (mesh, text) = (&grown(&largest.mesh, clusters), text(clusters));
    let snapshot = snapshot(mesh);
    let (lines, options) = (Lines::new(&|_| None), Options::default());
    let links = mesh::topology::links(mesh);
    let made = plan::make(mesh, "mesh.yaml", &lines, snapshot.clone(), &options, snapshot.taken_at);
    let file = plan::write(&made).unwrap();
    let mut group = criterion.benchmark_group(format!("{clusters} clusters"));
    group.throughput(Throughput::Elements(links.len() as u64));
    let mut part = |name, run: &mut dyn FnMut()| one(&mut group, name, run);
    // more than 30 clusters are refused, by a rule that runs with all the others
    part("load", &mut || drop(black_box(mesh::load_str("mesh.yaml", &text, TODAY))));
    part("validate", &mut || drop(black_box(mesh::check(mesh, &largest.locations))));
    part("expand", &mut || drop(black_box(mesh::topology::links(mesh))));
    part("diff", &mut || drop(black_box(plan::diff::diff(mesh, &snapshot, &lines, &options))));
    let pairs = links.iter().map(|link| link.pair.clone()).collect();
    part("schedule", &mut || drop(black_box(plan::rounds(&pairs))));
    part("plan", &mut || {
        drop(black_box(plan::make(mesh, "mesh.yaml", &lines, snapshot.clone(), &options, snapshot.taken_at)));
    });
    part("check", &mut || plan::check::check(&made).unwrap());
    part("write", &mut || plan::write_to(&made, &mut std::io::sink()).unwrap());
    part("read", &mut || drop(black_box(plan::read(&file))));
    part("render", &mut || drop(black_box(report::plan(&made))));
    group.finish();
}

fn one(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, run: &mut dyn FnMut()) {
    group.bench_function(BenchmarkId::from_parameter(name), |bencher| bencher.iter(&mut *run));
}

/// The time of a link from the snapshot to the plan that was checked; what others do on the machine only adds to it.
fn a_link(largest: &Mesh, clusters: usize) -> Duration {
    let mesh = &grown(largest, clusters);
    let (snapshot, lines, options) = (snapshot(mesh), Lines::new(&|_| None), Options::default());
    let timed = || {
        let begin = Instant::now();
        let plan = plan::make(mesh, "mesh.yaml", &lines, snapshot.clone(), &options, snapshot.taken_at);
        plan::check::check(&plan).unwrap();
        begin.elapsed() / u32::try_from(plan.summary.links).unwrap()
    };
    std::iter::repeat_with(timed).take(5).min().unwrap()
}

//! How long `plan` takes: the whole process for the largest supported mesh with every link new, and the library's parts
//! up to 300 clusters.
//!
//! `cargo bench --bench plan` prints medians of the process, and the least of several times for the library's parts.
//! With `INTERMESH_BENCH_STRICT` it fails where a limit is passed, or where a link of 300 clusters takes more than twice
//! as long as one of 30; that is for an idle machine.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a bench is a program for its authors")]

use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use intermesh::cli::lab_spec::lab_for;
use intermesh::cluster::{self, Clock, Snapshot};
use intermesh::lab::InMemory;
use intermesh::mesh::{self, Mesh};
use intermesh::observe::{self, Observers};
use intermesh::plan::{self, Lines, Options};

/// From the snapshot's file to the plan's file, the whole process.
const TO_FILE: Duration = Duration::from_millis(30);
/// Until the first byte of the plan's text, the whole process.
const TO_TEXT: Duration = Duration::from_millis(20);
/// The most memory that the process has at any time.
const MEMORY: u64 = 25 * 1024 * 1024;
/// The clusters of the largest mesh that the vendor supports.
const LARGEST: usize = 30;

fn main() {
    let strict = std::env::var_os("INTERMESH_BENCH_STRICT").is_some();
    let mesh = mesh::load_str("mesh.yaml", &text(LARGEST), jiff::civil::date(2026, 11, 22)).unwrap().mesh;
    process(&mesh, strict);
    println!("\nlibrary, the least of several times; the last column is made and checked, for a link");
    let head = ["load", "expand", "differ", "make", "check", "write", "read", "tell"].map(|part| format!("{part:>9}"));
    println!("{:>8} {:>6} {:>7} {} {:>9}", "clusters", "links", "steps", head.join(" "), "a link");
    let per_link = [3, 10, LARGEST, 100, 300].map(|clusters| library(&mesh, clusters));
    if strict {
        let (few, many) = (per_link[2], per_link[4]);
        assert!(many < few * 2, "more than linear: {few:?} a link of {LARGEST} clusters, {many:?} of 300");
    }
}

/// The process, on files.
fn process(mesh: &Mesh, strict: bool) {
    let folder = tempfile::tempdir().unwrap();
    let [file, snapshot, out] = ["mesh.yaml", "snapshot.json", "plan.json"].map(|name| folder.path().join(name));
    std::fs::write(&file, text(LARGEST)).unwrap();
    std::fs::write(&snapshot, cluster::recorded::write(&read(mesh)).unwrap()).unwrap();
    let command = |save: bool| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_intermesh"));
        command.arg("plan").arg(&file).arg("--snapshot").arg(&snapshot).stderr(Stdio::null());
        if save {
            command.arg("--out").arg(&out);
        }
        command
    };
    let to_file = median(41, || {
        let done = command(true).output().unwrap();
        // there is something to do
        assert_eq!(done.status.code(), Some(2));
    });
    let to_text = median_of(41, || {
        let begin = Instant::now();
        let mut child = command(false).stdout(Stdio::piped()).spawn().unwrap();
        let mut stdout = child.stdout.take().unwrap();
        stdout.read_exact(&mut [0]).unwrap();
        let took = begin.elapsed();
        std::io::copy(&mut stdout, &mut std::io::sink()).unwrap();
        child.wait().unwrap();
        took
    });
    let bytes = std::fs::metadata(&out).unwrap().len();
    println!("process, {LARGEST} clusters of 6 nodes, every link new: {to_file:?} to the plan's file ({bytes} bytes)");
    println!("process, until the first byte of the plan's text: {to_text:?}");
    let memory = peak(command(true));
    match memory {
        Some(memory) => println!("process, most memory: {} KiB", memory / 1024),
        None => println!("process, most memory: not known on this system"),
    }
    if strict {
        assert!(to_file < TO_FILE, "the process takes {to_file:?}");
        assert!(to_text < TO_TEXT, "the text begins after {to_text:?}");
        assert!(memory.is_some_and(|memory| memory < MEMORY), "the process needs {memory:?} bytes");
    }
}

/// The most memory that a process has had (`VmHWM`), looked at again and again until it has ended.
fn peak(mut command: Command) -> Option<u64> {
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut most = None;
    while child.try_wait().unwrap().is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
        most = most.max(kib.map(|kib| kib * 1024));
    }
    most
}

/// The library's parts, each alone; returns the time of a link from the snapshot to the plan that was checked.
fn library(largest: &Mesh, clusters: usize) -> Duration {
    let mesh = &grown(largest, clusters);
    let (text, snapshot) = (text(clusters), read(mesh));
    let none = |_: &str| None;
    let lines = Lines::new(&none);
    let options = Options::default();
    let make = || plan::make(mesh, "mesh.yaml", &lines, &snapshot, &options, snapshot.taken_at);
    let plan = make();
    let links = u32::try_from(plan.summary.links).unwrap();
    let times = if clusters > 100 { 3 } else { 15 };
    // more than 30 clusters are refused, by a rule that runs with all the others
    let load = least(times, || drop(mesh::load_str("mesh.yaml", &text, jiff::civil::date(2026, 11, 22))));
    let expand = least(times, || drop(mesh::topology::links(mesh)));
    let differ = least(times, || drop(plan::diff::diff(mesh, &snapshot, &lines, &options)));
    let made = least(times, || drop(make()));
    let checked = least(times, || plan::check::check(&plan).unwrap());
    let written = least(times, || plan::write_to(&plan, &mut std::io::sink()).unwrap());
    let file = plan::write(&plan).unwrap();
    let reread = least(times, || drop(plan::read(&file).unwrap()));
    let told = least(times, || drop(intermesh::report::plan(&plan)));
    let each = (made + checked) / links;
    let parts = [load, expand, differ, made, checked, written, reread, told, each];
    let parts = parts.map(|part| format!("{:>9}", format!("{part:.1?}"))).join(" ");
    println!("{clusters:>8} {links:>6} {:>7} {parts}", plan.steps.len());
    each
}

/// What is read of a mesh that was never peered.
fn read(mesh: &Mesh) -> Snapshot {
    let made = lab_for(mesh, 1, 1.0, b"bench");
    let lab = InMemory::new(made.spec, made.accounts);
    let observers: Observers = mesh.clusters.iter().map(|c| (c.name.clone(), lab.observer(&c.name))).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(observe::gather(mesh, &observers, lab.clock().now(), &|_| ()))
}

/// The mesh with more clusters, or with fewer. More than 30 are refused in a file.
fn grown(mesh: &Mesh, clusters: usize) -> Mesh {
    let mut grown = mesh.clone();
    grown.clusters.truncate(clusters);
    for at in grown.clusters.len()..clusters {
        let mut cluster = mesh.clusters[0].clone();
        let renamed = |name: &mesh::NodeName| name.as_str().replace(".c0.", &format!(".c{at}.")).as_str().into();
        cluster.name = format!("c{at}").into();
        cluster.publisher = renamed(&cluster.publisher);
        for node in &mut cluster.nodes {
            node.name = renamed(&node.name);
        }
        grown.clusters.push(cluster);
    }
    grown
}

fn timed(mut run: impl FnMut()) -> Duration {
    let begin = Instant::now();
    run();
    begin.elapsed()
}

/// What others do on the machine only adds to a time.
fn least(times: usize, mut run: impl FnMut()) -> Duration {
    std::iter::repeat_with(|| timed(&mut run)).take(times).min().unwrap()
}

fn median(rounds: usize, mut run: impl FnMut()) -> Duration {
    median_of(rounds, || timed(&mut run))
}

fn median_of(rounds: usize, run: impl FnMut() -> Duration) -> Duration {
    let mut times: Vec<Duration> = std::iter::repeat_with(run).take(rounds).collect();
    times.sort();
    times[rounds / 2]
}

fn text(clusters: usize) -> String {
    let mut text = String::from(
        "apiVersion: intermesh/v1\nkind: Mesh\nmetadata: {name: bench}\ndomain: example.com\n\
         credentials: {axl: {username: icsa, password: {env: AXL}}}\ndefaults: {credentials: {axl: axl}}\nclusters:\n",
    );
    for cluster in 0..clusters {
        text += &format!("  - name: c{cluster}\n    publisher: imp1.c{cluster}.example.com\n    nodes:\n");
        for node in 1..=6 {
            text += &format!("      - {{name: imp{node}.c{cluster}.example.com, group: g{}}}\n", (node - 1) / 2);
        }
    }
    text
}

//! How long `validate` takes: the whole process for the largest supported mesh, and the library up to 1,000 clusters.
//!
//! `cargo bench --bench validate` prints medians. With `INTERMESH_BENCH_STRICT` it fails where the process takes 10 ms
//! or more, or where 1,000 clusters take more than linear time; that is for an idle machine.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a bench is a program for its authors")]

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use intermesh::mesh;
use jiff::civil::Date;

const LIMIT: Duration = Duration::from_millis(10);

fn main() {
    let strict = std::env::var_os("INTERMESH_BENCH_STRICT").is_some();
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/topologies/thirty-clusters.yaml");
    let process = median(41, || {
        let status =
            Command::new(env!("CARGO_BIN_EXE_intermesh")).arg("validate").arg(&example).output().unwrap().status;
        assert!(status.success());
    });
    println!("process, 30 clusters of 6 nodes: {process:?}");
    let mut per_cluster = Vec::new();
    for count in [30, 100, 300, 1_000] {
        let text = text(count);
        let took = median(9, || {
            // more than 30 clusters are refused, by a rule that runs with all the others
            let _ = mesh::load_str("mesh.yaml", &text, Date::constant(2026, 11, 22));
        });
        let each = took / count;
        println!("library, {count} clusters of 6 nodes: {took:?}, {each:?} per cluster");
        per_cluster.push(each);
    }
    if strict {
        assert!(process < LIMIT, "the process takes {process:?}");
        let (few, many) = (per_cluster[1], per_cluster[3]);
        assert!(many < few * 2, "not linear: {few:?} per cluster of 100, {many:?} of 1,000");
    }
}

fn median(rounds: usize, mut run: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..rounds)
        .map(|_| {
            let begin = Instant::now();
            run();
            begin.elapsed()
        })
        .collect();
    times.sort();
    times[rounds / 2]
}

fn text(clusters: u32) -> String {
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

//! What the largest supported mesh, with every link new, takes as a whole process.
//!
//! `cargo bench --bench process` prints medians. With `INTERMESH_BENCH_STRICT` it fails where a limit is passed; that
//! is for an idle machine and the profile that is shipped (`--profile dist`).

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a bench is a program for its authors")]

#[path = "common/mesh.rs"]
#[allow(dead_code, reason = "shared with the library's bench")]
mod common;

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::{LARGEST, snapshot, text};
use intermesh::{cluster, mesh};

/// `validate`.
const VALIDATE: Duration = Duration::from_millis(10);
/// From the snapshot's file to the plan's file.
const TO_FILE: Duration = Duration::from_millis(30);
/// Until the first byte of the plan's text.
const TO_TEXT: Duration = Duration::from_millis(20);
/// The most memory that the process has at any time.
const MEMORY: u64 = 25 * 1024 * 1024;

fn main() {
    let strict = std::env::var_os("INTERMESH_BENCH_STRICT").is_some();
    validate(strict);
    let mesh = mesh::load_str("mesh.yaml", &text(LARGEST), jiff::civil::date(2026, 11, 22)).unwrap().mesh;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mesh.yaml"), text(LARGEST)).unwrap();
    std::fs::write(folder.path().join("snapshot.json"), cluster::recorded::write(&snapshot(&mesh)).unwrap()).unwrap();
    plan(folder.path(), strict);
}

fn validate(strict: bool) {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/topologies/thirty-clusters.yaml");
    let took = median(|| {
        let begin = Instant::now();
        let done = Command::new(env!("CARGO_BIN_EXE_intermesh")).arg("validate").arg(&example).output().unwrap();
        assert!(done.status.success());
        begin.elapsed()
    });
    println!("validate: {took:?}");
    assert!(!strict || took < VALIDATE, "validate takes {took:?}");
}

fn plan(folder: &Path, strict: bool) {
    let out = folder.join("plan.json");
    let command = |save: bool| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_intermesh"));
        command.current_dir(folder).args(["plan", "mesh.yaml", "--snapshot", "snapshot.json"]).stderr(Stdio::null());
        if save {
            command.arg("--out").arg(&out);
        }
        command
    };
    let to_file = median(|| {
        let begin = Instant::now();
        // there is something to do
        assert_eq!(command(true).output().unwrap().status.code(), Some(2));
        begin.elapsed()
    });
    let to_text = median(|| {
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
    println!("plan, {LARGEST} clusters of 6 nodes, from the snapshot to the plan's file ({bytes} bytes): {to_file:?}");
    println!("plan, until the first byte of its text: {to_text:?}");
    let memory = peak(command(true));
    match memory {
        Some(memory) => println!("plan, most memory: {} KiB", memory / 1024),
        None => println!("plan, most memory: not known on this system"),
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

fn median(run: impl FnMut() -> Duration) -> Duration {
    let mut times: Vec<Duration> = std::iter::repeat_with(run).take(41).collect();
    times.sort();
    times[20]
}

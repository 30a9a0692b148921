//! The real command, as a user runs it.
#![allow(clippy::unwrap_used, reason = "clippy takes this for no test, but it only serves tests")]
#![allow(dead_code, reason = "every test file uses a part of it")]

use std::fmt;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread::JoinHandle;

/// The binary under test.
pub fn intermesh() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_intermesh"))
}

/// A file of `examples/topologies/`.
pub fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/topologies").join(name)
}

/// All files of `examples/topologies/`, by name.
pub fn topologies() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/topologies");
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.retain(|path| path.extension().is_some_and(|e| e == "yaml"));
    found.sort();
    assert!(found.len() >= 3);
    found
}

/// How a command ended.
pub struct Ended {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ended {
    /// Whether standard output has these words, whatever the width at which its lines were broken.
    pub fn says(&self, words: &str) -> bool {
        let flat = self.out.split_whitespace().collect::<Vec<_>>().join(" ");
        flat.contains(words)
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exit code {}\n--- stdout\n{}\n--- stderr\n{}", self.code, self.out, self.err)
    }
}

/// Runs a command to its end.
pub fn run(command: &mut Command) -> Ended {
    let Output { status, stdout, stderr } =
        command.env_remove("INTERMESH_OVERLAY").env_remove("INTERMESH_STORE").output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { code: status.code().unwrap_or(-1), out: text(stdout), err: text(stderr) }
}

/// Runs `intermesh` with these arguments.
pub fn im(arguments: &[&str]) -> Ended {
    run(Command::new(intermesh()).args(arguments))
}

/// Runs a command in a lab for a mesh.
pub fn lab(mesh: &Path, seed: u64, command: &[&str]) -> Ended {
    let mut run_lab = Command::new(intermesh());
    run_lab.args(["lab", "run"]).arg(mesh).args(["--seed", &seed.to_string(), "--"]).args(command);
    run(&mut run_lab)
}

/// A copy of an example that is changed.
pub fn changed(folder: &Path, name: &str, change: impl Fn(&str) -> String) -> PathBuf {
    let text = std::fs::read_to_string(example(name)).unwrap();
    let new = change(&text);
    assert_ne!(new, text);
    let file = folder.join("mesh.yaml");
    std::fs::write(&file, new).unwrap();
    file
}

/// A script in a lab. It knows the command as `$im`, the mesh as `$m`, a folder of its own as `$d`, and `said WORDS FILE
/// TIMES` waits until a file says something so often.
pub fn in_lab(mesh: &Path, folder: &Path, lab: &[&str], text: &str) -> Command {
    let before = format!(
        "im='{}'; m='{}'; d='{}'; cd \"$d\"\n\
         said() {{ until n=$(grep -c -- \"$1\" \"$2\" 2>/dev/null); [ \"${{n:-0}}\" -ge $3 ]; do sleep 0.05; done; }}\n",
        intermesh().display(),
        mesh.display(),
        folder.display()
    );
    let mut command = Command::new(intermesh());
    command.args(["lab", "run"]).arg(mesh).args(lab).args(["--", "sh", "-c", &(before + text)]);
    command
}

pub fn script(mesh: &Path, folder: &Path, lab: &[&str], text: &str) -> Ended {
    run(&mut in_lab(mesh, folder, lab, text))
}

/// A terminal: what its reader has, and the seat of whoever works at it.
pub fn terminal() -> (File, File) {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let name = ptsname(&terminal, Vec::new()).unwrap().into_string().unwrap();
    (File::from(terminal), File::options().read(true).write(true).open(name).unwrap())
}

/// Reads a terminal until nobody works at it any more, or those who write to it would wait. `answer` is asked what is
/// typed when it sees the screen so far; it is asked no more once it has answered.
pub fn read_off(mut terminal: File, answer: impl Fn(&str) -> Option<String> + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let (mut screen, mut bytes, mut answered) = (String::new(), [0; 4096], false);
        while let Ok(n @ 1..) = terminal.read(&mut bytes) {
            screen += &String::from_utf8_lossy(&bytes[..n]);
            if let Some(typed) = answer(&screen).filter(|_| !answered) {
                terminal.write_all(typed.as_bytes()).unwrap();
                answered = true;
            }
        }
        screen
    })
}

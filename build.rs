//! Tells the program which build it is: target, profile, compiler, and for a release the commit.

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=INTERMESH_BUILD_COMMIT");
    let given = |name: &str| std::env::var(name).unwrap_or_else(|_| "unknown".to_owned());
    let profile = given("PROFILE");
    println!("cargo::rustc-env=INTERMESH_BUILD_TARGET={}", given("TARGET"));
    println!("cargo::rustc-env=INTERMESH_BUILD_PROFILE={profile}");
    let rustc = said(&given("RUSTC"), &["--version"]).unwrap_or_else(|| "unknown".to_owned());
    println!("cargo::rustc-env=INTERMESH_BUILD_RUSTC={rustc}");
    // where it is built again and again, a commit alone is no reason to
    if profile == "release" && std::env::var_os("INTERMESH_BUILD_COMMIT").is_none() {
        for file in ["HEAD", "index"] {
            if let Some(path) = said("git", &["rev-parse", "--git-path", file]) {
                println!("cargo::rerun-if-changed={path}");
            }
        }
        if let Some(commit) = said("git", &["describe", "--always", "--dirty", "--abbrev=12"]) {
            println!("cargo::rustc-env=INTERMESH_BUILD_COMMIT={commit}");
        }
    }
}

/// The one line that a command prints, where it prints one.
fn said(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (!text.is_empty()).then_some(text)
}

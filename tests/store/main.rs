//! The store: that a journal tells the truth wherever it ends, and that one runner at a time holds a mesh.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a test")]

#[path = "../support/mod.rs"]
mod support;

#[path = "../command/mod.rs"]
mod command;

mod bench;
mod faulty;
mod journal;
mod lease;
mod meshes;
mod processes;
mod runs;
mod words;

//! Drift: what hands and accidents do to clusters is found, by its cause, with the side that has it, who moved and how bad
//! it is; and where nothing happened, nothing is found.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "clippy takes the functions beside the tests for no tests")]

mod accepted;
#[path = "../client_support/mod.rs"]
mod client_support;
mod disturbances;
mod in_memory;
#[path = "../lab_support/mod.rs"]
mod lab_support;
mod scene;
mod sockets;
#[path = "../support/mod.rs"]
mod support;
mod texts;
mod verified;
mod watch;

//! The transport's fault table: what a node may do to a client, and that nothing bad comes of it. Never a panic, never a
//! write that is repeated, never a secret in an error, and never half an answer taken for a whole one.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

#[path = "../imp_support/mod.rs"]
mod imp_support;

mod answers;
mod handshakes;
mod odd;
mod pages;
mod secrets;
mod server;
mod site;
mod writes;

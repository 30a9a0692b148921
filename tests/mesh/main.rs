//! The mesh file from the outside: every rule's examples, every report, every hostile text.

#![allow(clippy::unwrap_used, reason = "clippy takes what tests share for no test")]

mod commands;
mod examples;
mod fixture;
mod formats;
mod golden;
mod hostile;
mod rules;
mod schema;
mod secrets;

//! The mesh file from the outside: every rule's examples, every report, every hostile text.

mod commands;
mod examples;
mod fixture;
mod formats;
mod golden;
mod hostile;
mod rules;
mod schema;
mod secrets;

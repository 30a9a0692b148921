//! The `intermesh` command.

#![forbid(unsafe_code)]

fn main() {}

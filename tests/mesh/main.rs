//! The mesh file from the outside: every rule's examples, every report, every hostile text.

mod fixture;
mod rules;

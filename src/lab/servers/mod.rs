//! The lab's servers: the simulated product behind real protocols.

pub mod axl;

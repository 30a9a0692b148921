//! Declarative intercluster peering for Cisco IM and Presence Service.
//!
//! A mesh file says which clusters are linked; intermesh reads what they are now, computes the difference, orders
//! the work into a graph of steps, shows it and carries it out. Data flows one way, from [`mesh`] and the clusters
//! behind the seam [`cluster`] to the plan and its execution; see `ARCHITECTURE.md`.

#![forbid(unsafe_code)]

pub mod apply;
pub mod cli;
pub mod cluster;
pub mod formats;
pub mod imp;
pub mod lab;
pub mod mesh;
pub mod observe;
pub mod plan;
pub mod report;
pub mod store;
pub mod watch;
pub mod xml;

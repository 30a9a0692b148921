//! Simulated clusters: a model of the product on real sockets, written from what is published of it and never
//! from the client's code.

pub mod behaviours;
pub mod control;
mod disturbance;
mod memory;
pub mod servers;
mod spec;
mod state;
pub mod world;

pub use disturbance::Disturbance;
pub use memory::{Fault, InMemory, VirtualClock};
pub use servers::{Counters, Lab, LabError};
pub use spec::{AccountSpec, CertificateKind, ClusterSpec, LabSpec, Network, NodeSpec, PeerSpec, Skin, TlsVersions};

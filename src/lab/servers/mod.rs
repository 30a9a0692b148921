//! The lab's servers: the simulated product behind real protocols, in one process and on loopback only.
//!
//! [`Lab::up`] claims a block of loopback addresses and starts everything on it: HTTPS on every node (AXL, Control
//! Center, the pages), a name server, a CONNECT proxy and a control endpoint. All of it stands in front of one
//! [`World`](super::world::World); every request first moves the product's time to where it is now.
//!
//! What public material does not tell is picked by the spec's seed (`pick`, `pages::variant`).

mod alarm;
pub mod axl;
mod axl_http;
mod basic;
mod block;
mod control;
mod control_center;
mod counters;
mod delayed;
mod directory;
mod dns;
mod error;
mod here;
mod https;
mod identities;
mod lab;
mod pages;
mod pick;
mod pki;
mod platform;
mod proxy;
mod rate;
mod record;
mod router;
mod session;
mod ssh;

pub use counters::Counters;
pub use error::LabError;
pub use lab::Lab;
pub use record::{Exchange, Interface};

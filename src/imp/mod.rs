//! The product over the wire, behind the seam.
//!
//! A [`Fleet`] holds what all clusters share: trust, proxy, DNS, and the memory of accounts that were refused. It hands
//! out a [`Reader`] or an [`Operator`] for each cluster. AXL (`axl`) answers typed questions about the cluster, the Unified
//! CM publisher's own (`unified_cm`) has the High Availability switch, Control Center (`control_center`) each node's
//! services, and the administration pages (`pages`) what only they know: peers, status panels, notifications,
//! parameters. The platform CLI (`cli`, one session per node in `platform`) tells what the nodes themselves see of the
//! network, and restarts what Control Center refuses to; DNS (`names`) what this machine is told of names. What the
//! product is believed to do comes from its documentation and schemas (`field-notes`), never from the lab.

mod accounts;
mod axl;
mod cli;
mod control_center;
mod cookies;
mod fleet;
mod names;
mod operator;
mod pages;
mod pins;
mod platform;
mod reader;
mod repeated;
mod settings;
mod site;
mod soap;
mod transport;
mod unified_cm;
pub mod wire;

pub use cli::{BadPin, HostKeyPin, Lookup, PlatformCli, PlatformSettings, ServiceLine};
pub use fleet::{Fleet, LookError};
pub use operator::Operator;
pub use pages::everybody_left;
pub use pins::{NodePins, Pins, PinsError};
pub use reader::Reader;
pub use settings::{Patience, ResolveAccount, Settings, SettingsError, Target, UnifiedCmTarget};
pub use transport::Shown;

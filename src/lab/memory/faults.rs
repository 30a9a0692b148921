//! What goes wrong between a client and the product, ordered in advance.

use crate::cluster::{ClusterName, ErrorKind};

/// A call that will go wrong.
#[derive(Clone, Debug)]
pub struct Fault {
    /// The cluster that is called.
    pub cluster: ClusterName,
    /// The method of the seam, such as `add_peer`; `*` for all.
    pub call: &'static str,
    /// What the caller is told.
    pub kind: ErrorKind,
    /// Whether the order takes effect all the same: the answer is lost, not the order.
    pub effect: bool,
    /// How many calls go wrong.
    pub times: u32,
}

/// The faults that are still to come.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    pub(super) fn add(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    /// The fault of this call, which is one fewer to come.
    pub(super) fn next(&mut self, cluster: &ClusterName, call: &str) -> Option<Fault> {
        let fits = |f: &&mut Fault| f.times > 0 && &f.cluster == cluster && (f.call == call || f.call == "*");
        let fault = self.0.iter_mut().find(fits)?;
        fault.times -= 1;
        Some(fault.clone())
    }
}

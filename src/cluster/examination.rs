//! What a doctor reads beyond a snapshot: it takes long, needs the platform CLI, or tells nothing that a plan relies on.
//! A plan has its share of what the nodes say, for the links that are yet to be made.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::parameter::Parameter;
use super::reach::{ClusterServer, NameLookup, Reachability, StoredCertificate};
use super::snapshot::Fact;
use crate::mesh::{ClusterName, NodeName};

/// What was read of a mesh for a doctor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Examination {
    /// What was read of each cluster that is linked.
    pub clusters: BTreeMap<ClusterName, ClusterExamination>,
}

/// What was read of one cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ClusterExamination {
    /// The time of day by its publisher's own clock.
    pub time: Fact<Timestamp>,
    /// The certificates that the cluster has, as its peers are told of them.
    pub stored_certificates: Fact<Vec<StoredCertificate>>,
    /// The parameters that the procedure names, by node and service.
    pub parameters: BTreeMap<NodeName, BTreeMap<String, Fact<Vec<Parameter>>>>,
    /// The servers of the cluster, as its publisher knows them; not asked without a `cli` account.
    pub servers: Fact<Vec<ClusterServer>>,
    /// Whether its nodes reach the ports of its peers' nodes; empty without a `cli` account.
    pub ways: Vec<Way>,
    /// How its nodes resolve the names of its peers; empty without a `cli` account.
    pub lookups: Vec<NodeLookup>,
}

/// A way from a node to a port of a peer's node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Way {
    /// The node that connects.
    pub from: NodeName,
    /// The cluster that is connected to.
    pub to: ClusterName,
    /// Its node.
    pub host: NodeName,
    /// The TCP port.
    pub port: u16,
    /// What came of it.
    pub found: Fact<Reachability>,
}

/// A name of a peer, as a node resolves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct NodeLookup {
    /// The node that is asked.
    pub from: NodeName,
    /// The cluster that the name belongs to.
    pub to: ClusterName,
    /// The name.
    pub name: String,
    /// What came of it.
    pub found: Fact<NameLookup>,
}

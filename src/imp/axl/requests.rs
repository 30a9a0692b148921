//! The bodies of AXL requests, as pure functions: what is sent can be shown without sending it.

use super::super::soap::{self, Inside, Part};

/// An operation with its content.
#[derive(Clone, Debug)]
pub(in super::super) struct Operation {
    name: &'static str,
    parts: Vec<Part>,
}

impl Operation {
    /// `getCUPVersion`
    pub(in super::super) fn version() -> Operation {
        Operation { name: "getCUPVersion", parts: Vec::new() }
    }

    /// `getClusterInfo`
    pub(in super::super) fn cluster_info() -> Operation {
        Operation { name: "getClusterInfo", parts: Vec::new() }
    }

    /// `getClusterNodesAndCriticalServices`; neither element may be nil.
    pub(in super::super) fn nodes(node: &str) -> Operation {
        let parts = vec![Part::text("nodeName", node), Part::text("locale", "en_US")];
        Operation { name: "getClusterNodesAndCriticalServices", parts }
    }

    /// `getSubClusterHAStatus`; `uuid` is the schema's, with braces.
    pub(in super::super) fn availability(group: &str, uuid: &str) -> Operation {
        let parts = vec![Part::text("subClusterName", group), Part::text("uuid", uuid)];
        Operation { name: "getSubClusterHAStatus", parts }
    }

    /// `executeSQLQuery`
    pub(in super::super) fn query(sql: impl Into<String>) -> Operation {
        Operation { name: "executeSQLQuery", parts: vec![Part::text("sql", sql)] }
    }

    /// The operation's name.
    pub(in super::super) fn name(&self) -> &'static str {
        self.name
    }

    /// The `SOAPAction`.
    pub(in super::super) fn action(&self, version: &str) -> String {
        format!("CUCM:DB ver={version} {}", self.name)
    }

    /// The envelope.
    pub(in super::super) fn envelope(&self, version: &str) -> String {
        let namespace = format!("http://www.cisco.com/AXL/API/{version}");
        soap::envelope(&namespace, self.name, Inside::Unqualified, &self.parts)
    }
}

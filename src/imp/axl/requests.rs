//! The bodies of AXL requests to IM and Presence, as pure functions: what is sent can be shown without sending it.

use super::super::soap::{self, Inside, Part};
use super::sql::Select;

/// An operation with its content.
#[derive(Clone, Debug)]
pub(in super::super) struct Operation {
    name: &'static str,
    parts: Vec<Part>,
    writes: bool,
}

impl Operation {
    /// An operation that changes nothing.
    pub(in super::super) fn read(name: &'static str, parts: Vec<Part>) -> Operation {
        Operation { name, parts, writes: false }
    }

    /// An operation that changes something.
    pub(in super::super) fn write(name: &'static str, parts: Vec<Part>) -> Operation {
        Operation { name, parts, writes: true }
    }

    /// `getCUPVersion`
    pub(in super::super) fn version() -> Operation {
        Operation::read("getCUPVersion", Vec::new())
    }

    /// `getClusterInfo`
    pub(in super::super) fn cluster_info() -> Operation {
        Operation::read("getClusterInfo", Vec::new())
    }

    /// `getClusterNodesAndCriticalServices`; neither element may be nil.
    pub(in super::super) fn nodes(node: &str) -> Operation {
        let parts = vec![Part::text("nodeName", node), Part::text("locale", "en_US")];
        Operation::read("getClusterNodesAndCriticalServices", parts)
    }

    /// `getSubClusterHAStatus`; `uuid` is the schema's, with braces.
    pub(in super::super) fn availability(group: &str, uuid: &str) -> Operation {
        let parts = vec![Part::text("subClusterName", group), Part::text("uuid", uuid)];
        Operation::read("getSubClusterHAStatus", parts)
    }

    /// `executeSQLQuery`
    pub(in super::super) fn query(select: &Select) -> Operation {
        Operation::read("executeSQLQuery", vec![Part::text("sql", select.to_string())])
    }

    /// `getCertificateSummary`, of all components; `user` is who asks.
    pub(in super::super) fn certificate_summary(user: &str) -> Operation {
        Operation::read("getCertificateSummary", vec![Part::text("userid", user), Part::Nil("component")])
    }

    /// `getCertificates` of one component, of all subjects; `user` is who asks.
    pub(in super::super) fn certificates(user: &str, component: &str) -> Operation {
        let parts = vec![Part::text("userid", user), Part::text("component", component), Part::Nil("subjectcn")];
        Operation::read("getCertificates", parts)
    }

    /// The operation's name.
    pub(in super::super) fn name(&self) -> &'static str {
        self.name
    }

    /// Whether it changes anything.
    pub(in super::super) fn writes(&self) -> bool {
        self.writes
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

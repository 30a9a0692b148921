//! AXL of the simulated product: request text in, answer text out (field-notes 3). HTTP and authentication are
//! someone else's.
//!
//! A request is answered in two steps, so that nobody waits for a large query: [`begin`] reads the world and is
//! quick; [`Work::finish`] runs without it.

mod certificates;
mod envelope;
mod nodes;
pub(super) mod sql;
pub(super) mod unified_cm;
mod users;
mod version;

use self::envelope::Call;
pub(super) use self::envelope::Fault;
use self::sql::Query;
use super::pki::Certificate;
use crate::cluster::{ClusterName, NodeName};
use crate::lab::world::World;

/// An AXL request after authentication.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The cluster that was asked.
    pub cluster: &'a ClusterName,
    /// The node that was asked.
    pub node: &'a NodeName,
    /// The header `SOAPAction`, with or without quotes, such as `CUCM:DB ver=12.5 executeSQLQuery`; may be absent.
    pub soap_action: Option<&'a str>,
    /// The body of the POST.
    pub body: &'a str,
    /// The certificates that the cluster's nodes show.
    pub certificates: &'a [Certificate],
}

/// An HTTP answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status: 200, 500 with a fault, 599 for a wrong version, another while AXL is down.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: &'static str,
    /// The body.
    pub body: String,
}

/// What is left to do for a request.
#[derive(Debug)]
pub enum Work {
    /// Nothing: this is the answer.
    Done(Answer),
    /// A query that takes its time.
    Query(Box<Running>),
}

/// A query with all that it needs of the world.
#[derive(Debug)]
pub struct Running {
    call: Call,
    query: Query,
    style: envelope::Style,
}

impl Work {
    /// Does what is left to do.
    pub fn finish(self) -> Answer {
        match self {
            Work::Done(answer) => answer,
            Work::Query(running) => {
                let result = running.query.run(&running.call.text("sql")).map(|rows| rows.xml());
                envelope::answer(&running.call, result, running.style)
            }
        }
    }
}

/// Answers an AXL request.
pub fn answer(world: &World, request: &Request<'_>) -> Answer {
    begin(world, request).finish()
}

/// Takes what a request needs of the world.
pub fn begin(world: &World, request: &Request<'_>) -> Work {
    if !world.axl_answers(request.cluster, request.node) {
        return Work::Done(envelope::page(world.axl_down_status(), "The requested resource is not available."));
    }
    let call = match read(world, request) {
        Ok(call) => call,
        Err(refusal) => return Work::Done(refusal),
    };
    let result = match call.operation.as_str() {
        "executeSQLQuery" => return query(world, request.cluster, call),
        "getCUPVersion" => Ok(nodes::version(world, request.cluster)),
        "getClusterInfo" => Ok(nodes::cluster_info(world, request.cluster)),
        "getClusterNodesAndCriticalServices" => Ok(nodes::nodes(world, request.cluster, &call)),
        "getSubClusterHAStatus" => nodes::high_availability(world, request.cluster, &call),
        "getCertificates" => Ok(certificates::full(world, request.certificates, &call)),
        "getCertificateSummary" => Ok(certificates::summary(world, request.certificates, &call)),
        "getUser" => users::get(world, request.cluster, &call),
        "executeSQLUpdate" => Err(Fault::new(envelope::UNPUBLISHED, "The lab does not write SQL: no tool should.")),
        unknown => Err(Fault::unknown_operation(unknown)),
    };
    Work::Done(answered(world, &call, result))
}

/// Reads a request, or answers what cannot be read or is of a version that the release does not support.
fn read(world: &World, request: &Request<'_>) -> Result<Call, Answer> {
    let call = Call::read(request).map_err(|fault| envelope::fault(&fault, "", envelope::Style::of(world)))?;
    let release = world.version(request.cluster).unwrap_or_default();
    match call.versions.iter().find(|v| !version::is_supported(release, v)) {
        Some(version) => Err(envelope::page(599, &version::refusal(release, version))),
        None => Ok(call),
    }
}

fn query(world: &World, cluster: &ClusterName, call: Call) -> Work {
    let query = Query::new(world, cluster);
    Work::Query(Box::new(Running { call, query, style: envelope::Style::of(world) }))
}

fn answered(world: &World, call: &Call, result: Result<String, Fault>) -> Answer {
    envelope::answer(call, result, envelope::Style::of(world))
}

#[cfg(test)]
mod tests;

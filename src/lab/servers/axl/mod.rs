//! AXL of the simulated product: request text in, answer text out. HTTP and authentication are someone else's.

use crate::cluster::{ClusterName, NodeName};
use crate::lab::world::World;

/// An AXL request after authentication.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The cluster that was asked.
    pub cluster: &'a ClusterName,
    /// The node that was asked.
    pub node: &'a NodeName,
    /// The header `SOAPAction` without quotes, such as `CUCM:DB ver=12.5 executeSQLQuery`; may be absent.
    pub soap_action: Option<&'a str>,
    /// The body of the POST.
    pub body: &'a str,
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

/// Answers an AXL request.
pub fn answer(world: &World, request: &Request<'_>) -> Answer {
    let _ = request;
    Answer { status: world.axl_down_status(), content_type: "text/html;charset=utf-8", body: String::new() }
}

//! One request and its answer, as a record has them.

use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderMap, request, response};
use serde::{Deserialize, Serialize};

use crate::lab::servers::directory::Role;
use crate::lab::servers::here::Here;
use crate::lab::servers::{axl_http, control_center};

/// Which interface of the product was spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Interface {
    /// AXL of the IM and Presence Service.
    Axl,
    /// Control Center Services.
    ControlCenter,
    /// The web pages, and whatever path leads nowhere.
    Pages,
    /// AXL of Unified CM.
    UnifiedCmAxl,
}

/// A request that was answered. A body that is no text is left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// 1 for the first request of a recording. Lines are written as exchanges end, so they need not be in order.
    pub sequence: u64,
    /// The interface.
    pub interface: Interface,
    /// The server's name.
    pub host: String,
    /// The HTTP method.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The query.
    pub query: Option<String>,
    /// The header `SOAPAction`, as it was sent.
    pub soap_action: Option<String>,
    /// `Content-Type` of the request.
    pub content_type: Option<String>,
    /// The body of the request.
    pub request: Option<String>,
    /// The HTTP status of the answer.
    pub status: u16,
    /// `Content-Type` of the answer.
    pub answer_content_type: Option<String>,
    /// The body of the answer.
    pub answer: Option<String>,
}

/// The half of an exchange that is known before the answer.
pub(super) struct Question(Exchange);

impl Question {
    pub(super) fn new(here: &Here, head: &request::Parts, body: &[u8]) -> Question {
        let path = head.uri.path();
        let interface = match here.server().role {
            Role::Presence if path == axl_http::PATH => Interface::Axl,
            Role::UnifiedCm if path == axl_http::PATH => Interface::UnifiedCmAxl,
            _ if path == control_center::PATH => Interface::ControlCenter,
            _ => Interface::Pages,
        };
        Question(Exchange {
            sequence: 0,
            interface,
            host: here.server().name.to_string(),
            method: head.method.to_string(),
            path: path.to_owned(),
            query: head.uri.query().map(str::to_owned),
            soap_action: header(&head.headers, HeaderName::from_static("soapaction")),
            content_type: header(&head.headers, CONTENT_TYPE),
            request: text(body),
            status: 0,
            answer_content_type: None,
            answer: None,
        })
    }

    pub(super) fn answered(self, sequence: u64, head: &response::Parts, body: &[u8]) -> Exchange {
        Exchange {
            sequence,
            status: head.status.as_u16(),
            answer_content_type: header(&head.headers, CONTENT_TYPE),
            answer: text(body),
            ..self.0
        }
    }
}

fn header(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

fn text(body: &[u8]) -> Option<String> {
    std::str::from_utf8(body).ok().map(str::to_owned)
}

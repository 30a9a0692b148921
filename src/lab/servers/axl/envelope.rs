//! SOAP around AXL: a request is read, an answer or a fault is written (field-notes 3.3).

use std::fmt::Write as _;

use super::{Answer, Request};
use crate::lab::world::World;
use crate::xml::{self, Element, escape};

const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const NAMESPACE: &str = "http://www.cisco.com/AXL/API/";

/// The code of faults whose code nobody has published; -1 would mean throttling.
pub(super) const UNPUBLISHED: i32 = 0;

/// A request that could be read.
#[derive(Debug)]
pub(super) struct Call {
    /// The operation, by the body's first element.
    pub(super) operation: String,
    /// The schema versions that the request names: of its namespace and of its `SOAPAction`.
    pub(super) versions: Vec<String>,
    parameters: Element,
}

impl Call {
    pub(super) fn read(request: &Request<'_>) -> Result<Call, Fault> {
        let malformed = |why: String| Fault::new(UNPUBLISHED, why);
        let envelope = xml::read(request.body).map_err(|e| malformed(e.to_string()))?;
        let body = envelope.child("Body").filter(|_| envelope.name == "Envelope");
        let operation = body.and_then(|b| b.children.first()).ok_or_else(|| malformed("No SOAP body".to_owned()))?;
        let namespace = operation.namespace.as_deref().and_then(|n| n.strip_prefix(NAMESPACE));
        let namespace = namespace.ok_or_else(|| Fault::unknown_operation(&operation.name))?;
        let mut versions = vec![namespace.trim_end_matches('/').to_owned()];
        let action = request.soap_action.map(|a| a.trim().trim_matches('"'));
        if let Some(version) = action.and_then(|a| a.split_whitespace().find_map(|w| w.strip_prefix("ver="))) {
            versions.push(version.to_owned());
        }
        Ok(Call { operation: operation.name.clone(), versions, parameters: operation.clone() })
    }

    /// A parameter's text; empty when it is absent.
    pub(super) fn text(&self, name: &str) -> String {
        self.parameters.text_of(name).unwrap_or_default().to_owned()
    }

    /// Whether a parameter is there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.parameters.child(name).is_some()
    }

    /// The names of what is under a parameter.
    pub(super) fn names_under(&self, name: &str) -> Vec<&str> {
        self.parameters.child(name).map_or_else(Vec::new, |p| p.children.iter().map(|c| c.name.as_str()).collect())
    }

    /// The names and texts of what is under a parameter.
    pub(super) fn texts_under(&self, name: &str) -> Vec<(&str, &str)> {
        let children = self.parameters.child(name).map_or(&[][..], |p| &p.children);
        children.iter().map(|c| (c.name.as_str(), c.text.as_str())).collect()
    }

    fn sequence(&self) -> Option<u64> {
        self.parameters.attribute("sequence")?.parse().ok()
    }
}

/// An AXL error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::lab::servers) struct Fault {
    code: i32,
    message: String,
}

impl Fault {
    /// The message, for an interface that shows nothing else.
    pub(in crate::lab::servers) fn message(&self) -> &str {
        &self.message
    }

    pub(super) fn new(code: i32, message: impl Into<String>) -> Fault {
        Fault { code, message: message.into() }
    }

    pub(super) fn unknown_operation(name: &str) -> Fault {
        Fault::new(UNPUBLISHED, format!("Unknown operation: {name}"))
    }
}

/// What of an answer's form nobody has published, decided by the seed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    prefixed_error: bool,
    /// Whether the database's own error codes are passed on.
    database_codes: bool,
}

impl Style {
    pub(super) fn of(world: &World) -> Style {
        Style {
            prefixed_error: world.decide("axlError has a prefix", 2) == 1,
            database_codes: world.decide("axlcode of the database", 2) == 1,
        }
    }
}

/// The answer to a call: `return` with that content, or a fault.
pub(super) fn answer(call: &Call, result: Result<String, Fault>, style: Style) -> Answer {
    let content = match result {
        Ok(content) => content,
        Err(fault) => return self::fault(&fault, &call.operation, style),
    };
    let version = call.versions.first().map_or("", String::as_str);
    let sequence = call.sequence().map(|s| format!(" sequence=\"{s}\"")).unwrap_or_default();
    let name = &call.operation;
    soap(
        200,
        &format!(
            "<ns:{name}Response xmlns:ns=\"{NAMESPACE}{}\"{sequence}><return>{content}</return></ns:{name}Response>",
            escape(version)
        ),
    )
}

/// A SOAP fault with its `axlError`.
pub(super) fn fault(fault: &Fault, request: &str, style: Style) -> Answer {
    let (open, close) = if style.prefixed_error {
        (format!("ns2:axlError xmlns:ns2=\"{NAMESPACE}1.0\""), "ns2:axlError")
    } else {
        ("axlError".to_owned(), "axlError")
    };
    let message = escape(&fault.message);
    // Below -1 are the database's own.
    let code = if fault.code < -1 && !style.database_codes { UNPUBLISHED } else { fault.code };
    let mut body = format!("<soapenv:Fault><faultcode>soapenv:Server</faultcode><faultstring>{message}</faultstring>");
    // Writing to a `String` does not fail.
    let _ = write!(
        body,
        "<detail><{open}><axlcode>{code}</axlcode><axlmessage>{message}</axlmessage><request>{}</request></{close}></detail>",
        escape(request)
    );
    body.push_str("</soapenv:Fault>");
    soap(500, &body)
}

/// A page of the web server, in its usual form.
pub(super) fn page(status: u16, text: &str) -> Answer {
    let title = format!("HTTP Status {status} - {}", escape(text));
    let body = format!("<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>");
    Answer { status, content_type: "text/html;charset=utf-8", body }
}

fn soap(status: u16, content: &str) -> Answer {
    let body = format!(
        "<?xml version='1.0' encoding='UTF-8'?><soapenv:Envelope xmlns:soapenv=\"{SOAP}\"><soapenv:Body>{content}\
         </soapenv:Body></soapenv:Envelope>"
    );
    Answer { status, content_type: "text/xml;charset=UTF-8", body }
}

/// An element with text.
pub(super) fn element(name: &str, text: impl ToString) -> String {
    format!("<{name}>{}</{name}>", escape(&text.to_string()))
}

/// An element that is null.
pub(super) fn null(name: &str) -> String {
    format!("<{name} xsi:nil=\"true\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"/>")
}

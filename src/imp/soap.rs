//! SOAP 1.1: envelopes written with everything escaped, answers and faults read with the product's words kept.

use http::HeaderMap;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};

use crate::cluster::ErrorKind;
use crate::xml::{self, Element};

const ENVELOPE: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// A fault.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fault {
    /// `axlcode`, where it is AXL's.
    pub(super) code: Option<i64>,
    /// `axlmessage`, or else `faultstring`.
    pub(super) message: String,
}

/// What a SOAP server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// The element in the body.
    Body(Element),
    /// A fault instead.
    Fault(Fault),
}

/// An element of a request: a name that is ours, and text or children that may be anybody's.
#[derive(Clone, Debug)]
pub(super) enum Part {
    /// An element with text.
    Text(&'static str, String),
    /// An element with elements.
    Group(&'static str, Vec<Part>),
    /// An element that is there and says that there is nothing.
    Nil(&'static str),
}

impl Part {
    pub(super) fn text(name: &'static str, text: impl Into<String>) -> Part {
        Part::Text(name, text.into())
    }

    fn write(&self, prefix: &str, to: &mut String) {
        let name = match self {
            Part::Nil(name) => {
                to.push_str(&format!("<{prefix}{name} xmlns:xsi=\"{INSTANCE}\" xsi:nil=\"true\"/>"));
                return;
            }
            Part::Text(name, text) => {
                to.push_str(&format!("<{prefix}{name}>{}", xml::escape(text)));
                name
            }
            Part::Group(name, parts) => {
                to.push_str(&format!("<{prefix}{name}>"));
                parts.iter().for_each(|part| part.write(prefix, to));
                name
            }
        };
        to.push_str(&format!("</{prefix}{name}>"));
    }
}

/// Whether the elements inside the operation are in its namespace (`elementFormDefault` of the schema).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Inside {
    /// AXL: unqualified.
    Unqualified,
    /// Control Center: qualified.
    Qualified,
}

/// An envelope around one operation.
pub(super) fn envelope(namespace: &str, operation: &str, inside: Inside, parts: &[Part]) -> String {
    let prefix = if inside == Inside::Qualified { "ns:" } else { "" };
    let mut body = String::new();
    parts.iter().for_each(|part| part.write(prefix, &mut body));
    let namespace = xml::escape(namespace);
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<soapenv:Envelope xmlns:soapenv=\"{ENVELOPE}\" \
         xmlns:ns=\"{namespace}\"><soapenv:Body><ns:{operation}>{body}</ns:{operation}></soapenv:Body>\
         </soapenv:Envelope>\n"
    )
}

/// The headers of a request; the action is quoted, as SOAP 1.1 wants it.
pub(super) fn headers(action: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/xml; charset=utf-8"));
    if let Ok(action) = HeaderValue::from_str(&format!("\"{action}\"")) {
        headers.insert(HeaderName::from_static("soapaction"), action);
    }
    headers
}

/// Reads an answer.
pub(super) fn read(body: &[u8]) -> Result<Reply, ErrorKind> {
    let malformed = |detail: String| ErrorKind::Malformed { detail };
    let text = std::str::from_utf8(body).map_err(|_| malformed("the SOAP answer is not UTF-8".to_owned()))?;
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let root = xml::read(text).map_err(|why| malformed(format!("the SOAP answer cannot be read: {why}")))?;
    let body = Some(root).filter(|root| root.name == "Envelope").map(|root| root.children.into_iter());
    let body = body.and_then(|mut parts| parts.find(|part| part.name == "Body"));
    let Some(content) = body.and_then(|body| body.children.into_iter().next()) else {
        return Err(malformed("the answer is not a SOAP envelope with a body".to_owned()));
    };
    Ok(if content.name == "Fault" { Reply::Fault(fault(&content)) } else { Reply::Body(content) })
}

fn fault(fault: &Element) -> Fault {
    let words =
        |element: &Element, name: &str| element.text_of(name).map(str::to_owned).filter(|text| !text.is_empty());
    let axl = fault.child("detail").and_then(|detail| detail.find("axlError"));
    let code = axl.and_then(|axl| axl.text_of("axlcode")).and_then(|code| code.parse().ok());
    let message = axl
        .and_then(|axl| words(axl, "axlmessage"))
        .or_else(|| words(fault, "faultstring"))
        .or_else(|| words(fault, "faultcode"))
        .unwrap_or_else(|| "a SOAP fault without words".to_owned());
    Fault { code, message }
}

/// The title or first words of an HTML page that came in place of SOAP, for an error.
pub(super) fn glimpse(text: &str) -> String {
    let mut inside_tag = false;
    let plain: String = text
        .chars()
        .take(4_000)
        .map(|c| match c {
            '<' => {
                inside_tag = true;
                ' '
            }
            '>' => {
                inside_tag = false;
                ' '
            }
            _ if inside_tag => ' ',
            _ => c,
        })
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(120).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_escaped() {
        let parts = [Part::text("sql", "SELECT a FROM b WHERE c < '&]]>'")];
        let written = envelope("urn:x", "op", Inside::Unqualified, &parts);
        assert!(!written.contains("'&]]"), "{written}");
        let Reply::Body(read) = read(written.as_bytes()).unwrap() else { panic!("a fault") };
        assert_eq!((read.name.as_str(), read.namespace.as_deref()), ("op", Some("urn:x")));
        assert_eq!(read.text_of("sql"), Some("SELECT a FROM b WHERE c < '&]]>'"));
        assert_eq!(read.child("sql").unwrap().namespace, None);
    }

    #[test]
    fn a_fault_keeps_the_products_words() {
        let with = |detail: &str| {
            format!(
                "<soapenv:Envelope xmlns:soapenv='{ENVELOPE}'><soapenv:Body><soapenv:Fault><faultcode>soapenv:Server\
                 </faultcode><faultstring>Item not valid</faultstring>{detail}</soapenv:Fault></soapenv:Body>\
                 </soapenv:Envelope>"
            )
        };
        let axl = "<detail><ns2:axlError xmlns:ns2='urn:a'><axlcode>-1</axlcode><axlmessage>Maximum</axlmessage>\
                   <request>x</request></ns2:axlError></detail>";
        for (detail, expected) in [
            (axl, Fault { code: Some(-1), message: "Maximum".into() }),
            ("", Fault { code: None, message: "Item not valid".into() }),
            ("<detail><other/></detail>", Fault { code: None, message: "Item not valid".into() }),
        ] {
            assert_eq!(read(with(detail).as_bytes()), Ok(Reply::Fault(expected)), "{detail}");
        }
    }

    #[test]
    fn what_is_not_an_envelope_is_malformed() {
        for body in ["", "<html><body>HTTP Status 401</body></html>", "<a/>", "<Envelope><Body/></Envelope>", "\u{0}"] {
            assert!(matches!(read(body.as_bytes()), Err(ErrorKind::Malformed { .. })), "{body}");
        }
        assert!(read(&[0xff, 0xfe]).is_err());
    }

    #[test]
    fn a_glimpse_of_a_page_is_short_and_plain() {
        assert_eq!(glimpse("<html><title>HTTP  Status</title>\n<b>404</b>"), "HTTP Status 404");
        assert_eq!(glimpse(&"x".repeat(9_999)).len(), 120);
    }
}

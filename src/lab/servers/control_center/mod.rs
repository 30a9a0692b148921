//! Control Center Services, the SOAP interface of Serviceability, on every node.
//!
//! Its description is the vendor's own: `ControlCenterServices.wsdl`, published with CiscoDevNet's
//! serviceability-python-zeep-samples under the MIT License (`LICENSE.ControlCenterServices` beside it). An
//! operation acts on the node that was called, whatever `NodeName` says (field-notes 4.2).

mod answers;
mod orders;

pub(super) use answers::start_time;

use axum::Extension;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode, Uri};

use super::basic::{authenticate, page};
use super::directory::Role;
use super::here::Here;
use super::https::PORT;
use crate::xml::{self, Element};

/// Where the service is.
pub(super) const PATH: &str = "/controlcenterservice2/services/ControlCenterServices";
const WSDL: &str = include_str!("ControlCenterServices.wsdl");
/// The address in the published file, to be replaced by the node's own.
const WSDL_ADDRESS: &str = "https://localhost:8443";

/// Answers a GET: the description with `?wsdl`, and a plain page otherwise.
pub(super) async fn get(Extension(here): Extension<Here>, headers: HeaderMap, uri: Uri) -> Response {
    if here.server().role == Role::UnifiedCm {
        return page(StatusCode::NOT_FOUND, PATH);
    }
    let caller = match authenticate(&here, &headers) {
        Ok(caller) => caller,
        Err(refusal) => return *refusal,
    };
    if !uri.query().is_some_and(|q| q.split('&').any(|part| part.eq_ignore_ascii_case("wsdl"))) {
        return caller.answer(page(StatusCode::OK, "ControlCenterServices"));
    }
    let own = format!("https://{}:{PORT}", here.server().name);
    let wsdl = WSDL.replace(WSDL_ADDRESS, &xml::escape(&own));
    caller.answer(([(CONTENT_TYPE, "text/xml;charset=utf-8")], wsdl).into_response())
}

/// Answers a POST: one operation.
pub(super) async fn post(Extension(here): Extension<Here>, headers: HeaderMap, body: String) -> Response {
    if here.server().role == Role::UnifiedCm {
        return page(StatusCode::NOT_FOUND, PATH);
    }
    let caller = match authenticate(&here, &headers) {
        Ok(caller) => caller,
        Err(refusal) => return *refusal,
    };
    if !caller.rights.admin {
        return caller.answer(page(StatusCode::FORBIDDEN, "Access to the requested resource has been denied."));
    }
    let response = match operation(&here, &body) {
        Ok(answer) => soap(StatusCode::OK, &answer),
        Err(fault) => soap(StatusCode::INTERNAL_SERVER_ERROR, &fault.body()),
    };
    caller.answer(response)
}

fn operation(here: &Here, body: &str) -> Result<String, Fault> {
    let limit = allowed_rate(here);
    if !here.lab.rates.allows(here.index(), limit, here.lab.clock.now()) {
        let what = here.pick("control center rate text", ["ControlCenter", "control center", "Serviceability"]);
        return Err(Fault::server(format!(
            "Exceeded allowed rate for {what} information. Current allowed rate for {what} information is {limit} \
             requests per minute."
        )));
    }
    let envelope = xml::read(body).map_err(|error| Fault::client(error.to_string()))?;
    let request = envelope.child("Body").and_then(|b| b.children.first());
    let request = request.ok_or_else(|| Fault::client("the envelope has no body"))?;
    match request.name.as_str() {
        "soapGetServiceStatus" => Ok(answers::service_status(here, &texts(request, "ServiceStatus"))),
        "soapGetStaticServiceList" => Ok(answers::static_service_list(here)),
        "getProductInformationList" => Ok(answers::product_information(here)),
        "soapDoControlServices" => orders::control(here, request),
        "soapDoServiceDeployment" => orders::deploy(here, request),
        other => Err(Fault::client(format!("The endpoint reference (EPR) for the operation {other} is not found"))),
    }
}

/// Requests per minute. The number for Control Center is unknown (field-notes 4.2), so it varies by seed; it is
/// never so low that a poll every five seconds of a few services would meet it.
fn allowed_rate(here: &Here) -> u32 {
    here.pick("control center rate", [60, 80, 120])
}

fn texts<'a>(of: &'a Element, name: &'a str) -> Vec<&'a str> {
    of.all(name).map(|e| e.text.as_str()).collect()
}

/// A SOAP fault.
struct Fault {
    code: &'static str,
    text: String,
}

impl Fault {
    fn client(text: impl Into<String>) -> Fault {
        Fault { code: "soapenv:Client", text: text.into() }
    }

    fn server(text: impl Into<String>) -> Fault {
        Fault { code: "soapenv:Server", text: text.into() }
    }

    fn body(&self) -> String {
        format!(
            "<soapenv:Fault><faultcode>{}</faultcode><faultstring>{}</faultstring><detail/></soapenv:Fault>",
            self.code,
            xml::escape(&self.text)
        )
    }
}

fn soap(status: StatusCode, body: &str) -> Response {
    let envelope = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"><soapenv:Body>{body}\
         </soapenv:Body></soapenv:Envelope>"
    );
    (status, [(CONTENT_TYPE, "text/xml;charset=utf-8")], envelope).into_response()
}

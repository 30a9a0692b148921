//! AXL's HTTP side: who may ask, and what is answered before AXL itself is asked (field-notes 3.3).

use axum::Extension;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, StatusCode};

use super::axl::{self, Request, Work};
use super::basic::{authenticate, page};
use super::directory::Role;
use super::here::Here;

/// Where AXL is; without the trailing slash there is nothing.
pub(super) const PATH: &str = "/axl/";

/// Answers a GET, the cheap probe of a credential: 200 when the account is right.
pub(super) async fn get(Extension(here): Extension<Here>, headers: HeaderMap) -> Response {
    match authenticate(&here, &headers) {
        Ok(caller) if !caller.rights.axl => caller.answer(forbidden()),
        Ok(caller) => match down(&here) {
            Some(status) => caller.answer(page(status, PATH)),
            None => caller.answer(page(StatusCode::OK, "The AXL Web Service is working and accepting requests.")),
        },
        Err(refusal) => *refusal,
    }
}

/// Answers a POST: one AXL request.
pub(super) async fn post(Extension(here): Extension<Here>, headers: HeaderMap, body: String) -> Response {
    let caller = match authenticate(&here, &headers) {
        Ok(caller) => caller,
        Err(refusal) => return *refusal,
    };
    if !caller.rights.axl {
        return caller.answer(forbidden());
    }
    let soap_action = headers.get("soapaction").and_then(|v| v.to_str().ok());
    let identity = here.identity();
    let (cluster, node) = (here.cluster(), &here.server().name);
    let request = Request { cluster, node, soap_action, body: &body, certificates: &identity.certificates };
    let work = match here.server().role {
        Role::Presence => axl::begin(&here.world(), &request),
        Role::UnifiedCm => unified_cm(&here, &request),
    };
    // A query is work for a database; it must hold up neither the world nor the other connections.
    let Ok(answer) = tokio::task::spawn_blocking(move || work.finish()).await else {
        return caller.answer(page(StatusCode::INTERNAL_SERVER_ERROR, "The request was not finished."));
    };
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    caller
        .answer((status, [(CONTENT_TYPE, HeaderValue::from_static(answer.content_type))], answer.body).into_response())
}

/// One request to Unified CM's own AXL.
fn unified_cm(here: &Here, request: &Request<'_>) -> Work {
    let mut world = here.world();
    if let Some(query) = axl::unified_cm::query(&world, request) {
        return query;
    }
    let (answer, written) = axl::unified_cm::answer(&mut world, request);
    if written {
        here.tally().writes.add(1);
    }
    Work::Done(answer)
}

/// The status of a node whose AXL is down; none while it is up.
fn down(here: &Here) -> Option<StatusCode> {
    let world = here.world();
    if here.server().role == Role::UnifiedCm || world.axl_answers(here.cluster(), &here.server().name) {
        return None;
    }
    Some(StatusCode::from_u16(world.axl_down_status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE))
}

fn forbidden() -> Response {
    page(StatusCode::FORBIDDEN, "Access to the requested resource has been denied.")
}

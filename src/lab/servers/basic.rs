//! HTTP Basic authentication with the session cookie of AXL (field-notes 3.3).

use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, CONTENT_TYPE, SET_COOKIE, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::here::Here;
use super::session::{App, cookie};
use crate::lab::world::Rights;

const COOKIE_NAME: &str = "JSESSIONIDSSO";

/// Who sent a request.
pub(super) struct Caller {
    /// What the account may do.
    pub(super) rights: Rights,
    /// The cookie of a session that was opened for this request.
    opened: Option<HeaderValue>,
}

impl Caller {
    /// Hands the answer on, with the cookie of a new session.
    pub(super) fn answer(self, mut response: Response) -> Response {
        if let Some(cookie) = self.opened {
            response.headers_mut().insert(SET_COOKIE, cookie);
        }
        response
    }
}

/// Who sent a request, or the answer that refuses it: 401 for a wrong account, 404 for a cookie without a session.
pub(super) fn authenticate(here: &Here, headers: &HeaderMap) -> Result<Caller, Box<Response>> {
    let now = here.lab.clock.now();
    match headers.get(AUTHORIZATION).map(|value| value.to_str().ok().and_then(account)) {
        Some(Some((username, password))) => {
            let rights = here.log_in(&username, &password).ok_or_else(unauthorized)?;
            let id = here.lab.sessions.open(here.index(), App::Soap, &username, rights, now);
            let cookie = format!("{COOKIE_NAME}={id}; Path=/; Secure; HttpOnly");
            Ok(Caller { rights, opened: HeaderValue::from_str(&cookie).ok() })
        }
        Some(None) => Err(unauthorized()),
        None => {
            let id = cookie(headers, COOKIE_NAME).ok_or_else(unauthorized)?;
            let session = here.lab.sessions.find(id, here.index(), App::Soap, now);
            let session = session.ok_or_else(|| Box::new(page(StatusCode::NOT_FOUND, "The session has expired.")))?;
            Ok(Caller { rights: session.rights, opened: None })
        }
    }
}

fn account(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    let decoded = scheme.eq_ignore_ascii_case("basic").then(|| STANDARD.decode(encoded.trim()).ok())??;
    let text = String::from_utf8(decoded).ok()?;
    text.split_once(':').map(|(username, password)| (username.to_owned(), password.to_owned()))
}

fn unauthorized() -> Box<Response> {
    let mut response = page(StatusCode::UNAUTHORIZED, "This request requires HTTP authentication.");
    response
        .headers_mut()
        .insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"Cisco Web Services Realm\""));
    Box::new(response)
}

/// Tomcat's page for an HTTP status.
pub(super) fn page(status: StatusCode, message: &str) -> Response {
    let code = status.as_u16();
    let body = format!(
        "<!DOCTYPE html><html><head><title>HTTP Status {code} - {reason}</title></head><body>\
         <h1>HTTP Status {code} - {reason}</h1><hr><p><b>type</b> Status report</p><p><b>message</b> {message}</p>\
         <hr></body></html>",
        reason = status.canonical_reason().unwrap_or_default(),
        message = crate::xml::escape(message),
    );
    (status, [(CONTENT_TYPE, "text/html;charset=utf-8")], body).into_response()
}

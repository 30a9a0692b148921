//! The page, the metrics and the JSON, over HTTP. Nothing can be changed through it: it knows GET alone.

use std::sync::LazyLock;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use super::{Watch, page, told};
use crate::report::results::Format;

/// Who is let in.
#[derive(Clone)]
pub enum Door {
    /// Whoever reaches the loopback address by one of its names: a page of elsewhere that has its own name resolved to
    /// it is turned away.
    Loopback,
    /// Whoever has the token, as `Authorization: Bearer` or as the password of any user.
    Token(SecretString),
}

/// The routes.
pub fn router(watch: Watch, door: Door) -> Router {
    Router::new()
        .route("/", get(html))
        .route("/api/v1/state", get(json))
        .route("/metrics", get(metrics))
        .layer(from_fn_with_state(door, admit))
        .route("/healthz", get(health))
        .with_state(watch)
}

async fn admit(State(door): State<Door>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    match &door {
        Door::Loopback if is_loopback_name(headers) => next.run(request).await,
        Door::Loopback => (StatusCode::FORBIDDEN, "this page is for the machine that it runs on\n").into_response(),
        Door::Token(token) if given(headers).is_some_and(|given| same(&given, token)) => next.run(request).await,
        Door::Token(_) => {
            let ask = [(header::WWW_AUTHENTICATE, "Basic realm=\"intermesh watch\"")];
            (StatusCode::UNAUTHORIZED, ask, "a token is needed\n").into_response()
        }
    }
}

fn is_loopback_name(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The token that a request brings.
fn given(headers: &HeaderMap) -> Option<SecretString> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    if let Some(token) = value.strip_prefix("Bearer ") {
        return Some(SecretString::from(token.trim().to_owned()));
    }
    let bytes = base64::engine::general_purpose::STANDARD.decode(value.strip_prefix("Basic ")?.trim()).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    Some(SecretString::from(text.split_once(':')?.1.to_owned()))
}

/// Compared by digest, so that the time it takes says nothing of the token.
fn same(given: &SecretString, token: &SecretString) -> bool {
    let digest = |secret: &SecretString| Sha256::digest(secret.expose_secret().as_bytes());
    digest(given) == digest(token)
}

/// What no browser may keep or frame, and in which nothing of anybody else's runs.
fn guarded(kind: &'static str, body: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, [(header::CONTENT_SECURITY_POLICY, POLICY.as_str())], body).into_response()
}

/// The page's own script runs and no other, and it asks this server alone.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let script = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(page::SCRIPT));
    format!(
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{script}'; connect-src 'self'; \
         img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
});

async fn html(State(watch): State<Watch>) -> Response {
    match watch.read(page::page) {
        Ok(page) => guarded("text/html; charset=utf-8", page),
        Err(error) => {
            (StatusCode::INTERNAL_SERVER_ERROR, format!("failed to write the page: {error}\n")).into_response()
        }
    }
}

async fn json(State(watch): State<Watch>) -> Response {
    match serde_json::to_string_pretty(&watch.board()) {
        Ok(text) => guarded("application/json", text),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("failed to write JSON: {error}\n")).into_response(),
    }
}

async fn metrics(State(watch): State<Watch>) -> Response {
    match told::numbers(&watch).render(Format::Prometheus) {
        Ok(text) => guarded("application/openmetrics-text; version=1.0.0; charset=utf-8", text),
        Err(error) => {
            (StatusCode::INTERNAL_SERVER_ERROR, format!("failed to write metrics: {error}\n")).into_response()
        }
    }
}

/// Well as long as rounds come: what they find is no matter of the watch's own health.
async fn health(State(watch): State<Watch>) -> Response {
    let (last, every) = watch.read(|state| (state.board.history.back().map(|round| round.at), state.every));
    let Some(last) = last else { return (StatusCode::OK, "the first round is on its way\n").into_response() };
    let age = jiff::Timestamp::now().duration_since(last).unsigned_abs();
    // a round may take as long as it is apart from the next
    if age <= every * 3 + std::time::Duration::from_secs(60) {
        (StatusCode::OK, "rounds come as they should\n").into_response()
    } else {
        let words = format!("the last round began {} s ago\n", age.as_secs());
        (StatusCode::SERVICE_UNAVAILABLE, words).into_response()
    }
}

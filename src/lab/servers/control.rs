//! The lab's control endpoint: plain HTTP on the lab's own address, for whoever holds the token.
//!
//! `GET /state`, `GET /counters`, `GET /sessions`, `POST /reset`, `POST /fault`, `POST /record` and `DELETE /record`; JSON in and out.
//! [`crate::lab::control::Client`] is its other side.

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::StatusCode;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use serde::Serialize;
use tokio::net::TcpListener;

use super::here::Shared;
use crate::lab::Disturbance;
use crate::lab::control::LabState;

/// What the endpoint needs.
#[derive(Clone)]
struct Endpoint {
    lab: Arc<Shared>,
    token: Arc<str>,
}

/// Serves until it is dropped.
pub(super) async fn serve(listener: TcpListener, lab: Arc<Shared>, token: String) {
    let endpoint = Endpoint { lab, token: token.into() };
    let router = Router::new()
        .route("/state", get(state))
        .route("/counters", get(counters))
        .route("/sessions", get(sessions))
        .route("/reset", post(reset))
        .route("/fault", post(fault))
        .route("/record", post(record).delete(stop_recording))
        .layer(from_fn_with_state(endpoint.clone(), authorize))
        .with_state(endpoint);
    if let Err(error) = axum::serve(listener, router).await {
        tracing::error!(%error, "the lab's control endpoint ended");
    }
}

/// Other users of the machine, and web pages in its browsers, can reach the address, but do not have the token.
async fn authorize(State(endpoint): State<Endpoint>, request: Request, next: Next) -> Response {
    let given =
        request.headers().get(AUTHORIZATION).and_then(|v| v.to_str().ok()).and_then(|v| v.strip_prefix("Bearer "));
    if given == Some(&endpoint.token) { next.run(request).await } else { StatusCode::UNAUTHORIZED.into_response() }
}

async fn state(State(endpoint): State<Endpoint>) -> Response {
    json(&LabState::of(&endpoint.lab.world()))
}

async fn counters(State(endpoint): State<Endpoint>) -> Response {
    json(&endpoint.lab.counters())
}

async fn sessions(State(endpoint): State<Endpoint>) -> Response {
    json(&endpoint.lab.sessions.given_out())
}

async fn reset(State(endpoint): State<Endpoint>) -> StatusCode {
    endpoint.lab.reset();
    StatusCode::NO_CONTENT
}

async fn fault(State(endpoint): State<Endpoint>, body: Bytes) -> Response {
    let disturbance: Disturbance = match serde_json::from_slice(&body) {
        Ok(disturbance) => disturbance,
        Err(error) => return (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    };
    match endpoint.lab.world().disturb(&disturbance) {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(refusal) => (StatusCode::CONFLICT, refusal.to_string()).into_response(),
    }
}

/// Begins a recording into the file that the body names, on the machine of the lab.
async fn record(State(endpoint): State<Endpoint>, body: Bytes) -> Response {
    let file: PathBuf = match serde_json::from_slice(&body) {
        Ok(file) => file,
        Err(error) => return (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    };
    match endpoint.lab.recorder.start(&file) {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => (StatusCode::CONFLICT, format!("{}: {error}", file.display())).into_response(),
    }
}

async fn stop_recording(State(endpoint): State<Endpoint>) -> Response {
    match endpoint.lab.recorder.stop() {
        Ok(Some(exchanges)) => json(&exchanges),
        Ok(None) => (StatusCode::CONFLICT, "nothing is being recorded").into_response(),
        Err(error) => (StatusCode::CONFLICT, format!("the record is not complete: {error}")).into_response(),
    }
}

fn json(value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => ([(CONTENT_TYPE, "application/json")], body).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

//! Which path of a server leads where.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn;
use axum::response::{Redirect, Response};
use axum::routing::{any, get};
use http::{StatusCode, Uri};

use super::{axl_http, basic, control_center, pages, record};

/// More than any AXL request that a client has reason to send.
pub(super) const LARGEST_BODY: usize = 4 << 20;

/// All paths of a server. Which server it is comes with the request.
pub(super) fn router() -> Router {
    Router::new()
        .route("/", get(|| async { Redirect::to("/cupadmin/showHome.do") }))
        .route(axl_http::PATH, get(axl_http::get).post(axl_http::post))
        .route(control_center::PATH, get(control_center::get).post(control_center::post))
        .route("/cupadmin", any(pages::administration))
        .route("/cupadmin/{*page}", any(pages::administration))
        .route("/cupadmin/", any(pages::administration))
        .route("/ccmservice", any(pages::serviceability))
        .route("/ccmservice/{*page}", any(pages::serviceability))
        .route("/ccmservice/", any(pages::serviceability))
        .fallback(nothing)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(from_fn(record::layer))
}

async fn nothing(uri: Uri) -> Response {
    basic::page(StatusCode::NOT_FOUND, uri.path())
}

//! What a page answers with: plain values for the skin, or the way to another page.

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use http::{HeaderValue, StatusCode};
use minijinja::Value;
use minijinja::value::Serde;
use serde::Serialize;

use super::icons::Icon;
use super::page::Page;
use super::visit::Visit;
use super::{layout, status_page};

/// What a page answers with.
pub(super) enum Reply {
    /// A page of its own.
    Page(Box<Content>),
    /// Plain data for a script.
    Data(serde_json::Value),
    /// See another page.
    See(String),
}

/// The content of a page.
pub(super) struct Content {
    page: Page,
    template: &'static str,
    values: Value,
    message: Option<Message>,
}

/// The message area: a save's error in the product's words, or its success.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) error: bool,
    pub(super) text: String,
}

/// A hidden input.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Hidden {
    pub(super) name: &'static str,
    pub(super) value: String,
}

/// An option of a drop-down.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) text: String,
    pub(super) selected: bool,
}

impl Message {
    /// An error.
    pub(super) fn error(text: impl Into<String>) -> Message {
        Message { error: true, text: text.into() }
    }

    /// A success.
    pub(super) fn success(text: impl Into<String>) -> Message {
        Message { error: false, text: text.into() }
    }

    /// What became of an order: its refusal, or these words.
    pub(super) fn of<E: ToString>(outcome: Result<(), E>, success: &str) -> Message {
        match outcome {
            Ok(()) => Message::success(success),
            Err(refusal) => Message::error(refusal.to_string()),
        }
    }
}

impl Reply {
    /// A page made by a template from values.
    pub(super) fn page(page: Page, template: &'static str, values: impl Serialize, message: Option<Message>) -> Reply {
        Reply::Page(Box::new(Content { page, template, values: Value::from(Serde(values)), message }))
    }

    /// The answer on the wire.
    pub(super) fn into_response(self, visit: &Visit<'_>) -> Response {
        match self {
            Reply::See(url) => see(&visit.in_frame(url)),
            Reply::Data(data) => {
                ([(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")], data.to_string()).into_response()
            }
            Reply::Page(content) => {
                let Content { page, template, values, message } = *content;
                let head = layout::head(visit, page);
                let message = message.map(|m| layout::message(visit.app, m));
                made(template, visit.skin.page(template, &head, message.as_ref(), values))
            }
        }
    }
}

/// The shell of a page, which loads the page's own content into its frame.
pub(super) fn shell(visit: &Visit<'_>, page: Page, path: &str, query: &str) -> Response {
    let url = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
    let head = layout::head(visit, page);
    made("the shell", visit.skin.shell(&head, &visit.in_frame(url)))
}

/// A page that no cache keeps, or what stands for one that could not be made.
pub(super) fn made(template: &str, html: Result<String, minijinja::Error>) -> Response {
    match html {
        Ok(html) => html_page(html),
        Err(error) => {
            tracing::error!(%error, template, "a page of the lab could not be made");
            status_page(StatusCode::INTERNAL_SERVER_ERROR, "The page could not be made.")
        }
    }
}

/// A redirect that is followed with a GET.
pub(super) fn see(url: &str) -> Response {
    match HeaderValue::from_str(url) {
        Ok(location) => (StatusCode::FOUND, [(LOCATION, location)]).into_response(),
        Err(_) => status_page(StatusCode::BAD_REQUEST, url),
    }
}

fn html_page(html: String) -> Response {
    ([(CONTENT_TYPE, "text/html;charset=utf-8"), (CACHE_CONTROL, "no-store")], html).into_response()
}

/// The picture of a message.
pub(super) fn message_icon(error: bool) -> Icon {
    if error { Icon::Failed } else { Icon::Passed }
}

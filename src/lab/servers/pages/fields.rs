//! What a form or a link sends.

use axum::extract::Request;
use axum::response::Response;
use http::{HeaderMap, Method, StatusCode};

use crate::lab::servers::basic::page as status_page;

/// No form of these pages comes near this size.
const LIMIT: usize = 1 << 20;

/// Names and values, in the order in which they were sent.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// The first value of a name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The first value of a name, trimmed; none when it is empty or missing.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.get(name).map(str::trim).filter(|v| !v.is_empty())
    }

    /// What comes after the prefix in the first name that begins with it.
    pub(super) fn after(&self, prefix: &str) -> Option<&str> {
        self.0.iter().find_map(|(name, _)| name.strip_prefix(prefix))
    }

    /// All values of a name.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// Takes a request apart: its headers, whether it is a POST, and its fields, those of the query first.
pub(super) async fn read(request: Request) -> Result<(HeaderMap, bool, Fields), Box<Response>> {
    let (parts, body) = request.into_parts();
    let post = match parts.method {
        Method::POST => true,
        Method::GET | Method::HEAD => false,
        _ => return Err(Box::new(status_page(StatusCode::METHOD_NOT_ALLOWED, parts.uri.path()))),
    };
    let mut fields = parse(parts.uri.query().unwrap_or_default().as_bytes());
    if post {
        let body = axum::body::to_bytes(body, LIMIT).await;
        let body = body.map_err(|error| Box::new(status_page(StatusCode::BAD_REQUEST, &error.to_string())))?;
        fields.0.extend(parse(&body).0);
    }
    Ok((parts.headers, post, fields))
}

fn parse(encoded: &[u8]) -> Fields {
    Fields(url::form_urlencoded::parse(encoded).into_owned().collect())
}

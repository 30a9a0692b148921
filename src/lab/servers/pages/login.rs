//! Logging in and out: a form to `j_security_check`, a session in a cookie (field-notes 8).

use axum::response::Response;
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue, StatusCode};
use minijinja::context;

use super::fields::Fields;
use super::layout::{logout, product};
use super::page::prefix;
use super::reply::{html_page, see};
use super::status_page;
use super::variant::Variant;
use crate::lab::servers::here::Here;
use crate::lab::servers::session::{App, Session, cookie};

const COOKIE_NAME: &str = "JSESSIONID";

/// Answers the paths of the login itself; none when the path is another.
pub(super) fn answer(
    here: &Here,
    app: App,
    variant: &Variant,
    path: &str,
    headers: &HeaderMap,
    fields: &Fields,
) -> Option<Response> {
    if path == form_path(app) {
        return Some(form(here, app, None));
    }
    if path == action(app) {
        return Some(log_in(here, app, fields));
    }
    if path == logout(app) {
        if let Some(id) = cookie(headers, COOKIE_NAME) {
            here.lab.sessions.close(id);
        }
        return Some(required(here, app, variant));
    }
    None
}

/// The session that a request belongs to.
///
/// It is a person's, or stands in for one: it idles in real time, however fast the product's runs.
pub(super) fn session(here: &Here, app: App, headers: &HeaderMap) -> Option<Session> {
    here.lab.sessions.find(cookie(headers, COOKIE_NAME)?, here.index(), app, here.lab.clock.real())
}

/// The answer to a page that needs a login.
pub(super) fn required(here: &Here, app: App, variant: &Variant) -> Response {
    if variant.redirects_to_login() { see(&form_path(app)) } else { form(here, app, None) }
}

fn log_in(here: &Here, app: App, fields: &Fields) -> Response {
    let (Some(username), Some(password)) = (fields.get("j_username"), fields.get("j_password")) else {
        return form(here, app, None);
    };
    let Some(rights) = here.log_in(username, password) else {
        let words = ["Log on failed - Invalid User ID or Password", "The username or password is not valid."];
        return form(here, app, Some(here.pick("login refusal", words)));
    };
    if !rights.admin {
        return status_page(StatusCode::FORBIDDEN, "User is not authorized to access the requested page.");
    }
    let id = here.lab.sessions.open(here.index(), app, username, rights, here.lab.clock.real());
    let root = prefix(app);
    let mut response = see(&format!("{root}/showHome.do"));
    if let Ok(value) = HeaderValue::from_str(&format!("{COOKIE_NAME}={id}; Path={root}; Secure; HttpOnly")) {
        response.headers_mut().insert(SET_COOKIE, value);
    }
    response
}

fn form(here: &Here, app: App, error: Option<&str>) -> Response {
    let values = context! {
        product => product(app),
        action => action(app),
        app => prefix(app).trim_start_matches('/'),
        error => error,
    };
    match here.lab.pages.skin.plain("login.html", values) {
        Ok(html) => html_page(html),
        Err(error) => {
            tracing::error!(%error, "the login form could not be made");
            status_page(StatusCode::INTERNAL_SERVER_ERROR, "The page could not be made.")
        }
    }
}

fn form_path(app: App) -> String {
    format!("{}/showLogin.do", prefix(app))
}

fn action(app: App) -> String {
    format!("{}/j_security_check", prefix(app))
}

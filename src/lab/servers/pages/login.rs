//! Logging in and out: a form to `j_security_check`, a session in a cookie (field-notes 8).

use axum::response::Response;
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue, StatusCode};
use minijinja::context;

use super::fields::Fields;
use super::layout::{logout, product};
use super::page::prefix;
use super::reply::{made, see};
use super::skin::Skin;
use super::status_page;
use super::variant::Variant;
use crate::lab::servers::here::Here;
use crate::lab::servers::session::{App, Session, cookie};

const COOKIE_NAME: &str = "JSESSIONID";

/// The way in to an app of a node.
pub(super) struct Door<'a> {
    pub(super) here: &'a Here,
    pub(super) app: App,
    pub(super) variant: &'a Variant,
    pub(super) skin: &'a Skin,
}

impl Door<'_> {
    /// Answers the paths of the login itself; none when the path is another.
    pub(super) fn answer(&self, path: &str, headers: &HeaderMap, fields: &Fields) -> Option<Response> {
        if path == form_path(self.app) {
            return Some(self.form(None));
        }
        if path == action(self.app) {
            return Some(self.log_in(fields));
        }
        if path == logout(self.app) {
            if let Some(id) = cookie(headers, COOKIE_NAME) {
                self.here.lab.sessions.close(id);
            }
            return Some(self.required());
        }
        None
    }

    /// The session that a request belongs to.
    ///
    /// It is a person's, or stands in for one: it idles in real time, however fast the product's runs.
    pub(super) fn session(&self, headers: &HeaderMap) -> Option<Session> {
        let lab = &self.here.lab;
        lab.sessions.find(cookie(headers, COOKIE_NAME)?, self.here.index(), self.app, lab.clock.real())
    }

    /// The session with a new token: the one that it had is used up.
    pub(super) fn renewed(&self, mut session: Session, headers: &HeaderMap) -> Session {
        // One that was closed meanwhile keeps its token, which opens nothing any more.
        if let Some(token) = cookie(headers, COOKIE_NAME).and_then(|id| self.here.lab.sessions.renew_token(id)) {
            session.token = token;
        }
        session
    }

    /// The answer to a page that needs a login.
    pub(super) fn required(&self) -> Response {
        if self.variant.redirects_to_login() { see(&form_path(self.app)) } else { self.form(None) }
    }

    fn log_in(&self, fields: &Fields) -> Response {
        let (here, app) = (self.here, self.app);
        let (Some(username), Some(password)) = (fields.get("j_username"), fields.get("j_password")) else {
            return self.form(None);
        };
        let Some(rights) = here.log_in(username, password) else {
            let words = ["Log on failed - Invalid User ID or Password", "The username or password is not valid."];
            return self.form(Some(here.pick("login refusal", words)));
        };
        if !rights.admin {
            return status_page(StatusCode::FORBIDDEN, "User is not authorized to access the requested page.");
        }
        let most = (here.lab.web_sessions, here.pick("sessions of all applications", [false, true]));
        let now = here.lab.clock.real();
        let Some(id) = here.lab.sessions.open_within(most, here.index(), app, username, rights, now) else {
            let words = [
                "Login failed. The maximum number of concurrent sessions for this user has been reached.",
                "You have exceeded the session limit.",
            ];
            return self.form(Some(here.pick("one login too many", words)));
        };
        let root = prefix(app);
        let mut response = see(&format!("{root}/showHome.do"));
        if let Ok(value) = HeaderValue::from_str(&format!("{COOKIE_NAME}={id}; Path={root}; Secure; HttpOnly")) {
            response.headers_mut().insert(SET_COOKIE, value);
        }
        response
    }

    fn form(&self, error: Option<&str>) -> Response {
        let values = context! {
            product => product(self.app),
            action => action(self.app),
            app => prefix(self.app).trim_start_matches('/'),
            error => error,
        };
        made("login.html", self.skin.plain("login.html", values))
    }
}

fn form_path(app: App) -> String {
    format!("{}/showLogin.do", prefix(app))
}

fn action(app: App) -> String {
    format!("{}/j_security_check", prefix(app))
}

//! Who is logged in where.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::HeaderMap;
use http::header::COOKIE;

use crate::lab::world::Rights;

/// A session ends after this idle time (field-notes 3.3, for AXL).
const IDLE: Duration = Duration::from_secs(30 * 60);

/// From this many sessions on, the expired ones are removed when one is opened.
const SWEEP: usize = 1024;

/// So many cookies and tokens are kept for whoever tests a client: those of some hundred logins.
const KEPT: usize = 10_000;

/// What a session is good for; one of AXL opens no page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum App {
    /// `/axl/` and Control Center Services.
    Soap,
    /// `/cupadmin/`
    Administration,
    /// `/ccmservice/`
    Serviceability,
}

/// A login on one server.
#[derive(Clone, Debug)]
pub(super) struct Session {
    /// The server, by its position in the directory.
    pub(super) server: usize,
    /// What it is good for.
    pub(super) app: App,
    /// Who logged in.
    pub(super) username: String,
    /// What the account may do.
    pub(super) rights: Rights,
    /// What every form carries along, so that no other page can send it.
    pub(super) token: String,
    used: Duration,
}

/// All sessions of a lab, by the values of their cookies.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    open: Mutex<HashMap<String, Session>>,
    /// The latest cookies and tokens that were given out, those of closed sessions too.
    given_out: Mutex<VecDeque<String>>,
}

impl Sessions {
    /// Opens a session and returns its cookie's value. `now` is on any clock that is always the same for an app.
    pub(super) fn open(&self, server: usize, app: App, username: &str, rights: Rights, now: Duration) -> String {
        self.insert(&mut self.lock(), server, app, username, rights, now)
    }

    /// The same, where the account has less than so many on the pages of the server already, or on those of the app where
    /// each counts for itself.
    pub(super) fn open_within(
        &self,
        (most, together): (usize, bool),
        server: usize,
        app: App,
        username: &str,
        rights: Rights,
        now: Duration,
    ) -> Option<String> {
        let mut open = self.lock();
        let counts = |s: &&Session| if together { s.app != App::Soap } else { s.app == app };
        let its = open.values().filter(|s| s.server == server && s.username == username).filter(counts);
        let living = its.filter(|s| now.saturating_sub(s.used) <= IDLE).count();
        (living < most).then(|| self.insert(&mut open, server, app, username, rights, now))
    }

    fn insert(
        &self,
        open: &mut HashMap<String, Session>,
        server: usize,
        app: App,
        username: &str,
        rights: Rights,
        now: Duration,
    ) -> String {
        let (id, token) = (random(), random());
        let session = Session { server, app, username: username.to_owned(), rights, token, used: now };
        // A client that logs in with every request leaves its sessions behind.
        if open.len() >= SWEEP {
            open.retain(|_, s| s.app != app || now.saturating_sub(s.used) <= IDLE);
        }
        self.give_out([&id, &session.token]);
        open.insert(id.clone(), session);
        id
    }

    /// The latest cookies and tokens that were given out: whoever tests a client looks for them in what it leaves behind.
    pub(super) fn given_out(&self) -> Vec<String> {
        self.given_out.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    fn give_out<const N: usize>(&self, secrets: [&String; N]) {
        let mut given_out = self.given_out.lock().unwrap_or_else(PoisonError::into_inner);
        given_out.extend(secrets.into_iter().cloned());
        let over = given_out.len().saturating_sub(KEPT);
        given_out.drain(..over);
    }

    /// The session of a cookie's value, if it is of this server and app and not expired.
    pub(super) fn find(&self, id: &str, server: usize, app: App, now: Duration) -> Option<Session> {
        let mut open = self.lock();
        let session = open.get_mut(id).filter(|s| s.server == server && s.app == app)?;
        if now.saturating_sub(session.used) > IDLE {
            open.remove(id);
            return None;
        }
        session.used = now;
        Some(session.clone())
    }

    /// Gives a session a new token and returns it; none when there is no such session.
    pub(super) fn renew_token(&self, id: &str) -> Option<String> {
        let token = random();
        self.give_out([&token]);
        self.lock().get_mut(id)?.token.clone_from(&token);
        Some(token)
    }

    /// Ends a session.
    pub(super) fn close(&self, id: &str) {
        self.lock().remove(id);
    }

    /// Ends all sessions.
    pub(super) fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Session>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The value of a cookie of a request.
pub(super) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let values = headers.get_all(COOKIE).iter().filter_map(|v| v.to_str().ok());
    values.flat_map(|v| v.split(';')).find_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        (key == name).then_some(value)
    })
}

/// 128 random bits as upper-case hexadecimal digits, which is what Tomcat's session ids look like.
pub(super) fn random() -> String {
    let mut bytes = [0; 16];
    if rustls::crypto::ring::default_provider().secure_random.fill(&mut bytes).is_err() {
        tracing::error!("the system gave no random numbers; sessions of this lab can be guessed");
    }
    bytes.iter().map(|b| format!("{b:02X}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RIGHTS: Rights = Rights { axl: true, admin: true };

    #[test]
    fn a_session_ends_when_idle() {
        let sessions = Sessions::default();
        let id = sessions.open(0, App::Soap, "a", RIGHTS, Duration::ZERO);
        let minutes = |m: u64| Duration::from_secs(m * 60);
        assert!(sessions.find(&id, 0, App::Soap, minutes(29)).is_some());
        assert!(sessions.find(&id, 0, App::Soap, minutes(58)).is_some(), "used, so not idle");
        assert!(sessions.find(&id, 0, App::Soap, minutes(89)).is_none());
        assert!(sessions.find(&id, 0, App::Soap, minutes(58)).is_none(), "it does not come back");
    }

    #[test]
    fn a_session_is_of_one_server_and_app() {
        let sessions = Sessions::default();
        let id = sessions.open(0, App::Soap, "a", RIGHTS, Duration::ZERO);
        assert!(sessions.find(&id, 1, App::Soap, Duration::ZERO).is_none());
        assert!(sessions.find(&id, 0, App::Administration, Duration::ZERO).is_none());
        assert!(sessions.find(&id, 0, App::Soap, Duration::ZERO).is_some());
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, "a=1; JSESSIONIDSSO=x; b=2".parse().unwrap());
        assert_eq!(cookie(&headers, "JSESSIONIDSSO"), Some("x"));
        assert_eq!(cookie(&headers, "SESSIONIDSSO"), None);
    }
}

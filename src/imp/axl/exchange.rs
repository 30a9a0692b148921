//! One AXL endpoint, of either product: an operation is sent and judged, with versions, sessions, and the detours that
//! each are taken once (field-notes 3.3 and 3.4).

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Method;
use http::header::{AUTHORIZATION, LOCATION};
use secrecy::ExposeSecret;
use tokio::sync::Mutex;

use super::super::accounts::{Accounts, Pass};
use super::super::cookies::Cookies;
use super::super::soap::{self, Fault, Reply};
use super::super::transport::{Answer, Failure, Line, Request, SOAP_LIMIT, secret_header};
use super::{Operation, sql, versions};
use crate::cluster::{Account, ClusterName, ErrorKind};
use crate::xml::Element;

/// The cookie that stands for a login (field-notes 3.3).
const SESSION: &str = "JSESSIONIDSSO";

/// AXL of one node.
pub(in super::super) struct Endpoint {
    cluster: ClusterName,
    line: Arc<Line>,
    accounts: Arc<Accounts>,
    state: Mutex<State>,
}

/// What an endpoint has learned: the version to speak, and the sessions of its accounts.
pub(super) struct State {
    version: &'static str,
    sessions: HashMap<String, Cookies>,
}

/// What came of one request, where it is not an answer.
pub(super) enum Trouble {
    /// The product speaks other versions of the schema; we know this one.
    Version(&'static str),
    /// The session is over; log in again.
    Expired,
    /// The query's answer is too large; so many rows fit.
    TooLarge(u64),
    /// HTTP 503 and nothing else: it is busy, or the service behind it does not run. Nobody documents the latter.
    Unavailable,
    /// Anything else, and whether a write may have been done.
    Failed(Failure),
}

impl Endpoint {
    pub(in super::super) fn new(cluster: ClusterName, line: Arc<Line>, accounts: Arc<Accounts>) -> Endpoint {
        let state = State { version: versions::FIRST, sessions: HashMap::new() };
        Endpoint { cluster, line, accounts, state: Mutex::new(state) }
    }

    /// The connections to the node.
    pub(in super::super) fn line(&self) -> &Line {
        &self.line
    }

    /// Sends one operation. The state is locked throughout: queries do not run beside each other (field-notes 3.4).
    pub(in super::super) async fn call(&self, account: &Account, operation: &Operation) -> Result<Element, ErrorKind> {
        let mut state = self.state.lock().await;
        self.ask(&mut state, account, operation).await.map_err(|trouble| trouble.of(operation))
    }

    /// Takes the state, for operations that belong together.
    pub(super) async fn lock(&self) -> tokio::sync::MutexGuard<'_, State> {
        self.state.lock().await
    }

    /// Sends an operation, logging in where needed. Each detour (another version, a new login) is taken once.
    pub(super) async fn ask(
        &self,
        state: &mut State,
        account: &Account,
        operation: &Operation,
    ) -> Result<Element, Trouble> {
        let mut pass = None;
        let (mut may_switch, mut may_log_in, mut may_wait) = (true, true, true);
        loop {
            match self.attempt(state, account, &mut pass, operation).await {
                Err(Trouble::Version(version)) if may_switch => {
                    tracing::debug!(cluster = %self.cluster, version, "AXL speaks another version");
                    state.version = version;
                    may_switch = false;
                }
                Err(Trouble::Expired) if may_log_in => {
                    state.sessions.remove(&account.username);
                    may_log_in = false;
                }
                // A write is not waited for here: whoever gave the order decides whether it is given again.
                Err(Trouble::Unavailable) if may_wait && !operation.writes() => {
                    tokio::time::sleep(self.line.patience().pause).await;
                    may_wait = false;
                }
                outcome => return outcome,
            }
        }
    }

    async fn attempt(
        &self,
        state: &mut State,
        account: &Account,
        pass: &mut Option<Pass>,
        operation: &Operation,
    ) -> Result<Element, Trouble> {
        let url = self.line.base().join("axl/").map_err(|why| unsent(&why))?;
        let mut headers = soap::headers(&operation.action(state.version));
        let session = state.sessions.get(&account.username).filter(|cookies| cookies.has(&url, SESSION));
        let with_session = session.is_some();
        if let Some(cookies) = session {
            cookies.write(&url, &mut headers);
        } else {
            if pass.is_none() {
                *pass = Some(self.accounts.enter(&self.cluster, account).await.map_err(Trouble::unsent)?);
            }
            headers.insert(AUTHORIZATION, basic(account)?);
        }
        let request = Request {
            what: operation.name(),
            method: Method::POST,
            url: url.clone(),
            headers,
            body: Bytes::from(operation.envelope(state.version)),
            limit: SOAP_LIMIT,
            timeout: if operation.writes() { self.line.patience().control } else { self.line.patience().read },
        };
        let answer = self.line.send(request).await.map_err(Trouble::Failed)?;
        if answer.status == 401 && !with_session {
            let refusal = pass.take().map(Pass::refused);
            let username = account.username.clone();
            return Err(Trouble::unsent(refusal.unwrap_or(ErrorKind::Unauthorized { username })));
        }
        // A 403 says that the password was right and the role is missing; other answers without SOAP say nothing.
        if matches!(answer.status, 200 | 403 | 500)
            && let Some(pass) = pass
        {
            pass.accepted();
        }
        if answer.status == 200 {
            state.sessions.entry(account.username.clone()).or_default().read(&url, &answer.headers);
        }
        self.judge(&answer, account, with_session, operation)
    }

    fn judge(
        &self,
        answer: &Answer,
        account: &Account,
        with_session: bool,
        operation: &Operation,
    ) -> Result<Element, Trouble> {
        let name = operation.name();
        match answer.status {
            200 | 500 => match soap::read(&answer.body) {
                Ok(Reply::Body(body)) if body.name == format!("{name}Response") => Ok(body),
                Ok(Reply::Body(body)) => {
                    Err(malformed(&format!("{name} was answered with the element `{}`", body.name)))
                }
                Ok(Reply::Fault(fault)) => Err(judge_fault(fault)),
                Err(_) if answer.status == 500 => {
                    Err(malformed(&format!("{name}: HTTP 500 without SOAP: {}", soap::glimpse(&answer.text()))))
                }
                Err(kind) => Err(Trouble::Failed(Failure { kind, sent: true })),
            },
            // An expired session is answered with 404 (field-notes 3.3); 401 without a password cannot lock anything.
            401 | 404 if with_session => Err(Trouble::Expired),
            403 => Err(Trouble::unsent(ErrorKind::Forbidden {
                username: account.username.clone(),
                detail: "AXL answered HTTP 403; it needs the role `Standard AXL API Access`".to_owned(),
            })),
            503 => Err(match answer.retry_after() {
                Some(retry_after) => Trouble::unsent(ErrorKind::Throttled {
                    retry_after: Some(retry_after),
                    message: "AXL answered HTTP 503 Service Unavailable".to_owned(),
                }),
                None => Trouble::Unavailable,
            }),
            599 => Err(match versions::choose(&answer.text()) {
                Some(version) => Trouble::Version(version),
                None => unsent(&format!("HTTP 599, and no version that we know: {}", soap::glimpse(&answer.text()))),
            }),
            status @ 300..=399 => {
                let to = answer.header(LOCATION).and_then(|to| self.line.base().join(to).ok());
                let to = to.as_ref().and_then(|to| to.host_str()).unwrap_or("nowhere").to_owned();
                let detail = format!("AXL answered HTTP {status} with a redirect to `{to}`, which is not followed");
                Err(Trouble::unsent(ErrorKind::Unsupported { detail }))
            }
            status => {
                let seen = soap::glimpse(&answer.text());
                let detail = format!(
                    "AXL answered {name} with HTTP {status} ({seen}); `Cisco AXL Web Service` may not be activated or \
                     not be started"
                );
                Err(Trouble::Failed(Failure { kind: ErrorKind::Unreachable { detail }, sent: status >= 500 }))
            }
        }
    }
}

impl Trouble {
    /// What surely was not done.
    fn unsent(kind: ErrorKind) -> Trouble {
        Trouble::Failed(Failure::unsent(kind))
    }

    /// What it means for an operation: a write that may have been done has an unknown outcome.
    pub(super) fn of(self, operation: &Operation) -> ErrorKind {
        match self {
            Trouble::Failed(failure) if operation.writes() => failure.of_write(),
            Trouble::Failed(failure) => failure.kind,
            // Writes are throttled like this, and taken again some seconds later (field-notes 3.4).
            Trouble::Unavailable if operation.writes() => ErrorKind::Throttled {
                retry_after: None,
                message: "AXL answered HTTP 503 Service Unavailable".to_owned(),
            },
            Trouble::Version(version) => ErrorKind::Malformed {
                detail: format!("AXL asked for version {version}, and refused it when it was used"),
            },
            Trouble::Unavailable => ErrorKind::Unreachable {
                detail: "AXL answered HTTP 503 Service Unavailable twice: it is busy, or `Cisco AXL Web Service` does \
                         not run"
                    .to_owned(),
            },
            Trouble::Expired => ErrorKind::Malformed { detail: "AXL ended a session that had just begun".to_owned() },
            Trouble::TooLarge(rows) => ErrorKind::Refused {
                message: format!("the answer is too large for AXL; it suggests less than {} rows", rows + 1),
            },
        }
    }
}

fn judge_fault(fault: Fault) -> Trouble {
    if let Some(rows) = sql::suggested_rows(&fault.message) {
        return Trouble::TooLarge(rows);
    }
    let message = fault.message;
    let busy =
        fault.code == Some(-1) || message.to_ascii_lowercase().contains("maximum axl memory allocation consumed");
    Trouble::unsent(match busy {
        true => ErrorKind::Throttled { retry_after: None, message },
        false => ErrorKind::Refused { message },
    })
}

/// An answer that cannot be understood.
fn malformed(detail: &dyn std::fmt::Display) -> Trouble {
    Trouble::Failed(Failure { kind: ErrorKind::Malformed { detail: detail.to_string() }, sent: true })
}

/// A request that cannot be made, or that was not taken for one.
fn unsent(detail: &dyn std::fmt::Display) -> Trouble {
    Trouble::unsent(ErrorKind::Malformed { detail: detail.to_string() })
}

/// HTTP Basic of an account.
fn basic(account: &Account) -> Result<http::HeaderValue, Trouble> {
    let pair = format!("{}:{}", account.username, account.password.expose_secret());
    secret_header(&format!("Basic {}", STANDARD.encode(pair)))
        .ok_or_else(|| unsent(&"the account cannot be written into a header"))
}

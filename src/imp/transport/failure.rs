//! Why a request failed, in plain words, and whether it may have reached the node.

use std::error::Error as StdError;
use std::time::Duration;

use super::{Line, tls};
use crate::cluster::ErrorKind;

/// A request without an answer.
#[derive(Debug)]
pub(crate) struct Failure {
    /// What went wrong.
    pub(crate) kind: ErrorKind,
    /// Whether the node may have got the request. A write is in doubt then.
    pub(crate) sent: bool,
}

impl Failure {
    /// A failure before anything was sent.
    pub(crate) fn unsent(kind: ErrorKind) -> Failure {
        Failure { kind, sent: false }
    }

    /// The failure of a write: what may have arrived has an unknown outcome.
    pub(crate) fn of_write(self) -> ErrorKind {
        match self.kind {
            ErrorKind::Unreachable { detail } | ErrorKind::Malformed { detail } if self.sent => {
                ErrorKind::Unknown { detail }
            }
            kind => kind,
        }
    }
}

impl From<Failure> for ErrorKind {
    fn from(failure: Failure) -> Self {
        failure.kind
    }
}

/// The request that failed.
pub(super) struct At<'a> {
    pub(super) line: &'a Line,
    pub(super) what: &'static str,
    pub(super) timeout: Duration,
}

impl At<'_> {
    pub(super) fn explain(&self, error: &reqwest::Error) -> Failure {
        let host = self.line.base.host_str().unwrap_or_default();
        let port = super::PORT;
        let via = self.line.via.as_ref().map(|proxy| format!(" through the proxy {proxy}")).unwrap_or_default();
        if let Some(rustls::Error::InvalidCertificate(why)) = tls_error(error) {
            return Failure::unsent(ErrorKind::Untrusted { detail: tls::explain(why, host) });
        }
        let sent = !error.is_connect() && !error.is_builder();
        let detail = if error.is_connect() && error.is_timeout() {
            format!("no connection to {host}:{port}{via} within {}", seconds(self.line.patience.connect))
        } else if error.is_connect() {
            format!("no connection to {host}:{port}{via}: {}", root_cause(error))
        } else if error.is_timeout() {
            format!("{}: no answer from {host}:{port}{via} within {}", self.what, seconds(self.timeout))
        } else {
            let why = root_cause(error);
            format!("{}: the connection to {host}:{port}{via} ended before the answer was complete: {why}", self.what)
        };
        Failure { kind: ErrorKind::Unreachable { detail }, sent }
    }
}

fn seconds(time: Duration) -> String {
    match time.as_secs() {
        0 => format!("{} ms", time.as_millis()),
        whole => format!("{whole} s"),
    }
}

/// The innermost cause: the outer ones repeat the URL, which may hold what nobody should read.
pub(super) fn root_cause(error: &dyn StdError) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

/// The TLS error somewhere in the chain; it may be hidden inside an I/O error.
fn tls_error(error: &reqwest::Error) -> Option<&rustls::Error> {
    let mut cause: Option<&(dyn StdError + 'static)> = error.source();
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref::<rustls::Error>() {
            return Some(found);
        }
        let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        if let Some(found) = inner.and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            return Some(found);
        }
        cause = error.source();
    }
    None
}

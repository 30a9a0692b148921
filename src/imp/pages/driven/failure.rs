//! What goes wrong in a browser, as what may be tried next.

use std::sync::atomic::Ordering;

use fantoccini::error::{CmdError, ErrorStatus};

use super::session::Driven;
use crate::cluster::ErrorKind;
use crate::imp::pages::visitor::{Intent, Trouble};

/// Something that the browser could not do. Whether it leaves a write in doubt depends on when it was.
#[derive(Debug)]
pub(super) struct Broken {
    kind: ErrorKind,
    /// The browser said that it did not click.
    unclicked: bool,
}

impl Broken {
    /// While nothing was being written.
    pub(super) fn read(self) -> Trouble {
        Trouble::Kind(self.kind)
    }

    /// After the click.
    pub(super) fn after(self, intent: Intent) -> Trouble {
        match (intent, self.kind) {
            (Intent::Write, ErrorKind::Unknown { detail }) => ErrorKind::Unknown { detail }.into(),
            (Intent::Write, kind) => ErrorKind::Unknown { detail: kind.to_string() }.into(),
            (Intent::Read, kind) => Trouble::Kind(kind),
        }
    }

    /// At the click itself.
    pub(super) fn of_click(self, intent: Intent) -> Trouble {
        if self.unclicked { self.read() } else { self.after(intent) }
    }
}

impl Driven {
    /// An error of WebDriver. One after which the browser is of no more use is remembered.
    pub(super) fn broken(&self, what: &str, why: CmdError) -> Broken {
        let intercepted =
            matches!(&why, CmdError::Standard(said) if said.error == ErrorStatus::ElementClickIntercepted);
        let unclicked = intercepted
            || why.is_element_not_interactable()
            || why.is_stale_element_reference()
            || why.is_no_such_element();
        let gone = match &why {
            CmdError::Standard(said) => {
                why.is_invalid_session_id() || said.message.contains("disconnected") || said.message.contains("crashed")
            }
            CmdError::Failed(_) | CmdError::FailedC(_) | CmdError::Lost(_) => true,
            _ => false,
        };
        if gone {
            self.gone.store(true, Ordering::Relaxed);
        }
        Broken { kind: kind(what, &why, gone), unclicked }
    }

    pub(super) fn broken_by(&self, kind: ErrorKind) -> Broken {
        Broken { kind, unclicked: false }
    }
}

fn kind(what: &str, why: &CmdError, gone: bool) -> ErrorKind {
    let said = match why {
        // the first line; what follows tells of the browser's build
        CmdError::Standard(said) => said.message.lines().next().unwrap_or_default().to_owned(),
        why => why.to_string(),
    };
    if gone {
        return ErrorKind::Unreachable { detail: format!("{what}: the browser is gone: {said}") };
    }
    if why.is_insecure_certificate() || said.contains("ERR_CERT_") {
        let detail = format!("{what}: the browser got a certificate that was not the one just verified: {said}");
        return ErrorKind::Untrusted { detail };
    }
    if why.is_timeout() || said.contains("net::ERR_") {
        return ErrorKind::Unreachable { detail: format!("{what}: in the browser: {said}") };
    }
    ErrorKind::Malformed { detail: format!("{what}: the browser cannot do it: {said}") }
}

//! Why something could not be read or done, in kinds that decide what may be tried next.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::refusal::Refusal;
use crate::mesh::{ClusterName, NodeName};

/// Where something was tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Place {
    /// The cluster.
    pub cluster: ClusterName,
    /// The node, where one was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<NodeName>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.node {
            Some(node) => write!(f, "{} ({node})", self.cluster),
            None => write!(f, "{}", self.cluster),
        }
    }
}

/// A read or an action that did not succeed. Holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error, schemars::JsonSchema)]
#[error("{place}: failed to {doing}: {kind}")]
pub struct Error {
    /// Where.
    pub place: Place,
    /// What was tried; fits after "failed to".
    pub doing: String,
    /// What went wrong.
    pub kind: ErrorKind,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// No connection, or none in time.
    #[error("not reachable: {detail}")]
    Unreachable {
        /// What the attempt ended with.
        detail: String,
    },
    /// The certificate that the node showed is not trusted. Nothing was sent.
    #[error("the certificate is not trusted: {detail}")]
    Untrusted {
        /// What is wrong with the certificate.
        detail: String,
    },
    /// The host key that the platform CLI of the node showed is not a pinned one. Nothing was sent; HTTPS may well work.
    #[error("the host key is not trusted: {detail}")]
    UntrustedHostKey {
        /// The key's fingerprint, and what is pinned.
        detail: String,
    },
    /// The account was refused (401, or the login form again). Never tried again: accounts lock.
    #[error("user `{username}` was refused")]
    Unauthorized {
        /// The account's user name.
        username: String,
    },
    /// The account is known but lacks a right (403).
    #[error("user `{username}` lacks a right: {detail}")]
    Forbidden {
        /// The account's user name.
        username: String,
        /// The role or right, as far as it is known.
        detail: String,
    },
    /// The account's credential could not be resolved.
    #[error("credential `{credential}`: {detail}")]
    NoCredential {
        /// The credential's name in the mesh file.
        credential: String,
        /// Why.
        detail: String,
    },
    /// The product asks to slow down.
    #[error("the product asks to slow down: {message}")]
    Throttled {
        /// How long to wait, when it says.
        retry_after: Option<Duration>,
        /// The product's own words.
        message: String,
    },
    /// The product refused, in its own words.
    #[error("{message}")]
    Refused {
        /// The product's own words.
        message: String,
    },
    /// The outcome of a write is not known: read before acting again.
    #[error("the outcome is not known: {detail}")]
    Unknown {
        /// What happened to the answer.
        detail: String,
    },
    /// It cannot be done this way on this cluster.
    #[error("not supported: {detail}")]
    Unsupported {
        /// Why, and what can be done instead.
        detail: String,
    },
    /// A page does what is asked only with its script, and no browser is at hand. Nothing was sent.
    #[error("it needs a browser: {detail}")]
    NeedsBrowser {
        /// What on which page needs it, and why there is none.
        detail: String,
    },
    /// It can be done by hand, and only so. Nothing was sent.
    #[error("it has to be done by hand: {because}")]
    ByHand {
        /// Every click, in order. A password is named, never given.
        clicks: Vec<String>,
        /// What stands in the way of doing it otherwise.
        because: String,
    },
    /// What the procedure names was not found on a page.
    #[error("no `{label}` on the page `{page}`")]
    NotFound {
        /// The label that was looked for.
        label: String,
        /// The page's title.
        page: String,
    },
    /// An answer that could not be understood.
    #[error("an answer that could not be understood: {detail}")]
    Malformed {
        /// What was expected, and what came.
        detail: String,
    },
}

/// How to come by a browser.
const NEEDS_BROWSER: &str = if cfg!(feature = "browser") {
    "Install `chromium` and `chromedriver` so that both are on PATH, or name a running chromedriver of this machine in \
     INTERMESH_WEBDRIVER, such as `http://127.0.0.1:9515`."
} else {
    "Build intermesh with `--features browser`, and have `chromium` and `chromedriver` on PATH, or name a running \
     chromedriver of this machine in INTERMESH_WEBDRIVER."
};

impl ErrorKind {
    /// Why the product refused, where its words are known. It follows from the words, so that a journal or a snapshot of
    /// an earlier version tells it too.
    pub fn refusal(&self) -> Option<Refusal> {
        match self {
            ErrorKind::Refused { message } => Refusal::find(message).map(|(refusal, _)| refusal),
            _ => None,
        }
    }

    /// What the user can do about it; a full sentence, if there is anything to say.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            ErrorKind::Unreachable { .. } => Some(
                "Check the node name, DNS, and that port 8443 (22 for the platform CLI) is open from this machine to the node.",
            ),
            ErrorKind::Untrusted { .. } => Some(
                "Nothing was sent to the node. `intermesh trust MESH` looks at what it shows and pins its key after a yes; an \
                 authority is given with `tls: {ca_file: …}` in the mesh file.",
            ),
            ErrorKind::UntrustedHostKey { .. } => Some(
                "Compare the fingerprint with the node's own, and pin it with `intermesh trust MESH`. Nothing was sent.",
            ),
            ErrorKind::Unauthorized { .. } => Some(
                "Check the user name and password; intermesh does not try a refused account again, because accounts lock.",
            ),
            ErrorKind::NoCredential { .. } => Some(
                "Fill it in where the mesh file refers to; `intermesh credentials check MESH` lists every credential that \
                 leads to no password yet, without logging in anywhere.",
            ),
            ErrorKind::Forbidden { .. } => {
                Some("AXL needs the role `Standard AXL API Access`; the pages need an administrator's role.")
            }
            ErrorKind::NeedsBrowser { .. } => Some(NEEDS_BROWSER),
            ErrorKind::Refused { .. } => self.refusal().map(Refusal::hint),
            ErrorKind::Unknown { .. } => Some("Read the state again before you repeat the action."),
            ErrorKind::NotFound { .. } => Some(
                "The page may differ in this release: run it again with `--capture DIR`, and report it with the page \
                     that is kept there.",
            ),
            _ => None,
        }
    }

    /// The same with its texts changed, all but the names that the user gave.
    pub fn map_texts(self, change: impl Fn(String) -> String) -> ErrorKind {
        match self {
            ErrorKind::Unreachable { detail } => ErrorKind::Unreachable { detail: change(detail) },
            ErrorKind::Untrusted { detail } => ErrorKind::Untrusted { detail: change(detail) },
            ErrorKind::UntrustedHostKey { detail } => ErrorKind::UntrustedHostKey { detail: change(detail) },
            ErrorKind::Unauthorized { username } => ErrorKind::Unauthorized { username },
            ErrorKind::Forbidden { username, detail } => ErrorKind::Forbidden { username, detail: change(detail) },
            ErrorKind::NoCredential { credential, detail } => {
                ErrorKind::NoCredential { credential, detail: change(detail) }
            }
            ErrorKind::Throttled { retry_after, message } => {
                ErrorKind::Throttled { retry_after, message: change(message) }
            }
            ErrorKind::Refused { message } => ErrorKind::Refused { message: change(message) },
            ErrorKind::Unknown { detail } => ErrorKind::Unknown { detail: change(detail) },
            ErrorKind::Unsupported { detail } => ErrorKind::Unsupported { detail: change(detail) },
            ErrorKind::NeedsBrowser { detail } => ErrorKind::NeedsBrowser { detail: change(detail) },
            ErrorKind::ByHand { clicks, because } => {
                ErrorKind::ByHand { clicks: clicks.into_iter().map(&change).collect(), because: change(because) }
            }
            ErrorKind::NotFound { label, page } => ErrorKind::NotFound { label, page: change(page) },
            ErrorKind::Malformed { detail } => ErrorKind::Malformed { detail: change(detail) },
        }
    }

    /// Whether the same read may succeed when it is simply asked again later.
    pub fn is_transient(&self) -> bool {
        matches!(self, ErrorKind::Unreachable { .. } | ErrorKind::Throttled { .. })
    }
}

//! One login's view of one node, whatever carries it: plain HTTP, or a real browser. What is looked for on a page, and
//! where it was found before, is the same for both.

use std::collections::HashMap;

use url::Url;

use super::html::{Action, Filling, Submission, clickables};
use super::http::Http;
use super::login::{is_single_sign_on, login_form};
use super::page::Page;
use crate::cluster::ErrorKind;
use crate::imp::soap::glimpse;

#[cfg(feature = "browser")]
use super::driven::Driven;

/// The link that ends a session.
const EXITS: [&str; 4] = ["Logout", "Log Out", "Sign Out", "Logoff"];

/// Why a page is not there.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The session is over: the login form came in place of the page.
    LoggedOut,
    /// Anything else.
    Kind(ErrorKind),
}

impl From<ErrorKind> for Trouble {
    fn from(kind: ErrorKind) -> Self {
        Trouble::Kind(kind)
    }
}

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Intent {
    /// Nothing changes; a lost answer is merely a lost answer.
    Read,
    /// Something changes; a lost answer leaves the outcome unknown.
    Write,
}

/// What brings pages and presses buttons.
pub(super) enum Engine {
    /// Plain HTTP: what a page does without script.
    Http(Http),
    /// A real browser: what a page does with it.
    #[cfg(feature = "browser")]
    Driven(Box<Driven>),
}

/// One login's view of one node.
pub(super) struct Visitor {
    pub(super) engine: Engine,
    /// The page after the login, where the menus are.
    pub(super) home: Option<Page>,
    /// Whether the home page came just now, with the login, and nothing was opened since.
    pub(super) home_is_new: bool,
    /// The pages where menus were found, the home page first: they need not be opened again for another entry.
    pub(super) menus: Option<Vec<Page>>,
    /// Where menu entries were found to lead.
    pub(super) places: HashMap<&'static str, Url>,
    /// Where the pages of peers were found, by normal address.
    pub(super) peers: HashMap<String, Url>,
    /// Whether the list was seen to show every peer by its address.
    pub(super) listed_by_address: bool,
    /// Whether anything was pressed that writes.
    pub(super) wrote: bool,
}

impl Visitor {
    pub(super) fn new(engine: Engine) -> Visitor {
        let (places, peers) = (HashMap::new(), HashMap::new());
        Visitor {
            engine,
            home: None,
            home_is_new: false,
            menus: None,
            places,
            peers,
            listed_by_address: false,
            wrote: false,
        }
    }

    /// Opens a page.
    pub(super) async fn open(&self, what: &'static str, url: &Url) -> Result<Page, Trouble> {
        match &self.engine {
            Engine::Http(http) => http.open(what, url).await,
            #[cfg(feature = "browser")]
            Engine::Driven(driven) => driven.open(what, url).await,
        }
    }

    /// Does what pressing a button does, with the fields filled in before.
    pub(super) async fn press(
        &mut self,
        what: &'static str,
        page: &Page,
        action: &Action,
        filling: &Filling,
        intent: Intent,
    ) -> Result<Page, Trouble> {
        let pressed = match &self.engine {
            Engine::Http(http) => http.press(what, page, action, filling, intent).await,
            #[cfg(feature = "browser")]
            Engine::Driven(driven) => driven.press(what, page, action, filling, intent).await,
        };
        let unsent = matches!(&pressed, Err(Trouble::Kind(ErrorKind::NeedsBrowser { .. })));
        self.wrote |= intent == Intent::Write && !unsent;
        pressed
    }

    /// Sends a form that has no button, as the script of a drop-down list in it would; only for reading. In a browser
    /// the list's own script does.
    pub(super) async fn send_form(
        &self,
        what: &'static str,
        page: &Page,
        form: &Submission,
        filling: &Filling,
    ) -> Result<Page, Trouble> {
        match &self.engine {
            Engine::Http(http) => {
                let _ = filling;
                http.send_form(what, page, form).await
            }
            #[cfg(feature = "browser")]
            Engine::Driven(driven) => driven.choose(what, page, filling).await,
        }
    }

    /// The page and the pages in its frames, the outer ones first, each once.
    pub(super) async fn with_frames(&self, what: &'static str, page: Page) -> Result<Vec<Page>, Trouble> {
        match &self.engine {
            Engine::Http(http) => http.with_frames(what, page).await,
            #[cfg(feature = "browser")]
            Engine::Driven(driven) => driven.with_frames(what, page).await,
        }
    }

    /// What there is to see now, where a page may still change by itself; none where it cannot.
    pub(super) async fn look_again(&self, what: &'static str) -> Result<Option<Vec<Page>>, Trouble> {
        match &self.engine {
            Engine::Http(_) => {
                let _ = what;
                Ok(None)
            }
            #[cfg(feature = "browser")]
            Engine::Driven(driven) => driven.look_again(what).await.map(Some),
        }
    }

    /// Whether a page that was opened before can still be pressed on. A browser shows one at a time.
    pub(super) fn keeps_pages(&self) -> bool {
        match &self.engine {
            Engine::Http(_) => true,
            #[cfg(feature = "browser")]
            Engine::Driven(_) => false,
        }
    }

    /// Where the link leads that ends the session (field-notes 1.8); none where there is none, or it is a script's.
    pub(super) fn exit(&self) -> Option<Url> {
        let pages = self.menus.iter().flatten().chain(&self.home);
        pages.flat_map(|page| clickables(&page.dom).iter().map(move |link| (page, link))).find_map(|(page, link)| {
            match EXITS.iter().any(|name| link.is(name)).then(|| link.action(&page.dom, !page.dom.is_rendered()))? {
                Action::Follow(link) => page.resolve(&link),
                _ => None,
            }
        })
    }

    /// Ends the session. Whether it did, nobody asks.
    pub(super) async fn leave(self, exit: Url) {
        match self.engine {
            Engine::Http(http) => http.leave(exit).await,
            #[cfg(feature = "browser")]
            Engine::Driven(driven) => drop(driven.open("log out", &exit).await),
        }
    }

    /// Whether its engine still works.
    pub(super) fn lives(&self) -> bool {
        match &self.engine {
            Engine::Http(_) => true,
            #[cfg(feature = "browser")]
            Engine::Driven(driven) => driven.lives(),
        }
    }

    /// How long a page may take to show what it fetches by itself.
    pub(super) fn patience(&self) -> std::time::Duration {
        match &self.engine {
            Engine::Http(_) => std::time::Duration::ZERO,
            #[cfg(feature = "browser")]
            Engine::Driven(_) => super::driven::TO_SHOW,
        }
    }
}

/// Whether a page is what was asked for, and not the login page or an error of the server.
pub(super) fn judge(what: &str, page: &Page, status: u16, username: &str, intent: Intent) -> Result<(), Trouble> {
    if status == 401 || login_form(&page.dom).is_some() {
        return Err(Trouble::LoggedOut);
    }
    if is_single_sign_on(page) {
        return Err(Trouble::Kind(single_sign_on()));
    }
    let seen = || format!("{what}: HTTP {status}: {}", glimpse(&page.text()));
    match status {
        200..300 => Ok(()),
        403 => Err(ErrorKind::Forbidden { username: username.to_owned(), detail: seen() }.into()),
        // The container stops such a request before the page's own code runs.
        400..500 => Err(ErrorKind::Malformed { detail: seen() }.into()),
        _ if intent == Intent::Write => Err(ErrorKind::Unknown { detail: seen() }.into()),
        503 => Err(ErrorKind::Throttled { retry_after: None, message: seen() }.into()),
        _ => Err(ErrorKind::Unreachable { detail: seen() }.into()),
    }
}

/// What cannot be done without a browser.
pub(super) fn needs_browser(page: &Page, why: &str) -> ErrorKind {
    ErrorKind::NeedsBrowser { detail: format!("on the page `{}` {why}", page.title()) }
}

const SINGLE_SIGN_ON: &str = "the node asks for single sign-on; give an account that may log in with a password (`utils sso \
                              recovery-url enable`)";

pub(super) fn single_sign_on() -> ErrorKind {
    ErrorKind::Unsupported { detail: SINGLE_SIGN_ON.to_owned() }
}

/// Cookies and passwords go to the node and nowhere else.
pub(super) fn same_host(what: &str, base: &Url, url: &Url, redirected: bool) -> Result<(), ErrorKind> {
    if url.scheme() == "https" && url.host() == base.host() {
        return Ok(());
    }
    let to = url.host_str().unwrap_or("nowhere");
    let (how, scheme) = (if redirected { "redirects" } else { "leads" }, url.scheme());
    let why = match url.host() != base.host() {
        true => format!(": {SINGLE_SIGN_ON}; or, where that is the node itself, name it so in the mesh file"),
        false => String::new(),
    };
    let detail = format!("{what}: the node {how} to `{scheme}://{to}`, which is not followed{why}");
    Err(ErrorKind::Unsupported { detail })
}

//! A browser's life: how it begins, gets the session of the HTTP login, and ends.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tempfile::TempDir;
use url::Url;

use super::door::Door;
use super::drivers::{Driver, Drivers};
use super::{Broken, SightLock};
use crate::cluster::{Account, ErrorKind};
use crate::imp::accounts::Pass;
use crate::imp::pages::capture::Capture;
use crate::imp::pages::html::Action;
use crate::imp::pages::http::Http;
use crate::imp::pages::login::{login_form, one_too_many};
use crate::imp::pages::page::Page;
use crate::imp::pages::stay::{Door as Entrance, judge_login};
use crate::imp::pages::visitor::{Engine, Intent, Trouble, Visitor};
use crate::imp::transport::{Line, key_of};

const ENTER: &str = "enter the administration pages";
/// For a browser that is no longer needed to be told so.
const TO_END: Duration = Duration::from_secs(3);

/// A browser of its own for one login on one node.
pub(in super::super) struct Driven {
    pub(super) line: Arc<Line>,
    pub(super) username: String,
    pub(super) capture: Option<Arc<Capture>>,
    pub(super) client: Client,
    pub(super) sight: SightLock,
    /// Set when the browser is of no more use.
    pub(super) gone: AtomicBool,
    session: Option<Url>,
    // in this order they go
    _door: Door,
    _profile: TempDir,
    _driver: Arc<Driver>,
}

impl Drop for Driven {
    fn drop(&mut self) {
        // Said over a plain socket: a task of the runtime may not get its turn any more when the program ends.
        if let Some(session) = &self.session {
            end(session);
        }
    }
}

/// A browser that goes on with the session of an HTTP login, or else logs in by the form.
pub(in super::super) async fn take_over(
    drivers: &Drivers,
    at: &Entrance<'_>,
    http: &Http,
    home: &Url,
    account: &Account,
    pass: impl AsyncFnOnce() -> Result<Pass, ErrorKind>,
) -> Result<Visitor, ErrorKind> {
    let driven = Driven::start(drivers, at, &account.username, home).await?;
    driven.client.delete_all_cookies().await.map_err(|why| kind(driven.broken(ENTER, why)))?;
    for (name, value) in http.cookies(home) {
        // by Chrome's own command: WebDriver's would give it to subdomains, too
        let cookie = json!({
            "url": home.as_str(), "name": name, "value": value.expose_secret(), "path": "/", "secure": true,
            "httpOnly": true,
        });
        let given = driven.client.issue_cmd(Cdp::new("Network.setCookie", cookie)).await;
        given.map_err(|why| kind(driven.broken(ENTER, why)))?;
    }
    let pages = driven.visit(ENTER, home).await.map_err(plain)?;
    let asks = pages.iter().any(|page| login_form(&page.dom).is_some());
    // A session may be good for the program only that logged in.
    let pages = if asks { driven.log_in(&pages, account, pass().await?).await? } else { pages };
    driven.at(pages)
}

/// A browser that logs in by the form on a page.
pub(in super::super) async fn log_in(
    drivers: &Drivers,
    at: &Entrance<'_>,
    account: &Account,
    entry: &Url,
    pass: Pass,
) -> Result<Visitor, ErrorKind> {
    let driven = Driven::start(drivers, at, &account.username, entry).await?;
    let pages = driven.visit(ENTER, entry).await.map_err(plain)?;
    let pages = driven.log_in(&pages, account, pass).await?;
    driven.at(pages)
}

impl Driven {
    /// Whether the browser is of use.
    pub(in super::super) fn lives(&self) -> bool {
        !self.gone.load(Ordering::Relaxed)
    }

    /// Starts a browser and makes sure that it gets the certificate that our own verification has accepted. Nothing but
    /// the request for a page has been sent then.
    async fn start(drivers: &Drivers, at: &Entrance<'_>, username: &str, first: &Url) -> Result<Driven, ErrorKind> {
        let line = at.line;
        let none = |detail: String| ErrorKind::NeedsBrowser { detail };
        let driver = drivers.driver().await?;
        let key = line.verified_key().await?;
        let door = Door::open(Arc::clone(line)).await.map_err(|why| none(format!("no door on loopback: {why}")))?;
        let profile = TempDir::with_prefix("intermesh-browser-").map_err(|why| none(why.to_string()))?;
        let capabilities = driver.capabilities(&profile, door.port, &key, line.patience().control);
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(line.patience().connect));
        let client = ClientBuilder::new(connector).capabilities(capabilities).connect(driver.url.as_str()).await;
        let client = client.map_err(|why| {
            let why = why.to_string();
            none(format!("the browser does not start: {}", why.lines().next().unwrap_or_default()))
        })?;
        let id = client.session_id().await.ok().flatten();
        let session = id.and_then(|id| driver.url.join(&format!("session/{id}")).ok());
        let driven = Driven {
            line: Arc::clone(line),
            username: username.to_owned(),
            capture: at.capture.clone(),
            client,
            sight: SightLock::default(),
            gone: AtomicBool::new(false),
            session,
            _door: door,
            _profile: profile,
            _driver: driver,
        };
        let failed = |why| kind(driven.broken(ENTER, why));
        let watch = json!({"source": include_str!("watch.js")});
        driven.client.issue_cmd(Cdp::new("Page.addScriptToEvaluateOnNewDocument", watch)).await.map_err(failed)?;
        // only what is watched is remembered with its certificate
        driven.client.issue_cmd(Cdp::new("Network.enable", json!({}))).await.map_err(failed)?;
        driven.visit(ENTER, first).await.map_err(plain)?;
        driven.check_certificate(&key).await?;
        Ok(driven)
    }

    /// Beside the one key, the browser trusts the authorities of its system, which the mesh file may not: so it is asked
    /// what it got.
    async fn check_certificate(&self, key: &str) -> Result<(), ErrorKind> {
        let origin = self.line.base().origin().ascii_serialization();
        let asked = Cdp::new("Network.getCertificate", json!({"origin": origin}));
        let chain = self.client.issue_cmd(asked).await.map_err(|why| kind(self.broken(ENTER, why)))?;
        let leaf = chain.get("tableNames").and_then(|names| names.get(0)).and_then(Value::as_str);
        let leaf = leaf.and_then(|der| STANDARD.decode(der).ok()).and_then(|der| key_of(&der));
        if leaf.as_deref() == Some(key) {
            return Ok(());
        }
        let detail = "the browser got another certificate than the one just verified".to_owned();
        Err(ErrorKind::Untrusted { detail })
    }

    /// Fills in the login form as a person would.
    async fn log_in(&self, pages: &[Page], account: &Account, pass: Pass) -> Result<Vec<Page>, ErrorKind> {
        let form = pages.iter().find_map(|page| login_form(&page.dom).map(|form| (page, form)));
        let (page, form) = form.ok_or_else(|| ErrorKind::NotFound { label: "Login".into(), page: ENTER.into() })?;
        let (filling, button) = form.by_hand(&page.dom, account).ok_or_else(|| page.not_found("Login"))?;
        let pressed = self.press(ENTER, page, &Action::Click(button), &filling, Intent::Read).await;
        let pages = match pressed {
            Ok(page) => self.with_frames(ENTER, page).await.map_err(plain)?,
            // the form again: the password was refused, unless the page says otherwise
            Err(Trouble::LoggedOut) => {
                let shown = self.now(|sight| sight.pages.clone());
                let full = shown.iter().find_map(|now| one_too_many(page, now, &account.username));
                return Err(full.unwrap_or_else(|| pass.refused()));
            }
            Err(Trouble::Kind(kind)) => return Err(kind),
        };
        judge_login(&pages, pass)?;
        Ok(pages)
    }

    /// A visitor that begins at these pages.
    fn at(self, pages: Vec<Page>) -> Result<Visitor, ErrorKind> {
        let home = pages.into_iter().next();
        let mut visitor = Visitor::new(Engine::Driven(Box::new(self)));
        visitor.home = home;
        Ok(visitor)
    }
}

fn kind(broken: Broken) -> ErrorKind {
    plain(broken.read())
}

fn plain(trouble: Trouble) -> ErrorKind {
    match trouble {
        Trouble::Kind(kind) => kind,
        Trouble::LoggedOut => {
            ErrorKind::Malformed { detail: format!("{ENTER}: the browser is shown the login page again") }
        }
    }
}

/// A command of Chrome's own protocol. Its parameters may hold a cookie.
struct Cdp {
    command: &'static str,
    parameters: Value,
}

impl std::fmt::Debug for Cdp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.command)
    }
}

impl Cdp {
    fn new(command: &'static str, parameters: Value) -> Cdp {
        Cdp { command, parameters }
    }
}

impl WebDriverCompatibleCommand for Cdp {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (http::Method, Option<String>) {
        let body = json!({"cmd": self.command, "params": self.parameters});
        (http::Method::POST, Some(body.to_string()))
    }
}

/// Ends a browser, if its driver still answers.
fn end(session: &Url) {
    let told = || -> std::io::Result<()> {
        let address = session.socket_addrs(|| None)?;
        let address = address.first().ok_or(std::io::ErrorKind::AddrNotAvailable)?;
        let mut stream = TcpStream::connect_timeout(address, TO_END)?;
        stream.set_read_timeout(Some(TO_END))?;
        write!(stream, "DELETE {} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n", session.path())?;
        stream.read(&mut [0; 64]).map(drop)
    };
    if let Err(why) = told() {
        tracing::debug!(%why, "ending the browser");
    }
}

//! The plain HTTP engine: opens pages, follows redirects on the same host by hand, sends forms.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, LOCATION, ORIGIN, REFERER};
use http::{HeaderMap, HeaderValue, Method};
use url::Url;

use super::capture::Capture;
use super::html::{Action, Filling, Submission, is_too_much};
use super::page::Page;
use super::visitor::{Intent, Trouble, judge, needs_browser, same_host};
use crate::cluster::ErrorKind;
use crate::imp::cookies::Cookies;
use crate::imp::transport::{Answer, Failure, Line, PAGE_LIMIT, Request};

/// More redirects than any login of the product needs.
const MOST_REDIRECTS: usize = 10;
/// More frames than any page of the product has.
const MOST_FRAMES: usize = 16;

/// A page with the status that it came with.
pub(super) struct Loaded {
    pub(super) page: Page,
    pub(super) status: u16,
    pub(super) redirected: bool,
    pub(super) retry_after: Option<Duration>,
}

/// The plain HTTP engine of one login on one node.
pub(super) struct Http {
    line: Arc<Line>,
    username: String,
    cookies: Cookies,
    capture: Option<Arc<Capture>>,
}

impl Http {
    pub(super) fn new(line: Arc<Line>, username: String, capture: Option<Arc<Capture>>) -> Http {
        Http { line, username, cookies: Cookies::default(), capture }
    }

    /// The cookies of the session that would go to a URL, by name.
    #[cfg(feature = "browser")]
    pub(super) fn cookies(&self, url: &Url) -> Vec<(String, secrecy::SecretString)> {
        self.cookies.pairs(url)
    }

    /// Opens a page.
    pub(super) async fn open(&self, what: &'static str, url: &Url) -> Result<Page, Trouble> {
        let loaded = self.load(what, url.clone(), None, Intent::Read, None).await?;
        self.expect(what, loaded, Intent::Read)
    }

    /// Opens a page whatever its status and whether it is the login page.
    pub(super) async fn look(&self, what: &'static str, url: Url) -> Result<Loaded, ErrorKind> {
        self.load(what, url, None, Intent::Read, None).await
    }

    /// Opens what ends the session; where it leads then is nobody's matter.
    pub(super) async fn leave(self, exit: Url) {
        if same_host("log out", self.line.base(), &exit, false).is_ok() {
            drop(self.request("log out", &exit, None, Intent::Read, None).await);
        }
    }

    /// Sends a login form; the answer may be the login form again.
    pub(super) async fn send_login(&self, from: &Page, form: &Submission) -> Result<Loaded, ErrorKind> {
        self.send("log in", from, form, Intent::Read).await
    }

    /// The same, without going where the answer leads.
    pub(super) async fn send_login_only(&self, from: &Page, form: &Submission) -> Result<(), ErrorKind> {
        let (url, body) = self.address_of(from, form)?;
        same_host("log in", self.line.base(), &url, false)?;
        let answer = self.request("log in", &url, body, Intent::Read, Some(&from.url)).await;
        self.cookies.read(&url, &answer.map_err(|failure| failure.kind)?.headers);
        Ok(())
    }

    /// Does what pressing a button does.
    pub(super) async fn press(
        &self,
        what: &'static str,
        page: &Page,
        action: &Action,
        filling: &Filling,
        intent: Intent,
    ) -> Result<Page, Trouble> {
        let loaded = match action {
            Action::Follow(link) => {
                let url = page.resolve(link).ok_or_else(|| page.not_found(link))?;
                self.load(what, url, None, intent, Some(&page.url)).await?
            }
            Action::Submit { form, button } => {
                let form =
                    filling.submission(&page.dom, *form, Some(*button)).map_err(|why| needs_browser(page, &why))?;
                self.send(what, page, &form, intent).await?
            }
            Action::Script(why) => return Err(Trouble::Kind(needs_browser(page, why))),
            Action::Click(_) => return Err(Trouble::Kind(needs_browser(page, "the button was found in a browser"))),
        };
        self.expect(what, loaded, intent)
    }

    /// Sends a form that has no button; only for reading.
    pub(super) async fn send_form(&self, what: &'static str, page: &Page, form: &Submission) -> Result<Page, Trouble> {
        let loaded = self.send(what, page, form, Intent::Read).await?;
        self.expect(what, loaded, Intent::Read)
    }

    /// The page and the pages in its frames, the outer ones first, each opened once.
    pub(super) async fn with_frames(&self, what: &'static str, page: Page) -> Result<Vec<Page>, Trouble> {
        let mut pages = vec![page];
        let mut next = 0;
        while let Some(frames) = pages.get(next).map(Page::frames) {
            next += 1;
            for frame in frames {
                if pages.len() <= MOST_FRAMES && !pages.iter().any(|page| page.url == frame) {
                    pages.push(self.open(what, &frame).await?);
                }
            }
        }
        Ok(pages)
    }

    async fn send(
        &self,
        what: &'static str,
        from: &Page,
        form: &Submission,
        intent: Intent,
    ) -> Result<Loaded, ErrorKind> {
        let (url, body) = self.address_of(from, form)?;
        self.load(what, url, body, intent, Some(&from.url)).await
    }

    /// Where a form goes to, and with what.
    fn address_of(&self, from: &Page, form: &Submission) -> Result<(Url, Option<Bytes>), ErrorKind> {
        let mut url = match form.action.as_str() {
            "" => Some(from.url.clone()),
            action => from.resolve(action),
        }
        .ok_or_else(|| from.not_found("the form's action"))?;
        let encoded = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&form.pairs).finish();
        if form.post {
            return Ok((url, Some(Bytes::from(encoded))));
        }
        url.set_query(Some(&encoded));
        Ok((url, None))
    }

    /// One request and the redirects that follow it.
    async fn load(
        &self,
        what: &'static str,
        url: Url,
        body: Option<Bytes>,
        intent: Intent,
        referer: Option<&Url>,
    ) -> Result<Loaded, ErrorKind> {
        let (mut url, mut body) = (url, body);
        let mut referer = referer.cloned();
        for hop in 0..MOST_REDIRECTS {
            // What was sent before a redirect has arrived, whatever happens to what comes after it.
            let doubt = |failure: Failure| match intent {
                Intent::Read => failure.kind,
                Intent::Write => Failure { sent: failure.sent || hop > 0, ..failure }.of_write(),
            };
            same_host(what, self.line.base(), &url, hop > 0).map_err(|kind| doubt(Failure::unsent(kind)))?;
            let answer = self.request(what, &url, body.clone(), intent, referer.as_ref()).await.map_err(doubt)?;
            self.cookies.read(&url, &answer.headers);
            let to = answer.header(LOCATION).filter(|_| matches!(answer.status, 301..=303 | 307 | 308));
            let next = match to {
                Some(to) => url.join(to).ok(),
                None => {
                    let text = answer.text();
                    if is_too_much(&text) {
                        let detail = format!("{what}: the page has too many elements, or too many in each other");
                        return Err(doubt(Failure { kind: ErrorKind::Malformed { detail }, sent: true }));
                    }
                    let page = Page::read(url.clone(), &text);
                    if let Some(capture) = &self.capture {
                        capture.keep(&page, &text, answer.status, &self.cookies);
                    }
                    match refresh(&page).filter(|_| intent == Intent::Read && answer.status == 200) {
                        Some(next) => Some(next),
                        None => {
                            let (status, retry_after) = (answer.status, answer.retry_after());
                            return Ok(Loaded { page, status, redirected: hop > 0, retry_after });
                        }
                    }
                }
            };
            let Some(next) = next else {
                let detail = format!("{what}: a redirect that leads nowhere");
                return Err(doubt(Failure { kind: ErrorKind::Malformed { detail }, sent: true }));
            };
            if !matches!(answer.status, 307 | 308) {
                body = None;
            } else if intent == Intent::Write && body.is_some() {
                // The node asks to be sent the same again; whether it has acted already, nobody can tell.
                let detail = format!("{what}: the node redirects what was sent to it, and it is not sent twice");
                return Err(ErrorKind::Unknown { detail });
            }
            referer = Some(std::mem::replace(&mut url, next));
        }
        let kind = ErrorKind::Malformed { detail: format!("{what}: more than {MOST_REDIRECTS} redirects") };
        Err(if intent == Intent::Write { Failure { kind, sent: true }.of_write() } else { kind })
    }

    async fn request(
        &self,
        what: &'static str,
        url: &Url,
        body: Option<Bytes>,
        intent: Intent,
        referer: Option<&Url>,
    ) -> Result<Answer, Failure> {
        let mut headers = HeaderMap::new();
        self.cookies.write(url, &mut headers);
        if let Some(value) = referer.and_then(|referer| HeaderValue::from_str(referer.as_str()).ok()) {
            headers.insert(REFERER, value);
        }
        let method = if body.is_some() { Method::POST } else { Method::GET };
        if body.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
            // A filter against forged requests compares this with the host; a browser sends it as well.
            if let Ok(origin) = HeaderValue::from_str(&url.origin().ascii_serialization()) {
                headers.insert(ORIGIN, origin);
            }
        }
        let patience = self.line.patience();
        let timeout = if intent == Intent::Write { patience.control } else { patience.read };
        let (url, body) = (url.clone(), body.unwrap_or_default());
        self.line.send(Request { what, method, url, headers, body, limit: PAGE_LIMIT, timeout }).await
    }

    /// The page, unless it is the login page or an error of the server.
    fn expect(&self, what: &'static str, loaded: Loaded, intent: Intent) -> Result<Page, Trouble> {
        let Loaded { page, status, retry_after, .. } = loaded;
        match judge(what, &page, status, &self.username, intent) {
            Err(Trouble::Kind(ErrorKind::Throttled { message, .. })) => {
                Err(ErrorKind::Throttled { retry_after, message }.into())
            }
            judged => judged.map(|()| page),
        }
    }
}

/// Where a page sends its reader on at once, as `/cupadmin/` may.
fn refresh(page: &Page) -> Option<Url> {
    let dom = &page.dom;
    let meta = dom
        .elements(dom.all(), &["meta"])
        .find(|at| dom.attr(*at, "http-equiv").is_some_and(|name| name.eq_ignore_ascii_case("refresh")))?;
    let (delay, rest) = dom.attr(meta, "content")?.split_once([';', ','])?;
    let rest = rest.trim();
    let target = rest.get(..4).filter(|name| name.eq_ignore_ascii_case("url=")).and_then(|_| rest.get(4..))?;
    let target = target.trim_matches(|c: char| c == '\'' || c == '"' || c.is_whitespace());
    // A page that refreshes itself while it is read is not a door.
    let next = page.resolve(target).filter(|next| *next != page.url)?;
    delay.trim().parse::<f32>().ok().filter(|delay| *delay <= 1.0).map(|_| next)
}

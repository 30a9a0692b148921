//! The second engine: a real browser over WebDriver, for pages that do what is asked only with their script.
//!
//! What the browser shows is read like any page (`sight`): the same labels, fields, buttons, messages. Then the element
//! that was found is filled in or clicked, windows and questions that follow are answered, and it is looked again. It
//! gets no more trust than plain HTTP: `door` leads to the one node only, `drivers` names the one key that our own
//! verification has just accepted, and `session` hands over the cookies of the HTTP login only after the browser has
//! shown that it got a certificate with that key.

mod door;
mod drivers;
mod failure;
mod session;
mod sight;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use fantoccini::elements::{Element, ElementRef};
use serde_json::{Value, json};
use url::Url;

use super::html::{Action, At, Fill, Filling, clickables};
use super::page::Page;
use super::visitor::{Intent, Trouble, judge, needs_browser};
use crate::cluster::ErrorKind;

pub(super) use drivers::Drivers;
use failure::Broken;
pub(super) use session::{Driven, log_in, take_over};
pub(super) use sight::Shown;

/// For a page to show what it fetches by itself: a panel, a message. The product's own refresh takes a minute and is waited
/// for elsewhere.
pub(super) const TO_SHOW: Duration = Duration::from_secs(5);
/// Between two looks at a page that may still change.
const AGAIN: Duration = Duration::from_millis(100);
/// How WebDriver names an element in JSON.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// One of the elements that were numbered at the last look, and whether it is about to be clicked.
const FIND: &str = "const [number, due] = arguments; const state = window[Symbol.for('intermesh')]; \
    if (state) state.due = due; return (window[Symbol.for('intermesh.seen')] || [])[number] || null;";

/// What is seen now.
#[derive(Default)]
pub(super) struct Sight {
    number: u64,
    pages: Vec<Page>,
    /// What dialogs have said since the last click.
    said: Vec<String>,
}

impl Driven {
    /// Opens a page.
    pub(super) async fn open(&self, what: &'static str, url: &Url) -> Result<Page, Trouble> {
        first(self.go(what, url).await?)
    }

    /// Fills in the fields, presses the button, and answers what asks.
    pub(super) async fn press(
        &self,
        what: &'static str,
        page: &Page,
        action: &Action,
        filling: &Filling,
        intent: Intent,
    ) -> Result<Page, Trouble> {
        let at = match action {
            Action::Click(at) => *at,
            Action::Follow(link) => {
                let url = page.resolve(link).ok_or_else(|| page.not_found(link))?;
                return self.open(what, &url).await;
            }
            Action::Submit { .. } | Action::Script(_) => {
                return Err(needs_browser(page, "a button was not found in a browser").into());
            }
        };
        let (page, at) = self.current(what, page, at, filling).await?;
        self.now(|sight| sight.said.clear());
        let fills = filling.by_hand(&page.dom).map_err(|at| lost(what, &page, at))?;
        for fill in &fills {
            self.fill(what, &page, fill, intent).await?;
        }
        let button = self.find(what, &page, at, true).await?.ok_or_else(|| lost(what, &page, at))?;
        match button.click().await {
            // a dialog is what a click may lead to
            Err(why) if !why.is_unexpected_alert_open() => return Err(self.broken(what, why).of_click(intent)),
            _ => {}
        }
        let pages = self.look(what, intent).await.map_err(|broken| broken.after(intent))?;
        self.expect(what, &pages, intent)?;
        first(pages)
    }

    /// Chooses in drop-down lists whose own script fetches the page anew; where it does not, the form is sent.
    pub(super) async fn choose(&self, what: &'static str, page: &Page, filling: &Filling) -> Result<Page, Trouble> {
        let fills = filling.by_hand(&page.dom).map_err(|at| lost(what, page, at))?;
        for fill in &fills {
            let (Fill::Text(at, _) | Fill::Pick(at) | Fill::Press(at)) = fill;
            if self.find(what, page, *at, false).await?.is_none() {
                // the first choice has brought another page already
                break;
            }
            self.fill(what, page, fill, Intent::Read).await?;
            self.settle(Intent::Read).await.map_err(|why| self.broken(what, why).read())?;
        }
        let pages = self.look(what, Intent::Read).await.map_err(Broken::read)?;
        self.expect(what, &pages, Intent::Read)?;
        first(pages)
    }

    /// The page and all that came with it.
    pub(super) async fn with_frames(&self, what: &'static str, page: Page) -> Result<Vec<Page>, Trouble> {
        match self.is_current(&page) {
            true => Ok(self.now(|sight| sight.pages.clone())),
            false => self.go(what, &page.url).await,
        }
    }

    /// What there is to see now.
    pub(super) async fn look_again(&self, what: &'static str) -> Result<Vec<Page>, Trouble> {
        tokio::time::sleep(AGAIN).await;
        let pages = self.look(what, Intent::Read).await.map_err(Broken::read)?;
        self.expect(what, &pages, Intent::Read)?;
        Ok(pages)
    }

    async fn go(&self, what: &'static str, url: &Url) -> Result<Vec<Page>, Trouble> {
        let pages = self.visit(what, url).await?;
        self.expect(what, &pages, Intent::Read)?;
        Ok(pages)
    }

    /// Opens a page, whatever it turns out to be.
    pub(super) async fn visit(&self, what: &'static str, url: &Url) -> Result<Vec<Page>, Trouble> {
        super::visitor::same_host(what, self.line.base(), url, false)?;
        self.now(|sight| sight.said.clear());
        self.close_other_windows().await.map_err(|why| self.broken(what, why).read())?;
        self.client.goto(url.as_str()).await.map_err(|why| self.broken(what, why).read())?;
        self.look(what, Intent::Read).await.map_err(Broken::read)
    }

    /// The pages, unless they are the login page, an error of the server, or another host's.
    fn expect(&self, what: &'static str, pages: &[Page], intent: Intent) -> Result<(), Trouble> {
        for page in pages {
            super::visitor::same_host(what, self.line.base(), &page.url, true)
                .map_err(|kind| self.broken_by(kind).after(intent))?;
            let status = page.shown.as_ref().map_or(0, |shown| shown.status);
            // a page from the browser's own store has no status
            judge(what, page, if status == 0 { 200 } else { status }, &self.username, intent)?;
        }
        Ok(())
    }

    /// The page as it is shown now, and the button on it. One that was left since is opened again; what was to be filled
    /// in there may be another form by now.
    async fn current(&self, what: &'static str, page: &Page, at: At, filling: &Filling) -> Result<(Page, At), Trouble> {
        if self.is_current(page) {
            return Ok((page.clone(), at));
        }
        let names = |page: &Page, at: At| clickables(&page.dom).iter().find(|c| c.at == at).map(|c| c.names.clone());
        let wanted = names(page, at);
        if wanted.is_none() || !filling.is_empty() {
            return Err(lost(what, page, at));
        }
        for now in self.go(what, &page.url).await? {
            let found = clickables(&now.dom).iter().find(|c| Some(&c.names) == wanted.as_ref());
            if let Some(at) = found.map(|found| found.at) {
                return Ok((now, at));
            }
        }
        Err(lost(what, page, at))
    }

    fn is_current(&self, page: &Page) -> bool {
        page.shown.as_ref().is_some_and(|shown| shown.sight == self.now(|sight| sight.number))
    }

    async fn fill(&self, what: &'static str, page: &Page, fill: &Fill<'_>, intent: Intent) -> Result<(), Trouble> {
        let failed = |why| self.broken(what, why).read();
        match fill {
            Fill::Text(at, text) => {
                let field = self.element(what, page, *at).await?;
                field.clear().await.map_err(failed)?;
                self.answer(intent).await.map_err(failed)?;
                field.send_keys(text).await.map_err(failed)?;
            }
            Fill::Pick(at) | Fill::Press(at) => {
                self.element(what, page, *at).await?.click().await.map_err(failed)?;
            }
        }
        // some lists speak up when something is chosen (field-notes 8)
        self.answer(intent).await.map_err(failed)?;
        Ok(())
    }

    async fn element(&self, what: &'static str, page: &Page, at: At) -> Result<Element, Trouble> {
        self.find(what, page, at, false).await?.ok_or_else(|| lost(what, page, at))
    }

    /// The element in the browser, `due` to be clicked or not; none where the page is another one by now.
    async fn find(&self, what: &'static str, page: &Page, at: At, due: bool) -> Result<Option<Element>, Trouble> {
        let (Some(shown), Some(number)) = (&page.shown, number(page, at)) else { return Err(lost(what, page, at)) };
        if !self.enter(shown).await.map_err(|why| self.broken(what, why).read())? {
            return Ok(None);
        }
        let found = self.client.execute(FIND, vec![json!(number), json!(due)]).await;
        let found = found.map_err(|why| self.broken(what, why).read())?;
        let id = found.get(ELEMENT).and_then(Value::as_str).map(|id| ElementRef::from(id.to_owned()));
        Ok(id.map(|id| Element::from_element_id(self.client.clone(), id)))
    }

    fn now<T>(&self, f: impl FnOnce(&mut Sight) -> T) -> T {
        f(&mut self.sight.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The outermost page of the newest window.
fn first(pages: Vec<Page>) -> Result<Page, Trouble> {
    let none = || ErrorKind::Malformed { detail: "the browser shows no page".to_owned() };
    pages.into_iter().next().ok_or_else(|| none().into())
}

/// The number that an element was given when it was looked at.
fn number(page: &Page, at: At) -> Option<u64> {
    page.dom.attr(at, "data-intermesh-n")?.parse().ok()
}

fn lost(what: &str, page: &Page, at: At) -> Trouble {
    let element = page.dom.tag(at);
    let detail = format!("{what}: the page `{}` changed before its `{element}` could be used", page.title());
    ErrorKind::Malformed { detail }.into()
}

/// The state that the engine keeps behind `&self`; visits come one at a time.
type SightLock = Mutex<Sight>;

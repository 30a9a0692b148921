//! Looking: waiting until there is nothing more to wait for, answering what asks, and copying what is shown.

use std::time::{Duration, Instant};

use fantoccini::Client;
use fantoccini::error::CmdError;
use fantoccini::wd::WindowHandle;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::failure::Broken;
use super::session::Driven;
use crate::cluster::ErrorKind;
use crate::imp::cookies::Cookies;
use crate::imp::pages::html::is_too_much;
use crate::imp::pages::page::Page;
use crate::imp::pages::visitor::Intent;
use crate::xml;

/// After this a page is looked at although it still fetches or changes: some never rest.
const QUIET_WITHIN: Duration = Duration::from_secs(3);
/// After this it is looked at although it was left for another: the node does not answer, or sent no page.
const LEFT_WITHIN: Duration = Duration::from_secs(30);
/// Between two questions whether a page is quiet.
const POLL: Duration = Duration::from_millis(25);
/// More dialogs than any button raises.
const MOST_DIALOGS: usize = 10;
/// More windows than any button opens.
const MOST_WINDOWS: usize = 8;

/// Where the browser shows a page.
#[derive(Clone, Debug)]
pub(in super::super) struct Shown {
    /// The look at which it was seen; a later one numbers the elements anew.
    pub(super) sight: u64,
    /// The HTTP status it came with; 0 where there was none.
    pub(super) status: u16,
    window: WindowHandle,
    frame: Vec<u16>,
}

/// A page as `look.js` tells it.
#[derive(Deserialize)]
struct Copy {
    url: String,
    frame: Vec<u16>,
    html: String,
    status: u16,
}

impl Driven {
    /// Everything that is shown when the pages have come to rest: the newest window first, outer pages before the frames
    /// in them.
    pub(super) async fn look(&self, what: &'static str, intent: Intent) -> Result<Vec<Page>, Broken> {
        let pages = self.seen(what, intent).await?;
        let said = self.now(|sight| sight.said.clone());
        let read = pages.into_iter().enumerate().map(|(index, (url, html, shown))| {
            // what a dialog said stands where the page's own messages are looked for
            let said = said.iter().filter(|_| index == 0);
            let said: String = said.map(|text| format!("<div role=alert>{}</div>", xml::escape(text))).collect();
            let (html, status) = (html + &said, shown.status);
            let page = Page::rendered(url, &html, shown);
            if let Some(capture) = &self.capture {
                // its cookies are those of the HTTP login, which are known already
                capture.keep(&page, &html, status, &Cookies::default());
            }
            page
        });
        let pages: Vec<Page> = read.collect();
        self.now(|sight| sight.pages.clone_from(&pages));
        Ok(pages)
    }

    /// Everything that is shown, once it is at rest and nothing asks any more.
    async fn seen(&self, what: &'static str, intent: Intent) -> Result<Vec<(Url, String, Shown)>, Broken> {
        let failed = |why| self.broken(what, why);
        let mut dialogs = 0;
        let (sight, copies) = loop {
            self.settle(intent).await.map_err(failed)?;
            let sight = self.now(|sight| {
                sight.number += 1;
                sight.number
            });
            match self.copies().await {
                Ok(copies) => break (sight, copies),
                // a script asked while it was looked at
                Err(why) if why.is_unexpected_alert_open() && dialogs < MOST_DIALOGS => dialogs += 1,
                Err(why) => return Err(failed(why)),
            }
        };
        let mut pages = Vec::new();
        for (window, copies) in copies {
            let copies: Vec<Copy> = serde_json::from_value(copies)
                .map_err(|_| self.broken_by(malformed(what, "the browser does not tell what it shows")))?;
            for Copy { url, frame, html, status } in copies {
                if url.starts_with("chrome-error:") {
                    let detail = format!("{what}: the browser got no answer from {}", self.line.node());
                    return Err(self.broken_by(ErrorKind::Unreachable { detail }));
                }
                if is_too_much(&html) {
                    let why = "the page has too many elements, or too many in each other";
                    return Err(self.broken_by(malformed(what, why)));
                }
                let Some(url) = Url::parse(&url).ok().filter(|url| matches!(url.scheme(), "http" | "https")) else {
                    continue;
                };
                let shown = Shown { sight, status, window: window.clone(), frame };
                pages.push((url, html, shown));
            }
        }
        Ok(pages)
    }

    /// What each window tells of its pages.
    async fn copies(&self) -> Result<Vec<(WindowHandle, Value)>, CmdError> {
        let mut copies = Vec::new();
        for window in self.windows().await? {
            self.client.switch_to_window(window.clone()).await?;
            copies.push((window, self.client.execute(include_str!("look.js"), Vec::new()).await?));
        }
        Ok(copies)
    }

    /// Waits until all windows are at rest.
    pub(super) async fn settle(&self, intent: Intent) -> Result<(), CmdError> {
        let began = Instant::now();
        loop {
            let mut within = Duration::ZERO;
            for window in self.windows().await? {
                let waits = match self.waits(window, intent).await {
                    Ok(waits) => waits,
                    // it closed, or something asks: looked at again in a moment
                    Err(why) if why.is_no_such_window() || why.is_unexpected_alert_open() => QUIET_WITHIN,
                    // the page went away under the question
                    Err(why) if why.is_javascript_error() || why.is_stale_element_reference() => QUIET_WITHIN,
                    Err(why) => return Err(why),
                };
                within = within.max(waits);
            }
            if began.elapsed() >= within {
                return Ok(());
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// How long a window is waited for, by what it waits for itself.
    async fn waits(&self, window: WindowHandle, intent: Intent) -> Result<Duration, CmdError> {
        self.client.switch_to_window(window).await?;
        self.answer(intent).await?;
        let waits =
            self.client.execute(concat!(include_str!("watch.js"), include_str!("quiet.js")), Vec::new()).await?;
        Ok(match waits.as_str() {
            Some("nothing") => Duration::ZERO,
            Some("page") => LEFT_WITHIN,
            _ => QUIET_WITHIN,
        })
    }

    /// Answers dialogs: yes to what was asked for, no to what merely was to be read. What they say is kept.
    pub(super) async fn answer(&self, intent: Intent) -> Result<(), CmdError> {
        for _ in 0..MOST_DIALOGS {
            match self.client.get_alert_text().await {
                Ok(text) => self.now(|sight| sight.said.push(text)),
                Err(why) if why.is_no_such_alert() || why.is_no_such_window() => return Ok(()),
                Err(why) => return Err(why),
            }
            let answered = match intent {
                Intent::Write => self.client.accept_alert().await,
                Intent::Read => self.client.dismiss_alert().await,
            };
            match answered {
                Err(why) if !why.is_no_such_alert() => return Err(why),
                _ => {}
            }
        }
        Ok(())
    }

    /// The open windows, the newest first.
    async fn windows(&self) -> Result<Vec<WindowHandle>, CmdError> {
        let mut windows = self.client.windows().await?;
        windows.reverse();
        windows.truncate(MOST_WINDOWS);
        Ok(windows)
    }

    /// Leaves the first window only, and goes there.
    pub(super) async fn close_other_windows(&self) -> Result<(), CmdError> {
        let mut windows = self.windows().await?;
        let main = windows.pop();
        for other in windows {
            self.client.switch_to_window(other).await?;
            self.client.close_window().await?;
        }
        match main {
            Some(main) => self.client.switch_to_window(main).await,
            None => Ok(()),
        }
    }

    /// Goes to where a page is shown; false where it is gone.
    pub(super) async fn enter(&self, shown: &Shown) -> Result<bool, CmdError> {
        match into(&self.client, shown).await {
            Ok(()) => Ok(true),
            Err(why) if why.is_no_such_window() || why.is_no_such_frame() => Ok(false),
            Err(why) => Err(why),
        }
    }
}

async fn into(client: &Client, shown: &Shown) -> Result<(), CmdError> {
    client.switch_to_window(shown.window.clone()).await?;
    for index in &shown.frame {
        client.enter_frame(*index).await?;
    }
    Ok(())
}

fn malformed(what: &str, why: &str) -> ErrorKind {
    ErrorKind::Malformed { detail: format!("{what}: {why}") }
}

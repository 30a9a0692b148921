//! A login on the pages of a node, and the engines that use it. One session serves both: a browser gets the cookies of
//! the HTTP login, so an account is logged in once.

use std::collections::BTreeSet;
use std::sync::Arc;

use url::Url;

use super::browsers::Browsers;
use super::capture::Capture;
use super::html::clickables;
use super::http::{Http, Loaded};
use super::leaving::{self, Present};
use super::login::{is_single_sign_on, login_form, one_too_many, says_refused};
use super::second::Second;
use super::visitor::{Engine, Visitor, single_sign_on};
use crate::cluster::{Account, ClusterName, ErrorKind};
use crate::imp::accounts::Accounts;
#[cfg(feature = "browser")]
use crate::imp::accounts::Pass;
use crate::imp::soap::glimpse;
use crate::imp::transport::Line;

/// Where IM and Presence Administration is entered; everything else is found from there.
pub(super) const ENTRIES: [&str; 2] = ["cupadmin/", "cupadmin/showHome.do"];
const ENTER: &str = "enter the administration pages";

/// What a login needs.
pub(super) struct Door<'a> {
    pub(super) cluster: &'a ClusterName,
    pub(super) line: &'a Arc<Line>,
    pub(super) accounts: &'a Accounts,
    pub(super) browsers: &'a Browsers,
    pub(super) capture: &'a Option<Arc<Capture>>,
}

impl Door<'_> {
    /// The address of an entry.
    pub(super) fn entry(&self, path: &str) -> Result<Url, ErrorKind> {
        self.line.base().join(path).map_err(|_| super::ended("enter"))
    }
}

/// A login, and what goes in and out with it.
pub(super) struct Stay {
    pub(super) username: String,
    /// None where the login page itself needs a browser.
    http: Option<Visitor>,
    driven: Option<Visitor>,
    pub(super) second: Second,
    _present: Present,
}

/// What was found to need a browser; it outlives a session.
#[derive(Default)]
pub(super) struct Scripted(BTreeSet<&'static str>);

impl Scripted {
    pub(super) fn add(&mut self, what: &'static str) {
        self.0.insert(what);
    }

    pub(super) fn has(&self, what: &str) -> bool {
        self.0.contains(what)
    }
}

/// The page where a login begins, opened ahead.
pub(super) struct Ahead {
    http: Http,
    loaded: Loaded,
}

impl Ahead {
    /// Opens it. What is wrong with it is told when somebody logs in.
    pub(super) async fn open(door: &Door<'_>, account: &Account) -> Option<Ahead> {
        Ahead::at(door, account, door.entry(ENTRIES[0]).ok()?).await.ok()
    }

    async fn at(door: &Door<'_>, account: &Account, entry: Url) -> Result<Ahead, ErrorKind> {
        let http = Http::new(Arc::clone(door.line), account.username.clone(), door.capture.clone());
        let loaded = http.look(ENTER, entry).await?;
        Ok(Ahead { http, loaded })
    }
}

impl Stay {
    /// Logs in. The account's password is sent at most once before it is known to be good.
    pub(super) async fn log_in(
        door: &Door<'_>,
        account: &Account,
        mut ahead: Option<Ahead>,
    ) -> Result<Stay, ErrorKind> {
        let mut pass = door.accounts.enter(door.cluster, account).await?;
        let username = account.username.clone();
        let mut last = None;
        for entry in ENTRIES {
            let url = door.entry(entry)?;
            let Ahead { http, loaded } = match ahead.take() {
                Some(ahead) => ahead,
                None => Ahead::at(door, account, url.clone()).await?,
            };
            let Loaded { page, status, retry_after, .. } = loaded;
            if status == 503 && retry_after.is_some() {
                let message = "IM and Presence Administration answered HTTP 503 Service Unavailable".to_owned();
                return Err(ErrorKind::Throttled { retry_after, message });
            }
            let Some(form) = login_form(&page.dom) else {
                if is_single_sign_on(&page) {
                    return Err(single_sign_on());
                }
                if status == 200 && !clickables(&page.dom).is_empty() {
                    return Ok(Stay::at(http, page, username));
                }
                last = Some(format!("HTTP {status}: {}", glimpse(&page.text())));
                continue;
            };
            let filled = match form.fill(&page.dom, account) {
                Ok(filled) => filled,
                Err(why) => {
                    let detail = format!("the login page `{}` {why}", page.title());
                    let driven = door.browsers.log_in(door, account, &url, pass).await;
                    return driven
                        .map(|driven| Stay {
                            username,
                            http: None,
                            driven: Some(driven),
                            second: Second::Gone(None),
                            _present: Present::now(),
                        })
                        .map_err(|kind| match kind {
                            ErrorKind::NeedsBrowser { detail: none } => {
                                ErrorKind::NeedsBrowser { detail: format!("{detail}; {none}") }
                            }
                            kind => kind,
                        });
                }
            };
            let after = http.send_login(&page, &filled).await?;
            // The container answers a wrong password with the form again, an error page, or a bare status; a 403 of
            // the login itself may be a wrong password too, and is not tried twice.
            let bare = after.status == 401 || (after.status == 403 && !after.redirected);
            if let Some(kind) = one_too_many(&page, &after.page, &username).filter(|_| !bare) {
                return Err(kind);
            }
            if bare || login_form(&after.page.dom).is_some() || says_refused(&after.page) {
                return Err(pass.refused());
            }
            if after.status == 200 && !clickables(&after.page.dom).is_empty() {
                pass.accepted();
                return Ok(Stay::at(http, after.page, username));
            }
            // The page after the login says nothing; the entry does, now that a session exists.
            let Loaded { page: entered, status, .. } = http.look(ENTER, url).await?;
            if let Some(kind) = one_too_many(&page, &entered, &username) {
                return Err(kind);
            }
            if login_form(&entered.dom).is_some() {
                return Err(pass.refused());
            }
            pass.accepted();
            if status == 403 {
                let detail = "IM and Presence Administration answered HTTP 403 after the login".to_owned();
                return Err(ErrorKind::Forbidden { username, detail });
            }
            if status == 200 {
                return Ok(Stay::at(http, entered, username));
            }
            last = Some(format!("HTTP {status}: {}", glimpse(&entered.text())));
        }
        let seen = last.unwrap_or_default();
        Err(ErrorKind::Unreachable { detail: format!("no administration page and no login page was found: {seen}") })
    }

    /// Logs in a second time, without a browser, where the password was taken lately. Whether that was the end of it,
    /// the first page will tell that is opened.
    pub(super) async fn log_in_again(door: &Door<'_>, account: &Account) -> Option<Visitor> {
        if !door.accounts.was_taken(door.cluster, account).await {
            return None;
        }
        let Ahead { http, loaded } = Ahead::open(door, account).await?;
        let filled = login_form(&loaded.page.dom)?.fill(&loaded.page.dom, account).ok()?;
        http.send_login_only(&loaded.page, &filled).await.ok()?;
        Some(Visitor::new(Engine::Http(http)))
    }

    fn at(http: Http, home: super::page::Page, username: String) -> Stay {
        let mut visitor = Visitor::new(Engine::Http(http));
        visitor.home = Some(home);
        visitor.home_is_new = true;
        Stay { username, http: Some(visitor), driven: None, second: Second::Wanted, _present: Present::now() }
    }

    /// Logs everybody out, while whoever calls this goes on; [`leaving`] tells when it is done.
    ///
    /// An account has no more than ten sessions at a time, by default, and one that nobody ends counts for half an hour
    /// (`set webapp session maxlimit`).
    pub(super) fn leave(self) {
        let Stay { http, driven, second, .. } = self;
        let second = match second {
            Second::Here(visitor) | Second::Gone(Some(visitor)) => Some(*visitor),
            Second::Wanted | Second::Gone(None) => None,
        };
        // the second one kept no page where the way out could be found
        let exit = http.as_ref().and_then(Visitor::exit);
        let mut ways: Vec<(Visitor, Url)> =
            [http, second].into_iter().flatten().filter_map(|visitor| Some((visitor, exit.clone()?))).collect();
        // a browser may have logged in by itself
        ways.extend(driven.and_then(|visitor| visitor.exit().map(|exit| (visitor, exit))));
        leaving::go_on(ways.into_iter().map(|(visitor, exit)| visitor.leave(exit)));
    }

    /// The visitor without a browser, where there can be one.
    pub(super) fn plain(&mut self) -> Option<&mut Visitor> {
        self.http.as_mut()
    }

    /// The visitor without a browser, and the one who helps with long lists.
    pub(super) fn both(&mut self) -> Option<(&mut Visitor, &mut Second)> {
        Some((self.http.as_mut()?, &mut self.second))
    }

    /// The visitor with a browser, which is started when it is first asked for.
    pub(super) async fn driven(&mut self, door: &Door<'_>, account: &Account) -> Result<&mut Visitor, ErrorKind> {
        if self.driven.as_ref().is_none_or(|visitor| !visitor.lives()) {
            self.driven = None;
            let http = self.http.as_ref().ok_or_else(|| super::ended("enter"))?;
            self.driven = Some(door.browsers.take_over(door, http, account).await?);
        }
        self.driven.as_mut().ok_or_else(|| super::ended("enter"))
    }
}

/// The verdict on an account that a browser logged in with.
#[cfg(feature = "browser")]
pub(super) fn judge_login(pages: &[super::page::Page], mut pass: Pass) -> Result<(), ErrorKind> {
    if pages.iter().any(|page| login_form(&page.dom).is_some() || says_refused(page)) {
        return Err(pass.refused());
    }
    if pages.iter().any(is_single_sign_on) {
        return Err(single_sign_on());
    }
    pass.accepted();
    Ok(())
}

//! The administration pages, driven by what the procedure names: menu texts, labels, button texts. Never by a URL, a
//! field's id or a position. One login per node and account; what a visitor does there is done one thing at a time.

mod browser;
mod capture;
mod edits;
mod facts;
mod html;
mod listing;
mod login;
mod menus;
mod notifications;
mod page;
mod panel;
mod parameters;
mod peer_edits;
mod peers;
mod redact;
mod refusals;
mod troubleshooter;

use std::sync::Arc;

use tokio::sync::{Mutex, MutexGuard};

use self::browser::{Browser, Loaded, Trouble};
use self::login::{is_single_sign_on, login_form, says_refused};
use super::accounts::Accounts;
use super::transport::Line;
use crate::cluster::{
    Account, Check, ClusterName, ErrorKind, ImAddressScheme, NodeName, Notification, Parameter, Peer, PeerStatus,
    SyncStatus, TopologyFacts,
};

pub(super) use capture::{Capture, Captures};
pub(super) use edits::Edit;

/// Where IM and Presence Administration is entered; everything else is found from there.
const ENTRIES: [&str; 2] = ["cupadmin/", "cupadmin/showHome.do"];

/// The administration pages of one node.
pub(super) struct Pages {
    cluster: ClusterName,
    line: Arc<Line>,
    accounts: Arc<Accounts>,
    browser: Mutex<Option<(String, Browser)>>,
    capture: Option<Arc<Capture>>,
}

/// A logged-in stay on the pages. The session may end under way; then it logs in again once.
struct Visit<'a> {
    pages: &'a Pages,
    account: &'a Account,
    session: MutexGuard<'a, Option<(String, Browser)>>,
    renewed: bool,
}

/// Reads with a visit, once more where the session had ended.
macro_rules! read {
    ($pages:expr, $account:expr, $read:path $(, $argument:expr)*) => {{
        let mut visit = $pages.visit($account).await?;
        loop {
            let outcome = $read(visit.browser()? $(, $argument)*).await;
            if let Some(outcome) = visit.settle(outcome).await {
                return outcome;
            }
        }
    }};
}

impl Pages {
    pub(super) fn new(
        cluster: ClusterName,
        line: Arc<Line>,
        accounts: Arc<Accounts>,
        capture: Option<Capture>,
    ) -> Pages {
        Pages { cluster, line, accounts, browser: Mutex::new(None), capture: capture.map(Arc::new) }
    }

    /// What went wrong, with the place where the page is kept, if pages are kept.
    fn kept(&self, kind: ErrorKind) -> ErrorKind {
        match &self.capture {
            Some(capture) => capture.note(kind),
            None => kind,
        }
    }

    /// The peers.
    pub(super) async fn peers(&self, account: &Account) -> Result<Vec<Peer>, ErrorKind> {
        let peers: Result<Vec<(Peer, peers::PeerPage)>, ErrorKind> = async { read!(self, account, peers::all) }.await;
        Ok(peers?.into_iter().map(|(peer, _)| peer).collect())
    }

    /// The status panel of a peer.
    pub(super) async fn peer_status(&self, account: &Account, address: &NodeName) -> Result<PeerStatus, ErrorKind> {
        read!(self, account, panel::read, address)
    }

    /// `Sync Status` of the dashboard.
    pub(super) async fn sync_status(&self, account: &Account) -> Result<SyncStatus, ErrorKind> {
        read!(self, account, facts::sync_status)
    }

    /// System > Presence Topology.
    pub(super) async fn topology(&self, account: &Account) -> Result<TopologyFacts, ErrorKind> {
        read!(self, account, facts::topology)
    }

    /// The scheme of IM addresses, where a page shows it.
    pub(super) async fn im_address_scheme(&self, account: &Account) -> Result<Option<ImAddressScheme>, ErrorKind> {
        read!(self, account, facts::im_address_scheme)
    }

    /// The active notifications.
    pub(super) async fn notifications(&self, account: &Account) -> Result<Vec<Notification>, ErrorKind> {
        read!(self, account, notifications::read)
    }

    /// The System Troubleshooter.
    pub(super) async fn troubleshooter(&self, account: &Account) -> Result<Vec<Check>, ErrorKind> {
        read!(self, account, troubleshooter::read)
    }

    /// The parameters of a service on a node.
    pub(super) async fn parameters(
        &self,
        account: &Account,
        node: &NodeName,
        service: &str,
    ) -> Result<Vec<Parameter>, ErrorKind> {
        read!(self, account, parameters::read, node, service)
    }

    /// Writes, and reads back whether it took effect.
    ///
    /// A session that ends under way leaves the write in doubt; it is repeated only when reading back shows that it
    /// did not take effect.
    pub(super) async fn edit(&self, account: &Account, edit: &Edit<'_>) -> Result<(), ErrorKind> {
        self.write(account, edit).await.map_err(|kind| self.kept(kind))
    }

    async fn write(&self, account: &Account, edit: &Edit<'_>) -> Result<(), ErrorKind> {
        let mut visit = self.visit(account).await?;
        let verdict = match edit.carry_out(visit.browser()?).await {
            Ok(verdict) => verdict,
            Err(Trouble::Kind(kind)) => return Err(kind),
            Err(Trouble::LoggedOut) => {
                visit.renew().await?;
                if self.read_back(&mut visit, edit).await? == Some(true) {
                    return Ok(());
                }
                match edit.carry_out(visit.browser()?).await {
                    Ok(verdict) => verdict,
                    Err(Trouble::Kind(kind)) => return Err(kind),
                    Err(Trouble::LoggedOut) => return Err(ended("write")),
                }
            }
        };
        let done = self.read_back(&mut visit, edit).await;
        edits::conclude(verdict, done)
    }

    async fn read_back(&self, visit: &mut Visit<'_>, edit: &Edit<'_>) -> Result<Option<bool>, ErrorKind> {
        loop {
            let outcome = edit.is_done(visit.browser()?).await;
            if let Some(outcome) = visit.settle(outcome).await {
                return outcome;
            }
        }
    }

    /// Waits for the pages to be free, and logs in where nobody is.
    async fn visit<'a>(&'a self, account: &'a Account) -> Result<Visit<'a>, ErrorKind> {
        let session = self.browser.lock().await;
        let known = session.as_ref().is_some_and(|(username, _)| *username == account.username);
        let mut visit = Visit { pages: self, account, session, renewed: false };
        if !known {
            visit.log_in().await?;
        }
        Ok(visit)
    }

    async fn log_in(&self, account: &Account) -> Result<Browser, ErrorKind> {
        let mut pass = self.accounts.enter(&self.cluster, account).await?;
        let mut browser = Browser::new(Arc::clone(&self.line), account.username.clone(), self.capture.clone());
        let mut last = None;
        for entry in ENTRIES {
            let url = browser.address(entry).ok_or_else(|| ended("enter"))?;
            let Loaded { page, status, .. } = browser.look("enter the administration pages", url.clone()).await?;
            let Some(form) = login_form(&page.dom) else {
                if is_single_sign_on(&page) {
                    return Err(browser::single_sign_on());
                }
                if status == 200 && !html::clickables(&page.dom).is_empty() {
                    browser.home = Some(page);
                    return Ok(browser);
                }
                last = Some(format!("HTTP {status}: {}", super::soap::glimpse(&page.text())));
                continue;
            };
            let filled = form
                .fill(&page.dom, account)
                .map_err(|why| ErrorKind::Unsupported { detail: format!("the login page `{}` {why}", page.title()) })?;
            let after = browser.send_login(&page, &filled).await?;
            // The container answers a wrong password with the form again, an error page, or a bare status; a 403 of
            // the login itself may be a wrong password too, and is not tried twice.
            let bare = after.status == 401 || (after.status == 403 && !after.redirected);
            if bare || login_form(&after.page.dom).is_some() || says_refused(&after.page) {
                return Err(pass.refused());
            }
            if after.status == 200 && !html::clickables(&after.page.dom).is_empty() {
                pass.accepted();
                browser.home = Some(after.page);
                return Ok(browser);
            }
            // The page after the login says nothing; the entry does, now that a session exists.
            let Loaded { page, status, .. } = browser.look("enter the administration pages", url).await?;
            if login_form(&page.dom).is_some() {
                return Err(pass.refused());
            }
            pass.accepted();
            if status == 403 {
                let detail = "IM and Presence Administration answered HTTP 403 after the login".to_owned();
                return Err(ErrorKind::Forbidden { username: account.username.clone(), detail });
            }
            if status == 200 {
                browser.home = Some(page);
                return Ok(browser);
            }
            last = Some(format!("HTTP {status}: {}", super::soap::glimpse(&page.text())));
        }
        let seen = last.unwrap_or_default();
        Err(ErrorKind::Unreachable { detail: format!("no administration page and no login page was found: {seen}") })
    }
}

impl Visit<'_> {
    fn browser(&mut self) -> Result<&mut Browser, ErrorKind> {
        self.session.as_mut().map(|(_, browser)| browser).ok_or_else(|| ended("read"))
    }

    async fn log_in(&mut self) -> Result<(), ErrorKind> {
        *self.session = None;
        let browser = self.pages.log_in(self.account).await.map_err(|kind| self.pages.kept(kind))?;
        *self.session = Some((self.account.username.clone(), browser));
        Ok(())
    }

    /// Logs in again, once.
    async fn renew(&mut self) -> Result<(), ErrorKind> {
        if std::mem::replace(&mut self.renewed, true) {
            return Err(ended("read"));
        }
        tracing::debug!(cluster = %self.pages.cluster, "the session on the pages had ended");
        self.log_in().await
    }

    /// The outcome of a read, or none when it is to be read again in a new session.
    async fn settle<T>(&mut self, outcome: Result<T, Trouble>) -> Option<Result<T, ErrorKind>> {
        match outcome {
            Ok(value) => Some(Ok(value)),
            Err(Trouble::Kind(kind)) => Some(Err(self.pages.kept(kind))),
            Err(Trouble::LoggedOut) => match self.renew().await {
                Ok(()) => None,
                Err(kind) => Some(Err(kind)),
            },
        }
    }
}

fn ended(what: &str) -> ErrorKind {
    ErrorKind::Malformed {
        detail: format!("the session on the administration pages ended again while going to {what}"),
    }
}

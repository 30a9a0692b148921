//! The administration pages, driven by what the procedure names: menu texts, labels, button texts. Never by a URL, a
//! field's id or a position. One login per node and account, and a [`second`] one for long lists; what a visitor does
//! there is done one thing at a time.
//!
//! A [`visitor`] looks at pages through one of two engines: plain HTTP (`http`), or a real browser (`driven`, with the
//! feature `browser`), which shows them after all scripts. `pages: auto` begins with HTTP and takes the browser for what
//! turns out to need one, always before anything is written. What neither can do is told as clicks (`by_hand`).

mod browsers;
mod by_hand;
mod capture;
#[cfg(feature = "browser")]
mod driven;
mod edits;
mod facts;
mod html;
mod http;
mod leaving;
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
mod second;
mod stay;
mod troubleshooter;
mod visitor;
mod walk;

use std::sync::{Arc, Mutex as Lock, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, MutexGuard};

use self::by_hand::Tried;
use self::second::Second;
use self::stay::{Ahead, Door, Scripted, Stay};
use self::visitor::{Trouble, Visitor};
use super::accounts::Accounts;
use super::transport::Line;
use crate::cluster::Pages as Mode;
use crate::cluster::{
    Account, Check, ClusterName, ErrorKind, ImAddressScheme, NodeName, Notification, Parameter, Peer, PeerStatus,
    SyncStatus, TopologyFacts, Walk,
};

pub(super) use browsers::Browsers;
pub(super) use by_hand::clicks;
pub(super) use capture::{Capture, Captures};
pub(super) use edits::Edit;
pub use leaving::everybody_left;

/// A peer with its status panel, or why that was not read.
type WithStatus = (Peer, Result<PeerStatus, ErrorKind>);

/// The administration pages of one node.
pub(super) struct Pages {
    cluster: ClusterName,
    line: Arc<Line>,
    accounts: Arc<Accounts>,
    browsers: Arc<Browsers>,
    mode: Mode,
    scripted: Lock<Scripted>,
    session: Mutex<Option<Stay>>,
    /// Since when nobody is let in, for another reason than the password, and what the node said.
    shut: Lock<Option<(Instant, ErrorKind)>>,
    capture: Option<Arc<Capture>>,
}

/// So long nobody logs in where an account had as many sessions as it may have, or may see no page.
const SHUT: Duration = Duration::from_secs(60);

/// A logged-in stay on the pages. The session may end under way; then it logs in again once.
struct Visit<'a> {
    pages: &'a Pages,
    account: &'a Account,
    session: MutexGuard<'a, Option<Stay>>,
    /// What it is for.
    what: &'static str,
    renewed: bool,
}

/// Reads with a visit, once more where the session had ended, and once more where the page needs a browser.
macro_rules! read {
    ($pages:expr, $account:expr, $read:path $(, $argument:expr)*) => {{
        let mut visit = $pages.visit($account, stringify!($read)).await?;
        loop {
            let outcome = $read(visit.visitor().await? $(, $argument)*).await;
            if let Some(outcome) = visit.settle(outcome).await {
                return outcome.map_err(|kind| by_hand::in_the_end(kind, visit.tried()));
            }
        }
    }};
}

impl Pages {
    pub(super) fn new(
        cluster: ClusterName,
        line: Arc<Line>,
        accounts: Arc<Accounts>,
        browsers: Arc<Browsers>,
        mode: Mode,
        capture: Option<Capture>,
    ) -> Pages {
        let (scripted, session, shut, capture) =
            (Lock::default(), Mutex::default(), Lock::default(), capture.map(Arc::new));
        Pages { cluster, line, accounts, browsers, mode, scripted, session, shut, capture }
    }

    /// What went wrong, with the place where the page is kept, if pages are kept.
    fn kept(&self, kind: ErrorKind) -> ErrorKind {
        match &self.capture {
            Some(capture) => capture.note(kind),
            None => kind,
        }
    }

    /// Opens the page where the login begins, and logs in as soon as the node has taken another account; unless somebody
    /// is logged in, or is about to. What is wrong the next read tells.
    pub(super) async fn approach(&self, account: &Account, other: &Account) {
        let Ok(mut session) = self.session.try_lock() else { return };
        if session.is_some() {
            return;
        }
        let ahead = Ahead::open(&self.door(), account).await;
        if ahead.is_some() && self.accounts.was_taken(&self.cluster, other).await {
            *session = self.log_in(account, ahead).await.ok();
        }
    }

    /// The peers.
    pub(super) async fn peers(&self, account: &Account) -> Result<Vec<Peer>, ErrorKind> {
        read!(self, account, peers::all)
    }

    /// The status panel of a peer.
    pub(super) async fn peer_status(&self, account: &Account, address: &NodeName) -> Result<PeerStatus, ErrorKind> {
        read!(self, account, panel::read, address)
    }

    /// All peers with their status panels. A panel that needs a browser is read once more, in one.
    pub(super) async fn peers_with_status(&self, account: &Account) -> Result<Vec<WithStatus>, ErrorKind> {
        let mut peers = self.by_two(account).await?;
        for (peer, status) in &mut peers {
            match status {
                Err(ErrorKind::NeedsBrowser { .. }) => *status = self.peer_status(account, &peer.address).await,
                Err(kind) => *kind = self.kept(kind.clone()),
                Ok(_) => {}
            }
        }
        Ok(peers)
    }

    /// The same; a long list is read by two logins, unless a browser is needed.
    async fn by_two(&self, account: &Account) -> Result<Vec<WithStatus>, ErrorKind> {
        let mut visit = self.visit(account, "read the peers with their status").await?;
        loop {
            let log_in = async || Stay::log_in_again(&self.door(), account).await;
            let outcome = match visit.is_driven() {
                true => second::all(visit.visitor().await?, &mut Second::Gone(None), log_in).await,
                false => {
                    let (first, second) = visit.both()?;
                    second::all(first, second, log_in).await
                }
            };
            if let Some(outcome) = visit.settle(outcome).await {
                return outcome.map_err(|kind| by_hand::in_the_end(kind, visit.tried()));
            }
        }
    }

    /// What the topology page and the dashboard tell.
    pub(super) async fn provisioning(&self, account: &Account) -> Result<facts::Provisioned, ErrorKind> {
        read!(self, account, facts::provisioning)
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
        read!(self, account, parameters::all, node, service)
    }

    /// Goes to where the edits would be made, up to the button, and presses nothing that writes.
    pub(super) async fn walk(&self, account: &Account, walks: &[Walk]) -> Result<(), ErrorKind> {
        for walk in walks {
            let mut visit = self.visit(account, walk::what(walk)).await?;
            loop {
                let outcome = walk::to_the_button(visit.visitor().await?, walk).await;
                match visit.settle_edit(outcome).await {
                    None => {}
                    // what is not there yet, or no more, is the step's matter
                    Some(Err(kind)) if !walk::is_missing(&kind) => {
                        return Err(self.by_hand(kind, visit.tried(), || walk::clicks(walk, self.line.node())));
                    }
                    Some(_) => break,
                }
            }
        }
        Ok(())
    }

    /// Writes, and reads back whether it took effect.
    ///
    /// A session that ends under way leaves the write in doubt; it is repeated only when reading back shows that it
    /// did not take effect.
    pub(super) async fn edit(&self, account: &Account, edit: &Edit<'_>) -> Result<(), ErrorKind> {
        self.write(account, edit).await.map_err(|kind| self.kept(kind))
    }

    async fn write(&self, account: &Account, edit: &Edit<'_>) -> Result<(), ErrorKind> {
        let mut visit = self.visit(account, edit.what()).await?;
        let verdict = loop {
            let outcome = edit.carry_out(visit.fresh().await?).await;
            match outcome {
                Err(Trouble::LoggedOut) if !visit.renewed => {
                    let wrote = visit.visitor().await?.wrote;
                    let in_doubt = |kind: ErrorKind| match wrote {
                        true => {
                            ErrorKind::Unknown { detail: format!("the session ended, and reading back failed: {kind}") }
                        }
                        false => kind,
                    };
                    visit.renew().await.map_err(in_doubt)?;
                    if self.read_back(&mut visit, edit).await.map_err(in_doubt)? == Some(true) {
                        return Ok(());
                    }
                }
                Err(Trouble::LoggedOut) => return Err(ended("write")),
                outcome => {
                    if let Some(outcome) = visit.settle_edit(outcome).await {
                        let clicks = || clicks(edit, self.line.node());
                        break outcome.map_err(|kind| self.by_hand(kind, visit.tried(), clicks))?;
                    }
                }
            }
        };
        let done = self.read_back(&mut visit, edit).await;
        edits::conclude(verdict, done)
    }

    async fn read_back(&self, visit: &mut Visit<'_>, edit: &Edit<'_>) -> Result<Option<bool>, ErrorKind> {
        loop {
            let outcome = edit.is_done(visit.visitor().await?).await;
            if let Some(outcome) = visit.settle(outcome).await {
                return outcome;
            }
        }
    }

    /// Waits for the pages to be free, and logs in where nobody is.
    async fn visit<'a>(&'a self, account: &'a Account, what: &'static str) -> Result<Visit<'a>, ErrorKind> {
        let session = self.session.lock().await;
        let known = session.as_ref().is_some_and(|stay| stay.username == account.username);
        let mut visit = Visit { pages: self, account, session, what, renewed: false };
        if !known {
            visit.log_in().await?;
        }
        Ok(visit)
    }

    /// Logs in, unless that was one login too many a short time ago, or of no use.
    async fn log_in(&self, account: &Account, ahead: Option<Ahead>) -> Result<Stay, ErrorKind> {
        let shut = || self.shut.lock().unwrap_or_else(PoisonError::into_inner);
        let said = shut().as_ref().filter(|(since, _)| since.elapsed() < SHUT).map(|(_, kind)| kind.clone());
        if let Some(kind) = said {
            return Err(kind);
        }
        let outcome = Stay::log_in(&self.door(), account, ahead).await;
        // who may see no page would log in for each of them
        if let Err(kind @ (ErrorKind::Refused { .. } | ErrorKind::Forbidden { .. })) = &outcome {
            *shut() = Some((Instant::now(), kind.clone()));
        }
        outcome.map_err(|kind| self.kept(kind))
    }

    fn door(&self) -> Door<'_> {
        Door {
            cluster: &self.cluster,
            line: &self.line,
            accounts: &self.accounts,
            browsers: &self.browsers,
            capture: &self.capture,
        }
    }

    /// What is left for a person, with the place where the page is kept.
    fn by_hand(&self, kind: ErrorKind, tried: Tried, clicks: impl FnOnce() -> Vec<String>) -> ErrorKind {
        match walk::is_missing(&kind) {
            true => kind,
            false => by_hand::instead(self.kept(kind), tried, clicks),
        }
    }

    fn is_scripted(&self, what: &str) -> bool {
        self.scripted.lock().unwrap_or_else(PoisonError::into_inner).has(what)
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        if let Some(stay) = self.session.get_mut().take() {
            stay.leave();
        }
    }
}

impl Visit<'_> {
    /// The visitor with the engine that this is done with.
    async fn visitor(&mut self) -> Result<&mut Visitor, ErrorKind> {
        let driven = self.is_driven();
        let stay = self.session.as_mut().ok_or_else(|| ended("read"))?;
        match driven {
            true => stay.driven(&self.pages.door(), self.account).await,
            false => stay.plain().ok_or_else(|| ended("read")),
        }
    }

    /// The same, which has written nothing yet.
    async fn fresh(&mut self) -> Result<&mut Visitor, ErrorKind> {
        let visitor = self.visitor().await?;
        visitor.wrote = false;
        Ok(visitor)
    }

    /// The visitor without a browser, and the second one.
    fn both(&mut self) -> Result<(&mut Visitor, &mut Second), ErrorKind> {
        self.session.as_mut().and_then(Stay::both).ok_or_else(|| ended("read"))
    }

    fn is_driven(&mut self) -> bool {
        match self.pages.mode {
            Mode::Browser => true,
            Mode::Http => false,
            Mode::Auto => {
                let plain = self.session.as_mut().is_some_and(|stay| stay.plain().is_some());
                !plain || self.pages.is_scripted(self.what)
            }
        }
    }

    fn tried(&mut self) -> Tried {
        Tried::with(self.pages.mode, self.is_driven())
    }

    async fn log_in(&mut self) -> Result<(), ErrorKind> {
        if let Some(stay) = self.session.take() {
            stay.leave();
        }
        *self.session = Some(self.pages.log_in(self.account, None).await?);
        Ok(())
    }

    /// Logs in again, once.
    async fn renew(&mut self) -> Result<(), ErrorKind> {
        if std::mem::replace(&mut self.renewed, true) {
            return Err(ended("read"));
        }
        tracing::debug!(cluster = %self.pages.cluster, "the session on the pages had ended");
        let alone = self.session.as_ref().is_some_and(|stay| matches!(stay.second, Second::Gone(_)));
        self.log_in().await?;
        if let Some(stay) = self.session.as_mut().filter(|_| alone) {
            stay.second = Second::Gone(None);
        }
        Ok(())
    }

    /// Takes the browser from now on, where the mesh file leaves the choice.
    async fn take_browser(&mut self) -> Result<bool, ErrorKind> {
        if self.pages.mode != Mode::Auto || self.is_driven() {
            return Ok(false);
        }
        let stay = self.session.as_mut().ok_or_else(|| ended("read"))?;
        stay.driven(&self.pages.door(), self.account).await?;
        tracing::debug!(cluster = %self.pages.cluster, what = self.what, "a browser is needed, and taken");
        self.pages.scripted.lock().unwrap_or_else(PoisonError::into_inner).add(self.what);
        Ok(true)
    }

    /// The outcome of a read, or none when it is to be read again in a new session or with a browser.
    async fn settle<T>(&mut self, outcome: Result<T, Trouble>) -> Option<Result<T, ErrorKind>> {
        match outcome {
            Ok(value) => Some(Ok(value)),
            Err(Trouble::Kind(ErrorKind::NeedsBrowser { detail })) => match self.take_browser().await {
                Ok(true) => None,
                Ok(false) => Some(Err(ErrorKind::NeedsBrowser { detail })),
                Err(ErrorKind::NeedsBrowser { detail: none }) => {
                    Some(Err(ErrorKind::NeedsBrowser { detail: format!("{detail}; {none}") }))
                }
                Err(kind) => Some(Err(kind)),
            },
            Err(Trouble::Kind(kind)) => Some(Err(self.pages.kept(kind))),
            Err(Trouble::LoggedOut) => match self.renew().await {
                Ok(()) => None,
                Err(kind) => Some(Err(kind)),
            },
        }
    }

    /// The same for an edit: a label that is not there may be there after a script, and what was sent is sent.
    async fn settle_edit<T>(&mut self, outcome: Result<T, Trouble>) -> Option<Result<T, ErrorKind>> {
        let wrote = self.visitor().await.is_ok_and(|visitor| visitor.wrote);
        match outcome {
            Err(Trouble::Kind(ErrorKind::NeedsBrowser { detail })) if wrote => {
                let detail = format!("a part was sent already, and the rest needs a browser: {detail}");
                Some(Err(ErrorKind::Unknown { detail }))
            }
            Err(Trouble::Kind(kind @ ErrorKind::NotFound { .. })) if !wrote => match self.take_browser().await {
                Ok(true) => None,
                _ => Some(Err(kind)),
            },
            outcome => self.settle(outcome).await,
        }
    }
}

fn ended(what: &str) -> ErrorKind {
    ErrorKind::Malformed {
        detail: format!("the session on the administration pages ended again while going to {what}"),
    }
}

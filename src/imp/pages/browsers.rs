//! Whether a browser can be had, and what is said where it cannot.

use url::Url;

use super::stay::Door;
use super::visitor::Visitor;
use crate::cluster::{Account, ErrorKind};
use crate::imp::accounts::Pass;

#[cfg(feature = "browser")]
use super::{driven::Drivers, stay::ENTRIES, visitor::Engine};

/// The browsers of a fleet.
#[derive(Default)]
pub(in super::super) struct Browsers {
    #[cfg(feature = "browser")]
    drivers: Drivers,
}

#[cfg(feature = "browser")]
impl Browsers {
    /// A browser that goes on with the session of an HTTP visitor.
    pub(super) async fn take_over(
        &self,
        door: &Door<'_>,
        visitor: &Visitor,
        account: &Account,
    ) -> Result<Visitor, ErrorKind> {
        let Engine::Http(http) = &visitor.engine else { return Err(super::ended("enter")) };
        // What answered the login form itself cannot be opened like a page.
        let home = visitor.home.as_ref().map(|home| home.url.clone());
        let home =
            home.filter(|home| !home.path().ends_with("j_security_check")).or_else(|| door.entry(ENTRIES[0]).ok());
        let home = home.ok_or_else(|| super::ended("enter"))?;
        let pass = async || door.accounts.enter(door.cluster, account).await;
        super::driven::take_over(&self.drivers, door, http, &home, account, pass).await
    }

    /// A browser that logs in by the form at a page.
    pub(super) async fn log_in(
        &self,
        door: &Door<'_>,
        account: &Account,
        entry: &Url,
        pass: Pass,
    ) -> Result<Visitor, ErrorKind> {
        super::driven::log_in(&self.drivers, door, account, entry, pass).await
    }
}

#[cfg(not(feature = "browser"))]
impl Browsers {
    /// None is built in.
    pub(super) async fn take_over(&self, _: &Door<'_>, _: &Visitor, _: &Account) -> Result<Visitor, ErrorKind> {
        Err(none())
    }

    /// None is built in.
    pub(super) async fn log_in(&self, _: &Door<'_>, _: &Account, _: &Url, _: Pass) -> Result<Visitor, ErrorKind> {
        Err(none())
    }
}

#[cfg(not(feature = "browser"))]
fn none() -> ErrorKind {
    ErrorKind::NeedsBrowser { detail: "this intermesh was built without one".to_owned() }
}

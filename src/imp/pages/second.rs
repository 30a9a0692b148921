//! Long lists of peers are read by two logins, as two administrators would read them. Nobody knows whether what a page
//! shows is kept in the session, so no session is asked for two pages at a time; two sessions may be.
//!
//! The second login is a convenience: whatever is wrong with it, the first goes on alone, and there is no other second
//! one. It is never a verdict on the account. Only to slow down is told to both.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use futures::future::try_join;
use url::Url;

use super::WithStatus;
use super::listing::Entry;
use super::visitor::{Trouble, Visitor};
use super::{panel, peers};
use crate::cluster::ErrorKind;

/// From this many entries on a login and a logout, which are up to four requests, save more than as many after each other.
const WORTH_A_LOGIN: usize = 12;

/// The second login on a node's pages.
pub(super) enum Second {
    /// It was not needed yet.
    Wanted,
    /// It is there.
    Here(Box<Visitor>),
    /// It was of no use, or there may be none. It may still have to log out.
    Gone(Option<Box<Visitor>>),
}

impl Second {
    /// It is asked no more.
    pub(super) fn give_up(&mut self) {
        *self = match std::mem::replace(self, Second::Gone(None)) {
            Second::Here(visitor) => Second::Gone(Some(visitor)),
            other @ Second::Gone(_) => other,
            Second::Wanted => Second::Gone(None),
        };
    }
}

/// What is left of a list, each entry with its place. Who has time takes the next.
struct Left(Mutex<VecDeque<(usize, Entry)>>);

impl Left {
    fn take(&self) -> Option<(usize, Entry)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }

    fn give_back(&self, entry: (usize, Entry)) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_front(entry);
    }
}

/// An entry that was read.
struct Read {
    at: usize,
    url: Url,
    /// Whether the list names it by its address.
    named: bool,
    peer: WithStatus,
}

/// All peers with their status, each page opened once. `log_in` is for long lists only.
pub(super) async fn all(
    first: &mut Visitor,
    second: &mut Second,
    log_in: impl AsyncFnOnce() -> Option<Visitor>,
) -> Result<Vec<WithStatus>, Trouble> {
    let entries = peers::entries(first).await?;
    let is_long = entries.len() >= WORTH_A_LOGIN;
    let left = Left(Mutex::new(entries.into_iter().enumerate().collect()));
    let mut read = Vec::new();
    if is_long {
        match try_join(read_on(first, &left), help(second, log_in, &left)).await {
            Ok((mine, others)) => read.extend(mine.into_iter().chain(others)),
            Err(trouble) => {
                // it may be because of the other: a product that lets a user in once ends the older session
                second.give_up();
                return Err(trouble);
            }
        }
    }
    // all of a short list, and what the second gave back
    read.extend(read_on(first, &left).await?);
    read.sort_by_key(|read| read.at);
    first.listed_by_address = !read.is_empty() && read.iter().all(|read| read.named);
    let places = read.iter().map(|read| (read.peer.0.address.normal(), read.url.clone()));
    first.peers.extend(places);
    Ok(read.into_iter().map(|read| read.peer).collect())
}

async fn read_on(visitor: &mut Visitor, left: &Left) -> Result<Vec<Read>, Trouble> {
    let mut read = Vec::new();
    while let Some((at, entry)) = left.take() {
        read.push(read_one(visitor, at, entry).await?);
    }
    Ok(read)
}

async fn help(
    second: &mut Second,
    log_in: impl AsyncFnOnce() -> Option<Visitor>,
    left: &Left,
) -> Result<Vec<Read>, Trouble> {
    if matches!(second, Second::Wanted) {
        *second = log_in().await.map_or(Second::Gone(None), |visitor| Second::Here(Box::new(visitor)));
    }
    let mut read = Vec::new();
    while let Second::Here(visitor) = second
        && let Some((at, entry)) = left.take()
    {
        match read_one(visitor, at, entry.clone()).await {
            // Where an entry leads may depend on the session whose list it was in: only a page that is certainly the
            // entry's is taken.
            Ok(one) if one.named && one.peer.1.is_ok() => read.push(one),
            Err(Trouble::Kind(kind @ ErrorKind::Throttled { .. })) => return Err(kind.into()),
            // it never was in, or is out
            Err(Trouble::LoggedOut) => {
                left.give_back((at, entry));
                *second = Second::Gone(None);
            }
            _ => {
                left.give_back((at, entry));
                second.give_up();
            }
        }
    }
    Ok(read)
}

async fn read_one(visitor: &mut Visitor, at: usize, entry: Entry) -> Result<Read, Trouble> {
    let url = entry.url.clone();
    let opened = peers::open(visitor, entry).await?;
    let named = opened.named;
    Ok(Read { at, url, named, peer: panel::with_status(visitor, opened).await? })
}

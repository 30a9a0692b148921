//! What is written through the pages, and when it counts as done.

use super::refusals::Verdict;
use super::visitor::{Trouble, Visitor};
use super::{parameters, peer_edits, peers};
use crate::cluster::{ErrorKind, NewPeer, NodeName, PeerEdit};

/// A write through the pages.
pub(in super::super) enum Edit<'a> {
    Add(&'a NewPeer),
    Update { address: &'a NodeName, edit: &'a PeerEdit },
    Delete(&'a NodeName),
    Sync { address: &'a NodeName, certificates: bool },
    Parameter { node: &'a NodeName, service: &'a str, label: &'a str, value: &'a str },
}

/// What edits of peers are called, where it is remembered how they are done.
pub(super) const PEERS: &str = "edit the peers";
/// The same of parameters.
pub(super) const PARAMETERS: &str = "edit the parameters";

impl Edit<'_> {
    /// What it edits.
    pub(super) fn what(&self) -> &'static str {
        match self {
            Edit::Parameter { .. } => PARAMETERS,
            _ => PEERS,
        }
    }

    /// Carries it out once.
    pub(super) async fn carry_out(&self, visitor: &mut Visitor) -> Result<Verdict, Trouble> {
        match self {
            Edit::Add(peer) => peer_edits::add(visitor, peer).await,
            Edit::Update { address, edit } => peer_edits::update(visitor, address, edit).await,
            Edit::Delete(address) => peer_edits::delete(visitor, address).await,
            Edit::Sync { address, certificates } => peer_edits::force_sync(visitor, address, *certificates).await,
            Edit::Parameter { node, service, label, value } => {
                parameters::set(visitor, node, service, label, value).await
            }
        }
    }

    /// Reads back whether it took effect; none where reading back cannot tell.
    pub(super) async fn is_done(&self, visitor: &mut Visitor) -> Result<Option<bool>, Trouble> {
        match self {
            Edit::Add(peer) => {
                let page = peers::page_of(visitor, &peer.address).await?;
                let user = Some(peer.account.username.as_str());
                Ok(Some(page.is_some_and(|found| peer_edits::shows(&found.page, user, Some(peer.protocol)))))
            }
            Edit::Update { address, edit } => {
                let page = peers::page_of(visitor, address).await?;
                let user = edit.account.as_ref().map(|account| account.username.as_str());
                Ok(Some(page.is_some_and(|found| peer_edits::shows(&found.page, user, edit.protocol))))
            }
            Edit::Delete(address) => Ok(Some(peers::page_of(visitor, address).await?.is_none())),
            // The panel follows within a minute; waiting for it is not a matter of the pages.
            Edit::Sync { .. } => Ok(None),
            Edit::Parameter { node, service, label, value } => {
                let shown = parameters::value(visitor, node, service, label).await?;
                Ok(Some(shown.is_some_and(|shown| parameters::is_value(&shown, value))))
            }
        }
    }
}

/// What became of a write, from what the page said and what was read back.
pub(super) fn conclude(verdict: Verdict, done: Result<Option<bool>, ErrorKind>) -> Result<(), ErrorKind> {
    let unknown = |detail: String| Err(ErrorKind::Unknown { detail });
    match (verdict, done) {
        // the words tell which refusal it is: `ErrorKind::refusal`
        (Verdict::Known(_, message), _) => Err(ErrorKind::Refused { message }),
        // A message that merely sounds like a failure does not outweigh what is there now and was not before.
        (_, Ok(Some(true))) => Ok(()),
        (Verdict::Failure(message), _) => Err(ErrorKind::Refused { message }),
        (Verdict::Success(message), Ok(Some(false))) => {
            unknown(format!("the page says `{message}`, but what is read back is not what was written"))
        }
        (Verdict::Success(_), _) | (Verdict::Silent, Ok(None)) => Ok(()),
        (Verdict::Silent, Ok(Some(false))) => {
            unknown("the page shows neither success nor an error, and what is read back is not what was written".into())
        }
        (Verdict::Silent, Err(kind)) => {
            unknown(format!("the page shows neither success nor an error, and reading back failed: {kind}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::Refusal;

    #[test]
    fn a_write_counts_only_when_it_is_seen() {
        let says = |text: &str| text.to_owned();
        for (verdict, done, expected) in [
            (Verdict::Known(Refusal::Address, says("no")), Ok(Some(true)), "refused"),
            (Verdict::Failure(says("required item")), Ok(Some(true)), "done"),
            (Verdict::Failure(says("no")), Ok(Some(false)), "refused"),
            (Verdict::Success(says("added")), Ok(Some(true)), "done"),
            (Verdict::Success(says("added")), Ok(Some(false)), "unknown"),
            (Verdict::Silent, Ok(Some(true)), "done"),
            (Verdict::Silent, Ok(Some(false)), "unknown"),
            (Verdict::Silent, Ok(None), "done"),
            (Verdict::Silent, Err(ErrorKind::Unreachable { detail: says("cut") }), "unknown"),
        ] {
            let outcome = match conclude(verdict.clone(), done) {
                Ok(()) => "done",
                Err(ErrorKind::Refused { .. }) => "refused",
                Err(ErrorKind::Unknown { .. }) => "unknown",
                Err(_) => "other",
            };
            assert_eq!(outcome, expected, "{verdict:?}");
        }
    }
}

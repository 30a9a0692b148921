//! The account that an entry stores. Its user name can be read, its password cannot.

use super::{Compared, Diff, peers_of};
use crate::cluster::{CONNECTIVITY, Fact, Peer, same_user, service};
use crate::mesh::{Cluster, ClusterName};
use crate::plan::change::{AccountChange, AccountReason, Change, What};

impl AccountReason {
    /// Why, in a sentence.
    pub fn words(self) -> &'static str {
        match self {
            AccountReason::OtherUser => "its AXL Username differs from the file's",
            AccountReason::NotReachable => {
                "it is not reachable although the file's account is answered: its password may be an old one; if that \
                 is not it, look at names and ports with `intermesh doctor`"
            }
            AccountReason::Asked => "--replace-credentials; whether the password differs cannot be known",
        }
    }
}

impl Compared<'_> {
    /// The account of an entry, where it is to be written for what can be read of it or because somebody asks.
    pub(super) fn account(&self, other: &Cluster, peer: &Peer) -> Option<AccountChange> {
        let differs = |before: &String, after: &str| !same_user(before, after);
        let asked = self.options.replace_credentials.contains(&other.name);
        let written = self.written(other, peer, AccountReason::Asked)?;
        if peer.username.as_ref().is_some_and(|before| differs(before, &written.after)) {
            return Some(AccountChange { why: AccountReason::OtherUser, ..written });
        }
        asked.then_some(written)
    }

    fn written(&self, other: &Cluster, peer: &Peer, why: AccountReason) -> Option<AccountChange> {
        let credential = self.mesh.peer_account(other)?;
        let after = self.mesh.credentials.get(credential)?.username.clone();
        Some(AccountChange { before: peer.username.clone(), after, credential: credential.clone(), why })
    }

    /// Entries whose connectivity test fails while nothing else of the link is wrong and the other side answers the
    /// file's account: the stored password is the nearest cause that can be mended from here.
    pub(super) fn accounts(&self, diff: &mut Diff) {
        let mut found = Vec::new();
        for link in self.untouched(&diff.changes) {
            for (from, to) in link.pair.directions() {
                if let Some(account) = self.not_reachable(from, to) {
                    let Some(other) = self.cluster(to) else { continue };
                    let what = What::ChangePeer {
                        address: other.publisher.clone(),
                        to: to.clone(),
                        protocol: None,
                        account: Some(account),
                    };
                    let reason = AccountReason::NotReachable.words().to_owned();
                    let line = self.lines.line(&link.pointer);
                    found.push(Change { cluster: from.clone(), what, reason, line });
                }
            }
        }
        diff.changes.append(&mut found);
        self.accounts_of_changed(diff);
    }

    /// The same for entries that get another `Protocol`: the page may refuse to save them with an account that the other
    /// side does not answer, so the two are written together.
    fn accounts_of_changed(&self, diff: &mut Diff) {
        for change in &mut diff.changes {
            if let What::ChangePeer { to, account: account @ None, .. } = &mut change.what
                && let Some(written) = self.not_reachable(&change.cluster, to)
            {
                change.reason = format!("{}; {}", change.reason, written.why.words());
                *account = Some(written);
            }
        }
    }

    fn not_reachable(&self, from: &ClusterName, to: &ClusterName) -> Option<AccountChange> {
        let (here, there) = (self.cluster(from)?, self.cluster(to)?);
        let (read, other) = (self.snapshot.clusters.get(from)?, self.snapshot.clusters.get(to)?);
        let peer = peers_of(self.snapshot, from)?.iter().find(|p| p.address.same(&there.publisher))?;
        let status = read.peer_status.get(&peer.address)?.read()?;
        let test = status.entry(CONNECTIVITY)?;
        // the text that is published names the credentials among the causes (field-notes 1.3)
        let on_credentials = !test.is_good() && test.value.to_lowercase().contains("not reachable");
        let answered = other.probe == Fact::Read(());
        let back = peers_of(self.snapshot, to)?.iter().any(|p| p.address.same(&here.publisher));
        let unresolved =
            other.lookups.values().filter_map(Fact::read).any(|l| l.each().any(|l| l.addresses.is_empty()));
        let agent = |cluster: &Cluster, read: &crate::cluster::ClusterSnapshot| {
            let services = read.services.iter().find(|(node, _)| node.same(&cluster.publisher))?.1.read()?;
            let agent = services.iter().find(|s| s.name == service::ICSA)?;
            (agent.state == crate::cluster::ServiceState::Started).then_some(())
        };
        agent(here, read)?;
        (on_credentials && answered && back && !unresolved).then_some(())?;
        self.written(there, peer, AccountReason::NotReachable)
    }
}

//! What the last run left behind, by which a file that moved is told from a world that moved.

use jiff::Timestamp;

use super::finding::{Label, LastRun};
use crate::cluster::{Snapshot, same_value};
use crate::mesh::topology::{Pair, links};
use crate::mesh::{Cluster, ClusterName, Mesh, NodeName, State};
use crate::plan::facts::{About, NOT_SHOWN, value};

/// The last run, as far as it is known.
#[derive(Clone, Debug)]
pub struct Last {
    /// The run's name.
    pub run: String,
    /// When it ended.
    pub at: Timestamp,
    /// The facts that it and earlier runs made.
    pub facts: Vec<LastFact>,
    /// What the run was for, and what it read before it began; none where its plan is no longer kept.
    pub before: Option<Before>,
}

/// A fact as a run left it.
#[derive(Clone, Debug)]
pub struct LastFact {
    /// The cluster.
    pub cluster: ClusterName,
    /// What it is about.
    pub about: About,
    /// Its value, in the words of a plan's transition.
    pub value: String,
}

/// What a run began with.
#[derive(Clone, Debug)]
pub struct Before {
    /// The mesh file of that time.
    pub mesh: Mesh,
    /// What was read.
    pub snapshot: Snapshot,
}

impl Last {
    pub(super) fn run(&self) -> LastRun {
        LastRun { run: self.run.clone(), at: self.at }
    }

    /// What was read before the run of something that no run makes.
    pub(super) fn snapshot(&self) -> Option<&Snapshot> {
        self.before.as_ref().map(|before| &before.snapshot)
    }

    /// Who moved a fact that the file asks for: it was found as `found`, and is wanted as `wanted`.
    pub(super) fn label(&self, cluster: &ClusterName, about: &About, wanted: &str, found: &str) -> Option<Label> {
        let made = self.facts.iter().find(|fact| fact.cluster == *cluster && fact.about == *about);
        let read = || value(self.snapshot()?, cluster, about);
        let last = match made {
            Some(fact) => fact.value.clone(),
            // what needed no change was read before the run, and stayed; an entry that was made has the file's account
            None => self.account(cluster, about).or_else(read)?,
        };
        if last == NOT_SHOWN {
            return None;
        }
        Some(match (same_value(&last, wanted), same_value(&last, found)) {
            (true, _) => Label::Drifted,
            (false, true) => Label::Pending,
            (false, false) => Label::Both,
        })
    }

    /// Whether the file of that time asked for a peer.
    pub(super) fn asked_for(&self, cluster: &ClusterName, address: &NodeName) -> bool {
        let Some(Before { mesh, .. }) = &self.before else { return true };
        asked(mesh, cluster, address).is_some()
    }

    /// The user name that the file of that time had for a peer that it asked for.
    fn account(&self, cluster: &ClusterName, about: &About) -> Option<String> {
        let About::Account { address } = about else { return None };
        let mesh = &self.before.as_ref()?.mesh;
        let to = asked(mesh, cluster, address)?;
        Some(mesh.credentials.get(mesh.peer_account(to)?)?.username.clone())
    }

    /// Who moved what no file asks for, such as a service that stopped: the world, unless the file has brought the cluster
    /// in since.
    pub(super) fn label_of_cluster(&self, cluster: &ClusterName) -> Option<Label> {
        let made = self.facts.iter().any(|fact| fact.cluster == *cluster);
        let known = self
            .before
            .as_ref()
            .map(|before| before.mesh.clusters.iter().any(|c| c.name == *cluster && c.state == State::Present));
        match (made, known) {
            (true, _) | (_, Some(true)) => Some(Label::Drifted),
            (false, Some(false)) => Some(Label::Pending),
            (false, None) => None,
        }
    }

    /// The same of a link.
    pub(super) fn label_of_link(&self, pair: &Pair) -> Option<Label> {
        let known = self.before.as_ref().map(|before| links(&before.mesh).iter().any(|link| link.pair == *pair));
        match known {
            Some(true) => Some(Label::Drifted),
            Some(false) => Some(Label::Pending),
            None => self.label_of_cluster(pair.a()).and(self.label_of_cluster(pair.b())),
        }
    }
}

/// The cluster that a file asks a peer for.
fn asked<'a>(mesh: &'a Mesh, cluster: &ClusterName, address: &NodeName) -> Option<&'a Cluster> {
    let to = mesh.clusters.iter().find(|c| c.publisher.same(address))?;
    let pair = Pair::new(cluster, &to.name);
    links(mesh).iter().any(|link| link.pair == pair).then_some(to)
}

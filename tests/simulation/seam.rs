//! The way to a cluster, where requests and answers are lost, late or refused. Below it is the watcher of the laws, above
//! it the executor.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::future::BoxFuture;
use intermesh::cluster::{
    Check, ClusterName, CredentialName, Error, ErrorKind, Group, Identity, NewPeer, Node, NodeName, Notification,
    Observe, Operate, Parameter, Peer, PeerEdit, PeerStatus, Place, Result, Service, ServiceState, SyncStatus,
    TopologyFacts,
};

use crate::Mutant;
use crate::scenario::Ending;
use crate::stage::Stage;

/// A cluster at the end of a bad line.
pub struct Seam {
    pub inner: Arc<dyn Operate>,
    pub stage: Stage,
    pub mutant: Option<Mutant>,
}

/// What happens to an order.
enum Fate {
    Arrives,
    NotSent,
    Refused,
    Throttled,
    RequestLost,
    AnswerLost,
    /// It takes effect when nobody expects it any more; the time is less than what is waited for by the executor.
    Late(Duration),
}

impl Seam {
    fn error(&self, doing: &str, kind: ErrorKind) -> Error {
        Error { place: Place { cluster: self.inner.cluster().clone(), node: None }, doing: doing.to_owned(), kind }
    }

    /// The time on the line; mostly none worth a word.
    async fn line(&self) {
        self.stage.alive().await;
        let wait = {
            let mut inner = self.stage.lock();
            if inner.dice.below(8) == 0 { Some(Duration::from_millis(inner.dice.below(3_000) as u64)) } else { None }
        };
        if let Some(wait) = wait {
            tokio::time::sleep(wait).await;
            self.stage.alive().await;
        }
    }

    async fn read<T>(&self, what: &str, read: impl Future<Output = Result<T>> + Send) -> Result<T> {
        self.line().await;
        let fault = {
            let mut inner = self.stage.lock();
            if inner.seam_fails(1) { Some(inner.dice.below(4)) } else { None }
        };
        let answer = match fault {
            None => read.await,
            Some(0) => {
                self.stage.lock().count("asked to slow down");
                let retry_after = Some(Duration::from_secs(20));
                Err(self.error(what, ErrorKind::Throttled { retry_after, message: "Exceeded allowed rate".into() }))
            }
            Some(1) => {
                self.stage.lock().count("slow answer");
                tokio::time::sleep(Duration::from_secs(45)).await;
                read.await
            }
            Some(2) => {
                self.stage.lock().count("session ended");
                Err(self.error(what, ErrorKind::Unreachable { detail: "the session ended".into() }))
            }
            Some(_) => {
                self.stage.lock().count("read lost");
                Err(self.error(what, ErrorKind::Unreachable { detail: "connection reset".into() }))
            }
        };
        self.stage.tell(format_args!(
            "{} {what} {}",
            self.inner.cluster(),
            if answer.is_ok() { "ok" } else { "failed" }
        ));
        answer
    }

    fn fate(&self) -> Fate {
        let mut inner = self.stage.lock();
        if !inner.seam_fails(8) {
            return Fate::Arrives;
        }
        let (fate, word) = match inner.dice.below(7) {
            0 => (Fate::NotSent, "order not sent"),
            1 => (Fate::Refused, "order refused"),
            2 => (Fate::Throttled, "order throttled"),
            3 => (Fate::RequestLost, "order lost"),
            4 => (Fate::Late(Duration::from_secs(1 + inner.dice.below(60) as u64)), "order late"),
            _ => (Fate::AnswerLost, "answer lost"),
        };
        inner.count(word);
        fate
    }

    async fn order(&self, what: String, order: BoxFuture<'static, Result<()>>) -> Result<()> {
        self.line().await;
        let (ending, at) = self.stage.order(&what);
        if ending == Some(Ending::BeforeOrder(at)) {
            self.stage.die().await;
        }
        let unknown = |detail: &str| Err(self.error(&what, ErrorKind::Unknown { detail: detail.to_owned() }));
        let answer = match self.fate() {
            Fate::Arrives => order.await,
            Fate::NotSent => Err(self.error(&what, ErrorKind::Unreachable { detail: "connection refused".into() })),
            Fate::Refused => Err(self.error(&what, ErrorKind::Refused { message: "Operation is pending".into() })),
            Fate::Throttled => {
                let message = "Exceeded allowed rate".to_owned();
                Err(self.error(&what, ErrorKind::Throttled { retry_after: None, message }))
            }
            Fate::RequestLost => unknown("the connection was cut"),
            Fate::AnswerLost => {
                // whatever it would have been
                let _ = order.await;
                unknown("the answer did not come")
            }
            Fate::Late(wait) => {
                let (stage, what) = (self.stage.clone(), what.clone());
                self.stage.beside(async move {
                    tokio::time::sleep(wait).await;
                    let answer = order.await;
                    stage.tell(format_args!("late: {what} {}", if answer.is_ok() { "ok" } else { "refused" }));
                });
                unknown("no answer in time")
            }
        };
        let said = match &answer {
            Ok(()) => "ok".to_owned(),
            Err(error) => error.kind.to_string(),
        };
        self.stage.tell(format_args!("order: {what}: {said}"));
        if ending == Some(Ending::AfterOrder(at)) {
            self.stage.die().await;
        }
        answer
    }
}

#[async_trait]
impl Observe for Seam {
    fn cluster(&self) -> &ClusterName {
        self.inner.cluster()
    }
    async fn identity(&self) -> Result<Identity> {
        self.read("identity", self.inner.identity()).await
    }
    async fn nodes(&self) -> Result<Vec<Node>> {
        self.read("nodes", self.inner.nodes()).await
    }
    async fn services(&self, node: &NodeName) -> Result<Vec<Service>> {
        let mut found = self.read("services", self.inner.services(node)).await?;
        let hangs = self.stage.lock().hanging.get(node.as_str()).is_some_and(|until| self.stage.now() < *until);
        for service in found.iter_mut().filter(|s| hangs && s.state == ServiceState::Started) {
            (service.state, service.up_seconds) = (ServiceState::Starting, None);
        }
        Ok(found)
    }
    async fn sync_status(&self) -> Result<SyncStatus> {
        self.read("sync_status", self.inner.sync_status()).await
    }
    async fn peers(&self) -> Result<Vec<Peer>> {
        self.read("peers", self.inner.peers()).await
    }
    async fn peer_status(&self, address: &NodeName) -> Result<PeerStatus> {
        self.read("peer_status", self.inner.peer_status(address)).await
    }
    async fn notifications(&self) -> Result<Vec<Notification>> {
        self.read("notifications", self.inner.notifications()).await
    }
    async fn topology(&self) -> Result<TopologyFacts> {
        self.read("topology", self.inner.topology()).await
    }
    async fn troubleshooter(&self) -> Result<Vec<Check>> {
        self.read("troubleshooter", self.inner.troubleshooter()).await
    }
    async fn parameters(&self, node: &NodeName, service: &str, numbers: &[&str]) -> Result<Vec<Parameter>> {
        self.read("parameters", self.inner.parameters(node, service, numbers)).await
    }
    async fn users(&self) -> Result<u64> {
        self.read("users", self.inner.users()).await
    }
    async fn high_availability(&self) -> Result<Vec<Group>> {
        self.read("high_availability", self.inner.high_availability()).await
    }
    async fn answers_probe(&self, account: &CredentialName) -> Result<()> {
        self.read("answers_probe", self.inner.answers_probe(account)).await
    }
    async fn sessions(&self, node: &NodeName) -> Result<u64> {
        self.read("sessions", self.inner.sessions(node)).await
    }
}

#[async_trait]
impl Operate for Seam {
    async fn activate(&self, node: &NodeName, service: &str) -> Result<()> {
        let (inner, n, s) = (self.inner.clone(), node.clone(), service.to_owned());
        self.order(format!("activate {service} on {node}"), Box::pin(async move { inner.activate(&n, &s).await })).await
    }
    async fn start(&self, node: &NodeName, service: &str) -> Result<()> {
        let (inner, n, s) = (self.inner.clone(), node.clone(), service.to_owned());
        self.order(format!("start {service} on {node}"), Box::pin(async move { inner.start(&n, &s).await })).await
    }
    async fn restart(&self, node: &NodeName, service: &str) -> Result<()> {
        let once = || {
            let (inner, n, s) = (self.inner.clone(), node.clone(), service.to_owned());
            self.order(format!("restart {service} on {node}"), Box::pin(async move { inner.restart(&n, &s).await }))
        };
        match once().await {
            Err(Error { kind: ErrorKind::Unknown { .. }, .. }) if self.mutant == Some(Mutant::RestartsAgain) => {
                tokio::time::sleep(Duration::from_secs(150)).await;
                once().await
            }
            answer => answer,
        }
    }
    async fn set_parameter(&self, node: &NodeName, service: &str, label: &str, value: &str) -> Result<()> {
        let (inner, n) = (self.inner.clone(), node.clone());
        let (s, l, v) = (service.to_owned(), label.to_owned(), value.to_owned());
        let set = async move { inner.set_parameter(&n, &s, &l, &v).await };
        self.order(format!("set {label} on {node}"), Box::pin(set)).await
    }
    async fn add_peer(&self, peer: &NewPeer) -> Result<()> {
        let (inner, p) = (self.inner.clone(), peer.clone());
        let what = format!("add {} on {}", peer.address, self.cluster());
        self.order(what, Box::pin(async move { inner.add_peer(&p).await })).await
    }
    async fn update_peer(&self, address: &NodeName, edit: &PeerEdit) -> Result<()> {
        let (inner, a, e) = (self.inner.clone(), address.clone(), edit.clone());
        let what = format!("update {address} on {}", self.cluster());
        self.order(what, Box::pin(async move { inner.update_peer(&a, &e).await })).await
    }
    async fn delete_peer(&self, address: &NodeName) -> Result<()> {
        let (inner, a) = (self.inner.clone(), address.clone());
        let what = format!("delete {address} on {}", self.cluster());
        self.order(what, Box::pin(async move { inner.delete_peer(&a).await })).await
    }
    async fn force_sync(&self, address: &NodeName, resync_certificates: bool) -> Result<()> {
        let (inner, a) = (self.inner.clone(), address.clone());
        let what = format!("sync {address} on {}", self.cluster());
        self.order(what, Box::pin(async move { inner.force_sync(&a, resync_certificates).await })).await
    }
    async fn set_high_availability(&self, group: &str, enabled: bool) -> Result<()> {
        let (inner, g) = (self.inner.clone(), group.to_owned());
        let what = format!("switch {group} on {} {enabled}", self.cluster());
        self.order(what, Box::pin(async move { inner.set_high_availability(&g, enabled).await })).await
    }
}

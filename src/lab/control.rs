//! Looking at a running lab, and putting it back, from another process.

use std::path::Path;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::Disturbance;
use super::servers::Counters;

pub use super::state::{ClusterState, LabState, NodeState, PeerState, WriteState};

/// A running lab, seen from another process.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    url: String,
    token: String,
}

type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why the lab did not answer. The message fits after "failed to ask the lab:".
#[derive(Debug, thiserror::Error)]
#[error("{url}: {source}")]
pub struct ControlError {
    url: String,
    source: Source,
}

impl Client {
    /// A client of the lab whose control endpoint is at `url`; the token came with it.
    ///
    /// # Errors
    /// The HTTP client could not be made.
    pub fn new(url: &str, token: &str) -> Result<Client, ControlError> {
        let url = url.trim_end_matches('/').to_owned();
        match http() {
            Ok(http) => Ok(Client { http, url, token: token.to_owned() }),
            Err(source) => Err(ControlError { url, source }),
        }
    }

    /// What the clusters are now. No password is in it.
    ///
    /// # Errors
    /// The lab is gone, or refuses the token.
    pub async fn state(&self) -> Result<LabState, ControlError> {
        self.get("state").await
    }

    /// What every server was asked since the start or the last reset.
    ///
    /// # Errors
    /// As for [`Client::state`].
    pub async fn counters(&self) -> Result<Vec<Counters>, ControlError> {
        self.get("counters").await
    }

    /// The latest session cookies and form tokens that the servers gave out, to look for in what a client leaves behind.
    ///
    /// # Errors
    /// As for [`Client::state`].
    pub async fn sessions(&self) -> Result<Vec<String>, ControlError> {
        self.get("sessions").await
    }

    /// Puts the world back to its first state and the counters to zero.
    ///
    /// # Errors
    /// As for [`Client::state`].
    pub async fn reset(&self) -> Result<(), ControlError> {
        let sent = self.http.post(format!("{}/reset", self.url)).bearer_auth(&self.token).send().await;
        sent.and_then(reqwest::Response::error_for_status).map_err(|e| self.error(e))?;
        Ok(())
    }

    /// Lets something go wrong in the lab.
    ///
    /// # Errors
    /// As for [`Client::state`], and what the lab says when it cannot happen.
    pub async fn fault(&self, disturbance: &Disturbance) -> Result<(), ControlError> {
        let body = serde_json::to_vec(disturbance).map_err(|e| self.error(e))?;
        self.order(self.http.post(format!("{}/fault", self.url)).body(body)).await.map(drop)
    }

    /// Records every exchange of the lab's servers into a file, given by its absolute path.
    ///
    /// # Errors
    /// As for [`Client::state`], and when the lab cannot make the file.
    pub async fn record(&self, file: &Path) -> Result<(), ControlError> {
        let body = serde_json::to_vec(file).map_err(|e| self.error(e))?;
        self.order(self.http.post(format!("{}/record", self.url)).body(body)).await.map(drop)
    }

    /// Ends the recording and returns how many exchanges are in it.
    ///
    /// # Errors
    /// As for [`Client::state`]; nothing is being recorded, or a line of it could not be written.
    pub async fn stop_recording(&self) -> Result<u64, ControlError> {
        let body = self.order(self.http.delete(format!("{}/record", self.url))).await?;
        serde_json::from_str(&body).map_err(|e| self.error(e))
    }

    /// Gives an order; a refusal comes with the lab's words.
    async fn order(&self, request: reqwest::RequestBuilder) -> Result<String, ControlError> {
        let answer = request.bearer_auth(&self.token).send().await.map_err(|e| self.error(e))?;
        let accepted = answer.status().is_success();
        let body = answer.text().await.map_err(|e| self.error(e))?;
        if accepted { Ok(body) } else { Err(self.error(body)) }
    }

    async fn get<T: DeserializeOwned>(&self, what: &str) -> Result<T, ControlError> {
        let sent = self.http.get(format!("{}/{what}", self.url)).bearer_auth(&self.token).send().await;
        let answer = sent.and_then(reqwest::Response::error_for_status).map_err(|e| self.error(e))?;
        let body = answer.bytes().await.map_err(|e| self.error(e))?;
        serde_json::from_slice(&body).map_err(|e| self.error(e))
    }

    fn error(&self, source: impl Into<Source>) -> ControlError {
        ControlError { url: self.url.clone(), source: source.into() }
    }
}

/// The endpoint speaks plain HTTP, but an HTTP client wants to know its TLS all the same; this one trusts nobody.
/// The lab is on this machine: a proxy of the environment would only be in the way.
fn http() -> Result<reqwest::Client, Source> {
    let tls = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    Ok(reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy().build()?)
}

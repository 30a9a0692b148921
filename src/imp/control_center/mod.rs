//! Control Center Services, asked of each node itself: it acts on no other (field-notes 4.2).

mod answers;
mod network;
mod reasons;
mod requests;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Method;
use http::header::AUTHORIZATION;
use secrecy::ExposeSecret;

use super::accounts::Accounts;
use super::soap::{self, Reply};
use super::transport::{Answer, Failure, Line, Request, SOAP_LIMIT, secret_header};
use crate::cluster::{Account, ClusterName, ErrorKind, NodeName, Service};
use crate::xml::Element;

pub(super) use network::is_network;
pub(super) use requests::{Control, Order};

/// The endpoint of WSDL-CC.
pub(super) const PATH: &str = "controlcenterservice2/services/ControlCenterServices";

/// Control Center of one node, for the length of one call.
pub(super) struct ControlCenter<'a> {
    pub(super) cluster: &'a ClusterName,
    pub(super) line: &'a Line,
    pub(super) accounts: &'a Accounts,
    pub(super) account: &'a Account,
}

impl ControlCenter<'_> {
    /// All services of the node.
    pub(super) async fn services(&self) -> Result<Vec<Service>, ErrorKind> {
        let answer = self.send(&Order::Status).await.map_err(ErrorKind::from)?;
        answers::services(&answer)
    }

    /// Gives an order. It is never repeated here: an answer that does not come leaves the outcome unknown.
    pub(super) async fn order(&self, control: Control, service: &str) -> Result<(), ErrorKind> {
        let order = Order::Control { control, node: self.node().clone(), service: service.to_owned() };
        let answer = self.send(&order).await.map_err(Failure::of_write)?;
        answers::taken(&answer, control, service)
    }

    fn node(&self) -> &NodeName {
        self.line.node()
    }

    async fn send(&self, order: &Order) -> Result<Element, Failure> {
        let unsent = Failure::unsent;
        let malformed = |detail: String| ErrorKind::Malformed { detail };
        let mut pass = self.accounts.enter(self.cluster, self.account).await.map_err(unsent)?;
        let mut headers = soap::headers(order.operation());
        let pair = format!("{}:{}", self.account.username, self.account.password.expose_secret());
        let basic = secret_header(&format!("Basic {}", STANDARD.encode(pair)));
        let basic = basic.ok_or_else(|| unsent(malformed("the account cannot be written into a header".to_owned())))?;
        headers.insert(AUTHORIZATION, basic);
        let patience = self.line.patience();
        let request = Request {
            what: order.operation(),
            method: Method::POST,
            url: self.line.base().join(PATH).map_err(|why| unsent(malformed(why.to_string())))?,
            headers,
            body: Bytes::from(order.envelope()),
            limit: SOAP_LIMIT,
            timeout: if matches!(order, Order::Status) { patience.read } else { patience.control },
        };
        let answer = self.line.send(request).await?;
        if answer.status == 401 {
            return Err(unsent(pass.refused()));
        }
        if matches!(answer.status, 200 | 403 | 500) {
            pass.accepted();
        }
        self.judge(&answer, order)
    }

    /// What a fault says was not done; what cannot be understood may have been.
    fn judge(&self, answer: &Answer, order: &Order) -> Result<Element, Failure> {
        let operation = order.operation();
        let seen = || soap::glimpse(&answer.text());
        match answer.status {
            200 | 500 => match soap::read(&answer.body) {
                Ok(Reply::Body(body)) if body.name == format!("{operation}Response") => Ok(body),
                Ok(Reply::Body(body)) => {
                    let detail = format!("{operation} was answered with the element `{}`", body.name);
                    Err(Failure { kind: ErrorKind::Malformed { detail }, sent: true })
                }
                Ok(Reply::Fault(fault)) => Err(Failure::unsent(judge_fault(fault.message))),
                Err(kind) => Err(Failure { kind, sent: true }),
            },
            403 => Err(Failure::unsent(ErrorKind::Forbidden {
                username: self.account.username.clone(),
                detail: "Control Center answered HTTP 403".to_owned(),
            })),
            503 => Err(Failure::unsent(ErrorKind::Throttled {
                retry_after: answer.retry_after(),
                message: "Control Center answered HTTP 503 Service Unavailable".to_owned(),
            })),
            status => {
                let detail = format!(
                    "Control Center answered {operation} with HTTP {status} ({}); its SOAP services may not be started",
                    seen()
                );
                Err(Failure { kind: ErrorKind::Unreachable { detail }, sent: status >= 500 })
            }
        }
    }
}

fn judge_fault(message: String) -> ErrorKind {
    // The wording of Control Center's own limit is not known; the first words are common to all (field-notes 4.2).
    match message.to_ascii_lowercase().contains("exceeded allowed rate") {
        true => ErrorKind::Throttled { retry_after: None, message },
        false => ErrorKind::Refused { message },
    }
}
